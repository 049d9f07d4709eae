"""Compiled large-neighbourhood search behind plan_patrol: optional visits with worth, windows and spacing, many teams.

Visits are taken out (``_ruin``), then unserved ones are put back where they bring the most worth for the time, under an
annealed acceptance (after Schrimpf et al. 2000 and Christiaens & Vanden Berghe 2020). Every tour is kept at its earliest
schedule with the slack behind each visit, so that an insertion is checked in constant time. It knows visits and teams
by number only.
"""

import numba
import numpy as np

from gis.patrol._price import insert, price, without
from gis.patrol._ruin import reward, ruin
from gis.patrol._state import Problem, Tours, empty_tours, measure, refresh_slack, schedule, sound, unserved
from gis.random_stream import draw

__all__ = ["Problem", "Tours", "empty_tours", "improve", "measure", "reset"]


@numba.njit(cache=True, nogil=True)
def reset(p: Problem, t: Tours) -> None:
    """Schedule the tours as they stand and price every unserved visit."""
    for r in range(len(p.mode)):
        schedule(p, t, r)
    for r in range(len(p.mode)):
        refresh_slack(p, t, r)
        price(p, t, r, unserved(p, t))


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
            price(p, t, r, left[best_at : best_at + 1])
            if t.cost[r, v] * bias[r] > low[v]:
                _cheapest(t, v, bias, low, low_r)
                continue
        insert(p, t, r, v)
        touched[r] = True
        left = without(left, v, p.twin[v])
        price(p, t, r, left)
        for v in left:
            if t.cost[r, v] * bias[r] < low[v]:
                low[v], low_r[v] = t.cost[r, v] * bias[r], r
            elif low_r[v] == r and t.cost[r, v] * bias[r] > low[v]:
                _cheapest(t, v, bias, low, low_r)


@numba.njit(cache=True, nogil=True)
def _copy(source: Tours, target: Tours, touched: np.ndarray) -> None:
    for r in range(len(touched)):
        if not touched[r]:
            continue
        # Element by element, here and below: slices take seconds longer to compile.
        length = max(source.size[r], target.size[r]) + 1
        target.size[r] = source.size[r]
        for q in range(length - 1):
            target.visit[r, q] = source.visit[r, q]
        for q in range(length):
            target.start[r, q], target.leg[r, q] = source.start[r, q], source.leg[r, q]
        target.gone_s[r], target.gone_m[r] = source.gone_s[r], source.gone_m[r]
        target.earned[r], target.load[r] = source.earned[r], source.load[r]
    # Slack of any tour may follow from visits to the same stop in a touched one.
    for r in range(len(touched)):
        for q in range(source.size[r] + 1):
            target.slack[r, q] = source.slack[r, q]
    for v in range(len(source.team)):
        target.team[v], target.at[v] = source.team[v], source.at[v]


@numba.njit(cache=True, nogil=True)
def _copy_prices(source: Tours, target: Tours, touched: np.ndarray, freed: np.ndarray) -> None:
    """Prices of touched tours, and in all tours those of what was taken out and not put back."""
    for r in range(len(touched)):
        if touched[r]:
            for v in range(source.cost.shape[1]):
                target.cost[r, v], target.place[r, v] = source.cost[r, v], source.place[r, v]
        else:
            for v in freed:
                target.cost[r, v], target.place[r, v] = source.cost[r, v], source.place[r, v]


