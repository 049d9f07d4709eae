"""Hot grids and key places become stops with their place, worth, window and why."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import metric_crs, project, unproject
from gis.errors import ColumnError, InputError
from gis.patrol import make_beats, stops_from
from gis.patrol.demand import COLUMNS, DemandOptions, assign_beats
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S

CRS = metric_crs(106.7, 39.5)
MIDDLE = project(np.array([106.7]), np.array([39.5]), CRS)[0]


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = unproject(np.array([[x, y]]) + MIDDLE, CRS)
    return float(lon[0]), float(lat[0])


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Three grids of 1 km side by side."""
    boxes = [
        shapely.Polygon([lonlat(x, 0), lonlat(x + 1000, 0), lonlat(x + 1000, 1000), lonlat(x, 1000)])
        for x in (0.0, 1000.0, 2000.0)
    ]
    return gpd.GeoDataFrame(
        {
            "code": ["a", "b", "c"],
            "level": "grid",
            "kind": "basic",
            "name_zh": ["甲", "乙", "丙"],
            "name_en": ["", "B", "C"],
        },
        geometry=boxes,
        crs=4326,
    )


@pytest.fixture
def hot() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rank": [1, 2, 3],
            "code": ["b", "a", "c"],
            "count": [30, 10, 0],
            "q": [1e-5, 0.4, 1.0],
            "hot": [True, False, False],
        }
    )


@pytest.fixture
def places() -> pd.DataFrame:
    spots = [lonlat(500, 500), lonlat(2500, 500), lonlat(9000, 500)]
    return pd.DataFrame(
        {
            "id": ["p1", "p2", "p3"], "lon": [lon for lon, _ in spots], "lat": [lat for _, lat in spots],
            "name_zh": ["小学", "驿站", "远站"], "name_en": ["School", "", ""], "kind": ["school", "safe_harbour", "station"],
        }
    )  # fmt: skip


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
    assert first["why_zh"] == "热点第 1 位:近 90 天上报 30 起,聚集显著(q<0.001),第 1 次巡查"
    assert first["why_en"] == "hot grid no. 1: 30 reports in 90 days, a significant cluster (q<0.001), visit 1"
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
    "options", [{"dwell_s": 300}, {"dwell_s": 1200}, {"keep": 0}, {"every_s": 600}, {"max_grids": -1}]
)
def test_options_outside_the_field_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError):
        DemandOptions(**options)


def test_beats_and_demand_speak_of_the_same_grids(areas: gpd.GeoDataFrame) -> None:
    from gis.grid.neighbours import contiguity

    xy = np.array([[500.0, 500.0], [1500.0, 500.0], [2500.0, 500.0]])
    beat = make_beats(np.array([20.0, 10.0, 10.0]), contiguity(areas), xy, 2, rng=np.random.default_rng(1))
    assert beat.tolist() == [0, 1, 1]
