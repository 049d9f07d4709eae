"""Plain tables in the reading process: CSV in any separator and encoding, Excel workbooks. All cells become text.

It finds the header row (titles above it are common), keeps the numbering of rows that a spreadsheet shows, and never guesses types:
a code that looks like a number stays as it is written.
"""

import csv
import io
import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from gis.errors import FileFormatError
from gis.layers._child import DAMAGED, ROW, Handed
from gis.layers.encoding import decode
from gis.layers.fields import known_headers
from gis.layers.options import Limits
from gis.layers.sniff import Sniffed

Bad = tuple[int, str, str, str, str]

_SEPARATORS = ",\t;|"
_HEAD_RECORDS = 20
_BLOCK = 64 << 20
_EXACT = 10**15
_FORMULA = re.compile(r'^="(.*)"$')
_RESTARTS = 50


def read_csv(found: Sniffed, limits: Limits, work: Path) -> Handed:  # noqa: ARG001
    """Rows of a separated text file."""
    decoded = decode(found.path.read_bytes())
    text = decoded.text
    skipped = 0
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
        skipped = 1
    separator = _separator(text)
    head = _first_records(text, separator)
    if not head:
        raise FileFormatError(zh="文件里没有内容。", en="The file holds no records.")
    at = header_row(head)
    names = unique_headers(head[at])
    table, numbers, bad = _parse(text.encode("utf-8"), separator, len(names))
    keep = pc.greater(numbers, at + 1)
    table = table.filter(keep)
    numbers = pc.add(numbers.filter(keep), skipped)
    notes = []
    if decoded.broken_lines:
        notes.append(
            (
                f"{decoded.broken_lines:,} 行含有无法解码的字节。",
                f"{decoded.broken_lines:,} lines hold bytes of no encoding.",
            )
        )
    bad = [(row + skipped, *rest) for row, *rest in bad if row > at + 1]  # type: ignore[misc]
    return _handed(names, table, numbers, encoding=decoded.encoding, notes=notes, bad=bad)


def read_workbook(found: Sniffed, limits: Limits, work: Path) -> Handed:  # noqa: ARG001
    """Rows of the sheet of a workbook that has the most known headers."""
    try:
        book = CalamineWorkbook.from_path(str(found.path))
        shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible] or book.sheet_names
        sheets = [(name, _rows_of(book.get_sheet_by_name(name), limits)) for name in shown]
    except (CalamineError, ValueError, OSError) as error:
        raise FileFormatError(
            zh="工作簿损坏、加密或不是 Excel。", en="The workbook is damaged, encrypted or not Excel."
        ) from error
    filled = [
        (name, rows) for name, rows in sheets if any(any(cell != "" for cell in row) for row in rows[:_HEAD_RECORDS])
    ]
    if not filled:
        raise FileFormatError(zh="工作簿里没有内容。", en="The workbook is empty.")
    ranked = sorted(filled, key=lambda sheet: -_known(sheet[1]))
    name, rows = ranked[0]
    notes = []
    if len(ranked) > 1:
        others = ", ".join(other for other, _ in ranked[1:])
        notes.append((f"读取工作表“{name}”;未读:{others}。", f"Sheet '{name}' was read; not read: {others}."))
    return _from_cells(rows, notes)


def _rows_of(sheet: CalamineSheet, limits: Limits) -> list[list[object]]:
    if sheet.height > limits.rows or sheet.width > limits.columns:
        raise FileFormatError(
            zh=f"工作表有 {sheet.height:,} 行、{sheet.width:,} 列,超过上限。",
            en=f"The sheet has {sheet.height:,} rows and {sheet.width:,} columns, beyond the limit.",
        )
    rows: list[list[object]] = sheet.to_python(skip_empty_area=False)
    return rows


def _known(rows: list[list[object]]) -> int:
    return max((known_headers(_text(cell) for cell in row) for row in rows[:_HEAD_RECORDS]), default=0)


def _from_cells(rows: list[list[object]], notes: list[tuple[str, str]]) -> Handed:
    at = header_row([[_text(cell) for cell in row] for row in rows[:_HEAD_RECORDS]])
    width = len(rows[at])
    names = unique_headers([_text(cell) for cell in rows[at]])
    body = rows[at + 1 :]
    columns: dict[str, pa.Array] = {}
    for i in range(width):
        cells = [row[i] for row in body]
        columns[f"c{i}"] = pa.array([_text(cell) for cell in cells], pa.string())
        rounded = [isinstance(cell, (int, float)) and abs(cell) >= _EXACT for cell in cells]
        if any(rounded):
            columns[f"{DAMAGED}c{i}"] = pa.array(rounded, pa.bool_())
    numbers = pa.array(range(at + 2, at + 2 + len(body)), pa.int64())
    return _handed(names, pa.table(columns), numbers, encoding="", notes=notes, bad=[])


def _text(cell: object) -> str:
    """A cell as text: whole numbers without a fraction, times in ISO, missing empty."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return str(cell)
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return str(cell) if cell is not None else ""


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Position of the header among the first rows: the one with the most known headers, else the first that is filled."""
    scores = [known_headers(row) for row in rows]
    best = max(scores)
    if best >= 2:
        return scores.index(best)
    return next((i for i, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)


def unique_headers(cells: Sequence[str]) -> list[str]:
    """Headers without blanks around them, each once; an unnamed column gets its number."""
    seen: dict[str, int] = {}
    names = []
    for i, cell in enumerate(cells, start=1):
        name = " ".join(_FORMULA.sub(r"\1", cell.strip()).split()) or f"列{i}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}({seen[name]})")
    return names


