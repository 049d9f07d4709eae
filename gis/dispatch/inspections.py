"""Scheduled inspections of places: when one is due, what is looked at, and what fails becomes the draft of an event.

Places are courier outlets, railway segments and safe-harbour sites. Who inspects is a role and never a name. What an inspection finds was
found because somebody went there, so it is marked ``patrol`` and kept apart from reports.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from gis.calendar import Calendar
from gis.dispatch.free_text import mask
from gis.errors import DetailError, InputError, NotFoundError

Status = Literal["upcoming", "due", "done", "late", "missed"]
Answer = Literal["ok", "fail", "not_applicable"]
ANSWERS: tuple[Answer, ...] = ("ok", "fail", "not_applicable")
_CHECKLISTS = Path(__file__).resolve().parent / "checklists.csv"
_LONGEST_NOTE = 500


@dataclass(frozen=True)
class Site:
    """A place that is inspected; ``kind`` names its checklist. ``name_en`` may be empty."""

    id: str
    kind: str
    name_zh: str
    lon: float
    lat: float
    name_en: str = ""


@dataclass(frozen=True)
class Schedule:
    """When a site is inspected: every so many days, or on days of the week, within hours of the day.

    Parameters
    ----------
    start, end
        First and last day, both included; no end goes on.
    every_days
        Days between two inspections, counted from ``start``.
    weekdays
        Monday is 0; in place of ``every_days``.
    opens, closes
        Hours of the day in the district's zone; without them the whole day. ``closes`` is after ``opens``.
    working_days
        A rest day is put off to the next working day; two that fall together are one.

    Raises
    ------
    InputError
        Neither or both of ``every_days`` and ``weekdays``, or hours or days that make no sense.
    """

    id: str
    site: Site
    start: date
    end: date | None = None
    every_days: int | None = None
    weekdays: frozenset[int] = frozenset()
    opens: time = time(0)
    closes: time | None = None
    working_days: bool = False

    def __post_init__(self) -> None:
        one_rule = (self.every_days is not None) != bool(self.weekdays)
        days = (self.every_days or 1) >= 1 and self.weekdays <= frozenset(range(7)) and self.every_days != 0
        order = (self.end is None or self.end >= self.start) and (self.closes is None or self.closes > self.opens)
        if not (one_rule and days and order):
            raise InputError(
                zh=f"检查计划 {self.id} 无法使用:every_days 或 weekdays 二选一,结束不早于开始,closes 晚于 opens。",
                en=f"The schedule {self.id} cannot be used: every_days or weekdays, an end not before the start, closes after opens.",
            )


@dataclass(frozen=True)
class Due:
    """An inspection that falls on a day.

    Parameters
    ----------
    opens, closes
        Its hours in UTC.
    status
        ``upcoming`` before its hours, ``due`` in them, ``done`` in time, ``late`` when done after them and before the next one,
        ``missed`` when not done and over.
    """

    schedule: Schedule
    day: date
    opens: datetime
    closes: datetime
    status: Status


@dataclass(frozen=True)
class Item:
    """One question of a checklist, and the category of event that a failure is."""

    kind: str
    item: str
    zh: str
    en: str
    fails_zh: str
    fails_en: str
    category: str
    urgency: str


@dataclass(frozen=True)
class EventDraft:
    """An event to be reported: fields as the intake of events takes them."""

    scheme: str
    category: str
    occurred_at: datetime
    source: str
    found_by: str
    lon: float
    lat: float
    text: str
    urgency: str
    attributes: Mapping[str, str]


def due_days(schedule: Schedule, first: date, last: date, calendar: Calendar) -> list[date]:
    """The days from ``first`` to ``last``, both included, on which an inspection falls."""
    since, until = max(schedule.start, first - timedelta(31)), min(schedule.end or last, last)
    days = (since + timedelta(each) for each in range((until - since).days + 1))
    found = {_put_off(day, schedule, calendar) for day in days if _falls_on(schedule, day)}
    return sorted(day for day in found if first <= day <= last)


def due_inspections(
    schedules: Iterable[Schedule],
    done: Mapping[str, Iterable[datetime]],
    now: datetime,
    calendar: Calendar,
    *,
    first: date,
    last: date,
    tz: str = "Asia/Shanghai",
) -> list[Due]:
    """What falls due from one day to another, by hour, with what became of it.

    Parameters
    ----------
    done
        Id of a schedule to the moments at which the site was inspected. An inspection counts for the last due day that began before it.
    now
        With zone.

    Raises
    ------
    InputError
        ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise InputError(zh="时间没有时区。", en="The instant has no zone.")
    zone = ZoneInfo(tz)
    found: list[Due] = []
    for schedule in schedules:
        # One day more, so that what was done late is told from what was done for the next one.
        days = due_days(schedule, first, last + timedelta(31), calendar)
        moments = sorted(done.get(schedule.id, ()))
        hours = [_hours(schedule, day, zone) for day in days]
        for at, (day, (opens, closes)) in enumerate(zip(days, hours, strict=True)):
            following = hours[at + 1][0] if at + 1 < len(hours) else None
            made = next((m for m in moments if m >= opens and (following is None or m < following)), None)
            if day <= last:
                found.append(Due(schedule, day, opens, closes, _status(opens, closes, made, now)))
    return sorted(found, key=lambda each: (each.opens, each.schedule.id))


