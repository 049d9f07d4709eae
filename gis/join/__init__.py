"""Points to areas: which grid, community, street and district each point lies in, and how many there are."""

from gis.join.assign import CellIndex, assign_levels, assign_points
from gis.join.count import count_by

__all__ = ["CellIndex", "assign_levels", "assign_points", "count_by"]
