"""Keeps the incident columns in step with the store: builds them once, extends them by what changed.

Several workers share the files; one at a time brings them up to date and the others map what it wrote. It answers no
question about incidents itself.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from gis.errors import StoreError
from gis.incidents.columns import IncidentColumns, Mark, build, extend, open_columns, read_mark
from gis.incidents.columns.segment import COLUMNS
from webmap.store import State, Store

_NEEDED = tuple(name for name in COLUMNS if name != "row")
Progress = Callable[[str, int, int], None]
"""Told a stage, rows done and rows in all."""


class ColumnsKeeper:
    """The columns of one store.

    Parameters
    ----------
    store
        The record that they follow.
    folder
        Where they lie; shared by the workers of one machine.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._lock = Lock()
        self._held: IncidentColumns | None = None
        self._mark: Mark | None = None
        self._checked: tuple[str, int, str] | None = None

    def current(self, state: State, progress: Progress | None = None) -> IncidentColumns:
        """The columns with every change that a state of the store holds, and perhaps later ones.

        Parameters
        ----------
        state
            From ``store.state()``.
        progress
            Told the rows of a first build.

        Raises
        ------
        StoreError
            The folder cannot be written, or the store cannot be read.
        """
        wanted = (f"{self._store.identity}.{state.generation}", state.seq, state.settings.get("zone", "UTC"))
        with self._lock:
            held = self._held
            if held is None or self._checked != wanted:
                held = self._refresh(wanted, progress)
                self._held, self._checked = held, wanted
            return held

    def _refresh(self, wanted: tuple[str, int, str], progress: Progress | None) -> IncidentColumns:
        origin, seq, zone = wanted
        with self._alone():
            mark = read_mark(self._folder)
            if mark is None or (mark.origin, mark.zone) != (origin, zone):
                return self._build(Mark(origin, seq, zone), progress)
            held = self._held if self._held is not None and self._mark == mark else self._mapped(mark)
            if held is not None and mark.seq >= seq:
                return held
            delta = self._store.incidents.delta(mark.seq, _NEEDED)
            if held is None or delta.removed or not len(held):
                return self._build(Mark(origin, delta.seq, zone), progress)
            if len(delta.changed):
                mark = Mark(origin, delta.seq, zone)
                extend(self._folder, delta.changed, mark)
                self._mark = mark
                return open_columns(self._folder)
            return held

    def _build(self, mark: Mark, progress: Progress | None) -> IncidentColumns:
        total = self._store.incidents.count_all()
        tell = None if progress is None else lambda done: progress("columns", done, total)
        build(self._folder, self._store.incidents.scan(_NEEDED), mark, progress=tell)
        self._mark = mark
        return open_columns(self._folder)

    def _mapped(self, mark: Mark) -> IncidentColumns | None:
        """The columns as they lie there; None where the copy is damaged, which is no loss: it is made again."""
        try:
            held = open_columns(self._folder)
        except StoreError:
            return None
        self._mark = mark
        return held

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "refresh.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise StoreError(
                zh=f"无法写入事件索引文件夹 {self._folder}:{error.strerror}。请检查权限和磁盘空间。",
                en=f"The folder of the incident columns {self._folder} cannot be written: {error.strerror}.",
            ) from error


def columns_folder(store: Store, configured: str = "") -> Path:
    """Where the columns lie: as configured, beside the SQLite file, or in the user's cache for a server's database."""
    if configured:
        return Path(configured)
    if store.path is not None:
        return store.path.with_suffix(".columns")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "wangge" / f"columns-{hashlib.sha256(store.identity.encode()).hexdigest()[:16]}"
