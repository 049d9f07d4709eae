"""The planted hotline export: exactly what went in, what did not, and why."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.join.assign import assign_levels
from gis.join.datum import propose_datum
from gis.layers import DatumChoice, LayerResult, RawPoints, ReadOptions, read_layer, write_rejects

PLANTED = Path(__file__).resolve().parents[2] / "data" / "layers" / "planted_12345_gbk.csv"
WUDA = (106.60, 39.43, 106.79, 39.64)


@pytest.fixture(scope="module")
def result() -> LayerResult:
    return read_layer(PLANTED, "incidents", options=ReadOptions(datum="gcj02", place=WUDA))


def test_report_says_exactly_what_became_of_the_file(result: LayerResult) -> None:
    assert result.report.as_dict() == {
        "file": "planted_12345_gbk.csv",
        "kind": "incidents",
        "format": "CSV",
        "encoding": "gb18030",
        "rows_in": 31,
        "rows_ok": 17,
        "rows_rejected": 13,
        "mapped": {
            "id": "工单编号",
            "time": "发生时间",
            "category": "事件类型",
            "address": "详细地址",
            "lon": "经度",
            "lat": "纬度",
            "grid_code": "所属网格编码",
            "source": "来源",
            "status": "办理状态",
        },
        "dropped_personal": ["联系人", "联系电话", "经办"],
        "masked": {"详细地址": 2},
        "ignored": ["诉求内容"],
        "datum": {
            "datum": "gcj02",
            "sure": 1.0,
            "agreement": {},
            "rows": 30,
            "why_zh": "由导入者指定",
            "why_en": "stated by the person who imports",
        },
        "fixes": {"lonlat_swapped": 1, "duplicate_rows": 1, "duplicate_ids": 2},
        "warnings": [],
    }


def test_every_refused_row_has_its_spreadsheet_number_and_all_its_reasons(result: LayerResult) -> None:
    found = list(result.rejects[["row", "reason_code", "field", "value"]].itertuples(index=False, name=None))
    assert found == [
        (8, "time_missing", "time", ""),
        (9, "time_relative", "time", "昨天上午"),
        (10, "time_invalid", "time", "2023年2月30日"),
        (11, "time_no_year", "time", "1月9日 9时"),
        (12, "coordinate_missing", "lon", ""),
        (13, "coordinate_unreadable", "lat", "不详***"),
        (14, "coordinate_zero", "lon", "0, 0"),
        (16, "outside_district", "lon", "116.403698, 39.91059"),
        (17, "category_bare_code", "category", "01-02"),
        (18, "category_bare_code", "category", "01-10"),
        (19, "category_missing", "category", ""),
        (30, "coordinate_unreadable", "lon", "经度未知"),
        (30, "time_unreadable", "time", "不知道"),
        (31, "ragged_row", "", ""),
    ]


def test_no_personal_value_is_left_anywhere(result: LayerResult) -> None:
    everything = result.frame.to_csv() + result.rejects.to_csv() + str(result.report.as_dict())
    for secret in (
        "王小明",
        "13812345678",
        "15947301234",
        "张先生",
        "13900001111",
        "11010519491231002X",
        "蒙C12345",
        "张建军",
    ):
        assert secret not in everything


def test_good_rows_land_in_the_grids_they_declare(result: LayerResult, wuda_areas: gpd.GeoDataFrame) -> None:
    frame = result.frame
    located = assign_levels(frame["lon"].to_numpy(), frame["lat"].to_numpy(), wuda_areas)
    assert (located["grid"].to_numpy() == frame["declared_area"].to_numpy()).all()
    assert (frame["datum"] == "gcj02").all()
    assert frame["x_orig"].iloc[0] == 106.746359


def test_times_of_all_forms_are_utc(result: LayerResult) -> None:
    when = result.frame["occurred_at"].dt.strftime("%Y-%m-%d %H:%M").tolist()
    assert when[:5] == [
        "2023-01-01 01:00",
        "2023-01-02 02:05",
        "2023-01-03 00:05",
        "2023-01-04 04:00",
        "2023-01-05 07:05",
    ]
    assert result.frame["found_by"].value_counts().to_dict() == {"report": 16, "patrol": 1}


def test_same_file_twice_gives_the_same_ids(result: LayerResult) -> None:
    again = read_layer(PLANTED, "incidents", options=ReadOptions(datum="gcj02", place=WUDA))
    pd.testing.assert_frame_equal(result.frame, again.frame)
    assert result.frame["id"].is_unique


def test_auto_finds_gcj02_by_the_declared_grids(wuda_areas: gpd.GeoDataFrame, result: LayerResult) -> None:
    def propose(points: RawPoints) -> DatumChoice:
        return propose_datum(points, wuda_areas)

    found = read_layer(PLANTED, "incidents", options=ReadOptions(place=WUDA, propose=propose))
    assert found.report.datum.datum == "gcj02"
    assert found.report.datum.sure > 0.5
    assert np.allclose(found.frame["lon"], result.frame["lon"])


def test_rejects_open_in_excel_and_are_no_formulas(result: LayerResult, tmp_path: Path) -> None:
    risky = result.rejects.assign(value="=1+1")
    path = write_rejects(risky, tmp_path / "r.csv", "zh")
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("\ufeff行号,原因代码,字段")
    assert "'=1+1" in text
    assert "没有时间" in text
