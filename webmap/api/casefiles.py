"""The file of one event (一事一档) over HTTP, for whoever sees the event: ZIP to keep and check, PDF to print."""

import hashlib

from flask import Blueprint, Response

from webmap.api import asking
from webmap.api.events import case_viewer
from webmap.casefile.archive import as_zip
from webmap.casefile.contents import gather

api = Blueprint("casefiles", __name__)


@api.get("/api/events/<event_id>/case.zip")
def archive(event_id: str) -> Response:
    """Everything that happened, with photos and its part of the audit log, to be checked offline."""
    services = asking.services()
    # Taking single places away as a file must be granted where this event lies, not just somewhere.
    services.store.events.get(event_id, asking.viewer())
    contents = gather(services, event_id, viewer=case_viewer())
    return _file(as_zip(contents), "application/zip", f"{contents.id}.zip")


@api.get("/api/events/<event_id>/case.pdf")
def document(event_id: str) -> Response:
    """The same to print, without the names of accounts."""
    from webmap.casefile.pdf import as_pdf

    services = asking.services()
    contents = gather(services, event_id, viewer=case_viewer())
    digest = hashlib.sha256(as_zip(contents)).hexdigest()
    made = as_pdf(contents, archive_sha256=digest, lang=asking.lang(), font=services.config.pdf_font)
    return _file(made, "application/pdf", f"{contents.id}.pdf")


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
