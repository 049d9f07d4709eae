"""Key areas over HTTP. A route parses, calls one function, and renders. See docs/key_areas.md."""

from typing import Any

from flask import Blueprint, Response, request

from webmap.api import asking
from webmap.api.geojson import feature_collection
from webmap.api.plan_life import body
from webmap.api.side_desks import kept, plain_text, private, who
from webmap.auth import gate
from webmap.side_desks import key_area_effect, key_areas

api = Blueprint("keyareas", __name__)


@api.get("/api/keyareas")
def areas() -> Response:
    """Key areas that concern the reader, those in force first."""
    told = key_areas.listed(asking.services(), viewer=who(), states=asking.texts("state"), area=plain_text("area"))
    return private(told)


@api.get("/api/keyareas.geojson")
def shapes() -> Response:
    """The key areas of the map: proposed and in force, with their outline."""
    return _untold(feature_collection(key_areas.layer(asking.services(), who())))


@api.post("/api/keyareas")
def propose() -> tuple[Response, int]:
    """Keep a proposal; the same one again is kept once."""
    return kept(key_areas.propose(asking.services(), body(), viewer=who()))


@api.get("/api/keyareas/<key_area>")
def area(key_area: str) -> Response:
    """One key area with its history and the moves that are open to the reader."""
    told = key_areas.one(asking.services(), key_area, viewer=who())
    return private(told, told["area"]["version"])


@api.post("/api/keyareas/<key_area>/transitions")
def move(key_area: str) -> Response:
    """Make one move."""
    return _moved(key_area, body())


@api.post("/api/keyareas/<key_area>/measures")
def measure(key_area: str) -> Response:
    """Record a measure: the move ``measure`` under its own address."""
    return _moved(key_area, {**body(), "move": "measure"})


@api.post("/api/keyareas/<key_area>/checks")
def check(key_area: str) -> Response:
    """Record a check: the move ``check`` under its own address."""
    return _moved(key_area, {**body(), "move": "check"})


@api.get("/api/keyareas/<key_area>/effect")
def effect(key_area: str) -> Response:
    """Reports before and after, against comparison areas; for whoever may see analyses as well."""
    weeks = asking.whole("weeks", 0, low=0, high=key_area_effect.MOST_DAYS // 7)
    told = key_area_effect.effect(
        asking.services(), key_area, cases=who(), viewer=gate.account().viewer("see_analyses"), days=7 * weeks
    )
    return private(told)


def _moved(key_area: str, told: dict[str, Any]) -> Response:
    if_match = request.headers.get("If-Match", "")
    answer = key_areas.move(asking.services(), key_area, told, viewer=who(), if_match=if_match)
    return private(answer, answer["area"]["version"])


def _untold(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
