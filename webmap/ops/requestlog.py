"""One JSON line for each request, and the same request counted. A line holds the route's template and never its query.

Coordinates, filters and record numbers stand in addresses and queries only, so none of them reaches the log.
"""

import json
import logging
import re
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime

from flask import Flask, Response, g, request

from webmap.config import Config
from webmap.ops.metrics import Metrics

NO_ROUTE = "(none)"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_FIELDS = ("request", "actor", "method", "route", "status", "ms")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = logging.getLogger("webmap.requests")


class JsonLines(logging.Formatter):
    """A record of the standard library as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger and message; the fields of a request; the traceback's places without its messages."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        if message := record.getMessage():
            line["message"] = message
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            # The text of an error may quote a record; its class and the lines of code do not.
            line["error"] = type(record.exc_info[1]).__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def start_logging(config: Config) -> None:
    """Send the program's log to stderr as JSON lines; requests too where the setting ``log`` asks for them."""
    told = logging.getLogger("webmap")
    told.handlers = [logging.StreamHandler()]
    told.handlers[0].setFormatter(JsonLines())
    told.propagate = False
    wanted = config.log == "requests" or (config.log == "auto" and not sys.stderr.isatty())
    told.setLevel(logging.INFO if wanted else logging.ERROR)


def install_request_log(app: Flask, metrics: Metrics) -> None:
    """Time, count and note every request, and give its answer a number to ask for."""
    app.extensions["wangge.metrics"] = metrics

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)

    @app.after_request
    def note(response: Response) -> Response:
        seconds = time.perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else NO_ROUTE
        method = request.method if request.method in METHODS else "other"
        metrics.note(route, method, response.status_code, seconds)
        response.headers["X-Request-ID"] = g.request_id
        if response.is_streamed:
            response.call_on_close(metrics.note_streams)
        _log.info("", extra=_line(method, route, response.status_code, seconds))
        return response


def _line(method: str, route: str, status: int, seconds: float) -> dict[str, object]:
    line = {"request": g.request_id, "method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    actor = getattr(g.get("viewer"), "actor", "")
    return line | {"actor": actor} if actor else line
