"""A mixture of near-best plans keeps its promises: worth, the least visited place, and the draw that can be repeated."""

import json
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gis.errors import InputError
from gis.patrol import Team, TravelTimes, judge_plan
from gis.patrol.mix import Mix, MixOptions, draw, mix_plans, mixture
from gis.patrol.shift import Shift
from tests.gis.patrol.patrol_maker import SHIFT_S, crew, town, visit


def shift_of(wanted: pd.DataFrame, teams: list[Team], *, shift_s: float = SHIFT_S, **rules: Any) -> Shift:
    return Shift(wanted, teams, TravelTimes.straight(wanted, teams, mode="ebike"), shift_s, **rules)


@pytest.fixture(scope="module")
def city() -> Shift:
    return shift_of(town(np.random.default_rng(4), stops=24), crew())


@pytest.fixture(scope="module")
def mix(city: Shift) -> Mix:
    return mix_plans(city, options=MixOptions(plans=5, iterations=150))


def by_hand(seen: np.ndarray, worth: np.ndarray, least: float, steps: int) -> float:
    """The best guarantee on a lattice of probabilities: slow and obvious."""
    best = -1.0
    grid = [shares for shares in np.ndindex(*[steps + 1] * len(worth)) if sum(shares) == steps]
    for shares in np.array(grid) / steps:
        if shares @ worth >= least - 1e-9:
            best = max(best, float((seen @ shares).min()))
    return best


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), places=st.integers(1, 6), plans=st.integers(1, 3), slack=st.floats(0.0, 0.3))
def test_no_lattice_of_probabilities_does_better(seed: int, places: int, plans: int, slack: float) -> None:
    rng = np.random.default_rng(seed)
    seen = (rng.random((places, plans)) < 0.6).astype(float)
    worth = rng.uniform(50, 100, plans)
    least = (1 - slack) * worth.max()
    shares, guarantee = mixture(seen, worth, least)
    assert shares.sum() == pytest.approx(1)
    assert shares.min() >= 0
    assert shares @ worth >= least - 1e-6
    assert guarantee == pytest.approx((seen @ shares).min())
    lattice = by_hand(seen, worth, least, 40)
    # Between two points of the lattice the optimum may lie higher, by at most what a step is.
    assert lattice - 1e-6 <= guarantee <= lattice + plans / 40 + 1e-6


def test_two_plans_that_share_nothing_are_drawn_half_and_half() -> None:
    shares, guarantee = mixture(np.eye(2), np.array([10.0, 10.0]), 9.0)
    assert shares == pytest.approx([0.5, 0.5])
    assert guarantee == pytest.approx(0.5)


def test_the_bound_on_worth_limits_the_guarantee() -> None:
    """Plans of worth 10 and 8; at least 9.5 is asked for, so the second gets 1/4 at most."""
    shares, guarantee = mixture(np.eye(2), np.array([10.0, 8.0]), 9.5)
    assert shares == pytest.approx([0.75, 0.25])
    assert guarantee == pytest.approx(0.25)


def test_of_equal_guarantees_the_rarest_plan_gets_the_most() -> None:
    """Every plan visits the only place, so any probabilities give the guarantee; even ones are the least predictable."""
    shares, guarantee = mixture(np.ones((1, 4)), np.full(4, 5.0), 4.0)
    assert guarantee == pytest.approx(1.0)
    assert shares == pytest.approx([0.25] * 4)


def test_every_plan_of_a_mixture_is_near_the_best_and_passes_the_judge(mix: Mix, city: Shift) -> None:
    assert 2 <= len(mix.plans) <= 5
    assert mix.best_worth == max(plan.totals.worth_served for plan in mix.plans)
    for plan in mix.plans:
        assert judge_plan(plan, city.stops, city.teams, city.travel) == []
        assert plan.totals.worth_served >= (1 - mix.options.each_eps) * mix.best_worth - 1e-9
        assert plan.totals.must_served == mix.plans[0].totals.must_served
    tours = {tuple(tuple(stop.id for stop in tour.stops) for tour in plan.teams) for plan in mix.plans}
    assert len(tours) == len(mix.plans)


