"""Tables as GeoJSON, coordinates to a decimetre, missing values as null. It selects no rows."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from flask import Response


def features(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """A feature collection of a table in EPSG:4326."""
    names = [name for name in frame.columns if name != "geometry"]
    shapes = shapely.to_geojson(shapely.set_precision(frame.geometry.to_numpy(), 1e-6, mode="pointwise"))
    rows = frame[names].astype(object).where(frame[names].notna(), None).to_numpy()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {name: plain(value) for name, value in zip(names, row, strict=True)},
                "geometry": json.loads(shape),
            }
            for row, shape in zip(rows, shapes, strict=True)
        ],
    }


def plain(value: object) -> object:
    """A value that JSON knows; NaN and NaT become null, times ISO 8601 in UTC."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


def feature_collection(frame: gpd.GeoDataFrame) -> Response:
    """The same as a response."""
    text = json.dumps(features(frame), ensure_ascii=False, separators=(",", ":"))
    return Response(text, mimetype="application/geo+json")
