"""Working days and shifts: holidays and make-up days from a table, never from a rule; shift times in UTC.

China's holidays are announced year by year, with weekends worked in exchange, so a deployment loads its own table
(:func:`load_calendar`). A year that the table does not hold is answered by weekends alone and said to be so
(:meth:`Calendar.is_known`). It never guesses a holiday.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gis.errors import ColumnError, InputError, Lang

_SHIPPED = Path(__file__).resolve().parent / "data" / "china_holidays.csv"
_COLUMNS = ("date", "kind", "name_zh", "name_en")
_SATURDAY = 5


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not what its weekday says.

    Parameters
    ----------
    kind
        ``holiday`` (nobody works) or ``makeup`` (worked, though it is a weekend).
    """

    day: date
    kind: Literal["holiday", "makeup"]
    name_zh: str = ""
    name_en: str = ""


class Calendar:
    """Which days are worked.

    Parameters
    ----------
    days
        Holidays and make-up days; a year of which it holds any day is a known year.

    Raises
    ------
    InputError
        The same day twice.
    """

    def __init__(self, days: Iterable[SpecialDay] = ()) -> None:
        listed = sorted(days, key=lambda each: each.day)
        self._days = {each.day: each for each in listed}
        if len(self._days) < len(listed):
            double = sorted({a.day.isoformat() for a, b in pairwise(listed) if a.day == b.day})
            raise InputError(
                zh=f"日历中日期重复:{'、'.join(double)}。", en=f"Days occur twice in the calendar: {', '.join(double)}."
            )
        self._years = frozenset(each.day.year for each in listed)

    @property
    def years(self) -> list[int]:
        """The years that the table holds."""
        return sorted(self._years)

    @property
    def days(self) -> list[SpecialDay]:
        """Holidays and make-up days in order."""
        return list(self._days.values())

    def is_known(self, day: date) -> bool:
        """Whether the table holds the day's year; else weekends alone decide."""
        return day.year in self._years

    def is_working_day(self, day: date) -> bool:
        """Whether a day is worked: by the table, else Monday to Friday."""
        special = self._days.get(day)
        return special.kind == "makeup" if special else day.weekday() < _SATURDAY

    def name(self, day: date, lang: Lang) -> str:
        """The name of a holiday or make-up day; empty for other days."""
        special = self._days.get(day)
        if special is None:
            return ""
        return special.name_zh if lang == "zh" else special.name_en or special.name_zh

    def working_days(self, start: date, end: date) -> int:
        """How many days are worked from ``start`` to the day before ``end``."""
        return sum(self.is_working_day(start + timedelta(each)) for each in range((end - start).days))

    def add_working_days(self, day: date, count: int) -> date:
        """The day on which ``count`` working days after a day have passed; the day itself is not counted.

        With 0 the day itself where it is worked, else the next one that is.
        """
        if count < 0:
            raise InputError(zh="工作日数不能为负。", en="Working days cannot be counted backwards.")
        current, left = day, count
        while left > 0 or not self.is_working_day(current):
            current += timedelta(1)
            left -= self.is_working_day(current)
        return current


def load_calendar(path: Path) -> Calendar:
    """A calendar from CSV in UTF-8: ``date`` (ISO), ``kind`` (``holiday`` or ``makeup``), ``name_zh``, ``name_en``.

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        Lines that cannot be used, all of them with their number, or a day twice.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return read_calendar(file, name=Path(path).name)


def read_calendar(lines_of: Iterable[str], *, name: str) -> Calendar:
    """A calendar from the lines of such a table; ``name`` stands for it in messages. Raises as :func:`load_calendar` does."""
    reader = csv.DictReader(lines_of)
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise ColumnError(
            zh=f"日历 {name} 缺少列 {'、'.join(missing)}。",
            en=f"The calendar {name} lacks the columns {', '.join(missing)}.",
        )
    lines = [(reader.line_num, _special_day(line)) for line in reader]
    wrong = [str(number) for number, day in lines if day is None]
    if wrong:
        raise InputError(
            zh=f"日历第 {'、'.join(wrong)} 行无法使用:日期应为 2026-10-01,kind 应为 holiday 或 makeup。",
            en=f"Calendar lines {', '.join(wrong)} cannot be used: a date like 2026-10-01, kind holiday or makeup.",
        )
    return Calendar(day for _, day in lines if day is not None)


def _special_day(line: dict[str, str | None]) -> SpecialDay | None:
    text = {name: (line[name] or "").strip() for name in _COLUMNS}
    kinds: dict[str, Literal["holiday", "makeup"]] = {"holiday": "holiday", "makeup": "makeup"}
    kind = kinds.get(text["kind"])
    try:
        day = date.fromisoformat(text["date"])
    except ValueError:
        return None
    return SpecialDay(day, kind, text["name_zh"], text["name_en"]) if kind else None


@lru_cache(maxsize=1)
def china_calendar() -> Calendar:
    """China's holidays and make-up days of 2025 and 2026, as they ship; source in ``gis/data/SOURCES.md``."""
    return load_calendar(_SHIPPED)


@dataclass(frozen=True)
class Shift:
    """A shift by local wall time; it ends on the next day where ``end`` is not after ``start``."""

    name_zh: str
    name_en: str
    start: time
    end: time


DEFAULT_SHIFTS = {
    "day": Shift("白班", "day shift", time(6), time(14)),
    "evening": Shift("中班", "evening shift", time(14), time(22)),
    "night": Shift("夜班", "night shift", time(22), time(6)),
}
"""Three shifts that cover the day, each once."""
LONG_SHIFTS = {
    "day12": Shift("白班(12 小时)", "day shift of 12 hours", time(8), time(20)),
    "night12": Shift("夜班(12 小时)", "night shift of 12 hours", time(20), time(8)),
}
"""Two shifts that cover the day, each once."""
SHIFTS = DEFAULT_SHIFTS | LONG_SHIFTS
"""Every shift that a plan can be made for, by key."""


def shift_window(day: date, shift: Shift, tz: str | tzinfo = "Asia/Shanghai") -> tuple[datetime, datetime]:
    """Start and end in UTC of the shift that starts on a local day.

    Parameters
    ----------
    day
        The local day of the start; a night shift ends on the next.
    tz
        The district's zone. Where clocks change inside a shift it is an hour shorter or longer; a wall time that occurs
        twice is the first one.

    Raises
    ------
    InputError
        No such zone.
    """
    zone = _zone(tz) if isinstance(tz, str) else tz
    last = day if shift.end > shift.start else day + timedelta(1)
    start, end = (datetime.combine(each, at, zone) for each, at in ((day, shift.start), (last, shift.end)))
    return start.astimezone(UTC), end.astimezone(UTC)


def shift_at(
    instant: datetime, shifts: dict[str, Shift], tz: str | tzinfo = "Asia/Shanghai"
) -> tuple[date, str] | None:
    """The local start day and key of the shift that an instant falls into; None between shifts.

    Start included, end not; where shifts overlap, the one that started last.

    Raises
    ------
    InputError
        The instant has no zone, or there is no such zone as ``tz``.
    """
    if instant.tzinfo is None:
        raise InputError(zh="时间没有时区。", en="The instant has no zone.")
    zone = _zone(tz) if isinstance(tz, str) else tz
    today = instant.astimezone(zone).date()
    running = []
    for day in (today - timedelta(1), today):
        for key, shift in shifts.items():
            start, end = shift_window(day, shift, zone)
            if start <= instant < end:
                running.append((start, day, key))
    return max(running)[1:] if running else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(zh=f"没有时区“{name}”。", en=f"There is no time zone '{name}'.") from None
