"""The calendar of patrols: which shift falls on which day with which teams, by which template, and what plan it has.

It puts the store's patterns, rosters and templates into :mod:`gis.patrol.roster`, makes due plans as drafts, and copies
plans of last week. It names teams, never persons, and publishes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gis.calendar import SHIFTS, shift_window
from gis.errors import InputError, NotFoundError, PlanError, WanggeError
from gis.patrol import Plan
from gis.patrol.document import carried_over
from gis.patrol.roster import (
    PATTERNS,
    CopySource,
    DayKind,
    Duty,
    RecurringPlan,
    Roster,
    ShiftPattern,
    copy_source,
    duties,
)
from gis.roads import MODES
from webmap.holidays import calendar_of
from webmap.patrol_sources import SOURCES, USUAL_SOURCES
from webmap.plan_life import check
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.plans import IN_FORCE, StoredPlan
from webmap.store.rosters import RosterItem
from webmap.varied import MOST_PLANS, fresh_seed

MOST_DAYS = 62
"""Days that are shown at once."""
MOST_DUE = 60
"""Plans that are made in one go."""
COPY_WEEKS = 4
"""How far back a plan to copy is looked for."""
Tell = Callable[[dict[str, Any]], None]
_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_KINDS = {"any": ("每天", "every day"), "working": ("工作日", "working days"), "off": ("休息日和节假日", "days off")}
_DROPPED_BY_COPY = frozenset({"id", "base", "running", "mix", "handover", "copied"})


@dataclass(frozen=True)
class Template:
    """A plan that comes again: what is asked for, and on which days.

    Parameters
    ----------
    shift, mode, sources, demand_days, area
        As in ``PlanRequest``.
    teams
        0: as many as the roster has on duty, by their names.
    varied
        Above 1: drawn from so many plans, with a fresh seed each day.
    first, last, kind, weekdays, every, except_on
        As in ``gis.patrol.roster.RecurringPlan``.
    """

    id: str
    name: str
    shift: str
    first: date
    area: str = ""
    teams: int = 0
    mode: str = "ebike"
    sources: tuple[str, ...] = USUAL_SOURCES
    demand_days: int = 90
    varied: int = 0
    last: date | None = None
    kind: DayKind = "any"
    weekdays: tuple[int, ...] = ()
    every: int = 1
    except_on: tuple[date, ...] = field(default=())

    @property
    def rule(self) -> RecurringPlan:
        """When it falls due."""
        return RecurringPlan(
            self.id, self.shift, self.first, self.last, self.kind, self.weekdays, self.every, frozenset(self.except_on)
        )

    def words(self, lang: str) -> str:
        """The rule as people say it."""
        zh = lang == "zh"
        parts = [_KINDS[self.kind][0 if zh else 1]]
        if self.weekdays:
            names = [_WEEKDAYS[lang][day] for day in self.weekdays]
            parts.append(f"周{'、'.join(names)}" if zh else ", ".join(names))
        if self.every > 1:
            parts.append(f"每 {self.every} 天" if zh else f"each {self.every} days")
        if self.except_on:
            parts.append(f"{len(self.except_on)} 天除外" if zh else f"{len(self.except_on)} days left out")
        until = "" if self.last is None else (f"至 {self.last}" if zh else f"to {self.last}")
        parts.append(f"自 {self.first}{until}" if zh else f"from {self.first} {until}".rstrip())
        return ("," if zh else ", ").join(parts)

    def body(self) -> dict[str, Any]:
        """What the store keeps; id and area stand beside it."""
        told = {name: value for name, value in vars(self).items() if name not in ("id", "area")}
        return told | {
            "first": self.first.isoformat(),
            "last": self.last.isoformat() if self.last else "",
            "sources": list(self.sources),
            "weekdays": list(self.weekdays),
            "except_on": [day.isoformat() for day in self.except_on],
        }

    def request(self, day: date, names: tuple[str, ...]) -> PlanRequest:
        """What a planner would ask for on a day."""
        count = self.teams or len(names)
        if not count:
            raise PlanError(
                zh=f"模板“{self.name}”没有写队数,当天也没有班组当班。",
                en=f"The template '{self.name}' says no number of teams, and no group has the shift on that day.",
            )
        return PlanRequest(
            day=day,
            shift=self.shift,
            teams=count,
            mode=self.mode,
            demand_days=self.demand_days,
            sources=self.sources,
            area=self.area,
            team_names=names if len(names) == count else (),
            varied=self.varied,
            draw_seed=fresh_seed() if self.varied else 0,
        )


def template_from(item_id: str, told: Mapping[str, Any]) -> Template:
    """A template from what a client or the store says.

    Raises
    ------
    InputError
        A field is missing, of a wrong kind, or makes no sense.
    """
    texts = {name: told.get(name, default) for name, default in _TEXTS.items()}
    lists = {name: told.get(name, default) for name, default in _LISTS.items()}
    numbers = {name: told.get(name, usual) for name, (usual, _, _) in _NUMBERS.items()}
    sound = all(isinstance(value, str) and len(value) <= 60 and "\x00" not in value for value in texts.values())
    sound = sound and all(isinstance(value, list | tuple) and len(value) <= 400 for value in lists.values())
    sound = sound and all(
        type(value) is int and _NUMBERS[name][1] <= value <= _NUMBERS[name][2] for name, value in numbers.items()
    )
    if not sound or numbers["varied"] == 1:
        raise _no_template("文本、列表与数字的形式", "texts, lists and numbers")
    for name, known in (("shift", SHIFTS), ("mode", MODES), ("kind", _KINDS)):
        if texts[name] not in known:
            raise _no_template(f"{name} 应为 {'、'.join(known)}", f"{name} is one of {', '.join(known)}")
    if not lists["sources"] or not all(each in SOURCES for each in lists["sources"]):
        raise _no_template(f"sources 应为 {'、'.join(SOURCES)}", f"sources are of {', '.join(SOURCES)}")
    if not all(type(each) is int and 0 <= each <= 6 for each in lists["weekdays"]):
        raise _no_template("weekdays 应为 0–6,0 为周一", "weekdays are 0-6, 0 is Monday")
    try:
        first, last = (date.fromisoformat(texts[name]) if texts[name] else None for name in ("first", "last"))
        except_on = tuple(sorted({date.fromisoformat(str(each)) for each in lists["except_on"]}))
    except ValueError:
        raise _no_template("日期应如 2026-11-23", "days are written like 2026-11-23") from None
    if first is None:
        raise _no_template("须有 first", "first is needed")
    made = Template(
        item_id,
        texts["name"].strip() or item_id,
        texts["shift"],
        first,
        area=texts["area"],
        mode=texts["mode"],
        sources=tuple(dict.fromkeys(lists["sources"])),
        last=last,
        kind=texts["kind"],
        weekdays=tuple(sorted(set(lists["weekdays"]))),
        except_on=except_on,
        **numbers,
    )
    # The rule checks itself.
    _ = made.rule
    return made


_TEXTS = {"name": "", "shift": "", "area": "", "mode": "ebike", "first": "", "last": "", "kind": "any"}
_LISTS: dict[str, Any] = {"sources": USUAL_SOURCES, "weekdays": (), "except_on": ()}
_NUMBERS = {"teams": (0, 0, 60), "demand_days": (90, 1, 3660), "varied": (0, 0, MOST_PLANS), "every": (1, 1, 366)}
"""What is taken without a word, least and most."""


def _no_template(zh: str, en: str) -> InputError:
    return InputError(zh=f"模板不合规则:{zh}。", en=f"This is no template: {en}.")


def pattern_from(told: Mapping[str, Any]) -> ShiftPattern:
    """A district's own cycle from ``name_zh``, ``name_en``, ``cycle`` (keys of the shifts, empty for rest) and ``offsets``.

    Raises
    ------
    InputError
        It makes no sense.
    """
    cycle, offsets = told.get("cycle", ()), told.get("offsets", ())
    names = [told.get(name, "") for name in ("name_zh", "name_en")]
    sound = all(isinstance(each, str) for each in (*names, *cycle)) and all(type(each) is int for each in offsets)
    if not sound or not 0 < len(cycle) <= 366 or not 0 < len(offsets) <= 60:
        raise InputError(
            zh="班制应含名称、cycle(班次代码,空为休息)和 offsets(各班组的起点)。",
            en="A pattern has names, a cycle of shift keys (empty for rest) and offsets, one a group.",
        )
    used = {key: SHIFTS[key] for key in SHIFTS if key in cycle}
    return ShiftPattern(names[0], names[1] or names[0], used, tuple(cycle), tuple(offsets))


def patterns(services: Services, viewer: Viewer) -> dict[str, ShiftPattern]:
    """The shipped patterns and the district's own, which may replace a shipped one."""
    own = {item.id: pattern_from(item.body) for item in services.store.rosters.list(viewer) if item.kind == "pattern"}
    return PATTERNS | own


