"""Dispatch: the closed loop from report to archived case: moves, routing, duplicates, clocks, indicators, masking. Places, never people."""

from gis.dispatch.case import COUNTS, Actor, Ask, Case, Counts, Detail, Post, Record
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
from gis.dispatch.nearby import Duplicate, Known, nearby
from gis.dispatch.rules import Decision, Report, Rule, RuleTable, parse_rules, read_rules, route
from gis.dispatch.states import TIERS, Move, State, move_from, moves, rank_of, states
from gis.dispatch.transition import allowed, transition
from gis.dispatch.working_time import WorkCalendar, load_hours, work_calendar

__all__ = [
    "COUNTS",
    "TIERS",
    "Actor",
    "Ask",
    "Case",
    "Clock",
    "Counts",
    "Deadline",
    "DeadlineTable",
    "Decision",
    "Detail",
    "Duplicate",
    "Known",
    "Limit",
    "LimitTable",
    "Move",
    "Pause",
    "Post",
    "Record",
    "Report",
    "Rule",
    "RuleTable",
    "State",
    "WorkCalendar",
    "allowed",
    "deadline",
    "deadlines",
    "elapsed",
    "elapsed_of",
    "level",
    "load_hours",
    "load_limits",
    "move_from",
    "moves",
    "nearby",
    "next_level",
    "parse_rules",
    "rank_of",
    "read_rules",
    "recompute",
    "remaining",
    "route",
    "share",
    "shipped_limits",
    "states",
    "transition",
    "work_calendar",
]
