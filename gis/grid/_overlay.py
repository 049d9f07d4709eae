"""Areas of one level cut into faces along every boundary: which areas claim each face, and under which parents it lies.

A face that none claims is a gap, one that two claim an overlap, one outside its claimant's parent sticks out. Faces alike
that share an edge form a part; parts are what is judged, reported and handed to a neighbour. It decides nothing itself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis import crs

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

GRID_DEG = 1e-9
"""Coordinates of faces are rounded to this, 0.1 mm: lines that meet then meet exactly."""

_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Layer:
    """The areas of one level that should tile.

    Parameters
    ----------
    rows
        Shape (n,), positions in the ``areas`` table.
    codes
        Shape (n,).
    shapes
        Shape (n,), valid polygons in degrees.
    frozen
        Shape (n,), areas that must not change.
    parent
        Shape (n,), position in ``parents``; -1 for none.
    parents, parent_codes
        Shape (p,), the areas above, valid polygons in degrees.
    """

    rows: IntArray
    codes: npt.NDArray[np.object_]
    shapes: Shapes
    frozen: BoolArray
    parent: IntArray
    parents: Shapes
    parent_codes: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Faces:
    """The faces of one level.

    Parameters
    ----------
    shapes
        Shape (k,), polygons in degrees that share nothing but edges.
    claim_face, claim_row
        Shape (m,), the areas (positions in the layer) that claim each face, by face.
    under
        Shape (k,), the parent that each face lies in; -1 for none.
    """

    shapes: Shapes
    claim_face: IntArray
    claim_row: IntArray
    under: IntArray

    @property
    def claims(self) -> IntArray:
        """How many areas claim each face."""
        return np.bincount(self.claim_face, minlength=len(self.shapes))

    def with_claims(self, keep: BoolArray) -> "Faces":
        """The same faces with some claims dropped."""
        return Faces(self.shapes, self.claim_face[keep], self.claim_row[keep], self.under)

    def handed(self, faces: IntArray, rows: IntArray) -> "Faces":
        """The same faces, some of them handed to one area each."""
        keep = ~np.isin(self.claim_face, faces)
        face, row = np.concatenate([self.claim_face[keep], faces]), np.concatenate([self.claim_row[keep], rows])
        order = np.lexsort((row, face))
        return Faces(self.shapes, face[order], row[order], self.under)

    def strays(self, layer: Layer) -> BoolArray:
        """Shape (m,): claims on faces outside the claimant's parent."""
        above = layer.parent[self.claim_row]
        return np.asarray((above >= 0) & (above != self.under[self.claim_face]), dtype=bool)

    def gaps(self, layer: Layer) -> IntArray:
        """Faces that nobody claims though they lie in a parent; without parents, enclosed ones."""
        free = self.claims == 0
        return np.flatnonzero(free & (self.under >= 0) if len(layer.parents) else free)


@dataclass(frozen=True, eq=False)
class Parts:
    """Connected faces of one key.

    Parameters
    ----------
    part_of
        Shape (k,), the part of each face handed in.
    key
        Shape (n,), the key of each part.
    shapes
        Shape (n,), in degrees.
    area_m2, width_m
        Shape (n,); the width is twice the area by the perimeter, which for a strip is its mean width.
    """

    part_of: IntArray
    key: IntArray
    shapes: Shapes
    area_m2: FloatArray
    width_m: FloatArray


def cut(layer: Layer, extra: Shapes | None = None) -> Faces:
    """Cut the plane along all boundaries, of areas and of parents, and along extra lines.

    A face under several parents, where parents themselves overlap, counts under one that its claimants belong to if there
    is one.
    """
    lines = shapely.boundary(np.concatenate([layer.shapes, layer.parents]))
    lines = lines if extra is None else np.concatenate([lines, extra])
    noded = shapely.union_all(lines, grid_size=GRID_DEG)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    points = shapely.point_on_surface(faces)
    claim_face, claim_row = _holders(points, layer.shapes)
    under_face, under_parent = _holders(points, layer.parents)
    under = np.full(len(faces), -1, dtype=np.int64)
    under[under_face] = under_parent
    width = len(layer.parents) + 1
    claimed = np.unique(claim_face * width + layer.parent[claim_row])
    wanted = np.isin(under_face * width + under_parent, claimed)
    under[under_face[wanted]] = under_parent[wanted]
    return Faces(faces, claim_face, claim_row, under)


def _holders(points: Shapes, shapes: Shapes) -> tuple[IntArray, IntArray]:
    if not len(points) or not len(shapes):
        return _NONE, _NONE
    face, row = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.lexsort((row, face))
    return face[order].astype(np.int64), row[order].astype(np.int64)


def parts_of(shapes: Shapes, key: IntArray, metric: pyproj.CRS) -> Parts:
    """Join faces of the same key that share an edge.

    Parameters
    ----------
    shapes
        Shape (k,), faces in degrees.
    key
        Shape (k,).
    metric
        Measures areas and widths.
    """
    left, right, _ = borders(shapes, shapes)
    same = key[left] == key[right]
    links = coo_array((np.ones(int(same.sum())), (left[same], right[same])), shape=(len(shapes), len(shapes)))
    count, label = connected_components(links, directed=False) if len(shapes) else (0, _NONE)
    whole = joined(shapes, label, count)
    first = np.zeros(count, dtype=np.int64)
    first[label] = np.arange(len(shapes))
    area, width = measures(whole, metric)
    return Parts(label.astype(np.int64), key[first], whole, area, width)


def borders(some: Shapes, among: Shapes) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs (position in ``some``, position in ``among``) that share an edge, and its length in degrees."""
    if not len(some) or not len(among):
        return _NONE, _NONE, np.zeros(0)
    left, right = shapely.STRtree(among).query(some)
    length = shapely.length(shapely.intersection(shapely.boundary(some[left]), shapely.boundary(among[right])))
    shared = length > 0
    return left[shared].astype(np.int64), right[shared].astype(np.int64), length[shared]


def joined(shapes: Shapes, group: IntArray, count: int) -> Shapes:
    """One geometry a group of faces, vertices kept; an empty polygon for a group without faces."""
    out = np.full(count, shapely.Polygon(), dtype=object)
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(count + 1))
    for each in range(count):
        mine = shapes[order[ends[each] : ends[each + 1]]]
        if len(mine):
            out[each] = mine[0] if len(mine) == 1 else polygonal(shapely.coverage_union_all(mine))
    return out


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry: one Polygon, or a MultiPolygon; an empty polygon if it holds none."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    polygons = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    if not len(polygons):
        return shapely.Polygon()
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def measures(shapes: Shapes, metric: pyproj.CRS) -> tuple[FloatArray, FloatArray]:
    """Area in m2 and mean width in m of polygons in degrees."""
    metres = shapely.transform(shapes, lambda xy: crs.project(xy[:, 0], xy[:, 1], metric)) if len(shapes) else shapes
    area, around = shapely.area(metres), shapely.length(metres)
    return area, np.divide(2 * area, around, out=np.zeros_like(area), where=around > 0)
