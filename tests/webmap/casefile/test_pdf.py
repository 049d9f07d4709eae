"""The printed case file says what the archive says, in Chinese and English, names no account, and is the same each time."""

import dataclasses
import io
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from gis.errors import ConfigError
from webmap.casefile.contents import CaseContents
from webmap.casefile.pdf import as_pdf
from webmap.pdf_font import SONG

DIGEST = "ab" * 32


def text_of(made: bytes) -> str:
    document = pdfium.PdfDocument(io.BytesIO(made))
    pages = []
    for page in document:
        text = page.get_textpage()
        pages.append(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return "".join("\n".join(pages).split())


def test_it_says_what_the_archive_says(contents: CaseContents) -> None:
    made = as_pdf(contents, archive_sha256=DIGEST)
    assert made.startswith(b"%PDF-")
    assert SONG.encode() in made
    text = text_of(made)
    for words in (
        "乌达区案件档案",
        "路灯不亮,<b>快修</b>&=1+1□",
        "派遣",
        "核查通过",
        "=已修复",
        "照片已到期删除",
        "建设路",
        "已立案→已派遣",
        "网格员",
        "受理",
        DIGEST,
    ):
        assert words in text, words
    assert contents.head.replace(":", "") in text.replace(":", "")


def test_it_speaks_english_too_and_names_no_account(contents: CaseContents) -> None:
    text = text_of(as_pdf(contents, archive_sha256=DIGEST, lang="en"))
    assert "WudaCasefile" in text
    assert "dispatch" in text
    assert "worker" in text, "the role of whoever reported"
    assert "pipe" not in text


def test_the_same_contents_give_the_same_bytes(contents: CaseContents) -> None:
    assert as_pdf(contents, archive_sha256=DIGEST) == as_pdf(contents, archive_sha256=DIGEST)


def test_a_long_life_runs_over_pages_and_a_long_text_does_not_stop_it(contents: CaseContents) -> None:
    move = contents.case["history"][4] | dict.fromkeys(("reason", "reason_zh", "reason_en"), "很长的理由," * 300)
    event = contents.case["event"] | {"text": "很长的内容。\n" * 500, "lon": None}
    case = contents.case | {"history": contents.case["history"] + [move] * 60, "event": event}
    made = as_pdf(dataclasses.replace(contents, case=case), archive_sha256=DIGEST)
    document = pdfium.PdfDocument(io.BytesIO(made))
    assert len(document) > 8
    document.close()


def test_a_font_that_cannot_be_used_is_told(contents: CaseContents, tmp_path: Path) -> None:
    for content in (None, b"no font"):
        path = tmp_path / "font.ttf"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigError, match="font"):
            as_pdf(contents, archive_sha256=DIGEST, font=str(path))
