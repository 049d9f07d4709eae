"""Mixtures: many decays by many bandwidths with weights learnt by likelihood, and a decayed count that borrows from others.

Both stand on the decayed counts of ``counts.py``. Weights are learnt from what lies before a cutoff and from nothing else.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast.counts import decayed_by_cell, decayed_rate, positive
from gis.forecast.ground import Cells
from gis.forecast.history import History
from gis.forecast.model import Model
from gis.forecast.smoothing import at_places, check_bandwidth, neighbour_weights, on_cells

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_STEPS = 200
_LEAST_WEEKS = 8


@dataclass(frozen=True)
class MixtureModel(Model):
    """A sum of decayed counts, several decays by several bandwidths, and an even part, weighted by likelihood.

    Parameters
    ----------
    days
        Ages at which an incident counts 1/e.
    bandwidths_m
        Standard deviations of the kernels.
    learn_weeks
        Weeks before the cutoff whose incidents the weights are learnt from.
    weights
        Shape (days * bandwidths + 1,), what was learnt, the even part last; empty before.

    Raises
    ------
    InputError
        A decay that is not above zero, a bandwidth below zero, or no week to learn from.

    Notes
    -----
    Mixture of Poisson rates by expectation and maximisation from equal weights, 200 steps; stopping there keeps weights
    from leaning on one component alone. With fewer than eight weeks to learn from, all weights are equal.
    """

    key: ClassVar[str] = "mixture"
    name_zh: ClassVar[str] = "衰减与带宽混合"
    name_en: ClassVar[str] = "mixture of decays and bandwidths"
    source: ClassVar[str] = "Mohler 2014, International Journal of Forecasting 30(3); Dempster, Laird & Rubin 1977"

    days: tuple[float, ...] = (30.0, 90.0, 365.0, 1460.0, 5000.0)
    bandwidths_m: tuple[float, ...] = (0.0, 100.0, 250.0)
    learn_weeks: int = 104
    weights: tuple[float, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.days or not self.bandwidths_m:
            raise InputError(
                zh="混合模型至少需要一个衰减天数和一个带宽。",
                en="A mixture needs one decay and one bandwidth at least.",
            )
        for each in (*self.days, self.learn_weeks):
            positive("days", each)
        for each in self.bandwidths_m:
            check_bandwidth(each)

    def fit(self, history: History, cells: Cells, until: float) -> Self:
        """The mixture with weights learnt from the weeks before a civil day."""
        mine = history.mine
        first = history.day[mine][0] if mine.any() else until
        weeks = min(self.learn_weeks, int((until - first) // 7) - _LEAST_WEEKS)
        equal = np.full(len(self.days) * len(self.bandwidths_m) + 1, 1.0)
        if weeks < _LEAST_WEEKS:
            return replace(self, weights=tuple((equal / len(equal)).tolist()))
        starts = until - 7.0 * np.arange(weeks, 0, -1, dtype=np.float64)
        week, cell, count = _happened(history, cells, starts)
        rates, totals = self._components(history, cells, starts, week, cell)
        return replace(self, weights=tuple(poisson_weights(rates, totals, count).tolist()))

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell, from what came before each cutoff; shape (cutoffs, cells)."""
        learnt = self if self.weights else self.fit(history.before(float(cutoffs[0])), cells, float(cutoffs[0]))
        weights = np.array(learnt.weights)
        sums = [decayed_by_cell(history, cells, cutoffs, efold) for efold in self.days]
        found = np.zeros((len(cutoffs), len(cells)))
        for b, bandwidth in enumerate(self.bandwidths_m):
            weighted = sum(
                w * each for w, each in zip(weights[:-1].reshape(len(self.days), -1)[:, b], sums, strict=True)
            )
            found += on_cells(np.asarray(weighted), neighbour_weights(cells, bandwidth))
        level = sums[-1].sum(axis=1, keepdims=True) * cells.area_km2 / cells.total_km2
        return found + weights[-1] * level

    def _components(
        self, history: History, cells: Cells, starts: FloatArray, week: IntArray, cell: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """A week's rate of each component where incidents happened, shape (k, components), and over all weeks and cells."""
        rates, totals = [], []
        sums = [decayed_by_cell(history, cells, starts, efold) for efold in self.days]
        near = [neighbour_weights(cells, bandwidth) for bandwidth in self.bandwidths_m]
        for by_cell in sums:
            for weights in near:
                rates.append(7.0 * at_places(by_cell, weights, week, cell))
                totals.append(7.0 * by_cell.sum())
        level = 7.0 * sums[-1].sum(axis=1)
        rates.append(level[week] * (cells.area_km2 / cells.total_km2)[cell])
        totals.append(level.sum())
        return np.column_stack(rates), np.array(totals)


def poisson_weights(rates: FloatArray, totals: FloatArray, count: FloatArray, *, steps: int = _STEPS) -> FloatArray:
    """Weights under which a sum of Poisson rates makes what happened most likely.

    Parameters
    ----------
    rates
        Shape (k, components), rate of each component where something happened.
    totals
        Shape (components,), each component's rate over all places and times.
    count
        Shape (k,), how many incidents happened there.

    Returns
    -------
    weights
        Shape (components,), none below zero; together they expect as many incidents as there were.
    """
    weights = np.full(len(totals), count.sum() / max(float(totals.sum()), 1e-300))
    for _ in range(steps):
        whole = rates @ weights
        weights = weights * (count / np.where(whole > 0, whole, np.inf) @ rates) / np.where(totals > 0, totals, np.inf)
    return weights


def _happened(history: History, cells: Cells, starts: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Weeks and cells with incidents, and how many."""
    mine = history.mine
    day, cell = history.day[mine], cells.assign(history.sites)[history.site[mine]]
    week = np.searchsorted(starts, day, side="right") - 1
    held = (week >= 0) & (cell >= 0) & (day < starts[-1] + 7.0)
    flat, count = np.unique(week[held] * len(cells) + cell[held], return_counts=True)
    return flat // len(cells), flat % len(cells), count.astype(np.float64)


@dataclass(frozen=True)
class BlendModel(Model):
    """A decayed count with a part of all categories together and a part of the last weeks.

    Parameters
    ----------
    days, bandwidth_m
        Of the category's own decayed count.
    pooled, pooled_days
        Weight of all categories' decayed count beside the own one's 1, and its decay.
    recent, recent_days, recent_bandwidth_m
        Weight, decay and kernel of the term of the last weeks.

    Raises
    ------
    InputError
        A decay that is not above zero, a weight or a bandwidth below zero.
    """

    key: ClassVar[str] = "blend"
    name_zh: ClassVar[str] = "衰减计数加全类别与近期项"
    name_en: ClassVar[str] = "decayed count with all categories and a recent term"
    source: ClassVar[str] = "Bowers, Johnson & Pease 2004, British Journal of Criminology 44(5)"

    days: float = 730.0
    bandwidth_m: float = 100.0
    pooled: float = 0.1
    pooled_days: float = 365.0
    recent: float = 0.06
    recent_days: float = 60.0
    recent_bandwidth_m: float = 150.0

    def __post_init__(self) -> None:
        for name in ("days", "pooled_days", "recent_days"):
            positive(name, getattr(self, name))
        for name in ("bandwidth_m", "recent_bandwidth_m", "pooled", "recent"):
            if not 0 <= getattr(self, name) < np.inf:
                raise InputError(zh=f"参数 {name} 不能小于零。", en=f"The setting {name} must not be below zero.")

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell, from what came before each cutoff; shape (cutoffs, cells)."""
        own = decayed_rate(history, cells, cutoffs, self.days, self.bandwidth_m)
        level = own.sum(axis=1, keepdims=True)
        parts = [(1.0, own)]
        if self.pooled > 0:
            parts.append((self.pooled, decayed_rate(history.of(""), cells, cutoffs, self.pooled_days, 0.0)))
        if self.recent > 0:
            parts.append(
                (self.recent, decayed_rate(history, cells, cutoffs, self.recent_days, self.recent_bandwidth_m))
            )
        found, weight = np.zeros_like(own), np.zeros_like(level)
        for part, rate in parts:
            total = rate.sum(axis=1, keepdims=True)
            found += part * rate / np.where(total > 0, total, 1.0)
            weight += part * (total > 0)
        return np.asarray(level * found / np.where(weight > 0, weight, 1.0))
