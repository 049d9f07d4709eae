"""Beats are contiguous, level, and the same for the same seed."""

from dataclasses import dataclass
from time import process_time

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ColumnError, InputError, PlanError, ShapeError
from gis.patrol.beats import WorkloadWeights, describe_beats, make_beats, workload, workload_cv


@dataclass
class Cells:
    """Squares of a lattice with some missing, who borders whom, and their middles."""

    indptr: np.ndarray
    indices: np.ndarray
    xy: np.ndarray

    def pieces(self, members: np.ndarray) -> int:
        """Connected pieces, by flooding sets: slow and obvious."""
        left, count = set(np.flatnonzero(members).tolist()), 0
        while left:
            count += 1
            reach = [left.pop()]
            while reach:
                here = reach.pop()
                near = left & set(self.indices[self.indptr[here] : self.indptr[here + 1]].tolist())
                left -= near
                reach += near
        return count


def lattice(width: int, height: int, *, holes: set[tuple[int, int]] = frozenset()) -> Cells:
    """A rectangle of squares without the holes, rook neighbours."""
    spots = [(x, y) for y in range(height) for x in range(width) if (x, y) not in holes]
    number = {spot: i for i, spot in enumerate(spots)}
    near = [[number[p] for p in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)) if p in number] for x, y in spots]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in near])])
    return Cells(indptr, np.array([j for row in near for j in row], dtype=np.int64), np.array(spots, dtype=float) * 100)


def clustered(cells: Cells, rng: np.random.Generator) -> np.ndarray:
    """Minutes a cell: a little everywhere, much around three centres."""
    centres = rng.uniform(cells.xy.min(), cells.xy.max(), (3, 2))
    away = ((cells.xy[:, None] - centres[None]) ** 2).sum(axis=2)
    return 5 + rng.poisson(60 * np.exp(-away / (2 * (0.2 * np.ptp(cells.xy)) ** 2)).sum(axis=1)).astype(float)


def test_four_equal_squares_make_two_equal_halves() -> None:
    cells = lattice(2, 2)
    beat = make_beats(np.ones(4), cells, cells.xy, 2, rng=np.random.default_rng(1))
    assert np.bincount(beat).tolist() == [2, 2]


def test_beats_are_numbered_from_the_north() -> None:
    cells = lattice(1, 6)
    beat = make_beats(np.ones(6), cells, cells.xy, 3, rng=np.random.default_rng(1))
    assert beat.tolist() == [2, 2, 1, 1, 0, 0]


@pytest.mark.parametrize(("width", "height", "beats"), [(12, 12, 6), (20, 20, 12), (50, 40, 12)])
def test_beats_are_level_within_one_in_a_hundred(width: int, height: int, beats: int) -> None:
    cells = lattice(width, height)
    minutes = clustered(cells, np.random.default_rng(3))
    beat = make_beats(minutes, cells, cells.xy, beats, rng=np.random.default_rng(1))
    assert workload_cv(beat, minutes) <= 0.01
    assert [cells.pieces(beat == b) for b in range(beats)] == [1] * beats


