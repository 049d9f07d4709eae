"""The calendar of patrols as a page: two weeks of shifts with their plans, templates, presence and before/after.

What is on it is decided in :mod:`webmap.rosters` and :mod:`webmap.patrol_dosage`; what it sends is in ``webmap.api.rosters``.
"""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from gis.calendar import SHIFTS
from gis.errors import Lang, WanggeError
from gis.patrol.demand import DEFAULT_MUSTS
from gis.roads import MODES
from webmap import holidays, patrol_dosage, rosters
from webmap.api import asking
from webmap.api.rosters import effect_question, span
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages.views import script_safe
from webmap.patrol_sources import SOURCES, USUAL_SOURCES
from webmap.security.csrf import csrf_token

pages = Blueprint("roster_page", __name__)

DOSAGE_WEEKS = 8
MOST_PLACES = 30
"""Places on the page, those with most visits first; the API tells of all."""


@pages.get("/patrol/roster")
def page() -> Response:
    """Two weeks from this Monday, or from the day ``from``; ``start``, ``days`` and ``rule`` ask for before and after."""
    services, viewer, lang = asking.services(), asking.viewer(), asking.lang()
    first, last = span()
    may = "make_plans" in gate.account().actions
    told = rosters.overview(services, viewer, first, last, drafts=may)
    today = services.today()
    areas = services.areas(viewer)
    names = dict(zip(areas["code"], areas["name_zh"] if lang == "zh" else areas["name_en"], strict=True))
    text = catalog(lang)
    settings = services.settings()
    words = {key: each.name_zh if lang == "zh" else each.name_en for key, each in SHIFTS.items()}
    body = render_template(
        "roster.html",
        lang=lang,
        tag=TAGS[lang],
        text=text,
        district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
        first=first,
        last=last,
        earlier=first - timedelta(days=14),
        later=first + timedelta(days=14),
        today=today.isoformat(),
        days=_days(told, lang),
        templates=told["templates"],
        rosters=told["rosters"],
        patterns=told["patterns"],
        names={"": text["roster.everywhere"]} | names,
        areas=[row for row in areas.to_dict("records") if row["level"] in ("district", "street")],
        shifts=words,
        modes=sorted(MODES),
        posts=_posts(lang),
        must_kinds=list(dict.fromkeys(rule.kind for rule in DEFAULT_MUSTS)),
        sources=SOURCES,
        usual=USUAL_SOURCES,
        may=may,
        weeks=DOSAGE_WEEKS,
        dosage=_dosage(first=today - timedelta(days=7 * DOSAGE_WEEKS + today.weekday()), last=today, names=names),
        asked=request.args,
        # Counts of reports are an analysis; who only walks a plan is not told them.
        effect=_effect(lang) if "see_analyses" in gate.account().actions else None,
        texts=script_safe({key: value for key, value in text.items() if key.startswith("roster.")}),
        token=script_safe({"csrf": csrf_token(gate.token()), "lang": lang, "shifts": words}),
        calendar=holidays.told(services),
    )
    response = make_response(body)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def _posts(lang: Lang) -> list[dict[str, str]]:
    """The patrol posts from which teams may start."""
    places = asking.services().layer("places", asking.viewer())
    rows = places[places["kind"] == "depot"].to_dict("records") if len(places) else []
    return [{"id": str(row["id"]), "name": (lang == "en" and row["name_en"]) or row["name_zh"]} for row in rows]


def _days(told: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """Each day with its shifts."""
    by_day = {day: list(rows) for day, rows in groupby(told["shifts"], key=lambda row: row["day"])}
    return [
        day
        | {"weekday": date.fromisoformat(day["day"]).weekday(), "name": day[lang], "shifts": by_day.get(day["day"], [])}
        for day in told["days"]
    ]


def _dosage(*, first: date, last: date, names: dict[str, str]) -> dict[str, Any]:
    """Presence by place over some weeks, with what the sums are of."""
    rows = patrol_dosage.weekly(asking.services(), asking.viewer(), since=first, until=last + timedelta(days=1))
    places: dict[str, dict[str, Any]] = {}
    for row in rows:
        place = places.setdefault(row["stop"], {"name": names.get(row["grid"], row["stop"]), "visits": 0, "weeks": 0, "of": 0, "in_range": 0, "known": 0, "skipped": 0})  # fmt: skip
        place["of"] += 1
        place["visits"] += row["visits"]
        place["weeks"] += row["visits"] > 0
        place["skipped"] += row["skipped"]
        place["known"] += row["minutes"] is not None
        place["in_range"] += row["in_koper_range"] is True
    most = sorted(places.values(), key=lambda place: -place["visits"])
    return {"since": first.isoformat(), "until": last.isoformat(), "places": most[:MOST_PLACES], "count": len(most)}


def _effect(lang: Lang) -> dict[str, Any]:
    """Before and after, asked for or usual; why there is none where there is none."""
    try:
        return patrol_dosage.effect(asking.services(), asking.viewer(), effect_question())
    except WanggeError as error:
        return {"problem": error.text(lang)}
