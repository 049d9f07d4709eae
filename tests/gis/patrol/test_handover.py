"""From week to week few grids change hands, beats keep their numbers, and what changed is told with its denominators."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ShapeError
from gis.patrol.beats import make_beats, workload_cv
from gis.patrol.handover import handover, keep_numbers
from tests.gis.patrol.test_beats import Cells, clustered, lattice


def weeks(cells: Cells, count: int) -> list[np.ndarray]:
    """Workloads of some weeks: the same town, counted anew each week."""
    rng = np.random.default_rng(3)
    usual = clustered(cells, rng)
    return [5 + rng.poisson(np.maximum(usual - 5, 0.1)).astype(float) for _ in range(count)]


def test_from_week_to_week_one_grid_in_fifty_changes_hands_and_loads_stay_level() -> None:
    cells = lattice(30, 20)
    last = None
    for number, minutes in enumerate(weeks(cells, 4)):
        beat = make_beats(minutes, cells, cells.xy, 8, rng=np.random.default_rng(number), last=last)
        assert workload_cv(beat, minutes) <= 0.01
        assert [cells.pieces(beat == b) for b in range(8)] == [1] * 8
        if last is not None:
            moved = handover(beat, last, minutes)
            afresh = make_beats(minutes, cells, cells.xy, 8, rng=np.random.default_rng(number))
            drawn_anew = handover(keep_numbers(afresh, last, minutes), last, minutes)
            assert moved.grid_share <= 0.02
            assert moved.minute_share <= 0.03
            assert moved.grids_changed < drawn_anew.grids_changed
        last = beat


def test_the_same_workload_leaves_the_beats_as_they_are() -> None:
    cells = lattice(12, 12)
    minutes = clustered(cells, np.random.default_rng(4))
    last = make_beats(minutes, cells, cells.xy, 5, rng=np.random.default_rng(1))
    last = np.array([3, 1, 4, 0, 2])[last]
    again = make_beats(minutes, cells, cells.xy, 5, rng=np.random.default_rng(2), last=last, stay_weight=50)
    np.testing.assert_array_equal(again, last)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), width=st.integers(2, 8), height=st.integers(2, 8))
def test_any_beats_of_last_week_give_whole_beats_this_week(data: st.DataObject, width: int, height: int) -> None:
    """Torn apart, with gaps, with numbers that no longer exist: each beat is one piece, and none is empty."""
    cells = lattice(width, height)
    n = width * height
    beats = data.draw(st.integers(1, min(n, 6)))
    last = np.array(data.draw(st.lists(st.integers(-1, beats), min_size=n, max_size=n)))
    minutes = clustered(cells, np.random.default_rng(1))
    beat = make_beats(minutes, cells, cells.xy, beats, rng=np.random.default_rng(1), last=last, steps=20_000)
    assert np.unique(beat).tolist() == list(range(beats))
    assert [cells.pieces(beat == b) for b in range(beats)] == [1] * beats


def test_another_number_of_teams_draws_beats_anew_under_the_old_numbers() -> None:
    cells = lattice(12, 1)
    last = np.repeat([2, 0, 1], 4)
    beat = make_beats(np.ones(12), cells, cells.xy, 2, rng=np.random.default_rng(1), last=last)
    assert beat.tolist() in ([0] * 6 + [1] * 6, [1] * 6 + [0] * 6)
    four = make_beats(np.ones(12), cells, cells.xy, 4, rng=np.random.default_rng(1), last=last)
    assert four[0] == 2
    assert four[-1] == 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3), st.integers(1, 9)), min_size=4, max_size=30))
def test_no_other_numbering_keeps_more_minutes(rows: list[tuple[int, int, int]]) -> None:
    beat, last, minutes = (np.array(column) for column in zip(*rows, strict=True))
    beat[:4] = range(4)
    kept = keep_numbers(beat, last, minutes.astype(float))
    best = max(minutes[np.array(order)[beat] == last].sum() for order in permutations(range(4)))
    assert minutes[kept == last].sum() == best
    assert len(set(zip(beat.tolist(), kept.tolist(), strict=True))) == 4, "a new numbering, not a new division"


def test_what_changed_hands_is_told_with_its_denominators() -> None:
    moved = handover(np.array([0, 0, 1, 1]), np.array([0, 1, 1, -1]), np.array([10.0, 20.0, 10.0, 99.0]))
    assert (moved.grids, moved.grids_changed, moved.minutes, moved.minutes_changed) == (3, 1, 40, 20)
    assert moved.text("en") == "Since last time 1 of 3 grids changed hands (33.3%), 20 of 40 minutes of work (50.0%)."
    assert moved.text("zh") == "与上次相比,3 个网格中 1 个换了责任区(33.3%),工作量 40 分钟中 20 分钟(50.0%)。"
    nothing = handover(np.array([0]), np.array([-1]), np.array([1.0]))
    assert (nothing.grid_share, nothing.minute_share) == (0, 0)


def test_beats_of_another_length_are_refused() -> None:
    cells = lattice(2, 2)
    with pytest.raises(ShapeError, match="3,"):
        make_beats(np.ones(4), cells, cells.xy, 2, rng=np.random.default_rng(1), last=[0, 1, 0])
    with pytest.raises(ShapeError, match="Lengths differ"):
        handover(np.zeros(2, dtype=int), np.zeros(3, dtype=int), np.ones(2))
