"""Signing in, out and changing a password in the pages; what another site sends is refused."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import NOON, PASSWORD
from webmap import create_app
from webmap.auth import gate
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.security.csrf import csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, init_store

FRESH = "Fresh-2026-key"


class Clock:
    """Noon, until moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self):  # type: ignore[no-untyped-def]
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:  # type: ignore[no-untyped-def]
    store = init_store(f"sqlite:///{tmp_path / 'a.db'}", {})
    for name, must in (("li", False), ("new", True)):
        store.users.add(
            name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=[Grant("supervisor")], must_change=must
        )
    yield store
    store.close()


@pytest.fixture
def client(store: Store, clock: Clock) -> FlaskClient:
    return create_app(Services(store, Config(), clock=clock)).test_client()


def sign_in(client: FlaskClient, name: str = "li", password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in", data={"name": name, "password": password} | more)


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie(gate.COOKIE)
    return held.value if held else ""


def test_the_map_asks_for_a_sign_in_and_leads_back(client: FlaskClient) -> None:
    away = client.get("/?from=2026-01-01")
    assert away.headers["Location"] == "/sign-in?next=%2F%3Ffrom%3D2026-01-01"
    back = sign_in(client, next="/?from=2026-01-01")
    assert back.headers["Location"] == "/?from=2026-01-01"
    assert re.search(r"HttpOnly.*SameSite=Lax", back.headers["Set-Cookie"])
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: 1", "javascript:1"]
)
def test_no_link_leads_a_reader_away(client: FlaskClient, path: str) -> None:
    assert sign_in(client, next=path).headers["Location"] == "/"


def test_every_mistake_has_one_answer(client: FlaskClient, store: Store) -> None:
    store.users.disable("new", viewer=LOCAL_OPERATOR, now=NOON)
    answers = {
        re.search(r'role="alert">([^<]*)', sign_in(client, *each).text).group(1)  # type: ignore[union-attr]
        for each in (("li", "wrong"), ("nobody", PASSWORD), ("new", PASSWORD))
    }
    assert len(answers) == 1


def test_five_mistakes_lock_and_time_unlocks(client: FlaskClient, clock: Clock) -> None:
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 401
    assert sign_in(client).status_code == 401
    clock.now += timedelta(minutes=16)
    assert sign_in(client).status_code == 302


def test_a_given_password_must_be_changed_before_anything_else(client: FlaskClient) -> None:
    sign_in(client, "new")
    assert client.get("/").headers["Location"] == "/account"
    assert client.get("/api/boot.json").status_code == 403
    form = {"old": PASSWORD, "new": FRESH, "again": FRESH, "csrf": csrf_token(cookie(client))}
    assert client.post("/account/password", data=form | {"again": "other"}).status_code == 400
    assert client.post("/account/password", data=form | {"new": "short", "again": "short"}).status_code == 400
    assert client.post("/account/password", data=form).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_signing_out_ends_the_session_for_good(client: FlaskClient) -> None:
    sign_in(client)
    token = cookie(client)
    assert client.post("/sign-out", data={"csrf": csrf_token(token)}).status_code == 302
    client.set_cookie(gate.COOKIE, token)
    assert client.get("/api/boot.json").status_code == 401


def test_an_idle_session_is_over(client: FlaskClient, clock: Clock) -> None:
    sign_in(client)
    clock.now += timedelta(minutes=31)
    assert client.get("/api/boot.json").status_code == 401


def test_another_session_can_be_ended(client: FlaskClient, store: Store, clock: Clock) -> None:
    other = store.sessions.sign_in("li", PASSWORD, now=NOON)
    sign_in(client)
    account = store.sessions.who(other, now=NOON)
    assert account is not None
    csrf = csrf_token(cookie(client))
    assert client.post(f"/account/sessions/{account.session}/end", data={"csrf": csrf}).status_code == 302
    clock.now += timedelta(seconds=5)
    assert store.sessions.who(other, now=clock.now) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    sign_in(client)
    form = {"csrf": csrf_token(cookie(client))}
    assert client.post("/sign-out", data=form, headers=headers).status_code == 403
    assert client.post("/sign-in", data={"name": "li", "password": PASSWORD}, headers=headers).status_code == 403


@pytest.mark.parametrize("csrf", ["", "0" * 40, "密"])
def test_a_form_without_the_pages_token_is_refused(client: FlaskClient, csrf: str) -> None:
    sign_in(client)
    assert client.post("/sign-out", data={"csrf": csrf}).status_code == 403
    assert client.get("/api/boot.json").status_code == 200


def test_one_time_codes_are_asked_for_once_confirmed(client: FlaskClient, clock: Clock) -> None:
    sign_in(client)
    csrf = csrf_token(cookie(client))
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', client.post("/account/totp", data={"csrf": csrf}).text)
    assert secret is not None
    device = pyotp.TOTP(secret.group(1))
    form = {"csrf": csrf, "secret": secret.group(1)}
    assert client.post("/account/totp/confirm", data=form | {"code": "000000"}).status_code == 400
    code = device.at(clock.now)
    assert client.post("/account/totp/confirm", data=form | {"code": code}).status_code == 302
    clock.now += timedelta(minutes=1)
    assert sign_in(client).status_code == 401
    assert sign_in(client, code=device.at(clock.now)).status_code == 302


def test_too_many_sign_ins_from_one_address_are_refused(store: Store, clock: Clock) -> None:
    client = create_app(Services(store, Config(sign_in_limit="3/day"), clock=clock)).test_client()
    answers = [sign_in(client, password="wrong").status_code for _ in range(5)]
    assert answers == [401, 401, 401, 429, 429]


def test_saved_views_are_ones_own(client: FlaskClient, store: Store) -> None:
    sign_in(client)
    headers = {"X-CSRF-Token": csrf_token(cookie(client))}
    assert client.put("/api/views/夜班", json={"query": "hour=22"}).status_code == 403
    assert client.put("/api/views/夜班", json={"query": "hour=22"}, headers=headers).status_code == 201
    assert client.put("/api/views/x", json=["no"], headers=headers).status_code == 400
    assert client.get("/api/views.json").get_json() == [{"name": "夜班", "query": "hour=22"}]
    assert store.views.list("new") == []
    assert client.delete("/api/views/夜班", headers=headers).status_code == 204
    assert client.get("/api/views.json").get_json() == []
