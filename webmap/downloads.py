"""Layers and results as tables that can be exported, for the command line and the web alike.

It gathers the rows a viewer may see under a filter and hands them to ``gis.exports``; it writes no format itself.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gis.crs import project
from gis.errors import InputError, Lang, NotFoundError, ScopeError
from gis.exports.files import FORMATS, write_layer
from gis.hotspots.density import density_surface
from gis.incidents import IncidentFilter
from webmap import camera_sites, camera_studies, cameras
from webmap.camera_studies import CameraQuestion
from webmap.console import period_text
from webmap.filters import hours_text
from webmap.forecast_words import unit
from webmap.forecasts import ForecastQuestion, coming, forecast_table
from webmap.hotspots.exported import HotSpotExport, export_hot_spots
from webmap.services import Services, reports_only
from webmap.side_desks import key_areas
from webmap.store import Viewer

EXPORTS = (
    "areas",
    "grids",
    "incidents",
    "cameras",
    "views",
    "coverage",
    "coverage_depth",
    "blind_spots",
    "camera_sites",
    "camera_check",
    "camera_trial",
    "places",
    "streets",
    "buildings",
    "hotspots",
    "hotspot_areas",
    "hotspot_trends",
    "heat",
    "forecast",
    "beats",
    "patrol",
    "key_areas",
)
"""What can be exported: the imported layers, and the results computed from them."""

STYLED = ("hotspot_areas", "hotspot_trends")
"""Exports that QGIS opens coloured: with a style inside or beside them."""

_AREAS: dict[str, Callable[[Services, Viewer], gpd.GeoDataFrame]] = {
    "areas": lambda services, viewer: services.areas(viewer),
    "grids": lambda services, viewer: services.cells(viewer),
}

_FILTERED = {
    "incidents",
    "hotspots",
    "hotspot_areas",
    "hotspot_trends",
    "heat",
    "coverage",
    "blind_spots",
    "camera_sites",
    "camera_trial",
}


def export_table(
    services: Services,
    layer: str,
    *,
    viewer: Viewer,
    asked: IncidentFilter,
    plan: dict[str, Any] | None = None,
    told: CameraQuestion | None = None,
    spots: HotSpotExport | None = None,
    ahead: ForecastQuestion | None = None,
) -> pd.DataFrame | gpd.GeoDataFrame:
    """The rows of an export.

    Parameters
    ----------
    layer
        One of ``EXPORTS``.
    asked
        Limits incidents, hot spots and heat; other layers are exported whole.
    plan
        The patrol plan of ``patrol`` and ``beats``, as its reader may know it; the latest one by default.
    told
        Pixel band and light of ``views``, ``coverage_depth`` and ``camera_trial``, how ``coverage_depth`` counts, the cameras of ``camera_trial``, and what ``camera_sites`` is asked.
    spots
        Method and settings of ``hotspot_areas`` and ``hotspot_trends``, and whose cameras may be told.
    ahead
        Period, category and area of ``forecast``; the coming week of everything by default.

    Raises
    ------
    NotFoundError
        No such layer, or no plan or forecast yet.
    """
    told = told or CameraQuestion()
    if layer in STYLED:
        return export_hot_spots(services, viewer, layer, asked, spots or HotSpotExport())
    if layer in _AREAS:
        return _AREAS[layer](services, viewer)
    if layer == "incidents":
        return services.incidents(viewer, asked)
    if layer == "hotspots":
        return services.hot_grids(viewer, asked)
    if layer == "views":
        return cameras.views_table(services, viewer, told.band, light=told.light)
    if layer == "coverage_depth":
        return cameras.depth_table(services, viewer, told.basis, band=told.band, light=told.light)
    if layer == "camera_sites":
        return camera_sites.propose(services, viewer, asked, told.sites).table
    if layer == "camera_trial":
        return camera_studies.what_if(
            services, viewer, told.changes, asked, off=told.off, band=told.band, light=told.light
        )[1]
    if layer == "coverage":
        return cameras.coverage_table(services, viewer, asked)
    if layer in _MADE_BY_ONE:
        return _MADE_BY_ONE[layer](services, viewer, asked)
    if layer == "forecast":
        return forecast_table(services, viewer, ahead or ForecastQuestion())
    if layer in ("patrol", "beats"):
        plan = services.plan(viewer) if plan is None else plan
        return _stops(plan) if layer == "patrol" else _beats(services, viewer, plan)
    if layer in EXPORTS:
        return services.layer(layer, viewer)
    raise NotFoundError(
        zh=f"没有图层“{layer}”;可导出:{'、'.join(EXPORTS)}。", en=f"No layer '{layer}'; there are {', '.join(EXPORTS)}."
    )


def export_layer(
    services: Services,
    layer: str,
    path: Path,
    *,
    viewer: Viewer,
    asked: IncidentFilter,
    file_format: str = "",
    datum: str = "wgs84",
    lang: Lang = "zh",
    public: bool = False,
    plan: dict[str, Any] | None = None,
    told: CameraQuestion | None = None,
    spots: HotSpotExport | None = None,
    ahead: ForecastQuestion | None = None,
) -> Path:
    """Write a layer or a result to a file; the format is told or read from the file's name.

    Raises
    ------
    InputError
        The format is unknown, or the file cannot be written.
    ScopeError
        The layer may not leave the building.
    """
    if public and layer == "key_areas":
        raise ScopeError(zh="重点地区不得公开导出。", en="Key areas may not leave in a public export.")
    # What cameras see never leaves in a public export.
    spots = replace(spots or HotSpotExport(), camera_viewer=None) if public else spots
    table = export_table(services, layer, viewer=viewer, asked=asked, plan=plan, told=told, spots=spots, ahead=ahead)
    period = _period(services, viewer, asked, lang) if layer in _FILTERED else ""
    if layer == "forecast":
        period = forecast_text(services, ahead or ForecastQuestion(), lang)
    settings = services.settings()
    district = settings.get(f"name_{lang}") or settings.get("name_zh", "")
    return write_layer(
        table,
        path,
        layer=layer,
        format=file_format or format_of(path),
        datum=datum,
        lang=lang,
        title=f"{district} {layer}".strip(),
        period=period,
        zone=services.zone,
        public=public,
    )


def format_named(text: str) -> str:
    """A format by its name.

    Raises
    ------
    NotFoundError
        It is none of ours.
    """
    if text not in FORMATS:
        raise NotFoundError(
            zh=f"没有格式“{text}”;可用:{'、'.join(FORMATS)}。",
            en=f"No format '{text}'; there are {', '.join(FORMATS)}.",
        )
    return text


def format_of(path: Path) -> str:
    """The format that a file's name asks for.

    Raises
    ------
    InputError
        The suffix is none of ours.
    """
    name = path.name.lower()
    for key, (suffix, _) in FORMATS.items():
        if name.endswith((suffix, f".{key}")):
            return key
    suffixes = ", ".join(suffix for suffix, _ in FORMATS.values())
    raise InputError(
        zh=f"无法从文件名“{path.name}”判断格式;请用 {suffixes},或加 --format。",
        en=f"'{path.name}' does not tell a format; use {suffixes}, or --format.",
    )


def _period(services: Services, viewer: Viewer, asked: IncidentFilter, lang: Lang) -> str:
    """Days of the period, and the weekdays and hours where only some are asked for."""
    period = services.period(viewer, asked)
    days = period_text(period.since, period.until, services.zone)
    return " ".join(filter(None, (days, hours_text(asked, lang))))


def forecast_text(services: Services, ahead: ForecastQuestion, lang: Lang) -> str:
    """The time that a forecast is about, and what its numbers are."""
    period = coming(ahead.period, services.clock(), services.zone)
    return f"{period.since:%Y-%m-%d %H:%M} - {period.until:%Y-%m-%d %H:%M}, {unit(ahead.period)[lang]}"


def _checked(services: Services, viewer: Viewer) -> pd.DataFrame:
    """Findings of the register check at the place of their camera."""
    frame = services.layer("cameras", viewer).reset_index(drop=True)
    findings = camera_studies.check(services, viewer).findings
    at = frame.iloc[findings["row"].to_numpy(dtype=int)].reset_index(drop=True)
    told = findings.rename(columns={"zh": "message_zh", "en": "message_en"}).drop(columns="row")
    return told.assign(lon=at["lon"], lat=at["lat"])


_MADE_BY_ONE: dict[str, Callable[[Services, Viewer, IncidentFilter], pd.DataFrame | gpd.GeoDataFrame]] = {
    "blind_spots": lambda services, viewer, asked: camera_studies.blind_table(services, viewer, asked, limit=500),
    "camera_check": lambda services, viewer, _: _checked(services, viewer),
    "heat": lambda services, viewer, asked: _heat_cells(services, viewer, asked),
    "key_areas": lambda services, viewer, _: key_areas.layer(services, key_areas.as_case_viewer(viewer)),
}
"""What is made by one function of viewer and filter, by name of the export."""


def _heat_cells(services: Services, viewer: Viewer, asked: IncidentFilter) -> gpd.GeoDataFrame:
    """The density surface as squares with incidents per km2 over the period."""
    asked = reports_only(asked)
    lon, lat, counts = services.weighted_points(viewer, asked)
    crs = services.metric(viewer)
    window = gpd.GeoSeries([services.window(viewer)], crs="EPSG:4326").to_crs(crs).iloc[0]
    heat = services.heat(viewer, asked)
    cell_m = max(50.0, heat.bandwidth_m / 3)
    surface = density_surface(
        project(lon, lat, crs), window=window, cell_m=cell_m, bandwidth_m=heat.bandwidth_m, weights=counts
    )
    rows, columns = (surface.values > 0).nonzero()
    left, top = surface.x0 + columns * cell_m, surface.y0 - rows * cell_m
    squares = shapely.box(left, top - cell_m, left + cell_m, top)
    table = pd.DataFrame({"per_km2": surface.values[rows, columns], "bandwidth_m": heat.bandwidth_m})
    return gpd.GeoDataFrame(table, geometry=squares, crs=crs).to_crs("EPSG:4326")


def _stops(plan: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"team": team["name"], "order": order, **{key: stop[key] for key in stop if key not in ("line",)}}
        for team in plan["teams"]
        for order, stop in enumerate(team["stops"], start=1)
    ]
    return pd.DataFrame(rows)


def _beats(services: Services, viewer: Viewer, plan: dict[str, Any]) -> gpd.GeoDataFrame:
    cells = services.cells(viewer)[["code", "name_zh", "name_en", "geometry"]]
    beats = pd.DataFrame(
        [{"code": code, "beat": beat, "minutes": minutes} for code, (beat, minutes) in plan["beats"].items()]
    )
    return cells.merge(beats, on="code", how="inner")
