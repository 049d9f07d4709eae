"""The one door for files: any format, encoding, header, datum and time in; a table, its refusals and a report out.

Good rows always go in, bad ones come back with their row number and every reason. It never stores anything.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from gis import crs
from gis.errors import InputError
from gis.layers._areas import build_shapes
from gis.layers._points import build_points
from gis.layers._process import read_raw
from gis.layers._rejects import Rejects
from gis.layers._sheet import Sheet
from gis.layers.codelists import parse_scheme
from gis.layers.fields import map_headers
from gis.layers.options import ReadOptions
from gis.layers.persons import guard
from gis.layers.report import ImportReport, LayerResult
from gis.schemas import LAYERS, POINT_LAYERS

Progress = Callable[[str, int, int], None]

_STEPS = 4


def read_layer(
    path: Path | str, kind: str, *, options: ReadOptions | None = None, progress: Progress | None = None
) -> LayerResult:
    """A file as a table of ``gis.schemas``.

    Parameters
    ----------
    path
        CSV or TSV, XLSX, XLS, GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ, GeoParquet, OSM XML or PBF, GraphML; also packed
        by gzip or bzip2. Told by content.
    kind
        One of ``gis.schemas.LAYERS``.
    progress
        Called with the step's name, steps done and steps in all.

    Returns
    -------
    result
        The table (join columns empty), the refused rows, and the report. Row numbers are those a spreadsheet shows: the header
        is a row, so the first data row under a header in row 1 is 2. Files without rows count features from 1.

    Raises
    ------
    FileFormatError, HostileFileError
        The file as a whole is not read.
    ColumnError
        A column that the layer cannot do without is missing; the message lists the headers.
    CrsError
        The datum is unknown, refused, or cannot be told.
    """
    chosen = options or ReadOptions()
    _check(kind, chosen)
    tell = progress or (lambda _name, _done, _all: None)
    path = Path(path)
    tell("read", 0, _STEPS)
    raw = read_raw(path, chosen.limits, kind)
    tell("guard", 1, _STEPS)
    heads = map_headers(raw.headers, kind, chosen.mapping)
    guarded = guard(raw.columns, heads)
    rejects = Rejects(np.asarray(raw.rows, dtype=np.int64))
    rejects.add_ragged(raw.bad)
    sheet = Sheet(raw, guarded.columns, heads, chosen, rejects, warnings=list(raw.notes))
    tell("build", 2, _STEPS)
    build = build_points if kind in POINT_LAYERS else build_shapes
    frame, datum = build(sheet, kind)
    tell("report", 3, _STEPS)
    refused = rejects.frame()
    mapped = {name: header for name, header in heads.fields.items() if header in guarded.columns}
    report = ImportReport(
        file=path.name,
        kind=kind,
        format=raw.format,
        encoding=raw.encoding,
        rows_in=sheet.n + len(raw.bad),
        rows_ok=int((~rejects.bad).sum()) - sheet.fixes.get("duplicate_rows", 0) - sheet.fixes.get("parts_joined", 0),
        rows_rejected=int(rejects.bad.sum()) + len(raw.bad),
        datum=datum,
        mapped=mapped,
        dropped_personal=guarded.dropped,
        masked=guarded.masked,
        ignored=[header for header in heads.ignored if header in guarded.columns],
        fixes=sheet.fixes,
        warnings=sheet.warnings,
    )
    tell("done", _STEPS, _STEPS)
    return LayerResult(frame, refused, report)


def _check(kind: str, options: ReadOptions) -> None:
    """Settings that are wrong for any file are refused before one is opened."""
    if kind not in LAYERS:
        raise InputError(
            zh=f"没有图层“{kind}”;可用:{', '.join(LAYERS)}。", en=f"No layer '{kind}'; there are {', '.join(LAYERS)}."
        )
    if options.datum != "auto":
        crs.parse_datum(options.datum)
    parse_scheme(options.scheme)
