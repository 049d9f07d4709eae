"""Mann-Kendall by hand and against scipy's Kendall tau; a constant series has no trend."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, norm

from gis.errors import ShapeError
from gis.hotspots.trend import mann_kendall


def test_a_rising_series_by_hand() -> None:
    """Five steps rise in all ten pairs: variance 5 * 4 * 15 / 18 = 50 / 3."""
    found = mann_kendall([[1, 2, 3, 4, 5]])
    assert (found.s[0], found.tau[0]) == (10, 1)
    assert found.z[0] == pytest.approx(9 / np.sqrt(50 / 3))
    assert found.p[0] == pytest.approx(2 * norm.sf(9 / np.sqrt(50 / 3)))


def test_ties_take_their_part_of_the_variance() -> None:
    """1 1 2 2 2: six rising pairs; groups of 2 and 3 take 2*1*9 + 3*2*11 = 84 off 300."""
    found = mann_kendall([[1, 1, 2, 2, 2]])
    assert found.s[0] == 6
    assert found.z[0] == pytest.approx(5 / np.sqrt((300 - 84) / 18))


@given(st.lists(st.integers(0, 6), min_size=4, max_size=25))
def test_tau_equals_scipys_and_falls_when_time_is_turned(series: list[int]) -> None:
    found, turned = mann_kendall([series]), mann_kendall([series[::-1]])
    if len(set(series)) > 1:
        assert found.tau[0] == pytest.approx(kendalltau(range(len(series)), series).statistic)
    assert found.s[0] == -turned.s[0]
    assert found.p[0] == turned.p[0]


def test_a_constant_series_has_no_trend() -> None:
    found = mann_kendall(np.full((2, 6), 3.0))
    assert found.z.tolist() == [0, 0]
    assert found.p.tolist() == [1, 1]
    assert found.tau.tolist() == [0, 0]


@pytest.mark.parametrize("series", [[1, 2, 3, 4], [[1, 2, 3]], [[1, np.nan, 2, 3]]])
def test_what_is_no_series_is_refused(series: list[float]) -> None:
    with pytest.raises(ShapeError, match="4 steps at least"):
        mann_kendall(series)
