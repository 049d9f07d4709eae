"""12345 work orders from a file: number, time, category, words and place, without the people who called.

Columns of people are dropped, personal text in the others is masked by the guard that every import passes. A row without coordinates
counts where it names a grid, a community or a street that is known; no address is guessed at.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from gis.layers import codelists
from gis.layers._datum import place_points
from gis.layers._points import categories_of, occurred_of
from gis.layers._process import read_raw
from gis.layers._rejects import BoolArray, Rejects
from gis.layers._sheet import ObjectArray, Sheet
from gis.layers.fields import map_headers, missing_column
from gis.layers.options import ReadOptions
from gis.layers.persons import guard
from gis.layers.report import DatumChoice, ImportReport, LayerResult

KIND = "workorders"

UNKNOWN = "S99"
"""The category of our list for a category that no list knows; the words of the file are kept beside it."""

COLUMNS = ("row", "number", "occurred_at", "category", "category_told", "text", "address", "area", "lon", "lat")
"""Columns of the table of orders. ``area`` is a code, empty where coordinates tell the place; ``lon``, ``lat`` are NaN otherwise."""

_DECLARED = ("grid_code", "grid_name", "community_code", "community", "street_code", "street")
_NO_DATUM = DatumChoice("", why_zh="文件没有坐标", why_en="the file has no coordinates")


def read_work_orders(path: Path | str, *, areas: Mapping[str, str], options: ReadOptions | None = None) -> LayerResult:
    """Work orders of a file as a table, with the rows that cannot be used.

    Parameters
    ----------
    path
        CSV, TSV, XLSX or XLS; told by content.
    areas
        Names and codes of grids, communities and streets to their code; a name that two areas share must not be in it.

    Returns
    -------
    result
        ``frame`` with ``COLUMNS``: the category in our list, times in UTC, coordinates in WGS-84.

    Raises
    ------
    FileFormatError, HostileFileError
        The file as a whole is not read.
    ColumnError
        It has no column of numbers, times or categories.
    CrsError
        The datum of its coordinates cannot be told.
    """
    chosen = options or ReadOptions()
    path = Path(path)
    raw = read_raw(path, chosen.limits, KIND)
    heads = map_headers(raw.headers, KIND, chosen.mapping)
    guarded = guard(raw.columns, heads)
    rejects = Rejects(np.asarray(raw.rows, dtype=np.int64))
    rejects.add_ragged(raw.bad)
    sheet = Sheet(raw, guarded.columns, heads, chosen, rejects, warnings=list(raw.notes))
    frame, datum = _orders(sheet, areas)
    report = ImportReport(
        file=path.name,
        kind=KIND,
        format=raw.format,
        encoding=raw.encoding,
        rows_in=sheet.n + len(raw.bad),
        rows_ok=len(frame),
        rows_rejected=int(rejects.bad.sum()) + len(raw.bad),
        datum=datum,
        mapped={name: header for name, header in heads.fields.items() if header in guarded.columns},
        dropped_personal=guarded.dropped,
        masked=guarded.masked,
        ignored=[header for header in heads.ignored if header in guarded.columns],
        fixes=sheet.fixes,
        warnings=sheet.warnings,
    )
    return LayerResult(frame, rejects.frame(), report)


def _orders(sheet: Sheet, areas: Mapping[str, str]) -> tuple[pd.DataFrame, DatumChoice]:
    number = _numbers(sheet)
    when = occurred_of(sheet)
    scheme, category = categories_of(sheet)
    ours, told = _in_our_list(scheme, category)
    lon, lat, area, datum = _places(sheet, areas)
    frame = pd.DataFrame(
        {
            "row": np.asarray(sheet.rejects.rows),
            "number": number,
            "occurred_at": pd.DatetimeIndex(when.start).tz_localize("UTC"),
            "category": ours,
            "category_told": told,
            "text": _words(sheet),
            "address": sheet.series("address").to_numpy(),
            "area": area,
            "lon": lon,
            "lat": lat,
        }
    )
    return frame[~sheet.rejects.bad].reset_index(drop=True), datum


def _numbers(sheet: Sheet) -> ObjectArray:
    """The number of each order; rows without one, and those that repeat one, are refused."""
    if not sheet.has("id"):
        raise missing_column("工单号", "the number of the work order", "id", sheet.raw.headers)
    texts = np.array([text.strip() for text in sheet.sound_codes("id").to_pylist()], dtype=object)
    missing = texts == ""
    sheet.rejects.add(missing, "order_missing", "id")
    again = pd.Series(texts).duplicated().to_numpy() & ~missing
    sheet.rejects.add(again, "order_again", "id", sheet.column("id"))
    return texts


def _words(sheet: Sheet) -> ObjectArray:
    """What the order says: its title and its text, the title once where the text begins with it."""
    pairs = zip(sheet.series("title"), sheet.series("text"), strict=True)
    return np.array(
        [text if text.startswith(title) else f"{title}\n{text}".strip() for title, text in pairs], dtype=object
    )


def _in_our_list(scheme: ObjectArray, category: ObjectArray) -> tuple[ObjectArray, ObjectArray]:
    """Each category in our list, and the words of the file where no list has them."""
    ours = np.full(len(category), UNKNOWN, dtype=object)
    told = np.full(len(category), "", dtype=object)
    for at, (name, code) in enumerate(zip(scheme, category, strict=True)):
        entry = codelists.in_scheme(name, code) if name else None
        if entry is not None:
            ours[at] = entry.wangge
        else:
            told[at] = code
    return ours, told


def _places(sheet: Sheet, areas: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray, ObjectArray, DatumChoice]:
    """Coordinates where a row has them, else the area that it names; rows with neither are refused."""
    lon, lat = np.full(sheet.n, np.nan), np.full(sheet.n, np.nan)
    datum = _NO_DATUM
    bad: BoolArray = np.ones(sheet.n, dtype=bool)
    if sheet.has("lonlat") or (sheet.has("lon") and sheet.has("lat")):
        # Refusals of coordinates are collected apart: a row without them may still name its grid.
        apart = replace(sheet, rejects=Rejects(sheet.rejects.rows))
        placed = place_points(apart)
        bad, datum = apart.rejects.bad, placed.choice
        lon[~bad], lat[~bad] = placed.lon[~bad], placed.lat[~bad]
    named = _named(sheet, areas)
    sheet.rejects.add(bad & (named == ""), "place_missing", "lon")
    by_area = bad & (named != "")
    if by_area.any():
        sheet.fixes["placed_by_area"] = int(by_area.sum())
    return lon, lat, np.where(by_area, named, "").astype(object), datum


def _named(sheet: Sheet, areas: Mapping[str, str]) -> ObjectArray:
    """The code of the finest area that each row names; empty where none of its names is known."""
    found = np.full(sheet.n, "", dtype=object)
    for name in _DECLARED:
        if not sheet.has(name):
            continue
        texts = sheet.sound_codes(name).to_pylist() if name.endswith("_code") else sheet.texts(name)
        codes = np.array([areas.get(str(text).strip(), "") for text in texts], dtype=object)
        found = np.where(found == "", codes, found)
    return found.astype(object)
