"""Which cells count as near, and how much: contiguity on a lattice or of polygons, k nearest, a distance band.

The rule travels with the weights in words, and cells without neighbours (islands) are named, never guessed at. Values are
not looked at here.
"""

from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from gis.errors import InputError, ShapeError
from gis.grid.neighbours import Neighbours, contiguity
from gis.hotspots.explain import Bilingual

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_MOST_LINKS = 50_000_000
"""A band that joins more pairs than this would not fit into memory; it is no neighbourhood either."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Weighted neighbours in compressed rows; a cell is never its own neighbour.

    Parameters
    ----------
    indptr
        Shape (n + 1,); row i holds ``indptr[i]:indptr[i + 1]``.
    indices
        Shape (m,), positions of the neighbours, ascending in each row.
    values
        Shape (m,), above zero.
    rule
        How they were chosen, in Chinese and English.
    """

    indptr: IntArray
    indices: IntArray
    values: FloatArray
    rule: Bilingual

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def degree(self) -> IntArray:
        """Shape (n,), how many neighbours each cell has."""
        return np.diff(self.indptr)

    @property
    def islands(self) -> IntArray:
        """Positions of the cells without neighbours."""
        return np.flatnonzero(self.degree == 0)

    @property
    def level(self) -> BoolArray:
        """Shape (n,), whether all neighbours of a cell weigh the same."""
        start = self.indptr[:-1][self.degree > 0]
        found = np.ones(len(self), dtype=bool)
        if len(start):
            low, high = np.minimum.reduceat(self.values, start), np.maximum.reduceat(self.values, start)
            found[self.degree > 0] = high - low <= 1e-12 * high
        return found

    def sums(self) -> FloatArray:
        """Shape (n,), the sum of each row."""
        return np.asarray(self.matrix() @ np.ones(len(self)))

    def square_sums(self) -> FloatArray:
        """Shape (n,), the sum of squares of each row."""
        return np.asarray(replace(self, values=self.values**2).matrix() @ np.ones(len(self)))

    def lag(self, x: FloatArray) -> FloatArray:
        """Shape (n,), the weighted sum of each cell's neighbours."""
        return np.asarray(self.matrix() @ x)

    def rows(self) -> IntArray:
        """Shape (m,), the cell that each link belongs to."""
        return np.repeat(np.arange(len(self)), self.degree)

    def standardised(self) -> "Weights":
        """Each row divided by its sum; islands stay empty."""
        return replace(self, values=self.values / self.sums()[self.rows()])

    def matrix(self) -> csr_array:
        """Shape (n, n), sparse."""
        return csr_array((self.values, self.indices, self.indptr), shape=(len(self), len(self)))

    def notes(self) -> tuple[Bilingual, ...]:
        """A sentence on islands, if there are any."""
        count = len(self.islands)
        return (island_note(count),) if count else ()


def island_note(count: int) -> Bilingual:
    """What is said of cells without neighbours."""
    return (
        f"{count} 个网格没有相邻网格,不作热点判断(z=0,p=1)。",
        f"{count} cells have no neighbours and are not judged (z 0, p 1).",
    )


def binary_weights(neighbours: Neighbours, rule: Bilingual = ("相邻", "contiguity")) -> Weights:
    """Neighbours as weights of 1."""
    return Weights(neighbours.indptr, neighbours.indices, np.ones(len(neighbours.indices)), rule)


def as_weights(near: Neighbours | Weights) -> Weights:
    """Weights as they are, neighbours as weights of 1."""
    return near if isinstance(near, Weights) else binary_weights(near)


def polygon_weights(areas: gpd.GeoDataFrame, *, rook: bool = False) -> Weights:
    """Polygons that touch: in a shared edge or a point (queen), or in a shared edge (rook).

    Parameters
    ----------
    areas
        Polygons in row order; a row without an outline is an island.
    """
    rule = ("共边相邻", "shared edge (rook)") if rook else ("共边或共点相邻", "shared edge or point (queen)")
    return binary_weights(contiguity(areas, rook=rook), rule)


