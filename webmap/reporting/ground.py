"""The ground under the report form, small enough for a phone to keep: outlines of the finest areas, streets, named places.

The phone tells from it in which grid a place lies while it has no network; the server decides again when the report comes.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from webmap.pages import choices
from webmap.services import Services
from webmap.store import Viewer

MOST_VERTICES = 60_000
"""Corners of streets that are sent; above that the smaller streets stay out."""

_KINDS = ("rail", "motorway", "trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "service")
_DIGITS = 6


def ground(services: Services, viewer: Viewer, *, places: bool) -> dict[str, Any]:
    """Everything that the map of the form draws and searches; JSON-safe, degrees in WGS-84.

    Parameters
    ----------
    places
        Named places as well: for accounts, not for the public.
    """
    areas = services.areas(viewer)
    cells = services.cells(viewer)
    west, south, east, north = (float(edge) for edge in cells.total_bounds)
    return {
        "bounds": [[south, west], [north, east]],
        "areas": [
            {
                "code": row.code,
                "parent": row.parent,
                "level": row.level,
                "zh": row.name_zh,
                "en": row.name_en or row.name_zh,
            }
            for row in areas.itertuples()
            if row.kind != "special"
        ],
        "cells": [
            {"code": code, "rings": _rings(shape)}
            for code, shape in zip(cells["code"], cells.geometry.to_numpy(), strict=True)
        ],
        "streets": _streets(services.layer("streets", viewer)),
        "places": _places(services.layer("places", viewer)) if places else [],
        "tiles": choices.tiles(services, (west + east) / 2, (south + north) / 2),
    }


def _rings(shape: shapely.Geometry) -> list[list[list[list[float]]]]:
    """Polygons of rings of corners; the first ring of each is its outer one."""
    return [
        [_corners(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(shapely.normalize(shape))
    ]


def _corners(line: shapely.Geometry) -> list[list[float]]:
    corners: list[list[float]] = np.round(shapely.get_coordinates(line), _DIGITS).tolist()
    return corners


def _streets(streets: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Streets joined by name and kind, the larger kinds first, up to ``MOST_VERTICES``."""
    if streets.empty:
        return []
    order = {kind: place for place, kind in enumerate(_KINDS)}
    found: list[dict[str, Any]] = []
    left = MOST_VERTICES
    keys = ["kind", "name_zh", "name_en"]
    for (kind, zh, en), rows in sorted(
        streets.groupby(keys, sort=True), key=lambda each: (order.get(each[0][0], len(_KINDS)), each[0])
    ):
        joined = shapely.line_merge(shapely.union_all(rows.geometry.to_numpy()))
        left -= shapely.get_num_coordinates(joined)
        if left < 0:
            break
        found.append(
            {"kind": kind, "zh": zh, "en": en or zh, "lines": [_corners(p) for p in shapely.get_parts(joined)]}
        )
    return found


def _places(places: Any) -> list[dict[str, Any]]:
    return [
        {
            "zh": row.name_zh,
            "en": row.name_en or row.name_zh,
            "lon": round(row.lon, _DIGITS),
            "lat": round(row.lat, _DIGITS),
        }
        for row in places.itertuples()
        if row.name_zh
    ]
