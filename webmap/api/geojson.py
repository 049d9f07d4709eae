"""GeoJSON responses. It selects no rows."""

import json
from typing import Any

import geopandas as gpd
from flask import Response

from gis.exports import geojson


def features(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """A feature collection of a table in EPSG:4326, coordinates to a decimetre."""
    table = frame.drop(columns=frame.geometry.name)
    found = geojson.features(table, frame.geometry.to_numpy(), precision=1e-6)
    return {"type": "FeatureCollection", "features": found}


def feature_collection(frame: gpd.GeoDataFrame, **members: Any) -> Response:
    """The same as a response, with more members beside the features."""
    text = json.dumps(features(frame) | members, ensure_ascii=False, separators=(",", ":"))
    return Response(text, mimetype="application/geo+json")
