"""The page may load nothing from outside and run nothing that we did not sign."""

import re

import pytest
from flask.testing import FlaskClient

from webmap import create_app
from webmap.config import Config, TileSource
from webmap.security.headers import policy
from webmap.services import Services


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_script_and_style_bears_the_nonce(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/?lang={lang}")
    token = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])[1]
    inline = [tag for tag in re.findall(r"<(?:script|style)\b[^>]*>", page.text) if "application/json" not in tag]
    assert inline
    assert [tag for tag in inline if f'nonce="{token}"' not in tag] == []


def test_the_nonce_is_new_for_every_page(client: FlaskClient) -> None:
    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_no_link_of_the_page_leads_outside(client: FlaskClient) -> None:
    loaded = re.findall(r"(?:src|href)=\"([^\"]+)\"", client.get("/").text)
    assert [link for link in loaded if link.startswith(("http:", "https:", "//"))] == []


def test_only_the_base_maps_origin_is_allowed_beside_our_own(services: Services) -> None:
    tiles = TileSource(url="http://10.1.2.3/{z}/{x}/{y}.png", datum="gcj02")
    app = create_app(Services(services.store, Config(tiles=tiles), clock=services.clock))
    told = app.test_client().get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: http://10.1.2.3;" in told
    assert told.count("http://") == 1


def test_nothing_unsafe_is_allowed() -> None:
    assert "unsafe" not in policy("x")
