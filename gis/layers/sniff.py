"""What a file is, by its content and never by its name; archives are checked before anything in them is unpacked.

It knows an allow-list. A format that can reach other files or hosts (VRT, GDAL pipelines, XML with a document type) is refused as hostile.
"""

import bz2
import gzip
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from gis.errors import FileFormatError, HostileFileError
from gis.layers.options import Limits

FORMATS = (
    "CSV", "XLSX", "XLS", "GeoJSON", "GeoJSONSeq", "GeoPackage", "Shapefile", "KML", "KMZ", "GeoParquet", "OSM XML", "OSM PBF",
    "GraphML",
)  # fmt: skip

_HEAD = 65536
_CHUNK = 1 << 20
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_JSON_TYPES = (
    "FeatureCollection|Feature|GeometryCollection|Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon"
)
_GEOJSON = re.compile(rf'"type"\s*:\s*"(?:{_JSON_TYPES})"')
_XML_ROOT = re.compile(r"(?:<\?xml[^>]*\?>)?(?:\s|<!--.*?-->)*<(\w+)[\s>]", re.DOTALL)
_XML_FORMATS = {"osm": "OSM XML", "graphml": "GraphML"}
_HOSTILE_TEXT = re.compile(r"<OGRVRT|<VRTDataset|<OGRWFS|gdal_streamed_alg|<GDAL_WMS|<!DOCTYPE|<!ENTITY", re.IGNORECASE)


class _Packing(NamedTuple):
    """One whole file made small: how it starts and how it is opened."""

    name: str
    mark: bytes
    open: Callable[[Path], Any]


_PACKINGS = (
    _Packing("gzip", b"\x1f\x8b", gzip.GzipFile),
    _Packing("bzip2", b"BZh", bz2.BZ2File),
)


@dataclass(frozen=True)
class Sniffed:
    """A recognised file: its format, and the file to read (inside the working folder when it was unpacked)."""

    format: str
    path: Path


def sniff(path: Path, work: Path, limits: Limits) -> Sniffed:
    """Recognise a file; unpack gzip, bzip2, KMZ and zipped shapefiles into ``work``.

    Raises
    ------
    FileFormatError
        Not a format of the allow-list, or damaged.
    HostileFileError
        It would unpack to too much, or points outside itself.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise HostileFileError(
            zh=f"文件 {path.name} 有 {size:,} 字节,超过上限 {limits.file_bytes:,}。",
            en=f"{path.name} has {size:,} bytes; the limit is {limits.file_bytes:,}.",
        )
    if size == 0:
        raise FileFormatError(zh=f"文件 {path.name} 是空的。", en=f"{path.name} is empty.")
    packing = next((one for one in _PACKINGS if _head(path, 10).startswith(one.mark)), None)
    if packing:
        path = _unpack_whole(path, packing, work / "unpacked", limits)
    return _recognise(path, work, limits)


def _recognise(path: Path, work: Path, limits: Limits) -> Sniffed:
    head = _head(path, _HEAD)
    if any(head.startswith(one.mark) for one in _PACKINGS):
        raise HostileFileError(zh="压缩文件里还是压缩文件。", en="A compressed file inside a compressed file.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(path, work, limits)
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return Sniffed("GeoPackage", path)
        raise FileFormatError(
            zh="这是 SQLite 数据库,但不是 GeoPackage。", en="This is a SQLite database but not a GeoPackage."
        )
    if head.startswith(b"PAR1"):
        return Sniffed("GeoParquet", path)
    if head[4:15] == b"\n\tOSMHeader":
        return Sniffed("OSM PBF", path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Sniffed("XLS", path)
    return _text(path, head)


def _text(path: Path, head: bytes) -> Sniffed:
    text = _rough(head)
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in ("<", "{", "[", "\x1e") and _HOSTILE_TEXT.search(text):
        raise HostileFileError(
            zh="文件会引用其他文件或网络(VRT、管道或带实体的 XML),不接受。",
            en="The file can reach other files or hosts (VRT, pipeline, or XML with a document type); it is refused.",
        )
    if start == "<":
        if re.search(r"<(?:\w+:)?kml\b", text[:8192], re.IGNORECASE):
            return Sniffed("KML", path)
        # The root itself, so that no document type can stand before it; after it the parser takes none.
        root = _XML_ROOT.match(text.lstrip("\ufeff \t\r\n"))
        if root and root.group(1).lower() in _XML_FORMATS:
            return Sniffed(_XML_FORMATS[root.group(1).lower()], path)
        raise FileFormatError(
            zh="XML 文件里只读 KML、OSM 和 GraphML。", en="Of XML files only KML, OSM and GraphML are read."
        )
    if start == "\x1e":
        return Sniffed("GeoJSONSeq", path)
    if start in ("{", "["):
        return _json(path, text)
    return Sniffed("CSV", path)


def _json(path: Path, text: str) -> Sniffed:
    first, _, rest = text.lstrip("\ufeff \t\r\n").partition("\n")
    if first.rstrip().endswith("}") and rest.lstrip().startswith("{") and _GEOJSON.search(first):
        return Sniffed("GeoJSONSeq", path)
    if _GEOJSON.search(text) or _GEOJSON.search(path.read_text(encoding="utf-8", errors="replace")):
        return Sniffed("GeoJSON", path)
    raise FileFormatError(zh="JSON 文件不是 GeoJSON。", en="The JSON file is not GeoJSON.")


def _rough(head: bytes) -> str:
    """Enough of the text to tell a format; ASCII marks read the same in every encoding we take."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    if head[1:8:2] == b"\x00" * 4 or head[0:8:2] == b"\x00" * 4:
        return head.replace(b"\x00", b"").decode("latin-1")
    return head.decode("utf-8", errors="replace")


