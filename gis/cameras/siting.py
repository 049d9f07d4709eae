"""Where the next cameras belong: choose candidates so that most demand is covered, with a bound on what the best could be.

Maximal covering with existing cameras, one orientation a pole, costs and a budget, and worth of a backup camera; the
fewest cameras for a share of the demand; and p-medians. The answer comes from iterated swaps within the time limit, the
bound from a linear programme whose prices are checked here, and a proof on request. It knows candidates by row only:
what they see is worked out in :mod:`gis.cameras.candidates`.
"""

import threading
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array

from gis.cameras import _models, _swap
from gis.errors import InputError, ShapeError
from gis.random_stream import stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDS = 25
"""Kicks between two looks at the clock."""


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """Candidates, demand, and what is there already.

    Parameters
    ----------
    covers
        Which candidate would see which demand, candidates x demands.
    weight
        Of each demand, 0 or more.
    cost
        Of each candidate, above 0.
    group
        Pole of each candidate, from 0; of a pole at most one is chosen.
    already
        How many existing cameras see each demand.
    """

    covers: csr_array
    weight: Floats
    cost: Floats
    group: Ints
    already: Ints

    @classmethod
    def of(
        cls,
        covers: csr_array,
        weight: npt.ArrayLike,
        *,
        cost: npt.ArrayLike | None = None,
        group: npt.ArrayLike | None = None,
        already: npt.ArrayLike | None = None,
    ) -> "SitingProblem":
        """A problem, checked; every candidate costs one and stands alone, and nothing is seen yet, unless told.

        Raises
        ------
        ShapeError
            Numbers of candidates or demands differ.
        InputError
            A weight is negative or no number, a cost is not above 0, or a number of existing cameras is none.
        """
        matrix = csr_array(covers).astype(bool)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        many, demands = matrix.shape
        told = cls(
            matrix,
            np.asarray(weight, dtype=float),
            np.ones(many) if cost is None else np.asarray(cost, dtype=float),
            np.arange(many) if group is None else np.unique(np.asarray(group), return_inverse=True)[1].astype(np.int64),
            _whole(np.zeros(demands) if already is None else already),
        )
        lengths = (len(told.weight), len(told.already), len(told.cost), len(told.group))
        if lengths != (demands, demands, many, many):
            raise ShapeError(
                zh=f"候选 {many} 个、需求 {demands} 个,但权重、现有数、费用、分组的长度为 {lengths}。",
                en=f"{many} candidates and {demands} demands, but weight, already, cost, group have lengths {lengths}.",
            )
        if not (np.isfinite(told.weight).all() and (told.weight >= 0).all()):
            raise InputError(
                zh="需求权重须为不小于 0 的数字。", en="Weights of demand must be numbers that are not negative."
            )
        if not (np.isfinite(told.cost).all() and (told.cost > 0).all()):
            raise InputError(zh="候选点费用须大于 0。", en="Costs of candidates must be above 0.")
        return told

    def covered(self, chosen: Ints, backup: float = 0.0) -> float:
        """Weight covered by existing cameras and some candidates together, with the worth of second cameras."""
        count = self.already + np.asarray(self.covers[chosen].sum(axis=0)).ravel()
        return float((self.weight * ((count >= 1) + backup * (count >= 2))).sum())


