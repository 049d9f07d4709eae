"""Geometry that came in broken: rings that cross themselves are mended, everything else is left as it is.

A valid geometry is returned untouched, bit by bit; coverage faults between areas are the business of ``gis.grid.tiling``.
"""

import numpy as np
import numpy.typing as npt
import shapely

ObjectArray = npt.NDArray[np.object_]
BoolArray = npt.NDArray[np.bool_]


def mend_polygons(shapes: ObjectArray) -> tuple[ObjectArray, BoolArray, BoolArray]:
    """Polygons with valid rings.

    Parameters
    ----------
    shapes
        Shape (n,), Polygon or MultiPolygon, or None.

    Returns
    -------
    shapes
        Invalid ones mended by ``make_valid`` (structure method: the area inside the outer ring stays), of which only polygons are kept.
    mended
        Which ones changed.
    lost
        Which ones have no area left.
    """
    present = ~shapely.is_missing(shapes)
    broken = present & ~shapely.is_valid(shapes)
    result = shapes.copy()
    if broken.any():
        fixed = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        result[broken] = [_only_polygons(shape) for shape in fixed]
    lost = present & (shapely.is_missing(result) | shapely.is_empty(result) | ~(shapely.area(result) > 0))
    return result, broken & ~lost, lost


def _only_polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()
