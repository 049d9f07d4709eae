"""Keeps overlays of polygons polygonal. Where two shapes also touch, GEOS answers with points and lines beside the ground.

It mends no invalid shape and moves no corner.
"""

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]

_POLYGON, _SURFACES = 3, (3, 6)


def solid(shapes: Shapes) -> Shapes:
    """The ground of each shape as a polygon or multipolygon; points and lines are dropped, an empty polygon remains."""
    found = np.array(shapes, dtype=object)
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(found), _SURFACES)).tolist():
        parts = shapely.get_parts(shapely.get_parts(found[row]))
        ground = parts[shapely.get_type_id(parts) == _POLYGON]
        found[row] = shapely.union_all(ground) if len(ground) else shapely.Polygon()
    return found
