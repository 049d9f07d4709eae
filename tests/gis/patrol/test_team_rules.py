"""What a team can do, how far it goes, tasks with two ends, evenness between teams: each rule by hand, then as a law."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gis.errors import InputError, PlanError
from gis.patrol import Plan, Team, judge_plan, patrol_points
from gis.patrol.options import PlanOptions
from tests.gis.patrol.patrol_maker import HOUR, crew, planned, town, visit

BASE = (0.0, 0.0)
MPS = 15 / 3.6


def served(plan: Plan, team: int = 0) -> list[str]:
    return [stop.id for stop in plan.teams[team].stops]


def rules(plan: Plan, wanted: pd.DataFrame, teams: list[Team], travel: object) -> set[str]:
    return {violation.rule for violation in judge_plan(plan, wanted, teams, travel)}  # type: ignore[arg-type]


def railway(name: str = "rail", *, start: float = 1000.0, end: float = 3000.0, **values: object) -> dict[str, object]:
    """A length of line along the x axis, checked in half an hour."""
    return visit(name, start, 0.0, **({"exit_x": end, "exit_y": 0.0, "dwell_s": 1800.0} | values))


@pytest.mark.parametrize("needs", ["drone", ["drone"], ("drone", "rope"), "drone, rope", "drone、rope"])
def test_a_stop_that_needs_a_skill_goes_to_a_team_that_has_it(needs: object) -> None:
    wanted = pd.DataFrame([visit("mast", 500, 0, skills=needs), visit("gate", 400, 0, skills=None)])
    teams = [Team("plain", BASE, mode="ebike"), Team("able", BASE, mode="ebike", skills=("rope", "drone"))]
    plan, travel = planned(wanted, teams)
    assert "mast" in served(plan, 1)
    assert plan.totals.visits_served == 2
    assert rules(plan, wanted, teams, travel) == set()


def test_a_skill_that_nobody_has_is_named() -> None:
    wanted = pd.DataFrame([visit("mast", 500, 0, skills="drone", must=True), visit("gate", 400, 0, skills="")])
    plan, _ = planned(wanted, [Team("一队", BASE, mode="ebike", skills=("rope",))])
    assert served(plan) == ["gate"]
    assert plan.missed_musts[0].rule == "skill"
    assert "drone" in plan.missed_musts[0].reason_zh


def test_a_skill_missing_in_the_beat_is_named_with_the_beat() -> None:
    wanted = pd.DataFrame([visit("mast", 500, 0, skills="drone", beat=0), visit("gate", 400, 0, beat=1)])
    teams = [Team("a", BASE, mode="ebike", beat=0), Team("b", BASE, mode="ebike", beat=1, skills=("drone",))]
    plan, _ = planned(wanted, teams)
    assert plan.unserved[0].rule == "skill"
    assert "beat 0" in plan.unserved[0].reason_en


def test_a_team_goes_no_farther_than_it_may() -> None:
    """Stops at 1 and 3 km: out and back is 2.6 and 7.8 km of way. Five kilometres allow the near one alone."""
    wanted = pd.DataFrame([visit("near", 1000, 0), visit("far", 3000, 0, worth=50.0)])
    free, _ = planned(wanted, [Team("一队", BASE, mode="ebike")])
    assert free.totals.visits_served == 2
    for bound in ({"max_travel_m": 5000.0}, {"max_travel_s": 5000.0 / MPS}):
        teams = [Team("一队", BASE, mode="ebike", **bound)]
        plan, travel = planned(wanted, teams)
        assert served(plan) == ["near"]
        assert plan.unserved[0].rule == "walking"
        assert rules(plan, wanted, teams, travel) == set()
        assert rules(free, wanted, teams, travel) == {"walking"}


def test_a_bound_on_travel_that_nothing_fits_is_refused() -> None:
    wanted = pd.DataFrame([visit("a", 100, 0)])
    with pytest.raises(PlanError, match="must be above 0"):
        planned(wanted, [Team("一队", BASE, mode="ebike", max_travel_m=0.0)])
    with pytest.raises(PlanError, match="from its start to its end alone"):
        planned(wanted, [Team("一队", BASE, end_xy=(5000.0, 0.0), mode="ebike", max_travel_m=5000.0)])
    with pytest.raises(PlanError, match="break of team"):
        planned(wanted, [Team("一队", BASE, mode="ebike", break_s=600.0, break_xy=(900.0, 0.0), max_travel_m=2000.0)])


@pytest.mark.parametrize(("home", "enter", "leave"), [(4000.0, 1000.0, 3000.0), (0.0, 1000.0, 3000.0)])
def test_a_railway_is_entered_at_one_end_and_left_at_the_other(home: float, enter: float, leave: float) -> None:
    wanted = pd.DataFrame([railway()])
    teams = [Team("一队", BASE, end_xy=(home, 0.0), mode="ebike")]
    plan, travel = planned(wanted, teams)
    (stop,) = plan.teams[0].stops
    assert {stop.x, stop.exit_x} == {enter, leave}
    assert plan.teams[0].travel_m == pytest.approx(1.3 * (1000 + abs(home - 3000)))
    assert stop.leave_s - stop.start_s == 1800
    assert rules(plan, wanted, teams, travel) == set()


def test_a_railway_is_taken_in_the_direction_that_saves_the_way() -> None:
    """From the far end home: the team starts beyond the exit, so it goes against the order of the file."""
    wanted = pd.DataFrame([railway(exit_lon=106.9, exit_lat=39.6), visit("last", 0, 500)])
    teams = [Team("一队", (4000.0, 0.0), end_xy=BASE, mode="ebike")]
    plan, travel = planned(wanted, teams)
    stop = plan.teams[0].stops[0]
    assert (stop.x, stop.exit_x) == (3000.0, 1000.0)
    assert (stop.lon, stop.lat, stop.exit_lon, stop.exit_lat) == (106.9, 39.6, 106.7, 39.5)
    assert plan.totals.visits_served == 2
    assert rules(plan, wanted, teams, travel) == set()
    assert Plan.from_dict(plan.to_dict()) == plan


def test_a_railway_entered_in_the_middle_or_left_where_it_began_is_caught() -> None:
    wanted = pd.DataFrame([railway()])
    teams = [Team("一队", BASE, mode="ebike")]
    plan, travel = planned(wanted, teams)
    tour = plan.teams[0]
    for bend in ({"x": 2000.0}, {"exit_x": None, "exit_y": None}, {"x": 3000.0, "exit_x": 3000.0}):
        bent = replace(plan, teams=(replace(tour, stops=(replace(tour.stops[0], **bend),)),))
        assert "place" in rules(bent, wanted, teams, travel)


def test_half_an_exit_is_refused_and_both_ends_are_points_of_the_plan() -> None:
    teams = [Team("一队", BASE, mode="ebike")]
    assert patrol_points(pd.DataFrame([railway()]), teams)[:, 0].tolist() == [0.0, 1000.0, 3000.0]
    with pytest.raises(InputError, match="exit_x/exit_y: rail"):
        planned(pd.DataFrame([railway(exit_y=np.nan)]), teams)


def test_a_railway_seen_twice_keeps_the_spacing() -> None:
    wanted = pd.DataFrame([railway(f"r{turn}", stop="line") for turn in range(3)])
    teams = [Team("a", BASE, mode="ebike"), Team("b", BASE, mode="ebike")]
    plan, travel = planned(wanted, teams)
    assert plan.totals.visits_served == 3
    assert rules(plan, wanted, teams, travel) == set()


def one_sided() -> pd.DataFrame:
    """Twelve stops that one team could see alone, and a second team that stands a little farther off."""
    return pd.DataFrame([visit(f"v{place}", 100.0 * place, 0.0) for place in range(12)])


@pytest.mark.parametrize("fair_in", ["work", "worth"])
def test_fairness_evens_out_what_shortest_ways_would_not(fair_in: str) -> None:
    teams = [Team("near", BASE, mode="ebike"), Team("off", (0.0, 900.0), mode="ebike")]
    short, travel = planned(one_sided(), teams, iterations=200)
    fair, _ = planned(one_sided(), teams, iterations=200, fairness=0.5, fair_in=fair_in)
    name = f"{fair_in}_cv"
    assert getattr(short.totals, name) > 0.5
    assert getattr(fair.totals, name) < 0.1
    assert fair.totals.visits_served == short.totals.visits_served == 12
    assert fair.totals.travel_m > short.totals.travel_m
    assert rules(fair, one_sided(), teams, travel) == set()


def test_the_variation_of_two_teams_is_what_paper_says() -> None:
    """Worth 3 and 1: mean 2, deviation 1, so a half. Work of one team only: 1."""
    wanted = pd.DataFrame([visit("a", 0, 0, beat=0, worth=3.0), visit("b", 0, 0, beat=1, worth=1.0)])
    plan, travel = planned(wanted, [Team("a", BASE, mode="ebike", beat=0), Team("b", BASE, mode="ebike", beat=1)])
    assert plan.totals.worth_cv == pytest.approx(0.5)
    assert plan.totals.work_cv == 0.0
    bent = replace(plan, totals=replace(plan.totals, worth_cv=0.1))
    assert [item.rule for item in judge_plan(bent, wanted, crew(2), travel)].count("totals") == 1


def test_a_break_is_never_traded_for_must_visits() -> None:
    """Four must-visits fill the only hour in which the break may begin; the break stays."""
    rows = [visit(f"m{i}", 0, 10.0 * i, must=True, open_s=HOUR, close_s=1.6 * HOUR) for i in range(4)]
    teams = [Team("一队", BASE, mode="ebike", break_s=3000.0, break_from_s=HOUR, break_to_s=1.2 * HOUR)]
    wanted = pd.DataFrame(rows)
    plan, travel = planned(wanted, teams, shift_s=2 * HOUR)
    assert sum(stop.kind == "break" for stop in plan.teams[0].stops) == 1
    assert plan.missed_musts
    assert rules(plan, wanted, teams, travel) == set()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    stops=st.integers(1, 10),
    most_m=st.sampled_from([None, 3000.0, 15000.0]),
    most_s=st.sampled_from([None, 2000.0, 6000.0]),
    fairness=st.sampled_from([0.0, 0.4]),
    spacing_s=st.sampled_from([0.0, 5400.0]),
    elsewhere=st.booleans(),
)
@example(seed=9, stops=9, most_m=15000.0, most_s=None, fairness=0.4, spacing_s=0.0, elsewhere=True)
def test_every_plan_under_every_rule_passes_the_judge(
    seed: int,
    stops: int,
    most_m: float | None,
    most_s: float | None,
    fairness: float,
    spacing_s: float,
    elsewhere: bool,
) -> None:
    rng = np.random.default_rng(seed)
    wanted = town(rng, stops=stops, beats=2)
    places = pd.factorize(wanted["stop"])[0]
    exits = rng.uniform(0, 5000, (places.max() + 1, 2))[places]
    exits[places % 3 > 0] = np.nan
    wanted = wanted.assign(exit_x=exits[:, 0], exit_y=exits[:, 1], skills=rng.choice(["", "drone"], len(wanted)))
    end = (2600.0, 2500.0) if elsewhere else None
    teams = crew(2, max_travel_m=most_m, max_travel_s=most_s, end_xy=end, break_s=900.0)
    teams.append(replace(teams[0], name="T2", beat=-1, skills=("drone",), start_s=HOUR, end_s=6 * HOUR))
    plan, travel = planned(
        wanted, teams, iterations=30, seed=seed, spacing_s=spacing_s, fairness=fairness, cross_beats=bool(seed % 2)
    )
    found = judge_plan(plan, wanted, teams, travel, spacing_s=spacing_s, cross_beats=bool(seed % 2))
    assert found == []


def test_senseless_fairness_is_refused() -> None:
    for bad in ({"fairness": -1.0}, {"fairness": np.inf}, {"fair_in": "mood"}):
        with pytest.raises(InputError, match="fair_in work or worth"):
            PlanOptions(**bad)
