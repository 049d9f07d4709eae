"""Compiling beside the server ends with the server, and one room can be compiled without the others."""

import os
import subprocess
import sys
from pathlib import Path

from webmap.warming import beside


def test_the_process_ends_with_the_server() -> None:
    with beside("plans") as child:
        assert child.poll() is None
    assert child.poll() is not None


def test_a_room_is_compiled_by_itself_into_the_cache_that_is_named(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "webmap.warming", "hot_spots"], env=environment, check=True)
    kept = {file.parent.name.split("_")[0] for file in tmp_path.rglob("*.nbc")}
    assert "hotspots" in kept
    assert not kept & {"patrol", "cameras", "forecast"}
