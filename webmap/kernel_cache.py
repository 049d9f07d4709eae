"""Where compiled loops are kept on disk. It imports nothing that compiles, and must be called before anything does."""

import os
import shutil
import time
from hashlib import sha256
from pathlib import Path

_OLD_S = 30 * 86400.0


def keep_for_user() -> None:
    """Compiled loops are kept for the user, since an installed package may lie in a read-only place.

    Each state of the loops has a folder of its own: numba looks at the file of a function alone, and would go on with what it
    compiled before when only a function that it calls has changed, in another file.
    """
    if "NUMBA_CACHE_DIR" not in os.environ:
        os.environ["NUMBA_CACHE_DIR"] = str(_base() / _state_of_loops())


def forget_old() -> None:
    """Remove what earlier versions of the loops left, once it is a month old."""
    now = time.time()
    for folder in _base().glob("*"):
        if folder.name != _state_of_loops() and now - folder.stat().st_mtime > _OLD_S:
            shutil.rmtree(folder, ignore_errors=True)


def _base() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wangge" / "numba"


def _state_of_loops() -> str:
    """A digest of every file that may hold compiled loops."""
    digest = sha256()
    for file in sorted((Path(__file__).resolve().parent.parent / "gis").rglob("*.py")):
        text = file.read_bytes()
        if b"numba" in text:
            digest.update(file.name.encode() + text)
    return digest.hexdigest()[:16]
