"""What lies around a case, as context for whoever works on it: places, the railway, special grids, hot grids, other cases.

It reads what the account may see anyway and never tells of a person. Cameras are not here: they are a layer of their own, each look
at which is in the audit log.
"""

from datetime import timedelta
from typing import Any

import numpy as np
import shapely

from gis.crs import project
from gis.dispatch import states
from gis.incidents import IncidentFilter, taxonomy
from webmap.services import Services, reports_only
from webmap.store import Viewer
from webmap.store.case_scope import CaseViewer
from webmap.store.events import Event

RADIUS_M = 500.0
"""How far places and other cases are looked for."""

RAILWAY_BUFFER_M = 200.0
"""A case this near to a railway counts as lying along it. A choice of this product, not from a standard."""

OTHER_DAYS = 30
"""Other cases that happened so many days before or after."""

HOT_DAYS = 90
"""Reports of so many days, up to the last one, say whether a grid is hot."""

_PLACES = ("school", "courier", "safe_harbour", "hospital", "market", "station")
_MOST = 20
_DEG_PER_M = 1 / 111_000


def around(
    services: Services, event: Event, *, viewer: Viewer, cases: CaseViewer, analyses: Viewer | None
) -> dict[str, Any]:
    """What lies around a case, nearest first.

    Parameters
    ----------
    viewer
        Limits places, streets and areas.
    cases
        Limits other cases.
    analyses
        Who may see hot grids; None tells nothing of them.

    Returns
    -------
    told
        ``radius_m``, ``buffer_m``, ``railway_m`` (None without a railway in reach), ``special`` (code of the special grid that it lies in),
        ``hot`` (None where it is not told), ``places`` and ``events`` with ``distance_m``.
    """
    hot = None if analyses is None else hot_grid(services, event, analyses)
    told: dict[str, Any] = {
        "radius_m": RADIUS_M,
        "buffer_m": RAILWAY_BUFFER_M,
        "railway_m": None,
        "special": "",
        "hot": hot,
    }
    if event.lon is None or event.lat is None:
        return told | {"places": [], "events": []}
    return told | {
        "railway_m": railway_m(services, event.lon, event.lat, viewer),
        "special": special_grid(services, event.lon, event.lat, viewer),
        "places": places(services, event.lon, event.lat, viewer),
        "events": others(services, event, cases, viewer),
    }


def places(services: Services, lon: float, lat: float, viewer: Viewer) -> list[dict[str, Any]]:
    """Places that matter within the radius, nearest first."""
    near = services.layer("places", viewer, _box(lon, lat, RADIUS_M))
    near = near[near["kind"].isin(_PLACES)]
    rows = near.assign(distance_m=_metres(services, viewer, lon, lat, near["lon"], near["lat"]))
    rows = rows[rows["distance_m"] <= RADIUS_M].sort_values(["distance_m", "id"]).head(_MOST)
    return [
        {
            "id": row["id"],
            "kind": row["kind"],
            "name_zh": row["name_zh"],
            "name_en": row["name_en"] or row["name_zh"],
            "lon": float(row["lon"]),
            "lat": float(row["lat"]),
            "distance_m": round(float(row["distance_m"]), 1),
        }
        for row in rows.to_dict("records")
    ]


def railway_m(services: Services, lon: float, lat: float, viewer: Viewer) -> float | None:
    """Metres to the nearest railway within 2 km; None where there is none."""
    streets = services.layer("streets", viewer, _box(lon, lat, 2000.0))
    lines = streets.loc[streets["kind"] == "rail", "geometry"]
    if not len(lines):
        return None
    crs = services.metric(viewer)
    x, y = project([lon], [lat], crs)[0]
    return round(float(lines.to_crs(crs).distance(shapely.Point(x, y)).min()), 1)


def special_grid(services: Services, lon: float, lat: float, viewer: Viewer) -> str:
    """Code of the special grid that a place lies in; empty in none."""
    areas = services.areas(viewer)
    special = areas[(areas["kind"] == "special") & areas.geometry.notna()]
    inside = special.geometry.covers(shapely.Point(lon, lat))
    return str(special.loc[inside, "code"].min()) if inside.any() else ""


def hot_grid(services: Services, event: Event, analyses: Viewer) -> dict[str, Any] | None:
    """Whether the grid of a case is a significant hot spot of the last reports; None where that is not known."""
    period = services.date_range(analyses)
    if not event.grid or period is None:
        return None
    since = period.until - timedelta(days=HOT_DAYS)
    ranked = services.hot_grids(analyses, reports_only(IncidentFilter(since=since, until=period.until)))
    at = ranked.index[ranked["code"] == event.grid]
    if not len(at):
        return None
    row = ranked.loc[at[0]]
    last = services.local(period.until - timedelta(seconds=1))
    return {
        "is_hot": bool(row["hot"]),
        "count": int(row["count"]),
        "rank": int(row["rank"]),
        "grids": len(ranked),
        "since": services.local(since).date().isoformat(),
        "until": last.date().isoformat(),
    }


def others(services: Services, event: Event, cases: CaseViewer, viewer: Viewer) -> list[dict[str, Any]]:
    """Other cases within the radius, nearest first."""
    if event.lon is None or event.lat is None:
        return []
    span = timedelta(days=OTHER_DAYS)
    found = services.store.cases.near(
        _box(event.lon, event.lat, RADIUS_M), cases, since=event.occurred_at - span, until=event.occurred_at + span
    )
    found = [each for each in found if each.id != event.id]
    far = _metres(services, viewer, event.lon, event.lat, [each.lon for each in found], [each.lat for each in found])
    near = sorted(
        ((float(m), each) for m, each in zip(far, found, strict=True) if m <= RADIUS_M),
        key=lambda pair: (pair[0], pair[1].id),
    )
    return [_other(each, metres) for metres, each in near[:_MOST]]


def _other(event: Event, metres: float) -> dict[str, Any]:
    state = states()[event.state]
    return {
        "id": event.id,
        "category_zh": taxonomy.name(event.scheme, event.category, "zh"),
        "category_en": taxonomy.name(event.scheme, event.category, "en"),
        "state": event.state,
        "state_zh": state.zh,
        "state_en": state.en,
        "lon": event.lon,
        "lat": event.lat,
        "distance_m": round(metres, 1),
    }


def _metres(services: Services, viewer: Viewer, lon: float, lat: float, lons: Any, lats: Any) -> np.ndarray:
    """Distances of some places to one; none for none."""
    if not len(lons):
        return np.empty(0)
    crs = services.metric(viewer)
    here = project([lon], [lat], crs)[0]
    metres: np.ndarray = np.hypot(
        *(project(np.asarray(lons, dtype=float), np.asarray(lats, dtype=float), crs) - here).T
    )
    return metres


def _box(lon: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    high = metres * _DEG_PER_M
    wide = high / max(np.cos(np.radians(lat)), 0.01)
    return lon - wide, lat - high, lon + wide, lat + high
