"""Hot grids and key places become stops with their place, worth, window and why."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.calendar import DEFAULT_SHIFTS
from gis.crs import project
from gis.errors import ColumnError, InputError
from gis.patrol import Team, make_beats, stops_from
from gis.patrol.demand import COLUMNS, ORIGINS, DemandOptions, ShiftClock, assign_beats, opened_to_all
from tests.gis.patrol.demand.demand_maker import CRS, MIDDLE, lonlat
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S


def test_a_hot_grid_is_wanted_once_in_each_two_hours_worth_less_each_time(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, crs=CRS)
    b = stops[stops["stop"] == "grid:b"]
    assert list(stops.columns) == list(COLUMNS)
    assert b["id"].tolist() == [f"grid:b#{k}" for k in (1, 2, 3, 4)]
    assert b["open_s"].tolist() == [0, 7200, 14400, 21600]
    assert b["close_s"].tolist() == [6300, 13500, 20700, 27900]
    np.testing.assert_allclose(b["worth"], [75, 60, 48, 38.4])
    assert set(b["grid"]) == {"b"}
    assert (stops["stop"] != "grid:c").all(), "a grid without a report is no stop"


def test_every_stop_says_why_in_both_languages(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, crs=CRS, days=90)
    first = stops.iloc[0]
    assert first["why_zh"] == "热点第 1 位:近 90 天上报 30 起(全区 40 起的 75.0%),聚集显著(q<0.001),第 1 次巡查"
    assert first["why_en"] == (
        "hot grid no. 1: 30 of 40 reports (75.0%) in 90 days, a significant cluster (q<0.001), visit 1"
    )
    assert (stops["why_zh"] != "").all()
    assert (stops["why_en"] != "").all()
    assert (first["name_zh"], first["name_en"]) == ("乙", "B")
    assert stops.loc[stops["grid"] == "a", "name_en"].iloc[0] == "甲"


def test_the_stop_stands_inside_its_grid(hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, crs=CRS)
    b = stops[stops["grid"] == "b"].iloc[0]
    assert areas.geometry.iloc[1].contains(shapely.Point(b["lon"], b["lat"]))
    np.testing.assert_allclose(project(np.array([b["lon"]]), np.array([b["lat"]]), CRS)[0], [b["x"], b["y"]], atol=1e-3)


def test_the_stop_moves_to_the_densest_spot_of_reports(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    """Twelve reports at one corner, six at another; what patrol found itself does not draw patrol there."""
    spots = [lonlat(1200 + 5 * k, 200) for k in range(12)] + [lonlat(1800, 800)] * 6 + [lonlat(1500, 500)] * 50
    incidents = pd.DataFrame(spots, columns=["lon", "lat"]).assign(grid="b")
    incidents["found_by"] = ["report"] * 18 + ["patrol"] * 50
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, crs=CRS, incidents=incidents)
    b = stops[stops["grid"] == "b"].iloc[0]
    np.testing.assert_allclose([b["x"], b["y"]] - MIDDLE, [1227.5, 200], atol=0.5)
    assert b["worth"] == pytest.approx(100 * 12 / 40)
    assert "150 米内 12 起" in b["why_zh"]
    assert (stops.loc[stops["grid"] == "a", "worth"] == 0).all(), "no report near a stop, no worth"


def test_places_of_the_kinds_given_must_be_visited_once(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    options = DemandOptions(must_kinds=("school", "safe_harbour"))
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, crs=CRS, options=options)
    must = stops[stops["must"]]
    assert must["id"].tolist() == ["place:p1", "place:p2"]
    assert must["grid"].tolist() == ["a", "c"]
    assert must["why_zh"].tolist() == ["必巡点:学校", "必巡点:平安驿站"]
    assert must["name_en"].tolist() == ["School", "驿站"]
    assert not must["outside"].any()


def test_a_place_outside_the_district_is_marked_not_lost(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, options=DemandOptions(must_kinds=("station",)))
    far = stops[stops["id"] == "place:p3"].iloc[0]
    assert far["outside"]
    assert far["grid"] == ""


def test_significant_grids_come_first_and_may_come_alone(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    swapped = hot.assign(rank=[2, 1, 3])
    one = stops_from(swapped, areas, places, shift_s=SHIFT_S, options=DemandOptions(max_grids=1))
    assert set(one.loc[~one["must"], "grid"]) == {"b"}
    alone = stops_from(hot, areas, places, shift_s=SHIFT_S, options=DemandOptions(significant_only=True))
    assert set(alone.loc[~alone["must"], "grid"]) == {"b"}


def test_a_short_shift_wants_each_stop_once(hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    stops = stops_from(hot, areas, places.iloc[:0], shift_s=HOUR)
    assert stops["visit"].tolist() == [1, 1]
    assert stops["close_s"].tolist() == [2700, 2700]
    assert "次巡查" not in stops["why_zh"].iloc[0]


def test_no_reports_and_no_places_want_nothing(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    stops = stops_from(hot.assign(count=0), areas, places.iloc[:0], shift_s=SHIFT_S)
    assert len(stops) == 0
    assert list(stops.columns) == list(COLUMNS)


def test_stops_learn_the_beat_of_their_grid(hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    stops = stops_from(hot, areas, places, shift_s=SHIFT_S, options=DemandOptions(must_kinds=("station",)))
    labelled = assign_beats(stops, ["a", "b", "c"], np.array([1, 0, 0]))
    assert labelled.set_index("id")["beat"][["grid:a#1", "grid:b#1", "place:p3"]].tolist() == [1, 0, -1]


def test_what_cannot_be_used_is_named(hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="no polygon in the areas: b"):
        stops_from(hot, areas[areas["code"] != "b"], places, shift_s=SHIFT_S)
    with pytest.raises(InputError, match="no coordinates: p3") as caught:
        stops_from(hot, areas, places.assign(lon=np.nan, kind=["x", "x", "station"]), shift_s=SHIFT_S)
    assert "没有坐标" in caught.value.zh
    with pytest.raises(InputError, match="shorter than one stop"):
        stops_from(hot, areas, places, shift_s=600)
    with pytest.raises(ColumnError, match="rank"):
        stops_from(hot[["code"]], areas, places, shift_s=SHIFT_S)


@pytest.mark.parametrize(
    "options",
    [
        {"dwell_s": 300},
        {"dwell_s": 1200},
        {"keep": 0},
        {"every_s": 600},
        {"max_grids": -1},
        {"forecast_weight": 1.1},
        {"railway_segment_m": 0},
        {"hours_prior": float("nan")},
    ],
)
def test_options_outside_the_field_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError):
        DemandOptions(**options)


def test_beats_and_demand_speak_of_the_same_grids(areas: gpd.GeoDataFrame) -> None:
    from gis.grid.neighbours import contiguity

    xy = np.array([[500.0, 500.0], [1500.0, 500.0], [2500.0, 500.0]])
    beat = make_beats(np.array([20.0, 10.0, 10.0]), contiguity(areas), xy, 2, rng=np.random.default_rng(1))
    assert beat.tolist() == [0, 1, 1]


def _evening(spots: list[tuple[float, float]], grid: str, hour: int, day: int = 2) -> pd.DataFrame:
    """Reports of one grid at one local hour; 2 March 2026 is a Monday."""
    moment = pd.Timestamp(2026, 3, day, hour, tz="Asia/Shanghai").tz_convert("UTC")
    return pd.DataFrame(spots, columns=["lon", "lat"]).assign(grid=grid, occurred_at=moment)


def test_a_grid_of_the_same_hours_is_worth_more_than_one_of_other_hours(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    """Both have 20 reports; those of a fell at night, those of b by day. By night a comes first, by day b."""
    even = hot.assign(count=[20, 20, 0], hot=False)
    incidents = pd.concat(
        [_evening([lonlat(500, 500)] * 20, "a", 23), _evening([lonlat(1500, 500)] * 20, "b", 10)], ignore_index=True
    )
    firsts = {}
    for key in ("night", "day"):
        clock = ShiftClock(date(2026, 3, 4), DEFAULT_SHIFTS[key])
        stops = stops_from(
            even, areas, places.iloc[:0], shift_s=SHIFT_S, crs=CRS, incidents=incidents, days=30, clock=clock
        )
        firsts[key] = stops.loc[stops["visit"] == 1, ["grid", "worth", "why_en"]].set_index("grid")
    # 20 of 40 reports lie in each shift; (20 + 20 x 0.5) / (20 + 20) is 0.75, which is 1.5 times the district's half.
    np.testing.assert_allclose(firsts["night"]["worth"][["a", "b"]], [75, 25])
    np.testing.assert_allclose(firsts["day"]["worth"][["a", "b"]], [25, 75])
    assert firsts["night"].index.tolist() == ["a", "b"]
    assert firsts["day"].index.tolist() == ["b", "a"]
    assert (
        "20 of its 20 timed reports in these hours of working days (district 20 of 40), weight x1.50"
        in (firsts["night"].loc["a", "why_en"])
    )


def test_the_worths_of_all_first_stops_make_a_hundred_where_every_report_is_near(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    stops = stops_from(
        hot, areas, places.iloc[:0], shift_s=SHIFT_S,
        forecast=pd.DataFrame({"code": ["c", "b"], "expected": [0.3, 0.1]}),
    )  # fmt: skip
    first = stops[stops["visit"] == 1].set_index("grid")
    assert first["worth"].sum() == pytest.approx(100)
    # Half of the risk is the reports (30, 10, 0 of 40), half the forecast (0.1, 0, 0.3 of 0.4).
    np.testing.assert_allclose(first["worth"][["b", "a", "c"]], [50, 12.5, 37.5])
    assert first["origin"][["b", "a", "c"]].tolist() == ["hot_spot", "hot_spot", "forecast"]
    assert "0.30 of 0.40 reports forecast" in first["why_en"]["c"]
    assert "预测本班 0.30 起(全区 0.40 起)" in first["why_zh"]["c"]


def test_a_forecast_without_a_report_is_spread_over_its_grid(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    """A circle of 150 m is 7.07 % of a grid of 1 km2."""
    incidents = pd.DataFrame([lonlat(1500, 500)] * 30 + [lonlat(500, 500)] * 10, columns=["lon", "lat"])
    stops = stops_from(
        hot, areas, places.iloc[:0], shift_s=SHIFT_S, crs=CRS,
        incidents=incidents.assign(grid=["b"] * 30 + ["a"] * 10),
        forecast=pd.DataFrame({"code": ["c"], "expected": [1.0]}), options=DemandOptions(forecast_weight=1.0),
    )  # fmt: skip
    first = stops[stops["visit"] == 1].set_index("grid")
    assert first["worth"]["c"] == pytest.approx(100 * np.pi * 0.15**2, rel=1e-3)
    assert set(first.index) == {"c"}


def test_all_that_asks_for_patrol_comes_together_with_its_origin(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    west, east = lonlat(-500, 200), lonlat(3500, 200)
    railways = gpd.GeoDataFrame({"kind": ["rail"]}, geometry=[shapely.LineString([west, east])], crs=4326)
    lon, lat = lonlat(1200, 900)
    events = pd.DataFrame({"id": ["e1"], "lon": [lon], "lat": [lat]})
    blind = gpd.GeoDataFrame(
        {"rank": [1], "score": [80.0], "reason": ["far"]},
        geometry=[shapely.Point(lonlat(2500, 900)).buffer(0.0005)],
        crs=4326,
    )
    stops = stops_from(
        hot, areas, places, shift_s=SHIFT_S, crs=CRS, forecast=pd.DataFrame({"code": ["c"], "expected": [1.0]}),
        railways=railways, events=events, blind=blind,
    )  # fmt: skip
    assert list(stops.columns) == list(COLUMNS)
    assert set(stops["origin"]) == set(ORIGINS)
    assert stops["id"].is_unique
    two_ended = stops["exit_x"].notna()
    assert set(stops.loc[two_ended, "origin"]) == {"railway"}
    assert stops.loc[two_ended, ["exit_y", "exit_lon", "exit_lat"]].notna().all(axis=None)
    needed = stops.drop(columns=["exit_x", "exit_y", "exit_lon", "exit_lat"])
    assert needed.notna().all(axis=None)
    assert (stops[["why_zh", "why_en", "name_zh", "name_en"]] != "").all(axis=None)


def test_a_clock_of_another_length_and_a_forecast_of_unknown_grids_are_refused(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    clock = ShiftClock(date(2026, 3, 4), DEFAULT_SHIFTS["night"])
    with pytest.raises(InputError, match="lasts 28800 s"):
        stops_from(hot, areas, places, shift_s=HOUR, clock=clock)
    for forecast in ({"code": ["x"], "expected": [1.0]}, {"code": ["a"], "expected": [-1.0]}):
        with pytest.raises(InputError, match="forecast"):
            stops_from(hot, areas, places, shift_s=SHIFT_S, forecast=pd.DataFrame(forecast))
    with pytest.raises(ColumnError, match="expected"):
        stops_from(hot, areas, places, shift_s=SHIFT_S, forecast=pd.DataFrame({"code": ["a"]}))


def test_a_district_without_grids_is_planned_by_its_finest_level(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    whole = areas.dissolve().assign(code="s", level="street")
    communities = pd.concat([areas.assign(level="community"), whole])
    options = DemandOptions(must_kinds=("school",))
    stops = stops_from(hot, communities, places, shift_s=SHIFT_S, crs=CRS, options=options)
    assert stops.loc[stops["must"], "grid"].tolist() == ["a"]


def test_what_the_team_of_a_beat_is_not_there_for_or_cannot_do_is_left_to_those_who_can() -> None:
    """Team 0 leaves after an hour and has no drone; team 1 stays and has one; nobody has a rope."""
    rows = [
        ("early", 0.0, 1800.0, "", 0),
        ("late", 1.5 * HOUR, 2 * HOUR, "", 0),
        ("over the end", 1800.0, 2 * HOUR, "", 0),
        ("flight", 0.0, 1800.0, "drone", 0),
        ("climb", 0.0, 1800.0, "rope", 0),
        ("theirs", 1.5 * HOUR, 2 * HOUR, "", 1),
        ("anybody's", 0.0, 1800.0, "", -1),
    ]
    stops = pd.DataFrame(rows, columns=["id", "open_s", "close_s", "skills", "beat"]).assign(dwell_s=2400.0)
    teams = [Team("a", (0.0, 0.0), beat=0, end_s=HOUR), Team("b", (0.0, 0.0), beat=1, skills=("drone",))]
    opened = opened_to_all(stops, teams, shift_s=SHIFT_S).set_index("id")["beat"]
    assert opened.to_dict() == {
        "early": 0, "late": -1, "over the end": -1, "flight": -1, "climb": 0, "theirs": 1, "anybody's": -1,
    }  # fmt: skip
    roaming = [replace(teams[0], beat=-1), teams[1]]
    assert opened_to_all(stops, roaming, shift_s=SHIFT_S)["beat"].tolist()[:1] == [0]
    assert opened_to_all(stops.drop(columns="skills"), teams, shift_s=SHIFT_S)["beat"].tolist()[3] == 0
