"""Files with geometry in the reading process: GDAL for GeoJSON, GeoPackage, Shapefile, KML; Arrow for GeoParquet.

Attributes become text exactly as they are; geometry stays WKB. GDAL is imported here and nowhere else in the product's readers.
"""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gis.errors import FileFormatError, HostileFileError
from gis.layers._child import DAMAGED, GEOMETRY, ROW, Handed
from gis.layers._tables import unique_headers
from gis.layers.encoding import decode, decode_cells
from gis.layers.options import Limits
from gis.layers.sniff import Sniffed

_EXACT = 1e15
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_FORBIDDEN_XML = re.compile(r"<!DOCTYPE|<!ENTITY", re.IGNORECASE)


def read_gdal(found: Sniffed, limits: Limits, work: Path) -> Handed:  # noqa: ARG001
    """All layers of a file that GDAL reads, as one table."""
    source, encoding, extra = _prepare(found, work)
    import pyogrio

    check_drivers(set(pyogrio.list_drivers()))
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(source)]
        if found.format == "GeoPackage":
            layers = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None] or layers
        read = [read_layer_texts(pyogrio, source, name, extra) for name in layers]
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ValueError,
        RuntimeError,
        pa.ArrowException,
    ) as error:
        raise damaged_file(found.format) from error
    read = [(crs, table) for crs, table in read if table.num_rows] or read[:1]
    if not read:
        raise FileFormatError(zh="文件里没有图层。", en="The file holds no layer.")
    notes = []
    if found.format == "GeoPackage" and len(read) > 1:
        # Layers of a GeoPackage are different subjects; folders of a KML are one subject in parts.
        notes.append(
            (
                f"读取图层“{layers[0]}”,其余 {len(layers) - 1} 个图层未读。",
                f"Layer '{layers[0]}' was read, {len(layers) - 1} others were not.",
            )
        )
        read = read[:1]
    table = pa.concat_tables([part for _, part in read], promote_options="default")
    names = [name for name in table.column_names if name != GEOMETRY and not name.startswith(DAMAGED)]
    if found.format == "Shapefile":
        table, names, encoding = _decode_dbf(table, names)
    return as_handed(table, names, encoding=encoding, crs=read[0][0], notes=notes)


def read_parquet(found: Sniffed, limits: Limits, work: Path) -> Handed:  # noqa: ARG001
    """A GeoParquet file, or plain Parquet with coordinates in columns."""
    try:
        file = pq.ParquetFile(found.path)
        if file.metadata.num_rows > limits.rows:
            raise FileFormatError(zh="文件行数超过上限。", en="The file has more rows than the limit.")
        table = file.read()
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError(zh="Parquet 文件损坏。", en="The Parquet file is damaged.") from error
    primary = geo.get("primary_column", "")
    crs = ""
    if primary:
        about = geo.get("columns", {}).get(primary, {})
        if about.get("encoding") != "WKB" or primary not in table.column_names:
            raise FileFormatError(zh="GeoParquet 的几何不是 WKB 编码。", en="The GeoParquet geometry is not WKB.")
        crs = json.dumps(about["crs"]) if about.get("crs") else "OGC:CRS84"
    rest = _texts(table.drop_columns([primary]) if primary else table)
    names = [name for name in rest.column_names if not name.startswith(DAMAGED)]
    if primary:
        rest = rest.append_column(GEOMETRY, table[primary].cast(pa.binary()))
    return as_handed(rest, names, encoding="utf-8", crs=crs, notes=[])


def _prepare(found: Sniffed, work: Path) -> tuple[str, str, dict[str, Any]]:
    """A file inside the working folder that GDAL may open, its encoding, and open options."""
    if found.format in ("KML", "KMZ"):
        text = decode_declared(found.path.read_bytes())
        if _FORBIDDEN_XML.search(text[1]):
            raise HostileFileError(zh="KML 带有实体定义,不接受。", en="The KML defines entities; it is refused.")
        target = work / "utf8.kml"
        target.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>' + _XML_DECLARATION.sub("", text[1]), encoding="utf-8"
        )
        return str(target), text[0], {}
    if found.format in ("GeoJSON", "GeoJSONSeq"):
        decoded = decode(found.path.read_bytes())
        target = work / ("layer.geojson" if found.format == "GeoJSON" else "layer.geojsonl")
        target.write_text(decoded.text, encoding="utf-8")
        return str(target), decoded.encoding, {"DATE_AS_STRING": "YES", "ARRAY_AS_STRING": "YES"}
    if found.format == "GeoPackage":
        # A copy: SQLite writes beside the file it opens, and the one handed in may be in use.
        target = work / "layer.gpkg"
        shutil.copyfile(found.path, target)
        return str(target), "utf-8", {}
    # Every byte survives ISO-8859-1; the true encoding is found on the whole content afterwards.
    return str(found.path), "", {"encoding": "ISO-8859-1"}


