"""Starts the reading process for one file and takes its table back. Never opens the file itself.

A separate program rather than a fork: the service has threads, and GDAL must be imported after its environment is set.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

import gis
from gis import errors
from gis.errors import FileFormatError, WanggeError
from gis.layers.options import Limits

_ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "GeoJSON", "GeoJSONSeq", "GPKG", "LIBKML", "KML", "OSM"})
_SKIPPED = (
    "VRT,OGR_VRT,GTI,STACTA,STACIT,WMS,WMTS,WCS,HTTP,GDALG,CSV,GML,GPX,MEM,SQLite,ESRIJSON,TopoJSON,OGCAPI,OAPIF,WFS,"
    "CSW,EEDA,EEDAI,PLMosaic,PLSCENES,Carto,AmigoCloud,Elasticsearch,NGW,DAAS,PDF,DXF,ODS,XLSX,MapInfo File,"
    "OpenFileGDB,FlatGeobuf,GeoRSS,MVT,MBTiles,PMTiles,JSONFG,GTFS,GPSBabel,S57,DGN,PCIDSK,PDS4,VICAR,LVBAG,OGR_GMT,OGR_PDS,"
    "WAsP,VFK,PGDUMP,EDIGEO,Idrisi,SXF,Selafin,JML,VDV,MapML,MiraMonVector,ADBC,AVCBin,AVCE00,AIVector"
)
"""Drivers that GDAL shall not even load; the child checks that nothing but the allowed ones is left."""


@dataclass(frozen=True)
class RawTable:
    """A file as texts, before any field is known.

    Parameters
    ----------
    headers
        As the file writes them, made unique.
    columns
        One text array per header; missing is empty text.
    rows
        Row numbers for people, shape (n,).
    geometry
        WKB per row, or None for a plain table.
    damaged
        Header to a boolean array: numbers that a spreadsheet has rounded.
    bad
        Rows that are no rows: number, reason code, Chinese, English, text.
    """

    format: str
    encoding: str
    crs: str
    headers: list[str]
    columns: dict[str, pa.Array]
    rows: pa.Array
    geometry: pa.Array | None = None
    damaged: dict[str, pa.Array] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    bad: list[tuple[int, str, str, str, str]] = field(default_factory=list)


def read_raw(path: Path, limits: Limits, kind: str) -> RawTable:
    """The table in a file, read by a child process.

    Parameters
    ----------
    kind
        The layer it is read for; of an OSM file only that part is taken.

    Raises
    ------
    InputError
        The subclass that the child found, or ``FileFormatError`` when it died or ran out of time or memory.
    """
    if not path.is_file():
        raise FileFormatError(zh=f"找不到文件 {path}。", en=f"There is no file {path}.")
    with tempfile.TemporaryDirectory(prefix="wangge-read-") as folder:
        work = Path(folder)
        request = {"path": str(path.resolve()), "limits": asdict(limits), "kind": kind}
        (work / "request.json").write_text(json.dumps(request), encoding="utf-8")
        _run(work, path.name, limits)
        if (work / "error.json").exists():
            raise _error(json.loads((work / "error.json").read_text(encoding="utf-8")), path.name)
        meta = json.loads((work / "meta.json").read_text(encoding="utf-8"))
        # The mapping outlives the folder: pages stay until the arrays are gone.
        table = pa.ipc.open_file(pa.memory_map(str(work / "table.arrow"))).read_all()
    return _raw(table, meta)


def _run(work: Path, name: str, limits: Limits) -> None:
    command = [sys.executable, "-m", "gis.layers._child", str(work)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, env=_environment(work), cwd=work, capture_output=True, timeout=limits.wall_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FileFormatError(
            zh=f"读取 {name} 超过 {limits.wall_s:g} 秒,已停止。",
            en=f"Reading {name} took over {limits.wall_s:g} s and was stopped.",
        ) from error
    if not (work / "meta.json").exists() and not (work / "error.json").exists():
        raise FileFormatError(
            zh=f"读取 {name} 的进程中止(退出码 {done.returncode}):文件损坏,或超过内存、时间上限。",
            en=f"The process reading {name} ended with {done.returncode}: the file is damaged, or beyond the memory or time limit.",
        )


def _environment(work: Path) -> dict[str, str]:
    """A bare environment: no secrets of the service, no network for GDAL, drivers cut down."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "TZDIR") if name in os.environ}
    home = str(Path(gis.__file__).resolve().parent.parent)
    return kept | {
        "PYTHONPATH": home,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": str(work),
        "TMPDIR": str(work),
        "GDAL_SKIP": _SKIPPED,
        "WANGGE_GDAL_ALLOWED": ",".join(sorted(_ALLOWED_DRIVERS)),
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "CPL_TMPDIR": str(work),
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_NUM_THREADS": "1",
        "GDAL_PAM_ENABLED": "NO",
        "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "500",
        "SHAPE_RESTORE_SHX": "YES",
        "OMP_NUM_THREADS": "1",
        "ARROW_IO_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def _error(content: dict[str, str], name: str) -> WanggeError:
    known: Any = getattr(errors, content["class"], FileFormatError)
    raised: WanggeError = known(zh=f"{name}:{content['zh']}", en=f"{name}: {content['en']}")
    return raised


def _raw(table: pa.Table, meta: dict[str, Any]) -> RawTable:
    headers: list[str] = meta["headers"]
    columns = {header: _single(table[f"c{i}"]) for i, header in enumerate(headers)}
    damaged = {
        header: _single(table[f"damaged_c{i}"])
        for i, header in enumerate(headers)
        if f"damaged_c{i}" in table.column_names
    }
    return RawTable(
        format=meta["format"],
        encoding=meta["encoding"],
        crs=meta["crs"],
        headers=headers,
        columns=columns,
        rows=_single(table["row"]),
        geometry=_single(table["geometry"]) if "geometry" in table.column_names else None,
        damaged=damaged,
        notes=[(zh, en) for zh, en in meta["notes"]],
        bad=[(row, code, zh, en, text) for row, code, zh, en, text in meta["bad"]],
    )


def _single(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    # A column without rows comes back as a chunked array of no chunks.
    return (
        pa.concat_arrays(whole.chunks)
        if isinstance(whole, pa.ChunkedArray) and whole.num_chunks
        else (pa.array([], type=column.type) if isinstance(whole, pa.ChunkedArray) else whole)
    )
