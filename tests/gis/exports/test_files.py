"""What is written reads back the same with independent readers, in the datum that the file states."""

import csv
import json
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from gis.crs import from_wgs84
from gis.errors import CrsError, InputError, ScopeError
from gis.exports import FORMATS, export_filename, write_layer
from gis.exports.files import ascii_names, cut_bytes
from gis.exports.tables import safe_text

LON, LAT = [106.70, 106.71, 106.72], [39.50, 39.51, 39.52]


@pytest.fixture
def incidents() -> pd.DataFrame:
    """Three reports, one of them trying to be a formula, one without an end."""
    return pd.DataFrame(
        {
            "id": ["15030400011320000001", "E2", "E3"],
            "lon": LON,
            "lat": LAT,
            "occurred_at": pd.to_datetime(["2026-03-01T16:30Z", "2026-03-02T03:00Z", None], utc=True),
            "category": ["06010", "F01", "P01"],
            "address": ['=HYPERLINK("http://x")', "人民路1号", "-1"],
            "grid": ["150304009008001", "150304009008002", ""],
        }
    )


@pytest.fixture
def hot(wuda_areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A result layer with polygons, a missing rate and a long Chinese column name."""
    grids = wuda_areas[wuda_areas["kind"] == "basic"].head(12).reset_index(drop=True)
    frame = grids[["code", "name_zh", "geometry"]].assign(
        rank=range(1, 13),
        per_km2=np.linspace(0.5, 6, 12),
        per_1000_households=[None, *range(11)],
        hot=[True] + [False] * 11,
    )
    return frame.assign(所属街道办事处名称="巴音赛街道")


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in ("csv", "xlsx", "shp")])
def test_shapes_read_back_in_every_format(hot: gpd.GeoDataFrame, tmp_path: Path, kind: str) -> None:
    path = write_layer(hot, tmp_path / f"hot{FORMATS[kind][0]}", layer="hotspots", format=kind)
    read = gpd.read_parquet(path) if kind == "parquet" else gpd.read_file(path)
    assert len(read) == 12
    assert read.crs.to_epsg() == 4326
    assert shapely.equals_exact(
        read.geometry.to_numpy(), shapely.normalize(hot.geometry.to_numpy()), 1e-6, normalize=True
    ).all()
    name = "Name" if kind == "kml" else "name_zh"
    assert read[name].tolist() == hot["name_zh"].tolist()


def test_a_shapefile_keeps_chinese_and_brings_its_legend(hot: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Chinese field names longer than ten bytes crash the common writer."""
    path = write_layer(
        hot, tmp_path / "hot.zip", layer="hotspots", format="shp", title="热点", period="2026-01 - 2026-03"
    )
    read = gpd.read_file(path)
    assert len(read) == 12
    assert all(name.isascii() and len(name) <= 10 for name in read.columns)
    assert set(read["name_zh"]) == set(hot["name_zh"])
    with zipfile.ZipFile(path) as archive:
        legend = archive.read("legend.txt").decode("utf-8-sig")
    assert "所属街道办事处名称" in legend
    assert "WGS-84" in legend
    assert "2026-01 - 2026-03" in legend
    assert "1/km2" in legend


def test_debians_gdal_reads_what_we_write(hot: gpd.GeoDataFrame, tmp_path: Path) -> None:
    for kind in ("gpkg", "shp", "kml"):
        path = write_layer(hot, tmp_path / f"hot{FORMATS[kind][0]}", layer="hotspots", format=kind)
        source = f"/vsizip/{path}" if kind == "shp" else str(path)
        told = subprocess.run(
            ["/usr/bin/ogrinfo", "-so", "-al", source], capture_output=True, text=True, check=True
        ).stdout
        assert "Feature Count: 12" in told, kind


@pytest.mark.parametrize(("datum", "epsg"), [("cgcs2000", 4490), ("EPSG:4545", 4545), ("wgs84", 4326)])
def test_coordinates_are_those_of_the_stated_crs(
    incidents: pd.DataFrame, tmp_path: Path, datum: str, epsg: int
) -> None:
    path = write_layer(incidents, tmp_path / "i.gpkg", layer="incidents", format="gpkg", datum=datum)
    read = gpd.read_file(path)
    assert read.crs.to_epsg() == epsg
    x, y = from_wgs84(LON, LAT, datum)
    np.testing.assert_allclose(read.geometry.x, x, atol=1e-3 if epsg == 4545 else 1e-9)
    np.testing.assert_allclose(read.geometry.y, y, atol=1e-3 if epsg == 4545 else 1e-9)


def test_gcj_is_named_and_claims_no_epsg(incidents: pd.DataFrame, tmp_path: Path) -> None:
    path = write_layer(incidents, tmp_path / "i.gpkg", layer="incidents", format="gpkg", datum="gcj02")
    read = gpd.read_file(path)
    assert read.crs is None or read.crs.to_epsg() is None
    assert set(read["file_datum"]) == {"GCJ-02"}
    assert abs(read.geometry.x - LON).min() > 0.003
    shape = write_layer(incidents, tmp_path / "i.zip", layer="incidents", format="shp", datum="gcj02")
    with zipfile.ZipFile(shape) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".prj")]


