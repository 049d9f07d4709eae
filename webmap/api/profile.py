"""When incidents happen under the current filter, and what changed between two periods."""

from flask import Blueprint, Response, jsonify, request

from webmap.api import asking
from webmap.filters import day_filter
from webmap.pages import profiles

api = Blueprint("profile", __name__)


@api.get("/api/profile.json")
def profile() -> Response:
    """Trend, hour-by-weekday matrix, categories and sources, each with its period, total and denominator."""
    asked = asking.incident_filter()
    return asking.cached(lambda: jsonify(profiles.profile(asking.services(), asking.viewer(), asked)))


@api.get("/api/compare.json")
def compare() -> Response:
    """Every grid of the period ``from``-``to`` against ``from2``-``to2``: ratio, interval, p, q; and the whole area."""
    asked = asking.incident_filter()
    base = day_filter(
        request.args.get("from2", "").strip(), request.args.get("to2", "").strip(), zone=asking.services().zone
    )
    return asking.cached(lambda: jsonify(profiles.comparison(asking.services(), asking.viewer(), asked, base)))
