"""Buildings as what stands in a camera's way: repaired, merged by height, with their walls ready for the sweep.

It keeps footprints and heights and nothing of what the buildings are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import ShapeError

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Walls:
    """Walls of merged buildings.

    Parameters
    ----------
    tree
        Over the merged buildings.
    segments
        Ends of every wall, holes included, m, shape (k, 4).
    starts
        Building ``i`` has walls ``starts[i]:starts[i + 1]``.
    """

    tree: shapely.STRtree
    segments: Floats
    starts: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Occluders:
    """Buildings that may hide ground from a camera.

    Parameters
    ----------
    shapes
        Valid polygons, m, shape (n,).
    heights
        m, ``inf`` where unknown, shape (n,).
    repaired
        Rows handed in whose outline crossed itself or was empty.
    """

    shapes: Shapes
    heights: Floats
    repaired: tuple[int, ...]
    tree: shapely.STRtree
    _walls: dict[float, Walls] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, shapes: Iterable[object], heights: npt.ArrayLike | None = None) -> "Occluders":
        """Repair and keep buildings.

        Parameters
        ----------
        shapes
            Footprints, polygons or multipolygons, m.
        heights
            m above the ground; missing ones and all that are not positive count as taller than any camera.

        Raises
        ------
        ShapeError
            The two differ in length.
        """
        raw = np.array(list(shapes), dtype=object)
        told = np.full(len(raw), np.nan) if heights is None else np.asarray(heights, dtype=float)
        if len(told) != len(raw):
            raise ShapeError(
                zh=f"建筑 {len(raw)} 个,高度 {len(told)} 个,数目不符。",
                en=f"There are {len(raw)} buildings and {len(told)} heights.",
            )
        bad = ~shapely.is_valid(raw) | shapely.is_empty(raw) | shapely.is_missing(raw)
        mended = raw.copy()
        mended[bad] = shapely.make_valid(raw[bad], method="structure", keep_collapsed=False)
        parts, row = shapely.get_parts(mended, return_index=True)
        solid = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
        parts, row = shapely.force_2d(parts[solid]), row[solid]
        tall = np.where(np.isfinite(told) & (told > 0), told, np.inf)[row]
        return cls(parts, tall, tuple(np.flatnonzero(bad).tolist()), shapely.STRtree(parts))

    def walls(self, height_m: float) -> Walls:
        """Walls of everything at least as tall as a camera at this height, merged where they touch."""
        # Buildings between the same two heights give the same walls: kept by the lowest that counts.
        counted = self.heights >= height_m
        key = float(self.heights[counted].min()) if counted.any() else np.inf
        if key not in self._walls:
            self._walls[key] = _walls(self.shapes[counted])
        return self._walls[key]


def _walls(shapes: Shapes) -> Walls:
    merged = shapely.get_parts(shapely.union_all(shapes)) if len(shapes) else np.empty(0, dtype=object)
    rings, building = shapely.get_rings(merged, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1] if len(ring) else np.empty(0, dtype=bool)
    segments = np.hstack([points[:-1][same], points[1:][same]]) if same.any() else np.empty((0, 4))
    of = building[ring[1:][same]] if same.any() else np.empty(0, dtype=np.int64)
    starts = np.searchsorted(of, np.arange(len(merged) + 1)).astype(np.int64)
    return Walls(shapely.STRtree(merged), np.ascontiguousarray(segments), starts)