@settings(max_examples=60, deadline=None)
@given(data=st.data(), width=st.integers(2, 9), height=st.integers(2, 9), seed=st.integers(0, 5))
def test_every_beat_is_one_piece_on_any_district(data: st.DataObject, width: int, height: int, seed: int) -> None:
    """Holes, rivers, peninsulas: as long as the cells hang together, so does each beat, and none is empty."""
    spots = [(x, y) for x in range(width) for y in range(height)]
    holes = data.draw(st.sets(st.sampled_from(spots), max_size=len(spots) // 3))
    cells = lattice(width, height, holes=holes)
    beats = data.draw(st.integers(1, len(cells.xy)))
    beat = make_beats(
        clustered(cells, np.random.default_rng(seed)), cells, cells.xy, beats, rng=np.random.default_rng(1)
    )
    assert np.unique(beat).tolist() == list(range(beats))
    if cells.pieces(np.ones(len(cells.xy), dtype=bool)) == 1:
        assert [cells.pieces(beat == b) for b in range(beats)] == [1] * beats


@settings(max_examples=25, deadline=None)
@given(width=st.integers(5, 14), height=st.integers(5, 14), beats=st.integers(2, 6), seed=st.integers(0, 9))
def test_loads_differ_by_no_more_than_one_in_a_hundred_or_the_coarseness_of_the_grids(
    width: int, height: int, beats: int, seed: int
) -> None:
    """No division of whole grids can promise less than half the largest grid."""
    cells = lattice(width, height)
    minutes = clustered(cells, np.random.default_rng(seed))
    beat = make_beats(minutes, cells, cells.xy, beats, rng=np.random.default_rng(1), steps=300_000)
    coarse = minutes.max() / (minutes.sum() / beats)
    assert workload_cv(beat, minutes) <= max(0.01, coarse / 2)


def test_an_island_goes_with_the_nearest_shore() -> None:
    cells = lattice(8, 1, holes={(6, 0)})
    beat = make_beats(np.ones(7), cells, cells.xy, 2, rng=np.random.default_rng(1))
    assert beat[6] == beat[5]


def test_the_same_seed_gives_the_same_beats() -> None:
    cells = lattice(15, 15)
    minutes = clustered(cells, np.random.default_rng(3))
    one, two = (make_beats(minutes, cells, cells.xy, 5, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_communities_are_split_less_when_they_count() -> None:
    cells = lattice(16, 16)
    minutes = clustered(cells, np.random.default_rng(5))
    community = (cells.xy[:, 0] // 400 * 4 + cells.xy[:, 1] // 400).astype(int).astype(str)

    def parts(**options: object) -> int:
        beat = make_beats(minutes, cells, cells.xy, 4, rng=np.random.default_rng(1), **options)
        assert workload_cv(beat, minutes) <= 0.02
        return int(pd.Series(beat).groupby(community).nunique().sum())

    assert parts(communities=community, community_weight=6.0) < parts()


def test_cells_without_work_still_belong_to_a_beat() -> None:
    cells = lattice(5, 5)
    minutes = np.zeros(25)
    minutes[[0, 24]] = 60
    beat = make_beats(minutes, cells, cells.xy, 2, rng=np.random.default_rng(1))
    assert workload_cv(beat, minutes) == 0
    assert len(beat) == 25


def test_two_thousand_cells_take_less_than_half_a_second() -> None:
    cells = lattice(50, 40)
    minutes = clustered(cells, np.random.default_rng(3))
    make_beats(minutes, cells, cells.xy, 12, rng=np.random.default_rng(1), steps=10)
    begun = process_time()
    make_beats(minutes, cells, cells.xy, 12, rng=np.random.default_rng(1))
    assert process_time() - begun < 0.5


def test_more_beats_than_grids_cannot_be() -> None:
    cells = lattice(2, 2)
    for beats in (0, 5):
        with pytest.raises(PlanError, match="4 grids cannot make") as caught:
            make_beats(np.ones(4), cells, cells.xy, beats, rng=np.random.default_rng(1))
        assert "4 个网格" in caught.value.zh


@pytest.mark.parametrize("minutes", [np.ones(3), -np.ones(4), np.full(4, np.nan), np.zeros(4)])
def test_a_workload_that_does_not_fit_is_refused(minutes: np.ndarray) -> None:
    cells = lattice(2, 2)
    with pytest.raises(ShapeError):
        make_beats(minutes, cells, cells.xy, 2, rng=np.random.default_rng(1))
    with pytest.raises(ShapeError, match="community"):
        make_beats(np.ones(4), cells, cells.xy, 2, rng=np.random.default_rng(1), communities=["a"])


def test_minutes_of_a_grid_add_up_as_written() -> None:
    """90 reports in 90 days are a third of a report in an 8-hour shift: 20 / 3 minutes; 3.9 km at 1.3 m/s: 50 minutes."""
    cells = pd.DataFrame(
        {"count": [90, 0, 0], "area_km2": [0.1, 0.0, 9.0], "street_m": [3900, 0, np.nan], "households": [300, 0, pd.NA]}
    )
    minutes = workload(cells.assign(must=[1, 0, 0]), days=90, shift_s=8 * 3600)
    np.testing.assert_allclose(minutes, [20 / 3 + 50 + 15 + 3, 1, 60])


def test_beats_are_described_by_grids_minutes_and_share_of_the_mean() -> None:
    table = describe_beats(np.array([0, 1, 1]), np.array([10.0, 20.0, 10.0]))
    assert table["minutes"].tolist() == [10, 30]
    assert table["to_mean"].tolist() == [0.5, 1.5]
    assert workload_cv(np.array([0, 1, 1]), np.array([10.0, 20.0, 10.0])) == 0.5


def test_workload_refuses_what_it_cannot_count() -> None:
    cells = pd.DataFrame({"count": [1, -1], "area_km2": [1.0, 1.0]})
    with pytest.raises(InputError, match="row 2"):
        workload(cells, days=1, shift_s=3600)
    with pytest.raises(InputError, match="longer than 0"):
        workload(cells, days=0, shift_s=3600)
    with pytest.raises(ColumnError):
        workload(cells[["count"]], days=1, shift_s=3600)
    with pytest.raises(InputError, match="speed_mps"):
        WorkloadWeights(speed_mps=-1)


def test_beats_cover_the_shipped_district(wuda_areas: pd.DataFrame) -> None:
    """Real outline: 157 basic grids of very different size, holes and all."""
    from gis.grid.neighbours import contiguity

    grids = wuda_areas[(wuda_areas["level"] == "grid") & (wuda_areas["kind"] != "special")].reset_index(drop=True)
    near = contiguity(grids)
    xy = shapely.get_coordinates(shapely.point_on_surface(grids.geometry.to_crs(4545).to_numpy()))
    minutes = np.random.default_rng(2).gamma(2, 20, len(grids))
    for beats in (3, 6, 12):
        beat = make_beats(minutes, near, xy, beats, rng=np.random.default_rng(1))
        assert workload_cv(beat, minutes) <= 0.01
        cells = Cells(near.indptr, near.indices, xy)
        whole = cells.pieces(np.ones(len(xy), dtype=bool))
        assert sum(cells.pieces(beat == b) for b in range(beats)) <= beats + whole - 1
