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
FREE, OPEN, CLOSED = 0, 1, -1


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
def _pay(starts, demand, price, group, paid, best_of):  # type: ignore[no-untyped-def]
    """What the best orientation of each pole is paid for all that it covers."""
    paid[:], best_of[:] = 0.0, NONE
    for each in range(len(starts) - 1):
        total = 0.0
        for at in range(starts[each], starts[each + 1]):
            total += price[demand[at]]
        if total > paid[group[each]]:
            paid[group[each]], best_of[group[each]] = total, each


@numba.njit(cache=True, nogil=True)
def prices(covers, first, second, group, groups, most, value, steps):  # type: ignore[no-untyped-def]
    """Prices of the demands that make the Lagrangean bound of ``most`` poles small: subgradient steps towards ``value``."""
    starts, demand = covers
    demands = len(first)
    price = first.copy()
    best, bound, pace, idle = price.copy(), np.inf, 1.0, 0
    paid, best_of = np.zeros(groups), np.zeros(groups, dtype=np.int64)
    slope = np.zeros(demands)
    for _ in range(steps):
        _pay(starts, demand, price, group, paid, best_of)
        opened = np.argsort(-paid)[:most]
        now = 0.0
        for of in range(demands):
            slope[of] = 0.0
            if first[of] > price[of]:
                now += first[of] - price[of]
                slope[of] -= 1.0
            if second[of] > price[of]:
                now += second[of] - price[of]
                slope[of] -= 1.0
        for pole in opened:
            now += paid[pole]
            if best_of[pole] != NONE:
                for at in range(starts[best_of[pole]], starts[best_of[pole] + 1]):
                    slope[demand[at]] += 1.0
        if now < bound - EPS * abs(bound):
            bound, idle = now, 0
            best[:] = price
        else:
            idle += 1
            if idle == 10:
                pace, idle = pace / 2, 0
        norm = (slope**2).sum()
        if norm == 0.0 or pace < 1e-4 or bound <= value:
            return best
        step = pace * (now - value) / norm
        for of in range(demands):
            price[of] = min(max(price[of] - step * slope[of], 0.0), first[of])
    return best


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
def _save(distance, price, state, saving):  # type: ignore[no-untyped-def]
    """What each place that is not closed saves at some prices, as a number below 0."""
    for each in range(len(distance)):
        if state[each] == CLOSED:
            continue
        total = 0.0
        for of in range(len(price)):
            total += min(0.0, distance[each, of] - price[of])
        saving[each] = total


@numba.njit(cache=True, nogil=True)
def _relaxed(distance, p, state, price, value, slack, steps, pace):  # type: ignore[no-untyped-def]
    """Lower bound where some places are open or closed, by subgradient steps towards ``value``, and the savings at it.

    ``price`` becomes the best prices. Steps end once the bound leaves no room for a better choice.
    """
    customers = len(price)
    free, opened = np.flatnonzero(state == FREE), np.flatnonzero(state == OPEN)
    need = p - len(opened)
    saving, best_saving = np.zeros(len(distance)), np.zeros(len(distance))
    best_price = price.copy()
    bound, idle, patience = -np.inf, 0, max(10, steps // 80)
    for _ in range(steps):
        _save(distance, price, state, saving)
        taken = np.concatenate((opened, free[np.argsort(saving[free])[:need]]))
        now = price.sum() + saving[taken].sum()
        idle = 0 if now > bound + 1e-4 * abs(now) else idle + 1
        if now > bound:
            bound = now
            best_price[:], best_saving[:] = price, saving
        if bound > value - slack:
            break
        if idle >= patience:
            pace, idle = pace / 2, 0
            price[:] = best_price
            if pace < 0.1 / patience:
                break
            continue
        slope = np.ones(customers)
        for each in taken:
            for of in range(customers):
                if distance[each, of] < price[of]:
                    slope[of] -= 1.0
        norm = (slope**2).sum()
        if norm == 0.0:
            break
        price += pace * (1.002 * value - now) / norm * slope
    price[:] = best_price
    return bound, best_saving


@numba.njit(cache=True, nogil=True)
def _settle(p, state, bound, saving, value, slack):  # type: ignore[no-untyped-def]
    """Open and close the places without which, or with which, nothing better than ``value`` is left; changes ``state``."""
    free = np.flatnonzero(state == FREE)
    need = p - (state == OPEN).sum()
    if need <= 0 or need >= len(free):
        return
    free = free[np.argsort(saving[free])]
    last, following = saving[free[need - 1]], saving[free[need]]
    for at in range(len(free)):
        if at >= need and bound + saving[free[at]] - last > value - slack:
            state[free[at]] = CLOSED
        if at < need and bound - saving[free[at]] + following > value - slack:
            state[free[at]] = OPEN


@numba.njit(cache=True, nogil=True)
def median_bound(distance, p, value, slack, steps):  # type: ignore[no-untyped-def]
    """Lower bound of p medians by Lagrangean relaxation of the assignment, its prices, and which places may matter.

    A place is closed where no choice with it is better than ``value`` by ``slack``.
    """
    places, customers = distance.shape
    price = np.zeros(customers)
    for of in range(customers):
        price[of] = np.sort(distance[:, of])[min(1, places - 1)]
    state = np.zeros(places, dtype=np.int8)
    bound, saving = _relaxed(distance, p, state, price, value, slack, steps, 1.5)
    _settle(p, state, bound, saving, value, slack)
    return bound, price, state


@numba.njit(cache=True, nogil=True)
def prove_medians(distance, p, price, start, value, slack, stop):  # type: ignore[no-untyped-def]
    """Branch and bound over places (Beasley 1985) until nothing is open or ``stop`` is set from outside.

    The best rows, their sum, and a lower bound: the sum itself where the tree is done.
    """
    places, customers = distance.shape
    states = np.zeros((2 * places + 2, places), dtype=np.int8)
    prices, bounds = np.zeros((2 * places + 2, customers)), np.zeros(2 * places + 2)
    prices[0], best, left, nodes = price, start.copy(), 1, 0
    while left > 0 and stop[0] == 0:
        left -= 1
        nodes += 1
        state, now = states[left].copy(), prices[left].copy()
        need = p - (state == OPEN).sum()
        if bounds[left] > value - slack or need < 0 or need > (state == FREE).sum():
            continue
        bound, saving = _relaxed(distance, p, state, now, value, slack, 600 if nodes == 1 else 60, 1.0)
        if bound > value - slack:
            continue
        _settle(p, state, bound, saving, value, slack)
        free = np.flatnonzero(state == FREE)
        need = p - (state == OPEN).sum()
        free = free[np.argsort(saving[free])]
        rows = np.concatenate((np.flatnonzero(state == OPEN), free[:need]))
        found = _sum_of(distance, rows) if 0 < need < len(free) and nodes % 10 != 1 else _descend(distance, rows)
        if found < value:
            value, best = found, rows.copy()
        if not 0 < need < len(free):
            continue
        for turn in (CLOSED, OPEN):
            states[left], prices[left], bounds[left] = state, now, bound
            states[left, free[0]] = turn
            left += 1
    low = value
    for at in range(left):
        low = min(low, bounds[at])
    return best, value, low


@numba.njit(cache=True, nogil=True)
def _sum_of(distance, rows):  # type: ignore[no-untyped-def]
    total = 0.0
    for of in range(distance.shape[1]):
        near = np.inf
        for each in rows:
            near = min(near, distance[each, of])
        total += near
    return total
