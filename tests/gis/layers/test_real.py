"""The large real sets, whole: exact counts of what goes in."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from gis.layers import ReadOptions, read_layer

pytestmark = pytest.mark.real


def test_all_of_toronto_goes_in(shared_data: Path) -> None:
    options = ReadOptions(zone="America/Toronto", place=(-79.65, 43.58, -79.11, 43.86))
    result = read_layer(shared_data / "incidents/toronto/toronto_mci_2014_2021.csv.gz", "incidents", options=options)
    assert (result.report.rows_in, result.report.rows_ok, result.report.rows_rejected) == (240_992, 240_992, 0)
    assert len(result.frame) == 240_992
    assert result.frame["id"].is_unique
    assert result.frame["category"].value_counts().to_dict()["Assault"] > 109_788
    assert (result.frame["time_precision"] == "interval").all()
    assert result.frame["declared_area"].nunique() == 140
    first = result.frame["occurred_at"].dt.tz_convert("America/Toronto")
    assert (first >= "2014-01-01").sum() == 239_935


def test_toronto_divisions_count_as_geopandas_counts(shared_data: Path) -> None:
    folder = shared_data / "incidents/toronto"
    points = read_layer(
        folder / "toronto_mci_2014_2021.csv.gz", "incidents", options=ReadOptions(zone="America/Toronto")
    ).frame
    areas = read_layer(folder / "police_divisions.geojson", "areas", options=ReadOptions(level="street")).frame
    raw = gpd.read_file(folder / "police_divisions.geojson")
    located = gpd.GeoDataFrame(points[["id"]], geometry=gpd.points_from_xy(points["lon"], points["lat"]), crs=4326)
    ours = gpd.sjoin(located, areas[["code", "geometry"]]).groupby("code").size().sort_index()
    theirs = gpd.sjoin(located, raw[["DIV", "geometry"]]).groupby("DIV").size().sort_index()
    assert ours.to_dict() == theirs.to_dict()
    assert ours.sum() > 230_000


def test_neighbourhoods_of_toronto(shared_data: Path) -> None:
    path = shared_data / "incidents/toronto/neighbourhoods.geojson"
    frame = read_layer(path, "areas", options=ReadOptions(level="community")).frame
    assert len(frame) == 140
    assert frame["code"].is_unique
    assert "Wychwood (94)" in set(frame["name_zh"])


def test_boston_311_month_first_times_and_ids(shared_data: Path) -> None:
    path = shared_data / "incidents/misc/boston_311_2015_partial.csv.gz"
    result = read_layer(path, "incidents", options=ReadOptions(zone="America/New_York"))
    assert (result.report.rows_in, result.report.rows_ok + result.report.fixes.get("duplicate_rows", 0)) == (
        121_245,
        121_245,
    )
    local = result.frame["occurred_at"].dt.tz_convert("America/New_York").dt.year.value_counts().to_dict()
    assert local[2015] == 121_145
    assert local[2011] == 100
    assert set(result.frame["found_by"]) == {"report", "patrol"}
    assert result.report.dropped_personal == []


def test_chicago_assaults_and_districts(shared_data: Path) -> None:
    folder = shared_data / "incidents/chicago_agg"
    options = ReadOptions(zone="America/Chicago", mapping={"category": "loc_cat"})
    points = read_layer(folder / "chicago_aggravated_assaults.csv.gz", "incidents", options=options)
    areas = read_layer(folder / "chicago_police_districts.kml", "areas", options=ReadOptions(level="street"))
    assert (points.report.rows_ok, points.report.rows_rejected) == (148_636, 0)
    assert (areas.report.rows_in, areas.report.rows_ok, areas.report.fixes["parts_joined"]) == (25, 23, 2)


def test_portland_in_feet(shared_data: Path) -> None:
    folder = shared_data / "incidents/portland_nij"
    options = ReadOptions(zone="America/Los_Angeles", datum="EPSG:2913")
    calls = read_layer(folder / "cfs_all_2016_08_09.csv.gz", "incidents", options=options)
    districts = read_layer(folder / "portland-police-districts.zip", "areas", options=ReadOptions(level="street"))
    assert (calls.report.rows_in, calls.report.rows_ok, calls.report.rows_rejected) == (37_819, 37_818, 1)
    assert set(calls.rejects["row"]) == {19_377}
    assert len(districts.frame) == 60
    west, south, east, north = districts.frame.total_bounds
    assert ((calls.frame["lon"] > west - 0.2) & (calls.frame["lon"] < east + 0.2)).mean() > 0.99
    assert ((calls.frame["lat"] > south - 0.2) & (calls.frame["lat"] < north + 0.2)).mean() > 0.99


@pytest.mark.parametrize(("name", "count"), [("district", 1), ("streets", 9), ("communities", 23), ("grids", 157)])
def test_wuda_sample_areas(shared_data: Path, name: str, count: int) -> None:
    result = read_layer(shared_data / f"china/sample_{name}.geojson", "areas")
    assert len(result.frame) == count
    assert result.rejects.empty
    assert result.frame["level"].unique().tolist() == [
        {"district": "district", "streets": "street", "communities": "community", "grids": "grid"}[name]
    ]
    assert result.frame["synthetic"].all()
    if name == "grids":
        assert result.frame["households"].sum() == 61_139
        assert result.frame["parent"].nunique() == 23
    if name == "streets":
        assert sum("民政代码" in zh for zh, _ in result.report.warnings) >= 5


@pytest.mark.parametrize("name", ["amap_wgs84", "tianditu_cgcs2000"])
def test_real_outlines_of_wuhai(shared_data: Path, name: str) -> None:
    frame = read_layer(shared_data / f"china/boundary_wuhai_{name}.geojson", "areas").frame
    assert frame["level"].value_counts().to_dict() == {"district": 3, "city": 1}
    assert "150304000000" in set(frame["code"])


@pytest.mark.parametrize(("city", "roads", "buildings"), [("shanghai", 1778, 1793), ("wuhan", 374, 330)])
def test_osm_of_real_chinese_quarters(shared_data: Path, city: str, roads: int, buildings: int) -> None:
    ways = read_layer(shared_data / f"china/osm_{city}_roads.geojson", "streets")
    houses = read_layer(shared_data / f"china/osm_{city}_buildings.geojson", "buildings")
    assert (ways.report.rows_in, ways.report.rows_ok) == (roads, roads)
    assert ways.frame["id"].is_unique
    assert houses.report.rows_in == buildings
    assert set(houses.rejects["reason_code"]) == {"geometry_wrong_type"}
    assert np.nanmax(houses.frame["height_m"]) > 50 or city == "wuhan"


def test_helsinki_cameras_and_buildings(shared_data: Path) -> None:
    cameras = read_layer(shared_data / "patrol/cameras/helsinki_centre_osm_surveillance.geojson", "cameras")
    houses = read_layer(shared_data / "patrol/buildings/helsinki_centre_buildings.gpkg", "buildings")
    assert len(cameras.frame) == 221
    assert cameras.frame["azimuth"].isna().all()
    assert houses.report.fixes["height_from_levels"] > 100
