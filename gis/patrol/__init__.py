"""Patrol: what is wanted, who covers which grids, who goes where when, an independent check. Places, never people.

What is done with a plan stands in modules of its own, which are named after it: ``edit``, ``replan``, ``difference``, ``mix``,
``explain`` and ``judge_document``.
"""

from gis.patrol.beats import describe_beats, make_beats, workload, workload_cv
from gis.patrol.demand import stops_from
from gis.patrol.judge import Violation, judge_plan
from gis.patrol.news import News, Urgent
from gis.patrol.plan import plan_patrol
from gis.patrol.shift import Shift, stops_and_teams
from gis.patrol.tours import Plan, Team
from gis.patrol.travel import TravelTimes, patrol_points

__all__ = [
    "News",
    "Plan",
    "Shift",
    "Team",
    "TravelTimes",
    "Urgent",
    "Violation",
    "describe_beats",
    "judge_plan",
    "make_beats",
    "patrol_points",
    "plan_patrol",
    "stops_and_teams",
    "stops_from",
    "workload",
    "workload_cv",
]
