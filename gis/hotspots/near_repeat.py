"""Near repeats: does one incident make another one near by and soon after likelier? Knox's test with its ratio table.

Places in metres and days as numbers come in; incidents are points, never people or households.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from gis.errors import InputError, ShapeError
from gis.hotspots._pairs import pair_table, shuffled_tables
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

WORTH = 1.2
"""A ratio from here on is called elevated, as in Ratcliffe's near repeat calculator."""

_MOST_PAIRS = 60_000_000


@dataclass(frozen=True, eq=False)
class KnoxTable:
    """Pairs of incidents by distance and time, against chance.

    Parameters
    ----------
    within_m, within_days
        Upper ends of the bands, included; a band begins above the end before it, the first at 0.
    observed
        Shape (distances, times), pairs.
    expected
        Shape (distances, times), mean over the shuffles.
    ratio
        Observed over expected; 0 where neither has a pair, infinite where only chance has none.
    p
        One-sided, for more pairs than chance, the observed table counted as one.
    permutations
        Shuffles of the days.
    """

    within_m: FloatArray
    within_days: FloatArray
    observed: IntArray
    expected: FloatArray
    ratio: FloatArray
    p: FloatArray
    permutations: int
    parameters: dict[str, Any] = field(default_factory=dict)

    def reach(self, *, alpha: float = 0.05) -> tuple[float, float] | None:
        """How far and how long a repeat stays likelier: metres and days, or None where the nearest band is not elevated.

        From the first band on, the farthest distance whose first time band, and the longest time whose first distance
        band, are all elevated (ratio 1.2 or more, p below ``alpha``).
        """
        elevated = (self.ratio >= WORTH) & (self.p < alpha)
        if not elevated[0, 0]:
            return None
        far, long = _leading(elevated[:, 0]), _leading(elevated[0])
        return float(self.within_m[far - 1]), float(self.within_days[long - 1])

    def frame(self) -> pd.DataFrame:
        """A row for each band: ends, observed, expected, ratio, p."""
        distance, time = np.indices(self.observed.shape).reshape(2, -1)
        return pd.DataFrame(
            {
                "within_m": self.within_m[distance],
                "within_days": self.within_days[time],
                "observed": self.observed.ravel(),
                "expected": self.expected.ravel(),
                "ratio": self.ratio.ravel(),
                "p": self.p.ravel(),
            }
        )

    def explain(self) -> Explanation:
        """What the table means and what it does not."""
        reach = self.reach()
        first = f"{self.observed[0, 0]}", f"{self.expected[0, 0]:.1f}", f"{self.p[0, 0]:.2g}"
        zh = f"最近一档有 {first[0]} 对,随机期望 {first[1]} 对(单侧 p={first[2]})"
        en = f"The nearest band holds {first[0]} pairs against {first[1]} by chance (one-sided p {first[2]})"
        if reach is None:
            zh, en = f"{zh},看不出近重复。", f"{en}: no near repeats are evident."
        else:
            zh = f"{zh}:一起事件之后 {reach[0]:g} 米内、{reach[1]:g} 天内再次发生的可能性较高。"
            en = f"{en}: after an incident another is likelier within {reach[0]:g} m and {reach[1]:g} days."
        return Explanation(
            method=("近重复(Knox 检验)", "near repeat (Knox test)"),
            means=(zh, en),
            means_not=(
                "成对不等于因果,也不说明是否同一原因;季节或人口变化也会造成成对。",
                "A pair is no proof of a common cause; a shift of season or of people brings pairs as well.",
            ),
            source="Knox 1964, Applied Statistics 13; Johnson et al. 2007, Journal of Quantitative Criminology 23",
            parameters=self.parameters,
        )


def _leading(flags: npt.NDArray[np.bool_]) -> int:
    return len(flags) if flags.all() else int(np.argmin(flags))


