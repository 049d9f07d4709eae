"""The calendar through the doors: due plans become drafts once, copies hold the rules of their day, presence is told in words."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gis.errors import InputError, NotFoundError, PlanError
from tests.webmap.api.test_plan_life import Person, check_in
from tests.webmap.conftest import NOON, PASSWORD, sample_copy
from webmap import due, duty_groups, holidays, patrol_dosage, plan_life, planning, recurring, rosters, varied
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.planning import PlanRequest, make_plan
from webmap.security.csrf import HEADER
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer, open_store
from webmap.store.checkins import CheckIn

OURS, THEIRS = "150304008000", "150304009000"
TEMPLATE = {"name": "夜间常规", "shift": "night", "first": "2026-11-23", "teams": 2, "area": OURS}
WEEK = {"from": "2026-11-24", "to": "2026-11-25"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of the sample, in which this calendar is alone."""
    store = open_store(sample_copy(tmp_path_factory))
    held = Services(store, Config(db=store.url, request_limit="1000000/minute"), clock=lambda: NOON)
    for name, grants in (
        ("lead", [Grant("supervisor")]),
        ("planner-ours", [Grant("planner", OURS)]),
        ("reader", [Grant("viewer")]),
        ("walker", [Grant("grid_worker")]),
    ):
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=grants)
    yield held
    store.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rounds of search: these tests ask what becomes of plans, not how good they are."""
    monkeypatch.setattr(PlanRequest, "__init__", _few_rounds(PlanRequest.__init__))


def _few_rounds(build: Any) -> Any:
    def init(self: PlanRequest, *values: Any, **named: Any) -> None:
        build(self, *values, **{"iterations": 200} | named)

    return init


def put(person: Person, item: str, body: Any) -> Any:
    return person.client.put(f"/api/patrol/templates/{item}", json=body, headers={HEADER: person.csrf})


def drop(person: Person, item: str) -> Any:
    return person.client.delete(f"/api/patrol/templates/{item}", headers={HEADER: person.csrf})


def lines(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def states(person: Person, area: str = OURS) -> dict[str, str]:
    rows = person.get("/api/patrol/roster.json?from=2026-11-24&to=2026-11-25").get_json()["shifts"]
    return {row["day"]: row["state"] for row in rows if row["shift"] == "night" and row["area"] == area}


def test_what_falls_due_becomes_a_draft_once_and_readers_see_none_of_it(services: Services) -> None:
    planner, reader = Person(services, "planner-ours"), Person(services, "reader")
    made = put(planner, "night-usual", TEMPLATE | {"except_on": ["2026-11-25"], "kind": "working"})
    assert (made.status_code, made.get_json()["en"]) == (201, "working days, 1 days left out, from 2026-11-23")
    assert states(planner) == {"2026-11-24": "none"}
    told = lines(planner.post("/api/patrol/due", WEEK))
    assert [line.get("day") for line in told[:-1]] == ["2026-11-24"]
    report = told[-1]["report"]
    assert ([each["area"] for each in report["made"]], report["failed"], report["there"]) == ([OURS], [], 0)
    assert states(planner) == {"2026-11-24": "draft"}
    assert states(reader) == {"2026-11-24": "none"}
    again = lines(planner.post("/api/patrol/due", WEEK))[-1]["report"]
    assert (again["made"], again["there"]) == ([], 1)
    plan = services.store.plans.get(report["made"][0]["plan"], LOCAL_OPERATOR)
    assert (plan.status, plan_life.check(services, plan.document)) == ("draft", [])


def test_templates_are_kept_and_dropped_in_ones_own_area_alone(services: Services) -> None:
    lead, planner, reader = (Person(services, name) for name in ("lead", "planner-ours", "reader"))
    assert put(lead, "theirs", TEMPLATE | {"area": THEIRS}).status_code == 201
    assert put(reader, "x", TEMPLATE).status_code == 403
    assert put(planner, "x", TEMPLATE | {"area": THEIRS}).status_code == 404
    assert drop(planner, "theirs").status_code == 404
    told = planner.get("/api/patrol/roster.json").get_json()
    assert "theirs" not in {each["id"] for each in told["templates"]}
    assert THEIRS not in {row["area"] for row in told["shifts"]}
    assert drop(lead, "theirs").status_code == 204
    actions = [row.action for row in services.store.audit.since(0)]
    assert "rosters.put_template" in actions
    assert "rosters.remove_template" in actions


def test_a_template_keeps_settings_of_teams_and_due_plans_have_them(services: Services) -> None:
    """The evening has two teams by number; what is said of a team of the groups that is not there does not count."""
    planner = Person(services, "planner-ours")
    groups = {"pattern": "two_groups_two_shifts", "start": "2026-11-23", "groups": [["丁队"], ["戊队"]]}
    address = f"/api/patrol/groups/{OURS}"
    assert planner.client.put(address, json=groups, headers={HEADER: planner.csrf}).status_code in (200, 201)
    own = [{"team": 2, "from": "15:00", "mode": "foot"}, {"team": "丁队", "mode": "car"}]
    skills = {"school": ["急救"]}
    body = TEMPLATE | {"shift": "evening", "team_settings": own, "must_skills": skills}
    kept = put(planner, "evening-own", body | {"last": "2026-11-23"})
    assert kept.status_code == 201
    told = planner.get("/api/patrol/roster.json").get_json()["templates"]
    (mine,) = [each for each in told if each["id"] == "evening-own"]
    assert mine["team_settings"] == [{"team": "2", "from": "15:00", "mode": "foot"}, {"team": "丁队", "mode": "car"}]
    assert mine["must_skills"] == skills
    report = lines(planner.post("/api/patrol/due", {"from": "2026-11-23", "to": "2026-11-23"}))[-1]["report"]
    (made,) = [each for each in report["made"] if each["shift"] == "evening"]
    teams = services.store.plans.get(made["plan"], LOCAL_OPERATOR).document["teams"]
    assert [(team["mode"], team["start_s"]) for team in teams] == [("ebike", 0.0), ("foot", 3600.0)]
    assert [team["own_en"] for team in teams] == ["by e-bike", "on foot · on duty 15:00-22:00"]
    assert drop(planner, "evening-own").status_code == 204
    assert planner.client.delete(address, headers={HEADER: planner.csrf}).status_code == 204


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"team_settings": [{"team": 3}]}, "Team 3: the template has 2 teams"),
        ({"team_settings": [{"team": 1, "from": "12:00"}]}, "Team 1, start of duty: 12:00 does not lie in the shift"),
        ({"team_settings": [{"team": 1, "start": "nowhere"}]}, "Team 1, start: there is no place"),
        ({"team_settings": [{"team": 1, "start": "GW009"}]}, "no place with id 'GW009' in the area that is planned"),
        ({"team_settings": [{"team": "甲队", "mode": "car"}]}, "Team '甲队': no group holds a team of that name"),
        ({"teams": 0, "team_settings": [{"team": "1队"}]}, "Team '1队': no group holds a team of that name"),
        (
            {"first": "9999-12-31", "team_settings": [{"team": 1, "to": "23:00"}]},
            "first is a day of the years 1900-2200",
        ),
        (
            {"first": "0001-01-01", "team_settings": [{"team": 1, "to": "23:00"}]},
            "first is a day of the years 1900-2200",
        ),
        ({"team_settings": "all"}, "team_settings is a list"),
        ({"must_skills": {"zoo": ["net"]}}, "no rule of must-visits for places of kind zoo"),
        ({"must_skills": [1]}, "must_skills leads from kinds of places"),
    ],
)
def test_settings_that_would_fail_each_day_are_refused_when_the_template_is_kept(
    services: Services, wrong: dict[str, Any], words: str
) -> None:
    answer = put(Person(services, "lead"), "wrong", TEMPLATE | wrong)
    assert answer.status_code == 400
    assert words in answer.get_json()["en"]
    assert "wrong" not in {each.id for each in recurring.templates(services, LOCAL_OPERATOR)}


def test_teams_that_the_groups_call_by_numbers_are_known_by_them(services: Services) -> None:
    planner = Person(services, "planner-ours")
    groups = {"pattern": "two_groups_two_shifts", "start": "2026-11-23", "groups": [["101", "102"], ["201", "202"]]}
    address = f"/api/patrol/groups/{OURS}"
    assert planner.client.put(address, json=groups, headers={HEADER: planner.csrf}).status_code in (200, 201)
    for teams in (0, 2):
        kept = put(planner, "numbered", TEMPLATE | {"teams": teams, "team_settings": [{"team": "202", "mode": "foot"}]})
        assert kept.status_code == 201, teams
    made = recurring.template_from("numbered", TEMPLATE | {"team_settings": [{"team": "202", "mode": "foot"}]})
    assert [each.team for each in made.request(made.first, ("201", "202")).team_settings] == ["202"]
    # The first team of some days is said by name too: its name says more than its number, and no day goes without a plan.
    both = recurring.template_from("both", TEMPLATE | {"team_settings": [{"team": 1, "mode": "car"}, {"team": "202"}]})
    assert [each.team for each in both.request(both.first, ("202", "201")).team_settings] == ["202"]
    assert [each.team for each in both.request(both.first, ("201", "202")).team_settings] == ["1", "202"]
    assert drop(planner, "numbered").status_code == 204
    assert planner.client.delete(address, headers={HEADER: planner.csrf}).status_code == 204


@pytest.mark.parametrize(
    "wrong",
    [
        {"shift": "never"}, {"first": "soon"}, {"teams": -1}, {"sources": ["gossip"]}, {"weekdays": [7]}, {"every": 0},
        {"varied": 1}, {"kind": "holiday"}, {"last": "2026-11-01"}, {"except_on": ["x"]}, {"name": 3}, {"area": "nowhere"},
    ],
)  # fmt: skip
def test_a_template_that_makes_no_sense_is_refused_and_not_kept(services: Services, wrong: dict[str, Any]) -> None:
    lead = Person(services, "lead")
    assert put(lead, "wrong", TEMPLATE | wrong).status_code in (400, 404)
    assert "wrong" not in {each.id for each in recurring.templates(services, LOCAL_OPERATOR)}


def test_half_a_sign_in_a_body_is_refused_in_words(services: Services) -> None:
    """A text that was cut inside an emoji: nothing could keep it or send it back."""
    lead = Person(services, "lead")
    for told in (TEMPLATE | {"name": "夜间\ud83d"}, TEMPLATE | {"team_settings": [{"team": 1, "\ud83d": 1}]}):
        answer = lead.client.put(
            "/api/patrol/templates/half",
            data=json.dumps(told),
            content_type="application/json",
            headers={HEADER: lead.csrf},
        )
        assert answer.status_code == 400
        assert "half a sign" in answer.get_json()["en"]
    assert put(lead, "whole", TEMPLATE | {"name": "夜间\U0001f600"}).status_code == 201
    assert drop(lead, "whole").status_code == 204


def ask(person: Person, method: str, path: str, told: Any = None) -> Any:
    return getattr(person.client, method)(path, json=told, headers={HEADER: person.csrf})


OWN = {"name_zh": "做二休二", "name_en": "two on, two off", "cycle": ["day", "night", "", ""], "offsets": [0, 1, 2, 3]}


def test_a_pattern_is_checked_kept_used_and_dropped_when_no_group_needs_it(services: Services) -> None:
    lead = Person(services, "lead")
    path = "/api/patrol/patterns/own-cycle"
    told = ask(lead, "put", path, OWN | {"offsets": [0, 2], "keep": False})
    assert (told.status_code, told.get_json()["kept"]) == (200, False)
    assert told.get_json()["uncovered"] == [
        {"day": 1, "shift": "night"}, {"day": 2, "shift": "day"}, {"day": 3, "shift": "night"}, {"day": 4, "shift": "day"},
    ]  # fmt: skip
    assert "own-cycle" not in lead.get("/api/patrol/roster.json").get_json()["patterns"], "a check keeps nothing"
    kept = ask(lead, "put", path, OWN)
    assert (kept.status_code, kept.get_json()["uncovered"]) == (201, [])
    groups = {"pattern": "own-cycle", "start": "2026-11-23", "groups": [["甲"], ["乙"], ["丙"], ["丁", "戊"]]}
    assert ask(lead, "put", f"/api/patrol/groups/{OURS}", groups).status_code == 201
    shown = lead.get("/api/patrol/roster.json?from=2026-11-23&to=2026-11-26").get_json()
    assert shown["patterns"]["own-cycle"]["own"] is True
    on_day = [row["teams"] for row in shown["shifts"] if row["area"] == OURS and row["shift"] == "day"]
    assert on_day == [["甲"], ["丁", "戊"], ["丙"], ["乙"]]
    assert ask(lead, "delete", path).status_code == 400, "groups still take turns by it"
    fewer = ask(lead, "put", path, OWN | {"offsets": [0, 2]})
    assert (fewer.status_code, "4 groups" in fewer.get_json()["en"]) == (400, True)
    assert lead.get("/api/patrol/roster.json").status_code == 200, (
        "a cycle for two groups would close the calendar of four"
    )
    assert ask(lead, "put", path, OWN | {"cycle": OWN["cycle"][::-1]}).status_code == 201
    assert ask(lead, "delete", f"/api/patrol/groups/{OURS}").status_code == 204
    assert ask(lead, "delete", path).status_code == 204
    assert ask(lead, "delete", path).status_code == 404


def test_a_shipped_cycle_comes_back_only_where_its_groups_are_as_many(services: Services) -> None:
    lead = Person(services, "lead")
    path = "/api/patrol/patterns/two_groups_two_shifts"
    assert ask(lead, "put", path, OWN).status_code == 201
    groups = {"pattern": "two_groups_two_shifts", "start": "2026-11-23", "groups": [["甲"], ["乙"], ["丙"], ["丁"]]}
    assert ask(lead, "put", f"/api/patrol/groups/{OURS}", groups).status_code == 201
    assert ask(lead, "delete", path).status_code == 400, "the shipped one has two groups"
    assert lead.get("/api/patrol/roster.json").status_code == 200
    assert ask(lead, "delete", f"/api/patrol/groups/{OURS}").status_code == 204
    assert ask(lead, "delete", path).status_code == 204


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("patterns/x", OWN | {"cycle": ["never"]}), ("patterns/x", OWN | {"cycle": None}), ("patterns/x", OWN | {"offsets": "0"}),
        ("patterns/x", OWN | {"offsets": [-1]}), ("patterns/x", {}), ("groups/district", {"pattern": "none"}),
        ("groups/district", {"pattern": "four_groups_three_shifts", "start": "2026-11-23", "groups": [["a"]]}),
        ("groups/district", {"pattern": "four_groups_three_shifts", "start": "soon", "groups": [["a"], [], [], []]}),
        ("holidays", {"csv": ""}), ("holidays", {"csv": "day,kind\n"}), ("holidays", {"csv": 3}),
        ("holidays", {"csv": "date,kind,name_zh,name_en\n2027-02-30,holiday,x,x\n"}),
    ],
)  # fmt: skip
def test_groups_patterns_and_holidays_that_make_no_sense_are_refused(services: Services, path: str, wrong: Any) -> None:
    assert ask(Person(services, "lead"), "put", f"/api/patrol/{path}", wrong).status_code == 400


def test_holidays_are_checked_kept_and_the_shipped_table_comes_back(services: Services) -> None:
    lead = Person(services, "lead")
    table = "\ufeffdate,kind,name_zh,name_en\n2026-11-24,holiday,校庆,Founders\n2026-11-28,makeup,校庆,Founders\n"
    told = ask(lead, "put", "/api/patrol/holidays", {"csv": table, "name": "x.csv"}).get_json()
    assert (told["days"], told["kept"], told["years"]) == (2, False, [2026])

    def day(when: str) -> dict[str, Any]:
        (found,) = lead.get(f"/api/patrol/roster.json?from={when}&to={when}").get_json()["days"]
        return found  # type: ignore[no-any-return]

    assert day("2026-11-24")["working"]
    assert ask(lead, "put", "/api/patrol/holidays", {"csv": table, "keep": True}).get_json()["own"] is True
    assert (day("2026-11-24")["working"], day("2026-11-28")["working"]) == (False, True)
    assert ask(lead, "delete", "/api/patrol/holidays").get_json()["own"] is False
    assert day("2026-11-24")["working"]


def test_who_leads_one_area_sets_its_groups_and_nothing_of_the_district(services: Services) -> None:
    ours, reader = Person(services, "planner-ours"), Person(services, "reader")
    groups = {"pattern": "two_groups_two_shifts", "start": "2026-11-23", "groups": [["甲"], ["乙"]]}
    assert ask(ours, "put", f"/api/patrol/groups/{OURS}", groups).status_code == 201
    assert ask(ours, "delete", f"/api/patrol/groups/{OURS}").status_code == 204
    for path in (f"groups/{THEIRS}", "groups/district", "patterns/own", "holidays"):
        told = {
            "groups": groups,
            "patterns": OWN,
            "holidays": {"csv": "date,kind,name_zh,name_en\n2026-11-24,holiday,x,x\n", "keep": True},
        }
        body = told[path.split("/")[0]]
        assert ask(ours, "put", f"/api/patrol/{path}", body).status_code in (403, 404), path
        assert ask(reader, "put", f"/api/patrol/{path}", body).status_code == 403, path


def test_groups_give_teams_their_names_and_the_due_plan_bears_them(services: Services) -> None:
    duty_groups.put_roster(
        services, THEIRS, pattern="three_groups_two_shifts", start=date(2026, 11, 23),
        groups=[["甲一", "甲二"], ["乙"], ["丙"]], viewer=LOCAL_OPERATOR,
    )  # fmt: skip
    recurring.put_template(
        services, "long", TEMPLATE | {"shift": "day12", "teams": 0, "area": THEIRS}, viewer=LOCAL_OPERATOR
    )
    day = date(2026, 11, 23)
    (row,) = [each for each in rosters.shifts(services, LOCAL_OPERATOR, day, day) if each["template"] == "long"]
    assert (row["teams"], row["state"]) == (["甲一", "甲二"], "none")
    report = due.make_due(services, LOCAL_OPERATOR, day, day, tell=lambda line: None)
    plans = [
        services.store.plans.get(each["plan"], LOCAL_OPERATOR) for each in report["made"] if each["area"] == THEIRS
    ]
    assert [team["name"] for team in plans[0].document["teams"]] == ["甲一", "甲二"]
    services.store.rosters.remove("template", "long", viewer=LOCAL_OPERATOR, now=NOON)


def test_a_copy_has_the_tours_of_the_like_day_at_the_times_of_the_new_one_and_passes_the_check(
    services: Services,
) -> None:
    made = make_plan(
        services, PlanRequest(day=date(2026, 11, 23), shift="evening", teams=2, area=OURS), viewer=LOCAL_OPERATOR
    )
    lead = Person(services, "lead")
    report = lines(lead.post("/api/patrol/copy", {"from": "2026-11-30", "to": "2026-12-01"}))[-1]["report"]
    (copied,) = [each for each in report["made"] if (each["shift"], each["area"]) == ("evening", OURS)]
    assert copied["day"] == "2026-11-30", "Tuesday has no like day with a plan"
    plan = services.store.plans.get(copied["plan"], LOCAL_OPERATOR)
    before = [(stop["id"], stop["arrive"]) for team in made["teams"] for stop in team["stops"]]
    after = [(stop["id"], stop["arrive"]) for team in plan.document["teams"] for stop in team["stops"]]
    week = timedelta(days=7)
    assert after == [
        (stop, (datetime.fromisoformat(at) + week).isoformat().replace("+00:00", "Z")) for stop, at in before
    ]
    assert plan_life.check(services, plan.document) == []
    told = [note["en"] for note in plan.document["notes"] if "copied from" in note["en"]]
    assert [text.partition(":")[0] for text in told] == ["copied from 2026-11-23"]
    again = lines(lead.post("/api/patrol/copy", {"from": "2026-11-30", "to": "2026-11-30"}))[-1]["report"]
    assert again["made"] == []
    later = lines(lead.post("/api/patrol/copy", {"from": "2026-12-07", "to": "2026-12-07"}))[-1]["report"]
    (copied,) = [each for each in later["made"] if (each["shift"], each["area"]) == ("evening", OURS)]
    notes = services.store.plans.get(copied["plan"], LOCAL_OPERATOR).document["notes"]
    assert [note["en"][:22] for note in notes if "copied from" in note["en"]] == ["copied from 2026-11-30"], (
        "not the whole line"
    )


def test_what_was_walked_counts_for_a_shift_before_a_draft_on_top_of_it(services: Services) -> None:
    """A mended draft that nobody published must not stand for the plan that was walked, nor be copied in its place."""
    walked = make_plan(
        services, PlanRequest(day=date(2026, 11, 2), shift="evening", teams=1, area=OURS), viewer=LOCAL_OPERATOR
    )
    plan_life.publish(services, walked["id"], viewer=LOCAL_OPERATOR)
    services.store.plans.move(walked["id"], "running", viewer=LOCAL_OPERATOR, now=NOON)
    draft = {name: value for name, value in walked.items() if name != "id"} | {"note": "mended"}
    later = services.store.plans.save(draft, viewer=LOCAL_OPERATOR, now=NOON + timedelta(hours=1), base=walked["id"])
    slot = (date(2026, 11, 2), "evening", OURS)

    def counts(drafts: bool = True) -> str:
        return rosters.plans_of(services, LOCAL_OPERATOR, slot[0], slot[0], drafts=drafts)[slot].id

    assert counts() == walked["id"]
    services.store.plans.move(walked["id"], "closed", viewer=LOCAL_OPERATOR, now=NOON)
    assert (counts(), counts(drafts=False)) == (walked["id"], walked["id"])
    assert later in {plan.id for plan in services.store.plans.list(LOCAL_OPERATOR, date="2026-11-02")}


def test_the_districts_holidays_decide_what_a_working_day_is(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text("date,kind,name_zh,name_en\n2026-11-24,holiday,区庆,District day\n", "utf-8")
    assert holidays.load_holidays(services, file, viewer=LOCAL_OPERATOR) == {"days": 1, "years": [2026], "own": True}
    told = rosters.overview(services, LOCAL_OPERATOR, date(2026, 11, 24), date(2026, 11, 24))
    assert [(day["working"], day["zh"]) for day in told["days"]] == [(False, "区庆")]
    assert "night-usual" not in {row["template"] for row in told["shifts"]}
    file.write_text("date,kind,name_zh,name_en\n2026-13-24,holiday,,\n", "utf-8")
    with pytest.raises(InputError, match="lines 2"):
        holidays.load_holidays(services, file, viewer=LOCAL_OPERATOR)
    assert holidays.told(services)["own"]
    assert holidays.load_holidays(services, None, viewer=LOCAL_OPERATOR)["own"] is False


def test_a_drawn_plan_says_its_guarantee_and_is_made_again_from_what_it_says(services: Services) -> None:
    request = PlanRequest(day=date(2026, 12, 7), shift="day", teams=2, area=OURS, varied=3, draw_seed=11)
    plan = make_plan(services, request, viewer=LOCAL_OPERATOR)
    told = plan["mix"]
    assert (told["k"], told["draw_seed"], told["eps"]) == (3, 11, {"each": 0.1, "mean": 0.05})
    assert sum(told["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert min(told["chances"].values()) == pytest.approx(told["guarantee"], abs=1e-4)
    assert f"at least {told['guarantee']:.0%}" in told["en"]
    labels = {name: plan[name] for name in ("date", "shift", "zone")}
    again = varied.drawn_again(plan, plan_life.shift_of(services, plan), **labels)
    assert [[stop.id for stop in tour.stops] for tour in again.teams] == [
        [stop["id"] for stop in team["stops"]] for team in plan["teams"]
    ]
    with pytest.raises(PlanError, match="not drawn"):
        varied.drawn_again({}, plan_life.shift_of(services, plan))


def test_sources_and_a_mixture_are_chosen_through_the_api_and_wrong_ones_refused(services: Services) -> None:
    lead = Person(services, "lead")
    body = {"day": "2026-12-08", "shift": "day", "teams": 2, "area": OURS}
    made = lines(lead.post("/api/plans", body | {"sources": ["must", "railway"], "varied": 2}))[-1]["plan"]
    plan = services.store.plans.get(made, LOCAL_OPERATOR).document
    kinds = {stop["kind"] for stop in plan["made_from"]["stops"]}
    assert "hot_grid" not in kinds
    assert "railway" in kinds
    assert plan["mix"]["draw_seed"] > 0
    for wrong in (
        {"sources": ["gossip"]},
        {"sources": []},
        {"sources": "must"},
        {"varied": 1},
        {"varied": 99},
        {"varied": "4"},
    ):
        assert lead.post("/api/plans", body | wrong).status_code == 400


def test_weeks_without_a_visit_are_told_and_the_mean_is_of_visits_with_a_length(services: Services) -> None:
    plan = services.latest_plan(LOCAL_OPERATOR, drafts=False)
    assert plan is not None
    first, second = check_in(plan, 1), check_in(plan, 16, "left")
    begin = datetime.fromisoformat(plan["shift_start"])
    later = Services(services.store, services.config, clock=lambda: begin + timedelta(hours=2))
    said = [
        CheckIn(each["id"], each["plan"], 0, each["stop"], each["kind"], begin + timedelta(minutes=minute))
        for each, minute in ((first, 30), (second, 45))
    ]
    # A second visit to the place, of which only the arrival is known.
    place = plan["teams"][0]["stops"][0]["stop"]
    again = next(
        (number, stop["id"])
        for number, tour in enumerate(plan["teams"])
        for stop in tour["stops"]
        if stop["stop"] == place and stop["id"] != first["stop"]
    )
    said.append(
        CheckIn("a-visit-without-end", plan["id"], again[0], again[1], "arrived", begin + timedelta(minutes=60))
    )
    receipts = later.store.checkins.add(said, viewer=LOCAL_OPERATOR, now=later.clock(), keep_days=30)
    assert [each.state for each in receipts] == ["kept", "kept", "kept"]
    rows = patrol_dosage.weekly(later, LOCAL_OPERATOR, since=date(2026, 11, 16), until=date(2026, 11, 24))
    told = [
        (row["week"], row["days"], row["visits"], row["timed"], row["minutes"], row["in_koper_range"])
        for row in rows
        if row["stop"] == place
    ]
    assert told == [("2026-11-16", 7, 0, 0, None, None), ("2026-11-23", 1, 2, 1, 15.0, True)]


def test_before_and_after_says_its_counts_rule_and_what_it_cannot_rule_out(services: Services) -> None:
    lead = Person(services, "lead")
    grid = services.hot_grids(LOCAL_OPERATOR, planning.IncidentFilter())["code"].iloc[0]
    data = services.date_range(LOCAL_OPERATOR)
    assert data is not None
    start = services.local(data.until).date() - timedelta(days=28)
    told = lead.get(f"/api/patrol/effect.json?start={start}&days=28&place={grid}&rule=rest").get_json()
    assert (told["treated_spots"], told["rule"]["name"]) == (1, "rest")
    for group in ("treated", "comparison"):
        rows = [spot for spot in told["spots"] if spot["group"] == group]
        for when in ("before", "after"):
            assert told[f"{group}_{when}"] == sum(row[when] for row in rows)
    cells = services.cells(LOCAL_OPERATOR)
    row = cells["code"].tolist().index(grid)
    beside = set(cells["code"].iloc[services.neighbours(LOCAL_OPERATOR).of(row)])
    assert beside.isdisjoint(spot["spot"] for spot in told["spots"])
    assert told["low"] <= told["ratio"] <= told["high"]
    assert f"{told['treated_before']} reports before" in told["en"]
    assert any("regression to the mean" in each["en"] for each in told["caveats"])


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("start=2031-01-01", 400, "do not cover both spans"),
        ("place=nowhere", 404, "no grid nowhere"),
        ("rule=best", 400, "rule is one of"),
        ("days=3", 400, "whole number"),
        ("start=0001-01-01", 400, "outside the years"),
        ("plan=none", 404, "no plan none"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_why(services: Services, query: str, status: int, words: str) -> None:
    answer = Person(services, "lead").get(f"/api/patrol/effect.json?{query}")
    assert (answer.status_code, words in answer.get_json()["en"]) == (status, True)


def test_a_planner_of_one_street_compares_grids_of_that_street_alone(services: Services) -> None:
    street = Viewer("li", "planner", (OURS,))
    codes = set(services.cells(street)["code"])
    question = patrol_dosage.EffectQuestion(
        services.local(services.date_range(street).until).date() - timedelta(days=28), places=(min(codes),)
    )  # type: ignore[union-attr]
    told = patrol_dosage.effect(services, street, question)
    assert {spot["spot"] for spot in told["spots"]} <= codes
    theirs = min(set(services.cells(LOCAL_OPERATOR)["code"]) - codes)
    with pytest.raises(NotFoundError):
        patrol_dosage.effect(services, street, replace(question, places=(theirs,)))


def test_a_shift_that_cannot_be_planned_leaves_the_others_their_plans(services: Services) -> None:
    recurring.put_template(services, "many", TEMPLATE | {"shift": "day", "teams": 60}, viewer=LOCAL_OPERATOR)
    recurring.put_template(services, "few", TEMPLATE | {"shift": "evening", "teams": 1}, viewer=LOCAL_OPERATOR)
    day = date(2026, 12, 16)
    report = due.make_due(services, LOCAL_OPERATOR, day, day, tell=lambda line: None)
    assert {each["shift"] for each in report["made"]} >= {"evening"}
    assert [each["shift"] for each in report["failed"]] == ["day"]
    assert report["failed"][0]["en"]


def test_who_walks_a_plan_sees_the_calendar_but_no_counts_of_reports(services: Services) -> None:
    walker, reader = Person(services, "walker"), Person(services, "reader")
    assert 'id="effect"' in reader.get("/patrol/roster").text
    page = walker.get("/patrol/roster")
    assert (page.status_code, 'id="effect"' in page.text) == (200, False)
    assert walker.get("/api/patrol/effect.json").status_code == 403
