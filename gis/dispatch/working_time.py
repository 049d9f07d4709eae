"""When a district's desks are open: holidays, make-up days and a table of hours, turned into seconds that can be counted.

Two desks: ``office`` counts 工作时 (working hours), ``urgent`` counts 紧急工作时 (urgent working hours), which run day and night
unless a district's table says less. Days come from :class:`gis.calendar.Calendar`; a year that it does not hold goes by weekends
and is said to be unsure. Every calendar has a version made from its content, so a stored deadline tells by which it was counted.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from gis.calendar import Calendar
from gis.errors import ColumnError, InputError

IntArray = npt.NDArray[np.int64]
Desk = Literal["office", "urgent"]
DayKind = Literal["working", "rest", "all"]

DAY_S = 86_400
_EPOCH = date(1970, 1, 1)
_SHIPPED = Path(__file__).resolve().parent / "working_hours.csv"
_COLUMNS = ("desk", "days", "from", "to", "opens", "closes")
_WALL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_SEASON = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class OpenHours:
    """One span of a day in which a desk is open.

    Parameters
    ----------
    days
        ``working`` days (make-up weekends among them), ``rest`` days, or ``all``.
    opens_s, closes_s
        Seconds of wall time since local midnight; ``closes_s`` may be 86,400.
    first, last
        Season as ``MM-DD``, both included; a season may run over the turn of the year. Empty: all year.
    """

    desk: Desk
    days: DayKind
    opens_s: int
    closes_s: int
    first: str = ""
    last: str = ""

    def holds(self, day: date, *, is_working: bool) -> bool:
        """Whether this span is open on a day."""
        if self.days != "all" and (self.days == "working") != is_working:
            return False
        if not self.first:
            return True
        here = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


def load_hours(path: Path) -> list[OpenHours]:
    """Hours from CSV in UTF-8: ``desk``, ``days``, ``from``, ``to`` (``MM-DD`` or empty), ``opens``, ``closes`` (``HH:MM``).

    A span over midnight is written as two lines.

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        Lines that cannot be used, all of them with their number.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ColumnError(
                zh=f"工作时间表 {Path(path).name} 缺少列 {'、'.join(missing)}。",
                en=f"The table of hours {Path(path).name} lacks the columns {', '.join(missing)}.",
            )
        lines = [(reader.line_num, _open_hours({k: (line[k] or "").strip() for k in _COLUMNS})) for line in reader]
    wrong = [str(number) for number, hours in lines if hours is None]
    if wrong:
        raise InputError(
            zh=f"工作时间表第 {'、'.join(wrong)} 行无法使用:desk 为 office 或 urgent,days 为 working、rest 或 all,时间如 08:30。",
            en=f"Lines {', '.join(wrong)} of the hours cannot be used: desk office or urgent, days working, rest or all, times like 08:30.",
        )
    return [hours for _, hours in lines if hours is not None]


def _open_hours(line: dict[str, str]) -> OpenHours | None:
    desks: dict[str, Desk] = {"office": "office", "urgent": "urgent"}
    kinds: dict[str, DayKind] = {"working": "working", "rest": "rest", "all": "all"}
    desk, days = desks.get(line["desk"]), kinds.get(line["days"])
    season = (line["from"], line["to"])
    if desk is None or days is None or not (season == ("", "") or all(_SEASON.fullmatch(each) for each in season)):
        return None
    if not (_WALL.fullmatch(line["opens"]) and _WALL.fullmatch(line["closes"])):
        return None
    opens, closes = (int(text[:2]) * 3600 + int(text[3:]) * 60 for text in (line["opens"], line["closes"]))
    return OpenHours(desk, days, opens, closes, *season) if opens < closes else None


