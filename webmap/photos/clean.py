"""Cleans a photo in a process of its own: no secrets of the service around it, bounded memory, time and files.

Never decodes in this process, and never keeps what came.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import webmap
from gis import errors
from gis.errors import FileFormatError, HostileFileError, InputError, WanggeError

MOST_HIDDEN = 50
"""Areas in one photo."""


@dataclass(frozen=True)
class PhotoLimits:
    """What a photo may cost.

    Parameters
    ----------
    file_bytes
        Of the file that comes.
    pixels
        Of the picture in it.
    side
        Longest side of what is kept, pixels.
    memory_bytes, cpu_s, wall_s
        Of the process that decodes.
    """

    file_bytes: int = 12 << 20
    pixels: int = 50_000_000
    side: int = 2048
    memory_bytes: int = 1 << 30
    cpu_s: int = 20
    wall_s: float = 40.0


@dataclass(frozen=True)
class Hidden:
    """An area that nobody shall see, as shares of the upright picture from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class CleanPhoto:
    """A JPEG that holds pixels and nothing else."""

    jpeg: bytes
    width: int
    height: int
    hidden: int


def parse_hidden(texts: Sequence[str]) -> tuple[Hidden, ...]:
    """Areas written ``left,top,width,height``, each a share from 0 to 1.

    Raises
    ------
    InputError
        Too many, or one that is no area inside the picture: a mistake must not leave something to be seen.
    """
    if len(texts) > MOST_HIDDEN:
        raise InputError(
            zh=f"一张照片至多遮盖 {MOST_HIDDEN} 处。", en=f"At most {MOST_HIDDEN} areas of a photo are hidden."
        )
    return tuple(_area(text) for text in texts)


def clean_photo(content: bytes, *, hidden: Sequence[Hidden] = (), limits: PhotoLimits | None = None) -> CleanPhoto:
    """The photo upright, with areas blacked out, at most ``side`` pixels long, without EXIF and any other metadata.

    Raises
    ------
    FileFormatError
        No JPEG, PNG or WebP, a damaged one, or one that takes too long or too much memory.
    HostileFileError
        More bytes or pixels than allowed.
    """
    limits = limits or PhotoLimits()
    if len(content) > limits.file_bytes:
        raise HostileFileError(
            zh=f"照片文件超过 {limits.file_bytes >> 20} MB。", en=f"The photo has over {limits.file_bytes >> 20} MB."
        )
    with tempfile.TemporaryDirectory(prefix="wangge-photo-") as folder:
        work = Path(folder)
        request = {
            "hidden": [[each.left, each.top, each.width, each.height] for each in hidden],
            **{name: getattr(limits, name) for name in ("pixels", "side", "memory_bytes", "cpu_s")},
        }
        (work / "request.json").write_text(json.dumps(request), "utf-8")
        (work / "photo").write_bytes(content)
        _run(work, limits)
        meta = json.loads((work / "meta.json").read_text("utf-8"))
        return CleanPhoto((work / "photo.jpg").read_bytes(), meta["width"], meta["height"], len(hidden))


def _run(work: Path, limits: PhotoLimits) -> None:
    command = [sys.executable, "-m", "webmap.photos._child", str(work)]
    try:
        subprocess.run(  # noqa: S603 - our own interpreter and module
            command, env=_environment(work), cwd=work, capture_output=True, timeout=limits.wall_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _died() from error
    if (work / "error.json").exists():
        raise _error(json.loads((work / "error.json").read_text("utf-8")))
    if not (work / "meta.json").exists():
        raise _died()


def _environment(work: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    home = str(Path(webmap.__file__).resolve().parent.parent)
    return kept | {
        "PYTHONPATH": home,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": str(work),
        "TMPDIR": str(work),
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def _error(told: dict[str, str]) -> WanggeError:
    kind = getattr(errors, told["class"], FileFormatError)
    raised: WanggeError = kind(zh=told["zh"], en=told["en"])
    return raised


def _died() -> FileFormatError:
    return FileFormatError(
        zh="照片无法解码:文件损坏,或超过时间、内存上限。",
        en="The photo cannot be decoded: it is damaged, or takes too much time or memory.",
    )


def _area(text: str) -> Hidden:
    try:
        left, top, width, height = (float(part) for part in text.split(","))
        slack = 1e-6
        sane = 0 <= left < 1 and 0 <= top < 1 and 0 < width <= 1 - left + slack and 0 < height <= 1 - top + slack
    except ValueError:
        sane = False
    if not sane:
        raise InputError(
            zh=f"遮盖区域应写成 左,上,宽,高(0 至 1 的比例),而不是“{text[:60]}”。",
            en=f"A hidden area is left,top,width,height as shares from 0 to 1, not '{text[:60]}'.",
        )
    return Hidden(left, top, width, height)
