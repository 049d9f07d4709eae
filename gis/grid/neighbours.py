"""Which areas touch which: queen (a shared point is enough) or rook (a shared edge is needed). No distances here."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """A symmetric neighbour list in compressed rows.

    Parameters
    ----------
    indptr
        Shape (n + 1,); the neighbours of row i are ``indices[indptr[i]:indptr[i + 1]]``.
    indices
        Shape (m,), positions in the caller's row order, ascending in each row, never the row itself.
    """

    indptr: IntArray
    indices: IntArray

    def of(self, row: int) -> IntArray:
        """Positions of the neighbours of one row."""
        return self.indices[self.indptr[row] : self.indptr[row + 1]]

    def __len__(self) -> int:
        return len(self.indptr) - 1


def contiguity(areas: gpd.GeoDataFrame, *, rook: bool = False, snap_deg: float = 1e-7) -> Neighbours:
    """Who touches whom, in the table's row order.

    Parameters
    ----------
    areas
        Polygons; rows are cells of one level. A row without an outline has no neighbours.
    rook
        Ask for a shared edge instead of a shared point. An edge counts from ten times ``snap_deg`` on.
    snap_deg
        Gaps up to this width, in the unit of the geometry, still count as touching. The default is the rounding of seven
        decimals, 1 cm: a corner set on a neighbour's edge must not part the two.

    Notes
    -----
    Overlapping areas touch. On areas that share their vertices equal to libpysal's queen and rook graphs.
    """
    shapes = areas.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=snap_deg)
    once = left < right
    left, right = left[once], right[once]
    if rook:
        keep = _share_an_edge(shapes, left, right, snap_deg)
        left, right = left[keep], right[keep]
    return _rows(left, right, len(shapes))


def _share_an_edge(
    shapes: npt.NDArray[np.object_], left: IntArray, right: IntArray, snap: float
) -> npt.NDArray[np.bool_]:
    """Exact edges first; what they leave open is asked again with room for rounding."""
    lines = shapely.boundary(shapes)
    long = 10 * snap
    keep = np.asarray(shapely.length(shapely.intersection(lines[left], lines[right])) > long, dtype=bool)
    open_ = np.flatnonzero(~keep)
    beside = shapely.intersection(lines[left[open_]], shapely.buffer(shapes[right[open_]], snap, quad_segs=2))
    keep[open_] = shapely.length(beside) > long
    return keep


def _rows(left: IntArray, right: IntArray, count: int) -> Neighbours:
    rows, columns = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((columns, rows))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]).astype(np.int64)
    return Neighbours(indptr=indptr, indices=columns[order].astype(np.int64))
