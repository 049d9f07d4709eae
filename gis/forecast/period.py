"""The time a forecast is for: a shift, a day or a week, and its share of the week's incidents.

Times are civil times of the district: a night shift is the hours on its clocks. It learns no places.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast.history import EPOCH, History, civil_days

FloatArray = npt.NDArray[np.float64]
PeriodKind = Literal["shift", "day", "week"]

_LONGEST = {"shift": 1.0, "day": 1.0, "week": 7.0}
_PRIOR = 2.0
"""Incidents to a weekday-hour that weigh as much as what its weekday and its hour say on their own."""


@dataclass(frozen=True)
class Period:
    """What is forecast: ``[since, until)`` on the clocks of the district.

    Parameters
    ----------
    kind
        ``shift`` (at most a day), ``day`` or ``week``.
    since, until
        Both must know their zone, the district's own.

    Raises
    ------
    InputError
        An unknown kind, a time without zone, an end no later than its start, or a longer period than its kind.
    """

    kind: PeriodKind
    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.kind not in _LONGEST:
            raise InputError(
                zh=f"没有名为“{self.kind}”的预测时段;可选 shift、day、week。",
                en=f"There is no period '{self.kind}'; take shift, day or week.",
            )
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise InputError(zh="预测时段必须带时区。", en="The period of a forecast must state its time zone.")
        if not 0 < self.days <= _LONGEST[self.kind] + 1e-9:
            raise InputError(
                zh=f"预测时段({self.kind})长 {self.days:g} 天,应大于 0、不超过 {_LONGEST[self.kind]:g} 天。",
                en=f"The period ({self.kind}) lasts {self.days:g} days; it must last more than 0 and at most {_LONGEST[self.kind]:g}.",
            )

    @classmethod
    def starting(cls, kind: PeriodKind, since: datetime, *, hours: float = 8.0) -> "Period":
        """The shift of so many hours, the day or the week that starts at a moment."""
        length = {"shift": timedelta(hours=hours), "day": timedelta(days=1), "week": timedelta(days=7)}
        return cls(kind, since, since + length.get(kind, timedelta(days=1)))

    @property
    def start(self) -> float:
        """Its start in civil days since 1970-01-01."""
        return civil_days(self.since)

    @property
    def days(self) -> float:
        """Its length in civil days."""
        return civil_days(self.until) - civil_days(self.since)


def week_shares(history: History) -> FloatArray:
    """Share of a week's incidents in each hour of each weekday, sum 1; shape (7, 24), Monday first.

    Shrunk: what a weekday and an hour say on their own (their product, each with one incident to an hour added) weighs as
    much as two incidents of that very hour of that very weekday. Incidents without a known hour are left out; without any,
    all hours are alike.
    """
    mine = history.mine & history.timed
    seen = np.zeros((7, 24))
    hour = np.floor(history.day[mine] * 24.0 + 1e-6).astype(np.int64)
    np.add.at(seen, ((hour // 24 + EPOCH.weekday()) % 7, hour % 24), 1.0)
    weekday = (seen.sum(axis=1) + 24.0) / (seen.sum() + 168.0)
    of_day = (seen.sum(axis=0) + 7.0) / (seen.sum() + 168.0)
    expected = np.outer(weekday, of_day)
    return np.asarray((seen + _PRIOR * 168.0 * expected) / (seen.sum() + _PRIOR * 168.0))


def share_of_week(shares: FloatArray, start: float, days: float) -> float:
    """The part of a week's incidents that a period holds, from shares by weekday and hour.

    Parameters
    ----------
    shares
        Shape (7, 24), sum 1.
    start, days
        Start in civil days since 1970-01-01, and length; hours cut by the period count by the part inside it.
    """
    first, last = start * 24.0, (start + days) * 24.0
    hour = np.arange(np.floor(first), np.ceil(last))
    part = np.clip(np.minimum(hour + 1, last) - np.maximum(hour, first), 0.0, 1.0)
    whole = hour.astype(np.int64)
    return float((shares[(whole // 24 + EPOCH.weekday()) % 7, whole % 24] * part).sum())
