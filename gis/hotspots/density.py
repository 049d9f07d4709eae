"""Kernel density of incidents, in incidents per km2 over the whole period, corrected at the district's edge.

Points are spread on a fine grid by linear binning and smoothed by one Gaussian filter; dividing by the kernel's mass
inside the window gives back what would have leaked over the border, where nobody could have reported anything.
It chooses no colours.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy.ndimage import gaussian_filter

from gis.errors import GeometryError, ShapeError

FloatArray = npt.NDArray[np.float64]

TRUNCATE = 5.0
"""The kernel is cut at this many bandwidths, where it holds less than 4e-6 of its peak."""

_MIN_MASS = 0.05
"""Where less of the kernel than this lies in the window, the correction is capped, so that one point at a spike of the
border cannot set the scale of the map."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A density raster.

    Parameters
    ----------
    values
        Shape (rows, columns), incidents per km2 over the period, north row first; NaN outside the window.
    x0, y0
        Upper left corner, in the CRS of the points.
    cell_m
        Side of a cell, in the unit of the CRS.
    bandwidth_m
        Standard deviation of the kernel, metres on the ground.
    n
        Incidents behind it.
    """

    values: FloatArray
    x0: float
    y0: float
    cell_m: float
    bandwidth_m: float
    n: int


def bandwidth_rule(xy_m: FloatArray) -> float:
    """A bandwidth by rule, metres.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres.

    Raises
    ------
    ShapeError
        Fewer than two incidents.

    Notes
    -----
    Silverman (1986), eq. 4.14 for two dimensions, with the spread of each axis taken as the smaller of standard deviation
    and interquartile range / 1.34 (eq. 3.30), since incidents are far from normal and the plain rule smooths too much.
    """
    xy = np.asarray(xy_m, dtype=np.float64)
    if xy.ndim != 2 or len(xy) < 2:
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
    cell_m, bandwidth_m
        Side of a cell, and standard deviation of the kernel; a cell wider than half a bandwidth is refused.
    weights
        Shape (n,), 1 for each incident by default.
    edge
        Divide by the kernel's mass inside the window.

    Raises
    ------
    GeometryError
        The window is empty.
    ShapeError
        Points and weights differ, or cells are too coarse for the bandwidth.

    Notes
    -----
    Diggle (1985), Applied Statistics 34(2), for the edge correction; linear binning after Wand (1994), JCGS 3(4).
    Time grows with cells + points.
    """
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    if window is None or window.is_empty:
        raise GeometryError(zh="区域边界为空,无法计算热力。", en="The window is empty; there is nothing to map.")
    if not 0 < cell_m <= bandwidth_m / 2:
        raise ShapeError(
            zh=f"格子 {cell_m:g} 米对带宽 {bandwidth_m:g} 米太粗,应不超过带宽的一半。",
            en=f"Cells of {cell_m:g} m are too coarse for a bandwidth of {bandwidth_m:g} m; at most half of it.",
        )
    left, bottom, right, top = window.bounds
    columns, rows = max(1, int(np.ceil((right - left) / cell_m))), max(1, int(np.ceil((top - bottom) / cell_m)))
    inside = _inside(window, left, top, cell_m, columns, rows)
    mass = _bin(xy, _weights(xy, weights), window, left, top, cell_m, columns, rows)
    values = _smooth(mass, inside, bandwidth_m / cell_m, edge=edge) / (cell_m / 1000.0) ** 2
    return Surface(np.where(inside, values, np.nan), left, top, cell_m, bandwidth_m, int(_held(xy, window).sum()))


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

    Mercator metres are stretched by 1 / cos(latitude); bandwidth and density are those on the ground.

    Parameters
    ----------
    lon, lat
        Shape (n,), WGS-84 degrees.
    window
        Polygon in EPSG:4326.
    width
        Pixels across; more are taken where the bandwidth needs them.

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
    if window is None or window.is_empty:
        raise GeometryError(zh="区域边界为空,无法计算热力。", en="The window is empty; there is nothing to map.")
    forward = pyproj.Transformer.from_crs("EPSG:4326", _MERCATOR, always_xy=True)
    flat = shapely.transform(window, lambda c: np.column_stack(forward.transform(c[:, 0], c[:, 1])))
    stretch = 1.0 / np.cos(np.radians((window.bounds[1] + window.bounds[3]) / 2))
    across = flat.bounds[2] - flat.bounds[0]
    cell = min(across / width, bandwidth_m * stretch / 2)
    xy = np.column_stack(forward.transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)))
    surface = density_surface(xy, window=flat, cell_m=cell, bandwidth_m=bandwidth_m * stretch, weights=weights)
    ground = Surface(surface.values * stretch**2, surface.x0, surface.y0, cell, bandwidth_m, surface.n)
    rows, columns = surface.values.shape
    back = pyproj.Transformer.from_crs(_MERCATOR, "EPSG:4326", always_xy=True)
    west, north = back.transform(surface.x0, surface.y0)
    east, south = back.transform(surface.x0 + columns * cell, surface.y0 - rows * cell)
    return ground, (float(south), float(west), float(north), float(east))


