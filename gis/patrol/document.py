"""A plan as it is stored: a plain document that carries more than the plan itself. It reads and writes; it plans nothing.

What others put into a document (its id, names of teams, demand, locks) is carried over to the document made from it. A
team's drawn ``line`` is not carried over where its way has changed: the caller draws it anew.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gis.errors import InputError
from gis.patrol.clock import time_of_day
from gis.patrol.tours import Plan

Document = dict[str, Any]
_DRAWN = frozenset({"line"})


def as_plan(plan: Plan | Mapping[str, Any]) -> Plan:
    """The plan in a document, or the plan itself.

    Raises
    ------
    InputError
        Not a plan document.
    """
    if isinstance(plan, Plan):
        return plan
    try:
        return Plan.from_dict(plan)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            zh=f"不是可读的方案文档({type(error).__name__}: {error})。",
            en=f"Not a plan document that can be read ({type(error).__name__}: {error}).",
        ) from error


def as_document(plan: Plan | Mapping[str, Any]) -> Document:
    """The document of a plan, or the document itself; what came in is not changed."""
    return plan.to_dict() if isinstance(plan, Plan) else dict(plan)


def carried_over(plan: Plan, old: Mapping[str, Any]) -> Document:
    """The document of ``plan`` with everything that the old document says beside its plan."""
    new = plan.to_dict()
    teams = {team["name"]: team for team in old["teams"]}
    stops = {stop["id"]: stop for team in old["teams"] for stop in team["stops"]}
    for team in new["teams"]:
        before = teams.get(team["name"], {})
        team["stops"] = [_beside(stops.get(stop["id"], {}), stop) for stop in team["stops"]]
        same_way = [stop["id"] for stop in before.get("stops", ())] == [stop["id"] for stop in team["stops"]]
        team |= _beside(before, team, leave_out=frozenset() if same_way else _DRAWN)
    return _beside(old, new)


def _beside(old: Mapping[str, Any], new: Document, *, leave_out: frozenset[str] = frozenset()) -> Document:
    return new | {name: value for name, value in old.items() if name not in new and name not in leave_out}


def locked_ids(document: Mapping[str, Any]) -> set[str]:
    """Visits that a shift leader has fixed to their team."""
    return {stop["id"] for team in document["teams"] for stop in team["stops"] if stop.get("locked")}


def clock(document: Mapping[str, Any] | Plan, seconds: float) -> str:
    """A second of the shift as people read it: the local time of day, or hours and minutes from shift start."""
    plan = document if isinstance(document, Plan) else None
    start = plan.shift_start if plan else document["shift_start"]  # type: ignore[index]
    zone = plan.zone if plan else document["zone"]  # type: ignore[index]
    begin = datetime.fromisoformat(start) if isinstance(start, str) and start else start or None
    return time_of_day(seconds, begin, zone)
