"""Events: cases that people work on and close, each with an id that its client made.

Here they are kept and read by area. They are moved in :mod:`webmap.store.cases` and nowhere else. An event becomes an
incident of the analyses, never the other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gis.errors import ConflictError, InputError, NotFoundError, ScopeError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, parsed
from webmap.store.models import EVENTS, LOCATED
from webmap.store.scoping import sees_code, sees_located
from webmap.store.viewer import Viewer


@dataclass(frozen=True)
class Event:
    """A case.

    Parameters
    ----------
    id
        Made by the client, so that sending it again creates nothing.
    scheme, category
        The code list and the code in it.
    occurred_at
        When it happened, UTC.
    lon, lat
        Where, degrees; none while unknown.
    grid, community, street, district
        Where it lies; empty while unknown.
    incident
        Id of the incident that analyses read, once there is one.
    body
        Everything else, as JSON.
    state
        Where a case that is kept begins.
    urgency
        Empty, or a word of the time limits: ``emergency``, ``utility``, ``complex``.
    tier, unit, merged_into, until, due_at
        Who is in charge, where it is, the case it is the same as, the end of a pause, the first deadline that runs.
    reporter
        Account that reported it; empty without one.
    progress
        Counts, handlers, open request, score and the decision of the routing rules, as JSON.
    version, created_at, updated_at
        Kept by the store; what a client brings is ignored on creation.
    """

    id: str
    scheme: str
    category: str
    occurred_at: datetime
    source: str = ""
    found_by: str = "report"
    lon: float | None = None
    lat: float | None = None
    grid: str = ""
    community: str = ""
    street: str = ""
    district: str = ""
    incident: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    state: str = "reported"
    version: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None
    tier: str = "community"
    unit: str = ""
    reporter: str = ""
    merged_into: str = ""
    urgency: str = ""
    until: datetime | None = None
    due_at: datetime | None = None
    progress: Mapping[str, Any] = field(default_factory=dict)

    @property
    def area(self) -> str:
        """The smallest area it is located in; empty while unknown."""
        return next((code for code in (self.grid, self.community, self.street, self.district) if code), "")


_DOCUMENTS = ("body", "progress")
_KEPT = frozenset(
    {
        *("state", "version", "created_at", "updated_at", "tier", "unit", "reporter", "merged_into", "until", "due_at"),
        *("progress", "incident"),
    }
)
"""What the store knows better than a client that sends an event again."""


class Events:
    """The events of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, event: Event, *, viewer: Viewer, now: datetime) -> Event:
        """Keep a new case.

        Returns
        -------
        event
            As stored. The same event sent twice is stored once and the stored one comes back.

        Raises
        ------
        InputError
            No id, or a moment without zone.
        ScopeError
            It lies outside the viewer's areas.
        ConflictError
            The id is taken by another event.
        """
        require_zone(now)
        require_zone(event.occurred_at)
        if not event.id:
            raise InputError(zh="事件缺少编号。", en="The event has no id; the client makes it.")
        same_id = select(EVENTS).where(EVENTS.c.id == event.id)
        values = event_values(event) | {"version": 1, "created_at": now, "updated_at": now}
        with self._database.writing() as connection:
            _require_inside(connection, viewer, event)
            known = connection.execute(same_id).mappings().one_or_none()
            if known is not None:
                return _same_or_refuse(connection, viewer, event_of(known), event)
            connection.execute(insert(EVENTS).values(**values))
            note_change(connection, "events", "create", viewer=viewer, now=now, ref=event.id, area=event.area)
            return event_of(connection.execute(same_id).mappings().one())

    def get(self, event_id: str, viewer: Viewer) -> Event:
        """One case.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        """
        with self._database.reading() as connection:
            return _visible(connection, event_id, viewer)

    def list(self, viewer: Viewer, *, state: str = "", limit: int = 1000, after: str = "") -> list[Event]:
        """Cases that the viewer may see, ordered by id.

        Parameters
        ----------
        state
            Only cases in this state.
        after
            Only cases with a greater id, to page on.
        """
        query = select(EVENTS).where(sees_located(viewer, EVENTS), EVENTS.c.id > after)
        if state:
            query = query.where(EVENTS.c.state == state)
        with self._database.reading() as connection:
            return [event_of(row) for row in connection.execute(query.order_by(EVENTS.c.id).limit(limit)).mappings()]


def event_values(event: Event) -> dict[str, Any]:
    """The columns of an event as the store keeps them.

    Raises
    ------
    InputError
        Its body or progress is not JSON.
    """
    texts = {name: canonical(dict(getattr(event, name)), what_zh="事件", what_en="the event") for name in _DOCUMENTS}
    return vars(event) | texts


def event_of(row: Any) -> Event:
    """An event from a row of its table."""
    return Event(**(dict(row) | {name: parsed(row[name]) for name in _DOCUMENTS}))


def _visible(connection: Connection, event_id: str, viewer: Viewer) -> Event:
    query = select(EVENTS).where(EVENTS.c.id == event_id, sees_located(viewer, EVENTS))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(zh=f"没有事件 {event_id}。", en=f"There is no event {event_id}.")
    return event_of(row)


def _same_or_refuse(connection: Connection, viewer: Viewer, known: Event, sent: Event) -> Event:
    _require_inside(connection, viewer, known)
    if told_by_client(known) != told_by_client(sent):
        raise id_taken(sent.id)
    return known


def told_by_client(event: Event) -> dict[str, Any]:
    """What an event says that nothing changes afterwards."""
    return {name: value for name, value in event_values(event).items() if name not in _KEPT}


def id_taken(event_id: str) -> ConflictError:
    """The id was given to something else."""
    return ConflictError(
        zh=f"编号 {event_id} 已用于另一事件。", en=f"The id {event_id} belongs to another event already."
    )


def _require_inside(connection: Connection, viewer: Viewer, event: Event) -> None:
    codes = [code for code in (getattr(event, name) for name in LOCATED) if code]
    if not viewer.is_unlimited and not any(sees_code(connection, viewer, code) for code in codes):
        raise ScopeError(
            zh=f"事件 {event.id} 不在“{viewer.actor}”的权限区域内。",
            en=f"Event {event.id} lies outside the areas of '{viewer.actor}'.",
        )
