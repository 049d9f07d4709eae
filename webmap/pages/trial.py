"""Before and after of cameras on trial, as a page to read and print. What is computed is decided in camera_studies."""

from flask import Blueprint, Response, make_response, render_template, request

from webmap import camera_studies
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
    changes, off = camera_asking.changes(), asking.texts("off")
    answer, seen = camera_studies.what_if(services, viewer, changes, asked, off=off)
    known = set(services.layer("cameras", viewer)["id"])
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
        changes=[(each, each.id in known, area.get(each.id, 0.0)) for each in changes],
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
