"""Putting a visit in moves on only what must move: the tour it leaves is the one that plain timing from the start gives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.patrol import Team
from gis.patrol._engines import rested
from gis.patrol._price import insert, price
from gis.patrol._search import reset
from gis.patrol._state import Problem, Tours, sound, unserved
from gis.patrol._wishes import wishes_of
from gis.patrol.options import PlanOptions
from gis.patrol.travel import TravelTimes
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, visit

BASE = (0.0, 0.0)


def shift(seed: int, *, fair_in: str = "work", one_way: bool = False) -> tuple[Problem, Tours]:
    """Twenty-five stops, many with windows that make teams wait, and two teams; ``one_way``: ways back take longer."""
    rng = np.random.default_rng(seed)
    opens = rng.uniform(0, 6 * HOUR, 25) * (rng.random(25) < 0.7)
    wanted = pd.DataFrame([
        visit(f"v{i}", *rng.uniform(-3000, 3000, 2), worth=rng.uniform(1, 3), open_s=opens[i], close_s=opens[i] + HOUR)
        for i in range(25)
    ])  # fmt: skip
    teams = [Team(name, BASE, mode="ebike", max_travel_m=60_000.0) for name in ("一队", "二队")]
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    if one_way:
        travel = TravelTimes(travel.xy, travel.seconds + 60.0 * np.tri(len(travel.xy), k=-1), travel.metres)
    options = PlanOptions(weigh_ways=True, spacing_s=0.0, fairness=0.2, fair_in=fair_in)
    wishes = wishes_of(wanted, teams, SHIFT_S, travel, options)
    return wishes.problem, rested(wishes)


def timed_anew(problem: Problem, tours: Tours) -> Tours:
    fresh = Tours(*(field.copy() for field in tours))
    reset(problem, fresh)
    return fresh


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), fair_in=st.sampled_from(["work", "worth"]), one_way=st.booleans())
def test_after_each_visit_put_in_times_and_sums_are_those_of_plain_timing(
    seed: int, fair_in: str, one_way: bool
) -> None:
    problem, tours = shift(seed, fair_in=fair_in, one_way=one_way)
    rng = np.random.default_rng(seed)
    for _ in range(25):
        r, left = int(rng.integers(2)), unserved(problem, tours)
        price(problem, tours, r, left)
        fits = left[np.isfinite(tours.cost[r, left])]
        if not len(fits):
            continue
        insert(problem, tours, r, int(rng.choice(fits)))
        plain = timed_anew(problem, tours)
        for r in range(2):
            until = tours.size[r] + 1
            for name in ("start", "leg"):
                assert getattr(tours, name)[r, :until].tolist() == getattr(plain, name)[r, :until].tolist()
            assert tours.slack[r, :until] == pytest.approx(plain.slack[r, :until], abs=1e-6)
        for name in ("gone_s", "gone_m", "earned", "load"):
            assert getattr(tours, name) == pytest.approx(getattr(plain, name))
        held = np.sort(np.concatenate([tours.visit[r, : tours.size[r]] for r in range(2)]))
        assert held.tolist() == np.flatnonzero(tours.team >= 0).tolist()
        assert all(tours.visit[tours.team[v], tours.at[v]] == v for v in held)
        assert sound(problem, tours)
    assert tours.size.sum() > 5


def test_ways_back_are_the_ways_there_only_where_they_are_as_long() -> None:
    for one_way in (False, True):
        problem, _ = shift(1, one_way=one_way)
        assert (problem.into is problem.travel) is not one_way
        assert np.array_equal(problem.into, problem.travel.transpose(0, 2, 1))
