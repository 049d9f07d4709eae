"""Kernel density of incidents, in incidents per km2 over the whole period, corrected at the district's edge.

Points go onto a lattice finer than the kernel, one Gaussian filter smooths them, and pixels read the lattice between its
nodes; dividing by the kernel's mass inside the window gives back what would have leaked over the border, where nobody
could have reported anything. It chooses no colours.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy.ndimage import gaussian_filter

from gis.errors import GeometryError, ShapeError
from gis.hotspots import _kernels
from gis.join.assign import CellIndex

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TRUNCATE = 5.0
"""The kernel is cut at this many bandwidths, where it holds less than 4e-6 of its peak."""

LATTICE_PER_BANDWIDTH = 4
"""Nodes to a bandwidth; with cubic weights the error stays near 0.1 % of one incident's peak."""

_MARGIN = 3
_MOST_NODES = 30_000_000
_MOST_PIXELS = 4096
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
    """Nodes at ``x0 + k * step`` eastwards and ``y0 - k * step`` southwards."""

    x0: float
    y0: float
    step: float
    columns: int
    rows: int


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
    spread = np.minimum(xy.std(axis=0, ddof=1), np.where(high > low, (high - low) / 1.34, np.inf))
    return float(np.sqrt((spread**2).mean()) * len(xy) ** (-1 / 6))


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
    values = _read(lattice, _smooth(_mass(lattice, xy[held], weight[held])), across, down)
    if edge:
        values /= np.maximum(_read(lattice, _kernel_inside(lattice, window), across, down), _MIN_MASS)
    values = np.maximum(values, 0.0) / (lattice.step / 1000.0) ** 2
    grid_x, grid_y = np.meshgrid(across, down)
    inside = (index.assign(grid_x.ravel(), grid_y.ravel()) == 0).reshape(rows, columns)
    return Surface(np.where(inside, values, np.nan), left, top, cell_m, bandwidth_m, int(held.sum()))


_MERCATOR = "EPSG:3857"


def density_mercator(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    window: shapely.Geometry,
    width: int,
    bandwidth_m: float,
    weights: FloatArray | None = None,
) -> tuple[Surface, tuple[float, float, float, float]]:
    """The density on a Web-Mercator pixel grid, so that a web map can show it without shift.

    Mercator metres are stretched by 1 / cos(latitude). Densities are put right row by row; the bandwidth is that of the
    window's middle latitude, 0.7 % off for each half degree north or south of it.

    Parameters
    ----------
    lon, lat
        Shape (n,), WGS-84 degrees.
    window
        Polygon in EPSG:4326.
    width
        Pixels across; more are taken where the bandwidth needs them, 4,096 at most.
    bandwidth_m
        Standard deviation of the kernel on the ground.

    Returns
    -------
    surface
        In EPSG:3857; ``values`` are per km2 on the ground.
    bounds
        South, west, north, east of the raster, degrees.

    Raises
    ------
    GeometryError, ShapeError
        As :func:`density_surface`.
    """
    _check(window, width, bandwidth_m)
    forward = pyproj.Transformer.from_crs("EPSG:4326", _MERCATOR, always_xy=True)
    flat = shapely.transform(window, lambda c: np.column_stack(forward.transform(c[:, 0], c[:, 1])))
    stretch = float(1.0 / np.cos(np.radians((window.bounds[1] + window.bounds[3]) / 2)))
    across, tall = flat.bounds[2] - flat.bounds[0], flat.bounds[3] - flat.bounds[1]
    cell = max(min(across / width, bandwidth_m * stretch / 2), max(across, tall) / _MOST_PIXELS)
    xy = np.column_stack(forward.transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)))
    surface = density_surface(xy, window=flat, cell_m=cell, bandwidth_m=bandwidth_m * stretch, weights=weights)
    rows, columns = surface.values.shape
    back = pyproj.Transformer.from_crs(_MERCATOR, "EPSG:4326", always_xy=True)
    _, latitude = back.transform(np.full(rows, surface.x0), surface.y0 - (np.arange(rows) + 0.5) * cell)
    values = surface.values / np.cos(np.radians(latitude))[:, None] ** 2
    west, north = back.transform(surface.x0, surface.y0)
    east, south = back.transform(surface.x0 + columns * cell, surface.y0 - rows * cell)
    ground = Surface(values, surface.x0, surface.y0, cell, bandwidth_m, surface.n)
    return ground, (float(south), float(west), float(north), float(east))


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


def _lattice(window: shapely.Geometry, cell: float, bandwidth: float) -> _Lattice:
    """Nodes over the window and the pixels that may stand out of it, with room for the cubic weights."""
    left, bottom, right, top = window.bounds
    step = bandwidth / LATTICE_PER_BANDWIDTH
    columns = int((right - left + cell) / step) + 2 * _MARGIN
    rows = int((top - bottom + cell) / step) + 2 * _MARGIN
    if columns * rows > _MOST_NODES:
        least = np.ceil(bandwidth * np.sqrt(columns * rows / _MOST_NODES))
        raise ShapeError(
            zh=f"带宽 {bandwidth:g} 米对这么大的区域太小,至少取 {least:g} 米。",
            en=f"A bandwidth of {bandwidth:g} m is too small for so wide an area; take {least:g} m or more.",
        )
    return _Lattice(left - (_MARGIN - 1) * step, top + (_MARGIN - 1) * step, step, columns, rows)


def _mass(lattice: _Lattice, xy: FloatArray, weight: FloatArray) -> FloatArray:
    mass = np.zeros((lattice.rows, lattice.columns))
    column, row = (xy[:, 0] - lattice.x0) / lattice.step, (lattice.y0 - xy[:, 1]) / lattice.step
    _kernels.spread(np.ascontiguousarray(column), np.ascontiguousarray(row), weight, mass)
    return mass


def _smooth(mass: FloatArray, variance: float = 0.0) -> FloatArray:
    """The Gaussian over the lattice, less the variance (in cells) that the mass already has."""
    sigma = np.sqrt(LATTICE_PER_BANDWIDTH**2 - variance)
    return np.asarray(gaussian_filter(mass, sigma, mode="constant", truncate=TRUNCATE))


def _kernel_inside(lattice: _Lattice, window: shapely.Geometry) -> FloatArray:
    """Share of the kernel around each node that lies in the window."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(window)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    at = np.column_stack([(xy[:, 0] - lattice.x0) / lattice.step + 0.5, (lattice.y0 - xy[:, 1]) / lattice.step + 0.5])
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    share = _kernels.cover(np.hstack([at[joined], at[joined + 1]]), lattice.columns, lattice.rows)
    # Shares of square cells carry the variance of a square, a twelfth of a cell along each axis.
    return _smooth(share, variance=1 / 12)


def _read(lattice: _Lattice, values: FloatArray, across: FloatArray, down: FloatArray) -> FloatArray:
    columns, rows = (across - lattice.x0) / lattice.step, (lattice.y0 - down) / lattice.step
    return _kernels.read(values, columns, rows)
