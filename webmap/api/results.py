"""What is computed under the current filter: ranked grids, heat, incidents in view, exports, the map as one file."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, jsonify, request

from gis.errors import NotFoundError
from gis.exports.files import FORMATS, export_filename, layer_style
from webmap.api import asking, camera_asking, hot_spot_asking
from webmap.api.forecasts import asked as forecast_question
from webmap.api.forecasts import question as question_ahead
from webmap.api.patrol import readers_plan
from webmap.auth import gate
from webmap.auth.permissions import effective
from webmap.downloads import export_layer, format_named
from webmap.forecasts import ForecastQuestion
from webmap.hotspots.exported import COLUMNS, TREND_COLUMNS, HotSpotExport
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
            spots=HotSpotExport(hot_spot_asking.question(), hot_spot_asking.camera_viewer(leaves=True)),
            ahead=forecast_question() if layer == "forecast" else None,
        )
        # Read before the folder goes; an export is bounded by what one browser can take.
        data = written.read_bytes()
    asking.note_export(layer, file_format)
    response = Response(data, mimetype=mimetype)
    name = export_filename(layer, file_format, datum=datum, lang=asking.lang())
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@api.get("/export/<layer>/style.qml")
def style(layer: str) -> Response:
    """The colours of a layer for QGIS, to be kept beside its file under the same name."""
    names = {"hotspot_areas": COLUMNS, "hotspot_trends": TREND_COLUMNS}
    if layer not in names:
        raise NotFoundError(zh=f"图层“{layer}”没有样式文件。", en=f"The layer '{layer}' has no style file.")
    lang, datum = asking.lang(), asking.text("datum") or "wgs84"
    response = Response(layer_style(names[layer], layer=layer, lang=lang), mimetype="application/xml")
    # The name of the file beside which it is to lie.
    beside = Path(export_filename(layer, "geojson", datum=datum, lang=lang)).with_suffix(".qml").name
    response.headers.set("Content-Disposition", "attachment", filename=beside)
    return response


@api.get("/map.html")
def standalone() -> Response:
    """The current map as one file that opens offline."""
    asked, bandwidth = asking.incident_filter(), asking.number("bandwidth")
    page = standalone_map(
        asking.services(), asking.viewer(), asked, lang=asking.lang(), bandwidth_m=bandwidth, ahead=_ahead()
    )
    asking.note_export("map", "html")
    response = Response(page, mimetype="text/html")
    response.headers.set("Content-Disposition", "attachment", filename="wangge-map.html")
    return response


def _ahead() -> ForecastQuestion | None:
    """The forecast that the reader sees on the map, by ``forecast_period``, ``forecast_category`` and ``forecast_area``; None without the right to any."""
    if not effective(gate.account().grants, "see_analyses"):
        return None
    return question_ahead({name: asking.text(f"forecast_{name}") for name in ("period", "category", "area")})
