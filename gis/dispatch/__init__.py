"""Dispatch: the closed loop from report to archived case: clocks, indicators, masking of free text, intake. Places, never people."""

from gis.dispatch.clock_table import DeadlineTable, deadlines, elapsed_of
from gis.dispatch.clocks import (
    Clock,
    Deadline,
    Limit,
    Pause,
    deadline,
    elapsed,
    level,
    next_level,
    recompute,
    remaining,
    share,
)
from gis.dispatch.limits import LimitTable, load_limits, shipped_limits
from gis.dispatch.working_time import WorkCalendar, load_hours, work_calendar

__all__ = [
    "Clock",
    "Deadline",
    "DeadlineTable",
    "Limit",
    "LimitTable",
    "Pause",
    "WorkCalendar",
    "deadline",
    "deadlines",
    "elapsed",
    "elapsed_of",
    "level",
    "load_hours",
    "load_limits",
    "next_level",
    "recompute",
    "remaining",
    "share",
    "shipped_limits",
    "work_calendar",
]
