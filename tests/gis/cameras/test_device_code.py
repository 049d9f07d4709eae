"""GB/T 28181 codes: read by their fields, damage by spreadsheets recognised, nothing mended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.cameras.device_code import check_codes, damage_of, read_code
from gis.errors import CodeError

WUDA = "15030400001326002816"


def test_a_true_code_comes_apart_into_its_fields() -> None:
    code = read_code(WUDA, district="150304")
    assert (code.centre, code.industry, code.kind, code.network, code.serial) == (
        "15030400",
        "00",
        "132",
        "6",
        "002816",
    )
    assert code.ok


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "code"), ("1503040000132600281", "length"), ("15030400001326O02816", "digits"), ("15030400001186002816", "type"),
        ("99030400001326002816", "centre"), ("15030400001329002816", "network"), ("15030400001326000000", "serial"),
        ("1.50304E+19", "code"),
    ],
)  # fmt: skip
def test_each_wrong_field_is_named(text: str, field: str) -> None:
    assert field in [each.field for each in read_code(text).problems]


def test_a_code_of_another_district_is_named_where_ours_is_asked_for() -> None:
    assert [each.field for each in read_code(WUDA, district="150302").problems] == ["centre"]


def test_full_width_digits_and_an_apostrophe_are_read() -> None:
    assert read_code("'１５０３０４００００１３２６００２８１６").text == WUDA


def test_what_excel_leaves_is_called_rounded() -> None:
    assert damage_of("15030400001326000000") == "rounded"
    assert damage_of("1.50304E+19") == "exponent"
    assert damage_of(WUDA) == ""


def test_a_column_that_a_float_went_through_is_called_rounded_as_a_whole() -> None:
    true = [f"1503040000132600{n:04d}" for n in range(1, 60)]
    codes, problems = check_codes([str(int(float(each))) for each in true])
    assert all(not each.ok for each in codes)
    assert len(problems) >= len(true)
    assert check_codes(true)[1].empty


def test_codes_that_stand_twice_are_told_in_every_row() -> None:
    assert check_codes([WUDA, "15030400001326002817", WUDA])[1]["row"].tolist() == [0, 2]


def test_a_prefix_that_is_none_is_refused() -> None:
    with pytest.raises(CodeError):
        read_code(WUDA, district="乌达")


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    code = read_code(text)
    assert code.ok == (not code.problems)
