"""Bytes for the map: heat images and their legend. It computes no statistics."""

from gis.tiles.heat import HeatImage, LegendStep, heat_image

__all__ = ["HeatImage", "LegendStep", "heat_image"]
