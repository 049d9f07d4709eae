"""Merge a whole table into the store: staged in a temporary table, then merged in one transaction.

Bound by reading and writing rows, not by an ORM. A kill at any moment leaves the old rows or the new ones. It does not
know what the rows mean: callers check scope and note the change inside the same transaction.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable

from webmap.store._columns import rows_for_sqlite
from webmap.store.changes import last_seq
from webmap.store.db import Database
from webmap.store.models import LOCATED
from webmap.store.row_security import LOCKED

CHUNK = 50_000
Progress = Callable[[int, int], None]
"""Called with rows done and rows in all; staging counts for one half, merging for the other."""


@dataclass(frozen=True)
class Upserted:
    """What a bulk write changed, in rows; a repeated id within one table counts as unchanged."""

    inserted: int
    updated: int
    unchanged: int

    @property
    def changed(self) -> int:
        """Rows that are not as they were."""
        return self.inserted + self.updated


@dataclass(frozen=True)
class Stage:
    """A temporary table with the rows to merge, in order of their key."""

    connection: Connection
    table: Table
    rows: int
    repeated: int


@contextmanager
def staged(
    database: Database, columns: pa.Table, target: Table, *, key: str = "id", progress: Progress | None = None
) -> Iterator[Stage]:
    """Rows in a temporary table of their own connection; the store itself is not locked meanwhile.

    Parameters
    ----------
    columns
        Columns of ``target`` by name.
    key
        Of rows with the same key the last one counts.
    """
    rows = _last_of_each(columns, key)
    table = _stage_table(columns.column_names, target)
    with database.staging() as connection:
        with connection.begin():
            connection.execute(CreateTable(table))
            insert_rows(connection, table.name, rows, tell=_half(progress, rows.num_rows))
        yield Stage(connection, table, rows.num_rows, columns.num_rows - rows.num_rows)
        with connection.begin():
            connection.execute(DropTable(table))


def merge(stage: Stage, target: Table, *, keep_location: bool, progress: Progress | None = None) -> Upserted:
    """Insert what is new and update what differs, inside the caller's transaction.

    Parameters
    ----------
    keep_location
        The stage knows no located codes: an unmoved point keeps its own, a moved one loses them.

    Returns
    -------
    upserted
        Counted by the database, in rows.
    """
    staged_rows, connection = stage.table, stage.connection
    known = select(func.count()).select_from(staged_rows.join(target, staged_rows.c.id == target.c.id))
    existing = int(connection.scalar(known) or 0)
    marks = touch(connection, target)
    changed = 0
    for start in range(0, stage.rows, CHUNK):
        chunk = and_(staged_rows.c.ord >= start, staged_rows.c.ord < start + CHUNK)
        statement = _upsert(staged_rows, target, chunk, marks, keep_location=keep_location, connection=connection)
        changed += connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
        if progress is not None:
            progress((stage.rows + min(start + CHUNK, stage.rows)) // 2, stage.rows)
    inserted = stage.rows - existing
    return Upserted(inserted, changed - inserted, stage.rows - changed + stage.repeated)


def fill_empty(
    connection: Connection, columns: pa.Table, target: Table, *, progress: Progress | None = None
) -> Upserted | None:
    """Insert a layer's first rows without staging, inside the caller's transaction.

    Returns
    -------
    upserted
        None, and nothing done, when the layer has rows already.
    """
    if connection.scalar(select(exists().select_from(target))):
        return None
    rows = _last_of_each(columns, "id").drop_columns(["ord"])
    total = rows.num_rows
    # Built at once over all rows, an index costs half of what it costs row by row. In PostgreSQL it would shut out
    # readers until the commit.
    rebuilt = sorted(target.indexes, key=lambda index: str(index.name)) if connection.dialect.name == "sqlite" else []
    for index in rebuilt:
        index.drop(connection)
    insert_rows(connection, target.name, rows, tell=None if progress is None else lambda done: progress(done, total))
    for index in rebuilt:
        index.create(connection)
    return Upserted(total, 0, columns.num_rows - total)


def insert_rows(
    connection: Connection, target: str, columns: pa.Table, *, tell: Callable[[int], None] | None = None
) -> None:
    """Insert rows into a table as they are, inside the caller's transaction.

    Parameters
    ----------
    tell
        Told the rows done.
    """
    insert = _insert_sqlite if connection.dialect.name == "sqlite" else _insert_postgres
    for done in insert(connection, target, columns):
        if tell is not None:
            tell(min(done, columns.num_rows))


def touch(connection: Connection, target: Table) -> dict[str, int]:
    """The mark that a written row of ``target`` gets, where it has one: the number of the change being made."""
    return {"touched": last_seq(connection) + 1} if "touched" in target.c else {}


def _half(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(done // 2, total)


def _last_of_each(columns: pa.Table, key: str) -> pa.Table:
    # In order of their key the rows land side by side in the unique index; equal keys keep the order of the table.
    order = pa.array(range(columns.num_rows), pa.int64())
    rows = columns.append_column("ord", order)
    rows = rows.take(pc.sort_indices(rows, sort_keys=[(key, "ascending"), ("ord", "ascending")]))
    keys = rows[key].combine_chunks()
    if len(keys) > 1:
        is_last = pa.concat_arrays([pc.not_equal(keys[1:], keys[:-1]), pa.array([True])])
        rows = rows.filter(is_last)
    return rows.set_column(rows.num_columns - 1, "ord", order[: rows.num_rows])


def _stage_table(names: list[str], target: Table) -> Table:
    columns = [Column(name, target.c[name].type) for name in names]
    return Table(
        f"stage_{target.name}",
        MetaData(),
        *columns,
        Column("ord", BigInteger, primary_key=True, autoincrement=False),
        prefixes=["TEMPORARY"],
    )


def _insert_sqlite(connection: Connection, table: str, rows: pa.Table) -> Iterator[int]:
    names = rows.column_names
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({', '.join(_quoted(names))}) VALUES ({marks})"  # noqa: S608 - own names
    cursor = connection.connection.cursor()
    for start in range(0, rows.num_rows, CHUNK):
        cursor.executemany(statement, rows_for_sqlite(rows.slice(start, CHUNK)))
        yield start + CHUNK
    cursor.close()


def _insert_postgres(connection: Connection, table: str, rows: pa.Table) -> Iterator[int]:
    names = ", ".join(_quoted(rows.column_names))
    # COPY refuses tables under row-level security; a temporary one beside it is under none.
    locked = table in LOCKED
    into = f"loading_{table}" if locked else table
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        if locked:
            cursor.execute(f"CREATE TEMPORARY TABLE {into} (LIKE {table}) ON COMMIT DROP")
        with cursor.copy(f"COPY {into} ({names}) FROM STDIN (FORMAT csv)") as copy:
            for start in range(0, rows.num_rows, CHUNK):
                copy.write(_csv(rows.slice(start, CHUNK)))
                yield start + CHUNK
        if locked:
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {into}")  # noqa: S608 - own names
            cursor.execute(f"DROP TABLE {into}")


def _csv(rows: pa.Table) -> bytes:
    # An empty text is quoted and a missing value is not, which is how COPY tells them apart.
    for position, field in enumerate(rows.schema):
        if pa.types.is_binary(field.type):
            hexed = [None if value is None else "\\x" + value.hex() for value in rows[field.name].to_pylist()]
            rows = rows.set_column(position, field.name, pa.array(hexed, pa.string()))
        elif pa.types.is_timestamp(field.type):
            rows = rows.set_column(position, field.name, pc.strftime(rows[field.name], "%Y-%m-%dT%H:%M:%S+00"))
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, pa_csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _upsert(
    stage: Table,
    target: Table,
    chunk: ColumnElement[bool],
    marks: dict[str, int],
    *,
    keep_location: bool,
    connection: Connection,
) -> Any:
    names = [column.name for column in stage.columns if column.name != "ord"]
    if keep_location:
        names = [name for name in names if name not in LOCATED]
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    wanted = [*(stage.c[name] for name in names), *(literal(mark) for mark in marks.values())]
    source = select(*wanted).where(chunk, true()).order_by(stage.c.ord)
    statement: Any = make(target).from_select([*names, *marks], source, include_defaults=False)
    new = statement.excluded
    values: dict[str, Any] = {name: new[name] for name in names if name != "id"}
    differs = or_(*(target.c[name].is_distinct_from(new[name]) for name in values))
    if keep_location:
        moved = or_(target.c.lon != new.lon, target.c.lat != new.lat)
        values |= {name: case((moved, ""), else_=target.c[name]) for name in LOCATED if name in target.c}
    return statement.on_conflict_do_update(index_elements=["id"], set_=values | marks, where=differs)
