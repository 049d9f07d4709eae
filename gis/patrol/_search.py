"""Compiled large-neighbourhood search behind plan_patrol: optional visits with worth, windows and spacing, many teams.

Strings of visits around a seed are taken out of near tours, then unserved visits are put back where they bring the
most worth for the time, under an annealed acceptance (after Schrimpf et al. 2000 and Christiaens & Vanden Berghe 2020).
Every tour is kept at its earliest schedule with the slack behind each visit, so that an insertion is checked in
constant time. It knows visits and teams by number only.
"""

from typing import NamedTuple

import numba
import numpy as np

from gis.random_stream import draw


class Problem(NamedTuple):
    """What is wanted. Seconds from shift start; n visits, r teams, k locations, m modes.

    ``allowed`` (r, n); ``travel`` (m, k, k), very large where there is no way; ``mates`` lists the visits of one stop
    in order, those of visit v from ``mates_from[v]`` to ``mates_to[v]``, v itself at ``mate_at[v]``.
    """

    loc: np.ndarray
    dwell: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    worth: np.ndarray
    allowed: np.ndarray
    travel: np.ndarray
    mode: np.ndarray
    begin_loc: np.ndarray
    end_loc: np.ndarray
    begin_s: np.ndarray
    end_s: np.ndarray
    mates: np.ndarray
    mates_from: np.ndarray
    mates_to: np.ndarray
    mate_at: np.ndarray
    spacing: float
    travel_weight: float


class Tours(NamedTuple):
    """A set of tours: visits in order, starts, slack, where each visit is, and the price of putting each one in.

    ``start[r, size[r]]`` is the arrival at the end; ``slack[r, q]`` is how much later position q may start.
    """

    visit: np.ndarray
    size: np.ndarray
    start: np.ndarray
    slack: np.ndarray
    team: np.ndarray
    at: np.ndarray
    cost: np.ndarray
    place: np.ndarray


def empty_tours(visits: int, teams: int) -> Tours:
    """Tours without a visit; call ``reset`` before use."""
    return Tours(
        visit=np.full((teams, visits), -1, dtype=np.int32),
        size=np.zeros(teams, dtype=np.int64),
        start=np.zeros((teams, visits + 1)),
        slack=np.zeros((teams, visits + 1)),
        team=np.full(visits, -1, dtype=np.int64),
        at=np.full(visits, -1, dtype=np.int64),
        cost=np.full((teams, visits), np.inf),
        place=np.zeros((teams, visits), dtype=np.int64),
    )


@numba.njit(cache=True, nogil=True)
def _earliest(p: Problem, t: Tours, v: int) -> float:
    out = p.opens[v]
    if p.spacing > 0:
        for place in range(p.mates_from[v], p.mate_at[v]):
            mate = p.mates[place]
            if t.team[mate] >= 0:
                out = max(out, t.start[t.team[mate], t.at[mate]] + p.spacing)
    return out


@numba.njit(cache=True, nogil=True)
def _latest(p: Problem, t: Tours, v: int) -> float:
    out = p.closes[v]
    if p.spacing > 0:
        for place in range(p.mate_at[v] + 1, p.mates_to[v]):
            mate = p.mates[place]
            if t.team[mate] >= 0:
                out = min(out, t.start[t.team[mate], t.at[mate]] - p.spacing)
    return out


@numba.njit(cache=True, nogil=True)
def _refresh_slack(p: Problem, t: Tours, r: int) -> None:
    way = p.travel[p.mode[r]]
    last = t.size[r]
    t.slack[r, last] = p.end_s[r] - t.start[r, last]
    after = p.end_loc[r]
    for q in range(last - 1, -1, -1):
        v = t.visit[r, q]
        wait = t.start[r, q + 1] - (t.start[r, q] + p.dwell[v] + way[p.loc[v], after])
        t.slack[r, q] = min(_latest(p, t, v) - t.start[r, q], t.slack[r, q + 1] + wait)
        after = p.loc[v]


