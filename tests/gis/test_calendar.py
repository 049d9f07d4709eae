"""Working days from a table, shifts in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.calendar import (
    DEFAULT_SHIFTS,
    LONG_SHIFTS,
    Calendar,
    Shift,
    SpecialDay,
    china_calendar,
    load_calendar,
    shift_at,
    shift_window,
)
from gis.errors import ColumnError, InputError

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
HEAD = "date,kind,name_zh,name_en\n"


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_shipped_table_agrees_with_the_holidays_package_on_every_day(year: int) -> None:
    ours, theirs = china_calendar(), holidays.country_holidays("CN", years=year)
    day = date(year, 1, 1)
    while day.year == year:
        assert ours.is_working_day(day) == theirs.is_working_day(day), day
        assert ours.is_known(day)
        day += timedelta(1)


def test_a_make_up_day_is_a_weekend_and_a_holiday_is_named() -> None:
    calendar = china_calendar()
    assert {day.kind for day in calendar.days} == {"holiday", "makeup"}
    assert all(day.day.weekday() >= 5 for day in calendar.days if day.kind == "makeup")
    assert all(day.name_zh and day.name_en for day in calendar.days)
    assert calendar.name(date(2026, 2, 17), "zh") == "春节"
    assert calendar.name(date(2026, 2, 14), "en") == "make-up day for Spring Festival"
    assert calendar.name(date(2026, 3, 3), "en") == ""


def test_a_year_outside_the_table_goes_by_weekends_and_says_so() -> None:
    calendar = china_calendar()
    assert calendar.years == [2025, 2026]
    assert not calendar.is_known(date(2027, 10, 1))
    assert calendar.is_working_day(date(2027, 10, 1))
    assert not calendar.is_working_day(date(2027, 10, 2))


def test_working_days_pass_over_the_long_holiday() -> None:
    calendar = china_calendar()
    assert calendar.working_days(date(2026, 9, 28), date(2026, 10, 12)) == 3 + 2 + 1
    assert calendar.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert calendar.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert calendar.add_working_days(date(2026, 10, 3), 0) == date(2026, 10, 8)
    with pytest.raises(InputError):
        calendar.add_working_days(date(2026, 10, 3), -1)


@given(DAYS, st.integers(0, 60))
def test_added_working_days_are_counted_again(day: date, count: int) -> None:
    calendar = china_calendar()
    end = calendar.add_working_days(day, count)
    assert calendar.is_working_day(end)
    if count:
        assert calendar.working_days(day + timedelta(1), end + timedelta(1)) == count


@given(DAYS, DAYS, DAYS)
def test_working_days_add_up(first: date, second: date, third: date) -> None:
    start, middle, end = sorted((first, second, third))
    calendar = china_calendar()
    whole = calendar.working_days(start, end)
    assert whole == calendar.working_days(start, middle) + calendar.working_days(middle, end)


def test_a_districts_own_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "2027-10-01,holiday,国庆节,National Day\n2027-10-09,makeup,调休,\n", encoding="utf-8-sig")
    calendar = load_calendar(path)
    assert not calendar.is_working_day(date(2027, 10, 1))
    assert calendar.is_working_day(date(2027, 10, 9))
    assert calendar.name(date(2027, 10, 9), "en") == "调休"


def test_every_line_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "2027-10-01,holiday,,\n10/02/2027,holiday,,\n2027-10-03,feast,,\n", encoding="utf-8")
    with pytest.raises(InputError, match="lines 3, 4"):
        load_calendar(path)
    path.write_text("date,name\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="kind, name_zh, name_en"):
        load_calendar(path)
    path.write_text(HEAD + "2027-10-01,holiday,,\n2027-10-01,makeup,,\n", encoding="utf-8")
    with pytest.raises(InputError, match="2027-10-01"):
        load_calendar(path)


def test_an_empty_calendar_knows_nothing() -> None:
    assert not Calendar().is_known(date(2026, 1, 1))
    assert not Calendar([SpecialDay(date(2026, 1, 2), "holiday")]).is_working_day(date(2026, 1, 2))


def test_a_night_shift_ends_on_the_next_day() -> None:
    start, end = shift_window(date(2026, 3, 1), DEFAULT_SHIFTS["night"], "Asia/Shanghai")
    assert start == datetime(2026, 3, 1, 14, tzinfo=UTC)
    assert end == datetime(2026, 3, 1, 22, tzinfo=UTC)


def test_a_shift_until_midnight_and_one_of_a_whole_day() -> None:
    start, end = shift_window(date(2026, 3, 1), Shift("", "", time(16), time(0)), "UTC")
    assert (start, end) == (datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    start, end = shift_window(date(2026, 3, 1), Shift("", "", time(8), time(8)), "UTC")
    assert end - start == timedelta(days=1)


@pytest.mark.parametrize("shifts", [DEFAULT_SHIFTS, LONG_SHIFTS])
@given(day=DAYS)
def test_the_three_and_the_two_shifts_cover_each_day_once(shifts: dict[str, Shift], day: date) -> None:
    windows = [shift_window(day, shift) for shift in shifts.values()]
    assert all(end == start for (_, end), (start, _) in pairwise(windows))
    assert windows[-1][1] == shift_window(day + timedelta(1), next(iter(shifts.values())))[0]


def test_a_night_when_clocks_change_is_an_hour_shorter_or_longer() -> None:
    toronto, night = ZoneInfo("America/Toronto"), DEFAULT_SHIFTS["night"]
    hours = [(lambda w: (w[1] - w[0]) / timedelta(hours=1))(shift_window(day, night, toronto)) for day in
             (date(2026, 3, 7), date(2026, 10, 31), date(2026, 6, 1))]  # fmt: skip
    assert hours == [7, 9, 8]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_every_instant_falls_into_the_shift_whose_window_holds_it(instant: datetime) -> None:
    found = shift_at(instant, DEFAULT_SHIFTS, "America/Toronto")
    assert found is not None
    start, end = shift_window(found[0], DEFAULT_SHIFTS[found[1]], "America/Toronto")
    assert start <= instant < end


def test_between_shifts_there_is_none() -> None:
    only = {"day": DEFAULT_SHIFTS["day"]}
    assert shift_at(datetime(2026, 3, 1, 12, tzinfo=UTC), only) is None
    with pytest.raises(InputError, match="no zone"):
        shift_at(datetime(2026, 3, 1, 12), only)
    with pytest.raises(InputError, match="Mars"):
        shift_window(date(2026, 3, 1), DEFAULT_SHIFTS["day"], "Mars/Olympus")
