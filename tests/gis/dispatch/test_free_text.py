"""Masks of free text: by hand, by law, and on planted complaints with the recall that is published."""

import csv
import json
from itertools import pairwise
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.free_text import SEED, spans_of, table
from gis.dispatch._fold import fold
from gis.dispatch.free_text import KINDS, Places, mask, mask_all, masks
from tests.gis.dispatch.complaint_maker import complaints, false_masks, outcomes

ROOT = Path(__file__).resolve().parents[3]
PAGES = ["docs/methods/free_text.md", "docs/methods/free_text.zh.md"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("张先生来电,电话13812345678", "[姓名]先生来电,电话[电话]"),
        ("联系方式：１３８ １２３４ ５６７８", "联系方式：[电话]"),
        ("手机幺三八一二三四五六七八", "手机[电话]"),
        ("电话138****5678", "电话[电话]"),
        ("座机0473-3661234转8", "座机[电话]"),
        ("身份证11010519491231002X", "身份证[证件号]"),
        ("证件 110105 19491231 002X 已核", "证件 [证件号] 已核"),
        ("身份证后四位002X", "身份证后四位[证件号]"),
        ("护照E12345678", "护照[证件号]"),
        ("蒙c·12345违停", "[车牌]违停"),
        ("车号C12345的面包车", "车号[车牌]的面包车"),
        ("发到a.b＠c.com", "发到[邮箱]"),
        ("微信号wx_abc12", "微信号[账号]"),
        ("QQ：12345678", "QQ：[账号]"),
        ("卡号6222 0212 3456 7890 123", "卡号[卡号]"),
        ("3号楼2单元501室漏水", "3号楼2单元[门牌]室漏水"),
        ("泽园小区12-3-502", "泽园小区12-3-[门牌]"),
        ("5楼东户", "5楼[门牌]"),
        ("五排3号门前", "五排[门牌]门前"),
        ("二号楼五零三室", "二号楼[门牌]室"),
        ("我叫巴特尔,住在旗里", "我叫[姓名],住在旗里"),
        ("阿依古丽·买买提咨询", "[姓名]咨询"),
        ("业主王建国称", "业主[姓名]称"),
        ("李某某酒后", "[姓名]酒后"),
        ("他姓欧,老王家的墙", "他姓[姓名],[姓名]家的墙"),
    ],
)
def test_what_leads_to_a_person_is_masked_and_the_place_stays(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    ["拨打12345、110、4008101234", "网格150304101001001内有积水", "工单20261128000123456超期", "设备15030400001320000102离线",
     "2026-11-28 10:30", "坐标106.713812,39.502345", "2号楼3单元电梯停运", "该小区1296户", "施工师傅夜间浇筑", "建设路138号",
     "李师傅拉面馆门口", "居民高度关注", "业主张贴通知", "投资1380000元", "方便面散落一地", "乌兰淖尔镇巴音赛街道", "文化路、胜利路交会处"],
)  # fmt: skip
def test_places_codes_sums_and_public_numbers_stay(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).counts == {}


def test_what_looks_like_a_name_inside_a_known_place_stays_and_beside_it_does_not() -> None:
    known = Places(["金鑫家电城", "王建国烧烤店", "华山"])
    text = "王建国烧烤店的王建国和金鑫家电城张先生"
    assert mask(text, places=known).text == "王建国烧烤店的[姓名]和金鑫家电城[姓名]先生"
    assert mask("王建国烧烤店电话13812345678", places=known).counts == {"phone": 1}
    assert mask_all(["电话13812345678"], places=Places([]))[1] == {"phone": 1}


@pytest.mark.parametrize(("table", "column"), [("places.csv", "name_zh"), ("cameras.csv", "name")])
def test_names_of_places_of_the_sample_are_not_taken_for_people(table: str, column: str) -> None:
    with (ROOT / "data" / "layers" / table).open(encoding="utf-8", newline="") as file:
        names = {row[column] for row in csv.DictReader(file)}
    assert [name for name in names if mask(name).counts] == []


def test_a_mask_tells_kind_and_count_and_nothing_else() -> None:
    done = mask("张先生和李女士,电话13812345678")
    assert done.counts == {"name": 2, "phone": 1}
    assert set(vars(masks("张先生")[0])) == {"kind", "start", "end"}
    texts, total = mask_all(["张先生", "路灯不亮", "王女士13812345678"])
    assert texts == ["[姓名]先生", "路灯不亮", "[姓名]女士[电话]"]
    assert total == {"name": 2, "phone": 1}


