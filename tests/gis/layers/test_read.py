"""The one door: every format in, and what a person is told of it."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from gis.errors import ColumnError, InputError
from gis.layers import ReadOptions, read_layer
from gis.schemas import AREAS, INCIDENTS

ROWS = [
    ("SJ001", "2023年1月10日 9时30分", "暴露垃圾", "106.727", "39.505"),
    ("SJ002", "2023/1/10 10:05", "店外经营", "106.700", "39.600"),
]
HEAD = ["事件编号", "发生时间", "事件类型", "经度", "纬度"]


def table() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=HEAD)


@pytest.fixture(
    params=[
        "csv-utf8",
        "csv-bom",
        "csv-gbk",
        "csv-gb18030",
        "csv-utf16",
        "tsv",
        "csv.gz",
        "xlsx",
        "geojson",
        "gpkg",
        "geojsonl",
        "kml",
        "kmz",
        "parquet",
    ]
)
def incident_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same two incidents in each format."""
    form = request.param
    path = tmp_path / "upload.bin"
    points = gpd.GeoDataFrame(table(), geometry=[Point(float(r[3]), float(r[4])) for r in ROWS], crs=4326)
    encodings = {
        "csv-utf8": "utf-8",
        "csv-bom": "utf-8-sig",
        "csv-gbk": "gbk",
        "csv-gb18030": "gb18030",
        "csv-utf16": "utf-16",
    }
    if form in encodings:
        table().to_csv(path, index=False, encoding=encodings[form])
    elif form == "tsv":
        table().to_csv(path, index=False, sep="\t")
    elif form == "csv.gz":
        table().to_csv(path, index=False, compression="gzip")
    elif form == "xlsx":
        table().to_excel(tmp_path / "x.xlsx", index=False)
        (tmp_path / "x.xlsx").rename(path)
    elif form == "parquet":
        points.to_parquet(path)
    elif form == "kmz":
        points.to_file(tmp_path / "doc.kml", driver="LIBKML")
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(tmp_path / "doc.kml", "doc.kml")
    else:
        drivers = {"geojson": "GeoJSON", "gpkg": "GPKG", "geojsonl": "GeoJSONSeq", "kml": "LIBKML"}
        points.to_file(tmp_path / f"x.{form}", driver=drivers[form])
        (tmp_path / f"x.{form}").rename(path)
    return path


def test_the_same_incidents_come_out_of_every_format_and_encoding(incident_file: Path) -> None:
    result = read_layer(incident_file, "incidents")
    frame = result.frame
    assert list(frame.columns) == INCIDENTS.names
    assert frame["id"].tolist() == ["SJ001", "SJ002"]
    assert frame["category"].tolist() == ["06010", "09005"]
    assert frame["occurred_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist() == [
        "2023-01-10T01:30:00Z",
        "2023-01-10T02:05:00Z",
    ]
    assert frame["lon"].round(6).tolist() == [106.727, 106.7]
    assert result.rejects.empty
    assert (result.report.rows_in, result.report.rows_ok, result.report.rows_rejected) == (2, 2, 0)


def test_missing_column_names_the_headers_that_are_there(tmp_path: Path) -> None:
    table().drop(columns="发生时间").to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(ColumnError) as caught:
        read_layer(tmp_path / "a.csv", "incidents")
    assert "事件编号, 事件类型, 经度, 纬度" in caught.value.zh
    assert "--map occurred_at=" in caught.value.en


def test_unknown_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="people"):
        read_layer(tmp_path / "a.csv", "people")


def test_users_mapping_wins_over_the_alias_table(tmp_path: Path) -> None:
    frame = table().assign(复核时间="2024-05-05 00:00")
    frame.to_csv(tmp_path / "a.csv", index=False)
    options = ReadOptions(mapping={"occurred_at": "复核时间"})
    result = read_layer(tmp_path / "a.csv", "incidents", options=options)
    assert result.frame["occurred_at"].dt.year.unique().tolist() == [2024]
    assert result.report.mapped["time"] == "复核时间"


def test_areas_take_level_and_parent_from_their_codes(tmp_path: Path) -> None:
    areas = gpd.GeoDataFrame(
        {
            "grid_code": ["150304002001001"],
            "grid_name": ["富强第1网格"],
            "grid_type": ["专属网格"],
            "households": [312],
        },
        geometry=[box(106.7, 39.5, 106.71, 39.51)],
        crs=4326,
    )
    areas.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    frame = read_layer(tmp_path / "a.geojson", "areas").frame
    assert list(frame.columns) == AREAS.names
    row = frame.iloc[0]
    assert (row["code"], row["parent"], row["level"], row["kind"], row["households"]) == (
        "150304002001001", "150304002001", "grid", "special", 312,
    )  # fmt: skip


def test_long_number_in_json_is_damaged_and_not_used(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"国标编码": 15030400001320000102, "名称": "路口"},
        "geometry": {"type": "Point", "coordinates": [106.7, 39.5]},
    }
    (tmp_path / "a.json").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    result = read_layer(tmp_path / "a.json", "cameras")
    assert result.frame["device_id"].tolist() == [""]
    assert result.report.fixes["damaged_numbers"] == 1


def test_progress_is_told_step_by_step(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "a.csv", index=False)
    steps: list[tuple[str, int, int]] = []
    read_layer(tmp_path / "a.csv", "incidents", progress=lambda *step: steps.append(step))
    assert [done for _, done, _ in steps] == [0, 1, 2, 3, 4]


def test_reading_leaves_the_file_and_its_folder_as_they_were(tmp_path: Path) -> None:
    gpd.GeoDataFrame(table(), geometry=[Point(106.7, 39.5)] * 2, crs=4326).to_file(tmp_path / "a.gpkg")
    before = (tmp_path / "a.gpkg").read_bytes()
    read_layer(tmp_path / "a.gpkg", "incidents")
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]
    assert (tmp_path / "a.gpkg").read_bytes() == before
