"""Adaptive density: narrow kernels where incidents crowd, wide ones where they are few. It chooses no colours."""

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import InputError
from gis.hotspots._lattice import (
    kernel_inside,
    least_bandwidth,
    make_lattice,
    mass_of,
    read_crossings,
    read_places,
    smoothed,
)
from gis.hotspots.density import LEAST_MASS, Surface, check_surface
from gis.join.assign import CellIndex

FloatArray = npt.NDArray[np.float64]

_RATIO = 1.1
"""Bandwidths are made at steps of this ratio; an incident between two of them is shared, which costs 0.5 % at its peak."""


def adaptive_bandwidths(
    xy_m: FloatArray, *, window: shapely.Geometry, bandwidth_m: float, most_factor: float = 4.0
) -> FloatArray:
    """A bandwidth for each incident inside the window, metres.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres, all inside the window.
    window
        Polygon in the same CRS.
    bandwidth_m
        Standard deviation of the Gaussian of the first pass, and geometric mean of the bandwidths before limits.
    most_factor
        No bandwidth is so many times smaller or larger than ``bandwidth_m``.

    Raises
    ------
    InputError
        The factor is below 1.

    Notes
    -----
    Abramson (1982), Annals of Statistics 10(4): proportional to the inverse square root of the density of a first pass
    (corrected at the edge), over its geometric mean (Silverman 1986, section 5.3).
    """
    if not 1.0 <= most_factor < np.inf:
        raise InputError(
            zh=f"倍数上限 {most_factor:g} 应不小于 1。", en=f"The largest factor ({most_factor:g}) must be 1 or more."
        )
    if not len(xy_m):
        return np.zeros(0)
    lattice = make_lattice(window, bandwidth_m, bandwidth_m)
    mass = smoothed(lattice, mass_of(lattice, xy_m, np.ones(len(xy_m))))
    held = np.maximum(read_places(lattice, kernel_inside(lattice, window), xy_m), LEAST_MASS)
    own = 1.0 / (2.0 * np.pi * lattice.sigma**2)
    density = np.maximum(read_places(lattice, mass, xy_m) / held, own / 2.0)
    factor = np.exp(-0.5 * (np.log(density) - np.log(density).mean()))
    wanted = bandwidth_m * np.clip(factor, 1.0 / most_factor, most_factor)
    return np.asarray(np.maximum(wanted, least_bandwidth(window)))


def adaptive_surface(
    xy_m: FloatArray,
    *,
    window: shapely.Geometry,
    cell_m: float,
    bandwidth_m: float,
    most_factor: float = 4.0,
    edge: bool = True,
) -> Surface:
    """Gaussian density of incidents inside a window, each with a bandwidth of its own.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres; points outside the window are left out.
    window, cell_m, edge
        As in ``density_surface``.
    bandwidth_m, most_factor
        As in ``adaptive_bandwidths``.

    Raises
    ------
    GeometryError
        The window is empty.
    ShapeError
        Cell or bandwidth is not above zero, or too small for so wide a window.
    InputError
        The factor is below 1.

    Notes
    -----
    Sum of Gaussians over some thirty bandwidths (Davies and Baddeley 2018, Statistics and Computing 28), each corrected at the
    edge by its own mass inside. Within 1 % of the peak of the exact sum. Time: some thirty times that of one bandwidth.
    """
    check_surface(window, cell_m, bandwidth_m)
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    left, bottom, right, top = window.bounds
    columns, rows = max(1, int(np.ceil((right - left) / cell_m))), max(1, int(np.ceil((top - bottom) / cell_m)))
    across, down = left + (np.arange(columns) + 0.5) * cell_m, top - (np.arange(rows) + 0.5) * cell_m
    index = CellIndex.build([window], [""])
    held = xy[index.assign(xy[:, 0], xy[:, 1]) == 0]
    own = adaptive_bandwidths(held, window=window, bandwidth_m=bandwidth_m, most_factor=most_factor)
    values = np.zeros((rows, columns))
    for width, weight in _shared(own):
        lattice = make_lattice(window, cell_m, width)
        some = weight > 0
        layer = read_crossings(lattice, smoothed(lattice, mass_of(lattice, held[some], weight[some])), across, down)
        if edge:
            inside_mass = read_crossings(lattice, kernel_inside(lattice, window), across, down)
            layer /= np.maximum(inside_mass, LEAST_MASS)
        values += np.maximum(layer, 0.0) / (lattice.step / 1000.0) ** 2
    grid_x, grid_y = np.meshgrid(across, down)
    inside = (index.assign(grid_x.ravel(), grid_y.ravel()) == 0).reshape(rows, columns)
    return Surface(np.where(inside, values, np.nan), left, top, cell_m, bandwidth_m, len(held), "adaptive", edge)


def _shared(own: FloatArray) -> list[tuple[float, FloatArray]]:
    """Bandwidths at equal ratios and how much of each incident belongs to each; an incident's parts sum to 1."""
    if not len(own):
        return []
    lowest = float(own.min())
    place = np.log(own / lowest) / np.log(_RATIO)
    lower = np.floor(place + 1e-12)
    part = np.clip(place - lower, 0.0, 1.0)
    found = []
    for step in range(int(lower.max()) + 2):
        weight = np.where(lower == step, 1.0 - part, np.where(lower == step - 1, part, 0.0))
        if weight.any():
            found.append((lowest * _RATIO**step, weight))
    return found
