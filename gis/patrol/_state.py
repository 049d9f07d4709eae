"""The compiled search's own picture of a shift: what is wanted, and a set of tours at their earliest schedule.

It knows visits and teams by number only, and chooses nothing.
"""

from typing import NamedTuple

import numba
import numpy as np


class Problem(NamedTuple):
    """What is wanted. Seconds from shift start; n visits, r teams, k locations, m modes.

    A visit is entered at ``loc`` and left at ``out``; ``twin`` is the same task the other way round, -1 for none.
    ``allowed`` (r, n); ``travel`` and ``metres`` (m, k, k), very large where there is no way, ``into`` the travel with its
    ends exchanged, so that a row holds all ways to a place; ``mates`` lists the visits
    of one stop in order, those of visit v from ``mates_from[v]`` to ``mates_to[v]``, v itself at ``mate_at[v]``.
    ``worth`` carries a bonus for must-visits, ``gain`` does not. ``most_s`` and ``most_m`` bound each team's travel,
    where ``bounded``. ``fairness`` is the price, in worth, of one unit of the coefficient of variation of the teams'
    loads: their gain or, with ``fair_work``, the share of their duty that ways and ``effort`` fill.
    ``by_way``: only travel is left to save, so insertions are priced by it and worth is no order. ``way_price``: what a
    second of travel costs in worth where ways are weighed against worth, else 0. Teams of one ``kind`` are alike.
    ``near`` (n, some) lists for each visit others that are near in place and time; only where ways are weighed.
    """

    loc: np.ndarray
    out: np.ndarray
    twin: np.ndarray
    dwell: np.ndarray
    effort: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    worth: np.ndarray
    gain: np.ndarray
    allowed: np.ndarray
    travel: np.ndarray
    into: np.ndarray
    metres: np.ndarray
    mode: np.ndarray
    begin_loc: np.ndarray
    end_loc: np.ndarray
    begin_s: np.ndarray
    end_s: np.ndarray
    most_s: np.ndarray
    most_m: np.ndarray
    bounded: bool
    mates: np.ndarray
    mates_from: np.ndarray
    mates_to: np.ndarray
    mate_at: np.ndarray
    spacing: float
    travel_weight: float
    fairness: float
    fair_work: bool
    by_way: bool
    way_price: float
    kind: np.ndarray
    near: np.ndarray


class Tours(NamedTuple):
    """A set of tours: visits in order, starts, slack, where each visit is, and the price of putting each one in.

    ``start[r, size[r]]`` is the arrival at the end; ``slack[r, q]`` is how much later position q may start, ``leg[r, q]`` the
    way to it.
    ``gone_s`` and ``gone_m`` are the travel of each tour with the way home, ``earned`` its worth, ``load`` what fairness
    compares. ``odds`` (ways of taking out, 3): weight, reward and uses since the weights were last learnt.
    """

    visit: np.ndarray
    size: np.ndarray
    start: np.ndarray
    slack: np.ndarray
    leg: np.ndarray
    team: np.ndarray
    at: np.ndarray
    cost: np.ndarray
    place: np.ndarray
    gone_s: np.ndarray
    gone_m: np.ndarray
    earned: np.ndarray
    load: np.ndarray
    odds: np.ndarray


_EPS = 1e-6
PLAIN = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
WEIGHED = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
"""Ways of taking visits out, see ``_ruin``, and their weights at first: one of weight 0 is never tried. Where ways are
weighed, strings of tours that pass near each other did better than all ways together."""


def empty_tours(visits: int, teams: int, odds: np.ndarray = PLAIN) -> Tours:
    """Tours without a visit; call ``reset`` before use."""
    return Tours(
        visit=np.full((teams, visits), -1, dtype=np.int32),
        size=np.zeros(teams, dtype=np.int64),
        start=np.zeros((teams, visits + 1)),
        slack=np.zeros((teams, visits + 1)),
        leg=np.zeros((teams, visits + 1)),
        team=np.full(visits, -1, dtype=np.int64),
        at=np.full(visits, -1, dtype=np.int64),
        cost=np.full((teams, visits), np.inf),
        place=np.zeros((teams, visits), dtype=np.int64),
        gone_s=np.zeros(teams),
        gone_m=np.zeros(teams),
        earned=np.zeros(teams),
        load=np.zeros(teams),
        odds=np.stack((odds, np.zeros_like(odds), np.zeros_like(odds)), axis=1),
    )


@numba.njit(cache=True, nogil=True)
def earliest(p: Problem, t: Tours, v: int) -> float:
    """When a visit may start at the earliest, after those before it at its stop."""
    out = p.opens[v]
    if p.spacing > 0:
        for place in range(p.mates_from[v], p.mate_at[v]):
            mate = p.mates[place]
            if t.team[mate] >= 0:
                out = max(out, t.start[t.team[mate], t.at[mate]] + p.spacing)
    return out


@numba.njit(cache=True, nogil=True)
def latest(p: Problem, t: Tours, v: int) -> float:
    """When a visit may start at the latest, before those after it at its stop."""
    out = p.closes[v]
    if p.spacing > 0:
        for place in range(p.mate_at[v] + 1, p.mates_to[v]):
            mate = p.mates[place]
            if t.team[mate] >= 0:
                out = min(out, t.start[t.team[mate], t.at[mate]] - p.spacing)
    return out


