"""Working days, make-up days and shifts, from a table that a district uploads. It reads no clock.

Holidays of the next year are told by the State Council late in the year before, so they are data and never a rule here.
"""

import csv
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gis.errors import FileFormatError, InputError

HOLIDAY, WORKDAY = "holiday", "workday"


@dataclass(frozen=True)
class Calendar:
    """Holidays and make-up working days; any other day follows its weekday.

    Parameters
    ----------
    kinds
        Day to ``holiday`` or ``workday``.
    years
        Years the table speaks for; beyond them only weekdays are known.
    """

    kinds: dict[date, str] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_known(self, day: date) -> bool:
        """Whether the table speaks for this day's year."""
        return day.year in self.years

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on a day."""
        kind = self.kinds.get(day)
        return kind == WORKDAY if kind else day.weekday() < 5


def load_calendar(path: Path) -> Calendar:
    """Read a table of ``date`` (2026-01-01) and ``kind`` (``holiday`` or ``workday``).

    Raises
    ------
    FileFormatError
        A row that is neither; all such rows are named.
    """
    kinds: dict[date, str] = {}
    bad: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                day = date.fromisoformat((row.get("date") or "").strip())
            except ValueError:
                bad.append(str(number))
                continue
            if row.get("kind") not in (HOLIDAY, WORKDAY):
                bad.append(str(number))
                continue
            kinds[day] = str(row["kind"])
    if bad:
        raise FileFormatError(
            zh=f"{path.name} 第 {'、'.join(bad[:20])} 行无效:需要日期(2026-01-01)和类型(holiday 或 workday)。",
            en=f"{path.name}, rows {', '.join(bad[:20])}: a date (2026-01-01) and a kind (holiday or workday) are wanted.",
        )
    return Calendar(kinds, frozenset(day.year for day in kinds))


@dataclass(frozen=True)
class Shift:
    """A shift by local time; one that ends at or before its start ends on the next day."""

    name_zh: str
    name_en: str
    start: time
    end: time


DEFAULT_SHIFTS = {
    "day": Shift("白班", "day shift", time(8), time(16)),
    "evening": Shift("中班", "evening shift", time(16), time(0)),
    "night": Shift("夜班", "night shift", time(20), time(4)),
}


def shift_window(day: date, shift: Shift, zone: str) -> tuple[datetime, datetime]:
    """Start and end of a shift that begins on a local day, as moments in UTC.

    Raises
    ------
    InputError
        The zone does not exist.
    """
    try:
        local = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(zh=f"没有时区“{zone}”。", en=f"There is no zone '{zone}'.") from error
    last = day if shift.end > shift.start else day + timedelta(days=1)
    return (
        datetime.combine(day, shift.start, local).astimezone(UTC),
        datetime.combine(last, shift.end, local).astimezone(UTC),
    )
