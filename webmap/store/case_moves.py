"""One move of a case inside a transaction of the caller: case, row of the move, clocks, incident, change, audit, message.

It is whole with that transaction or not at all, and it asks :func:`gis.dispatch.transition` whether it may be.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, insert, select, update

from gis.dispatch import Ask, Case, Counts, Detail, Record, transition
from gis.errors import DetailError
from webmap.store.case_clocks import Clockwork, turn_clocks
from webmap.store.case_models import EVENT_MOVES
from webmap.store.case_scope import CaseViewer, actor_of, areas_around, located_codes, sees_case
from webmap.store.changes import note_change
from webmap.store.documents import canonical
from webmap.store.events import Event, event_values
from webmap.store.models import EVENTS, INCIDENTS, LOCATED
from webmap.store.units import require_unit

GONE = frozenset({"draft", "merged", "withdrawn", "rejected", "archived"})
"""States of cases that take no duplicate."""

OnMove = Callable[[Connection, Record, Event], None]
"""Told each move inside its transaction, to put messages beside it."""


@dataclass(frozen=True)
class StoredMove:
    """One row of the history of a case; see ``gis.dispatch.Record``."""

    event: str
    version: int
    id: str
    move: str
    source: str
    target: str
    tier_from: str
    tier_to: str
    unit_from: str
    unit_to: str
    role: str
    area: str
    actor: str
    at: datetime
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Making:
    """How moves are made.

    Parameters
    ----------
    clockwork
        None where no clocks are kept.
    on_move
        Told each move.
    """

    viewer: CaseViewer
    now: datetime
    clockwork: Clockwork | None = None
    on_move: tuple[OnMove, ...] = ()


def make_move(
    connection: Connection,
    event: Event,
    move: str,
    making: Making,
    *,
    detail: Detail,
    version: int | None = None,
    move_id: str = "",
) -> tuple[Event, StoredMove]:
    """Move a case that the viewer was shown in the same transaction.

    Returns
    -------
    event, row
        The case after the move, and the row of it.

    Raises
    ------
    CaseError
        The move is refused; see :func:`gis.dispatch.transition`.
    InputError
        There is no such unit.
    """
    viewer, now = making.viewer, making.now
    case = case_of(event, areas_around(connection, viewer, located_codes(event)))
    after, record = transition(case, move, actor_of(connection, viewer), now, version=version, detail=detail)
    _require_sound(connection, event, record, viewer)
    changed = _event_after(event, after, now)
    changed = replace(changed, incident=_incident(connection, changed, record, making))
    row = _keep_move(connection, record, move_id)
    if making.clockwork is not None:
        due = turn_clocks(connection, record, making.clockwork, category=event.category, urgency=event.urgency)
        changed = replace(changed, due_at=due)
    connection.execute(update(EVENTS).where(EVENTS.c.id == event.id).values(**event_values(changed)))
    told = {"version": record.version, "from": record.source, "to": record.target, "role": record.role}
    told |= {"tier": record.tier_to, "unit": record.unit_to}
    _note(connection, "events", move, making, ref=event.id, area=event.area, detail=told)
    for tell in making.on_move:
        tell(connection, record, changed)
    return changed, row


def _note(connection: Connection, layer: str, action: str, making: Making, **told: Any) -> int:
    return note_change(connection, layer, action, viewer=making.viewer.viewer(), now=making.now, **told)


def case_of(event: Event, areas: tuple[str, ...]) -> Case:
    """An event as the table of moves sees it."""
    told = event.progress
    ask = told.get("ask")
    return Case(
        id=event.id,
        state=event.state,
        version=event.version,
        tier=event.tier,
        unit=event.unit,
        areas=areas,
        reporter=event.reporter,
        handlers=tuple(told.get("handlers", ())),
        handled_by=tuple(told.get("handled_by", ())),
        ask=_ask(ask) if ask else None,
        counts=Counts(**told.get("counts", {})),
        until=event.until,
        merged_into=event.merged_into,
        score=told.get("score"),
    )


def _ask(told: dict[str, Any]) -> Ask:
    moments = {name: datetime.fromisoformat(told[name]) if told[name] else None for name in ("at", "until")}
    return Ask(**(told | moments))


def _event_after(event: Event, case: Case, now: datetime) -> Event:
    ask = None
    if case.ask is not None:
        until = case.ask.until.isoformat() if case.ask.until else ""
        ask = vars(case.ask) | {"at": case.ask.at.isoformat(), "until": until}
    progress = {
        **event.progress,
        "handlers": list(case.handlers),
        "handled_by": list(case.handled_by),
        "counts": {name: count for name, count in vars(case.counts).items() if count},
        "ask": ask,
        "score": case.score,
    }
    return replace(
        event,
        state=case.state,
        version=case.version,
        tier=case.tier,
        unit=case.unit,
        until=case.until,
        merged_into=case.merged_into,
        progress=progress,
        updated_at=now,
    )


def _require_sound(connection: Connection, event: Event, record: Record, viewer: CaseViewer) -> None:
    """What only the store can know: the unit is there, and the other case takes this one."""
    if record.unit_to and record.unit_to != record.unit_from:
        require_unit(connection, record.unit_to)
    if record.move == "merge":
        other = connection.scalar(select(EVENTS.c.state).where(and_(EVENTS.c.id == record.into, sees_case(viewer))))
        if other is None or other in GONE:
            raise DetailError(
                zh=f"事件 {event.id}:没有可并入的事件 {record.into}(须存在、未并案、未撤回、未归档)。",
                en=f"Event {event.id}: there is no event {record.into} that takes it (merged, withdrawn and archived ones do not).",
                code="detail",
            )


def _incident(connection: Connection, event: Event, record: Record, making: Making) -> str | None:
    """Make the case an incident of the analyses when it is accepted; take it out when it is merged afterwards."""
    incident = f"event:{event.id}"
    if record.move == "accept" and event.incident is None and event.lon is not None and event.lat is not None:
        if not connection.scalar(select(exists().where(INCIDENTS.c.id == incident))):
            seq = _note(connection, "incidents", "upsert", making, ref=incident, area=event.area)
            names = ("lon", "lat", "occurred_at", "scheme", "category", "source", "found_by", *LOCATED)
            values = {name: getattr(event, name) for name in names}
            values |= {"id": incident, "time_precision": "minute", "status": "filed", "touched": seq}
            connection.execute(insert(INCIDENTS).values(**values))
        return incident
    if record.move == "merge" and event.incident == incident:
        connection.execute(update(EVENTS).where(EVENTS.c.id == event.id).values(incident=None))
        connection.execute(delete(INCIDENTS).where(INCIDENTS.c.id == incident))
        _note(connection, "incidents", "remove", making, ref=incident, area=event.area)
        return None
    return event.incident


def _keep_move(connection: Connection, record: Record, move_id: str) -> StoredMove:
    detail = {
        "until": record.until.isoformat() if record.until else None,
        "into": record.into or None,
        "score": record.score,
    }
    told = {name: value for name, value in detail.items() if value is not None}
    skipped = ("case", "until", "into", "score", "clock")
    values = {name: value for name, value in vars(record).items() if name not in skipped}
    row = StoredMove(event=record.case, id=move_id or f"{record.case}:{record.version}", detail=told, **values)
    text = canonical(told, what_zh="操作", what_en="the move")
    connection.execute(insert(EVENT_MOVES).values(**(vars(row) | {"detail": text})))
    return row
