"""The slow, obvious join: every point against every polygon, the lowest code that covers it."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

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


def lowest_cover_exact(
    x: float, y: float, polygons: Sequence[shapely.Geometry], codes: Sequence[str]
) -> int:  # fmt: skip
    """The same for one point in fractions, without any rounding: what settles it where GEOS itself is off by a digit."""
    covering = [position for position, polygon in enumerate(polygons) if _covers(Fraction(x), Fraction(y), polygon)]
    return min(covering, key=lambda position: codes[position], default=-1)


def _covers(x: Fraction, y: Fraction, polygon: shapely.Geometry) -> bool:
    """On an edge, or inside by the even-odd rule over all rings of parts that do not overlap."""
    inside = False
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        corners = [(Fraction(cx), Fraction(cy)) for cx, cy in shapely.get_coordinates(ring).tolist()]
        for (ax, ay), (bx, by) in pairwise(corners):
            side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
                return True
            if (ay > y) != (by > y) and (side > 0) == (by > ay):
                inside = not inside
    return inside
