"""One door to the database: connections, transactions and errors, the same for SQLite and PostgreSQL.

Reads see one moment; writes are one at a time and whole or not at all. Nothing of SQLAlchemy, SQLite or psycopg
escapes as an error of its own, and no password is ever part of a message. It never lets GDAL near the file.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gis.errors import ConfigError, StoreError

BUSY_S = 15
"""How long a writer waits for another before it gives up, seconds."""

_WRITER_KEY = 0x57616E67
"""PostgreSQL's advisory lock that makes writers take turns, as ``BEGIN IMMEDIATE`` does in SQLite."""


class Database:
    """A database behind a URL, for any number of threads and processes.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql+psycopg://user@host/name``.

    Raises
    ------
    ConfigError
        A URL that is neither.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.engine = _engine(self.url)
        self._turn = threading.Lock()
        self._turn_pid = os.getpid()

    @property
    def is_sqlite(self) -> bool:
        """The store is one SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; none for PostgreSQL."""
        return Path(str(self.url.database)) if self.is_sqlite else None

    @property
    def label(self) -> str:
        """The URL for people, without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection whose queries all see the same moment.

        Raises
        ------
        StoreError
            The store is busy, damaged or out of reach.
        """
        with self._plainly(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, staging: Connection | None = None) -> Iterator[Connection]:
        """A transaction that is kept whole on a clean exit and leaves nothing otherwise.

        Parameters
        ----------
        staging
            A connection of :meth:`staging` that already holds temporary tables; otherwise a fresh one is taken.

        Raises
        ------
        StoreError
            Another writer kept the store for longer than ``BUSY_S``, or the store is damaged, full or out of reach.
        """
        with self._plainly(), self._one_writer():
            if staging is not None:
                with self._write_transaction(staging) as connection:
                    yield connection
                return
            with self.engine.connect() as fresh, self._write_transaction(fresh) as connection:
                yield connection

    @contextmanager
    def staging(self) -> Iterator[Connection]:
        """A connection for temporary tables, which take no lock of the store.

        Raises
        ------
        StoreError
            As for :meth:`reading`.
        """
        with self._plainly(), self.engine.connect() as connection:
            try:
                yield connection
            except BaseException:
                # Temporary tables live as long as the connection.
                connection.invalidate()
                raise

    @contextmanager
    def outside_transaction(self) -> Iterator[Any]:
        """A DBAPI connection in autocommit, for statements that refuse a transaction (``VACUUM INTO``)."""
        with self._plainly(), self.engine.connect() as connection:
            yield connection.connection.dbapi_connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def _write_transaction(self, connection: Connection) -> Iterator[Connection]:
        connection.execution_options(wangge_write=True)
        try:
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_KEY})
                yield connection
        finally:
            if not connection.invalidated:
                connection.execution_options(wangge_write=False)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        # SQLite's own lock is unfair between threads: the longest wait of eight writers was 4.1 s without this queue.
        if self._turn_pid != os.getpid():
            self._turn, self._turn_pid = threading.Lock(), os.getpid()
        turn = self._turn
        if not turn.acquire(timeout=BUSY_S):
            raise _busy(self.label)
        try:
            yield
        finally:
            turn.release()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        driver_error = self.engine.dialect.loaded_dbapi.Error
        try:
            yield
        except PoolTimeoutError as error:
            raise _busy(self.label) from error
        except (SQLAlchemyError, driver_error) as error:
            raise plain_error(error, self.label) from error


def plain_error(error: Exception, label: str) -> StoreError:
    """What a database error means to the person who runs the service.

    Parameters
    ----------
    error
        An error of SQLAlchemy, sqlite3 or psycopg.
    label
        The store's URL without its password.

    Returns
    -------
    error
        Busy, damaged, full, read-only, out of reach, refused rows, or the driver's own first line.
    """
    origin = getattr(error, "orig", None) or error
    mark = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None) or ""
    first_line = (str(origin).strip().splitlines() or [type(origin).__name__])[0]
    for starts, zh, en in _MEANINGS:
        if any(mark.startswith(start) for start in starts):
            return StoreError(zh=f"数据库 {label}:{zh}({first_line})", en=f"store {label}: {en} ({first_line})")
    if not mark and "connect" in first_line.lower():
        return StoreError(
            zh=f"数据库 {label}:连接不上,请检查地址和服务({first_line})",
            en=f"store {label}: cannot be reached; check the address and the server ({first_line})",
        )
    return StoreError(zh=f"数据库 {label} 出错:{first_line}", en=f"store {label} failed: {first_line}")


_MEANINGS = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01"),
        "正被其他程序写入,请稍后重试",
        "is busy with another writer; try again shortly",
    ),
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"),
        "已损坏或不是数据库文件,请用 wangge restore 从备份恢复",
        "is damaged or no store at all; restore it from a backup with wangge restore",
    ),
    (("SQLITE_FULL", "53100"), "磁盘已满,本次写入未生效", "has no room on its disk; nothing of this write was kept"),
    (("SQLITE_READONLY", "25006"), "只读,无法写入", "is read-only"),
    (
        ("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", "28", "3D000", "42501"),
        "无法打开,请检查路径和权限",
        "cannot be opened; check the path and the permissions",
    ),
    (("SQLITE_IOERR", "58030"), "磁盘读写出错", "met a disk error"),
    (("SQLITE_CONSTRAINT", "23"), "有行不符合表的规则,整批未写入", "refused a row, so nothing of this write was kept"),
    (("08", "57P"), "连接已断开或连接不上", "cannot be reached"),
)


def _busy(label: str) -> StoreError:
    return StoreError(
        zh=f"数据库 {label} 正忙,等待 {BUSY_S} 秒未获得写入机会,请稍后重试。",
        en=f"store {label} is busy: no turn to write within {BUSY_S} s; try again shortly.",
    )


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _bad_url() from error
    if parsed.drivername not in ("sqlite", "postgresql+psycopg") or not parsed.database:
        raise _bad_url()
    if parsed.drivername == "sqlite" and Path(parsed.database).suffix.lower() == ".gpkg":
        raise ConfigError(
            zh="数据库文件不要命名为 .gpkg:GIS 软件直接打开会损坏它;请改用 .db。",
            en="Do not name the store .gpkg: GIS programs would open it and damage it; use .db.",
        )
    return parsed


def _bad_url() -> ConfigError:
    return ConfigError(
        zh="数据库地址应为 sqlite:///路径 或 postgresql+psycopg://用户@主机/库名。",
        en="A store is named sqlite:///path or postgresql+psycopg://user@host/name.",
    )


def _engine(url: URL) -> Engine:
    try:
        return _sqlite_engine(url) if url.drivername == "sqlite" else _postgres_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(
            zh="使用 PostgreSQL 需要安装驱动:pip install 'wangge[postgres]'。",
            en="PostgreSQL needs its driver: pip install 'wangge[postgres]'.",
        ) from error


def _postgres_engine(url: URL) -> Engine:
    # jit=off: row-level security makes long conditions, and compiling them took half a second before a list of ten milliseconds.
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=40,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 10,
            "options": f"-c lock_timeout={int(BUSY_S * 1000)}ms -c timezone=UTC -c jit=off",
        },
    )
    _own_connections_after_fork(engine)
    return engine


def _sqlite_engine(url: URL) -> Engine:
    # isolation_level None: transactions are begun by the hook below, not guessed from statements by sqlite3.
    engine = create_engine(url, pool_size=8, max_overflow=40, connect_args={"timeout": BUSY_S, "isolation_level": None})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _own_connections_after_fork(engine)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    cursor = dbapi_connection.cursor()
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "cache_size=-32768"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred write that meets another writer fails at once; an immediate one waits for its turn.
    wants_to_write = connection.get_execution_options().get("wangge_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_to_write else "BEGIN")


def _own_connections_after_fork(engine: Engine) -> None:
    # A connection made before a fork belongs to the parent. The child keeps it unused and unclosed: closing it
    # there could checkpoint the parent's log.
    inherited: list[Any] = []

    def connect(_dbapi_connection: Any, record: Any) -> None:
        record.info["pid"] = os.getpid()

    def checkout(_dbapi_connection: Any, record: Any, proxy: Any) -> None:
        if record.info["pid"] != os.getpid():
            inherited.append(record.dbapi_connection)
            record.dbapi_connection = proxy.dbapi_connection = None
            raise DisconnectionError(f"connection of process {record.info['pid']}")

    event.listen(engine, "connect", connect)
    event.listen(engine, "checkout", checkout)
