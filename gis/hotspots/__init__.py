"""Where and when incidents concentrate: local statistics, densities, emerging hot spots, scans, near repeats, polygons."""

from gis.hotspots.adaptive import adaptive_surface
from gis.hotspots.aoristic import HourProfile, hour_profile, hour_profiles
from gis.hotspots.bandwidth import BandwidthChoice, likelihood_bandwidth
from gis.hotspots.concentration import Concentration, concentration_of
from gis.hotspots.cube import SpaceTimeCube, space_time_cube
from gis.hotspots.default_geocode import DefaultGeocodes, default_geocodes
from gis.hotspots.density import Surface, bandwidth_rule, density_surface
from gis.hotspots.emerging import CLASSES, EmergingResult, emerging_hot_spots
from gis.hotspots.explain import Explanation
from gis.hotspots.getis_ord import GiResult, gi_star, local_g
from gis.hotspots.hot_cells import METHODS, Ground, HotCellOptions, HotCells, hot_cells
from gis.hotspots.moran import LocalMoranResult, MoranResult, global_moran, local_moran
from gis.hotspots.near_repeat import KnoxTable, knox
from gis.hotspots.network_density import NetworkDensity, street_density
from gis.hotspots.optimized import OptimizedResult, optimized_hot_spots
from gis.hotspots.polygons import (
    CellFigures,
    compare_polygons,
    explain_hot_spots,
    explain_polygons,
    hot_spot_ids,
    hot_spot_polygons,
)
from gis.hotspots.rank import rank_grids
from gis.hotspots.rates import EmpiricalBayes, empirical_bayes, grid_rates, standardised_rates
from gis.hotspots.scan import Cluster, ScanResult, poisson_scan
from gis.hotspots.space_time_scan import space_time_permutation_scan
from gis.hotspots.street_segments import StreetSegments, snap_to_segments, street_segments
from gis.hotspots.weights import Weights, band_weights, knn_weights, lattice_weights, polygon_weights

__all__ = [
    "CLASSES",
    "METHODS",
    "BandwidthChoice",
    "CellFigures",
    "Cluster",
    "Concentration",
    "DefaultGeocodes",
    "EmergingResult",
    "EmpiricalBayes",
    "Explanation",
    "GiResult",
    "Ground",
    "HotCellOptions",
    "HotCells",
    "HourProfile",
    "KnoxTable",
    "LocalMoranResult",
    "MoranResult",
    "NetworkDensity",
    "OptimizedResult",
    "ScanResult",
    "SpaceTimeCube",
    "StreetSegments",
    "Surface",
    "Weights",
    "adaptive_surface",
    "band_weights",
    "bandwidth_rule",
    "compare_polygons",
    "concentration_of",
    "default_geocodes",
    "density_surface",
    "emerging_hot_spots",
    "empirical_bayes",
    "explain_hot_spots",
    "explain_polygons",
    "gi_star",
    "global_moran",
    "grid_rates",
    "hot_cells",
    "hot_spot_ids",
    "hot_spot_polygons",
    "hour_profile",
    "hour_profiles",
    "knn_weights",
    "knox",
    "lattice_weights",
    "likelihood_bandwidth",
    "local_g",
    "local_moran",
    "optimized_hot_spots",
    "poisson_scan",
    "polygon_weights",
    "rank_grids",
    "snap_to_segments",
    "space_time_cube",
    "space_time_permutation_scan",
    "standardised_rates",
    "street_density",
    "street_segments",
]
