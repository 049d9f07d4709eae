"""Rolling origins: forecast a round, look what happened, move on; nothing after a cutoff is ever seen before it.

A model that learns (weights of a mixture, a self-exciting trigger) learns anew once a year of rounds, from what was known
then. It compares nothing; see ``card.py``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast import _kernels
from gis.forecast.ground import Cells
from gis.forecast.history import History
from gis.forecast.model import Model, check_delay, check_history
from gis.forecast.score import SHARES, Hits, score
from gis.forecast.smoothing import on_cells, site_weights

FloatArray = npt.NDArray[np.float64]

LEARN_DAYS = 364.0
_YEAR = 364.0


@dataclass(frozen=True, eq=False)
class Rounds:
    """Periods of one length that follow each other at one step.

    Parameters
    ----------
    start
        Shape (k,), civil days since 1970-01-01, rising.
    days
        Length of each.
    step_days
        From start to start.
    """

    start: FloatArray
    days: float
    step_days: float

    def __len__(self) -> int:
        return len(self.start)


def rounds_between(since: float, until: float, *, days: float = 7.0, step_days: float = 7.0) -> Rounds:
    """All whole rounds from one civil day to another.

    Raises
    ------
    InputError
        Not one whole round fits, or a length is not above zero, or rounds overlap.
    """
    if not 0 < days <= step_days < np.inf:
        raise InputError(
            zh=f"每轮长 {days:g} 天、间隔 {step_days:g} 天:长度应大于零且不超过间隔。",
            en=f"Rounds of {days:g} days every {step_days:g}: the length must be above zero and at most the step.",
        )
    count = int(np.floor((until - since - days) / step_days + 1e-9)) + 1
    if count < 1:
        raise InputError(
            zh="可用于回测的时间不足一轮,请延长历史数据。",
            en="The time for a backtest is shorter than one round; a longer history is needed.",
        )
    return Rounds(since + step_days * np.arange(count, dtype=np.float64), days, step_days)


def counts_in(history: History, cells: Cells, rounds: Rounds) -> FloatArray:
    """Incidents of each round in each cell; shape (rounds, cells)."""
    mine = history.mine
    day, cell = history.day[mine], cells.assign(history.sites)[history.site[mine]]
    at = np.searchsorted(rounds.start, day, side="right") - 1
    held = (at >= 0) & (cell >= 0)
    held &= day < rounds.start[np.maximum(at, 0)] + rounds.days
    flat = np.bincount(at[held] * len(cells) + cell[held], minlength=len(rounds) * len(cells))
    return flat.reshape(len(rounds), len(cells)).astype(np.float64)


def expected_in(model: Model, history: History, cells: Cells, rounds: Rounds, *, delay_days: float = 0.0) -> FloatArray:
    """What a model expects in each round, from what was known ``delay_days`` before it; shape (rounds, cells).

    Raises
    ------
    InputError
        The delay is below zero, or nothing is known before the first round.
    """
    check_delay(delay_days)
    cutoffs = rounds.start - delay_days
    check_history(history.before(cutoffs[0]), cells)
    found = np.empty((len(rounds), len(cells)))
    block = max(1, round(LEARN_DAYS / rounds.step_days))
    for first in range(0, len(rounds), block):
        some = slice(first, first + block)
        known = history.before(float(cutoffs[some][-1]))
        found[some] = model.in_rounds(known, cells, cutoffs[some], rounds.start[some], rounds.days)
    return found


def backtest(
    model: Model,
    history: History,
    cells: Cells,
    rounds: Rounds,
    *,
    delay_days: float = 0.0,
    shares: npt.ArrayLike = SHARES,
) -> Hits:
    """What a model would have caught in each round.

    Raises
    ------
    InputError
        The delay is below zero, nothing is known before the first round, or a share makes no sense.
    """
    expected = expected_in(model, history, cells, rounds, delay_days=delay_days)
    return score(
        expected, counts_in(history, cells, rounds), year_before(history, cells, rounds, delay_days), cells, shares
    )


def year_before(history: History, cells: Cells, rounds: Rounds, delay_days: float) -> FloatArray:
    """Incidents of the 52 weeks before each cutoff, in each cell; shape (rounds, cells)."""
    mine = history.mine
    by_site = _kernels.counted_sums(
        history.day[mine], history.site[mine], len(history.sites), rounds.start - delay_days, _YEAR
    )
    return on_cells(by_site, site_weights(history.sites, cells, 0.0))
