"""Clocks of a case: when a time limit ends, how much of it is used, when to warn and to escalate.

A limit runs in natural hours or days, in 工作时 (working hours), 紧急工作时 (urgent working hours) or 工作日 (working days). It stands
still only in pauses that were granted, and no longer than their cap. A deadline keeps the version of the calendar by which it was
counted; nothing is counted anew unless :func:`recompute` is asked to, which tells the difference.

Nothing here asks what time it is: ``now`` is always given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from gis.dispatch._units import HOUR_S, UNITS, Unit, add, axis_of, counted_limits, follows_days
from gis.dispatch.working_time import Axis, WorkCalendar
from gis.errors import InputError

Level = Literal["", "warn", "escalate", "supervisor"]

LEVELS: tuple[tuple[Level, float], ...] = (("warn", 0.8), ("escalate", 1.0), ("supervisor", 1.5))
"""At which share of the limit what happens; lowest first."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Limit:
    """How long something may take.

    Parameters
    ----------
    amount
        Above 0; whole for working days, which end with the office hours of a day.

    Raises
    ------
    InputError
        Another amount or unit.
    """

    amount: float
    unit: Unit

    def __post_init__(self) -> None:
        whole = self.unit != "working_day" or float(self.amount).is_integer()
        if self.unit not in UNITS or not (0 < self.amount < float("inf")) or not whole:
            raise InputError(
                zh=f"时限 {self.amount} {self.unit} 无法使用:须大于 0,工作日须为整数,单位为 {'、'.join(UNITS)}。",
                en=f"A limit of {self.amount} {self.unit} cannot be used: above 0, whole working days, unit {', '.join(UNITS)}.",
            )


@dataclass(frozen=True)
class Pause:
    """A time in which a clock was asked to stand still.

    Parameters
    ----------
    start, end
        With zone. Without an end it lasts until its cap is used up.
    granted
        Whether somebody of sufficient rank allowed it; else the clock runs on.
    kind
        What for, such as ``waiting`` or ``suspended``; caps go by kind.
    """

    start: datetime
    end: datetime | None
    granted: bool
    kind: str = ""


@dataclass(frozen=True)
class Extension:
    """A granted delay: the deadline moves to an instant, as known when it was granted; later pauses still add to it.

    Parameters
    ----------
    until, granted_at
        With zone.
    """

    until: datetime
    granted_at: datetime


@dataclass(frozen=True)
class Clock:
    """A limit that runs from an instant.

    Parameters
    ----------
    start
        With zone.
    pauses
        In any order; where granted ones overlap, time counts once.
    caps_h
        Kind of pause to the natural hours that all its pauses together may stop the clock. A kind without a cap may only
        hold pauses with an end.
    extension
        The last granted delay; it takes the place of the limit, which still names the unit.
    """

    start: datetime
    limit: Limit
    pauses: Sequence[Pause] = ()
    caps_h: Mapping[str, float] = field(default_factory=dict)
    extension: Extension | None = None


@dataclass(frozen=True)
class Deadline:
    """When a limit ends.

    Parameters
    ----------
    at
        In UTC. What is done at this instant is in time.
    counted_s
        What the limit comes to on its clock, in seconds; for working days it holds the rest of the first day as well.
    calendar_version
        By which calendar and hours it was counted.
    is_sure
        False where a year between start and end is not in the table of holidays, so that weekends alone decided.
    """

    at: datetime
    counted_s: int
    calendar_version: str
    is_sure: bool


@dataclass(frozen=True)
class DeadlineChange:
    """What a new calendar does to a deadline; ``later_s`` is below 0 where it comes earlier."""

    before: Deadline
    after: Deadline
    later_s: int


def deadline(clock: Clock, work: WorkCalendar) -> Deadline:
    """When a clock's limit ends, its granted pauses added.

    Raises
    ------
    InputError
        A time without zone, a pause that ends before it starts or that has neither end nor cap, or years that the calendar does not
        reach.
    """
    counted = counted_limit(clock, work)
    start, at = seconds(clock.start), _instant_of(clock, counted, work)
    if clock.extension is not None:  # granted until an evening is until that evening, not until the office closed
        at = max(at, seconds(clock.extension.until))
    sure = not follows_days(clock.limit.unit, work) or work.is_known(work.local_day(start), work.local_day(at))
    return Deadline(_utc(at), counted, work.version, sure)


def counted_limit(clock: Clock, work: WorkCalendar) -> int:
    """What a limit, or its extension, comes to on its clock in seconds from its start; pauses aside.

    Raises
    ------
    InputError
        The extension ends before the clock has run at all.
    """
    if clock.extension is None:
        return int(counted_limits([seconds(clock.start)], [clock.limit.amount], clock.limit.unit, work)[0])
    axis = axis_of(clock.limit.unit, work)
    whole = _on_axis(axis, seconds(clock.extension.until)) - _on_axis(axis, seconds(clock.start))
    left = whole - stood(clock, clock.extension.granted_at, work)
    if left <= 0:
        raise InputError(
            zh="延期的截止时间早于时限开始后的任何计时时间。",
            en="The extension ends before the clock has run for any time.",
        )
    return left


