"""Write tables so that the same table gives the same bytes: six decimals, fixed order, no time stamp."""

import gzip
import io
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

DECIMALS = 6
"""A decimetre."""


def degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same rows in WGS-84 degrees, rounded; equal points stay equal."""
    moved = frame.to_crs("EPSG:4326")
    rounded = shapely.transform(moved.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    return moved.set_geometry(rounded, crs="EPSG:4326")


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    """GeoJSON with one feature a line, coordinates in degrees."""
    placed = degrees(frame)
    names = [name for name in placed.columns if name != "geometry"]
    rows = []
    for values, shape in zip(placed[names].itertuples(index=False), placed.geometry, strict=True):
        properties = {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in zip(names, values, strict=True)
        }
        feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        rows.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    path.write_bytes(('{"type":"FeatureCollection","features":[\n' + ",\n".join(rows) + "\n]}\n").encode("utf-8"))


def write_csv(frame: gpd.GeoDataFrame, path: Path) -> None:
    """CSV in UTF-8 with lon and lat at the end; gzip without name and time when the path ends in .gz."""
    placed = degrees(frame)
    table = pd.DataFrame(placed.drop(columns="geometry")).assign(lon=placed.geometry.x, lat=placed.geometry.y)
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.10g", lineterminator="\n", date_format="%Y-%m-%dT%H:%M+08:00")
    data = text.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
