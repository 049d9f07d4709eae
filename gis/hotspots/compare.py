"""Did a grid have more or fewer incidents than in another period: rate ratio, exact test, false-discovery control.

It compares counts and lengths of time; it knows no places and asks for no data.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta, binom

from gis.errors import ShapeError
from gis.hotspots.explain import Explanation
from gis.hotspots.significance import benjamini_hochberg

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_TIE = 1 + 1e-7
"""Outcomes whose probability is within this factor count as equally unlikely, as in R and in scipy."""


@dataclass(frozen=True)
class Change:
    """The change of one count between two periods.

    Parameters
    ----------
    count, base
        Incidents of the period and of the period it is compared with.
    days, base_days
        Their lengths.
    ratio
        Incidents a day now over then; infinite when there were none then, NaN when there were none at all.
    low, high
        Exact interval of the ratio.
    p
        Two-sided, exact.
    """

    count: int
    base: int
    days: float
    base_days: float
    ratio: float
    low: float
    high: float
    p: float

    def explain(self) -> Explanation:
        """What the change means and what it does not."""
        if self.count + self.base == 0:
            zh, en = "两个时段都没有事件,无法比较。", "Neither period has an incident: there is nothing to compare."
        elif not np.isfinite(self.ratio):
            zh = f"对照时段没有事件,本时段 {self.count} 起(双侧精确 p={self.p:.2g})。"
            en = f"{self.count} incidents against none in the base period (two-sided exact p {self.p:.2g})."
        else:
            zh = f"每日事件数为对照时段的 {self.ratio:.2f} 倍(区间 {self.low:.2f} 至 {self.high:.2f},双侧精确 p={self.p:.2g})。"
            en = (
                f"Incidents a day are {self.ratio:.2f} times those of the base period (interval {self.low:.2f} to "
                f"{self.high:.2f}, two-sided exact p {self.p:.2g})."
            )
        return Explanation(
            method=("两时段率比,条件二项精确检验", "rate ratio of two periods, conditional exact test"),
            means=(zh, en),
            means_not=(
                "它不说明变化的原因;同一事件被多次上报时,p 偏小。",
                "It names no cause, and several reports of one event make p too small.",
            ),
            source="Przyborowski and Wilenski 1940, Biometrika 31; Clopper and Pearson 1934, Biometrika 26",
            parameters={"days": self.days, "base_days": self.base_days},
        )


def compare_grids(
    count: npt.ArrayLike,
    base: npt.ArrayLike,
    *,
    days: float,
    base_days: float,
    alpha: float = 0.05,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare two periods grid by grid.

    Parameters
    ----------
    count, base
        Shape (n,), incidents of the period, and of the period it is compared with, in one row order. The periods must
        not overlap: an incident counted twice is no comparison.
    days, base_days
        Lengths of the two periods.
    alpha
        Level of the false-discovery control.
    confidence
        Of the interval.

    Returns
    -------
    changes
        ``count``, ``base``, ``per_day``, ``base_per_day``, ``ratio``, ``low``, ``high``, ``p``, ``q``, ``change``
        (``rose``, ``fell`` or ``none``: no evidence); row order of the arrays. Grids without any incident in both
        periods cannot be judged: ``ratio``, ``low``, ``high`` and ``q`` are NaN, p is 1, and they do not count as tests.

    Raises
    ------
    ShapeError
        Arrays of different shapes, counts below zero, or a period without length.

    Notes
    -----
    Given the sum of the two counts, the count of one period is binomial with share ``days / (days + base_days)`` when
    nothing changed (Przyborowski and Wilenski 1940, Biometrika 31). The two-sided p sums all outcomes no more likely
    than the one seen, as ``scipy.stats.binomtest`` does; the interval is that of Clopper and Pearson (1934), carried
    over from share to ratio. q after Benjamini and Hochberg (1995). Incidents are taken as independent of each other;
    several reports of one event make p too small. Time grows with n times the logarithm of the largest count.
    """
    now, then = _counts(count), _counts(base)
    if now.shape != then.shape or days <= 0 or base_days <= 0:
        raise ShapeError(
            zh=f"两个时段的计数形状为 {now.shape} 与 {then.shape},长度为 {days:g} 与 {base_days:g} 天。",
            en=f"Counts of shapes {now.shape} and {then.shape} over {days:g} and {base_days:g} days.",
        )
    share = days / (days + base_days)
    p = binomial_p(now, now + then, share)
    low, high = _ratio_interval(now, then, base_days / days, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (now / days) / (then / base_days)
    judged = now + then > 0
    q = np.full(len(now), np.nan)
    q[judged] = benjamini_hochberg(p[judged])
    evident = judged & (np.nan_to_num(q, nan=1.0) < alpha)
    return pd.DataFrame(
        {
            "count": now,
            "base": then,
            "per_day": now / days,
            "base_per_day": then / base_days,
            "ratio": ratio,
            "low": low,
            "high": high,
            "p": p,
            "q": q,
            "change": np.select([evident & (ratio > 1), evident & (ratio < 1)], ["rose", "fell"], "none"),
        }
    )


def compare_total(count: int, base: int, *, days: float, base_days: float, confidence: float = 0.95) -> Change:
    """Compare two periods of the whole area: the same ratio, interval and test as for one grid.

    Raises
    ------
    ShapeError
        A count below zero, or a period without length.
    """
    row = compare_grids([count], [base], days=days, base_days=base_days, confidence=confidence).iloc[0]
    return Change(
        count=count,
        base=base,
        days=days,
        base_days=base_days,
        ratio=float(row["ratio"]),
        low=float(row["low"]),
        high=float(row["high"]),
        p=float(row["p"]),
    )


def binomial_p(successes: npt.ArrayLike, trials: npt.ArrayLike, share: float) -> FloatArray:
    """Two-sided exact binomial p of many counts at once: all outcomes no more likely than the one seen.

    Parameters
    ----------
    successes, trials
        Shape (n,), whole numbers.
    share
        Probability of a success when nothing changed, between 0 and 1.

    Notes
    -----
    The far tail begins where the probability falls to that of the outcome seen; it is found by halving, for all rows at
    once. No trials give p 1.
    """
    k, n = _counts(successes), _counts(trials)
    limit = binom.pmf(k, n, share) * _TIE
    mean = n * share
    above = k > mean
    # Where the count lies below the mean, the far tail is the upper one, and the other way round.
    upper = np.where(above, k, _first_rare(n, limit, share))
    lower = np.where(above, _last_rare(n, limit, share), k)
    p = binom.cdf(lower, n, share) + binom.sf(upper - 1, n, share)
    return np.where(k == mean, 1.0, np.minimum(p, 1.0))


def _first_rare(n: IntArray, limit: FloatArray, share: float) -> IntArray:
    """The smallest count from the mean up that is no more likely than the limit; n + 1 where there is none."""
    low, high = np.ceil(n * share).astype(np.int64), n + 1
    while (low < high).any():
        middle = (low + high) // 2
        rare = binom.pmf(middle, n, share) <= limit
        high = np.where(rare & (low < high), middle, high)
        low = np.where(~rare & (low < high), middle + 1, low)
    return low


def _last_rare(n: IntArray, limit: FloatArray, share: float) -> IntArray:
    """The largest count from the mean down that is no more likely than the limit; -1 where there is none."""
    low, high = np.full(len(n), -1, dtype=np.int64), np.floor(n * share).astype(np.int64)
    while (low < high).any():
        middle = (low + high + 1) // 2
        rare = binom.pmf(middle, n, share) <= limit
        low, high = np.where(rare & (low < high), middle, low), np.where(~rare & (low < high), middle - 1, high)
    return low


def _ratio_interval(now: IntArray, then: IntArray, exposure: float, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Clopper and Pearson's ends for the share, as rate ratios; 0 and infinity where one count is 0, NaN for both."""
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(now > 0, beta.ppf(tail, np.maximum(now, 1), then + 1), 0.0)
        high = np.where(then > 0, beta.ppf(1 - tail, now + 1, np.maximum(then, 1)), 1.0)
        low, high = exposure * low / (1 - low), exposure * high / (1 - high)
    nothing = now + then == 0
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def _counts(values: npt.ArrayLike) -> IntArray:
    counts = np.asarray(values, dtype=np.int64)
    if counts.ndim != 1 or (counts < 0).any():
        raise ShapeError(
            zh="计数应为一维、不小于零的整数。", en="Counts are whole numbers from zero up, in one dimension."
        )
    return counts
