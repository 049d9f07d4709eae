"""Hot spots over HTTP: areas with their evidence, at once or line by line, cameras that see them, trends of grids, the brief.

A route parses, calls one function, and renders.
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis.errors import ScopeError
from webmap.api import asking, hot_spot_asking
from webmap.api.geojson import feature_collection, features
from webmap.api.streaming import Tell, judging_lines
from webmap.auth import gate
from webmap.hotspots import answers
from webmap.hotspots.brief import brief_of
from webmap.hotspots.trends import trends

api = Blueprint("hotspots", __name__, url_prefix="/api/hotspots")


@api.get("/areas.geojson")
def areas() -> Response:
    """The hot spots of a period with rank, evidence and what became of those of the period before."""
    asked, question = asking.incident_filter(), hot_spot_asking.question()

    def make() -> Response:
        table, told = answers.layer(asking.services(), asking.viewer(), asked, question)
        return feature_collection(answers.features_of(table), **told)

    return asking.cached(make)


@api.get("/areas.ndjson")
def lines() -> Response:
    """The same for methods that take a while: a line of JSON for each step, and at last ``layer`` or ``problem``."""
    services, viewer = asking.services(), asking.viewer()
    asked, question = asking.incident_filter(), hot_spot_asking.question()

    def work(tell: Tell) -> dict[str, Any]:
        table, told = answers.layer(services, viewer, asked, question, lambda stage: tell({"stage": stage}))
        return {"layer": features(answers.features_of(table)) | told}

    return judging_lines(work)


@api.get("/cameras.json")
def cameras() -> Response:
    """Which cameras see each hot spot, and how much of it."""
    asked, question = asking.incident_filter(), hot_spot_asking.question()
    # Hot spots are those of the areas in which the reader sees analyses, as the map shows them.
    viewer, theirs = gate.account().viewer("see_analyses"), hot_spot_asking.camera_viewer()
    if theirs is None:
        raise ScopeError(zh="没有此项权限 (see_cameras)。", en="This is not granted (see_cameras).")
    return asking.cached(
        lambda: jsonify(answers.cameras_of(asking.services(), viewer, asked, question, theirs)), parts=[viewer.areas]
    )


@api.get("/trends.geojson")
def trend_layer() -> Response:
    """Every grid with its class of emerging hot spot and the series behind it."""
    asked, question = asking.incident_filter(), hot_spot_asking.question()

    def make() -> Response:
        table, told = trends(asking.services(), asking.viewer(), asked, question)
        return feature_collection(table, **told)

    return asking.cached(make)


@api.get("/<spot>/brief.pdf")
def brief(spot: str) -> Response:
    """One hot spot on a page to print, with cameras for those who may take them away."""
    from webmap.hotspots.brief_pdf import brief_pdf

    services, lang = asking.services(), asking.lang()
    told = brief_of(
        services, asking.viewer(), asking.incident_filter(), hot_spot_asking.question(), spot, lang=lang,
        camera_viewer=hot_spot_asking.camera_viewer(leaves=True),
    )  # fmt: skip
    page = brief_pdf(told, font=services.config.pdf_font)
    asking.note_export("hotspot_brief", "pdf")
    response = Response(page, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="wangge-{told.told["key"]}-{lang}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
