"""Events: cases that people work on and close, each with an id that its client made.

A case has a state and a version; whoever changes it says which version they saw. Which changes are allowed is
decided by the state machine, not here. An event becomes an incident of the analyses, never the other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gis.errors import InputError, NotFoundError, ScopeError, StoreError
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
    state, version, created_at, updated_at
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

    @property
    def area(self) -> str:
        """The smallest area it is located in; empty while unknown."""
        return next((code for code in (self.grid, self.community, self.street, self.district) if code), "")


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
        StoreError
            The id is taken by another event.
        """
        require_zone(now)
        require_zone(event.occurred_at)
        if not event.id:
            raise InputError(zh="事件缺少编号。", en="The event has no id; the client makes it.")
        same_id = select(EVENTS).where(EVENTS.c.id == event.id)
        values = _values(event) | {"version": 1, "created_at": now, "updated_at": now}
        with self._database.writing() as connection:
            _require_inside(connection, viewer, event)
            known = connection.execute(same_id).mappings().one_or_none()
            if known is not None:
                return _same_or_refuse(connection, viewer, _event(known), event)
            connection.execute(insert(EVENTS).values(**values))
            note_change(connection, "events", "create", viewer=viewer, now=now, ref=event.id, area=event.area)
            return _event(connection.execute(same_id).mappings().one())

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
            return [_event(row) for row in connection.execute(query.order_by(EVENTS.c.id).limit(limit)).mappings()]

    def change_state(self, event_id: str, state: str, *, version: int, viewer: Viewer, now: datetime) -> Event:
        """Move a case to another state, if it is still at the version that was seen.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        StoreError
            Somebody changed it meanwhile.
        """
        require_zone(now)
        with self._database.writing() as connection:
            event = _visible(connection, event_id, viewer)
            if event.version != version:
                raise StoreError(
                    zh=f"事件 {event_id} 已被他人修改(当前版本 {event.version},您看到的是 {version}),请刷新后再试。",
                    en=f"Event {event_id} has changed (now version {event.version}, you saw {version}); reload it.",
                )
            values = {"state": state, "version": version + 1, "updated_at": now}
            connection.execute(update(EVENTS).where(EVENTS.c.id == event_id).values(**values))
            note_change(connection, "events", "state", viewer=viewer, now=now, ref=event_id, area=event.area)
            return _visible(connection, event_id, viewer)


def _values(event: Event) -> dict[str, Any]:
    return vars(event) | {"body": canonical(dict(event.body), what_zh="事件", what_en="the event")}


def _event(row: Any) -> Event:
    return Event(**(dict(row) | {"body": parsed(row["body"])}))


def _visible(connection: Connection, event_id: str, viewer: Viewer) -> Event:
    query = select(EVENTS).where(EVENTS.c.id == event_id, sees_located(viewer, EVENTS))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(zh=f"没有事件 {event_id}。", en=f"There is no event {event_id}.")
    return _event(row)


def _same_or_refuse(connection: Connection, viewer: Viewer, known: Event, sent: Event) -> Event:
    _require_inside(connection, viewer, known)
    kept = ("state", "version", "created_at", "updated_at")
    first, again = ({k: v for k, v in _values(event).items() if k not in kept} for event in (known, sent))
    if first != again:
        raise StoreError(
            zh=f"编号 {sent.id} 已用于另一事件。", en=f"The id {sent.id} belongs to another event already."
        )
    return known


def _require_inside(connection: Connection, viewer: Viewer, event: Event) -> None:
    codes = [code for code in (getattr(event, name) for name in LOCATED) if code]
    if not viewer.is_unlimited and not any(sees_code(connection, viewer, code) for code in codes):
        raise ScopeError(
            zh=f"事件 {event.id} 不在“{viewer.actor}”的权限区域内。",
            en=f"Event {event.id} lies outside the areas of '{viewer.actor}'.",
        )
