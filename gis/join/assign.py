"""Points to polygons by a table of cells: whole cells answer at once, points in border cells are tested exactly.

One rule for ties: a point on a shared edge, or where areas overlap, belongs to the lowest code; the outer edge belongs
to the area. So no point is counted twice and none is lost on a border. It never changes coordinates.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.divisions import level_of_code, parent_code
from gis.errors import CrsError, GeometryError, ShapeError
from gis.join import _kernels
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SmallArray = npt.NDArray[np.int32]

Place = tuple[float, float, float, float, int, int]
"""Corner x and y, step x and y, columns and rows of the cell table."""

LOCATED = ("grid", "community", "street", "district")
_CHUNK = 1 << 18
_MOST_CROSSINGS = 6_000_000
_MOST_CELLS = 16_384
_MOST_THREADS = 4


@dataclass(frozen=True, eq=False)
class _Parts:
    """Polygons of one piece in order of code, and their edges.

    A polygon of several pieces is several parts; ``position`` is where its caller put it. Edges are (ax, ay, bx, by).
    """

    position: IntArray
    boxes: FloatArray
    edges: FloatArray
    owner: SmallArray


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cell table; see ``_kernels.assign_cells`` for what its numbers mean."""

    place: Place
    table: SmallArray
    border_start: IntArray
    border: SmallArray


@dataclass(frozen=True, eq=False)
class _Bands:
    """Edges of each part by the rows of cells they pass: bands ``band_of[p]`` to ``band_of[p + 1]`` are those of part p.

    Edges are copied to each band they pass, so that one test reads one stretch of memory.
    """

    banded: FloatArray
    band_start: IntArray
    first_row: IntArray
    band_of: IntArray


