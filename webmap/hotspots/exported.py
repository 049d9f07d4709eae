"""Hot spots and trends as flat tables for files. It computes nothing anew and tells cameras only where a viewer of them is named."""

from dataclasses import dataclass, field

import geopandas as gpd

from gis.errors import Lang
from gis.incidents import IncidentFilter
from webmap.hotspots.answers import table_of
from webmap.hotspots.found import Found, hot_spots
from webmap.hotspots.question import HotSpotQuestion
from webmap.hotspots.trends import trends
from webmap.services import Services
from webmap.store import Viewer

COLUMNS = (
    "id", "rank", "change", "was", "since", "until", "method", "place_zh", "place_en", "cells", "count", "before", "change_p",
    "expected", "ratio", "p", "p_meaning", "pai", "area_km2", "per_km2", "categories_zh", "categories_en", "hours", "grids",
    "found_by", "parameters", "method_source", "key",
)  # fmt: skip
TREND_COLUMNS = (
    "code", "name_zh", "name_en", "count", "class", "class_zh", "class_en", "tau", "trend_p", "count_tau", "count_trend_p",
    "hot_steps", "cold_steps", "steps", "last_z", "q", "z_series", "count_series",
)  # fmt: skip


@dataclass(frozen=True)
class HotSpotExport:
    """What an export of hot spots is asked, and by whom cameras are seen; nobody where None."""

    question: HotSpotQuestion = field(default_factory=HotSpotQuestion)
    camera_viewer: Viewer | None = None


def export_hot_spots(
    services: Services, viewer: Viewer, layer: str, asked: IncidentFilter, told: HotSpotExport
) -> gpd.GeoDataFrame:
    """The rows of ``hotspot_areas`` or ``hotspot_trends``, EPSG:4326."""
    if layer == "hotspot_trends":
        table, _ = trends(services, viewer, asked, told.question)
        joined = table.assign(
            z_series=[" ".join(f"{value:g}" for value in row) for row in table["z"]],
            count_series=[" ".join(str(value) for value in row) for row in table["counts"]],
        )
        return joined[[*TREND_COLUMNS, "geometry"]]
    found = hot_spots(services, viewer, asked, told.question)
    table = table_of(services, viewer, found, told.camera_viewer)
    return _flat(table, found)


def _flat(table: gpd.GeoDataFrame, found: Found) -> gpd.GeoDataFrame:
    names: tuple[Lang, ...] = ("zh", "en")
    explanation = found.explanation
    flat = table.assign(
        **{f"categories_{lang}": [_categories(top, lang) for top in table["top"]] for lang in names},
        grids=[" ".join(code for code, _ in each) for each in table["grids"]],
        found_by=" ".join(found.asked.found_by),
        p_meaning="; ".join(found.cells.p_meaning),
        parameters=", ".join(f"{name}={value}" for name, value in explanation.parameters.items()),
        method_source=explanation.source,
    )
    cameras = [name for name in ("cameras", "camera_ids", "seen_share") if name in flat]
    if cameras:
        flat["camera_ids"] = [" ".join(ids) for ids in flat["camera_ids"]]
    return flat[[*COLUMNS, *cameras, "geometry"]]


def _categories(top: list[dict[str, object]], lang: Lang) -> str:
    return ("、" if lang == "zh" else "; ").join(f"{each[lang]} {each['count']}" for each in top)