def put_pattern(services: Services, item_id: str, told: Mapping[str, Any], *, viewer: Viewer) -> ShiftPattern:
    """Keep a cycle of the district."""
    made = pattern_from(told)
    body = {"name_zh": made.name_zh, "name_en": made.name_en, "cycle": list(made.cycle), "offsets": list(made.offsets)}
    services.store.rosters.put("pattern", item_id, body, area="", viewer=viewer, now=services.clock())
    return made


def put_roster(
    services: Services, area: str, *, pattern: str, start: date, groups: Sequence[Sequence[str]], viewer: Viewer
) -> Roster:
    """Say which teams stand in the groups of a pattern, in an area or (empty) in the whole district.

    Raises
    ------
    NotFoundError
        No such pattern or area.
    InputError
        Not as many groups as the pattern has, or a team in two of them.
    """
    known = patterns(services, viewer)
    if pattern not in known:
        raise NotFoundError(
            zh=f"没有班制“{pattern}”;可用:{'、'.join(known)}。",
            en=f"There is no pattern '{pattern}'; there are {', '.join(known)}.",
        )
    _require_area(services, viewer, area)
    made = Roster(known[pattern], tuple(tuple(group) for group in groups), start)
    body = {"pattern": pattern, "start": start.isoformat(), "groups": [list(group) for group in made.groups]}
    services.store.rosters.put("roster", area or "district", body, area=area, viewer=viewer, now=services.clock())
    return made


