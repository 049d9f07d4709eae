"""Compiled large-neighbourhood search behind plan_patrol: optional visits with worth, windows and spacing, many teams.

Visits are taken out (``_ruin``), then unserved ones are put back where they bring the most worth for the time, under an
annealed acceptance (after Schrimpf et al. 2000 and Christiaens & Vanden Berghe 2020). Every tour is kept at its earliest
schedule with the slack behind each visit, so that an insertion is checked in constant time. It knows visits and teams
by number only.
"""

import numba
import numpy as np

from gis.patrol._ruin import reward, ruin
from gis.patrol._state import (
    Problem,
    Tours,
    earliest,
    empty_tours,
    latest,
    measure,
    refresh_slack,
    schedule,
    unserved,
)
from gis.random_stream import draw

__all__ = ["Problem", "Tours", "empty_tours", "improve", "measure", "reset"]


@numba.njit(cache=True, nogil=True)
def _price(p: Problem, t: Tours, r: int, visits: np.ndarray) -> None:
    """The cheapest place in one tour for each unserved visit; inf for none.

    The price is the seconds by which the tour grows or, ``by_way``, by which its travel does.

    One call for many visits: handing over the problem costs as much as pricing one.
    """
    way = p.travel[p.mode[r]]
    size, begin, start, slack = t.size[r], p.begin_s[r], t.start[r], t.slack[r]
    # Place q lies between the exit ``leave[q]``, free at ``free[q]``, and the entry ``enter[q]``.
    leave, enter, free = np.empty(size + 1, np.int64), np.empty(size + 1, np.int64), np.empty(size + 1)
    leave[0], free[0], enter[size] = p.begin_loc[r], begin, p.end_loc[r]
    straight, limit = np.empty(size + 1), start[: size + 1] + slack[: size + 1]
    for q in range(size):
        v = t.visit[r, q]
        enter[q], leave[q + 1], free[q + 1] = p.loc[v], p.out[v], start[q] + p.dwell[v]
    for q in range(size + 1):
        straight[q] = free[q] + way[leave[q], enter[q]]
    for v in visits:
        t.cost[r, v] = np.inf
        if p.allowed[r, v] == 0:
            continue
        low, high, dwell, to, out = p.opens[v], p.closes[v], p.dwell[v], p.loc[v], p.out[v]
        first, last = 0, size
        if p.spacing > 0:
            low, high = earliest(p, t, v), latest(p, t, v)
            first, last = _between_mates(p, t, r, v, size)
        best, place = np.inf, -1
        for q in range(first, last + 1):
            if free[q] > high:
                break
            if max(free[q], low) + dwell > limit[q]:
                continue
            begun = max(free[q] + way[leave[q], to], low)
            arrive = begun + dwell + way[out, enter[q]]
            if begun > high or arrive > limit[q]:
                continue
            cost = arrive - straight[q]
            if p.by_way:
                cost = way[leave[q], to] + way[out, enter[q]] - way[leave[q], enter[q]]
            if cost < best and not (p.bounded and _too_far(p, t, r, v, leave[q], enter[q])):
                best, place = cost, q
        if place >= 0:
            t.cost[r, v], t.place[r, v] = max(best, 1.0), place


@numba.njit(cache=True, nogil=True)
def _too_far(p: Problem, t: Tours, r: int, v: int, here: int, after: int) -> bool:
    way, length, to, out = p.travel[p.mode[r]], p.metres[p.mode[r]], p.loc[v], p.out[v]
    more_s = way[here, to] + way[out, after] - way[here, after]
    more_m = length[here, to] + length[out, after] - length[here, after]
    return bool(t.gone_s[r] + more_s > p.most_s[r] or t.gone_m[r] + more_m > p.most_m[r])


@numba.njit(cache=True, nogil=True)
def _between_mates(p: Problem, t: Tours, r: int, v: int, size: int) -> tuple[int, int]:
    """First and last position that keep the visits to one stop in their order."""
    first, last = 0, size
    for place in range(p.mates_from[v], p.mates_to[v]):
        mate = p.mates[place]
        if t.team[mate] == r and place < p.mate_at[v]:
            first = max(first, t.at[mate] + 1)
        elif t.team[mate] == r and place > p.mate_at[v]:
            last = min(last, t.at[mate])
    return first, last


@numba.njit(cache=True, nogil=True)
def _insert(p: Problem, t: Tours, r: int, v: int) -> None:
    q = t.place[r, v]
    for place in range(t.size[r], q, -1):
        t.visit[r, place] = t.visit[r, place - 1]
    t.visit[r, q] = v
    t.size[r] += 1
    schedule(p, t, r)


@numba.njit(cache=True, nogil=True)
def reset(p: Problem, t: Tours) -> None:
    """Schedule the tours as they stand and price every unserved visit."""
    for r in range(len(p.mode)):
        schedule(p, t, r)
    for r in range(len(p.mode)):
        refresh_slack(p, t, r)
        _price(p, t, r, unserved(p, t))


@numba.njit(cache=True, nogil=True)
def _cheapest(t: Tours, v: int, bias: np.ndarray, low: np.ndarray, low_r: np.ndarray) -> None:
    low[v], low_r[v] = np.inf, -1
    for r in range(len(t.size)):
        if t.cost[r, v] * bias[r] < low[v]:
            low[v], low_r[v] = t.cost[r, v] * bias[r], r


@numba.njit(cache=True, nogil=True)
def _bias(p: Problem, t: Tours, state: np.ndarray) -> np.ndarray:
    """What a team's seconds count while putting in: more for one that has much already, where fairness is asked."""
    bias = np.ones(len(t.size))
    mean = t.load.mean()
    if p.fairness > 0 and mean > 0:
        bias = np.exp(3.0 * draw(state) * (t.load / mean - 1.0))
    return bias


