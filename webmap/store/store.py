"""The system of record of a district behind one URL: a SQLite file, or PostgreSQL with PostGIS.

Open it once per process and share it between threads; a forked or spawned process gets connections of its own.
It never reads the clock and never hands out a database connection.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from gis.errors import NotFoundError, StoreError
from webmap.auth.passwords import PasswordRules
from webmap.store import migrate
from webmap.store.areas import Areas
from webmap.store.attachments import Attachments
from webmap.store.audit import Audit
from webmap.store.backup import read_manifest, restore_backup, write_backup, write_snapshot
from webmap.store.camera_tables import CameraTables
from webmap.store.cameras import CameraRecords
from webmap.store.case_columns import CaseColumns
from webmap.store.case_ticks import CaseTicks
from webmap.store.cases import Cases
from webmap.store.changes import Changes, last_seq
from webmap.store.checkins import CheckIns
from webmap.store.committees import Committees
from webmap.store.db import Database
from webmap.store.events import Events
from webmap.store.findings import Finding
from webmap.store.forecasts import Forecasts
from webmap.store.imports import Imports
from webmap.store.incidents import Incidents
from webmap.store.layers import Layer
from webmap.store.notifications import Notifications
from webmap.store.order_telling import tell_order
from webmap.store.outbox import Outbox
from webmap.store.photos import Photos
from webmap.store.plans import Plans
from webmap.store.rosters import Rosters
from webmap.store.sessions import Sessions
from webmap.store.settings import GENERATION, read_identity, read_mark, read_settings, save_settings, write_settings
from webmap.store.side_cases import SideCases
from webmap.store.side_ticks import SideTicks
from webmap.store.telling import tell_move, tell_notice
from webmap.store.units import RoutingRules, Units
from webmap.store.users import Users
from webmap.store.verify import verify_store
from webmap.store.viewer import LOCAL_OPERATOR, Viewer
from webmap.store.views import SavedViews

_WAL_TRIES = 100
_OTHER_LAYERS = ("cameras", "places", "streets", "buildings")


@dataclass(frozen=True)
class State:
    """What answers depend on besides the question: see ``Store.generation``, ``Store.change_seq`` and ``Store.settings``."""

    generation: int
    seq: int
    settings: dict[str, str]


class Store:
    """An open store; use :func:`open_store` or :func:`init_store`.

    Parameters
    ----------
    database
        The door to a database whose tables are up to date.
    attachments
        Folder of attached files; beside the SQLite file by default, none for PostgreSQL.
    """

    def __init__(self, database: Database, *, attachments: Path | None = None) -> None:
        self._database = database
        self._folder = attachments or _folder_beside(database)
        self.areas = Areas(database)
        self.incidents = Incidents(database, "incidents")
        self.changes = Changes(database)
        self.cameras = CameraRecords(database)
        self.camera_tables = CameraTables(database)
        self.events = Events(database)
        self.cases = Cases(database, on_move=(tell_move,))
        self.case_columns = CaseColumns(database)
        self.case_ticks = CaseTicks(database, on_move=(tell_move,), on_notice=(tell_notice,))
        self.units = Units(database)
        self.routing = RoutingRules(database)
        self.committees = Committees(database)
        self.side_cases = SideCases(database, on_move=(tell_order,))
        self.side_ticks = SideTicks(database)
        self.plans = Plans(database)
        self.rosters = Rosters(database)
        self.forecasts = Forecasts(database)
        self.checkins = CheckIns(database)
        self.imports = Imports(database)
        self.attachments = Attachments(database, self._folder)
        rules = PasswordRules()
        self.audit = Audit(database)
        self.sessions = Sessions(database, rules=rules)
        self.users = Users(database, rules=rules, on_change=self.sessions.forget)
        self.views = SavedViews(database)
        self.outbox = Outbox(database)
        self.notifications = Notifications(database)
        self.photos = Photos(database, self.attachments)

    def __reduce__(self) -> tuple[Any, ...]:
        # A spawned process opens the store for itself.
        return partial(open_store, attachments=self._folder), (self.url,)

    @property
    def url(self) -> str:
        """The URL it was opened with, password included."""
        return self._database.url.render_as_string(hide_password=False)

    @property
    def path(self) -> Path | None:
        """The SQLite file; None for a database of a server."""
        return self._database.path

    @property
    def settings(self) -> dict[str, str]:
        """Names, code and zone of the district, as they are now."""
        with self._database.reading() as connection:
            return read_settings(connection)

    def save_settings(self, settings: Mapping[str, str], *, now: datetime, viewer: Viewer = LOCAL_OPERATOR) -> bool:
        """Change some settings; see :func:`webmap.store.settings.save_settings`."""
        return save_settings(self._database, settings, viewer=viewer, now=now)

    @cached_property
    def _layers(self) -> dict[str, Layer]:
        return {name: Layer(self._database, name) for name in _OTHER_LAYERS} | {"incidents": self.incidents}

    def layer(self, name: str) -> Layer:
        """One of ``cameras``, ``places``, ``streets``, ``buildings`` and ``incidents``.

        Raises
        ------
        NotFoundError
            No such layer.
        """
        if name not in self._layers:
            raise NotFoundError(
                zh=f"没有图层“{name}”;可用:{'、'.join(self._layers)}。",
                en=f"There is no layer '{name}'; there are {', '.join(self._layers)}.",
            )
        return self._layers[name]

    def change_seq(self) -> int:
        """Number of the latest change; it rises with each commit that changed something."""
        return self.changes.last()

    @property
    def generation(self) -> int:
        """Rises with every restore: what was derived from the change sequence before is void."""
        with self._database.reading() as connection:
            return int(read_mark(connection, GENERATION) or 0)

    def is_current(self) -> bool:
        """The tables have the form that this program works with."""
        return _is_current(self._database)

    @cached_property
    def identity(self) -> str:
        """A random name that tells this store from every other."""
        return read_identity(self._database)

    def state(self) -> State:
        """Generation, change number and settings of one moment."""
        with self._database.reading() as connection:
            generation = int(read_mark(connection, GENERATION) or 0)
            return State(generation, last_seq(connection), read_settings(connection))

    def backup(self, path: Path | str, *, now: datetime | None = None) -> dict[str, Any]:
        """Write everything into one portable archive; see :func:`webmap.store.backup.write_backup`."""
        return write_backup(self._database, self._folder, Path(path), made_at=now)

    def restore(self, path: Path | str) -> dict[str, Any]:
        """Fill this empty store from an archive; see :func:`webmap.store.backup.restore_backup`."""
        return restore_backup(self._database, self._folder, Path(path))

    def snapshot(self, path: Path | str) -> None:
        """A closed SQLite copy for other programs; see :func:`webmap.store.backup.write_snapshot`."""
        write_snapshot(self._database, Path(path))

    def verify(self, *, archive: Path | str | None = None) -> list[Finding]:
        """Every fault of the store; see :func:`webmap.store.verify.verify_store`."""
        return verify_store(self._database, self._folder, Path(archive) if archive is not None else None)

    def close(self) -> None:
        """Write what waits to be written and give back every connection."""
        self.sessions.close()
        try:
            self.audit.close()
        finally:
            self._database.close()


def open_store(url: str, *, create: bool = False, attachments: Path | None = None) -> Store:
    """Open a store, bringing its tables up to date.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql+psycopg://user@host/name``.
    create
        Make the store where there is none.
    attachments
        Folder of attached files; ``<name>.attachments`` beside a SQLite file by default.

    Raises
    ------
    ConfigError
        The URL names neither.
    StoreError
        There is no store, or it is damaged, busy, out of reach, or made by a later version.
    """
    database = Database(url)
    try:
        if not _has_tables(database) and not create:
            raise _missing(database)
        if not _is_current(database):
            _bring_up(database)
    except BaseException:
        database.close()
        raise
    return Store(database, attachments=attachments)


def init_store(url: str, settings: Mapping[str, str], *, attachments: Path | None = None) -> Store:
    """Make a new store with the district's settings, in one step or not at all.

    Raises
    ------
    ConfigError
        The URL or a setting makes no sense.
    StoreError
        There is a store already, or it cannot be made.
    """
    database = Database(url)
    try:
        _bring_up(database, settings)
    except BaseException:
        database.close()
        raise
    return Store(database, attachments=attachments)


def restore_store(url: str, path: Path | str, *, attachments: Path | None = None) -> dict[str, Any]:
    """Make a store from a backup, or fill an empty one; a bad backup makes no store.

    Returns
    -------
    manifest
        Of the backup.

    Raises
    ------
    FileFormatError
        The file is no backup, or is damaged.
    StoreError
        The store has rows already, or the backup is of a later version.
    """
    read_manifest(Path(path))
    store = open_store(url, create=True, attachments=attachments)
    try:
        return store.restore(path)
    finally:
        store.close()


def _has_tables(database: Database) -> bool:
    if database.path is not None and not _exists(database.path):
        return False
    with database.reading() as connection:
        return migrate.current_revision(connection) != ""


def _exists(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _is_current(database: Database) -> bool:
    if database.path is not None and not _exists(database.path):
        return False
    with database.reading() as connection:
        return migrate.is_current(connection)


def _bring_up(database: Database, settings: Mapping[str, str] | None = None) -> None:
    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
    with database.writing() as connection:
        revision = migrate.current_revision(connection)
        if settings is not None and revision:
            raise StoreError(
                zh=f"数据库 {database.label} 已存在,未作改动。",
                en=f"There is a store at {database.label} already; nothing was changed.",
            )
        if not revision and database.is_sqlite and inspect(connection).get_table_names():
            raise StoreError(
                zh=f"{database.label} 是其他程序的数据库,未作改动。",
                en=f"{database.label} is a database of another program; nothing was changed.",
            )
        migrate.upgrade(connection)
        write_settings(connection, settings or {})
    if database.is_sqlite:
        _to_wal(database)


def _to_wal(database: Database) -> None:
    # SQLite does not wait for others here: it says busy at once, and four programs may open a new store together.
    for attempt in range(_WAL_TRIES):
        try:
            with database.outside_transaction() as driver:
                driver.execute("PRAGMA journal_mode=WAL")
            return
        except StoreError:
            if attempt + 1 == _WAL_TRIES:
                raise
            time.sleep(0.1)


def _missing(database: Database) -> StoreError:
    return StoreError(
        zh=f"{database.label} 没有数据库;请先运行 wangge init。",
        en=f"There is no store at {database.label}; run wangge init first.",
    )


def _folder_beside(database: Database) -> Path | None:
    return database.path.with_suffix(".attachments") if database.path is not None else None
