"""A plan changed by hand or by events: the effect is told, nothing is kept unasked, what was done stands."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gis.errors import InputError, NotFoundError, PlanError
from gis.patrol.replan import ReplanOptions
from tests.webmap.conftest import NOON
from webmap import plan_life
from webmap.config import Config
from webmap.plan_changes import Edit, Events, Place, Seen, edited, mended
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services
from webmap.store import Viewer, open_store
from webmap.store.checkins import CheckIn

LEADER, OTHER = Viewer("zhangwei", "supervisor"), Viewer("li", "planner")
QUICK = ReplanOptions(rounds=20)


@pytest.fixture(scope="module")
def services(sample_db: str) -> Iterator[Services]:
    store = open_store(sample_db)
    yield Services(store, Config(db=sample_db), clock=lambda: NOON)
    store.close()


@pytest.fixture(scope="module")
def made(services: Services) -> dict[str, Any]:
    """A plan of this day shift, six hours old at noon."""
    plan = make_plan(
        services, PlanRequest(day=services.today(), shift="day", teams=3, seed=7, iterations=300), viewer=LEADER
    )
    return json.loads(json.dumps(plan))  # type: ignore[no-any-return]


@pytest.fixture
def draft(services: Services, made: dict[str, Any], request: pytest.FixtureRequest) -> str:
    """The same plan in a shift of its own for each test."""
    own = {name: value for name, value in made.items() if name != "id"} | {"shift": request.node.name}
    return services.store.plans.save(own, viewer=LEADER, now=NOON)


@pytest.fixture
def running(services: Services, draft: str) -> str:
    plan_life.publish(services, draft, viewer=LEADER)
    return services.store.plans.move(draft, "running", viewer=LEADER, now=NOON).id


def stops(document: dict[str, Any], team: int) -> list[str]:
    return [stop["id"] for stop in document["teams"][team]["stops"]]


def test_an_edit_tells_what_it_does_and_keeps_nothing_unasked(
    services: Services, draft: str, made: dict[str, Any]
) -> None:
    visit = stops(made, 0)[-1]
    seq = services.store.change_seq()
    answer = edited(services, LEADER, draft, [Edit("move", visit, "2队")], keep=False)
    assert visit in stops(answer["plan"], 1)
    assert visit not in stops(answer["plan"], 0)
    assert [rule["rule"] for rule in answer["effect"]["new_broken"]].count("beat") == 1, "a stop of another beat"
    assert answer["effect"]["changes"]["counts"]["moved"] == 1
    assert "made_from" not in answer["plan"]
    assert all(team["line"] for team in answer["plan"]["teams"])
    assert services.store.change_seq() == seq


def test_taking_a_stop_out_and_putting_it_back_changes_nothing(
    services: Services, draft: str, made: dict[str, Any]
) -> None:
    visit = stops(made, 0)[1]
    edits = [Edit("remove", visit), Edit("add", visit, "1队", 2)]
    answer = edited(services, LEADER, draft, edits, keep=False)
    assert answer["effect"]["worth"] == pytest.approx(0.0, abs=1e-6)
    assert answer["effect"]["changes"]["counts"]["dropped"] == 0
    assert stops(answer["plan"], 0) == stops(made, 0)
    assert answer["effect"]["may_publish"]


def test_a_kept_edit_is_a_new_version_and_of_two_leaders_the_second_is_told(
    services: Services, draft: str, made: dict[str, Any]
) -> None:
    first = edited(services, LEADER, draft, [Edit("remove", stops(made, 0)[0])], keep=True)
    kept = services.store.plans.get(first["plan"]["id"], LEADER)
    assert (kept.version, kept.base, kept.status) == (2, draft, "draft")
    with pytest.raises(PlanError, match="zhangwei saved version 2"):
        edited(services, OTHER, draft, [Edit("remove", stops(made, 1)[0])], keep=True)
    assert plan_life.publish(services, kept.id, viewer=LEADER).status == "published"


def test_a_locked_stop_is_not_moved(services: Services, draft: str, made: dict[str, Any]) -> None:
    visit = stops(made, 0)[0]
    with pytest.raises(PlanError, match="locked"):
        edited(services, LEADER, draft, [Edit("lock", visit), Edit("remove", visit)], keep=False)
    edited(services, LEADER, draft, [Edit("lock", visit), Edit("unlock", visit), Edit("remove", visit)], keep=False)


@pytest.mark.parametrize("edits", [[], [Edit("burn", "x")]])
def test_no_edit_and_an_unknown_one_are_refused(services: Services, draft: str, edits: list[Edit]) -> None:
    with pytest.raises(InputError):
        edited(services, LEADER, draft, edits, keep=False)


def said(plan: str, number: int, visit: str, kind: str, team: int = 0) -> CheckIn:
    reason = "blocked" if kind == "skipped" else ""
    return CheckIn(f"{plan[-24:]}-{number}", plan, team, visit, kind, NOON - timedelta(minutes=60 - number), reason)


def test_a_team_that_drops_out_leaves_its_rest_to_the_others_and_what_was_done_stands(
    services: Services, running: str, made: dict[str, Any]
) -> None:
    answer = mended(services, LEADER, running, Events(out=("2队",)), keep=True, options=QUICK)
    now_s = 6 * 3600.0
    before = [stop["id"] for stop in made["teams"][1]["stops"] if stop["leave_s"] <= now_s]
    assert stops(answer["plan"], 1) == before
    assert answer["broken"] == []
    assert answer["changes"]["counts"]["moved"] + answer["changes"]["counts"]["dropped"] > 0
    plan = plan_life.publish(services, answer["plan"]["id"], viewer=LEADER)
    assert plan.status == "running", "it takes the place of the running one"
    assert services.store.plans.get(running, LEADER).status == "closed"
    assert plan.document["running"]["news"]["done"], "the judge needs to know what stood"
    assert "running" not in services.plan(LEADER, plan.id), "readers are not told where teams were at a moment"


def test_an_urgent_place_gets_a_team_and_the_difference_is_told(
    services: Services, running: str, made: dict[str, Any]
) -> None:
    near = made["teams"][0]["stops"][-1]
    place = Place(near["lon"], near["lat"], "仓库冒烟", stay_min=10, within_min=90)
    answer = mended(services, LEADER, running, Events(urgent=(place,)), keep=True, options=QUICK)
    added = [change for change in answer["changes"]["changes"] if change["kind"] == "added"]
    assert [change["name_zh"] for change in added if change["id"].startswith("urgent:")] == ["仓库冒烟"]
    assert answer["unplaced"] == []
    soon = Place(near["lon"], near["lat"], "仓库冒烟", stay_min=200, within_min=200)
    missed = mended(services, LEADER, running, Events(urgent=(soon,)), keep=False, options=QUICK)["unplaced"]
    assert [item["rule"] for item in missed] == ["shift"]
    assert missed[0]["zh"].startswith("仓库冒烟:")
    with pytest.raises(NotFoundError, match="outside"):
        mended(services, LEADER, running, Events(urgent=(Place(100.0, 30.0),)), keep=False)
    assert plan_life.publish(services, answer["plan"]["id"], viewer=LEADER).status == "running"


def test_what_a_team_said_counts_more_than_the_clock_and_no_moment_of_it_is_written_down(
    services: Services, running: str, made: dict[str, Any]
) -> None:
    first, second, third = stops(made, 0)[:3]
    batch = [
        said(running, 1, first, "arrived"),
        said(running, 9, first, "left"),
        said(running, 12, second, "skipped"),
        said(running, 20, third, "arrived"),
    ]
    receipts = services.store.checkins.add(batch, viewer=LEADER, now=NOON)
    assert {receipt.state for receipt in receipts} == {"kept"}
    answer = mended(services, LEADER, running, Events(late={"2队": 10.0}), keep=False, options=QUICK)
    news = answer["plan"]["running"]["news"]
    assert news["done"][first] is None
    assert news["current"][third] is None
    assert set(news["done"].values()) | set(news["current"].values()) == {None}
    assert all(visit not in news["done"] for visit in stops(made, 0)[3:])
    assert stops(answer["plan"], 0)[:2] == [first, third]
    assert second not in stops(answer["plan"], 0), "what could not be reached is not asked for again"


def test_a_locked_stop_that_was_passed_over_does_not_keep_the_plan_from_being_mended(
    services: Services, made: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    visit = stops(made, 0)[1]
    own = {name: value for name, value in json.loads(json.dumps(made)).items() if name != "id"}
    own["teams"][0]["stops"][1]["locked"] = True
    plan = services.store.plans.save(own | {"shift": request.node.name}, viewer=LEADER, now=NOON)
    plan_life.publish(services, plan, viewer=LEADER)
    services.store.plans.move(plan, "running", viewer=LEADER, now=NOON)
    services.store.checkins.add([said(plan, 1, visit, "skipped")], viewer=LEADER, now=NOON)
    answer = mended(services, LEADER, plan, Events(late={"2队": 10.0}), keep=False, options=QUICK)
    assert visit not in stops(answer["plan"], 0)


def test_news_about_a_strange_team_and_a_shift_that_is_over_are_refused(services: Services, running: str) -> None:
    with pytest.raises(InputError, match="no such team"):
        mended(services, LEADER, running, Events(out=("9队",)), keep=False)
    late = Services(services.store, services.config, clock=lambda: NOON + timedelta(hours=3))
    with pytest.raises(PlanError, match="over"):
        mended(late, LEADER, running, Events(), keep=False)


def test_what_is_kept_is_what_was_shown_some_minutes_before(services: Services, running: str) -> None:
    """The clock moved on by four minutes while the leader read; the tours are still those of the moment of the try."""
    events = Events(late={"2队": 25.0})
    tried = mended(services, LEADER, running, events, keep=False, options=QUICK)
    seen = Seen(datetime.fromisoformat(tried["now"]), tried["shown"])
    later = Services(services.store, services.config, clock=lambda: NOON + timedelta(minutes=4))
    kept = mended(later, LEADER, running, events, keep=True, options=QUICK, seen=seen)
    assert [kept["plan"][name] for name in ("teams", "unserved", "running")] == [
        tried["plan"][name] for name in ("teams", "unserved", "running")
    ]
    assert mended(later, LEADER, running, events, keep=False, options=QUICK)["shown"] != tried["shown"], "time counts"


def test_what_is_too_old_or_no_longer_true_is_not_kept(services: Services, running: str, made: dict[str, Any]) -> None:
    events = Events(late={"2队": 25.0})
    tried = mended(services, LEADER, running, events, keep=False, options=QUICK)
    seen = Seen(datetime.fromisoformat(tried["now"]), tried["shown"])
    before = services.store.change_seq()
    later = Services(services.store, services.config, clock=lambda: NOON + timedelta(minutes=6))
    with pytest.raises(PlanError, match="minutes old"):
        mended(later, LEADER, running, events, keep=True, options=QUICK, seen=seen)
    with pytest.raises(PlanError, match="minutes old"):
        mended(services, LEADER, running, events, keep=True, seen=replace(seen, now=NOON + timedelta(minutes=1)))
    assert services.store.change_seq() == before
    # A team that the clock had at its fourth stop says that it is still at the first.
    services.store.checkins.add([said(running, 31, stops(made, 0)[0], "arrived")], viewer=LEADER, now=NOON)
    with pytest.raises(PlanError, match="check-in"):
        mended(services, LEADER, running, events, keep=True, options=QUICK, seen=seen)


def test_a_running_plan_is_mended_first_and_its_draft_is_edited_with_what_was_done_in_place(
    services: Services, running: str, made: dict[str, Any]
) -> None:
    with pytest.raises(PlanError, match="mend it first"):
        edited(services, LEADER, running, [Edit("remove", stops(made, 0)[-1])], keep=False)
    mend = mended(services, LEADER, running, Events(late={"1队": 15.0}), keep=True, options=QUICK)["plan"]
    with pytest.raises(PlanError, match="by hand"):
        mended(services, LEADER, mend["id"], Events(), keep=False)
    with pytest.raises(PlanError, match="done or current"):
        edited(services, LEADER, mend["id"], [Edit("remove", stops(made, 0)[0])], keep=False)
    answer = edited(services, LEADER, mend["id"], [Edit("remove", stops(mend, 0)[-1])], keep=True)
    assert answer["effect"]["may_publish"]
    assert plan_life.publish(services, answer["plan"]["id"], viewer=LEADER).status == "running"


def test_a_plan_without_its_grounds_takes_no_changes(services: Services, made: dict[str, Any]) -> None:
    bare = {name: value for name, value in made.items() if name not in ("id", "made_from")} | {"shift": "bare"}
    plan = services.store.plans.save(bare, viewer=LEADER, now=NOON)
    with pytest.raises(PlanError, match="plan again"):
        edited(services, LEADER, plan, [Edit("remove", "x")], keep=False)
