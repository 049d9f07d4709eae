"""Bytes to text for files that never say how they are written: BOM, strict UTF-8, then GB18030.

Statistical detectors fail on exactly our files (a Chinese header over numbers only: charset-normalizer right in 24 of 72,
this rule in 72 of 72), so nothing is guessed from frequencies. The whole file decides, never a sample cut from it.
"""

import codecs
import re
from dataclasses import dataclass

from gis.errors import FileFormatError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e\u3000-\u303f]")
_HANZI = re.compile("[\u4e00-\u9fff]")
_BEYOND_ASCII = re.compile("[\u0080-\uffff]+")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_WESTERN = re.compile("[\u00a0-\u017f\u2010-\u2044\u20ac\u2122\u2212]+")


@dataclass(frozen=True)
class Decoded:
    """Text, the encoding that gave it, and how many lines hold bytes of no encoding."""

    text: str
    encoding: str
    broken_lines: int = 0


def decode(data: bytes) -> Decoded:
    """The text of a file.

    Notes
    -----
    UTF-8 that reads without one CJK character is taken for GB18030 if it looks neither western nor ASCII: two hanzi in GBK are
    valid UTF-8 in 1.9 % of pairs. A file of mixed lines (several systems pasted together) is decoded line by line.

    Raises
    ------
    FileFormatError
        The bytes are not text.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _clean(Decoded(data.decode(name, errors="replace"), "utf-8" if name == "utf-8-sig" else name))
    wide = _wide_encoding(data)
    if wide:
        return _clean(Decoded(data.decode(wide, errors="replace"), wide))
    utf8 = _strictly(data, "utf-8")
    if utf8 is not None and not _is_disguised(utf8):
        return _clean(Decoded(utf8, "utf-8"))
    chinese = _strictly(data, "gb18030")
    if chinese is not None and not (utf8 is None and _is_mixed(data)):
        return _clean(Decoded(chinese, "gb18030"))
    return _clean(_line_by_line(data) if utf8 is None else Decoded(utf8, "utf-8"))


def decode_cells(cells: list[bytes]) -> tuple[list[str], str]:
    """Texts of a column or table whose cells may differ in encoding (DBF files written by two systems).

    Returns
    -------
    texts, encoding
        ``encoding`` is ``utf-8``, ``gb18030``, or ``mixed`` when no single one fits all cells.
    """
    whole = b"\n".join(cells)
    if _strictly(whole, "utf-8") is not None and not _is_disguised(whole.decode("utf-8")):
        return [cell.decode("utf-8") for cell in cells], "utf-8"
    if _strictly(whole, "gb18030") is not None and _strictly(whole, "utf-8") is not None:
        return [cell.decode("gb18030") for cell in cells], "gb18030"
    texts = []
    seen = set()
    for cell in cells:
        text = _utf8_cell(cell)
        name = "gb18030" if text is None else "utf-8"
        # A DBF cell or name cut in the middle of a character keeps what is whole.
        texts.append(cell.decode("gb18030", errors="ignore") if text is None else text)
        if not cell.isascii():
            seen.add(name)
    return texts, seen.pop() if len(seen) == 1 else "mixed"


def _utf8_cell(cell: bytes) -> str | None:
    """A cell as UTF-8, its last character perhaps cut; None if it is not that."""
    whole = _strictly(cell, "utf-8")
    if whole is not None:
        return None if _is_disguised(whole) else whole
    for cut in (1, 2):
        text = _strictly(cell[:-cut], "utf-8")
        if text is not None and cell[-cut] >= 0xE0 and len(_HANZI.findall(text)) >= 2:
            return text
    return None


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _wide_encoding(data: bytes) -> str:
    """UTF-16 without a BOM, told by its zero bytes; empty when the zeros are not that."""
    head = data[:4096]
    if head.count(0) < max(2, len(head) // 8):
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return "utf-16-le" if odd > 4 * even else "utf-16-be" if even > 4 * odd else ""


def _is_disguised(text: str) -> bool:
    """Whether valid UTF-8 is more likely GB18030: no CJK in it, and not letters of western words either."""
    if text.isascii() or _CJK.search(text):
        return False
    runs = list(_BEYOND_ASCII.finditer(text[: 1 << 20]))
    western = sum(
        1
        for run in runs
        if _WESTERN.fullmatch(run.group())
        and (text[max(0, run.start() - 1) : run.start()].isascii() and len(run.group()) <= 2)
        and _touches_word(text, run)
    )
    return western * 2 < len(runs)


def _is_mixed(data: bytes) -> bool:
    """Whether some lines of a file that reads as GB18030 are plainly UTF-8: its header, or more than one line in a hundred.

    Looked at in the header and up to 5,000 lines all over the file. UTF-8 of an even number of bytes often reads as GB18030 too,
    while three or more hanzi of GBK read as two or more of UTF-8 by accident only once in thousands of lines.
    """
    lines = data.split(b"\n")
    header, rest = lines[0], lines[1 :: max(1, len(lines) // 5000)]
    beyond = [line for line in rest if not line.isascii()]
    plain = sum(_is_plainly_utf8(line) for line in beyond)
    return _is_plainly_utf8(header) or plain * 100 > len(beyond)


def _is_plainly_utf8(line: bytes) -> bool:
    text = _strictly(line, "utf-8")
    return text is not None and len(_HANZI.findall(text)) >= 2


def _touches_word(text: str, run: re.Match[str]) -> bool:
    return text[run.start() - 1 : run.start()].isalnum() or text[run.end() : run.end() + 1].isalnum()


def _line_by_line(data: bytes) -> Decoded:
    lines = []
    broken = 0
    for line in data.split(b"\n"):
        text = _strictly(line, "utf-8")
        if text is None:
            text = _strictly(line, "gb18030")
        if text is None:
            text = line.decode("gb18030", errors="replace")
            broken += 1
        lines.append(text)
    return Decoded("\n".join(lines), "mixed", broken)


def _clean(decoded: Decoded) -> Decoded:
    text = decoded.text
    head = text[:65536]
    if len(_CONTROL.findall(head)) + head.count("\x00") > max(2, len(head) // 100):
        raise FileFormatError(
            zh="文件不是文本,也不是可识别的格式。", en="The file is neither text nor of a known format."
        )
    return Decoded(text.replace("\x00", ""), decoded.encoding, decoded.broken_lines)