@dataclass(frozen=True)
class Axis:
    """The open seconds of a desk, laid end to end.

    Parameters
    ----------
    opens, closes
        Shape (n,), seconds since 1970 in UTC, sorted; spans that touch are one.
    before
        Shape (n + 1,), open seconds before each span; the last is the sum.
    first, last
        Instants between which the axis answers.
    """

    opens: IntArray
    closes: IntArray
    before: IntArray
    first: int
    last: int

    def counted(self, instants: npt.ArrayLike) -> IntArray:
        """Open seconds from the start of the axis to each instant, in O(log n) each.

        Raises
        ------
        InputError
            An instant outside the years of the calendar.
        """
        at = np.asarray(instants, dtype=np.int64)
        if at.size and (at.min() < self.first or at.max() > self.last):
            raise _outside()
        span = np.searchsorted(self.opens, at, side="right") - 1
        inside = np.minimum(at, self.closes[span]) - self.opens[span]
        return np.where(span < 0, 0, self.before[span] + inside)

    def instants(self, counted: npt.ArrayLike) -> IntArray:
        """The earliest instant at which so many open seconds have passed: the close of a span, not the next opening.

        Raises
        ------
        InputError
            The calendar ends before.
        """
        wanted = np.asarray(counted, dtype=np.int64)
        if wanted.size and wanted.max() > self.before[-1]:
            raise _outside()
        span = np.maximum(np.searchsorted(self.before, wanted, side="left") - 1, 0)
        return self.opens[span] + wanted - self.before[span]


def _outside() -> InputError:
    return InputError(
        zh="时间超出工作日历的年份;请用更大的 years 重新建立日历。",
        en="An instant lies outside the years of the calendar; build it with wider years.",
    )


