"""Code lists: three numberings of one thing, and the way to ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import CodeError
from gis.incidents import taxonomy
from gis.layers.codelists import OURS, TEXT, by_name, decide_scheme, entries, parse_scheme, resolve


def test_exposed_rubbish_is_one_thing_in_three_lists() -> None:
    assert taxonomy.crosswalk("cjt214", "01-02") == ("wangge", "06010")
    assert taxonomy.crosswalk("gbt30428", "01-10") == ("wangge", "06010")
    assert taxonomy.crosswalk("wangge", "06010") == ("wangge", "06010")
    assert taxonomy.crosswalk("text", "Assault") == ("text", "Assault")


def test_old_list_of_2013_is_the_new_one_with_class_minus_five() -> None:
    for old, new in (
        ("04-06", "09006"),
        ("01-36", "06036"),
        ("02-01", "07001"),
        ("03-11", "08011"),
        ("04-10", "09010"),
    ):
        assert taxonomy.crosswalk("gbt30428", old) == ("wangge", new)


def test_every_category_has_names_and_a_module_and_every_crosswalk_ends_in_ours() -> None:
    table = taxonomy.categories()
    assert list(table.columns) == ["scheme", "code", "zh", "en", "module"]
    assert (table[["scheme", "code", "zh", "en", "module"]] != "").all().all()
    assert not table.duplicated(["scheme", "code"]).any()
    ours = set(table.loc[table["scheme"] == OURS, "code"])
    assert {taxonomy.crosswalk(r.scheme, r.code)[1] for r in table.itertuples()} <= ours
    assert (table["scheme"] == OURS).sum() == 336


def test_an_english_name_holds_no_chinese_and_names_one_category_of_ours() -> None:
    table = taxonomy.categories()
    assert not table["en"].str.contains(r"[\u3400-\u9fff]").any()
    assert not table.loc[table["scheme"] == OURS, "en"].duplicated().any()


def test_no_category_is_of_persons() -> None:
    names = "".join(taxonomy.categories()["zh"])
    for word in ("流浪", "乞讨", "吸毒人员", "刑满", "上访人员"):
        assert word not in names


def test_names_of_ours_are_unique_in_chinese() -> None:
    table = taxonomy.categories()
    ours = table[table["scheme"] == OURS]
    assert not ours["zh"].duplicated().any()


def test_name_in_both_languages_and_of_an_unknown_code() -> None:
    assert taxonomy.name("wangge", "06010", "zh") == "暴露垃圾"
    assert taxonomy.name("wangge", "06010", "en") == "exposed rubbish"
    assert taxonomy.name("text", "Assault", "en") == "Assault"


@pytest.mark.parametrize(
    ("scheme", "code"), [("gb9999", "01-02"), ("wangge", "99999"), ("cjt214", "77-77"), ("", "01-02")]
)
def test_unknown_list_or_code_is_an_error(scheme: str, code: str) -> None:
    with pytest.raises(CodeError):
        taxonomy.crosswalk(scheme, code)


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("GB/T 30428.2-2013", "gbt30428"),
        ("CJ/T214", "cjt214"),
        ("GB/T 47678.5-2026", "wangge"),
        ("wangge", "wangge"),
        ("", ""),
        ("ＴＥＸＴ", "text"),
    ],
)
def test_lists_are_known_by_their_standards_names(text: str, scheme: str) -> None:
    assert parse_scheme(text) == scheme


def test_bare_code_of_two_lists_is_refused() -> None:
    for code in ("01-02", "0102", "01-10", "99", "7"):
        assert resolve(code, "", "", "").reason == "category_bare_code"
        assert resolve("", code, "", "").reason == "category_bare_code"


def test_five_digits_and_our_letters_are_of_one_list_only() -> None:
    assert resolve("06010", "", "", "").code == "06010"
    assert resolve("p01", "", "", "").code == "P01"


def test_name_beside_a_bare_code_decides() -> None:
    assert resolve("01-02", "暴露垃圾", "", "").code == "06010"


def test_column_decides_by_names_or_by_codes_of_one_list_only() -> None:
    assert decide_scheme([("01-02", "暴露垃圾")]) == "cjt214"
    assert decide_scheme([("01-10", "暴露垃圾")]) == "gbt30428"
    assert decide_scheme([("01-36", ""), ("01-02", "")]) == "gbt30428"
    assert decide_scheme([("01-99", ""), ("01-02", "")]) == "cjt214"
    assert decide_scheme([("01-02", ""), ("01-10", "")]) == ""
    assert decide_scheme([("06010", "")]) == ""


def test_words_are_matched_without_marks_and_brackets() -> None:
    assert by_name("道路遗撒") is by_name("道路遗撒(洒)")
    assert by_name("Exposed Rubbish") is entries()["wangge", "06010"]
    assert resolve("", "随手拍", "", "").scheme == TEXT


@given(st.text(max_size=8), st.text(max_size=8), st.sampled_from(["", "wangge", "gbt30428", "cjt214", "text"]))
def test_every_pair_of_texts_is_a_category_or_a_reason(code: str, text: str, scheme: str) -> None:
    found = resolve(code, text, scheme, "")
    assert bool(found.reason) != bool(found.code)
