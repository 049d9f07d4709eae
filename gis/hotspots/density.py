"""Kernel density of incidents, in incidents per km2 over the whole period, corrected at the district's edge.

Points go onto a lattice finer than the kernel, one Gaussian filter smooths them, and pixels read the lattice between its
nodes; dividing by the kernel's mass inside the window gives back what would have leaked over the border, where nobody
could have reported anything. It chooses no colours.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import gaussian_filter

from gis.errors import GeometryError, ShapeError
from gis.hotspots import _kernels
from gis.join.assign import CellIndex

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TRUNCATE = 5.0
"""The kernel is cut at this many bandwidths, where it holds less than 4e-6 of its peak."""

_NODES = 4.0
"""Nodes to a bandwidth; with cubic weights the error stays near 0.1 % of one incident's peak."""

_FEWEST_NODES = 2.5
"""Nodes to a bandwidth where the window is very wide; the error reaches 0.8 %."""

_MARGIN = 3
_MOST_NODES = 16_000_000
_MIN_MASS = 0.05
"""Where less of the kernel than this lies in the window, the correction is capped, so that one point at a spike of the
border cannot set the scale of the map."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A density raster.

    Parameters
    ----------
    values
        Shape (rows, columns), incidents per km2 over the period at the middle of each cell, north row first; NaN outside
        the window.
    x0, y0
        Upper left corner, in the CRS of the points.
    cell_m
        Side of a cell, in the unit of the CRS.
    bandwidth_m
        Standard deviation of the kernel, metres on the ground.
    n
        Incidents behind it: those inside the window.
    """

    values: FloatArray
    x0: float
    y0: float
    cell_m: float
    bandwidth_m: float
    n: int


@dataclass(frozen=True, eq=False)
class _Lattice:
    """Nodes at ``x0 + k * step`` eastwards and ``y0 - k * step`` southwards; ``sigma`` is the bandwidth in steps."""

    x0: float
    y0: float
    step: float
    columns: int
    rows: int
    sigma: float


def bandwidth_rule(xy_m: FloatArray) -> float:
    """A bandwidth by rule, metres; 0 where all incidents lie at one place.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres; rows with NaN are left out.

    Raises
    ------
    ShapeError
        Fewer than two incidents.

    Notes
    -----
    Silverman (1986), eq. 4.14 for two dimensions, with the spread of each axis taken as the smaller of standard deviation
    and interquartile range / 1.34 (eq. 3.30), since incidents are far from normal and the plain rule smooths too much.
    """
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if len(xy) < 2:
        raise ShapeError(zh="至少需要两个点才能估计带宽。", en="Two incidents at least are needed for a bandwidth.")
    low, high = np.percentile(xy, [25, 75], axis=0)
    return _silverman(xy.std(axis=0, ddof=1), high - low, len(xy))


def bandwidth_of_counts(counts: npt.NDArray[np.int64], cell_m: float) -> float:
    """The bandwidth of :func:`bandwidth_rule` from counts on a lattice, metres; right to about a cell.

    Parameters
    ----------
    counts
        Shape (rows, columns).
    cell_m
        Side of a cell, metres.

    Raises
    ------
    ShapeError
        Fewer than two incidents.
    """
    n = int(counts.sum())
    if n < 2:
        raise ShapeError(zh="至少需要两个点才能估计带宽。", en="Two incidents at least are needed for a bandwidth.")
    deviations, ranges = [], []
    for axis in (1, 0):
        along = counts.sum(axis=1 - axis).astype(np.float64)
        at = np.arange(len(along), dtype=np.float64)
        mean = (along * at).sum() / n
        deviations.append(np.sqrt((along * (at - mean) ** 2).sum() / (n - 1)))
        low, high = np.searchsorted(np.cumsum(along), [0.25 * n, 0.75 * n])
        ranges.append(float(high - low))
    return _silverman(np.array(deviations) * cell_m, np.array(ranges) * cell_m, n)


def _silverman(deviation: FloatArray, interquartile: FloatArray, n: int) -> float:
    spread = np.minimum(deviation, np.where(interquartile > 0, interquartile / 1.34, np.inf))
    return float(np.sqrt((spread**2).mean()) * n ** (-1 / 6))


read_lattice = _kernels.read
"""A lattice of nodes read smoothly at every crossing of some columns and rows (positions in cells)."""