class CellIndex:
    """An index over polygons that answers which of them holds each of many points.

    Build it once with :meth:`build` and use it for many batches; threads may share it.
    """

    def __init__(self, position: IntArray, banded: FloatArray, cells: _Cells) -> None:
        self._position = position
        self._banded = banded
        self._cells = cells

    @classmethod
    def build(cls, polygons: Sequence[shapely.Geometry], codes: Sequence[str], *, cells: int = 2048) -> "CellIndex":
        """Index polygons under their codes.

        Parameters
        ----------
        polygons
            Shape (m,), Polygon or MultiPolygon, holes allowed, any one planar CRS; inside is even-odd within a piece.
        codes
            Shape (m,); the lowest code, compared as text, wins where several polygons hold a point.
        cells
            Most cells along the longer side; fewer are taken for few and plain polygons.

        Raises
        ------
        ShapeError
            Not one code for each polygon.
        GeometryError
            Something that is no polygon, or has coordinates that are not finite.

        Notes
        -----
        Time and memory grow with the edges and with ``cells`` squared (0.2 s and 60 MB for 10,000 polygons of 33 vertices).
        """
        shapes = np.asarray(polygons, dtype=object)
        if len(shapes) != len(codes):
            raise ShapeError(
                zh=f"{len(shapes)} 个多边形配了 {len(codes)} 个编码。",
                en=f"{len(shapes)} polygons with {len(codes)} codes.",
            )
        _refuse_other_shapes(shapes)
        parts = _parts(shapes, np.argsort(np.asarray(codes, dtype="U"), kind="stable"))
        place = _place(parts, cells)
        bands = _bands(parts, place)
        return cls(parts.position, bands.banded, _cells(parts, bands, place))

    def assign(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> IntArray:
        """Position, in the order given to :meth:`build`, of the polygon that holds each point; -1 for none.

        Parameters
        ----------
        lon, lat
            Shape (n,), in the CRS of the polygons; a point with NaN lies nowhere.

        Raises
        ------
        ShapeError
            The two arrays differ in length.
        """
        x, y = np.ascontiguousarray(lon, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)
        if x.shape != y.shape or x.ndim != 1:
            raise ShapeError(zh="经度与纬度的个数不同。", en="As many longitudes as latitudes are needed.")
        found = np.empty(len(x), dtype=np.int64)
        c = self._cells

        def part(start: int) -> None:
            rows = slice(start, start + _CHUNK)
            _kernels.assign_cells(
                x[rows], y[rows], c.table, c.border_start, c.border, self._banded, self._position, *c.place, found[rows]
            )

        if len(x) <= _CHUNK:
            part(0)
            return found
        with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
            list(pool.map(part, range(0, len(x), _CHUNK)))
        return found


def assign_points(
    lon: npt.ArrayLike, lat: npt.ArrayLike, polygons: Sequence[shapely.Geometry], order: Sequence[str]
) -> IntArray:
    """Position of the polygon that holds each point; see :class:`CellIndex` for rules and errors.

    Returns
    -------
    positions
        Shape (n,), into ``polygons``; -1 outside all of them.
    """
    return CellIndex.build(polygons, order).assign(lon, lat)


def assign_levels(lon: npt.ArrayLike, lat: npt.ArrayLike, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The grid, community, street and district of each point, each level by its own polygons.

    A level without polygons is told by the ancestors of the finer level. Special grids lie over basic ones and are told
    apart, so that nothing is counted twice.

    Parameters
    ----------
    lon, lat
        Shape (n,), degrees.
    areas
        The ``areas`` table, EPSG:4326.

    Returns
    -------
    located
        Columns ``grid``, ``community``, ``street``, ``district``, ``special``: codes, empty outside.

    Raises
    ------
    ColumnError
        The table lacks code, parent, level or kind.
    CrsError
        The table is not in degrees.
    """
    require_columns(areas, ["code", "parent", "level", "kind", "geometry"], layer="areas")
    if areas.crs is not None and not areas.crs.is_geographic:
        raise CrsError(zh="区划图层应为经纬度(EPSG:4326)。", en="Areas are wanted in degrees (EPSG:4326).")
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    located: dict[str, npt.NDArray[np.object_]] = {}
    finer = np.full(len(x), "", dtype=object)
    for level in LOCATED:
        rows = areas[(areas["level"] == level) & (areas["kind"] != "special") & areas.geometry.notna()]
        located[level] = _codes_of(x, y, rows) if len(rows) else _ancestors_of(finer, level, areas)
        finer = np.where(located[level] != "", located[level], finer)
    special = areas[(areas["kind"] == "special") & areas.geometry.notna()]
    located["special"] = _codes_of(x, y, special)
    return pd.DataFrame({name: pd.Series(codes, dtype="str") for name, codes in located.items()})


def _codes_of(x: FloatArray, y: FloatArray, rows: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    if rows.empty:
        return np.full(len(x), "", dtype=object)
    codes = rows["code"].to_numpy(dtype=object)
    return np.append(codes, "")[assign_points(x, y, rows.geometry.to_numpy(), list(codes))]


def _ancestors_of(finer: npt.NDArray[np.object_], level: str, areas: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """The area of one level above each of the finer codes: by the parent column, else by the logic of the codes."""
    parents = dict(zip(areas["code"], areas["parent"], strict=True))
    levels = dict(zip(areas["code"], areas["level"], strict=True))
    lookup = {"": ""}
    for code in set(finer) - {""}:
        above, passed = code, {""}
        while above not in passed and levels.get(above, level_of_code(above)) != level:
            passed.add(above)
            above = parents.get(above) or parent_code(above)
        lookup[code] = "" if above in passed else above
    return np.array([lookup[code] for code in finer], dtype=object)


def _refuse_other_shapes(shapes: npt.NDArray[np.object_]) -> None:
    kinds = shapely.get_type_id(shapes)
    wrong = np.flatnonzero(~np.isin(kinds, (3, 6)))
    if len(wrong):
        raise GeometryError(zh=f"第 {wrong[0] + 1} 个要素不是多边形。", en=f"Feature {wrong[0] + 1} is not a polygon.")
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    broken = owner[~np.isfinite(xy).all(axis=1)]
    if len(broken):
        raise GeometryError(
            zh=f"第 {broken[0] + 1} 个多边形含有无效坐标。",
            en=f"Polygon {broken[0] + 1} has coordinates that are not finite.",
        )


def _parts(shapes: npt.NDArray[np.object_], rank: IntArray) -> _Parts:
    pieces, which = shapely.get_parts(shapes[rank], return_index=True)
    filled = ~shapely.is_empty(pieces)
    pieces, which = pieces[filled], which[filled]
    rings, piece = shapely.get_rings(pieces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    return _Parts(
        position=rank[which].astype(np.int64),
        boxes=shapely.bounds(pieces).reshape(-1, 4),
        edges=np.hstack([xy[joined], xy[joined + 1]]),
        owner=piece[ring[joined]].astype(np.int32),
    )


def _place(parts: _Parts, most: int) -> Place:
    """Corner, steps and shape of the cell table: about 32 cells across a polygon, more for crooked ones."""
    if not len(parts.boxes):
        return 0.0, 0.0, 1.0, 1.0, 1, 1
    west, south = parts.boxes[:, :2].min(axis=0)
    east, north = parts.boxes[:, 2:].max(axis=0)
    # Cells far wider than the spacing of doubles, so that a point's cell number is sure within the kernels' pad.
    finest = 4 * np.spacing(np.abs([west, south, east, north]).max()) / _kernels.PAD
    # One part in a million of room, so that the outer edge itself lies inside the table.
    width, height = max(east - west, finest) * (1 + 1e-6), max(north - south, finest) * (1 + 1e-6)
    side = min(most, _MOST_CELLS, max(16, 32 * np.sqrt(len(parts.boxes)), 6 * np.sqrt(len(parts.edges))))
    # Long edges pass many cells: so many only that all crossings stay within memory.
    reach = np.abs(parts.edges[:, 2:] - parts.edges[:, :2]).sum(axis=0)
    side = max(16, min(side, _MOST_CROSSINGS / (reach[0] / width + reach[1] / height)))
    columns = max(1, int(min(side * min(1.0, width / height), width / finest)))
    rows = max(1, int(min(side * min(1.0, height / width), height / finest)))
    corner = west - (width - (east - west)) / 2, south - (height - (north - south)) / 2
    return float(corner[0]), float(corner[1]), float(width / columns), float(height / rows), columns, rows


def _bands(parts: _Parts, place: Place) -> _Bands:
    _, y0, _, step_y, _, rows = place
    first = np.maximum(0, ((parts.boxes[:, 1] - y0) / step_y - _kernels.PAD).astype(np.int64))
    last = np.minimum(rows - 1, ((parts.boxes[:, 3] - y0) / step_y + _kernels.PAD).astype(np.int64))
    band_of = np.concatenate([[0], np.cumsum(last - first + 1)]).astype(np.int64)
    shared = (parts.edges, parts.owner, y0, step_y, rows, first, band_of)
    counts = np.zeros(band_of[-1] + 1, dtype=np.int64)
    _kernels.bands_of_edges(*shared, counts, np.empty((0, 4)))
    band_start = np.cumsum(counts)
    banded = np.empty((band_start[-1], 4))
    if len(banded):
        _kernels.bands_of_edges(*shared, band_start.copy(), banded)
    return _Bands(banded=banded, band_start=band_start, first_row=first, band_of=band_of)


def _cells(parts: _Parts, bands: _Bands, place: Place) -> _Cells:
    columns, rows = place[4:]
    cells, owners = _edge_cells(parts, place)
    table = _filled_cells(parts, bands, place, cells, owners)
    # Above a part that fills a cell no higher part is ever asked, however many overlap.
    asked = (table[cells] < 0) | (owners < table[cells])
    cells, owners = cells[asked], owners[asked]
    mixed = np.zeros(columns * rows, dtype=bool)
    mixed[cells] = True
    border_cells = np.flatnonzero(mixed)
    filler = table[border_cells]
    table[border_cells] = -2 - np.arange(len(border_cells), dtype=np.int32)
    counts = np.bincount(-2 - table[cells], minlength=len(border_cells)) + (filler >= 0)
    border_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    border = np.empty((border_start[-1], 3), dtype=np.int32)
    _kernels.border_of_cells(
        cells, owners, table, columns, bands.first_row, bands.band_of, bands.band_start, border_start, border
    )
    last = border_start[1:][filler >= 0] - 1
    border[last, 0], border[last, 1] = filler[filler >= 0], -1
    return _Cells(place, table=table, border_start=border_start, border=border)


def _edge_cells(parts: _Parts, place: Place) -> tuple[SmallArray, SmallArray]:
    """Pairs (cell, part) where an edge of the part touches the cell, each once, by part."""
    reach = np.abs(parts.edges[:, 2:] - parts.edges[:, :2]).sum(axis=0)
    # Two cells for each line of the table that an edge crosses and four for its ends: enough, and if not, we are told.
    size, room = int(2 * (reach[0] / place[2] + reach[1] / place[3])) + 4 * len(parts.edges), -1
    while size > room:
        room = size
        cells, owners = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
        size = _kernels.cells_of_parts(parts.edges, parts.owner, *place, cells, owners)
    return cells[:size], owners[:size]


def _filled_cells(parts: _Parts, bands: _Bands, place: Place, cells: SmallArray, owners: SmallArray) -> SmallArray:
    """The lowest part that fills each cell, -1 for none; shape (rows * columns,)."""
    x0, y0, step_x, step_y, columns, rows = place
    cell_start = np.searchsorted(owners, np.arange(len(parts.boxes) + 1)).astype(np.int64)
    left = np.maximum(0, ((parts.boxes[:, 0] - x0) / step_x).astype(np.int64))
    right = np.minimum(columns - 1, ((parts.boxes[:, 2] - x0) / step_x).astype(np.int64))
    filler = np.full(columns * rows, -1, dtype=np.int32)
    _kernels.fill_cells(
        cells, cell_start, bands.banded, bands.band_start, bands.first_row, bands.band_of, left, right,
        x0, y0, step_x, step_y, columns, filler,
    )  # fmt: skip
    return filler
