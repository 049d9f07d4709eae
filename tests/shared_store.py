"""A store that all workers of one test run make once between them; each gets a copy of its own."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The file of a store, made by the first worker that asks for it.

    Parameters
    ----------
    make
        Writes the store to the path that it is given, and closes it.
    """
    base = tmp_path_factory.getbasetemp()
    together = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    whole = together / f"{name}-made.db"
    with (together / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            part = together / f"{name}-part" / "store.db"
            part.parent.mkdir(exist_ok=True)
            make(part)
            shutil.move(part, whole)
    mine = tmp_path_factory.mktemp(name) / "wuda.db"
    shutil.copyfile(whole, mine)
    return mine
