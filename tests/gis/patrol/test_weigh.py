"""Ways weighed against worth: what is not worth its way stays out, what is worth it together comes in, rules stay rules."""

from itertools import chain, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.patrol import Plan, Team, judge_plan
from gis.patrol._engines import better, rested
from gis.patrol._search import reset
from gis.patrol._wishes import wishes_of
from gis.patrol.options import PlanOptions
from gis.patrol.travel import TravelTimes
from tests.gis.patrol.patrol_maker import SHIFT_S, crew, planned, town, visit

BASE = (0.0, 0.0)


def served(plan: Plan) -> set[str]:
    return {stop.id for team in plan.teams for stop in team.stops}


def pair() -> tuple[pd.DataFrame, list[Team]]:
    """Equal worth, one 500 m away, one 8 km: 64 minutes of way there and back."""
    wanted = pd.DataFrame([visit("near", 500, 0), visit("far", -8000, 0)])
    return wanted, [Team("一队", BASE, mode="ebike")]


@pytest.mark.parametrize("engines", ["both", "lns"])
def test_a_stop_that_is_not_worth_its_way_stays_out_and_the_reason_says_so(engines: str) -> None:
    """At 0.2 of a mean worth for ten minutes, the far stop's way costs 1.28 times what it brings."""
    wanted, teams = pair()
    plan, _ = planned(wanted, teams, weigh_ways=True, travel_worth=0.2, engines=engines)
    assert served(plan) == {"near"}
    assert "way" in plan.unserved[0].reason_en


@pytest.mark.parametrize("options", [{"weigh_ways": True, "travel_worth": 0.1}, {"travel_worth": 0.2}])
def test_worth_comes_first_unless_ways_are_weighed_and_dear(options: dict[str, object]) -> None:
    wanted, teams = pair()
    plan, _ = planned(wanted, teams, **options)
    assert served(plan) == {"near", "far"}


def test_stops_that_are_worth_the_way_only_together_are_found() -> None:
    """Any one of the five alone costs more than it brings; so a tour has to begin at a loss."""
    wanted = pd.DataFrame([visit(f"v{i}", 8000 + 100 * i, 0) for i in range(5)])
    plan, _ = planned(wanted, [Team("一队", BASE, mode="ebike")], weigh_ways=True, travel_worth=0.2, engines="lns")
    assert len(served(plan)) == 5


def test_a_must_visit_is_made_at_any_price_and_a_break_taken() -> None:
    wanted = pd.DataFrame([visit("must", 8000, 0, must=True, worth=0.1), visit("other", 9000, 100, worth=0.1)])
    teams = [Team("一队", BASE, mode="ebike", break_s=900.0, break_from_s=7200.0, break_to_s=20_000.0)]
    plan, travel = planned(wanted, teams, weigh_ways=True, travel_worth=50.0)
    assert "must" in served(plan)
    assert any(stop.kind == "break" for stop in plan.teams[0].stops)
    assert judge_plan(plan, wanted, teams, travel) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_is_the_best_of_all_subsets_in_all_orders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = pd.DataFrame([visit(f"v{i}", *rng.uniform(-6000, 6000, 2), worth=rng.uniform(1, 3)) for i in range(5)])
    team = [Team("一队", BASE, mode="ebike")]
    plan, travel = planned(
        wanted, team, iterations=300, spacing_s=0.0, weigh_ways=True, travel_worth=0.3, engines="lns"
    )
    rows = travel.rows(np.vstack([[BASE], wanted[["x", "y"]].to_numpy()]))
    way, worth = travel.seconds[np.ix_(rows, rows)], wanted["worth"].to_numpy()
    price = 0.3 * worth.mean() / 600.0
    every = chain.from_iterable(permutations(range(5), size) for size in range(6))
    best = 0.0
    for order in every:
        path = [0, *(stop + 1 for stop in order), 0]
        gone = float(way[path[:-1], path[1:]].sum())
        if gone + 900.0 * len(order) <= SHIFT_S:
            best = max(best, float(worth[list(order)].sum()) - price * gone)
    assert plan.totals.worth_served - price * plan.totals.travel_s == pytest.approx(best)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), spacing_s=st.sampled_from([0.0, 5400.0]), rest=st.booleans(), bound=st.booleans())
def test_every_plan_that_weighs_ways_is_feasible_by_the_judge(
    seed: int, spacing_s: float, rest: bool, bound: bool
) -> None:
    wanted = town(np.random.default_rng(seed), stops=8)
    teams = crew(3, break_s=1200.0 if rest else 0.0, max_travel_m=9000.0 if bound else None)
    plan, travel = planned(
        wanted,
        teams,
        iterations=40,
        spacing_s=spacing_s,
        seed=seed,
        weigh_ways=True,
        travel_worth=0.5,
        cross_beats=True,
    )
    assert judge_plan(plan, wanted, teams, travel, spacing_s=spacing_s, cross_beats=True) == []


def test_tours_are_compared_by_worth_less_their_ways() -> None:
    """The far stop brings more, and its way takes more than that away."""
    wanted = pd.DataFrame([visit("near", 100, 0), visit("far", 8000, 0, worth=1.2)])
    teams = [Team("一队", BASE, mode="ebike")]
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    wishes = wishes_of(wanted, teams, SHIFT_S, travel, PlanOptions(weigh_ways=True, travel_worth=0.2))
    near, far = rested(wishes), rested(wishes)
    for tours, v in ((near, 0), (far, 1)):
        tours.visit[0, 0], tours.size[0] = v, 1
        reset(wishes.problem, tours)
    assert better(wishes.problem, near, far)
    assert not better(wishes.problem, far, near)
