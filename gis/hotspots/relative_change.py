"""How counts of places changed against those of comparison places, with exact and spread-adjusted intervals. Counts in, figures out.

Which places are compared, and what the change may be due to, is decided and told elsewhere.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import gammaln
from scipy.stats import chi2, norm, t

from gis.errors import InputError
from gis.schemas import require_columns

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RelativeChange:
    """Counts of treated places after against before, over the same of comparison places.

    Parameters
    ----------
    treated_spots, comparison_spots
        How many places.
    treated_before, treated_after, comparison_before, comparison_after
        Incidents.
    ratio
        (after / before) of the treated over (after / before) of the comparison: 0.8 is a fifth less than expected.
        Missing where a needed count is 0.
    low, high
        The interval to be told: the wider one of the exact and the spread-adjusted.
    exact_low, exact_high
        If incidents fall like chance at a steady rate (Poisson).
    spread_low, spread_high
        Widened by how differently the places changed; missing with fewer than two places on either side.
    dispersion
        Variance of the log ratio by the places over that of chance; 1 is chance.
    p_spread
        Chance of so large a spread if all places of a side changed alike.
    difference, difference_low, difference_high
        Incidents more (or fewer: below 0) than if the treated had changed by as many as the comparison; widened likewise.
    level
        Of all intervals.
    """

    treated_spots: int
    comparison_spots: int
    treated_before: int
    treated_after: int
    comparison_before: int
    comparison_after: int
    ratio: float
    low: float
    high: float
    exact_low: float
    exact_high: float
    spread_low: float
    spread_high: float
    dispersion: float
    p_spread: float
    difference: float
    difference_low: float
    difference_high: float
    level: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves "no change" out."""
        return not self.low <= 1.0 <= self.high


def relative_change(treated: pd.DataFrame, comparison: pd.DataFrame, *, level: float = 0.95) -> RelativeChange:
    """How counts changed at treated places, against comparison places in the same spans, with its uncertainty.

    Parameters
    ----------
    treated, comparison
        ``before`` and ``after``: counts in equal spans, one row a place.
    level
        Of the intervals.

    Raises
    ------
    ColumnError, InputError
        A column is missing, a count is negative or not whole, a group has no spot, or the level lies outside (0, 1).

    Notes
    -----
    Ratio of ratios, the relative incident rate ratio of Wilson (2022) and inverse of the relative effect size of Welsh and
    Farrington (2009). Exact interval: both sums of each group and of each span given, the count of the treated after is
    Fisher's noncentral hypergeometric, whose odds ratio is the ratio of ratios (Cornfield's construction). Spread: variance of
    a ratio of sums by linearisation over the spots, n / (n - 1) times the sum of (after_i / after - before_i / before)^2 in
    each group, never below that of chance, with t quantiles. It allows rates that wander from spot to spot. ``p_spread``
    is of Pearson's chi-squared: given its own sum, a spot's count after is binomial with the share of its group.
    Difference: weighted displacement difference of Wheeler and Ratcliffe (2018) without a displacement area.
    """
    if not 0 < level < 1:
        raise InputError(zh=f"置信水平 {level} 须在 0 与 1 之间。", en=f"The level {level} lies outside 0 to 1.")
    ours, theirs = _counts(treated, "treated"), _counts(comparison, "comparison")
    (a, b), (c, d) = ours.sum(axis=0).tolist(), theirs.sum(axis=0).tolist()
    exact, spread = _exact(a, b, c, d, level), _spread_of(ours, theirs)
    # Chance alone; a half in each cell where one is empty.
    cells = np.array([a, b, c, d]) + (0.5 if 0 in (a, b, c, d) else 0.0)
    chance = float((1 / cells).sum())
    centre = float(np.log(cells[1] / cells[0]) - np.log(cells[3] / cells[2]))
    wide = (float("nan"), float("nan"))
    if spread.freedom:
        low, high = _around(centre, max(spread.log_ratio, chance), spread.freedom, level)
        wide = (float(np.exp(low)), float(np.exp(high)))
    difference = float((b - a) - (d - c))
    fewer, more = _around(difference, np.fmax(spread.difference, float(a + b + c + d)), spread.freedom, level)
    return RelativeChange(
        treated_spots=len(ours),
        comparison_spots=len(theirs),
        treated_before=a,
        treated_after=b,
        comparison_before=c,
        comparison_after=d,
        ratio=(b / a) / (d / c) if a and c and d else float("nan"),
        low=float(np.fmin(exact[0], wide[0])),
        high=float(np.fmax(exact[1], wide[1])),
        exact_low=exact[0],
        exact_high=exact[1],
        spread_low=wide[0],
        spread_high=wide[1],
        dispersion=spread.log_ratio / chance,
        p_spread=spread.p,
        difference=difference,
        difference_low=fewer,
        difference_high=more,
        level=level,
    )


