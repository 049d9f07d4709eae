"""Ways of taking visits out of tours, for the compiled search; which way is tried more often is learnt as it runs.

It puts nothing back.
"""

import numba
import numpy as np

from gis.patrol._state import Problem, Tours, least
from gis.random_stream import draw

_LEARN_EVERY = 200
_INERTIA = 0.8
_LEAST = 0.1
_LONGEST, _GAP = 10, 0.5
"""Of a string beside a visit: the most visits taken, and the chance of one more that is left in its midst."""


@numba.njit(cache=True, nogil=True)
def ruin(p: Problem, t: Tours, odds: np.ndarray, touched: np.ndarray, state: np.ndarray) -> int:
    """Take some visits out; ``touched`` marks the tours, the answer is the way that was taken."""
    way = _pick(odds, state)
    marked = np.zeros(len(p.loc), dtype=np.bool_)
    if way == 0:
        _strings(p, t, marked, state)
    elif way == 1:
        _anywhere(t, marked, state)
    elif way == 2:
        _worst(p, t, marked, state)
    elif way == 3:
        _moment(p, t, marked, state)
    elif way == 4:
        _long_part(t, marked, state)
    elif way == 5:
        _nearest(p, t, marked, state)
    else:
        _adjacent(p, t, marked, state)
    held = np.zeros(len(t.size), dtype=np.bool_)
    for v in np.flatnonzero(marked):
        held[t.team[v]] = True
    for r in np.flatnonzero(held):
        kept = 0
        for q in range(t.size[r]):
            v = t.visit[r, q]
            if marked[v]:
                t.team[v] = -1
            else:
                t.visit[r, kept] = v
                kept += 1
        if kept < t.size[r]:
            t.size[r] = kept
            touched[r] = True
    return way


@numba.njit(cache=True, nogil=True)
def reward(odds: np.ndarray, way: int, points: float) -> None:
    """Remember how a way fared; every so often the weights follow (adaptive search of Ropke & Pisinger 2006)."""
    odds[way, 1] += points
    odds[way, 2] += 1.0
    if odds[:, 2].sum() >= _LEARN_EVERY:
        for k in range(len(odds)):
            if odds[k, 2] > 0:
                odds[k, 0] = max(_LEAST, _INERTIA * odds[k, 0] + (1 - _INERTIA) * odds[k, 1] / odds[k, 2])
            odds[k, 1:] = 0.0


@numba.njit(cache=True, nogil=True)
def _pick(odds: np.ndarray, state: np.ndarray) -> int:
    left = draw(state) * odds[:, 0].sum()
    for way in range(len(odds)):
        left -= odds[way, 0]
        if left < 0:
            return way
    return 0


