"""The phone page of a team's assignment: installable, and at work without a network. The service worker keeps the page.

What it shows is places and times; what it sends is in ``webmap.api.plan_life``. Nothing of a person is on it.
"""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from flask import Blueprint, Response, make_response, render_template, request, url_for

from gis.calendar import SHIFTS
from gis.errors import Lang, NotFoundError
from gis.exports.route import stop_name, team_name, team_own
from gis.exports.sheet import sheet_map_svg
from gis.tiles._png import indexed_png
from webmap import plan_life
from webmap.api import asking
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages.sheets import around
from webmap.pages.views import script_safe
from webmap.security.csrf import csrf_token
from webmap.store.plans import StoredPlan

pages = Blueprint("street", __name__)

SCOPE = "/patrol/"
ICONS = (192, 512)
ACCENT, PALE = (11, 79, 143, 255), (124, 179, 236, 255)
_FILES = ("page.css", "page.js", "queue.js", "news.js", "choose.js", "leave.js")
_MAP_SIDE = 420


@pages.get("/patrol/")
def choose() -> Response:
    """The teams of today's plans in force, as far as the reader may see them."""
    services, lang = asking.services(), asking.lang()
    # A night shift begins on the day before.
    days = [(services.today() + timedelta(days=step)).isoformat() for step in (-1, 0, 1)]
    found = services.store.plans.assignments(asking.viewer(), days=days)
    teams = [
        {
            "href": url_for("street.page", plan_id=plan.id, team=number),
            "name": team_name(tour, lang),
            "words": f"{plan.day} {_shift_words(plan, lang)} · {_count(tour, lang)}",
        }
        for plan, number, tour in found
    ]
    text = catalog(lang)
    return _rendered(lang, title=text["street.title"], subtitle=text["street.choose"], teams=teams, task=None)


@pages.get("/patrol/<plan_id>/<int:team>")
def page(plan_id: str, team: int) -> Response:
    """The assignment of one team."""
    services, viewer, lang = asking.services(), asking.viewer(), asking.lang()
    plan, tour = services.store.plans.assignment(plan_id, team, viewer)
    # What asks for a stop is not for everybody; its place and its times are.
    plan = replace(plan, document=asking.for_reader(plan.document))
    tour = asking.for_reader({"teams": [tour]})["teams"][0]
    may = "check_in" in gate.account().actions
    zone = ZoneInfo(services.zone)
    stops = [_stop(stop, lang, zone) for stop in tour["stops"]]
    known = plan_life.said(services, plan)
    said = {stop["id"]: known[stop["id"]] for stop in stops if stop["id"] in known}
    slot = f"{plan.day} {plan.shift} {plan.area}"
    task = {"plan": plan.id, "slot": slot, "team": team, "stops": stops, "may_check_in": may, "said": said}
    text = catalog(lang)
    newer = plan_life.newer(services, viewer, [(plan_id, team)]).get(plan_id, "")
    return _rendered(
        lang,
        title=f"{team_name(tour, lang)} · {_shift_words(plan, lang)}",
        subtitle=" · ".join(filter(None, (plan.day, _count(tour, lang), team_own(tour, lang)))),
        task=task,
        task_json=script_safe(task),
        texts=script_safe({key: value for key, value in text.items() if key.startswith("street.")}),
        newer=url_for("street.page", plan_id=newer, team=team) if newer else "",
        ended=text[f"street.plan.{plan.status}"] if plan.status in ("closed", "withdrawn") else "",
        map_svg=_map(plan, team, lang),
    )


