"""Compile what maps, cameras, forecasts and patrols run on, in a process of its own beside the server, so that nobody waits for it.

What is compiled lands in the cache on disk, where every worker finds it; on a machine that has it already this takes seconds. It
answers no request and touches no store.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from webmap.kernel_cache import forget_old, keep_for_user

ROOMS = {
    "cameras": "gis.cameras.warm",
    "replanning": "gis.patrol.replan",
    "plans": "gis.patrol.warm",
    "forecasts": "gis.forecast.warm",
    "hot_spots": "gis.hotspots.warm",
}
"""What can be compiled by itself, and the module whose ``warm`` does it. In this order for a server: the page of a case asks what
cameras see, and may send a patrol; plans take longest, and whoever asks for one sees its steps."""
_STOP_S = 10.0


def main(rooms: Sequence[str] = ()) -> None:
    """Compile what is named, everything without a name, behind whatever else the machine has to do."""
    # Before anything is imported: a worker that starts now comes first.
    if hasattr(os, "nice"):
        os.nice(19)
    keep_for_user()
    forget_old()
    for room in rooms or ROOMS:
        module = import_module(ROOMS[room])
        with lock_of(room).open("w") as ours:
            try:
                fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Another server that keeps its loops here has it compiled for all.
                continue
            module.warm()


def lock_of(room: str) -> Path:
    """The file by which processes that keep compiled loops in one place agree who compiles; its folder is made."""
    keep_for_user()
    file = Path(os.environ["NUMBA_CACHE_DIR"]) / f"{room}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


@contextmanager
def beside(*rooms: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Compile in another process while the body runs; at its end that process ends too.

    Parameters
    ----------
    rooms
        Of ``ROOMS``; all of them without any.
    """
    command, quiet = [sys.executable, "-m", "webmap.warming", *rooms], subprocess.DEVNULL
    child = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - our own Python
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
