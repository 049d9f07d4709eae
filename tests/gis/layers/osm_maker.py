"""A small town as OSM XML and as OSM PBF, written by hand from the two format descriptions: no reader shares this code."""

import struct
import zlib
from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

Tags = dict[str, str]
Node = tuple[int, float, float, Tags]
"""id, lon, lat, tags."""
Way = tuple[int, list[int], Tags]

MAPPER = 'version="3" changeset="77" user="Zhang San" uid="4711" timestamp="2020-01-01T00:00:00Z"'


def xml(nodes: Iterable[Node], ways: Iterable[Way]) -> bytes:
    """As an editor saves it, with who mapped it."""
    out = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="hand">']
    for number, lon, lat, tags in nodes:
        out.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}" {MAPPER}>{_tags(tags)}</node>')
    for number, refs, tags in ways:
        points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        out.append(f'<way id="{number}" {MAPPER}>{points}{_tags(tags)}</way>')
    return "\n".join([*out, "</osm>"]).encode()


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def pbf(nodes: Iterable[Node], ways: Iterable[Way], *, sorted_nodes: bool = True) -> bytes:
    """Two blobs: the header and one block of plain nodes and ways."""
    texts = [""]
    groups = b"".join(_field(1, _node(node, texts)) for node in nodes)
    lines = b"".join(_field(3, _way(way, texts)) for way in ways)
    strings = b"".join(_field(1, text.encode()) for text in texts)
    features = _field(4, b"OsmSchema-V0.6") + (_field(5, b"Sort.Type_then_ID") if sorted_nodes else b"")
    block = _field(1, strings) + _field(2, groups) + _field(2, lines)
    return blob("OSMHeader", features) + blob("OSMData", block)


def blob(kind: str, content: bytes, *, promised: int | None = None) -> bytes:
    """One file block; ``promised`` is the unpacked size it claims."""
    size = len(content) if promised is None else promised
    return framed(kind, _number(2, size) + _field(3, zlib.compress(content)))


def framed(kind: str, packed: bytes) -> bytes:
    """A ready-made Blob message behind its header."""
    header = _field(1, kind.encode()) + _number(3, len(packed))
    return struct.pack(">I", len(header)) + header + packed


def _node(node: Node, texts: list[str]) -> bytes:
    number, lon, lat, tags = node
    where = _number(8, _zigzag(round(lat * 1e7))) + _number(9, _zigzag(round(lon * 1e7)))
    return _number(1, _zigzag(number)) + _tagged(tags, texts) + where


def _way(way: Way, texts: list[str]) -> bytes:
    number, refs, tags = way
    steps = b"".join(_varint(_zigzag(ref - last)) for last, ref in zip([0, *refs], refs, strict=False))
    return _number(1, number) + _tagged(tags, texts) + _field(8, steps)


def _tagged(tags: Tags, texts: list[str]) -> bytes:
    if not tags:
        return b""
    return _field(2, _indices(tags.keys(), texts)) + _field(3, _indices(tags.values(), texts))


def _indices(words: Iterable[str], texts: list[str]) -> bytes:
    out = b""
    for word in words:
        if word not in texts:
            texts.append(word)
        out += _varint(texts.index(word))
    return out


def _zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content
