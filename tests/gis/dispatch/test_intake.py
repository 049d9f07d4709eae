"""Twenty kinds of data are taken, three are refused by name, and every profile leads to a reader."""

from pathlib import Path

import pytest

from gis.dispatch.disputes import new_dispute
from gis.dispatch.intake import DisputeTable, import_file, profile, profiles
from gis.dispatch.limits import parse_limit
from gis.dispatch.work_orders import WorkOrders
from gis.errors import InputError, NotFoundError
from gis.layers import LayerResult, ReadOptions
from gis.layers.codelists import parse_scheme
from gis.schemas import LAYERS


def test_twenty_kinds_are_taken_and_three_registers_of_persons_are_not() -> None:
    assert len([each for each in profiles() if each.is_taken]) == 20
    assert [each.zh for each in profiles() if not each.is_taken] == ["实有人口", "特殊人群", "重点青少年"]
    assert len({each.code for each in profiles()}) == 23


def test_every_profile_leads_to_a_reader() -> None:
    for each in profiles():
        assert each.target in ("layer", "work_orders", "disputes", "committees", "refused")
        assert (each.kind in LAYERS) == (each.target == "layer")
        assert parse_scheme(each.scheme) == each.scheme
        assert each.zh
        assert each.text("en")
        assert each.note_zh
        assert each.note_en


@pytest.mark.parametrize("code", ["population", "特殊人群", "youth"])
def test_a_register_of_persons_is_refused_before_it_is_opened(code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="was not opened"):
        import_file(tmp_path / "there is no such file.csv", code)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="hotline"):
        profile("weather")


def test_a_layer_profile_reads_the_layer(tmp_path: Path) -> None:
    path = tmp_path / "outlets.csv"
    path.write_text(
        "网点名称,网点类型,经度,纬度,联系人,法定代表人\n泽园寄递网点,寄递网点,106.71,39.50,王建国,李秀英\n",
        encoding="utf-8",
    )
    found = import_file(path, "寄递网点", options=ReadOptions(datum="wgs84"))
    assert isinstance(found, LayerResult)
    assert found.report.dropped_personal == ["联系人", "法定代表人"]
    assert len(found.frame) == 1


def test_the_hotline_profile_reads_work_orders(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("工单编号,受理时间,诉求类型,地址\nA1,2026-03-02 09:00,投诉,建设路\n", encoding="utf-8")
    found = import_file(path, "hotline")
    assert isinstance(found, WorkOrders)
    assert found.orders["category"].tolist() == ["S04"]


def test_disputes_come_without_parties_and_bad_rows_come_back(tmp_path: Path) -> None:
    path = tmp_path / "disputes.csv"
    path.write_text(
        "事件编号,事件类型,发生日期,涉及人数,事件简述,主要当事人姓名,备注九\nJ1,D01,20260301,4,王女士与邻居争吵,王某,x\n"
        "J2,D01,昨天,4,x,李某,x\n,D01,20260301,4,x,李某,x\n",
        encoding="utf-8",
    )
    found = import_file(path, "disputes")
    assert isinstance(found, DisputeTable)
    assert list(found.disputes) == [2]
    assert new_dispute(found.disputes[2], ()).summary == "[姓名]女士与邻居争吵"
    assert list(zip(found.rejects["row"], found.rejects["reason_code"], strict=True)) == [
        (3, "unreadable"),
        (4, "missing"),
    ]
    assert (found.dropped_personal, found.ignored, found.masked) == (["主要当事人姓名"], ["备注九"], {"name": 1})


def test_committees_are_read_by_their_profile() -> None:
    path = Path(__file__).resolve().parents[3] / "gis" / "dispatch" / "mediation_committees.csv"
    assert len(import_file(path, "committees")) == 43


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("5个工作日", 5, "working_day"),
        ("24小时内", 24, "hour"),
        ("2紧急工作时", 2, "urgent_hour"),
        ("4 工作时", 4, "working_hour"),
        ("7天", 7, "day"),
    ],
)
def test_limits_are_read_as_orders_write_them(text: str, amount: float, unit: str) -> None:
    limit = parse_limit(text)
    assert limit is not None
    assert (limit.amount, limit.unit) == (amount, unit)


@pytest.mark.parametrize("text", ["", "尽快", "2026-03-09", "0天", "1.5个工作日", "3日起"])
def test_what_is_no_limit_is_none(text: str) -> None:
    assert parse_limit(text) is None


@pytest.mark.parametrize("page", ["docs/import_profiles.md", "docs/import_profiles.zh.md"])
def test_every_profile_stands_on_the_page(page: str) -> None:
    text = (Path(__file__).resolve().parents[3] / page).read_text("utf-8")
    assert [each.code for each in profiles() if f"| `{each.code}` | {each.zh} |" not in text] == []
