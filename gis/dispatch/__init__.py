"""Dispatch: the closed loop from report to archived case. Places, units and roles, never people."""

from gis.dispatch.case import COUNTS, Actor, Ask, Case, Counts, Detail, Post, Record
from gis.dispatch.nearby import Duplicate, Known, nearby
from gis.dispatch.rules import Decision, Report, Rule, RuleTable, parse_rules, read_rules, route
from gis.dispatch.states import TIERS, Move, State, move_from, moves, rank_of, states
from gis.dispatch.transition import allowed, transition

__all__ = [
    "COUNTS",
    "TIERS",
    "Actor",
    "Ask",
    "Case",
    "Counts",
    "Decision",
    "Detail",
    "Duplicate",
    "Known",
    "Move",
    "Post",
    "Record",
    "Report",
    "Rule",
    "RuleTable",
    "State",
    "allowed",
    "move_from",
    "moves",
    "nearby",
    "parse_rules",
    "rank_of",
    "read_rules",
    "route",
    "states",
    "transition",
]
