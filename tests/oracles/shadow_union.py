"""Visible ground the slow way: the disc without the union of every wall's shadow, by shapely alone."""

from itertools import pairwise

import numpy as np
import shapely

_ANGLES = np.radians([-89.99, -89.9, -89.0, -85.0, -70.0, -45.0, -20.0, 0.0, 20.0, 45.0, 70.0, 85.0, 89.0, 89.9, 89.99])


def visible_disc(at: np.ndarray, reach: float, shapes: np.ndarray, *, quad_segs: int = 128) -> shapely.Geometry:
    """Ground within ``reach`` of a point that no polygon hides; every wall throws a shadow over the rim of the disc."""
    disc = shapely.buffer(shapely.Point(at), reach, quad_segs=quad_segs)
    near = shapes[shapely.dwithin(shapes, shapely.Point(at), reach)]
    shadows = list(near)
    for ring in shapely.get_rings(near):
        corners = shapely.get_coordinates(ring)
        for start, end in pairwise(corners):
            shadows += _shadows(at, start, end, reach)
    return shapely.difference(disc, shapely.union_all(shadows)) if shadows else disc


def _shadows(at: np.ndarray, start: np.ndarray, end: np.ndarray, reach: float) -> list[shapely.Geometry]:
    """The wall cut into pieces that no piece spans a wide angle, and the shadow of each."""
    along = end - start
    length = np.hypot(*along)
    if length == 0:
        return []
    unit = along / length
    foot = float((at - start) @ unit)
    off = abs(float((at - start) @ np.array([-unit[1], unit[0]])))
    cuts = foot + off * np.tan(_ANGLES)
    marks = np.concatenate([[0.0], cuts[(cuts > 0) & (cuts < length)], [length]])
    points = start + marks[:, None] * unit
    away = points - at
    far = at + away * (4 * reach / np.maximum(np.hypot(*away.T), 1e-9))[:, None]
    rings = np.stack([points[:-1], points[1:], far[1:], far[:-1]], axis=1)
    return list(shapely.make_valid(shapely.polygons(rings)))
