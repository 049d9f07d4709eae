"""Siting as linear and integer programmes for HiGHS: bounds that hold whatever the solver's tolerance, and proofs.

The bound is not the solver's objective but the Lagrangean function at its prices, summed here: it holds for any prices
that are not negative (Geoffrion 1974), so that a stopped or inexact solver only makes it weaker.
"""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array, hstack, vstack

from gis.cameras import _swap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MOST_NUMBERS = 150_000
"""Above so many entries the linear programme takes longer than anybody waits; prices are stepped instead."""

_SPARSE = 8
"""Candidates that see a demand, on average, below which a programme is sparse."""


@dataclass(frozen=True, eq=False)
class Cover:
    """A covering problem with equal demands put together.

    Parameters
    ----------
    covers
        Candidates x demands.
    first, second
        Worth of the next camera and of the one after it, shape (demands,).
    fixed
        Worth that existing cameras give already.
    """

    covers: csr_array
    first: Floats
    second: Floats
    cost: Floats
    group: Ints
    fixed: float


def merged(covers: csr_array, weight: Floats, cost: Floats, group: Ints, already: Ints, backup: float) -> Cover:
    """Demands seen by the same candidates put together; what is settled already becomes a constant."""
    first = np.where(already == 0, weight, np.where(already == 1, backup * weight, 0.0))
    second = np.where(already == 0, backup * weight, 0.0)
    fixed = float((weight * np.where(already == 0, 0.0, np.where(already == 1, 1.0, 1.0 + backup))).sum())
    columns = csc_array(covers)
    kept = np.flatnonzero((first > 0) & (np.diff(columns.indptr) > 0))
    columns = columns[:, kept]
    columns.sort_indices()
    keys: dict[tuple[bytes, bool], int] = {}
    place = np.zeros(len(kept), dtype=np.int64)
    for at in range(len(kept)):
        key = (columns.indices[columns.indptr[at] : columns.indptr[at + 1]].tobytes(), bool(already[kept[at]]))
        place[at] = keys.setdefault(key, len(keys))
    one = np.unique(place, return_index=True)[1]
    size = len(keys)
    return Cover(
        csr_array(columns[:, one]),
        np.bincount(place, first[kept], minlength=size).astype(np.float64),
        np.bincount(place, second[kept], minlength=size).astype(np.float64),
        cost,
        group,
        fixed,
    )


def bound(cover: Cover, budget: float, seconds: float, reached: float) -> float:
    """No choice within the budget is worth more than this.

    Parameters
    ----------
    reached
        Worth of some choice, towards which the prices of a large problem are stepped.
    """
    everything = cover.fixed + float((cover.first + cover.second).sum())
    solved = _solved(cover, budget, seconds) if cover.covers.nnz <= _MOST_NUMBERS else None
    if solved is None:
        # Too large, or the solver was stopped on a busy machine: weaker prices rather than none.
        prices = _stepped(cover, budget, seconds, reached)
        solved = prices, _best_rate(cover, budget, prices)
    return min(everything, cover.fixed + _lagrangean(cover, budget, *solved))


def _stepped(cover: Cover, budget: float, seconds: float, reached: float) -> Floats:
    """Prices of the demands by subgradient steps, about as many as fit into the time."""
    starts = cover.covers.indptr.astype(np.int64), cover.covers.indices.astype(np.int64)
    steps = int(np.clip(seconds * 1e9 / (4.0 * cover.covers.nnz), 20, 2000))
    groups, most = int(cover.group.max()) + 1, max(int(budget / float(np.median(cover.cost)) + 1e-9), 1)
    found: Floats = _swap.prices(
        starts, cover.first, cover.second, cover.group, groups, most, reached - cover.fixed, steps
    )
    return found


def _best_rate(cover: Cover, budget: float, prices: Floats) -> float:
    """Price of the money that, with these prices of the demands, makes the bound least; it is convex in the rate."""
    worth = (cover.covers @ prices) / cover.cost
    low, high = 0.0, float(worth.max(initial=0.0))
    for _ in range(60):
        third = (high - low) / 3
        left, right = (_lagrangean(cover, budget, prices, rate) for rate in (low + third, high - third))
        low, high = (low, high - third) if left <= right else (low + third, high)
    return (low + high) / 2


