"""The life of a plan through the doors: who may do what, two leaders, check-ins that are kept once and name nobody."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import NOON, PASSWORD
from webmap import create_app, plan_life
from webmap.auth import gate
from webmap.auth.permissions import ROLES, Grant
from webmap.config import Config
from webmap.ops.requestlog import JsonLines
from webmap.planning import PlanRequest, make_plan
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer, open_store
from webmap.store.checkins import CheckIn

OURS, THEIRS = "150304008000", "150304009000"
STEPS = ("publish", "start", "close", "withdraw", "discard")


@pytest.fixture(scope="module")
def services(sample_db: str) -> Iterator[Services]:
    """Services with an account for each role in the whole district, and a worker of one street."""
    store = open_store(sample_db)
    held = Services(store, Config(db=sample_db, request_limit="1000000/minute"), clock=lambda: NOON)
    for role in ROLES:
        store.users.add(f"{role}-life", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=[Grant(role)])
    grants = [Grant("grid_worker", OURS)]
    store.users.add("worker-ours", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=grants)
    yield held
    store.close()


@pytest.fixture(scope="module")
def district_plan(services: Services) -> dict[str, Any]:
    """A small plan of the whole district, published."""
    request = PlanRequest(day=services.today(), shift="day", teams=2, iterations=200)
    plan = make_plan(services, request, viewer=LOCAL_OPERATOR)
    plan_life.publish(services, plan["id"], viewer=LOCAL_OPERATOR)
    return plan


class Person:
    """A client that sends the page's token with what it changes."""

    def __init__(self, services: Services, name: str) -> None:
        self.client: FlaskClient = create_app(services).test_client()
        token = services.store.sessions.sign_in(name, PASSWORD, now=NOON)
        self.client.set_cookie(gate.COOKIE, token)
        self.csrf = csrf_token(token)

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, body: Any = None, csrf: str | None = None) -> Any:
        return self.client.post(path, json=body or {}, headers={HEADER: self.csrf if csrf is None else csrf})


def draft(services: Services, plan: dict[str, Any], shift: str, **more: Any) -> str:
    """A version of a plan in a shift of its own."""
    made = {name: value for name, value in plan.items() if name != "id"} | {"shift": shift, **more}
    return services.store.plans.save(made, viewer=LOCAL_OPERATOR, now=NOON)


@pytest.mark.parametrize("role", list(ROLES))
def test_only_the_roles_of_the_table_change_a_plan_or_check_in(role: str, services: Services) -> None:
    person = Person(services, f"{role}-life")
    asked = {f"/api/plans/none/{step}": "publish_plans" for step in STEPS} | {
        "/api/plans/none/discard": "make_plans",
        "/api/plans": "make_plans",
        "/api/checkins": "check_in",
    }
    for path, action in asked.items():
        allowed = action in ROLES[role].actions
        assert (person.post(path).status_code != 403) == allowed, (role, path)
        assert person.post(path, csrf="stale").status_code == 403
    session = person.get("/api/patrol/session.json")
    assert (session.status_code == 200) == ("check_in" in ROLES[role].actions)


def test_a_plan_goes_from_draft_to_closed_and_every_wrong_step_is_told(
    services: Services, district_plan: dict[str, Any]
) -> None:
    leader, viewer = Person(services, "supervisor-life"), Person(services, "viewer-life")
    plan = draft(services, district_plan, "evening")
    assert viewer.get(f"/api/plans/{plan}.json").status_code == 404, "a draft is for those who make plans"
    assert plan not in {each["id"] for each in viewer.get("/api/plans.json").get_json()}
    told = leader.get(f"/api/plans/{plan}/life.json").get_json()
    assert (told["status"], told["steps"], told["may_edit"]) == ("draft", ["published", "withdrawn"], True)
    early = leader.post(f"/api/plans/{plan}/start")
    assert (early.status_code, "cannot become" in early.get_json()["en"]) == (409, True)
    told = leader.post(f"/api/plans/{plan}/publish").get_json()
    assert (told["status"], told["steps"]) == ("published", ["running", "withdrawn"])
    assert viewer.get(f"/api/plans/{plan}.json").status_code == 200
    assert viewer.get(f"/api/plans/{plan}/life.json").get_json()["steps"] == []
    for step, status in (("start", "running"), ("close", "closed")):
        assert leader.post(f"/api/plans/{plan}/{step}").get_json()["status"] == status
    assert leader.post(f"/api/plans/{plan}/discard").status_code == 409


