"""How hard to search, and the rules of a plan that are not in the stops or the teams. It checks nothing but itself."""

import math
from dataclasses import dataclass
from typing import Literal

from gis.errors import InputError

SPACING_S = 5400.0
"""Between two starts at the same place: 90 minutes, so that a wish for "about every two hours" keeps its sense."""


@dataclass(frozen=True)
class PlanOptions:
    """How hard to search and what the rules are.

    Parameters
    ----------
    time_limit_s
        Wall time of the search, not counting compilation.
    iterations
        Rounds of our search (an eighth as many of PyVRP's) instead of the time limit: then the same input and seed give the same plan on every machine.
    seed
        Of the search.
    spacing_s
        Least time between two starts at the same place.
    cross_beats
        Teams may serve stops of other beats.
    hot, cold
        Acceptance at the start and the end, in mean worth of a visit.
    travel_worth
        What ten minutes of travel cost while searching, in mean worth of a visit: worth comes first, then short ways.
    weigh_ways
        The plan maximises worth less ``travel_worth`` for every ten minutes of travel, so a stop that is not worth its way
        stays out. If not, worth comes first, and of plans of equal worth the one with less travel is better.
    fairness
        What evenness between the teams is worth: the plan maximises the worth served less ``fairness`` x coefficient of
        variation of the teams' loads x worth wanted. 0 asks for none; at 0.5, a variation of 0.1 less is worth 5 % of
        all that is wanted.
    fair_in
        The load of a team that is compared: ``work``, the share of its duty that ways and stops fill, or ``worth``.
    engines
        ``both``: our search and PyVRP side by side, a core each, the better plan kept; ``lns``: our search alone.
    """

    time_limit_s: float = 5.0
    iterations: int | None = None
    seed: int = 1
    spacing_s: float = SPACING_S
    cross_beats: bool = False
    hot: float = 1.0
    cold: float = 0.04
    travel_worth: float = 0.02
    weigh_ways: bool = False
    fairness: float = 0.0
    fair_in: Literal["work", "worth"] = "work"
    engines: Literal["both", "lns"] = "both"

    def __post_init__(self) -> None:
        sound = self.time_limit_s > 0 and self.spacing_s >= 0 and 0 < self.cold <= self.hot and self.travel_worth > 0
        sound = (
            sound
            and self.engines in {"both", "lns"}
            and 0 <= self.fairness < math.inf
            and self.fair_in in {"work", "worth"}
        )
        if not sound or (self.iterations is not None and self.iterations < 0):
            raise InputError(
                zh="排班设置不合理:时限须大于 0,间隔、轮数与均衡权重不得为负,均衡按 work 或 worth,且 0 < cold <= hot。",
                en="These planning options make no sense: the time limit must be above 0, spacing, iterations "
                "and fairness not negative, fair_in work or worth, and 0 < cold <= hot.",
            )
