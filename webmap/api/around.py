"""What lies around a case, for programs and for its page. A route parses, calls one function, and renders."""

from flask import Blueprint, Response, jsonify

from webmap.api import asking
from webmap.auth import gate
from webmap.cases.around import around
from webmap.cases.who import viewer_of

api = Blueprint("around", __name__)


@api.get("/api/events/<event_id>/nearby")
def nearby(event_id: str) -> Response:
    """Places, railway, special and hot grids, and other cases around a case, nearest first."""
    services, mine = asking.services(), gate.account()
    cases = viewer_of(mine)
    event = services.store.cases.get(event_id, cases)
    analyses = mine.viewer("see_analyses") if "see_analyses" in mine.actions else None
    return asking.cached(
        lambda: jsonify(around(services, event, viewer=mine.viewer("see_map"), cases=cases, analyses=analyses)),
        parts=[mine.name, event.version],
    )
