"""Compiled loops of siting: greedy filling, 1-swaps and kicks over counts that are kept up to date.

They take plain arrays and check nothing; :mod:`gis.cameras.siting` does. Method: iterated local search with the
interchange of Teitz and Bart (1968) on the gains of Church and ReVelle's maximal covering (1974).
"""

import numba
import numpy as np
import numpy.typing as npt

from gis.random_stream import draw

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EPS = 1e-9
BY_COST = True
NONE = -1
SLACK = 0.02


@numba.njit(cache=True, nogil=True)
def _below(random, most: int) -> int:  # type: ignore[no-untyped-def]
    """A whole number from 0 up to ``most``, exclusive."""
    return int(draw(random) * most)


@numba.njit(cache=True, nogil=True)
def _mixed(random, values):  # type: ignore[no-untyped-def]
    """A copy in random order (Fisher and Yates)."""
    found = values.copy()
    for at in range(len(found) - 1, 0, -1):
        other = _below(random, at + 1)
        found[at], found[other] = found[other], found[at]
    return found


@numba.njit(cache=True, nogil=True)
def _worth(count: int, backup: float) -> float:
    if count <= 0:
        return 0.0
    return 1.0 if count == 1 else 1.0 + backup


@numba.njit(cache=True, nogil=True)
def _turn(candidate, step, state, covers, covered_by, weight, backup):  # type: ignore[no-untyped-def]
    """Add (``step`` 1) or take away (-1) a candidate: counts, and what every other one would add."""
    starts, demand = covers
    back, others = covered_by
    count, gain = state
    for at in range(starts[candidate], starts[candidate + 1]):
        of = demand[at]
        old = count[of]
        new = old + step
        count[of] = new
        change = weight[of] * (
            (_worth(new + 1, backup) - _worth(new, backup)) - (_worth(old + 1, backup) - _worth(old, backup))
        )
        if change != 0.0:
            for each in range(back[of], back[of + 1]):
                gain[others[each]] += change


@numba.njit(cache=True, nogil=True)
def _best(gain, cost, left, chosen, group, used, by_cost):  # type: ignore[no-untyped-def]
    """The candidate that adds most (for its cost, if asked), fits, and whose pole is free; -1 for none."""
    found, most = NONE, EPS
    for each in range(len(gain)):
        if chosen[each] or used[group[each]] or cost[each] > left + EPS:
            continue
        worth = gain[each] / cost[each] if by_cost else gain[each]
        if worth > most:
            found, most = each, worth
    return found


@numba.njit(cache=True, nogil=True)
def _put(candidate, picked, state, covers, covered_by, weight, backup, cost, group):  # type: ignore[no-untyped-def]
    """Choose a candidate; what it adds."""
    chosen, used, left = picked
    chosen[candidate] = True
    used[group[candidate]] = True
    left[0] -= cost[candidate]
    added = state[1][candidate]
    _turn(candidate, 1, state, covers, covered_by, weight, backup)
    return added


@numba.njit(cache=True, nogil=True)
def _take(candidate, picked, state, covers, covered_by, weight, backup, cost, group):  # type: ignore[no-untyped-def]
    """Give a candidate up; what it added."""
    chosen, used, left = picked
    chosen[candidate] = False
    used[group[candidate]] = False
    left[0] += cost[candidate]
    _turn(candidate, -1, state, covers, covered_by, weight, backup)
    return state[1][candidate]


@numba.njit(cache=True, nogil=True)
def _fill(picked, state, covers, covered_by, weight, backup, cost, group, by_cost):  # type: ignore[no-untyped-def]
    """Choose the best that fits until none is left; what they add."""
    chosen, used, left = picked
    added = 0.0
    while True:
        each = _best(state[1], cost, left[0], chosen, group, used, by_cost)
        if each == NONE:
            return added
        added += _put(each, picked, state, covers, covered_by, weight, backup, cost, group)


