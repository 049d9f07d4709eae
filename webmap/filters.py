"""Days and codes as people type them, made into an incident filter. It parses and never reads the store."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gis.errors import FilterError
from gis.incidents import IncidentFilter


def parse_day(text: str) -> date:
    """A day written ``2026-01-31``, ``2026/1/31`` or ``20260131``.

    Raises
    ------
    FilterError
        The text is no day.
    """
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"):
        try:
            return datetime.strptime(text.strip(), pattern).date()
        except ValueError:
            continue
    raise FilterError(zh=f"“{text}”不是日期,请写成 2026-01-31。", en=f"'{text}' is no day; write it as 2026-01-31.")


def day_start(day: date, zone: str) -> datetime:
    """Midnight at the start of a local day."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def day_filter(
    since: str,
    until: str,
    *,
    zone: str,
    categories: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    found_by: tuple[str, ...] = (),
    area: str = "",
    hours: tuple[int, ...] = (),
    weekdays: tuple[int, ...] = (),
) -> IncidentFilter:
    """A filter from a first and a last day, both included, as days of the district's zone; empty text is open.

    Raises
    ------
    FilterError
        A text is no day, or the last day lies before the first.
    """
    start = day_start(parse_day(since), zone) if since else None
    end = day_start(parse_day(until) + timedelta(days=1), zone) if until else None
    return IncidentFilter(
        since=start,
        until=end,
        categories=categories,
        sources=sources,
        found_by=found_by,
        area=area,
        hours=hours,
        weekdays=weekdays,
    )
