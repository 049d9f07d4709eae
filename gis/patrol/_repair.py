"""Compiled search behind replan: tours that run are mended with as few changes as their worth allows.

It starts from the tours as they were, takes short strings of visits out, and puts visits in where they bring the most; a
change of an old visit costs. Starts are held at their old time where that is possible. It knows visits by number only.
"""

from typing import NamedTuple

import numba
import numpy as np

from gis.random_stream import draw

_EPS = 1e-6


class Rest(NamedTuple):
    """What is still to come. n visits, r teams, k locations, m modes; seconds from shift start.

    ``was`` is the team that had a visit, -1 for none, r for a team that is gone; ``began`` its old start. ``gain`` is what
    serving it brings, ``keeps`` what its old team brings beyond. ``low`` and ``high`` bound the start by the window and by
    visits already done; ``owed`` marks what was planned or must be seen; ``most_*`` is what a team may still travel; a
    visit is entered at ``loc`` and left at ``out``; mates as in ``_search.Problem``. ``toward`` is the visit a team is walking to (-1 for none).
    """

    loc: np.ndarray
    out: np.ndarray
    dwell: np.ndarray
    low: np.ndarray
    high: np.ndarray
    gain: np.ndarray
    keeps: np.ndarray
    owed: np.ndarray
    was: np.ndarray
    began: np.ndarray
    allowed: np.ndarray
    travel: np.ndarray
    metres: np.ndarray
    mode: np.ndarray
    origin: np.ndarray
    ready: np.ndarray
    toward: np.ndarray
    toward_s: np.ndarray
    end_loc: np.ndarray
    end_s: np.ndarray
    most_s: np.ndarray
    most_m: np.ndarray
    mates: np.ndarray
    mates_from: np.ndarray
    mates_to: np.ndarray
    mate_at: np.ndarray
    spacing: float
    retimed_s: float
    retimed_cost: float
    travel_weight: float


class Course(NamedTuple):
    """Tours being mended: visits in order, starts, value of each tour, and where each visit is.

    ``free`` is when a team is free before each place of its tour, ``last`` the latest start at it: what an insertion is
    first checked against.
    """

    visit: np.ndarray
    size: np.ndarray
    start: np.ndarray
    value: np.ndarray
    team: np.ndarray
    at: np.ndarray
    free: np.ndarray
    last: np.ndarray


def empty_course(visits: int, teams: int) -> Course:
    """Tours without a visit."""
    return Course(
        visit=np.full((teams, visits + 1), -1, dtype=np.int64),
        size=np.zeros(teams, dtype=np.int64),
        start=np.zeros((teams, visits + 1)),
        value=np.zeros(teams),
        team=np.full(visits, -1, dtype=np.int64),
        at=np.full(visits, -1, dtype=np.int64),
        free=np.zeros((teams, visits + 2)),
        last=np.zeros((teams, visits + 2)),
    )


@numba.njit(cache=True, nogil=True)
def _before_mates(p: Rest, c: Course, r: int, q: int, v: int, place: np.ndarray, last: np.ndarray) -> float:
    """Latest start of a visit that leaves the later visits to its place their moment; -inf where one comes before it."""
    out = np.inf
    for m in range(p.mate_at[v] + 1, p.mates_to[v]):
        mate = p.mates[m]
        if place[mate] >= 0:
            out = min(out, last[place[mate]] - p.spacing if place[mate] > q else -np.inf)
        elif c.team[mate] >= 0 and c.team[mate] != r:
            out = min(out, c.start[c.team[mate], c.at[mate]] - p.spacing)
    return out


@numba.njit(cache=True, nogil=True)
def _after_mates(p: Rest, c: Course, r: int, q: int, v: int, place: np.ndarray, start: np.ndarray) -> float:
    """Earliest start of a visit after the earlier visits to its place."""
    out = -np.inf
    for m in range(p.mates_from[v], p.mate_at[v]):
        mate = p.mates[m]
        if place[mate] >= 0:
            if place[mate] < q:
                out = max(out, start[place[mate]] + p.spacing)
        elif c.team[mate] >= 0 and c.team[mate] != r:
            out = max(out, c.start[c.team[mate], c.at[mate]] + p.spacing)
    return out


