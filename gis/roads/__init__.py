"""Roads: the street graph on foot, by e-bike or by car, and the way between two points. It plans nothing."""

from gis.roads.check import StreetCheck, check_streets
from gis.roads.modes import MODES, Mode
from gis.roads.network import Network, NetworkReport, build_network
from gis.roads.paths import nearest_nodes, node_matrix, route_line, route_lines, straight_matrix, travel_matrix

__all__ = [
    "MODES",
    "Mode",
    "Network",
    "NetworkReport",
    "StreetCheck",
    "build_network",
    "check_streets",
    "nearest_nodes",
    "node_matrix",
    "route_line",
    "route_lines",
    "straight_matrix",
    "travel_matrix",
]
