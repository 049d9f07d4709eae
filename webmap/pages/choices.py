"""What the page offers before anything is computed: names, areas, categories, sources, layers. It counts nothing anew."""

from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.calendar import SHIFTS
from gis.crs import from_wgs84
from gis.errors import Lang, NotFoundError
from gis.patrol.demand import DEFAULT_MUSTS
from gis.schemas import LEVELS
from webmap import camera_rules
from webmap.auth.gate import POINT_EXPORTS
from webmap.downloads import EXPORTS, STYLED
from webmap.services import HEAT_BANDWIDTH_M, Services
from webmap.store import Viewer

_TOLERANCE_DEG = {"city": 2e-4, "district": 5e-5, "street": 2e-5, "community": 1e-5, "grid": 0.0}
_SHOWN = {
    "cameras": ("id", "name", "camera_type", "azimuth", "angle", "range_m", "height_m", "status", "purpose", "grid"),
    "places": ("id", "name_zh", "name_en", "kind", "grid"),
    "streets": ("id", "name_zh", "name_en", "kind"),
    "buildings": ("id", "kind", "height_m"),
}
MOST_SHAPES = 20_000


def boot(services: Services, viewer: Viewer, lang: Lang) -> dict[str, Any]:
    """Everything a page must know before it can ask; JSON-safe."""
    areas = services.areas(viewer)
    period = services.date_range(viewer)
    zone = ZoneInfo(services.zone)
    west, south, east, north = (
        (float(edge) for edge in areas.total_bounds) if len(areas) else (106.6, 39.4, 106.8, 39.65)
    )
    return {
        "lang": lang,
        "zone": services.zone,
        "settings": services.settings(),
        "bounds": [[south, west], [north, east]],
        "areas": area_rows(areas),
        "leaf": services.tree(viewer).leaf_level if len(areas) else "",
        "categories": services.category_choices(viewer, lang),
        "sources": services.source_choices(viewer),
        "first_day": period.since.astimezone(zone).date().isoformat() if period else None,
        "last_day": period.until.astimezone(zone).date().isoformat() if period else None,
        "today": services.today().isoformat(),
        "bandwidth_m": list(HEAT_BANDWIDTH_M),
        "exports": list(EXPORTS),
        "styled": list(STYLED),
        "point_exports": sorted(POINT_EXPORTS),
        "shifts": {
            key: {
                "zh": shift.name_zh,
                "en": shift.name_en,
                "from": f"{shift.start:%H:%M}",
                "to": f"{shift.end:%H:%M}",
            }
            for key, shift in SHIFTS.items()
        },
        "must_kinds": list(dict.fromkeys(rule.kind for rule in DEFAULT_MUSTS)),
        "tiles": tiles(services, (west + east) / 2, (south + north) / 2),
        "bands": [
            {"code": band.code, "zh": band.zh, "en": band.en, "px_per_m": band.px_per_m}
            for band in camera_rules.bands(services)
        ],
        "version": services.version(),
        "seq": services.store.change_seq(),
    }


def tiles(services: Services, lon: float, lat: float) -> dict[str, Any] | None:
    """The district's base map, with the shift that makes its datum meet ours at the district's middle."""
    source = services.config.tiles
    if source is None:
        return None
    there_lon, there_lat = from_wgs84(np.array([lon]), np.array([lat]), source.datum)
    return {
        "url": source.url,
        "attribution": source.attribution,
        "max_zoom": source.max_zoom,
        "datum": source.datum,
        "at": [lat, lon],
        "there": [float(there_lat[0]), float(there_lon[0])],
    }


def areas_of(services: Services, viewer: Viewer, level: str) -> gpd.GeoDataFrame:
    """The areas of one level, or the special grids, simplified without tearing shared borders.

    Raises
    ------
    NotFoundError
        No such level.
    """
    if level not in (*LEVELS, "special"):
        raise NotFoundError(zh=f"没有层级“{level}”。", en=f"There is no level '{level}'.")
    areas = services.areas(viewer)
    special = areas["kind"] == "special"
    rows = areas[special] if level == "special" else areas[(areas["level"] == level) & ~special]
    rows = rows[rows.geometry.notna()]
    tolerance = _TOLERANCE_DEG.get(level, 0.0)
    shapes = rows.geometry.to_numpy()
    if tolerance and len(rows):
        shapes = shapely.coverage_simplify(shapes, tolerance)
    kept = rows[["code", "parent", "name_zh", "name_en", "households", "synthetic"]]
    return gpd.GeoDataFrame(kept, geometry=shapes, crs="EPSG:4326")


def layer_of(
    services: Services, viewer: Viewer, name: str, bbox: tuple[float, float, float, float] | None
) -> gpd.GeoDataFrame:
    """One layer with the columns that a popup shows.

    Raises
    ------
    NotFoundError
        No such layer, or too much of it in view.
    """
    if name not in _SHOWN:
        raise NotFoundError(zh=f"没有图层“{name}”。", en=f"There is no layer '{name}'.")
    frame = services.layer(name, viewer, bbox)
    if len(frame) > MOST_SHAPES:
        raise NotFoundError(
            zh=f"视野内有 {len(frame)} 个要素,请放大后再看。", en=f"{len(frame)} features in view; zoom in to see them."
        )
    columns = [column for column in _SHOWN[name] if column in frame.columns]
    return gpd.GeoDataFrame(frame[columns], geometry=shapes_of(frame), crs="EPSG:4326")


def shapes_of(frame: pd.DataFrame | gpd.GeoDataFrame) -> Any:
    """The geometry of a layer; points travel as lon and lat."""
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.geometry.to_numpy()
    return shapely.points(frame["lon"].to_numpy(), frame["lat"].to_numpy())


def area_rows(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Areas as rows of a tree, with the box to zoom to."""
    boxes = np.round(areas.bounds.to_numpy(), 6).tolist() if len(areas) else []
    return [
        {
            "code": row.code,
            "parent": row.parent,
            "level": row.level,
            "kind": row.kind,
            "zh": row.name_zh,
            "en": row.name_en or row.name_zh,
            "box": box,
        }
        for row, box in zip(areas.itertuples(), boxes, strict=True)
    ]
