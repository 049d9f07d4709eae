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
    direct, limit = t.leg[r], start[: size + 1] + slack[: size + 1]
    for q in range(size):
        v = t.visit[r, q]
        enter[q], leave[q + 1], free[q + 1] = p.loc[v], p.out[v], start[q] + p.dwell[v]
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
    """Put a visit in at the place that was priced.

    Starts after it are moved on only as far as the delay reaches, and slack before it as far as that does.
    """
    q = t.place[r, v]
    size, visit, start, slack = t.size[r], t.visit[r], t.start[r], t.slack[r]
    if p.spacing > 0:
        for place in range(size, q, -1):
            visit[place] = visit[place - 1]
        visit[q] = v
        t.size[r] = size + 1
        schedule(p, t, r)
        return
    leg, way = t.leg[r], p.travel[p.mode[r]]
    loc, out, dwell, opens, closes, at = p.loc, p.out, p.dwell, p.opens, p.closes, t.at
    here, free = p.begin_loc[r], p.begin_s[r]
    if q > 0:
        here, free = out[visit[q - 1]], start[q - 1] + dwell[visit[q - 1]]
    there, onward = way[here, loc[v]], way[out[v], loc[visit[q]] if q < size else p.end_loc[r]]
    detour = there + onward - leg[q]
    start[size + 1], slack[size + 1], leg[size + 1] = start[size], slack[size], leg[size]
    for place in range(size, q, -1):
        u = visit[place - 1]
        visit[place], at[u] = u, place
        start[place], slack[place], leg[place] = start[place - 1], slack[place - 1], leg[place - 1]
    t.size[r], t.team[v] = size + 1, r
    visit[q], at[v] = v, q
    leg[q], leg[q + 1] = there, onward
    start[q] = max(free + there, opens[v])
    slack[q] = min(closes[v], start[q + 1] + slack[q + 1] - dwell[v] - onward) - start[q]
    for place in range(q + 1, size + 2):
        begun = start[place - 1] + dwell[visit[place - 1]] + leg[place]
        if place <= size:
            begun = max(begun, opens[visit[place]])
        if begun == start[place]:
            break
        slack[place] += start[place] - begun
        start[place] = begun
    for place in range(q - 1, -1, -1):
        u = visit[place]
        spare = min(closes[u], start[place + 1] + slack[place + 1] - dwell[u] - leg[place + 1]) - start[place]
        if spare >= slack[place]:
            break
        slack[place] = spare
    t.gone_s[r] += detour
    t.earned[r] += p.worth[v]
    t.load[r] += (detour + p.effort[v]) / (p.end_s[r] - p.begin_s[r]) if p.fair_work else p.gain[v]
    if p.bounded:
        enter, length = p.end_loc[r] if q == size else loc[visit[q + 1]], p.metres[p.mode[r]]
        here = p.begin_loc[r] if q == 0 else out[visit[q - 1]]
        t.gone_m[r] += length[here, loc[v]] + length[out[v], enter] - length[here, enter]


@numba.njit(cache=True, nogil=True)
def without(left: np.ndarray, v: int, twin: int) -> np.ndarray:
    kept = 0
    for other in left:
        if other not in (v, twin):
            left[kept] = other
            kept += 1
    return left[:kept]
