"""Putting visits in where ways are weighed against worth: only what is worth its way, and tours begun for what may follow.

Each visit is tried once, beside visits that are near it in place and time (after the greedy insertion with blinks of
Christiaens & Vanden Berghe 2020 and the granular neighbourhoods of Toth & Vigo 2003). A tour that is not worth its way as
a whole is given up again.
"""

import numba
import numpy as np

from gis.patrol._price import between_mates, insert, price
from gis.patrol._state import Problem, Tours, earliest, latest, least, schedule, unserved
from gis.random_stream import draw

_BLINK = 0.02
_BEGIN, _BEGIN_LATE = 0.15, 0.03
"""How often a tour is begun at a loss: while ways are cheap, and later. It takes as long as several rounds without."""
_TO_BEGIN_WITH = 80


@numba.njit(cache=True, nogil=True)
def weigh(p: Problem, t: Tours, freed: np.ndarray, touched: np.ndarray, ease: float, state: np.ndarray) -> None:
    """Put visits in that are worth their way, those taken out and some others; ``touched`` marks the tours.

    Now and then a tour is begun at a loss, for what may follow. Ways count for ``ease`` of their price.
    """
    way_price, begin = ease * p.way_price, draw(state) < (_BEGIN if ease < 1.0 else _BEGIN_LATE)
    hope = 1.0 if draw(state) < 0.7 else 1.0 + draw(state)
    left = _some(p, t, freed, _TO_BEGIN_WITH if begin else 1 + int(draw(state) * 6), state)
    left = left[np.argsort(_order(p, left, state))]
    _put_in(p, t, left, hope / way_price, touched, state)
    if begin and _began(p, t, left, touched, state):
        _put_in(p, t, left, hope / way_price, touched, state)
    _drop(p, t, touched, way_price)


@numba.njit(cache=True, nogil=True)
def _some(p: Problem, t: Tours, freed: np.ndarray, most: int, state: np.ndarray) -> np.ndarray:
    """What was taken out, and of the other unserved visits some near to one place, or anywhere."""
    left = unserved(p, t)
    if len(left) <= len(freed) + most:
        return left
    seed = left[int(draw(state) * len(left))]
    if len(freed) > 0 and draw(state) < 0.8:
        seed = freed[int(draw(state) * len(freed))]
    taken = np.zeros(len(p.loc), dtype=np.bool_)
    taken[freed] = True
    if most >= p.near.shape[1]:
        way, away = p.travel[p.mode[0], p.loc[seed]], np.empty(len(left))
        for i in range(len(left)):
            away[i] = way[p.loc[left[i]]] * (0.3 + draw(state))
        taken[left[least(away, most)]] = True
        return left[taken[left]]
    count = len(freed)
    out = np.empty(count + most + 1, dtype=np.int64)
    out[:count] = freed
    for i in range(-1, p.near.shape[1]):
        v = seed if i < 0 else p.near[seed, i]
        if t.team[v] >= 0 or taken[v] or (p.twin[v] >= 0 and t.team[p.twin[v]] >= 0) or draw(state) < 0.3:
            continue
        out[count] = v
        count += 1
        if count == len(out):
            break
    return out[:count]


@numba.njit(cache=True, nogil=True)
def _order(p: Problem, visits: np.ndarray, state: np.ndarray) -> np.ndarray:
    """In which order to try: any, the most worth first, the shortest window first, far or near the base first."""
    key, kind = np.empty(len(visits)), int(draw(state) * 5)
    home = p.travel[p.mode[0], p.begin_loc[0]]
    for i in range(len(visits)):
        v = visits[i]
        if kind == 0:
            key[i] = draw(state)
        elif kind == 1:
            key[i] = -p.worth[v]
        elif kind == 2:
            key[i] = p.closes[v] - p.opens[v]
        elif kind == 3:
            key[i] = -home[p.loc[v]]
        else:
            key[i] = home[p.loc[v]]
    return key


@numba.njit(cache=True, nogil=True)
def _put_in(p: Problem, t: Tours, visits: np.ndarray, hope: float, touched: np.ndarray, state: np.ndarray) -> None:
    """Try visits in this order; ``hope`` is the seconds of way that a unit of worth may cost."""
    for v in visits:
        if t.team[v] < 0 and (p.twin[v] < 0 or t.team[p.twin[v]] < 0):
            r, q = _best_place(p, t, v, hope * p.worth[v], state)
            if r >= 0:
                t.place[r, v] = q
                insert(p, t, r, v)
                touched[r] = True


