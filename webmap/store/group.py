"""Small writes gathered by one background thread of each process, so that a reader never waits for the write lock.

What was put is kept until it is written, through busy moments too; a kill loses what was put since the last commit,
at most ``wait_s``. Whoever must not lose a row writes it himself.
"""

import atexit
import os
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from gis.errors import StoreError

T = TypeVar("T")

_AT_ONCE = 5_000
_AGAIN_S = 0.5
_PATIENCE_S = 30.0


class GroupWriter(Generic[T]):
    """Writes what it is given, some at a time.

    Parameters
    ----------
    write
        Keeps all of its items in one transaction or none, and raises ``StoreError`` when it cannot.
    wait_s
        An item waits at most this long for others, seconds.
    rows
        So many are written without waiting.
    limit
        With so many waiting, no more are taken.
    """

    def __init__(
        self, write: Callable[[Sequence[T]], None], *, wait_s: float = 0.2, rows: int = 200, limit: int = 50_000
    ) -> None:
        self._write = write
        self._wait_s = wait_s
        self._rows = rows
        self._limit = limit
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._waiting: list[T] = []
        self._taken = self._written = 0
        self._failure: StoreError | None = None
        self._hurry = self._closed = False
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)

    def put(self, item: T) -> None:
        """Take an item to be written soon.

        Raises
        ------
        StoreError
            Too many wait already, because the store cannot be written; or the writer is closed.
        """
        self._in_own_process()
        with self._changed:
            if self._closed or len(self._waiting) >= self._limit:
                raise StoreError(
                    zh="审计或会话记录无法写入数据库,操作已停止;请检查磁盘和数据库。",
                    en="Audit or session rows cannot be written, so nothing was done; check the disk and the store.",
                )
            self._waiting.append(item)
            self._taken += 1
            if not self._thread.is_alive():
                self._start()
            self._changed.notify_all()

    def flush(self) -> None:
        """Return when everything put before is kept.

        Raises
        ------
        StoreError
            It cannot be written now; it goes on waiting.
        """
        self._in_own_process()
        with self._changed:
            goal = self._taken
            self._failure = None
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._written >= goal or self._failure is not None, _PATIENCE_S)
            if self._written < goal:
                raise self._failure or StoreError(
                    zh="数据库正忙,记录尚未写入。", en="The store is busy; the rows are not written yet."
                )

    def close(self) -> None:
        """Write what waits and end the thread.

        Raises
        ------
        StoreError
            As :meth:`flush`.
        """
        self._in_own_process()
        atexit.unregister(self.close)
        try:
            if self._waiting:
                self.flush()
        finally:
            with self._changed:
                self._closed = True
                self._changed.notify_all()
            if self._thread.is_alive():
                self._thread.join(_PATIENCE_S)

    def _in_own_process(self) -> None:
        # After a fork the thread is gone, and what waits belongs to the parent.
        if self._pid != os.getpid():
            self._begin()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
        self._thread.start()
        atexit.unregister(self.close)
        atexit.register(self.close)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
                if not self._waiting or (self._closed and self._failure is not None):
                    return
                self._changed.wait_for(self._is_time, self._wait_s)
                batch = self._waiting[:_AT_ONCE]
            self._keep(batch)

    def _is_time(self) -> bool:
        return len(self._waiting) >= self._rows or self._hurry or self._closed

    def _keep(self, batch: list[T]) -> None:
        try:
            self._write(batch)
        except StoreError as error:
            with self._changed:
                self._failure = error
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed, _AGAIN_S)
            return
        with self._changed:
            del self._waiting[: len(batch)]
            self._written += len(batch)
            self._failure = None
            self._hurry = self._hurry and bool(self._waiting)
            self._changed.notify_all()