def elapsed(clock: Clock, now: datetime, work: WorkCalendar) -> int:
    """Seconds of the clock that have run until ``now``, granted pauses left out; 0 before the start."""
    axis = axis_of(clock.limit.unit, work)
    if seconds(now) <= seconds(clock.start):
        return 0
    return _on_axis(axis, seconds(now)) - _on_axis(axis, seconds(clock.start)) - stood(clock, now, work)


def remaining(clock: Clock, now: datetime, work: WorkCalendar) -> int:
    """Seconds of the clock that are left; below 0 when overdue."""
    return counted_limit(clock, work) - elapsed(clock, now, work)


def share(clock: Clock, now: datetime, work: WorkCalendar) -> float:
    """The used part of the limit: 0.8 is four fifths, above 1 is overdue."""
    return elapsed(clock, now, work) / counted_limit(clock, work)


def level(clock: Clock, now: datetime, work: WorkCalendar, *, levels: Sequence[tuple[Level, float]] = LEVELS) -> Level:
    """The highest level that the clock has reached; empty below the first."""
    limit, run = counted_limit(clock, work), elapsed(clock, now, work)
    reached: Level = ""
    for name, part in levels:
        if run >= _part_s(limit, part):
            reached = name
    return reached


def next_level(
    clock: Clock, now: datetime, work: WorkCalendar, *, levels: Sequence[tuple[Level, float]] = LEVELS
) -> tuple[Level, datetime] | None:
    """Which level comes next and at which instant, in UTC, if nothing changes; None after the last."""
    limit, run = counted_limit(clock, work), elapsed(clock, now, work)
    for name, part in levels:
        due = _part_s(limit, part)
        if run < due:
            return name, _utc(_instant_of(clock, due, work))
    return None


def recompute(stored: Deadline, clock: Clock, work: WorkCalendar) -> DeadlineChange:
    """A stored deadline beside what another calendar makes of it. The caller decides, and writes down, which one holds."""
    after = deadline(clock, work)
    return DeadlineChange(stored, after, int((after.at - stored.at).total_seconds()))


def stood(clock: Clock, until: datetime, work: WorkCalendar) -> int:
    """Seconds of the clock spent in granted pauses until an instant: what :func:`gis.dispatch.clock_table.deadlines` takes as ``stood_s``."""
    axis = axis_of(clock.limit.unit, work)
    last = _on_axis(axis, seconds(until))
    return sum(min(end, last) - begin for begin, end in _standing(clock, axis) if begin < last)


def _on_axis(axis: Axis | None, instant: int) -> int:
    return instant if axis is None else int(axis.counted([instant])[0])


def _part_s(limit_s: int, part: float) -> int:
    return round(limit_s * part)


def _instant_of(clock: Clock, run_s: int, work: WorkCalendar) -> int:
    """The instant at which a clock has run so many seconds: the pauses that begin before are added one after another."""
    axis = axis_of(clock.limit.unit, work)
    start = seconds(clock.start)
    target = _on_axis(axis, start) + run_s
    for begin, end in _standing(clock, axis):
        if begin < target:
            target += end - begin
    return target if axis is None else int(add(axis, np.array([start]), np.array([target - _on_axis(axis, start)]))[0])


def _standing(clock: Clock, axis: Axis | None) -> list[tuple[int, int]]:
    """Granted and capped pauses on the clock's axis, from the start on: sorted, apart, none empty."""
    left = {kind: round(hours * HOUR_S) for kind, hours in clock.caps_h.items()}
    spans: list[tuple[int, int]] = []
    for begin, end, kind in sorted(_granted(clock), key=lambda each: each[:2]):
        first = max([begin, *(each[1] for each in spans[-1:])])  # what another pause already stops counts once
        last = end if kind not in left else min(end, first + left[kind])
        if last <= first:
            continue
        if kind in left:
            left[kind] -= last - first
        spans.append((first, last))
    on_axis = [(_on_axis(axis, first), _on_axis(axis, last)) for first, last in spans]
    return [(first, last) for first, last in on_axis if first < last]


def _granted(clock: Clock) -> list[tuple[int, int, str]]:
    start = seconds(clock.start)
    found = []
    for pause in clock.pauses:
        if pause.end is None and pause.kind not in clock.caps_h:
            raise InputError(
                zh=f"暂停“{pause.kind}”没有结束时间,也没有上限。",
                en=f"The pause '{pause.kind}' has neither an end nor a cap.",
            )
        begin, end = seconds(pause.start), _NEVER if pause.end is None else seconds(pause.end)
        if end < begin:
            raise InputError(zh="暂停的结束早于开始。", en="A pause ends before it starts.")
        if pause.granted and end > start:
            found.append((max(begin, start), end, pause.kind))
    return found


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970 of an instant with zone.

    Raises
    ------
    InputError
        It has no zone.
    """
    if instant.tzinfo is None:
        raise InputError(zh="时间没有时区。", en="The instant has no zone.")
    return int(instant.timestamp() // 1)


def _utc(since_1970: int) -> datetime:
    return datetime.fromtimestamp(since_1970, UTC)
