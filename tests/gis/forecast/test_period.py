"""Shares of a week add up to it; hours are those of the district's clocks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.forecast import History, Period, make_history
from gis.forecast.period import share_of_week, week_shares

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2024, 6, 3, tzinfo=ZONE)


@given(st.floats(0, 7), st.floats(0, 7), st.floats(10_000, 20_000))
def test_parts_of_a_week_add_up_to_it(first: float, second: float, start: float) -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(168)).reshape(7, 24)
    a, b = sorted((first, second))
    parts = ((0, a), (a, b), (b, 7))
    found = sum(share_of_week(shares, start + x, y - x) for x, y in parts if y > x)
    assert found == pytest.approx(1.0)


def test_incidents_of_one_hour_draw_the_share_there_and_leave_some_everywhere() -> None:
    monday_eight = Period.starting("shift", MONDAY + timedelta(hours=20), hours=1)
    days = monday_eight.start + 7.0 * np.arange(400)
    shares = week_shares(make_history(np.arange(800.0).reshape(-1, 2), days))
    assert shares.sum() == pytest.approx(1.0)
    assert shares.argmax() == 20
    assert shares[0, 20] > 0.5
    assert (shares > 0).all()


def test_incidents_without_a_known_hour_answer_no_hour() -> None:
    xy, day = np.arange(80.0).reshape(-1, 2), np.arange(40.0)
    flat = week_shares(make_history(xy, day, timed=np.zeros(40, dtype=bool)))
    assert flat == pytest.approx(np.full((7, 24), 1 / 168))


def test_evenings_are_busier_in_the_town(history: History) -> None:
    by_hour = week_shares(history).sum(axis=0)
    assert by_hour[20:23].sum() > 0.5 > by_hour[8:12].sum() * 10


@pytest.mark.parametrize(
    ("kind", "hours", "message"),
    [
        ("month", 24.0, "'month'"),
        ("day", 25.0, "at most 1"),
        ("shift", 0.0, "more than 0"),
        ("week", 170.0, "at most 7"),
    ],
)
def test_a_period_that_cannot_be_is_refused(kind: str, hours: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Period(kind, MONDAY, MONDAY + timedelta(hours=hours))  # type: ignore[arg-type]


def test_a_period_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="zone"):
        Period("day", datetime(2024, 6, 3), datetime(2024, 6, 4))
