"""A layer or a result as a file: GeoPackage, GeoJSON, zipped Shapefile, KML, CSV, Excel, GeoParquet, in a stated datum.

A file is written beside its place and moved there whole, so that a failed export leaves nothing half done. GDAL works in a
process of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import FileFormatError, InputError, Lang
from gis.exports import geojson, tables
from gis.exports.qml import embed_in_geopackage, qml
from gis.exports.shapes import Prepared, prepare
from gis.exports.styles import style_of
from gis.exports.titles import describe, title

FORMATS: dict[str, tuple[str, str]] = {
    "gpkg": (".gpkg", "application/geopackage+sqlite3"),
    "geojson": (".geojson", "application/geo+json"),
    "shp": (".zip", "application/zip"),
    "kml": (".kml", "application/vnd.google-earth.kml+xml"),
    "csv": (".csv", "text/csv; charset=utf-8"),
    "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": (".parquet", "application/vnd.apache.parquet"),
}
"""Format to suffix and media type."""

DATUM_NAMES = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
GDAL_SECONDS = 600


@dataclass(frozen=True)
class _About:
    """What a file says of itself."""

    layer: str
    lang: Lang
    title: str
    period: str

    def notes(self, prepared: Prepared) -> list[tuple[str, str]]:
        """Facts for a legend or a notes sheet, then one line a column."""
        zh = self.lang == "zh"
        facts = [("内容" if zh else "content", self.title or self.layer)]
        facts.append(("坐标系" if zh else "datum", datum_name(prepared.datum)))
        if self.period:
            facts.append(("时段" if zh else "period", self.period))
        facts.append(("行数" if zh else "rows", str(len(prepared.table))))
        return facts + [(name, title(name, self.layer, self.lang)) for name in prepared.table.columns]


def datum_name(datum: str) -> str:
    """The datum as people write it."""
    return DATUM_NAMES.get(datum, datum)


def export_filename(layer: str, file_format: str, *, datum: str = "wgs84", lang: Lang = "zh", period: str = "") -> str:
    """A plain ASCII file name that states layer, period and datum; the language changes titles inside, not the name."""
    del lang
    told = [part for part in (layer, period, datum.replace(":", "")) if part]
    text = "-".join(
        "".join(c if c.isascii() and (c.isalnum() or c in "_.") else "-" for c in part).strip("-") for part in told
    )
    return f"wangge-{text}{FORMATS[file_format][0]}"


def write_layer(
    frame: pd.DataFrame,
    path: Path,
    *,
    layer: str,
    format: str,  # noqa: A002
    datum: str = "wgs84",
    lang: Lang = "zh",
    title: str = "",
    period: str = "",
    zone: str = "Asia/Shanghai",
    public: bool = False,
) -> Path:
    """Write a table to a file.

    Parameters
    ----------
    frame
        A GeoDataFrame in EPSG:4326, or a table with ``lon`` and ``lat``.
    layer
        Name of the layer; a table of ``gis.schemas`` has its columns' titles and publication rules.
    format
        A key of ``FORMATS``.
    datum
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``; KML is always WGS-84.
    title, period
        What the file says it holds.
    public
        Leave out columns that may not be published.

    Returns
    -------
    path
        The file written; a Shapefile is a zip with its legend.

    Raises
    ------
    InputError
        Unknown format, or a place that cannot be written.
    CrsError
        Unknown or refused datum.
    ScopeError
        The layer may not be published.
    """
    if format not in FORMATS:
        raise InputError(
            zh=f"没有格式“{format}”;可用:{'、'.join(FORMATS)}。",
            en=f"No format '{format}'; there are {', '.join(FORMATS)}.",
        )
    prepared = prepare(frame, layer=layer, datum="wgs84" if format == "kml" else datum, zone=zone, public=public)
    about = _About(layer, lang, title, period)
    writers: dict[str, Callable[[Prepared, Path, _About], None]] = {
        "gpkg": _gpkg, "geojson": _geojson, "shp": _shp, "kml": _kml, "csv": _csv, "xlsx": _xlsx, "parquet": _parquet,
    }  # fmt: skip
    path = Path(path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            draft = Path(folder) / f"export{FORMATS[format][0]}"
            writers[format](prepared, draft, about)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(path)
    except OSError as error:
        raise InputError(
            zh=f"无法写入 {path}:{error.strerror or error}。", en=f"Cannot write {path}: {error.strerror or error}."
        ) from error
    return path


def _gpkg(prepared: Prepared, path: Path, about: _About) -> None:
    told = "; ".join(f"{name}: {text}" for name, text in about.notes(prepared)[:4])
    table = prepared.table.assign(file_datum=datum_name(prepared.datum))
    _by_gdal(prepared, table, path, "GPKG", about.layer, {"layer_options": {"DESCRIPTION": told}})
    if style := layer_style(table.columns, layer=about.layer, lang=about.lang):
        embed_in_geopackage(path, about.layer, style, title=about.title or about.layer)


def layer_style(names: Iterable[str], *, layer: str, lang: Lang) -> str:
    """The style file of a layer for QGIS; empty for layers that have no style.

    Parameters
    ----------
    names
        Columns of the layer, in order.
    """
    style = style_of(layer, lang)
    return "" if style is None else qml(style, {name: title(name, layer, lang) for name in names})


def _geojson(prepared: Prepared, path: Path, about: _About) -> None:
    metres = prepared.datum.startswith("EPSG:")
    columns = {name: title(name, about.layer, about.lang) for name in prepared.table.columns}
    data: dict[str, Any] = {
        "type": "FeatureCollection",
        "wangge": {
            "layer": about.layer, "title": about.title, "datum": datum_name(prepared.datum), "period": about.period, "columns": columns,
        },
        "features": geojson.features(prepared.table, prepared.shapes, precision=1e-3 if metres else 1e-7),
    }  # fmt: skip
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def _kml(prepared: Prepared, path: Path, about: _About) -> None:
    table = prepared.table.copy()
    named = next(
        (name for name in (f"name_{about.lang}", "name_zh", "name", "code", "id") if name in table.columns), None
    )
    table["Name"] = table[named].astype("str") if named else about.layer
    table["Description"] = f"{about.title} {about.period} WGS-84".strip()
    _by_gdal(prepared, table, path, "KML", about.layer, {})


def _shp(prepared: Prepared, path: Path, about: _About) -> None:
    short = ascii_names(list(prepared.table.columns))
    table = prepared.table.rename(columns=short)
    for name in table.columns:
        if table[name].dtype == object or isinstance(table[name].dtype, pd.StringDtype):
            table[name] = [cut_bytes(text) for text in table[name].fillna("").astype("str")]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        stem = "".join(c if c.isalnum() else "_" for c in about.layer)
        _by_gdal(prepared, table, Path(folder) / f"{stem}.shp", "ESRI Shapefile", stem, {"encoding": "UTF-8"})
        if (style := style_of(about.layer, about.lang)) is not None:
            # Beside the shapes under their name, where QGIS looks for it.
            titles = {field: title(name, about.layer, about.lang) for name, field in short.items()}
            (Path(folder) / f"{stem}.qml").write_text(qml(style, titles), "utf-8")
        legend = Path(folder) / "legend.txt"
        legend.write_text(_legend(prepared, short, about), "utf-8-sig")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(Path(folder).iterdir()):
                archive.write(member, member.name)


def _legend(prepared: Prepared, short: dict[str, str], about: _About) -> str:
    lines = [f"{name}: {text}" for name, text in about.notes(prepared)[: 4 if about.period else 3]]
    if prepared.epsg is None:
        lines.append(f"{datum_name(prepared.datum)}: 无 EPSG 编号,未写 .prj / no EPSG code, so no .prj")
    for name, field in short.items():
        zh, en, unit = describe(name, about.layer)
        lines.append(f"{field}\t{name}\t{zh}\t{en}\t{unit}")
    return "\r\n".join(lines) + "\r\n"


def ascii_names(names: list[str]) -> dict[str, str]:
    """Field names that every Shapefile reader takes: ASCII, at most ten characters, each once."""
    found: dict[str, str] = {}
    for name in names:
        base = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "" for c in name)[:10] or "field"
        field, number = base, 1
        while field.lower() in {taken.lower() for taken in found.values()}:
            field = f"{base[: 10 - len(str(number)) - 1]}_{number}"
            number += 1
        found[name] = field
    return found


def cut_bytes(text: str, most: int = 254) -> str:
    """Text of at most ``most`` UTF-8 bytes, cut between characters."""
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")


def _csv(prepared: Prepared, path: Path, about: _About) -> None:
    table = _with_coordinates(prepared)
    tables.write_csv(table, path, titles=[title(name, about.layer, about.lang) for name in table.columns])


def _xlsx(prepared: Prepared, path: Path, about: _About) -> None:
    table = _with_coordinates(prepared)
    zh = about.lang == "zh"
    tables.write_xlsx(
        table,
        path,
        titles=[title(name, about.layer, about.lang) for name in table.columns],
        sheet="数据" if zh else "data",
        notes=about.notes(prepared),
        notes_sheet="说明" if zh else "notes",
    )


def _with_coordinates(prepared: Prepared) -> pd.DataFrame:
    """The table with its datum and, for points, two coordinates, else the geometry as WKT."""
    metres = prepared.datum.startswith("EPSG:") and prepared.is_points
    table = prepared.table.copy()
    table["file_datum"] = datum_name(prepared.datum)
    if prepared.is_points or not len(prepared.shapes):
        x, y = ("east_m", "north_m") if metres else ("lon", "lat")
        table[x] = np.round(shapely.get_x(prepared.shapes), 3 if metres else 7)
        table[y] = np.round(shapely.get_y(prepared.shapes), 3 if metres else 7)
    else:
        table["wkt"] = shapely.to_wkt(prepared.shapes, rounding_precision=7)
    return table


def _parquet(prepared: Prepared, path: Path, about: _About) -> None:
    crs = f"EPSG:{prepared.epsg}" if prepared.epsg else None
    frame = gpd.GeoDataFrame(
        prepared.table.assign(file_datum=datum_name(prepared.datum)), geometry=prepared.shapes, crs=crs
    )
    del about
    frame.to_parquet(path, index=False)


def _by_gdal(
    prepared: Prepared, table: pd.DataFrame, path: Path, driver: str, layer: str, options: dict[str, Any]
) -> None:
    """Hand the table to the writing process."""
    kinds = set(shapely.get_type_id(prepared.shapes).tolist()) if len(prepared.shapes) else {0}
    multi = bool(kinds & {4, 5, 6}) or len(kinds) > 1
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "table.parquet"
        gpd.GeoDataFrame(table, geometry=prepared.shapes, crs=None).to_parquet(source, index=False)
        job = {
            "source": str(source), "target": str(path), "driver": driver, "layer": layer, "epsg": prepared.epsg, "multi": multi,
            "geometry_type": None if len(prepared.shapes) else "Point", "options": options,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "gis.exports._child"],
            input=json.dumps(job), capture_output=True, text=True, timeout=GDAL_SECONDS, check=False,
        )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise FileFormatError(zh=f"写 {driver} 文件失败:{last}", en=f"Writing the {driver} file failed: {last}")