@dataclass(frozen=True, eq=False)
class Siting:
    """A choice of candidates and how good it is.

    Parameters
    ----------
    chosen
        Rows of the candidates, the one that adds most first.
    gains
        What each adds to those before it, in order of ``chosen``.
    covered, already, total
        Weight covered by all, by existing cameras alone, and in all (with the worth of second cameras).
    bound
        No choice covers more.
    proven
        Nothing better exists.
    cost
        Of the chosen.
    seconds
        Time taken.
    """

    chosen: Ints
    gains: Floats
    covered: float
    already: float
    total: float
    bound: float
    proven: bool
    cost: float
    seconds: float

    @property
    def gap(self) -> float:
        """How much more the best could cover, as a share of what is covered; 0 where nothing is."""
        return max(self.bound - self.covered, 0.0) / self.covered if self.covered > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Fewest:
    """The fewest, or cheapest, cameras for a share of the demand.

    Parameters
    ----------
    chosen
        Rows of the candidates, the one that adds most first.
    covered, wanted, total
        Weight covered with existing cameras, wanted, and in all.
    unreachable, missed
        Weight that no candidate and no existing camera sees, and the rows of that demand.
    bound
        No choice costs less.
    """

    chosen: Ints
    covered: float
    wanted: float
    total: float
    unreachable: float
    missed: Ints
    cost: float
    bound: float
    proven: bool
    seconds: float

    @property
    def enough(self) -> bool:
        """What is wanted is covered. Orientations of one pole shut each other out, so that all poles may fall short."""
        return self.covered >= self.wanted - 1e-6


@dataclass(frozen=True, eq=False)
class Medians:
    """Places that keep the weighted distance short, its sum, and a lower bound of any choice."""

    chosen: Ints
    distance: float
    bound: float
    proven: bool
    seconds: float


def most_covered(
    problem: SitingProblem,
    *,
    count: int | None = None,
    budget: float | None = None,
    backup: float = 0.0,
    seconds: float = 2.0,
    prove: bool = False,
    seed: int = 0,
) -> Siting:
    """The candidates that cover most weight together with the existing cameras.

    Maximal covering location problem (Church and ReVelle, 1974), with backup coverage (Hogan and ReVelle, 1986) where a
    second camera has a worth. It stops early when the answer meets the bound.

    Parameters
    ----------
    count, budget
        At most so many candidates, or so much cost; one of the two.
    backup
        Worth of a second camera on the same demand, 0-1 of the first.
    seconds
        Time limit of swaps and bound; a proof may take as long again.
    prove
        Let the solver prove the answer best, or find a better one, within the time.
    seed
        Of the kicks.

    Raises
    ------
    InputError
        Both or neither of ``count`` and ``budget``, or a number that makes no sense.
    """
    began = time.perf_counter()
    problem, limit = _limited(problem, count, budget, backup, seconds)
    integral = bool((problem.weight == np.floor(problem.weight)).all() and backup in (0.0, 1.0))
    merged = _models.merged(problem.covers, problem.weight, problem.cost, problem.group, problem.already, backup)
    search = _Search(problem, limit, backup, seed)
    first = problem.covered(search.greedy(), backup)
    best_possible = merged.fixed
    if len(merged.first):
        best_possible = _floored(_models.bound(merged, limit, seconds / 2, first), integral)
    nothing = np.zeros(0, dtype=np.int64)
    already = problem.covered(nothing, backup)
    # The search counts what is added to the existing cameras, the bound all of it.
    chosen = search.until(began + seconds, best_possible - already)
    covered = problem.covered(chosen, backup)
    proven = covered >= best_possible - 1e-6
    if prove and not proven:
        found, told, proven = _models.prove(merged, limit, chosen, seconds)
        best_possible = min(best_possible, _floored(told, integral))
        if len(found) and problem.covered(found, backup) > covered:
            chosen, covered = found, problem.covered(found, backup)
        proven = proven or covered >= best_possible - 1e-6
    order, gains = _ordered(problem, chosen, backup)
    total = float(problem.weight.sum()) * (1 + backup)
    return Siting(
        order, gains, covered, already, total, max(best_possible, covered), proven,
        float(problem.cost[order].sum()), time.perf_counter() - began,
    )  # fmt: skip


