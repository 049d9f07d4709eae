"""The decoding process: one untrusted image under limits of the kernel. Run as ``python -m webmap.photos._child FOLDER``.

The folder holds ``request.json`` and ``photo``, and receives ``photo.jpg`` with ``meta.json``, or ``error.json``.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from gis.errors import FileFormatError, WanggeError


def main(folder: str) -> int:
    """Clean what ``request.json`` asks for."""
    work = Path(folder)
    request: dict[str, Any] = json.loads((work / "request.json").read_text("utf-8"))
    _confine(request["memory_bytes"], request["cpu_s"])
    try:
        # Imported under the limits, like everything that touches the file.
        from webmap.photos._decode import decoded

        hidden = [tuple(each) for each in request["hidden"]]
        content = (work / "photo").read_bytes()
        jpeg, width, height = decoded(content, hidden, pixels=request["pixels"], side=request["side"])
    except WanggeError as error:
        _fail(work, error)
    except MemoryError:
        _fail(work, FileFormatError(zh="照片解码超过内存上限。", en="Decoding the photo takes too much memory."))
    else:
        (work / "photo.jpg").write_bytes(jpeg)
        (work / "meta.json").write_text(json.dumps({"width": width, "height": height}), "utf-8")
    return 0


def _confine(memory_bytes: int, cpu_s: int) -> None:
    for name, bound in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 64 << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(name)
        value = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(name, (value, value))


def _fail(work: Path, error: WanggeError) -> None:
    told = {"class": type(error).__name__, "zh": error.zh, "en": error.en}
    (work / "error.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)
