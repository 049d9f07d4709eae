"""Days as people type them become a half-open period of the district's zone."""

from datetime import UTC, date, datetime

import pytest

from gis.errors import FilterError
from webmap.filters import day_filter, parse_day


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
