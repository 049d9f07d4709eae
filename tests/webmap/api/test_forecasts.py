"""Forecasts through the doors: who sees hot spots makes and sees them, in the own area alone; as JSON and as a layer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import NOON, PASSWORD, sample_copy
from webmap import create_app
from webmap.auth import gate
from webmap.auth.permissions import ROLES, Grant
from webmap.config import Config
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

OURS, THEIRS = "150304008000", "150304009000"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of the sample, with an account for each role in the district and an analyst of one street."""
    store = open_store(sample_copy(tmp_path_factory))
    held = Services(store, Config(db=store.url, request_limit="1000000/minute"), clock=lambda: NOON)
    grants = {f"{role}-ahead": [Grant(role)] for role in ROLES} | {
        "ours": [Grant("analyst", OURS)],
        "both": [Grant("analyst", OURS), Grant("analyst", THEIRS)],
    }
    for name, held_by in grants.items():
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=held_by)
    yield held
    store.close()


class Person:
    """A client that sends the page's token with what it asks to be made."""

    def __init__(self, services: Services, name: str) -> None:
        self.client: FlaskClient = create_app(services).test_client()
        token = services.store.sessions.sign_in(name, PASSWORD, now=NOON)
        self.client.set_cookie(gate.COOKIE, token)
        self.csrf = csrf_token(token)

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def make(self, **body: Any) -> list[dict[str, Any]]:
        answer = self.client.post("/api/forecasts", json=body, headers={HEADER: self.csrf})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


@pytest.mark.parametrize("role", list(ROLES))
def test_who_sees_hot_spots_sees_forecasts_and_nobody_else(role: str, services: Services) -> None:
    person = Person(services, f"{role}-ahead")
    allowed = "see_analyses" in ROLES[role].actions
    assert person.get("/api/forecast.json?period=week").status_code == (200 if allowed else 403)
    assert person.get("/api/forecasts.json").status_code == (200 if allowed else 403)
    assert person.get("/api/forecasts/none.json").status_code == (404 if allowed else 403)
    if not allowed:
        answer = person.client.post("/api/forecasts", json={}, headers={HEADER: person.csrf})
        assert answer.status_code == 403


def test_one_is_made_step_by_step_and_found_again(services: Services) -> None:
    analyst = Person(services, "analyst-ahead")
    before = analyst.get("/api/forecast.json?period=week&category=D03").get_json()
    assert before["forecast"] is None
    assert before["period"]["since"] == "2026-11-24T00:00:00+08:00"
    *steps, last = analyst.make(period="week", category="D03")
    assert [step["stage"] for step in steps] == ["reading", "choosing", "scoring", "kept"]
    answer = analyst.get("/api/forecast.json?period=week&category=D03")
    shown = answer.get_json()["forecast"]
    assert shown["id"] == last["forecast"]
    assert shown["fresh"]
    assert shown["unit"] == {"zh": "起上报/网格·周", "en": "reports per grid in the week"}
    assert len(shown["grids"]) == len(services.cells(LOCAL_OPERATOR))
    again = analyst.get(
        "/api/forecast.json?period=week&category=D03", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert analyst.get(f"/api/forecasts/{last['forecast']}.json").get_json() == shown
    assert last["forecast"] in {each["id"] for each in analyst.get("/api/forecasts.json").get_json()}
    assert analyst.make(period="week", category="D03") == [last], "the same reports make no other forecast"


@pytest.mark.parametrize("query", ["period=month", "category=a&category=b", "area=" + "x" * 201])
def test_a_question_that_makes_no_sense_is_refused(query: str, services: Services) -> None:
    assert Person(services, "analyst-ahead").get(f"/api/forecast.json?{query}").status_code == 400


@pytest.mark.parametrize("body", [{"period": "month"}, {"category": 3}, {"area": ["x"]}, [1]])
def test_a_body_that_makes_no_sense_is_refused(body: Any, services: Services) -> None:
    analyst = Person(services, "analyst-ahead")
    answer = analyst.client.post("/api/forecasts", json=body, headers={HEADER: analyst.csrf})
    assert answer.status_code == 400


def test_what_cannot_be_made_is_the_last_line_in_both_languages(services: Services) -> None:
    (step, last) = Person(services, "analyst-ahead").make(category="Z99")
    assert step["stage"] == "reading"
    assert last["problem"]["status"] == 400
    assert "Z99" in last["problem"]["zh"]
    assert "Z99" in last["problem"]["en"]


def test_who_has_a_street_gets_that_street_alone(services: Services) -> None:
    whole = Person(services, "analyst-ahead").make(period="week", category="D03")[-1]["forecast"]
    ours = Person(services, "ours")
    made = ours.make(period="week", category="D03")[-1]["forecast"]
    shown = ours.get("/api/forecast.json?period=week&category=D03")
    assert shown.get_json()["forecast"]["id"] == made
    theirs = {THEIRS, *services.tree(LOCAL_OPERATOR).descendants(THEIRS)}
    assert not [code for code in theirs if code in shown.get_data(as_text=True)]
    assert ours.get(f"/api/forecasts/{whole}.json").status_code == 404
    assert whole not in {each["id"] for each in ours.get("/api/forecasts.json").get_json()}
    assert ours.get(f"/api/forecast.json?area={THEIRS}").status_code == 404
    both = Person(services, "both")
    assert both.get("/api/forecast.json").status_code == 400, "several areas, and none was said"
    assert both.get(f"/api/forecast.json?area={THEIRS}").status_code == 200


def test_the_layer_leaves_with_its_unit_its_period_and_titles(services: Services) -> None:
    analyst = Person(services, "analyst-ahead")
    assert analyst.get("/export/forecast.geojson?period=day").status_code == 404
    analyst.make(period="week")
    told = json.loads(analyst.get("/export/forecast.geojson?period=week&lang=en").data)
    assert told["wangge"]["period"] == "2026-11-24 00:00 - 2026-12-01 00:00, reports per grid in the week"
    assert told["wangge"]["columns"]["expected"] == "incidents expected in the period"
    first = told["features"][0]
    assert first["properties"]["rank"] == 1
    assert first["geometry"]["type"] in ("Polygon", "MultiPolygon")
    table = analyst.get("/export/forecast.csv?period=week&lang=zh").get_data(as_text=True)
    assert "期望事件数(时段内)" in table.splitlines()[0]
    assert Person(services, "grid_worker-ahead").get("/export/forecast.csv?period=week").status_code == 403
