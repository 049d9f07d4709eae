"""Rosters and recurring plans: which groups of teams have which shift on a day, and which plans fall due.

A shift pattern is data: what a group does day after day, and where each group stands in that cycle. It names teams, never
persons, and writes no plan; it says which shifts, teams and templates a span of days wants.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from gis.calendar import DEFAULT_SHIFTS, LONG_SHIFTS, Calendar, Shift, china_calendar, shift_window
from gis.errors import InputError

DayKind = Literal["any", "working", "off"]
_DAY = timedelta(days=1)
_REST = ""


@dataclass(frozen=True)
class ShiftPattern:
    """How groups take turns.

    Parameters
    ----------
    shifts
        The shifts by key.
    cycle
        What a group does day after day: keys of ``shifts``, empty for rest.
    offsets
        One a group: its day in the cycle on the day the roster starts.
    """

    name_zh: str
    name_en: str
    shifts: Mapping[str, Shift]
    cycle: tuple[str, ...]
    offsets: tuple[int, ...]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.cycle) - set(self.shifts) - {_REST})
        if unknown or not self.offsets or not any(self.cycle):
            raise InputError(
                zh=f"班制“{self.name_zh}”不合理:须有班组和班次;未知班次:{'、'.join(unknown) or '无'}。",
                en=f"The shift pattern '{self.name_en}' makes no sense: it needs a group and a shift; "
                f"unknown shifts: {', '.join(unknown) or 'none'}.",
            )

    def on(self, number: int, group: int) -> str:
        """The shift of a group on day ``number`` of the roster; empty where it rests."""
        return self.cycle[(number + self.offsets[group]) % len(self.cycle)]

    def uncovered(self) -> list[tuple[int, str]]:
        """Days of the cycle and shifts that no group has."""
        days = range(len(self.cycle))
        held = {(day, self.on(day, group)) for day in days for group in range(len(self.offsets))}
        return [(day, key) for day in days for key in self.shifts if (day, key) not in held]

    def least_rest_h(self) -> float:
        """The shortest time between the end of a group's shift and the start of its next, hours of the wall clock."""
        start = date(2000, 1, 1)
        windows = [
            shift_window(start + day * _DAY, self.shifts[key], "UTC")
            for day, key in enumerate(self.cycle * 2)
            if key != _REST
        ]
        return min((later[0] - earlier[1]) / timedelta(hours=1) for earlier, later in pairwise(windows))


PATTERNS = {
    "three_groups_two_shifts": ShiftPattern("三班两运转", "three groups, two shifts", LONG_SHIFTS, ("day12", "night12", ""), (0, 1, 2)),
    "four_groups_three_shifts": ShiftPattern(
        "四班三运转", "four groups, three shifts", DEFAULT_SHIFTS,
        ("day", "day", "evening", "evening", "night", "night", "", ""), (0, 2, 4, 6),
    ),
    "four_groups_two_shifts": ShiftPattern(
        "四班两运转", "four groups, two shifts", LONG_SHIFTS, ("day12", "night12", "", ""), (0, 1, 2, 3)
    ),
    "two_groups_two_shifts": ShiftPattern(
        "两班倒", "two groups, two shifts in weekly turn", LONG_SHIFTS, ("day12",) * 7 + ("night12",) * 7, (0, 7)
    ),
}  # fmt: skip
"""Patterns in use in China, as one finds them described; a district writes its own cycle beside them."""


@dataclass(frozen=True)
class Roster:
    """A pattern with its groups of teams and its first day.

    Parameters
    ----------
    groups
        Names of the teams of each group, in the order of the pattern's offsets.
    start
        Day 0 of the cycle; there is no duty before it.
    """

    pattern: ShiftPattern
    groups: tuple[tuple[str, ...], ...]
    start: date

    def __post_init__(self) -> None:
        names = [name for group in self.groups for name in group]
        twice = sorted({name for name in names if names.count(name) > 1})
        if len(self.groups) != len(self.pattern.offsets) or twice:
            raise InputError(
                zh=f"班制“{self.pattern.name_zh}”有 {len(self.pattern.offsets)} 个班组,给出 {len(self.groups)} 组;重复的队:{'、'.join(twice) or '无'}。",
                en=f"The pattern '{self.pattern.name_en}' has {len(self.pattern.offsets)} groups, {len(self.groups)} are given; "
                f"teams in two groups: {', '.join(twice) or 'none'}.",
            )

    def teams(self, day: date, shift: str) -> tuple[str, ...]:
        """The teams that have a shift on the day it starts."""
        if day < self.start:
            return ()
        number = (day - self.start).days
        return tuple(
            name for group, names in enumerate(self.groups) if self.pattern.on(number, group) == shift for name in names
        )