def test_a_plan_that_breaks_a_rule_or_has_lost_its_grounds_is_not_published(
    services: Services, district_plan: dict[str, Any]
) -> None:
    leader = Person(services, "supervisor-life")
    teams = json.loads(json.dumps(district_plan["teams"]))
    stop = next(stop for team in teams for stop in team["stops"])
    stop["leave_s"] -= 600.0
    broken = draft(services, district_plan, "broken", teams=teams)
    answer = leader.post(f"/api/plans/{broken}/publish")
    assert answer.status_code == 409
    assert stop["name_en"] in answer.get_json()["en"]
    assert stop["id"] not in answer.get_json()["en"], "people read names"
    groundless = draft(services, district_plan, "groundless", made_from=None)
    assert "plan again" in leader.post(f"/api/plans/{groundless}/publish").get_json()["en"]


def check_in(plan: dict[str, Any], number: int, kind: str = "arrived", team: int = 0, at: int = 0) -> dict[str, Any]:
    stop = plan["teams"][team]["stops"][at]["id"]
    return {
        "id": f"{plan['id']}-{team}-{number}",
        "plan": plan["id"],
        "team": team,
        "stop": stop,
        "kind": kind,
        "at": (NOON - timedelta(minutes=30 - number)).isoformat(),
    }


def test_check_ins_are_kept_once_and_planned_stands_beside_done(
    services: Services, district_plan: dict[str, Any]
) -> None:
    worker, leader = Person(services, "grid_worker-life"), Person(services, "supervisor-life")
    batch = {
        "checkins": [check_in(district_plan, 1), check_in(district_plan, 16, "left"), check_in(district_plan, 17, at=1)]
    }
    first = worker.post("/api/checkins", batch).get_json()
    assert [each["state"] for each in first["results"]] == ["kept"] * 3
    again = worker.post("/api/checkins", batch).get_json()
    assert [each["state"] for each in again["results"]] == ["known"] * 3
    told = leader.get(f"/api/plans/{district_plan['id']}/done.json").get_json()
    assert (told["done"], told["there"], told["minutes"]) == (1, 1, 15.0)
    assert told["planned"] == sum(len(team["stops"]) for team in district_plan["teams"])
    assert [each["state"] for each in told["teams"][0]["stops"][:2]] == ["done", "there"]
    rows = leader.get("/api/patrol/dosage.json").get_json()
    place = district_plan["teams"][0]["stops"][0]["stop"]
    assert [(row["visits"], row["minutes"]) for row in rows if row["stop"] == place and row["visits"]] == [(1, 15.0)]


def test_no_answer_and_no_log_tells_when_a_team_was_where_or_who_said_so(
    services: Services, district_plan: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="webmap.requests")
    worker, leader = Person(services, "grid_worker-life"), Person(services, "supervisor-life")
    last = int(services.store.audit.checkpoint().split(":")[0])
    said = check_in(district_plan, 5, team=1)
    assert worker.post("/api/checkins", {"checkins": [said]}).status_code == 200
    assert worker.get("/api/patrol/session.json").status_code == 200
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "webmap.requests"]
    assert len(lines) == 2
    assert "grid_worker-life" not in "".join(lines)
    services.flush()
    told = [
        leader.get(path).text for path in (f"/api/plans/{district_plan['id']}/done.json", "/api/patrol/dosage.json")
    ]
    moment = said["at"][:16]
    rows = [row for row in services.store.audit.since(last) if row.action.startswith("checkins")]
    assert [row.actor for row in rows] == [""]
    for text in (*told, repr(rows), leader.get("/api/changes.json").text):
        assert "grid_worker-life" not in text
        assert said["id"] not in text
        if text not in (repr(rows),):
            assert moment not in text


def test_a_worker_of_one_street_sees_and_checks_in_for_that_street_only(
    services: Services, district_plan: dict[str, Any]
) -> None:
    ours = make_plan(
        services,
        PlanRequest(day=services.today(), shift="day", teams=1, iterations=200, area=OURS),
        viewer=LOCAL_OPERATOR,
    )
    assert ours["area"] == OURS
    plan_life.publish(services, ours["id"], viewer=Viewer("x", "supervisor", (OURS,)))
    worker = Person(services, "worker-ours")
    assert worker.get(f"/patrol/{ours['id']}/0").status_code == 200
    mixed = [
        number
        for number, team in enumerate(district_plan["teams"])
        if any(s["grid"][:9] != OURS[:9] for s in team["stops"])
    ]
    assert worker.get(f"/patrol/{district_plan['id']}/{mixed[0]}").status_code == 404
    page = worker.get("/patrol/").text
    assert f"/patrol/{ours['id']}/0" in page
    answer = worker.post(
        "/api/checkins", {"checkins": [check_in(ours, 1), check_in(district_plan, 2, team=mixed[0], at=-1)]}
    )
    states = [each["state"] for each in answer.get_json()["results"]]
    assert states[0] == "kept"