@numba.njit(cache=True, nogil=True)
def _climb(picked, state, covers, covered_by, weight, backup, cost, group, random):  # type: ignore[no-untyped-def]
    """Swap one for the best other while that gains something; what all of it gains."""
    chosen, used, left = picked
    gained = 0.0
    better = True
    while better:
        better = False
        for out in _mixed(random, np.flatnonzero(chosen)):
            change = -_take(out, picked, state, covers, covered_by, weight, backup, cost, group)
            each = _best(state[1], cost, left[0], chosen, group, used, not BY_COST)
            if each == out and left[0] < 2 * cost[out]:
                _put(out, picked, state, covers, covered_by, weight, backup, cost, group)
                continue
            before = chosen.copy()
            if each != NONE:
                change += _put(each, picked, state, covers, covered_by, weight, backup, cost, group)
                change += _fill(picked, state, covers, covered_by, weight, backup, cost, group, BY_COST)
            if change > EPS:
                gained += change
                better = True
                continue
            for other in np.flatnonzero(chosen & ~before):
                _take(other, picked, state, covers, covered_by, weight, backup, cost, group)
            _put(out, picked, state, covers, covered_by, weight, backup, cost, group)
    return gained


@numba.njit(cache=True, nogil=True)
def greedy(covers, covered_by, weight, backup, cost, group, groups, already, budget):  # type: ignore[no-untyped-def]
    """Candidates in the order in which they add most for their cost."""
    count, gain = already.copy(), np.zeros(len(cost))
    _first_gains(gain, covers, count, weight, backup)
    chosen, used, left = np.zeros(len(cost), dtype=np.bool_), np.zeros(groups, dtype=np.bool_), np.array([budget])
    order = [0][:0]
    while True:
        each = _best(gain, cost, left[0], chosen, group, used, BY_COST)
        if each == NONE:
            return np.array(order, dtype=np.int64)
        order.append(each)
        _put(each, (chosen, used, left), (count, gain), covers, covered_by, weight, backup, cost, group)


@numba.njit(cache=True, nogil=True)
def _first_gains(gain, covers, count, weight, backup):  # type: ignore[no-untyped-def]
    starts, demand = covers
    for each in range(len(gain)):
        for at in range(starts[each], starts[each + 1]):
            of = demand[at]
            gain[each] += weight[of] * (_worth(count[of] + 1, backup) - _worth(count[of], backup))


@numba.njit(cache=True, nogil=True)
def iterate(covers, covered_by, weight, backup, cost, group, groups, already, budget, start, rounds, random):  # type: ignore[no-untyped-def]
    """Climb from a choice, then ``rounds`` kicks of 2-6 random swaps, each followed by a climb; the best choice.

    A choice a little worse is kept as the next start now and then, less and less, so that the search leaves a peak.
    """
    count, gain = already.copy(), np.zeros(len(cost))
    _first_gains(gain, covers, count, weight, backup)
    chosen, used, left = np.zeros(len(cost), dtype=np.bool_), np.zeros(groups, dtype=np.bool_), np.array([budget])
    picked, state = (chosen, used, left), (count, gain)
    value = 0.0
    for each in start:
        value += _put(each, picked, state, covers, covered_by, weight, backup, cost, group)
    value += _fill(picked, state, covers, covered_by, weight, backup, cost, group, BY_COST)
    value += _climb(picked, state, covers, covered_by, weight, backup, cost, group, random)
    best, best_value, base, base_value = chosen.copy(), value, chosen.copy(), value
    for turn in range(rounds):
        inside = np.flatnonzero(chosen)
        if len(inside) == 0:
            break
        for out in _mixed(random, inside)[: 2 + _below(random, 5)]:
            value -= _take(out, picked, state, covers, covered_by, weight, backup, cost, group)
        for _ in range(_below(random, 7)):
            each = _below(random, len(cost))
            if not chosen[each] and not used[group[each]] and cost[each] <= left[0] + EPS and gain[each] > EPS:
                value += _put(each, picked, state, covers, covered_by, weight, backup, cost, group)
        value += _fill(picked, state, covers, covered_by, weight, backup, cost, group, bool(draw(random) < 0.5))
        value += _climb(picked, state, covers, covered_by, weight, backup, cost, group, random)
        if value > best_value + EPS:
            best_value, best = value, chosen.copy()
        slack = SLACK * draw(random) * (1.0 - turn / rounds)
        if value >= base_value - slack * best_value:
            base, base_value = chosen.copy(), value
        else:
            for out in np.flatnonzero(chosen & ~base):
                value -= _take(out, picked, state, covers, covered_by, weight, backup, cost, group)
            for each in np.flatnonzero(base & ~chosen):
                value += _put(each, picked, state, covers, covered_by, weight, backup, cost, group)
    return best, best_value


