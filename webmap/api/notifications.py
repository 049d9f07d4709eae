"""What the account that is signed in is told, and that it has read it; nobody else's lines."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis.errors import InputError
from webmap.api import asking
from webmap.api.plan_life import body
from webmap.auth import gate
from webmap.store.notifications import Notification

api = Blueprint("notifications", __name__)

MOST = 100
"""Lines of one answer, and ids of one request."""


@api.get("/api/notifications.json")
def told() -> Response:
    """Own notifications, newest first, and how many are unread."""
    notifications, name = asking.services().store.notifications, gate.account().name
    kept = notifications.list(name, limit=MOST)
    response = jsonify({"unread": notifications.unread(name), "notifications": [_shown(each) for each in kept]})
    response.headers["Cache-Control"] = "no-store"
    return response


@api.post("/api/notifications/read")
def read() -> Response:
    """Mark lines as read: those of ``ids``, or all of them with ``"all": true``."""
    ids = _ids(body())
    services, name = asking.services(), gate.account().name
    count = services.store.notifications.mark_read(name, now=services.clock(), ids=ids)
    return jsonify({"read": count, "unread": services.store.notifications.unread(name)})


def _ids(asked: dict[str, Any]) -> list[str] | None:
    if asked.get("all") is True:
        return None
    ids = asked.get("ids")
    if not isinstance(ids, list) or len(ids) > MOST or not all(isinstance(each, str) for each in ids):
        raise InputError(
            zh=f'请求内容应为 {{"ids": [...]}}(至多 {MOST} 个)或 {{"all": true}}。',
            en=f'The body is {{"ids": [...]}} with at most {MOST}, or {{"all": true}}.',
        )
    return [each for each in ids if "\x00" not in each]


def _shown(each: Notification) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(each, name) for name in ("id", "topic", "zh", "en", "ref", "area")}
    return told | {"at": each.at.isoformat(), "read_at": each.read_at.isoformat() if each.read_at else None}
