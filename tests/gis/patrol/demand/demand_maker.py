"""A metric CRS around one corner, and degrees of metres counted from it."""

import numpy as np

from gis.crs import metric_crs, project, unproject

CRS = metric_crs(106.7, 39.5)
MIDDLE = project(np.array([106.7]), np.array([39.5]), CRS)[0]


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Degrees of a point ``x`` metres east and ``y`` metres north of the corner."""
    lon, lat = unproject(np.array([[x, y]]) + MIDDLE, CRS)
    return float(lon[0]), float(lat[0])
