"""Attachments: files in a folder beside the store, named by their SHA-256, with a row each.

A file is complete on disk before its row is written, so a row never points to half a file. What was read is checked
against its hash. It never decides whether a file may be kept: masking and re-encoding come before.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select

from gis.errors import ConfigError, InputError, NotFoundError, ScopeError, StoreError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.models import ATTACHMENTS, EVENTS
from webmap.store.scoping import sees_code, sees_located
from webmap.store.viewer import Viewer


@dataclass(frozen=True)
class Attachment:
    """A kept file.

    Parameters
    ----------
    id
        Made by the client.
    name
        The file's name for people; never a path.
    sha256, size
        Of its bytes.
    event
        Id of the event it belongs to, if any.
    area
        Code of the area that decides who sees it; empty for the whole district.
    added_at, added_by
        When (UTC) and by whom.
    """

    id: str
    name: str
    sha256: str
    size: int
    event: str | None
    area: str
    added_at: datetime
    added_by: str


class Attachments:
    """The attachments of a store.

    Parameters
    ----------
    folder
        Where the files lie; none when the service was not told.
    """

    def __init__(self, database: Database, folder: Path | None) -> None:
        self._database = database
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the files lie.

        Raises
        ------
        ConfigError
            A PostgreSQL store was opened without a folder.
        """
        if self._folder is None:
            raise ConfigError(
                zh="PostgreSQL 数据库需要指定附件目录 (attachments)。",
                en="A PostgreSQL store needs a folder for attachments; open it with attachments=.",
            )
        return self._folder

    def add(
        self,
        attachment_id: str,
        name: str,
        content: bytes,
        *,
        viewer: Viewer,
        now: datetime,
        event: str | None = None,
        area: str = "",
    ) -> Attachment:
        """Keep a file; the same id with the same bytes again is kept once.

        Parameters
        ----------
        event
            The event it belongs to, whose area then decides who sees it.
        area
            Who sees a file without an event; empty for the whole district.

        Raises
        ------
        InputError
            A name with a path in it, or no id.
        NotFoundError
            No such event that the viewer may see.
        ScopeError
            The area is outside the viewer's.
        StoreError
            The id belongs to other bytes.
        """
        require_zone(now)
        if not attachment_id or not name or set(name) & set("/\\\x00"):
            raise InputError(
                zh="附件需要编号和不含路径的文件名。", en="An attachment needs an id and a bare file name."
            )
        digest = hashlib.sha256(content).hexdigest()
        _keep_file(self.folder / digest, content)
        with self._database.writing() as connection:
            area = _area_of(connection, viewer, event, area)
            known = connection.execute(select(ATTACHMENTS).where(ATTACHMENTS.c.id == attachment_id)).one_or_none()
            if known is None:
                row = {"id": attachment_id, "name": name, "sha256": digest, "size": len(content), "event": event}
                connection.execute(insert(ATTACHMENTS).values(**row, area=area, added_at=now, added_by=viewer.actor))
                note_change(connection, "attachments", "add", viewer=viewer, now=now, ref=attachment_id, area=area)
            elif known.sha256 != digest:
                raise StoreError(
                    zh=f"附件编号 {attachment_id} 已属于另一文件。", en=f"Attachment id {attachment_id} is taken."
                )
            return _visible(connection, attachment_id, viewer)

    def read(self, attachment_id: str, viewer: Viewer) -> tuple[Attachment, bytes]:
        """A file and what is known of it.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        StoreError
            The file is missing or is not what was stored.
        """
        with self._database.reading() as connection:
            attachment = _visible(connection, attachment_id, viewer)
        path = self.folder / attachment.sha256
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != attachment.sha256:
            raise StoreError(
                zh=f"附件 {attachment.name} 的文件缺失或已损坏,请从备份恢复。",
                en=f"The file of attachment {attachment.name} is missing or damaged; restore it from a backup.",
            )
        return attachment, content

    def keep(self, content: bytes) -> None:
        """Make sure that the file of these bytes is there and sound."""
        _keep_file(self.folder / hashlib.sha256(content).hexdigest(), content)

    def drop(self, digest: str) -> None:
        """Delete the file of a hash, which no row may hold any more; inside the transaction that made it so."""
        (self.folder / digest).unlink(missing_ok=True)

    def loose(self, *, before: datetime) -> Iterator[str]:
        """Hashes of files older than a moment that no row holds now."""
        if self._folder is None or not self._folder.is_dir():
            return
        with self._database.reading() as connection:
            held = set(connection.scalars(select(ATTACHMENTS.c.sha256)))
        for path in sorted(self._folder.iterdir()):
            if len(path.name) == 64 and path.name not in held and path.stat().st_mtime < before.timestamp():
                yield path.name

    def list(self, viewer: Viewer, *, event: str | None = None) -> list[Attachment]:
        """Attachments that the viewer may see, ordered by id."""
        query = select(ATTACHMENTS).order_by(ATTACHMENTS.c.id)
        if event is not None:
            query = query.where(ATTACHMENTS.c.event == event)
        with self._database.reading() as connection:
            found = [Attachment(**row) for row in connection.execute(query).mappings()]
            return [each for each in found if sees_code(connection, viewer, each.area)]


def unsound_files(folder: Path | None, wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Names of attachments whose file is missing or is not what its hash says.

    Parameters
    ----------
    wanted
        Pairs of hash and name.
    """
    return [name for digest, name in wanted if folder is None or not _is_sound(folder / digest, digest)]


def _is_sound(path: Path, digest: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _keep_file(path: Path, content: bytes) -> None:
    if _is_sound(path, path.name):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _area_of(connection: Connection, viewer: Viewer, event: str | None, area: str) -> str:
    if event is not None:
        row = connection.execute(select(EVENTS).where(EVENTS.c.id == event, sees_located(viewer, EVENTS))).one_or_none()
        if row is None:
            raise NotFoundError(zh=f"没有事件 {event}。", en=f"There is no event {event}.")
        area = next((code for code in (row.grid, row.community, row.street, row.district) if code), "")
    if not sees_code(connection, viewer, area):
        raise ScopeError(
            zh=f"附件区域不在“{viewer.actor}”的权限内。",
            en=f"The attachment lies outside the areas of '{viewer.actor}'.",
        )
    return area


def _visible(connection: Connection, attachment_id: str, viewer: Viewer) -> Attachment:
    row = connection.execute(select(ATTACHMENTS).where(ATTACHMENTS.c.id == attachment_id)).mappings().one_or_none()
    if row is None or not sees_code(connection, viewer, row["area"]):
        raise NotFoundError(zh=f"没有附件 {attachment_id}。", en=f"There is no attachment {attachment_id}.")
    return Attachment(**row)
