"""The little town where things are reported: a form's report, a visitor, a receipt, an alarm with its signature."""

import json
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webmap.cases.town import Town
from tests.webmap.store.conftest import NOW
from webmap import create_app
from webmap.config import Config
from webmap.notify.signing import signed_headers
from webmap.services import Services

SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
OPEN = {
    "public_reports": "on",
    "alarm_keys": f"smoke={SECRET}",
    "report_limit": "100/hour",
    "receipt_limit": "100/minute",
}


def uuid7(number: int) -> str:
    """An id as a phone makes it."""
    return f"0190f3d2-7a00-7000-8000-{number:012d}"


class ReportingTown(Town):
    """A town whose service may be open to everybody."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(f"sqlite:///{folder / 'town.db'}", folder)
        self.configure(**settings)

    def configure(self, **settings: Any) -> None:
        """The same store behind a service with other settings."""
        config = Config(db="", request_limit="1000000/minute", **settings)
        self.services = Services(self.store, config, clock=lambda: self.now)
        self._app = create_app(self.services)
        self._clients = {}

    def visitor(self) -> FlaskClient:
        """Somebody without an account."""
        return self._app.test_client()

    def form(self, number: int = 1, **more: Any) -> dict[str, Any]:
        """What the form sends of a heap of rubbish in the first grid."""
        return {
            "id": uuid7(number),
            "lon": 106.705,
            "lat": 39.405,
            "category": "06010",
            "occurred_at": NOW.isoformat(),
            "text": "一堆垃圾",
        } | more

    def told(self, number: int = 1, name: str = "worker", **more: Any) -> TestResponse:
        """A report of the form by an account."""
        return self.send(name, "/api/reports", self.form(number, **more))

    def alarm(self, device: str = "c0", kind: str = "smoke", *, secret: str = SECRET, **more: Any) -> TestResponse:
        """An alarm, signed."""
        body = json.dumps({"device": device, "kind": kind, "at": self.now.isoformat()} | more).encode()
        headers = signed_headers([secret], "msg-1", int(self.now.timestamp()), body) | {"X-Wangge-Source": "smoke"}
        return self.visitor().post("/api/alarms", data=body, headers=headers, content_type="application/json")
