"""Bytes for the map: heat images and their legend, on the Web-Mercator grid. It computes no statistics."""

from gis.tiles.heat import HeatImage, heat_image
from gis.tiles.mercator import density_mercator, from_mercator, stretch, tile_bounds, to_mercator
from gis.tiles.palette import LegendStep, scale_breaks

__all__ = [
    "HeatImage",
    "LegendStep",
    "density_mercator",
    "from_mercator",
    "heat_image",
    "scale_breaks",
    "stretch",
    "tile_bounds",
    "to_mercator",
]
