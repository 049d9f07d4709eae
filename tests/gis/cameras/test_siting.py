"""Where the next cameras belong: equal to brute force on small problems, never above its bound, and clear about limits."""

from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, random_array
from scipy.spatial import KDTree

from gis.cameras import _models
from gis.cameras.siting import SitingProblem, fewest, most_covered, p_median
from gis.errors import InputError, ShapeError

DATA = Path(__file__).parents[2] / "data" / "siting"


def small(
    seed: int, *, candidates: int = 9, demands: int = 25, costs: bool = False, poles: bool = False
) -> SitingProblem:
    rng = np.random.default_rng(seed)
    return SitingProblem.of(
        csr_array(random_array((candidates, demands), density=0.25, rng=rng)),
        rng.integers(0, 9, demands),
        cost=rng.integers(1, 5, candidates) if costs else None,
        group=rng.integers(0, 4, candidates) if poles else None,
        already=rng.integers(0, 3, demands) * (rng.random(demands) < 0.3),
    )


def choices(problem: SitingProblem) -> list[np.ndarray]:
    rows = range(len(problem.cost))
    every = chain.from_iterable(combinations(rows, size) for size in range(len(problem.cost) + 1))
    return [
        np.array(each, dtype=np.int64)
        for each in every
        if len(np.unique(problem.group[list(each)])) == len(each)
    ]  # fmt: skip


@pytest.mark.parametrize("backup", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_the_answer_is_the_best_of_all_choices(seed: int, backup: float) -> None:
    problem = small(seed, poles=bool(seed % 2))
    best = max(problem.covered(each, backup) for each in choices(problem) if len(each) <= 3)
    found = most_covered(problem, count=3, backup=backup, seconds=0.2, prove=True)
    assert found.proven
    assert found.covered == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    assert len(np.unique(problem.group[found.chosen])) == len(found.chosen) <= 3


@pytest.mark.parametrize("seed", range(6))
def test_a_budget_is_kept_and_spent_best(seed: int) -> None:
    problem = small(seed, costs=True, poles=bool(seed % 2))
    best = max(problem.covered(each) for each in choices(problem) if problem.cost[each].sum() <= 6)
    found = most_covered(problem, budget=6.0, seconds=0.3, prove=True)
    assert found.cost == problem.cost[found.chosen].sum() <= 6
    assert found.covered == pytest.approx(best)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from([0.0, 0.3, 1.0]), st.booleans())
def test_no_choice_lies_above_the_bound_nor_below_greedy(seed: int, count: int, backup: float, costs: bool) -> None:
    problem = small(seed, candidates=7, costs=costs, poles=True)
    limit = {"budget": 2.0 * count} if costs else {"count": count}
    found = most_covered(problem, backup=backup, seconds=0.02, seed=seed, **limit)  # type: ignore[arg-type]
    spent = problem.cost if costs else np.ones(7)
    allowed = [each for each in choices(problem) if spent[each].sum() <= (2.0 * count if costs else count)]
    best = max(problem.covered(each, backup) for each in allowed)
    assert found.already <= found.covered <= best + 1e-6 <= found.bound + 2e-6
    assert found.covered == pytest.approx(problem.covered(found.chosen, backup))


def test_gains_in_order_add_up_and_never_grow() -> None:
    found = most_covered(small(3, candidates=20, demands=80), count=6, seconds=0.2)
    assert found.gains.sum() == pytest.approx(found.covered - found.already)
    assert (np.diff(found.gains) <= 1e-9).all()


def test_what_existing_cameras_see_is_not_bought_again() -> None:
    problem = SitingProblem.of(csr_array(np.eye(2)), [9.0, 1.0], already=[1, 0])
    found = most_covered(problem, count=1, seconds=0.1)
    assert found.chosen.tolist() == [1]
    assert (found.already, found.covered, found.total) == (9, 10, 10)


def test_a_second_camera_is_chosen_where_its_worth_is_greater() -> None:
    problem = SitingProblem.of(csr_array(np.eye(2)), [9.0, 1.0], already=[1, 0])
    assert most_covered(problem, count=1, backup=0.5, seconds=0.1).chosen.tolist() == [0]


def test_the_same_seed_gives_the_same_answer_where_the_bound_is_met() -> None:
    problem = small(11, candidates=30, demands=120)
    one, other = (most_covered(problem, count=5, seconds=1.0, seed=2) for _ in range(2))
    assert one.covered == other.covered