def _separator(text: str) -> str:
    """The separator that splits the first lines into the most columns of the same number."""
    lines = [line for line in text[:65536].splitlines()[:_HEAD_RECORDS] if line.strip()]

    def score(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        common = max(set(counts), key=counts.count, default=0)
        return (counts.count(common) if common else 0, common)

    return max(_SEPARATORS, key=score) if lines else ","


def _first_records(text: str, separator: str) -> list[list[str]]:
    records = []
    reader = csv.reader(io.StringIO(text[: 1 << 18]), delimiter=separator)
    try:
        for record in reader:
            records.append(record)
            if len(records) == _HEAD_RECORDS:
                break
    except csv.Error:
        pass  # a field beyond csv's limit: what was read before it decides
    return records


def _parse(data: bytes, separator: str, width: int) -> tuple[pa.Table, pa.Array, list[Bad]]:
    """All records with their numbers (1 is the first of the file), and the ragged ones.

    A quote that nobody closes swallows the lines after it. Such a record is refused by its first line only, and reading starts again
    on the line after.
    """
    tables: list[pa.Table] = []
    numbers: list[pa.Array] = []
    bad: list[Bad] = []
    start = offset = 0
    for restart in range(_RESTARTS + 1):
        table, ragged = _records(data[start:], separator, width)
        swallowed = (
            next((i for i, (_, _, text) in enumerate(ragged) if "\n" in text), None) if restart < _RESTARTS else None
        )
        at = data.find(ragged[swallowed][2].encode("utf-8"), start) if swallowed is not None else -1
        stop = swallowed if swallowed is not None and at >= 0 else None
        taken = ragged if stop is None else ragged[:stop]
        kept = table.num_rows if stop is None else ragged[stop][0] - 1 - stop
        tables.append(table.slice(0, kept))
        numbers.append(_numbering(kept, [number for number, _, _ in taken], offset))
        for number, actual, text in taken:
            bad += _refused_lines(offset + number, width, actual, text, separator)
        if stop is None:
            break
        number, actual, text = ragged[stop]
        first = text.partition("\n")[0]
        bad += _refused_lines(offset + number, width, actual, first, separator)
        start = at + len(first.encode("utf-8")) + 1
        offset += number
    return pa.concat_tables(tables), pa.concat_arrays(numbers), bad


def _refused_lines(row: int, width: int, actual: int, text: str, separator: str) -> list[Bad]:
    """One refusal for each line of a record that is not blank."""
    return [
        _ragged(row + i, width, actual, line)
        for i, line in enumerate(text.split("\n"))
        if line.strip(f"{separator} \t\r")
    ]


def _ragged(row: int, width: int, actual: int, text: str) -> Bad:
    zh = f"应有 {width} 列,实有 {actual} 列(多余的分隔符或引号?)"
    return row, "ragged_row", zh, f"{actual} columns where {width} are due (a stray separator or quote?)", text[:200]


def _records(data: bytes, separator: str, width: int) -> tuple[pa.Table, list[tuple[int, int, str]]]:
    names = [f"c{i}" for i in range(width)]
    ragged: list[tuple[int, int, str]] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        ragged.append((row.number, row.actual_columns, row.text))
        return "skip"

    options = {
        "read_options": arrow_csv.ReadOptions(
            use_threads=False, column_names=names, block_size=max(1024, min(len(data) + 1, _BLOCK))
        ),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    }
    quoted = arrow_csv.ParseOptions(
        delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=refuse
    )
    if width == 1:
        quoted = arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True, ignore_empty_lines=False)
    if not data.strip():
        return pa.table({name: pa.array([], pa.string()) for name in names}), []
    try:
        return arrow_csv.read_csv(io.BytesIO(data), parse_options=quoted, **options), ragged
    except pa.ArrowInvalid:
        # A quote left open over more than a block: quotes mean nothing in this file.
        ragged.clear()
        plain = arrow_csv.ParseOptions(
            delimiter=separator, quote_char=False, ignore_empty_lines=False, invalid_row_handler=refuse
        )
        return arrow_csv.read_csv(io.BytesIO(data), parse_options=plain, **options), ragged


def _numbering(kept: int, lost: list[int], offset: int) -> pa.Array:
    """Numbers of the kept records when some were skipped."""
    everything = range(offset + 1, offset + 1 + kept + len(lost))
    if not lost:
        return pa.array(everything, pa.int64())
    gone = {offset + number for number in lost}
    return pa.array([number for number in everything if number not in gone], pa.int64())


def _handed(
    names: list[str],
    table: pa.Table,
    numbers: pa.Array,
    *,
    encoding: str,
    notes: list[tuple[str, str]],
    bad: list[Bad],
) -> Handed:
    """Cells trimmed, spreadsheet guards (``="001"``) taken off, empty rows left out."""
    columns = {}
    filled = None
    for name in table.column_names:
        column = table[name]
        if name.startswith("c"):
            column = _tidy(column)
            some = pc.not_equal(column, "")
            filled = some if filled is None else pc.or_(filled, some)
        columns[name] = column
    columns[ROW] = numbers
    full = pa.table(columns)
    return Handed(names, full.filter(filled) if filled is not None else full, encoding=encoding, notes=notes, bad=bad)


def _tidy(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    if pc.any(pc.starts_with(trimmed, '="')).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r'^="(.*)"$', r"\1")
    if pc.any(pc.starts_with(trimmed, "'")).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r"^'([\d=+@-].*)$", r"\1")
    return trimmed
