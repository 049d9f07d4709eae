"""Vector tiles: shapes as Mapbox Vector Tiles 2.1 that carry an id alone, and points or sums of them with a count.

What a shape is worth travels apart as JSON and is joined by its id in the browser, so that a tile stays the same while
values change. It clips and writes; it knows no layer of ours and no store.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import ShapeError
from gis.tiles import _mvt
from gis.tiles.mercator import EARTH_RADIUS_M, tile_bounds, to_mercator

IntArray = npt.NDArray[np.int64]

EXTENT = 4096
"""Units of a tile's side."""

BUFFER = 64
"""Units drawn beyond the tile's edge, so that outlines meet."""

_WORLD_M = 2 * np.pi * EARTH_RADIUS_M
_SAFE = 1 << 53
_POINT, _LINE, _POLYGON = 1, 2, 3
_KIND = {0: _POINT, 4: _POINT, 1: _LINE, 2: _LINE, 5: _LINE, 3: _POLYGON, 6: _POLYGON}


def feature_id(text: str) -> int:
    """A whole number for an id, the same everywhere and safe in a browser.

    Notes
    -----
    Codes of digits are their own number; any other text is the first 52 bits of its SHA-256. Among 10,000 texts two
    share a number with a chance of 1e-8.
    """
    if text.isascii() and text.isdigit() and text[0] != "0" and int(text) < _SAFE:
        return int(text)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 12


class ShapeTiles:
    """The tiles of one layer of shapes.

    Parameters
    ----------
    ids
        Shape (n,), whole numbers below 2**53.
    shapes
        Shape (n,), points, lines or polygons in EPSG:4326, also in parts; missing and empty ones are left out.
    name
        Name of the layer inside the tile.

    Raises
    ------
    ShapeError
        Ids and shapes are not of one length, or an id is out of range.
    """

    def __init__(self, ids: npt.ArrayLike, shapes: npt.ArrayLike, name: str) -> None:
        numbers, given = np.asarray(ids, dtype=np.int64), np.asarray(shapes, dtype=object)
        if numbers.shape != given.shape or (len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < _SAFE):
            raise ShapeError(
                zh="要素编号与图形数量不符,或编号超出范围。", en="One id below 2**53 is needed for each shape."
            )
        present = ~(shapely.is_missing(given) | shapely.is_empty(given))
        self._ids = numbers[present]
        world = shapely.transform(given[present], _to_world)
        # One ring that crosses itself must not cost its whole tile.
        wrong = ~shapely.is_valid(world)
        world[wrong] = shapely.make_valid(world[wrong])
        self._shapes = world
        self._name = name
        self._tree = shapely.STRtree(self._shapes)

    def tile(self, zoom: int, column: int, row: int) -> bytes:
        """One tile; empty where nothing lies.

        Raises
        ------
        ShapeError
            No such tile.

        Notes
        -----
        Shapes are rounded to the tile's units with GEOS's snap-rounding, so that polygons stay valid; what collapses to
        nothing at this zoom is left out.
        """
        tile_bounds(zoom, column, row)
        count = 2.0**zoom
        edge = BUFFER / EXTENT
        low_x, low_y = (column - edge) / count, (row - edge) / count
        high_x, high_y = (column + 1 + edge) / count, (row + 1 + edge) / count
        near = np.sort(self._tree.query(shapely.box(low_x, low_y, high_x, high_y)))
        if not len(near):
            return b""
        scale = count * EXTENT
        clipped = _clip(self._shapes[near], low_x, low_y, high_x, high_y)
        local = shapely.transform(clipped, lambda xy: (xy - (column / count, row / count)) * scale)
        rounded = shapely.set_precision(local, 1.0, mode="valid_output")
        return _write(self._name, self._ids[near], rounded)


def point_tile(
    lon: npt.ArrayLike, lat: npt.ArrayLike, ids: npt.ArrayLike, tile: tuple[int, int, int], *, name: str
) -> bytes:
    """Points as one feature each.

    Parameters
    ----------
    lon, lat
        Shape (n,), WGS-84 degrees; those outside the tile and its buffer are left out.
    ids
        Shape (n,), whole numbers.
    tile
        Zoom, column, row.

    Raises
    ------
    ShapeError
        No such tile.
    """
    x, y = _units(lon, lat, tile)
    inside = (x >= -BUFFER) & (x < EXTENT + BUFFER) & (y >= -BUFFER) & (y < EXTENT + BUFFER)
    numbers = np.asarray(ids, dtype=np.int64)[inside]
    return _points(name, numbers, x[inside], y[inside], np.zeros(0, dtype=np.int64))