@numba.njit(cache=True, nogil=True)
def refresh_slack(p: Problem, t: Tours, r: int) -> None:
    """How much later each visit of a tour may start."""
    last = t.size[r]
    t.slack[r, last] = p.end_s[r] - t.start[r, last]
    for q in range(last - 1, -1, -1):
        v = t.visit[r, q]
        wait = t.start[r, q + 1] - (t.start[r, q] + p.dwell[v] + t.leg[r, q + 1])
        late = latest(p, t, v) if p.spacing > 0 else p.closes[v]
        t.slack[r, q] = min(late - t.start[r, q], t.slack[r, q + 1] + wait)


@numba.njit(cache=True, nogil=True)
def schedule(p: Problem, t: Tours, r: int) -> None:
    """Start every visit of a tour as early as it can; then the slack of it and of the tours that hold its mates."""
    way = p.travel[p.mode[r]]
    now, here = p.begin_s[r], p.begin_loc[r]
    gone, earned, gain, effort = 0.0, 0.0, 0.0, 0.0
    for q in range(t.size[r]):
        v = t.visit[r, q]
        t.team[v] = r
        t.at[v] = q
        leg = way[here, p.loc[v]]
        t.leg[r, q] = leg
        # No call where none is needed: handing over problem and tours takes longer than the rest of the loop.
        t.start[r, q] = max(now + leg, earliest(p, t, v) if p.spacing > 0 else p.opens[v])
        now, here = t.start[r, q] + p.dwell[v], p.out[v]
        gone += leg
        earned += p.worth[v]
        gain += p.gain[v]
        effort += p.effort[v]
    home = way[here, p.end_loc[r]]
    t.start[r, t.size[r]], t.leg[r, t.size[r]] = now + home, home
    t.gone_s[r], t.earned[r] = gone + home, earned
    t.load[r] = (gone + home + effort) / (p.end_s[r] - p.begin_s[r]) if p.fair_work else gain
    if p.bounded:
        _walk(p, t, r)
    refresh_slack(p, t, r)
    if p.spacing > 0:
        refresh_mates(p, t, r)


@numba.njit(cache=True, nogil=True)
def _walk(p: Problem, t: Tours, r: int) -> None:
    length = p.metres[p.mode[r]]
    here, gone = p.begin_loc[r], 0.0
    for q in range(t.size[r]):
        v = t.visit[r, q]
        gone += length[here, p.loc[v]]
        here = p.out[v]
    t.gone_m[r] = gone + length[here, p.end_loc[r]]


@numba.njit(cache=True, nogil=True)
def refresh_mates(p: Problem, t: Tours, r: int) -> None:
    """Slack of the other tours that hold visits to the stops of this one."""
    for q in range(t.size[r]):
        v = t.visit[r, q]
        for place in range(p.mates_from[v], p.mates_to[v]):
            other = t.team[p.mates[place]]
            if other >= 0 and other != r:
                refresh_slack(p, t, other)


@numba.njit(cache=True, nogil=True)
def unserved(p: Problem, t: Tours) -> np.ndarray:
    """Visits in no tour whose task is in none either."""
    out = np.flatnonzero(t.team < 0)
    kept = 0
    for v in out:
        if p.twin[v] < 0 or t.team[p.twin[v]] < 0:
            out[kept] = v
            kept += 1
    return out[:kept]


@numba.njit(cache=True, nogil=True)
def spread(load: np.ndarray) -> float:
    """Coefficient of variation of the teams' loads; 0 where there is none."""
    mean = load.mean()
    return float(np.sqrt(((load - mean) ** 2).mean()) / mean) if mean > 0 else 0.0


@numba.njit(cache=True, nogil=True)
def measure(p: Problem, t: Tours) -> tuple[float, float]:
    """Worth served less the price of unfairness and, where they are weighed, of the ways; and seconds travelled."""
    seconds = t.gone_s.sum()
    worth = t.earned.sum() - p.way_price * seconds
    if p.fairness > 0:
        worth -= p.fairness * spread(t.load)
    return worth, seconds


@numba.njit(cache=True, nogil=True)
def sound(p: Problem, t: Tours) -> bool:
    """Whether every tour keeps its moments and its most travel.

    Putting visits in always does; taking one out may not: a task with two ends carries its team along.
    """
    for r in range(len(t.size)):
        if t.gone_s[r] > p.most_s[r] + _EPS or (p.bounded and t.gone_m[r] > p.most_m[r] + _EPS):
            return False
        for q in range(t.size[r] + 1):
            if t.slack[r, q] < -_EPS:
                return False
    return True


@numba.njit(cache=True, nogil=True)
def least(values: np.ndarray, count: int) -> np.ndarray:
    """Where the smallest so many values are, in ascending order.

    By hand: few are wanted, and numpy's partition takes seconds to compile.
    """
    found, held = np.empty(min(count, len(values)), dtype=np.int64), 0
    for i in range(len(values)):
        if held == len(found) and (held == 0 or values[i] >= values[found[held - 1]]):
            continue
        held = min(held + 1, len(found))
        q = held - 1
        while q > 0 and values[found[q - 1]] > values[i]:
            found[q] = found[q - 1]
            q -= 1
        found[q] = i
    return found
