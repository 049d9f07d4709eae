"""By what the clocks of this district are counted: its holidays and hours, and its time limits. It reads no clock."""

from functools import lru_cache

from gis.calendar import Calendar, SpecialDay
from gis.dispatch import WorkCalendar, shipped_limits, work_calendar
from webmap.holidays import calendar_of
from webmap.services import Services
from webmap.store.case_clocks import Clockwork


def clockwork_of(services: Services) -> Clockwork:
    """The clockwork in force."""
    return Clockwork(_work(tuple(calendar_of(services).days), services.zone), shipped_limits())


@lru_cache(maxsize=8)
def _work(days: tuple[SpecialDay, ...], zone: str) -> WorkCalendar:
    # Laying the open hours of fifty years end to end takes a tenth of a second.
    return work_calendar(Calendar(days), tz=zone)
