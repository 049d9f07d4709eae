"""The lattice behind every density: points onto nodes, the kernel over them, its mass inside a window, readings between.

Lengths are in one metric CRS. Which densities are made of it is decided elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import gaussian_filter

from gis.errors import ShapeError
from gis.hotspots import _kernels
from gis.hotspots._convolve import convolved

FloatArray = npt.NDArray[np.float64]
Kernel = Literal["gaussian", "quartic"]

TRUNCATE = 5.0
"""The kernel is cut at this many bandwidths, where it holds less than 4e-6 of its peak."""

_NODES = 4.0
"""Nodes to a bandwidth; with cubic weights the error stays near 0.1 % of one incident's peak."""

_FEWEST_NODES = 2.5
"""Nodes to a bandwidth where the window is very wide; the error reaches 0.8 %."""

_QUARTIC_NODES = 12.0
"""Nodes to the reach of a quartic kernel, whose standard deviation is a third of it."""

_MARGIN = 3
_MOST_NODES = 16_000_000


@dataclass(frozen=True, eq=False)
class Lattice:
    """Nodes at ``x0 + k * step`` eastwards and ``y0 - k * step`` southwards; ``sigma`` is the bandwidth in steps."""

    x0: float
    y0: float
    step: float
    columns: int
    rows: int
    sigma: float
    kernel: Kernel = "gaussian"


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


def make_lattice(window: shapely.Geometry, cell: float, bandwidth: float, kernel: Kernel = "gaussian") -> Lattice:
    """Nodes over the window and the pixels that may stand out of it, with room for the cubic weights."""
    nodes, least = (_NODES, 1.0) if kernel == "gaussian" else (_QUARTIC_NODES, _QUARTIC_NODES / _NODES)
    refuse_narrow(bandwidth, least * least_bandwidth(window))
    left, bottom, right, top = window.bounds
    step = max(bandwidth / nodes, float(np.sqrt((right - left) * (top - bottom) / _MOST_NODES)))
    columns = int((right - left + cell) / step) + 2 * _MARGIN
    rows = int((top - bottom + cell) / step) + 2 * _MARGIN
    corner = left - (_MARGIN - 1) * step, top + (_MARGIN - 1) * step
    return Lattice(*corner, step, columns, rows, sigma=bandwidth / step, kernel=kernel)


def mass_of(lattice: Lattice, xy: FloatArray, weight: FloatArray) -> FloatArray:
    """Weights of points inside the window on the nodes around them; shape (rows, columns)."""
    mass = np.zeros((lattice.rows, lattice.columns))
    column, row = (xy[:, 0] - lattice.x0) / lattice.step, (lattice.y0 - xy[:, 1]) / lattice.step
    _kernels.spread(np.ascontiguousarray(column), np.ascontiguousarray(row), weight, mass)
    return mass


def smoothed(lattice: Lattice, mass: FloatArray, variance: float = 0.0) -> FloatArray:
    """The kernel over the lattice, less the variance (in cells) that the mass already has."""
    if lattice.kernel == "quartic":
        # Its variance along an axis is an eighth of its reach squared.
        return convolved(mass, _quartic(np.sqrt(lattice.sigma**2 - 8.0 * variance)))
    sigma = np.sqrt(lattice.sigma**2 - variance)
    return np.asarray(gaussian_filter(mass, sigma, mode="constant", truncate=TRUNCATE))


def _quartic(reach: float) -> FloatArray:
    """(1 - u^2)^2 on the lattice, its sum 1."""
    across = np.arange(-int(np.ceil(reach)), int(np.ceil(reach)) + 1.0)
    square = (across[:, None] ** 2 + across**2) / reach**2
    found = np.where(square < 1.0, (1.0 - square) ** 2, 0.0)
    return np.asarray(found / found.sum())


def kernel_inside(lattice: Lattice, window: shapely.Geometry) -> FloatArray:
    """Share of the kernel around each node that lies in the window."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(window)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    at = np.column_stack([(xy[:, 0] - lattice.x0) / lattice.step + 0.5, (lattice.y0 - xy[:, 1]) / lattice.step + 0.5])
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    share = _kernels.cover(np.hstack([at[joined], at[joined + 1]]), lattice.columns, lattice.rows)
    # Shares of square cells carry the variance of a square, a twelfth of a cell along each axis.
    return smoothed(lattice, share, variance=1 / 12)


def read_crossings(lattice: Lattice, values: FloatArray, across: FloatArray, down: FloatArray) -> FloatArray:
    """The lattice at every crossing of eastings ``across`` and northings ``down``; shape (down, across)."""
    columns, rows = (across - lattice.x0) / lattice.step, (lattice.y0 - down) / lattice.step
    return _kernels.read(values, columns, rows)


def read_places(lattice: Lattice, values: FloatArray, xy: FloatArray) -> FloatArray:
    """The lattice at scattered places inside the window; shape (n,)."""
    column, row = (xy[:, 0] - lattice.x0) / lattice.step, (lattice.y0 - xy[:, 1]) / lattice.step
    return np.asarray(_kernels.read_points(values, np.ascontiguousarray(column), np.ascontiguousarray(row)))
