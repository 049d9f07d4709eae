"""The board of figures for programs and as files. A route parses, calls one function, and renders."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify

from gis.divisions import is_within
from gis.errors import FilterError, ScopeError
from gis.exports.files import FORMATS, export_filename
from gis.exports.tables import write_csv, write_xlsx
from webmap.api import asking
from webmap.auth import gate
from webmap.cases.board import BoardQuestion, board, usual
from webmap.cases.board_file import board_rows
from webmap.filters import parse_day
from webmap.store import Viewer

api = Blueprint("board", __name__)

FILES = ("csv", "xlsx")


@api.get("/api/events/board")
def figures() -> Response:
    """The figures of a period, as a whole and by ``by``; small counts are withheld from those who see aggregates alone."""
    return asking.cached(
        lambda: jsonify(_told()), parts=[asking.services().clock().strftime("%Y-%m-%dT%H:%M"), _sees_cases()]
    )


@api.get("/export/board.<file_format>")
def file(file_format: str) -> Response:
    """The same as CSV or Excel.

    Raises
    ------
    FilterError
        Another format.
    ScopeError
        The account may not take files away.
    """
    if file_format not in FILES:
        raise FilterError(zh="格式只能是 csv 或 xlsx。", en="The format is csv or xlsx.")
    if "export" not in gate.account().actions:
        raise ScopeError(zh="您没有导出权限。", en="You may not take files away.")
    lang, told = asking.lang(), _told()
    table, titles = board_rows(told, lang)
    suffix, mimetype = FORMATS[file_format]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"board{suffix}"
        if file_format == "csv":
            write_csv(table, path, titles=titles)
        else:
            sheet, notes = ("指标", "说明") if lang == "zh" else ("figures", "notes")
            write_xlsx(table, path, titles=titles, sheet=sheet, notes=_notes(told, lang), notes_sheet=notes)
        data = path.read_bytes()
    asking.note_export("board", file_format)
    response = Response(data, mimetype=mimetype)
    period = f"{told['period']['from']}-{told['period']['to']}"
    response.headers.set(
        "Content-Disposition",
        "attachment",
        filename=export_filename("board", file_format, datum="", lang=lang, period=period),
    )
    return response


def _told() -> dict[str, Any]:
    services = asking.services()
    first, last = usual(services.today())
    asked = BoardQuestion(
        parse_day(asking.text("from")) if asking.text("from") else first,
        parse_day(asking.text("to")) if asking.text("to") else last,
        by=asking.text("by") or "tier",
        **{name: asking.text(name) for name in ("area", "category", "source", "unit", "tier")},
    )
    return board(services, asked, viewer=asking.viewer(), sees_cases=_sees_cases())


def _sees_cases() -> bool:
    """Whether the account may see the cases themselves wherever it sees their figures."""
    mine, asked = gate.account(), asking.viewer()
    if "see_events" not in mine.actions:
        return False
    seen: Viewer = mine.viewer("see_events")
    if seen.is_unlimited:
        return True
    return not asked.is_unlimited and all(any(is_within(code, area) for area in seen.areas) for code in asked.areas)


def _notes(told: dict[str, Any], lang: str) -> list[tuple[str, str]]:
    zh = lang == "zh"
    period = told["period"]
    notes = [
        ("时段" if zh else "period", f"{period['from']} - {period['to']}"),
        ("统计时刻" if zh else "as of", period["as_of"]),
        ("分组" if zh else "by", told["by"]),
    ]
    if "withheld_below" in told["scope"]:
        k = told["scope"]["withheld_below"]
        notes.append(("空白" if zh else "blank", f"小于 {k} 的计数不显示" if zh else f"counts below {k} are withheld"))
    return notes
