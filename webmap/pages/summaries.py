"""What the page shows under a filter, JSON-safe: ranked grids, the heat's legend, the incidents in view.

Every number travels with its denominator and its period.
"""

from typing import Any

import numpy as np
import pandas as pd

from gis.exports.geojson import plain
from gis.incidents import IncidentFilter
from webmap.services import Period, Services
from webmap.store import Viewer

POINT_CAP = 5000
"""Above so many incidents in view, counts per cell are shown instead of points."""


def summary(services: Services, viewer: Viewer, asked: IncidentFilter) -> dict[str, Any]:
    """Ranked grids with the totals they are parts of."""
    ranked = services.hot_grids(viewer, asked)
    found = services.incidents(viewer, asked)
    everything = services.all_incidents(viewer)
    names = [name for name in ranked.columns if name != "geometry"]
    rows = ranked[names].to_dict("records")
    return {
        "period": period_of(services.period(viewer, asked)),
        "incidents": len(found),
        "of": len(everything),
        "in_grids": int(ranked["count"].sum()),
        "grids": len(ranked),
        "grids_with": int((ranked["count"] > 0).sum()),
        "hot": int(ranked["hot"].sum()),
        "categories": _shares(found["category"]),
        "ranked": [{key: plain(value) for key, value in row.items()} for row in rows],
    }


def heat_legend(services: Services, viewer: Viewer, asked: IncidentFilter, bandwidth_m: float | None) -> dict[str, Any]:
    """Place, classes, unit, bandwidth, period and count of the heat image."""
    heat = services.heat(viewer, asked, bandwidth_m=bandwidth_m)
    south, west, north, east = heat.image.bounds
    return {
        "bounds": [[south, west], [north, east]],
        "legend": [{"from": step.at_least, "to": step.below, "colour": step.colour} for step in heat.image.legend],
        "bandwidth_m": round(heat.bandwidth_m, 1),
        "incidents": heat.n,
        "period": period_of(heat.period),
    }


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
    found = services.incidents(viewer, asked)
    total = len(found)
    if box is not None:
        west, south, east, north = box
        found = found[found["lon"].between(west, east) & found["lat"].between(south, north)]
    if len(found) <= POINT_CAP:
        return {"mode": "points", "total": total, "in_view": len(found), "points": _points(found)}
    west, south, east, north = box or _box_of(found)
    return {
        "mode": "counts",
        "total": total,
        "in_view": len(found),
        "cap": POINT_CAP,
        "counts": _counts(found, (west, south, east, north), columns),
    }


def period_of(period: Period) -> dict[str, Any]:
    """A period as ISO times and days."""
    return {"since": period.since.isoformat(), "until": period.until.isoformat(), "days": round(period.days, 2)}


def _points(found: pd.DataFrame) -> list[list[Any]]:
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


def _counts(found: pd.DataFrame, box: tuple[float, float, float, float], columns: int) -> list[list[float]]:
    """Mean place and number of incidents of each cell of the screen."""
    west, south, east, north = box
    lon, lat = found["lon"].to_numpy(), found["lat"].to_numpy()
    # Cells are square on the screen: Mercator stretches a degree of latitude by 1 / cos(latitude).
    width = (east - west) / columns
    height = width * np.cos(np.radians((south + north) / 2))
    key = np.floor((lat - south) / height).astype(np.int64) * 100_000 + np.floor((lon - west) / width).astype(np.int64)
    cells, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    mean_lon = np.bincount(inverse, lon, minlength=len(cells)) / counts
    mean_lat = np.bincount(inverse, lat, minlength=len(cells)) / counts
    return [
        [round(float(x), 6), round(float(y), 6), int(n)] for x, y, n in zip(mean_lon, mean_lat, counts, strict=True)
    ]


def _box_of(found: pd.DataFrame) -> tuple[float, float, float, float]:
    lon, lat = found["lon"], found["lat"]
    room = 1e-6
    return float(lon.min()), float(lat.min()), float(lon.max()) + room, float(lat.max()) + room


def _shares(categories: "pd.Series[str]") -> list[dict[str, Any]]:
    counts = categories.value_counts()
    return [{"code": str(code), "count": int(count)} for code, count in counts.items()]
