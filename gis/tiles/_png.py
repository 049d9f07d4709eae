"""Indexed PNG: one byte a pixel and a palette with transparency, small and quick to write."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from gis.errors import ShapeError


def indexed_png(index: npt.NDArray[np.uint8], palette: npt.NDArray[np.uint8]) -> bytes:
    """A PNG of palette entries.

    Parameters
    ----------
    index
        Shape (height, width), positions in the palette.
    palette
        Shape (k, 4), red, green, blue, opacity; k from 1 to 256.

    Raises
    ------
    ShapeError
        The shapes are not those, or an index lies outside the palette.

    Notes
    -----
    PNG specification (ISO/IEC 15948), colour type 3, every row filtered with Up, zlib level 1.
    """
    if index.ndim != 2 or palette.ndim != 2 or palette.shape[1] != 4 or not 1 <= len(palette) <= 256 or not index.size:
        raise ShapeError(
            zh="调色板或图像的形状不对。", en="An index of two dimensions and a palette of (k, 4) are needed."
        )
    if not 0 <= int(index.min()) <= int(index.max()) < len(palette):
        raise ShapeError(zh="像素值超出调色板。", en="A pixel names a colour outside the palette.")
    height, width = index.shape
    rows = index.astype(np.uint8)
    above = np.vstack([np.zeros((1, width), dtype=np.uint8), rows[:-1]])
    filtered = np.hstack([np.full((height, 1), 2, dtype=np.uint8), rows - above])
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette[:, :3].astype(np.uint8).tobytes()),
            _chunk(b"tRNS", palette[:, 3].astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