@given(
    st.text(
        alphabet="王建国李先女士的电话手机身份证0123456789一二三幺号楼单元室蒙C-, :。１２@aQ微信姓我叫和", max_size=60
    )
)
def test_masks_lie_apart_in_order_and_everything_else_is_untouched(text: str) -> None:
    found, done = masks(text), mask(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    rest, at = done.text, 0
    for each in found:
        gap = text[at : each.start]
        assert rest.startswith(f"{gap}[{KINDS[each.kind][0]}]")
        rest, at = rest[len(gap) + len(KINDS[each.kind][0]) + 2 :], each.end
    assert rest == text[at:]


@given(st.text(max_size=80))
def test_folding_keeps_every_character_at_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    masks(text)


def test_masking_again_finds_nothing_more_in_the_planted_complaints() -> None:
    for kind in ("known", "held_out"):
        for complaint in complaints(kind, 300, np.random.default_rng(5)):
            once = mask(complaint.text).text
            assert mask(once).text.count("[") >= once.count("[")
            assert len(mask(once).counts) <= 1, once


def test_no_value_of_a_number_survives_anywhere_in_the_masked_text() -> None:
    for complaint in complaints("held_out", 600, np.random.default_rng(6)):
        shown = mask(complaint.text).text
        for kind, start, end in complaint.planted:
            if kind.partition(".")[0] in ("id", "card", "mail", "chat"):
                assert complaint.text[start:end] not in shown


def test_recall_on_sentences_that_were_not_used_to_write_the_masks() -> None:
    """The published bar: every number and room of the usual ways of writing, 85 of 100 names, hardly a mask too much."""
    made = complaints("held_out", 1200, np.random.default_rng(11))
    spans = spans_of(made)
    results = list(outcomes(made, spans))
    names = [gone for kind, gone in results if kind.startswith("name")]
    others = [gone for kind, gone in results if not kind.startswith("name")]
    assert np.mean(names) > 0.85
    assert np.mean(others) > 0.99
    assert false_masks(made, spans) < 0.01 * len(made)


def test_innocent_sentences_are_hardly_ever_touched() -> None:
    for kind in ("innocent_known", "innocent_held_out"):
        touched = [bool(each) for each in spans_of(complaints(kind, 300, np.random.default_rng(2)))]
        assert np.mean(touched) < 0.02


def test_our_own_chinese_pages_hold_hardly_anything_that_is_taken_for_a_name() -> None:
    """Real sentences about places and software, none written for this test."""
    text = [
        line
        for page in sorted(ROOT.glob("docs/**/*.zh.md"))
        if "free_text" not in page.name
        for line in page.read_text("utf-8").splitlines()
    ]
    taken = sum(len(masks(line)) for line in text)
    assert taken <= 0.001 * sum(len(line) for line in text)


def test_the_published_table_is_what_the_command_prints() -> None:
    printed = table(2000, SEED)
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        assert [row for row in printed if row not in text] == []


@pytest.mark.parametrize(
    "piece", ["1", "a", "3-", "王", "身份证", "QQ群", "一二三", "姓名", "13812345678,", "a.", "蒙C "]
)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    """Growth in processor time between two sizes; a pattern that starts anew at every character would cost sixteen times as much."""
    costs = []
    for length in (4_000, 16_000):
        started = process_time()
        masks(piece * (length // len(piece)))
        costs.append(process_time() - started)
    assert costs[1] < 10 * costs[0] + 0.5


@pytest.mark.real
def test_of_real_names_of_shops_and_streets_hardly_any_is_taken_for_a_person(shared_data: Path) -> None:
    """OpenStreetMap in Lujiazui and Optics Valley; the figure of the page."""
    names = set()
    for layer in ("shanghai_pois", "shanghai_roads", "shanghai_buildings", "wuhan_roads"):
        path = shared_data / "china" / f"osm_{layer}.geojson"
        features = json.loads(path.read_text("utf-8"))["features"]
        names |= {str(each["properties"].get("name") or "") for each in features}
    chinese = [name for name in names if any("\u4e00" <= each <= "\u9fa5" for each in name)]
    taken = [name for name in chinese if mask(name).counts]
    assert len(chinese) > 500
    assert len(taken) <= 0.03 * len(chinese)


@pytest.mark.parametrize("numeral", "一二两三四五六七八九零〇")
def test_a_name_that_ends_like_a_number_does_not_hide_the_number_behind_it(numeral: str) -> None:
    """Read as a digit, 三 of 张三 made twelve digits of a telephone, which is none."""
    for number, kind in (("13812345678", "phone"), ("0473-2021234", "phone"), ("11010519491231002X", "id_card")):
        assert mask(f"联系人张{numeral}{number}").counts.get(kind) == 1, (numeral, number)
