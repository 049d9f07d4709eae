"""The plain baselines: counts of the last weeks, a kernel over them, and a slowly decayed count.

The decayed count (730 days, 100 m) is the default and the one to beat: in two cities it beat the count of 104 weeks.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast import _kernels
from gis.forecast.ground import Cells
from gis.forecast.history import History
from gis.forecast.model import Model
from gis.forecast.smoothing import check_bandwidth, neighbour_weights, on_cells, site_weights

FloatArray = npt.NDArray[np.float64]

_MOST_KEPT = 400_000_000
"""Bytes of decayed counts that a choice keeps at most; beyond them each is made again."""


def positive(name: str, value: float) -> None:
    """Refuse a setting that must be above zero."""
    if not 0 < value < np.inf:
        raise InputError(
            zh=f"参数 {name} = {value:g} 应大于零。", en=f"The setting {name} = {value:g} must be above zero."
        )


def reached(history: History, cutoffs: FloatArray, days: float) -> FloatArray:
    """How many of the last ``days`` the history covers at each cutoff, at least one; shape (cutoffs,)."""
    first = history.day[0] if len(history.day) else np.inf
    return np.clip(cutoffs - first, 1.0, days)


def windowed_rate(history: History, cells: Cells, cutoffs: FloatArray, days: float, bandwidth_m: float) -> FloatArray:
    """Incidents per day over the last ``days`` before each cutoff; shape (cutoffs, cells)."""
    mine = history.mine
    by_site = _kernels.counted_sums(history.day[mine], history.site[mine], len(history.sites), cutoffs, days)
    return on_cells(by_site, site_weights(history.sites, cells, bandwidth_m)) / reached(history, cutoffs, days)[:, None]


def decayed_rate(history: History, cells: Cells, cutoffs: FloatArray, efold: float, bandwidth_m: float) -> FloatArray:
    """Incidents per day, those ``efold`` days old counting 1/e; shape (cutoffs, cells)."""
    asked = (
        id(cells),
        history.focus,
        float(history.day[0]) if len(history) else 0.0,
        efold,
        bandwidth_m,
        cutoffs.tobytes(),
    )
    if history.kept is not None and asked in history.kept:
        return history.kept[asked]
    by_cell = decayed_by_cell(history, cells, cutoffs, efold)
    found = on_cells(by_cell, neighbour_weights(cells, bandwidth_m)) if bandwidth_m > 0 else by_cell
    if history.kept is not None and found.nbytes * (len(history.kept) + 1) < _MOST_KEPT:
        found.flags.writeable = False
        history.kept[asked] = found
    return found


def decayed_by_cell(history: History, cells: Cells, cutoffs: FloatArray, efold: float) -> FloatArray:
    """The same without a kernel, each incident in its own cell; shape (cutoffs, cells)."""
    cell = cells.assign(history.sites)[history.site]
    mine = history.mine & (cell >= 0)
    sums = _kernels.decayed_sums(history.day[mine], cell[mine], len(cells), cutoffs, efold)
    return np.asarray(sums / decayed_days(history, cutoffs, efold)[:, None])


def decayed_days(history: History, cutoffs: FloatArray, efold: float) -> FloatArray:
    """The decayed length of the history at each cutoff, days; shape (cutoffs,)."""
    return np.asarray(-efold * np.expm1(-reached(history, cutoffs, np.inf) / efold))


@dataclass(frozen=True)
class CountModel(Model):
    """Incidents of the last weeks, each in its own cell.

    Parameters
    ----------
    weeks
        How many weeks count.

    Raises
    ------
    InputError
        No week at all.
    """

    key: ClassVar[str] = "count"
    name_zh: ClassVar[str] = "近期计数"
    name_en: ClassVar[str] = "count of recent weeks"
    source: ClassVar[str] = "Chainey, Tompson & Uhlig 2008, Security Journal 21"

    weeks: float = 104.0

    def __post_init__(self) -> None:
        positive("weeks", self.weeks)

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell, from what came before each cutoff; shape (cutoffs, cells)."""
        return windowed_rate(history, cells, cutoffs, 7.0 * self.weeks, 0.0)


@dataclass(frozen=True)
class KernelModel(Model):
    """Incidents of the last weeks under a Gaussian kernel.

    Parameters
    ----------
    bandwidth_m
        Standard deviation of the kernel; 300 m over 52 weeks is what tools usually offer.
    weeks
        How many weeks count.

    Raises
    ------
    InputError
        A setting that is not above zero.
    """

    key: ClassVar[str] = "kernel"
    name_zh: ClassVar[str] = "核密度"
    name_en: ClassVar[str] = "kernel density"
    source: ClassVar[str] = "Bowers, Johnson & Pease 2004, British Journal of Criminology 44(5)"

    bandwidth_m: float = 300.0
    weeks: float = 52.0

    def __post_init__(self) -> None:
        positive("bandwidth_m", self.bandwidth_m)
        positive("weeks", self.weeks)

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell, from what came before each cutoff; shape (cutoffs, cells)."""
        return windowed_rate(history, cells, cutoffs, 7.0 * self.weeks, self.bandwidth_m)


@dataclass(frozen=True)
class DecayModel(Model):
    """All incidents, old ones counting less, under a narrow Gaussian kernel: the default.

    Parameters
    ----------
    days
        Age at which an incident counts 1/e: 730 for crime, 90 for requests of service.
    bandwidth_m
        Standard deviation of the kernel; 0 counts each incident in its own cell.

    Raises
    ------
    InputError
        A number of days that is not above zero, a bandwidth below zero.
    """

    key: ClassVar[str] = "decay"
    name_zh: ClassVar[str] = "衰减计数"
    name_en: ClassVar[str] = "decayed count"
    source: ClassVar[str] = "Bowers, Johnson & Pease 2004, British Journal of Criminology 44(5)"

    days: float = 730.0
    bandwidth_m: float = 100.0

    def __post_init__(self) -> None:
        positive("days", self.days)
        check_bandwidth(self.bandwidth_m)

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell, from what came before each cutoff; shape (cutoffs, cells)."""
        return decayed_rate(history, cells, cutoffs, self.days, self.bandwidth_m)