@numba.njit(cache=True, nogil=True)
def _timed(
    p: Rest,
    c: Course,
    r: int,
    order: np.ndarray,
    size: int,
    start: np.ndarray,
    free: np.ndarray,
    last: np.ndarray,
    place: np.ndarray,
) -> float:
    """Start every visit of an order at its old time or as soon as it can; its value, or -inf where it cannot be walked.

    ``place`` holds -1 for every visit at the call and at the return.
    """
    way, long = p.travel[p.mode[r]], p.metres[p.mode[r]]
    for q in range(size):
        place[order[q]] = q
    limit, after = p.end_s[r], p.end_loc[r]
    last[size] = limit
    for q in range(size - 1, -1, -1):
        v = order[q]
        high = min(p.high[v], limit - p.dwell[v] - way[p.out[v], after])
        high = min(high, _before_mates(p, c, r, q, v, place, last))
        last[q] = high
        limit, after = high, p.loc[v]
    value, travel, length = 0.0, 0.0, 0.0
    here, now, soonest = p.origin[r], p.ready[r], p.ready[r]
    for q in range(size):
        v = order[q]
        seconds = way[here, p.loc[v]]
        arrive, early = now + seconds, soonest + seconds
        if q == 0 and v == p.toward[r]:
            arrive = early = p.toward_s[r]
        bound = max(p.low[v], _after_mates(p, c, r, q, v, place, start))
        arrive, early = max(arrive, bound), max(early, bound)
        if arrive > last[q] + _EPS:
            value = -np.inf
            break
        value += p.gain[v]
        if p.was[v] == r:
            arrive = max(arrive, min(p.began[v], last[q]))
            value += p.keeps[v]
            if abs(arrive - p.began[v]) > p.retimed_s:
                value -= p.retimed_cost
        start[q] = arrive
        free[q] = soonest
        travel += seconds
        length += long[here, p.loc[v]]
        now, soonest, here = arrive + p.dwell[v], early + p.dwell[v], p.out[v]
    free[size] = soonest
    for q in range(size):
        place[order[q]] = -1
    travel += way[here, p.end_loc[r]]
    length += long[here, p.end_loc[r]]
    # An empty tour is no tour that walks too far: the way home is owed.
    if size > 0 and (travel > p.most_s[r] + _EPS or length > p.most_m[r] + _EPS):
        return -np.inf
    return value - p.travel_weight * travel


@numba.njit(cache=True, nogil=True)
def settle(p: Rest, c: Course, r: int, order: np.ndarray, size: int, place: np.ndarray) -> bool:
    """Make an order the tour of a team; False, and the tour as it was, where it cannot be walked."""
    start, free, last = np.empty(size + 1), np.empty(size + 2), np.empty(size + 2)
    value = _timed(p, c, r, order, size, start, free, last, place)
    if value == -np.inf:
        return False
    for q in range(c.size[r]):
        c.team[c.visit[r, q]] = -1
    c.size[r] = size
    c.value[r] = value
    for q in range(size):
        v = order[q]
        c.visit[r, q], c.start[r, q], c.team[v], c.at[v] = v, start[q], r, q
        c.free[r, q], c.last[r, q] = free[q], last[q]
    c.free[r, size], c.last[r, size] = free[size], last[size]
    return True


@numba.njit(cache=True, nogil=True)
def settle_most(p: Rest, c: Course, r: int, order: np.ndarray, ranked: np.ndarray, place: np.ndarray) -> None:
    """Make as much of an order the tour of a team as can be walked: its places are tried as they are ranked."""
    held = np.zeros(len(order), dtype=np.bool_)
    trial = np.empty(len(order), dtype=np.int64)
    settle(p, c, r, trial, 0, place)
    for i in range(len(ranked)):
        held[ranked[i]] = True
        size = 0
        for q in range(len(order)):
            if held[q]:
                trial[size] = order[q]
                size += 1
        held[ranked[i]] = settle(p, c, r, trial, size, place)


@numba.njit(cache=True, nogil=True)
def _put(tour: np.ndarray, size: int, at: int, v: int, out: np.ndarray) -> None:
    """A tour of so many visits with one more. By hand: assigning slices takes seconds longer to compile."""
    for q in range(size + 1):
        out[q] = tour[q] if q < at else v if q == at else tour[q - 1]


@numba.njit(cache=True, nogil=True)
def _best_place(p: Rest, c: Course, r: int, v: int, place: np.ndarray) -> tuple[float, int]:
    """What the best place in one tour adds to its value, and the place; -inf for none."""
    best, at = -np.inf, -1
    if p.allowed[r, v] == 0:
        return best, at
    way, size = p.travel[p.mode[r]], c.size[r]
    trial = np.empty(size + 1, dtype=np.int64)
    start, free, last = np.empty(size + 2), np.empty(size + 3), np.empty(size + 3)
    for q in range(size + 1):
        here = p.out[c.visit[r, q - 1]] if q > 0 else p.origin[r]
        soonest = c.free[r, q] + way[here, p.loc[v]]
        if q == 0 and v == p.toward[r]:
            soonest = p.toward_s[r]
        begun = max(soonest, p.low[v])
        if begun > p.high[v] + _EPS:
            if c.free[r, q] > p.high[v]:
                break
            continue
        after = p.loc[c.visit[r, q]] if q < size else p.end_loc[r]
        if begun + p.dwell[v] + way[p.out[v], after] > c.last[r, q] + _EPS:
            continue
        _put(c.visit[r], size, q, v, trial)
        value = _timed(p, c, r, trial, size + 1, start, free, last, place) - c.value[r]
        if value > best:
            best, at = value, q
    return best, at


