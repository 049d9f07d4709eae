"""The ground of a key area: its outline from a hot spot, from grids or from a place, and the areas that it lies in. It keeps nothing."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import mapping, shape

from gis.crs import project
from gis.errors import GeometryError, InputError
from gis.hotspots.area_counts import LEAST_SHARE
from webmap.cases import told as said
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR
from webmap.store.models import LOCATED

RADIUS_M = (50.0, 1000.0)
"""A place is a circle within these bounds; 200 m where nothing is said."""
USUAL_RADIUS_M = 200.0
MOST_GRIDS = 60
MOST_CORNERS = 2000
MOST_KM2 = 10.0
_GRAIN_DEG = 1e-6
"""A tenth of a metre: outlines are kept so fine."""


def outline_of(services: Services, told: Mapping[str, Any]) -> shapely.Geometry:
    """The outline that is told, in degrees: ``outline`` (GeoJSON), ``grids`` (codes), or ``lon``, ``lat`` and ``radius_m``.

    Raises
    ------
    InputError
        None or several of them, no such grid, too large, or outside every grid.
    GeometryError
        The outline is no polygon.
    """
    place = said.place(told)
    given = [told.get("outline") is not None, told.get("grids") is not None, place is not None]
    if sum(given) != 1:
        raise InputError(
            zh="重点地区的范围用 outline、grids 或 lon、lat 三者之一说明。",
            en="Say the ground of a key area by one of outline, grids, or lon and lat.",
        )
    if place is not None:
        found = _circle(services, *place, told.get("radius_m", USUAL_RADIUS_M))
    elif told.get("grids") is not None:
        found = _grids(services, told["grids"])
    else:
        found = _polygon(told["outline"])
    crs = services.metric(LOCAL_OPERATOR)
    km2 = float(gpd.GeoSeries([found], crs="EPSG:4326").to_crs(crs).area.iloc[0]) / 1e6
    if km2 > MOST_KM2 or shapely.get_num_coordinates(found) > MOST_CORNERS:
        raise InputError(
            zh=f"范围过大:{km2:.1f} 平方公里,最多 {MOST_KM2:g} 平方公里、{MOST_CORNERS} 个顶点。",
            en=f"It is too large: {km2:.1f} km2; at most {MOST_KM2:g} km2 and {MOST_CORNERS} corners.",
        )
    return found


def areas_of(services: Services, outline: shapely.Geometry) -> dict[str, str]:
    """Codes of the areas of every level that hold all grids of an outline; empty where it lies in several.

    Raises
    ------
    InputError
        It lies in no grid.
    """
    touched = touched_grids(services, outline)
    if not touched:
        raise InputError(zh="范围不在本区任何网格内。", en="It lies in no grid of the district.")
    today = services.today()
    found: list[dict[str, str]] = []
    for code in touched:
        above = services.store.areas.above(code, on=today)
        found.append(dict(zip(above["level"], above["code"], strict=True)))
    codes = {name: {each.get(name, "") for each in found} for name in LOCATED}
    return {name: next(iter(several)) if len(several) == 1 else "" for name, several in codes.items()}


def touched_grids(services: Services, outline: shapely.Geometry) -> list[str]:
    """Codes of the grids that hold more than a sliver of an outline."""
    cells = services.cells(LOCAL_OPERATOR)
    shapes = cells.geometry.to_numpy()
    near = shapely.STRtree(shapes).query(outline, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[near], outline)) / shapely.area(outline)
    return sorted(cells["code"].iloc[near[share >= LEAST_SHARE]].astype(str))


def as_geojson(outline: shapely.Geometry) -> dict[str, Any]:
    """An outline as it is kept and told."""
    told: dict[str, Any] = mapping(outline)
    return {"type": told["type"], "coordinates": _lists(told["coordinates"])}


def _lists(told: Any) -> Any:
    return [_lists(each) for each in told] if isinstance(told, tuple | list) else round(float(told), 6)


def _circle(services: Services, lon: float, lat: float, radius: object) -> shapely.Geometry:
    low, high = RADIUS_M
    if isinstance(radius, bool) or not isinstance(radius, int | float) or not low <= radius <= high:
        raise InputError(zh=f"radius_m 应为 {low:g}-{high:g} 米。", en=f"radius_m is {low:g} to {high:g} metres.")
    crs = services.metric(LOCAL_OPERATOR)
    middle = project(np.array([lon]), np.array([lat]), crs)[0]
    if not np.isfinite(middle).all():
        raise InputError(zh="该位置不在本区附近。", en="That place is not near the district.")
    circle = gpd.GeoSeries([shapely.Point(middle).buffer(radius)], crs=crs).to_crs("EPSG:4326").iloc[0]
    return shapely.set_precision(circle, _GRAIN_DEG)


def _grids(services: Services, told: object) -> shapely.Geometry:
    codes = list(dict.fromkeys(str(each) for each in told)) if isinstance(told, list) else []
    cells = services.cells(LOCAL_OPERATOR).set_index("code")
    if not 0 < len(codes) <= MOST_GRIDS or not set(codes) <= set(cells.index):
        raise InputError(
            zh=f"grids 应为 1-{MOST_GRIDS} 个本区网格编码的列表。",
            en=f"grids is a list of 1 to {MOST_GRIDS} codes of grids of the district.",
        )
    return shapely.set_precision(shapely.union_all(cells.loc[codes].geometry.to_numpy()), _GRAIN_DEG)


def _polygon(told: object) -> shapely.Geometry:
    try:
        if not isinstance(told, Mapping) or told.get("type") not in ("Polygon", "MultiPolygon"):
            raise ValueError
        found = shape(told)
        # A ring that crosses itself is refused and not mended: nobody can tell which ground was meant.
        inside = found.is_valid and not found.is_empty and np.isfinite(found.bounds).all()
        west, south, east, north = found.bounds if inside else (999.0,) * 4
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
        found = shapely.set_precision(shapely.force_2d(found), _GRAIN_DEG)
        if found.is_empty or shapely.get_dimensions(found) != 2:
            raise ValueError
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError, RecursionError):
        raise GeometryError(
            zh="outline 应为 GeoJSON 的 Polygon 或 MultiPolygon,经纬度(WGS-84),边界不自交。",
            en="outline is a GeoJSON Polygon or MultiPolygon in degrees (WGS-84) that does not cross itself.",
        ) from None
    return found