def fewest(problem: SitingProblem, *, share: float = 1.0, seconds: float = 10.0, prove: bool = True) -> Fewest:
    """The cheapest candidates that, with the existing cameras, cover a share of the weight that can be covered at all.

    Set covering (Toregas et al., 1971), partial below a share of 1: greedy, without what became superfluous, then the
    solver until it has a proof or the time is over.

    Parameters
    ----------
    prove
        Without it the answer is the greedy one, with the bound of the linear relaxation.

    Raises
    ------
    InputError
        The share lies outside 0-1, or the time is not above 0.
    """
    if not (0 <= share <= 1 and np.isfinite(seconds) and seconds > 0):
        raise InputError(
            zh=f"覆盖比例 {share} 应在 0-1 之间,时限 {seconds} 秒应大于 0。",
            en=f"The share, {share}, lies between 0 and 1, and the time, {seconds} s, is above 0.",
        )
    began = time.perf_counter()
    seen = problem.already > 0
    reach = np.asarray(problem.covers.sum(axis=0)).ravel() > 0
    fixed, total = float(problem.weight[seen].sum()), float(problem.weight.sum())
    coverable = float(problem.weight[seen | reach].sum())
    wanted = share * coverable
    nothing = np.zeros(0, dtype=np.int64)
    chosen, bound, proven = nothing, 0.0, True
    open_demand = np.flatnonzero(~seen & reach & (problem.weight > 0))
    if wanted > fixed + 1e-9 and len(open_demand):
        covers = csr_array(problem.covers[:, open_demand])
        weight = problem.weight[open_demand]
        least = wanted - fixed
        start = _thinned(problem, covers, weight, least)
        chosen, bound, proven = _models.fewest(
            covers, weight, problem.cost, problem.group, least - 1e-7, start,
            seconds - (time.perf_counter() - began), prove=prove,
        )  # fmt: skip
        if not len(chosen) or _weight_of(covers, weight, chosen) < least - 1e-6:
            chosen, proven = start, False
    reached = problem.covered(chosen)
    cost = float(problem.cost[chosen].sum())
    if (problem.cost == 1).all():
        bound = float(np.ceil(bound - 1e-6))
    order, _ = _ordered(problem, chosen, 0.0)
    missed = np.flatnonzero(~seen & ~reach & (problem.weight > 0))
    proven = reached >= wanted - 1e-6 and (proven or cost <= bound + 1e-6)
    return Fewest(
        order, reached, wanted, total, total - coverable, missed, cost, max(bound, 0.0), proven, time.perf_counter() - began
    )  # fmt: skip


def p_median(
    distance: Floats,
    p: int,
    *,
    weight: Floats | None = None,
    seconds: float = 2.0,
    prove: bool = False,
    seed: int = 0,
) -> Medians:
    """The p places with the least weighted distance from every customer to its nearest (Hakimi, 1964).

    Best swaps with kicks for the answer; Lagrangean relaxation (Cornuejols, Fisher and Nemhauser, 1977) for the bound,
    which closes most places, too; branch and bound over the others (Beasley, 1985) for the proof.

    Parameters
    ----------
    distance
        Places x customers, 0 or more.
    weight
        Of the customers; one each unless told.
    seconds
        Time limit; a proof may take as long again.
    prove
        Prove the answer best, or find a better one, within the time.

    Raises
    ------
    InputError
        ``p`` is not between 1 and the number of places, or a distance is negative or no number.
    """
    table = np.asarray(distance, dtype=float)
    if table.ndim != 2 or not np.isfinite(table).all() or (table < 0).any():
        raise InputError(
            zh="距离应为不小于 0 的数字组成的二维表。", en="Distances are a table of numbers that are not negative."
        )
    if not 1 <= p <= len(table):
        raise InputError(zh=f"选址数 {p} 应在 1 与 {len(table)} 之间。", en=f"p is {p}, not 1 to {len(table)}.")
    began = time.perf_counter()
    table = np.ascontiguousarray(table if weight is None else table * _customers(weight, table.shape[1])[None, :])
    random = stream(seed)
    chosen, value = _swap.medians(table, _first_medians(table, p), 0, random)
    # Whole distances: whatever is better is better by one.
    whole = bool((table == np.floor(table)).all())
    slack = 1 - 1e-6 if whole else 1e-9 * value
    bound, price, state = _swap.median_bound(table, p, value, slack, int(np.clip(2e8 * seconds / table.size, 20, 2000)))
    state[chosen] = 0
    kept = np.flatnonzero(state >= 0)
    near = np.ascontiguousarray(table[kept])
    slots = np.searchsorted(kept, chosen)
    # Branches find better choices too, so that a proof begins early.
    until = began + (seconds / 4 if prove else seconds)
    while value > bound + slack and time.perf_counter() < until:
        again, found = _swap.medians(near, slots, 10, random)
        if found <= value:
            slots, value = again, found
    if prove and value > bound + slack:
        slots, value, low = _proven(near, p, price, slots, value, slack, seconds)
        bound = max(bound, low)
    bound = min(float(np.ceil(bound - 1e-6)) if whole else float(bound), value)
    return Medians(np.sort(kept[slots]), float(value), bound, value <= bound + slack, time.perf_counter() - began)


