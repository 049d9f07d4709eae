"""The bytes of a vector tile: features by a compiled writer, the layer around them by hand.

Mapbox Vector Tile specification 2.1; protocol buffers, wire types 0 and 2.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

IntArray = npt.NDArray[np.int64]
_MOVE, _LINE_TO, _CLOSE = 1, 2, 7


@njit(cache=True, nogil=True)
def _varint(buffer, at: int, value: int) -> int:  # type: ignore[no-untyped-def]
    while value >= 128:
        buffer[at] = (value & 127) | 128
        value >>= 7
        at += 1
    buffer[at] = value
    return at + 1


@njit(cache=True, nogil=True)
def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)


@njit(cache=True, nogil=True)
def _write(ids, kind, x, y, starts, firsts, told, buffer, room):  # type: ignore[no-untyped-def]
    """Features one after another; ``room`` holds the geometry of one while its length is not known."""
    at = 0
    for f in range(len(ids)):
        size, last_x, last_y = 0, 0, 0
        if kind == 1:
            size = _varint(room, size, ((starts[firsts[f + 1]] - starts[firsts[f]]) << 3) | 1)
        for part in range(firsts[f], firsts[f + 1]):
            start, end = starts[part], starts[part + 1]
            if kind == 3:
                end -= 1  # A closed ring repeats its first point.
            for i in range(start, end):
                if kind != 1:
                    if i == start:
                        size = _varint(room, size, (1 << 3) | 1)
                    elif i == start + 1:
                        size = _varint(room, size, ((end - start - 1) << 3) | 2)
                size = _varint(room, size, _zigzag(x[i] - last_x))
                size = _varint(room, size, _zigzag(y[i] - last_y))
                last_x, last_y = x[i], y[i]
            if kind == 3:
                size = _varint(room, size, (1 << 3) | 7)
        tag_size = 0
        if len(told):
            tag_size = 1 + _length(told[f])
        body = 1 + _length(ids[f]) + 2 + 1 + _length(size) + size
        if len(told):
            body += 1 + _length(tag_size) + tag_size
        buffer[at] = 0x12
        at = _varint(buffer, at + 1, body)
        buffer[at] = 0x08
        at = _varint(buffer, at + 1, ids[f])
        if len(told):
            buffer[at] = 0x12
            at = _varint(buffer, at + 1, tag_size)
            buffer[at] = 0
            at = _varint(buffer, at + 1, told[f])
        buffer[at] = 0x18
        buffer[at + 1] = kind
        buffer[at + 2] = 0x22
        at = _varint(buffer, at + 3, size)
        for i in range(size):
            buffer[at + i] = room[i]
        at += size
    return at


@njit(cache=True, nogil=True)
def _length(value: int) -> int:
    size = 1
    while value >= 128:
        value >>= 7
        size += 1
    return size


def features(
    ids: IntArray, kind: int, x: IntArray, y: IntArray, starts: IntArray, firsts: IntArray, told: IntArray
) -> bytes:
    """The feature messages of one kind of geometry.

    Parameters
    ----------
    ids
        Shape (n,).
    kind
        1 points, 2 lines, 3 polygons.
    x, y
        Shape (m,), tile units.
    starts
        Shape (parts + 1,), where the coordinates of each part begin.
    firsts
        Shape (n + 1,), the first part of each feature.
    told
        Shape (n,), position of the value of the layer's only attribute; shape (0,) for none.
    """
    starts, firsts = starts.astype(np.int64), firsts.astype(np.int64)
    # Ten bytes hold any coordinate or command; each part has up to three commands.
    most = 20 * len(x) + 30 * len(starts) + 60 * len(ids) + 64
    buffer, room = np.empty(most, dtype=np.uint8), np.empty(most, dtype=np.uint8)
    written = _write(ids, kind, x, y, starts, firsts, told, buffer, room)
    return buffer[:written].tobytes()


def layer(name: str, written: list[bytes], counts: tuple[int, ...]) -> bytes:
    """A tile of one layer; with values, the only attribute is ``count``."""
    text = name.encode()
    keys = b"\x1a\x05count" if counts else b""
    values = b"".join(b"\x22" + _sized(b"\x28" + _number(value)) for value in counts)
    body = b"\x78\x02" + b"\x0a" + _sized(text) + b"".join(written) + keys + values + b"\x28" + _number(4096)
    return b"\x1a" + _sized(body)


def _sized(data: bytes) -> bytes:
    return _number(len(data)) + data


def _number(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append((value & 127) | 128)
        value >>= 7
    return bytes(out) + bytes([value])
