"""Work that a server process does by itself every so often: deliver messages, sign checkpoints, delete what is over.

Each kind of work has a thread of its own, so that a slow receiver holds nothing else back. Work that fails is logged
and done again at its next turn. Several processes do the same work side by side: each piece must bear that.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

_log = logging.getLogger(__name__)


class Background:
    """The background work of one process."""

    def __init__(self) -> None:
        self._stopped = Event()
        self._work: list[tuple[str, float, Callable[[], object]]] = []
        self._threads: list[Thread] = []

    def add(self, name: str, every_s: float, work: Callable[[], object]) -> None:
        """Do something now and then every so many seconds, once started."""
        self._work.append((name, every_s, work))

    def start(self) -> None:
        """Begin; called once, in the process that does the work."""
        for name, every_s, work in self._work:
            thread = Thread(target=self._run, args=(name, every_s, work), name=f"wangge-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, patience_s: float = 0.0) -> None:
        """Let nothing begin any more, and wait so long for what runs."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(patience_s)

    def _run(self, name: str, every_s: float, work: Callable[[], object]) -> None:
        while not self._stopped.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - one bad turn must not end the thread for good
                _log.error("background work %s failed: %s", name, type(error).__name__)
            self._stopped.wait(every_s)
