"""The calendar of patrols: which shift falls on which day with which teams, by which template, and what plan it has.

It puts the groups of :mod:`webmap.duty_groups` and the templates of :mod:`webmap.recurring` into :mod:`gis.patrol.roster`. It
names teams, never persons, and makes no plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from gis.calendar import SHIFTS, shift_window
from gis.errors import InputError
from gis.patrol.roster import Duty, Roster, ShiftPattern, duties
from webmap.duty_groups import patterns, roster_of
from webmap.holidays import calendar_of
from webmap.recurring import Template, template_of, told_template
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.plans import IN_FORCE, StoredPlan
from webmap.store.rosters import RosterItem

MOST_DAYS = 62
"""Days that are shown at once."""


def overview(services: Services, viewer: Viewer, first: date, last: date, *, drafts: bool = True) -> dict[str, Any]:
    """The calendar of a span: days with their kind, shifts with teams, template, why and plan, templates, rosters, patterns.

    Parameters
    ----------
    first, last
        Days on which shifts start, both included.
    drafts
        Whether drafts are told of.

    Raises
    ------
    InputError
        The span is backwards or too long.
    """
    calendar = calendar_of(services)
    items = services.store.rosters.list(viewer)
    own = {item.id for item in _of(items, "pattern")}
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "days": [
            {
                "day": day.isoformat(),
                "working": calendar.is_working_day(day),
                "known": calendar.is_known(day),
                "zh": calendar.name(day, "zh"),
                "en": calendar.name(day, "en"),
            }
            for day in span_of_days(first, last)
        ],
        "shifts": shifts(services, viewer, first, last, drafts=drafts),
        "templates": [told_template(each) for each in map(template_of, _of(items, "template"))],
        "rosters": [{"area": item.area, **item.body} for item in _of(items, "roster")],
        "patterns": {
            key: {
                "zh": each.name_zh,
                "en": each.name_en,
                "groups": len(each.offsets),
                "cycle": list(each.cycle),
                "own": key in own,
            }
            for key, each in patterns(services, viewer).items()
        },
    }


def _of(items: Sequence[RosterItem], kind: str) -> Iterator[RosterItem]:
    return (item for item in items if item.kind == kind)


def shifts(services: Services, viewer: Viewer, first: date, last: date, *, drafts: bool = True) -> list[dict[str, Any]]:
    """The shifts of a span by the moment they start.

    Returns
    -------
    rows
        ``day``, ``shift``, ``area``, ``start``, ``end`` (UTC), ``teams`` (names), ``template`` (id) with ``name``, ``passed_over``,
        ``zh`` and ``en`` (why), ``state`` (``none``, or that of its plan), ``plan`` and ``version``. Shifts that have a plan
        although no rule asks for one are among them.
    """
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise InputError(
            zh=f"日期应先后有序,最多 {MOST_DAYS} 天。", en=f"The days go forwards, and are at most {MOST_DAYS}."
        )
    items = services.store.rosters.list(viewer)
    known = {each.id: each for each in map(template_of, _of(items, "template"))}
    wanted = {(duty.day, duty.shift, area): duty for area, duty in _duties(services, viewer, items, known, first, last)}
    plans = plans_of(services, viewer, first, last, drafts=drafts)
    rows = [_row(services, key, wanted.get(key), plans.get(key), known) for key in wanted.keys() | plans.keys()]
    return sorted(rows, key=lambda row: (row["start"], row["end"], row["area"]))


Slot = tuple[date, str, str]

_COUNTS = {"draft": 0, "closed": 1} | dict.fromkeys(IN_FORCE, 2)
"""Which plan of a shift counts. A draft on top of a closed plan was never walked; what was walked is shown and copied."""


def _duties(
    services: Services,
    viewer: Viewer,
    items: Sequence[RosterItem],
    known: Mapping[str, Template],
    first: date,
    last: date,
) -> Iterator[tuple[str, Duty]]:
    """Area by area, since an area has a roster of its own; the order of templates is that of their ids."""
    rosters = {item.area: roster_of(services, viewer, item) for item in _of(items, "roster")}
    for area in sorted({*rosters, *(each.area for each in known.values())}):
        roster = rosters.get(area) or Roster(_NOBODY, ((),), first)
        # A template may ask for a shift that no group of the pattern has.
        roster = replace(roster, pattern=replace(roster.pattern, shifts=SHIFTS | dict(roster.pattern.shifts)))
        rules = [each.rule for each in known.values() if each.area == area]
        found = duties(first, last, roster=roster, plans=rules, calendar=calendar_of(services), zone=services.zone)
        yield from ((area, duty) for duty in found)


_NOBODY = ShiftPattern("无", "none", SHIFTS, ("day",), (0,))
"""Stands where an area has templates and no roster."""


def plans_of(
    services: Services, viewer: Viewer, first: date, last: date, *, drafts: bool = True
) -> dict[Slot, StoredPlan]:
    """The plan that counts for each shift: the one in force, else the newest that was walked, else the newest draft."""
    found: dict[Slot, StoredPlan] = {}
    for day in span_of_days(first, last):
        for plan in services.store.plans.list(viewer, date=day):
            slot = (day, plan.shift, plan.area)
            if plan.status not in _COUNTS or (plan.status == "draft" and not drafts):
                continue
            # The newest comes first, and stays unless an older one counts for more.
            if slot not in found or _COUNTS[plan.status] > _COUNTS[found[slot].status]:
                found[slot] = plan
    return found


def _row(
    services: Services, slot: Slot, duty: Duty | None, plan: StoredPlan | None, known: Mapping[str, Template]
) -> dict[str, Any]:
    day, shift, area = slot
    start, end = (duty.start, duty.end) if duty else _window(services, day, shift)
    template = known.get(duty.template) if duty else None
    zh, en = _why(duty, template)
    return {
        "day": day.isoformat(),
        "shift": shift,
        "area": area,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "teams": list(duty.teams) if duty else [],
        "template": template.id if template else "",
        "name": template.name if template else "",
        "passed_over": list(duty.passed_over) if duty else [],
        "zh": zh,
        "en": en,
        "state": plan.status if plan else "none",
        "plan": plan.id if plan else "",
        "version": plan.version if plan else 0,
    }


def _window(services: Services, day: date, shift: str) -> tuple[datetime, datetime]:
    """A plan saved by another client may have a shift that we do not know: its day then, from midnight."""
    known = SHIFTS.get(shift)
    if known is None:
        start, _ = shift_window(day, replace(SHIFTS["day"], start=_MIDNIGHT), services.zone)
        return start, start + timedelta(days=1)
    return shift_window(day, known, services.zone)


_MIDNIGHT = datetime.min.time()


def _why(duty: Duty | None, template: Template | None) -> tuple[str, str]:
    if duty is None:
        return "没有规则要求,另行排班", "asked for by no rule, planned by hand"
    if template is None:
        return "班组当班,没有到期的模板", "a group has the shift, no template falls due"
    zh, en = f"模板“{template.name}”:{template.words('zh')}", f"template '{template.name}': {template.words('en')}"
    if duty.passed_over:
        zh += f";同班次还有 {'、'.join(duty.passed_over)},未采用"
        en += f"; for the same shift also {', '.join(duty.passed_over)}, passed over"
    if not duty.known:
        zh, en = f"{zh};日历没有该年,只按周末判断", f"{en}; the calendar lacks this year, weekends alone decided"
    return zh, en


def span_of_days(first: date, last: date) -> Iterator[date]:
    """The days from one to another, both included."""
    return (first + timedelta(days=each) for each in range((last - first).days + 1))