def test_the_promises_hold_when_counted_again(mix: Mix) -> None:
    visited = [{stop.stop for tour in plan.teams for stop in tour.stops} for plan in mix.plans]
    worth = sum(p * plan.totals.worth_served for p, plan in zip(mix.probabilities, mix.plans, strict=True))
    assert worth == pytest.approx(mix.expected_worth)
    assert worth >= (1 - mix.options.mean_eps) * mix.best_worth - 1e-6
    for item in mix.chances:
        chance = sum(p for p, places in zip(mix.probabilities, visited, strict=True) if item.stop in places)
        assert chance == pytest.approx(item.chance)
    assert mix.guarantee == pytest.approx(min(item.chance for item in mix.chances))
    assert mix.guarantee > 0
    assert mix.guarantee >= mix.fixed_least or mix.fixed_least == 1
    assert mix.places_mixed == len(set().union(*visited))
    assert mix.entropy_bits == pytest.approx(-sum(p * np.log2(p) for p in mix.probabilities if p > 0))
    assert 0 <= mix.entropy_bits <= mix.most_bits + 1e-9
    assert f"{mix.places_mixed} of {mix.places_wanted} places" in mix.en


def test_places_shut_out_of_the_best_plan_are_let_in() -> None:
    """Six places of nearly the same worth, time for some of them: the best plan leaves the same ones out every day."""
    rng = np.random.default_rng(2)
    wanted = pd.DataFrame(
        [
            visit(f"p{i}", *(2000 * np.array([np.cos(i), np.sin(i)])), worth=float(rng.uniform(9.6, 10)))
            for i in range(6)
        ]
    )
    shift = shift_of(wanted, [Team("一队", (0.0, 0.0), mode="ebike")], shift_s=1.6 * 3600)
    options = MixOptions(plans=12, iterations=60, each_eps=0.05, mean_eps=0.05)
    mix = mix_plans(shift, options=options)
    assert mix.plans[0].totals.stops_served < 6
    assert mix.places_mixed == 6
    assert mix.guarantee == pytest.approx(optimal_guarantee(shift, options), abs=0.02)


def optimal_guarantee(shift: Shift, options: MixOptions) -> float:
    """Over every tour of one team that can be walked and is near the best: brute force."""
    team, rows = shift.teams[0], list(shift.visits.values())
    found: dict[frozenset[str], float] = {}
    for count in range(1, len(rows) + 1):
        for order in permutations(rows, count):
            here, now = team.start_xy, 0.0
            for row in order:
                there = (row["x"], row["y"])
                now += shift.way(team, here, there)[0] + row["dwell_s"]
                here = there
            if now + shift.way(team, here, team.start_xy)[0] <= shift.shift_s:
                found[frozenset(row["stop"] for row in order)] = sum(row["worth"] for row in order)
    best = max(found.values())
    near = [places for places, worth in found.items() if worth >= (1 - options.each_eps) * best - 1e-9]
    worth = np.array([found[places] for places in near])
    seen = np.array([[row["stop"] in places for places in near] for row in rows], dtype=float)
    limits = np.vstack([np.append(-worth, 0), np.column_stack([-seen, np.ones(len(rows))])])
    right = [-(1 - options.mean_eps) * best, *[0.0] * len(rows)]
    whole = np.append(np.ones(len(near)), 0)[None, :]
    goal = np.append(np.zeros(len(near)), -1.0)
    return float(linprog(goal, A_ub=limits, b_ub=right, A_eq=whole, b_eq=[1.0]).x[-1])


def test_the_draw_can_be_repeated_and_follows_the_probabilities(mix: Mix) -> None:
    again = Mix.from_dict(json.loads(json.dumps(mix.to_dict(), allow_nan=False)))
    numbers = [draw(mix, seed).number for seed in range(4000)]
    assert numbers[:50] == [draw(again, seed).number for seed in range(50)]
    share = np.bincount(numbers, minlength=len(mix.plans)) / len(numbers)
    assert np.abs(share - mix.probabilities).max() < 0.04
    one = draw(mix, 7)
    assert (one.seed, one.plan) == (7, mix.plans[one.number])


def test_the_same_seed_gives_the_same_mixture(city: Shift, mix: Mix) -> None:
    told: list[float] = []
    assert mix_plans(city, options=mix.options, progress=told.append) == mix
    assert told[-1] == 1.0
    assert told == sorted(told)


def test_options_that_make_no_sense_are_refused() -> None:
    for values in ({"plans": 0}, {"mean_eps": 0.2}, {"each_eps": 1.0}, {"perturb": -1.0}, {"iterations": 0}):
        with pytest.raises(InputError, match="make no sense"):
            MixOptions(**values)
    with pytest.raises(InputError, match="no plans to mix"):
        mixture(np.zeros((0, 0)), np.zeros(0), 0.0)
    with pytest.raises(InputError, match="No mixture reaches"):
        mixture(np.eye(2), np.ones(2), 5.0)
