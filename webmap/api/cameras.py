"""Cameras: what each sees, and how much of the reader's ground they see together. Nothing is computed here."""

from flask import Blueprint, Response, jsonify

from webmap import cameras
from webmap.api import asking
from webmap.api.geojson import feature_collection

api = Blueprint("cameras", __name__, url_prefix="/api/cameras")


@api.get("/views.geojson")
def views() -> Response:
    """Visible areas of the working cameras; all round, marked ``may``, where the direction is not known."""
    return asking.cached(lambda: feature_collection(cameras.views_table(asking.services(), asking.viewer())))


@api.get("/coverage.json")
def coverage() -> Response:
    """Ground, streets and places that are seen by one, two, three cameras, with denominators."""
    return asking.cached(lambda: jsonify(cameras.summary(asking.services(), asking.viewer())))
