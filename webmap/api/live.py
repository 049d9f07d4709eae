"""Tells open maps what changed: server-sent events up to a cap, and the same by polling above it.

An answer names layers and areas that changed, never what a record says; the page asks for what it shows again.
"""

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request

from webmap.api import asking
from webmap.auth import gate
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.sessions import Account

api = Blueprint("live", __name__)

BEAT_S = 15.0
"""Seconds between two signs of life on a quiet stream, below the usual idle limit of proxies."""

_MOST = 1000


@api.get("/api/changes.json")
def changes() -> Response:
    """Changes after ``since``, for pages that poll."""
    since = asking.whole("since", 0, low=0, high=2**53)
    response = jsonify(told(asking.services(), asking.viewer(), since))
    response.headers["Cache-Control"] = "no-store"
    return response


@api.get("/live")
def live() -> Response:
    """A stream of changes after ``since`` or the last event that the browser saw; 503 where all places are taken."""
    since = asking.whole("since", 0, low=0, high=2**53)
    seen = request.headers.get("Last-Event-ID", "")
    if seen.isascii() and seen.isdigit() and len(seen) < 16:
        since = max(since, int(seen))
    services, viewer, account = asking.services(), asking.viewer(), gate.account()
    place = services.changes.stream()
    if not place.__enter__():
        place.__exit__(None, None, None)
        response = jsonify({"poll": "/api/changes.json"})
        response.status_code = 503
        response.headers["Retry-After"] = "30"
        return response
    response = Response(_events(services, viewer, account, since), mimetype="text/event-stream")
    response.call_on_close(lambda: place.__exit__(None, None, None))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def told(services: Services, viewer: Viewer, since: int) -> dict[str, Any]:
    """What changed after a number, as the viewer may know it, and the number reached."""
    found = services.store.changes.since(since, _MOST)
    seen = services.store.changes.since(since, _MOST, viewer=viewer)
    return {
        "seq": found[-1].seq if found else since,
        "more": len(found) == _MOST,
        "changes": [{"layer": c.layer, "action": c.action, "area": c.area, "count": c.count} for c in seen],
    }


def _events(services: Services, viewer: Viewer, account: Account, since: int) -> Iterator[str]:
    hub = services.changes
    yield f"retry: 3000\nid: {since}\n\n"
    while not hub.stopped:
        news_there = hub.wait(since, BEAT_S) > since
        # A stream asks nothing and so keeps no session open; it ends with it.
        if not services.store.sessions.is_open(account, now=services.clock()):
            return
        if not news_there:
            yield ": alive\n\n"
            continue
        news = told(services, viewer, since)
        since = news["seq"]
        if news["changes"]:
            yield f"id: {since}\ndata: {json.dumps(news, ensure_ascii=False)}\n\n"
