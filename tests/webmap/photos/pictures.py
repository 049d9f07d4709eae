"""Pictures made for the tests: with EXIF, GPS and comments, turned, clear, deep, many-framed, hostile."""

import io
import struct
import zlib

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

GPS = 0x8825
ORIENTATION = 0x0112
SECRET = "SECRET-PLACE-39.4-106.7"


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    """Red rises to the right and green downwards, so that every place is known by its colour."""
    red = np.linspace(0, 250, width).astype(np.uint8)[None, :].repeat(height, 0)
    green = np.linspace(0, 250, height).astype(np.uint8)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([red, green, np.full_like(red, 200)]))


def as_bytes(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def talkative(kind: str, orientation: int = 1) -> bytes:
    """A picture that says in every way it can where and by what it was taken."""
    picture = gradient()
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    exif[0x010E] = SECRET
    exif.get_ifd(GPS).update({1: "N", 2: (39.0, 30.0, 0.0), 3: "E", 4: (106.0, 42.0, 0.0)})
    how: dict[str, object] = {"exif": exif}
    if kind == "JPEG":
        how |= {"comment": SECRET.encode(), "quality": 95, "icc_profile": SECRET.encode() * 5}
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", SECRET)
        texts.add_itxt("XML:com.adobe.xmp", SECRET)
        how |= {"pnginfo": texts}
    if kind == "WEBP":
        how |= {"lossless": True, "xmp": SECRET.encode()}
    return as_bytes(picture, kind, **how)


def png_that_claims(width: int, height: int) -> bytes:
    """A few hundred bytes that say they unpack to a picture of any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 16))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
