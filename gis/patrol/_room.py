"""Room in tours that run: of one that cannot be walked any more as much as can, and a place for what must be seen now.

It puts visits in an old order and takes some out; it never searches, and never changes which team has the others.
"""

import numpy as np
import numpy.typing as npt

from gis.patrol._repair import Course, Rest, copy_course, settle, settle_most


def keep_most(
    rest: Rest,
    now: Course,
    r: int,
    order: npt.NDArray[np.int64],
    rank: npt.NDArray[np.float64],
    place: npt.NDArray[np.int64],
) -> None:
    """Of a tour that cannot be walked any more, as much as can, in the old order: those of the lowest rank come first."""
    settle_most(rest, now, r, order, np.lexsort((np.arange(len(order)), rank)), place)


def make_way(rest: Rest, now: Course, trial: Course, v: int, place: npt.NDArray[np.int64]) -> None:
    """An urgent visit into the tour where it pushes out least: far away, it may need the room of many at once.

    The search takes out a few visits at a time and would have to lose worth again and again before there is room.
    """
    copy_course(now, trial)
    most, team, kept = 0.0, -1, np.empty(0, dtype=np.int64)
    for r in map(int, np.flatnonzero(rest.allowed[:, v])):
        had = now.visit[r, : now.size[r]].copy()
        for q in range(len(had) + 1):
            order = np.insert(had, q, v)
            keep_most(rest, trial, r, order, _for_its_time(rest, r, order, rest.gain[v]), place)
            if trial.team[v] == r and trial.value[r] - now.value[r] > most:
                most, team, kept = trial.value[r] - now.value[r], r, trial.visit[r, : trial.size[r]].copy()
        settle(rest, trial, r, had, len(had), place)
    if team >= 0:
        settle(rest, now, team, kept, len(kept), place)


def _for_its_time(rest: Rest, r: int, order: npt.NDArray[np.int64], above: float) -> npt.NDArray[np.float64]:
    """Ranks for :func:`keep_most`: what brings as much as ``above`` first, the others by what they bring for their time."""
    way, home = rest.travel[rest.mode[r]], rest.end_loc[r]
    seconds = 1.0 + rest.dwell[order] + way[home, rest.loc[order]] + way[rest.out[order], home]
    gain = rest.gain[order]
    return np.where(gain >= above, -np.inf, -gain / seconds)
