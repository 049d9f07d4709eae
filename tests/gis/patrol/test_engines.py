"""Two engines: what PyVRP is asked, that its answer obeys our rules, and that the better of both is kept."""

from itertools import pairwise, permutations
from threading import active_count
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.patrol import Team, TravelTimes, judge_plan, plan_patrol
from gis.patrol import _pyvrp as peer
from gis.patrol._engines import ROUNDS_A_STEP, better, rested
from gis.patrol._search import measure, reset
from gis.patrol._state import Tours, empty_tours
from gis.patrol._wishes import Wishes, wishes_of
from gis.patrol.options import PlanOptions
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, crew, planned, repeated, town, visit

BASE = (0.0, 0.0)


def asked(stops: pd.DataFrame, teams: list[Team], **options: Any) -> Wishes:
    travel = TravelTimes.straight(stops, teams, mode="ebike")
    return wishes_of(stops, teams, SHIFT_S, travel, PlanOptions(**options))


def answer(wishes: Wishes, *, iterations: int, seed: int = 1) -> tuple[Tours, list[tuple[int, list[int], list[int]]]]:
    """PyVRP's own best after some iterations: as our tours, and as its routes."""
    model = peer.model_of(wishes.problem)
    assert model is not None
    found: list[Any] = []
    left = iter(range(iterations))
    peer.search(model, lambda _cost: next(left, None) is None, found.append, seed=seed)
    tours = empty_tours(len(wishes.problem.loc), len(wishes.teams))
    peer.take_over(wishes.problem, tours, model, found[-1])
    reset(wishes.problem, tours)
    return tours, peer.routes_of(model, found[-1])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rest=st.booleans())
def test_what_pyvrp_finds_feasible_fits_our_rules_without_spacing(seed: int, rest: bool) -> None:
    """Rounding goes the safe way: not one visit is lost on the way over."""
    wanted = town(np.random.default_rng(seed), stops=6, beats=2)
    wishes = asked(wanted, crew(2, break_s=1200.0 if rest else 0.0), spacing_s=0.0)
    tours, routes = answer(wishes, iterations=10, seed=seed)
    assert int(tours.size.sum()) == sum(len(visits) for _, visits, _ in routes)
    assert tours.size.sum() > 0


