"""The clock of one shift: which reports fell into the same hours of the same kind of day, and wall times as seconds.

The kind of a day is worked or not, by the calendar, so a make-up Saturday is a working day. A shift across midnight
belongs to the day on which it starts. It guesses no hour for a report of which only the day is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.calendar import Calendar, Shift, china_calendar, shift_window
from gis.errors import InputError
from gis.schemas import require_columns

BoolArray = npt.NDArray[np.bool_]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ShiftClock:
    """When one shift takes place.

    Parameters
    ----------
    day
        Local day on which it starts.
    shift
        Its wall times.
    zone
        The district's zone.
    calendar
        Says which days are worked.
    """

    day: date
    shift: Shift
    zone: str = "Asia/Shanghai"
    calendar: Calendar = field(default_factory=china_calendar)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """Start and end, UTC."""
        return shift_window(self.day, self.shift, self.zone)

    @property
    def seconds(self) -> float:
        """Length of the shift."""
        start, end = self.window
        return (end - start).total_seconds()

    @property
    def is_working_day(self) -> bool:
        """Whether the day on which it starts is worked."""
        return self.calendar.is_working_day(self.day)

    def spans(self, since: time, until: time) -> list[tuple[date, float, float]]:
        """The parts of a daily span of wall time that belong to this shift.

        A span belongs to the shift that holds its middle, so that shifts that follow each other share none. One that
        ends no later than it starts runs to the next day.

        Returns
        -------
        spans
            The local day on which the span starts, and begin and end in seconds from shift start, cut to the shift.
        """
        start, _ = self.window
        found = []
        for day in (self.day - _DAY, self.day, self.day + _DAY):
            first, last = shift_window(day, Shift("", "", since, until), self.zone)
            begin, end = ((moment - start).total_seconds() for moment in (first, last))
            if 0 <= (begin + end) / 2 < self.seconds:
                found.append((day, max(begin, 0.0), min(end, self.seconds)))
        return found

    def moments(self, wall: time) -> list[float]:
        """When clocks of the district show a wall time in this shift, both ends included.

        Returns
        -------
        seconds
            From shift start, in order; empty where the shift does not hold the time. Two where the shift lasts a day and
            the time is its start and its end.
        """
        start, _ = self.window
        zone = ZoneInfo(self.zone)
        days = (self.day, self.day + _DAY)
        found = [(datetime.combine(day, wall, zone).astimezone(UTC) - start).total_seconds() for day in days]
        return [second for second in found if 0 <= second <= self.seconds]

    def same_hours(self, occurred_at: pd.Series) -> BoolArray:
        """Which moments fell into the hours of this shift on a day of the same kind.

        Parameters
        ----------
        occurred_at
            With a zone, or UTC.

        Returns
        -------
        same
            Shape (n,), in row order. Start of the shift included, end not.
        """
        moments = pd.to_datetime(occurred_at, utc=True)
        local = moments.dt.tz_convert(ZoneInfo(self.zone))
        second = (local.dt.hour * 3600 + local.dt.minute * 60 + local.dt.second).to_numpy()
        begin, end = (at.hour * 3600 + at.minute * 60 + at.second for at in (self.shift.start, self.shift.end))
        over = end <= begin
        # After midnight a report belongs to the shift that started the day before.
        late = (second < end) if over else np.zeros(len(second), dtype=bool)
        within = ((second >= begin) | late) if over else (second >= begin) & (second < end)
        numbers = (local.dt.tz_localize(None).dt.normalize() - pd.Timestamp(1970, 1, 1)).dt.days.to_numpy() - late
        days, place = np.unique(numbers, return_inverse=True)
        epoch = date(1970, 1, 1)
        alike = [self.calendar.is_working_day(epoch + int(n) * _DAY) == self.is_working_day for n in days]
        return within & np.array(alike, dtype=bool)[place] if len(days) else within


def hour_factors(incidents: pd.DataFrame, codes: Sequence[str], clock: ShiftClock, *, prior: float) -> pd.DataFrame:
    """How much more, or less, each grid has in the hours of a shift than the district has.

    Of the reports that know their minute, a grid has ``same`` of ``timed`` in the same hours on days of the same kind;
    the district has the share p. The grid's share is shrunk to (same + prior x p) / (timed + prior), so that few reports
    say little; the factor is that share over p.

    Parameters
    ----------
    incidents
        ``occurred_at``, ``grid``; where known ``time_precision`` and ``found_by``. What patrol found is passed over, and so
        is what is known by the day or by an interval alone.
    codes
        The grids asked for.
    prior
        Reports of the district's mix added to each grid.

    Returns
    -------
    factors
        Indexed by code: ``same``, ``timed``, ``factor`` (1 everywhere where no report fell into these hours);
        ``attrs`` hold ``same`` and ``timed`` of the district.

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        The prior is negative.
    """
    require_columns(incidents, ["occurred_at", "grid"], layer="incidents")
    if not prior >= 0:
        raise InputError(zh="时段收缩参数不能为负。", en="The prior of hours must not be negative.")
    timed = _told_to_the_minute(incidents)
    known = incidents[timed]
    same = clock.same_hours(known["occurred_at"])
    grid = known["grid"].astype(str)
    table = pd.DataFrame(
        {
            "same": grid[same].value_counts().reindex(list(codes), fill_value=0),
            "timed": grid.value_counts().reindex(list(codes), fill_value=0),
        }
    )
    share = same.mean() if len(same) else 0.0
    weight = table["timed"] + prior
    own = (table["same"] + prior * share) / weight.where(weight > 0, 1.0)
    table["factor"] = (own / share).where(weight > 0, 1.0) if share > 0 else 1.0
    table.attrs.update(same=int(same.sum()), timed=len(known))
    return table


def _told_to_the_minute(incidents: pd.DataFrame) -> BoolArray:
    known = incidents["occurred_at"].notna().to_numpy()
    if "time_precision" in incidents:
        known = known & ~incidents["time_precision"].isin(["day", "interval"]).to_numpy()
    if "found_by" in incidents:
        known = known & (incidents["found_by"] != "patrol").to_numpy()
    return known


def hours_open(clock: ShiftClock, moment: datetime) -> float:
    """Hours from a moment to the start of the shift; 0 for one that lies ahead."""
    return max((clock.window[0] - moment.astimezone(UTC)).total_seconds() / 3600, 0.0)
