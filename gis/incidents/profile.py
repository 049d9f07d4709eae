"""When incidents happen: counts by day, week or month, and by hour of the week, each with its time at risk.

It counts rows of the ``incidents`` table in the district's zone and never decides which rows to count.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import ShapeError
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Bin = Literal["day", "week", "month"]

DAYS_UP_TO = 120
"""Periods up to so many days are counted by day: more bars than that can no longer be told apart."""

WEEKS_UP_TO = 1130
"""Periods up to so many days (three years and a month) are counted by week, longer ones by month."""

_QUARTER = timedelta(minutes=15)
"""Every offset from UTC in use today is a multiple of it, so that no quarter of an hour lies in two local hours."""


@dataclass(frozen=True, eq=False)
class Trend:
    """Counts of a period by day, week (from Monday) or month.

    Parameters
    ----------
    bin
        ``day``, ``week`` or ``month``.
    first, last
        Local days of each bin, both included, cut at the ends of the period.
    count
        Shape (bins,), incidents.
    days
        Shape (bins,), length of each bin inside the period in days of 24 hours; the first and the last may be short.
    whole
        Shape (bins,), whether the period covers the bin from end to end.
    """

    bin: Bin
    first: tuple[date, ...]
    last: tuple[date, ...]
    count: IntArray
    days: FloatArray
    whole: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class HourMatrix:
    """Counts by weekday and hour of day.

    Parameters
    ----------
    count
        Shape (7, 24), incidents; row 0 is Monday, column 0 the hour from midnight.
    slots
        Shape (7, 24), how often each hour of the week occurs in the period; an hour cut by an end counts as its part.
    day_only
        Incidents left out because only their day is known.
    """

    count: IntArray
    slots: FloatArray
    day_only: int

    @property
    def rate(self) -> FloatArray:
        """Shape (7, 24), incidents per hour; NaN where the period has no such hour."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.slots > 0, self.count / self.slots, np.nan)


def bin_for(since: datetime, until: datetime) -> Bin:
    """The bin that shows a period in at most about 160 bars, as far as months allow."""
    days = (until - since) / timedelta(days=1)
    if days <= DAYS_UP_TO:
        return "day"
    return "week" if days <= WEEKS_UP_TO else "month"


def trend(
    occurred_at: "pd.Series[pd.Timestamp]",
    *,
    since: datetime,
    until: datetime,
    zone: str,
    by: Bin | None = None,
    counts: IntArray | None = None,
) -> Trend:
    """Count incidents by local day, week or month over a period.

    Parameters
    ----------
    occurred_at
        UTC times; those outside the period are not counted.
    counts
        Shape (n,), how many incidents each time stands for; 1 by default.
    since, until
        Half-open period with a zone.
    zone
        The zone in which days begin and end; a day at a change of clocks has 23 or 25 hours.
    by
        The bin; chosen by the length of the period if not told.

    Raises
    ------
    ShapeError
        The period has no length.

    Notes
    -----
    Bins without incidents stand in the answer with a count of 0.
    """
    _check_period(since, until)
    local = ZoneInfo(zone)
    by = by or bin_for(since, until)
    starts = _bin_starts(since.astimezone(local).date(), _last_day(until, local), by)
    edges = _midnights(starts, zone)
    kept = ((occurred_at >= since) & (occurred_at < until)).to_numpy()
    position = np.searchsorted(edges, _microseconds(occurred_at[kept]), side="right") - 1
    weight = None if counts is None else counts[kept]
    low, high = _micros(since), _micros(until)
    inside = np.minimum(edges[1:], high) - np.maximum(edges[:-1], low)
    first = (since.astimezone(local).date(), *starts[1:-1])
    last = (*(start - timedelta(days=1) for start in starts[1:-1]), _last_day(until, local))
    return Trend(
        bin=by,
        first=first,
        last=last,
        count=np.bincount(position, weight, minlength=len(starts) - 1).astype(np.int64),
        days=inside / 86_400e6,
        whole=inside == np.diff(edges),
    )


