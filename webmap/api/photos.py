"""Photos of events for programs: sent as the bytes of an image, answered as a clean JPEG. Whoever sees the event sees them."""

from flask import Blueprint, Response, jsonify, request

from gis.errors import HostileFileError
from webmap.api import asking
from webmap.api.events import case_viewer
from webmap.photos import PhotoLimits, parse_hidden, service

api = Blueprint("photos", __name__)


@api.get("/api/events/<event_id>/photos.json")
def photos(event_id: str) -> Response:
    """The photos of an event, oldest first; those that are deleted are told too."""
    response = jsonify({"photos": service.listed(asking.services(), event_id, viewer=case_viewer())})
    response.headers["Cache-Control"] = "no-store"
    return response


@api.post("/api/events/<event_id>/photos")
def add(event_id: str) -> tuple[Response, int]:
    """Keep the image in the body; ``id`` is made by the client, ``hide`` (again for each) an area to black out."""
    hidden = parse_hidden(request.args.getlist("hide"))
    kept = service.add(asking.services(), event_id, asking.text("id"), _content(), hidden=hidden, viewer=case_viewer())
    return jsonify(kept), 201


@api.get("/api/events/<event_id>/photos/<photo_id>.jpg")
def photo(event_id: str, photo_id: str) -> Response:
    """One photo; each reading is a row of the audit log, so that no browser or proxy keeps it."""
    jpeg = service.read(asking.services(), event_id, photo_id, viewer=case_viewer())
    response = Response(jpeg, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


def _content() -> bytes:
    most = PhotoLimits().file_bytes
    if (request.content_length or 0) > most:
        raise HostileFileError(zh=f"照片文件超过 {most >> 20} MB。", en=f"The photo has over {most >> 20} MB.")
    # One byte more than allowed is read, so that a body without a length is refused as well.
    return bytes(request.stream.read(most + 1))
