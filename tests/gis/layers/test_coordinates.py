"""Coordinates: the fourteen written forms, pairs, packed numbers, and laws."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers.coordinates import number_of, pair_of, parse_degrees, parse_numbers, parse_pairs, unpack_dms

EXPECTED = 106 + 43 / 60 + 12.5 / 3600


@pytest.mark.parametrize(
    "text",
    ["106°43′12.5″", "106°43'12.5\"", "106度43分12.5秒", "东经106度43分12.5秒", "E106°43′12.5″", "106°43′12.5″E", "106 43 12.5", "106:43:12.5",
     "106°43.20833333′", "１０６°４３′１２．５″", "106.43.12.5", "106d43m12.5s", "１０６．７２０１３８８８９", "106.720138889°", "106°43′12.5″ E"],
)  # fmt: skip
def test_form_is_read(text: str) -> None:
    assert parse_degrees(pa.array([text]))[0] == pytest.approx(EXPECTED, abs=1e-8)


@pytest.mark.parametrize(
    ("text", "expected"), [("W79°25′", -79.41666667), ("-79.4", -79.4), ("南纬12.5", -12.5), ("西经79度", -79.0)]
)
def test_west_and_south_are_negative(text: str, expected: float) -> None:
    assert parse_degrees(pa.array([text]))[0] == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "不详", "106°75′", "106°10′75″", "nan", "inf", "1e999", "106.7.x", "--3"])
def test_what_is_no_coordinate_is_missing(text: str) -> None:
    assert math.isnan(parse_degrees(pa.array([text]))[0])


@pytest.mark.parametrize(
    ("text", "expected"), [("1,234.5", 1234.5), ("１２米", 12.0), ("3.5km", 3500.0), ("316户", 316.0), ("-4", -4.0)]
)
def test_numbers_with_thousands_and_units(text: str, expected: float) -> None:
    assert number_of(text) == expected
    assert parse_numbers(pa.array([text]))[0] == expected


@pytest.mark.parametrize(
    "text",
    ["106.7,39.5", "106.7 39.5", "POINT(106.7 39.5)", "[106.7, 39.5]", "106.7，39.5", "东经106.7度,北纬39.5度", "北纬39.5度,东经106.7度", "经度:106.7,纬度:39.5",
     "东经106°42′北纬39°30′", "106°42′E 39°30′N", "106.7;39.5"],
)  # fmt: skip
def test_pair_in_one_cell(text: str) -> None:
    x, y = parse_pairs(pa.array([text]))
    assert (x[0], y[0]) == pytest.approx((106.7, 39.5))


def test_cell_that_is_no_pair_is_missing() -> None:
    assert pair_of("106.7") is None
    assert np.isnan(parse_pairs(pa.array(["", "x,y"]))).all()


def test_packed_degrees_are_told_from_survey_metres() -> None:
    packed = unpack_dms(np.array([1064312.5, np.nan]))
    assert packed is not None
    assert packed[0] == pytest.approx(EXPECTED)
    assert unpack_dms(np.array([4378152.0, 4375343.06])) is None
    assert unpack_dms(np.array([36390511.0])) is None
    assert unpack_dms(np.array([106.7])) is None


@given(st.floats(-179.99, 179.99))
def test_degrees_minutes_seconds_come_back(value: float) -> None:
    total = round(abs(value) * 3_600_000)
    text = f"{total // 3_600_000}°{total % 3_600_000 // 60_000}′{total % 60_000 / 1000:.3f}″"
    assert parse_degrees(pa.array([text + ("W" if value < 0 else "E")]))[0] == pytest.approx(value, abs=1e-6)


@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_text_is_a_finite_number_or_missing(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    for values in (parse_degrees(column), parse_numbers(column), *parse_pairs(column)):
        assert not np.isinf(values).any()
