"""Compiling beside the server ends with the server, and one room can be compiled without the others."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from webmap.warming import beside, lock_of


def test_the_process_ends_with_the_server() -> None:
    with beside("plans") as child:
        assert child.poll() is None
    assert child.poll() is not None


def compiled(cache: Path) -> set[str]:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, "-m", "webmap.warming", "hot_spots"], env=environment, check=True)
    return {file.parent.name.split("_")[0] for file in cache.rglob("*.nbc")}


def test_a_room_is_compiled_by_itself_into_the_cache_that_is_named_and_once_for_all_who_share_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody compiles it into one cache nobody else does; who keeps another cache needs it there."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "shared"))
    with lock_of("hot_spots").open("w") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        assert compiled(tmp_path / "shared") == set()
        kept = compiled(tmp_path / "own")
    assert "hotspots" in kept
    assert not kept & {"patrol", "cameras", "forecast"}