def test_the_time_is_kept_and_the_search_stops_early_where_the_bound_is_met() -> None:
    hard = SitingProblem.of(
        csr_array(random_array((300, 2000), density=0.02, rng=np.random.default_rng(1))), np.ones(2000)
    )
    easy = SitingProblem.of(csr_array(np.eye(40)), np.ones(40))
    most_covered(hard, count=2, seconds=0.1)  # compiles
    found = most_covered(hard, count=15, seconds=0.8)
    assert not found.proven
    assert 0.7 < found.seconds < 1.1
    assert most_covered(easy, count=9, seconds=5.0).seconds < 1.0


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_fewest_are_as_few_as_brute_force_finds(seed: int, share: float) -> None:
    problem = small(seed, costs=bool(seed % 2))
    found = fewest(problem, share=share)
    wanted = share * (found.total - found.unreachable)
    best = min(problem.cost[each].sum() for each in choices(problem) if problem.covered(each) >= wanted - 1e-9)
    assert found.proven
    assert found.covered >= wanted - 1e-6
    assert found.cost == pytest.approx(best)


def test_demand_that_no_candidate_sees_is_told() -> None:
    found = fewest(SitingProblem.of(csr_array(np.array([[1, 0, 0]])), [2.0, 5.0, 1.0], already=[0, 0, 1]))
    assert (found.unreachable, found.total, found.covered) == (5, 8, 3)
    assert found.missed.tolist() == [1]
    assert found.chosen.tolist() == [0]
    assert found.enough


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.4, 0.9, 1.0]))
def test_without_a_proof_the_fewest_lie_between_bound_and_greedy(seed: int, share: float) -> None:
    problem = small(seed, candidates=8, costs=bool(seed % 2))
    found = fewest(problem, share=share, prove=False)
    wanted = share * (found.total - found.unreachable)
    best = min(problem.cost[each].sum() for each in choices(problem) if problem.covered(each) >= wanted - 1e-9)
    assert found.enough
    assert found.bound - 1e-6 <= best <= found.cost
    assert not found.proven or found.cost == pytest.approx(best)


def test_poles_that_shut_each_other_out_are_no_proof() -> None:
    problem = SitingProblem.of(csr_array(np.eye(2)), [1.0, 1.0], group=[0, 0])
    found = fewest(problem)
    assert (found.covered, found.wanted, found.enough, found.proven) == (1, 2, False, False)


def test_nothing_to_cover_needs_no_camera() -> None:
    found = fewest(SitingProblem.of(csr_array(np.eye(2)), [0.0, 0.0]))
    assert (len(found.chosen), found.cost, found.proven) == (0, 0, True)


@pytest.mark.parametrize("asked", [{"share": -0.1}, {"share": 1.1}, {"share": float("nan")}, {"seconds": 0.0}])
def test_shares_that_make_no_sense_are_refused(asked: dict[str, float]) -> None:
    with pytest.raises(InputError):
        fewest(small(0), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(("radius", "count", "optimum"), [(300, 6, 2015), (450, 5, 2880), (800, 3, 3700)])
def test_known_optima_of_the_excerpt_are_reached_with_a_small_gap(radius: int, count: int, optimum: int) -> None:
    demand, sites = pd.read_csv(DATA / "demand.csv"), pd.read_csv(DATA / "sites.csv")
    near = KDTree(demand[["x_m", "y_m"]]).query_ball_point(sites[["x_m", "y_m"]].to_numpy(), radius)
    site = np.repeat(np.arange(len(sites)), [len(each) for each in near])
    covers = csr_array((np.ones(len(site)), (site, np.concatenate(near).astype(int))), shape=(len(sites), len(demand)))
    found = most_covered(SitingProblem.of(covers, demand["weight"]), count=count, seconds=1.0)
    assert found.covered == optimum <= found.bound
    assert found.gap <= 0.002


def test_medians_are_those_of_brute_force_and_the_bound_holds() -> None:
    rng = np.random.default_rng(5)
    for _ in range(5):
        at = rng.uniform(0, 100, (14, 2))
        table = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)).round()
        weight = rng.integers(1, 6, 14)
        best = min((table * weight)[list(each)].min(axis=0).sum() for each in combinations(range(14), 3))
        found = p_median(table, 3, weight=weight, seconds=0.5)
        assert found.distance == best
        assert found.bound <= best


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.booleans())
def test_proven_medians_are_those_of_brute_force(seed: int, p: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    table = rng.uniform(0, 50, (9, 12))
    table = table.round() if whole else table
    best = min(table[list(each)].min(axis=0).sum() for each in combinations(range(9), p))
    quick, found = p_median(table, p, seconds=0.01, seed=seed), p_median(table, p, seconds=0.5, prove=True)
    assert quick.bound - 1e-6 <= best <= quick.distance + 1e-6
    assert found.proven
    assert found.distance == pytest.approx(best)
    assert table[found.chosen].min(axis=0).sum() == pytest.approx(found.distance)


def test_every_place_a_median_and_every_distance_the_same_are_answers() -> None:
    assert p_median(np.eye(3), 3, prove=True).distance == 0
    assert p_median(np.full((4, 4), 7.0), 2, prove=True).distance == 28


@pytest.mark.parametrize("weight", [[-1.0, 1.0], [1.0, float("nan")]])
def test_customers_that_weigh_nothing_sensible_are_refused(weight: list[float]) -> None:
    with pytest.raises(InputError):
        p_median(np.ones((2, 2)), 1, weight=np.array(weight))
    with pytest.raises(ShapeError):
        p_median(np.ones((2, 2)), 1, weight=np.ones(3))
    with pytest.raises(InputError):
        p_median(np.ones((2, 2)), 3)
    with pytest.raises(InputError):
        p_median(np.array([[1.0, np.nan]]), 1)


@pytest.mark.parametrize("already", [[-1, 0], [0.5, 0], [float("nan"), 0]])
def test_numbers_of_existing_cameras_that_are_none_are_refused(already: list[float]) -> None:
    with pytest.raises(InputError) as told:
        SitingProblem.of(csr_array(np.eye(2)), [1.0, 1.0], already=already)
    assert told.value.text("zh") != told.value.text("en")


@pytest.mark.parametrize("cost", [[0.0, 1.0], [-1.0, 1.0], [float("nan"), 1.0]])
def test_costs_that_are_none_are_refused(cost: list[float]) -> None:
    with pytest.raises(InputError):
        SitingProblem.of(csr_array(np.eye(2)), [1.0, 1.0], cost=cost)


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ShapeError):
        SitingProblem.of(csr_array(np.eye(3)), [1.0, 2.0])


