"""Street segments, from one junction to the next, and the segment that an incident belongs to.

The unit of the law of concentration and of densities along streets. Streets in, lines in metres out; no travel times.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import InputError, ShapeError
from gis.roads.modes import Mode, mode_named
from gis.roads.network import pieces_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


MOST_AWAY_M = 50.0
"""A point farther from every street than this belongs to none of them."""


@dataclass(frozen=True, eq=False)
class StreetSegments:
    """Streets cut at junctions.

    Parameters
    ----------
    lines
        Shape (n,), LineStrings in metres, each from node to node.
    length_m
        Shape (n,).
    tail, head
        Shape (n,), nodes at its ends; equal for a ring.
    nodes
        Shape (k, 2), metres.
    """

    lines: npt.NDArray[np.object_]
    length_m: FloatArray
    tail: IntArray
    head: IntArray
    nodes: FloatArray

    def __len__(self) -> int:
        return len(self.lines)


def street_segments(
    streets: gpd.GeoDataFrame, *, crs: object, mode: str | Mode = "foot", snap_m: float = 1.0
) -> StreetSegments:
    """Streets that a mode can use, from junction to junction.

    Parameters
    ----------
    streets
        Table ``streets``.
    crs
        Metric CRS.
    mode
        ``foot`` by default: where people walk.
    snap_m
        As in ``build_network``: ends this near are joined.

    Raises
    ------
    InputError
        No street that this mode can use.
    CrsError
        The table has no CRS, or ``crs`` is not in metres.
    """
    pieces, _ = pieces_of(streets, mode_named(mode), crs, snap_m=snap_m)
    straight = shapely.linestrings(np.stack([pieces.xy[pieces.tail], pieces.xy[pieces.head]], axis=1))
    return segments_of_lines(np.asarray(straight, dtype=object))


def segments_of_lines(lines: npt.NDArray[np.object_]) -> StreetSegments:
    """Segments of lines in metres that meet at shared ends only: joined where exactly two meet, cut everywhere else.

    Parameters
    ----------
    lines
        LineStrings.

    Raises
    ------
    InputError
        No line has a length.
    """
    # The same piece twice (two streets drawn over each other) is one street.
    once = np.unique(shapely.to_wkb(shapely.normalize(lines)))
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.from_wkb(once))))
    merged = merged[shapely.length(merged) > 0]
    if not len(merged):
        raise InputError(zh="没有可用的路段。", en="There are no street segments.")
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(merged, at)) for at in (0, -1)])
    _, first, node = np.unique(np.round(ends, 3), axis=0, return_index=True, return_inverse=True)
    node = node.reshape(-1).astype(np.int64)
    n = len(merged)
    return StreetSegments(merged, np.asarray(shapely.length(merged)), node[:n], node[n:], ends[first])


def snap_to_segments(
    segments: StreetSegments, xy_m: npt.ArrayLike, *, most_m: float = MOST_AWAY_M
) -> tuple[IntArray, FloatArray, FloatArray]:
    """The segment nearest to each point, how far along it the foot lies, and how far away it is.

    Parameters
    ----------
    xy_m
        Shape (k, 2), metres in the CRS of the segments; NaN belongs to none.
    most_m
        Points farther away belong to no segment.

    Returns
    -------
    segment, along_m, away_m
        Shapes (k,); -1, NaN and NaN for a point that belongs to none. Of equally near segments the lowest counts: a point
        on a junction goes to one of its segments.

    Raises
    ------
    ShapeError
        Not two columns.
    """
    xy = np.asarray(xy_m, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ShapeError(
            zh=f"需要形状为 (n, 2) 的坐标,收到 {xy.shape}。",
            en=f"Coordinates of shape (n, 2) are needed, got {xy.shape}.",
        )
    segment = np.full(len(xy), -1, dtype=np.int64)
    along, away = np.full(len(xy), np.nan), np.full(len(xy), np.nan)
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if not len(known):
        return segment, along, away
    points = shapely.points(xy[known])
    (point, line), metres = shapely.STRtree(segments.lines).query_nearest(
        points, max_distance=most_m, return_distance=True, all_matches=True
    )
    order = np.lexsort((line, point))
    point, line, metres = point[order], line[order], metres[order]
    _, first = np.unique(point, return_index=True)
    at = known[point[first]]
    segment[at], away[at] = line[first], metres[first]
    along[at] = shapely.line_locate_point(segments.lines[line[first]], points[point[first]])
    return segment, along, away
