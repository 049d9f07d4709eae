"""Cases: events moved through the table of moves, each move one row with its audit row, clocks and incident in one transaction.

Nothing but a move changes the state of a case (:mod:`webmap.store.case_moves`). Rows of moves are never changed.
"""

import builtins
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, and_, insert, select

from gis.dispatch import Detail, Move, allowed, states
from gis.errors import ConflictError, InputError, NotFoundError
from webmap.store._columns import micros
from webmap.store.case_clocks import Clockwork, StoredClock, clocks_of, running_of
from webmap.store.case_finding import RECEIPT as RECEIPT
from webmap.store.case_finding import WORK_ORDER as WORK_ORDER
from webmap.store.case_finding import case_of_key, case_row, conditions, key_of_case, put_key, visible_case
from webmap.store.case_models import EVENT_CLOCKS, EVENT_MOVES
from webmap.store.case_moves import GONE, Making, OnMove, StoredMove, case_of, make_move
from webmap.store.case_records import CaseQuery as CaseQuery
from webmap.store.case_records import Kept as Kept
from webmap.store.case_records import Life as Life
from webmap.store.case_records import Step as Step
from webmap.store.case_records import Waiting as Waiting
from webmap.store.case_scope import (
    LIVE,
    CaseViewer,
    actor_of,
    areas_around,
    located_codes,
    require_inside,
    sees_case,
    show_to,
    works_on,
)
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import parsed
from webmap.store.events import Event, event_of, event_values, id_taken
from webmap.store.models import EVENTS
from webmap.store.row_security import EVERYTHING, show_cases

_TOLD = ("scheme", "category", "occurred_at", "source", "found_by", "lon", "lat", "urgency", "body")


