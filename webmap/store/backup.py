"""One portable archive of the whole store, and back: into SQLite or PostgreSQL, whichever it came from.

The archive is a plain zip: ``manifest.json``, each table as Parquet, each attachment by its SHA-256. All tables are of
one moment. A damaged or foreign archive is refused before the store is touched; a restore is whole or nothing.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Double,
    Integer,
    LargeBinary,
    Table,
    delete,
    exists,
    func,
    select,
    text,
)

from gis.errors import FileFormatError, StoreError
from webmap.store import migrate
from webmap.store._bulk import insert_rows
from webmap.store._columns import arrow_schema, fetch_batches, select_list
from webmap.store.attachments import unsound_files
from webmap.store.audit import HEAD
from webmap.store.changes import last_seq
from webmap.store.db import Database
from webmap.store.models import ATTACHMENTS, META, METADATA, NOT_IN_BACKUPS, PRIVATE, Instant
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.settings import GENERATION, put_mark, read_mark

FORMAT = "wangge-backup/1"
_MEMBER = re.compile(r"tables/[a-z_]+\.parquet|attachments/[0-9a-f]{64}")
_MANIFEST = "manifest.json"
_OWN_TABLES = ("meta", "changes")
_BATCH = 50_000


def write_backup(database: Database, folder: Path | None, path: Path, *, made_at: datetime | None) -> dict[str, Any]:
    """Write the archive, complete or not at all.

    Parameters
    ----------
    folder
        Where attachments lie.
    made_at
        Written into the manifest.

    Returns
    -------
    manifest
        ``counts`` by table, ``members`` with hash and size, ``revision``, ``change_seq``, and
        ``missing_attachments``: names of files that were lost or damaged before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as scratch:
        draft = Path(scratch) / "archive"
        with database.reading() as connection, zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            show_cases(connection, EVERYTHING)
            members: dict[str, dict[str, Any]] = {}
            counts = {}
            for table in _kept_tables():
                file = Path(scratch) / f"{table.name}.parquet"
                counts[table.name] = _write_table(connection, table, file)
                members[f"tables/{table.name}.parquet"] = _pack(archive, file, f"tables/{table.name}.parquet")
                file.unlink()
            missing = _pack_attachments(connection, folder, archive, members)
            manifest = {
                "format": FORMAT,
                "revision": migrate.current_revision(connection),
                "made_at": made_at.isoformat() if made_at is not None else "",
                "change_seq": last_seq(connection),
                "counts": counts,
                "members": members,
                "missing_attachments": missing,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
        _settle(draft, path)
    return manifest


def restore_backup(database: Database, folder: Path | None, path: Path) -> dict[str, Any]:
    """Fill an empty store from an archive.

    Returns
    -------
    manifest
        Of the archive.

    Raises
    ------
    FileFormatError
        Not an archive of ours, damaged, or altered.
    StoreError
        The store is not empty, or the archive is of a later version.
    """
    with _checked_archive(path) as (manifest, content), database.writing() as connection:
        show_cases(connection, EVERYTHING)
        _require_empty(connection, database.label)
        generation = int(read_mark(connection, GENERATION) or 0)
        migrate.remove_tables(connection)
        migrate.upgrade(connection, manifest["revision"])
        for name in _load_order(manifest["counts"]):
            _load_table(connection, name, content / "tables" / f"{name}.parquet", manifest["counts"][name])
        generation = max(generation, int(read_mark(connection, GENERATION) or 0)) + 1
        put_mark(connection, GENERATION, str(generation))
        migrate.upgrade(connection)
        _bring_attachments(content / "attachments", folder)
        # A work list must not be planned by statistics of the empty store.
        connection.execute(text("ANALYZE"))
    return manifest


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of an archive, every member checked against it.

    Raises
    ------
    FileFormatError
        Not an archive of ours, damaged, or altered.
    """
    with _checked_archive(path) as (manifest, _content):
        return manifest


def write_snapshot(database: Database, path: Path) -> None:
    """A copy of the store as one closed SQLite file, which other programs may open.

    Accounts, sessions, the audit log and saved views are not in it, nor left behind in unused pages of the file.

    Raises
    ------
    StoreError
        There is a file already.
    """
    if path.exists():
        raise StoreError(zh=f"文件 {path} 已存在。", en=f"There is a file at {path} already.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".snapshot-") as scratch:
        copy = Path(scratch) / "copy.db"
        if database.is_sqlite:
            with database.outside_transaction() as driver:
                driver.execute("VACUUM INTO ?", (str(copy),))
        else:
            archive = Path(scratch) / "archive"
            write_backup(database, None, archive, made_at=None)
            working = Database(f"sqlite:///{copy}")
            with working.writing() as connection:
                migrate.upgrade(connection)
            restore_backup(working, None, archive)
            working.close()
        _without_private(copy)
        copy.replace(path)


def _without_private(copy: Path) -> None:
    working = Database(f"sqlite:///{copy}")
    with working.writing() as connection:
        for name in PRIVATE:
            connection.execute(delete(METADATA.tables[name]))
        connection.execute(delete(META).where(META.c.key == HEAD))
    with working.outside_transaction() as driver:
        driver.execute("VACUUM")
    working.close()


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows of every table that a backup holds."""
    return {t.name: int(connection.scalar(select(func.count()).select_from(t)) or 0) for t in _kept_tables()}


def _kept_tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name not in NOT_IN_BACKUPS]


