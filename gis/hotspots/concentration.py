"""How few places hold how many incidents: shares, Lorenz curve and Gini, corrected where incidents are fewer than places.

Counts in, figures out, whether the places are grids, cells or street segments; it ranks no place.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError, ShapeError
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SHARES = (0.25, 0.5, 0.8)


@dataclass(frozen=True, eq=False)
class Concentration:
    """How incidents are spread over places.

    Parameters
    ----------
    places, occupied, incidents
        All places, those with an incident, and incidents.
    shares
        Columns ``share`` (of incidents), ``places`` (the fewest that hold it), ``of_places`` (their share of all places),
        ``of_occupied`` (of those with an incident), ``even`` (what the share of places would be if incidents were spread
        as evenly as whole incidents allow).
    lorenz
        Shape (places + 1, 2): share of places, the busiest first, and share of incidents they hold.
    gini
        0 for an even spread, near 1 for all at one place.
    gini_corrected
        The same against the most even spread that so few incidents allow; equal to ``gini`` from as many incidents as
        places on.
    unit
        What a place is, in words.
    """

    places: int
    occupied: int
    incidents: int
    shares: pd.DataFrame
    lorenz: FloatArray
    gini: float
    gini_corrected: float
    unit: tuple[str, str]
    parameters: dict[str, Any] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What the shares mean and what they do not."""
        half = self.shares.iloc[(self.shares["share"] - 0.5).abs().argmin()]
        zh, en = self.unit
        return Explanation(
            method=("事件集中度", "concentration of incidents"),
            means=(
                f"{half['of_places']:.1%} 的{zh}({int(half['places'])} 个)占全部事件的 {half['share']:.0%},修正基尼系数 {self.gini_corrected:.2f}。",
                f"{half['of_places']:.1%} of the {en} ({int(half['places'])}) hold {half['share']:.0%} of all incidents; "
                f"the corrected Gini is {self.gini_corrected:.2f}.",
            ),
            means_not=(
                "单位越小集中度越高,只能在单位和时段相同时比较;它不说明集中是否持续。",
                "Smaller places give more concentration, so only equal places and periods compare, and it does not say that it lasts.",
            ),
            source="Weisburd 2015, Criminology 53(2); Bernasco and Steenbeek 2017, Journal of Quantitative Criminology 33(3)",
            parameters=self.parameters,
        )


def concentration_of(
    counts: npt.ArrayLike,
    *,
    shares: tuple[float, ...] = SHARES,
    unit: tuple[str, str] = ("地点", "places"),
) -> Concentration:
    """How few places hold the given shares of incidents.

    Parameters
    ----------
    counts
        Shape (n,), incidents at each place, zeros included: a place without incidents is a place.
    shares
        Shares of incidents asked for, above 0 and at most 1.
    unit
        What a place is, in Chinese and English.

    Raises
    ------
    ShapeError
        No places, or counts that are not whole numbers from zero up.
    InputError
        No incidents at all, or a share out of range.

    Notes
    -----
    The fewest places that hold at least the share. Gini after Bernasco and Steenbeek (2017), eq. 3: with fewer incidents
    than places most places are empty whatever happens, and the plain Gini calls that concentration.
    """
    count = np.asarray(counts, dtype=np.float64)
    if count.ndim != 1 or not len(count) or not np.isfinite(count).all() or (count < 0).any() or (count % 1 != 0).any():
        raise ShapeError(
            zh="各地点的事件数应为一维、不小于零的整数,至少一个地点。",
            en="Counts must be whole numbers from zero up in one dimension, one place at least.",
        )
    if count.sum() == 0:
        raise InputError(zh="没有事件,集中度无从谈起。", en="There are no incidents, so nothing is concentrated.")
    if not shares or any(not 0 < share <= 1 for share in shares):
        raise InputError(zh="占比应大于 0 且不超过 1。", en="Shares must be above 0 and at most 1.")
    n, total, occupied = len(count), int(count.sum()), int((count > 0).sum())
    held = np.cumsum(np.sort(count)[::-1])
    needed = np.array([int(np.searchsorted(held, share * total - 1e-9)) + 1 for share in shares])
    even = np.array([_even_places(share, n, total) for share in shares])
    gini, corrected = _gini(np.sort(count))
    return Concentration(
        places=n,
        occupied=occupied,
        incidents=total,
        shares=pd.DataFrame(
            {
                "share": shares,
                "places": needed,
                "of_places": needed / n,
                "of_occupied": needed / occupied,
                "even": even / n,
            }
        ),
        lorenz=np.column_stack([np.arange(n + 1) / n, np.concatenate([[0.0], held / total])]),
        gini=gini,
        gini_corrected=corrected,
        unit=unit,
        parameters={"places": n, "incidents": total},
    )


def _even_places(share: float, n: int, total: int) -> int:
    """The fewest places that hold a share when whole incidents are spread as evenly as can be."""
    low, more = divmod(total, n)
    wanted = share * total - 1e-9
    with_more = min(more, int(np.ceil(wanted / (low + 1))))
    rest = wanted - with_more * (low + 1)
    return with_more + (int(np.ceil(rest / low)) if rest > 0 and low else 0)


def _gini(ascending: FloatArray) -> tuple[float, float]:
    n, total = len(ascending), float(ascending.sum())
    ranked = 2.0 * float((np.arange(1, n + 1) * ascending).sum()) / total - n - 1
    corrected = max(1 / total, 1 / n) * ranked - max(n / total, 1.0) + 1
    return ranked / n, max(0.0, corrected)
