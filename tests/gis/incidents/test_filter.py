"""The filter keeps exactly the incidents a reader asked for."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from gis.errors import FilterError
from gis.incidents import IncidentFilter

SHANGHAI = "Asia/Shanghai"


@pytest.fixture
def four_incidents() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "occurred_at": pd.to_datetime(
                ["2026-03-01T16:30Z", "2026-03-02T03:00Z", "2026-03-02T16:00Z", "2026-03-09T12:00Z"], utc=True
            ),
            "category": ["06010", "06010", "F01", "P01"],
            "source": ["12345", "grid", "grid", "police"],
            "found_by": ["report", "report", "patrol", "report"],
            "grid": ["150304009008001", "150304009008002", "", "150304010001001"],
            "community": ["150304009008", "150304009008", "150304009008", "150304010001"],
            "street": ["150304009000"] * 3 + ["150304010000"],
            "district": ["150304000000"] * 4,
        }
    )


def test_period_is_half_open(four_incidents: pd.DataFrame) -> None:
    asked = IncidentFilter(since=datetime(2026, 3, 2, 3, tzinfo=UTC), until=datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert asked.mask(four_incidents, SHANGHAI).tolist() == [False, True, False, False]


def test_hours_are_the_districts_hours_not_utc(four_incidents: pd.DataFrame) -> None:
    assert IncidentFilter(hours=(0,)).mask(four_incidents, SHANGHAI).tolist() == [True, False, True, False]


def test_weekday_changes_at_local_midnight(four_incidents: pd.DataFrame) -> None:
    """16:30 UTC on Sunday is Monday in Shanghai."""
    assert IncidentFilter(weekdays=(0,)).mask(four_incidents, SHANGHAI).tolist() == [True, True, False, True]


def test_an_area_keeps_what_lies_in_its_grids_and_in_its_ungridded_parts(four_incidents: pd.DataFrame) -> None:
    assert IncidentFilter(area="150304009000").mask(four_incidents, SHANGHAI).tolist() == [True, True, True, False]


def test_patrol_findings_can_be_left_out(four_incidents: pd.DataFrame) -> None:
    assert IncidentFilter(found_by=("report",)).mask(four_incidents, SHANGHAI).tolist() == [True, True, False, True]


def test_an_end_before_the_start_is_refused() -> None:
    day = datetime(2026, 3, 2, tzinfo=ZoneInfo(SHANGHAI))
    with pytest.raises(FilterError, match="no later than it starts"):
        IncidentFilter(since=day, until=day)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(FilterError, match="time zone"):
        IncidentFilter(since=datetime(2026, 3, 2))


def test_hour_24_is_refused() -> None:
    with pytest.raises(FilterError, match="0-23"):
        IncidentFilter(hours=(24,))