@pages.get("/patrol/sw.js")
def worker() -> Response:
    """The service worker, with the files it keeps and a version made of them."""
    response = Response(worker_script(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/patrol/manifest.webmanifest")
def manifest() -> Response:
    """What a phone must know to install the page; nothing of the district is in it."""
    lang = asking.lang()
    text = catalog(lang)
    drawn = [{"src": f"{SCOPE}icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png"} for side in ICONS]
    told = {
        "id": SCOPE,
        "name": text["street.title"],
        "short_name": text["street.short"],
        "lang": TAGS[lang],
        "start_url": SCOPE,
        "scope": SCOPE,
        "display": "standalone",
        "background_color": "#f2f5f8",
        "theme_color": "#0b4f8f",
        "icons": [
            {"src": f"{SCOPE}icon.svg", "sizes": "any", "type": "image/svg+xml"},
            *drawn,
            {**drawn[-1], "purpose": "maskable"},
        ],
    }
    response = Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/patrol/icon.svg")
def icon_drawn() -> Response:
    """The sign of the product: four cells."""
    cells = "".join(
        f'<rect x="{x}" y="{y}" width="24" height="24" fill="{"#0b4f8f" if (x == y) else "#7cb3ec"}"/>'
        for x in (8, 32)
        for y in (8, 32)
    )
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#fff"/>{cells}</svg>'
    return _lasting(Response(drawn, mimetype="image/svg+xml"))


@pages.get("/patrol/icon-<int:side>.png")
def icon(side: int) -> Response:
    """The same as PNG.

    Raises
    ------
    NotFoundError
        No such size.
    """
    if side not in ICONS:
        raise NotFoundError(zh="没有这个尺寸的图标。", en="There is no icon of this size.")
    return _lasting(Response(_icon(side), mimetype="image/png"))


@lru_cache(maxsize=len(ICONS))
def _icon(side: int) -> bytes:
    at = (np.arange(side) * 64) // side
    cell = np.where((at >= 8) & (at < 32), 0, np.where((at >= 32) & (at < 56), 1, -1))
    across, down = np.meshgrid(cell, cell)
    index = np.where((across < 0) | (down < 0), 0, np.where(across == down, 1, 2)).astype(np.uint8)
    return indexed_png(index, np.array([(255, 255, 255, 255), ACCENT, PALE], dtype=np.uint8))


@lru_cache(maxsize=1)
def worker_script() -> str:
    """The service worker as text; its version changes with any file that it keeps."""
    folder = files("webmap") / "static" / "street"
    script = (folder / "sw.js").read_text("utf-8")
    whole = script + "".join((folder / name).read_text("utf-8") for name in _FILES)
    version = hashlib.sha256(whole.encode("utf-8")).hexdigest()[:12]
    kept = [f"/static/street/{name}" for name in _FILES]
    kept += [f"{SCOPE}icon.svg", *(f"{SCOPE}icon-{side}.png" for side in ICONS), f"{SCOPE}manifest.webmanifest"]
    return script.replace("__VERSION__", version).replace("__ASSETS__", json.dumps(kept))


def _rendered(lang: Lang, **values: Any) -> Response:
    page = render_template(
        "street.html",
        lang=lang,
        tag=TAGS[lang],
        text=catalog(lang),
        csrf=csrf_token(gate.token()),
        reports="report_events" in gate.account().actions,
        **values,
    )
    response = make_response(page)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def _lasting(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _stop(stop: dict[str, Any], lang: Lang, zone: ZoneInfo) -> dict[str, Any]:
    arrive, leave = (datetime.fromisoformat(stop[name]).astimezone(zone) for name in ("arrive", "leave"))
    return {
        "id": stop["id"],
        "order": stop["order"],
        "kind": stop["kind"],
        "name": stop_name(stop, lang),
        "why": stop[f"why_{lang}"],
        "must": stop["must"],
        "arrive": f"{arrive:%H:%M}",
        "leave": f"{leave:%H:%M}",
    }


def _shift_words(plan: StoredPlan, lang: Lang) -> str:
    shift = SHIFTS.get(plan.shift)
    return plan.shift if shift is None else (shift.name_zh if lang == "zh" else shift.name_en)


def _count(tour: dict[str, Any], lang: Lang) -> str:
    return catalog(lang)["street.count"].replace("{n}", str(sum(stop["kind"] != "break" for stop in tour["stops"])))


def _map(plan: StoredPlan, team: int, lang: Lang) -> str:
    services, viewer = asking.services(), asking.viewer()
    near = around(plan.document["teams"][team])
    cells, streets = services.cells(viewer), services.layer("streets", viewer)
    return sheet_map_svg(
        plan.document,
        team,
        areas=cells[cells.geometry.intersects(near)],
        streets=streets[streets.geometry.intersects(near)],
        lang=lang,
        width=_MAP_SIDE,
        height=_MAP_SIDE,
    )