def _archive(path: Path, work: Path, limits: Limits) -> Sniffed:
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive, limits)
            names = {member.filename.lower(): member for member in members}
            if "xl/workbook.xml" in names:
                return Sniffed("XLSX", path)
            shapes = sorted(name for name in names if name.endswith(".shp"))
            if shapes:
                return Sniffed("Shapefile", _unpack_shapefile(archive, names, shapes[0], work))
            places = sorted(
                (name for name in names if name.endswith(".kml")), key=lambda n: (n.count("/"), n != "doc.kml", n)
            )
            if places:
                target = work / "doc.kml"
                _unpack(archive, names[places[0]], target)
                return Sniffed("KMZ", _text(target, _head(target, _HEAD)).path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FileFormatError(zh="压缩文件损坏或加密。", en="The archive is damaged or encrypted.") from error
    raise FileFormatError(
        zh="压缩包里没有 Shapefile、KML 或 Excel 工作簿。", en="The archive holds no shapefile, KML or Excel workbook."
    )


def _checked(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > limits.members:
        raise _bomb(f"{len(members):,} 个文件", f"{len(members):,} members")
    total = 0
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match(r"[A-Za-z]:", member.filename):
            raise HostileFileError(
                zh="压缩包里有指向包外的路径。", en="A member of the archive points outside the archive."
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise HostileFileError(zh="压缩包里有符号链接。", en="The archive holds a symbolic link.")
        total += member.file_size
        if member.file_size > (1 << 20) and member.file_size > limits.ratio * max(1, member.compress_size):
            raise _bomb("压缩比过高", "a member with an absurd compression ratio")
    if total > limits.unpacked_bytes:
        raise _bomb(f"解压后 {total:,} 字节", f"{total:,} bytes unpacked")
    return [member for member in members if not member.is_dir()]


def _unpack_shapefile(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], shape: str, work: Path) -> Path:
    for suffix in _SHAPEFILE_PARTS:
        member = names.get(shape[:-4] + suffix)
        if member:
            _unpack(archive, member, work / f"layer{suffix}")
    return work / "layer.shp"


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one member; more bytes than its entry promised is a bomb that lied."""
    written = 0
    with archive.open(member) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > member.file_size:
                raise _bomb("解压大小与目录不符", "a member larger than its entry says")
            file.write(chunk)


def _unpack_whole(path: Path, packing: _Packing, target: Path, limits: Limits) -> Path:
    written = 0
    packed = max(1, path.stat().st_size)
    try:
        with packing.open(path) as source, target.open("wb") as file:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > limits.unpacked_bytes or (written > 16 * _CHUNK and written > limits.ratio * packed):
                    raise _bomb(f"解压后超过 {written:,} 字节", f"more than {written:,} bytes unpacked")
                file.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(zh=f"{packing.name} 文件损坏。", en=f"The {packing.name} file is damaged.") from error
    return target


def _bomb(zh: str, en: str) -> HostileFileError:
    return HostileFileError(zh=f"压缩文件异常:{zh}。", en=f"The archive is not reasonable: {en}.")


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)
