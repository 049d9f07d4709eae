"""Turns the bytes of an untrusted image into a JPEG that holds its pixels and nothing else.

It runs in the child process of :mod:`webmap.photos.clean`. What is hidden is painted over before the picture is made
smaller or encoded, so that no pixel of it is in the result. Areas are filled with black: mosaics of plates and faces
have been turned back into text and faces, a fill cannot be.
"""

import io
import math
import warnings
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageOps

from gis.errors import FileFormatError, HostileFileError

FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 85

_MAGIC = ((b"\xff\xd8\xff", 0), (b"\x89PNG\r\n\x1a\n", 0), (b"WEBP", 8))


_STUMBLES = (
    *(OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError),
    *(ArithmeticError, AttributeError, AssertionError, RuntimeError),
)
"""A decoder that stumbles over hostile bytes says so in many ways; running out of memory is not among them."""


def decoded(
    content: bytes, hidden: Sequence[tuple[float, float, float, float]], *, pixels: int, side: int
) -> tuple[bytes, int, int]:
    """A clean JPEG with its width and height.

    Parameters
    ----------
    hidden
        Left, top, width, height of each area as shares of the upright picture.
    pixels
        Most pixels of the picture that came.
    side
        Longest side of the picture that leaves.

    Raises
    ------
    FileFormatError
        No JPEG, PNG or WebP, or a damaged one.
    HostileFileError
        It has more pixels than allowed.
    """
    if not any(content[at : at + len(magic)] == magic for magic, at in _MAGIC):
        raise _damaged()
    try:
        with warnings.catch_warnings():
            # The library warns of sizes beyond its own limit; ours below is the one that counts.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                _check_size(opened, pixels)
                upright = ImageOps.exif_transpose(opened)
                plain = _on_white(upright)
    except HostileFileError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(pixels) from error
    except _STUMBLES as error:
        raise _damaged() from error
    black_out(plain, hidden)
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), plain.width, plain.height


def black_out(picture: Image.Image, hidden: Sequence[tuple[float, float, float, float]]) -> None:
    """Fill areas with black, rounded outwards to whole pixels."""
    draw = ImageDraw.Draw(picture)
    for left, top, width, height in hidden:
        box = (
            math.floor(left * picture.width),
            math.floor(top * picture.height),
            math.ceil((left + width) * picture.width),
            math.ceil((top + height) * picture.height),
        )
        draw.rectangle(box, fill=(0, 0, 0))


def _check_size(opened: Image.Image, pixels: int) -> None:
    if opened.width * opened.height > pixels:
        raise _too_large(pixels)
    if opened.width < 1 or opened.height < 1:
        raise _damaged()


def _on_white(picture: Image.Image) -> Image.Image:
    """The pixels alone, as a new picture: texts, profiles, thumbnails and the like stay behind."""
    white = Image.new("RGB", picture.size, (255, 255, 255))
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        white.paste(clear, mask=clear.getchannel("A"))
    elif picture.mode.startswith("I"):
        # 16 bits a pixel: a plain conversion would clip everything above the lowest 8.
        white.paste(picture.point(lambda value: value / 256).convert("L"))
    else:
        white.paste(picture.convert("RGB"))
    return white


def _damaged() -> FileFormatError:
    return FileFormatError(
        zh="照片应为完好的 JPEG、PNG 或 WebP 文件。", en="A photo is a sound JPEG, PNG or WebP file; this is none."
    )


def _too_large(pixels: int) -> HostileFileError:
    return HostileFileError(
        zh=f"照片像素过多,最多 {pixels / 1e6:g} 百万像素。",
        en=f"The photo has too many pixels; at most {pixels / 1e6:g} million are taken.",
    )