def put_template(services: Services, item_id: str, told: Mapping[str, Any], *, viewer: Viewer) -> Template:
    """Keep a template.

    Raises
    ------
    InputError, NotFoundError, ScopeError
        It makes no sense, or its area is not the viewer's.
    """
    made = template_from(item_id, told)
    if not made.area and len(viewer.areas) == 1:
        made = replace(made, area=viewer.areas[0])
    _require_area(services, viewer, made.area)
    services.store.rosters.put("template", item_id, made.body(), area=made.area, viewer=viewer, now=services.clock())
    return made


def _require_area(services: Services, viewer: Viewer, area: str) -> None:
    if area and area not in set(services.areas(viewer)["code"]):
        raise NotFoundError(zh=f"没有编码为 {area} 的区域。", en=f"There is no area with code {area}.")


def templates(services: Services, viewer: Viewer) -> list[Template]:
    """The templates of the viewer's areas, in order of their ids."""
    return [_template(item) for item in services.store.rosters.list(viewer) if item.kind == "template"]


def _template(item: RosterItem) -> Template:
    return template_from(item.id, item.body | {"area": item.area})


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
            for day in _span(first, last)
        ],
        "shifts": shifts(services, viewer, first, last, drafts=drafts),
        "templates": [_told_template(each) for each in map(_template, _of(items, "template"))],
        "rosters": [{"area": item.area, **item.body} for item in _of(items, "roster")],
        "patterns": {
            key: {"zh": each.name_zh, "en": each.name_en, "groups": len(each.offsets), "cycle": list(each.cycle)}
            for key, each in patterns(services, viewer).items()
        },
    }


