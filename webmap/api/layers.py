"""The layers of the map as GeoJSON: areas by level, cameras, places, streets, buildings. Nothing is computed here."""

from flask import Blueprint, Response, jsonify

from webmap.api import asking
from webmap.api.geojson import feature_collection
from webmap.pages import choices

api = Blueprint("layers", __name__, url_prefix="/api")


@api.get("/boot.json")
def boot() -> Response:
    """What a page must know before it can ask: names, choices, period, tree of areas."""
    return asking.cached(lambda: jsonify(choices.boot(asking.services(), asking.viewer(), asking.lang())))


@api.get("/areas/<level>.geojson")
def areas(level: str) -> Response:
    """The areas of one level, simplified for the screen."""
    return asking.cached(lambda: feature_collection(choices.areas_of(asking.services(), asking.viewer(), level)))


@api.get("/layers/<name>.geojson")
def layer(name: str) -> Response:
    """Cameras, places, streets, rail or buildings, inside ``bbox`` if asked."""
    return asking.cached(
        lambda: feature_collection(choices.layer_of(asking.services(), asking.viewer(), name, asking.box()))
    )
