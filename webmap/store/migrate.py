"""Bring the tables of a store to the form this program knows, in one transaction.

It runs Alembic's steps inside a transaction of the caller, so that a kill leaves the old form or the new one.
It never opens a database itself and never guesses about a store made by a later version: it refuses.
"""

import threading
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gis.errors import StoreError

STEPS = Path(__file__).parent / "migrations"

# Alembic's ``op`` is one object for the whole process.
_ONE_AT_A_TIME = threading.Lock()


def known_revisions() -> list[str]:
    """Revisions this program knows, newest first."""
    return [step.revision for step in _scripts().walk_revisions()]


def current_revision(connection: Connection) -> str:
    """Revision of the store's tables; empty for a store without tables."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(connection: Connection) -> bool:
    """The store has the form this program works with.

    Raises
    ------
    StoreError
        The store was made by a later version.
    """
    revision = current_revision(connection)
    _refuse_newer(revision)
    return revision == known_revisions()[0]


def upgrade(connection: Connection, to: str = "head") -> None:
    """Move the tables up to a revision, inside the transaction of ``connection``.

    Raises
    ------
    StoreError
        The store, or the wanted revision, is of a later version.
    """
    _refuse_newer(current_revision(connection))
    if to != "head":
        _refuse_newer(to)
    _run(connection, to, up=True)


def remove_tables(connection: Connection) -> None:
    """Drop every table of the store."""
    _run(connection, "base", up=False)


def _refuse_newer(revision: str) -> None:
    if revision and revision not in known_revisions():
        newest = known_revisions()[0]
        raise StoreError(
            zh=f"数据库版本 {revision} 高于本程序支持的 {newest};请升级程序后再打开。",
            en=f"The store has revision {revision}, this program knows up to {newest}; upgrade the program first.",
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(STEPS)


def _run(connection: Connection, target: str, *, up: bool) -> None:
    scripts = _scripts()

    def steps(revision: Any, _context: MigrationContext) -> Any:
        if up:
            return scripts._upgrade_revs(target, revision)  # noqa: SLF001 - the hook alembic.command uses itself
        return scripts._downgrade_revs(target, revision)  # noqa: SLF001

    with _ONE_AT_A_TIME, EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
