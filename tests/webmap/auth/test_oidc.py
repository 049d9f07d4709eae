"""Sign-in through a real identity provider on loopback, built with authlib's own parts, and what it must not let in."""

import json
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, jsonify, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from tests.webmap.conftest import NOON, PASSWORD
from webmap import create_app
from webmap.auth import oidc
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, init_store

CLIENT, SECRET = "wangge", "s3cret"


class Idp:
    """The provider: one person, one client; a test may make it lie."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.asked: dict[str, str] = {}
        self.lies: dict[str, object] = {}
        app = Flask("idp")
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        app.add_url_rule("/.well-known/openid-configuration", "d", self._describe)
        app.add_url_rule("/authorize", "a", self._authorize)
        app.add_url_rule("/token", "t", self._token, methods=["POST"])
        app.add_url_rule("/keys", "k", lambda: jsonify({"keys": [self.key.as_dict(private=False)]}))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()

    def _describe(self):  # type: ignore[no-untyped-def]
        base = self.issuer
        return jsonify(
            issuer=base,
            authorization_endpoint=f"{base}/authorize",
            token_endpoint=f"{base}/token",
            jwks_uri=f"{base}/keys",
        )

    def _authorize(self):  # type: ignore[no-untyped-def]
        self.asked = request.args.to_dict()
        return redirect(f"{self.asked['redirect_uri']}?code=c0de&state={self.asked['state']}")

    def _token(self):  # type: ignore[no-untyped-def]
        form, credentials = request.form, request.authorization
        assert credentials is not None
        assert (credentials.username, credentials.password) == (CLIENT, SECRET)
        assert create_s256_code_challenge(form["code_verifier"]) == self.asked["code_challenge"]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "u-7",
            "exp": int(time.time()) + 60,
            "nonce": self.asked["nonce"],
        }
        key = self.lies.get("key", self.key)
        told = claims | {name: value for name, value in self.lies.items() if name != "key"}
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, told, key)  # type: ignore[arg-type]
        return jsonify(access_token="x", token_type="Bearer", id_token=token)


@pytest.fixture
def idp() -> Iterator[Idp]:
    provider = Idp()
    yield provider
    provider.stop()


@pytest.fixture
def client(idp: Idp, tmp_path) -> Iterator[FlaskClient]:  # type: ignore[no-untyped-def]
    store = init_store(f"sqlite:///{tmp_path / 'o.db'}", {})
    store.users.add("li", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=[Grant("supervisor")])
    store.users.set_oidc("li", f"{idp.issuer}#u-7", viewer=LOCAL_OPERATOR, now=NOON)
    config = Config(oidc_issuer=idp.issuer, oidc_client=CLIENT, oidc_secret=SECRET)
    yield create_app(Services(store, config, clock=lambda: NOON)).test_client()
    store.close()


def come_back(client: FlaskClient, wanted: str = "/"):  # type: ignore[no-untyped-def]
    """Set out, and follow the provider's way back as a browser does."""
    away = client.get(f"/sign-in/oidc?next={wanted}").headers["Location"]
    back = requests.get(away, allow_redirects=False, timeout=10).headers["Location"]
    return client.get(urlsplit(back).path + "?" + urlsplit(back).query)


def test_a_bound_person_is_signed_in_and_led_on(client: FlaskClient, idp: Idp) -> None:
    assert "oidc" in client.get("/sign-in").text
    answer = come_back(client, "/?from=2026-01-01")
    assert answer.headers["Location"] == "/?from=2026-01-01"
    assert client.get("/api/boot.json").status_code == 200
    assert idp.asked["scope"] == "openid"
    assert idp.asked["code_challenge_method"] == "S256"


@pytest.mark.parametrize(
    "lie",
    [
        {"sub": "somebody-else"},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"nonce": "older"},
        {"exp": 1},
        {"key": RSAKey.generate_key(2048, {"kid": "k1"})},
    ],
)
def test_what_the_provider_did_not_say_of_a_bound_person_opens_nothing(
    client: FlaskClient, idp: Idp, lie: dict[str, object]
) -> None:
    idp.lies = lie
    assert come_back(client).status_code == 401
    assert client.get("/api/boot.json").status_code == 401


def test_an_answer_to_another_departure_is_refused(client: FlaskClient) -> None:
    client.get("/sign-in/oidc")
    assert client.get("/sign-in/oidc/back?code=c0de&state=other").status_code == 401
    client.delete_cookie(oidc.COOKIE)
    assert client.get("/sign-in/oidc/back?code=c0de&state=other").status_code == 401
    client.set_cookie(oidc.COOKIE, json.dumps(["no"]))
    assert client.get("/sign-in/oidc/back?code=c0de&state=other").status_code == 401


def test_a_provider_that_is_away_is_told_in_words(client: FlaskClient, idp: Idp) -> None:
    idp.stop()
    idp._server.server_close()
    answer = client.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "Traceback" not in answer.text


def test_without_a_provider_there_is_no_such_page(tmp_path) -> None:  # type: ignore[no-untyped-def]
    store = init_store(f"sqlite:///{tmp_path / 'n.db'}", {})
    client = create_app(Services(store, Config(), clock=lambda: NOON)).test_client()
    assert client.get("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in client.get("/sign-in").text
    store.close()
