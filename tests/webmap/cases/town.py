"""The little town as a running service: units, one account a role and street, a client for each."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webmap.conftest import PASSWORD
from tests.webmap.store.case_life import UNITS
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, SETTINGS, STREET_A, STREET_B, areas_of_two_streets
from webmap import create_app
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, init_store

ACCOUNTS = {
    "worker": [Grant("grid_worker", GRIDS[0])],
    "desk": [Grant("desk", STREET_A)],
    "desk-b": [Grant("desk", STREET_B)],
    "centre": [Grant("desk", "")],
    "pipe": [Grant("department_unit", DISTRICT)],
    "tree": [Grant("department_unit", DISTRICT)],
    "check": [Grant("checker", DISTRICT)],
    "boss": [Grant("supervisor", "")],
    "figures": [Grant("analyst", "")],
}
"""Accounts of the town; ``pipe`` is of the unit ``water``, ``tree`` of ``green``."""


class Town:
    """A service whose clock is set by hand.

    Parameters
    ----------
    url
        Where its store is made.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.now = NOW
        self.store = init_store(url, SETTINGS, attachments=folder / "attachments")
        self.store.areas.replace(areas_of_two_streets(), viewer=LOCAL_OPERATOR, now=NOW)
        self.store.units.replace(UNITS, viewer=LOCAL_OPERATOR, now=NOW)
        self.store.units.set_accounts("water", ["pipe"], viewer=LOCAL_OPERATOR, now=NOW)
        self.store.units.set_accounts("green", ["tree"], viewer=LOCAL_OPERATOR, now=NOW)
        config = Config(db=url, request_limit="1000000/minute")
        self.services = Services(self.store, config, clock=lambda: self.now)
        self._app = create_app(self.services)
        self._clients: dict[str, FlaskClient] = {}
        self._since: dict[str, datetime] = {}

    def pass_hours(self, hours: float) -> None:
        """Let the clock go on."""
        self.now += timedelta(hours=hours)

    def client(self, name: str) -> FlaskClient:
        """A client that is signed in; an idle session is over, so there is a fresh one after each step of the clock."""
        if name in self._clients and self._since[name] == self.now:
            return self._clients[name]
        if name not in self._clients:
            known = {user.name for user in self.store.users.list()}
            if name not in known:
                grants = ACCOUNTS[name]
                self.store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=grants)
            self._clients[name] = self._app.test_client()
        client, self._since[name] = self._clients[name], self.now
        client.set_cookie(COOKIE, self.store.sessions.sign_in(name, PASSWORD, now=self.now))
        return client

    def send(
        self,
        name: str,
        path: str,
        told: Mapping[str, Any],
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """What an account sends as JSON."""
        client = self.client(name)
        cookie = client.get_cookie(COOKIE)
        token = csrf_token(cookie.value if cookie else "")
        return client.open(path, method=method, json=told, headers={HEADER: token, **(headers or {})})

    def report(self, name: str = "worker", number: int = 1, **more: Any) -> TestResponse:
        """A heap of rubbish in the first grid."""
        told = {"id": f"event-0000-0000-{number:04d}", "category": "06010", "lon": 106.705, "lat": 39.405} | more
        return self.send(name, "/api/events", told)

    def move(self, name: str, move: str, number: int = 1, *, version: int | None = None, **more: Any) -> TestResponse:
        """One move, with the version as it is now unless another is told."""
        event = f"event-0000-0000-{number:04d}"
        if version is None:
            from webmap.store.case_scope import CASE_OPERATOR

            version = self.store.cases.get(event, CASE_OPERATOR).version
        return self.send(name, f"/api/events/{event}/transitions", {"move": move, "version": version} | more)

    def close(self) -> None:
        """Close the store."""
        self.services.close()


def soon(now: datetime, days: float) -> str:
    """A moment some days ahead, as it is sent."""
    return (now + timedelta(days=days)).isoformat()
