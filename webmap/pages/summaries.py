"""What the page shows under a filter, JSON-safe: ranked grids, the heat's legend, the incidents in view.

Every number travels with its denominator and its period.
"""

import base64
from typing import Any

import numpy as np
import pandas as pd

from gis.exports.geojson import plain
from gis.incidents import IncidentFilter
from gis.incidents.columns import LEVEL, IncidentColumns, Selection, key_box, key_coordinates
from gis.tiles.palette import LegendStep
from webmap.exposure import exposure_of
from webmap.services import Period, Services, reports_only
from webmap.store import Viewer

POINT_CAP = 5000
"""Above so many incidents in view, counts per cell are shown instead of points."""

_FINER = 16
"""Cells that incidents are counted in, for one cell of the screen."""


def summary(services: Services, viewer: Viewer, asked: IncidentFilter) -> dict[str, Any]:
    """Ranked grids with the totals they are parts of, and how patrol findings were treated.

    ``incidents`` match the filter; ``counted`` of them are what the grids are ranked by.
    """
    whole, asked = asked, reports_only(asked)
    ranked = services.hot_grids(viewer, asked)
    names = [name for name in ranked.columns if name != "geometry"]
    rows = ranked[names].to_dict("records")
    return {
        "period": period_of(services.period(viewer, asked)),
        "incidents": services.tally(viewer, whole).total,
        "found_by": list(asked.found_by),
        "counted": services.tally(viewer, asked).total,
        "exposure": exposure_of(services, viewer, whole),
        "of": services.tally(viewer, IncidentFilter()).total,
        "in_grids": int(ranked["count"].sum()),
        "grids": len(ranked),
        "grids_with": int((ranked["count"] > 0).sum()),
        "hot": int(ranked["hot"].sum()),
        "categories": [
            {"code": code, "count": count} for code, count in services.counts_by(viewer, asked, "category").items()
        ],
        "ranked": [{key: plain(value) for key, value in row.items()} for row in rows],
    }


def heat_legend(
    services: Services, viewer: Viewer, asked: IncidentFilter, bandwidth_m: float | None, zoom: int
) -> dict[str, Any]:
    """Classes, unit, bandwidth, period and count of the heat tiles of a zoom."""
    heat = services.heat_legend(viewer, asked, zoom=zoom, bandwidth_m=bandwidth_m)
    return {
        "legend": _steps(heat.scale.legend),
        "bandwidth_m": round(heat.scale.bandwidth_m, 1),
        "incidents": heat.n,
        "period": period_of(heat.period),
    }


def heat_picture(
    services: Services, viewer: Viewer, asked: IncidentFilter, bandwidth_m: float | None
) -> dict[str, Any]:
    """Place, classes, unit, bandwidth, period and count of the one heat image of a page without a server."""
    heat = services.heat(viewer, asked, bandwidth_m=bandwidth_m)
    south, west, north, east = heat.image.bounds
    return {
        "bounds": [[south, west], [north, east]],
        "legend": _steps(heat.image.legend),
        "bandwidth_m": round(heat.bandwidth_m, 1),
        "incidents": heat.n,
        "period": period_of(heat.period),
        "image": "data:image/png;base64," + base64.b64encode(heat.image.png).decode("ascii"),
    }


def _steps(legend: tuple[LegendStep, ...]) -> list[dict[str, Any]]:
    return [{"from": step.at_least, "to": step.below, "colour": step.colour} for step in legend]


def incidents_in_view(
    services: Services,
    viewer: Viewer,
    asked: IncidentFilter,
    box: tuple[float, float, float, float] | None,
    columns: int,
) -> dict[str, Any]:
    """Single points where few enough are in view, else counts on a grid of the screen.

    Parameters
    ----------
    columns
        Cells across the view for counts.
    """
    columns_of, question = services.selection(viewer, asked)
    total = services.tally(viewer, asked).total
    window = key_box(box) if box is not None else None
    in_view, found = columns_of.points(question, window, POINT_CAP)
    if in_view <= POINT_CAP:
        rows = services.store.incidents.by_rows(np.sort(found["row"]).tolist(), viewer)
        return {"mode": "points", "total": total, "in_view": in_view, "points": _points(rows)}
    return {
        "mode": "counts",
        "total": total,
        "in_view": in_view,
        "cap": POINT_CAP,
        "counts": _counts(columns_of, question, box or services.window(viewer).bounds, columns),
    }


def period_of(period: Period) -> dict[str, Any]:
    """A period as ISO times and days."""
    return {"since": period.since.isoformat(), "until": period.until.isoformat(), "days": round(period.days, 2)}


def _points(found: pd.DataFrame) -> list[list[Any]]:
    # Nothing in view: a table of no rows has no times to format.
    if found.empty:
        return []
    moments = found["occurred_at"].dt.strftime("%Y-%m-%dT%H:%MZ")
    return [
        [round(lon, 6), round(lat, 6), *rest]
        for lon, lat, *rest in zip(
            found["lon"].tolist(),
            found["lat"].tolist(),
            found["id"].tolist(),
            found["category"].tolist(),
            moments.tolist(),
            found["source"].tolist(),
            found["found_by"].tolist(),
            found["department"].tolist(),
            found["status"].tolist(),
            found["grid"].tolist(),
            found["time_precision"].tolist(),
            strict=True,
        )
    ]


def _counts(
    columns_of: IncidentColumns, question: Selection, box: tuple[float, float, float, float], cells: int
) -> list[list[float]]:
    """Mean place and number of incidents of each cell of the screen."""
    west, _, east, _ = box
    lon, lat, weight = columns_of.gathered(question, box, cells=cells * _FINER)
    inside = (lon >= west) & (lon < east)
    lon, lat, weight = lon[inside], lat[inside], weight[inside]
    # Square on the screen: columns of longitude, rows of the same size in Mercator.
    key_x, key_y = key_coordinates(lon, lat)
    side = max((east - west) / 360 * (1 << LEVEL) / cells, 1.0)
    key = (key_y // side).astype(np.int64) * (1 << 31) + (key_x // side).astype(np.int64)
    at, inverse = np.unique(key, return_inverse=True)
    counts = np.bincount(inverse, weight, minlength=len(at))
    mean_lon = np.bincount(inverse, lon * weight, minlength=len(at)) / counts
    mean_lat = np.bincount(inverse, lat * weight, minlength=len(at)) / counts
    return [
        [round(float(x), 6), round(float(y), 6), int(n)] for x, y, n in zip(mean_lon, mean_lat, counts, strict=True)
    ]
