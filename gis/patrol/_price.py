"""Prices of putting visits into tours, for the compiled search, and putting them in. It does not choose which."""

import numba
import numpy as np

from gis.patrol._state import Problem, Tours, earliest, latest, schedule


@numba.njit(cache=True, nogil=True)
def price(p: Problem, t: Tours, r: int, visits: np.ndarray) -> None:
    """The cheapest place in one tour for each unserved visit; inf for none.

    The price is the seconds by which the tour grows or, ``by_way``, by which its travel does. One call for many visits: handing over the problem costs as much as pricing one.
    """
    way, length = p.travel[p.mode[r]], p.metres[p.mode[r]]
    bounded, by_way = p.bounded, p.by_way
    spare_s, spare_m = p.most_s[r] - t.gone_s[r], p.most_m[r] - t.gone_m[r]
    size, begin, start, slack = t.size[r], p.begin_s[r], t.start[r], t.slack[r]
    # Place q lies between the exit ``leave[q]``, free at ``free[q]``, and the entry ``enter[q]``.
    leave, enter, free = np.empty(size + 1, np.int64), np.empty(size + 1, np.int64), np.empty(size + 1)
    leave[0], free[0], enter[size] = p.begin_loc[r], begin, p.end_loc[r]
    direct, limit = np.empty(size + 1), start[: size + 1] + slack[: size + 1]
    for q in range(size):
        v = t.visit[r, q]
        enter[q], leave[q + 1], free[q + 1] = p.loc[v], p.out[v], start[q] + p.dwell[v]
    for q in range(size + 1):
        direct[q] = way[leave[q], enter[q]]
    for v in visits:
        t.cost[r, v] = np.inf
        if p.allowed[r, v] == 0:
            continue
        low, high, dwell, to, out = p.opens[v], p.closes[v], p.dwell[v], p.loc[v], p.out[v]
        # Two rows that stay at hand; a column of a large matrix would be fetched from afar for every place.
        into, onward = p.into[p.mode[r], to], way[out]
        first, last = 0, size
        if p.spacing > 0:
            low, high = earliest(p, t, v), latest(p, t, v)
            first, last = between_mates(p, t, r, v, size)
        best, place = np.inf, -1
        for q in range(first, last + 1):
            if free[q] > high:
                break
            if max(free[q], low) + dwell > limit[q]:
                continue
            begun = max(free[q] + into[leave[q]], low)
            arrive = begun + dwell + onward[enter[q]]
            if begun > high or arrive > limit[q]:
                continue
            detour = into[leave[q]] + onward[enter[q]] - direct[q]
            cost = detour if by_way else arrive - free[q] - direct[q]
            if cost >= best:
                continue
            # In place: a call that hands over problem and tours would take longer than all the rest of the loop.
            if bounded and (
                detour > spare_s or length[leave[q], to] + length[out, enter[q]] - length[leave[q], enter[q]] > spare_m
            ):
                continue
            best, place = cost, q
        if place >= 0:
            t.cost[r, v], t.place[r, v] = max(best, 1.0), place


@numba.njit(cache=True, nogil=True)
def between_mates(p: Problem, t: Tours, r: int, v: int, size: int) -> tuple[int, int]:
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
def insert(p: Problem, t: Tours, r: int, v: int) -> None:
    q = t.place[r, v]
    for place in range(t.size[r], q, -1):
        t.visit[r, place] = t.visit[r, place - 1]
    t.visit[r, q] = v
    t.size[r] += 1
    schedule(p, t, r)


@numba.njit(cache=True, nogil=True)
def without(left: np.ndarray, v: int, twin: int) -> np.ndarray:
    kept = 0
    for other in left:
        if other not in (v, twin):
            left[kept] = other
            kept += 1
    return left[:kept]
