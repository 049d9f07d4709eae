"""From street lines to graph pieces: which vertices are one node, where an end touches a street, how long each is.

Two streets meet where they share a vertex, or where an end of one lies on the other within the tolerance. A mere
crossing in plan joins nothing: it may be a bridge, and a wrong connection sends a patrol through the air.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Segments:
    """Straight pieces between two nodes, in metres; ``line`` is the position of the street in the table."""

    xy: FloatArray
    tail: IntArray
    head: IntArray
    line: IntArray

    def lengths(self) -> FloatArray:
        """Metres of each piece."""
        step = self.xy[self.head] - self.xy[self.tail]
        return np.hypot(step[:, 0], step[:, 1])


def explode(lines: npt.NDArray[np.object_], owner: IntArray) -> Segments:
    """Cut lines into vertex-to-vertex pieces; vertices equal to the millimetre are one node.

    Parameters
    ----------
    lines
        LineStrings in metres.
    owner
        Position of the street each line belongs to.
    """
    coords, index = shapely.get_coordinates(lines, return_index=True)
    keys = np.round(coords * 1000).astype(np.int64)
    _, first, node = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    follows = np.flatnonzero(index[1:] == index[:-1])
    tail, head = node[follows].astype(np.int64), node[follows + 1].astype(np.int64)
    real = tail != head
    return Segments(coords[first], tail[real], head[real], owner[index[follows]][real])


def join_ends(segments: Segments, snap_m: float) -> tuple[Segments, int, int]:
    """Connect loose ends: to another street's vertex within ``snap_m``, else to the street they touch.

    Returns
    -------
    segments, ends, touches
        The joined pieces; how many ends moved to a vertex; how many streets were cut where an end touches them.
    """
    if snap_m <= 0 or not len(segments.tail):
        return segments, 0, 0
    segments, ends = _snap_to_vertices(segments, snap_m)
    segments, touches = _snap_to_streets(segments, snap_m)
    return segments, ends, touches


def _loose_ends(segments: Segments) -> IntArray:
    degree = np.bincount(np.concatenate([segments.tail, segments.head]), minlength=len(segments.xy))
    return np.flatnonzero(degree == 1)


def _line_of_node(segments: Segments) -> IntArray:
    line = np.full(len(segments.xy), -1, dtype=np.int64)
    line[segments.tail] = segments.line
    line[segments.head] = segments.line
    return line


def _snap_to_vertices(segments: Segments, snap_m: float) -> tuple[Segments, int]:
    loose = _loose_ends(segments)
    if not len(loose):
        return segments, 0
    line = _line_of_node(segments)
    reach = cKDTree(segments.xy).query_ball_point(segments.xy[loose], snap_m)
    pairs = []
    for end, near in zip(loose.tolist(), reach, strict=True):
        others = [node for node in near if line[node] != line[end]]
        if others:
            away = np.hypot(*(segments.xy[others] - segments.xy[end]).T)
            pairs.append((end, others[int(np.argmin(away))]))
    if not pairs:
        return segments, 0
    a, b = np.array(pairs, dtype=np.int64).T
    size = len(segments.xy)
    _, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(size, size)), directed=False)
    # The lowest node of a cluster keeps its place; two ends a metre apart differ by less than a stride.
    _, keeper, merged = np.unique(label, return_index=True, return_inverse=True)
    tail, head = merged[segments.tail], merged[segments.head]
    real = tail != head
    return Segments(segments.xy[keeper], tail[real], head[real], segments.line[real]), len(pairs)


def _snap_to_streets(segments: Segments, snap_m: float) -> tuple[Segments, int]:
    loose = _loose_ends(segments)
    if not len(loose):
        return segments, 0
    lines = shapely.linestrings(np.stack([segments.xy[segments.tail], segments.xy[segments.head]], axis=1))
    ends = shapely.points(segments.xy[loose])
    end, piece = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=snap_m)
    foreign = segments.line[piece] != _line_of_node(segments)[loose[end]]
    end, piece = end[foreign], piece[foreign]
    if not len(end):
        return segments, 0
    order = np.lexsort((piece, shapely.distance(ends[end], lines[piece]), end))
    end, piece = end[order], piece[order]
    _, first = np.unique(end, return_index=True)
    end, piece = end[first], piece[first]
    return _cut_at(segments, piece, loose[end], shapely.line_locate_point(lines[piece], ends[end])), len(end)


def _cut_at(segments: Segments, piece: IntArray, node: IntArray, at_m: FloatArray) -> Segments:
    order = np.lexsort((node, at_m, piece))
    tails, heads, owners = [], [], []
    start = segments.tail.copy()
    for position in order.tolist():
        cut = piece[position]
        if node[position] in (start[cut], segments.head[cut]):
            continue
        tails.append(start[cut])
        heads.append(node[position])
        owners.append(segments.line[cut])
        start[cut] = node[position]
    return Segments(
        segments.xy,
        np.concatenate([start, np.array(tails, dtype=np.int64)]),
        np.concatenate([segments.head, np.array(heads, dtype=np.int64)]),
        np.concatenate([segments.line, np.array(owners, dtype=np.int64)]),
    )
