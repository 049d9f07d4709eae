"""Days as people type them become a half-open period of the district's zone."""

from datetime import UTC, date, datetime

import pytest

from gis.errors import FilterError
from gis.incidents import IncidentFilter
from webmap.filters import day_filter, hours_text, parse_day, whole_numbers


@pytest.mark.parametrize("text", ["2026-01-31", "2026/1/31", " 20260131 "])
def test_a_day_is_read_in_the_usual_forms(text: str) -> None:
    assert parse_day(text) == date(2026, 1, 31)


@pytest.mark.parametrize("text", ["31.01.2026", "2026-02-30", "yesterday", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        parse_day(text)


def test_the_last_day_is_included_and_days_start_at_local_midnight() -> None:
    asked = day_filter("2026-01-31", "2026-01-31", zone="Asia/Shanghai")
    assert asked.since == datetime(2026, 1, 30, 16, tzinfo=UTC)
    assert asked.until == datetime(2026, 1, 31, 16, tzinfo=UTC)


def test_a_last_day_before_the_first_is_refused() -> None:
    with pytest.raises(FilterError, match="no later"):
        day_filter("2026-02-01", "2026-01-30", zone="Asia/Shanghai")


@pytest.mark.parametrize(
    ("hours", "weekdays", "zh", "en"),
    [
        ((), (), "", ""),
        ((7, 8, 22), (), "07:00-09:00、22:00-23:00", "07:00-09:00, 22:00-23:00"),
        ((0,), (0, 1, 2, 3, 4, 6), "周一至周五、周日 00:00-01:00", "Mon-Fri, Sun 00:00-01:00"),
        ((), (5, 6), "周六、周日", "Sat, Sun"),
    ],
)
def test_hours_and_weekdays_are_told_in_words(
    hours: tuple[int, ...], weekdays: tuple[int, ...], zh: str, en: str
) -> None:
    asked = IncidentFilter(hours=hours, weekdays=weekdays)
    assert (hours_text(asked, "zh"), hours_text(asked, "en")) == (zh, en)


def test_hours_come_once_and_in_order() -> None:
    assert whole_numbers(("23", "07", "7"), name="hour", high=23) == (7, 23)


@pytest.mark.parametrize("text", ["24", "-1", "7.5", "+7", "x", "٧", "0007", ""])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match="0-23"):
        whole_numbers((text,), name="hour", high=23)
