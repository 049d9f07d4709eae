"""Edits by hand: new times, the effect said at once, every broken rule named, and nothing done behind one's back."""

import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError, NotFoundError, PlanError
from gis.patrol import Team, TravelTimes
from gis.patrol.edit import Edited, add, lock, move, remove, reorder
from gis.patrol.judge_document import judge_document
from gis.patrol.news import News
from gis.patrol.shift import Shift
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, crew, planned, town, visit


class Case(NamedTuple):
    """A plan document and its shift; told in a word, since a failing law prints what it was given."""

    plan: dict[str, Any]
    shift: Shift

    def __repr__(self) -> str:
        return "a planned shift"


def shift_of(wanted: pd.DataFrame, teams: list[Team], *, iterations: int = 40, **options: Any) -> Case:
    plan, travel = planned(wanted, teams, iterations=iterations, **options)
    rules = {name: value for name, value in options.items() if name in {"spacing_s", "cross_beats"}}
    return json.loads(json.dumps(plan.to_dict())), Shift(
        wanted, teams, travel, options.get("shift_s", SHIFT_S), **rules
    )


@pytest.fixture
def line() -> Case:
    """Three stops 1 km apart on a line, one team at its start; all of the shift is open."""
    wanted = pd.DataFrame([visit("a", 1000, 0), visit("b", 2000, 0), visit("c", 3000, 0, must=True)])
    return shift_of(wanted, [Team("一队", (0.0, 0.0), end_xy=(4000.0, 0.0), mode="ebike"), Team("二队", (0.0, 0.0))])


@pytest.fixture(scope="module")
def city() -> Case:
    return shift_of(town(np.random.default_rng(3), stops=12), crew(), iterations=200)


def ids(document: dict[str, Any], team: int = 0) -> list[str]:
    return [stop["id"] for stop in document["teams"][team]["stops"]]


def some_stop(document: dict[str, Any], number: int) -> str:
    every = [stop["id"] for team in document["teams"] for stop in team["stops"]]
    return every[number % len(every)]


def test_reordering_recomputes_times_on_paper(line: Case) -> None:
    """a, c, b instead of a, b, c: one kilometre more each way, so two more in all."""
    plan, shift = line
    edited = reorder(plan, shift, "一队", ["a", "c", "b"])
    assert ids(edited.plan) == ["a", "c", "b"]
    assert edited.effect.travel_m == pytest.approx(1.3 * 2000)
    assert edited.effect.travel_s == pytest.approx(1.3 * 2000 / (15 / 3.6))
    assert edited.effect.worth == 0
    assert edited.effect.may_publish
    tour = edited.plan["teams"][0]
    assert [stop["order"] for stop in tour["stops"]] == [1, 2, 3]
    assert tour["stops"][1]["arrive_s"] == pytest.approx(tour["stops"][0]["leave_s"] + 1.3 * 2000 / (15 / 3.6))
    assert edited.effect.zh.endswith("可以发布")


def test_a_stop_goes_to_the_place_in_a_tour_where_it_costs_least(line: Case) -> None:
    plan, shift = line
    without = remove(plan, shift, "b").plan
    assert ids(without) == ["a", "c"]
    assert without["unserved"][0]["rule"] == "by_hand"
    again = add(without, shift, "b", team="一队").plan
    assert ids(again) == ["a", "b", "c"]
    assert again["unserved"] == []
    assert again["totals"] == plan["totals"]


def test_moving_to_another_team_shows_the_difference(line: Case) -> None:
    plan, shift = line
    edited = move(plan, shift, "b", team="二队")
    assert (ids(edited.plan), ids(edited.plan, 1)) == (["a", "c"], ["b"])
    assert edited.effect.changes.counts == {"moved": 1, "dropped": 0, "added": 0, "retimed": 1, "kept": 1}
    moved = edited.effect.changes.changes[0]
    assert (moved.kind, moved.team_before, moved.team_after) == ("moved", "一队", "二队")
    assert "由 一队" in moved.zh
    assert "to 二队" in moved.en


def test_removing_a_must_visit_warns(line: Case) -> None:
    plan, shift = line
    effect = remove(plan, shift, "c").effect
    assert effect.must_served == -1
    assert effect.may_publish
    assert effect.warnings == (("必巡点“点c”不再安排", "mandatory stop 'stop c' is no longer planned"),)
    assert effect.to_dict()["warnings"][0]["zh"].startswith("必巡点")


def test_an_edit_that_breaks_a_rule_says_which_and_may_not_be_published(city: Case) -> None:
    plan, shift = city
    alien = next(stop for stop in ids(plan, 1) if stop.startswith("g"))
    edited = move(plan, shift, alien, team="T0")
    assert not edited.effect.may_publish
    assert "beat" in {item.rule for item in edited.effect.new_broken}
    assert edited.plan["checked"]["ok"] is False
    assert edited.plan["checked"]["broken"][0]["zh"] in edited.effect.zh
    assert "不能发布" in edited.effect.zh
    back = move(edited.plan, shift, alien, team="T1").effect
    assert back.may_publish
    assert back.new_broken == ()


