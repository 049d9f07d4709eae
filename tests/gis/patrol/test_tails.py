"""Teams that are alike exchange tails: only where all are on time, nothing is lost, and the ways get shorter."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.patrol import Team, judge_plan
from gis.patrol._engines import rested
from gis.patrol._search import reset
from gis.patrol._state import Problem, Tours, sound
from gis.patrol._tails import exchange_tails
from gis.patrol._wishes import wishes_of
from gis.patrol.options import PlanOptions
from gis.patrol.travel import TravelTimes
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, planned, visit

BASE = (0.0, 0.0)


def pair(**values: Any) -> list[Team]:
    return [Team(name, BASE, mode="ebike", **values) for name in ("一队", "二队")]


def crossed(
    teams: list[Team], *, closes: float = SHIFT_S - 900.0, spacing_s: float = 0.0
) -> tuple[Problem, Tours, Tours]:
    """Two stops in the west and two in the east; each team makes one there, then one here."""
    wanted = pd.DataFrame([visit(n, x, y, close_s=closes) for n, x, y in (
        ("w1", -4000, 0), ("w2", -4500, 0), ("e1", 4000, 0), ("e2", 4500, 0)
    )])  # fmt: skip
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    wishes = wishes_of(wanted, teams, SHIFT_S, travel, PlanOptions(weigh_ways=True, spacing_s=spacing_s))
    before, tours = rested(wishes), rested(wishes)
    for r, order in enumerate(([0, 3], [2, 1])):
        tours.visit[r, :2], tours.size[r] = order, 2
    reset(wishes.problem, tours)
    return wishes.problem, before, tours


def exchanged(problem: Problem, before: Tours, tours: Tours) -> np.ndarray:
    touched = np.ones(len(tours.size), dtype=np.bool_)
    exchange_tails(problem, before, tours, touched, 0.0)
    return tours.visit[:, : tours.size.max()]


def test_crossed_tours_are_uncrossed_and_stay_whole() -> None:
    problem, before, tours = crossed(pair())
    gone = tours.gone_s.sum()
    assert exchanged(problem, before, tours).tolist() == [[0, 1], [2, 3]]
    assert tours.gone_s.sum() < gone
    assert tours.team.tolist() == [0, 0, 1, 1]
    assert sound(problem, tours)


def test_teams_that_differ_keep_their_tails() -> None:
    teams = [Team("一队", BASE, mode="ebike"), Team("二队", BASE, mode="ebike", skills=("犬",))]
    assert exchanged(*crossed(teams)).tolist() == [[0, 3], [2, 1]]


def test_nothing_is_exchanged_where_visits_of_one_stop_are_bound_to_each_other() -> None:
    assert exchanged(*crossed(pair(), spacing_s=5400.0)).tolist() == [[0, 3], [2, 1]]


def test_a_break_stays_with_its_team() -> None:
    """Both teams are alike, so their breaks are too; the tails hold them."""
    teams = pair(break_s=900.0, break_from_s=0.0, break_to_s=SHIFT_S - 900.0)
    problem, before, tours = crossed(teams)
    for r, order in enumerate(([0, 3, 4], [2, 1, 5])):
        tours.visit[r, :3], tours.size[r] = order, 3
    reset(problem, tours)
    exchanged(problem, before, tours)
    assert tours.team[4:].tolist() == [0, 1]


def test_a_team_travels_no_further_than_it_may_after_an_exchange() -> None:
    """Within the bound as they stand, the two short tours are both allowed; the long ones are not asked for."""
    problem, before, tours = crossed(pair(max_travel_m=40_000.0))
    exchanged(problem, before, tours)
    assert sound(problem, tours)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), rest=st.booleans(), bound=st.booleans())
def test_every_plan_of_teams_that_are_alike_is_feasible_and_comes_again(seed: int, rest: bool, bound: bool) -> None:
    rng = np.random.default_rng(seed)
    opens = rng.uniform(0, 5 * HOUR, 30)
    wanted = pd.DataFrame([
        visit(f"v{i}", *rng.uniform(-5000, 5000, 2), worth=rng.uniform(1, 3), open_s=opens[i], close_s=opens[i] + 2 * HOUR)
        for i in range(30)
    ])  # fmt: skip
    teams = [
        Team(f"T{r}", BASE, mode="ebike", break_s=1200.0 if rest else 0.0, max_travel_m=30_000.0 if bound else None)
        for r in range(3)
    ]
    options: dict[str, Any] = {
        "iterations": 120, "spacing_s": 0.0, "seed": seed, "weigh_ways": True, "travel_worth": 0.2, "engines": "lns",
    }  # fmt: skip
    plan, travel = planned(wanted, teams, **options)
    assert judge_plan(plan, wanted, teams, travel, spacing_s=0.0) == []
    again, _ = planned(wanted, teams, **options)
    assert [team.stops for team in again.teams] == [team.stops for team in plan.teams]


@pytest.mark.parametrize("loss", [0.0, 5000.0])
def test_an_exchange_loses_no_more_than_it_may(loss: float) -> None:
    problem, before, tours = crossed(pair())
    exchanged(problem, before, tours)
    gone = tours.gone_s.sum()
    exchange_tails(problem, before, tours, np.ones(2, dtype=np.bool_), loss)
    assert tours.gone_s.sum() <= gone + loss
    assert sorted(tours.visit[:, :2].ravel()) == [0, 1, 2, 3] or tours.size.sum() == 4
