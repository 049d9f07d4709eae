"""Hours of the desks, seasons, versions, and years that no table holds."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.calendar import Calendar, SpecialDay, china_calendar
from gis.dispatch.working_time import OpenHours, WorkCalendar, load_hours, work_calendar
from gis.errors import ColumnError, InputError

HEAD = "desk,days,from,to,opens,closes\n"
WORK = work_calendar(china_calendar(), label="2026-1")
H = 3600


def at(text: str, zone: str = "Asia/Shanghai") -> int:
    """Seconds since 1970 of a wall time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def office(text_from: str, text_to: str, work: WorkCalendar = WORK) -> float:
    """Open office hours between two wall times."""
    first, last = work.axis("office").counted([at(text_from, work.tz), at(text_to, work.tz)])
    return (last - first) / H


@pytest.mark.parametrize("year", [2025, 2026])
def test_each_day_of_the_shipped_years_has_seven_hours_or_none_as_the_holidays_package_says(year: int) -> None:
    theirs = holidays.country_holidays("CN", years=year)
    day = date(year, 1, 1)
    while day.year == year:
        hours = office(f"{day}T00:00", f"{day + timedelta(1)}T00:00")
        assert hours == (7 if theirs.is_working_day(day) else 0), day
        day += timedelta(1)


def test_a_make_up_saturday_has_the_hours_of_a_working_day() -> None:
    assert office("2026-02-14T00:00", "2026-02-14T23:59") == 7
    assert office("2026-02-15T00:00", "2026-02-24T00:00") == 0


def test_the_noon_break_is_not_counted() -> None:
    assert office("2026-03-02T11:00", "2026-03-02T15:30") == 2


def test_urgent_hours_run_through_the_spring_festival() -> None:
    first, last = WORK.axis("urgent").counted([at("2026-02-15T00:00"), at("2026-02-24T00:00")])
    assert (last - first) / H == 9 * 24
    assert not WORK.follows_days("urgent")
    assert WORK.follows_days("office")


@given(st.lists(st.integers(at("2001-01-01T00:00"), at("2049-01-01T00:00")), min_size=1, max_size=20))
def test_counting_there_and_back_gives_the_earliest_instant_of_the_same_count(instants: list[int]) -> None:
    axis = WORK.axis("office")
    counted = axis.counted(np.array(instants))
    back = axis.instants(counted)
    assert (axis.counted(back) == counted).all()
    assert (back <= np.array(instants)).all()
    assert (axis.counted(back - 1) < counted).all()


def test_a_table_of_hours_has_seasons_and_a_season_may_run_over_new_year(tmp_path: Path) -> None:
    path = tmp_path / "hours.csv"
    path.write_text(
        HEAD
        + "office,working,05-01,09-30,08:00,12:00\noffice,working,10-01,04-30,09:00,12:00\nurgent,all,,,06:00,22:00\n",
        encoding="utf-8-sig",
    )
    work = work_calendar(china_calendar(), load_hours(path))
    assert office("2026-06-01T00:00", "2026-06-02T00:00", work) == 4
    assert office("2026-01-05T00:00", "2026-01-06T00:00", work) == 3
    first, last = work.axis("urgent").counted([at("2026-06-06T00:00"), at("2026-06-07T00:00")])
    assert (last - first) / H == 16


def test_an_urgent_desk_may_keep_other_hours_on_rest_days() -> None:
    hours = [
        OpenHours("office", "working", 9 * H, 17 * H),
        OpenHours("urgent", "working", 0, 24 * H),
        OpenHours("urgent", "rest", 8 * H, 20 * H),
    ]
    work = WorkCalendar(china_calendar(), hours)
    first, last = work.axis("urgent").counted([at("2026-10-01T00:00"), at("2026-10-02T00:00")])
    assert (last - first) / H == 12
    assert work.follows_days("urgent")


