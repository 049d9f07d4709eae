"""Compile the search of plans once, by a plan of two stops; that of mending has its own in ``replan``. What is compiled is kept on disk.

Tiny inputs of the very types that the public functions hand to the loops. It computes nothing anybody looks at.
"""

import pandas as pd

from gis.patrol.options import PlanOptions
from gis.patrol.plan import plan_patrol
from gis.patrol.tours import Team
from gis.patrol.travel import TravelTimes

_HOUR_S = 3600.0


def warm() -> None:
    """Run the search once: the better part of a minute the first time on a machine, hundredths of a second afterwards."""
    stops = pd.DataFrame(
        {
            "id": ["a", "b"], "x": [0.0, 100.0], "y": [0.0, 0.0], "worth": [1.0, 2.0], "dwell_s": [60.0, 60.0],
            "open_s": [0.0, 0.0], "close_s": [_HOUR_S, _HOUR_S], "must": [False, True],
        }
    )  # fmt: skip
    teams = (Team("T", (0.0, 0.0)),)
    travel = TravelTimes.straight(stops, teams)
    plan_patrol(stops, teams=teams, shift_s=_HOUR_S, travel=travel, options=PlanOptions(iterations=8))
