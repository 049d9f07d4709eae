"""Whether this process lives, whether it can answer, and its figures. It tells nothing of the district.

The three addresses need no sign-in; the figures are for the addresses of the setting ``metrics_from`` only.
"""

import ipaddress

from flask import Blueprint, Response, current_app, jsonify, request

from gis.errors import NotFoundError, StoreError
from webmap.config import Config
from webmap.ops.metrics import Metrics
from webmap.services import Services

ops = Blueprint("ops", __name__)

ENDPOINTS = frozenset({"ops.alive", "ops.ready", "ops.figures"})
"""Routes that anybody may ask: health for the supervisor of the process, figures guarded by address."""

_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


@ops.get("/healthz")
def alive() -> Response:
    """That the process answers; the store is not asked, so that a busy store restarts nothing."""
    return _told({"ok": True})


@ops.get("/readyz")
def ready() -> Response:
    """The store answers and its tables are those of this program; 503 otherwise."""
    services: Services = current_app.extensions["wangge"]
    try:
        services.version()
        current = services.store.is_current()
    except StoreError:
        return _told({"ok": False, "store": "no answer"}, 503)
    if not current:
        return _told({"ok": False, "store": "other tables"}, 503)
    return _told({"ok": True})


@ops.get("/metrics")
def figures() -> Response:
    """The figures of all workers for Prometheus."""
    services: Services = current_app.extensions["wangge"]
    _check_address(services.config)
    metrics: Metrics = current_app.extensions["wangge.metrics"]
    text, content_type = metrics.render()
    response = Response(text, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(answer: dict[str, object], status: int = 200) -> Response:
    response = jsonify(answer)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _check_address(config: Config) -> None:
    # A proxy on this machine asks from the loopback for the whole world: what it forwards is not local.
    direct = not any(request.headers.get(name) for name in _FORWARDED)
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        address = None
    if not direct or address is None or not any(address in network for network in config.metrics_networks):
        raise NotFoundError(zh="没有这个页面。", en="There is no such page.")
