"""From sites to cells: each incident counts in the cells around it, by one of two kernels.

``site_weights`` is the true kernel, the mass of a Gaussian around the site in each cell. ``neighbour_weights`` is narrower:
an incident counts in its own cell, and a little in the neighbours, by the distance between the middles; on cells of 250 m
and snapped points it forecasts better, since a point near an edge keeps its cell. Under both, what would leak over the
district's border stays inside: a forecast adds up to the rate of the incidents behind it. A site outside counts nowhere.
"""

from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import KDTree

from gis.errors import InputError
from gis.forecast import _kernels
from gis.forecast.ground import Cells

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_SQUARES = 4_000_000


def site_weights(sites: FloatArray, cells: Cells, bandwidth_m: float) -> sparse.csr_array:
    """How each site counts in each cell; shape (sites, cells), rows add up to 1, or to 0 outside the cells.

    Parameters
    ----------
    sites
        Shape (m, 2), metres.
    bandwidth_m
        Standard deviation of the Gaussian; 0 counts each site in its own cell alone.

    Raises
    ------
    InputError
        A bandwidth below zero or without end.

    Notes
    -----
    On a lattice the mass in a square is exact (a product of two error functions), cut at four bandwidths. On grids it is
    taken over squares of at most half a bandwidth that belong to the grid that holds their middle.
    """
    check_bandwidth(bandwidth_m)
    home = cells.assign(sites)
    inside = np.flatnonzero(home >= 0)
    shape = (len(sites), len(cells))
    if bandwidth_m == 0 or len(inside) == 0:
        return sparse.csr_array((np.ones(len(inside)), (inside, home[inside])), shape=shape)
    x0, y0, step, owner = _raster(cells, bandwidth_m)
    across, up = (sites[inside, 0] - x0) / step, (sites[inside, 1] - y0) / step
    of, cell, mass = _kernels.site_mass(
        np.ascontiguousarray(across), np.ascontiguousarray(up), bandwidth_m / step, np.ascontiguousarray(owner)
    )
    total = np.bincount(of, mass, minlength=len(inside))
    # A thin grid between the squares' middles may hold none of them: such a site counts in its own cell.
    lost = np.flatnonzero(total <= 0)
    share = mass / np.where(total > 0, total, 1.0)[of]
    rows, columns = np.concatenate([inside[of], inside[lost]]), np.concatenate([cell, home[inside[lost]]])
    return sparse.csr_array((np.concatenate([share, np.ones(len(lost))]), (rows, columns)), shape=shape)


def neighbour_weights(cells: Cells, bandwidth_m: float) -> sparse.csr_array:
    """How an incident in one cell counts in the others; shape (cells, cells), rows add up to 1.

    Parameters
    ----------
    bandwidth_m
        Standard deviation of a Gaussian of the distance between middles; 0 counts it in its own cell alone.

    Raises
    ------
    InputError
        A bandwidth below zero or without end.
    """
    check_bandwidth(bandwidth_m)
    n = len(cells)
    if bandwidth_m == 0:
        return sparse.csr_array(sparse.eye_array(n, format="csr"))
    one, other, apart = _pairs(cells, _kernels.REACH * bandwidth_m)
    mass = np.exp(-0.5 * (apart / bandwidth_m) ** 2)
    total = np.bincount(one, mass, minlength=n)
    return sparse.csr_array((mass / total[one], (one, other)), shape=(n, n))


def _pairs(cells: Cells, within_m: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Cells whose middles lie so near, each with itself too, and how far apart they are."""
    if cells.lattice is None:
        tree = KDTree(cells.xy)
        near = tree.sparse_distance_matrix(tree, within_m, output_type="coo_matrix")
        return near.row, near.col, near.data
    # On squares every step of so many columns and rows is one shift of the whole lattice.
    reach = int(within_m / cells.size_m + 1e-9)
    owner = np.pad(cells.lattice.of, reach, constant_values=-1)
    row, column = np.nonzero(cells.lattice.of >= 0)
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    for up, across in product(range(-reach, reach + 1), repeat=2):
        apart = cells.size_m * float(np.hypot(up, across))
        if apart <= within_m + 1e-9:
            other = owner[row + reach + up, column + reach + across]
            one = np.flatnonzero(other >= 0)
            found.append((one, other[one], np.full(len(one), apart)))
    ones, others, distances = zip(*found, strict=True)
    return np.concatenate(ones), np.concatenate(others), np.concatenate(distances)


def check_bandwidth(bandwidth_m: float) -> None:
    """Refuse a bandwidth below zero or without end."""
    if not 0 <= bandwidth_m < np.inf:
        raise InputError(
            zh=f"带宽 {bandwidth_m:g} 米不可用,应为 0 或正数。",
            en=f"A bandwidth of {bandwidth_m:g} m is not 0 or above.",
        )


def on_cells(by_site: FloatArray, weights: sparse.csr_array) -> FloatArray:
    """Sums by site or cell, spread over the cells; shape (k, cells) from (k, sites)."""
    return np.ascontiguousarray((weights.T @ by_site.T).T)


def at_places(by_site: FloatArray, weights: sparse.csr_array, row: IntArray, cell: IntArray) -> FloatArray:
    """``on_cells(by_site, weights)[row, cell]``, without the cells that nobody asks for; shape (k,)."""
    into = sparse.csr_array(weights.T)[cell]
    many = np.diff(into.indptr)
    terms = into.data * by_site[np.repeat(row, many), into.indices]
    return np.asarray(np.bincount(np.repeat(np.arange(len(cell)), many), terms, minlength=len(cell)), dtype=np.float64)


def _raster(cells: Cells, bandwidth_m: float) -> tuple[float, float, float, IntArray]:
    """Lower left corner, side and owners of the squares over which masses are taken."""
    if cells.lattice is not None:
        return cells.lattice.x0, cells.lattice.y0, cells.size_m, cells.lattice.of
    bounds = np.array([polygon.bounds for polygon in cells.polygons])
    (left, bottom), (right, top) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    step = max(min(bandwidth_m / 2, cells.size_m / 8), float(np.sqrt((right - left) * (top - bottom) / _MOST_SQUARES)))
    columns, rows = int((right - left) / step) + 1, int((top - bottom) / step) + 1
    across, up = np.meshgrid(left + (np.arange(columns) + 0.5) * step, bottom + (np.arange(rows) + 0.5) * step)
    owner = cells.index.assign(across.ravel(), up.ravel())
    return float(left), float(bottom), step, np.asarray(owner, dtype=np.int64).reshape(rows, columns)
