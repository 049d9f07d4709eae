"""Exchanging what remains of two tours, where ways are weighed: what putting visits in one by one cannot reach.

After Potvin & Rousseau (1995): from some place on, each of two teams that are alike goes on with the other's visits, if
both can still be on time and the ways get shorter. It takes no visit out, and does nothing where visits to one stop are
bound to each other.
"""

import numba
import numpy as np

from gis.patrol._state import Problem, Tours, schedule

_EPS = 1e-6
_MOST = 4
"""Exchanges in one call: each is as good as the first one, and the next round goes on."""


@numba.njit(cache=True, nogil=True)
def exchange_tails(p: Problem, now: Tours, t: Tours, touched: np.ndarray, loss: float) -> None:
    """Exchange tails beside visits that lie elsewhere than in ``now``, while that shortens the ways; marks the tours.

    The first exchange may lengthen the ways by ``loss`` seconds.
    """
    if p.spacing > 0:
        return
    changed = np.empty(len(p.loc), np.int64)
    count = 0
    for r in np.flatnonzero(touched):
        for q in range(t.size[r]):
            v = t.visit[r, q]
            old, at = now.team[v], now.at[v]
            before = t.visit[r, q - 1] if q > 0 else -1
            after = t.visit[r, q + 1] if q + 1 < t.size[r] else -1
            if (
                old < 0
                or before != (now.visit[old, at - 1] if at > 0 else -1)
                or after != (now.visit[old, at + 1] if at + 1 < now.size[old] else -1)
            ):
                changed[count] = v
                count += 1
    for _ in range(_MOST):
        r, i, s, j = _shortest(p, t, changed[:count], loss - _EPS)
        loss = 0.0
        if r < 0:
            return
        _exchange(p, t, r, i, s, j)
        touched[r], touched[s] = True, True


@numba.njit(cache=True, nogil=True)
def _shortest(p: Problem, t: Tours, changed: np.ndarray, loss: float) -> tuple[int, int, int, int]:
    """Teams r and s, and from where on each goes on with the other's visits; -1 where all lengthen the ways by more."""
    best, found = loss, (-1, -1, -1, -1)
    near, team, at, kind, start, slack = p.near, t.team, t.at, p.kind, t.start, t.slack
    for v in changed:
        r, way = team[v], p.travel[p.mode[team[v]]]
        # Either u follows v at once, or v follows u.
        for turn in range(2):
            i = at[v] + 1 - turn
            here, free = p.begin_loc[r], p.begin_s[r]
            if i > 0:
                w = t.visit[r, i - 1]
                here, free = p.out[w], start[r, i - 1] + p.dwell[w]
            mine = p.loc[t.visit[r, i]] if i < t.size[r] else p.end_loc[r]
            leg, limit = way[here, mine], start[r, i] + slack[r, i]
            for k in range(near.shape[1]):
                u = near[v, k]
                s = team[u]
                if s < 0 or s == r or kind[r] != kind[s]:
                    continue
                j = at[u] + turn
                theirs = p.loc[t.visit[s, j]] if j < t.size[s] else p.end_loc[s]
                onward = way[here, theirs]
                if free + onward > start[s, j] + slack[s, j]:
                    continue
                there, loose = p.begin_loc[s], p.begin_s[s]
                if j > 0:
                    w = t.visit[s, j - 1]
                    there, loose = p.out[w], start[s, j - 1] + p.dwell[w]
                back = way[there, mine]
                if loose + back > limit:
                    continue
                more = onward + back - leg - way[there, theirs]
                if more < best and _may(p, t, r, i, s, j) and _may(p, t, s, j, r, i):
                    best, found = more, (r, i, s, j)
    return found


@numba.njit(cache=True, nogil=True)
def _may(p: Problem, t: Tours, r: int, i: int, s: int, j: int) -> bool:
    """Whether team r may make the visits of s from place j on, and travels no further than it may.

    Teams of a kind differ in their breaks, which are visits too.
    """
    for q in range(j, t.size[s]):
        if p.allowed[r, t.visit[s, q]] == 0:
            return False
    if not p.bounded:
        return True
    way, length = p.travel[p.mode[r]], p.metres[p.mode[r]]
    here, seconds, metres = p.begin_loc[r], 0.0, 0.0
    for q in range(i + t.size[s] - j):
        v = t.visit[r, q] if q < i else t.visit[s, j + q - i]
        seconds, metres, here = seconds + way[here, p.loc[v]], metres + length[here, p.loc[v]], p.out[v]
    home = p.end_loc[r]
    return bool(seconds + way[here, home] <= p.most_s[r] and metres + length[here, home] <= p.most_m[r])


@numba.njit(cache=True, nogil=True)
def _exchange(p: Problem, t: Tours, r: int, i: int, s: int, j: int) -> None:
    mine, theirs = t.visit[r, i : t.size[r]].copy(), t.visit[s, j : t.size[s]].copy()
    t.size[r], t.size[s] = i + len(theirs), j + len(mine)
    t.visit[r, i : t.size[r]], t.visit[s, j : t.size[s]] = theirs, mine
    schedule(p, t, r)
    schedule(p, t, s)