def test_a_limited_planner_plans_their_own_area_and_no_other(services: Services) -> None:
    viewer = Viewer("x", "planner", (OURS,))
    plan = make_plan(services, PlanRequest(day=services.today(), shift="night", teams=1, iterations=50), viewer=viewer)
    assert plan["area"] == OURS
    assert services.store.plans.get(plan["id"], viewer).status == "draft"


def test_a_check_in_of_today_takes_those_whose_period_is_over_away(
    services: Services, district_plan: dict[str, Any]
) -> None:
    old = draft(services, district_plan, "old", date="2026-10-01")
    services.store.plans.move(old, "published", viewer=LOCAL_OPERATOR, now=NOON, check=lambda _document: [])
    document = services.store.plans.get(old, LOCAL_OPERATOR).document | {"id": old}
    said = CheckIn(**{**check_in(document, 3), "at": NOON - timedelta(minutes=5)})
    assert services.store.checkins.add([said], viewer=LOCAL_OPERATOR, now=NOON, keep_days=366)[0].state == "kept"
    before = services.store.checkins.count()
    assert (
        Person(services, "grid_worker-life")
        .post("/api/checkins", {"checkins": [check_in(district_plan, 9)]})
        .status_code
        == 200
    )
    assert services.store.checkins.count() == before
    rows = services.store.checkins.visits(LOCAL_OPERATOR, since=date(2026, 10, 1), until=date(2026, 10, 2), now=NOON)
    assert rows["visits"].tolist() == [1]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"checkins": []}, {"checkins": [3]}, {"checkins": [{"id": "x"}]}, {"checkins": "no"}, [1]],
)
def test_a_batch_that_is_none_is_refused_whole(wrong: Any, services: Services) -> None:
    answer = Person(services, "grid_worker-life").post("/api/checkins", wrong)
    assert answer.status_code == 400


def test_a_plan_is_made_from_the_page_with_a_line_for_each_step(services: Services) -> None:
    leader = Person(services, "supervisor-life")
    answer = leader.post("/api/plans", {"day": "2026-11-25", "shift": "day", "teams": 2, "mode": "ebike", "seed": 3})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["stage"] for line in lines[:-1]] == ["beats", "tours", "lines", "kept"]
    plan = leader.get(f"/api/plans/{lines[-1]['plan']}.json").get_json()
    assert (plan["date"], len(plan["teams"]), "made_from" in plan) == ("2026-11-25", 2, False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"day": "tomorrow"}, 400),
        ({"day": "2026-11-25", "teams": 0}, 400),
        ({"day": "2026-11-25", "teams": True}, 400),
        ({"day": "2026-11-25", "shift": 3}, 400),
        ({"day": "9999-12-31"}, 400),
        ({"day": "0001-01-01"}, 400),
    ],
)
def test_a_senseless_wish_for_a_plan_is_told_before_any_work(
    body: dict[str, Any], status: int, services: Services
) -> None:
    assert Person(services, "supervisor-life").post("/api/plans", body).status_code == status


def test_settings_of_teams_go_through_the_door_into_the_plan(services: Services) -> None:
    leader = Person(services, "supervisor-life")
    own = [{"team": 1, "to": "11:00", "break_min": 20}, {"team": "2队", "mode": "foot", "skills": ["急救"]}]
    body = {"day": "2026-11-19", "shift": "day", "teams": 2, "team_settings": own, "must_skills": {"school": ["急救"]}}
    answer = leader.post("/api/plans", body)
    plan = leader.get(f"/api/plans/{json.loads(answer.text.splitlines()[-1])['plan']}.json").get_json()
    assert [(team["mode"], team["end_s"]) for team in plan["teams"]] == [("ebike", 5 * 3600), ("foot", 8 * 3600)]
    sheet = leader.get(f"/plans/{plan['id']}/teams/0/sheet?lang=en").text
    assert "by e-bike · on duty 06:00-11:00 · break of 20 min" in sheet
    sheet = leader.get(f"/plans/{plan['id']}/teams/1/sheet?lang=zh").text
    assert "步行 · 技能:急救" in sheet
    book = openpyxl.load_workbook(io.BytesIO(leader.get(f"/plans/{plan['id']}.xlsx?lang=en").data))
    assert [row[6] for row in book.worksheets[0].iter_rows(max_row=3, values_only=True)] == [
        "Settings",
        "by e-bike · on duty 06:00-11:00 · break of 20 min",
        "on foot · skills: 急救",
    ]
    assert leader.post(f"/api/plans/{plan['id']}/publish").status_code == 200
    assert "步行 · 技能:急救" in leader.get(f"/patrol/{plan['id']}/1?lang=zh").text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"team_settings": "all"}, "team_settings is a list"),
        ({"team_settings": [None]}, "team_settings is a list"),
        ({"team_settings": [{"team": {}}]}, "has team"),
        ({"team_settings": [{"team": 1, "from": 6}]}, "Team 1, start of duty: a time is written like 08:30"),
        ({"team_settings": [{"team": 1, "speed": 9}]}, "there is no setting 'speed'"),
        ({"must_skills": {"school": "first aid"}}, "must_skills leads from kinds of places"),
    ],
)
def test_settings_of_a_strange_kind_are_refused_in_words(services: Services, more: dict[str, Any], words: str) -> None:
    answer = Person(services, "supervisor-life").post("/api/plans", {"day": "2026-11-25", "teams": 2} | more)
    assert answer.status_code == 400
    assert words in answer.get_json()["en"]
    assert answer.get_json()["zh"]