def _solved(cover: Cover, budget: float, seconds: float) -> tuple[Floats, float] | None:
    """Prices of the demands and of the budget by the linear relaxation; none where it was stopped too early."""
    demands = cover.covers.shape[1]
    solver = _solver(seconds)
    # Measured: short reaches leave a sparse programme that the simplex solves four to ten times sooner; dense ones are not.
    solver.setOptionValue("solver", "simplex" if cover.covers.nnz < _SPARSE * demands else "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.passModel(_programme(cover, budget))
    solver.run()
    duals = np.array(solver.getSolution().row_dual)
    if not solver.getSolution().dual_valid or not np.isfinite(duals).all():
        return None
    return np.clip(np.abs(duals[:demands]), 0.0, cover.first), float(abs(duals[demands]))


def prove(cover: Cover, budget: float, start: Ints, seconds: float) -> tuple[Ints, float, bool]:
    """The best choice that a solver finds within the time from a first one, its bound, and whether it is proven best."""
    solver = _solver(seconds)
    solver.setOptionValue("mip_rel_gap", 0.0)
    programme = _programme(cover, budget)
    many = cover.covers.shape[0]
    programme.integrality_ = [highspy.HighsVarType.kInteger] * many + [highspy.HighsVarType.kContinuous] * (
        programme.num_col_ - many
    )
    solver.passModel(programme)
    first = highspy.HighsSolution()
    values = np.zeros(programme.num_col_)
    values[start] = 1.0
    seen = cover.covers.T @ values[:many]
    values[many : many + len(seen)] = seen >= 1
    extra = programme.num_col_ - many - len(seen)
    values[programme.num_col_ - extra :] = (seen >= 2)[cover.second > 0]
    first.col_value = values.tolist()
    solver.setSolution(first)
    solver.run()
    info = solver.getInfo()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    found = np.array(solver.getSolution().col_value[:many])
    return np.flatnonzero(found > 0.5), cover.fixed - float(info.mip_dual_bound), proven


def fewest(
    covers: csr_array,
    weight: Floats,
    cost: Floats,
    group: Ints,
    least: float,
    start: Ints,
    seconds: float,
    *,
    prove: bool,
) -> tuple[Ints, float, bool]:
    """The cheapest choice that covers at least so much weight, a lower bound of its cost, and whether it is proven.

    Without ``prove`` only the linear relaxation is solved: there is no choice then, but a bound.
    """
    many, demands = covers.shape
    reach = hstack([-csr_array(covers.T).astype(float), _identity(demands)])
    whole = hstack([csr_array((1, many)), csr_array(weight[None, :])])
    poles = hstack([_poles(group), csr_array((int(group.max(initial=-1)) + 1, demands))])
    rows = csr_array(vstack([reach, whole, poles]))
    lower = np.concatenate([np.full(demands, -np.inf), [least], np.full(poles.shape[0], -np.inf)])
    upper = np.concatenate([np.zeros(demands), [np.inf], np.ones(poles.shape[0])])
    programme = _model(np.concatenate([cost, np.zeros(demands)]), rows, lower, upper)
    solver = _solver(seconds)
    if not prove:
        solver.passModel(programme)
        solver.run()
        # Only the optimum of the relaxation is a bound; a stopped one is none.
        optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return np.zeros(0, dtype=np.int64), solver.getInfo().objective_function_value if optimal else 0.0, False
    programme.integrality_ = [highspy.HighsVarType.kInteger] * many + [highspy.HighsVarType.kContinuous] * demands
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(programme)
    first = highspy.HighsSolution()
    values = np.zeros(many + demands)
    values[start] = 1.0
    values[many:] = covers.T @ values[:many] >= 1
    first.col_value = values.tolist()
    solver.setSolution(first)
    solver.run()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    found = np.array(solver.getSolution().col_value[:many])
    return np.flatnonzero(found > 0.5), float(solver.getInfo().mip_dual_bound), proven


def _lagrangean(cover: Cover, budget: float, prices: Floats, rate: float) -> float:
    """Worth of the relaxed problem: demands buy cover at ``prices``, candidates are paid for it."""
    left = np.maximum(cover.first - prices, 0.0) + np.maximum(cover.second - prices, 0.0)
    paid = cover.covers @ prices
    equal = len(np.unique(cover.cost)) == 1
    of_pole = np.zeros(int(cover.group.max(initial=-1)) + 1)
    if equal:
        np.maximum.at(of_pole, cover.group, paid)
        most = int(np.floor(budget / cover.cost[0] + 1e-9)) if len(cover.cost) else 0
        return float(left.sum() + np.sort(of_pole)[::-1][:most].sum())
    np.maximum.at(of_pole, cover.group, paid - rate * cover.cost)
    return float(left.sum() + np.maximum(of_pole, 0.0).sum() + rate * budget)


def _programme(cover: Cover, budget: float) -> highspy.HighsLp:
    """Columns: candidates, first cameras, second cameras where they count. Rows: demands, the budget, shared poles."""
    many, demands = cover.covers.shape
    twice = np.flatnonzero(cover.second > 0)
    second = csr_array((np.ones(len(twice)), (twice, np.arange(len(twice)))), shape=(demands, len(twice)))
    reach = hstack([-csr_array(cover.covers.T).astype(float), _identity(demands), second])
    money = hstack([csr_array(cover.cost[None, :]), csr_array((1, demands + len(twice)))])
    poles = hstack([_poles(cover.group), csr_array((int(cover.group.max(initial=-1)) + 1, demands + len(twice)))])
    shared = np.flatnonzero(np.bincount(cover.group) > 1) if many else np.zeros(0, dtype=np.int64)
    poles = csr_array(poles)[shared]
    rows = csr_array(vstack([reach, money, poles]))
    upper = np.concatenate([np.zeros(demands), [budget], np.ones(len(shared))])
    worth = np.concatenate([np.zeros(many), cover.first, cover.second[twice]])
    return _model(-worth, rows, np.full(len(upper), -np.inf), upper)


def _model(cost: Floats, rows: csr_array, lower: Floats, upper: Floats) -> highspy.HighsLp:
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = rows.shape[1], rows.shape[0]
    programme.col_cost_ = cost
    programme.col_lower_, programme.col_upper_ = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    programme.row_lower_, programme.row_upper_ = lower, upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = rows.indptr.astype(np.int32)
    programme.a_matrix_.index_ = rows.indices.astype(np.int32)
    programme.a_matrix_.value_ = rows.data.astype(float)
    return programme


class _Quiet(highspy.Highs):
    """HiGHS that prints nothing: its constructor shows a banner unless output is off before callbacks are enabled."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name of the library
        self.setOptionValue("output_flag", "off")
        super().enableCallbacks()


def _solver(seconds: float) -> highspy.Highs:
    solver = _Quiet()
    solver.setOptionValue("time_limit", max(float(seconds), 0.01))
    return solver


def _identity(size: int) -> csr_array:
    return csr_array((np.ones(size), (np.arange(size), np.arange(size))), shape=(size, size))


def _poles(group: Ints) -> csr_array:
    shape = (int(group.max(initial=-1)) + 1, len(group))
    return csr_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=shape)
