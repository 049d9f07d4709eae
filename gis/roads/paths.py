"""Ways through the street graph: nearest node, travel times and lengths between points, the line to draw.

A point stands at its foot on the nearest street; the metres up to it are walked in a straight line times the detour
factor. Nothing is cached.
"""

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from gis.errors import NotFoundError, ShapeError
from gis.roads._order import ordered
from gis.roads._segments import FloatArray, IntArray
from gis.roads._splice import splice
from gis.roads.network import Network

DETOUR = 1.3
"""Street length over straight line where no streets are known; docs/methods/patrol.md says where it comes from."""
MAX_ACCESS_M = 1000.0
"""A point farther from every street than this is out of reach."""


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
        Ways longer than this count as out of reach.
    max_access_m
        A point farther from every usable street is out of reach.

    Returns
    -------
    seconds, metres
        Both shape (k, k), row is from, column is to; inf where there is no way; 0 from a point to itself.

    Notes
    -----
    Nodes are taken out of the graph in order, bends and dead ends first, with shortcuts in their place; each way then climbs
    and descends over few nodes (``gis.roads._order``). Memory grows with the graph and the matrix alone.
    """
    points = _points(xy)
    if not len(points):
        return np.empty((0, 0)), np.empty((0, 0))
    graph = splice(network, points, main_only=main_only)
    nodes = np.arange(graph.first, len(graph.xy))
    seconds, metres = ordered(graph.seconds, graph.metres).between(nodes, nodes)
    seconds, metres = _within(seconds, metres, limit_s)
    walk = np.where(graph.away <= max_access_m, graph.away * detour, np.inf)
    leg = walk[:, None] + walk[None, :]
    seconds, metres = seconds + leg / network.mode.access_mps, metres + leg
    _join_directly(points, leg, seconds, metres, network.mode.access_mps, detour)
    metres[~np.isfinite(seconds)] = np.inf
    return seconds, metres


def node_matrix(
    network: Network, sources: IntArray, targets: IntArray | None = None, *, limit_s: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres of the quickest way between nodes of the graph.

    Parameters
    ----------
    sources, targets
        Node numbers, shapes (s,) and (t,); all nodes if no targets are named.

    Returns
    -------
    seconds, metres
        Both shape (s, t); inf where there is no way within ``limit_s``.

    Raises
    ------
    ShapeError
        A number that is no node of the graph.

    Notes
    -----
    ``gis.roads._order`` says how; preparing the graph takes about as long as forty searches of Dijkstra.
    """
    size = len(network.xy)
    sources = _nodes(sources, size)
    targets = np.arange(size, dtype=np.int64) if targets is None else _nodes(targets, size)
    seconds, metres = ordered(network.seconds, network.metres).between(sources, targets)
    return _within(seconds, metres, limit_s)


def route_line(network: Network, a_xy: FloatArray, b_xy: FloatArray, **options: float) -> shapely.LineString:
    """The quickest way between two points as a line; ``route_lines`` for a whole tour."""
    ends = np.stack([np.asarray(a_xy, dtype=np.float64), np.asarray(b_xy, dtype=np.float64)])
    return route_lines(network, ends, **options)[0]  # type: ignore[arg-type]


def route_lines(
    network: Network, xy: FloatArray, *, max_access_m: float = MAX_ACCESS_M, main_only: bool = True
) -> list[shapely.LineString]:
    """The quickest way from each point to the next, as lines to draw.

    Parameters
    ----------
    xy
        Shape (k, 2), metres: a tour from place to place.

    Returns
    -------
    lines
        k - 1 lines, each from its point over the streets to the next point.

    Raises
    ------
    NotFoundError
        No way between two of them, or one lies farther than ``max_access_m`` from every street.
    """
    points = _points(xy)
    if len(points) < 2:
        return []
    graph = splice(network, points, main_only=main_only)
    lines = []
    for leg in range(len(points) - 1):
        start, goal = graph.first + leg, graph.first + leg + 1
        _, before = dijkstra(graph.seconds, directed=True, indices=start, return_predecessors=True)
        away = float(graph.away[leg : leg + 2].max())
        if away > max_access_m or before[goal] < 0:
            raise NotFoundError(
                zh=f"第 {leg + 1} 点到下一点没有“{network.mode.name_zh}”可走的路(离路网最远 {away:.0f} 米)。",
                en=f"There is no way {network.mode.name_en} from point {leg + 1} to the next "
                f"(the farther one is {away:.0f} m from a street).",
            )
        way = [goal]
        while way[-1] != start:
            way.append(int(before[way[-1]]))
        lines.append(shapely.LineString(np.vstack([points[leg], graph.xy[way[::-1]], points[leg + 1]])))
    return lines


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


def _within(seconds: FloatArray, metres: FloatArray, limit_s: float) -> tuple[FloatArray, FloatArray]:
    beyond = seconds > limit_s
    return np.where(beyond, np.inf, seconds), np.where(beyond, np.inf, metres)


def _nodes(numbers: IntArray, size: int) -> IntArray:
    nodes = np.asarray(numbers, dtype=np.int64)
    if nodes.ndim != 1 or ((nodes < 0) | (nodes >= size)).any():
        raise ShapeError(
            zh=f"节点编号须为 0 到 {size - 1} 的一维数组,得到形状 {nodes.shape}。",
            en=f"Node numbers must be a flat array of 0 to {size - 1}, got shape {nodes.shape}.",
        )
    return nodes


def _join_directly(
    points: FloatArray, leg: FloatArray, seconds: FloatArray, metres: FloatArray, walk_mps: float, detour: float
) -> None:
    """Nearer to each other than to the street: one walks straight over. Changes the matrices in place."""
    tree = cKDTree(points)
    off_street = leg.diagonal() / 2
    reach = off_street[np.isfinite(off_street)].max(initial=0.0) * 2 / detour
    pairs = tree.query_pairs(reach, output_type="ndarray")
    i, j = np.concatenate([pairs, pairs[:, ::-1]]).T
    direct = detour * np.hypot(*(points[i] - points[j]).T)
    shorter = (direct < leg[i, j]) & np.isfinite(leg[i, j]) & (direct / walk_mps < seconds[i, j])
    i, j, direct = i[shorter], j[shorter], direct[shorter]
    metres[i, j], seconds[i, j] = direct, direct / walk_mps
    np.fill_diagonal(seconds, np.where(np.isfinite(off_street), 0.0, seconds.diagonal()))
    np.fill_diagonal(metres, np.where(np.isfinite(off_street), 0.0, metres.diagonal()))