def test_settings_that_make_no_sense_in_the_shift_are_the_last_line(services: Services) -> None:
    body = {"day": "2026-11-25", "shift": "day", "teams": 2, "team_settings": [{"team": 9, "mode": "foot"}]}
    answer = Person(services, "supervisor-life").post("/api/plans", body)
    problem = json.loads(answer.text.splitlines()[-1])["problem"]
    assert (problem["status"], "Team 9" in problem["en"], "第 9 队" in problem["zh"]) == (400, True, True)


def test_a_plan_explains_what_it_covers_and_what_not(services: Services, district_plan: dict[str, Any]) -> None:
    told = Person(services, "viewer-life").get(f"/api/plans/{district_plan['id']}/explain.json").get_json()
    names = {each["name"] for each in told["covered"]}
    assert {"worth", "visits", "musts"} <= names
    assert all(each["zh"] and each["en"] for part in ("covered", "not_covered", "musts") for each in told[part])


def test_a_phone_is_told_of_the_version_in_force_and_how_much_of_its_tour_differs(
    services: Services, district_plan: dict[str, Any]
) -> None:
    old = draft(services, district_plan, "night")
    plan_life.publish(services, old, viewer=LOCAL_OPERATOR)
    worker = Person(services, "grid_worker-life")
    path = f"/api/plans/{old}/teams/0/newer.json"
    told = worker.get(path).get_json()
    assert (told["plan"], told["differs"]) == ("", 0)
    assert told["seq"] == services.store.change_seq()
    document = services.store.plans.get(old, LOCAL_OPERATOR).document
    visit = document["teams"][0]["stops"][-1]["id"]
    answer = Person(services, "supervisor-life").post(
        f"/api/plans/{old}/edits", {"edits": [{"do": "remove", "stop": visit}], "keep": True}
    )
    new = answer.get_json()["plan"]["id"]
    assert worker.get(path).get_json()["plan"] == "", "a draft is no new version"
    plan_life.publish(services, new, viewer=LOCAL_OPERATOR)
    assert worker.get(path).get_json() == {"plan": new, "differs": 1, "seq": services.store.change_seq()}
    assert worker.get(f"/api/plans/{old}/teams/1/newer.json").get_json()["differs"] == 0
    assert worker.get("/api/plans/none/teams/0/newer.json").status_code == 404


def test_what_goes_wrong_while_planning_is_the_last_line(services: Services) -> None:
    answer = Person(services, "supervisor-life").post("/api/plans", {"day": "2026-11-25", "shift": "siesta"})
    problem = json.loads(answer.text.splitlines()[-1])["problem"]
    assert problem["status"] == 400
    assert "siesta" in problem["en"]
    assert "siesta" in problem["zh"]


def test_one_more_team_is_tried_for_those_who_plan(
    services: Services, district_plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_life, "TRIED_ROUNDS", 60)
    path = f"/api/plans/{district_plan['id']}/one-more"
    answer = Person(services, "supervisor-life").post(path)
    told = json.loads(answer.get_data(as_text=True).splitlines()[-1])["more"]
    assert told["worth"] >= 0
    assert told["worth_wanted"] >= told["worth_before"] + told["worth"] - 1e-9
    assert told["base_of"] in {team["name"] for team in district_plan["teams"]}
    assert Person(services, "viewer-life").post(path).status_code == 403
    missing = Person(services, "supervisor-life").post("/api/plans/none/one-more").get_data(as_text=True)
    assert json.loads(missing)["problem"]["status"] == 404
