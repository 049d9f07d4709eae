"""Who sees no cameras is not told where they are blind: every role, every form in which a plan leaves, both languages."""

import io
import json
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from tests.webmap.api.test_plan_life import Person
from tests.webmap.conftest import NOON, PASSWORD
from webmap import plan_life
from webmap.auth.permissions import ROLES, Grant
from webmap.config import Config
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

READERS = [role for role, held in ROLES.items() if "see_plans" in held.actions]
WORDS = ("盲区", "blind", "摄像", "camera")
FORMS = (
    "/api/plans/{id}.json", "/api/plans/latest.json", "/api/plans.json", "/api/plans/{id}/life.json",
    "/api/plans/{id}/explain.json", "/api/plans/{id}/done.json", "/api/patrol/dosage.json", "/api/patrol/roster.json",
    "/plans/{id}.xlsx", "/plans/{id}/teams/{team}/sheet", "/plans/{id}/teams/{team}.gpx",
    "/plans/{id}/teams/{team}.kml", "/plans/{id}/teams/{team}.ics", "/patrol/", "/patrol/{id}/{team}",
    "/api/plans/{id}/teams/{team}/newer.json", "/export/patrol.csv?plan={id}", "/export/patrol.xlsx?plan={id}",
    "/export/patrol.geojson?plan={id}", "/export/beats.csv?plan={id}",
)  # fmt: skip


@pytest.fixture(scope="module")
def services(sample_db: str) -> Iterator[Services]:
    """Services with an account for each role that reads plans."""
    store = open_store(sample_db)
    held = Services(store, Config(db=sample_db, request_limit="1000000/minute"), clock=lambda: NOON)
    for role in READERS:
        grants = [Grant(role)]
        store.users.add(f"{role}-blind", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=grants)
    yield held
    store.close()


def as_blind_spot(visit: dict[str, Any]) -> dict[str, Any]:
    """A visit as demand asks for it at a blind spot (``gis.patrol.demand.sites``), without working out what cameras see."""
    told = visit | {"kind": "blind_spot", "name_zh": "甲社区盲区 3", "name_en": "A blind spot 3"}
    if "why_zh" in visit:
        told |= {"why_zh": "摄像机盲区第 3 位(共 9 处)", "why_en": "camera blind spot no. 3 of 9"}
    return told | ({"origin": "blind_spot"} if "origin" in visit else {})


@pytest.fixture(scope="module")
def plan(services: Services) -> dict[str, Any]:
    """A published plan whose stops are all at blind spots."""
    asked = PlanRequest(day=services.today(), shift="day", teams=4, iterations=50, sources=("must",))
    made = json.loads(json.dumps(make_plan(services, asked, viewer=LOCAL_OPERATOR)))
    for held in (*made["teams"], made["made_from"]):
        held["stops"] = [as_blind_spot(visit) for visit in held["stops"]]
    made["unserved"] = [as_blind_spot(visit) for visit in made["unserved"]]
    bare = {name: value for name, value in made.items() if name != "id"}
    kept = services.store.plans.save(bare, viewer=LOCAL_OPERATOR, now=NOON, base=made["id"])
    plan_life.publish(services, kept, viewer=LOCAL_OPERATOR)
    return made | {"id": kept}


def text_of(answer: Any) -> str:
    if "spreadsheet" in answer.mimetype:
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        return "\n".join([*book.sheetnames, *cells])
    text: str = answer.get_data(as_text=True).replace("\r\n ", "")
    return text


@pytest.mark.parametrize("role", READERS)
def test_who_sees_no_cameras_is_not_told_where_they_are_blind(
    role: str, services: Services, plan: dict[str, Any]
) -> None:
    person = Person(services, f"{role}-blind")
    team = next(
        number
        for number, each in enumerate(plan["teams"])
        if any(stop["kind"] == "blind_spot" for stop in each["stops"])
    )
    told, answered = set(), 0
    for form in FORMS:
        # JSON carries both languages at once.
        for lang in ("zh",) if ".json" in form else ("zh", "en"):
            path = form.format(id=plan["id"], team=team)
            answer = person.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            if answer.status_code == 403:
                continue
            answered += 1
            assert answer.status_code in (200, 400), (path, answer.text[:200])
            text = text_of(answer)
            if any(word in text.lower() for word in WORDS):
                told.add(form)
    assert answered > 15
    if "see_cameras" in ROLES[role].actions:
        assert told >= {"/api/plans/{id}.json", "/plans/{id}.xlsx", "/patrol/{id}/{team}"}
    else:
        assert told == set()


def test_the_stop_stays_and_can_be_walked_and_checked_in(services: Services, plan: dict[str, Any]) -> None:
    shown = Person(services, "grid_worker-blind").get(f"/api/plans/{plan['id']}.json").get_json()
    for team, tour in zip(shown["teams"], plan["teams"], strict=True):
        keys = ("id", "lon", "lat", "arrive", "leave", "order")
        assert [[stop[key] for key in keys] for stop in team["stops"]] == [
            [stop[key] for key in keys] for stop in tour["stops"]
        ]
    assert {stop["kind"] for team in shown["teams"] for stop in team["stops"]} == {"place"}


def test_a_draft_leaves_in_no_form_to_those_who_make_none(services: Services, plan: dict[str, Any]) -> None:
    made = {name: value for name, value in plan.items() if name != "id"} | {"shift": "siesta"}
    draft = services.store.plans.save(made, viewer=LOCAL_OPERATOR, now=NOON)
    forms = [form for form in FORMS if "{id}" in form and "/patrol/{id}" not in form and "newer" not in form]
    assert len(forms) > 10
    for form in (form.format(id="{id}", team=0) for form in forms):
        assert Person(services, "viewer-blind").get(form.format(id=draft)).status_code == 404, form
        assert Person(services, "planner-blind").get(form.format(id=draft)).status_code == 200, form


def test_who_makes_no_plans_is_not_told_that_a_plan_is_being_changed(services: Services, plan: dict[str, Any]) -> None:
    made = {name: value for name, value in plan.items() if name != "id"} | {"note": "not yet"}
    draft = services.store.plans.save(made, viewer=LOCAL_OPERATOR, now=NOON, base=plan["id"])
    told = {
        role: Person(services, f"{role}-blind").get(f"/api/plans/{plan['id']}/life.json").get_json()
        for role in ("viewer", "planner")
    }
    assert [told[role]["superseded"] for role in told] == [False, True]
    assert [draft in {each["id"] for each in told[role]["versions"]} for role in told] == [False, True]
