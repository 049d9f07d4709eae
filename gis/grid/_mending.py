"""What of a level may be mended without a person, and the mending: slivers to a neighbour, strips outside cut off.

Safe is what is narrow or small, and only between areas that may change. Wide gaps and overlaps, and anything with an area
under whose code two outlines exist, stay as they are.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from gis.grid._overlay import GRID_DEG, Faces, IntArray, Layer, Parts, Shapes, borders, cut, joined, measures, parts_of

BoolArray = npt.NDArray[np.bool_]

_STRAIGHT = float(np.cos(np.radians(30)))
_METRES_PER_DEGREE = 80_000.0
_PASSES = 10


@dataclass(frozen=True)
class Tolerances:
    """What counts, and what may be mended.

    Parameters
    ----------
    noise_m
        Gaps and overlaps of less mean width are not there: coordinates of seven decimals are known to 1 cm.
    sliver_m
        Gaps and overlaps of less mean width are slivers.
    small_m2
        Gaps, overlaps and parts outside a parent of less area may be mended whatever their shape.
    loss
        Overlaps are not mended where an area could lose a greater share of itself by it.
    """

    noise_m: float = 0.02
    sliver_m: float = 2.0
    small_m2: float = 100.0
    loss: float = 0.1

    def small(self, parts: Parts) -> BoolArray:
        """Which parts are narrow or small."""
        return np.asarray((parts.width_m < self.sliver_m) | (parts.area_m2 < self.small_m2), dtype=bool)


@dataclass(frozen=True, eq=False)
class Trouble:
    """Parts of one kind of trouble in one level.

    Parameters
    ----------
    faces
        Shape (k,), positions of the faces.
    parts
        Their parts.
    claimants
        For each part the areas concerned (positions in the layer), by code: those that overlap, the one that sticks out, or
        none for a gap.
    receiver
        Shape (n,), who gets the part when it is mended; -1 for nobody.
    safe
        Shape (n,), may be mended.
    """

    faces: IntArray
    parts: Parts
    claimants: list[tuple[int, ...]]
    receiver: IntArray
    safe: BoolArray


def strays(layer: Layer, faces: Faces, metric: pyproj.CRS, limits: Tolerances) -> Trouble:
    """Areas outside their parent; mended by cutting off."""
    claims = np.flatnonzero(faces.strays(layer))
    at, row = faces.claim_face[claims], faces.claim_row[claims]
    parts = parts_of(faces.shapes[at], row, metric)
    lost = np.bincount(parts.key, weights=parts.area_m2 * limits.small(parts), minlength=len(layer.rows)).astype(
        np.float64
    )
    safe = limits.small(parts) & ~layer.frozen[parts.key] & ~_loses_much(layer, lost, metric, limits)[parts.key]
    return Trouble(at, parts, [(int(each),) for each in parts.key], np.full(len(safe), -1, dtype=np.int64), safe)


def overlaps(layer: Layer, faces: Faces, metric: pyproj.CRS, limits: Tolerances) -> Trouble:
    """Faces that several areas claim; mended by leaving them to the claimant with the longest edge along them."""
    at = np.flatnonzero(faces.claims > 1)
    groups = np.split(faces.claim_row, np.searchsorted(faces.claim_face, np.arange(1, len(faces.shapes))))
    sets = [tuple(sorted(groups[face].tolist(), key=lambda row: str(layer.codes[row]))) for face in at]
    names = {each: number for number, each in enumerate(dict.fromkeys(sets))}
    real = np.array([len({layer.codes[row] for row in each}) > 1 for each in sets], dtype=bool)
    at, key = at[real], np.array([names[each] for each in sets], dtype=np.int64)[real]
    parts = parts_of(faces.shapes[at], key, metric)
    by_number = list(names)
    claimants = [by_number[number] for number in parts.key]
    may = [[row for row in each if not layer.frozen[row]] for each in claimants]
    lost = np.zeros(len(layer.rows))
    for each, area in zip(claimants, parts.area_m2 * limits.small(parts), strict=True):
        lost[list(each)] += area
    much = _loses_much(layer, lost, metric, limits)
    safe = limits.small(parts) & np.array(
        [not (layer.frozen | much)[list(each)].any() for each in claimants], dtype=bool
    )
    edges = _edges(faces, at, parts.part_of, len(parts.key))
    home = _home(faces, at, parts)
    receiver = [_longest(edges[n], _at_home(layer, rows, home[n]), layer) for n, rows in enumerate(may)]
    return Trouble(at, parts, claimants, np.array(receiver, dtype=np.int64), safe)


def gaps(layer: Layer, faces: Faces, metric: pyproj.CRS, limits: Tolerances) -> Trouble:
    """Faces that nobody claims; mended by giving them to the neighbour under the same parent with the longest edge."""
    at = faces.gaps(layer)
    parts = parts_of(faces.shapes[at], faces.under[at], metric)
    edges = _edges(faces, at, parts.part_of, len(parts.key))
    receiver = np.full(len(parts.key), -1, dtype=np.int64)
    for n, above in enumerate(parts.key):
        receiver[n] = _beside(layer, edges[n], int(above))
    return Trouble(at, parts, [()] * len(receiver), receiver, limits.small(parts) & (receiver >= 0))


def mend(layer: Layer, metric: pyproj.CRS, limits: Tolerances) -> Shapes:
    """The level's polygons after all safe mending, cut from shared faces, so that neighbours share every vertex.

    Returns
    -------
    shapes
        Shape (n,); areas that must not change, and those that nothing happened to, are the very objects handed in.
    """
    faces = cut(layer)
    out = strays(layer, faces, metric, limits)
    keep = np.ones(len(faces.claim_face), dtype=bool)
    keep[np.flatnonzero(faces.strays(layer))[out.safe[out.parts.part_of]]] = False
    faces = faces.with_claims(keep)
    double = overlaps(layer, faces, metric, limits)
    given = double.safe[double.parts.part_of]
    faces = faces.handed(double.faces[given], double.receiver[double.parts.part_of][given])
    made = replace(layer, shapes=_made(layer, faces))
    for _ in range(_PASSES):
        made = replace(made, shapes=_without_specks(made.shapes, layer.shapes, metric, limits))
        faces = cut(made)
        open_ = gaps(made, faces, metric, limits)
        if not open_.safe.any():
            break
        made = replace(made, shapes=_made(made, _filled(made, faces, open_, metric, limits)))
    same = _identical(made.shapes, layer.shapes)
    return np.where(same, layer.shapes, made.shapes)


def _made(layer: Layer, faces: Faces) -> Shapes:
    """The areas as their faces now are; one that must not change, or that lost every face, as it was."""
    made = joined(faces.shapes[faces.claim_face], faces.claim_row, len(layer.rows))
    return np.where(layer.frozen | shapely.is_empty(made), layer.shapes, made)


def _filled(layer: Layer, faces: Faces, open_: Trouble, metric: pyproj.CRS, limits: Tolerances) -> Faces:
    """Compact gaps handed over whole; slivers, which may run along many areas, cut across where the neighbour changes."""
    narrow = open_.parts.width_m < limits.sliver_m
    reach = 3 * limits.sliver_m / _METRES_PER_DEGREE
    across = _crossings(faces, open_.faces[(open_.safe & narrow)[open_.parts.part_of]], reach)
    if len(across):
        faces = cut(layer, across)
        open_ = gaps(layer, faces, metric, limits)
        narrow = open_.parts.width_m < limits.sliver_m
    whole = (open_.safe & ~narrow)[open_.parts.part_of]
    faces = faces.handed(open_.faces[whole], open_.receiver[open_.parts.part_of][whole])
    return _shared_out(layer, faces, open_.faces[(open_.safe & narrow)[open_.parts.part_of]])


def _shared_out(layer: Layer, faces: Faces, pending: IntArray) -> Faces:
    """Pieces of slivers to the neighbour with the longest edge; a piece that mostly borders other pieces waits for them."""
    while len(pending):
        edges = _edges(faces, pending, np.arange(len(pending)), len(pending))
        found = np.array([_beside(layer, edge, faces.under[face]) for edge, face in zip(edges, pending, strict=True)])
        best = np.array([edge.get(int(row), 0.0) for edge, row in zip(edges, found, strict=True)])
        left, right, length = borders(faces.shapes[pending], faces.shapes[pending])
        wait = np.zeros(len(pending))
        np.maximum.at(wait, left[left != right], length[left != right])
        ready = (found >= 0) & (best >= wait / 2)
        if not ready.any():
            ready = (found >= 0) & (best == best.max())
        if not ready.any():
            break
        faces = faces.handed(pending[ready], found[ready])
        pending = pending[~ready]
    return faces


def _without_specks(made: Shapes, before: Shapes, metric: pyproj.CRS, limits: Tolerances) -> Shapes:
    """Areas of one piece keep their largest piece where mending has split small ones off; those go to others as gaps."""
    out = made.copy()
    for row in np.flatnonzero((shapely.get_type_id(made) == 6) & (shapely.get_type_id(before) == 3)):
        pieces = shapely.get_parts(made[row])
        area, width = measures(pieces, metric)
        keep = (area == area.max()) | ((area >= limits.small_m2) & (width >= limits.sliver_m))
        out[row] = pieces[keep][0] if keep.sum() == 1 else shapely.multipolygons(pieces[keep])
    return out


def _crossings(faces: Faces, narrow: IntArray, reach_deg: float) -> Shapes:
    """Lines across slivers from their corners, and from where one neighbour gives way to the next, to each side within reach."""
    claimed = np.flatnonzero(faces.claims > 0)
    left, right, _ = borders(faces.shapes[narrow], faces.shapes[claimed])
    lines: list[shapely.Geometry] = []
    for number, gap in enumerate(faces.shapes[narrow]):
        edge = shapely.boundary(gap)
        beside = shapely.intersection(edge, shapely.boundary(faces.shapes[claimed[right[left == number]]]))
        sides = np.append(beside, shapely.difference(edge, shapely.union_all(beside)))
        sides = sides[~shapely.is_empty(sides)]
        start = shapely.points(np.concatenate([_corners(gap), shapely.get_coordinates(shapely.boundary(beside))]))
        apart = shapely.distance(start[:, None], sides[None, :])
        point, side = np.nonzero((apart > GRID_DEG) & (apart < reach_deg))
        across = shapely.shortest_line(start[point], sides[side])
        lines += list(across[shapely.covers(shapely.buffer(gap, GRID_DEG), across)])
    return np.array(lines, dtype=object)


def _corners(shape: shapely.Polygon) -> npt.NDArray[np.float64]:
    """Vertices at which a polygon's outline turns by more than 30 degrees, shape (n, 2)."""
    found = []
    for ring in shapely.get_rings(shape):
        xy = shapely.get_coordinates(ring)[:-1]
        into, out = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
        cosine = (into * out).sum(axis=1) / (np.hypot(*into.T) * np.hypot(*out.T))
        found.append(xy[cosine < _STRAIGHT])
    return np.concatenate(found)


