"""The phone page: what is needed to install it, and that nothing is left outside of its cache."""

import json
import re
import struct
from importlib.resources import files

import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import NOON
from webmap import create_app
from webmap.pages.street import worker_script
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR


def the_plan(services: Services) -> str:
    """Tonight's plan of the whole district."""
    plans = services.store.plans.list(LOCAL_OPERATOR, shift="night")
    return next(plan.id for plan in plans if plan.status == "published" and not plan.area)


@pytest.fixture
def stranger(services: Services) -> FlaskClient:
    """Nobody who is signed in."""
    return create_app(services).test_client()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_manifest_is_that_of_an_installable_page(lang: str, stranger: FlaskClient) -> None:
    answer = stranger.get(f"/patrol/manifest.webmanifest?lang={lang}")
    assert answer.mimetype == "application/manifest+json"
    told = json.loads(answer.text)
    assert (told["scope"], told["start_url"], told["display"]) == ("/patrol/", "/patrol/", "standalone")
    for icon in told["icons"]:
        data = stranger.get(icon["src"])
        assert data.mimetype == icon["type"]
        if icon["type"] == "image/png":
            assert "x".join(map(str, struct.unpack(">II", data.data[16:24]))) == icon["sizes"]
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in told["icons"])


def test_a_stranger_gets_the_worker_and_no_assignment(services: Services, stranger: FlaskClient) -> None:
    assert stranger.get("/patrol/sw.js").mimetype == "text/javascript"
    for path in ("/patrol/", f"/patrol/{the_plan(services)}/0"):
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in?next=%2Fpatrol%2F")
    for path in ("/api/patrol/session.json", "/patrol/icon-7.png"):
        assert stranger.get(path).status_code in (401, 404)


def test_the_worker_keeps_every_file_of_the_page_and_each_is_there(client: FlaskClient) -> None:
    script = worker_script()
    assert "__" not in script
    kept = json.loads(re.search(r"ASSETS = (\[.*?\]);", script)[1])  # type: ignore[index]
    shipped = {f"/static/street/{path.name}" for path in (files("webmap") / "static" / "street").iterdir()}
    assert shipped - {"/static/street/sw.js"} <= set(kept)
    for path in kept:
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_the_policy_lets_the_page_have_a_worker_and_a_manifest_of_its_own_alone(client: FlaskClient) -> None:
    rules = client.get("/patrol/").headers["Content-Security-Policy"]
    assert "worker-src 'self'" in rules
    assert "manifest-src 'self'" in rules
    assert "unsafe" not in rules


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_assignment_shows_every_stop_with_time_and_reason(
    lang: str, client: FlaskClient, services: Services
) -> None:
    plan = the_plan(services)
    page = client.get(f"/patrol/{plan}/0?lang={lang}")
    assert page.headers["Content-Language"] == {"zh": "zh-CN", "en": "en"}[lang]
    stops = services.store.plans.get(plan, LOCAL_OPERATOR).document["teams"][0]["stops"]
    assert page.text.count("data-stop=") == len(stops)
    assert json.dumps(stops[0][f"why_{lang}"], ensure_ascii=False)[1:-1] in page.text
    assert "<script nonce" not in page.text, "no script of the page is written into it"
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page.text)
    assert client.get(f"/patrol/{plan}/99").status_code == 404


def test_a_team_that_has_no_stops_has_a_page_and_a_sheet_that_say_so(client: FlaskClient, services: Services) -> None:
    """A team that drops out before its first stop is left with none; its phones have the page open."""
    document = json.loads(json.dumps(services.store.plans.get(the_plan(services), LOCAL_OPERATOR).document))
    document["teams"][0] |= {"stops": [], "line": []}
    bare = {name: value for name, value in document.items() if name != "id"} | {"date": "2026-12-24"}
    plan = services.store.plans.save(bare, viewer=LOCAL_OPERATOR, now=NOON)
    services.store.plans.move(plan, "published", viewer=LOCAL_OPERATOR, now=NOON, check=lambda _document: [])
    page = client.get(f"/patrol/{plan}/0")
    assert (page.status_code, page.text.count("data-stop=")) == (200, 0)
    for form in ("sheet", "gpx", "kml", "ics"):
        answer = client.get(f"/plans/{plan}/teams/0{'/' if form == 'sheet' else '.'}{form}")
        assert answer.status_code == 200, form


def test_a_supervisor_reads_the_assignment_and_does_not_check_in(client: FlaskClient, services: Services) -> None:
    page = client.get(f"/patrol/{the_plan(services)}/0?lang=en").text
    assert '"may_check_in":false' in page
    assert client.get("/api/patrol/session.json").status_code == 403
