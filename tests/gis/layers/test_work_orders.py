"""12345 work orders from files: the people go, what counts stays, and each row that cannot be used says why."""

from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from gis.errors import ColumnError
from gis.layers import ReadOptions
from gis.layers.work_orders import COLUMNS, UNKNOWN, read_work_orders

HEAD = "工单编号,诉求人姓名,联系电话,诉求时间,诉求类别,诉求内容,地址,经度,纬度,所属社区"
ROWS = (
    "WD-1,王小明,13812345678,2026-11-20 08:30,暴露垃圾,门前垃圾没人收,富强1巷27号,106.705,39.405,",
    "WD-2,李丽,13912345678,2026-11-20 09:00,水管里有怪声,夜里响,友谊路,,,富强社区",
    "WD-3,赵强,13712345678,2026-11-21,路灯异常,灯不亮,,,,没有的社区",
    ",钱伟,13612345678,2026-11-21 10:00,暴露垃圾,没有工单号,,106.705,39.405,",
    "WD-1,孙芳,13512345678,2026-11-21 11:00,暴露垃圾,重复的工单号,,106.705,39.405,",
    "WD-6,周杰,13412345678,昨天,暴露垃圾,时间看不懂,,106.705,39.405,",
    "WD-7,吴敏,13312345678,2026-11-21 12:00,,没有类别,,106.705,39.405,",
)
AREAS = {"富强社区": "150304009008", "150304009008": "150304009008"}
WGS84 = ReadOptions(datum="wgs84")


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join((HEAD, *ROWS)), encoding="gb18030")
    return path


def test_good_rows_become_orders_and_bad_ones_say_why(orders: Path) -> None:
    result = read_work_orders(orders, areas=AREAS, options=WGS84)
    assert list(result.frame.columns) == list(COLUMNS)
    assert list(result.frame["number"]) == ["WD-1", "WD-2"]
    reasons = {(row.row, row.reason_code) for row in result.rejects.itertuples()}
    assert {(4, "place_missing"), (5, "order_missing"), (6, "order_again")} <= reasons
    assert {row for row, _ in reasons} == {4, 5, 6, 7, 8}
    assert (result.report.rows_in, result.report.rows_ok, result.report.rows_rejected) == (7, 2, 5)


def test_columns_of_people_are_dropped_and_named(orders: Path) -> None:
    result = read_work_orders(orders, areas=AREAS, options=WGS84)
    assert result.report.dropped_personal == ["诉求人姓名", "联系电话"]
    everything = result.frame.to_csv() + result.rejects.to_csv()
    assert not any(person in everything for person in ("王小明", "李丽", "13812345678", "13912345678"))


def test_a_row_without_coordinates_counts_where_it_names_an_area(orders: Path) -> None:
    first, second = read_work_orders(orders, areas=AREAS, options=WGS84).frame.itertuples()
    assert (first.area, first.lon, first.lat) == ("", 106.705, 39.405)
    assert second.area == "150304009008"
    assert np.isnan(second.lon)


def test_a_category_that_no_list_knows_keeps_its_words(orders: Path) -> None:
    first, second = read_work_orders(orders, areas=AREAS, options=WGS84).frame.itertuples()
    assert (first.category, first.category_told) == ("06010", "")
    assert (second.category, second.category_told) == (UNKNOWN, "水管里有怪声")


def test_a_workbook_reads_as_the_text_file_does(orders: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("工单")
        sheet.write_row(0, 0, ["12345 热线工单明细"])
        for at, line in enumerate((HEAD, *ROWS), 1):
            sheet.write_row(at, 0, line.split(","))
    from_text = read_work_orders(orders, areas=AREAS, options=WGS84).frame
    from_book = read_work_orders(path, areas=AREAS, options=WGS84).frame
    assert from_book.drop(columns="row").equals(from_text.drop(columns="row"))
    assert list(from_book["row"]) == [row + 1 for row in from_text["row"]], "rows as the spreadsheet shows them"


def test_title_and_text_are_one_and_a_repeated_title_is_not_said_twice(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "工单号,诉求时间,诉求类别,工单标题,诉求内容,所属社区\n"
        "1,2026-11-20 08:30,暴露垃圾,垃圾,门前有垃圾,富强社区\n"
        "2,2026-11-20 08:30,暴露垃圾,门前,门前有垃圾,富强社区\n",
        encoding="utf-8",
    )
    frame = read_work_orders(path, areas=AREAS).frame
    assert list(frame["text"]) == ["垃圾\n门前有垃圾", "门前有垃圾"]


@pytest.mark.parametrize(
    ("left_out", "named"), [("工单编号", "number"), ("诉求时间", "time"), ("诉求类别", "category")]
)
def test_a_file_without_a_needed_column_is_refused_with_its_headers(left_out: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join((HEAD.replace(left_out, "备注"), *ROWS)), encoding="utf-8")
    with pytest.raises(ColumnError, match=named):
        read_work_orders(path, areas=AREAS, options=WGS84)