@numba.njit(cache=True, nogil=True)
def medians(distance, start, rounds, random):  # type: ignore[no-untyped-def]
    """Swaps and kicks of p medians; ``distance`` is places x customers, weighted. The best rows and their sum."""
    places, p = len(distance), len(start)
    best = start.copy()
    best_value = _descend(distance, best)
    for _ in range(rounds):
        trial = best.copy()
        kick = min(p, 2 + _below(random, 4))
        for slot in _mixed(random, np.arange(p))[:kick]:
            each = _below(random, places)
            if not (trial == each).any():
                trial[slot] = each
        value = _descend(distance, trial)
        if value <= best_value:
            best_value, best = value, trial
    return best, best_value


@numba.njit(cache=True, nogil=True)
def _descend(distance, now):  # type: ignore[no-untyped-def]
    """Best swaps (Whitaker 1983: all leavers of one newcomer at a time) until none helps; changes ``now``."""
    customers, p = distance.shape[1], len(now)
    places = len(distance)
    near, first, second = np.zeros(customers, dtype=np.int64), np.zeros(customers), np.zeros(customers)
    while True:
        value = 0.0
        for of in range(customers):
            first[of], second[of] = np.inf, np.inf
            for slot in range(p):
                far = distance[now[slot], of]
                if far < first[of]:
                    second[of], first[of], near[of] = first[of], far, slot
                elif far < second[of]:
                    second[of] = far
            value += first[of]
        best_change, best_in, best_out = -EPS, NONE, 0
        loss = np.zeros(p)
        for each in range(places):
            if (now == each).any():
                continue
            loss[:] = 0.0
            win = 0.0
            for of in range(customers):
                far = distance[each, of]
                if far < first[of]:
                    win += first[of] - far
                else:
                    loss[near[of]] += min(far, second[of]) - first[of]
            out = int(np.argmin(loss))
            change = loss[out] - win
            if change < best_change:
                best_change, best_in, best_out = change, each, out
        if best_in == NONE:
            return value
        now[best_out] = best_in


@numba.njit(cache=True, nogil=True)
def median_bound(distance, p, value, steps):  # type: ignore[no-untyped-def]
    """Lower bound of p medians by Lagrangean relaxation of the assignment, subgradient steps towards ``value``."""
    places, customers = distance.shape
    price = np.zeros(customers)
    for of in range(customers):
        price[of] = np.sort(distance[:, of])[min(1, places - 1)]
    bound, pace, idle = -np.inf, 1.5, 0
    saving = np.zeros(places)
    for _ in range(steps):
        for each in range(places):
            saving[each] = 0.0
            for of in range(customers):
                saving[each] += min(0.0, distance[each, of] - price[of])
        opened = np.argsort(saving)[:p]
        now = price.sum()
        for each in opened:
            now += saving[each]
        if now > bound + EPS:
            bound, idle = now, 0
        else:
            idle += 1
            if idle == 20:
                pace, idle = pace / 2, 0
        slope = np.ones(customers)
        for each in opened:
            for of in range(customers):
                if distance[each, of] < price[of]:
                    slope[of] -= 1.0
        norm = (slope**2).sum()
        if norm == 0.0 or pace < 1e-4 or value - bound < EPS:
            return bound
        price += pace * max(value - now, EPS) / norm * slope
    return bound
