"""Each rule of the judge is seen red once: a sound plan is bent in one place, and the judge names that place."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gis.patrol import Plan, Team, TravelTimes, judge_plan
from gis.patrol.tours import PlannedStop, TeamTour
from tests.gis.patrol.patrol_maker import HOUR, crew, planned, town

Case = tuple[Plan, pd.DataFrame, list[Team], TravelTimes]


@pytest.fixture(scope="module")
def sound() -> Case:
    """Two teams, two beats, a break, some stops left out."""
    wanted = town(np.random.default_rng(4), stops=12).assign(outside=False)
    teams = crew(2, break_s=1200.0, break_to_s=4 * HOUR)
    plan, travel = planned(wanted, teams, iterations=200)
    assert judge_plan(plan, wanted, teams, travel) == []
    assert len(plan.teams[0].stops) > 8
    assert plan.unserved
    return plan, wanted, teams, travel


def with_tour(plan: Plan, change: Callable[[TeamTour], TeamTour]) -> Plan:
    return replace(plan, teams=(change(plan.teams[0]), *plan.teams[1:]))


def with_stop(plan: Plan, change: Callable[[PlannedStop], PlannedStop], at: int = 2) -> Plan:
    def bent(tour: TeamTour) -> TeamTour:
        stops = list(tour.stops)
        stops[at] = change(stops[at])
        return replace(tour, stops=tuple(stops))

    return with_tour(plan, bent)


def swapped(tour: TeamTour) -> TeamTour:
    stops = list(tour.stops)
    stops[2], stops[3] = replace(stops[3], order=3), replace(stops[2], order=4)
    return replace(tour, stops=tuple(stops))


def handed_over(plan: Plan) -> Plan:
    """A stop of the second beat in the first team's tour."""
    first, second = plan.teams
    alien = next(stop for stop in second.stops if stop.id.startswith("g"))
    stops = (*first.stops, replace(alien, order=len(first.stops) + 1))
    rest = tuple(stop for stop in second.stops if stop.id != alien.id)
    return replace(plan, teams=(replace(first, stops=stops), replace(second, stops=rest)))


BENT: dict[str, tuple[Callable[[Plan], Plan], str]] = {
    "a team vanishes": (lambda p: replace(p, teams=p.teams[:1]), "team"),
    "a stranger joins": (lambda p: replace(p, teams=(*p.teams, replace(p.teams[0], name="X", stops=()))), "team"),
    "a team changes its vehicle": (lambda p: with_tour(p, lambda t: replace(t, mode="car")), "team"),
    "a break is dropped": (
        lambda p: with_tour(p, lambda t: replace(t, stops=tuple(s for s in t.stops if s.kind != "break"))),
        "break",
    ),
    "a stop nobody wanted": (lambda p: with_stop(p, lambda s: replace(s, id="ghost")), "unknown_stop"),
    "a stop twice": (
        lambda p: with_tour(p, lambda t: replace(t, stops=(*t.stops, replace(t.stops[2], order=len(t.stops) + 1)))),
        "duplicate",
    ),
    "planned and left out": (
        lambda p: replace(p, unserved=(*p.unserved, replace(p.unserved[0], id=p.teams[0].stops[2].id))),
        "duplicate",
    ),
    "a wish forgotten": (lambda p: replace(p, unserved=p.unserved[1:]), "lost"),
    "no reason given": (
        lambda p: replace(p, unserved=(replace(p.unserved[0], reason_zh=""), *p.unserved[1:])),
        "reason",
    ),
    "two stops in the other order": (lambda p: with_tour(p, swapped), "travel"),
    "numbers out of order": (lambda p: with_stop(p, lambda s: replace(s, order=9)), "order"),
    "start before arrival": (lambda p: with_stop(p, lambda s: replace(s, start_s=s.arrive_s - 60)), "order"),
    "arrival faster than the way": (
        lambda p: with_stop(p, lambda s: replace(s, arrive_s=s.arrive_s - 400)),
        "travel",
    ),
    "a shorter way on paper": (lambda p: with_stop(p, lambda s: replace(s, travel_m=s.travel_m / 2)), "travel"),
    "a stop cut short": (lambda p: with_stop(p, lambda s: replace(s, leave_s=s.start_s + 60)), "dwell"),
    "after closing": (
        lambda p: with_stop(p, lambda s: replace(s, start_s=s.close_s + 600, leave_s=s.close_s + 1500)),
        "window",
    ),
    "home too late": (lambda p: with_tour(p, lambda t: replace(t, back_s=p.shift_s + 300)), "shift"),
    "out too early": (lambda p: with_tour(p, lambda t: replace(t, leave_s=-300.0)), "shift"),
    "home faster than the way": (
        lambda p: with_tour(p, lambda t: replace(t, back_s=t.stops[-1].leave_s)),
        "travel",
    ),
    "moved on the map": (lambda p: with_stop(p, lambda s: replace(s, x=s.x + 50)), "place"),
    "another worth": (lambda p: with_stop(p, lambda s: replace(s, worth=s.worth + 1)), "worth"),
    "must no longer": (lambda p: with_stop(p, lambda s: replace(s, must=not s.must)), "worth"),
    "a time that is no number": (lambda p: with_stop(p, lambda s: replace(s, arrive_s=float("nan"))), "number"),
    "another team's beat": (handed_over, "beat"),
    "travel does not add up": (lambda p: with_tour(p, lambda t: replace(t, travel_m=t.travel_m + 500)), "totals"),
    "worth does not add up": (
        lambda p: replace(p, totals=replace(p.totals, worth_served=p.totals.worth_served + 1)),
        "totals",
    ),
}


@pytest.mark.parametrize("name", BENT)
def test_a_bent_plan_is_caught(name: str, sound: Case) -> None:
    plan, wanted, teams, travel = sound
    bend, rule = BENT[name]
    found = judge_plan(bend(plan), wanted, teams, travel)
    assert rule in {violation.rule for violation in found}
    assert all(violation.zh and violation.en for violation in found)


def test_spacing_is_judged_by_the_rule_given(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    found = judge_plan(plan, wanted, teams, travel, spacing_s=4 * 3600)
    assert {violation.rule for violation in found} == {"spacing"}


def test_a_stop_outside_or_without_a_way_is_caught(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    one = plan.teams[0].stops[2].id
    moved = wanted.assign(outside=wanted["id"] == one)
    assert {violation.rule for violation in judge_plan(plan, moved, teams, travel)} == {"outside"}
    cut = travel.seconds.copy()
    cut[:, int(travel.rows(wanted.loc[wanted["id"] == one, ["x", "y"]].to_numpy())[0])] = np.inf
    rules = {v.rule for v in judge_plan(plan, wanted, teams, TravelTimes(travel.xy, cut, travel.metres))}
    assert "unreachable" in rules


def test_crossing_beats_is_no_fault_where_it_is_allowed(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    rules = {violation.rule for violation in judge_plan(handed_over(plan), wanted, teams, travel, cross_beats=True)}
    assert "beat" not in rules


def test_the_judge_shares_no_code_with_the_solver() -> None:
    """It may name the types it reads; it imports nothing that plans."""
    import ast
    from pathlib import Path

    import gis.patrol.judge as judge

    tree = ast.parse(Path(judge.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not {module for module in imported if module and module.startswith("gis")}
