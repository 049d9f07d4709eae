"""The side desks as a page: inspections that are due, supervision orders, disputes, key areas, each with the moves that are open to its reader.

What is on it is decided in ``webmap.side_desks``; what it sends is in ``webmap.api.side_desks``. Each reader gets the parts his roles know.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, make_response, render_template, request

from gis.dispatch.disputes import DISPUTE_STATES, METHODS, PEOPLE_CLASSES, WAYS
from gis.dispatch.key_areas import AREA_LEVELS, MEASURE_KINDS, RESULTS
from gis.dispatch.supervision import OPEN
from gis.errors import Lang, ScopeError
from gis.incidents import taxonomy
from webmap.api import asking
from webmap.api.side_desks import who
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages.views import script_safe
from webmap.security.csrf import csrf_token
from webmap.services import Services
from webmap.side_desks import disputes, inspections, key_areas, supervision
from webmap.side_desks.key_area_map import drawing, map_link

pages = Blueprint("side_page", __name__)

DAYS = timedelta(days=7)
MOST = 40
"""Rows of each list on the page; the API tells of all."""
LIVE = tuple(state for state in DISPUTE_STATES if state != "archived")
MORE_NEEDS = {"agree": ("result",), "fail": ("result",), "follow_up": ("kept",)}
"""What a move may be told beside what it needs."""


@pages.get("/side")
def page() -> Response:
    """The parts of the page that the reader's roles know.

    Raises
    ------
    ScopeError
        They know none.
    """
    services, lang, may = asking.services(), asking.lang(), gate.account().actions
    if not may & {"see_inspections", "see_own_orders", "see_own_disputes", "see_key_areas"}:
        raise ScopeError(zh="没有此项权限。", en="None of this is granted to you.")
    areas = services.areas(asking.viewer())
    settings = services.settings()
    body = render_template(
        "side.html",
        lang=lang,
        tag=TAGS[lang],
        text=catalog(lang),
        district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
        due=_due() if "see_inspections" in may else None,
        orders=_orders() if "see_own_orders" in may else None,
        disputes=_disputes() if "see_own_disputes" in may else None,
        key_areas=_key_areas() if "see_key_areas" in may else None,
        picks=_picks(lang),
        grids=_grids(areas, services, lang) if "propose_key_areas" in may else [],
        asked_grids=asking.texts("grid"),
        checklists=inspections.checklists(),
        committees=disputes.committees(services),
        units=services.store.units.list(),
        categories=[(code, taxonomy.name("wangge", code, lang)) for code in _dispute_categories()],
        areas=[row for row in areas.to_dict("records") if row["level"] in ("district", "street", "community")],
        names=dict(zip(areas["code"], areas["name_zh"] if lang == "zh" else areas["name_en"], strict=True)),
        choices={"method": METHODS, "way": WAYS},
        people=PEOPLE_CLASSES,
        more=MORE_NEEDS,
        may=may,
        fresh=lambda: str(uuid4()),
        effect_texts=script_safe({k: v for k, v in catalog(lang).items() if k.startswith("side.effect.")}),
        token=script_safe({"csrf": csrf_token(gate.token()), "lang": lang, "zone": services.zone}),
    )
    response = make_response(body)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-store"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def _due() -> dict[str, Any]:
    services = asking.services()
    first, last = services.today() - DAYS, services.today() + DAYS
    told = inspections.due(services, viewer=who(), first=first, last=last, statuses=("due", "missed"))
    rows = sorted(told["due"], key=lambda each: (each["status"] != "due", each["opens"], each["schedule"]))
    return {"rows": rows[:MOST], "counts": told["counts"], "since": first.isoformat(), "until": last.isoformat()}


def _orders() -> dict[str, Any]:
    told = supervision.listed(asking.services(), viewer=who(), states=("draft", *OPEN, "replied"), moves=True)
    return told | {"orders": told["orders"][:MOST]}


def _disputes() -> dict[str, Any]:
    return disputes.page(asking.services(), viewer=who(), states=LIVE, limit=MOST, moves=True)


def _key_areas() -> dict[str, Any]:
    """Key areas, each with a drawing of its ground as far as the reader sees the map."""
    services = asking.services()
    told = key_areas.listed(services, viewer=who(), moves=True)
    shown = told["areas"][:MOST]
    for each in shown:
        each["drawing"] = drawing(services, asking.viewer(), each["outline"])
        each["link"] = map_link(each["outline"])
    return told | {"areas": shown}


def _picks(lang: Lang) -> dict[str, list[tuple[str, str]]]:
    """What the moves of a key area choose from, with names."""
    at = 0 if lang == "zh" else 1
    units = [(unit.code, (unit.en if at else unit.zh) or unit.zh) for unit in asking.services().store.units.list()]
    tables = {"level": AREA_LEVELS, "kind": MEASURE_KINDS, "result": RESULTS}
    return {name: [(code, names[at]) for code, names in table.items()] for name, table in tables.items()} | {
        "unit": units
    }


def _grids(areas: Any, services: Services, lang: Lang) -> list[tuple[str, str]]:
    """The grids that the reader may propose, by code, with names."""
    leaf = areas[areas["level"] == services.tree(asking.viewer()).leaf_level] if len(areas) else areas
    names = (
        leaf["name_zh"] if lang == "zh" else leaf["name_en"].where(leaf["name_en"].fillna("") != "", leaf["name_zh"])
    )
    return sorted(zip(leaf["code"].astype(str), names.astype(str), strict=True))


def _dispute_categories() -> list[str]:
    return sorted({topic for each in disputes.committees(asking.services()) for topic in each["topics"]} | {"D01"})
