"""Whether an OSM file is whole, before GDAL reads it: GDAL ends at the first fault and hands back what came before, in silence.

It unpacks and follows the framing; what the objects say is left to GDAL.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from gis.errors import FileFormatError, HostileFileError

_MAX_HEADER = 64 << 10
_MAX_BLOB = 32 << 20
"""Bounds of the format: a block's header, and a block unpacked."""
_TYPE, _DATASIZE = 1, 3
_RAW, _RAW_SIZE, _ZLIB = 1, 2, 3


def check_xml(path: Path) -> None:
    """Follow the XML to its end.

    Raises
    ------
    FileFormatError
        It is not well-formed, or cut off.
    HostileFileError
        It has a document type.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise FileFormatError(
            zh=f"OSM XML 文件在第 {error.lineno} 行损坏或被截断。",
            en=f"The OSM XML file is damaged or cut off at line {error.lineno}.",
        ) from error


def check_pbf(path: Path) -> None:
    """Follow the blocks to the end of the file and unpack each of them.

    Raises
    ------
    FileFormatError
        It is damaged, cut off, or packed in a way that GDAL cannot open.
    HostileFileError
        A block is larger than the format allows.
    """
    with path.open("rb") as file:
        number = 0
        while start := file.read(4):
            number += 1
            try:
                _check_block(file, int.from_bytes(start, "big"))
            except (ValueError, IndexError, KeyError, TypeError, zlib.error) as error:
                raise FileFormatError(
                    zh=f"OSM PBF 文件的第 {number} 个数据块损坏或被截断。",
                    en=f"Block {number} of the OSM PBF file is damaged or cut off.",
                ) from error


def _refuse_document_type(*_: object) -> None:
    raise HostileFileError(
        zh="OSM 文件带有文档类型定义,不接受。", en="The OSM file has a document type; it is refused."
    )


def _check_block(file: IO[bytes], header_size: int) -> None:
    if header_size > _MAX_HEADER:
        raise ValueError(header_size)
    header = dict(_fields(_exactly(file, header_size)))
    size = int(header[_DATASIZE])
    if size > _MAX_BLOB:
        raise _too_big()
    blob = dict(_fields(_exactly(file, size)))
    if _ZLIB in blob:
        _unpack(blob[_ZLIB], int(blob[_RAW_SIZE]))
    elif _RAW not in blob:
        raise FileFormatError(
            zh="OSM PBF 的压缩方式不受支持;请用 osmium cat 以 zlib 重新写出。",
            en="The OSM PBF is packed in a way that is not read; write it anew with zlib (osmium cat).",
        )


def _exactly(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise ValueError(size)
    return content


def _unpack(packed: object, promised: int) -> None:
    if not isinstance(packed, bytes):
        raise TypeError(packed)
    if promised > _MAX_BLOB:
        raise _too_big()
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, promised + 1)
    if len(content) != promised or not unpacker.eof:
        raise ValueError(promised)


def _too_big() -> HostileFileError:
    return HostileFileError(
        zh="OSM PBF 有超过 32 MB 的数据块,不接受。", en="The OSM PBF has a block of over 32 MB; it is refused."
    )


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protocol buffer message: number and value; only the two wire types that OSM's framing has."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2 and at + value <= len(message):
            yield key >> 3, message[at : at + value]
            at += value
        else:
            raise ValueError(key)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        value |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 128:
            return value, at
        if shift > 63:
            raise ValueError(at)
