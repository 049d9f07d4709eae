"""Kaplan-Meier quantiles against the definition and against figures on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.dispatch.survival import quantiles
from gis.errors import ShapeError
from tests.oracles.case_lives import kaplan_meier

STAYS = st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.integers(0, 2)), max_size=40)


@given(STAYS, st.sampled_from([0.25, 0.5, 0.9, 1.0]))
def test_quantiles_are_those_of_the_definition(stays: list[tuple[int, bool, int]], share: float) -> None:
    times, done, groups = (
        np.array([each[k] for each in stays], dtype=t) for k, t in enumerate((float, bool, np.int64))
    )
    found = quantiles(times, done, groups, n_groups=3, shares=(share,))
    for group in range(3):
        wanted = kaplan_meier([(t, d) for t, d, g in stays if g == group], share)
        assert found[group, 0] == pytest.approx(wanted, nan_ok=True)


def test_the_remission_times_of_freireich_have_a_median_of_23_weeks() -> None:
    """6-MP arm of Freireich et al. (1963), 21 patients, as printed in textbooks of survival analysis: median 23."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    found = quantiles(np.array(weeks, float), np.array(relapse, bool), np.zeros(21, np.int64), n_groups=1)
    assert found[0, 0] == 23
    assert np.isnan(found[0, 1])


def test_without_open_ones_it_is_the_plain_quantile() -> None:
    found = quantiles(np.arange(1.0, 11.0), np.ones(10, bool), np.zeros(10, np.int64), n_groups=1)
    assert found.tolist() == [[5.0, 9.0]]


def test_leaving_out_the_open_ones_would_flatter() -> None:
    times, done = np.array([1.0, 2.0, 3.0, 50.0, 50.0, 50.0]), np.array([True, True, True, False, False, False])
    assert quantiles(times, done, np.zeros(6, np.int64), n_groups=1)[0, 0] == 3
    assert quantiles(times[done], done[done], np.zeros(3, np.int64), n_groups=1)[0, 0] == 2


def test_nothing_has_no_quantile_and_unequal_arrays_are_refused() -> None:
    assert np.isnan(quantiles(np.empty(0), np.empty(0, bool), np.empty(0, np.int64), n_groups=2)).all()
    with pytest.raises(ShapeError):
        quantiles(np.ones(2), np.ones(3, bool), np.zeros(2, np.int64), n_groups=1)