@numba.njit(cache=True, nogil=True)
def _take_out(p: Rest, c: Course, r: int, first: int, count: int, place: np.ndarray) -> bool:
    """False, and the tour as it was, where the rest could not be walked: who is on its way somewhere may need to go on."""
    size = c.size[r] - count
    order = np.empty(size, dtype=np.int64)
    for q in range(size):
        order[q] = c.visit[r, q if q < first else q + count]
    return settle(p, c, r, order, size, place)


@numba.njit(cache=True, nogil=True)
def put_in(p: Rest, c: Course, wanted: np.ndarray, noise: float, state: np.ndarray, place: np.ndarray) -> None:
    """Put visits in, the one that brings the most first, while one brings anything."""
    teams, many = len(p.mode), len(wanted)
    brings = np.full((many, teams), -np.inf)
    where = np.full((many, teams), -1)
    for i in range(many):
        for r in range(teams):
            brings[i, r], where[i, r] = _best_place(p, c, r, wanted[i], place)
    open_ = np.ones(many, dtype=np.bool_)
    while True:
        # Not -1 for none: a literal would have every function below compiled once more for it.
        best, at, team = 0.0, many, teams
        for i in range(many):
            if open_[i]:
                for r in range(teams):
                    score = brings[i, r] * (1.0 - noise * draw(state)) if brings[i, r] > 0 else 0.0
                    if score > best:
                        best, at, team = score, i, r
        if best <= 0.0:
            return
        v, q, size = wanted[at], where[at, team], c.size[team]
        order = np.empty(size + 1, dtype=np.int64)
        _put(c.visit[team], size, q, v, order)
        # A mate put elsewhere in the meantime may have closed the place.
        if settle(p, c, team, order, size + 1, place):
            open_[at] = False
        for i in range(many):
            if open_[i]:
                brings[i, team], where[i, team] = _best_place(p, c, team, wanted[i], place)


@numba.njit(cache=True, nogil=True)
def copy_course(source: Course, target: Course) -> None:
    """Make one set of tours equal to another."""
    for v in range(len(source.team)):
        target.team[v], target.at[v] = source.team[v], source.at[v]
    for r in range(len(source.size)):
        size = source.size[r]
        target.size[r], target.value[r] = size, source.value[r]
        for q in range(size):
            target.visit[r, q], target.start[r, q] = source.visit[r, q], source.start[r, q]
        for q in range(size + 1):
            target.free[r, q], target.last[r, q] = source.free[r, q], source.last[r, q]


@numba.njit(cache=True, nogil=True)
def _some(pool: np.ndarray, count: int, state: np.ndarray) -> np.ndarray:
    """Some of a pool, without repeats; the pool changes its order."""
    count = min(count, len(pool))
    for i in range(count):
        j = i + int(draw(state) * (len(pool) - i))
        pool[i], pool[j] = pool[j], pool[i]
    return pool[:count].copy()


@numba.njit(cache=True, nogil=True)
def _mark(marked: np.ndarray, visits: np.ndarray) -> None:
    for i in range(len(visits)):
        marked[visits[i]] = True


@numba.njit(cache=True, nogil=True)
def mend(p: Rest, now: Course, trial: Course, best: Course, state: np.ndarray, rounds: int, heat: float) -> None:
    """Improve ``now`` for so many rounds; ``best`` gets the best seen. All three are equal at the first call."""
    n, teams = len(p.loc), len(p.mode)
    place, wanted = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    for _ in range(rounds):
        copy_course(now, trial)
        # Of the visits in no tour, those that were in one or must be seen are always tried, some of the others too.
        left = np.flatnonzero(trial.team < 0)
        owed = left[p.owed[left]]
        others = left[~p.owed[left]]
        focus = -1
        if len(owed) > 0 and draw(state) < 0.7:
            focus = owed[int(draw(state) * len(owed))]
        elif len(others) > 0:
            focus = others[int(draw(state) * len(others))]
        wanted[:] = False
        for _ in range(1 + int(draw(state) * 2)):
            r = int(draw(state) * teams)
            for _ in range(teams):
                if trial.size[r] > 0 and (focus < 0 or p.allowed[r, focus] > 0):
                    break
                r = (r + 1) % teams
            if trial.size[r] == 0:
                continue
            count = min(trial.size[r], 1 + int(draw(state) * 3))
            first = int(draw(state) * (trial.size[r] - count + 1))
            if focus >= 0 and draw(state) < 0.7:
                # Where in time the focus could be.
                first = 0
                while first < trial.size[r] - count and trial.start[r, first] < p.low[focus]:
                    first += 1
                first = max(0, first - int(draw(state) * 2))
            taken = trial.visit[r, first : first + count].copy()
            if _take_out(p, trial, r, first, count, place):
                _mark(wanted, taken)
        _mark(wanted, _some(owed, 12, state))
        _mark(wanted, _some(others, 8, state))
        put_in(p, trial, np.flatnonzero(wanted), 0.2 * draw(state), state, place)
        value = trial.value.sum()
        if value > now.value.sum() + heat * np.log(draw(state) + 1e-300):
            copy_course(trial, now)
            if value > best.value.sum() + 1e-9:
                copy_course(trial, best)
