"""Where incidents concentrate: density surfaces, rates per grid, Getis-Ord Gi*, and the ranking of grids."""

from gis.hotspots.density import Surface, bandwidth_rule, density_surface
from gis.hotspots.getis_ord import GiResult, gi_star
from gis.hotspots.rank import rank_grids
from gis.hotspots.rates import grid_rates

__all__ = [
    "GiResult",
    "Surface",
    "bandwidth_rule",
    "density_surface",
    "gi_star",
    "grid_rates",
    "rank_grids",
]