def density_surface(
    xy_m: FloatArray,
    *,
    window: shapely.Geometry,
    cell_m: float,
    bandwidth_m: float,
    weights: FloatArray | None = None,
    edge: bool = True,
) -> Surface:
    """Gaussian density of incidents inside a window.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres; points outside the window are left out.
    window
        Polygon in the same CRS: where incidents could have been seen.
    cell_m
        Side of a cell; the density is that at its middle, so cells wider than half a bandwidth may step over a peak.
    bandwidth_m
        Standard deviation of the kernel.
    weights
        Shape (n,), 1 for each incident by default.
    edge
        Divide by the kernel's mass inside the window.

    Raises
    ------
    GeometryError
        The window is empty or no polygon.
    ShapeError
        Points and weights differ, cell or bandwidth is not above zero, or the bandwidth is too small for so wide a window.

    Notes
    -----
    Diggle (1985), Applied Statistics 34(2), for the edge correction. Within 0.5 % of the peak of the sum over all
    incidents. Time grows with incidents + cells + area / bandwidth squared.
    """
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    weight = _weights(xy, weights)
    _check(window, cell_m, bandwidth_m)
    left, bottom, right, top = window.bounds
    columns, rows = max(1, int(np.ceil((right - left) / cell_m))), max(1, int(np.ceil((top - bottom) / cell_m)))
    across, down = left + (np.arange(columns) + 0.5) * cell_m, top - (np.arange(rows) + 0.5) * cell_m
    lattice = _lattice(window, cell_m, bandwidth_m)
    index = CellIndex.build([window], [""])
    held = index.assign(xy[:, 0], xy[:, 1]) == 0
    values = _read(lattice, _smooth(lattice, _mass(lattice, xy[held], weight[held])), across, down)
    if edge:
        values /= np.maximum(_read(lattice, _kernel_inside(lattice, window), across, down), _MIN_MASS)
    values = np.maximum(values, 0.0) / (lattice.step / 1000.0) ** 2
    grid_x, grid_y = np.meshgrid(across, down)
    inside = (index.assign(grid_x.ravel(), grid_y.ravel()) == 0).reshape(rows, columns)
    return Surface(np.where(inside, values, np.nan), left, top, cell_m, bandwidth_m, int(held.sum()))


def _weights(xy: FloatArray, weights: FloatArray | None) -> FloatArray:
    if weights is None:
        return np.ones(len(xy))
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (len(xy),):
        raise ShapeError(zh="权重与点的个数不同。", en="One weight for each incident is needed.")
    return given


def _check(window: shapely.Geometry | None, cell: float, bandwidth_m: float) -> None:
    if window is None or window.is_empty:
        raise GeometryError(zh="区域边界为空,无法计算热力。", en="The window is empty; there is nothing to map.")
    if not (0 < cell < np.inf and 0 < bandwidth_m < np.inf):
        raise ShapeError(
            zh=f"格子 {cell:g} 与带宽 {bandwidth_m:g} 米都应大于零。",
            en=f"Cell {cell:g} and bandwidth {bandwidth_m:g} m must both be above zero.",
        )


def least_bandwidth(window: shapely.Geometry) -> float:
    """The narrowest bandwidth that a window of this size allows, in its unit: 60 m for 100 km x 100 km."""
    left, bottom, right, top = window.bounds
    return float(_FEWEST_NODES * np.sqrt((right - left) * (top - bottom) / _MOST_NODES))


def refuse_narrow(bandwidth_m: float, least_m: float) -> None:
    """Refuse a bandwidth that would need more nodes than memory should hold.

    Raises
    ------
    ShapeError
        The bandwidth is below the least; the message names it.
    """
    if bandwidth_m < least_m:
        raise ShapeError(
            zh=f"带宽 {bandwidth_m:g} 米对这么大的区域太小,至少取 {np.ceil(least_m):g} 米。",
            en=f"A bandwidth of {bandwidth_m:g} m is too small for so wide an area; take {np.ceil(least_m):g} m or more.",
        )


def _lattice(window: shapely.Geometry, cell: float, bandwidth: float) -> _Lattice:
    """Nodes over the window and the pixels that may stand out of it, with room for the cubic weights."""
    refuse_narrow(bandwidth, least_bandwidth(window))
    left, bottom, right, top = window.bounds
    step = max(bandwidth / _NODES, float(np.sqrt((right - left) * (top - bottom) / _MOST_NODES)))
    columns = int((right - left + cell) / step) + 2 * _MARGIN
    rows = int((top - bottom + cell) / step) + 2 * _MARGIN
    corner = left - (_MARGIN - 1) * step, top + (_MARGIN - 1) * step
    return _Lattice(*corner, step, columns, rows, sigma=bandwidth / step)


def _mass(lattice: _Lattice, xy: FloatArray, weight: FloatArray) -> FloatArray:
    mass = np.zeros((lattice.rows, lattice.columns))
    column, row = (xy[:, 0] - lattice.x0) / lattice.step, (lattice.y0 - xy[:, 1]) / lattice.step
    _kernels.spread(np.ascontiguousarray(column), np.ascontiguousarray(row), weight, mass)
    return mass


def _smooth(lattice: _Lattice, mass: FloatArray, variance: float = 0.0) -> FloatArray:
    """The Gaussian over the lattice, less the variance (in cells) that the mass already has."""
    sigma = np.sqrt(lattice.sigma**2 - variance)
    return np.asarray(gaussian_filter(mass, sigma, mode="constant", truncate=TRUNCATE))


def _kernel_inside(lattice: _Lattice, window: shapely.Geometry) -> FloatArray:
    """Share of the kernel around each node that lies in the window."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(window)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    at = np.column_stack([(xy[:, 0] - lattice.x0) / lattice.step + 0.5, (lattice.y0 - xy[:, 1]) / lattice.step + 0.5])
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    share = _kernels.cover(np.hstack([at[joined], at[joined + 1]]), lattice.columns, lattice.rows)
    # Shares of square cells carry the variance of a square, a twelfth of a cell along each axis.
    return _smooth(lattice, share, variance=1 / 12)


def _read(lattice: _Lattice, values: FloatArray, across: FloatArray, down: FloatArray) -> FloatArray:
    columns, rows = (across - lattice.x0) / lattice.step, (lattice.y0 - down) / lattice.step
    return _kernels.read(values, columns, rows)
