"""Knox counts pairs as the plain loop does, and finds repeats that were planted and none where days were dealt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, ShapeError
from gis.hotspots.near_repeat import knox

ENDS_M, ENDS_DAYS = [0.0, 100.0, 200.0], [3.0, 7.0]


def plain_table(xy: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Every pair, looked at one by one."""
    found = np.zeros((3, 2), dtype=int)
    for i in range(len(xy)):
        for j in range(i):
            metres, apart = float(np.hypot(*(xy[i] - xy[j]))), abs(days[i] - days[j])
            band = next((k for k, end in enumerate(ENDS_M) if metres <= end), None)
            time = next((k for k, end in enumerate(ENDS_DAYS) if apart <= end), None)
            if band is not None and time is not None:
                found[band, time] += 1
    return found


@given(st.integers(0, 10_000))
def test_pairs_equal_the_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy, days = rng.integers(0, 6, (25, 2)) * 50.0, rng.integers(0, 15, 25).astype(float)
    found = knox(xy, days, within_m=ENDS_M, within_days=ENDS_DAYS, permutations=1, rng=rng)
    assert (found.observed == plain_table(xy, days)).all()


def test_four_incidents_by_hand() -> None:
    """Two at one place on one day, a third at 100 m two days on, a fourth far off: ends are included."""
    found = knox(
        [[0, 0], [0, 0], [100, 0], [900, 0]], [0, 0, 3, 0], within_m=ENDS_M, within_days=ENDS_DAYS,
        permutations=9, rng=np.random.default_rng(1),
    )  # fmt: skip
    assert found.observed.tolist() == [[1, 0], [2, 0], [0, 0]]


def test_the_expected_number_is_that_of_free_pairing(rng: np.random.Generator) -> None:
    xy, days = rng.uniform(0, 1000, (200, 2)), rng.integers(0, 60, 200).astype(float)
    found = knox(xy, days, within_m=100, within_days=7, permutations=2000, rng=rng)
    near = sum(np.hypot(*(xy[i] - xy[:i]).T).__le__(100).sum() for i in range(200))
    soon = sum((np.abs(days[i] - days[:i]) <= 7).sum() for i in range(200)) / (200 * 199 / 2)
    assert found.expected[0, 0] == pytest.approx(near * soon, rel=0.02)


def test_planted_repeats_are_found_and_their_reach_told(rng: np.random.Generator) -> None:
    xy, days = rng.uniform(0, 5000, (300, 2)), rng.uniform(0, 365, 300)
    again = xy[:60] + rng.uniform(-50, 50, (60, 2))
    found = knox(
        np.vstack([xy, again]), np.append(days, days[:60] + rng.uniform(0, 5, 60)),
        within_m=[100, 200, 400], within_days=[7, 14, 28], permutations=199, rng=rng,
    )  # fmt: skip
    assert found.p[0, 0] == pytest.approx(1 / 200)
    assert found.reach() == (100, 7)
    assert "likelier within 100 m and 7 days" in found.explain().text("en")
    assert found.frame().loc[0, "observed"] == found.observed[0, 0]


def test_days_dealt_at_random_show_no_repeats(rng: np.random.Generator) -> None:
    found = knox(
        rng.uniform(0, 2000, (300, 2)),
        rng.uniform(0, 365, 300),
        within_m=[200],
        within_days=[14],
        permutations=199,
        rng=rng,
    )
    assert found.p[0, 0] > 0.05
    assert found.reach() is None
    assert "no near repeats" in found.explain().text("en")


def test_the_same_generator_gives_the_same_table() -> None:
    rng = np.random.default_rng(3)
    xy, days = rng.uniform(0, 500, (80, 2)), rng.integers(0, 40, 80)
    tables = [
        knox(xy, days, within_m=100, within_days=7, permutations=150, rng=np.random.default_rng(9)) for _ in range(2)
    ]
    assert tables[0].expected == tables[1].expected


def test_no_pairs_within_the_last_distance_give_zeros_and_no_nan() -> None:
    found = knox([[0, 0], [999, 0]], [1, 2], within_m=10, within_days=5, permutations=9, rng=np.random.default_rng(1))
    assert (found.observed[0, 0], found.ratio[0, 0], found.p[0, 0]) == (0, 0.0, 1.0)


@pytest.mark.parametrize("ends", [[], [5, 5], [9, 3], [-1, 4], [np.nan]])
def test_bands_that_do_not_ascend_are_refused(ends: list[float]) -> None:
    with pytest.raises(InputError, match="must ascend"):
        knox([[0, 0], [1, 1]], [1, 2], within_m=ends, within_days=7, rng=np.random.default_rng(1))


def test_no_permutations_are_refused() -> None:
    with pytest.raises(InputError, match="one permutation"):
        knox([[0, 0], [1, 1]], [1, 2], within_m=9, within_days=7, permutations=0, rng=np.random.default_rng(1))


@pytest.mark.parametrize(("xy", "days"), [([[0, 0]], [1]), ([[0, 0], [1, 1]], [1]), ([[0, 0], [1, np.nan]], [1, 2])])
def test_incidents_that_do_not_fit_are_refused(xy: list[list[float]], days: list[float]) -> None:
    with pytest.raises(ShapeError, match="fewer than two"):
        knox(xy, days, within_m=9, within_days=7, rng=np.random.default_rng(1))