def _weights(xy: FloatArray, weights: FloatArray | None) -> FloatArray:
    if weights is None:
        return np.ones(len(xy))
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (len(xy),):
        raise ShapeError(zh="权重与点的个数不同。", en="One weight for each incident is needed.")
    return given


def _held(xy: FloatArray, window: shapely.Geometry) -> npt.NDArray[np.bool_]:
    finite = np.isfinite(xy).all(axis=1)
    held = np.zeros(len(xy), dtype=bool)
    shapely.prepare(window)
    held[finite] = shapely.intersects_xy(window, xy[finite, 0], xy[finite, 1])
    return held


def _inside(
    window: shapely.Geometry, left: float, top: float, cell: float, columns: int, rows: int
) -> npt.NDArray[np.bool_]:
    """Cells whose centre lies in the window."""
    shapely.prepare(window)
    x, y = left + (np.arange(columns) + 0.5) * cell, top - (np.arange(rows) + 0.5) * cell
    grid_x, grid_y = np.meshgrid(x, y)
    return np.asarray(shapely.intersects_xy(window, grid_x.ravel(), grid_y.ravel())).reshape(rows, columns)


def _bin(
    xy: FloatArray,
    weights: FloatArray,
    window: shapely.Geometry,
    left: float,
    top: float,
    cell: float,
    columns: int,
    rows: int,
) -> FloatArray:
    """Weight of the points shared between the four nearest cell centres."""
    held = _held(xy, window)
    across, down = (xy[held, 0] - left) / cell - 0.5, (top - xy[held, 1]) / cell - 0.5
    column, row = np.floor(across).astype(np.int64), np.floor(down).astype(np.int64)
    part_x, part_y = across - column, down - row
    mass = np.zeros(rows * columns)
    for step_y, share_y in ((0, 1 - part_y), (1, part_y)):
        for step_x, share_x in ((0, 1 - part_x), (1, part_x)):
            r, c = np.clip(row + step_y, 0, rows - 1), np.clip(column + step_x, 0, columns - 1)
            mass += np.bincount(r * columns + c, weights[held] * share_x * share_y, minlength=rows * columns)
    return mass.reshape(rows, columns)


def _smooth(mass: FloatArray, inside: npt.NDArray[np.bool_], sigma: float, *, edge: bool) -> FloatArray:
    spread = gaussian_filter(mass, sigma, mode="constant", truncate=TRUNCATE)
    if not edge:
        return np.asarray(spread)
    held = gaussian_filter(inside.astype(np.float64), sigma, mode="constant", truncate=TRUNCATE)
    return np.asarray(spread / np.maximum(held, _MIN_MASS))
