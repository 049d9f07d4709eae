"""Patrol: what is wanted, who covers which grids, who goes where when, an independent check. Places, never people."""

from gis.patrol.beats import describe_beats, make_beats, workload, workload_cv
from gis.patrol.demand import stops_from
from gis.patrol.judge import Violation, judge_plan
from gis.patrol.plan import plan_patrol
from gis.patrol.tours import Plan, Team
from gis.patrol.travel import TravelTimes, patrol_points

__all__ = [
    "Plan",
    "Team",
    "TravelTimes",
    "Violation",
    "describe_beats",
    "judge_plan",
    "make_beats",
    "patrol_points",
    "plan_patrol",
    "stops_from",
    "workload",
    "workload_cv",
]
