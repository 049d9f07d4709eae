"""The Web-Mercator pixel grid that web maps draw on, and densities on it that stay true on the ground.

It projects; it draws nothing.
"""

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import GeometryError, ShapeError
from gis.hotspots.density import Surface, density_surface, least_bandwidth, refuse_narrow

FloatArray = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]

EARTH_RADIUS_M = 6_378_137.0
"""Radius of the sphere of EPSG:3857."""

LIMIT_DEG = 85.0511287798066
"""Latitude where the square world of web maps ends."""

_MOST_PIXELS = 4096
_DEEPEST = 30


def to_mercator(lon: npt.ArrayLike, lat: npt.ArrayLike) -> FloatArray:
    """EPSG:3857 of WGS-84 degrees; shape (n, 2). Latitudes beyond the square world are drawn to its edge."""
    bounded = np.clip(np.asarray(lat, dtype=np.float64), -LIMIT_DEG, LIMIT_DEG)
    x = EARTH_RADIUS_M * np.radians(np.asarray(lon, dtype=np.float64))
    return np.column_stack([x, EARTH_RADIUS_M * np.arctanh(np.sin(np.radians(bounded)))])


def from_mercator(xy: FloatArray) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of EPSG:3857; shape (n, 2) -> longitudes and latitudes."""
    return np.degrees(xy[:, 0] / EARTH_RADIUS_M), np.degrees(np.arcsin(np.tanh(xy[:, 1] / EARTH_RADIUS_M)))


def stretch(lat: npt.ArrayLike) -> FloatArray:
    """Mercator metres to a metre on the ground, 1 / cos(latitude); within 0.3 % of the ellipsoid."""
    return np.asarray(1.0 / np.cos(np.radians(np.asarray(lat, dtype=np.float64))))


def tile_bounds(zoom: int, column: int, row: int) -> Bounds:
    """South, west, north, east of a map tile, degrees; rows count from the north.

    Raises
    ------
    ShapeError
        No such tile at this zoom.
    """
    count = 2**zoom if 0 <= zoom <= _DEEPEST else 0
    if not (0 <= column < count and 0 <= row < count):
        raise ShapeError(zh=f"没有瓦片 {zoom}/{column}/{row}。", en=f"There is no tile {zoom}/{column}/{row}.")
    half = np.pi * EARTH_RADIUS_M
    side = 2 * half / count
    corners = np.array(
        [[column * side - half, half - (row + 1) * side], [(column + 1) * side - half, half - row * side]]
    )
    (west, east), (south, north) = from_mercator(corners)
    return float(south), float(west), float(north), float(east)


def density_mercator(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    window: shapely.Geometry,
    width: int,
    bandwidth_m: float,
    weights: FloatArray | None = None,
) -> tuple[Surface, Bounds]:
    """The density on a Web-Mercator pixel grid, so that a web map can show it without shift.

    Densities are put right row by row; the bandwidth is that of the window's middle latitude, 0.7 % off for each half
    degree north or south of it.

    Parameters
    ----------
    lon, lat
        Shape (n,), WGS-84 degrees.
    window
        Polygon in EPSG:4326.
    width
        Pixels across; more are taken where the bandwidth needs them, 4,096 at most.
    bandwidth_m
        Standard deviation of the kernel, metres on the ground.
    weights
        Shape (n,), 1 for each incident by default.

    Returns
    -------
    surface
        In EPSG:3857; ``values`` are per km2 on the ground.
    bounds
        South, west, north, east of the raster, degrees.

    Raises
    ------
    GeometryError, ShapeError
        As ``gis.hotspots.density_surface``.
    """
    if window is None or window.is_empty:
        raise GeometryError(zh="区域边界为空,无法计算热力。", en="The window is empty; there is nothing to map.")
    flat = shapely.transform(window, lambda degrees: to_mercator(degrees[:, 0], degrees[:, 1]))
    middle = float(stretch((window.bounds[1] + window.bounds[3]) / 2))
    refuse_narrow(bandwidth_m, least_bandwidth(flat) / middle)
    across, tall = flat.bounds[2] - flat.bounds[0], flat.bounds[3] - flat.bounds[1]
    cell = max(min(across / max(width, 1), bandwidth_m * middle / 2), max(across, tall) / _MOST_PIXELS)
    surface = density_surface(
        to_mercator(lon, lat), window=flat, cell_m=cell, bandwidth_m=bandwidth_m * middle, weights=weights
    )
    rows, columns = surface.values.shape
    down = surface.y0 - (np.arange(rows) + 0.5) * cell
    _, latitude = from_mercator(np.column_stack([np.zeros(rows), down]))
    ground = Surface(
        surface.values * stretch(latitude)[:, None] ** 2, surface.x0, surface.y0, cell, bandwidth_m, surface.n
    )
    corners = np.array([[surface.x0, surface.y0 - rows * cell], [surface.x0 + columns * cell, surface.y0]])
    (west, east), (south, north) = from_mercator(corners)
    return ground, (float(south), float(west), float(north), float(east))
