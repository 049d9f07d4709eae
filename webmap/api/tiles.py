"""Map tiles: heat and shapes by zoom, column and row under the current filter. Nothing is computed here."""

from flask import Blueprint, Response, jsonify, request

from webmap.api import asking
from webmap.auth import gate
from webmap.pages import summaries

api = Blueprint("tiles", __name__)

LEAST_FOR_AGGREGATES_M = 250.0
"""Narrowest kernel, metres, for roles that see aggregates alone: below it single reports show as dots."""


@api.get("/api/heat.json")
def heat() -> Response:
    """What the colours of the heat tiles mean at a zoom, and where the tiles are."""
    asked, bandwidth = asking.incident_filter(), _bandwidth()
    zoom = asking.whole("zoom", 12, low=0, high=20)
    return asking.cached(
        lambda: jsonify(
            summaries.heat_legend(asking.services(), asking.viewer(), asked, bandwidth, zoom)
            | {"tiles": f"/tiles/heat/{{z}}/{{x}}/{{y}}.png?{_query_of_tiles()}"}
        )
    )


@api.get("/tiles/heat/<int:zoom>/<int:column>/<int:row>.png")
def heat_tile(zoom: int, column: int, row: int) -> Response:
    """One heat tile."""
    asked, bandwidth = asking.incident_filter(), _bandwidth()
    return asking.tile(
        lambda: Response(
            asking.services().heat_tile(asking.viewer(), asked, (zoom, column, row), bandwidth_m=bandwidth),
            mimetype="image/png",
        )
    )


@api.get("/tiles/vector/<layer>/<int:zoom>/<int:column>/<int:row>.mvt")
def vector_tile(layer: str, zoom: int, column: int, row: int) -> Response:
    """One vector tile: areas of a level, cameras, places, streets, buildings, or incidents under the filter."""
    asked = asking.incident_filter()
    return asking.tile(
        lambda: Response(
            asking.services().vector_tile(asking.viewer(), layer, (zoom, column, row), asked),
            mimetype="application/vnd.mapbox-vector-tile",
        )
    )


def _bandwidth() -> float | None:
    """The asked bandwidth; whoever may not see single reports gets none narrow enough to tell them apart."""
    asked = asking.number("bandwidth")
    if "see_points" in gate.account().actions:
        return asked
    return max(asked or LEAST_FOR_AGGREGATES_M, LEAST_FOR_AGGREGATES_M)


def _query_of_tiles() -> str:
    """The filter of this question and the stamp that lets a browser keep what it asked for."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in ("zoom", "v")]
    return asking.query_text([*kept, ("v", asking.stamp())])
