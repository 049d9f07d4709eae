"""Codes of areas, and names held against both official lists."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.divisions import (
    Alias,
    Division,
    DivisionList,
    is_within,
    level_of_code,
    match_division,
    name_stem,
    official_divisions,
    official_name,
    parent_code,
    plain_name,
)
from gis.errors import CodeError, ColumnError

CODES = st.integers(10**11, 10**12 - 1).map(str)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("150000000000", "province", ""),
        ("150300000000", "city", "150000000000"),
        ("150304000000", "district", "150300000000"),
        ("150304009000", "street", "150304000000"),
        ("150304009008", "community", "150304009000"),
        ("150304009008001", "grid", "150304009008"),
        ("15030400900800101", "grid", "150304009008"),
        ("150304", "", ""),
        ("D32", "", ""),
        ("", "", ""),
    ],
)
def test_a_code_tells_its_level_and_parent(code: str, level: str, parent: str) -> None:
    assert level_of_code(code) == level
    assert parent_code(code) == parent


def test_containment_follows_the_digits_of_the_ancestors_level() -> None:
    grid = "150304009008001"
    ancestors = ["150304009008", "150304009000", "150304000000", "150300000000", "150000000000", ""]
    assert all(is_within(grid, each) for each in [grid, *ancestors])
    assert not is_within(grid, "150304009009")
    assert not is_within("150304009008", grid)
    assert not is_within("150303001000", "150304000000")


def test_codes_without_logic_contain_only_themselves() -> None:
    assert is_within("D32", "D32")
    assert not is_within("D321", "D32")
    assert not is_within("150304009008", "1503")


def test_a_part_of_a_grid_lies_inside_the_grid() -> None:
    assert is_within("15030400900800101", "150304009008001")


@given(CODES)
def test_every_code_lies_inside_each_of_its_parents(code: str) -> None:
    above = parent_code(code)
    while above:
        assert is_within(code, above)
        assert not is_within(above, code)
        above = parent_code(above)


def test_the_list_holds_wuhai_with_unique_codes_and_known_parents() -> None:
    divisions = official_divisions()
    assert divisions["level"].value_counts().to_dict() == {
        "community": 87, "street": 22, "district": 3, "city": 1, "province": 1,
    }  # fmt: skip
    assert divisions["code_nbs"].is_unique
    assert set(divisions["parent"]) - {""} <= set(divisions["code_nbs"])
    assert all(
        parent_code(code) == parent for code, parent in zip(divisions["code_nbs"], divisions["parent"], strict=True)
    )
    assert (divisions["level"] == divisions["code_nbs"].map(level_of_code)).all()
    assert len(divisions[divisions["code_nbs"].str.startswith("150304") & (divisions["level"] == "community")]) == 23


def test_only_two_streets_of_wuda_have_one_code() -> None:
    divisions = official_divisions()
    streets = divisions[(divisions["parent"] == "150304000000") & (divisions["code_mca"] != "")]
    assert streets.loc[streets["code_nbs"] == streets["code_mca"], "name_zh"].tolist() == ["三道坎街道", "五虎山街道"]


@pytest.mark.parametrize(
    ("name", "code", "agrees"),
    [
        ("三道坎街道", "150304002000", "both"),
        ("巴音赛街道", "150304009000", "nbs"),
        ("巴音赛街道", "150304001000", "mca"),
        ("巴音赛街道", "150304009", "nbs"),
        ("巴音赛街道", "150304002000", "neither"),
        ("巴音赛街道", "", "neither"),
        ("先锋社区居委会", "150304009008", "nbs"),
    ],
)
def test_a_name_is_held_against_its_code(name: str, code: str, agrees: str) -> None:
    found = match_division(name, code)
    assert found.agrees == agrees
    assert found.found


def test_the_same_code_means_two_streets_in_haibowan() -> None:
    """A join on codes succeeds silently and is wrong: the name decides."""
    one, other = (match_division(name, "150302001000") for name in ("凤凰岭街道", "新华街道"))
    assert (one.code_nbs, one.agrees) == ("150302001000", "nbs")
    assert (other.code_nbs, other.agrees) == ("150302003000", "mca")
    assert "凤凰岭街道" in other.note_zh
    assert "新华街道" in other.note_zh
    alone = match_division("", "150302001000")
    assert not alone.found
    assert "A name is needed" in alone.note_en


def test_a_code_alone_is_enough_where_the_lists_do_not_clash() -> None:
    assert match_division("", "150304001000").name_zh == "巴音赛街道"
    assert match_division("", "150304").name_en == "Wuda District"


def test_the_press_spelling_is_an_alias() -> None:
    found = match_division("巴彦寨街道")
    assert found.code_nbs == "150304009000"
    assert "巴音赛街道" in found.note_zh
    assert official_name("巴彦寨街道") == "巴音赛街道"


def test_offices_short_names_and_full_width_are_the_same_place() -> None:
    for name in ("巴音赛街道办事处", "巴音赛街道办", "巴音赛", " 巴音赛 街道", "Bayinsai Subdistrict"):
        assert match_division(name).code_nbs == "150304009000", name
    assert plain_name("新丰村民委员会") == "新丰村"
    assert name_stem("乌兰淖尔镇人民政府") == "乌兰淖尔"


def test_a_name_that_occurs_twice_needs_its_parent_or_code() -> None:
    twice = match_division("幸福社区")
    assert not twice.found
    assert "150303002" not in twice.code_nbs
    assert "150304009010" in twice.note_en
    for parent in ("乌达区", "150304", "150304009000", "150304001000", "巴彦寨街道"):
        assert match_division("幸福社区", parent=parent).code_nbs == "150304009010", parent
    assert match_division("幸福社区", "150304009010").agrees == "nbs"


def test_the_parent_itself_is_not_below_itself() -> None:
    assert match_division("滨海", parent="150304012000").name_zh == "滨海社区"


def test_an_unknown_name_says_what_its_code_means() -> None:
    found = match_division("月亮街道", "150304002000")
    assert not found.found
    assert found.agrees == "neither"
    assert "三道坎街道" in found.note_zh


@pytest.mark.parametrize(("name", "code"), [("", ""), ("巴音赛街道", "15030400X"), ("巴音赛街道", "1503040")])
def test_what_is_no_code_is_refused(name: str, code: str) -> None:
    with pytest.raises(CodeError):
        match_division(name, code)


def test_validity_decides_which_line_and_which_alias_hold() -> None:
    def line(code: str, name: str, since: str, until: str) -> Division:
        return Division(code, "", "street", "街道", name, name, "", "110101000000", since, until)

    lists = DivisionList(
        [line("110101001000", "东街道", "", "2024-01-01"), line("110101002000", "东街道", "2024-01-01", "")],
        [Alias("老东街", "110101001000", "", "2024-01-01", "旧称", "former name")],
    )
    assert lists.match("东街道").code_nbs == "110101002000"
    assert lists.match("东街道", on=date(2023, 12, 31)).code_nbs == "110101001000"
    assert lists.match("东街道", on=date(2024, 1, 1)).code_nbs == "110101002000"
    assert lists.match("老东街", on=date(2023, 6, 1)).code_nbs == "110101001000"
    assert not lists.match("老东街").found


def test_a_district_may_bring_its_own_lists(tmp_path: Path) -> None:
    head = "code_nbs,code_mca,level,kind,name_zh,name_official,name_en,parent,valid_from,valid_to\n"
    own = tmp_path / "own.csv"
    own.write_text(head + "110101001000,110101009000,street,街道,东街道,东街道,,110101000000,,\n", encoding="utf-8-sig")
    assert DivisionList.read(own).match("东街道", "110101009000").agrees == "mca"
    own.write_text(head + "110101,,street,街道,东街道,东街道,,,,\nx,,street,,西,西,,,,\n", encoding="utf-8")
    with pytest.raises(CodeError, match="110101, x"):
        DivisionList.read(own)
    own.write_text("code_nbs,name_zh\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="code_mca"):
        DivisionList.read(own)
