"""The calendar of patrols for programs: shifts to come, templates, due drafts, copies of last week, and what presence did.

A route parses, calls one function, and renders. No answer holds a person.
"""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify

from gis.errors import FilterError, InputError
from webmap import patrol_dosage, rosters
from webmap.api import asking
from webmap.api.plan_life import body
from webmap.api.streaming import Tell, planning_lines
from webmap.auth import gate
from webmap.filters import parse_day

api = Blueprint("rosters", __name__)

SHOWN_DAYS = 14
"""Days of the calendar without a word: two weeks from this Monday."""


@api.get("/api/patrol/roster.json")
def roster() -> Response:
    """Days, shifts with teams, template and plan, and the templates; two weeks from this Monday unless asked otherwise."""
    first, last = span()
    drafts = "make_plans" in gate.account().actions
    return asking.cached(
        lambda: jsonify(rosters.overview(asking.services(), asking.viewer(), first, last, drafts=drafts)),
        parts=[drafts, first.isoformat(), last.isoformat()],
    )


@api.put("/api/patrol/templates/<template>")
def put_template(template: str) -> tuple[Response, int]:
    """Keep a template of a recurring plan."""
    made = rosters.put_template(asking.services(), template, body(), viewer=asking.viewer())
    return jsonify(
        {"id": made.id, "area": made.area, **made.body(), "zh": made.words("zh"), "en": made.words("en")}
    ), 201


@api.delete("/api/patrol/templates/<template>")
def remove_template(template: str) -> tuple[str, int]:
    """Drop a template; plans that were made of it stay."""
    services = asking.services()
    services.store.rosters.remove("template", template, viewer=asking.viewer(), now=services.clock())
    return "", 204


@api.post("/api/patrol/due")
def due() -> Response:
    """Make the plans that fall due as drafts. The answer is a line for each, and at last ``report`` or ``problem``."""
    services, viewer, (first, last) = asking.services(), asking.viewer(), _span_of(body())

    def work(tell: Tell) -> dict[str, Any]:
        return {"report": rosters.make_due(services, viewer, first, last, tell=tell)}

    return planning_lines(work)


@api.post("/api/patrol/copy")
def copy() -> Response:
    """Copy plans of the weeks before to shifts that have none, as drafts; told as :func:`due` is."""
    services, viewer, (first, last) = asking.services(), asking.viewer(), _span_of(body())

    def work(tell: Tell) -> dict[str, Any]:
        return {"report": rosters.copy_week(services, viewer, first, last, tell=tell)}

    return planning_lines(work)


@api.get("/api/patrol/effect.json")
def effect() -> Response:
    """Reports at patrolled places before and after a day, against comparison places, with interval and caveats."""
    question = effect_question()
    return asking.cached(lambda: jsonify(patrol_dosage.effect(asking.services(), asking.viewer(), question)))


def effect_question() -> patrol_dosage.EffectQuestion:
    """``start``, ``days``, ``place`` (again for each), ``plan`` with ``team`` (a beat, counted from 1), and ``rule``.

    Raises
    ------
    FilterError
        Something of it makes no sense.
    """
    rule = asking.text("rule") or "similar"
    if rule not in patrol_dosage.RULES:
        raise FilterError(
            zh=f"rule 应为 {'、'.join(patrol_dosage.RULES)}。", en=f"rule is one of {', '.join(patrol_dosage.RULES)}."
        )
    days = asking.whole("days", patrol_dosage.USUAL_DAYS, low=7, high=366)
    start = asking.text("start")
    return patrol_dosage.EffectQuestion(
        start=_sane(parse_day(start)) if start else _latest_start(days),
        days=days,
        places=tuple(asking.texts("place")),
        plan=asking.text("plan"),
        team=asking.whole("team", 0, low=0, high=200),
        rule=rule,
    )


def _latest_start(days: int) -> date:
    """The latest day after which the data still hold the whole span."""
    services = asking.services()
    data = services.date_range(asking.viewer())
    last = services.today() if data is None else min(services.today(), services.local(data.until).date())
    return last - timedelta(days=days - 1)


def span() -> tuple[date, date]:
    """``from`` and ``to`` in the query."""
    today = asking.services().today()
    first, last = asking.text("from"), asking.text("to")
    begin = _sane(parse_day(first)) if first else today - timedelta(days=today.weekday())
    return begin, _sane(parse_day(last)) if last else begin + timedelta(days=SHOWN_DAYS - 1)


def _sane(day: date) -> date:
    """A day from which one can count backwards and forwards."""
    if not 1900 <= day.year <= 2200:
        raise FilterError(zh=f"日期 {day} 超出 1900–2200 年。", en=f"The day {day} is outside the years 1900-2200.")
    return day


def _span_of(told: dict[str, Any]) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(str(told.get(name, ""))) for name in ("from", "to"))
    except ValueError:
        raise InputError(
            zh="请填写 from 和 to,如 2026-11-23。", en="Say from and to, days such as 2026-11-23."
        ) from None
    return _sane(first), _sane(last)