@pytest.mark.parametrize("weight", [[-1.0, 1.0], [float("nan"), 1.0]])
def test_weights_that_are_none_are_refused(weight: list[float]) -> None:
    with pytest.raises(InputError):
        SitingProblem.of(csr_array(np.eye(2)), weight)


@pytest.mark.parametrize(
    "asked", [{}, {"count": 1, "budget": 2.0}, {"count": 0}, {"count": 1.5}, {"budget": -1.0}, {"count": 1, "backup": 2.0}, {"count": 1, "seconds": 0.0}]
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(asked: dict[str, float]) -> None:
    with pytest.raises(InputError):
        most_covered(SitingProblem.of(csr_array(np.eye(2)), [1.0, 1.0]), **asked)  # type: ignore[arg-type]


def test_no_candidate_is_said() -> None:
    with pytest.raises(InputError):
        most_covered(SitingProblem.of(csr_array((0, 2)), [1.0, 1.0]), count=1)


def test_nothing_left_to_cover_is_an_answer() -> None:
    found = most_covered(SitingProblem.of(csr_array(np.eye(2)), [1.0, 1.0], already=[1, 2]), count=1, seconds=0.1)
    assert (found.covered, found.bound, found.proven, len(found.chosen)) == (2, 2, True, 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from([0.0, 0.3, 1.0]))
def test_stepped_prices_of_large_problems_give_a_bound_too(seed: int, count: int, backup: float) -> None:
    problem = small(seed, candidates=7, poles=True)
    merged = _models.merged(problem.covers, problem.weight, problem.cost, problem.group, problem.already, backup)
    best = max(problem.covered(each, backup) for each in choices(problem) if len(each) <= count)
    told = merged.fixed + _models._lagrangean(merged, count, _models._stepped(merged, count, 0.01, best), 0.0)
    assert best <= told + 1e-6


def test_a_choice_that_meets_the_bound_ends_the_search_though_cameras_are_there_already() -> None:
    """What exists counts in the bound and not in what the search adds."""
    covers = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 0]], dtype=bool))
    problem = SitingProblem.of(covers, [3, 2, 1, 8], already=[0, 0, 0, 1])
    found = most_covered(problem, count=1, seconds=20)
    assert (found.covered, found.bound, found.proven) == (13, 13, True)
    assert found.seconds < 20


@pytest.mark.parametrize("costs", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_bound_by_steps_holds_where_the_solver_was_stopped(
    seed: int, costs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_models, "_solved", lambda *_told: None)
    problem = small(seed, costs=costs, poles=True)
    limit = {"budget": 6.0} if costs else {"count": 3}
    found = most_covered(problem, seconds=0.1, **limit)  # type: ignore[arg-type]
    spent = problem.cost if costs else np.ones(len(problem.cost))
    best = max(problem.covered(each) for each in choices(problem) if spent[each].sum() <= max(limit.values()))
    assert best <= found.bound + 1e-6 <= problem.weight.sum() + 2e-6
