"""Alarms of sensors and cameras, signed by their source as Standard Webhooks has it. No account, no cookie, no picture."""

import json

from flask import Blueprint, Response, jsonify, request

from gis.errors import AuthError, InputError
from webmap.api import asking
from webmap.notify.signing import require_signature
from webmap.reporting import alarms

api = Blueprint("alarms", __name__)

MOST_BYTES = 2000
"""An alarm is short: three words. Anything longer holds what is not taken."""


@api.post("/api/alarms")
def receive() -> tuple[Response, int]:
    """One alarm: 201 with its case, 200 where it belongs to a case that is known."""
    services = asking.services()
    secret = services.config.alarm_sources.get(request.headers.get("X-Wangge-Source", ""))
    if secret is None:
        raise AuthError(zh="没有这个报警来源。", en="There is no such source of alarms.")
    request.max_content_length = MOST_BYTES
    raw = request.get_data(cache=False)
    now = services.clock()
    require_signature([secret], dict(request.headers), raw, now_s=int(now.timestamp()))
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise InputError(zh="报警应为 JSON 对象。", en="An alarm is a JSON object.") from None
    alarm = alarms.read_alarm(request.headers["X-Wangge-Source"], told, now)
    event_id, is_new = alarms.keep(services, alarm)
    return jsonify(event=event_id, is_new=is_new), 201 if is_new else 200
