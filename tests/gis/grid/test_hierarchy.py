"""The area tree, from a city down to parts of grids."""

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.divisions import is_within
from gis.errors import CodeError, ColumnError, NotFoundError
from gis.grid.hierarchy import AreaTree, circular, resolved_parents
from tests.strategies import unhurried

CITY, DISTRICT, STREET, COMMUNITY = "150300000000", "150304000000", "150304009000", "150304009008"
GRID, PART = "150304009008001", "15030400900800101"


def table(*rows: tuple[str, str, str], drawn: bool = True) -> gpd.GeoDataFrame:
    """Areas of (code, parent, level), named after their code."""
    codes, parents, levels = zip(*rows, strict=True) if rows else ((), (), ())
    columns = {"code": codes, "parent": parents, "level": levels}
    columns |= {"name_zh": [f"区{code}" for code in codes], "name_en": [f"Area {code}" for code in codes]}
    outline = shapely.box(0, 0, 1, 1) if drawn else None
    frame = gpd.GeoDataFrame(columns, geometry=[outline] * len(codes), crs="EPSG:4326")
    return frame.astype(dict.fromkeys(columns, "str"))


def test_the_tree_runs_from_the_city_down_to_parts_of_grids() -> None:
    tree = AreaTree(
        table(
            (PART, GRID, "grid"), (GRID, COMMUNITY, "grid"), (COMMUNITY, STREET, "community"), (STREET, DISTRICT, "street"),
            (DISTRICT, CITY, "district"), (CITY, "", "city"),
        )
    )  # fmt: skip
    assert tree.roots == [CITY]
    assert tree.ancestors(PART) == [GRID, COMMUNITY, STREET, DISTRICT, CITY]
    assert tree.descendants(CITY) == [DISTRICT, STREET, COMMUNITY, GRID, PART]
    assert tree.descendants(STREET, "grid") == [GRID, PART]
    assert tree.children(GRID) == [PART]
    assert tree.level(PART) == tree.leaf_level == "grid"
    assert tree.contains(DISTRICT, PART)
    assert tree.contains("", PART)
    assert not tree.contains(PART, DISTRICT)
    assert len(tree) == 6
    assert PART in tree


def test_codes_without_logic_hang_below_what_they_state() -> None:
    """Toronto: divisions and neighbourhoods have letters and plain numbers."""
    tree = AreaTree(
        table(("D32", "", "district"), ("D41", "", "district"), ("27", "D32", "community"), ("38", "D41", "community"))
    )
    assert tree.roots == ["D32", "D41"]
    assert tree.parent("27") == "D32"
    assert tree.children("D41") == ["38"]


def test_a_chinese_code_without_a_stated_parent_tells_it_itself() -> None:
    tree = AreaTree(table((GRID, "", "grid"), (STREET, "", "street"), (DISTRICT, "", "district")))
    assert tree.parent(GRID) == STREET
    assert tree.parent(STREET) == DISTRICT


def test_a_stated_parent_that_is_absent_makes_an_orphan() -> None:
    tree = AreaTree(table((GRID, "150304009009", "grid"), (COMMUNITY, "", "community"), (STREET, "", "street")))
    assert tree.orphans == [GRID]
    assert tree.roots == [STREET, GRID]
    assert tree.parent(GRID) == ""


def test_every_code_that_occurs_twice_is_named() -> None:
    with pytest.raises(CodeError, match="2 area codes occur twice: A, B"):
        AreaTree(table(("A", "", "grid"), ("A", "", "grid"), ("B", "", "grid"), ("B", "", "grid"), ("C", "", "grid")))


def test_circles_are_refused_with_all_their_members() -> None:
    with pytest.raises(CodeError, match="3 areas are their own ancestors: A, B, C") as caught:
        AreaTree(table(("A", "B", "grid"), ("B", "C", "grid"), ("C", "A", "grid"), ("D", "A", "grid")))
    assert "自己的上级" in caught.value.zh
    with pytest.raises(CodeError, match="A"):
        AreaTree(table(("A", "A", "grid")))


