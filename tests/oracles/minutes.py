"""Clocks as a person with a calendar on the wall would count them: one minute after another, by wall time of China (UTC+8, no summer time)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

OFFICE = [("08:30", "12:00"), ("14:30", "18:00")]
URGENT = [("00:00", "24:00")]
MINUTE = timedelta(minutes=1)

Spans = list[tuple[str, str]]
IsWorking = Callable[[date], bool]


def is_open(minute: datetime, spans: Spans, is_working: IsWorking | None) -> bool:
    """Whether the desk is open in the minute that begins here."""
    clock = f"{minute:%H:%M}"
    return (is_working is None or is_working(minute.date())) and any(a <= clock < b for a, b in spans)


def deadline_by_minutes(
    start: datetime,
    minutes: int,
    spans: Spans,
    is_working: IsWorking | None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> datetime:
    """The end of the minute in which the last counted minute has passed; the start itself where nothing is to be counted."""
    stops, here, left = list(pauses), start, minutes
    while left > 0:
        left -= is_open(here, spans, is_working) and not any(a <= here < b for a, b in stops)
        here += MINUTE
    return here


def elapsed_by_minutes(
    start: datetime,
    now: datetime,
    spans: Spans,
    is_working: IsWorking | None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> int:
    """Counted minutes from start to now."""
    stops, here, count = list(pauses), start, 0
    while here < now:
        count += is_open(here, spans, is_working) and not any(a <= here < b for a, b in stops)
        here += MINUTE
    return count


def working_days_by_minutes(start: datetime, days: int, spans: Spans, is_working: IsWorking) -> datetime:
    """The last open minute's end on the given working day after the day of the start."""
    day, left = start.date(), days
    while left:
        day += timedelta(1)
        left -= is_working(day)
    here = datetime(day.year, day.month, day.day) + timedelta(1)
    while not is_open(here - MINUTE, spans, is_working):
        here -= MINUTE
    return here
