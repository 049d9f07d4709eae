"""How sure a score is, and a difference of two: block bootstrap over rounds, the same blocks for both.

Weeks that follow each other are alike, so blocks of 13 weeks are drawn, not weeks. A model is called better only where the
whole interval of the paired difference lies above zero.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ShapeError
from gis.forecast.score import Hits, ratio

FloatArray = npt.NDArray[np.float64]

BLOCK_DAYS = 91.0
DRAWS = 4000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A bootstrap interval: the middle ``level`` of the draws."""

    low: float
    high: float
    level: float = LEVEL


def block_sums(values: FloatArray, *, block: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """Sums over resampled rounds: blocks of ``block`` rounds in a row, the last round followed by the first.

    Parameters
    ----------
    values
        Shape (rounds, columns); all columns are summed over the same draws.
    block
        Rounds in a block.
    rng
        Draws where blocks start.

    Returns
    -------
    sums
        Shape (draws, columns); each draw has as many rounds as came in.
    """
    rounds = len(values)
    block = min(block, rounds)
    whole, rest = divmod(rounds, block)
    starts = rng.integers(0, rounds, (draws, whole + (rest > 0)))
    running = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(np.vstack([values, values]), axis=0)])
    found = (running[starts[:, :whole] + block] - running[starts[:, :whole]]).sum(axis=1)
    if rest:
        found = found + running[starts[:, whole] + rest] - running[starts[:, whole]]
    return np.asarray(found)


def enough_rounds(rounds: int, block: int) -> bool:
    """Whether there are two blocks at least; of fewer no interval is given."""
    return rounds >= 2 * block


def pai_interval(
    hits: Hits, *, block: int, rng: np.random.Generator, draws: int = DRAWS, level: float = LEVEL
) -> list[Interval]:
    """Interval of the PAI at each share of the area; empty where there are fewer than two blocks of rounds."""
    if not enough_rounds(len(hits.n), block) or hits.n.sum() == 0:
        return []
    sums = block_sums(np.column_stack([hits.hits, hits.n]), block=block, draws=draws, rng=rng)
    drawn = ratio(sums[:, :-1], sums[:, -1:]) / (hits.area_km2 / hits.total_km2)
    return _intervals(drawn, level)


def _intervals(drawn: FloatArray, level: float) -> list[Interval]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return [Interval(float(a), float(b), level) for a, b in zip(low, high, strict=True)]


@dataclass(frozen=True)
class Comparison:
    """One model against another over the same rounds.

    Parameters
    ----------
    against
        Name of the other, as ``count 104 weeks``.
    against_zh
        The same in Chinese.
    share
        Of the area.
    difference
        PAI of the model less that of the other.
    interval
        Of the difference; None where there are too few rounds for one.
    comparisons
        For how many comparisons the interval is widened (Bonferroni).
    """

    against: str
    against_zh: str
    share: float
    difference: float
    interval: Interval | None
    comparisons: int = 1

    @property
    def better(self) -> bool:
        """The whole interval lies above zero."""
        return self.interval is not None and self.interval.low > 0

    @property
    def worse(self) -> bool:
        """The whole interval lies below zero."""
        return self.interval is not None and self.interval.high < 0


def compare(
    mine: Hits,
    other: Hits,
    *,
    against: tuple[str, str],
    block: int,
    rng: np.random.Generator,
    draws: int = DRAWS,
    level: float = LEVEL,
    comparisons: int = 1,
) -> list[Comparison]:
    """Paired difference of PAI at each share of the area.

    Parameters
    ----------
    against
        Name of the other model in Chinese and in English.
    block
        Rounds in a block: 13 weeks of them.
    comparisons
        How many comparisons are read together: each interval is that of ``1 - (1 - level) / comparisons`` (Bonferroni).

    Raises
    ------
    ShapeError
        The two were not scored over the same rounds and shares.
    InputError
        A level outside (0, 1), or fewer than one comparison.
    """
    if mine.hits.shape != other.hits.shape or not np.array_equal(mine.n, other.n):
        raise ShapeError(
            zh="两个模型不是在同样的轮次上评分的。",
            en="The two models were not scored over the same rounds and shares.",
        )
    if not 0 < level < 1 or comparisons < 1:
        raise InputError(
            zh=f"置信水平 {level:g} 应在 0 与 1 之间,比较次数 {comparisons} 至少为 1。",
            en=f"The level {level:g} must lie between 0 and 1, and there must be one comparison or more, not {comparisons}.",
        )
    wide = 1 - (1 - level) / comparisons
    difference = mine.pai() - other.pai()
    intervals: list[Interval | None] = [None] * len(difference)
    if enough_rounds(len(mine.n), block) and mine.n.sum() > 0:
        sums = block_sums(np.column_stack([mine.hits - other.hits, mine.n]), block=block, draws=draws, rng=rng)
        intervals = list(_intervals(ratio(sums[:, :-1], sums[:, -1:]) / (mine.area_km2 / mine.total_km2), wide))
    return [
        Comparison(against[1], against[0], float(share), float(gap), interval, comparisons)
        for share, gap, interval in zip(mine.shares, difference, intervals, strict=True)
    ]
