"""The map page. A view gathers what the template needs and renders it."""

import json

from flask import Blueprint, Response, make_response, render_template, request

from webmap.api import asking
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages import choices
from webmap.pages.mapview import MAP_NAME, skeleton
from webmap.security.csrf import csrf_token
from webmap.security.headers import nonce

pages = Blueprint("pages", __name__)

MODULES = (
    "api", "camera_answers", "camera_handles", "camera_layers", "camera_panel", "camera_sites", "camera_trial",
    "camera_words", "charts", "compare", "display", "filters", "forecast", "forecast_panel", "format", "heat", "hot_spot_data", "hot_spot_layer", "hot_spots", "i18n", "incidents", "labels", "layers",
    "legend", "link", "lists", "live", "main", "map", "matrix", "menu", "patrol", "plan_api", "plan_drag",
    "plan_edit", "plan_effect", "plan_life", "plan_mend", "plan_rows", "plan_teams", "popup", "search", "spot_key_area", "state", "tiles", "timebar", "views", "zone_draw",
)  # fmt: skip
"""The page's scripts, each one job, under ``static/js``."""


@pages.get("/")
def index() -> Response:
    """The map."""
    lang = asking.lang()
    mine = gate.account()
    csrf = csrf_token(gate.token())
    boot = choices.boot(asking.services(), asking.viewer(), lang) | {"may": sorted(mine.actions), "csrf": csrf}
    (south, west), (north, east) = boot["bounds"]
    parts = skeleton((west, south, east, north), nonce())
    version = boot["version"]
    page = render_template(
        "map.html",
        lang=lang,
        tag=TAGS[lang],
        text=catalog(lang),
        boot=script_safe(boot),
        texts=script_safe(catalog(lang)),
        parts=parts,
        map_name=MAP_NAME,
        imports=script_safe({"imports": {f"wangge/{name}": f"/static/js/{name}.js" for name in MODULES}}),
        nonce=nonce(),
        district=_district(boot["settings"], lang),
        notice=boot["settings"].get(f"notice_{lang}", ""),
        offline="null",
        account=mine.display,
        may=mine.actions,
        csrf=csrf,
        version=version,
        desk_way=_desk_way(mine.actions),
    )
    response = make_response(page)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Vary"] = "Cookie"
    response.headers["Cache-Control"] = "private, no-cache"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def _desk_way(actions: frozenset[str]) -> dict[str, str] | None:
    """The way to the desk for whoever has cases, to the board for whoever sees figures alone."""
    if "see_own_events" in actions:
        return {"href": "/desk", "text": "desk.open"}
    return {"href": "/desk/board", "text": "board.title"} if "see_analyses" in actions else None


def _district(settings: dict[str, str], lang: str) -> str:
    return settings.get(f"name_{lang}") or settings.get("name_zh", "")


def script_safe(data: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
