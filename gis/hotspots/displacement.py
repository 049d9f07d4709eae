"""Whether trouble moved to the ground around an area, or the ground around gained as well: the weighted displacement quotient.

Six counts in, one figure and its reading out. Where the area itself did not clearly improve there is nothing to displace, and it says so.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gis.errors import InputError, Lang

Reading = Literal["displaced", "diffused", "unclear", "not_shown"]
DRAWS = 20_000
"""Draws behind the interval: its ends then vary by about 1 % of its width."""

READINGS: dict[Reading, tuple[str, str]] = {
    "displaced": (
        "缓冲区相对变差:部分问题可能转移到了周边",
        "the buffer got worse: part of the trouble may have moved there",
    ),
    "diffused": (
        "缓冲区也相对好转:效果可能扩散到了周边",
        "the buffer improved as well: the benefit may reach beyond the area",
    ),
    "unclear": (
        "区间含 0:看不出转移,也看不出扩散",
        "the interval holds 0: neither displacement nor diffusion can be told",
    ),
    "not_shown": (
        "本区域没有明确下降,不计算转移",
        "the area itself did not clearly fall, so displacement is not worked out",
    ),
}
"""What the quotient says, in words."""


@dataclass(frozen=True)
class Displacement:
    """The weighted displacement quotient of an area, its buffer and its comparison areas.

    Parameters
    ----------
    quotient
        Change of the buffer's share of the comparison over that of the area's: below 0 displaced (below -1: more than was gained), above
        0 diffused. Missing where ``reading`` is ``not_shown``.
    low, high
        Interval; missing likewise.
    reading
        What the interval says.
    level
        Of the interval.
    """

    quotient: float
    low: float
    high: float
    reading: Reading
    level: float

    def text(self, lang: Lang) -> str:
        """The quotient with its interval, and what it says."""
        zh, en = READINGS[self.reading]
        if self.reading == "not_shown":
            return f"{zh}。" if lang == "zh" else f"{en[0].upper()}{en[1:]}."
        span = f"{self.quotient:.2f}({self.level:.0%} 区间 {self.low:.2f}–{self.high:.2f})"
        if lang == "zh":
            return f"加权转移商 {span}:{zh}。"
        return f"Weighted displacement quotient {self.quotient:.2f} ({self.level:.0%} interval {self.low:.2f} to {self.high:.2f}): {en}."


def displacement_quotient(
    area: tuple[int, int],
    buffer: tuple[int, int],
    comparison: tuple[int, int],
    *,
    area_fell: bool,
    rng: np.random.Generator,
    level: float = 0.95,
) -> Displacement:
    """The weighted displacement quotient with an interval.

    Parameters
    ----------
    area, buffer, comparison
        Incidents before and after, in equal spans, of the area, of the ring around it, and of the comparison areas together.
    area_fell
        Whether the area fell clearly against the comparison, by :func:`gis.hotspots.relative_change.relative_change`: without that the
        quotient divides by what may be nought, and is not worked out.
    rng
        Draws behind the interval.
    level
        Of the interval.

    Raises
    ------
    InputError
        A count is negative, or the level lies outside (0, 1).

    Notes
    -----
    Bowers and Johnson (2003), Journal of Quantitative Criminology 19(3): (B1/C1 - B0/C0) / (A1/C1 - A0/C0), worked out only where the
    denominator, their measure of success, is below 0. Interval: percentiles over the Jeffreys posteriors of the six Poisson means
    (gamma of count + 1/2), those draws left out in which the area did not fall. It holds chance alone.
    """
    counts = np.array([area, buffer, comparison], dtype=np.float64)
    if not (np.isfinite(counts) & (counts >= 0)).all() or not 0 < level < 1:
        raise InputError(
            zh="转移商需要六个非负计数,置信水平在 0 与 1 之间。",
            en="The quotient needs six counts that are not negative, and a level between 0 and 1.",
        )
    nothing = Displacement(float("nan"), float("nan"), float("nan"), "not_shown", level)
    if not area_fell or not counts[2].all():
        return nothing
    success = _share_change(counts[0], counts[2])
    if success >= 0:
        return nothing
    quotient = float(_share_change(counts[1], counts[2]) / success)
    drawn = rng.gamma(counts + 0.5, size=(DRAWS, 3, 2))
    fell = _share_change(drawn[:, 0], drawn[:, 2])
    moved = _share_change(drawn[:, 1], drawn[:, 2])
    low, high = np.quantile((moved / fell)[fell < 0], [(1 - level) / 2, (1 + level) / 2])
    reading: Reading = "displaced" if high < 0 else "diffused" if low > 0 else "unclear"
    return Displacement(quotient, float(low), float(high), reading, level)


def _share_change(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part[..., 1] / whole[..., 1] - part[..., 0] / whole[..., 0]
