"""Ways through the street graph: nearest node, travel times and lengths between points, the line to draw.

The last metres between a point and its node are walked in a straight line times the detour factor. Nothing is cached.
"""

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from gis.errors import NotFoundError, ShapeError
from gis.roads._kernels import path_metres
from gis.roads._segments import FloatArray, IntArray
from gis.roads.network import Network

DETOUR = 1.3
"""Street length over straight line where no streets are known; docs/methods/patrol.md says where it comes from."""
MAX_ACCESS_M = 1000.0
"""A point farther from every street than this is out of reach."""
_BATCH = 64


def nearest_nodes(network: Network, xy: FloatArray, *, main_only: bool = True) -> tuple[IntArray, FloatArray]:
    """The graph node nearest to each point, and how far it is.

    Parameters
    ----------
    xy
        Shape (k, 2), metres in the network's CRS.
    main_only
        Take nodes of the largest part only, from which the most can be reached.

    Returns
    -------
    node, metres
        Both shape (k,). The lowest node wins a tie.
    """
    points = _points(xy)
    allowed = np.flatnonzero(network.component == 0) if main_only else np.arange(len(network.xy))
    if not len(points):
        return np.empty(0, dtype=np.int64), np.empty(0)
    metres, place = cKDTree(network.xy[allowed]).query(points)
    return allowed[place].astype(np.int64), metres


def travel_matrix(
    network: Network,
    xy: FloatArray,
    *,
    limit_s: float = np.inf,
    max_access_m: float = MAX_ACCESS_M,
    detour: float = DETOUR,
    main_only: bool = True,
) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres of the quickest way between all pairs of points.

    Parameters
    ----------
    xy
        Shape (k, 2), metres in the network's CRS.
    limit_s
        Ways longer than this count as out of reach; a limit makes the search many times faster.
    max_access_m
        A point farther from every usable street is out of reach.

    Returns
    -------
    seconds, metres
        Both shape (k, k), row is from, column is to; inf where there is no way; 0 from a point to itself.

    Notes
    -----
    Dijkstra (1959) from each distinct node, in batches of 64 sources so that memory grows with the graph alone.
    """
    points = _points(xy)
    node, away = nearest_nodes(network, points, main_only=main_only)
    nodes, inverse = np.unique(node, return_inverse=True)
    seconds, metres = _between_nodes(network, nodes, limit_s)
    seconds, metres = seconds[np.ix_(inverse, inverse)], metres[np.ix_(inverse, inverse)]
    walk = np.where(away <= max_access_m, away * detour, np.inf)
    leg = walk[:, None] + walk[None, :]
    seconds, metres = seconds + leg / network.mode.access_mps, metres + leg
    _straight_at_one_node(points, node, seconds, metres, network.mode.access_mps, detour)
    out = ~np.isfinite(seconds)
    metres[out] = np.inf
    return seconds, metres


def route_line(
    network: Network,
    a_xy: FloatArray,
    b_xy: FloatArray,
    *,
    max_access_m: float = MAX_ACCESS_M,
    main_only: bool = True,
) -> shapely.LineString:
    """The quickest way between two points as a line, from the one to the other.

    Raises
    ------
    NotFoundError
        No way between the two, or one lies farther than ``max_access_m`` from every street.
    """
    ends = _points(np.stack([np.asarray(a_xy, dtype=float), np.asarray(b_xy, dtype=float)]))
    (start, goal), away = nearest_nodes(network, ends, main_only=main_only)
    _, before = dijkstra(network.seconds, directed=True, indices=start, return_predecessors=True)
    if away.max() > max_access_m or (start != goal and before[goal] < 0):
        raise NotFoundError(
            zh=f"两点之间没有“{network.mode.name_zh}”可走的路(离路网最远 {away.max():.0f} 米)。",
            en=f"There is no way {network.mode.name_en} between the two points "
            f"(the farther one is {away.max():.0f} m from a street).",
        )
    way = [int(goal)]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return shapely.LineString(np.vstack([ends[:1], network.xy[way[::-1]], ends[1:]]))


def straight_matrix(xy: FloatArray, *, speed_mps: float, detour: float = DETOUR) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres where no streets are known: straight line times the detour factor.

    Parameters
    ----------
    xy
        Shape (k, 2), metres.
    """
    points = _points(xy)
    if not speed_mps > 0 or not detour >= 1:
        raise ShapeError(
            zh=f"速度须大于 0、绕行系数须不小于 1,得到 {speed_mps} 与 {detour}。",
            en=f"The speed must be above 0 and the detour factor at least 1, got {speed_mps} and {detour}.",
        )
    metres = detour * np.hypot(points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1])
    return metres / speed_mps, metres


def _points(xy: FloatArray) -> FloatArray:
    points = np.asarray(xy, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ShapeError(
            zh=f"需要形状为 (k, 2) 的有限坐标(米),得到形状 {points.shape}、{(~np.isfinite(points)).sum()} 个缺失值。",
            en=f"Finite coordinates of shape (k, 2) in metres are needed, got shape {points.shape} "
            f"with {(~np.isfinite(points)).sum()} missing values.",
        )
    return points


def _between_nodes(network: Network, nodes: IntArray, limit_s: float) -> tuple[FloatArray, FloatArray]:
    seconds = np.empty((len(nodes), len(nodes)))
    metres = np.empty_like(seconds)
    graph = network.metres
    for first in range(0, len(nodes), _BATCH):
        batch = slice(first, first + _BATCH)
        reach, before = dijkstra(
            network.seconds, directed=True, indices=nodes[batch], limit=limit_s, return_predecessors=True
        )
        seconds[batch] = reach[:, nodes]
        metres[batch] = path_metres(before, nodes, graph.indptr, graph.indices, graph.data)
    return seconds, metres


def _straight_at_one_node(
    points: FloatArray, node: IntArray, seconds: FloatArray, metres: FloatArray, walk_mps: float, detour: float
) -> None:
    """Two points at the same node are joined directly: in place, where that is shorter than via the node."""
    i, j = np.nonzero(node[:, None] == node[None, :])
    direct = detour * np.hypot(*(points[i] - points[j]).T)
    direct = np.minimum(direct, metres[i, j])
    metres[i, j] = direct
    seconds[i, j] = direct / walk_mps