def test_kml_is_always_wgs84(incidents: pd.DataFrame, tmp_path: Path) -> None:
    read = gpd.read_file(write_layer(incidents, tmp_path / "i.kml", layer="incidents", format="kml", datum="gcj02"))
    np.testing.assert_allclose(read.geometry.x, LON, atol=1e-9)


def test_csv_opens_in_excel_with_chinese_titles_local_times_and_no_formula(
    incidents: pd.DataFrame, tmp_path: Path
) -> None:
    path = write_layer(incidents, tmp_path / "i.csv", layer="incidents", format="csv", lang="zh")
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0]["编号"] == "15030400011320000001"
    assert rows[0]["发生时间"] == "2026-03-02T00:30+08:00"
    assert rows[2]["发生时间"] == ""
    assert rows[0]["地址"].startswith("'=")
    assert rows[0]["坐标系"] == "WGS-84"
    assert float(rows[1]["经度 (deg)"]) == pytest.approx(106.71)


def test_negative_numbers_stay_numbers_and_text_is_disarmed() -> None:
    assert [safe_text(text) for text in ("=1+1", "+1", "-1", "@x", "\tx", "plain")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "plain",
    ]


def test_excel_keeps_every_digit_and_says_what_it_holds(incidents: pd.DataFrame, tmp_path: Path) -> None:
    path = write_layer(
        incidents,
        tmp_path / "i.xlsx",
        layer="incidents",
        format="xlsx",
        lang="en",
        period="March 2026",
        title="Reports",
    )
    book = openpyxl.load_workbook(path)
    data = book["data"]
    titles = [cell.value for cell in data[1]]
    first = dict(zip(titles, [cell.value for cell in data[2]], strict=True))
    assert first["id"] == "15030400011320000001"
    assert first["address"].startswith("'=")
    assert isinstance(first["longitude (deg)"], float)
    notes = {row[0].value: row[1].value for row in book["notes"].iter_rows()}
    assert notes["datum"] == "WGS-84"
    assert notes["period"] == "March 2026"
    assert notes["rows"] == "3"


def test_geojson_states_datum_period_and_columns(hot: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write_layer(
        hot, tmp_path / "h.geojson", layer="hotspots", format="geojson", datum="gcj02", period="2026", lang="en"
    )
    data = json.loads(path.read_text("utf-8"))
    assert data["wangge"]["datum"] == "GCJ-02"
    assert data["wangge"]["period"] == "2026"
    assert data["wangge"]["columns"]["per_km2"] == "incidents per km2 over the period (1/km2)"
    assert "crs" not in data
    assert data["features"][0]["properties"]["per_1000_households"] is None


@pytest.mark.parametrize("kind", list(FORMATS))
def test_an_empty_layer_is_a_valid_file(incidents: pd.DataFrame, tmp_path: Path, kind: str) -> None:
    path = write_layer(incidents.iloc[:0], tmp_path / f"none{FORMATS[kind][0]}", layer="incidents", format=kind)
    assert path.stat().st_size > 0
    if kind in ("gpkg", "geojson", "shp"):
        assert len(gpd.read_file(path)) == 0


def test_a_public_export_leaves_out_what_may_not_be_published(incidents: pd.DataFrame, tmp_path: Path) -> None:
    path = write_layer(incidents, tmp_path / "i.csv", layer="incidents", format="csv", public=True)
    assert "地址" not in path.read_text("utf-8-sig").splitlines()[0]


def test_cameras_never_leave_in_public(incidents: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ScopeError):
        write_layer(incidents, tmp_path / "c.csv", layer="cameras", format="csv", public=True)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_datum_writes_nothing(incidents: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(CrsError):
        write_layer(incidents, tmp_path / "i.csv", layer="incidents", format="csv", datum="EPSG:4610")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(incidents: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        write_layer(incidents, tmp_path / "nowhere" / "i.csv", layer="incidents", format="csv")


def test_an_unknown_format_lists_those_there_are(incidents: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gpkg"):
        write_layer(incidents, tmp_path / "i.exe", layer="incidents", format="exe")


def test_the_table_handed_in_is_not_changed(incidents: pd.DataFrame, tmp_path: Path) -> None:
    before = incidents.copy(deep=True)
    write_layer(incidents, tmp_path / "i.zip", layer="incidents", format="shp", datum="bd09")
    pd.testing.assert_frame_equal(incidents, before)


def test_field_names_are_short_ascii_and_each_once() -> None:
    names = ["per_1000_households", "per_1000_houses", "名称", "所属街道", "code"]
    short = ascii_names(names)
    assert len({name.lower() for name in short.values()}) == 5
    assert all(name.isascii() and 1 <= len(name) <= 10 for name in short.values())


def test_long_text_is_cut_between_characters() -> None:
    assert len(cut_bytes("网" * 100).encode("utf-8")) == 252


def test_the_files_name_states_layer_and_datum() -> None:
    assert export_filename("hotspots", "shp", datum="EPSG:4545") == "wangge-hotspots-EPSG4545.zip"


def test_times_are_those_of_the_asked_zone(tmp_path: Path) -> None:
    one = pd.DataFrame({"id": ["a"], "lon": [0.0], "lat": [0.0], "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC)]})
    text = write_layer(one, tmp_path / "i.csv", layer="incidents", format="csv", zone="America/Toronto").read_text(
        "utf-8-sig"
    )
    assert "2025-12-31T19:00-05:00" in text