def checklist(kind: str) -> tuple[Item, ...]:
    """The questions for a kind of place.

    Raises
    ------
    NotFoundError
        There is no checklist of this kind.
    """
    items = tuple(item for item in _items() if item.kind == kind)
    if not items:
        raise NotFoundError(zh=f"没有“{kind}”的检查表。", en=f"There is no checklist for '{kind}'.")
    return items


def findings(
    site: Site, answers: Mapping[str, Answer], at: datetime, *, notes: Mapping[str, str] | None = None
) -> list[EventDraft]:
    """What failed, as drafts of events at the site, marked as patrol findings.

    Parameters
    ----------
    answers
        Item to ``ok``, ``fail`` or ``not_applicable``; every item of the list once.
    at
        When it was looked at; with zone.
    notes
        Item to a remark; masked.

    Raises
    ------
    DetailError
        Items without an answer, answers without an item, or a note that is too long: all of them named.
    NotFoundError
        There is no checklist for this kind of place.
    InputError
        ``at`` has no zone.
    """
    if at.tzinfo is None:
        raise InputError(zh="时间没有时区。", en="The instant has no zone.")
    items, said = checklist(site.kind), notes or {}
    known = {item.item for item in items}
    wrong = sorted((known ^ set(answers)) | {name for name, answer in answers.items() if answer not in ANSWERS})
    wrong += sorted(name for name, note in said.items() if name not in known or len(note) > _LONGEST_NOTE)
    if wrong:
        raise DetailError(
            zh=f"检查项缺少回答或无法识别:{'、'.join(wrong)}。",
            en=f"Items without a proper answer: {', '.join(wrong)}.",
            code="detail",
        )
    return [_draft(site, item, at, said.get(item.item, "")) for item in items if answers[item.item] == "fail"]


def _draft(site: Site, item: Item, at: datetime, note: str) -> EventDraft:
    remark = mask(note.strip()).text
    return EventDraft(
        scheme="wangge",
        category=item.category,
        occurred_at=at.astimezone(UTC),
        source="inspection",
        found_by="patrol",
        lon=site.lon,
        lat=site.lat,
        text=f"{item.fails_zh}:{remark}" if remark else item.fails_zh,
        urgency=item.urgency,
        attributes={"site": site.id, "checklist": item.kind, "item": item.item},
    )


def _falls_on(schedule: Schedule, day: date) -> bool:
    if schedule.every_days is None:
        return day.weekday() in schedule.weekdays
    return (day - schedule.start).days % schedule.every_days == 0


def _put_off(day: date, schedule: Schedule, calendar: Calendar) -> date:
    return calendar.add_working_days(day, 0) if schedule.working_days else day


def _hours(schedule: Schedule, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    opens = datetime.combine(day, schedule.opens, zone)
    closes = (
        datetime.combine(day, schedule.closes, zone)
        if schedule.closes
        else datetime.combine(day + timedelta(1), time(0), zone)
    )
    return opens.astimezone(UTC), closes.astimezone(UTC)


def _status(opens: datetime, closes: datetime, made: datetime | None, now: datetime) -> Status:
    if made is not None and made <= now:
        return "done" if made < closes else "late"
    if now < opens:
        return "upcoming"
    return "due" if now < closes else "missed"


@lru_cache(maxsize=1)
def _items() -> tuple[Item, ...]:
    with _CHECKLISTS.open(encoding="utf-8", newline="") as file:
        return tuple(Item(**row) for row in csv.DictReader(file))
