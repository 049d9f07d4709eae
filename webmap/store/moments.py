"""Moments that callers bring: the store never reads the clock, and never guesses a zone."""

from datetime import datetime

from gis.errors import InputError


def require_zone(now: datetime) -> None:
    """Refuse a moment without a zone.

    Raises
    ------
    InputError
        ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise InputError(zh="写入时刻必须带时区。", en="The moment of a write must state its time zone.")
