"""The calendar of patrols for programs: shifts to come, templates, due drafts, copies of last week, and what presence did.

A route parses, calls one function, and renders. No answer holds a person.
"""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify

from gis.errors import FilterError, InputError
from webmap import due as due_plans
from webmap import duty_groups, holidays, patrol_dosage, recurring, rosters
from webmap.api import asking
from webmap.api.plan_life import body
from webmap.api.streaming import Tell, planning_lines
from webmap.filters import parse_day

api = Blueprint("rosters", __name__)

MOST_CSV = 200_000
"""Characters of a table of holidays: some hundred years."""
SHOWN_DAYS = 14
"""Days of the calendar without a word: two weeks from this Monday."""


@api.get("/api/patrol/roster.json")
def roster() -> Response:
    """Days, shifts with teams, template and plan, and the templates; two weeks from this Monday unless asked otherwise."""
    first, last = span()
    drafts = asking.sees_drafts()
    return asking.cached(
        lambda: jsonify(rosters.overview(asking.services(), asking.viewer(), first, last, drafts=drafts)),
        parts=[drafts, first.isoformat(), last.isoformat()],
    )


@api.put("/api/patrol/templates/<template>")
def put_template(template: str) -> tuple[Response, int]:
    """Keep a template of a recurring plan."""
    made = recurring.put_template(asking.services(), template, body(), viewer=asking.viewer())
    return jsonify(
        {"id": made.id, "area": made.area, **made.body(), "zh": made.words("zh"), "en": made.words("en")}
    ), 201


@api.delete("/api/patrol/templates/<template>")
def remove_template(template: str) -> tuple[str, int]:
    """Drop a template; plans that were made of it stay."""
    services = asking.services()
    services.store.rosters.remove("template", template, viewer=asking.viewer(), now=services.clock())
    return "", 204


@api.put("/api/patrol/patterns/<pattern>")
def put_pattern(pattern: str) -> tuple[Response, int]:
    """Keep a cycle of the district; with ``keep`` false only what it would mean is told."""
    told = body()
    made = duty_groups.pattern_from(told)
    keep = told.get("keep", True) is True
    if keep:
        duty_groups.put_pattern(asking.services(), pattern, told, viewer=asking.viewer())
    return jsonify({"id": pattern, "kept": keep, **duty_groups.told_pattern(made)}), 201 if keep else 200


@api.delete("/api/patrol/patterns/<pattern>")
def remove_pattern(pattern: str) -> tuple[str, int]:
    """Drop a cycle of the district that no roster uses."""
    duty_groups.remove_pattern(asking.services(), pattern, viewer=asking.viewer())
    return "", 204


@api.put("/api/patrol/groups/<area>")
def put_groups(area: str) -> tuple[Response, int]:
    """Say which teams stand in the groups of a pattern, in an area or in the whole ``district``."""
    told = body()
    groups = told.get("groups")
    sound = isinstance(groups, list) and all(
        isinstance(group, list)
        and len(group) <= 60
        and all(isinstance(each, str) and 0 < len(each) <= 40 for each in group)
        for group in groups
    )
    if not sound or not isinstance(told.get("pattern"), str):
        raise InputError(
            zh="应含 pattern(班制)、start(周期首日)和 groups(各班组的队名)。",
            en="Say pattern, start (day 0 of the cycle) and groups, a list of teams each.",
        )
    made = duty_groups.put_roster(
        asking.services(),
        "" if area == "district" else area,
        pattern=told["pattern"],
        start=asking.sane_day(parse_day(str(told.get("start", "")))),
        groups=told["groups"],
        viewer=asking.viewer(),
    )
    return jsonify({"area": area, "groups": [list(group) for group in made.groups]}), 201


@api.delete("/api/patrol/groups/<area>")
def remove_groups(area: str) -> tuple[str, int]:
    """Drop the groups of an area."""
    services = asking.services()
    services.store.rosters.remove("roster", area, viewer=asking.viewer(), now=services.clock())
    return "", 204


@api.put("/api/patrol/holidays")
def put_holidays() -> Response:
    """Check a table of holidays (``csv``, the text of the file); ``keep`` makes it the district's own."""
    told = body()
    text, name = told.get("csv"), told.get("name", "")
    if not isinstance(text, str) or not isinstance(name, str) or not 0 < len(text) <= MOST_CSV:
        raise InputError(
            zh=f"csv 应为节假日表的文本,不超过 {MOST_CSV} 字。",
            en=f"csv is the text of a table of holidays, at most {MOST_CSV} characters.",
        )
    held = holidays.check_holidays(text, name=name or "holidays.csv")
    if told.get("keep") is True:
        return jsonify(holidays.put_holidays(asking.services(), held, viewer=asking.viewer()) | {"kept": True})
    return jsonify({"days": len(held.days), "years": held.years, "own": True, "kept": False})


@api.delete("/api/patrol/holidays")
def remove_holidays() -> Response:
    """The shipped table of holidays holds again."""
    return jsonify(holidays.put_holidays(asking.services(), None, viewer=asking.viewer()) | {"kept": True})


@api.post("/api/patrol/due")
def due() -> Response:
    """Make the plans that fall due as drafts. The answer is a line for each, and at last ``report`` or ``problem``."""
    services, viewer, (first, last) = asking.services(), asking.viewer(), _span_of(body())

    def work(tell: Tell) -> dict[str, Any]:
        return {"report": due_plans.make_due(services, viewer, first, last, tell=tell)}

    return planning_lines(work)


@api.post("/api/patrol/copy")
def copy() -> Response:
    """Copy plans of the weeks before to shifts that have none, as drafts; told as :func:`due` is."""
    services, viewer, (first, last) = asking.services(), asking.viewer(), _span_of(body())

    def work(tell: Tell) -> dict[str, Any]:
        return {"report": due_plans.copy_week(services, viewer, first, last, tell=tell)}

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
        start=asking.sane_day(parse_day(start)) if start else _latest_start(days),
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
    begin = asking.sane_day(parse_day(first)) if first else today - timedelta(days=today.weekday())
    return begin, asking.sane_day(parse_day(last)) if last else begin + timedelta(days=SHOWN_DAYS - 1)


def _span_of(told: dict[str, Any]) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(str(told.get(name, ""))) for name in ("from", "to"))
    except ValueError:
        raise InputError(
            zh="请填写 from 和 to,如 2026-11-23。", en="Say from and to, days such as 2026-11-23."
        ) from None
    return asking.sane_day(first), asking.sane_day(last)