@numba.njit(cache=True, nogil=True)
def _schedule(p: Problem, t: Tours, r: int) -> None:
    """Start every visit of a tour as early as it can; then the slack of it and of the tours that hold its mates."""
    way = p.travel[p.mode[r]]
    now, here = p.begin_s[r], p.begin_loc[r]
    for q in range(t.size[r]):
        v = t.visit[r, q]
        t.team[v] = r
        t.at[v] = q
        t.start[r, q] = max(now + way[here, p.loc[v]], _earliest(p, t, v))
        now, here = t.start[r, q] + p.dwell[v], p.loc[v]
    t.start[r, t.size[r]] = now + way[here, p.end_loc[r]]
    _refresh_slack(p, t, r)
    if p.spacing > 0:
        _refresh_mates(p, t, r)


@numba.njit(cache=True, nogil=True)
def _refresh_mates(p: Problem, t: Tours, r: int) -> None:
    for q in range(t.size[r]):
        v = t.visit[r, q]
        for place in range(p.mates_from[v], p.mates_to[v]):
            other = t.team[p.mates[place]]
            if other >= 0 and other != r:
                _refresh_slack(p, t, other)


@numba.njit(cache=True, nogil=True)
def _price(p: Problem, t: Tours, r: int, visits: np.ndarray) -> None:
    """The cheapest place in one tour for each unserved visit, in seconds by which the tour grows; inf for none.

    One call for many visits: handing over the problem costs as much as pricing one.
    """
    way = p.travel[p.mode[r]]
    size, begin, start, slack = t.size[r], p.begin_s[r], t.start[r], t.slack[r]
    spot, free = np.empty(size + 2, dtype=np.int64), np.empty(size + 1)
    spot[0], free[0], spot[size + 1] = p.begin_loc[r], begin, p.end_loc[r]
    straight, limit = np.empty(size + 1), start[: size + 1] + slack[: size + 1]
    for q in range(size):
        v = t.visit[r, q]
        spot[q + 1], free[q + 1] = p.loc[v], start[q] + p.dwell[v]
    for q in range(size + 1):
        straight[q] = free[q] + way[spot[q], spot[q + 1]]
    for v in visits:
        t.cost[r, v] = np.inf
        if p.allowed[r, v] == 0:
            continue
        low, high, dwell, to = p.opens[v], p.closes[v], p.dwell[v], p.loc[v]
        first, last = 0, size
        if p.spacing > 0:
            low, high = _earliest(p, t, v), _latest(p, t, v)
            first, last = _between_mates(p, t, r, v, size)
        best, place = np.inf, -1
        for q in range(first, last + 1):
            if free[q] > high:
                break
            if max(free[q], low) + dwell > limit[q]:
                continue
            begun = max(free[q] + way[spot[q], to], low)
            arrive = begun + dwell + way[to, spot[q + 1]]
            if begun > high or arrive > limit[q]:
                continue
            cost = arrive - straight[q]
            if cost < best:
                best, place = cost, q
        if place >= 0:
            t.cost[r, v], t.place[r, v] = max(best, 1.0), place


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
def _unserved(t: Tours) -> np.ndarray:
    return np.flatnonzero(t.team < 0)


@numba.njit(cache=True, nogil=True)
def _insert(p: Problem, t: Tours, r: int, v: int) -> None:
    q = t.place[r, v]
    for place in range(t.size[r], q, -1):
        t.visit[r, place] = t.visit[r, place - 1]
    t.visit[r, q] = v
    t.size[r] += 1
    _schedule(p, t, r)


@numba.njit(cache=True, nogil=True)
def _take_out(t: Tours, r: int, first: int, count: int) -> None:
    for q in range(first, first + count):
        t.team[t.visit[r, q]] = -1
    for q in range(first + count, t.size[r]):
        t.visit[r, q - count] = t.visit[r, q]
    t.size[r] -= count


@numba.njit(cache=True, nogil=True)
def reset(p: Problem, t: Tours) -> None:
    """Schedule the tours as they stand and price every unserved visit."""
    for r in range(len(p.mode)):
        _schedule(p, t, r)
    for r in range(len(p.mode)):
        _refresh_slack(p, t, r)
        _price(p, t, r, _unserved(t))


