"""Plans are feasible by the independent judge, put must-visits first, lose nothing, and say why."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ColumnError, InputError, PlanError, ShapeError
from gis.patrol import Plan, Team, TravelTimes, judge_plan, patrol_points, plan_patrol
from gis.patrol.options import PlanOptions
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, crew, planned, repeated, town, visit

BASE = (0.0, 0.0)


def served(plan: Plan) -> list[str]:
    return [stop.id for team in plan.teams for stop in team.stops]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    stops=st.integers(1, 16),
    teams=st.integers(1, 4),
    shift_h=st.floats(1, 10),
    spacing_s=st.sampled_from([0.0, 5400.0, 9000.0]),
    cross_beats=st.booleans(),
    rest=st.booleans(),
)
def test_every_plan_is_feasible_by_the_judge(
    seed: int, stops: int, teams: int, shift_h: float, spacing_s: float, cross_beats: bool, rest: bool
) -> None:
    wanted = town(np.random.default_rng(seed), stops=stops, beats=teams + 1)
    shift_s = shift_h * HOUR
    force = crew(teams, break_s=1200.0, break_from_s=600.0) if rest else crew(teams)
    plan, travel = planned(
        wanted, force, shift_s=shift_s, iterations=30, spacing_s=spacing_s, cross_beats=cross_beats, seed=seed
    )
    assert judge_plan(plan, wanted, force, travel, spacing_s=spacing_s, cross_beats=cross_beats) == []


@pytest.mark.parametrize("seed", range(4))
def test_teams_that_share_stops_keep_the_spacing(seed: int) -> None:
    """Overlapping windows of one place, several teams: only the spacing keeps the visits apart."""
    rng = np.random.default_rng(seed)
    rows = [
        visit(f"g{place}#{turn}", *rng.uniform(0, 3000, 2), stop=f"g{place}", worth=5.0 - turn)
        for place in range(6)
        for turn in range(4)
    ]
    wanted = pd.DataFrame(rows)
    wanted[["x", "y"]] = wanted.groupby("stop")[["x", "y"]].transform("first")
    teams = crew(3)
    plan, travel = planned(wanted, teams, iterations=200)
    assert judge_plan(plan, wanted, teams, travel) == []
    assert plan.totals.visits_served > 12


@pytest.mark.parametrize("iterations", [40, 400, 2000])
def test_a_crowded_shift_of_many_teams_is_feasible(iterations: int) -> None:
    """As large as the Koper case B, where stale prices once let a tour overrun its shift without any small case noticing."""
    rng = np.random.default_rng(20)
    wanted = pd.DataFrame(
        [row for place in range(120) for row in repeated(f"g{place}", *rng.uniform(0, 9000, 2), float(rng.gamma(2, 5)))]
    )
    teams = crew(8)
    plan, travel = planned(wanted, teams, iterations=iterations, spacing_s=0.0)
    assert judge_plan(plan, wanted, teams, travel, spacing_s=0.0) == []
    spaced, _ = planned(wanted, teams, iterations=iterations)
    assert judge_plan(spaced, wanted, teams, travel) == []


def test_three_stops_on_a_line_are_walked_in_order() -> None:
    wanted = pd.DataFrame([visit("far", 3000, 0), visit("near", 1000, 0), visit("mid", 2000, 0)])
    team = [Team("一队", BASE, end_xy=(4000.0, 0.0), mode="ebike")]
    plan, _ = planned(wanted, team)
    tour = plan.teams[0]
    assert [stop.id for stop in tour.stops] == ["near", "mid", "far"]
    assert tour.travel_m == pytest.approx(1.3 * 4000)
    assert tour.back_s - tour.leave_s == pytest.approx(1.3 * 4000 / (15 / 3.6) + 3 * 900)
    assert [stop.order for stop in tour.stops] == [1, 2, 3]


def test_a_must_visit_comes_before_any_worth() -> None:
    """One hour, two stops at opposite ends: only one fits, and it is the must-visit."""
    wanted = pd.DataFrame([visit("rich", 5000, 0, worth=1000.0), visit("must", -5000, 0, worth=0.0, must=True)])
    plan, _ = planned(wanted, [Team("一队", BASE, mode="ebike")], shift_s=1.2 * HOUR)
    assert served(plan) == ["must"]
    assert plan.unserved[0].rule == "time"
    assert "价值更高" in plan.unserved[0].reason_zh


def test_a_team_keeps_to_its_beat_unless_allowed() -> None:
    wanted = pd.DataFrame([visit("mine", 500, 0, beat=0), visit("theirs", 600, 0, beat=1), visit("all", 700, 0)])
    team = [Team("一队", BASE, mode="ebike", beat=0)]
    plan, _ = planned(wanted, team)
    assert sorted(served(plan)) == ["all", "mine"]
    assert (plan.unserved[0].id, plan.unserved[0].rule) == ("theirs", "no_team")
    crossing, _ = planned(wanted, team, cross_beats=True)
    assert len(served(crossing)) == 3


def test_a_stop_is_seen_again_after_ninety_minutes_at_least() -> None:
    wanted = pd.DataFrame(repeated("g", 500, 0, 10.0))
    plan, _ = planned(wanted, [Team("一队", BASE, mode="ebike")])
    starts = np.array([stop.start_s for stop in plan.teams[0].stops])
    assert len(starts) == 4
    assert np.diff(starts).min() >= 5400


@pytest.mark.parametrize(
    ("row", "rule", "zh"),
    [
        (visit("v", 9000, 0, must=True, close_s=60.0), "window", "最早 0:47 才能到"),
        (visit("v", 9000, 0, must=True, dwell_s=3 * HOUR, close_s=4 * HOUR), "shift", "要超出"),
        (visit("v", 1, 1, must=True, outside=True), "outside", "辖区边界之外"),
        (visit("v", 1, 1, must=True, beat=7), "no_team", "责任区 7 没有队伍"),
    ],
)
def test_a_must_visit_that_cannot_be_kept_names_the_binding_rule(row: dict, rule: str, zh: str) -> None:
    wanted = pd.DataFrame([visit("ok", 100, 0), row])
    teams = [Team("一队", BASE, mode="ebike", beat=0)]
    plan, travel = planned(wanted, teams, shift_s=4 * HOUR)
    assert [item.id for item in plan.missed_musts] == ["v"]
    assert plan.missed_musts[0].rule == rule
    assert zh in plan.missed_musts[0].reason_zh
    assert plan.missed_musts[0].reason_en
    assert served(plan) == ["ok"]
    assert judge_plan(plan, wanted, teams, travel) == []


def test_two_musts_at_the_same_time_blame_each_other() -> None:
    same = {"must": True, "open_s": HOUR, "close_s": HOUR}
    wanted = pd.DataFrame([visit("a", 0, 5000, **same), visit("b", 0, -5000, **same)])
    plan, _ = planned(wanted, [Team("一队", BASE, mode="ebike")])
    assert len(served(plan)) == 1
    assert "其他必巡点" in plan.missed_musts[0].reason_zh


def test_spacing_that_leaves_no_moment_is_named() -> None:
    wanted = pd.DataFrame([visit("a", 0, 100, stop="s", worth=5.0), visit("b", 0, 100, stop="s", close_s=HOUR)])
    plan, _ = planned(wanted.assign(close_s=HOUR), [Team("一队", BASE, mode="ebike")])
    assert served(plan) == ["a"]
    assert plan.unserved[0].rule == "spacing"
    assert "90 min" in plan.unserved[0].reason_en


def test_a_place_without_a_way_is_named_and_the_rest_planned() -> None:
    wanted = pd.DataFrame([visit("a", 100, 0), visit("island", 200, 0, must=True)])
    teams = [Team("一队", BASE, mode="ebike")]
    straight = TravelTimes.straight(wanted, teams, mode="ebike")
    seconds = straight.seconds.copy()
    seconds[:2, 2] = seconds[2, :2] = np.inf
    travel = TravelTimes(straight.xy, seconds, straight.metres)
    plan = plan_patrol(wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=20))
    assert served(plan) == ["a"]
    assert plan.missed_musts[0].rule == "unreachable"


def test_a_break_is_taken_at_the_base_inside_its_window() -> None:
    rng = np.random.default_rng(5)
    wanted = town(rng, stops=12, beats=1)
    teams = [
        replace(crew(1)[0], break_s=1800.0, break_from_s=3 * HOUR, break_to_s=5 * HOUR, start_lonlat=(106.7, 39.5))
    ]
    plan, travel = planned(wanted, teams)
    rest = [stop for stop in plan.teams[0].stops if stop.kind == "break"]
    assert len(rest) == 1
    assert 3 * HOUR <= rest[0].start_s <= 5 * HOUR
    assert rest[0].leave_s - rest[0].start_s == pytest.approx(1800)
    assert rest[0].lon == 106.7
    assert plan.totals.visits_served == len(plan.teams[0].stops) - 1
    assert judge_plan(plan, wanted, teams, travel) == []
    with pytest.raises(PlanError, match="break of team 'T0'"):
        planned(wanted, [replace(teams[0], break_s=7 * HOUR, break_from_s=2 * HOUR, break_to_s=None, end_s=6 * HOUR)])


def test_the_same_seed_and_rounds_give_the_same_plan() -> None:
    wanted = town(np.random.default_rng(1))
    one, two = (planned(wanted, crew(), seed=3)[0] for _ in range(2))
    assert one == two
    assert one.parameters["iterations"] == 60


def test_more_rounds_never_bring_less() -> None:
    wanted = town(np.random.default_rng(2), stops=30)
    worth = [planned(wanted, crew(), iterations=rounds)[0].totals.worth_served for rounds in (0, 20, 400)]
    assert worth[0] == 0
    assert worth[0] < worth[1] <= worth[2]


def test_the_time_limit_ends_the_search_and_progress_is_told() -> None:
    wanted = town(np.random.default_rng(2), stops=10)
    teams, told = crew(), []
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    plan = plan_patrol(
        wanted,
        teams=teams,
        shift_s=SHIFT_S,
        travel=travel,
        options=PlanOptions(time_limit_s=0.05),
        progress=told.append,
    )
    assert told[0] < told[-1] == 1.0
    assert plan.parameters["time_limit_s"] == 0.05
    assert judge_plan(plan, wanted, teams, travel) == []


def test_a_plan_survives_json_and_carries_clock_times() -> None:
    """A night shift of Shanghai across midnight: second 0 is 14:00 UTC."""
    wanted = town(np.random.default_rng(1))
    teams = crew()
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    plan = plan_patrol(
        wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=20), date="2026-03-01",
        shift="night", zone="Asia/Shanghai", shift_start=datetime(2026, 3, 1, 14, tzinfo=UTC),
    )  # fmt: skip
    data = json.loads(json.dumps(plan.to_dict(), allow_nan=False))
    assert Plan.from_dict(data | {"id": "kept elsewhere"}) == plan
    assert data["shift_start"] == "2026-03-01T14:00:00Z"
    assert data["zone"] == "Asia/Shanghai"
    last = data["teams"][0]["stops"][-1]
    assert last["arrive"].startswith("2026-03-01T") or last["arrive"].startswith("2026-03-02T")
    assert data["teams"][0]["back"] <= "2026-03-01T22:00:00Z"
    bare = planned(wanted, teams)[0]
    assert bare.to_dict()["teams"][0]["stops"][0]["arrive"] is None
    assert Plan.from_dict(json.loads(json.dumps(bare.to_dict()))) == bare


def test_totals_have_their_denominator() -> None:
    wanted = town(np.random.default_rng(1), stops=20)
    totals = planned(wanted, crew())[0].totals
    assert totals.worth_wanted == pytest.approx(wanted["worth"].sum())
    assert totals.visits_wanted == len(wanted)
    assert totals.stops_wanted == 23
    assert totals.stops_served <= totals.visits_served < totals.visits_wanted
    assert totals.must_wanted == 3
    assert totals.travel_share == pytest.approx(totals.travel_s / (2 * SHIFT_S))


def test_teams_of_different_modes_use_their_own_times() -> None:
    wanted = pd.DataFrame([visit("a", 2600, 0, beat=0), visit("b", 0, 2600, beat=1)])
    teams = [Team("步", BASE, mode="foot", beat=0), Team("车", BASE, mode="ebike", beat=1)]
    travel = {mode: TravelTimes.straight(wanted, teams, mode=mode) for mode in ("foot", "ebike")}
    settings = PlanOptions(iterations=20)
    plan = plan_patrol(wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=settings)
    assert plan.teams[0].travel_s == pytest.approx(2 * 1.3 * 2600 / 1.3)
    assert plan.teams[1].travel_s == pytest.approx(2 * 1.3 * 2600 / (15 / 3.6))
    assert judge_plan(plan, wanted, teams, travel) == []
    with pytest.raises(PlanError, match="missing for: foot"):
        plan_patrol(wanted, teams=teams, shift_s=SHIFT_S, travel={"ebike": travel["ebike"]}, options=settings)


def test_nothing_wanted_is_an_empty_plan() -> None:
    nothing = pd.DataFrame([visit("a", 0, 0)]).iloc[:0]
    teams = crew()
    plan, travel = planned(nothing, teams)
    assert [team.stops for team in plan.teams] == [(), ()]
    assert judge_plan(plan, nothing, teams, travel) == []


@pytest.mark.parametrize(
    ("teams", "shift_s", "words"),
    [
        ([], SHIFT_S, "no team"),
        ([Team("a", BASE)], 0.0, "at most 24 hours"),
        ([Team("a", BASE)], 25 * HOUR, "at most 24 hours"),
        ([Team("a", BASE), Team("a", BASE)], SHIFT_S, "share a name"),
        ([Team("a", (np.nan, 0.0))], SHIFT_S, "lacks a coordinate"),
        ([Team("a", BASE, start_s=22 * HOUR, end_s=6 * HOUR)], SHIFT_S, "Across midnight"),
        ([Team("a", BASE, end_s=9 * HOUR)], SHIFT_S, "inside the shift"),
        ([Team("a", BASE, end_xy=(900_000.0, 0.0), mode="ebike")], SHIFT_S, "cannot get from its start"),
    ],
)
def test_a_crew_that_cannot_work_is_refused_in_both_languages(teams: list[Team], shift_s: float, words: str) -> None:
    wanted = pd.DataFrame([visit("a", 10, 10)])
    with pytest.raises(PlanError, match=words) as caught:
        planned(wanted, teams, shift_s=shift_s)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.zh)


def test_a_base_that_is_cut_off_is_refused() -> None:
    wanted = pd.DataFrame([visit("a", 10, 10)])
    teams = [Team("一队", BASE, mode="ebike")]
    xy = patrol_points(wanted, teams)
    cut = np.where(np.eye(2, dtype=bool), 0.0, np.inf)
    with pytest.raises(PlanError, match="base of team '一队' is cut off"):
        plan_patrol(wanted, teams=teams, shift_s=SHIFT_S, travel=TravelTimes(xy, cut, cut))


def test_all_bad_stops_are_named_at_once() -> None:
    wanted = pd.DataFrame(
        [visit("lost", np.nan, 0), visit("poor", 0, 0, worth=-1.0), visit("shut", 0, 0, open_s=10.0, close_s=5.0),
         visit("twin", 0, 0), visit("twin", 0, 0), visit("fine", 0, 0)]
    )  # fmt: skip
    before = wanted.copy()
    travel = TravelTimes(np.zeros((1, 2)), np.zeros((1, 1)), np.zeros((1, 1)))
    with pytest.raises(InputError, match="1 stops have no coordinates: lost"):
        patrol_points(wanted, [])
    with pytest.raises(InputError, match="4 stops") as caught:
        plan_patrol(wanted, teams=[Team("a", BASE)], shift_s=SHIFT_S, travel=travel)
    assert all(name in caught.value.en for name in ("lost", "poor", "shut", "twin"))
    pd.testing.assert_frame_equal(wanted, before)
    with pytest.raises(ColumnError, match="worth"):
        plan_patrol(wanted[["id", "x", "y"]], teams=[Team("a", BASE)], shift_s=SHIFT_S, travel=travel)


def test_travel_that_does_not_belong_to_the_plan_is_refused() -> None:
    wanted = pd.DataFrame([visit("a", 10, 10)])
    other = TravelTimes.straight(pd.DataFrame([visit("b", 20, 20)]), [Team("a", BASE)])
    with pytest.raises(PlanError, match="lacks 1 points"):
        plan_patrol(wanted, teams=[Team("a", BASE)], shift_s=SHIFT_S, travel=other)
    with pytest.raises(ShapeError, match="matrices of 1 x 1"):
        TravelTimes(np.zeros((1, 2)), np.zeros((2, 2)), np.zeros((2, 2)))
    with pytest.raises(ShapeError, match="missing or negative"):
        TravelTimes(np.zeros((1, 2)), np.full((1, 1), np.nan), np.zeros((1, 1)))


def test_senseless_options_are_refused() -> None:
    with pytest.raises(InputError, match="time limit"):
        PlanOptions(time_limit_s=0)
    with pytest.raises(InputError):
        PlanOptions(iterations=-1)
