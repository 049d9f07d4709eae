"""Work orders of 12345: what is the caller's stays outside, bad rows come back with every reason."""

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from gis import crs
from gis.dispatch.work_orders import REASONS, WorkOrders, read_work_orders
from gis.errors import ColumnError, CrsError

HEAD = ["工单编号", "受理时间", "诉求人姓名", "联系电话", "诉求标题", "诉求内容", "诉求类型", "事件小类", "事发地址", "经度", "纬度", "承办单位", "办理时限", "办结时间",
        "满意度", "紧急程度", "来源", "坐席工号", "备用"]  # fmt: skip
GOOD = ["GD001", "2026-03-02 09:30", "王建国", "13812345678", "垃圾", "泽园小区3号楼2单元501室张先生反映垃圾满溢,电话13812345678", "投诉", "暴露垃圾", "泽园小区3号楼2单元501室", "106.71",
        "39.50", "城管局", "5个工作日", "2026-03-05 10:00", "基本满意", "紧急", "电话", "8012", "x"]  # fmt: skip


def row(**changes: str) -> list[str]:
    """The good row with other cells."""
    return [changes.get(name, cell) for name, cell in zip(HEAD, GOOD, strict=True)]


def read(tmp_path: Path, *rows: list[str], **options: str) -> WorkOrders:
    """Rows as a CSV, read."""
    path = tmp_path / "orders.csv"
    pd.DataFrame(list(rows), columns=HEAD).to_csv(path, index=False, encoding="utf-8-sig")
    return read_work_orders(path, **options)


