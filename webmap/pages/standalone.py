"""The current map as one HTML file that opens from a disk: scripts, styles, data and heat image inside, no request at all.

What it shows is frozen at the filter it was made with, and the page says so.
"""

import base64
from importlib.resources import files
from typing import Any

from flask import render_template

from gis.errors import InputError, Lang, NotFoundError
from gis.incidents import IncidentFilter
from webmap.api.geojson import features
from webmap.console import period_text
from webmap.filters import hours_text
from webmap.forecasts import ForecastQuestion
from webmap.i18n import TAGS, catalog
from webmap.pages import choices, forecasts, summaries
from webmap.pages.mapview import MAP_NAME, skeleton
from webmap.pages.views import MODULES, script_safe
from webmap.services import Services
from webmap.store import Viewer

_NOT_GRANTED = {"zh": "没有查看分析的权限 (see_analyses)", "en": "analyses may not be seen (see_analyses)"}
_NOT_MADE = {"zh": "保存时该时段尚无预测", "en": "there was none of that period when the file was made"}


def standalone_map(
    services: Services,
    viewer: Viewer,
    asked: IncidentFilter,
    *,
    lang: Lang,
    bandwidth_m: float | None = None,
    ahead: ForecastQuestion | None = None,
) -> str:
    """The page as text.

    Parameters
    ----------
    ahead
        Which kept forecast goes into the file; None for a reader who may see none, and the file says so. None is made for a file.
    """
    boot = choices.boot(services, viewer, lang) | {"tiles": None, "may": ["see_analyses", "see_plans", "see_points"]}
    (south, west), (north, east) = boot["bounds"]
    static = files("webmap") / "static"
    scripts = {name: (static / "js" / f"{name}.js").read_text("utf-8") for name in MODULES}
    return render_template(
        "map.html",
        lang=lang,
        tag=TAGS[lang],
        text=catalog(lang),
        boot=script_safe(boot),
        texts=script_safe(catalog(lang)),
        parts=skeleton((west, south, east, north), ""),
        map_name=MAP_NAME,
        imports=script_safe({"imports": {f"wangge/{name}": _data_url(code) for name, code in scripts.items()}}),
        nonce="",
        district=boot["settings"].get(f"name_{lang}") or boot["settings"].get("name_zh", ""),
        notice=boot["settings"].get(f"notice_{lang}", ""),
        offline=script_safe(_answers(services, viewer, asked, boot, bandwidth_m, ahead)),
        inline_css=(static / "vendor" / "leaflet" / "leaflet.css").read_text("utf-8")
        + (static / "css" / "map.css").read_text("utf-8")
        + (static / "css" / "forecast.css").read_text("utf-8"),
        inline_js=(static / "vendor" / "leaflet" / "leaflet.js").read_text("utf-8").replace("</script", "<\\/script"),
        version=boot["version"],
    )


def _answers(
    services: Services,
    viewer: Viewer,
    asked: IncidentFilter,
    boot: dict[str, Any],
    bandwidth_m: float | None,
    ahead: ForecastQuestion | None,
) -> dict[str, Any]:
    """The answer to every question the page can still ask, by path."""
    levels = sorted({area["level"] for area in boot["areas"]} | {"special"})
    answers: dict[str, Any] = {
        "/api/summary.json": summaries.summary(services, viewer, asked),
        "/api/heat.json": summaries.heat_picture(services, viewer, asked, bandwidth_m),
        "/api/incidents.json": summaries.incidents_in_view(services, viewer, asked, None, 60),
        "/api/plans/latest.json": services.latest_plan(viewer),
        "/api/forecast.json": _forecast(services, viewer, ahead),
    }
    for level in levels:
        answers[f"/api/areas/{level}.geojson"] = features(choices.areas_of(services, viewer, level))
    for name in ("places", "streets"):
        answers[f"/api/layers/{name}.geojson"] = features(choices.layer_of(services, viewer, name, None))
    period = services.period(viewer, asked)
    told = {
        "period": " ".join(
            filter(None, (period_text(period.since, period.until, services.zone), hours_text(asked, boot["lang"])))
        ),
        "categories": list(asked.categories),
        "area": asked.area,
    }
    return {"filter": told, "answers": answers}


def _forecast(services: Services, viewer: Viewer, ahead: ForecastQuestion | None) -> dict[str, Any]:
    """The kept forecast as the map shows it, or ``forecast`` None and ``absent``: why there is none, in both languages."""
    if ahead is None:
        return {"forecast": None, "absent": _NOT_GRANTED}
    try:
        told = forecasts.latest(services, viewer, ahead)
    except (InputError, NotFoundError) as refused:
        return {"forecast": None, "absent": {"zh": refused.zh, "en": refused.en}}
    return told if told["forecast"] else told | {"absent": _NOT_MADE}


def _data_url(code: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(code.encode("utf-8")).decode("ascii")
