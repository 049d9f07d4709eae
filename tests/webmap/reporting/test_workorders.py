"""12345 work orders into the store: once by number, located by point or by area, masked, and what is refused told by row."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmap.reporting.reporting_town import OPEN, ReportingTown
from tests.webmap.store.conftest import GRIDS, STREET_A
from webmap.reporting.workorders import OrdersOutcome, import_orders, order_id, text_of
from webmap.security.csrf import HEADER, csrf_token
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.cases import CaseQuery

HEAD = "工单号,诉求人姓名,诉求时间,诉求类别,诉求内容,地址,经度,纬度,所属网格"
ROWS = (
    "WD-1,王小明,2026-11-20 08:30,暴露垃圾,王小明说门前垃圾没人收 13812345678,富强1巷27号,106.705,39.405,",
    f"WD-2,李丽,2026-11-20 09:00,水管里有怪声,夜里响,,,,{GRIDS[2]}",
    "WD-3,赵强,2026-11-21 10:00,暴露垃圾,在区外,,106.755,39.405,",
    "WD-4,钱伟,2027-01-01 10:00,暴露垃圾,在将来,,106.705,39.405,",
    ",孙芳,2026-11-21 10:00,暴露垃圾,没有号,,106.705,39.405,",
    "WD-6,周杰,2026-11-21 10:00,暴露垃圾,不认识的网格,,,,没有的网格",
    "WD-7,吴敏,2026-11-21 10:00,暴露垃圾,只有地址,友谊路口,,,",
)


def orders_in(folder: Path) -> Path:
    path = folder / "工单.csv"
    path.write_text("\n".join((HEAD, *ROWS)), encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return orders_in(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReportingTown, OrdersOutcome]]:
    """A town into which the file was brought once; nothing is changed by those who look at it."""
    folder = tmp_path_factory.mktemp("orders")
    town = ReportingTown(folder, **OPEN)
    yield town, brought(town, orders_in(folder))
    town.close()


def brought(town: ReportingTown, file: Path, *, dry_run: bool = False) -> OrdersOutcome:
    return import_orders(town.services, file, viewer=LOCAL_OPERATOR, case_viewer=CASE_OPERATOR, dry_run=dry_run)


def test_orders_become_cases_with_their_number_and_without_their_people(
    first: tuple[ReportingTown, OrdersOutcome],
) -> None:
    town, outcome = first
    assert (outcome.made, outcome.known, outcome.as_dict()["rows_rejected"]) == (3, 0, 4)
    one = town.store.cases.get(order_id("WD-1"), CASE_OPERATOR)
    assert (one.source, one.found_by, one.category, one.grid) == ("12345", "report", "06010", GRIDS[0])
    assert not any(person in str(one.body) for person in ("王小明", "13812345678"))
    assert "门前垃圾没人收" in one.body["text"]
    second = town.store.cases.get(order_id("WD-2"), CASE_OPERATOR)
    assert (second.grid, second.lon, second.category) == (GRIDS[2], None, "S99")
    assert second.body["attributes"] == {"category_told": "水管里有怪声"}
    third = town.store.cases.get(order_id("WD-7"), CASE_OPERATOR)
    assert (third.area, third.tier, third.body["address"]) == ("", "district", "友谊路口")
    told = town.send("boss", "/api/receipts/order", {"code": "WD-1"}).get_json()
    assert told["state"] == "reported"


def test_the_same_file_again_makes_nothing(first: tuple[ReportingTown, OrdersOutcome], file: Path) -> None:
    town, _ = first
    again = brought(town, file, dry_run=True)
    assert (again.made, again.known, again.as_dict()["rows_rejected"]) == (0, 3, 4)
    assert len(town.store.cases.page(CaseQuery(), CASE_OPERATOR)) == 3


def test_an_order_that_a_desk_typed_in_is_known_and_the_file_again_makes_nothing(
    town: ReportingTown, file: Path
) -> None:
    assert town.told(1, "desk", source="12345", work_order="WD-1").status_code == 201
    assert [(each.made, each.known) for each in (brought(town, file), brought(town, file))] == [(2, 1), (0, 3)]


def test_what_is_refused_stands_in_a_file_with_row_and_reason_and_without_people(
    first: tuple[ReportingTown, OrdersOutcome],
) -> None:
    _, outcome = first
    assert outcome.rejects_file is not None
    with outcome.rejects_file.open(encoding="utf-8-sig") as lines:
        rows = list(csv.reader(lines))[1:]
    assert [row[0] for row in rows] == ["4", "5", "6", "7"]
    assert "区外" in rows[0][4] or "之外" in rows[0][4]
    assert "将来" in rows[1][4]
    assert not any(name in str(rows) for name in ("赵强", "钱伟", "孙芳", "周杰"))


def test_a_dry_run_counts_and_makes_nothing(town: ReportingTown, file: Path) -> None:
    outcome = brought(town, file, dry_run=True)
    assert (outcome.made, outcome.as_dict()["rows_rejected"]) == (3, 4)
    assert town.store.cases.page(CaseQuery(), CASE_OPERATOR) == []
    assert town.store.imports.list(LOCAL_OPERATOR) == []


def test_the_report_says_which_columns_of_people_were_dropped(first: tuple[ReportingTown, OrdersOutcome]) -> None:
    town, outcome = first
    assert "诉求人姓名" in text_of(outcome, "zh")
    assert "3 new cases" in text_of(outcome, "en")
    (kept,) = town.store.imports.list(LOCAL_OPERATOR)
    assert kept.report["dropped_personal"] == ["诉求人姓名"]
    assert "rejects" not in kept.report


def sent(town: ReportingTown, name: str, file: Path, query: str = "") -> tuple[int, dict[str, object]]:
    client = town.client(name)
    cookie = client.get_cookie("wangge_session")
    token = csrf_token(cookie.value if cookie else "")
    answer = client.post(f"/api/workorders?name=a.csv&{query}", data=file.read_bytes(), headers={HEADER: token})
    return answer.status_code, answer.get_json()


def test_a_desk_brings_in_the_orders_of_its_area_alone(town: ReportingTown, file: Path) -> None:
    status, told = sent(town, "desk", file)
    assert (status, told["file"], told["made"]) == (200, "a.csv", 1)
    assert [event.street for event in town.store.cases.page(CaseQuery(), CASE_OPERATOR)] == [STREET_A]
    assert told["rows_rejected"] == 6


def test_the_page_and_the_route_are_for_those_who_dispatch(town: ReportingTown, file: Path) -> None:
    assert sent(town, "worker", file)[0] == 403
    assert town.client("worker").get("/workorders").status_code == 403
    assert town.client("desk").get("/workorders").status_code == 200
    status, told = sent(town, "desk", file, "check=1")
    assert (status, told["made"]) == (200, 1)
    assert town.store.cases.page(CaseQuery(), CASE_OPERATOR) == []


def test_a_file_that_is_no_table_is_refused(town: ReportingTown, tmp_path: Path) -> None:
    file = tmp_path / "x.vrt"
    file.write_text("<OGRVRTDataSource/>")
    status, told = sent(town, "desk", file)
    assert (status, bool(told["zh"])) == (400, True)
