"""Areas, streets and buildings from files."""

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiLineString, Point, Polygon, box

from gis import crs
from gis.errors import ColumnError, CrsError, InputError
from gis.layers import DatumChoice, LayerResult, ReadOptions, read_layer
from gis.layers.repair import mend_polygons
from gis.schemas import AREAS, BUILDINGS, STREETS

DATA = Path(__file__).resolve().parents[2] / "data" / "layers"
SQUARE = box(106.70, 39.50, 106.71, 39.51)
BOW = Polygon([(106.7, 39.5), (106.71, 39.51), (106.71, 39.5), (106.7, 39.51)])


def read(
    tmp_path: Path, kind: str, geometry: list[object], options: ReadOptions | None = None, **columns: list[object]
) -> LayerResult:
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=4326)
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG")
    return read_layer(tmp_path / "a.gpkg", kind, options=options)


def test_areas_of_a_foreign_city_need_a_level_and_take_it_from_the_option(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="level"):
        read(tmp_path, "areas", [SQUARE], DIV=["D11"])
    frame = read(tmp_path, "areas", [SQUARE], ReadOptions(level="街道"), DIV=["D11"], UNIT_NAME=["11 Division"]).frame
    assert list(frame.columns) == AREAS.names
    assert frame[["code", "level", "name_zh", "name_en", "parent"]].iloc[0].tolist() == [
        "D11",
        "street",
        "11 Division",
        "11 Division",
        "",
    ]


def test_unknown_level_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="galaxy"):
        read(tmp_path, "areas", [SQUARE], ReadOptions(level="galaxy"), code=["a"])


def test_levels_by_column_in_chinese(tmp_path: Path) -> None:
    frame = read(
        tmp_path,
        "areas",
        [SQUARE, SQUARE],
        adcode=["150304", "150303"],
        name=["乌达区", "海南区"],
        level=["区县", "旗县区"],
    ).frame
    assert frame["level"].tolist() == ["district", "district"]
    assert frame["code"].tolist() == ["150304000000", "150303000000"]
    assert frame["parent"].tolist() == ["150300000000", "150300000000"]


def test_name_is_compared_with_its_code(tmp_path: Path) -> None:
    result = read(tmp_path, "areas", [SQUARE], code=["150304001000"], name=["新达街道"])
    assert any("新达街道" in zh for zh, _ in result.report.warnings)
    assert result.frame["code_nbs"].tolist() == ["150304008000"]
    assert result.frame["code_mca"].tolist() == ["150304005000"]


def test_crossed_ring_is_mended_and_said_so(tmp_path: Path) -> None:
    result = read(tmp_path, "areas", [BOW], code=["150304002001001"], name=["一"])
    assert result.frame.geometry.is_valid.all()
    assert result.report.fixes["geometry_repaired"] == 1
    assert "1" in result.report.warnings[-1][1]


def test_wrong_missing_and_flat_geometry_is_refused_by_row(tmp_path: Path) -> None:
    flat = Polygon([(106.7, 39.5), (106.71, 39.5), (106.7, 39.5)])
    shapes = [SQUARE, Point(106.7, 39.5), None, flat, GeometryCollection([SQUARE, Point(0, 0)])]
    result = read(tmp_path, "areas", shapes, code=[f"15030400200100{i}" for i in range(5)], name=list("一二三四五"))
    assert result.frame["code"].tolist() == ["150304002001000", "150304002001004"]
    assert result.rejects[["row", "reason_code"]].to_numpy().tolist() == [
        [2, "geometry_wrong_type"],
        [3, "geometry_missing"],
        [4, "geometry_unusable"],
    ]


def test_parts_of_one_area_are_joined_and_strangers_refused(tmp_path: Path) -> None:
    east = box(106.72, 39.50, 106.73, 39.51)
    result = read(
        tmp_path, "areas", [SQUARE, east, SQUARE, east], code=["150304002001001"] * 4, name=["一", "一", "一", "二"]
    )
    assert result.frame.geometry.iloc[0].equals(shapely.union_all([SQUARE, east]))
    assert result.report.fixes == {"duplicate_rows": 1, "parts_joined": 1}
    assert result.rejects["reason_code"].tolist() == ["code_duplicate"]
    assert (result.report.rows_in, result.report.rows_ok, result.report.rows_rejected) == (4, 1, 1)