def test_a_parent_finer_than_its_child_is_refused() -> None:
    with pytest.raises(CodeError, match="1 areas lie below a finer one: S"):
        AreaTree(table(("G", "", "grid"), ("S", "G", "street")))


def test_levels_that_are_none_are_named() -> None:
    with pytest.raises(CodeError, match="2 levels are unknown: precinct, ward"):
        AreaTree(table(("A", "", "precinct"), ("B", "", "ward"), ("C", "", "ward")))


def test_columns_are_asked_for() -> None:
    with pytest.raises(ColumnError, match="parent"):
        AreaTree(table(("A", "", "grid")).drop(columns="parent"))


def test_unknown_codes_are_not_found() -> None:
    tree = AreaTree(table(("A", "", "grid")))
    for ask in (tree.parent, tree.children, tree.ancestors, tree.descendants, tree.level):
        with pytest.raises(NotFoundError, match="no area with code X"):
            ask("X")


def test_an_empty_table_is_an_empty_tree() -> None:
    tree = AreaTree(table())
    assert (tree.roots, tree.leaf_level, tree.search("x"), len(tree)) == ([], "", [], 0)


def test_the_leaf_level_has_outlines() -> None:
    areas = table((COMMUNITY, "", "community"), (GRID, "", "grid"))
    areas.loc[1, "geometry"] = None
    assert AreaTree(areas).leaf_level == "community"


def test_wuda_hangs_together(wuda_areas: gpd.GeoDataFrame) -> None:
    tree = AreaTree(wuda_areas)
    assert tree.roots == [DISTRICT]
    assert tree.orphans == []
    assert [len(tree.descendants(DISTRICT, level)) for level in ("street", "community", "grid")] == [9, 23, 161]
    assert tree.name(STREET, "zh") == "巴音赛街道"
    assert tree.name(STREET, "en") == "Bayinsai Subdistrict"
    for code in wuda_areas["code"]:
        for above in tree.ancestors(code):
            assert is_within(code, above)


def test_search_finds_codes_and_names_in_both_languages(wuda_areas: gpd.GeoDataFrame) -> None:
    tree = AreaTree(wuda_areas)
    assert tree.search("巴音赛")[0] == STREET
    assert tree.search("bayinsai subdistrict") == [STREET]
    assert tree.search("先锋社区居委会")[0] == COMMUNITY
    assert tree.search(GRID)[0] == GRID
    assert tree.search("１５０３０４００９０００") == [STREET]
    assert tree.search("150304009")[:2] == [STREET, COMMUNITY]
    assert tree.search("团结")[:2] == ["150304009009", "150304012009"]
    assert len(tree.search("网格", limit=7)) == 7
    assert tree.search("  ") == tree.search("火星") == []


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([*"abcdefghxy", ""]), min_size=1))
def test_exactly_the_areas_on_a_circle_are_circular(parents: dict[str, str]) -> None:
    resolved = resolved_parents(list(parents), list(parents.values()))

    def returns(code: str) -> bool:
        current = resolved[code]
        for _ in resolved:
            if current == code:
                return True
            current = resolved.get(current, "")
        return False

    assert circular(resolved) == sorted(code for code in resolved if returns(code))


@unhurried
@given(st.integers(1, 30), st.randoms())
def test_the_order_of_rows_does_not_change_the_tree(count: int, random: st.DrawFn) -> None:
    rows = [(f"{number:02d}", f"{(number - 1) // 2:02d}" if number else "", "grid") for number in range(count)]
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = AreaTree(table(*rows)), AreaTree(table(*shuffled))
    assert one.descendants("00") == other.descendants("00")
    assert sorted(one.descendants("00")) == [code for code, _, _ in rows[1:]]