@numba.njit(cache=True, nogil=True)
def measure(p: Problem, t: Tours) -> tuple[float, float]:
    """Worth served, and seconds travelled."""
    worth, seconds = 0.0, 0.0
    for r in range(len(p.mode)):
        way = p.travel[p.mode[r]]
        here = p.begin_loc[r]
        for q in range(t.size[r]):
            v = t.visit[r, q]
            worth += p.worth[v]
            seconds += way[here, p.loc[v]]
            here = p.loc[v]
        seconds += way[here, p.end_loc[r]]
    return worth, seconds


@numba.njit(cache=True, nogil=True)
def _ruin(p: Problem, t: Tours, touched: np.ndarray, state: np.ndarray) -> None:
    """Take strings of visits out of the tours nearest to a seed visit in place and time."""
    n, teams = len(p.loc), len(p.mode)
    seed = int(draw(state) * n)
    strings = 1 + int(draw(state) * 2)
    longest = 1 + int(draw(state) * 10)
    away = np.full(teams, np.inf)
    nearest = np.zeros(teams, dtype=np.int64)
    moment = t.start[t.team[seed], t.at[seed]] if t.team[seed] >= 0 else -1.0
    for r in range(teams):
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
        first = max(0, min(first, t.size[r] - count))
        _take_out(t, r, first, count)
        touched[r] = True


@numba.njit(cache=True, nogil=True)
def _cheapest(t: Tours, v: int, low: np.ndarray, low_r: np.ndarray) -> None:
    low[v], low_r[v] = np.inf, -1
    for r in range(len(t.size)):
        if t.cost[r, v] < low[v]:
            low[v], low_r[v] = t.cost[r, v], r


@numba.njit(cache=True, nogil=True)
def _recreate(p: Problem, t: Tours, touched: np.ndarray, state: np.ndarray) -> None:
    """Put unserved visits in, one by one, the best worth for the time first, until none fits."""
    n = len(p.loc)
    power = 0.5 + 2.0 * draw(state)
    noise = 0.3 * draw(state)
    low, low_r, appeal = np.empty(n), np.empty(n, dtype=np.int64), np.empty(n)
    left = _unserved(t)
    for v in left:
        appeal[v] = p.worth[v] ** power
        _cheapest(t, v, low, low_r)
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
            if t.cost[r, v] > low[v]:
                _cheapest(t, v, low, low_r)
                continue
        _insert(p, t, r, v)
        touched[r] = True
        left[best_at] = left[-1]
        left = left[:-1]
        _price(p, t, r, left)
        for v in left:
            if t.cost[r, v] < low[v]:
                low[v], low_r[v] = t.cost[r, v], r
            elif low_r[v] == r and t.cost[r, v] > low[v]:
                _cheapest(t, v, low, low_r)


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
        _ruin(p, trial, touched, state)
        _reprice(p, now, trial, touched)
        _recreate(p, trial, touched, state)
        new_worth, new_seconds = measure(p, trial)
        new_value = new_worth - p.travel_weight * new_seconds
        if new_value > value + heat * np.log(draw(state) + 1e-300):
            _copy(trial, now, touched)
            # Visits taken out and not put back were priced in every tour, touched or not.
            now.cost[:] = trial.cost
            now.place[:] = trial.place
            value = new_value
            if new_worth > best_worth + 1e-9 or (new_worth > best_worth - 1e-9 and new_seconds < best_seconds - 1e-6):
                best_worth, best_seconds = new_worth, new_seconds
                _copy(trial, best, everything)
                found += 1
        else:
            _copy(now, trial, touched)
    return found


@numba.njit(cache=True, nogil=True)
def _reprice(p: Problem, now: Tours, trial: Tours, touched: np.ndarray) -> None:
    """After a ruin: new schedules and prices of the ruined tours, and prices everywhere of what was taken out."""
    for r in range(len(touched)):
        if touched[r]:
            _schedule(p, trial, r)
    left = _unserved(trial)
    taken = left[now.team[left] >= 0]
    for r in range(len(touched)):
        if touched[r] and p.spacing > 0:
            _refresh_slack(p, trial, r)
        _price(p, trial, r, left if touched[r] else taken)
