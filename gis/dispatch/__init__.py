"""Dispatch: the closed loop from report to archived case. Places, units and roles, never people."""

from gis.dispatch.case import COUNTS, Actor, Ask, Case, Counts, Detail, Post, Record
from gis.dispatch.states import TIERS, Move, State, move_from, moves, rank_of, states
from gis.dispatch.transition import allowed, transition

__all__ = [
    "COUNTS",
    "TIERS",
    "Actor",
    "Ask",
    "Case",
    "Counts",
    "Detail",
    "Move",
    "Post",
    "Record",
    "State",
    "allowed",
    "move_from",
    "moves",
    "rank_of",
    "states",
    "transition",
]