def _exact(a: int, b: int, c: int, d: int, level: float) -> tuple[float, float]:
    """Conditional interval of the ratio of ratios: the odds ratios at which the tails of ``b``, all sums given, are small."""
    least, most = max(0, a + b - (a + c)), min(a + b, b + d)
    k = np.arange(least, most + 1, dtype=np.float64)
    # Log of the central hypergeometric weights; an odds ratio adds k times its log.
    weight = -gammaln(k + 1) - gammaln(a + b - k + 1) - gammaln(b + d - k + 1) - gammaln(c - b + k + 1)
    tail = (1 - level) / 2

    def chance(log_odds: float, wanted: npt.NDArray[np.bool_]) -> float:
        score = weight + k * log_odds
        part = np.exp(score - score.max())
        return float(part[wanted].sum() / part.sum())

    low, high = 0.0, float("inf")
    if b > least:
        low = float(np.exp(brentq(lambda x: chance(x, k >= b) - tail, -60, 60, xtol=1e-10)))
    if b < most:
        high = float(np.exp(brentq(lambda x: chance(x, k <= b) - tail, -60, 60, xtol=1e-10)))
    return low, high


@dataclass(frozen=True)
class _Spread:
    """Variances of the log ratio and of the difference from how spots differ, their degrees of freedom, and the test."""

    log_ratio: float = float("nan")
    difference: float = float("nan")
    freedom: int = 0
    p: float = float("nan")


def _spread_of(ours: IntArray, theirs: IntArray) -> _Spread:
    log_ratio, difference, total, freedom = 0.0, 0.0, 0.0, 0
    for group in (ours, theirs):
        told = group[group.sum(axis=1) > 0].astype(np.float64)
        spots, (before, after) = len(told), told.sum(axis=0)
        if spots < 2 or not before or not after:
            return _Spread()
        more = spots / (spots - 1)
        change = told[:, 1] - told[:, 0]
        log_ratio += more * float(((told[:, 1] / after - told[:, 0] / before) ** 2).sum())
        difference += more * float(((change - change.mean()) ** 2).sum())
        sums, share = told.sum(axis=1), after / (before + after)
        total += float(((told[:, 1] - sums * share) ** 2 / (sums * share * (1 - share))).sum())
        freedom += spots - 1
    return _Spread(log_ratio, difference, freedom, float(chi2.sf(total, freedom)))


def _around(centre: float, variance: float, freedom: int, level: float) -> tuple[float, float]:
    quantile = t.ppf((1 + level) / 2, freedom) if freedom else norm.ppf((1 + level) / 2)
    half = float(quantile * np.sqrt(variance))
    return centre - half, centre + half


def _counts(table: pd.DataFrame, name: str) -> IntArray:
    require_columns(table, ["before", "after"], layer=name)
    values = table[["before", "after"]].to_numpy(dtype=np.float64, na_value=np.nan)
    if not len(values) or not (np.isfinite(values) & (values >= 0) & (values == np.floor(values))).all():
        raise InputError(
            zh=f"“{name}”须至少有一个热点,计数须为非负整数。",
            en=f"'{name}' needs at least one hot spot, with whole counts that are not negative.",
        )
    return values.astype(np.int64)
