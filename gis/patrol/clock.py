"""A second of a shift as people read it. It knows no plan."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def time_of_day(seconds: float, start: datetime | None, zone: str) -> str:
    """The local time of day; hours and minutes from shift start where ``start`` or ``zone`` is not known."""
    minutes = round(seconds / 60)
    if start is None or not zone:
        return f"{minutes // 60}:{minutes % 60:02d}"
    return (start + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).strftime("%H:%M")