def test_lateness_is_said_in_minutes() -> None:
    early = {"open_s": 0.0, "close_s": HOUR / 2}
    wanted = pd.DataFrame([visit("early", 1000, 0, **early), visit("late", 2000, 0)])
    plan, shift = shift_of(wanted, [Team("一队", (0.0, 0.0), mode="ebike")])
    effect = reorder(plan, shift, "一队", ["late", "early"]).effect
    assert effect.late_s > 0
    assert {item.rule for item in effect.broken} == {"window"}
    assert "迟到 +1 分钟" in effect.zh
    assert "lateness +1 min" in effect.en


@settings(max_examples=40, deadline=None)
@given(number=st.integers(0, 1000), target=st.integers(0, 1), act=st.sampled_from(["move", "remove", "turn"]))
def test_what_may_be_published_passes_the_judge_and_the_rest_is_named(
    city: Case, number: int, target: int, act: str
) -> None:
    plan, shift = city
    frozen = json.dumps(plan)
    chosen = some_stop(plan, number)
    edited: Edited
    if act == "remove":
        edited = remove(plan, shift, chosen)
    elif act == "move":
        edited = move(plan, shift, chosen, team=f"T{target}")
    else:
        order = ids(plan, target)
        edited = reorder(plan, shift, f"T{target}", order[number % len(order) :] + order[: number % len(order)])
    stored = json.loads(json.dumps(edited.plan, allow_nan=False))
    broken = judge_document(stored, shift)
    assert edited.effect.may_publish == (broken == [])
    # Whatever was done, the accounts hold: only rules of time, place and order can break.
    assert {item.rule for item in broken} <= {"window", "shift", "spacing", "beat"}
    assert json.dumps(plan) == frozen


@settings(max_examples=25, deadline=None)
@given(number=st.integers(0, 1000))
def test_taking_out_and_putting_back_in_place_changes_nothing(city: Case, number: int) -> None:
    plan, shift = city
    chosen = some_stop(plan, number)
    team = next(team for team in plan["teams"] if chosen in [stop["id"] for stop in team["stops"]])
    place = [stop["id"] for stop in team["stops"]].index(chosen) + 1
    back = add(remove(plan, shift, chosen).plan, shift, chosen, team=team["name"], position=place)
    for before, after in zip(plan["teams"], back.plan["teams"], strict=True):
        assert [stop["id"] for stop in before["stops"]] == [stop["id"] for stop in after["stops"]]
        starts = [[stop["start_s"] for stop in team["stops"]] for team in (before, after)]
        assert starts[0] == pytest.approx(starts[1])
    assert back.plan["totals"]["worth_served"] == pytest.approx(plan["totals"]["worth_served"])


def test_a_locked_stop_stays_until_it_is_unlocked(line: Case) -> None:
    plan, shift = line
    locked = lock(plan, shift, "b").plan
    assert locked["teams"][0]["stops"][1]["locked"] is True
    for act in (lambda p: move(p, shift, "b", team="二队"), lambda p: remove(p, shift, "b")):
        with pytest.raises(PlanError, match="locked"):
            act(locked)
    moved = reorder(locked, shift, "一队", ["b", "a", "c"]).plan
    assert moved["teams"][0]["stops"][0]["locked"] is True
    free = lock(moved, shift, "b", locked=False).plan
    assert "b" in ids(move(free, shift, "b", team="二队").plan, 1)


def test_what_others_keep_in_a_document_is_carried_over(line: Case) -> None:
    plan, shift = line
    plan = plan | {"id": "p1", "demand": {"reports": 7}}
    for team in plan["teams"]:
        team |= {"name_en": "Team", "line": [[0, 0], [1, 1]]}
    edited = move(plan, shift, "a", team="一队", position=3).plan
    assert (edited["id"], edited["demand"], edited["teams"][0]["name_en"]) == ("p1", {"reports": 7}, "Team")
    assert "line" not in edited["teams"][0]
    assert edited["teams"][1]["line"] == [[0, 0], [1, 1]]


def test_done_and_current_stops_cannot_be_edited(line: Case) -> None:
    plan, shift = line
    stops = plan["teams"][0]["stops"]
    news = News(now_s=stops[1]["start_s"] + 60)
    for chosen in ("a", "b"):
        with pytest.raises(PlanError, match="done or current"):
            remove(plan, shift, chosen, news=news)
    with pytest.raises(PlanError, match="cannot change their place"):
        reorder(plan, shift, "一队", ["b", "a", "c"], news=news)
    edited = move(plan, shift, "c", team="二队", news=news)
    assert edited.plan["teams"][0]["stops"] == stops[:2]
    assert edited.plan["teams"][1]["stops"][0]["arrive_s"] >= news.now_s
    assert edited.effect.may_publish, edited.effect.en