def lattice_weights(rows: int, columns: int, *, rook: bool = False, mask: npt.ArrayLike | None = None) -> Weights:
    """Cells of a lattice that touch, numbered row by row.

    Parameters
    ----------
    rows, columns
        Size of the lattice.
    rook
        Four neighbours by edges instead of eight.
    mask
        Shape (rows, columns), which cells exist; the weights have one row for each of them, in reading order. All by
        default.

    Raises
    ------
    ShapeError
        A side below 1, or a mask of another shape.
    """
    exists = np.ones((max(rows, 0), max(columns, 0)), dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    if rows < 1 or columns < 1 or exists.shape != (rows, columns):
        raise ShapeError(
            zh=f"格网 {rows} 行 {columns} 列,掩膜形状 {exists.shape}:两者应一致且不小于 1。",
            en=f"A lattice of {rows} x {columns} with a mask of shape {exists.shape}: they must agree, 1 at least.",
        )
    number = np.full((rows + 2, columns + 2), -1, dtype=np.int64)
    number[1:-1, 1:-1][exists] = np.arange(int(exists.sum()))
    steps = (
        [(-1, 0), (0, -1), (0, 1), (1, 0)]
        if rook
        else [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
    )
    at = np.argwhere(exists) + 1
    # One column a direction, in reading order, so that the positions of a row ascend.
    beside = np.column_stack([number[at[:, 0] + down, at[:, 1] + right] for down, right in steps])
    found = beside >= 0
    indptr = np.concatenate([[0], np.cumsum(found.sum(axis=1))]).astype(np.int64)
    rule = ("格网四邻", "lattice, 4 neighbours (rook)") if rook else ("格网八邻", "lattice, 8 neighbours (queen)")
    return Weights(indptr, beside[found], np.ones(int(found.sum())), rule)


def knn_weights(xy_m: npt.ArrayLike, k: int) -> Weights:
    """The k nearest of each place; of equally near ones the lower position counts.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres in one projected CRS.
    k
        From 1 to n - 1.

    Raises
    ------
    ShapeError
        Not two finite columns, or k out of range.

    Notes
    -----
    Not symmetric: i may be near to j and j not to i. Nobody is an island.
    """
    xy = _places(xy_m)
    n = len(xy)
    if not 1 <= k <= n - 1:
        raise ShapeError(
            zh=f"{n} 个位置可取的邻居数为 1 至 {n - 1},收到 {k}。",
            en=f"{n} places allow 1 to {n - 1} neighbours, got {k}.",
        )
    tree = cKDTree(xy)
    reach = tree.query(xy, k + 1)[0][:, k] * (1 + 1e-9)
    near = tree.query_ball_point(xy, reach)
    rows = np.repeat(np.arange(n), [len(found) for found in near])
    others = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    apart = rows != others
    rows, others = rows[apart], others[apart]
    metres = np.hypot(*(xy[rows] - xy[others]).T)
    # Rounded to a part in a billion of the reach, so that equal distances are equal.
    step = np.maximum(reach[rows], 1e-300) * 1e-9
    order = np.lexsort((others, np.round(metres / step), rows))
    rows, others = rows[order], others[order]
    first = np.searchsorted(rows, np.arange(n))
    kept = np.sort(others[first[:, None] + np.arange(k)], axis=1)
    return Weights(
        (np.arange(n + 1) * k).astype(np.int64), kept.ravel(), np.ones(n * k), (f"最近 {k} 个", f"{k} nearest")
    )


def band_weights(
    xy_m: npt.ArrayLike, band_m: float, *, decay: Literal["none", "inverse", "inverse_square"] = "none"
) -> Weights:
    """All places within a distance, the end included.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres in one projected CRS.
    band_m
        Width of the band, metres. Places with nobody inside are islands.
    decay
        Weight 1 for all, or the inverse of the distance or of its square, with distances below 1 m taken as 1 m.

    Raises
    ------
    ShapeError
        Not two finite columns, or a band that is not above zero.
    InputError
        The band joins more than 50 million pairs.
    """
    xy = _places(xy_m)
    if not 0 < band_m < np.inf:
        raise ShapeError(
            zh=f"距离带宽 {band_m:g} 米应大于零。", en=f"The distance band of {band_m:g} m must be above zero."
        )
    tree = cKDTree(xy)
    links = int(tree.count_neighbors(tree, band_m))
    if links > _MOST_LINKS:
        raise InputError(
            zh=f"{band_m:g} 米内的点对有 {links} 个,过多;请减小距离。",
            en=f"{links} pairs lie within {band_m:g} m, too many; take a shorter distance.",
        )
    pairs = tree.query_pairs(band_m * (1 + 1e-12), output_type="ndarray")
    rows, others = np.concatenate([pairs, pairs[:, ::-1]]).T.astype(np.int64)
    order = np.lexsort((others, rows))
    rows, others = rows[order], others[order]
    power = {"none": 0, "inverse": 1, "inverse_square": 2}[decay]
    metres = np.maximum(np.hypot(*(xy[rows] - xy[others]).T), 1.0)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(xy)))]).astype(np.int64)
    return Weights(indptr, others, metres**-power, (f"{band_m:g} 米以内", f"within {band_m:g} m"))


def _places(xy_m: npt.ArrayLike) -> FloatArray:
    xy = np.asarray(xy_m, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or not len(xy) or not np.isfinite(xy).all():
        raise ShapeError(
            zh=f"需要形状为 (n, 2) 的有限坐标,收到 {xy.shape}。",
            en=f"Finite coordinates of shape (n, 2) are needed, got {xy.shape}.",
        )
    return xy
