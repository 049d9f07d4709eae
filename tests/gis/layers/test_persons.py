"""The guard: what is personal goes, what only looks so stays."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers.fields import HeaderMap
from gis.layers.persons import guard, is_personal, mask_column, mask_text

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("团结街12号 张先生13812345678反映", "团结街12号 ***先生***反映"),
        ("电话138-1234-5678", "电话***"),
        ("电话138 1234 5678,+86 13812345678", "电话***,***"),
        ("0473-3661234", "***"),
        ("(0473)3661234", "***"),
        ("身份证11010519491231002X", "身份证***"),
        ("旧证130503670401001", "旧证***"),
        ("蒙C12345违停", "***违停"),
        ("新能源蒙CD12345", "新能源***"),
        ("京A·12345", "***"),
        ("联系人:王小明", "联系人:***"),
        ("姓名 赵国强 住址", "姓名 *** 住址"),
        ("王女士称楼下漏水", "***女士称楼下漏水"),
        ("a.b@c.com", "***"),
    ],
)
def test_personal_text_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    ["15030400001320000102", "150304002001", "150304009008001", "网格150304101001001", "36390511.025", "106.7138123456", "20230112083000", "1673312400000",
     "热线12345", "建设路138号楼2单元1503室", "新A区12345号", "李师傅拉面馆门口", "富强社区", "11010519491231002", "110105194912310021", "2023-01-10 09:30"],
)  # fmt: skip
def test_codes_places_and_numbers_stay(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "cells",
    [
        ["张三", "李四", "王五六", "赵国强"],
        ["13812345678", "15947301234", "18647312345"],
        ["11010519491231002X", "11010519491231002X"],
        ["蒙C12345", "蒙CD12345"],
    ],
)
def test_column_of_persons_under_an_innocent_header_is_dropped(cells: list[str]) -> None:
    column = pa.array(cells)
    guarded = guard(
        {"备注一": column, "地址": pa.array(["团结街"] * len(cells))}, HeaderMap({"address": "地址"}, [], ["备注一"])
    )
    assert guarded.dropped == ["备注一"]
    assert list(guarded.columns) == ["地址"]


@pytest.mark.parametrize(
    "cells",
    [
        ["富强社区", "先锋社区", "团结"],
        ["巴音赛街道", "新达街道", "苏海图街道"],
        ["高空抛物", "噪声扰民", "黄赌毒线索"],
        ["已办结", "处置中", "已退回"],
        ["", ""],
        ["12345热线", "网格员", "巡查"],
        ["路灯", "单车", "方井盖"],
    ],
)
def test_column_of_places_matters_or_states_is_kept(cells: list[str]) -> None:
    assert not is_personal(pa.array(cells))


def test_eleven_digit_codes_of_one_district_are_no_telephones() -> None:
    codes = pa.array([f"1503040{i:04d}" for i in range(50)])
    assert not is_personal(codes, code=True)
    assert is_personal(pa.array([f"13{i % 10}{7654321 + 977 * i:08d}" for i in range(50)]), code=True)


def test_eighteen_digit_order_numbers_are_no_id_cards_unless_most_pass_the_checksum() -> None:
    orders = pa.array([f"15030420230110{i:04d}" for i in range(200)])
    assert not is_personal(orders, code=True)


def test_masked_cells_are_counted_and_repeats_share_their_answer() -> None:
    texts, count = mask_column(pa.array(["张先生来电", "平安", "张先生来电", ""]))
    assert texts.to_pylist() == ["***先生来电", "平安", "***先生来电", ""]
    assert count == 2


@given(
    st.integers(0, 999),
    st.dates(date(1950, 1, 1), date(1999, 12, 31)),
    st.sampled_from(["150304", "110105", "440301"]),
    st.text(alphabet="居民反映在街道,。 ", max_size=10),
)
def test_every_valid_id_number_is_masked_wherever_it_stands(serial: int, born: date, place: str, around: str) -> None:
    digits = f"{place}{born:%Y%m%d}{serial:03d}"
    check = "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]
    assert digits not in mask_text(f"{around}{digits}{check}{around}")


@given(st.text(max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once