def test_every_line_of_hours_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hours.csv"
    bad = ["desk,working,,,08:00,12:00", "office,workday,,,08:00,12:00", "office,all,,,12:00,08:00", "office,all,,,8:00,12:00",
           "office,all,05-01,,08:00,12:00", "office,all,,,08:00,24:30"]  # fmt: skip
    path.write_text(HEAD + "office,all,,,08:00,24:00\n" + "\n".join(bad) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="Lines 3, 4, 5, 6, 7, 8 "):
        load_hours(path)
    path.write_text("desk,days\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="from, to, opens, closes"):
        load_hours(path)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ([OpenHours("urgent", "all", 0, 24 * H)], "never opens: office"),
        ([OpenHours("office", "working", 9 * H, 17 * H)], "never opens: urgent"),
        ([OpenHours("office", "working", 9 * H, 17 * H), OpenHours("office", "all", 16 * H, 18 * H)], "overlap on 2000-01-03"),
        ([OpenHours("office", "working", 9 * H, 17 * H, "05-01", "09-30"), OpenHours("urgent", "all", 0, 24 * H)], "without|no office hours"),
    ],
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused(hours: list[OpenHours], words: str) -> None:
    with pytest.raises(InputError, match=words):
        WorkCalendar(china_calendar(), hours)


def test_no_such_zone_is_refused() -> None:
    with pytest.raises(InputError, match="Mars"):
        work_calendar(china_calendar(), tz="Mars/Olympus")


def test_the_version_follows_days_hours_and_zone_and_nothing_else() -> None:
    days = china_calendar().days
    assert WORK.version == work_calendar(Calendar(reversed(days)), label="2026-1").version
    assert WORK.version.startswith("2026-1-")
    others = {
        work_calendar(Calendar(days[1:]), label="2026-1").version,
        work_calendar(Calendar([*days, SpecialDay(date(2027, 1, 1), "holiday")]), label="2026-1").version,
        work_calendar(china_calendar(), tz="Asia/Urumqi", label="2026-1").version,
        WorkCalendar(
            china_calendar(), [*WORK.hours, OpenHours("office", "working", 20 * H, 21 * H)], label="2026-1"
        ).version,
        WORK.version,
    }
    assert len(others) == 5


def test_instants_outside_the_years_are_refused() -> None:
    work = WorkCalendar(china_calendar(), WORK.hours, years=(2026, 2026))
    axis = work.axis("office")
    with pytest.raises(InputError, match="wider years"):
        axis.counted([at("2025-12-31T23:59")])
    with pytest.raises(InputError, match="wider years"):
        axis.instants([axis.before[-1] + 1])
    with pytest.raises(InputError, match="wider years"):
        work.end_of_working_day([at("2026-12-30T10:00")], [5])


def test_where_clocks_change_wall_times_hold() -> None:
    hours = [OpenHours("office", "all", 9 * H, 17 * H), OpenHours("urgent", "all", 0, 24 * H)]
    work = WorkCalendar(Calendar(), hours, tz="America/Toronto", years=(2025, 2027))
    for day, length in (("2026-03-08", 23), ("2026-11-01", 25), ("2026-06-01", 24)):
        following = f"{date.fromisoformat(day) + timedelta(1)}T00:00"
        assert office(f"{day}T00:00", following, work) == 8
        assert office(f"{day}T09:00", f"{day}T17:00", work) == 8
        first, last = work.axis("urgent").counted([at(f"{day}T00:00", work.tz), at(following, work.tz)])
        assert (last - first) / H == length


def test_a_known_span_is_one_whose_every_year_is_in_the_table() -> None:
    assert WORK.is_known(date(2025, 3, 1), date(2026, 12, 31))
    assert not WORK.is_known(date(2026, 12, 31), date(2027, 1, 1))
    assert WORK.local_day(int(datetime(2026, 1, 1, 17, tzinfo=UTC).timestamp())) == date(2026, 1, 2)
