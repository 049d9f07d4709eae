"""The compiled search where ways are weighed against worth: as ``_search.improve``, with other ways of putting visits in.

It is a loop of its own, so that plans that weigh no ways need not compile it.
"""

import numba
import numpy as np

from gis.patrol._ruin import ruin
from gis.patrol._search import carried, judged, rescheduled, standing
from gis.patrol._state import Problem, Tours
from gis.patrol._tails import exchange_tails
from gis.patrol._weigh import weigh
from gis.random_stream import draw

_DARES, _DARED = 0.2, 0.5
"""How often an exchange of tails may lose way, and in parts of the heat how much: of 2 large instances with 2 seeds each, all
4 came closer to the best known than with exchanges that save way alone; at 0.5 some did not."""


@numba.njit(cache=True, nogil=True)
def _daring(heat: float, state: np.ndarray) -> float:
    """What an exchange of tails may lose, in worth: now and then something, as then other visits may be put in behind it."""
    return -_DARED * heat * np.log(draw(state) + 1e-300) if draw(state) < _DARES else 0.0


@numba.njit(cache=True, nogil=True)
def improve_weighed(
    p: Problem, now: Tours, trial: Tours, best: Tours, state: np.ndarray, steps: int, heat: float, ease: float
) -> int:
    """As ``_search.improve``; ways count for ``ease`` of their price while tours are compared, the best is at the full price."""
    touched = np.zeros(len(p.mode), dtype=np.bool_)
    rebate = (1.0 - ease) * p.way_price
    stand = standing(p, now, best, rebate)
    found = 0
    for _ in range(steps):
        touched[:] = False
        way = ruin(p, trial, now.odds, touched, state)
        taken = rescheduled(p, now, trial, touched)
        weigh(p, trial, taken, touched, ease, state)
        exchange_tails(p, now, trial, touched, _daring(heat, state) / p.way_price)
        verdict = judged(p, trial, stand, heat, rebate, state)
        found += carried(now, trial, best, touched, verdict, way)
    return found
