"""Photos of events: attachments that are deleted on a set day, with a row that outlives them and says so.

Whoever sees the event sees its photos; the file is gone for good once no attachment holds the same bytes. It decodes
nothing: :mod:`webmap.photos` cleans a photo before it comes here.
"""

import builtins
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, func, insert, select, update

from gis.errors import NotFoundError, StoreError
from webmap.store.attachments import Attachments
from webmap.store.case_finding import visible_case
from webmap.store.case_scope import CaseViewer
from webmap.store.changes import note_change
from webmap.store.db import Database
from webmap.store.models import ATTACHMENTS
from webmap.store.moments import require_zone
from webmap.store.outbox_models import PHOTOS
from webmap.store.viewer import LOCAL_OPERATOR

MOST = 20
"""Photos of one event."""


@dataclass(frozen=True)
class Photo:
    """A photo, or what is left to know of it.

    Parameters
    ----------
    id
        Made by the client; of its attachment too.
    area
        The smallest area that the event lies in.
    width, height
        Pixels.
    hidden
        How many areas were blacked out.
    sha256
        Of the file.
    delete_on, deleted_at
        When the file shall go, and when it went.
    """

    id: str
    event: str
    area: str
    width: int
    height: int
    hidden: int
    sha256: str
    added_at: datetime
    delete_on: datetime
    deleted_at: datetime | None = None


class Photos:
    """The photos of a store."""

    def __init__(self, database: Database, attachments: Attachments) -> None:
        self._database = database
        self._attachments = attachments

    def add(self, photo: Photo, jpeg: bytes, *, viewer: CaseViewer, now: datetime) -> Photo:
        """Keep a photo of an event that the viewer sees; the same id with the same bytes again is kept once.

        Raises
        ------
        NotFoundError
            No such event that the viewer may see.
        StoreError
            The id belongs to something else, or the event has as many photos as it may.
        """
        require_zone(now)
        with self._database.reading() as connection:
            visible_case(connection, photo.event, viewer)
        # The file comes first, so that no row points to half of one.
        self._attachments.keep(jpeg)
        with self._database.writing() as connection:
            event = visible_case(connection, photo.event, viewer)
            known = _row(connection, photo.id)
            if known is not None:
                return _same_again(known, photo)
            _require_room(connection, photo)
            made = replace(photo, area=event.area, added_at=now)
            row = {"id": photo.id, "name": f"{photo.id}.jpg", "sha256": photo.sha256, "size": len(jpeg)}
            row |= {"event": event.id, "area": event.area, "added_by": viewer.actor}
            connection.execute(insert(ATTACHMENTS).values(**row, added_at=now))
            connection.execute(insert(PHOTOS).values(**vars(made)))
            told = {"event": event.id, "hidden": photo.hidden}
            who = viewer.viewer()
            note_change(connection, "photos", "add", viewer=who, now=now, ref=made.id, area=made.area, detail=told)
        # A photo of the same bytes may have been deleted between file and row.
        self._attachments.keep(jpeg)
        return made

    def of_event(self, event_id: str, viewer: CaseViewer) -> builtins.list[Photo]:
        """Photos of an event that the viewer sees, oldest first, with those that are deleted.

        Raises
        ------
        NotFoundError
            No such event that the viewer may see.
        """
        query = select(PHOTOS).where(PHOTOS.c.event == event_id).order_by(PHOTOS.c.added_at, PHOTOS.c.id)
        with self._database.reading() as connection:
            visible_case(connection, event_id, viewer)
            return [Photo(**row) for row in connection.execute(query).mappings()]

    def read(self, event_id: str, photo_id: str, viewer: CaseViewer) -> tuple[Photo, bytes]:
        """A photo of an event that the viewer sees, with its file.

        Raises
        ------
        NotFoundError
            No such event or photo, or it is deleted.
        StoreError
            The file is missing or damaged.
        """
        with self._database.reading() as connection:
            visible_case(connection, event_id, viewer)
            photo = _row(connection, photo_id) if "\x00" not in photo_id else None
        if photo is None or photo.event != event_id or photo.deleted_at is not None:
            raise NotFoundError(zh=f"没有照片 {photo_id}。", en=f"There is no photo {photo_id}.")
        return photo, self._attachments.read(photo_id, LOCAL_OPERATOR)[1]

    def retire(self, *, now: datetime) -> int:
        """Delete the files of photos whose day has come; how many.

        Notes
        -----
        A file goes inside the transaction of its row: whoever adds the same bytes meanwhile comes before it, and is
        seen, or after it, and writes the file again. After a kill in between the next turn finds no file and goes on.
        """
        require_zone(now)
        self._sweep(now)
        due = and_(PHOTOS.c.delete_on <= now, PHOTOS.c.deleted_at.is_(None))
        with self._database.reading() as connection:
            if not connection.scalar(select(exists().where(due))):
                return 0
        with self._database.writing() as connection:
            photos = [Photo(**row) for row in connection.execute(select(PHOTOS).where(due)).mappings()]
            ids = [photo.id for photo in photos]
            connection.execute(delete(ATTACHMENTS).where(ATTACHMENTS.c.id.in_(ids)))
            connection.execute(update(PHOTOS).where(PHOTOS.c.id.in_(ids)).values(deleted_at=now))
            held = select(ATTACHMENTS.c.sha256).where(ATTACHMENTS.c.sha256.in_([photo.sha256 for photo in photos]))
            for digest in {photo.sha256 for photo in photos} - set(connection.scalars(held)):
                self._attachments.drop(digest)
            for photo in photos:
                note_change(
                    connection,
                    "photos",
                    "delete",
                    viewer=LOCAL_OPERATOR,
                    now=now,
                    ref=photo.id,
                    area=photo.area,
                    detail={"event": photo.event},
                )
            return len(photos)

    def _sweep(self, now: datetime) -> None:
        """Delete files that no row holds, a day after they were written: a kill left them, or a report that was refused."""
        for digest in self._attachments.loose(before=now - timedelta(days=1)):
            with self._database.writing() as connection:
                if not connection.scalar(select(exists().where(ATTACHMENTS.c.sha256 == digest))):
                    self._attachments.drop(digest)


def _same_again(known: Photo, sent: Photo) -> Photo:
    if (known.event, known.sha256) != (sent.event, sent.sha256) or known.deleted_at is not None:
        raise StoreError(zh=f"照片编号 {sent.id} 已被使用。", en=f"Photo id {sent.id} is taken.")
    return known


def _require_room(connection: Connection, photo: Photo) -> None:
    if connection.scalar(select(exists().where(ATTACHMENTS.c.id == photo.id))):
        raise StoreError(zh=f"照片编号 {photo.id} 已被使用。", en=f"Photo id {photo.id} is taken.")
    count = connection.scalar(select(func.count()).select_from(PHOTOS).where(PHOTOS.c.event == photo.event))
    if (count or 0) >= MOST:
        raise StoreError(zh=f"一个事件至多 {MOST} 张照片。", en=f"An event has at most {MOST} photos.")


def _row(connection: Connection, photo_id: str) -> Photo | None:
    row = connection.execute(select(PHOTOS).where(PHOTOS.c.id == photo_id)).mappings().one_or_none()
    return None if row is None else Photo(**row)
