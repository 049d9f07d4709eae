"""A heat image with the legend that makes it readable: classes in incidents per km2, round numbers, one scale.

It draws densities and never counts anything itself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gis.tiles import palette
from gis.tiles._png import indexed_png
from gis.tiles.mercator import Bounds, density_mercator
from gis.tiles.palette import LegendStep


@dataclass(frozen=True, eq=False)
class HeatImage:
    """A picture, where it lies (south, west, north, east, degrees), and what its colours mean."""

    png: bytes
    bounds: Bounds
    legend: tuple[LegendStep, ...]


def heat_image(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    window: shapely.Geometry,
    width: int,
    bandwidth_m: float,
    weights: npt.NDArray[np.float64] | None = None,
) -> HeatImage:
    """The density of incidents as a transparent PNG on the Web-Mercator grid.

    Parameters
    ----------
    lon, lat
        Shape (n,), WGS-84 degrees.
    window
        The district, EPSG:4326.
    width
        Pixels across.
    bandwidth_m
        Standard deviation of the kernel on the ground.
    weights
        Shape (n,), incidents at each place; 1 by default.

    Raises
    ------
    GeometryError
        The window is empty.
    ShapeError
        The bandwidth is not above zero, or too small for so wide a window.
    """
    surface, bounds = density_mercator(lon, lat, window=window, width=width, bandwidth_m=bandwidth_m, weights=weights)
    breaks = palette.scale_breaks(surface.values)
    legend = palette.legend_of(breaks)
    png = indexed_png(palette.class_of(surface.values, breaks), palette.palette_of(legend))
    return HeatImage(png=png, bounds=bounds, legend=legend)
