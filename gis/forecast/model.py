"""What every model of a forecast offers: incidents per day in each cell, from what was known before a moment.

A model is its settings and nothing else; what it learns it learns from the history it is handed, and never looks past the
cutoff. Which model is used is decided elsewhere.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast.ground import Cells
from gis.forecast.history import History
from gis.forecast.period import Period, share_of_week, week_shares

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Model(ABC):
    """A way to expect incidents. Subclasses hold their settings as fields."""

    key: ClassVar[str]
    name_zh: ClassVar[str]
    name_en: ClassVar[str]
    source: ClassVar[str]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name, plain values; what was learnt is not among them."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.repr}

    def fit(self, history: History, cells: Cells, until: float) -> Self:  # noqa: ARG002
        """The model with what it learns once, from incidents before a civil day; the model itself where that is nothing."""
        return self

    @abstractmethod
    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell, from incidents before each cutoff; shape (cutoffs, cells).

        Parameters
        ----------
        cutoffs
            Shape (k,), civil days, rising.
        """

    def expected(self, history: History, cells: Cells, period: Period, *, delay_days: float = 0.0) -> FloatArray:
        """Incidents expected in each cell during a period; shape (n,), never below zero and never NaN.

        Parameters
        ----------
        delay_days
            Incidents become known so many days after they happened; younger ones are not used.

        Raises
        ------
        InputError
            The delay is below zero, or nothing is known before the period.

        Notes
        -----
        The rate of a week, times the share of the week's incidents that fell into these hours of these weekdays.
        """
        check_delay(delay_days)
        cutoff = period.start - delay_days
        known = history.before(cutoff)
        check_history(known, cells)
        return self.in_rounds(known, cells, np.array([cutoff]), np.array([period.start]), period.days)[0]

    def in_rounds(
        self, history: History, cells: Cells, cutoffs: FloatArray, starts: FloatArray, days: float
    ) -> FloatArray:
        """Incidents expected in each cell in rounds of one length; shape (cutoffs, cells).

        What is learnt once, and the shares of hours and weekdays, are learnt from before the first cutoff.

        Parameters
        ----------
        cutoffs, starts
            Shape (k,), civil days, rising: what is known, and when each round starts.
        days
            Length of a round.
        """
        past = history.before(float(cutoffs[0]))
        rate = self.fit(past, cells, float(cutoffs[0])).panel(history, cells, cutoffs)
        if days == 7.0:
            return np.asarray(7.0 * rate)
        shares = week_shares(past)
        return np.asarray(rate * np.array([[7.0 * share_of_week(shares, float(start), days)] for start in starts]))


def check_delay(delay_days: float) -> None:
    """Refuse a reporting delay below zero."""
    if not 0 <= delay_days < np.inf:
        raise InputError(
            zh=f"报告延迟 {delay_days:g} 天不可用,应为 0 或正数。",
            en=f"A reporting delay of {delay_days:g} days is not 0 or above.",
        )


def check_history(history: History, cells: Cells) -> None:
    """Refuse a history without an incident of the asked category inside the cells."""
    mine = history.site[history.mine]
    if len(mine) == 0 or not (cells.assign(history.sites[np.unique(mine)]) >= 0).any():
        what = f"“{history.focus}”类" if history.focus else ""
        kind = f" of '{history.focus}'" if history.focus else ""
        raise InputError(
            zh=f"预测时段之前,区域内没有{what}历史事件,无法预测。",
            en=f"There is no incident{kind} inside the cells before the period; nothing can be forecast.",
        )
