"""Incidents, cameras and places from tables: ids, datums, categories, directions."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPoint, Point, box

from gis import crs
from gis.errors import CodeError, ColumnError, CrsError
from gis.layers import DatumChoice, LayerResult, RawPoints, ReadOptions, read_layer
from gis.layers._points import azimuth_of
from gis.schemas import CAMERAS, PLACES

WUDA = (106.60, 39.43, 106.79, 39.64)


def read(tmp_path: Path, kind: str, options: ReadOptions | None = None, **columns: list[str]) -> LayerResult:
    path = tmp_path / f"{kind}.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return read_layer(path, kind, options=options)


def incidents(tmp_path: Path, options: ReadOptions | None = None, n: int = 1, **columns: list[str]) -> LayerResult:
    base = {"时间": ["2023-01-10 09:30"] * n, "类别": ["暴露垃圾"] * n, "经度": ["106.727"] * n, "纬度": ["39.505"] * n}
    return read(tmp_path, "incidents", options, **{name: values for name, values in (base | columns).items() if values})


def test_rows_without_ids_get_stable_ones_and_repeats_stay_apart(tmp_path: Path) -> None:
    first = incidents(tmp_path, n=2)
    again = incidents(tmp_path, n=3)
    assert first.frame["id"].is_unique
    assert again.frame["id"].tolist()[:2] == first.frame["id"].tolist()
    assert len(first.frame["id"].iloc[0]) == 16
    assert "1 rows repeat others" in first.report.warnings[-1][1]


def test_running_number_is_no_id(tmp_path: Path) -> None:
    result = incidents(tmp_path, n=3, 编号=["1", "2", "3"], 时间=["2023-01-10", "2023-01-11", "2023-01-12"])
    assert not set(result.frame["id"]) & {"1", "2", "3"}
    assert any("running number" in en for _, en in result.report.warnings)


def test_codes_that_excel_made_numbers_of_are_made_codes_again(tmp_path: Path) -> None:
    result = incidents(tmp_path, n=2, 网格编码=["150304002001001.0", ""])
    assert result.frame["declared_area"].tolist() == ["150304002001001", ""]
    assert result.report.fixes["code_decimal"] == 1


def test_long_numbers_from_excel_are_flagged_and_never_repaired(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["国标编码", "名称", "经度", "纬度"])
    book.active.append([15030400001320000102, "路口一", 106.7, 39.5])
    book.active.append(["15030400001320000103", "路口二", 106.71, 39.5])
    book.save(tmp_path / "a.xlsx")
    result = read_layer(tmp_path / "a.xlsx", "cameras")
    assert result.frame["device_id"].tolist() == ["", "15030400001320000103"]
    assert result.frame["id"].iloc[1] == "15030400001320000103"
    assert any("damaged by a spreadsheet" in en for _, en in result.report.warnings)


def test_scientific_notation_in_a_csv_is_a_damaged_code_too(tmp_path: Path) -> None:
    result = read(tmp_path, "cameras", 设备编号=["1.50304E+19"], 经度=["106.7"], 纬度=["39.5"])
    assert result.frame["device_id"].tolist() == [""]


def test_workbook_with_title_dates_serials_and_a_second_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["填表说明"])
    sheet = book.create_sheet("台账")
    sheet.append(["乌达区台账"])
    sheet.append([])
    sheet.append(["编号", "发生时间", "类别", "经度", "纬度"])
    sheet.append(["A7", pd.Timestamp("2023-01-10 09:30").to_pydatetime(), "暴露垃圾", 106.727, 39.505])
    sheet.append(["A8", 44936.5, "暴露垃圾", 106.727, None])
    book.save(tmp_path / "a.xlsx")
    result = read_layer(tmp_path / "a.xlsx", "incidents")
    assert result.frame["id"].tolist() == ["A7"]
    assert result.rejects[["row", "reason_code"]].to_numpy().tolist() == [[5, "coordinate_missing"]]
    assert "说明" in result.report.warnings[0][0]


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000", "EPSG:4545", "EPSG:4524"])
def test_stated_datum_is_undone_to_a_centimetre_and_the_original_kept(tmp_path: Path, datum: str) -> None:
    x, y = crs.from_wgs84(np.array([106.727]), np.array([39.505]), datum)
    result = incidents(tmp_path, ReadOptions(datum=datum), 经度=[repr(float(x[0]))], 纬度=[repr(float(y[0]))])
    row = result.frame.iloc[0]
    assert abs(row["lon"] - 106.727) < 1e-7
    assert abs(row["lat"] - 39.505) < 1e-7
    assert (row["x_orig"], row["y_orig"], row["datum"]) == (float(x[0]), float(y[0]), datum)


@pytest.mark.parametrize("datum", ["EPSG:4545", "EPSG:4524"])
@pytest.mark.parametrize("survey", [True, False])
def test_gauss_kruger_is_recognised_in_both_axis_orders(tmp_path: Path, datum: str, survey: bool) -> None:
    east, north = crs.from_wgs84(np.array([106.727, 106.70]), np.array([39.505, 39.6]), datum)
    x, y = (north, east) if survey else (east, north)
    result = incidents(
        tmp_path, ReadOptions(place=WUDA), n=2, 经度=[], 纬度=[], X=[f"{v:.4f}" for v in x], Y=[f"{v:.4f}" for v in y]
    )
    assert result.report.datum.datum == datum
    assert np.allclose(result.frame["lon"], [106.727, 106.70], atol=1e-7)
    assert result.report.fixes.get("axes_swapped", 0) == (2 if survey else 0)


def test_metres_of_no_zone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="--datum"):
        incidents(tmp_path, 经度=["390511.0"], 纬度=["4375343.0"])


def test_each_row_may_state_its_datum(tmp_path: Path) -> None:
    lon, lat = crs.wgs84_to_gcj02(np.array([106.727]), np.array([39.505]))
    result = incidents(
        tmp_path,
        n=3,
        坐标系=["GCJ-02", "WGS84", "西安80"],
        经度=[repr(float(lon[0])), "106.727", "106.727"],
        纬度=[repr(float(lat[0])), "39.505", "39.505"],
    )
    assert np.allclose(result.frame["lon"], 106.727, atol=1e-9)
    assert result.frame["datum"].tolist() == ["gcj02", "wgs84"]
    assert result.rejects["reason_code"].tolist() == ["datum_unknown"]


def test_proposal_decides_and_is_reported(tmp_path: Path) -> None:
    asked: list[RawPoints] = []

    def propose(points: RawPoints) -> DatumChoice:
        asked.append(points)
        return DatumChoice("gcj02", 0.97, {"gcj02": 0.97, "wgs84": 0.2}, 2, "网格相符", "grids agree")

    result = incidents(
        tmp_path, ReadOptions(propose=propose), n=2, 所属网格=["一网格", "二网格"], 经度=["106.727", "x"]
    )
    assert result.report.datum.sure == 0.97
    assert list(asked[0].declared) == ["一网格"]
    assert not asked[0].declared_is_code


def test_unknown_datum_is_said_loudly(tmp_path: Path) -> None:
    result = incidents(tmp_path)
    assert result.report.datum.sure == 0
    assert any("states no datum" in en for _, en in result.report.warnings)


def test_swapped_axes_are_put_right_only_when_certain(tmp_path: Path) -> None:
    result = incidents(tmp_path, n=2, 经度=["39.505", "106.727"], 纬度=["106.727", "39.505"])
    assert np.allclose(result.frame["lon"], 106.727)
    assert result.report.fixes == {"lonlat_swapped": 1}
    here = ReadOptions(place=(-79.7, 43.5, -79.1, 43.9), zone="America/Toronto")
    toronto = incidents(tmp_path, here, n=2, 经度=["43.65", "43.65"], 纬度=["-79.4", "-79.4"])
    assert np.allclose(toronto.frame["lat"], 43.65)
    foreign = incidents(tmp_path, n=1, 经度=["43.65"], 纬度=["-79.4"])
    assert foreign.frame["lon"].tolist() == [43.65]


def test_impossible_places_are_refused_each_for_its_reason(tmp_path: Path) -> None:
    result = incidents(
        tmp_path, ReadOptions(place=WUDA), n=6,
        经度=["0", "200", "nan", "inf", "116.4", ""], 纬度=["0", "39.5", "39.5", "39.5", "39.9", "39.5"],
    )  # fmt: skip
    assert result.frame.empty
    assert result.rejects["reason_code"].tolist() == [
        "coordinate_zero", "coordinate_out_of_range", "coordinate_unreadable", "coordinate_unreadable", "outside_district", "coordinate_missing",
    ]  # fmt: skip
    assert result.report.rows_ok == 0


def test_one_column_of_pairs_and_packed_degrees(tmp_path: Path) -> None:
    pair = incidents(tmp_path, 经度=[], 纬度=[], 坐标=["106.727,39.505"])
    packed = incidents(tmp_path, 经度=["1064337.2"], 纬度=["393018.0"])
    assert np.allclose(pair.frame[["lon", "lat"]], [[106.727, 39.505]])
    assert np.allclose(packed.frame[["lon", "lat"]], [[106.727, 39.505]])


def test_interval_columns_and_end_before_start(tmp_path: Path) -> None:
    result = incidents(tmp_path, n=3, 结束时间=["2023-01-10 10:30", "", "2023-01-09"])
    assert result.frame["time_precision"].tolist() == ["interval", "minute"]
    assert result.rejects["reason_code"].tolist() == ["time_end_before_start"]


def test_date_and_clock_columns_are_joined(tmp_path: Path) -> None:
    result = incidents(tmp_path, 时间=["09:30"], 日期=["2023-01-10"])
    assert result.frame["occurred_at"].dt.strftime("%H:%M").tolist() == ["01:30"]


def test_bare_code_is_refused_unless_scheme_column_or_names_decide(tmp_path: Path) -> None:
    bare = incidents(tmp_path, n=2, 类别=[], 事件代码=["01-10", "06010"])
    assert bare.frame["category"].tolist() == ["06010"]
    assert bare.rejects["reason_code"].tolist() == ["category_bare_code"]
    for scheme in ("gbt30428", "GB/T 30428.2-2013"):
        assert incidents(tmp_path, ReadOptions(scheme=scheme), 类别=[], 事件代码=["01-10"]).frame[
            "category"
        ].tolist() == ["06010"]
    assert incidents(tmp_path, 类别=[], 事件代码=["01-02"], 类别体系=["CJ/T 214-2007"]).frame["category"].tolist() == [
        "06010"
    ]
    named = incidents(tmp_path, n=2, 事件代码=["01-02", "01-04"], 类别=["暴露垃圾", "道路不洁"])
    assert named.frame["category"].tolist() == ["06010", "06012"]
    assert any("cjt214" in en for _, en in named.report.warnings)


def test_unknown_scheme_is_refused_by_row_in_a_column_and_at_once_in_an_option(tmp_path: Path) -> None:
    result = incidents(tmp_path, 类别=[], 事件代码=["01-02"], 类别体系=["GB 1"])
    assert result.rejects["reason_code"].tolist() == ["scheme_unknown"]
    with pytest.raises(CodeError):
        incidents(tmp_path, ReadOptions(scheme="GB 1"))


def test_words_of_no_list_stay_words(tmp_path: Path) -> None:
    frame = incidents(tmp_path, 类别=["Assault"]).frame
    assert frame[["scheme", "category"]].to_numpy().tolist() == [["text", "Assault"]]


def test_what_patrol_found_is_kept_apart(tmp_path: Path) -> None:
    frame = incidents(tmp_path, n=4, 来源=["12345热线", "网格员上报", "City Worker App", "群众举报"]).frame
    assert frame["found_by"].tolist() == ["report", "patrol", "patrol", "report"]


@pytest.mark.parametrize(
    ("text", "azimuth"),
    [("东南", 135), ("朝南", 180), ("正北", 0), ("北偏东30度", 30), ("南偏西45°", 225), ("自东向西", 270), ("NE", 45), ("SSW", 202.5), ("135°", 135), ("-90", 270),
     ("370", 10), ("南东", 135), ("面向西北", 315)],
)  # fmt: skip
def test_direction_in_words_is_degrees_from_north(text: str, azimuth: float) -> None:
    assert azimuth_of(text) == pytest.approx(azimuth)


@pytest.mark.parametrize("text", ["", "90;270", "未知", "全景", "9999"])
def test_unknown_direction_stays_unknown(text: str) -> None:
    assert np.isnan(azimuth_of(text))


def test_cameras_of_a_chinese_register(tmp_path: Path) -> None:
    result = read(
        tmp_path, "cameras", 国标编码=["15030400001320000102"] * 2, 点位名称=["团结街口", "团结街口"], 设备类型=["枪机", "室外球机"], 朝向=["东南", ""],
        安装高度=["6米", "８"], 水平视角=["90°", ""], 可视距离=["60m", "0.2km"], 经度=["106.7", "106.71"], 纬度=["39.5", "39.5"], 负责人电话=["13812345678", ""],
    )  # fmt: skip
    frame = result.frame
    assert list(frame.columns) == CAMERAS.names
    assert frame["camera_type"].tolist() == ["bullet", "ptz"]
    assert frame["azimuth"].iloc[0] == 135
    assert frame["height_m"].tolist() == [6.0, 8.0]
    assert frame["range_m"].tolist() == [60.0, 200.0]
    assert frame["id"].is_unique
    assert result.report.fixes["duplicate_ids"] == 2
    assert result.report.dropped_personal == ["负责人电话"]


def test_osm_surveillance_tags(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"id": ["7", "9"], "camera:type": ["dome", ""], "camera:direction": ["NE", ""], "tags": ["", '{"revolving": "yes", "direction": "90"}']},
        geometry=[Point(24.9, 60.1), Point(24.91, 60.1)], crs=4326,
    )  # fmt: skip
    points.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    frame = read_layer(tmp_path / "a.geojson", "cameras").frame
    assert frame["camera_type"].tolist() == ["dome", "ptz"]
    assert frame["azimuth"].tolist() == [45.0, 90.0]


def test_places_get_our_kinds_and_both_names(tmp_path: Path) -> None:
    names = ["乌达一小", "Post A", "平安港湾一站", "兴达书店", ""]
    kinds = ["小学", "快递网点", "平安港湾", "书店", "学校"]
    result = read(tmp_path, "places", 名称=names, 类型=kinds, 经度=["106.7"] * 5, 纬度=["39.5"] * 5)
    assert list(result.frame.columns) == PLACES.names
    assert result.frame["kind"].tolist() == ["school", "courier", "safe_harbour", "书店"]
    assert result.frame["name_en"].tolist() == ["", "Post A", "", ""]
    assert result.rejects["reason_code"].tolist() == ["name_missing"]


def test_places_drawn_as_polygons_become_points(tmp_path: Path) -> None:
    shapes = [box(106.7, 39.5, 106.702, 39.502), MultiPoint([(106.7, 39.5)]), MultiPoint([(1, 1), (2, 2)])]
    frame = gpd.GeoDataFrame({"name": ["甲", "乙", "丙"], "amenity": ["school"] * 3}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "a.gpkg")
    result = read_layer(tmp_path / "a.gpkg", "places")
    assert np.allclose(result.frame["lon"], [106.701, 106.7])
    assert result.rejects["reason_code"].tolist() == ["geometry_wrong_type"]


def test_place_without_kind_column_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="kind"):
        read(tmp_path, "places", 名称=["甲"], 经度=["106.7"], 纬度=["39.5"])


def test_file_with_no_usable_row_still_gives_a_report(tmp_path: Path) -> None:
    result = incidents(tmp_path, 时间=["?"], 经度=["?"], 类别=[""], 纬度=["39.5"])
    assert result.frame.empty
    assert set(result.rejects["reason_code"]) == {"time_unreadable", "coordinate_unreadable"} | {"category_missing"}
    assert "1 rejected" in result.report.text("en")


def test_file_of_a_header_only_is_an_empty_layer(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,时间,类别,经度,纬度\n", encoding="utf-8")
    result = read_layer(tmp_path / "a.csv", "incidents")
    assert (result.report.rows_in, len(result.frame)) == (0, 0)


def test_quote_left_open_loses_one_row_only(tmp_path: Path) -> None:
    rows = [
        "编号,时间,类别,地址,经度,纬度",
        'A1,2023-01-10,暴露垃圾,"团结街,106.7,39.5',
        "A2,2023-01-10,暴露垃圾,团结街,106.7,39.5",
        'A3,2023-01-10,暴露垃圾,"甲\n乙",106.7,39.5',
    ]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = read_layer(tmp_path / "a.csv", "incidents")
    assert result.frame["id"].tolist() == ["A2", "A3"]
    assert result.rejects[["row", "reason_code"]].to_numpy().tolist() == [[2, "ragged_row"]]
    assert result.frame["address"].iloc[1] == "甲\n乙"


def test_spreadsheet_guards_are_taken_off_codes(tmp_path: Path) -> None:
    text = '编号,时间,类别,经度,纬度\n"=""00123""",2023-01-10,暴露垃圾,106.7,39.5\n\'00124,2023-01-10,暴露垃圾,106.7,39.5\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert read_layer(tmp_path / "a.csv", "incidents").frame["id"].tolist() == ["00123", "00124"]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)))
def test_order_of_rows_changes_no_id(tmp_path: Path, order: list[int]) -> None:
    times = [f"2023-01-{10 + i} 09:30" for i in order]
    frame = incidents(tmp_path, n=5, 时间=times).frame
    straight = incidents(tmp_path, n=5, 时间=[f"2023-01-{10 + i} 09:30" for i in range(5)]).frame
    assert dict(zip(frame["occurred_at"], frame["id"], strict=True)) == dict(
        zip(straight["occurred_at"], straight["id"], strict=True)
    )


def test_doubtful_proposal_is_warned_of(tmp_path: Path) -> None:
    result = incidents(tmp_path, ReadOptions(propose=lambda _: DatumChoice("gcj02", 0.3)))
    assert any("only 30% sure" in en for _, en in result.report.warnings)
