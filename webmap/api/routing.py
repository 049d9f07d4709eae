"""Units and routing rules over HTTP: told, replaced whole, tried. See docs/events.md."""

from flask import Blueprint, Response, jsonify

from webmap.api import asking
from webmap.api.plan_life import body
from webmap.auth import gate
from webmap.cases import routing

api = Blueprint("routing", __name__)


@api.get("/api/units")
def units() -> Response:
    """The units, and to which the reader belongs."""
    account = gate.account().name
    return asking.cached(lambda: jsonify({"units": routing.units_told(asking.services(), account)}), parts=[account])


@api.get("/api/routing")
def rules() -> Response:
    """The rules in force, with their version."""
    return asking.cached(lambda: jsonify(routing.rules_told(asking.services().store.routing.current())))


@api.put("/api/routing")
def put_rules() -> Response:
    """Other rules in place of those that were seen."""
    return jsonify(routing.put(asking.services(), body(), viewer=asking.viewer()))


@api.post("/api/routing/preview")
def preview() -> Response:
    """Where a report would go."""
    return jsonify(routing.preview(asking.services(), body()))
