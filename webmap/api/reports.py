"""Reports for the form and its phone page: the token, what a report would be, the report, its photos.

A route parses, calls one function, and renders. Whoever reports without an account passes here too, where the operator allows it.
"""

import hashlib
from typing import Any

from flask import Blueprint, Response, jsonify, request

from webmap.api import asking
from webmap.api.plan_life import body
from webmap.auth import gate
from webmap.photos import PhotoLimits
from webmap.reporting import following, reports
from webmap.reporting.choices import PUBLIC_ROLE
from webmap.security.csrf import csrf_token
from webmap.store.case_scope import CLOCK, CaseViewer

api = Blueprint("reports", __name__)

MOST_BYTES = 50_000
"""A report without its photos is some text."""


def reporter() -> reports.Reporter:
    """Who sends this request, as somebody who reports."""
    viewer = gate.viewer()
    if gate.is_visitor():
        return reports.Reporter(viewer, frozenset({PUBLIC_ROLE}), PUBLIC_ROLE, CLOCK)
    account = gate.account()
    # Only roles that may report decide the sources: who is also an analyst names no other ones.
    roles = frozenset(grant.role for grant in account.grants)
    mark = hashlib.sha256(b"wangge reporter\0" + account.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return reports.Reporter(viewer, roles, mark, CaseViewer(account.name, account.grants))


@api.get("/api/reports/session.json")
def session() -> Response:
    """The token for what the phone wants to send, and whose it is; asked for anew before each sending, since sessions end."""
    who = reporter()
    response = jsonify(csrf=csrf_token(gate.token()), who=who.mark, sources=[source.code for source in who.sources])
    response.headers["Cache-Control"] = "no-store"
    return response


@api.post("/api/reports/check")
def check() -> Response:
    """What a report would be: its grid, its text without people, and what may be the same. Keeps nothing."""
    return jsonify(reports.checked(asking.services(), told(), reporter()))


@api.post("/api/reports")
def send() -> tuple[Response, int]:
    """A report: 201 with its receipt, and 200 with the same receipt where it is known."""
    answer, is_new = reports.send(asking.services(), told(), reporter())
    return jsonify(answer), 201 if is_new else 200


@api.post("/api/reports/<event_id>/photos/<photo_id>")
def photo(event_id: str, photo_id: str) -> tuple[Response, int]:
    """A photo of a report, for whoever holds its receipt; the same photo again is kept once."""
    request.max_content_length = PhotoLimits().file_bytes
    kept = reports.add_photo(
        asking.services(),
        event_id,
        photo_id,
        request.get_data(cache=False),
        receipt=following.normal_code(request.headers.get("X-Receipt", "")),
        hidden=asking.texts("hide"),
    )
    return jsonify(kept), 201


def told() -> dict[str, Any]:
    """The JSON object of the request, where it is short: these routes may be open to everybody."""
    request.max_content_length = MOST_BYTES
    return body()
