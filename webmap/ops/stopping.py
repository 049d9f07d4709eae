"""An orderly end of a worker: streams are closed at the signal, running requests end, what waits is written.

The server library owns the signal handlers; this only listens beside them.
"""

import os
import signal
from collections.abc import Callable
from threading import Thread

ENDING = frozenset({signal.SIGTERM, signal.SIGINT})


def on_stop_signal(act: Callable[[], None]) -> None:
    """Call ``act`` in a thread of its own when this process is told to end; call it from the main thread.

    Parameters
    ----------
    act
        Must not wait for requests: they are still running.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def listen() -> None:
        while number := os.read(heard, 1):
            if number[0] in ENDING:
                act()
                return

    Thread(target=listen, name="wangge-stop", daemon=True).start()
