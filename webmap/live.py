"""Follows the store's change sequence once a process and wakes every open stream; it sends nothing itself.

One thread asks the store for its latest number; streams and pollers only wait on what it saw, so that two hundred open
maps cost as many questions to the store as one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event, Thread

from gis.errors import WanggeError
from webmap.store import Store

POLL_S = 0.5
"""Seconds between two looks at the store: well below the two seconds in which a new event must be on the map."""


class ChangeHub:
    """The latest change number of a store, and a place to wait for the next.

    Parameters
    ----------
    store
        The store that is followed.
    most
        Streams that may be open at once in this process; the rest poll.
    """

    def __init__(self, store: Store, *, most: int) -> None:
        self._store = store
        self.most = most
        self._woken = Condition()
        self._stopped = Event()
        self._seq = 0
        self._open = 0
        self._thread: Thread | None = None

    @property
    def streams(self) -> int:
        """Streams that are open now."""
        return self._open

    @contextmanager
    def stream(self) -> Iterator[bool]:
        """A place among the open streams; False where all are taken."""
        with self._woken:
            taken = self._open < self.most
            self._open += taken
            self._start()
        try:
            yield taken
        finally:
            with self._woken:
                self._open -= taken

    def wait(self, seq: int, timeout: float) -> int:
        """The latest number as soon as it is above ``seq``, or after ``timeout`` seconds whatever it is."""
        with self._woken:
            self._woken.wait_for(lambda: self._seq > seq or self._stopped.is_set(), timeout)
            return max(self._seq, seq)

    @property
    def stopped(self) -> bool:
        """The process is about to end; streams close."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Wake everyone and end the thread."""
        self._stopped.set()
        with self._woken:
            self._woken.notify_all()

    def _start(self) -> None:
        # Started with the first stream: command lines and tests without streams have no thread.
        if self._thread is None:
            self._seq = self._store.change_seq()
            self._thread = Thread(target=self._follow, name="wangge-changes", daemon=True)
            self._thread.start()

    def _follow(self) -> None:
        while not self._stopped.wait(POLL_S):
            try:
                seq = self._store.change_seq()
            except WanggeError:
                # A busy store is asked again at the next turn; streams just hear of it later.
                continue
            if seq > self._seq:
                with self._woken:
                    self._seq = seq
                    self._woken.notify_all()
