"""How cases are found: by a query, by their id where the viewer may see them, by a receipt or the number of a work order.

It changes nothing but the keys by which a case is found; who sees which case is said in :mod:`webmap.store.case_scope`.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select

from gis.errors import ConflictError, NotFoundError
from webmap.store.case_models import EVENT_KEYS
from webmap.store.case_records import CaseQuery
from webmap.store.case_scope import CaseViewer, sees_case, show_to
from webmap.store.events import Event, event_of
from webmap.store.models import EVENTS
from webmap.store.scoping import located_in

RECEIPT, WORK_ORDER = "receipt", "work_order"
"""Kinds of keys by which a case is found without an account."""


def conditions(query: CaseQuery) -> list[ColumnElement[bool]]:
    """What a query asks of each case, besides that the viewer may see it."""
    columns = {
        "state": query.states,
        "tier": query.tiers,
        "unit": query.units,
        "category": query.categories,
        "source": query.sources,
        "found_by": query.found_by,
    }
    found: list[ColumnElement[bool]] = [EVENTS.c[name].in_(values) for name, values in columns.items() if values]
    if query.area:
        found.append(located_in(EVENTS, [query.area]))
    if query.since is not None:
        found.append(EVENTS.c.created_at >= query.since)
    if query.until is not None:
        found.append(EVENTS.c.created_at < query.until)
    if query.after is not None:
        at, event_id = query.after
        same = and_(EVENTS.c.created_at == at, EVENTS.c.id < event_id)
        found.append(or_(EVENTS.c.created_at < at, same))
    return found


def visible_case(connection: Connection, event_id: str, viewer: CaseViewer) -> Event:
    """One case that the viewer may see.

    Raises
    ------
    NotFoundError
        There is none.
    """
    show_to(connection, viewer)
    # PostgreSQL has no text with a zero in it: no event has such an id.
    row = case_row(connection, and_(EVENTS.c.id == event_id, sees_case(viewer))) if "\x00" not in event_id else None
    if row is None:
        raise NotFoundError(zh=f"没有事件 {event_id}。", en=f"There is no event {event_id}.")
    return event_of(row)


def case_row(connection: Connection, condition: ColumnElement[bool]) -> Any:
    """The row of the one case that answers a condition, or None."""
    return connection.execute(select(EVENTS).where(condition)).mappings().one_or_none()


def case_of_key(connection: Connection, kind: str, value: str) -> str | None:
    """Id of the case that has a receipt or the number of a work order, or None."""
    query = select(EVENT_KEYS.c.event).where(EVENT_KEYS.c.kind == kind, EVENT_KEYS.c.value == value)
    return connection.scalar(query)


def key_of_case(connection: Connection, kind: str, event_id: str) -> str:
    """The receipt or the number of the work order of a case; empty where it has none."""
    query = select(EVENT_KEYS.c.value).where(EVENT_KEYS.c.kind == kind, EVENT_KEYS.c.event == event_id)
    return str(connection.scalar(query) or "")


def put_key(connection: Connection, kind: str, value: str, event_id: str) -> None:
    """Let a case be found by a receipt or the number of a work order.

    Raises
    ------
    ConflictError
        It leads to another case.
    """
    if case_of_key(connection, kind, value) is not None:
        raise ConflictError(zh=f"工单号或回执 {value} 已有事件。", en=f"The number {value} belongs to another event.")
    connection.execute(insert(EVENT_KEYS).values(kind=kind, value=value, event=event_id))
