"""Disputes as they are asked for: registered by place, moved, listed. Who the parties are is asked nowhere and refused by name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gis.dispatch.committees import Committee, committee_for
from gis.dispatch.disputes import DISPUTE_STATES, PEOPLE_CLASSES, Dispute, DisputeTold, dispute_moves, move_dispute
from gis.dispatch.disputes import people_class as class_of
from gis.dispatch.free_text import mask_all
from gis.divisions import is_within
from gis.errors import DetailError, InputError, NotFoundError
from gis.incidents import taxonomy
from webmap.cases import told as said
from webmap.cases.shown import iso
from webmap.services import Services
from webmap.side_desks.asked import day_of, offered, require_taken, role_of, where
from webmap.store.case_scope import CaseViewer
from webmap.store.side_cases import Made, SideCase

TEXTS = ("title", "address", "summary", "organisation", "scale")
TAKEN = ("id", "category", "occurred_on", "due_on", "people", "lon", "lat", "area", *TEXTS)
"""Fields of a new dispute; every other one is refused."""
MOVE_TAKEN = ("move", "version", "reason", "committee", "method", "way", "kept", "result")
OPEN = ("reported", "accepted", "assigned", "mediating")
"""States in which somebody has to do something about it."""
_ELSEWHERE = frozenset({"id", "areas", "state", "version", "committee"})
_DATES = ("occurred_on", "due_on", "evaluated_on")


def register(services: Services, told: Mapping[str, Any], *, viewer: CaseViewer) -> dict[str, Any]:
    """Keep a new dispute.

    Parameters
    ----------
    told
        As the body of ``POST /api/disputes`` in docs/side_desks.md.

    Returns
    -------
    answer
        ``dispute``, ``masked`` (what was taken out of the texts), ``committee`` (which one is for it and why) and ``is_new``.

    Raises
    ------
    InputError
        A field that is not taken, or makes no sense.
    ScopeError
        The place lies outside the areas of the viewer.
    """
    require_taken(told, TAKEN)
    codes = where(services, told)
    texts, masked = mask_all([said.text(told, name, most=2000) for name in TEXTS])
    words: dict[str, Any] = dict(zip(TEXTS, texts, strict=True))
    place = said.place(told)
    dispute = Dispute(
        said.own_id(told),
        said.code(told, "category", most=60),
        tuple(code for code in codes.values() if code),
        occurred_on=day_of(told, "occurred_on"),
        due_on=day_of(told, "due_on"),
        people=_people(told.get("people")),
        grid=codes["grid"],
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        **words,
    )
    if not dispute.category:
        raise InputError(zh="缺少类别。", en="The category is missing.")
    case = SideCase("dispute", dispute.id, dispute.state, body=_body(dispute), **codes)
    case = replace(case, due_at=_end_of(dispute.due_on, services.zone))
    kept, is_new = services.store.side_cases.create(
        case, move="register", action="register_disputes", sent=told, viewer=viewer, now=services.clock()
    )
    answer = {"dispute": shown(kept, services), "masked": dict(masked), "committee": proposed(services, kept)}
    return answer | {"is_new": is_new}


def move(
    services: Services, dispute_id: str, told: Mapping[str, Any], *, viewer: CaseViewer, if_match: str = ""
) -> dict[str, Any]:
    """Make one move by the table of docs/side_desks.md; the dispute after it.

    Raises
    ------
    NotFoundError
        There is no such dispute that the viewer may see.
    CaseError
        The move is refused.
    InputError
        A field that is not taken, or makes no sense.
    """
    require_taken(told, MOVE_TAKEN)
    name, version = said.text(told, "move", most=40), said.version_of(told, if_match)
    kept = told.get("kept")
    if kept is not None and not isinstance(kept, bool):
        raise InputError(zh="kept 应为 true 或 false。", en="kept is true or false.")
    texts = {key: said.text(told, key, most=2000) for key in ("reason", "committee", "method", "way", "result")}
    detail = DisputeTold(kept=kept, **texts)
    known = {each.code: each for each in services.store.committees.list()}
    now = services.clock()

    def decide(case: SideCase, roles: tuple[str, ...]) -> Made:
        _require_committee(case, detail.committee, known)
        role = role_of(dispute_moves(), name, case.state, roles)
        after, record = move_dispute(dispute_of(case), name, role=role, now=now, version=version, told=detail)
        changed = replace(case, state=after.state, committee=after.committee, body=_body(after))
        more = {"committee": record.committee} if record.committee else {}
        return Made(changed, role, record.reason, more)

    moved = services.store.side_cases.move("dispute", dispute_id, name, decide, viewer=viewer, now=now)
    return {"dispute": shown(moved, services)}


def one(services: Services, dispute_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """One dispute with its history and the moves that the viewer may make now.

    Raises
    ------
    NotFoundError
        There is no such dispute that the viewer may see.
    """
    case = services.store.side_cases.get("dispute", dispute_id, viewer)
    history = services.store.side_cases.history("dispute", dispute_id, viewer)
    return {
        "dispute": shown(case, services),
        "history": [
            {"version": m.version, "move": m.move, "from": m.source, "to": m.target, "role": m.role, "at": iso(m.at)}
            | {"reason": m.reason, "committee": m.detail.get("committee", "")}
            for m in history
        ],
        "moves": offered(dispute_moves(), case.state, services.store.side_cases.roles(case, viewer)),
        "committee": proposed(services, case),
    }


def page(
    services: Services,
    *,
    viewer: CaseViewer,
    states: tuple[str, ...] = (),
    area: str = "",
    limit: int = 100,
    after: str = "",
    moves: bool = False,
) -> dict[str, Any]:
    """Disputes that the viewer may see, by id, and the id after which the next page begins; empty after the last.

    Parameters
    ----------
    moves
        Tell with each the moves that are open to the viewer.

    Raises
    ------
    InputError
        A state that is none.
    """
    unknown = sorted(set(states) - set(DISPUTE_STATES))
    if unknown:
        raise InputError(
            zh=f"state 应为 {'、'.join(DISPUTE_STATES)}。", en=f"state is one of {', '.join(DISPUTE_STATES)}."
        )
    found = services.store.side_cases.list("dispute", viewer, states=states, area=area, limit=limit + 1, after=after)
    told = found[:limit]
    shown_all = [shown(case, services) for case in told]
    if moves:
        for each, case in zip(shown_all, told, strict=True):
            each["moves"] = offered(dispute_moves(), case.state, services.store.side_cases.roles(case, viewer))
    return {"disputes": shown_all, "next": told[-1].id if len(found) > limit else ""}


def proposed(services: Services, case: SideCase) -> dict[str, str] | None:
    """The committee that is for a dispute, and why; None where none is."""
    try:
        choice = committee_for(str(case.body["category"]), case.codes, services.store.committees.list())
    except NotFoundError:
        return None
    return {**told_of(choice.committee), "why_zh": choice.why_zh, "why_en": choice.why_en}


def told_of(committee: Committee) -> dict[str, str]:
    """A committee by code and names."""
    return {"code": committee.code, "zh": committee.name_zh, "en": committee.name_en}


def committees(services: Services) -> list[dict[str, Any]]:
    """Every committee: code, kind, names, area and topics."""
    return [
        {**told_of(each), "kind": each.kind, "area": each.area, "topics": sorted(each.topics)}
        for each in services.store.committees.list()
    ]


def shown(case: SideCase, services: Services) -> dict[str, Any]:
    """A dispute as programs are told it."""
    zh, en = DISPUTE_STATES[case.state]
    category = str(case.body["category"])
    return {
        "id": case.id,
        "state": case.state,
        "state_zh": zh,
        "state_en": en,
        "version": case.version,
        "category_zh": taxonomy.name("wangge", category, "zh"),
        "category_en": taxonomy.name("wangge", category, "en"),
        "committee": case.committee,
        **case.body,
        **{name: getattr(case, name) for name in ("grid", "community", "street", "district")},
        "overdue": case.due_at is not None and case.state in OPEN and services.clock() > case.due_at,
        "created_at": iso(case.created_at),
        "updated_at": iso(case.updated_at),
    }


def dispute_of(case: SideCase) -> Dispute:
    """The dispute of a record."""
    body: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DATES and value else value for name, value in case.body.items()
    }
    return Dispute(
        id=case.id, areas=case.codes, state=case.state, version=case.version, committee=case.committee, **body
    )


def _require_committee(case: SideCase, code: str, known: Mapping[str, Committee]) -> None:
    """Refuse a committee that there is not, or that is not for the place: its mediators would not see the dispute."""
    if not code:
        return
    if code not in known:
        raise DetailError(zh=f"没有调委会“{code}”。", en=f"There is no committee '{code}'.", code="detail")
    if not any(is_within(each, known[code].area) for each in case.codes):
        raise DetailError(
            zh=f"调委会“{code}”不受理该地点的纠纷。", en=f"The committee '{code}' is not for this place.", code="detail"
        )


def _body(dispute: Dispute) -> dict[str, Any]:
    told = {name: value for name, value in vars(dispute).items() if name not in _ELSEWHERE}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def _people(value: object) -> str:
    if value in (None, "", *PEOPLE_CLASSES):
        return str(value or "")
    if type(value) is not int or not 0 <= value < 100_000:
        raise InputError(
            zh=f"people 应为人数或 {'、'.join(PEOPLE_CLASSES)}。",
            en=f"people is a count, or one of {', '.join(PEOPLE_CLASSES)}.",
        )
    return class_of(value)


def _end_of(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone))
