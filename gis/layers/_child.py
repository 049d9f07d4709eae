"""The reading process: opens one untrusted file under limits and hands back a plain table of texts.

Run as ``python -m gis.layers._child FOLDER``; the folder holds ``request.json`` and receives ``table.arrow`` with ``meta.json``, or
``error.json``. GDAL lives only here, its environment is set before it is imported, and it sees only the formats we allow.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa

from gis.errors import FileFormatError, WanggeError
from gis.layers.options import Limits
from gis.layers.sniff import Sniffed, sniff

GEOMETRY = "geometry"
ROW = "row"
DAMAGED = "damaged_"


@dataclass
class Handed:
    """What a reader hands to the parent.

    Parameters
    ----------
    headers
        The file's headers; column ``c0`` of the table has the first, and so on.
    table
        Text columns ``c0`` ..., ``row`` (row numbers for people), and perhaps ``geometry`` (WKB) and ``damaged_c0`` (booleans).
    bad
        Rows that are no rows: number, reason code, Chinese, English, text.
    """

    headers: list[str]
    table: pa.Table
    encoding: str = ""
    crs: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    bad: list[tuple[int, str, str, str, str]] = field(default_factory=list)


def main(folder: str) -> int:
    """Read what ``request.json`` asks for."""
    work = Path(folder)
    try:
        request = json.loads((work / "request.json").read_text(encoding="utf-8"))
        limits = Limits(**request["limits"])
        _confine(limits)
        found = sniff(Path(request["path"]), work, limits)
        handed = _reader(found.format, request["kind"])(found, limits, work)
        _check_size(handed, limits)
        _write(handed, found, work)
    except WanggeError as error:
        _write_error(work, error)
    except MemoryError:
        _write_error(work, _too_large())
    except pa.ArrowMemoryError:
        _write_error(work, _too_large())
    return 0


def _confine(limits: Limits) -> None:
    """Bound this process by the kernel; done here and not in the parent, whose threads forbid code between fork and exec."""
    for name, bound in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.unpacked_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
    ):
        _, hard = resource.getrlimit(name)
        value = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(name, (value, value))


def _reader(file_format: str, kind: str) -> Callable[[Sniffed, Limits, Path], Handed]:
    # Imported on need: a CSV must not wait for GDAL.
    if file_format in ("CSV", "XLSX", "XLS"):
        from gis.layers import _tables

        return {"CSV": _tables.read_csv, "XLSX": _tables.read_workbook, "XLS": _tables.read_workbook}[file_format]
    if file_format in ("OSM XML", "OSM PBF"):
        from gis.layers import _osm

        return partial(_osm.read_osm, kind=kind)
    if file_format == "GraphML":
        from gis.layers import _graphml

        return _graphml.read_graphml
    from gis.layers import _shapes

    return _shapes.read_parquet if file_format == "GeoParquet" else _shapes.read_gdal


def _check_size(handed: Handed, limits: Limits) -> None:
    if handed.table.num_rows > limits.rows or len(handed.headers) > limits.columns:
        raise FileFormatError(
            zh=f"文件有 {handed.table.num_rows:,} 行、{len(handed.headers):,} 列,超过上限。",
            en=f"The file has {handed.table.num_rows:,} rows and {len(handed.headers):,} columns, beyond the limit.",
        )


def _write(handed: Handed, found: Sniffed, work: Path) -> None:
    with pa.OSFile(str(work / "table.arrow"), "wb") as sink, pa.ipc.new_file(sink, handed.table.schema) as writer:
        writer.write_table(handed.table)
    meta = {
        "format": found.format,
        "headers": handed.headers,
        "encoding": handed.encoding,
        "crs": handed.crs,
        "notes": handed.notes,
        "bad": handed.bad,
    }
    (work / "meta.json").write_text(json.dumps(meta, ensure_ascii=True), encoding="utf-8")


def _write_error(work: Path, error: WanggeError) -> None:
    content = {"class": type(error).__name__, "zh": error.zh, "en": error.en}
    (work / "error.json").write_text(json.dumps(content), encoding="utf-8")


def _too_large() -> FileFormatError:
    return FileFormatError(zh="文件太大,超过读取内存上限。", en="The file is too large for the reader's memory limit.")


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    # Readers keep native threads; leaving without their teardown is quicker and cannot hang.
    os._exit(code)
