"""The second engine: PyVRP (iterated local search), asked what it can express, its answer put into our own tours.

It knows prizes, windows, bases, duties, most travel, two-ended tasks and who may serve what. It knows no spacing and no
fairness: windows of visits to one place are narrowed so that any times in them keep the spacing, where there is room;
what still does not fit our rules is left out when its answer is taken over. It never decides which answer is better.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    Location,
    ProblemData,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.exceptions import PenaltyBoundWarning

from gis.patrol._state import Problem, Tours, schedule, sound

IntArray = npt.NDArray[np.int64]
PRIZE = 0.55
"""What a visit of mean worth counts in travel, as a part of the longest duty: enough that worth comes first; on the
Koper cases less lost cheap visits, twice as much brought no more worth."""
_MUST = 20.0
"""What a must-visit or a break counts beyond its worth, in visits of mean worth."""
_FAR = 1e11


@dataclass(frozen=True, eq=False)
class Model:
    """A problem as PyVRP takes it, and which of our visits and teams its clients and vehicle types are."""

    data: ProblemData
    visits: IntArray
    crews: tuple[tuple[int, ...], ...]


def model_of(p: Problem) -> Model | None:
    """The problem in whole numbers, rounded so that what PyVRP finds feasible is so; None if no visit can be served."""
    scale = _scale(p)
    windows = _apart(p)
    opens, closes = np.ceil(windows[0] * scale - 1e-6), np.floor(windows[1] * scale + 1e-6)
    visits = np.flatnonzero(p.allowed.any(axis=0) & (opens <= closes) & (closes >= 0))
    if not len(visits):
        return None
    places, client_at, depot_at = _places(p, visits)
    profiles, profile_of = np.unique(np.column_stack([p.mode, p.allowed]), axis=0, return_inverse=True)
    matrices = [_matrices(p, profile, places, scale) for profile in profiles.astype(np.int64)]
    groups, group_of = _groups(p, visits)
    prizes = _prizes(p) * scale
    clients = [
        Client(
            location=int(client_at[i]),
            service_duration=int(np.ceil(p.dwell[v] * scale - 1e-6)),
            tw_early=max(int(opens[v]), 0),
            tw_late=int(closes[v]),
            prize=round(float(prizes[v])),
            required=False,
            group=group_of.get(i),
        )
        for i, v in enumerate(visits)
    ]
    kinds, crews = _crews(p, profile_of.reshape(-1), depot_at, scale)
    data = ProblemData(
        [Location(0, 0) for _ in range(len(places))],
        clients,
        [Depot(place) for place in sorted({*depot_at.reshape(-1).tolist()})],
        kinds,
        [distance for distance, _ in matrices],
        [duration for _, duration in matrices],
        groups,
    )
    return Model(data, visits, crews)


def _scale(p: Problem) -> int:
    """1 where all times are whole seconds, else tenths."""
    near = p.travel[p.travel < _FAR]
    whole = all((values == np.round(values)).all() for values in (near, p.dwell, p.opens, p.closes, p.begin_s, p.end_s))
    return 1 if whole else 10


def _prizes(p: Problem) -> npt.NDArray[np.float64]:
    """Worth in seconds of travel: as they are weighed, else so that worth comes first.

    Must-visits and breaks stand out without drowning the rest.
    """
    worthy = p.gain[p.gain > 0]
    mean = float(worthy.mean()) if len(worthy) else 1.0
    seconds = 1.0 / p.way_price if p.way_price > 0 else PRIZE * float((p.end_s - p.begin_s).max()) / mean
    return seconds * (p.gain + mean * _MUST * (p.worth > p.gain))


def _apart(p: Problem) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Windows that keep visits to one place the spacing apart, whenever in them the visits begin."""
    opens, closes = p.opens.copy(), p.closes.copy()
    if p.spacing <= 0:
        return opens, closes
    for first in np.unique(p.mates_from):
        group = p.mates[first : p.mates_to[p.mates[first]]]
        for one, other in pairwise(group):
            if p.twin[one] == other or opens[other] - closes[one] >= p.spacing:
                continue
            middle = (closes[one] + opens[other]) / 2
            early, late = middle - p.spacing / 2, middle + p.spacing / 2
            if opens[one] <= early <= closes[one] and opens[other] <= late <= closes[other]:
                closes[one], opens[other] = early, late
    return opens, closes