def test_gcj02_polygons_are_shifted_back(tmp_path: Path) -> None:
    shifted = shapely.transform(SQUARE, lambda xy: np.column_stack(crs.wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    frame = read(tmp_path, "areas", [shifted], ReadOptions(datum="gcj02"), code=["150304002001001"]).frame
    assert shapely.hausdorff_distance(frame.geometry.iloc[0], SQUARE) < 1e-9


def test_gauss_kruger_polygons_in_a_geopackage_are_recognised_by_their_crs(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["150304002001001"]}, geometry=[SQUARE], crs=4490).to_crs(4545)
    frame.to_file(tmp_path / "a.gpkg")
    result = read_layer(tmp_path / "a.gpkg", "areas")
    assert result.report.datum.datum == "EPSG:4545"
    assert shapely.hausdorff_distance(result.frame.geometry.iloc[0], SQUARE) < 1e-7


def test_xian80_is_refused_not_passed_through(tmp_path: Path) -> None:
    frame = (
        gpd.GeoDataFrame({"code": ["150304002001001"]}, geometry=[SQUARE], crs=4326)
        .to_crs(4490)
        .set_crs(4610, allow_override=True)
    )
    frame.to_file(tmp_path / "a.gpkg")
    with pytest.raises(CrsError):
        read_layer(tmp_path / "a.gpkg", "areas")


def test_table_without_geometry_is_no_area_layer(tmp_path: Path) -> None:
    pd.DataFrame({"code": ["1"], "name": ["a"]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(InputError, match="geometry"):
        read_layer(tmp_path / "a.csv", "areas", options=ReadOptions(level="grid"))


def test_streets_of_osm_keep_name_kind_and_direction(tmp_path: Path) -> None:
    line = LineString([(106.7, 39.5), (106.71, 39.5)])
    two = MultiLineString([[(106.7, 39.5), (106.7, 39.51)], [(106.72, 39.5), (106.72, 39.51)]])
    result = read(
        tmp_path, "streets", [line, line, two, line],
        id=["w1", "w2", "w3", "w4"], highway=["primary", "residential", "次干路", ""], railway=["", "", "", "rail"],
        name=["团结街", "", "滨海路", ""], oneway=["yes", "-1", "no", ""], lit=["yes", "24/7", "无", "perhaps"], **{"name:en": ["Tuanjie St", "", "", ""]},
    )  # fmt: skip
    frame = result.frame
    assert list(frame.columns) == STREETS.names
    assert frame["id"].tolist() == ["w1", "w2", "w3", "w3-2", "w4"]
    assert frame["kind"].tolist() == ["primary", "residential", "secondary", "secondary", "rail"]
    assert frame["oneway"].tolist() == [True, True, False, False, False]
    assert frame["lit"].tolist() == ["yes", "yes", "no", "no", ""]
    assert frame.geometry.iloc[1].equals_exact(line.reverse(), 0)
    assert frame["name_en"].iloc[0] == "Tuanjie St"


def test_tilezen_roads_cut_at_tile_borders_all_go_in_once() -> None:
    result = read_layer(DATA / "osm_shanghai_roads.geojson", "streets")
    again = read_layer(DATA / "osm_shanghai_roads.geojson", "streets")
    assert result.report.rows_ok == 60
    assert result.frame["id"].is_unique
    assert result.frame["id"].tolist() == again.frame["id"].tolist()
    assert {"footway", "rail"} <= set(result.frame["kind"])


def test_buildings_take_height_from_metres_or_storeys(tmp_path: Path) -> None:
    frame = read(
        tmp_path,
        "buildings",
        [SQUARE] * 3,
        id=["a", "b", "c"],
        height=["20 m", "", ""],
        levels=["9", "4", ""],
        building=["yes", "school", "hut"],
    ).frame
    assert list(frame.columns) == BUILDINGS.names
    assert frame["height_m"].tolist()[:2] == [20.0, 12.0]
    assert np.isnan(frame["height_m"].iloc[2])


def test_tilezen_buildings_refuse_their_label_points() -> None:
    result = read_layer(DATA / "osm_shanghai_buildings.geojson", "buildings")
    assert result.report.rows_ok + result.report.rows_rejected == 40
    assert set(result.rejects["reason_code"]) == {"geometry_wrong_type"}
    assert result.frame["height_m"].notna().any()


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "gb2312"])
def test_kml_is_read_in_the_encoding_it_declares(tmp_path: Path, encoding: str) -> None:
    ring = "106.7,39.5 106.71,39.5 106.71,39.51 106.7,39.5"
    polygon = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    folders = "".join(
        f"<Folder><name>{n}</name><Placemark><name>{n}网格</name>{polygon}</Placemark></Folder>" for n in ("一", "二")
    )
    text = f'<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    (tmp_path / "a.kml").write_bytes(text.encode(encoding))
    frame = read_layer(tmp_path / "a.kml", "areas", options=ReadOptions(level="grid")).frame
    assert frame["name_zh"].tolist() == ["一网格", "二网格"]


def test_kml_districts_of_chicago() -> None:
    result = read_layer(DATA / "chicago_districts.kml", "areas", options=ReadOptions(level="district"))
    assert result.frame["code"].tolist() == ["17", "20"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=9, unique=True))
def test_mended_polygon_is_valid_and_a_valid_one_untouched(corners: list[tuple[int, int]]) -> None:
    shape = Polygon(corners)
    shapes, mended, lost = mend_polygons(np.array([shape], dtype=object))
    if shape.is_valid and shape.area > 0:
        assert shapes[0] is shape
        assert not mended[0]
    elif not lost[0]:
        assert shapes[0].is_valid
        assert shapes[0].geom_type in ("Polygon", "MultiPolygon")


def test_geopackage_that_holds_gbk_under_a_utf8_label_is_read(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"code": ["150304002001001"], "name": ["x"]}, geometry=[SQUARE], crs=4326).to_file(
        tmp_path / "a.gpkg"
    )
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE a SET name = CAST(X'" + "富强网格".encode("gbk").hex() + "' AS TEXT)")
        database.commit()
    assert read_layer(tmp_path / "a.gpkg", "areas").frame["name_zh"].tolist() == ["富强网格"]


def test_shapes_are_not_proposed_a_datum(tmp_path: Path) -> None:
    def propose(points: object) -> DatumChoice:
        raise AssertionError(points)

    result = read(tmp_path, "areas", [SQUARE], ReadOptions(propose=propose), code=["150304002001001"])
    assert (result.report.datum.datum, result.report.datum.sure) == ("wgs84", 0.0)