def _proven(
    distance: Floats, p: int, price: Floats, start: Ints, value: float, slack: float, seconds: float
) -> tuple[Ints, float, float]:
    """Branch and bound for so long: the best medians, their sum, and what no choice lies below."""
    stop = np.ones(1, dtype=np.int64)
    # Stopped before it begins: the first call compiles, which is not to be taken off the time.
    _swap.prove_medians(distance, p, price, start, value, slack, stop)
    stop[0] = 0
    clock = threading.Timer(seconds, stop.fill, (1,))
    clock.start()
    found: tuple[Ints, float, float] = _swap.prove_medians(distance, p, price, start, value, slack, stop)
    clock.cancel()
    return found


def _customers(weight: npt.ArrayLike, many: int) -> Floats:
    told = np.asarray(weight, dtype=float)
    if told.shape != (many,):
        raise ShapeError(zh=f"客户 {many} 个,权重 {told.size} 个。", en=f"{many} customers, but {told.size} weights.")
    if not (np.isfinite(told).all() and (told >= 0).all()):
        raise InputError(
            zh="客户权重须为不小于 0 的数字。", en="Weights of customers are numbers that are not negative."
        )
    return told


def _whole(already: npt.ArrayLike) -> Ints:
    told = np.asarray(already, dtype=float)
    if not (np.isfinite(told).all() and (told >= 0).all() and (told == np.floor(told)).all()):
        raise InputError(
            zh="已有摄像机数须为不小于 0 的整数。", en="Numbers of existing cameras are whole and not negative."
        )
    return told.astype(np.int64)


def _limited(
    problem: SitingProblem, count: int | None, budget: float | None, backup: float, seconds: float
) -> tuple[SitingProblem, float]:
    """The problem with its limit as a cost; a number of cameras is a budget where each costs one."""
    if (count is None) == (budget is None):
        raise InputError(zh="请给出新增数量或预算之一。", en="Tell either a number of cameras or a budget.")
    limit = float(count if count is not None else budget or 0)
    whole = count is None or limit == np.floor(limit)
    if not (np.isfinite(limit) and whole and limit > 0 and 0 <= backup <= 1 and np.isfinite(seconds) and seconds > 0):
        raise InputError(
            zh=f"数量或预算 {limit:g}、备份价值 {backup}、时限 {seconds} 秒不合理。",
            en=f"A limit of {limit:g}, a backup worth {backup} or {seconds} seconds make no sense.",
        )
    if not problem.covers.shape[0]:
        raise InputError(zh="没有可用的候选点位。", en="There is no candidate to choose from.")
    if count is None:
        return problem, limit
    ones = np.ones(len(problem.cost))
    return SitingProblem(problem.covers, problem.weight, ones, problem.group, problem.already), limit