def _places(p: Problem, visits: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """What PyVRP takes for one location (entry, exit, a visit there or -1), and where clients and teams' ends are in it.

    Visits with the same ends for the same teams share one.
    """
    _, like, kind = np.unique(p.allowed[:, visits], axis=1, return_index=True, return_inverse=True)
    pairs = [np.column_stack([p.loc[visits], p.out[visits], visits[like][kind.reshape(-1)]])]
    pairs += [np.column_stack([ends, ends, np.full(len(ends), -1)]) for ends in (p.begin_loc, p.end_loc)]
    places, at = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
    at = at.reshape(-1)
    count, teams = len(visits), len(p.mode)
    return places, at[:count], np.column_stack([at[count : count + teams], at[count + teams :]])


def _matrices(p: Problem, profile: IntArray, places: IntArray, scale: int) -> tuple[IntArray, IntArray]:
    """Distance and duration from the exit of one place to the entry of another; a place nobody may serve is cut off."""
    mode, may = int(profile[0]), profile[1:] > 0
    enter, leave, visit = places.T
    seconds = p.travel[mode][np.ix_(leave, enter)]
    way = p.metres[mode][np.ix_(leave, enter)] if np.isfinite(p.most_m).any() else seconds
    duration, distance = (_whole(matrix, scale, _no_way(p, scale)) for matrix in (seconds, way))
    barred = (visit >= 0) & ~may[visit]
    for matrix in (duration, distance):
        matrix[:, barred] = _no_way(p, scale)
        np.fill_diagonal(matrix, 0)
    return distance, duration


def _no_way(p: Problem, scale: int) -> int:
    """Longer than any tour may be. PyVRP's own mark of a missing edge overflows beside its penalties and never ends."""
    return int(4 * max(p.end_s.max(), p.most_m[np.isfinite(p.most_m)].max(initial=0.0)) * scale) + 1


def _whole(matrix: npt.NDArray[np.float64], scale: int, most: int) -> IntArray:
    near = matrix * scale < most
    return np.where(near, np.ceil(np.where(near, matrix, 0.0) * scale - 1e-6), most).astype(np.int64)


def _groups(p: Problem, visits: IntArray) -> tuple[list[ClientGroup], Mapping[int, int]]:
    """Twins exclude each other."""
    number = {int(v): i for i, v in enumerate(visits)}
    groups: list[ClientGroup] = []
    group_of: dict[int, int] = {}
    for v, i in number.items():
        other = number.get(int(p.twin[v]), -1)
        if other > i:
            group_of[i] = group_of[other] = len(groups)
            groups.append(ClientGroup([i, other], required=False))
    return groups, group_of


def _crews(
    p: Problem, profile_of: IntArray, depot_at: IntArray, scale: int
) -> tuple[list[VehicleType], tuple[tuple[int, ...], ...]]:
    """Teams that are alike are one vehicle type."""
    depots = sorted({*depot_at.reshape(-1).tolist()})
    alike: dict[tuple[float, ...], list[int]] = {}
    for r in range(len(p.mode)):
        key = (profile_of[r], *depot_at[r], p.begin_s[r], p.end_s[r], p.most_s[r], p.most_m[r])
        alike.setdefault(tuple(float(value) for value in key), []).append(r)
    bound = p.most_m if np.isfinite(p.most_m).any() else p.most_s
    kinds = [
        VehicleType(
            num_available=len(crew),
            start_depot=depots.index(int(depot_at[crew[0], 0])),
            end_depot=depots.index(int(depot_at[crew[0], 1])),
            tw_early=int(np.ceil(p.begin_s[crew[0]] * scale - 1e-6)),
            tw_late=int(np.floor(p.end_s[crew[0]] * scale + 1e-6)),
            profile=int(profile_of[crew[0]]),
            **({"max_distance": int(bound[crew[0]] * scale)} if np.isfinite(bound[crew[0]]) else {}),
        )
        for crew in alike.values()
    ]
    return kinds, tuple(tuple(crew) for crew in alike.values())


class _Watch(IteratedLocalSearchCallbacks):
    """Hands over every new best that PyVRP finds feasible."""

    def __init__(self, found: Callable[[Solution], None]) -> None:
        self._found = found

    def on_best(self, best: Solution) -> None:
        if best.is_feasible():
            self._found(best)


def search(model: Model, stop: Callable[[float], bool], found: Callable[[Solution], None], *, seed: int) -> None:
    """Run PyVRP until ``stop`` says so; every new best goes to ``found``."""
    params = SolveParams(ils=IteratedLocalSearchParams(callbacks=_Watch(found)))
    with warnings.catch_warnings():
        # It warns when no penalty makes its walk feasible; the best feasible answer stands all the same.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = solve(model.data, stop, seed=seed, collect_stats=False, display=False, params=params)
    if result.best.is_feasible():
        found(result.best)


def routes_of(model: Model, solution: Solution) -> list[tuple[int, list[int], list[int]]]:
    """Per route: team, visits in order, and when PyVRP starts them."""
    free = [list(crew) for crew in model.crews]
    out = []
    for route in solution.routes():
        legs = [(stop.idx, stop.start_time) for stop in route.schedule() if stop.is_client()]
        team = free[route.vehicle_type()].pop(0)
        out.append((team, [int(model.visits[client]) for client, _ in legs], [int(start) for _, start in legs]))
    return out


def take_over(p: Problem, tours: Tours, model: Model, solution: Solution) -> None:
    """Put PyVRP's visits into tours without any, in order of time; what our rules do not allow is left out."""
    rows = [
        (start, team, order, visit)
        for team, visits, starts in routes_of(model, solution)
        for order, (visit, start) in enumerate(zip(visits, starts, strict=True))
    ]
    rows.sort()
    append(p, tours, np.array([[team, visit] for _, team, _, visit in rows], dtype=np.int64).reshape(-1, 2))


@numba.njit(cache=True, nogil=True)
def append(p: Problem, t: Tours, rows: np.ndarray) -> None:
    """Append visits (team, visit) one after another where they fit by our own rules; the others stay unserved."""
    for r in range(len(t.size)):
        schedule(p, t, r)
    for i in range(len(rows)):
        r, v = rows[i]
        if p.allowed[r, v] == 0 or t.team[v] >= 0 or (p.twin[v] >= 0 and t.team[p.twin[v]] >= 0):
            continue
        t.visit[r, t.size[r]] = v
        t.size[r] += 1
        schedule(p, t, r)
        if not sound(p, t):
            t.size[r] -= 1
            t.team[v] = -1
            schedule(p, t, r)
