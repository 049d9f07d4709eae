"""The clocks of cases: started, stopped, paused and moved by the records of moves, in the transaction of the move.

How long a stage may take and when an instant is reached is counted in :mod:`gis.dispatch`; here it is kept. A clock that stops stays
as it was: what was in time then is in time for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection, func, insert, select, update

from gis.dispatch import Clock, Limit, LimitTable, Pause, Record, WorkCalendar, deadline, next_level, share
from gis.dispatch.clocks import LEVELS, Extension, Level
from gis.dispatch.limits import Stage
from gis.errors import NotFoundError
from webmap.store.case_models import EVENT_CLOCKS
from webmap.store.documents import canonical, parsed

CAPS_H: Mapping[str, float] = {"verifying": 48, "waiting": 240, "suspended": 8784}
"""Natural hours for which all pauses of a kind together stop a clock; after that it runs on."""

TOLD: dict[Level, int] = {"warn": 80, "escalate": 100, "supervisor": 150}
"""What is written down when a level was acted upon."""

_PAUSES = {"ask_verify": "verifying", "request_info": "waiting", "suspend": "suspended"}
_STAGES: dict[str, Stage] = {stage: stage for stage in get_args(Stage)}


@dataclass(frozen=True)
class Clockwork:
    """By what clocks are counted: the working time of the district and its time limits."""

    work: WorkCalendar
    limits: LimitTable


@dataclass(frozen=True)
class StoredClock:
    """One clock of a case.

    Parameters
    ----------
    round
        1 for the first time that the stage was begun.
    stopped_at
        None while it runs or stands still.
    paused
        It stands still.
    due_at
        When its limit ends, as known now.
    next_at
        When the next level is reached; None after the last, and for a clock that stopped.
    told
        The share in per cent that was acted upon last.
    """

    event: str
    stage: str
    round: int
    started_at: datetime
    stopped_at: datetime | None
    amount: float
    unit: str
    pauses: tuple[tuple[str, str, str], ...]
    paused: bool
    extended_until: datetime | None
    extended_at: datetime | None
    due_at: datetime
    next_at: datetime | None
    told: int
    calendar: str
    is_sure: bool

    @property
    def clock(self) -> Clock:
        """The clock as it is counted."""
        extension = None
        if self.extended_until is not None and self.extended_at is not None:
            extension = Extension(self.extended_until, self.extended_at)
        pauses = [
            Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None, granted=True, kind=kind)
            for start, end, kind in self.pauses
        ]
        limit = Limit(self.amount, self.unit)  # type: ignore[arg-type]
        return Clock(self.started_at, limit, pauses, CAPS_H, extension)

    def share(self, now: datetime, work: WorkCalendar) -> float:
        """The used part of the limit, until it stopped."""
        return share(self.clock, min(now, self.stopped_at) if self.stopped_at else now, work)


def clocks_of(connection: Connection, event_id: str) -> list[StoredClock]:
    """Every clock of a case, in order of their start."""
    query = select(EVENT_CLOCKS).where(EVENT_CLOCKS.c.event == event_id)
    order = (EVENT_CLOCKS.c.started_at, EVENT_CLOCKS.c.stage, EVENT_CLOCKS.c.round)
    return [clock_of(row) for row in connection.execute(query.order_by(*order)).mappings()]


def clock_of(row: Any) -> StoredClock:
    """A clock from a row of its table."""
    pauses = () if row["pauses"] == "[]" else tuple(tuple(each) for each in parsed(row["pauses"]))
    return StoredClock(**(dict(row) | {"pauses": pauses}))


def turn_clocks(
    connection: Connection, record: Record, clockwork: Clockwork, *, category: str, urgency: str
) -> datetime | None:
    """Do to the clocks of a case what a move says.

    Returns
    -------
    due
        The first deadline that runs; None where no clock runs.
    """
    running = {clock.stage: clock for clock in clocks_of(connection, record.case) if clock.stopped_at is None}
    for sign, stage in record.clock:
        clock = running.get(stage)
        if sign == "+" and clock is None:
            started = _start(connection, record, stage, clockwork, category, urgency)
            if started is not None:
                running[stage] = started
        elif sign == "-" and clock is not None:
            _keep(connection, replace(clock, stopped_at=record.at, next_at=None, paused=False))
            del running[stage]
        elif sign == "~" and clock is not None:
            until = record.until.isoformat() if record.until else ""
            pause = (record.at.isoformat(), until, _PAUSES[record.move])
            paused = replace(clock, pauses=(*clock.pauses, pause), paused=True)
            running[stage] = _kept_anew(connection, paused, clockwork)
        elif sign == ">" and clock is not None:
            running[stage] = _kept_anew(connection, _going_on(clock, record.at), clockwork)
    if record.move == "extend":
        for stage in sorted({"handle", "case"} & set(running)):
            if record.until is not None and record.until > running[stage].due_at:
                longer = replace(running[stage], extended_until=record.until, extended_at=record.at)
                running[stage] = _kept_anew(connection, longer, clockwork)
    return min((clock.due_at for clock in running.values()), default=None)


def due_clocks(connection: Connection, now: datetime, limit: int) -> list[StoredClock]:
    """Clocks of which a level is reached and not acted upon, longest ago first."""
    query = select(EVENT_CLOCKS).where(EVENT_CLOCKS.c.next_at <= now)
    order = (EVENT_CLOCKS.c.next_at, EVENT_CLOCKS.c.event, EVENT_CLOCKS.c.stage)
    return [clock_of(row) for row in connection.execute(query.order_by(*order).limit(limit)).mappings()]


def one_clock(connection: Connection, clock: StoredClock) -> StoredClock | None:
    """A clock as it is now."""
    row = connection.execute(select(EVENT_CLOCKS).where(*_same(clock))).mappings().one_or_none()
    return None if row is None else clock_of(row)


def told(connection: Connection, clock: StoredClock, level: Level, clockwork: Clockwork) -> None:
    """Write down that a level was acted upon, and when the next one is reached."""
    known = replace(clock, told=TOLD[level])
    _keep(connection, replace(known, next_at=_next_at(known, clockwork)))


def running_of(connection: Connection, events: list[str]) -> dict[str, list[StoredClock]]:
    """Clocks that run or stand still, by case."""
    found: dict[str, list[StoredClock]] = {}
    for start in range(0, len(events), 5000):
        some = events[start : start + 5000]
        query = select(EVENT_CLOCKS).where(EVENT_CLOCKS.c.event.in_(some), EVENT_CLOCKS.c.stopped_at.is_(None))
        for row in connection.execute(query.order_by(EVENT_CLOCKS.c.event, EVENT_CLOCKS.c.stage)).mappings():
            found.setdefault(row["event"], []).append(clock_of(row))
    return found


def _start(
    connection: Connection, record: Record, stage: str, clockwork: Clockwork, category: str, urgency: str
) -> StoredClock | None:
    try:
        limit = clockwork.limits.find(_STAGES[stage], category, urgency=urgency).limit
    except NotFoundError:
        # A district may leave a stage without a limit: then nothing runs.
        return None
    same = (EVENT_CLOCKS.c.event == record.case, EVENT_CLOCKS.c.stage == stage)
    number = int(connection.scalar(select(func.coalesce(func.max(EVENT_CLOCKS.c.round), 0)).where(*same)) or 0) + 1
    bare = StoredClock(
        event=record.case,
        stage=stage,
        round=number,
        started_at=record.at,
        stopped_at=None,
        amount=limit.amount,
        unit=limit.unit,
        pauses=(),
        paused=False,
        extended_until=None,
        extended_at=None,
        due_at=record.at,
        next_at=None,
        told=0,
        calendar="",
        is_sure=False,
    )
    clock = _counted(bare, clockwork)
    connection.execute(insert(EVENT_CLOCKS).values(**_values(clock)))
    return clock


def _going_on(clock: StoredClock, at: datetime) -> StoredClock:
    """The clock with the end of its open pause put to now, where it had not ended before."""
    if not clock.paused:
        return clock
    *earlier, (start, end, kind) = clock.pauses
    ended = end if end and datetime.fromisoformat(end) <= at else at.isoformat()
    return replace(clock, pauses=(*earlier, (start, ended, kind)), paused=False)


def _kept_anew(connection: Connection, clock: StoredClock, clockwork: Clockwork) -> StoredClock:
    counted = _counted(clock, clockwork)
    _keep(connection, counted)
    return counted


def _counted(clock: StoredClock, clockwork: Clockwork) -> StoredClock:
    due = deadline(clock.clock, clockwork.work)
    known = replace(clock, due_at=due.at, calendar=due.calendar_version, is_sure=due.is_sure)
    return replace(known, next_at=_next_at(known, clockwork))


def _next_at(clock: StoredClock, clockwork: Clockwork) -> datetime | None:
    left = [(level, part) for level, part in LEVELS if TOLD[level] > clock.told]
    coming = next_level(clock.clock, clock.started_at, clockwork.work, levels=left[:1])
    return coming[1] if coming else None


def _keep(connection: Connection, clock: StoredClock) -> None:
    connection.execute(update(EVENT_CLOCKS).where(*_same(clock)).values(**_values(clock)))


def _same(clock: StoredClock) -> list[Any]:
    return [EVENT_CLOCKS.c[name] == getattr(clock, name) for name in ("event", "stage", "round")]


def _values(clock: StoredClock) -> dict[str, Any]:
    pauses = canonical([list(each) for each in clock.pauses], what_zh="暂停", what_en="the pauses")
    return vars(clock) | {"pauses": pauses}