@numba.njit(cache=True, nogil=True)
def improve(p: Problem, now: Tours, trial: Tours, best: Tours, state: np.ndarray, steps: int, heat: float) -> int:
    """Run ``steps`` rounds of ruin and recreate from ``now``, accepting losses as ``heat`` says; returns new bests.

    ``now``, ``trial`` and ``best`` are changed in place; ``trial`` must equal ``now`` at the call. Where ways are weighed
    against worth, ``_weighed.improve_weighed`` takes its place.
    """
    touched = np.zeros(len(p.mode), dtype=np.bool_)
    stand = standing(p, now, best, 0.0)
    found = 0
    for _ in range(steps):
        touched[:] = False
        way = ruin(p, trial, now.odds, touched, state)
        taken = rescheduled(p, now, trial, touched)
        _reprice(p, trial, taken, touched)
        _recreate(p, trial, touched, state)
        verdict = judged(p, trial, stand, heat, 0.0, state)
        if verdict > 0:
            _copy_prices(trial, now, touched, _freed(p, now, unserved(p, trial)))
        else:
            _copy_prices(now, trial, touched, taken[:0])
        found += carried(now, trial, best, touched, verdict, way)
    return found


@numba.njit(cache=True, nogil=True)
def standing(p: Problem, now: Tours, best: Tours, rebate: float) -> np.ndarray:
    """What rounds are held against: the value of where they stand, and worth and seconds of the best.

    ``rebate`` is by how much less than its price a second of travel counts where they stand; the best is at the full price.
    """
    worth, seconds = measure(p, now)
    best_worth, best_seconds = measure(p, best)
    return np.array([worth - (p.travel_weight - rebate) * seconds, best_worth, best_seconds])


@numba.njit(cache=True, nogil=True)
def judged(p: Problem, trial: Tours, stand: np.ndarray, heat: float, rebate: float, state: np.ndarray) -> int:
    """0: not accepted; 1: accepted; 2: better than where the search stood; 3: better than the best. Changes ``stand``."""
    worth, seconds = measure(p, trial)
    value = worth - (p.travel_weight - rebate) * seconds
    if not (value > stand[0] + heat * np.log(draw(state) + 1e-300) and sound(p, trial)):
        return 0
    verdict = 2 if value > stand[0] + 1e-9 else 1
    stand[0] = value
    if worth > stand[1] + 1e-9 or (worth > stand[1] - 1e-9 and seconds < stand[2] - 1e-6):
        stand[1], stand[2] = worth, seconds
        verdict = 3
    return verdict


@numba.njit(cache=True, nogil=True)
def carried(now: Tours, trial: Tours, best: Tours, touched: np.ndarray, verdict: int, way: int) -> int:
    """Go on from the trial, or back to where the search stood, as the verdict says; 1 for a new best."""
    if verdict == 0:
        _copy(now, trial, touched)
    else:
        _copy(trial, now, touched)
    if verdict == 3:
        touched[:] = True
        _copy(trial, best, touched)
    reward(now.odds, way, 4.0 if verdict == 3 else 1.0 if verdict == 2 else 0.0)
    return 1 if verdict == 3 else 0


@numba.njit(cache=True, nogil=True)
def rescheduled(p: Problem, now: Tours, trial: Tours, touched: np.ndarray) -> np.ndarray:
    """After a ruin: new schedules of the ruined tours; the answer is what was taken out."""
    for r in range(len(touched)):
        if touched[r]:
            schedule(p, trial, r)
    if p.spacing > 0:
        for r in range(len(touched)):
            if touched[r]:
                refresh_slack(p, trial, r)
    return _freed(p, now, unserved(p, trial))


@numba.njit(cache=True, nogil=True)
def _reprice(p: Problem, trial: Tours, taken: np.ndarray, touched: np.ndarray) -> None:
    """Prices of all visits in the ruined tours, and in all tours of what was taken out."""
    left = unserved(p, trial)
    for r in range(len(touched)):
        price(p, trial, r, left if touched[r] else taken)


@numba.njit(cache=True, nogil=True)
def _freed(p: Problem, now: Tours, left: np.ndarray) -> np.ndarray:
    """Of the unserved visits, those whose task was in a tour before."""
    out, count = np.empty_like(left), 0
    for v in left:
        if now.team[v] >= 0 or (p.twin[v] >= 0 and now.team[p.twin[v]] >= 0):
            out[count] = v
            count += 1
    return out[:count]