def test_an_order_becomes_an_event_without_its_caller(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    order = found.orders.iloc[0]
    assert (order["work_order"], order["scheme"], order["category"], order["source"], order["found_by"]) == (
        "GD001",
        "wangge",
        "06010",
        "12345",
        "report",
    )
    assert order["occurred_at"] == pd.Timestamp("2026-03-02T01:30Z")
    assert order["text"] == "泽园小区3号楼2单元[门牌]室[姓名]先生反映垃圾满溢,电话[电话]"
    assert order["address"] == "泽园小区3号楼2单元[门牌]室"
    assert (order["lon"], order["lat"], order["score"], order["urgency"]) == (106.71, 39.5, 3, "emergency")
    assert (order["limit"], order["limit_unit"]) == (5, "working_day")
    assert pd.isna(order["due_at"])
    assert order["closed_at"] == pd.Timestamp("2026-03-05T02:00Z")
    assert found.report.dropped_personal == ["诉求人姓名", "联系电话", "坐席工号"]
    assert found.report.ignored == ["备用"]
    assert found.report.masked == {"room": 2, "name": 1, "phone": 1}
    assert not any(value in found.orders.to_csv() for value in ("王建国", "13812345678", "8012"))


def test_rows_that_cannot_be_used_come_back_with_every_reason_and_masked_values(tmp_path: Path) -> None:
    bad = [
        row(工单编号=""),
        row(受理时间="昨天"),
        row(受理时间="", 经度="abc", 纬度="def"),
        row(经度="206", 纬度="99", 工单编号="GD004"),
        row(经度="", 纬度="", 事发地址="", 工单编号="GD005"),
        row(诉求类型="", 事件小类="", 工单编号="GD006"),
    ]
    found = read(tmp_path, GOOD, GOOD, *bad)
    assert list(zip(found.rejects["row"], found.rejects["reason_code"], strict=True)) == [
        (3, "work_order_twice"), (4, "work_order_missing"), (5, "work_order_twice"), (5, "time_relative"), (6, "work_order_twice"),
        (6, "coordinate_unreadable"), (6, "time_missing"), (7, "coordinate_unreadable"), (8, "place_missing"), (9, "category_missing")]  # fmt: skip
    assert found.orders["row"].tolist() == [2]
    assert (found.report.rows_in, found.report.rows_ok, found.report.rows_rejected) == (8, 1, 7)
    assert set(found.rejects["reason_code"]) <= set(REASONS)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> WorkOrders:
    """Orders of many kinds in one file."""
    natures = [
        row(工单编号=f"N{n}", 事件小类="", 诉求类型=text)
        for n, text in enumerate(("咨询", "求助类", "投诉", "意见建议", "别的"))
    ]
    return read(
        tmp_path_factory.mktemp("mixed"),
        *natures,
        row(工单编号="PLACE", 经度="", 纬度=""),
        row(工单编号="DATE", 办理时限="2026-03-09 18:00"),
        row(工单编号="SOON", 办理时限="尽快", 满意度="还行"),
        row(工单编号="PATROL", 来源="网格员巡查"),
    )


def order(orders: WorkOrders, number: str) -> pd.Series:
    """The order of a number."""
    return orders.orders.set_index("work_order").loc[number]


def test_what_a_caller_wants_is_the_category_where_the_order_has_no_other(mixed: WorkOrders) -> None:
    assert [order(mixed, f"N{n}")["category"] for n in range(4)] == ["S01", "S05", "S04", "S03"]
    assert mixed.rejects["reason_code"].tolist() == ["category_missing"]


def test_an_order_without_coordinates_keeps_its_address(mixed: WorkOrders) -> None:
    assert np.isnan(order(mixed, "PLACE")["lon"])
    assert order(mixed, "PLACE")["address"] == "泽园小区3号楼2单元[门牌]室"


def test_deadlines_are_dates_or_limits_and_what_is_neither_is_counted(mixed: WorkOrders) -> None:
    assert order(mixed, "DATE")["due_at"] == pd.Timestamp("2026-03-09T10:00Z")
    assert [order(mixed, number)["limit_unit"] for number in ("PLACE", "DATE", "SOON")] == ["working_day", "", ""]
    assert mixed.report.unread == {"deadline": 1, "satisfaction": 1}


def test_what_grid_workers_found_is_a_patrol_finding(mixed: WorkOrders) -> None:
    assert (order(mixed, "PATROL")["found_by"], order(mixed, "DATE")["found_by"]) == ("patrol", "report")


def test_coordinates_of_a_shifted_map_are_put_right(tmp_path: Path) -> None:
    lon, lat = crs.wgs84_to_gcj02([106.71], [39.5])
    found = read(tmp_path, row(经度=f"{lon[0]:.7f}", 纬度=f"{lat[0]:.7f}"), datum="gcj02")
    assert np.allclose(found.orders[["lon", "lat"]], [[106.71, 39.5]], atol=1e-6)
    with pytest.raises(CrsError):
        read(tmp_path, GOOD, datum="mars")


def test_a_column_of_names_under_an_innocent_header_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    names = ["王建国", "李秀英", "张伟", "刘洋", "陈静"]
    pd.DataFrame(
        {
            "工单编号": list("abcde"),
            "受理时间": "2026-03-02 09:00",
            "承办单位": names,
            "诉求类型": "投诉",
            "地址": "建设路",
        }
    ).to_csv(path, index=False)
    found = read_work_orders(path)
    assert found.report.dropped_personal == ["承办单位"]
    assert found.orders["unit"].tolist() == [""] * 5


def test_a_workbook_reads_as_a_csv_and_damaged_numbers_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append(GOOD)
    book.active.append([20261128000123456789, *GOOD[1:]])
    book.save(tmp_path / "orders.xlsx")
    found = read_work_orders(tmp_path / "orders.xlsx")
    assert found.orders["work_order"].tolist() == ["GD001"]
    assert found.rejects["reason_code"].tolist() == ["work_order_damaged"]
    pd.testing.assert_frame_equal(found.orders, read(tmp_path, GOOD).orders)


def test_a_file_without_number_or_time_is_refused_with_its_headers(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("诉求内容,地址\n路灯不亮,建设路\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="工单编号, 时间; the file has: 诉求内容、地址"):
        read_work_orders(path)
