"""What is computed under the current filter: ranked grids, heat, incidents in view, exports, the map as one file."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, jsonify, request

from gis.exports.files import FORMATS, export_filename
from webmap.api import asking, camera_asking
from webmap.api.forecasts import asked as forecast_question
from webmap.api.patrol import readers_plan
from webmap.downloads import export_layer, format_named
from webmap.pages import summaries
from webmap.pages.standalone import standalone_map

api = Blueprint("results", __name__)


@api.get("/api/summary.json")
def summary() -> Response:
    """Counts, rates and ranks of every grid under the filter, with period and denominators."""
    asked = asking.incident_filter()
    return asking.cached(lambda: jsonify(summaries.summary(asking.services(), asking.viewer(), asked)))


@api.get("/api/incidents.json")
def incidents() -> Response:
    """Incidents in view: single points under the cap, else counts per cell of the screen."""
    asked, box = asking.incident_filter(), asking.box()
    columns = asking.whole("columns", 24, low=1, high=200)
    return asking.cached(
        lambda: jsonify(summaries.incidents_in_view(asking.services(), asking.viewer(), asked, box, columns))
    )


@api.get("/export/<layer>.<file_format>")
def export(layer: str, file_format: str) -> Response:
    """A layer or a result as a file, under the current filter, in the asked datum."""
    asked, datum = asking.incident_filter(), request.args.get("datum", "wgs84")
    file_format = format_named(file_format)
    suffix, mimetype = FORMATS[file_format]
    with tempfile.TemporaryDirectory() as folder:
        written = export_layer(
            asking.services(),
            layer,
            Path(folder) / f"export{suffix}",
            viewer=asking.viewer(),
            asked=asked,
            file_format=file_format,
            datum=datum,
            lang=asking.lang(),
            plan=readers_plan(request.args.get("plan", "")) if layer in ("patrol", "beats") else None,
            told=camera_asking.question(),
            ahead=forecast_question() if layer == "forecast" else None,
        )
        # Read before the folder goes; an export is bounded by what one browser can take.
        data = written.read_bytes()
    asking.note_export(layer, file_format)
    response = Response(data, mimetype=mimetype)
    name = export_filename(layer, file_format, datum=datum, lang=asking.lang())
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@api.get("/map.html")
def standalone() -> Response:
    """The current map as one file that opens offline."""
    asked, bandwidth = asking.incident_filter(), asking.number("bandwidth")
    page = standalone_map(asking.services(), asking.viewer(), asked, lang=asking.lang(), bandwidth_m=bandwidth)
    asking.note_export("map", "html")
    response = Response(page, mimetype="text/html")
    response.headers.set("Content-Disposition", "attachment", filename="wangge-map.html")
    return response