def cell_tile(counts: IntArray, *, name: str) -> bytes:
    """Sums of points: one point feature with the attribute ``count`` in the middle of each cell that has any.

    Parameters
    ----------
    counts
        Shape (k, k), the tile cut in equal cells, row 0 in the north; k divides 4,096.

    Raises
    ------
    ShapeError
        Not such a square.
    """
    size = len(counts)
    if counts.ndim != 2 or counts.shape != (size, size) or not size or EXTENT % size:
        raise ShapeError(zh="瓦片内的统计格网应为方阵,且边数整除 4096。", en="Counts are a square that divides 4,096.")
    rows, columns = np.nonzero(counts)
    step = EXTENT // size
    ids = rows.astype(np.int64) * size + columns
    return _points(name, ids, columns * step + step // 2, rows * step + step // 2, counts[rows, columns])


def _to_world(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    xy = to_mercator(degrees[:, 0], degrees[:, 1])
    return np.column_stack([xy[:, 0] / _WORLD_M + 0.5, 0.5 - xy[:, 1] / _WORLD_M])


def _units(lon: npt.ArrayLike, lat: npt.ArrayLike, tile: tuple[int, int, int]) -> tuple[IntArray, IntArray]:
    zoom, column, row = tile
    tile_bounds(zoom, column, row)
    world = _to_world(np.column_stack([np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)]))
    local = np.floor((world * 2.0**zoom - (column, row)) * EXTENT).astype(np.int64)
    return local[:, 0], local[:, 1]


def _clip(
    shapes: npt.NDArray[np.object_], low_x: float, low_y: float, high_x: float, high_y: float
) -> npt.NDArray[np.object_]:
    """Shapes cut to a box; those that lie inside it are left as they are."""
    bounds = shapely.bounds(shapes)
    over = (bounds[:, 0] < low_x) | (bounds[:, 1] < low_y) | (bounds[:, 2] > high_x) | (bounds[:, 3] > high_y)
    cut = shapes.copy()
    cut[over] = shapely.intersection(shapes[over], shapely.box(low_x, low_y, high_x, high_y))
    return cut


def _write(name: str, ids: IntArray, shapes: npt.NDArray[np.object_]) -> bytes:
    """Rounded shapes in tile units as a layer, each kind of geometry by itself."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    kinds = np.array([_KIND.get(int(each), 0) for each in shapely.get_type_id(parts)], dtype=np.int64)
    features = []
    for kind in (_POINT, _LINE, _POLYGON):
        chosen = (kinds == kind) & ~shapely.is_empty(parts)
        if not chosen.any():
            continue
        some, of = parts[chosen], owner[chosen]
        if kind == _POLYGON:
            # Outer rings with positive area in the tile's own axes, holes negative (specification, 4.3.4.4).
            some = shapely.orient_polygons(some, exterior_cw=False)
            some, ring_of = shapely.get_rings(some, return_index=True)
            of = of[ring_of]
        coordinates, at = shapely.get_coordinates(some, return_index=True)
        starts = np.searchsorted(at, np.arange(len(some) + 1))
        heads = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
        firsts = np.append(heads, len(some))
        none = np.zeros(0, dtype=np.int64)
        whole = np.rint(coordinates).astype(np.int64)
        features.append(_mvt.features(ids[of[heads]], kind, whole[:, 0], whole[:, 1], starts, firsts, none))
    return _mvt.layer(name, features, ()) if features else b""


def _points(name: str, ids: IntArray, x: IntArray, y: IntArray, counts: IntArray) -> bytes:
    if not len(ids):
        return b""
    order = np.arange(len(ids) + 1)
    values, told = np.unique(counts, return_inverse=True) if len(counts) else (counts, counts)
    written = _mvt.features(
        ids, _POINT, np.asarray(x, dtype=np.int64), np.asarray(y, dtype=np.int64), order, order, told.astype(np.int64)
    )
    return _mvt.layer(name, [written], tuple(int(value) for value in values))