class WorkCalendar:
    """Days and hours of a district, counted in its own time zone.

    Parameters
    ----------
    calendar
        Holidays and make-up days.
    hours
        When each desk is open. A working day needs office hours.
    tz
        The district's zone. Where clocks change the wall times hold, and a span may be an hour longer or shorter.
    label
        The deployment's name for this version, such as ``2026-1``; it stands before the digest of the content.
    years
        First and last year that can be counted, both included.

    Raises
    ------
    InputError
        No such zone, spans that overlap, a working day without office hours, or a desk that never opens.
    """

    def __init__(
        self,
        calendar: Calendar,
        hours: Iterable[OpenHours],
        *,
        tz: str = "Asia/Shanghai",
        label: str = "",
        years: tuple[int, int] = (2000, 2050),
    ) -> None:
        self.calendar = calendar
        self.hours = tuple(
            sorted(hours, key=lambda each: (each.desk, each.days, each.first, each.opens_s, each.closes_s))
        )
        self.tz = tz
        self.years = years
        try:
            self.zone = ZoneInfo(tz)
        except (ZoneInfoNotFoundError, ValueError):
            raise InputError(zh=f"没有时区“{tz}”。", en=f"There is no time zone '{tz}'.") from None
        self.version = "-".join(part for part in (label, self._digest()) if part)
        self._first_day = date(years[0], 1, 1)
        self._axes: dict[Desk, Axis] = {"office": self._axis("office"), "urgent": self._axis("urgent")}
        closed = [desk for desk, axis in self._axes.items() if not len(axis.opens)]
        if closed:
            raise InputError(
                zh=f"工作时间表没有 {'、'.join(closed)} 的时段。",
                en=f"The table of hours never opens: {', '.join(closed)}.",
            )
        if (np.diff(self._day_counts)[self._is_working] == 0).any():
            raise InputError(
                zh="工作时间表使某些工作日没有办公时间。",
                en="By the table of hours some working days have no office hours.",
            )

    def axis(self, desk: Desk) -> Axis:
        """The open seconds of a desk."""
        return self._axes[desk]

    def is_known(self, first: date, last: date) -> bool:
        """Whether the table of holidays holds every year from a day to another."""
        return all(self.calendar.is_known(date(year, 1, 1)) for year in range(first.year, last.year + 1))

    def follows_days(self, desk: Desk) -> bool:
        """Whether the desk's hours depend on holidays at all."""
        return any(each.days != "all" for each in self.hours if each.desk == desk)

    @cached_property
    def year_starts(self) -> IntArray:
        """The instants at which the local years begin, and the end of the last, shape (years + 1,)."""
        return np.array(
            [self._instant(date(y, 1, 1), 0) for y in range(self.years[0], self.years[1] + 2)], dtype=np.int64
        )

    def local_day(self, instant: int) -> date:
        """The local day of an instant, in seconds since 1970."""
        return datetime.fromtimestamp(instant, self.zone).date()

    def end_of_working_day(self, instants: npt.ArrayLike, count: npt.ArrayLike) -> IntArray:
        """Office seconds at the close of the ``count``-th working day after the local day of each instant.

        The day of the start is not counted, and the last day ends when the office closes (Civil Code of China, art. 201, 203).

        Parameters
        ----------
        instants
            Shape (n,), seconds since 1970.
        count
            Shape (n,), 1 or more.

        Raises
        ------
        InputError
            The calendar ends before.
        """
        day = np.searchsorted(self._midnights, np.asarray(instants, dtype=np.int64), side="right") - 1
        # Working days up to and with the start day, then the count-th after them.
        place = self._ordinal[day] + np.asarray(count, dtype=np.int64) - 1
        if place.size and (day.min() < 0 or place.max() >= len(self._working_at)):
            raise _outside()
        return self._day_counts[self._working_at[place] + 1]

    def _digest(self) -> str:
        days = [f"{each.day.isoformat()} {each.kind}" for each in self.calendar.days]
        hours = [f"{h.desk} {h.days} {h.first} {h.last} {h.opens_s} {h.closes_s}" for h in self.hours]
        return hashlib.sha256("\n".join([self.tz, *days, *hours]).encode()).hexdigest()[:12]

    @cached_property
    def _days(self) -> list[date]:
        count = (date(self.years[1] + 1, 1, 1) - self._first_day).days
        return [self._first_day + timedelta(each) for each in range(count)]

    @cached_property
    def _is_working(self) -> npt.NDArray[np.bool_]:
        return np.array([self.calendar.is_working_day(day) for day in self._days])

    @cached_property
    def _midnights(self) -> IntArray:
        """Shape (days + 1,): the instants at which local days begin, and the end of the last."""
        edges = [*self._days, self._days[-1] + timedelta(1)]
        return np.array([self._instant(day, 0) for day in edges], dtype=np.int64)

    @cached_property
    def _day_counts(self) -> IntArray:
        return self.axis("office").counted(self._midnights)

    @cached_property
    def _working_at(self) -> IntArray:
        return np.flatnonzero(self._is_working)

    @cached_property
    def _ordinal(self) -> IntArray:
        return np.cumsum(self._is_working)

    def _instant(self, day: date, wall_s: int) -> int:
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(seconds=wall_s)
        return int(local.astimezone(UTC).timestamp())

    def _axis(self, desk: Desk) -> Axis:
        edges = np.concatenate([np.empty((0, 2), dtype=np.int64), *self._spans(desk)])
        edges = edges[np.argsort(edges[:, 0], kind="stable")]
        opens, closes = edges[:, 0], edges[:, 1]
        overlap = np.flatnonzero(opens[1:] < closes[:-1])
        if len(overlap):
            day = self.local_day(int(opens[overlap[0] + 1])).isoformat()
            raise InputError(
                zh=f"工作时间表在 {day} 有重叠的时段。", en=f"Spans of the table of hours overlap on {day}."
            )
        starts = np.concatenate([[True], opens[1:] > closes[:-1]]) if len(opens) else np.zeros(0, dtype=bool)
        ends = np.concatenate([starts[1:], [True]]) if len(opens) else starts
        opens, closes = opens[starts], closes[ends]
        before = np.concatenate([[0], np.cumsum(closes - opens)]).astype(np.int64)
        return Axis(opens, closes, before, int(self._midnights[0]), int(self._midnights[-1]))

    def _spans(self, desk: Desk) -> list[IntArray]:
        """Opening and closing instants of each line of the table, shape (days, 2)."""
        parts = []
        lengths = np.diff(self._midnights)
        for hours in (each for each in self.hours if each.desk == desk):
            held = np.flatnonzero(
                [hours.holds(day, is_working=bool(w)) for day, w in zip(self._days, self._is_working, strict=True)]
            )
            edges = self._midnights[held, None] + np.array([hours.opens_s, hours.closes_s])
            for row in np.flatnonzero(lengths[held] != DAY_S):  # clocks change on this day: wall times, one by one
                edges[row] = [self._instant(self._days[held[row]], wall) for wall in (hours.opens_s, hours.closes_s)]
            parts.append(edges[edges[:, 0] < edges[:, 1]])
        return parts


def work_calendar(
    calendar: Calendar, hours: Sequence[OpenHours] | None = None, *, tz: str = "Asia/Shanghai", label: str = ""
) -> WorkCalendar:
    """A work calendar with the hours that ship (08:30-12:00 and 14:30-18:00; urgent day and night) unless a table is given."""
    return WorkCalendar(calendar, load_hours(_SHIPPED) if hours is None else hours, tz=tz, label=label)
