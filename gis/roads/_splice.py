"""Points put onto the streets: each one a new node at its foot on the nearest street. The network itself stays as it is."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array

from gis.roads._segments import FloatArray, IntArray
from gis.roads.network import Network

_LEAST = 1e-6
"""A sparse graph holds no edge of length 0; a micrometre stands for it."""


@dataclass(frozen=True, eq=False)
class Spliced:
    """The street graph with points on it; node i of the points is ``first + i``, ``away`` its metres off the street."""

    xy: FloatArray
    seconds: csr_array
    metres: csr_array
    first: int
    away: FloatArray


def splice(network: Network, points: FloatArray, *, main_only: bool) -> Spliced:
    """Give every point a node of its own on the nearest street, and short edges along that street.

    Several points on one street are chained in their order along it; the street's own edge stays beside the chain.
    """
    n = len(network.xy)
    tail, head, key = _edges(network)
    once = _each_street_once(network, tail, head, key, main_only=main_only)
    lines = shapely.linestrings(np.stack([network.xy[tail[once]], network.xy[head[once]]], axis=1))
    (_, nearest), away = shapely.STRtree(lines).query_nearest(
        shapely.points(points), return_distance=True, all_matches=False
    )
    along = shapely.line_locate_point(lines[nearest], shapely.points(points), normalized=True)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines[nearest], along, normalized=True))
    a, b, share, edge = _chains(once[nearest], along, tail, head, n)
    back = np.searchsorted(key, head[edge] * n + tail[edge])
    two_way = (back < len(key)) & (key[np.minimum(back, len(key) - 1)] == head[edge] * n + tail[edge])
    rows = np.concatenate([tail, a, b[two_way]])
    columns = np.concatenate([head, b, a[two_way]])
    size = n + len(points)

    def extended(graph: csr_array) -> csr_array:
        data = np.concatenate([graph.data, share * graph.data[edge], (share * graph.data[back % len(key)])[two_way]])
        out = csr_array((np.maximum(data, _LEAST), (rows, columns)), shape=(size, size))
        out.sort_indices()
        return out

    return Spliced(np.vstack([network.xy, foot]), extended(network.seconds), extended(network.metres), n, away)


def _edges(network: Network) -> tuple[IntArray, IntArray, IntArray]:
    """Tail and head of every directed edge, and a key by which they are sorted."""
    graph = network.seconds
    tail = np.repeat(np.arange(graph.shape[0], dtype=np.int64), np.diff(graph.indptr))
    head = graph.indices.astype(np.int64)
    return tail, head, tail * graph.shape[0] + head


def _each_street_once(network: Network, tail: IntArray, head: IntArray, key: IntArray, *, main_only: bool) -> IntArray:
    """Edges a point may lie on: one of each pair of directions, in the main part where there is a street at all."""
    once = (tail < head) | ~np.isin(head * len(network.xy) + tail, key)
    main = once & (network.component[tail] == 0) & (network.component[head] == 0)
    return np.flatnonzero(main if main_only and main.any() else once)


def _chains(
    edge: IntArray, along: FloatArray, tail: IntArray, head: IntArray, n: int
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """From the tail of each street over its points to its head: from, to, share of the street, which street."""
    order = np.lexsort((np.arange(len(edge)), along, edge))
    edge, along, node = edge[order], along[order], n + order
    opens = np.ones(len(edge), dtype=bool)
    opens[1:] = edge[1:] != edge[:-1]
    closes = np.append(opens[1:], True)[: len(edge)]
    before = np.where(opens, tail[edge], np.roll(node, 1))
    share = along - np.where(opens, 0.0, np.roll(along, 1))
    return (
        np.concatenate([before, node[closes]]),
        np.concatenate([node, head[edge[closes]]]),
        np.concatenate([share, 1.0 - along[closes]]),
        np.concatenate([edge, edge[closes]]),
    )
