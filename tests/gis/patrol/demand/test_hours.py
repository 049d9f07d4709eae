"""Reports of the shift's own hours: across midnight, by the kind of day, shrunk where they are few."""

from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.calendar import DEFAULT_SHIFTS, Shift
from gis.errors import ColumnError, InputError
from gis.patrol.demand import ShiftClock, hour_factors

NIGHT, DAY = DEFAULT_SHIFTS["night"], DEFAULT_SHIFTS["day"]
MONDAY = date(2026, 3, 2)


def local(*texts: str) -> pd.Series:
    """Moments of the district's wall clock, in UTC."""
    return pd.Series(pd.to_datetime(list(texts))).dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC")


def test_after_midnight_a_report_belongs_to_the_night_before() -> None:
    """Saturday 02:00 is still Friday's night; Monday 02:00 is Sunday's, which is not worked."""
    clock = ShiftClock(MONDAY, NIGHT)
    moments = local("2026-03-06 22:00", "2026-03-07 02:00", "2026-03-07 06:00", "2026-03-07 23:00", "2026-03-09 02:00")
    assert clock.same_hours(moments).tolist() == [True, True, False, False, False]


def test_a_make_up_saturday_counts_as_a_working_day_and_a_holiday_does_not() -> None:
    """14 February 2026 is worked for Spring Festival, Tuesday 17 February is not."""
    moments = local("2026-02-14 10:00", "2026-02-17 10:00", "2026-02-10 10:00", "2026-02-21 10:00")
    assert ShiftClock(MONDAY, DAY).same_hours(moments).tolist() == [True, False, True, False]
    assert ShiftClock(date(2026, 2, 18), DAY).same_hours(moments).tolist() == [False, True, False, True]


@settings(deadline=None)
@given(st.datetimes(pd.Timestamp(2026, 1, 1), pd.Timestamp(2026, 12, 31)), st.dates(MONDAY, date(2026, 12, 1)))
def test_each_moment_is_of_one_shift_and_one_kind_of_day(moment: pd.Timestamp, day: date) -> None:
    stamp = pd.Series([pd.Timestamp(moment, tz="Asia/Shanghai").tz_convert("UTC")])
    saturday = day + timedelta((5 - day.weekday()) % 7)
    kinds = {ShiftClock(each, NIGHT).is_working_day: each for each in (MONDAY, date(2026, 3, 7), saturday)}
    held = [
        bool(ShiftClock(each, shift).same_hours(stamp)[0])
        for each in kinds.values()
        for shift in DEFAULT_SHIFTS.values()
    ]
    assert sum(held) == 1


def test_a_wall_time_is_found_in_its_shift_across_midnight_and_nowhere_else() -> None:
    night, day = ShiftClock(MONDAY, NIGHT), ShiftClock(MONDAY, DAY)
    assert [night.moments(time(hour)) for hour in (22, 0, 2, 6, 12)] == [[0.0], [7200.0], [14400.0], [28800.0], []]
    assert [day.moments(at) for at in (time(6), time(13, 30), time(14), time(14, 1))] == [
        [0.0],
        [27000.0],
        [28800.0],
        [],
    ]
    whole = ShiftClock(MONDAY, Shift("", "", time(8), time(8)))
    assert whole.moments(time(8)) == [0.0, 86400.0], "a day's shift begins and ends at the same time"


def test_few_reports_are_shrunk_to_the_districts_mix() -> None:
    """The district has a quarter of its reports by night; 4 of 4 and 40 of 40 by night are not the same evidence."""
    incidents = pd.DataFrame(
        {
            "grid": ["few"] * 4 + ["many"] * 40 + ["rest"] * 132,
            "occurred_at": local(*["2026-03-03 23:00"] * 44, *["2026-03-03 10:00"] * 132),
        }
    )
    table = hour_factors(incidents, ["few", "many", "rest", "none"], ShiftClock(MONDAY, NIGHT), prior=20)
    assert table.attrs == {"same": 44, "timed": 176}
    np.testing.assert_allclose(table["factor"], [(4 + 5) / 24 * 4, (40 + 5) / 60 * 4, 5 / 152 * 4, 1])
    assert table["same"].tolist() == [4, 40, 0, 0]


def test_reports_known_by_the_day_and_findings_of_patrol_say_nothing_about_hours() -> None:
    incidents = pd.DataFrame(
        {
            "grid": "a",
            "occurred_at": local("2026-03-03 23:00", "2026-03-03 00:00", "2026-03-03 23:00", "2026-03-03 23:30"),
            "time_precision": ["minute", "day", "minute", "interval"],
            "found_by": ["report", "report", "patrol", "report"],
        }
    )
    table = hour_factors(incidents, ["a"], ShiftClock(MONDAY, NIGHT), prior=0)
    assert table.attrs == {"same": 1, "timed": 1}


def test_where_no_report_fell_into_these_hours_every_grid_counts_alike() -> None:
    incidents = pd.DataFrame({"grid": ["a", "b"], "occurred_at": local("2026-03-03 10:00", "2026-03-03 11:00")})
    for prior in (0.0, 20.0):
        assert hour_factors(incidents, ["a", "b"], ShiftClock(MONDAY, NIGHT), prior=prior)["factor"].tolist() == [1, 1]
    empty = hour_factors(incidents.iloc[:0], ["a"], ShiftClock(MONDAY, NIGHT), prior=20)
    assert empty["factor"].tolist() == [1]


def test_a_span_of_the_day_belongs_to_the_shift_that_holds_its_middle() -> None:
    """09:00 to 18:00 has its middle at 13:30: the day shift has it, to its end at 14:00; the evening shift has none."""
    spans = {key: ShiftClock(MONDAY, shift).spans(time(9), time(18)) for key, shift in DEFAULT_SHIFTS.items()}
    assert spans == {"day": [(MONDAY, 3 * 3600, 8 * 3600)], "evening": [], "night": []}
    early = ShiftClock(MONDAY, Shift("", "", time(20), time(8))).spans(time(7), time(7, 50))
    assert early == [(MONDAY + timedelta(1), 11 * 3600, 11 * 3600 + 50 * 60)]
    across = ShiftClock(MONDAY, NIGHT).spans(time(23), time(1))
    assert across == [(MONDAY, 3600, 3 * 3600)]


@settings(deadline=None)
@given(st.times(), st.times())
def test_shifts_that_follow_each_other_share_no_span_and_lose_none(since: time, until: time) -> None:
    found = [
        day
        for start in (MONDAY - timedelta(1), MONDAY, MONDAY + timedelta(1))
        for shift in DEFAULT_SHIFTS.values()
        for day, _, _ in ShiftClock(start, shift).spans(since, until)
    ]
    assert found.count(MONDAY) == 1


def test_a_night_when_clocks_change_is_as_long_as_it_is() -> None:
    assert ShiftClock(date(2026, 3, 7), NIGHT, zone="America/Toronto").seconds == 7 * 3600
    assert ShiftClock(date(2026, 3, 7), NIGHT).seconds == 8 * 3600


def test_hours_refuse_what_they_cannot_use() -> None:
    with pytest.raises(ColumnError, match="occurred_at"):
        hour_factors(pd.DataFrame({"grid": ["a"]}), ["a"], ShiftClock(MONDAY, NIGHT), prior=1)
    good = pd.DataFrame({"grid": ["a"], "occurred_at": local("2026-03-03 10:00")})
    with pytest.raises(InputError, match="prior"):
        hour_factors(good, ["a"], ShiftClock(MONDAY, NIGHT), prior=-1)