def _of(items: Sequence[RosterItem], kind: str) -> Iterator[RosterItem]:
    return (item for item in items if item.kind == kind)


def _told_template(each: Template) -> dict[str, Any]:
    return {"id": each.id, "area": each.area, **each.body(), "zh": each.words("zh"), "en": each.words("en")}


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
    known = {each.id: each for each in map(_template, _of(items, "template"))}
    wanted = {(duty.day, duty.shift, area): duty for area, duty in _duties(services, viewer, items, known, first, last)}
    plans = _plans(services, viewer, first, last, drafts=drafts)
    rows = [_row(services, key, wanted.get(key), plans.get(key), known) for key in wanted.keys() | plans.keys()]
    return sorted(rows, key=lambda row: (row["start"], row["end"], row["area"]))


Slot = tuple[date, str, str]


def _duties(
    services: Services,
    viewer: Viewer,
    items: Sequence[RosterItem],
    known: Mapping[str, Template],
    first: date,
    last: date,
) -> Iterator[tuple[str, Duty]]:
    """Area by area, since an area has a roster of its own; the order of templates is that of their ids."""
    rosters = {item.area: _roster(services, viewer, item) for item in _of(items, "roster")}
    for area in sorted({*rosters, *(each.area for each in known.values())}):
        roster = rosters.get(area) or Roster(_NOBODY, ((),), first)
        # A template may ask for a shift that no group of the pattern has.
        roster = replace(roster, pattern=replace(roster.pattern, shifts=SHIFTS | dict(roster.pattern.shifts)))
        rules = [each.rule for each in known.values() if each.area == area]
        found = duties(first, last, roster=roster, plans=rules, calendar=calendar_of(services), zone=services.zone)
        yield from ((area, duty) for duty in found)


_NOBODY = ShiftPattern("无", "none", SHIFTS, ("day",), (0,))
"""Stands where an area has templates and no roster."""


def _roster(services: Services, viewer: Viewer, item: RosterItem) -> Roster:
    known = patterns(services, viewer)
    pattern = known.get(item.body["pattern"])
    if pattern is None:
        raise InputError(
            zh=f"班组表所用的班制“{item.body['pattern']}”已不存在。",
            en=f"The roster uses the pattern '{item.body['pattern']}', which is no longer there.",
        )
    groups = tuple(tuple(group) for group in item.body["groups"])
    return Roster(pattern, groups, date.fromisoformat(item.body["start"]))


def _plans(
    services: Services, viewer: Viewer, first: date, last: date, *, drafts: bool = True
) -> dict[Slot, StoredPlan]:
    """The plan that counts for each shift: the one in force, else the newest that is not withdrawn."""
    found: dict[Slot, StoredPlan] = {}
    for day in _span(first, last):
        for plan in services.store.plans.list(viewer, date=day):
            slot = (day, plan.shift, plan.area)
            if plan.status == "withdrawn" or (plan.status == "draft" and not drafts):
                continue
            if slot not in found or (plan.status in IN_FORCE and found[slot].status not in IN_FORCE):
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
    earlier = _plans(services, viewer, first - timedelta(weeks=COPY_WEEKS), day_before)
    there = {
        (date.fromisoformat(row["day"]), row["shift"], row["area"]) for row in _planned(services, viewer, first, last)
    }
    rows, sources = [], {}
    for day in _span(first, last):
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
    notes = [*kept.get("notes", ()), {"zh": source.zh + ",需求未重算", "en": source.en + "; demand is not asked anew"}]
    if events:
        notes.append({"zh": f"有 {events} 站来自当时的事件", "en": f"{events} stops came of events of that day"})
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


def _span(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=each) for each in range((last - first).days + 1))