class Cases:
    """The cases of a store.

    Parameters
    ----------
    on_move
        Told each move inside its transaction.
    """

    def __init__(self, database: Database, *, on_move: tuple[OnMove, ...] = ()) -> None:
        self._database = database
        self._on_move = on_move

    @contextmanager
    def _reading(self, viewer: CaseViewer) -> Iterator[Connection]:
        with self._database.reading() as connection:
            show_to(connection, viewer)
            yield connection

    def create(
        self,
        event: Event,
        *,
        receipt: str,
        viewer: CaseViewer,
        now: datetime,
        work_order: str = "",
        draft: bool = False,
        clockwork: Clockwork | None = None,
    ) -> Kept:
        """Keep a new case as a draft and, unless it stays one, submit it.

        Parameters
        ----------
        receipt
            Unguessable; the one that was kept first holds where the event is known already.

        Returns
        -------
        kept
            The same event sent twice is kept once.

        Raises
        ------
        InputError
            No id, or a moment without zone.
        ScopeError
            It lies outside the areas in which the viewer may report.
        ConflictError
            The id, the receipt or the work order belongs to another event.
        """
        require_zone(now)
        require_zone(event.occurred_at)
        if not event.id:
            raise InputError(zh="事件缺少编号。", en="The event has no id; the client makes it.")
        fresh = replace(event, state="draft", version=1, reporter=viewer.actor, created_at=now, updated_at=now)
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            known = case_row(connection, EVENTS.c.id == event.id)
            if known is not None:
                return _same_again(connection, event_of(known), event, viewer)
            require_inside(connection, viewer, located_codes(event), event.id)
            connection.execute(insert(EVENTS).values(**event_values(fresh)))
            put_key(connection, RECEIPT, receipt, event.id)
            if work_order:
                put_key(connection, WORK_ORDER, work_order, event.id)
            note_change(connection, "events", "create", viewer=viewer.viewer(), now=now, ref=event.id, area=event.area)
            if not draft:
                making = Making(viewer, now, clockwork, self._on_move)
                fresh, _ = make_move(connection, fresh, "submit", making, detail=Detail())
            return Kept(fresh, receipt)

    def get(self, event_id: str, viewer: CaseViewer) -> Event:
        """One case.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        """
        with self._reading(viewer) as connection:
            return visible_case(connection, event_id, viewer)

    def page(self, query: CaseQuery, viewer: CaseViewer) -> builtins.list[Event]:
        """Cases that answer a query, newest first, of equal moments the greatest id first."""
        condition = and_(sees_case(viewer), *conditions(query))
        order = (EVENTS.c.created_at.desc(), EVENTS.c.id.desc())
        with self._reading(viewer) as connection:
            rows = connection.execute(select(EVENTS).where(condition).order_by(*order).limit(query.limit)).mappings()
            return [event_of(row) for row in rows]

    def move(
        self,
        event_id: str,
        move: str,
        *,
        viewer: CaseViewer,
        now: datetime,
        version: int | None,
        detail: Detail | None = None,
        move_id: str = "",
        clockwork: Clockwork | None = None,
    ) -> Kept:
        """Move a case by the table of moves.

        Parameters
        ----------
        version
            The version that was seen; None takes any.
        move_id
            Made by the client; the same id again moves nothing and answers as before.

        Returns
        -------
        kept
            The case after the move and the row of it.

        Raises
        ------
        NotFoundError
            There is no such case that the viewer may see.
        CaseError
            The move is refused; see :func:`gis.dispatch.transition`.
        ConflictError
            The id belongs to another move.
        """
        require_zone(now)
        with self._database.writing() as connection:
            event = visible_case(connection, event_id, viewer)
            show_cases(connection, EVERYTHING)
            if move_id:
                done = _move_row(connection, EVENT_MOVES.c.id == move_id)
                if done is not None:
                    if (done.event, done.move) != (event_id, move):
                        raise ConflictError(
                            zh=f"操作编号 {move_id} 已用于另一操作。", en=f"The id {move_id} belongs to another move."
                        )
                    return Kept(event, move=done, is_new=False)
            making = Making(viewer, now, clockwork, self._on_move)
            after, row = make_move(
                connection, event, move, making, detail=detail or Detail(), version=version, move_id=move_id
            )
            return Kept(after, move=row)

    def replay(self, lives: Iterable[Life], *, clockwork: Clockwork | None = None) -> int:
        """Keep whole lives in one transaction, each step checked like any other, as when another system is taken over.

        What happened long ago is told to nobody: no message goes out.

        Returns
        -------
        made
            Cases that are new; one that is known already is left as it is.

        Raises
        ------
        CaseError, InputError, ScopeError, ConflictError
            A step is refused: nothing is kept.
        """
        made = 0
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            for life in lives:
                first = life.steps[0]
                if case_row(connection, EVENTS.c.id == life.event.id) is not None:
                    continue
                event = replace(life.event, state="draft", version=1, reporter=first.viewer.actor)
                event = replace(event, created_at=first.at, updated_at=first.at)
                require_inside(connection, first.viewer, located_codes(event), event.id)
                connection.execute(insert(EVENTS).values(**event_values(event)))
                put_key(connection, RECEIPT, life.receipt, event.id)
                for step in life.steps:
                    making = Making(step.viewer, step.at, clockwork)
                    event, _ = make_move(connection, event, step.move, making, detail=step.detail)
                made += 1
        return made

    def allowed(self, event_id: str, viewer: CaseViewer) -> tuple[Event, tuple[Move, ...]]:
        """A case and the moves that the viewer may make with it now."""
        with self._reading(viewer) as connection:
            event = visible_case(connection, event_id, viewer)
            case = case_of(event, areas_around(connection, viewer, located_codes(event)))
            return event, allowed(case, actor_of(connection, viewer))

    def history(self, event_id: str, viewer: CaseViewer) -> builtins.list[StoredMove]:
        """Every move of a case, in order."""
        query = select(EVENT_MOVES).where(EVENT_MOVES.c.event == event_id).order_by(EVENT_MOVES.c.version)
        with self._reading(viewer) as connection:
            visible_case(connection, event_id, viewer)
            return [_stored(row) for row in connection.execute(query).mappings()]

    def moves(
        self, viewer: CaseViewer, *, since: datetime, until: datetime, limit: int = 1_000_000
    ) -> builtins.list[StoredMove]:
        """Moves of a half-open period of cases that the viewer may see, in order of time; what figures are computed from."""
        query = select(EVENT_MOVES).join(EVENTS, EVENTS.c.id == EVENT_MOVES.c.event)
        query = query.where(sees_case(viewer), EVENT_MOVES.c.at >= since, EVENT_MOVES.c.at < until)
        order = (EVENT_MOVES.c.at, EVENT_MOVES.c.event, EVENT_MOVES.c.version)
        with self._reading(viewer) as connection:
            return [_stored(row) for row in connection.execute(query.order_by(*order).limit(limit)).mappings()]

    def clocks(self, event_id: str, viewer: CaseViewer) -> builtins.list[StoredClock]:
        """Every clock of a case, in order of their start."""
        with self._reading(viewer) as connection:
            visible_case(connection, event_id, viewer)
            return clocks_of(connection, event_id)

    def waiting(self, viewer: CaseViewer, query: CaseQuery, *, everything: bool = False) -> builtins.list[Waiting]:
        """The cases that wait for the viewer, by id, each with the clock that ends first.

        Parameters
        ----------
        query
            Which are wanted; its page and limit are of no account.
        everything
            All cases that are seen, whoever must act.
        """
        wanted = [LIVE, sees_case(viewer), *conditions(replace(query, after=None))]
        with self._reading(viewer) as connection:
            if not everything:
                wanted.append(works_on(connection, viewer))
            clock = EVENT_CLOCKS.c
            first = and_(clock.event == EVENTS.c.id, clock.stopped_at.is_(None), clock.due_at == EVENTS.c.due_at)
            is_plain = and_(clock.pauses == "[]", clock.extended_until.is_(None))
            shown = (
                EVENTS.c.id,
                clock.stage,
                micros(clock.started_at),
                clock.amount,
                clock.unit,
                clock.paused,
                is_plain,
            )
            told = select(*shown).select_from(EVENTS).outerjoin(EVENT_CLOCKS, first).where(*wanted)
            rows = _bare(connection.execute(told))
        # Sorted here: asked for an order by id, SQLite walks through millions of archived cases in that order. Of two clocks
        # that end together the stage that comes first by name is told; a case without a clock has one row.
        rows.sort(reverse=True)
        if len({row[0] for row in rows}) < len(rows):
            rows = builtins.list({row[0]: row for row in rows}.values())
        return builtins.list(map(Waiting._make, reversed(rows)))

    def by_ids(self, ids: Sequence[str], viewer: CaseViewer) -> builtins.list[Event]:
        """Cases by their ids in that order, those that the viewer may see."""
        with self._reading(viewer) as connection:
            rows = connection.execute(select(EVENTS).where(EVENTS.c.id.in_(builtins.list(ids)), sees_case(viewer)))
            found = {event.id: event for event in map(event_of, rows.mappings())}
        return [found[each] for each in ids if each in found]

    def running(self, events: Sequence[str]) -> dict[str, builtins.list[StoredClock]]:
        """Clocks that run or stand still, of cases that the caller was shown."""
        with self._database.reading() as connection:
            show_cases(connection, EVERYTHING)
            return running_of(connection, builtins.list(events))

    def merged(self, event_id: str, viewer: CaseViewer) -> builtins.list[str]:
        """Ids of the cases that were merged into one, those that the viewer may see."""
        query = select(EVENTS.c.id).where(EVENTS.c.merged_into == event_id, sees_case(viewer)).order_by(EVENTS.c.id)
        with self._reading(viewer) as connection:
            return builtins.list(connection.scalars(query))

    def near(
        self, box: tuple[float, float, float, float], viewer: CaseViewer, *, since: datetime, until: datetime
    ) -> builtins.list[Event]:
        """Cases in a box of degrees that happened in a period, those that may take a duplicate, by id."""
        west, south, east, north = box
        condition = and_(
            EVENTS.c.state.in_(sorted(set(states()) - GONE)),
            EVENTS.c.lat.between(south, north),
            EVENTS.c.lon.between(west, east),
            EVENTS.c.occurred_at.between(since, until),
            sees_case(viewer),
        )
        with self._reading(viewer) as connection:
            rows = connection.execute(select(EVENTS).where(condition).order_by(EVENTS.c.id).limit(500)).mappings()
            return [event_of(row) for row in rows]

    def by_key(self, kind: str, value: str) -> str:
        """Id of the case of a receipt or a work order.

        Raises
        ------
        NotFoundError
            There is none.
        """
        with self._database.reading() as connection:
            found = case_of_key(connection, kind, value)
        if found is None:
            raise NotFoundError(zh="没有这个编号的事件。", en="There is no event of this number.")
        return found

    def key_of(self, event_id: str, kind: str, viewer: CaseViewer) -> str:
        """The receipt or work order of a case; empty where it has none."""
        with self._reading(viewer) as connection:
            visible_case(connection, event_id, viewer)
            return key_of_case(connection, kind, event_id)


def _bare(result: CursorResult[Any]) -> list[tuple[Any, ...]]:
    """Rows as the driver gives them, which is half the time of a long list; for columns that need no type of ours."""
    return builtins.list(result.cursor.fetchall()) if result.cursor is not None else []


def _same_again(connection: Connection, known: Event, sent: Event, viewer: CaseViewer) -> Kept:
    first, again = (event_values(each) for each in (known, sent))
    mine = viewer.actor == known.reporter or "" in viewer.areas("see_events")
    told = [name for name in _TOLD if name != "occurred_at" or not known.body.get("undated")]
    if not mine or any(first[name] != again[name] for name in told):
        raise id_taken(sent.id)
    return Kept(known, key_of_case(connection, RECEIPT, known.id), is_new=False)


def _move_row(connection: Connection, condition: Any) -> StoredMove | None:
    row = connection.execute(select(EVENT_MOVES).where(condition)).mappings().one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Any) -> StoredMove:
    return StoredMove(**(dict(row) | {"detail": parsed(row["detail"])}))