def _write_table(connection: Connection, table: Table, file: Path) -> int:
    kinds = {column.name: _kind(column.type) for column in table.columns}
    query = select(*select_list(table, kinds)).order_by(*table.primary_key.columns)
    rows = 0
    with pq.ParquetWriter(file, arrow_schema(kinds), compression="zstd") as writer:
        for batch in fetch_batches(connection, query, kinds):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _kind(column_type: Any) -> str:
    kinds = ((Instant, "time"), (Double, "float"), (Boolean, "bool"), (LargeBinary, "geometry"))
    for known, kind in kinds:
        if isinstance(column_type, known):
            return kind
    return "int" if isinstance(column_type, BigInteger | Integer) else "text"


def _pack(archive: zipfile.ZipFile, file: Path, name: str) -> dict[str, Any]:
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    archive.write(file, name)
    return {"sha256": digest, "size": file.stat().st_size}


def _pack_attachments(
    connection: Connection, folder: Path | None, archive: zipfile.ZipFile, members: dict[str, dict[str, Any]]
) -> list[str]:
    rows = connection.execute(select(ATTACHMENTS.c.sha256, ATTACHMENTS.c.name).order_by(ATTACHMENTS.c.sha256))
    missing = []
    for digest, name in rows.all():
        member = f"attachments/{digest}"
        if unsound_files(folder, [(digest, name)]) or folder is None:
            missing.append(name)
        elif member not in members:
            members[member] = _pack(archive, folder / digest, member)
    return missing


def _settle(draft: Path, path: Path) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def _checked_archive(path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    with tempfile.TemporaryDirectory(prefix="wangge-restore-") as scratch:
        try:
            with zipfile.ZipFile(path) as archive:
                manifest = _manifest(archive, path)
                for name, wanted in manifest["members"].items():
                    _unpack(archive, name, wanted, Path(scratch), path)
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, NotImplementedError) as error:
            raise _damaged(path, str(error)) from error
        yield manifest, Path(scratch)


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    manifest = json.loads(archive.read(_MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _damaged(path, "manifest.json")
    members, counts = manifest["members"], manifest["counts"]
    names = [info.filename for info in archive.infolist()]
    wanted = {*members, _MANIFEST}
    tables = {f"tables/{name}.parquet" for name in counts}
    if sorted(names) != sorted(wanted) or not tables <= set(members) or not isinstance(manifest["revision"], str):
        raise _damaged(path, "manifest.json")
    return manifest


def _unpack(archive: zipfile.ZipFile, name: str, wanted: Mapping[str, Any], scratch: Path, path: Path) -> None:
    info = archive.getinfo(name)
    # Members are stored, never compressed, so that what is unpacked is no larger than the file itself.
    if not _MEMBER.fullmatch(name) or info.compress_type != zipfile.ZIP_STORED or info.file_size != wanted["size"]:
        raise _damaged(path, name)
    target = scratch / name
    target.parent.mkdir(exist_ok=True)
    with archive.open(info) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
    with target.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != wanted["sha256"]:
            raise _damaged(path, name)


def _damaged(path: Path, where: str) -> FileFormatError:
    return FileFormatError(
        zh=f"备份文件 {path.name} 不是本系统的备份或已损坏({where}),未作任何恢复。",
        en=f"{path.name} is no backup of this system or is damaged ({where}); nothing was restored.",
    )


def _require_empty(connection: Connection, label: str) -> None:
    for table in METADATA.sorted_tables:
        if table.name not in _OWN_TABLES and connection.scalar(select(exists().select_from(table))):
            raise StoreError(
                zh=f"数据库 {label} 的 {table.name} 表已有数据;只能恢复到空库。",
                en=f"Table {table.name} of {label} holds rows; restore into an empty store.",
            )


def _load_order(counts: Mapping[str, int]) -> list[str]:
    # Rows that others point to come first; tables of older versions have no such rows.
    known = [table.name for table in METADATA.sorted_tables if table.name in counts]
    return [*known, *(name for name in counts if name not in known)]


def _load_table(connection: Connection, name: str, file: Path, rows: int) -> None:
    loaded = 0
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(_BATCH):
            insert_rows(connection, name, pa.Table.from_batches([batch]))
            loaded += batch.num_rows
        has_row_numbers = "rid" in parquet.schema_arrow.names
    if loaded != rows:
        raise _damaged(file, f"{loaded} != {rows}")
    if has_row_numbers and connection.dialect.name == "postgresql":
        sequence = "SELECT setval(pg_get_serial_sequence(:name, 'rid'), greatest(max(rid), 1)) FROM "
        connection.execute(text(sequence + connection.dialect.identifier_preparer.quote(name)), {"name": name})


def _bring_attachments(content: Path, folder: Path | None) -> None:
    if not content.is_dir():
        return
    if folder is None:
        raise StoreError(
            zh="备份含附件,但未指定附件目录 (attachments)。",
            en="The backup has attachments; open the store with attachments=.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for source in content.iterdir():
        draft = folder / f"{source.name}.{os.getpid()}.part"
        shutil.copyfile(source, draft)
        _settle(draft, folder / source.name)
