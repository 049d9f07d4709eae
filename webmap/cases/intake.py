"""A new event: checked, placed in its grid, routed with an explanation, held against what may be the same.

It answers with the case, its receipt and proposals, and decides nothing about them. What it keeps names no person.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

import numpy as np

from gis.dispatch import Decision, Detail, Known, Report, RuleTable, nearby, route
from gis.dispatch.free_text import mask_all
from gis.errors import InputError
from gis.join import assign_levels
from webmap.cases import told as said
from webmap.cases.clockwork import clockwork_of
from webmap.cases.lists import shown_all
from webmap.services import Services
from webmap.store.case_scope import CLOCK, CaseViewer
from webmap.store.cases import Kept
from webmap.store.events import Event
from webmap.store.models import LOCATED

RADIUS_M = 200.0
DAYS = 7.0
PROGRAM_ID = re.compile(r"(?:[a-z]+-)?[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
"""Ids that programs make, 128 bits in hexadecimal: nothing of a person is written so."""
AHEAD = timedelta(minutes=10)
"""So far may the clock of a client be ahead of ours."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DEGREE_M = 111_320.0


def create(services: Services, told: Mapping[str, Any], *, viewer: CaseViewer) -> dict[str, Any]:
    """Keep a new event.

    Parameters
    ----------
    told
        As the body of ``POST /api/events`` in docs/events.md.

    Returns
    -------
    answer
        ``event``, ``receipt``, ``route``, ``duplicates``, ``masked`` (how often what kind of personal detail was taken out of
        the texts) and ``is_new``.

    Raises
    ------
    InputError
        A field makes no sense.
    ScopeError
        The place lies outside the areas in which the viewer may report.
    ConflictError
        The id or the work order belongs to another event.
    """
    now = services.clock()
    event = placed(services, event_of(told, now=now))
    routing = services.store.routing.current()
    decision = decide(services, event, routing.table)
    progress = {"route": {"version": routing.version, "rule": decision.rule, "unit": decision.unit}}
    kept = services.store.cases.create(
        replace(event, tier=decision.tier, progress=progress),
        receipt=new_receipt(),
        work_order=said.text(told, "work_order", most=64),
        draft=told.get("draft") is True,
        viewer=viewer,
        now=now,
        clockwork=clockwork_of(services),
    )
    if kept.is_new and kept.event.state == "reported":
        kept = by_rule(services, kept, decision)
    return answered(services, kept, decision, viewer=viewer)


def by_rule(services: Services, kept: Kept, decision: Decision) -> Kept:
    """Accept a case, or accept and dispatch it, where its rule says so; the clock makes these moves, in the name of nobody."""
    steps = {"accept": ("accept",), "dispatch": ("accept", "dispatch")}.get(decision.then, ())
    event = kept.event
    for name in steps:
        event = services.store.cases.move(
            event.id,
            name,
            viewer=CLOCK,
            now=services.clock(),
            version=event.version,
            detail=Detail(f"规则 {decision.rule} / rule {decision.rule}", unit=decision.unit),
            clockwork=clockwork_of(services),
        ).event
    return replace(kept, event=event)


def _require_names(names: Sequence[str]) -> None:
    """Refuse names of attributes that say something of a person, or hold a character that no text has."""
    bad = any("\x00" in name or any("\ud800" <= c <= "\udfff" for c in name) for name in names)
    if bad or mask_all(names)[1]:
        raise InputError(
            zh="attributes 的字段名含个人信息或无效字符;请把内容写在值里。",
            en="A name in attributes tells of a person or holds a character that no text has; put what you say into values.",
        )


def answered(services: Services, kept: Kept, decision: Decision, *, viewer: CaseViewer) -> dict[str, Any]:
    """What the sender of an event is told."""
    return {
        "event": shown_all(services, [kept.event])[0],
        "receipt": kept.receipt,
        "route": decision.to_dict(),
        "duplicates": duplicates(services, kept.event, viewer=viewer),
        "masked": dict(kept.event.body.get("masked", {})),
        "is_new": kept.is_new,
    }


