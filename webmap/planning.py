"""A patrol plan for one shift: reports to hot grids, hot grids to stops, grids to beats, stops to tours, checked and kept.

Demand is what people reported; what patrol itself found is left out, so that the map does not learn from its own patrols.
It orders library calls and computes nothing of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PlanRequest:
    """What a shift leader asks for.

    Parameters
    ----------
    day, shift
        The local day on which the shift starts, and a key of ``gis.calendar.DEFAULT_SHIFTS``.
    teams
        Number of teams, which is the number of beats.
    mode
        ``foot``, ``ebike`` or ``car``.
    demand_days
        Reports of so many days before ``demand_until`` make the demand.
    demand_until
        End of the demand period; the start of ``day`` if not given.
    seed
        The same seed and data give the same plan.
    """

    day: date
    shift: str = "night"
    teams: int = 6
    mode: str = "ebike"
    demand_days: int = 90
    demand_until: datetime | None = None
    seed: int = 1