@numba.njit(cache=True, nogil=True)
def _best_place(p: Problem, t: Tours, v: int, most: float, state: np.ndarray) -> tuple[int, int]:
    """Team and place of the shortest detour below ``most``, among places beside near visits and at the ends of tours."""
    low, high, dwell, to, leave = p.opens[v], p.closes[v], p.dwell[v], p.loc[v], p.out[v]
    if p.spacing > 0:
        low, high = earliest(p, t, v), latest(p, t, v)
    # At hand before the loop: taken out of the problem inside it, each would be counted as held and let go every time.
    near, team, at, visit, size, start, slack = p.near[v], t.team, t.at, t.visit, t.size, t.start, t.slack
    allowed, mode, loc, out, dwells = p.allowed[:, v], p.mode, p.loc, p.out, p.dwell
    begin_loc, begin_s, end_loc, leg = p.begin_loc, p.begin_s, p.end_loc, t.leg
    into, onward, metres = p.into[:, to], p.travel[:, leave], p.metres
    bounded, most_s, most_m, gone_s, gone_m = p.bounded, p.most_s, p.most_m, t.gone_s, t.gone_m
    best, best_r, best_q = most, -1, -1
    beside = 2 * len(near)
    for i in range(beside + 2 * len(size)):
        if i < beside:
            r = team[near[i >> 1]]
            if r < 0:
                continue
            q = at[near[i >> 1]] + (i & 1)
        else:
            r = (i - beside) >> 1
            if size[r] == 0:
                continue
            q = size[r] * (i & 1)
        limit = start[r, q] + slack[r, q]
        if low + dwell > limit or allowed[r] == 0:
            continue
        here, free = begin_loc[r], begin_s[r]
        if q > 0:
            u = visit[r, q - 1]
            here, free = out[u], start[r, q - 1] + dwells[u]
        if free > high or free + dwell > limit:
            continue
        m = mode[r]
        enter = loc[visit[r, q]] if q < size[r] else end_loc[r]
        there, after = into[m, here], onward[m, enter]
        begun = max(free + there, low)
        if begun > high or begun + dwell + after > limit:
            continue
        detour = there + after - leg[r, q]
        if detour >= best or draw(state) < _BLINK:
            continue
        if bounded and (
            detour > most_s[r] - gone_s[r]
            or metres[m, here, to] + metres[m, leave, enter] - metres[m, here, enter] > most_m[r] - gone_m[r]
        ):
            continue
        if p.spacing > 0:
            first, last = between_mates(p, t, r, v, size[r])
            if not first <= q <= last:
                continue
        best, best_r, best_q = detour, r, q
    return best_r, best_q


@numba.njit(cache=True, nogil=True)
def _began(p: Problem, t: Tours, visits: np.ndarray, touched: np.ndarray, state: np.ndarray) -> bool:
    """Begin a tour with one of the visits, sooner one of much worth for its way; of teams that are alike the first one."""
    left = visits[t.team[visits] < 0]
    seen = np.zeros(len(t.size), np.bool_)
    best, team, at = 0.0, -1, -1
    for r in range(len(t.size)):
        if t.size[r] > 0 or seen[p.kind[r]]:
            continue
        seen[p.kind[r]] = True
        price(p, t, r, left)
        for i in range(len(left)):
            v = left[i]
            if p.twin[v] < 0 or t.team[p.twin[v]] < 0:
                score = p.worth[v] / t.cost[r, v] * draw(state)
                if score > best:
                    best, team, at = score, r, i
    if team < 0:
        return False
    insert(p, t, team, left[at])
    touched[team] = True
    return True


@numba.njit(cache=True, nogil=True)
def _drop(p: Problem, t: Tours, touched: np.ndarray, way_price: float) -> None:
    """End tours that are not worth their way."""
    for r in range(len(t.size)):
        if not touched[r] or t.size[r] == 0:
            continue
        rest = p.travel[p.mode[r], p.begin_loc[r], p.end_loc[r]]
        if t.earned[r] >= way_price * (t.gone_s[r] - rest):
            continue
        for q in range(t.size[r]):
            t.team[t.visit[r, q]] = -1
        t.size[r] = 0
        schedule(p, t, r)
