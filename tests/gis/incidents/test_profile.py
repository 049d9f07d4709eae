"""Counts by day, week and month, and by hour of the week, against slow obvious versions."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from gis.errors import ColumnError, ShapeError
from gis.incidents.profile import bin_for, exposure_days, hour_matrix, totals, trend, week_hours

WUDA, TORONTO = "Asia/Shanghai", "America/Toronto"


def local(zone: str, *parts: int) -> datetime:
    """A moment told in local time."""
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]


def incidents(moments: list[datetime], precision: list[str] | None = None) -> pd.DataFrame:
    """A table of incidents at these moments."""
    at = pd.Series(pd.to_datetime([moment.astimezone(UTC) for moment in moments], utc=True).as_unit("us"))
    return pd.DataFrame({"occurred_at": at, "time_precision": precision or ["minute"] * len(moments)})


@pytest.fixture
def scattered(rng: np.random.Generator) -> list[datetime]:
    """Two thousand moments over fourteen months."""
    start = datetime(2024, 8, 30, 11, 20, tzinfo=UTC)
    return [start + timedelta(minutes=int(m)) for m in np.sort(rng.integers(0, 430 * 1440, 2000))]


@pytest.mark.parametrize("zone", [WUDA, TORONTO])
@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_bins_hold_what_counting_one_by_one_gives(scattered: list[datetime], zone: str, by: str) -> None:
    since, until = datetime(2024, 9, 4, 5, 30, tzinfo=UTC), datetime(2025, 9, 18, 20, tzinfo=UTC)
    answer = trend(incidents(scattered)["occurred_at"], since=since, until=until, zone=zone, by=by)  # type: ignore[arg-type]
    expected: Counter[date] = Counter()
    for moment in scattered:
        if since <= moment < until:
            day = moment.astimezone(ZoneInfo(zone)).date()
            start = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[by]
            expected[max(start, since.astimezone(ZoneInfo(zone)).date())] += 1
    got = {first: int(n) for first, n in zip(answer.first, answer.count, strict=True) if n}
    assert got == dict(expected)
    assert answer.days.sum() == pytest.approx((until - since) / timedelta(days=1))
    assert all(b == a + timedelta(days=1) for a, b in zip(answer.last[:-1], answer.first[1:], strict=True))


def test_a_week_cut_by_an_end_of_the_period_is_told_as_cut() -> None:
    since, until = local(WUDA, 2026, 10, 1), local(WUDA, 2026, 10, 19)
    answer = trend(incidents([])["occurred_at"], since=since, until=until, zone=WUDA, by="week")
    assert answer.first == (date(2026, 10, 1), date(2026, 10, 5), date(2026, 10, 12))
    assert answer.last == (date(2026, 10, 4), date(2026, 10, 11), date(2026, 10, 18))
    assert answer.days.tolist() == [4.0, 7.0, 7.0]
    assert answer.whole.tolist() == [False, True, True]


def test_midnight_belongs_to_the_day_that_begins() -> None:
    moments = [local(WUDA, 2026, 10, 1, 23, 59), local(WUDA, 2026, 10, 2)]
    period = {"since": local(WUDA, 2026, 10, 1), "until": local(WUDA, 2026, 10, 3)}
    assert trend(incidents(moments)["occurred_at"], zone=WUDA, by="day", **period).count.tolist() == [1, 1]


def test_the_day_of_a_clock_change_has_23_hours() -> None:
    since, until = local(TORONTO, 2025, 3, 8), local(TORONTO, 2025, 3, 11)
    answer = trend(incidents([])["occurred_at"], since=since, until=until, zone=TORONTO)
    assert (answer.days * 24).tolist() == [24.0, 23.0, 24.0]
    assert week_hours(since, until, zone=TORONTO)[6, 2] == 0, "two o'clock did not come that Sunday"


@pytest.mark.parametrize(
    ("days", "bin_name"), [(1, "day"), (120, "day"), (121, "week"), (1096, "week"), (1200, "month")]
)
def test_longer_periods_are_counted_in_longer_bins(days: int, bin_name: str) -> None:
    since = local(WUDA, 2020, 1, 1)
    assert bin_for(since, since + timedelta(days=days)) == bin_name


@pytest.mark.parametrize("zone", [WUDA, TORONTO, "Asia/Kathmandu"])
def test_the_matrix_holds_what_counting_one_by_one_gives(scattered: list[datetime], zone: str) -> None:
    since, until = datetime(2024, 9, 4, 5, 30, tzinfo=UTC), datetime(2025, 9, 18, 20, 7, tzinfo=UTC)
    answer = hour_matrix(incidents(scattered), since=since, until=until, zone=zone)
    expected = np.zeros((7, 24), dtype=int)
    for moment in scattered:
        if since <= moment < until:
            there = moment.astimezone(ZoneInfo(zone))
            expected[there.weekday(), there.hour] += 1
    assert (answer.count == expected).all()
    slots, minute = np.zeros((7, 24)), timedelta(minutes=1)
    for step in range(int((until - since) / minute)):
        there = (since + step * minute).astimezone(ZoneInfo(zone))
        slots[there.weekday(), there.hour] += 1 / 60
    assert answer.slots == pytest.approx(slots)
    assert answer.rate == pytest.approx(expected / slots)


def test_incidents_known_to_the_day_are_left_out_and_told() -> None:
    table = incidents([local(WUDA, 2026, 10, 5), local(WUDA, 2026, 10, 5, 8, 15)], ["day", "minute"])
    answer = hour_matrix(table, since=local(WUDA, 2026, 10, 5), until=local(WUDA, 2026, 10, 12), zone=WUDA)
    assert (answer.day_only, int(answer.count.sum()), int(answer.count[0, 8])) == (1, 1, 1)
    assert (answer.slots == 1).all()


def test_hours_that_never_came_have_no_rate() -> None:
    answer = hour_matrix(incidents([]), since=local(WUDA, 2026, 10, 5), until=local(WUDA, 2026, 10, 6), zone=WUDA)
    assert (answer.rate[0] == 0).all()
    assert np.isnan(answer.rate[1:]).all()


def test_exposure_counts_only_the_asked_hours_and_weekdays() -> None:
    since, until = local(WUDA, 2026, 10, 1), local(WUDA, 2026, 10, 31)
    assert exposure_days(since, until, zone=WUDA) == 30
    assert exposure_days(since, until, zone=WUDA, hours=(7, 8)) == pytest.approx(30)
    assert exposure_days(since, until, zone=WUDA, weekdays=(3,)) == pytest.approx(5), "October 2026 has five Thursdays"
    assert exposure_days(since, until, zone=WUDA, hours=(22,), weekdays=(0, 6)) == pytest.approx(8)


def test_totals_are_ordered_by_count_and_then_by_code() -> None:
    assert list(totals(pd.Series(["b", "a", "c", "c", "b", "a", "c"])).items()) == [("c", 3), ("a", 2), ("b", 2)]


def test_a_period_without_length_and_a_missing_column_are_refused() -> None:
    now = local(WUDA, 2026, 10, 1)
    with pytest.raises(ShapeError, match="no length"):
        trend(incidents([])["occurred_at"], since=now, until=now, zone=WUDA)
    with pytest.raises(ColumnError, match="time_precision"):
        hour_matrix(incidents([])[["occurred_at"]], since=now, until=now + timedelta(days=1), zone=WUDA)
