"""Figures by hand; the intervals themselves are held to scipy in ``tests/gis/patrol/test_dosage.py``."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact, nchypergeom_fisher

from gis.errors import InputError
from gis.hotspots.relative_change import relative_change


def spans(*rows: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["before", "after"])


def test_half_of_before_where_others_stayed_is_a_ratio_of_a_half() -> None:
    found = relative_change(spans((60, 30)), spans((100, 100)))
    assert found.ratio == 0.5
    assert found.difference == -30
    assert found.is_clear
    assert np.isnan(found.spread_low)


def test_a_fall_that_all_share_is_no_change() -> None:
    found = relative_change(spans((60, 30)), spans((100, 50)))
    assert found.ratio == 1
    assert not found.is_clear


def test_the_exact_interval_is_cornfields_and_agrees_with_fishers_test() -> None:
    a, b, c, d = 24, 9, 80, 77
    found = relative_change(spans((a, b)), spans((c, d)))
    # At the ends of the interval each tail of the noncentral hypergeometric holds 2.5 %.
    law = lambda odds: nchypergeom_fisher(a + b + c + d, a + b, b + d, odds)  # noqa: E731 - one line of the oracle
    assert law(found.exact_low).sf(b - 1) == pytest.approx(0.025, abs=1e-6)
    assert law(found.exact_high).cdf(b) == pytest.approx(0.025, abs=1e-6)
    assert (fisher_exact([[b, a], [d, c]]).pvalue < 0.05) == (not found.exact_low <= 1 <= found.exact_high)


def test_nothing_before_or_after_leaves_the_ratio_missing_and_the_interval_open() -> None:
    found = relative_change(spans((0, 0)), spans((5, 5)))
    assert np.isnan(found.ratio)
    assert (found.low, found.high) == (0.0, float("inf"))
    assert not found.is_clear


def test_a_group_without_places_is_refused() -> None:
    with pytest.raises(InputError, match="'comparison' needs"):
        relative_change(spans((1, 1)), spans())
