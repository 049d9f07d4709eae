"""Compile what hot-spot statistics and forecasts run on, in a process of its own beside the server, so that nobody waits for it.

What is compiled lands in the cache on disk, where every worker finds it; on a machine that has it already this takes seconds. It
answers no request and touches no store.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import shapely

_STOP_S = 10.0


def main() -> None:
    """Compile everything, behind whatever else the machine has to do."""
    from gis.hotspots.warm import warm as warm_hotspots

    if hasattr(os, "nice"):
        os.nice(10)
    # A forecast is asked for by the first opening of its layer; hot-spot statistics take longest.
    warm_forecasts()
    warm_hotspots()


def warm_forecasts() -> None:
    """Run each compiled loop of a forecast and of its score card once."""
    from gis.forecast import Period, grid_cells, make_forecast, make_history

    cells = grid_cells([shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)], ["a", "b"])
    day = np.arange(20_000.0, 20_100.0)
    history = make_history(np.column_stack([day % 18, day % 9]), day, ["a"] * len(day), keep_defaults=True)
    period = Period.starting("week", datetime(2024, 12, 31, tzinfo=UTC))
    make_forecast(history, cells, period, rng=np.random.default_rng(0))


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
