"""A self-exciting process: a slow background, and incidents that bring others near them for a while.

Background and trigger are separated by expectation and maximisation on what lies before a cutoff. It says where one
incident tends to follow another, never who is behind either.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from gis.forecast import _kernels
from gis.forecast.counts import decayed_rate, positive
from gis.forecast.ground import Cells
from gis.forecast.history import History
from gis.forecast.model import Model
from gis.forecast.smoothing import check_bandwidth

FloatArray = npt.NDArray[np.float64]

_STEPS = 60
_QUICKEST, _SLOWEST = 1.0, 180.0
"""Days within which the trigger's decay is kept: what is reported within the hour is one matter, not two."""

_LEAST_INCIDENTS = 50


@dataclass(frozen=True)
class SelfExcitingModel(Model):
    """A decayed background and an exponential trigger within the cell.

    Parameters
    ----------
    background_days, bandwidth_m
        Decay and kernel of the background.
    learn_weeks
        Weeks before the cutoff that trigger and background are told apart on.
    learnt
        Background's factor, incidents that each brings, days of the trigger; empty before.

    Raises
    ------
    InputError
        A decay that is not above zero, or a bandwidth below zero.

    Notes
    -----
    Mohler et al. (2011), with the background of Mohler et al. (2015): rate = m * background + sum of theta * exp(-age / d) / d
    over the cell's own incidents. Fewer than 50 incidents to learn from leave the background alone.
    """

    key: ClassVar[str] = "self_exciting"
    name_zh: ClassVar[str] = "自激点过程"
    name_en: ClassVar[str] = "self-exciting process"
    source: ClassVar[str] = "Mohler et al. 2011, Journal of the American Statistical Association 106(493)"

    background_days: float = 730.0
    bandwidth_m: float = 100.0
    learn_weeks: int = 104
    learnt: tuple[float, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        positive("background_days", self.background_days)
        positive("learn_weeks", self.learn_weeks)
        check_bandwidth(self.bandwidth_m)

    def fit(self, history: History, cells: Cells, until: float) -> Self:
        """The process with background and trigger told apart on the weeks before a civil day."""
        cell = cells.assign(history.sites)[history.site]
        mine = history.mine & (cell >= 0)
        day, cell = history.day[mine], cell[mine]
        first = max(until - 7.0 * self.learn_weeks, (day[0] if len(day) else until) + 56.0)
        weeks = int((until - first) // 7)
        late = day >= until - 7.0 * weeks
        if weeks < 1 or late.sum() < _LEAST_INCIDENTS:
            return replace(self, learnt=(1.0, 0.0, 14.0))
        starts = until - 7.0 * np.arange(weeks, 0, -1, dtype=np.float64)
        slow = decayed_rate(history, cells, starts, self.background_days, self.bandwidth_m)
        week = np.minimum(np.searchsorted(starts, day[late], side="right") - 1, weeks - 1)
        background, mass = slow[week, cell[late]], 7.0 * float(slow.sum())
        return replace(self, learnt=_told_apart(day, cell, late, background, mass, until, len(cells)))

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell over the week after each cutoff; shape (cutoffs, cells)."""
        learnt = self if self.learnt else self.fit(history.before(float(cutoffs[0])), cells, float(cutoffs[0]))
        level, brings, decay = learnt.learnt
        slow = decayed_rate(history, cells, cutoffs, self.background_days, self.bandwidth_m)
        cell = cells.assign(history.sites)[history.site]
        mine = history.mine & (cell >= 0)
        recent = _kernels.decayed_sums(history.day[mine], cell[mine], len(cells), cutoffs, decay)
        # Mean of exp(-age / d) / d over the seven days after the cutoff.
        return np.asarray(level * slow + brings * recent * -np.expm1(-7.0 / decay) / 7.0)


def _told_apart(
    day: FloatArray,
    cell: npt.NDArray[np.int64],
    late: npt.NDArray[np.bool_],
    background: FloatArray,
    mass: float,
    until: float,
    cells: int,
) -> tuple[float, float, float]:
    """Background's factor, incidents that each brings, and days of the trigger, by expectation and maximisation."""
    level, brings, decay, since = 0.9, 0.1, 14.0, float(day[late][0])
    for _ in range(_STEPS):
        near, lag = _kernels.trigger_sums(day, cell, cells, decay)
        near, lag = near[late] / decay, lag[late] / decay
        whole = level * background + brings * near
        safe = np.where(whole > 0, whole, np.inf)
        triggered = brings * near / safe
        level = float((level * background / safe).sum() / mass) if mass > 0 else 0.0
        # How much of each incident's trigger falls between the start of the weeks and the cutoff.
        reach = np.exp(-np.maximum(since - day, 0.0) / decay) - np.exp(-(until - day) / decay)
        brings = float(triggered.sum() / max(float(reach.sum()), 1e-9))
        mean_lag = float((brings * lag / safe).sum() / max(float(triggered.sum()), 1e-9))
        decay = float(np.clip(mean_lag, _QUICKEST, _SLOWEST))
    return level, brings, decay