def test_a_break_stays_with_its_team() -> None:
    wanted = pd.DataFrame([visit("a", 1000, 0)])
    teams = [Team("一队", (0.0, 0.0), mode="ebike", break_s=1800.0), Team("二队", (0.0, 0.0), mode="ebike")]
    plan, shift = shift_of(wanted, teams)
    with pytest.raises(PlanError, match="belongs to team"):
        move(plan, shift, "break:一队", team="二队")
    with pytest.raises(PlanError, match="cannot be taken out"):
        remove(plan, shift, "break:一队")
    turned = reorder(plan, shift, "一队", ids(plan)[::-1])
    assert turned.effect.may_publish, turned.effect.en


def test_the_door_names_what_is_wrong(line: Case) -> None:
    plan, shift = line
    with pytest.raises(NotFoundError, match="no team 'X'"):
        move(plan, shift, "a", team="X")
    with pytest.raises(NotFoundError, match="holds stop 'z'"):
        remove(plan, shift, "z")
    with pytest.raises(NotFoundError, match="no wanted stop 'z'"):
        add(plan, shift, "z", team="一队")
    with pytest.raises(PlanError, match="in the plan already"):
        add(plan, shift, "a", team="二队")
    with pytest.raises(InputError, match="between 1 and 3"):
        move(plan, shift, "a", team="一队", position=9)
    with pytest.raises(InputError, match="every stop of team"):
        reorder(plan, shift, "一队", ["a", "b"])
    with pytest.raises(InputError, match="can be read"):
        remove({"teams": []}, shift, "a")


def test_a_place_without_a_way_is_refused() -> None:
    wanted = pd.DataFrame([visit("a", 100, 0), visit("island", 200, 0)])
    teams = [Team("一队", (0.0, 0.0), mode="ebike")]
    straight = TravelTimes.straight(wanted, teams, mode="ebike")
    seconds = straight.seconds.copy()
    seconds[:2, 2] = seconds[2, :2] = np.inf
    plan, shift = shift_of(wanted.iloc[:1], teams)
    cut = Shift(wanted, teams, TravelTimes(straight.xy, seconds, straight.metres), shift.shift_s)
    with pytest.raises(PlanError, match="no way for team '一队' to 'stop island'"):
        add(plan, cut, "island", team="一队")


def test_a_new_place_is_added_to_the_shift_and_then_to_the_plan(line: Case) -> None:
    plan, shift = line
    wider = shift.with_stops([visit("new", 1500, 0, worth=3.0)])
    travel = TravelTimes.straight(wider.stops, wider.teams, mode="ebike")
    wider = Shift(wider.stops, wider.teams, travel, shift.shift_s)
    edited = add(plan, wider, "new", team="一队")
    assert ids(edited.plan) == ["a", "new", "b", "c"]
    assert edited.effect.worth == 3.0
    assert edited.effect.may_publish


def test_a_shift_survives_json(city: Case) -> None:
    plan, shift = city
    again = Shift.from_dict(json.loads(json.dumps(shift.to_dict(), allow_nan=False)), shift.travel)
    assert again.visits == shift.visits
    assert list(again.teams) == list(shift.teams)
    assert judge_document(plan, again) == []


def test_a_task_with_two_ends_is_put_in_the_way_round_that_costs_less() -> None:
    """The segment runs from x 3000 to x 1000; on the way out it is taken from 1000 to 3000, and left at 3000."""
    wanted = pd.DataFrame(
        [
            visit("far", 4000, 0),
            visit("rail", 3000, 0, exit_x=1000.0, exit_y=0.0, lon=107.0, exit_lon=106.0, dwell_s=1500.0),
        ]
    )
    teams = [Team("一队", (0.0, 0.0), end_xy=(5000.0, 0.0), mode="ebike")]
    plan, shift = shift_of(wanted, teams)
    without = remove(plan, shift, "rail").plan
    edited = add(without, shift, "rail", team="一队", position=1)
    rail, far = edited.plan["teams"][0]["stops"]
    assert (rail["id"], rail["x"], rail["exit_x"], rail["lon"], rail["exit_lon"]) == (
        "rail",
        1000.0,
        3000.0,
        106.0,
        107.0,
    )
    assert far["travel_m"] == pytest.approx(1.3 * 1000)
    assert edited.effect.may_publish, edited.effect.en


def test_a_stop_given_to_a_team_without_the_skill_is_shown_as_that() -> None:
    wanted = pd.DataFrame([visit("a", 500, 0, skills="drone"), visit("b", 900, 0)])
    teams = [Team("甲", (0.0, 0.0), mode="ebike", skills=("drone",)), Team("乙", (0.0, 0.0), mode="ebike")]
    plan, shift = shift_of(wanted, teams)
    effect = move(plan, shift, "a", team="乙").effect
    assert {item.rule for item in effect.broken} == {"skill"}
    assert not effect.may_publish
