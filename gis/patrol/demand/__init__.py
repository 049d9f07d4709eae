"""What a shift wants: stops at hot grids, places that must be seen, railway segments, sites of events, blind spots."""

from gis.patrol.demand.hours import ShiftClock, hour_factors
from gis.patrol.demand.must import DEFAULT_MUSTS, MustRule
from gis.patrol.demand.settings import COLUMNS, KOPER_S, ORIGINS, DemandOptions
from gis.patrol.demand.stops import assign_beats, opened_to_all, stops_from

__all__ = [
    "COLUMNS",
    "DEFAULT_MUSTS",
    "KOPER_S",
    "ORIGINS",
    "DemandOptions",
    "MustRule",
    "ShiftClock",
    "assign_beats",
    "hour_factors",
    "opened_to_all",
    "stops_from",
]
