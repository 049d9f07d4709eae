"""The public view: no sign-in, closed months, areas and groups of categories, small counts withheld. Off by default."""

from datetime import datetime

import shapely
from flask import Blueprint, Response, jsonify, make_response, render_template, request

from gis.errors import FilterError, NotFoundError
from webmap import releases
from webmap.api import asking
from webmap.api.geojson import feature_collection
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages import choices
from webmap.pages.mapview import MAP_NAME, skeleton
from webmap.security.headers import nonce
from webmap.store import LOCAL_OPERATOR

pages = Blueprint("public", __name__)


@pages.get("/public")
def page() -> Response:
    """The page."""
    _require_on()
    services, lang = asking.services(), asking.lang()
    settings, known = services.settings(), releases.months(services)
    west, south, east, north = shapely.bounds(services.window(LOCAL_OPERATOR))
    response = make_response(
        render_template(
            "public.html",
            lang=lang,
            tag=TAGS[lang],
            text=catalog(lang),
            parts=skeleton((west, south, east, north), nonce()),
            map_name=MAP_NAME,
            nonce=nonce(),
            district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
            notice=settings.get(f"notice_{lang}", ""),
            months=[f"{month:%Y-%m}" for month in reversed(known)],
            k=services.config.public_k,
        )
    )
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


@pages.get("/public/<level>.geojson")
def areas(level: str) -> Response:
    """Outlines of the areas that are counted; nothing else is known of them here."""
    _require_on()
    if level not in releases.LEVELS:
        raise NotFoundError(zh=f"没有层级“{level}”。", en=f"There is no level '{level}'.")
    services = asking.services()
    shapes = choices.areas_of(services, LOCAL_OPERATOR, level)
    cells = services.cells(LOCAL_OPERATOR, level)[["code"]].assign(area_km2=services.areas_km2(LOCAL_OPERATOR, level))
    return feature_collection(shapes[["code", "name_zh", "name_en", "geometry"]].merge(cells, on="code"))


@pages.get("/public/<month>.json")
def data(month: str) -> Response:
    """The counts of one month, withheld ones as null."""
    _require_on()
    try:
        first = datetime.strptime(month, "%Y-%m").date()
    except ValueError:
        raise FilterError(zh=f"月份应写成 2026-09,而不是“{month}”。", en="A month is written like 2026-09.") from None
    return jsonify(releases.release(asking.services(), first))


def _require_on() -> None:
    if asking.services().config.public != "on":
        raise NotFoundError(zh="没有这个页面。", en="There is no such page.")
