"""Which areas touch which: queen (a shared point is enough) or rook (a shared edge is needed). No distances here."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely


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

    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int64]

    def of(self, row: int) -> npt.NDArray[np.int64]:
        """Positions of the neighbours of one row."""
        return self.indices[self.indptr[row] : self.indptr[row + 1]]

    def __len__(self) -> int:
        return len(self.indptr) - 1


def contiguity(areas: gpd.GeoDataFrame, *, rook: bool = False, snap_deg: float = 1e-9) -> Neighbours:
    """Who touches whom, in the table's row order.

    Parameters
    ----------
    areas
        Polygons; rows are cells of one level.
    rook
        Ask for a shared edge instead of a shared point.
    snap_deg
        Gaps up to this width, in the unit of the geometry, still count as touching.
    """
    shapes = areas.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=snap_deg)
    apart = left < right
    left, right = left[apart], right[apart]
    if rook and len(left):
        shared = shapely.length(shapely.intersection(shapes[left], shapes[right]))
        keep = shared > snap_deg
        left, right = left[keep], right[keep]
    rows, columns = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((columns, rows))
    counts = np.bincount(rows, minlength=len(shapes)) if len(rows) else np.zeros(len(shapes), dtype=np.int64)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Neighbours(indptr=indptr, indices=columns[order].astype(np.int64))