@numba.njit(cache=True, nogil=True)
def _strings(p: Problem, t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """Strings of visits in the one or two tours nearest to a seed visit in place and time."""
    n, teams = len(p.loc), len(p.mode)
    seed = int(draw(state) * n)
    strings = 1 + int(draw(state) * 2)
    longest = 1 + int(draw(state) * 10)
    away = np.full(teams, np.inf)
    nearest = np.zeros(teams, dtype=np.int64)
    moment = t.start[t.team[seed], t.at[seed]] if t.team[seed] >= 0 else -1.0
    for r in range(teams):
        if not p.allowed[r, seed]:
            continue
        way = p.travel[p.mode[r]]
        for q in range(t.size[r]):
            v = t.visit[r, q]
            gap = way[p.loc[seed], p.loc[v]]
            if moment >= 0:
                gap += 0.2 * abs(t.start[r, q] - moment)
            else:
                gap += 0.2 * max(0.0, p.opens[seed] - t.start[r, q], t.start[r, q] - p.closes[seed])
            if gap < away[r]:
                away[r] = gap
                nearest[r] = q
        away[r] *= 0.7 + 0.6 * draw(state)
    for _ in range(min(strings, teams)):
        r = int(np.argmin(away))
        if away[r] == np.inf:
            return
        away[r] = np.inf
        count = min(1 + int(draw(state) * longest), t.size[r])
        first = nearest[r] - int(draw(state) * count)
        _mark(t, r, max(0, min(first, t.size[r] - count)), count, marked)


@numba.njit(cache=True, nogil=True)
def _mark(t: Tours, r: int, first: int, count: int, marked: np.ndarray) -> None:
    for q in range(first, first + count):
        marked[t.visit[r, q]] = True


@numba.njit(cache=True, nogil=True)
def _few(t: Tours, most: int, state: np.ndarray) -> int:
    return min(1 + int(draw(state) * most), t.size.sum())


@numba.njit(cache=True, nogil=True)
def _anywhere(t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """Single visits anywhere."""
    served = np.flatnonzero(t.team >= 0)
    for _ in range(_few(t, 8, state)):
        marked[served[int(draw(state) * len(served))]] = True


@numba.njit(cache=True, nogil=True)
def _worst(p: Problem, t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """Visits that bring least for the time they take, with some chance."""
    poor = np.full(len(p.loc), np.inf)
    for r in range(len(t.size)):
        way = p.travel[p.mode[r]]
        here = p.begin_loc[r]
        for q in range(t.size[r]):
            v = t.visit[r, q]
            after = p.loc[t.visit[r, q + 1]] if q + 1 < t.size[r] else p.end_loc[r]
            detour = way[here, p.loc[v]] + way[p.out[v], after] - way[here, after]
            poor[v] = p.worth[v] / max(detour + p.dwell[v], 1.0) * (0.3 + draw(state))
            here = p.out[v]
    for v in least(poor, _few(t, 8, state)):
        marked[v] = True


@numba.njit(cache=True, nogil=True)
def _moment(p: Problem, t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """What several teams do at about one moment."""
    served = np.flatnonzero(t.team >= 0)
    if not len(served):
        return
    seed = served[int(draw(state) * len(served))]
    moment = t.start[t.team[seed], t.at[seed]]
    width = (0.01 + 0.06 * draw(state)) * (p.end_s.max() - p.begin_s.min())
    count = 0
    for v in served:
        if abs(t.start[t.team[v], t.at[v]] - moment) <= width and count < 12 and draw(state) < 0.7:
            marked[v] = True
            count += 1


@numba.njit(cache=True, nogil=True)
def _long_part(t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """A long string of one tour."""
    busy = np.flatnonzero(t.size > 0)
    if len(busy):
        r = busy[int(draw(state) * len(busy))]
        count = 1 + int(draw(state) * min(t.size[r], 20))
        _mark(t, r, int(draw(state) * (t.size[r] - count + 1)), count, marked)


@numba.njit(cache=True, nogil=True)
def _nearest(p: Problem, t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """The visits around a place, whoever makes them."""
    seed = p.loc[int(draw(state) * len(p.loc))]
    away = np.full(len(p.loc), np.inf)
    for r in range(len(t.size)):
        way = p.travel[p.mode[r]]
        for q in range(t.size[r]):
            v = t.visit[r, q]
            away[v] = way[seed, p.loc[v]] * (0.5 + draw(state))
    for v in least(away, _few(t, 10, state)):
        marked[v] = True


@numba.njit(cache=True, nogil=True)
def _adjacent(p: Problem, t: Tours, marked: np.ndarray, state: np.ndarray) -> None:
    """A string, or one with a gap, in each of one to three tours that pass near a visit."""
    seed = int(draw(state) * len(p.loc))
    tours = 1 + int(draw(state) * 3)
    ruined = np.zeros(len(t.size), dtype=np.bool_)
    for i in range(-1, p.near.shape[1]):
        v = seed if i < 0 else p.near[seed, i]
        r = t.team[v]
        if r < 0 or ruined[r]:
            continue
        ruined[r] = True
        size = t.size[r]
        count = 1 + int(draw(state) * min(size, _LONGEST))
        gap = 0
        if count > 1 and draw(state) < 0.5:
            while count + gap < size and draw(state) < _GAP:
                gap += 1
        first = t.at[v] - int(draw(state) * (count + gap))
        first = max(0, min(first, size - count - gap))
        before = 1 + int(draw(state) * (count - 1)) if gap > 0 else count
        _mark(t, r, first, before, marked)
        _mark(t, r, first + before + gap, count - before, marked)
        tours -= 1
        if tours == 0:
            return