def damaged_file(file_format: str) -> FileFormatError:
    """What to say of a file that its driver gives up on."""
    return FileFormatError(
        zh=f"{file_format} 文件无法读取:文件损坏。", en=f"The {file_format} file cannot be read: it is damaged."
    )


def decode_declared(data: bytes) -> tuple[str, str]:
    """Encoding and text of an XML file; its own declaration counts only where our rule cannot tell."""
    decoded = decode(data)
    return decoded.encoding, decoded.text.lstrip("\ufeff \t\r\n")


def check_drivers(found: set[str]) -> None:
    """Refuse to read with a GDAL that has more drivers than were allowed."""
    allowed = set(os.environ["WANGGE_GDAL_ALLOWED"].split(","))
    if found - allowed:
        raise FileFormatError(
            zh=f"GDAL 带有未允许的驱动:{', '.join(sorted(found - allowed))}。",
            en=f"This GDAL has drivers that are not allowed: {', '.join(sorted(found - allowed))}.",
        )


def read_layer_texts(pyogrio: Any, source: str, name: str, extra: dict[str, Any]) -> tuple[str, pa.Table]:
    """One layer of a file: its CRS, its columns as text, and the geometry as WKB."""
    meta, table = pyogrio.read_arrow(source, layer=name, datetime_as_string=True, **extra)
    at = meta["geometry_name"] or "wkb_geometry"
    texts = _texts(table.drop_columns([at]) if at in table.column_names else table)
    if at in table.column_names:
        texts = texts.append_column(GEOMETRY, table[at].cast(pa.binary()))
    return meta["crs"] or "", texts


def _texts(table: pa.Table) -> pa.Table:
    columns: dict[str, pa.ChunkedArray] = {}
    for name in table.column_names:
        column = table[name]
        text = _text(column)
        if text is None:
            continue
        columns[name] = text
        if pa.types.is_floating(column.type):
            rounded = pc.fill_null(pc.greater_equal(pc.abs(column), _EXACT), pa.scalar(value=False))
            if pc.any(rounded).as_py():
                columns[f"{DAMAGED}{name}"] = rounded
    if not columns:
        return pa.table({"列1": pa.array([""] * table.num_rows, pa.string())})
    return pa.table(columns)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column as text, None for kinds that have no text (binary)."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return None
    if pa.types.is_timestamp(kind):
        pattern = "%Y-%m-%dT%H:%M:%S" + ("%z" if kind.tz else "")
        column = pc.strftime(column.cast(pa.timestamp("s", kind.tz), safe=False), format=pattern)
    elif pa.types.is_nested(kind):
        column = pa.chunked_array(
            [[json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()]], pa.string()
        )
    return pc.utf8_trim_whitespace(_sound(pc.fill_null(column.cast(pa.string()), "")))


def _sound(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that is UTF-8 all through: a GeoPackage or Parquet file may promise it and hold GBK."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        cells = [cell.as_py() for chunk in column.cast(pa.binary()).chunks for cell in chunk]
        return pa.chunked_array([pa.array(decode_cells(cells)[0], pa.string())])
    return column


def _decode_dbf(table: pa.Table, names: list[str]) -> tuple[pa.Table, list[str], str]:
    """Names and cells of a shapefile, read byte for byte, in their true encoding."""
    cells: list[bytes] = [name.encode("latin-1", "ignore") for name in names]
    spans = []
    for name in names:
        unique = pc.unique(table[name]).to_pylist()
        spans.append((name, unique, len(cells)))
        cells += [text.encode("latin-1", "ignore") for text in unique]
    texts, encoding = decode_cells(cells)
    for name, unique, start in spans:
        if all(text.isascii() for text in unique):
            continue
        places = pc.index_in(table[name], value_set=pa.array(unique, pa.string()))
        decoded = pc.take(pa.array(texts[start : start + len(unique)], pa.string()), places)
        table = table.set_column(table.column_names.index(name), name, decoded)
    renamed = dict(zip(names, texts, strict=False))
    full = [
        renamed.get(name, DAMAGED + renamed.get(name.removeprefix(DAMAGED), "") if name.startswith(DAMAGED) else name)
        for name in table.column_names
    ]
    return table.rename_columns(full), [renamed[name] for name in names], encoding


def as_handed(table: pa.Table, names: list[str], *, encoding: str, crs: str, notes: list[tuple[str, str]]) -> Handed:
    """A table with named columns in the form that the parent takes."""
    columns: dict[str, pa.ChunkedArray] = {}
    for i, name in enumerate(names):
        columns[f"c{i}"] = pc.fill_null(table[name], "")
        if DAMAGED + name in table.column_names:
            columns[f"{DAMAGED}c{i}"] = pc.fill_null(table[DAMAGED + name], pa.scalar(value=False))
    if GEOMETRY in table.column_names:
        columns[GEOMETRY] = table[GEOMETRY]
    columns[ROW] = pa.chunked_array([pa.array(range(1, table.num_rows + 1), pa.int64())])
    return Handed(unique_headers(names), pa.table(columns), encoding=encoding, crs=crs, notes=notes)
