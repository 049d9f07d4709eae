"""Plans of a span made in one go, as drafts: those that templates ask for, and copies of plans of the weeks before.

It publishes nothing, leaves what exists alone, and goes on where one shift cannot be planned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gis.calendar import SHIFTS, shift_window
from gis.errors import InputError, PlanError, WanggeError
from gis.patrol import Plan
from gis.patrol.document import carried_over
from gis.patrol.roster import CopySource, copy_source
from webmap.holidays import calendar_of
from webmap.plan_life import check
from webmap.planning import make_plan
from webmap.recurring import templates
from webmap.rosters import plans_of, shifts, span_of_days
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.plans import StoredPlan

MOST_DUE = 60
"""Plans that are made in one go."""
COPY_WEEKS = 4
"""How far back a plan to copy is looked for."""
Tell = Callable[[dict[str, Any]], None]
_DROPPED_BY_COPY = frozenset({"id", "base", "running", "mix", "handover", "copied"})


def make_due(services: Services, viewer: Viewer, first: date, last: date, *, tell: Tell) -> dict[str, Any]:
    """Make the plans that templates ask for and that nobody has made, as drafts; what exists is left alone.

    Returns
    -------
    report
        ``made`` and ``failed``: one a shift, with ``day``, ``shift``, ``area`` and ``plan`` or the reason (``zh``, ``en``);
        ``there``: how many due shifts had a plan already.

    Raises
    ------
    InputError
        The span makes no sense, or more than ``MOST_DUE`` plans are due.
    """
    known = {each.id: each for each in templates(services, viewer)}
    due = [row for row in shifts(services, viewer, first, last) if row["template"]]
    rows = [row for row in due if row["state"] == "none"]

    def make(row: Mapping[str, Any]) -> str:
        request = known[row["template"]].request(date.fromisoformat(row["day"]), tuple(row["teams"]))
        return str(make_plan(services, request, viewer=viewer)["id"])

    return _each(rows, make, tell) | {"there": len(due) - len(rows)}


def copy_week(services: Services, viewer: Viewer, first: date, last: date, *, tell: Tell) -> dict[str, Any]:
    """Copy the plans of the weeks before to the shifts that have none, as drafts; ``copy_source`` says from which day.

    A copy has the tours of the earlier plan at the times of the new day, checked over the streets of today. Demand is not
    asked anew, which its notes say. A shift for which no like day has a plan is left without one.

    Returns
    -------
    report
        As :func:`make_due`.
    """
    day_before, calendar = first - timedelta(days=1), calendar_of(services)
    earlier = plans_of(services, viewer, first - timedelta(weeks=COPY_WEEKS), day_before)
    there = {
        (date.fromisoformat(row["day"]), row["shift"], row["area"]) for row in _planned(services, viewer, first, last)
    }
    rows, sources = [], {}
    for day in span_of_days(first, last):
        for shift, area in sorted({(shift, area) for _, shift, area in earlier}):
            days = [each for each, *rest in earlier if tuple(rest) == (shift, area)]
            source = copy_source(day, days, calendar=calendar, weeks=COPY_WEEKS)
            if source is not None and (day, shift, area) not in there:
                rows.append({"day": day.isoformat(), "shift": shift, "area": area})
                sources[day, shift, area] = source

    def copy(row: Mapping[str, Any]) -> str:
        slot = (date.fromisoformat(row["day"]), row["shift"], row["area"])
        source = sources[slot]
        return _copied(services, viewer, earlier[source.day, slot[1], slot[2]], slot[0], source)

    return _each(rows, copy, tell) | {"there": len(there)}


def _planned(services: Services, viewer: Viewer, first: date, last: date) -> list[dict[str, Any]]:
    return [row for row in shifts(services, viewer, first, last) if row["state"] != "none"]


def _copied(services: Services, viewer: Viewer, plan: StoredPlan, day: date, source: CopySource) -> str:
    old = plan.document
    if plan.shift not in SHIFTS or not old.get("made_from") or "running" in old:
        raise PlanError(
            zh=f"{source.day} 的方案不能复制:班次未知、没有排班依据,或曾在执行中调整。",
            en=f"The plan of {source.day} cannot be copied: its shift is unknown, it does not say what it was made from, "
            "or it was mended while it ran.",
        )
    start, end = shift_window(day, SHIFTS[plan.shift], services.zone)
    if abs((end - start).total_seconds() - old["shift_s"]) > 1:
        raise PlanError(zh="两天的班次时长不同。", en="The shift is not as long on both days.")
    moved = replace(Plan.from_dict(old), date=day.isoformat(), shift_start=start)
    kept = {name: value for name, value in old.items() if name not in _DROPPED_BY_COPY}
    document = carried_over(moved, kept)
    events = sum(stop["kind"] == "event" for tour in document["teams"] for stop in tour["stops"])
    # A copy of a copy says where it comes from, and not the whole line of weeks before that.
    notes = [note for note in kept.get("notes", ()) if not note.get("copied")]
    told = [(source.zh + ",需求未重算", source.en + "; demand is not asked anew")]
    if events:
        told.append((f"有 {events} 站来自当时的事件", f"{events} stops came of events of that day"))
    notes += [{"zh": zh, "en": en, "copied": True} for zh, en in told]
    document |= {"notes": notes, "copied": {"plan": plan.id, "day": source.day.isoformat()}}
    document["id"] = str(uuid5(NAMESPACE_URL, repr((services.version(), plan.id, day))))
    broken = check(services, document)
    if broken:
        raise PlanError(
            zh="复制的方案未通过独立检查:" + ";".join(item.zh for item in broken[:3]),
            en="The copy fails the independent check: " + "; ".join(item.en for item in broken[:3]),
        )
    return services.store.plans.save(document, viewer=viewer, now=services.clock())


def _each(rows: Sequence[Mapping[str, Any]], make: Callable[[Mapping[str, Any]], str], tell: Tell) -> dict[str, Any]:
    if len(rows) > MOST_DUE:
        raise InputError(
            zh=f"一次最多 {MOST_DUE} 份方案,现有 {len(rows)} 份;请缩短日期范围。",
            en=f"At most {MOST_DUE} plans at once, and {len(rows)} are due; shorten the span.",
        )
    made: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        slot = {name: row[name] for name in ("day", "shift", "area")}
        tell(slot | {"stage": "plan", "done": number, "of": len(rows)})
        try:
            made.append(slot | {"plan": make(row)})
        except WanggeError as error:
            # One shift that cannot be planned is no reason to leave the others without a plan.
            failed.append(slot | {"zh": error.zh, "en": error.en})
    return {"made": made, "failed": failed}
