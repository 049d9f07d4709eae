"""The excerpts of tests/data and the shipped layers go through the public door: what ``make test`` promises without the real sets."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.join.assign import assign_levels
from gis.layers import LayerResult, ReadOptions, read_layer

DATA = Path(__file__).resolve().parents[1] / "data"


def read(path: Path, kind: str, **options: object) -> LayerResult:
    return read_layer(path, kind, options=ReadOptions(datum="wgs84", **options))


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("areas.geojson", "areas", 194),
        ("streets.geojson", "streets", 3626),
        ("buildings.geojson", "buildings", 8034),
        ("places.csv", "places", 137),
        ("cameras.csv", "cameras", 800),
        ("incidents.csv.gz", "incidents", 60_000),
    ],
)
def test_shipped_layer_goes_in_whole(name: str, kind: str, rows: int, layers_folder: Path) -> None:
    found = read(layers_folder / name, kind)
    assert (found.report.rows_in, found.report.rows_ok, found.report.rows_rejected) == (rows, rows, 0)
    assert found.frame["id" if kind != "areas" else "code"].is_unique
    assert found.report.dropped_personal == []
    assert found.report.masked == {}


def test_shipped_incidents_keep_their_times_and_declared_grids(
    layers_folder: Path, incidents: gpd.GeoDataFrame
) -> None:
    found = read(layers_folder / "incidents.csv.gz", "incidents").frame
    local = found["occurred_at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    assert (local.to_numpy() == incidents["local"].to_numpy()).all()
    assert (found["time_precision"] == "interval").sum() == (incidents["occurred_to"] != "").sum()
    assert set(found["found_by"]) == {"report", "patrol"}
    assert (found["scheme"] == "wangge").all()
    assert (found["declared_area"].to_numpy() == incidents["declared_area"].to_numpy()).all()


def test_excel_of_an_office_equals_the_sample(layers_folder: Path) -> None:
    excel = read(DATA / "wuda" / "incidents_cn.xlsx", "incidents").frame.set_index("id")
    sample = read(layers_folder / "incidents.csv.gz", "incidents").frame.set_index("id").loc[excel.index]
    assert len(excel) == 100
    for column in ("occurred_at", "category", "department", "declared_area", "address", "found_by"):
        assert excel[column].tolist() == sample[column].tolist(), column
    assert np.allclose(excel[["lon", "lat"]], sample[["lon", "lat"]], atol=1e-9)


def test_shapefile_in_gbk_without_cpg_is_read_in_chinese(wuda_areas: gpd.GeoDataFrame) -> None:
    found = read(DATA / "wuda" / "streets_gbk.zip", "areas", level="street").frame.set_index("code")
    streets = wuda_areas[wuda_areas["level"] == "street"].set_index("code")
    assert found["name_zh"].to_dict() == streets["name_zh"].to_dict()
    assert found.geometry.sort_index().geom_equals(streets.geometry.sort_index()).all()


def test_kml_keeps_kind_and_address(places: gpd.GeoDataFrame) -> None:
    found = read(DATA / "wuda" / "places.kml", "places").frame
    sample = places.set_index("id").loc[found["id"]]
    assert len(found) == 40
    assert found["kind"].tolist() == sample["kind"].tolist()
    assert found["address"].tolist() == sample["address"].tolist()


@pytest.fixture(scope="module")
def town() -> gpd.GeoDataFrame:
    """Divisions and neighbourhoods of the made-up town."""
    folder = DATA / "toronto_like"
    divisions = read(
        folder / "police_divisions.geojson", "areas", level="street", mapping={"code": "DIV", "name": "UNIT_NAME"}
    )
    hoods = read(
        folder / "neighbourhoods.geojson",
        "areas",
        level="community",
        mapping={"code": "AREA_SHORT_CODE", "name": "AREA_NAME"},
    )
    return pd.concat([divisions.frame, hoods.frame], ignore_index=True)


@pytest.mark.parametrize(("level", "count"), [("street", 4), ("community", 12)])
def test_counts_of_the_town_equal_geopandas(level: str, count: int, town: gpd.GeoDataFrame) -> None:
    found = read(DATA / "toronto_like" / "incidents.csv", "incidents", zone="America/Toronto")
    assert (found.report.rows_ok, found.report.rows_rejected) == (1200, 0)
    frame, mine = found.frame, town[town["level"] == level]
    assert len(mine) == count
    located = assign_levels(frame["lon"].to_numpy(), frame["lat"].to_numpy(), town)[level]
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)
    expected = gpd.sjoin(points, mine[["code", "geometry"]], predicate="intersects").groupby(level=0)["code"].min()
    assert located.tolist() == expected.tolist()


def test_declared_neighbourhoods_of_the_town_agree(town: gpd.GeoDataFrame) -> None:
    frame = read(DATA / "toronto_like" / "incidents.csv", "incidents", zone="America/Toronto").frame
    located = assign_levels(frame["lon"].to_numpy(), frame["lat"].to_numpy(), town)["community"]
    names = town.set_index("code")["name_zh"].str.replace(r" \(\d+\)$", "", regex=True)
    assert (located.map(names).to_numpy() == frame["declared_area"].to_numpy()).mean() > 0.99


@pytest.mark.parametrize(("name", "kind"), [("roads", "streets"), ("buildings", "buildings")])
def test_openstreetmap_excerpt_goes_in(name: str, kind: str) -> None:
    path = DATA / "osm" / f"{name}.geojson"
    found = read(path, kind)
    assert found.report.rows_rejected == 0
    assert len(found.frame) >= 120
    assert path.stat().st_size < 200 * 1024