@dataclass(frozen=True)
class RecurringPlan:
    """A plan that comes again.

    Parameters
    ----------
    template
        Id of the plan or template to be used.
    shift
        Key of the shift.
    first, last
        First and last day, both included; no last day: until it is ended.
    kind
        ``any``, ``working`` (by the calendar, make-up days included) or ``off`` (weekends and holidays).
    weekdays
        0 is Monday; empty for all. A make-up Saturday stays a Saturday: with ``kind`` one says whether it counts.
    every
        Each n-th day from ``first`` on, counted in days of the calendar whatever their kind.
    except_on
        Days left out.
    """

    template: str
    shift: str
    first: date
    last: date | None = None
    kind: DayKind = "any"
    weekdays: tuple[int, ...] = ()
    every: int = 1
    except_on: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        backwards = self.last is not None and self.last < self.first
        if backwards or self.every < 1 or any(not 0 <= day <= 6 for day in self.weekdays):
            raise InputError(
                zh=f"循环方案“{self.template}”不合理:起止日期须先后有序,间隔至少 1 天,星期为 0–6(0 为周一)。",
                en=f"The recurring plan '{self.template}' makes no sense: it ends no earlier than it begins, repeats after at "
                "least a day, and weekdays run 0-6 (0 is Monday).",
            )

    def occurs_on(self, day: date, calendar: Calendar) -> bool:
        """Whether it falls due on a day."""
        if day < self.first or (self.last is not None and day > self.last) or day in self.except_on:
            return False
        if (day - self.first).days % self.every or (self.weekdays and day.weekday() not in self.weekdays):
            return False
        return self.kind == "any" or calendar.is_working_day(day) == (self.kind == "working")


@dataclass(frozen=True)
class Duty:
    """A shift of a day: when (UTC), which teams, by which plan.

    Parameters
    ----------
    template
        Empty where no recurring plan falls due.
    passed_over
        Templates of later rules for the same shift.
    known
        Whether the calendar holds the day's year; else weekends alone decided.
    """

    day: date
    shift: str
    start: datetime
    end: datetime
    teams: tuple[str, ...] = ()
    template: str = ""
    passed_over: tuple[str, ...] = field(default=())
    known: bool = True


def duties(
    first: date,
    last: date,
    *,
    roster: Roster,
    plans: Sequence[RecurringPlan] = (),
    calendar: Calendar | None = None,
    zone: str = "Asia/Shanghai",
) -> list[Duty]:
    """The shifts of a span of days with their teams and plans, by the moment they start.

    Parameters
    ----------
    first, last
        Days on which shifts start, both included; a night shift of the last day ends on the next.
    plans
        Of two that fall due for the same shift the first one counts; the others are named.
    calendar
        China's as it ships, if not given.

    Returns
    -------
    duties
        One a day and shift that a team has or a plan asks for. A shift that a plan asks for and nobody has comes with
        no teams.

    Raises
    ------
    InputError
        The span ends before it begins, a plan names a shift that the roster does not have, or there is no such zone.
    """
    if last < first:
        raise InputError(
            zh=f"结束日期 {last} 早于开始日期 {first}。", en=f"The span ends ({last}) before it begins ({first})."
        )
    shifts = roster.pattern.shifts
    unknown = sorted({plan.shift for plan in plans} - set(shifts))
    if unknown:
        raise InputError(
            zh=f"循环方案的班次不在班制中:{'、'.join(unknown)};有:{'、'.join(shifts)}。",
            en=f"Recurring plans name shifts that the roster does not have: {', '.join(unknown)}; "
            f"there are {', '.join(shifts)}.",
        )
    held = calendar or china_calendar()
    found = []
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        due = [plan for plan in plans if plan.occurs_on(day, held)]
        for key, shift in shifts.items():
            mine, teams = [plan.template for plan in due if plan.shift == key], roster.teams(day, key)
            if mine or teams:
                start, end = shift_window(day, shift, zone)
                template = mine[0] if mine else ""
                found.append(Duty(day, key, start, end, teams, template, tuple(mine[1:]), held.is_known(day)))
    return sorted(found, key=lambda duty: (duty.start, duty.end))


@dataclass(frozen=True)
class CopySource:
    """The day whose plan is copied, and the rule that chose it."""

    day: date
    zh: str
    en: str


def copy_source(
    day: date, planned: Iterable[date], *, calendar: Calendar | None = None, weeks: int = 4
) -> CopySource | None:
    """From which earlier day to copy a plan.

    An ordinary day takes the same weekday one week before, or two, three ..., as long as that was an ordinary day. A holiday
    or day off in lieu takes the latest day off, whatever its weekday: on holidays people live as on a Sunday. A make-up day
    takes the latest working day.

    Parameters
    ----------
    planned
        Days that have a plan of the shift in question.
    weeks
        How far back to look.

    Returns
    -------
    source
        None where no such day has a plan.
    """
    held = calendar or china_calendar()
    days = sorted({each for each in planned if timedelta(0) < day - each <= timedelta(weeks=weeks)}, reverse=True)
    worked = held.is_working_day(day)
    alike = [each for each in days if held.is_working_day(each) == worked]
    if _is_ordinary(day, held):
        same = [each for each in alike if each.weekday() == day.weekday()]
        found, zh, en = same, "同一星期、同类日", "same weekday, same kind of day"
    elif worked:
        found, zh, en = alike, "调休上班日取最近的工作日", "a make-up day takes the latest working day"
    else:
        found, zh, en = alike, "节假日取最近的非工作日", "a holiday takes the latest day off"
    return CopySource(found[0], f"复制自 {found[0]}:{zh}", f"copied from {found[0]}: {en}") if found else None


def _is_ordinary(day: date, calendar: Calendar) -> bool:
    return calendar.is_working_day(day) == Calendar().is_working_day(day)
