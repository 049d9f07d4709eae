"""Open events by urgency, blind spots by rank; both with the numbers that brought them."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.calendar import DEFAULT_SHIFTS
from gis.errors import ColumnError
from gis.patrol.demand import DemandOptions, ShiftClock
from gis.patrol.demand.sites import blind_stops, event_stops
from tests.gis.patrol.demand.demand_maker import CRS, lonlat
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S

CLOCK = ShiftClock(date(2026, 3, 4), DEFAULT_SHIFTS["day"])
"""06:00 to 14:00."""


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Shanghai")


@pytest.fixture
def events() -> pd.DataFrame:
    """One overdue, one due at 08:00, one old, one new, one without a place."""
    spots = [lonlat(100, 100), lonlat(1500, 100), lonlat(2500, 100), lonlat(2600, 100), (None, None)]
    return pd.DataFrame(
        {
            "id": ["new", "due", "old", "late", "nowhere"],
            "lon": [lon for lon, _ in spots],
            "lat": [lat for _, lat in spots],
            "occurred_at": [at("2026-03-04 05:30"), at("2026-03-04 03:00"), at("2026-03-01 06:00"), at("2026-03-03 06:00"), at("2026-03-01 06:00")],
            "due_at": [pd.NaT, at("2026-03-04 08:00"), pd.NaT, at("2026-03-04 04:00"), pd.NaT],
            "name_zh": ["井盖", "路灯", "噪声", "漏水", "其他"],
        }
    )  # fmt: skip


def test_events_come_by_urgency_and_are_reached_before_they_are_due(
    events: pd.DataFrame, areas: gpd.GeoDataFrame
) -> None:
    table = event_stops(events, areas, CRS, SHIFT_S, CLOCK, DemandOptions())
    assert table["id"].tolist() == ["event:late", "event:due", "event:old", "event:new"]
    assert table["close_s"].tolist() == [SHIFT_S - 900, 2 * HOUR, SHIFT_S - 900, SHIFT_S - 900]
    assert table["grid"].tolist() == ["c", "b", "c", "a"]
    assert table["must"].all()
    assert "due 2.0 h into the shift" in table["why_en"].iloc[1]
    assert table["why_zh"].iloc[0] == "事件台未办结事件 late(共 4 件有位置),至接班已 24.0 小时,已超时限 2.0 小时"
    assert table["name_en"].tolist() == ["漏水", "路灯", "噪声", "井盖"]


def test_only_the_most_urgent_events_are_asked_for(events: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    table = event_stops(events, areas, CRS, SHIFT_S, CLOCK, DemandOptions(max_events=2, event_must=False))
    assert table["stop"].tolist() == ["event:late", "event:due"]
    assert not table["must"].any()
    assert (table["worth"] == 2).all()


def test_an_event_needs_no_more_than_an_id_and_a_place(events: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    table = event_stops(events[["id", "lon", "lat"]], areas, CRS, SHIFT_S, None, DemandOptions())
    assert table["stop"].tolist() == ["event:due", "event:late", "event:new", "event:old"]
    assert table["name_zh"].iloc[0] == "事件 due"
    assert table["name_en"].iloc[0] == "event due"
    assert event_stops(events.iloc[4:], areas, CRS, SHIFT_S, None, DemandOptions()).empty
    with pytest.raises(ColumnError, match="lon"):
        event_stops(events[["id"]], areas, CRS, SHIFT_S, None, DemandOptions())


@pytest.fixture
def blind() -> gpd.GeoDataFrame:
    """Two pieces; the second by rank is a horseshoe, whose middle lies outside it."""
    horseshoe = shapely.Polygon(
        [
            lonlat(*p)
            for p in [
                (1000, 0),
                (1400, 0),
                (1400, 400),
                (1300, 400),
                (1300, 100),
                (1100, 100),
                (1100, 400),
                (1000, 400),
            ]
        ]
    )
    square = shapely.Polygon([lonlat(*p) for p in [(200, 200), (300, 200), (300, 300), (200, 300)]])
    return gpd.GeoDataFrame(
        {
            "rank": [2, 1], "score": [50.0, 125.0], "reason": ["blocked", "far"], "reason_share": [0.8, 1.0],
            "why_zh": ["被建筑遮挡", "超出可视距离"], "why_en": ["buildings stand in the way", "beyond range"],
            "incidents": [3.0, 12.0], "incidents_share": [0.006, 0.024], "name_zh": ["乙", "甲"], "name_en": ["B", "A"],
        },
        geometry=[horseshoe, square], crs=4326,
    )  # fmt: skip


def test_a_blind_spot_is_seen_from_inside_and_says_what_it_holds(
    blind: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> None:
    table = blind_stops(blind, areas, CRS, SHIFT_S, DemandOptions())
    assert table["worth"].tolist() == [1.25, 0.5]
    assert table["grid"].tolist() == ["a", "b"]
    assert blind.geometry.iloc[0].contains(shapely.Point(table["lon"].iloc[1], table["lat"].iloc[1]))
    assert table["why_zh"].iloc[1] == (
        "摄像机盲区第 2 位(共 2 处),得分 50.00/10000:被建筑遮挡(占 80%);其内上报 3 起(全区的 0.60%)"
    )
    assert table["why_en"].iloc[0].endswith("beyond range (100% of it); 12 reports in it (2.40%)")
    assert table["name_en"].tolist() == ["A blind spot 1", "B blind spot 2"]
    assert not table["must"].any()


def test_blind_spots_are_limited_and_weighed(blind: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
    options = DemandOptions(max_blind_spots=1, blind_weight=2.0)
    bare = blind[["rank", "score", "reason", "geometry"]]
    table = blind_stops(bare, areas, CRS, SHIFT_S, options)
    assert table["worth"].tolist() == [2.5]
    assert table["why_en"].tolist() == ["camera blind spot no. 1 of 2, score 125.00 of 10,000: far"]
    assert blind_stops(bare.iloc[:0], areas, CRS, SHIFT_S, options).empty


def test_the_id_of_a_blind_spot_stays_when_the_ranks_change(blind: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
    now = blind_stops(blind, areas, CRS, SHIFT_S, DemandOptions())
    then = blind_stops(blind.assign(rank=[1, 2]), areas, CRS, SHIFT_S, DemandOptions())
    assert set(now["id"]) == set(then["id"])
