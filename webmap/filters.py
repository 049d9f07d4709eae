"""Days and codes as people type them, made into an incident filter. It parses and never reads the store."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gis.errors import FilterError, Lang
from gis.incidents import IncidentFilter

_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


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


def whole_numbers(texts: tuple[str, ...], *, name: str, high: int) -> tuple[int, ...]:
    """Hours or weekdays as whole numbers from 0 up, each once and in order, so that one question has one form.

    Parameters
    ----------
    name
        What the numbers are called in an error.
    high
        The largest that is allowed.

    Raises
    ------
    FilterError
        A text is no such number.
    """
    for text in texts:
        # ASCII digits only: int() also reads "+7", "1_0" and digits of other scripts.
        if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= high):
            raise FilterError(
                zh=f"{name} 应为 0-{high} 的整数,而不是“{text}”。",
                en=f"{name} is a whole number 0-{high}, not '{text}'.",
            )
    return tuple(sorted({int(text) for text in texts}))


def hours_text(asked: IncidentFilter, lang: Lang) -> str:
    """The asked weekdays and hours in words, such as ``周一至周五 07:00-09:00``; empty where all are asked for."""
    days = [_days_text(first, last, lang) for first, last in _runs(sorted(asked.weekdays))]
    spans = [f"{first:02d}:00-{last + 1:02d}:00" for first, last in _runs(sorted(asked.hours))]
    comma = "、" if lang == "zh" else ", "
    return " ".join(filter(None, (comma.join(days), comma.join(spans))))


def _days_text(first: int, last: int, lang: Lang) -> str:
    """Weekdays in a row; up to two are told one by one."""
    names = _WEEKDAYS[lang][first : last + 1]
    if len(names) <= 2:
        return ("、" if lang == "zh" else ", ").join(names)
    return f"{names[0]}{'至' if lang == 'zh' else '-'}{names[-1]}"


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Numbers in a row as first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


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