class _Search:
    """Greedy and swaps over one problem and limit."""

    def __init__(self, problem: SitingProblem, limit: float, backup: float, seed: int) -> None:
        starts = problem.covers.indptr.astype(np.int64), problem.covers.indices.astype(np.int64)
        back = csc_array(problem.covers)
        covered_by = back.indptr.astype(np.int64), back.indices.astype(np.int64)
        groups = int(problem.group.max()) + 1
        told = (problem.weight, backup, problem.cost, problem.group, groups, problem.already, limit)
        self._problem = starts, covered_by, *told
        self._random = stream(seed)

    def greedy(self) -> Ints:
        """Candidates in the order in which each adds most for its cost."""
        found: Ints = _swap.greedy(*self._problem)
        return found

    def until(self, moment: float, best_possible: float) -> Ints:
        """The best choice that swaps find before a moment, or that meets the bound of what can be added."""
        best, value = _swap.iterate(*self._problem, self.greedy(), 0, self._random)
        rounds = _ROUNDS
        while value < best_possible - 1e-9 * abs(best_possible) and time.perf_counter() < moment:
            began = time.perf_counter()
            again, found = _swap.iterate(*self._problem, np.flatnonzero(best), rounds, self._random)
            if found > value:
                best, value = again, found
            # As many kicks as fit into a fifth of a second and into what is left, so that the limit is kept.
            now = time.perf_counter()
            rounds = int(np.clip(rounds * min(0.2, 0.8 * (moment - now)) / max(now - began, 1e-6), 1, 10_000))
        return np.flatnonzero(best)


def _ordered(problem: SitingProblem, chosen: Ints, backup: float) -> tuple[Ints, Floats]:
    """The chosen in the order in which each adds most to those before, and what it adds."""
    covers, count = csr_array(problem.covers[np.sort(chosen)]), problem.already.copy()
    left = np.ones(len(chosen), dtype=bool)
    order: list[int] = []
    gains: list[float] = []
    while left.any():
        adds = covers @ (problem.weight * np.where(count == 0, 1.0, np.where(count == 1, backup, 0.0)))
        at = int(np.where(left, adds, -1.0).argmax())
        count[covers.indices[covers.indptr[at] : covers.indptr[at + 1]]] += 1
        left[at] = False
        order.append(at)
        gains.append(float(adds[at]))
    return np.sort(chosen)[order].astype(np.int64), np.array(gains)


def _thinned(problem: SitingProblem, covers: csr_array, weight: Floats, least: float) -> Ints:
    """Greedy candidates until enough is covered, without those that became superfluous."""
    count, used = np.zeros(len(weight), dtype=np.int64), set[int]()
    chosen: list[int] = []
    while weight[count > 0].sum() < least - 1e-9:
        gain = (covers @ np.where(count == 0, weight, 0.0)) / problem.cost
        gain[[row for row in range(len(gain)) if int(problem.group[row]) in used]] = 0
        each = int(gain.argmax())
        if gain[each] <= 0:
            break
        chosen.append(each)
        used.add(int(problem.group[each]))
        count[covers.indices[covers.indptr[each] : covers.indptr[each + 1]]] += 1
    for each in sorted(chosen, key=lambda row: -problem.cost[row]):
        mine = covers.indices[covers.indptr[each] : covers.indptr[each + 1]]
        trial = count.copy()
        trial[mine] -= 1
        if weight[trial > 0].sum() >= least - 1e-9:
            count = trial
            chosen.remove(each)
    return np.array(sorted(chosen), dtype=np.int64)


def _weight_of(covers: csr_array, weight: Floats, chosen: Ints) -> float:
    return float(weight[np.asarray(covers[chosen].sum(axis=0)).ravel() > 0].sum())


def _first_medians(distance: Floats, p: int) -> Ints:
    """Greedy medians: each takes most off the sum."""
    chosen = [int(distance.sum(axis=1).argmin())]
    nearest = distance[chosen[0]].copy()
    while len(chosen) < p:
        saved = np.maximum(nearest - distance, 0).sum(axis=1)
        saved[chosen] = -1
        chosen.append(int(saved.argmax()))
        nearest = np.minimum(nearest, distance[chosen[-1]])
    return np.array(chosen, dtype=np.int64)


def _floored(bound: float, integral: bool) -> float:
    return float(np.floor(bound + 1e-6)) if integral else bound
