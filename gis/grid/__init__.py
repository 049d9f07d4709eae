"""Grids and areas: their tree, who touches whom, whether they tile, and their versions in time."""

from gis.grid.hierarchy import AreaTree
from gis.grid.neighbours import Neighbours, contiguity
from gis.grid.tiling import Tolerances, check_areas, repair_areas
from gis.grid.versions import supersede, valid_on

__all__ = ["AreaTree", "Neighbours", "Tolerances", "check_areas", "contiguity", "repair_areas", "supersede", "valid_on"]
