"""The slow, obvious join: every point against every polygon, the lowest code that covers it."""

from collections.abc import Sequence

import numpy as np
import shapely


def lowest_cover(
    x: np.ndarray, y: np.ndarray, polygons: Sequence[shapely.Geometry], codes: Sequence[str]
) -> np.ndarray:
    """Position of the covering polygon with the lowest code, -1 for none; shape (n,)."""
    found = np.full(len(x), -1)
    points = shapely.points(x, y)
    for position in sorted(range(len(codes)), key=lambda k: codes[k], reverse=True):
        found[shapely.covers(polygons[position], points)] = position
    return found
