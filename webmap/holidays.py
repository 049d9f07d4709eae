"""The working days of the district: its own table of holidays where one was loaded, else the one that ships. It reads no clock."""

from pathlib import Path
from typing import Any

from gis.calendar import Calendar, china_calendar, load_calendar, read_calendar
from gis.errors import InputError
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer


def calendar_of(services: Services) -> Calendar:
    """The calendar in force."""

    def make() -> Calendar:
        own = services.store.rosters.holidays()
        return Calendar(own) if own else china_calendar()

    return services.keep("calendar", LOCAL_OPERATOR, make)


def load_holidays(services: Services, file: Path | None, *, viewer: Viewer) -> dict[str, Any]:
    """Take a table of holidays from CSV as the district's own; without a file the shipped one holds again.

    Returns
    -------
    told
        ``days``, ``years`` and ``own``: whether the table is the district's.

    Raises
    ------
    ColumnError, InputError
        The file cannot be used; nothing is changed.
    """
    days = load_calendar(file).days if file is not None else []
    services.store.rosters.put_holidays(days, viewer=viewer, now=services.clock())
    return told(services)


def check_holidays(text: str, *, name: str) -> Calendar:
    """A table of holidays as somebody sends it, looked at and not kept.

    Raises
    ------
    ColumnError, InputError
        It cannot be used; every bad line is named.
    """
    held = read_calendar(text.removeprefix("\ufeff").splitlines(), name=name)
    if not held.days:
        raise InputError(zh=f"日历 {name} 没有任何一天。", en=f"The calendar {name} holds no day.")
    return held


def put_holidays(services: Services, calendar: Calendar | None, *, viewer: Viewer) -> dict[str, Any]:
    """Keep a table as the district's own; without one the shipped table holds again. Answers as :func:`told`."""
    days = calendar.days if calendar is not None else []
    services.store.rosters.put_holidays(days, viewer=viewer, now=services.clock())
    services.let_go()
    return told(services)


def told(services: Services) -> dict[str, Any]:
    """What the calendar in force holds."""
    held = calendar_of(services)
    return {"days": len(held.days), "years": held.years, "own": bool(services.store.rosters.holidays())}
