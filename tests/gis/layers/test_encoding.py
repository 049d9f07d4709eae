"""Encodings: the rule of BOM, strict UTF-8, GB18030, and its guards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import FileFormatError
from gis.layers.encoding import decode, decode_cells

HEADER_ONLY = "编号,经度,纬度\n1,106.1,39.5\n2,106.2,39.6\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("gb2312", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16"),
     ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)  # fmt: skip
def test_header_over_numbers_is_decoded(encoding: str, named: str) -> None:
    decoded = decode(HEADER_ONLY.encode(encoding))
    assert (decoded.text, decoded.encoding) == (HEADER_ONLY, named)


def test_rare_characters_of_gb18030() -> None:
    text = "名称\n㐂𠮷䶮\n"
    assert decode(text.encode("gb18030")).text == text


def test_gbk_that_is_valid_utf8_by_accident_is_still_chinese() -> None:
    text = "哪里\n"
    data = text.encode("gbk")
    disguised = next(
        (
            a + b
            for a in "一丁七万丈三上下不与丐丑且世丘丙业东丝两严丧个中"
            for b in "哪"
            if _valid((a + b).encode("gbk"))
        ),
        None,
    )
    assert decode(data).text == text
    assert disguised is None or decode(disguised.encode("gbk")).text == disguised


def _valid(data: bytes) -> bool:
    try:
        return not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("text", ["Montréal,Zürich\n", "café\n", "naïve – façade…\n", "Québec’s\n"])
def test_western_utf8_stays_western(text: str) -> None:
    assert decode(text.encode()).text == text


def test_lines_of_two_systems_are_decoded_each() -> None:
    data = "编号,地址\n".encode() + "1,团结街\n".encode("gbk") + "2,新达街道\n".encode()
    decoded = decode(data)
    assert decoded.text == "编号,地址\n1,团结街\n2,新达街道\n"
    assert (decoded.encoding, decoded.broken_lines) == ("mixed", 0)


def test_bytes_of_no_encoding_are_counted_not_raised() -> None:
    decoded = decode("编号\n团结".encode("gbk") + b"\xff\n")
    assert decoded.broken_lines == 1
    assert decoded.text.startswith("编号\n团结")


def test_binary_is_no_text() -> None:
    with pytest.raises(FileFormatError):
        decode(bytes(range(1, 32)) * 20)


def test_cells_of_a_dbf_may_differ() -> None:
    cells = ["富强社区".encode("gbk"), "新达".encode(), b"plain", "街道".encode("gbk") + b"\xb0"]
    assert decode_cells(cells) == (["富强社区", "新达", "plain", "街道"], "mixed")


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=6, max_size=40))
def test_long_chinese_comes_back_from_gbk(text: str) -> None:
    assert decode(text.encode("gb18030")).text == text


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_format_error(data: bytes) -> None:
    try:
        assert "\x00" not in decode(data).text
    except FileFormatError as error:
        assert error.zh  # noqa: PT017
