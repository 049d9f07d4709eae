"""Incidents in an area, in the ring around it and in the grids farther away, in equal spans before and after a day.

Points and outlines in, a table of counts out. What the table says is told in :mod:`gis.hotspots.area_effect`.
"""

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import project
from gis.errors import GeometryError, InputError
from gis.schemas import require_columns

BUFFER_M = 300.0
"""Width of the ring, metres: about the size of a grid. Our choice; studies take one to two blocks."""
ROLES = ("area", "buffer", "far")
LEAST_SHARE = 0.01
"""Slivers of the area smaller than this share of it, and empty, are no unit of it: outlines never meet the grids exactly."""


def counts_around(
    incidents: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    outline: shapely.Geometry,
    *,
    start: datetime,
    days: float,
    buffer_m: float = BUFFER_M,
) -> pd.DataFrame:
    """Counts before and after by unit of ground.

    Parameters
    ----------
    incidents
        ``occurred_at``, ``lon``, ``lat``, degrees; rows with ``found_by`` = ``patrol`` are passed over: more patrol finds more.
    cells
        ``code``, ``kind`` and polygons in a metric CRS: the grids.
    outline
        The area, in the CRS of the cells.
    start
        When measures began, with its zone.
    days
        Length of either span; whole weeks keep weekdays equal, an even number of days makes equal halves.
    buffer_m
        Width of the ring around the area.

    Returns
    -------
    counts
        ``unit``, ``role``, ``kind``, ``km2``, ``early``, ``late``, ``before``, ``after``. The pieces of the area and of the ring by
        grid, and each grid that neither touches; units are codes of grids, and a grid may occur once a role.

    Raises
    ------
    ColumnError
        A column is missing.
    GeometryError
        The outline is no sound polygon.
    InputError
        The cells are not metric, the start has no zone, days or buffer are not above 0, or the area lies in no grid.
    """
    require_columns(incidents, ["occurred_at", "lon", "lat"], layer="incidents")
    _check(cells, outline, start, days, buffer_m)
    ring = shapely.difference(shapely.buffer(outline, buffer_m), outline)
    shapes, codes = cells.geometry.to_numpy(), cells["code"].astype(str).to_numpy()
    parts = {"area": shapely.intersection(shapes, outline), "buffer": shapely.intersection(shapes, ring), "far": shapes}
    ground = {role: shapely.area(part) for role, part in parts.items()}
    touched = (ground["area"] > 0) | (ground["buffer"] > 0)
    wanted = {"area": ground["area"] > 0, "buffer": ground["buffer"] > 0, "far": ~touched & (ground["far"] > 0)}
    if not wanted["area"].any():
        raise InputError(zh="重点地区不在任何网格内。", en="The key area lies in no grid.")
    rows = incidents[incidents["found_by"] != "patrol"] if "found_by" in incidents else incidents
    rows = rows[rows["lon"].notna() & rows["lat"].notna()]
    since = ((pd.to_datetime(rows["occurred_at"], utc=True) - start) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    rows, since = rows[(since >= -days) & (since < days)], since[(since >= -days) & (since < days)]
    points = shapely.points(project(rows["lon"].to_numpy(), rows["lat"].to_numpy(), cells.crs))
    tables = []
    for role in ROLES:
        kept = np.flatnonzero(wanted[role])
        # On a border that two pieces share the first one has it.
        at, piece = shapely.STRtree(parts[role][kept]).query(points, predicate="intersects")
        first = pd.Series(piece).groupby(at).min()
        moment = since[first.index.to_numpy(dtype=np.int64)]
        spans = {"early": moment < -days / 2, "late": (moment >= -days / 2) & (moment < 0), "after": moment >= 0}
        counts = {
            name: np.bincount(first.to_numpy(dtype=np.int64)[span], minlength=len(kept)) for name, span in spans.items()
        }
        km2 = ground[role][kept] / 1e6
        table = pd.DataFrame(
            {"unit": codes[kept], "role": role, "kind": cells["kind"].to_numpy()[kept], "km2": km2, **counts}
        )
        told = table[["early", "late", "after"]].sum(axis=1) > 0
        tables.append(table[told | (km2 >= LEAST_SHARE * km2.sum())] if role != "far" else table)
    found = pd.concat(tables, ignore_index=True)
    found.insert(6, "before", found["early"] + found["late"])
    return found


def _check(cells: gpd.GeoDataFrame, outline: shapely.Geometry, start: datetime, days: float, buffer_m: float) -> None:
    require_columns(pd.DataFrame(cells), ["code", "kind"], layer="cells")
    if cells.crs is None or not cells.crs.is_projected:
        raise InputError(zh="网格须为米制坐标系。", en="The cells need a metric CRS.")
    if shapely.get_dimensions(outline) != 2 or shapely.is_empty(outline) or not shapely.is_valid(outline):
        raise GeometryError(zh="重点地区的边界不是有效的面。", en="The outline of the key area is no sound polygon.")
    if start.tzinfo is None or not 0 < days < np.inf or not 0 < buffer_m < np.inf:
        raise InputError(
            zh="起始时刻须带时区,天数与缓冲距离须大于 0。",
            en="The start needs a zone; days and buffer are above 0.",
        )