def test_a_better_answer_of_pyvrp_is_never_thrown_away() -> None:
    rng = np.random.default_rng(8)
    wanted = pd.DataFrame([visit(f"v{i}", *rng.uniform(0, 9000, 2)) for i in range(40)])
    teams = crew(3)
    plan, _ = planned(wanted, teams, iterations=400, spacing_s=0.0)
    alone, _ = answer(asked(wanted, teams, spacing_s=0.0), iterations=400 // ROUNDS_A_STEP)
    worth, seconds = measure(asked(wanted, teams, spacing_s=0.0).problem, alone)
    assert (plan.totals.worth_served, -plan.totals.travel_s) >= (pytest.approx(worth), -seconds - 1e-6)
    assert plan.method in {"lns", "pyvrp", "pyvrp+lns"}


def test_pyvrp_wins_where_our_search_has_no_rounds_to_speak_of() -> None:
    """Eight rounds of ours against one of PyVRP's with its full local search before it."""
    rng = np.random.default_rng(3)
    wanted = pd.DataFrame([visit(f"v{i}", *rng.uniform(0, 9000, 2)) for i in range(60)])
    teams = crew(4)
    both, travel = planned(wanted, teams, iterations=8, spacing_s=0.0)
    own, _ = planned(wanted, teams, iterations=8, spacing_s=0.0, engines="lns")
    assert both.method.startswith("pyvrp")
    assert own.method == "lns"
    assert both.totals.travel_s < own.totals.travel_s
    assert both.totals.worth_served >= own.totals.worth_served
    assert judge_plan(both, wanted, teams, travel, spacing_s=0.0) == []


def test_windows_of_one_place_are_narrowed_until_they_keep_the_spacing() -> None:
    """Two-hour parts, closing 15 minutes early: the middle between 6,300 and 7,200 s less and plus 45 minutes."""
    wishes = asked(pd.DataFrame(repeated("g", 500, 0, 4.0)), crew(1))
    opens, closes = peer._apart(wishes.problem)
    assert closes[:2].tolist() == [4050.0, 11250.0]
    assert opens[:3].tolist() == [0.0, 9450.0, 16650.0]
    assert (opens[1:] - closes[:-1] >= 5400.0).all()


def test_windows_without_room_for_the_spacing_stay_and_the_spacing_is_kept_when_taken_over() -> None:
    wanted = pd.DataFrame([visit(f"g{turn}", 500, 0, stop="g", close_s=HOUR) for turn in range(3)])
    wishes = asked(wanted, crew(2))
    opens, closes = peer._apart(wishes.problem)
    assert (opens.max(), closes.min()) == (0.0, HOUR)
    tours, routes = answer(wishes, iterations=5)
    assert sum(len(visits) for _, visits, _ in routes) > 1
    assert tours.size.sum() == 1


def test_teams_that_are_alike_are_one_vehicle_type_and_others_are_not() -> None:
    wanted = pd.DataFrame([visit("a", 100, 0, skills="drone"), visit("b", 0, 200)])
    teams = [
        Team("a", BASE), Team("b", BASE), Team("c", BASE, skills=("drone",)), Team("d", BASE, end_s=4 * HOUR),
        Team("e", BASE, max_travel_s=900.0),
    ]  # fmt: skip
    model = peer.model_of(wishes_of(wanted, teams, SHIFT_S, TravelTimes.straight(wanted, teams), PlanOptions()).problem)
    assert model is not None
    assert sorted(model.crews) == [(0, 1), (2,), (3,), (4,)]
    assert {kind.num_available for kind in model.data.vehicle_types()} == {1, 2}


def test_a_model_with_barred_places_ends() -> None:
    """PyVRP's own mark of a missing edge, beside its largest penalty, overflows and its search never ends."""
    wanted = town(np.random.default_rng(1), stops=6).assign(skills="drone")
    teams = [*crew(2, break_s=900.0), Team("able", (2500.0, 2500.0), mode="ebike", skills=("drone",))]
    tours, _ = answer(asked(wanted, teams), iterations=20)
    held = tours.team[: len(wanted)]
    assert set(held[held >= 0]) == {2}


def test_nothing_that_can_be_served_is_no_model() -> None:
    assert peer.model_of(asked(pd.DataFrame([visit("a", 0, 0, skills="rope")]), crew(1)).problem) is None


def test_who_stops_watching_stops_both_engines() -> None:
    wanted = town(np.random.default_rng(2), stops=10)
    teams, before = crew(), active_count()
    travel = TravelTimes.straight(wanted, teams, mode="ebike")

    def enough(_done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan_patrol(
            wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=10**9), progress=enough
        )
    assert active_count() == before


@pytest.mark.parametrize("seed", range(3))
def test_where_everything_fits_our_own_tour_is_the_shortest_of_all_orders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = pd.DataFrame([visit(f"v{i}", *rng.uniform(0, 3000, 2), worth=float(i + 1)) for i in range(6)])
    team = [Team("一队", BASE, mode="ebike")]
    plan, travel = planned(wanted, team, iterations=300, spacing_s=0.0, engines="lns")
    rows = travel.rows(np.vstack([[BASE], wanted[["x", "y"]].to_numpy()]))
    way = travel.seconds[np.ix_(rows, rows)]
    shortest = min(sum(way[a, b] for a, b in pairwise((0, *order, 0))) for order in permutations(range(1, len(rows))))
    assert plan.totals.visits_served == 6
    assert plan.totals.travel_s == pytest.approx(shortest)


def test_tours_with_less_travel_are_better_only_at_equal_worth() -> None:
    wanted = pd.DataFrame([visit("near", 100, 0), visit("far", 4000, 0, worth=2.0)])
    wishes = asked(wanted, crew(1, start_lonlat=None))
    near, far = rested(wishes), rested(wishes)
    for tours, v in ((near, 0), (far, 1)):
        tours.visit[0, 0], tours.size[0] = v, 1
        reset(wishes.problem, tours)
    assert better(wishes.problem, far, near)
    assert not better(wishes.problem, near, far)
    assert not better(wishes.problem, near, near)


def test_an_engine_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError):
        PlanOptions(engines="magic")  # type: ignore[arg-type]
