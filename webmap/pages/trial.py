"""Before and after of cameras on trial, as a page to read and print. What is computed is decided in camera_studies."""

import math
from typing import Any

import pandas as pd
from flask import Blueprint, Response, make_response, render_template, request

from webmap import camera_rules, camera_studies
from webmap.api import asking, camera_asking
from webmap.console import period_text
from webmap.i18n import TAGS, catalog

pages = Blueprint("trial", __name__)

FILES = ("gpkg", "geojson", "shp", "kml", "csv", "xlsx", "parquet")


@pages.get("/cameras/trial")
def page() -> Response:
    """Coverage before and after ``change`` and ``off``, the same parameters as ``/api/cameras/what-if.json``."""
    services, viewer, lang = asking.services(), asking.viewer(), asking.lang()
    asked = asking.incident_filter()
    counted, changes, off = camera_asking.counted(), camera_asking.changes(), asking.texts("off")
    band, light = counted.band, counted.light
    answer, seen = camera_studies.what_if(services, viewer, changes, asked, off=off, band=band, light=light)
    known = services.layer("cameras", viewer).set_index("id")
    area = dict(zip(seen["id"], seen["seen_m2"], strict=True))
    settings = services.settings()
    period = services.period(viewer, asked)
    body = render_template(
        "trial.html",
        lang=lang,
        tag=TAGS[lang],
        text=catalog(lang),
        district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
        made=services.local(services.clock()).strftime("%Y-%m-%d %H:%M"),
        period=period_text(period.since, period.until, services.zone),
        band=next((getattr(each, lang) for each in camera_rules.bands(services) if each.code == band), ""),
        light=light,
        changes=[(each, each.id in known.index, _shape(each, known), area.get(each.id, 0.0)) for each in changes],
        off=off,
        rows=list(zip(answer["before"], answer["after"], strict=True)),
        problems=[each[lang] for each in answer["problems"]],
        query=request.query_string.decode("ascii", "replace"),
        files=FILES,
    )
    response = make_response(body)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _shape(camera: camera_studies.Changed, known: pd.DataFrame) -> list[tuple[float, str]]:
    """Azimuth, angle and range with their units: as told, or as the register holds them; NaN where neither does."""
    held: dict[Any, Any] = known.loc[camera.id].to_dict() if camera.id in known.index else {}
    shape = []
    for name, unit in (("azimuth", "°"), ("angle", "°"), ("range_m", " m")):
        told = float(getattr(camera, name))
        shape.append((float(held.get(name, math.nan)) if math.isnan(told) else told, unit))
    return shape