def _beside(layer: Layer, edges: dict[int, float], above: int) -> int:
    """The area under a parent with the longest edge, of those that may change; -1 for none."""
    near = [row for row in edges if not layer.frozen[row] and layer.parent[row] == above]
    return _longest(edges, near, layer)


def _identical(one: Shapes, other: Shapes) -> BoolArray:
    return np.asarray(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=0.0), dtype=bool)


def _loses_much(layer: Layer, lost_m2: npt.NDArray[np.float64], metric: pyproj.CRS, limits: Tolerances) -> BoolArray:
    much = np.zeros(len(layer.rows), dtype=bool)
    touched = np.flatnonzero(lost_m2 > 0)
    area, _ = measures(layer.shapes[touched], metric)
    much[touched] = lost_m2[touched] > limits.loss * area
    return much


def _edges(faces: Faces, at: IntArray, part_of: IntArray, count: int) -> list[dict[int, float]]:
    """For each part, the edge length it shares with each area that alone claims a face beside it."""
    sole = np.flatnonzero(faces.claims == 1)
    holder = np.full(len(faces.shapes), -1, dtype=np.int64)
    alone = np.isin(faces.claim_face, sole)
    holder[faces.claim_face[alone]] = faces.claim_row[alone]
    left, right, length = borders(faces.shapes[at], faces.shapes[sole])
    found: list[dict[int, float]] = [{} for _ in range(count)]
    for part, row, edge in zip(part_of[left], holder[sole[right]], length, strict=True):
        found[part][int(row)] = found[part].get(int(row), 0.0) + float(edge)
    return found


def _home(faces: Faces, at: IntArray, parts: Parts) -> IntArray:
    """The parent that each part lies in; -1 for none."""
    home = np.full(len(parts.key), -1, dtype=np.int64)
    home[parts.part_of] = faces.under[at]
    return home


def _at_home(layer: Layer, rows: list[int], home: int) -> list[int]:
    """Of several claimants those whose parent the face lies in; all of them where there is none such."""
    return [row for row in rows if layer.parent[row] == home] or rows


def _longest(edges: dict[int, float], rows: list[int], layer: Layer) -> int:
    return min(rows, key=lambda row: (-edges.get(row, 0.0), str(layer.codes[row])), default=-1)