def knox(
    points_m: npt.ArrayLike,
    days: npt.ArrayLike,
    *,
    within_m: npt.ArrayLike,
    within_days: npt.ArrayLike,
    permutations: int = 999,
    rng: np.random.Generator,
) -> KnoxTable:
    """Count pairs of incidents close in space and in time, against chance.

    Parameters
    ----------
    points_m
        Shape (n, 2), metres in one projected CRS.
    days
        Shape (n,), days since any fixed start; fractions allowed.
    within_m, within_days
        Upper ends of the bands, ascending, included; one number for one band. An end of 0 is the same place, or the same
        moment.
    permutations
        Shuffles of the days over the places behind expectation and p; 1 at least.
    rng
        Shuffles the days; the same state gives the same table on any number of cores.

    Raises
    ------
    ShapeError
        The two arrays differ in length, are not finite, or hold fewer than two incidents.
    InputError
        Bands that do not ascend or are negative, no permutations, or more pairs within the last distance than memory
        holds (60 million).

    Notes
    -----
    Knox (1964). Time grows with the pairs within the last distance times permutations, over both cores.
    """
    xy, when = _incidents(points_m, days)
    metres, lengths = _ends(within_m), _ends(within_days)
    if permutations < 1:
        raise InputError(zh="近重复检验至少需要一次置换。", en="A near-repeat test needs one permutation at least.")
    left, right, start = _pairs(xy, metres)
    seen = pair_table(left, right, start, when, lengths)
    total, above, _ = shuffled_tables(
        left, right, start, when, lengths, seen, permutations=permutations, seed=int(rng.integers(0, 2**62))
    )
    expected = total / permutations
    ratio = np.where(seen > 0, np.inf, 0.0)
    np.divide(seen, expected, out=ratio, where=expected > 0)
    return KnoxTable(
        within_m=metres,
        within_days=lengths,
        observed=seen,
        expected=expected,
        ratio=ratio,
        p=np.asarray((above + 1.0) / (permutations + 1.0), dtype=np.float64),
        permutations=permutations,
        parameters={
            "within_m": metres.tolist(),
            "within_days": lengths.tolist(),
            "permutations": permutations,
            "incidents": len(xy),
        },
    )


def _incidents(points_m: npt.ArrayLike, days: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    # Copies: a column of a table may be read-only, and the loops would be compiled anew for it.
    xy, when = np.array(points_m, dtype=np.float64), np.array(days, dtype=np.float64)
    fits = xy.ndim == 2 and xy.shape[1] == 2 and when.shape == (len(xy),) and len(xy) >= 2
    if not fits or not np.isfinite(xy).all() or not np.isfinite(when).all():
        raise ShapeError(
            zh=f"事件位置 {xy.shape} 与时间 {when.shape} 不符、含空值,或不足两起。",
            en=f"Places {xy.shape} and days {when.shape} do not fit, are not finite, or are fewer than two incidents.",
        )
    return xy, when


def _ends(ends: npt.ArrayLike) -> FloatArray:
    found = np.atleast_1d(np.asarray(ends, dtype=np.float64))
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all() or found[0] < 0 or (np.diff(found) <= 0).any():
        raise InputError(
            zh=f"分档上限应为不小于零的递增数,收到 {found.tolist()}。",
            en=f"Upper ends of bands must ascend from zero or more, got {found.tolist()}.",
        )
    return found


def _pairs(xy: FloatArray, metres: FloatArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], IntArray]:
    """Pairs within the last distance by distance band, and where each band starts."""
    tree = cKDTree(xy)
    farthest = metres[-1] * (1 + 1e-12)
    count = (int(tree.count_neighbors(tree, farthest)) - len(xy)) // 2
    if count > _MOST_PAIRS:
        raise InputError(
            zh=f"{metres[-1]:g} 米内有 {count} 对事件,过多;请减小距离或缩短时段。",
            en=f"{count} pairs lie within {metres[-1]:g} m, too many; take a shorter distance or period.",
        )
    pairs = tree.query_pairs(farthest, output_type="ndarray")
    apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    band = np.minimum(np.searchsorted(metres * (1 + 1e-12), apart, side="left"), len(metres) - 1)
    # Within a band by the first incident, so that its day stays near at hand.
    order = np.lexsort((pairs[:, 1], pairs[:, 0], band))
    start = np.concatenate([[0], np.cumsum(np.bincount(band, minlength=len(metres)))]).astype(np.int64)
    pairs = np.ascontiguousarray(pairs[order].T.astype(np.int32))
    return pairs[0], pairs[1], start
