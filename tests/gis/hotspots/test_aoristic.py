"""Intervals are shared among their hours, long ones left out and told, and no incident weighs more than 1."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ColumnError, InputError, ShapeError
from gis.hotspots.aoristic import hour_profile, hour_profiles

ZONE = "Asia/Shanghai"


def incidents(*rows: tuple[str, str | None, str]) -> pd.DataFrame:
    """Local times of Shanghai."""
    begin, end, precision = zip(*rows, strict=True)
    local = [
        pd.to_datetime(pd.Series(list(column))).dt.tz_localize(ZONE).dt.tz_convert("UTC") for column in (begin, end)
    ]
    return pd.DataFrame({"occurred_at": local[0], "occurred_to": local[1], "time_precision": list(precision)})


def test_an_interval_is_shared_by_its_minutes() -> None:
    """Monday 2024-01-01 22:30 to 00:30 on Tuesday: a quarter, a half, a quarter."""
    found = hour_profile(incidents(("2024-01-01 22:30", "2024-01-02 00:30", "interval")), zone=ZONE)
    assert found.weight[0, 22] == pytest.approx(0.25)
    assert found.weight[0, 23] == pytest.approx(0.5)
    assert found.weight[1, 0] == pytest.approx(0.25)
    assert found.weight.sum() == pytest.approx(1)
    assert (found.exact, found.spread) == (0, 1)


def test_the_week_wraps_from_sunday_to_monday() -> None:
    found = hour_profile(incidents(("2024-01-07 23:00", "2024-01-08 01:00", "interval")), zone=ZONE)
    assert (found.weight[6, 23], found.weight[0, 0]) == (0.5, 0.5)


def test_known_times_count_whole_and_days_alone_not_at_all() -> None:
    found = hour_profile(incidents(("2024-01-03 08:59", None, "minute"), ("2024-01-03 00:00", None, "day")), zone=ZONE)
    assert found.weight[2, 8] == 1
    assert (found.exact, found.day_only, found.weight.sum()) == (1, 1, 1)


def test_intervals_over_the_cap_are_left_out_and_told() -> None:
    rows = incidents(
        ("2024-01-01 00:00", "2024-01-03 00:00", "interval"), ("2024-01-01 00:00", "2024-01-02 00:00", "interval")
    )
    found = hour_profile(rows, zone=ZONE)
    assert (found.too_long, found.spread) == (1, 1)
    assert "1 with no hour or too long an interval are left out" in found.text("en")
    assert hour_profile(rows, zone=ZONE, most_hours=48).too_long == 0


def test_an_interval_without_length_counts_at_its_start() -> None:
    found = hour_profile(incidents(("2024-01-01 05:00", "2024-01-01 05:00", "interval")), zone=ZONE)
    assert found.weight[0, 5] == 1


def test_hours_of_risk_run_over_midnight() -> None:
    rows = [("2024-01-01 23:10", None, "minute")] * 3 + [("2024-01-02 00:10", None, "minute")] * 3
    found = hour_profile(incidents(*rows, ("2024-01-02 12:00", None, "minute")), zone=ZONE)
    assert found.hours_of_risk(0.8) == (23, 0)
    assert found.hours_of_risk(0.4) == (0,)
    assert "23:00-01:00" in found.text("en")


def test_no_incidents_have_no_hours_of_risk() -> None:
    found = hour_profile(incidents(("2024-01-03 00:00", None, "day")), zone=ZONE)
    assert found.hours_of_risk() == ()
    assert found.by_hour.tolist() == [0] * 24


@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 3_000)), min_size=1, max_size=20))
def test_every_incident_weighs_one_or_is_left_out(rows: list[tuple[int, int]]) -> None:
    begin = pd.Timestamp("2024-03-01", tz="UTC")
    at = [begin + pd.Timedelta(minutes=start) for start, _ in rows]
    frame = pd.DataFrame(
        {
            "occurred_at": pd.Series(at),
            "occurred_to": pd.Series(
                [moment + pd.Timedelta(minutes=length) for moment, (_, length) in zip(at, rows, strict=True)]
            ),
            "time_precision": "interval",
        }
    )
    found = hour_profile(frame, zone="America/Toronto")
    assert found.weight.sum() == pytest.approx(found.exact + found.spread)
    assert found.exact + found.spread + found.too_long == len(rows)
    assert (found.weight >= 0).all()


@pytest.mark.parametrize("cap", [0.0, 200.0, np.nan])
def test_a_cap_out_of_range_is_refused(cap: float) -> None:
    with pytest.raises(InputError, match="longest interval"):
        hour_profile(incidents(("2024-01-03 08:59", None, "minute")), zone=ZONE, most_hours=cap)


def test_a_table_without_the_columns_or_the_zone_is_refused() -> None:
    with pytest.raises(ColumnError):
        hour_profile(pd.DataFrame({"occurred_at": []}), zone=ZONE)
    naive = pd.DataFrame(
        {
            "occurred_at": pd.to_datetime(["2024-01-01"]),
            "occurred_to": pd.to_datetime(["2024-01-01"]),
            "time_precision": "minute",
        }
    )
    with pytest.raises(ColumnError, match="no time zone"):
        hour_profile(naive, zone=ZONE)


def test_each_hot_spot_has_its_own_profile_and_they_add_up() -> None:
    rows = incidents(
        ("2024-01-01 08:10", None, "minute"),
        ("2024-01-02 22:30", "2024-01-03 00:30", "interval"),
        ("2024-01-02 09:00", None, "minute"),
    )
    found = hour_profiles(rows, ["HS-2", "HS-1", ""], zone=ZONE)
    assert list(found) == ["HS-1", "HS-2"]
    assert found["HS-2"].weight[0, 8] == 1
    assert found["HS-1"].hours_of_risk(0.5) == (23,)
    whole = hour_profile(rows[:2], zone=ZONE)
    np.testing.assert_allclose(found["HS-1"].weight + found["HS-2"].weight, whole.weight)
    with pytest.raises(ShapeError):
        hour_profiles(rows, ["HS-1"], zone=ZONE)
