"""Scores on paper: ties by the mean over all orders, an even forecast is worth 1, a perfect one reaches the best."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.forecast import Cells, grid_cells, lattice_cells, score
from gis.forecast.score import EVEN
from tests.oracles.forecast import mean_hits

ROW = lattice_cells(shapely.box(0, 0, 60, 10), 10.0)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=6, max_size=6), st.integers(1, 5), st.integers(0, 2**32))
def test_ties_score_the_mean_over_all_orders(expected: list[float], chosen: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 4, 6).astype(float)
    found = score(np.array([expected]), counts[None], counts[None], ROW, [chosen / 6])
    assert found.hits[0, 0] == pytest.approx(mean_hits(expected, counts.tolist(), chosen))


@given(st.integers(0, 2**32))
def test_an_even_forecast_has_a_pai_of_one(seed: int) -> None:
    cells = lattice_cells(shapely.box(0, 0, 400, 400), 10.0)
    counts = np.random.default_rng(seed).poisson(0.2, (3, len(cells))).astype(float)
    found = score(np.full(counts.shape, 0.3), counts, counts, cells)
    assert found.pai() == pytest.approx(np.ones(4))
    assert found.rri() == pytest.approx(np.ones(4))


def test_an_even_forecast_of_unlike_grids_has_a_pai_of_one() -> None:
    grids = grid_cells([shapely.box(0, 0, w, 10) if k == 0 else shapely.box(10 * k, 20, 10 * k + w, 30)
                        for k, w in enumerate((50, 3, 9, 7))], list("abcd"))  # fmt: skip
    counts = np.array([[4.0, 0.0, 1.0, 2.0]])
    found = score(grids.area_km2[None] * 5, counts, counts, grids, [0.1, 0.5])
    assert found.pai() == pytest.approx([1, 1])


def test_a_perfect_forecast_reaches_the_best() -> None:
    counts = np.random.default_rng(1).poisson(0.4, (5, 6)).astype(float)
    found = score(counts, counts, counts, ROW, [1 / 6, 1 / 3, 1 / 2])
    assert found.pei() == pytest.approx(np.ones(3))
    assert found.calibration() == pytest.approx(np.ones(3))


def test_figures_by_hand() -> None:
    """Top two of six cells hold 4 of 10 incidents, the fullest two 9; they had 5 of 20 in the year before."""
    expected = np.array([[3.0, 2.0, 1.0, 0.5, 0.25, 0.25]])
    counts, before = np.array([[4.0, 0.0, 5.0, 1.0, 0.0, 0.0]]), np.array([[3.0, 2.0, 9.0, 3.0, 2.0, 1.0]])
    found = score(expected, counts, before, ROW, [1 / 3])
    assert found.hit_rate()[0] == pytest.approx(0.4)
    assert found.pai()[0] == pytest.approx(0.4 / (1 / 3))
    assert found.pei()[0] == pytest.approx(4 / 9)
    assert found.rri()[0] == pytest.approx((4 / 5) / (10 / 20))
    assert found.calibration()[0] == pytest.approx(4 / 5)
    mean = (1 - EVEN) * expected[0] + EVEN * 7 / 6
    by_hand = sum(n * math.log(m) - m - math.lgamma(n + 1) for n, m in zip(counts[0], mean, strict=True))
    assert found.log_likelihood[0] == pytest.approx(by_hand)
    saturated = sum(n * math.log(n) - n - math.lgamma(n + 1) if n else 0.0 for n in counts[0])
    assert found.deviance[0] == pytest.approx(2 * (saturated - by_hand))


def test_shares_come_to_whole_squares_and_one_at_least(cells: Cells) -> None:
    nothing = np.zeros((1, len(cells)))
    found = score(nothing, nothing, nothing, cells)
    assert (found.area_km2 / cells.area_km2[0]).tolist() == [1, 3, 5, 13]


def test_a_round_without_incidents_or_without_a_forecast_scores_zero_and_no_nan() -> None:
    nothing, some = np.zeros((2, 6)), np.ones((2, 6))
    for expected, counts in ((nothing, nothing), (some, nothing), (nothing, some)):
        found = score(expected, counts, nothing, ROW, [0.5])
        for figure in (found.hit_rate(), found.pai(), found.pei(), found.rri(), found.calibration(), found.deviance):
            assert np.isfinite(figure).all()
        assert np.isfinite(found.log_likelihood).all()


def test_one_cell_is_the_whole_area() -> None:
    one = np.array([[3.0]])
    assert score(one, one, one, lattice_cells(shapely.box(0, 0, 10, 10), 10.0)).pai().tolist() == [1, 1, 1, 1]


def test_small_grids_at_the_top_are_all_ranked() -> None:
    """A thousand slivers hold less area than their number promises."""
    shapes = [shapely.box(k, 0, k + 0.01, 1) for k in range(1000)] + [
        shapely.box(k, 2, k + 0.99, 3) for k in range(1000)
    ]
    grids = grid_cells(shapes, [f"{k:04}" for k in range(2000)])
    expected = np.r_[np.full(1000, 1.0), np.linspace(0.9, 0.1, 1000)][None]
    counts = np.r_[np.zeros(1000), np.ones(1000)][None]
    found = score(expected, counts, counts, grids, [0.05])
    assert found.hits[0, 0] == pytest.approx((0.05 * 1000 - 10) / 0.99)


@pytest.mark.parametrize("shares", [[], [0.0], [1.0], [0.2, 0.1], [np.nan]])
def test_shares_that_make_no_sense_are_refused(shares: list[float]) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        score(np.ones((1, 6)), np.ones((1, 6)), np.ones((1, 6)), ROW, shares)
