"""CSV and Excel that open right and run nothing: BOM, text codes, formulas taken for the text they are.

It writes tables and never geometry beyond two coordinate columns or a WKT text.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection): a leading apostrophe where needed."""
    return "'" + text if text.startswith(_STARTS) else text


def plain(value: object) -> object:
    """A cell: text made safe, missing as empty, numbers as numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    return safe_text(value) if isinstance(value, str) else value


def write_csv(table: pd.DataFrame, path: Path, *, titles: Sequence[str]) -> None:
    """UTF-8 with BOM and CRLF, so that Excel reads Chinese; one row of titles."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([safe_text(title) for title in titles])
        for row in table.itertuples(index=False):
            writer.writerow([plain(value) for value in row])


def write_xlsx(
    table: pd.DataFrame,
    path: Path,
    *,
    titles: Sequence[str],
    sheet: str,
    notes: Sequence[tuple[str, str]],
    notes_sheet: str,
) -> None:
    """A sheet of data with frozen, filterable titles, and a sheet of notes: datum, period, columns and units.

    Text stays text, so that codes of 12, 15 and 20 digits keep every digit.
    """
    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True},
    )
    head = book.add_format({"bold": True, "bottom": 1})
    data = book.add_worksheet(sheet)
    data.freeze_panes(1, 0)
    data.write_row(0, 0, list(titles), head)
    for line, row in enumerate(table.itertuples(index=False), start=1):
        for place, value in enumerate(row):
            _write(data, line, place, plain(value))
    if len(table) and len(titles):
        data.autofilter(0, 0, len(table), len(titles) - 1)
    about = book.add_worksheet(notes_sheet)
    about.set_column(0, 0, 28)
    about.set_column(1, 1, 70)
    for line, pair in enumerate(notes):
        for place, text in enumerate(pair):
            about.write_string(line, place, text)
    book.close()


def _write(sheet: "xlsxwriter.worksheet.Worksheet", line: int, place: int, value: object) -> None:
    if isinstance(value, str):
        sheet.write_string(line, place, value)
    elif isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    else:
        sheet.write(line, place, value)
