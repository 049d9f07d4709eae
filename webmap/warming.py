"""Compile what maps, cameras, forecasts and patrols run on, in a process of its own beside the server, so that nobody waits for it.

What is compiled lands in the cache on disk, where every worker finds it; on a machine that has it already this takes seconds. It
answers no request and touches no store.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webmap.kernel_cache import keep_for_user

_STOP_S = 10.0


def main() -> None:
    """Compile everything, behind whatever else the machine has to do."""
    # Before anything is imported: a worker that starts now comes first.
    if hasattr(os, "nice"):
        os.nice(19)
    with Path(__file__).open() as ours:
        try:
            fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another server of this installation has it compiled for all.
            return
        keep_for_user()
        from gis.cameras.warm import warm as warm_cameras
        from gis.forecast.warm import warm as warm_forecasts
        from gis.hotspots.warm import warm as warm_hotspots
        from gis.patrol.warm import warm as warm_patrols

        # The page of a case asks what cameras see, and may send a patrol; hot-spot statistics take longest.
        for warm in (warm_cameras, warm_patrols, warm_forecasts, warm_hotspots):
            warm()


@contextmanager
def beside(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Compile in another process while the body runs; at its end that process ends too.

    Parameters
    ----------
    arguments
        Of the Python that runs; this module without any.
    """
    command, quiet = [sys.executable, *(arguments or ("-m", "webmap.warming"))], subprocess.DEVNULL
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
    main()