def hour_matrix(incidents: pd.DataFrame, *, since: datetime, until: datetime, zone: str) -> HourMatrix:
    """Count incidents by local weekday and hour, beside the number of such hours in the period.

    Parameters
    ----------
    incidents
        Columns ``occurred_at`` (UTC) and ``time_precision``; rows outside the period are not counted.
    since, until
        Half-open period with a zone.
    zone
        The zone in which hours and weekdays are meant.

    Raises
    ------
    ColumnError
        A column is missing.
    ShapeError
        The period has no length.

    Notes
    -----
    Incidents known to the day only would all fall on midnight; they are left out and told in ``day_only``. An incident
    with an interval counts at the start of it.
    """
    require_columns(incidents, ["occurred_at", "time_precision"], layer="incidents")
    _check_period(since, until)
    occurred = incidents["occurred_at"]
    kept = ((occurred >= since) & (occurred < until)).to_numpy()
    dated = kept & (incidents["time_precision"] == "day").to_numpy()
    local = occurred[kept & ~dated].dt.tz_convert(zone).dt
    slot = local.day_of_week.to_numpy() * 24 + local.hour.to_numpy()
    return HourMatrix(
        count=np.bincount(slot.astype(np.int64), minlength=168).astype(np.int64).reshape(7, 24),
        slots=week_hours(since, until, zone=zone),
        day_only=int(dated.sum()),
    )


def week_hours(since: datetime, until: datetime, *, zone: str) -> FloatArray:
    """How often each hour of the week occurs in a half-open period, parts of hours included; shape (7, 24).

    Notes
    -----
    At a change of clocks one hour of the week is missed or comes twice, and is counted so. Time grows with the length
    of the period: three years take a few milliseconds.
    """
    low, high = _micros(since), _micros(until)
    step = int(_QUARTER / timedelta(microseconds=1))
    starts = np.arange(low // step * step, high, step)
    inside = np.minimum(starts + step, high) - np.maximum(starts, low)
    local = pd.DatetimeIndex(starts.astype("datetime64[us]"), tz="UTC").tz_convert(zone)
    slot = np.asarray(local.day_of_week) * 24 + np.asarray(local.hour)
    return np.bincount(slot, weights=inside / 3600e6, minlength=168).astype(np.float64).reshape(7, 24)


def exposure_days(
    since: datetime, until: datetime, *, zone: str, hours: tuple[int, ...] = (), weekdays: tuple[int, ...] = ()
) -> float:
    """Length of a period in days, only the asked weekdays and hours counted; a day of two asked hours is one day.

    Parameters
    ----------
    hours, weekdays
        Local hours and weekdays that are asked for; empty for all.
    """
    if not hours and not weekdays:
        return (until - since) / timedelta(days=1)
    asked_hours, asked_days = sorted(set(hours) or range(24)), sorted(set(weekdays) or range(7))
    slots = week_hours(since, until, zone=zone)
    return float(slots[np.ix_(asked_days, asked_hours)].sum() / len(asked_hours))


def totals(codes: "pd.Series[str]") -> "pd.Series[int]":
    """Counts by code, most frequent first; codes of equal count in order of the alphabet."""
    counts = codes.value_counts().rename_axis("code").reset_index(name="count")
    ordered = counts.sort_values(["count", "code"], ascending=[False, True])
    return ordered.set_index("code")["count"]


def _check_period(since: datetime, until: datetime) -> None:
    if until <= since:
        raise ShapeError(zh=f"时段 {since} 至 {until} 没有长度。", en=f"The period {since} to {until} has no length.")


def _micros(moment: datetime) -> int:
    return int(pd.Timestamp(moment).tz_convert("UTC").as_unit("us").asm8.astype(np.int64))


def _last_day(until: datetime, local: ZoneInfo) -> date:
    return (until - timedelta(microseconds=1)).astimezone(local).date()


def _microseconds(moments: "pd.Series[pd.Timestamp]") -> IntArray:
    """Times as microseconds since 1970."""
    return np.asarray(moments.dt.as_unit("us").astype("int64"), dtype=np.int64)


def _bin_starts(first: date, last: date, by: Bin) -> list[date]:
    """First day of every bin that the days touch, and the first day after them."""
    if by == "month":
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + 1)
        return [date(month // 12, month % 12 + 1, 1) for month in months]
    step = 7 if by == "week" else 1
    start = first - timedelta(days=first.weekday() if by == "week" else 0)
    bins = (last - start).days // step + 1
    return [start + timedelta(days=step * each) for each in range(bins + 1)]


def _midnights(days: list[date], zone: str) -> IntArray:
    """Local midnights as microseconds since 1970; where clocks skip midnight, the first moment of the day."""
    naive = pd.DatetimeIndex(np.array(days, dtype="datetime64[us]"))
    local = naive.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(naive), dtype=bool))
    return np.asarray(local.tz_convert("UTC").tz_localize(None).as_unit("us")).astype(np.int64)