@numba.njit(cache=True, nogil=True)
def _recreate(p: Problem, t: Tours, touched: np.ndarray, state: np.ndarray) -> None:
    """Put unserved visits in, one by one, the best worth for the time first, until none fits."""
    n = len(p.loc)
    power = 0.0 if p.by_way else 0.5 + 2.0 * draw(state)
    noise = 0.3 * draw(state)
    low, low_r, appeal = np.empty(n), np.empty(n, dtype=np.int64), np.empty(n)
    bias = _bias(p, t, state)
    left = unserved(p, t)
    for v in left:
        appeal[v] = p.worth[v] ** power
        _cheapest(t, v, bias, low, low_r)
    while True:
        best, best_at = 0.0, -1
        for i in range(len(left)):
            v = left[i]
            if low_r[v] >= 0:
                score = appeal[v] / low[v] * (1.0 - noise * draw(state))
                if score > best:
                    best, best_at = score, i
        if best_at < 0:
            return
        v = left[best_at]
        r = low_r[v]
        if p.spacing > 0:
            # Visits to the same stop in other tours may have moved since this price was taken.
            _price(p, t, r, left[best_at : best_at + 1])
            if t.cost[r, v] * bias[r] > low[v]:
                _cheapest(t, v, bias, low, low_r)
                continue
        _insert(p, t, r, v)
        touched[r] = True
        left = _without(left, v, p.twin[v])
        _price(p, t, r, left)
        for v in left:
            if t.cost[r, v] * bias[r] < low[v]:
                low[v], low_r[v] = t.cost[r, v] * bias[r], r
            elif low_r[v] == r and t.cost[r, v] * bias[r] > low[v]:
                _cheapest(t, v, bias, low, low_r)


@numba.njit(cache=True, nogil=True)
def _without(left: np.ndarray, v: int, twin: int) -> np.ndarray:
    kept = 0
    for other in left:
        if other not in (v, twin):
            left[kept] = other
            kept += 1
    return left[:kept]


@numba.njit(cache=True, nogil=True)
def _copy(source: Tours, target: Tours, touched: np.ndarray) -> None:
    for r in range(len(touched)):
        if not touched[r]:
            continue
        length = max(source.size[r], target.size[r]) + 1
        target.size[r] = source.size[r]
        target.visit[r, : length - 1] = source.visit[r, : length - 1]
        target.start[r, :length] = source.start[r, :length]
        target.cost[r] = source.cost[r]
        target.place[r] = source.place[r]
        target.gone_s[r], target.gone_m[r] = source.gone_s[r], source.gone_m[r]
        target.earned[r], target.load[r] = source.earned[r], source.load[r]
    # Slack of any tour may follow from visits to the same stop in a touched one.
    for r in range(len(touched)):
        length = source.size[r] + 1
        target.slack[r, :length] = source.slack[r, :length]
    target.team[:] = source.team
    target.at[:] = source.at


@numba.njit(cache=True, nogil=True)
def improve(
    p: Problem, now: Tours, trial: Tours, best: Tours, state: np.ndarray, steps: int, hot: float, cold: float
) -> int:
    """Run ``steps`` rounds of ruin and recreate from ``now``, cooling from ``hot`` to ``cold``; returns new bests.

    ``now``, ``trial`` and ``best`` are changed in place; ``trial`` must equal ``now`` at the call.
    """
    teams = len(p.mode)
    worth, seconds = measure(p, now)
    value = worth - p.travel_weight * seconds
    best_worth, best_seconds = measure(p, best)
    touched = np.zeros(teams, dtype=np.bool_)
    everything = np.ones(teams, dtype=np.bool_)
    found = 0
    for step in range(steps):
        heat = hot * (cold / hot) ** (step / steps)
        touched[:] = False
        way = ruin(p, trial, now.odds, touched, state)
        _reprice(p, now, trial, touched)
        _recreate(p, trial, touched, state)
        new_worth, new_seconds = measure(p, trial)
        new_value = new_worth - p.travel_weight * new_seconds
        points = 0.0
        if new_value > value + heat * np.log(draw(state) + 1e-300):
            points = 1.0 if new_value > value + 1e-9 else 0.0
            _copy(trial, now, touched)
            # Visits taken out and not put back were priced in every tour, touched or not.
            now.cost[:] = trial.cost
            now.place[:] = trial.place
            value = new_value
            if new_worth > best_worth + 1e-9 or (new_worth > best_worth - 1e-9 and new_seconds < best_seconds - 1e-6):
                best_worth, best_seconds = new_worth, new_seconds
                _copy(trial, best, everything)
                found += 1
                points = 4.0
        else:
            _copy(now, trial, touched)
        reward(now.odds, way, points)
    return found


@numba.njit(cache=True, nogil=True)
def _reprice(p: Problem, now: Tours, trial: Tours, touched: np.ndarray) -> None:
    """After a ruin: new schedules and prices of the ruined tours, and prices everywhere of what was taken out."""
    for r in range(len(touched)):
        if touched[r]:
            schedule(p, trial, r)
    left = unserved(p, trial)
    taken = _freed(p, now, left)
    for r in range(len(touched)):
        if touched[r] and p.spacing > 0:
            refresh_slack(p, trial, r)
        _price(p, trial, r, left if touched[r] else taken)


@numba.njit(cache=True, nogil=True)
def _freed(p: Problem, now: Tours, left: np.ndarray) -> np.ndarray:
    """Of the unserved visits, those whose task was in a tour before."""
    out, count = np.empty_like(left), 0
    for v in left:
        if now.team[v] >= 0 or (p.twin[v] >= 0 and now.team[p.twin[v]] >= 0):
            out[count] = v
            count += 1
    return out[:count]
