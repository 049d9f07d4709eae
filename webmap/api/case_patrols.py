"""Patrols for a case over HTTP: which plans of now cover it, and one of them mended for it. A route parses, calls one function, and renders."""

from flask import Blueprint, Response, jsonify

from gis.errors import InputError
from gis.patrol.replan import ReplanOptions
from webmap.api import asking
from webmap.api.plan_life import REPLAN_ROUNDS, body, is_number, seen_of
from webmap.auth import gate
from webmap.cases import patrols
from webmap.cases.who import viewer_of
from webmap.store.events import Event

api = Blueprint("case_patrols", __name__)


@api.get("/api/events/<event_id>/patrols")
def plans(event_id: str) -> Response:
    """Plans of now that cover the place of a case."""
    answer = jsonify({"plans": patrols.may_go(asking.services(), _case(event_id), asking.viewer())})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@api.post("/api/events/<event_id>/patrols")
def send(event_id: str) -> Response:
    """A plan with the place of a case as an urgent stop, and the difference; a new version of it where ``keep`` says so."""
    told = body()
    plan, stay, within = told.get("plan"), told.get("stay_min", 15), told.get("within_min", 60)
    if not isinstance(plan, str) or not is_number(stay, 1, 240) or not is_number(within, 1, 1440):
        raise InputError(
            zh="请给出方案 plan,并可给出停留 stay_min(1-240 分钟)和时限 within_min(1-1440 分钟)。",
            en="Say the plan, and at will stay_min (1 to 240 minutes) and within_min (1 to 1440 minutes).",
        )
    return jsonify(
        patrols.send(
            asking.services(),
            _case(event_id),
            plan,
            asking.viewer(),
            stay_min=stay,
            within_min=within,
            keep=told.get("keep") is True,
            options=ReplanOptions(rounds=REPLAN_ROUNDS),
            seen=seen_of(told),
        )
    )


def _case(event_id: str) -> Event:
    return asking.services().store.cases.get(event_id, viewer_of(gate.account()))
