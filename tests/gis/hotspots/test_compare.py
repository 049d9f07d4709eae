"""Two periods compared: the test is scipy's, the interval is Clopper and Pearson's, the classes keep their promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, false_discovery_control

from gis.errors import ShapeError
from gis.hotspots.compare import binomial_p, compare_grids, compare_total


@pytest.mark.parametrize("share", [0.5, 0.25, 31 / 61, 7 / 372, 0.97])
def test_p_is_that_of_scipy_for_every_small_count(share: float) -> None:
    pairs = [(k, n) for n in range(41) for k in range(n + 1)]
    k, n = np.array(pairs).T
    expected = [binomtest(a, b, share).pvalue if b else 1.0 for a, b in pairs]
    assert binomial_p(k, n, share) == pytest.approx(expected, abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=8),
    st.floats(0.01, 0.99),
)
def test_p_is_that_of_scipy_for_any_count_and_share(pairs: list[tuple[int, int]], share: float) -> None:
    k, n = np.array([a for a, _ in pairs]), np.array([a + b for a, b in pairs])
    expected = [binomtest(a, a + b, share).pvalue if a + b else 1.0 for a, b in pairs]
    assert binomial_p(k, n, share) == pytest.approx(expected, abs=1e-9)


def test_p_holds_for_a_whole_city() -> None:
    assert binomial_p([510_000], [1_000_000], 0.5)[0] == pytest.approx(
        binomtest(510_000, 1_000_000, 0.5).pvalue, abs=1e-9
    )


def test_the_interval_is_that_of_scipy_carried_to_the_ratio() -> None:
    rows = compare_grids([12, 0, 7, 300], [4, 5, 0, 250], days=30, base_days=60)
    for row, (now, then) in zip(rows.itertuples(), [(12, 4), (0, 5), (7, 0), (300, 250)], strict=True):
        share = binomtest(now, now + then).proportion_ci(0.95, method="exact")
        assert row.low == pytest.approx(2 * share.low / (1 - share.low))
        assert row.high == (pytest.approx(2 * share.high / (1 - share.high)) if share.high < 1 else np.inf)


def test_the_interval_holds_the_truth_at_least_as_often_as_promised(rng: np.random.Generator) -> None:
    now, then = rng.poisson(9 * 1.7, 4000), rng.poisson(9, 4000)
    rows = compare_grids(now, then, days=1, base_days=1)
    assert ((rows["low"] <= 1.7) & (rows["high"] >= 1.7)).mean() >= 0.95


def test_hand_made_counts() -> None:
    """Five now and none then over equal periods: 2 * 0.5**5 by hand."""
    rows = compare_grids([5, 0, 3], [0, 0, 3], days=7, base_days=7)
    assert rows["p"].tolist() == pytest.approx([2 * 0.5**5, 1.0, 1.0])
    assert rows["ratio"].iloc[0] == np.inf
    assert rows["ratio"].iloc[2] == 1
    assert rows.loc[1, ["ratio", "low", "high", "q"]].isna().all(), "nothing in both periods cannot be judged"
    assert rows["change"].tolist() == ["none"] * 3


def test_q_is_that_of_scipy_over_the_judged_grids(rng: np.random.Generator) -> None:
    now, then = rng.poisson(3, 60), rng.poisson(2, 60)
    now[:5] = then[:5] = 0
    rows = compare_grids(now, then, days=30, base_days=31)
    judged = (now + then) > 0
    assert rows["q"][judged].to_numpy() == pytest.approx(false_discovery_control(rows["p"][judged].to_numpy()))
    assert rows["q"][~judged].isna().all()


def test_classes_follow_q_and_the_ratio() -> None:
    rows = compare_grids([60, 5, 11, 10], [10, 50, 10, 11], days=30, base_days=30)
    assert rows["change"].tolist() == ["rose", "fell", "none", "none"]


def test_chance_alone_brings_few_findings(rng: np.random.Generator) -> None:
    """Where nothing changed, at most alpha of the maps show any change."""
    found = 0
    for _ in range(200):
        rows = compare_grids(rng.poisson(6, 50), rng.poisson(12, 50), days=30, base_days=60)
        found += bool((rows["change"] != "none").any())
    assert found <= binom.ppf(0.999, 200, 0.05)


@given(st.integers(0, 200), st.integers(0, 200), st.floats(1, 400), st.floats(1, 400))
def test_swapping_the_periods_turns_the_ratio_over(now: int, then: int, days: float, base_days: float) -> None:
    one = compare_total(now, then, days=days, base_days=base_days)
    other = compare_total(then, now, days=base_days, base_days=days)
    assert one.p == pytest.approx(other.p, abs=1e-9)
    if now and then:
        assert one.ratio == pytest.approx(1 / other.ratio)
        assert one.low == pytest.approx(1 / other.high)
        assert one.low <= one.ratio <= one.high


def test_order_of_rows_does_not_matter(rng: np.random.Generator) -> None:
    now, then = rng.poisson(4, 30), rng.poisson(5, 30)
    turned = rng.permutation(30)
    rows = compare_grids(now, then, days=9, base_days=10)
    again = compare_grids(now[turned], then[turned], days=9, base_days=10)
    assert again["q"].to_numpy() == pytest.approx(rows["q"].to_numpy()[turned], nan_ok=True)


@pytest.mark.parametrize(
    ("now", "then", "days"), [([1, 2], [1], 3.0), ([1], [1], 0.0), ([-1], [1], 3.0), ([[1]], [[1]], 3.0)]
)
def test_what_cannot_be_compared_is_refused(now: list[int], then: list[int], days: float) -> None:
    with pytest.raises(ShapeError):
        compare_grids(now, then, days=days, base_days=3.0)


def test_no_grids_give_an_empty_table() -> None:
    assert compare_grids([], [], days=1, base_days=1).empty
