"""Tables as GeoJSON (RFC 7946), missing values as null. It selects no rows and moves no coordinates."""

import json
from typing import Any

import numpy as np
import pandas as pd
import shapely


def features(table: pd.DataFrame, shapes: np.ndarray, *, precision: float = 1e-7) -> list[dict[str, Any]]:
    """One feature a row, coordinates rounded to ``precision`` without tearing shared edges."""
    rounded = shapely.set_precision(shapes, precision, mode="pointwise")
    names = list(table.columns)
    rows = zip(*(table[name].tolist() for name in names), strict=True) if names else ([()] * len(shapes))
    return [
        {
            "type": "Feature",
            "properties": {name: plain(value) for name, value in zip(names, row, strict=True)},
            "geometry": json.loads(shape) if shape else None,
        }
        for row, shape in zip(rows, shapely.to_geojson(rounded), strict=True)
    ]


def plain(value: object) -> object:
    """A value that JSON knows; NaN and missing become null, times ISO 8601."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value
