"""A patrol sent to a case: only plans of now that cover it, shown before it is kept, and no word of the report in it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from gis.dispatch import states
from tests.webmap.cases.lives import DESK, PASSWORD, STREET, with_cases
from tests.webmap.conftest import NOON
from webmap import create_app, plan_life
from webmap.auth import gate
from webmap.cases.patrols import of_now
from webmap.config import Config
from webmap.planning import PlanRequest, make_plan
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store
from webmap.store.cases import CaseQuery
from webmap.store.events import Event


@pytest.fixture(scope="module")
def services(sample_db: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The sample with cases, and a plan of this day shift for the whole district, running."""
    url = with_cases(sample_db, tmp_path_factory.mktemp("patrols") / "wuda.db", NOON)
    store = open_store(url)
    held = Services(store, Config(db=url), clock=lambda: NOON)
    plan = make_plan(
        held, PlanRequest(day=held.today(), shift="day", teams=2, seed=7, iterations=200), viewer=LOCAL_OPERATOR
    )
    plan_life.publish(held, plan["id"], viewer=LOCAL_OPERATOR)
    store.plans.move(plan["id"], "running", viewer=LOCAL_OPERATOR, now=NOON)
    yield held
    store.close()


class Person:
    """A client that sends the page's token with what it changes."""

    def __init__(self, services: Services, name: str) -> None:
        self.client: FlaskClient = create_app(services).test_client()
        token = services.store.sessions.sign_in(name, PASSWORD, now=NOON)
        self.client.set_cookie(gate.COOKIE, token)
        self.headers = {HEADER: csrf_token(token)}

    def plans(self, event: Event) -> Any:
        return self.client.get(f"/api/events/{event.id}/patrols")

    def send(self, event: Event, **told: Any) -> Any:
        return self.client.post(f"/api/events/{event.id}/patrols", json=told, headers=self.headers)


@pytest.fixture
def case(services: Services) -> Event:
    """A live case of the street that some are limited to."""
    live = tuple(name for name, state in states().items() if state.live)
    found = services.store.cases.page(CaseQuery(states=live, area=STREET, limit=1), DESK)
    return found[0]


def running(services: Services) -> str:
    plans = services.store.plans.list(LOCAL_OPERATOR, date=services.today())
    return next(plan.id for plan in plans if plan.status == "running")


def test_what_was_shown_is_what_is_kept_and_what_is_published_goes_to_the_teams(
    services: Services, case: Event
) -> None:
    chief, plan = Person(services, "chief"), running(services)
    (offered,) = chief.plans(case).get_json()["plans"]
    assert (offered["id"], offered["newer"], offered["status"]) == (plan, 0, "running")
    tried = chief.send(case, plan=plan, within_min=120)
    assert tried.status_code == 200, tried.get_json()
    told = tried.get_json()
    added = [each for each in told["changes"]["changes"] if each["kind"] == "added"]
    assert [each["name_en"].startswith("urgent: ") for each in added] == [True]
    assert added[0]["name_zh"].startswith("紧急:")
    assert "队" not in added[0]["en"], "teams have English names in an English line"
    assert (told["kept"], told["plan"]) == (False, {"id": "", "version": 0})
    assert chief.plans(case).get_json()["plans"] == [offered], "a try keeps nothing"
    seen = {name: told[name] for name in ("now", "shown")}
    assert chief.send(case, plan=plan, within_min=119, keep=True, **seen).status_code == 409, "not what was shown"
    made = chief.send(case, plan=plan, within_min=120, keep=True, **seen).get_json()
    assert (made["kept"], made["plan"]["version"]) == (True, offered["version"] + 1)
    assert chief.plans(case).get_json()["plans"][0]["newer"] == made["plan"]["version"]
    document = services.store.plans.get(made["plan"]["id"], LOCAL_OPERATOR).document
    stop = next(stop for team in document["teams"] for stop in team["stops"] if stop["kind"] == "urgent")
    assert (stop["lon"], stop["lat"], stop["grid"]) == (pytest.approx(case.lon), pytest.approx(case.lat), case.grid)
    told_to_teams = json.dumps(document, ensure_ascii=False)
    assert all(case.body[name] not in told_to_teams for name in ("text", "address"))
    answer = chief.client.post(f"/api/plans/{made['plan']['id']}/publish", headers=chief.headers)
    assert answer.get_json()["status"] == "running"
    assert running(services) == made["plan"]["id"]


def test_a_plan_in_which_nobody_goes_is_not_kept_for_the_case(services: Services, case: Event) -> None:
    chief, plan = Person(services, "chief"), running(services)
    before = len(services.store.plans.list(LOCAL_OPERATOR, date=services.today()))
    # Two hours are left of the shift.
    asked = {"plan": plan, "within_min": 1440, "stay_min": 240}
    told = chief.send(case, **asked).get_json()
    assert [each["rule"] for each in told["unplaced"]] == ["shift"]
    assert "min after the end of its time" in told["unplaced"][0]["en"]
    seen = {name: told[name] for name in ("now", "shown")}
    refused = chief.send(case, **asked, keep=True, **seen)
    assert refused.status_code == 409
    assert "nothing to keep" in refused.get_json()["en"]
    assert len(services.store.plans.list(LOCAL_OPERATOR, date=services.today())) == before


def test_plans_of_another_hour_or_area_and_cases_that_are_over_are_not_offered(services: Services, case: Event) -> None:
    viewer = LOCAL_OPERATOR
    assert [plan.id for plan in of_now(services, case, viewer)] == [running(services)]
    late = Services(services.store, services.config, clock=lambda: NOON + timedelta(hours=9))
    assert of_now(late, case, viewer) == []
    over = next(name for name, state in states().items() if not state.live)
    for other in (replace(case, state=over), replace(case, lon=None, lat=None)):
        assert of_now(services, other, viewer) == []
    chief = Person(services, "chief-street")
    assert chief.plans(case).get_json()["plans"] == [], "the plan of the whole district is not theirs"
    assert chief.send(case, plan=running(services)).status_code == 409


def test_only_who_makes_plans_and_sees_the_case_may_send_and_every_wrong_body_is_told(
    services: Services, case: Event
) -> None:
    for name in ("desk-all", "unit-all", "checker-all", "analyst-all"):
        person = Person(services, name)
        assert person.plans(case).status_code == 403
        assert person.send(case, plan=running(services)).status_code == 403
    elsewhere = next(
        each for each in services.store.cases.page(CaseQuery(limit=100), DESK) if each.street != case.street
    )
    limited = Person(services, "chief-street")
    assert limited.plans(elsewhere).status_code == 404
    assert limited.send(elsewhere, plan=running(services)).status_code == 404
    chief = Person(services, "chief")
    for told in ({}, {"plan": 3}, {"plan": "x", "stay_min": 0}, {"plan": "x", "within_min": True}):
        assert chief.send(case, **told).status_code == 400
    assert chief.send(case, plan="no-such-plan").status_code == 409
