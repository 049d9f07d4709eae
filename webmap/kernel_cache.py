"""Where compiled loops are kept on disk. It imports nothing that compiles, and must be called before anything does."""

import os
from pathlib import Path


def keep_for_user() -> None:
    """Compiled loops are kept for the user, since an installed package may lie in a read-only place."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        os.environ["NUMBA_CACHE_DIR"] = str(base / "wangge" / "numba")
