"""What is in a case file: the case with its history, its photos, and the rows of the audit log that concern it.

It gathers and renders nothing. Whoever sees the case sees its file; the names of accounts are in the rows of the log,
because their hashes cover them, and nowhere else.
"""

from dataclasses import dataclass
from typing import Any

from webmap.cases import casefile
from webmap.photos.service import shown
from webmap.services import Services
from webmap.store.audit import AuditEntry, ChainRow
from webmap.store.case_scope import CaseViewer


@dataclass(frozen=True)
class CasePhoto:
    """A photo of the case; ``jpeg`` is empty where it is deleted."""

    told: dict[str, Any]
    jpeg: bytes = b""


@dataclass(frozen=True)
class CaseContents:
    """Everything that goes into a case file; the same contents give the same bytes.

    Parameters
    ----------
    made_at
        When the file was made, ISO 8601.
    district
        Names of the district.
    store, head
        Identity of the store, and number and hash of the last row of its log at that moment.
    case
        As ``GET /api/events/<event_id>``.
    chain
        Rows of the log about the case and its photos.
    """

    made_at: str
    district: dict[str, str]
    store: str
    head: str
    case: dict[str, Any]
    photos: tuple[CasePhoto, ...]
    chain: tuple[ChainRow, ...]

    @property
    def id(self) -> str:
        """Of the event."""
        return str(self.case["event"]["id"])


def gather(services: Services, event_id: str, *, viewer: CaseViewer) -> CaseContents:
    """The contents of a case file, noted in the audit log before they leave.

    Raises
    ------
    NotFoundError
        There is no such case that the viewer may see.
    StoreError
        The row about it could not be kept: then nothing may leave.
    """
    store, now = services.store, services.clock()
    case = casefile.one(services, event_id, viewer=viewer)
    kept = store.photos.of_event(event_id, viewer)
    photos = tuple(
        CasePhoto(shown(photo), store.photos.read(event_id, photo.id, viewer)[1] if photo.deleted_at is None else b"")
        for photo in kept
    )
    area = next(
        (case["event"][name] for name in ("grid", "community", "street", "district") if case["event"][name]), ""
    )
    store.audit.flush()
    store.audit.note_now(AuditEntry("export.case", viewer.actor, now, event_id, area, {"photos": len(kept)}))
    settings = store.settings
    district = {name: settings.get(name, "") for name in ("name_zh", "name_en", "code", "zone")}
    chain = tuple(store.audit.about([event_id, *(photo.id for photo in kept)]))
    return CaseContents(now.isoformat(), district, store.identity, store.audit.checkpoint(), case, photos, chain)
