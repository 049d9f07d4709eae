"""What the clocks do by themselves: warn, escalate, tell the supervisor; end pauses; archive. Each exactly once.

Every step is one transaction that looks again before it acts, so that it may be run twice, or by two workers at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, or_, select

from gis.dispatch import Detail, rank_of
from gis.dispatch.clocks import Level
from gis.dispatch.states import TIERS
from webmap.store.case_clocks import TOLD, Clockwork, StoredClock, due_clocks, one_clock, told
from webmap.store.case_finding import visible_case
from webmap.store.case_models import EVENT_NOTICES
from webmap.store.case_moves import Making, OnMove, make_move
from webmap.store.case_scope import CLOCK, LIVE
from webmap.store.changes import note_change
from webmap.store.db import Database
from webmap.store.events import Event, event_of
from webmap.store.models import EVENTS
from webmap.store.row_security import EVERYTHING, show_cases

_LEVELS: tuple[Level, ...] = ("warn", "escalate", "supervisor")
_STAGES = {
    "accept": ("受理", "accepting"),
    "dispatch": ("派遣", "dispatching"),
    "acknowledge": ("签收", "signing for"),
    "handle": ("处置", "handling"),
    "check": ("核查", "checking"),
    "case": ("全程", "the whole case"),
}
_ENDS = {"suspended": "resume", "waiting": "info_given"}
_ENDED = ("resolved", "rejected", "merged", "withdrawn")


@dataclass(frozen=True)
class Notice:
    """Something that a clock did.

    Parameters
    ----------
    level
        ``warn``, ``escalate`` or ``supervisor``.
    tier
        In charge of the case afterwards.
    """

    event: str
    stage: str
    round: int
    level: str
    tier: str
    at: datetime


OnNotice = Callable[[Connection, Notice, Event], None]
"""Told each notice inside its transaction."""


class CaseTicks:
    """The clockwork of a store.

    Parameters
    ----------
    on_move, on_notice
        Told each move and each notice inside its transaction.
    """

    def __init__(
        self, database: Database, *, on_move: tuple[OnMove, ...] = (), on_notice: tuple[OnNotice, ...] = ()
    ) -> None:
        self._database = database
        self._on_move = on_move
        self._on_notice = on_notice

    def due(self, now: datetime, *, limit: int = 500) -> list[StoredClock]:
        """Clocks of which a level is reached and not acted upon, longest ago first."""
        with self._database.reading() as connection:
            show_cases(connection, EVERYTHING)
            return due_clocks(connection, now, limit)

    def act(self, clock: StoredClock, *, now: datetime, clockwork: Clockwork) -> Notice | None:
        """Do what the next level of a clock asks, in one transaction.

        Returns
        -------
        notice
            None where it was done meanwhile, or the clock has stopped or moved.
        """
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            fresh = one_clock(connection, clock)
            if fresh is None or fresh.next_at is None or fresh.next_at > now:
                return None
            level = next(each for each in _LEVELS if TOLD[each] > fresh.told)
            event = visible_case(connection, fresh.event, CLOCK)
            if level == "escalate" and rank_of(event.tier) < len(TIERS) - 1:
                making = Making(CLOCK, now, clockwork, self._on_move)
                zh, en = _STAGES[fresh.stage]
                reason = f"{zh}超时自动升级 / {en} is overdue"
                event, _ = make_move(connection, event, "escalate", making, detail=Detail(reason))
            told(connection, fresh, level, clockwork)
            notice = Notice(fresh.event, fresh.stage, fresh.round, level, event.tier, now)
            connection.execute(insert(EVENT_NOTICES).values(**vars(notice)))
            detail = {"stage": fresh.stage, "round": fresh.round, "tier": event.tier}
            note_change(
                connection,
                "events",
                level,
                viewer=CLOCK.viewer(),
                now=now,
                ref=event.id,
                area=event.area,
                detail=detail,
            )
            for tell in self._on_notice:
                tell(connection, notice, event)
            return notice

    def ended(self, now: datetime, *, archive_before: datetime, limit: int = 500) -> list[Event]:
        """Cases whose pause is over, and cases that ended before a moment and are not archived."""
        over = and_(EVENTS.c.state.in_(sorted(_ENDS)), EVENTS.c.until <= now)
        old = and_(EVENTS.c.state.in_(_ENDED), EVENTS.c.updated_at < archive_before)
        query = select(EVENTS).where(LIVE, or_(over, old)).order_by(EVENTS.c.updated_at, EVENTS.c.id).limit(limit)
        with self._database.reading() as connection:
            show_cases(connection, EVERYTHING)
            return [event_of(row) for row in connection.execute(query).mappings()]

    def end(self, event: Event, *, now: datetime, clockwork: Clockwork) -> bool:
        """Go on with a case whose pause is over, or archive one that ended.

        Returns
        -------
        done
            False where somebody moved it meanwhile.
        """
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            fresh = visible_case(connection, event.id, CLOCK)
            if (fresh.state, fresh.version) != (event.state, event.version):
                return False
            making = Making(CLOCK, now, clockwork, self._on_move)
            make_move(connection, fresh, _ENDS.get(event.state, "archive"), making, detail=Detail())
            return True

    def notices(self, event_id: str) -> list[Notice]:
        """What the clocks of a case did, in order; for whoever was shown the case."""
        query = select(EVENT_NOTICES).where(EVENT_NOTICES.c.event == event_id)
        order = (EVENT_NOTICES.c.at, EVENT_NOTICES.c.stage, EVENT_NOTICES.c.round, EVENT_NOTICES.c.level)
        with self._database.reading() as connection:
            show_cases(connection, EVERYTHING)
            return [Notice(**row) for row in connection.execute(query.order_by(*order)).mappings()]
