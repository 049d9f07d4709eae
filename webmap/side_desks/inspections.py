"""Inspections as they are asked for: schedules of sites, what is due, a checklist answered; what fails becomes an event.

An event of a failed item is a patrol finding (``found_by`` is ``patrol``) at the site, and carries the site's id. Who inspected is kept in
the log alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from gis.dispatch.free_text import mask
from gis.dispatch.inspections import (
    Answer,
    Due,
    EventDraft,
    Schedule,
    Site,
    checklist,
    due_inspections,
    findings,
)
from gis.errors import InputError, NotFoundError, PowerError, StateError
from webmap.auth.permissions import OPERATOR, ROLES
from webmap.cases import intake
from webmap.cases import told as said
from webmap.cases.intake import AHEAD
from webmap.cases.shown import iso
from webmap.holidays import calendar_of
from webmap.services import Services
from webmap.side_desks.asked import day_of, plain, require_taken, where
from webmap.store.case_scope import CaseViewer
from webmap.store.side_cases import Made, SideCase
from webmap.store.viewer import Viewer

TAKEN = (
    *("id", "site", "kind", "name", "name_en", "lon", "lat", "start", "end", "every_days"),
    *("weekdays", "opens", "closes", "working_days"),
)
"""Fields of a new schedule; every other one is refused."""
CHECK_TAKEN = ("id", "at", "answers", "notes")
KINDS = ("courier", "railway", "safe_harbour")
"""Kinds of sites that have a checklist."""
MOST_DAYS = 92
_MOST = 100_000
_BEFORE = timedelta(days=62)
"""So far before the first day an inspection may count for a day that is listed: two that were put off and a month."""


def plan(services: Services, told: Mapping[str, Any], *, viewer: CaseViewer) -> dict[str, Any]:
    """Keep a new schedule of a site.

    Parameters
    ----------
    told
        As the body of ``POST /api/inspections/schedules`` in docs/side_desks.md; a place of the map is told by its id alone.

    Returns
    -------
    answer
        ``schedule`` and ``is_new``.

    Raises
    ------
    InputError
        A field that is not taken, or makes no sense.
    NotFoundError
        There is no such place, or no checklist for its kind.
    ScopeError
        It lies outside the areas in which the viewer plans inspections.
    """
    require_taken(told, TAKEN)
    schedule = _schedule(services, told, viewer)
    checklist(schedule.site.kind)
    codes = where(services, {"lon": schedule.site.lon, "lat": schedule.site.lat})
    case = SideCase("schedule", schedule.id, "active", ref=schedule.site.id, body=_body(schedule), **codes)
    kept, is_new = services.store.side_cases.create(
        case, move="plan", action="plan_inspections", sent=told, viewer=viewer, now=services.clock()
    )
    return {"schedule": schedule_shown(kept), "is_new": is_new}


def end(services: Services, schedule_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """End a schedule: nothing of it falls due any more.

    Raises
    ------
    NotFoundError
        There is no such schedule that the viewer may see.
    StateError
        It has ended already.
    PowerError
        The viewer plans no inspections there.
    """

    def decide(case: SideCase, roles: tuple[str, ...]) -> Made:
        if case.state != "active":
            raise StateError(zh="检查计划已结束。", en="The schedule has ended already.", code="state")
        role = next((role for role in roles if role == OPERATOR or "plan_inspections" in ROLES[role].actions), "")
        if not role:
            raise PowerError(zh="您的角色不能结束检查计划。", en="None of your roles may end a schedule.", code="role")
        return Made(replace(case, state="ended"), role)

    ended = services.store.side_cases.move("schedule", schedule_id, "end", decide, viewer=viewer, now=services.clock())
    return {"schedule": schedule_shown(ended)}


def schedules(services: Services, *, viewer: CaseViewer, area: str = "") -> list[dict[str, Any]]:
    """The schedules in force that the viewer may see."""
    found = services.store.side_cases.list("schedule", viewer, states=("active",), area=area, limit=_MOST)
    return [schedule_shown(case) for case in found]


def due(
    services: Services, *, viewer: CaseViewer, first: date, last: date, area: str = "", statuses: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What falls due from one day to another, both included, with what became of it, and counts by status.

    Raises
    ------
    InputError
        The span is empty or longer than 92 days.
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InputError(zh=f"日期范围为 1-{MOST_DAYS} 天。", en=f"The span is of 1 to {MOST_DAYS} days.")
    store = services.store.side_cases
    cases = store.list("schedule", viewer, states=("active",), area=area, limit=_MOST)
    since = datetime.combine(first, time(0), services.local(services.clock()).tzinfo) - _BEFORE
    done: dict[str, list[datetime]] = {}
    for made in store.list("inspection", viewer, area=area, limit=_MOST, since=since):
        done.setdefault(made.ref, []).append(datetime.fromisoformat(made.body["at"]))
    known = {case.id: schedule_of(case) for case in cases}
    found = due_inspections(
        known.values(), done, services.clock(), calendar_of(services), first=first, last=last, tz=services.zone
    )
    counts = {
        name: sum(each.status == name for each in found) for name in ("upcoming", "due", "done", "late", "missed")
    }
    shown = [_due_shown(each) for each in found if not statuses or each.status in statuses]
    return {"due": shown, "counts": counts}


def check(services: Services, schedule_id: str, told: Mapping[str, Any], *, viewer: CaseViewer) -> dict[str, Any]:
    """Keep the answers to the checklist of a site, and make an event of each failed item.

    Parameters
    ----------
    told
        As the body of ``POST /api/inspections/<schedule>/checks`` in docs/side_desks.md.

    Returns
    -------
    answer
        ``inspection``, ``events`` (``id``, ``item``, ``category``, ``state``, ``route``) and ``is_new``. Sent again, whatever is missing is made.

    Raises
    ------
    NotFoundError
        There is no such schedule that the viewer may see.
    DetailError
        Items without a proper answer, or notes without an item.
    InputError
        A field that is not taken, or a moment to come.
    StateError
        The schedule has ended.
    """
    require_taken(told, CHECK_TAKEN)
    now = services.clock()
    planned = services.store.side_cases.get("schedule", schedule_id, viewer)
    site = schedule_of(planned).site
    at = said.moment(told, "at") or now
    if at > now + AHEAD:
        raise InputError(zh="检查时间在将来。", en="The inspection is in the future.")
    answers, notes = _texts(told, "answers"), {name: mask(note).text for name, note in _texts(told, "notes").items()}
    inspection = said.own_id(told)
    drafts = findings(site, _answers(answers), at, notes=notes)
    if planned.state != "active":
        raise StateError(zh="检查计划已结束。", en="The schedule has ended already.", code="state")
    body = {"at": iso(at), "answers": answers, "notes": notes, "site": planned.body["site"]}
    body["events"] = [_event_id(inspection, draft.attributes["item"]) for draft in drafts]
    codes = {name: getattr(planned, name) for name in ("grid", "community", "street", "district")}
    case = SideCase("inspection", inspection, "done", ref=schedule_id, body=body, due_at=at, **codes)
    kept, is_new = services.store.side_cases.create(
        case, move="check", action="report_events", sent={**told, "schedule": schedule_id}, viewer=viewer, now=now
    )
    # Events are of what was kept, so that the same inspection sent again makes the same ones and those that are missing.
    again = kept.body
    moment = datetime.fromisoformat(again["at"])
    made = [
        _event(services, inspection, draft, viewer)
        for draft in findings(site, again["answers"], moment, notes=again["notes"])
    ]
    return {"inspection": inspection_shown(kept), "events": made, "is_new": is_new}


def checks(services: Services, schedule_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """A schedule with its checklist and the inspections that were made of it, newest first.

    Raises
    ------
    NotFoundError
        There is no such schedule that the viewer may see.
    """
    planned = services.store.side_cases.get("schedule", schedule_id, viewer)
    made = services.store.side_cases.list("inspection", viewer, ref=schedule_id, limit=_MOST)
    newest = sorted((inspection_shown(case) for case in made), key=lambda each: (each["at"], each["id"]), reverse=True)
    return {
        "schedule": schedule_shown(planned),
        "checklist": [vars(item) for item in checklist(planned.body["site"]["kind"])],
        "inspections": newest,
    }


def checklists() -> dict[str, Any]:
    """Every checklist, by kind of site."""
    return {kind: [vars(item) for item in checklist(kind)] for kind in KINDS}


def schedule_of(case: SideCase) -> Schedule:
    """The schedule of a record."""
    body = case.body
    return Schedule(
        case.id,
        Site(**body["site"]),
        date.fromisoformat(body["start"]),
        date.fromisoformat(body["end"]) if body["end"] else None,
        body["every_days"],
        frozenset(body["weekdays"]),
        time.fromisoformat(body["opens"]),
        time.fromisoformat(body["closes"]) if body["closes"] else None,
        body["working_days"],
    )


def schedule_shown(case: SideCase) -> dict[str, Any]:
    """A schedule as programs are told it."""
    where_ = {name: getattr(case, name) for name in ("grid", "community", "street", "district")}
    return {"id": case.id, "state": case.state, "version": case.version, **case.body, **where_}


def inspection_shown(case: SideCase) -> dict[str, Any]:
    """An inspection that was made, as programs are told it."""
    return {"id": case.id, "schedule": case.ref, **case.body}


def _schedule(services: Services, told: Mapping[str, Any], viewer: CaseViewer) -> Schedule:
    opens, closes = _hour(told, "opens"), _hour(told, "closes")
    weekdays, every = told.get("weekdays") or [], told.get("every_days")
    sound = isinstance(weekdays, list) and all(type(day) is int for day in weekdays)
    if not sound or not (every is None or (type(every) is int and 1 <= every <= 3660)):
        raise InputError(
            zh="every_days 应为天数,weekdays 为 0-6 的列表(0 为周一)。",
            en="every_days is a number of days, weekdays a list of 0 to 6 (0 is Monday).",
        )
    if not isinstance(told.get("working_days", False), bool):
        raise InputError(zh="working_days 应为 true 或 false。", en="working_days is true or false.")
    return Schedule(
        said.own_id(told),
        _site(services, told, viewer),
        day_of(told, "start") or services.today(),
        day_of(told, "end"),
        every,
        frozenset(weekdays),
        opens or time(0),
        closes,
        told.get("working_days", False),
    )


def _site(services: Services, told: Mapping[str, Any], viewer: CaseViewer) -> Site:
    name = said.code(told, "site", most=64)
    place = said.place(told)
    if not name:
        raise InputError(zh="缺少地点编号 site。", en="The id of the site is missing.")
    if place is not None:
        title = mask(said.text(told, "name")).text or name
        return Site(name, said.text(told, "kind", most=40), title, *place, mask(said.text(told, "name_en")).text)
    areas = viewer.areas("plan_inspections")
    places = services.store.layer("places").read(Viewer(viewer.actor, "", () if "" in areas else areas or ("-",)))
    found = places[places["id"] == name]
    if found.empty:
        raise NotFoundError(
            zh=f"没有场所“{name}”;其他地点请填写 kind、lon、lat。",
            en=f"There is no place '{name}'; of another site say kind, lon and lat.",
        )
    row = found.iloc[0]
    english = str(row["name_en"] or "")
    return Site(name, str(row["kind"]), str(row["name_zh"]), float(row["lon"]), float(row["lat"]), english)


def _body(schedule: Schedule) -> dict[str, Any]:
    return {
        "site": vars(schedule.site),
        "start": schedule.start.isoformat(),
        "end": schedule.end.isoformat() if schedule.end else "",
        "every_days": schedule.every_days,
        "weekdays": sorted(schedule.weekdays),
        "opens": schedule.opens.isoformat("minutes"),
        "closes": schedule.closes.isoformat("minutes") if schedule.closes else "",
        "working_days": schedule.working_days,
    }


def _due_shown(each: Due) -> dict[str, Any]:
    return {
        "schedule": each.schedule.id,
        **{
            f"site_{name}" if name in ("id", "kind") else name: value
            for name, value in vars(each.schedule.site).items()
        },
        "day": each.day.isoformat(),
        "opens": iso(each.opens),
        "closes": iso(each.closes),
        "status": each.status,
    }


def _event(services: Services, inspection: str, draft: EventDraft, viewer: CaseViewer) -> dict[str, Any]:
    told = vars(draft) | {"occurred_at": iso(draft.occurred_at), "attributes": dict(draft.attributes)}
    item = draft.attributes["item"]
    made = intake.create(services, told | {"id": _event_id(inspection, item)}, viewer=viewer)
    event = made["event"]
    return {"id": event["id"], "item": item, "category": event["category"], "state": event["state"]} | {
        "route": made["route"]
    }


def _event_id(inspection: str, item: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"wangge:inspection:{inspection}:{item}"))


def _texts(told: Mapping[str, Any], name: str) -> dict[str, str]:
    found = told.get(name) or {}
    if not isinstance(found, Mapping) or len(found) > 100:
        raise InputError(zh=f"{name} 应为检查项到文字的对象。", en=f"{name} is an object of texts by item.")
    return {plain(key): said.text(found, key, most=500) for key in found}


def _answers(told: Mapping[str, str]) -> dict[str, Answer]:
    # Another word is left as it is: the library names every item that has no proper answer.
    return cast("dict[str, Answer]", dict(told))


def _hour(told: Mapping[str, Any], name: str) -> time | None:
    value = said.text(told, name, most=8)
    try:
        found = time.fromisoformat(value) if value else None
    except ValueError:
        found = None
    if value and (found is None or found.tzinfo is not None):
        raise InputError(zh=f"{name} 应为时刻,如 09:00。", en=f"{name} is an hour of the day such as 09:00.")
    return found
