"""Which incidents a reader asks for: period, hours, weekdays, categories, sources, area.

It selects rows of the ``incidents`` table and never changes them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.divisions import is_within
from gis.errors import FilterError


@dataclass(frozen=True)
class IncidentFilter:
    """A question to the incidents; an empty field asks for everything.

    Parameters
    ----------
    since, until
        Half-open period ``[since, until)``; both must know their zone.
    categories, sources, found_by
        Codes to keep.
    area
        Code of an area of the tree; incidents located inside it are kept.
    hours
        Local hours of day, 0 to 23; an incident of which only the day is known answers no hour.
    weekdays
        Local weekdays, 0 is Monday.

    Raises
    ------
    FilterError
        The period ends before it starts, a time has no zone, or an hour or weekday is out of range.
    """

    since: datetime | None = None
    until: datetime | None = None
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    area: str = ""
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if any(moment is not None and moment.tzinfo is None for moment in (self.since, self.until)):
            raise FilterError(zh="时间范围必须带时区。", en="A period must state its time zone.")
        if self.since is not None and self.until is not None and self.until <= self.since:
            start, end = f"{self.since:%Y-%m-%d %H:%M}", f"{self.until:%Y-%m-%d %H:%M}"
            raise FilterError(
                zh=f"结束时间 {end} 不晚于开始时间 {start}。",
                en=f"The period ends ({end}) no later than it starts ({start}).",
            )
        if any(not 0 <= hour <= 23 for hour in self.hours) or any(not 0 <= day <= 6 for day in self.weekdays):
            raise FilterError(
                zh="小时应为 0-23,星期应为 0-6(0 为周一)。", en="Hours run 0-23, weekdays 0-6 (0 is Monday)."
            )

    def within(self, area: str) -> "IncidentFilter":
        """The same question, asked of one area."""
        return replace(self, area=area)

    def mask(self, incidents: pd.DataFrame, zone: str) -> npt.NDArray[np.bool_]:
        """Which rows answer the question.

        Parameters
        ----------
        incidents
            The ``incidents`` table, located (columns ``grid`` to ``district``) if an area is asked for.
        zone
            The district's zone, in which hours and weekdays are meant.

        Returns
        -------
        mask
            Shape (n,), in row order.
        """
        keep = np.ones(len(incidents), dtype=bool)
        occurred = incidents["occurred_at"]
        if self.since is not None:
            keep &= (occurred >= self.since).to_numpy()
        if self.until is not None:
            keep &= (occurred < self.until).to_numpy()
        for column, wanted in (("category", self.categories), ("source", self.sources), ("found_by", self.found_by)):
            if wanted:
                keep &= incidents[column].isin(wanted).to_numpy()
        if self.hours or self.weekdays:
            local = occurred.dt.tz_convert(ZoneInfo(zone)).dt
            if self.hours:
                keep &= local.hour.isin(self.hours).to_numpy()
                if "time_precision" in incidents:
                    keep &= (incidents["time_precision"] != "day").to_numpy()
            if self.weekdays:
                keep &= local.day_of_week.isin(self.weekdays).to_numpy()
        if self.area:
            keep &= self._in_area(incidents)
        return keep

    def _in_area(self, incidents: pd.DataFrame) -> npt.NDArray[np.bool_]:
        inside = np.zeros(len(incidents), dtype=bool)
        for level in ("grid", "community", "street", "district"):
            codes = incidents[level]
            wanted = [code for code in codes.unique() if code and is_within(code, self.area)]
            inside |= codes.isin(wanted).to_numpy()
        return inside
