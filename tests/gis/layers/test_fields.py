"""Headers to fields."""

import csv
from pathlib import Path

import pytest

from gis.errors import ColumnError
from gis.layers import fields
from gis.layers.fields import REFUSED, field_of, known_headers, map_headers, normal_header
from gis.schemas import LAYERS

ALIASES = Path(fields.__file__).with_name("header_aliases.csv")


def test_alias_table_has_no_clash_within_a_layer() -> None:
    seen: dict[tuple[str, str], str] = {}
    with ALIASES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for kind in row["kinds"].split() or [""]:
                key = (kind, normal_header(row["alias"]))
                assert seen.setdefault(key, row["field"]) == row["field"]


def test_every_alias_of_a_layer_leads_to_a_field_it_reads_or_ignores_on_purpose() -> None:
    with ALIASES.open(encoding="utf-8") as file:
        named = {kind for row in csv.DictReader(file) for kind in row["kinds"].split()}
    assert named <= set(LAYERS)


@pytest.mark.parametrize(
    ("header", "kind", "name"),
    [
        ("经度(度)", "incidents", "lon"),
        ("经度（°）", "cameras", "lon"),
        (" 事 发 时 间 ", "incidents", "time"),
        ("事发时间(必填)", "incidents", "time"),
        ("ＬＡＴ", "places", "lat"),
        ("x_coordina", "incidents", "lon"),
        ("类型", "incidents", "category"),
        ("类型", "cameras", "camera_type"),
        ("类型", "places", "kind"),
        ("编号", "cameras", "device_id"),
        ("编号", "incidents", "id"),
        ("序号", "incidents", "row_no"),
        ("级别", "areas", "level"),
        ("级别", "incidents", "priority"),
        ("building:levels", "buildings", "levels"),
        ("天气", "incidents", ""),
    ],
)
def test_header_means_its_field(header: str, kind: str, name: str) -> None:
    assert field_of(header, kind)[0] == name


@pytest.mark.parametrize(
    "header",
    [
        "姓名",
        "网格员姓名",
        "投诉人姓名",
        "身份证号(18位)",
        "联系电话",
        "手机",
        "车牌号码",
        "户主",
        "微信号",
        "victim_name",
        "Phone",
        "email",
        "Mobile No",
        "出生年月",
    ],
)
def test_personal_header_is_refused_in_every_layer(header: str) -> None:
    assert {field_of(header, kind)[0] for kind in LAYERS} == {REFUSED}


@pytest.mark.parametrize("header", ["name", "名称", "电话亭编号", "社区名称", "热线电话类别", "UNIT_NAME"])
def test_innocent_header_is_not_refused(header: str) -> None:
    assert field_of(header, "areas")[0] != REFUSED


def test_first_alias_wins_and_the_rest_is_reported_as_ignored() -> None:
    heads = map_headers(["上报时间", "发生时间", "天气", "联系人"], "incidents", {})
    assert heads.fields == {"time": "发生时间"}
    assert heads.ignored == ["上报时间", "天气"]
    assert heads.refused == ["联系人"]


def test_user_may_not_map_a_personal_column() -> None:
    with pytest.raises(ColumnError, match="personal"):
        map_headers(["联系电话", "地址"], "incidents", {"address": "联系电话"})


def test_user_mapping_names_what_is_wrong() -> None:
    with pytest.raises(ColumnError, match="no header 'when'"):
        map_headers(["a", "b"], "incidents", {"time": "when"})
    with pytest.raises(ColumnError, match="no field colour"):
        map_headers(["a", "b"], "incidents", {"colour": "a"})


def test_table_column_names_serve_as_field_names() -> None:
    heads = map_headers(
        ["When", "Where X", "Where Y"], "incidents", {"occurred_at": "when", "x": "Where X", "y": "Where Y"}
    )
    assert heads.fields == {"time": "When", "lon": "Where X", "lat": "Where Y"}


def test_header_row_is_told_from_titles_and_data() -> None:
    assert known_headers(["事件编号", "发生时间", "联系电话", "天气"]) == 3
    assert known_headers(["乌达区台账", "", ""]) == 0
    assert known_headers(["SJ001", "2023-01-10", "106.7"]) == 0
