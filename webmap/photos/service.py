"""Photos of events for those who see the events: cleaned, kept, shown with a row of the audit log each, deleted in time.

It puts the parts together. What came is never kept, only what was made of it.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from gis.errors import InputError, TooManyError
from webmap.photos.clean import Hidden, clean_photo
from webmap.services import Services
from webmap.store.audit import AuditEntry
from webmap.store.case_scope import CaseViewer
from webmap.store.photos import Photo

_ID = re.compile(r"[0-9A-Za-z-]{16,64}")
_PATIENCE_S = 30.0


def add(
    services: Services,
    event_id: str,
    photo_id: str,
    content: bytes,
    *,
    hidden: Sequence[Hidden] = (),
    viewer: CaseViewer,
) -> dict[str, Any]:
    """Keep a photo of an event, cleaned.

    Parameters
    ----------
    photo_id
        Made by the client: 16 to 64 letters, digits and hyphens; the same photo sent again is kept once.
    hidden
        Areas that are blacked out for good.

    Raises
    ------
    NotFoundError
        No such event that the viewer may see; nothing is decoded then.
    InputError
        No such id, or no picture; see :func:`webmap.photos.clean_photo`.
    TooManyError
        So many photos are being decoded that this one had no turn.
    StoreError
        The id is taken, or the event has as many photos as it may.
    """
    if not _ID.fullmatch(photo_id):
        raise InputError(
            zh="照片编号应为 16 至 64 位字母、数字或连字符。",
            en="A photo's id is 16 to 64 letters, digits and hyphens.",
        )
    services.store.photos.of_event(event_id, viewer)
    if not services.photo_turns.acquire(timeout=_PATIENCE_S):
        raise TooManyError(zh="正在处理的照片过多,请稍后再传。", en="Too many photos at once; send it again shortly.")
    try:
        clean = clean_photo(content, hidden=hidden)
    finally:
        services.photo_turns.release()
    now = services.clock()
    digest = hashlib.sha256(clean.jpeg).hexdigest()
    goes = now + timedelta(days=services.config.photo_days)
    photo = Photo(photo_id, event_id, "", clean.width, clean.height, clean.hidden, digest, now, goes)
    return shown(services.store.photos.add(photo, clean.jpeg, viewer=viewer, now=now))


def read(services: Services, event_id: str, photo_id: str, *, viewer: CaseViewer) -> bytes:
    """The file of a photo, with a row in the audit log for the reading.

    Raises
    ------
    NotFoundError
        No such event or photo that the viewer may see, or it is deleted.
    """
    photo, jpeg = services.store.photos.read(event_id, photo_id, viewer)
    told = {"event": event_id}
    services.note_read(AuditEntry("photo.read", viewer.actor, services.clock(), photo_id, photo.area, told))
    return jpeg


def listed(services: Services, event_id: str, *, viewer: CaseViewer) -> list[dict[str, Any]]:
    """What is known of the photos of an event, without their files."""
    return [shown(photo) for photo in services.store.photos.of_event(event_id, viewer)]


def shown(photo: Photo) -> dict[str, Any]:
    """A photo as the API tells it."""
    moments = {name: getattr(photo, name) for name in ("added_at", "delete_on", "deleted_at")}
    told: dict[str, Any] = {
        name: getattr(photo, name) for name in ("id", "event", "width", "height", "hidden", "sha256")
    }
    return told | {name: moment.isoformat() if moment else None for name, moment in moments.items()}