def event_of(told: Mapping[str, Any], *, now: datetime) -> Event:
    """The event that a client tells of, without its place in the tree.

    Raises
    ------
    InputError
        A field makes no sense.
    """
    scheme, source = (
        said.code(told, "scheme", most=40, default="wangge"),
        said.code(told, "source", most=40, default="web"),
    )
    said.code(
        told, "work_order", most=64, apart_from=("card", "id_card")
    )  # numbers of orders are long, and some pass for those of cards
    place = said.place(told)
    occurred = said.moment(told, "occurred_at") or now
    category = said.code(told, "category", most=60)
    if not category:
        raise InputError(zh="缺少类别。", en="The category is missing.")
    if occurred > now + AHEAD:
        raise InputError(zh="发生时间在将来。", en="The event happened in the future.")
    attributes = told.get("attributes") or {}
    if not isinstance(attributes, dict) or len(attributes) > 50:
        raise InputError(zh="attributes 应为不超过 50 项的对象。", en="attributes is an object of at most 50 fields.")
    names = sorted(map(str, attributes))
    _require_names(names)
    texts = [said.text(told, "text", most=said.LONGEST_TEXT), said.text(told, "address")]
    told_values = [said.text(attributes, name) for name in names]
    # One id in some hundreds has digits that look like a telephone; masked it would name no case any more.
    (words, address, *values), masked = mask_all(
        [*texts, *("" if PROGRAM_ID.fullmatch(value) else value for value in told_values)]
    )
    values = [value or kept for value, kept in zip(values, told_values, strict=True)]
    body: dict[str, Any] = {
        "text": words,
        "address": address,
        "attributes": {name[:60]: value for name, value in zip(names, values, strict=True)},
    }
    if masked:
        body["masked"] = masked
    if not told.get("occurred_at"):
        # Sent again later, it is still the same event.
        body["undated"] = True
    return Event(
        said.own_id(told),
        scheme,
        category,
        occurred,
        source=source,
        found_by=said.choice(told, "found_by", said.FOUND_BY, "report"),
        urgency=said.choice(told, "urgency", said.URGENCIES, ""),
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        grid=said.text(told, "area") if place is None else "",
        body=body,
    )


def placed(services: Services, event: Event) -> Event:
    """An event with the codes of where it lies: by its coordinates, or by the area that was told where it has none.

    Raises
    ------
    InputError
        There is no such area.
    """
    today = services.today()
    if event.lon is not None and event.lat is not None:
        areas = services.store.areas.at(event.lon, event.lat, on=today)
        if areas.empty:
            return replace(event, grid="")
        found = assign_levels(np.array([event.lon]), np.array([event.lat]), areas).iloc[0]
        return _at(event, {name: str(found[name]) for name in LOCATED})
    if not event.grid:
        return event
    above = services.store.areas.above(event.grid, on=today)
    if event.grid not in set(above["code"]):
        raise InputError(zh=f"没有区域 {event.grid}。", en=f"There is no area {event.grid}.")
    codes = dict(zip(above["level"], above["code"], strict=True))
    return _at(event, codes)


def _at(event: Event, codes: Mapping[str, str]) -> Event:
    grid, community, street, district = (codes.get(name, "") for name in LOCATED)
    return replace(event, grid=grid, community=community, street=street, district=district)


def decide(services: Services, event: Event, table: RuleTable) -> Decision:
    """Where rules would send an event, with their reasons."""
    codes = tuple(code for code in (getattr(event, name) for name in LOCATED) if code)
    report = Report(
        event.category,
        codes,
        tier_of(event),
        services.local(event.occurred_at),
        source=event.source,
        found_by=event.found_by,
    )
    return route(table, report)


def tier_of(event: Event) -> str:
    """The lowest tier that the place is known by; the district for a place that is not known."""
    if event.grid or event.community:
        return "community"
    return "street" if event.street else "district"


def duplicates(services: Services, event: Event, *, viewer: CaseViewer) -> list[dict[str, Any]]:
    """What may be the same as an event, of the cases that the viewer may see, best first."""
    if event.lon is None or event.lat is None:
        return []
    wide = RADIUS_M / _DEGREE_M * 1.01
    tall, broad = wide, wide / max(cos(radians(event.lat)), 0.01)
    box = (event.lon - broad, event.lat - tall, event.lon + broad, event.lat + tall)
    span = timedelta(days=DAYS)
    near = services.store.cases.near(box, viewer, since=event.occurred_at - span, until=event.occurred_at + span)
    states = {each.id: each.state for each in near}
    found = nearby(_known(event, event.lat), (_known(each, event.lat) for each in near), radius_m=RADIUS_M, days=DAYS)
    return [{**vars(each), "state": states[each.id]} for each in found]


def new_receipt() -> str:
    """A receipt that nobody guesses: 60 random bits in twelve characters without I, L, O and U."""
    letters = [secrets.choice(_ALPHABET) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))


def _known(event: Event, lat: float) -> Known:
    # Metres on a plane that touches the place: within hundreds of metres the error is below a centimetre.
    x = (event.lon or 0.0) * _DEGREE_M * cos(radians(lat))
    return Known(event.id, x, (event.lat or 0.0) * _DEGREE_M, event.occurred_at, event.scheme, event.category)
