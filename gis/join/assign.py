"""Points to polygons by a table of cells: whole cells answer at once, points in border cells are tested exactly.

One rule for ties: a point on a shared edge, or where areas overlap, belongs to the lowest code; the outer edge belongs
to the area. So no point is counted twice and none is lost on a border. It never changes coordinates.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.divisions import parent_code
from gis.errors import CrsError, GeometryError, ShapeError
from gis.join import _kernels
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LOCATED = ("grid", "community", "street", "district")
_CHUNK = 1 << 18
_THREADS = 2


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges of all polygons, in order of code; edge k runs from a to b."""

    ax: FloatArray
    ay: FloatArray
    bx: FloatArray
    by: FloatArray
    start: IntArray
    boxes: FloatArray


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cell table: origin, steps, the polygon of each whole cell, and the polygons to try in border cells."""

    x0: float
    y0: float
    step_x: float
    step_y: float
    columns: int
    rows: int
    whole: npt.NDArray[np.int32]
    border_start: IntArray
    border_owner: npt.NDArray[np.int32]


class CellIndex:
    """An index over polygons that answers which of them holds each of many points.

    Build it once with :meth:`build` and use it for many batches; threads may share it.
    """

    def __init__(self, polygons: npt.NDArray[np.object_], rank: IntArray, edges: _Edges, cells: _Cells) -> None:
        self._polygons = polygons
        self._rank = rank
        self._edges = edges
        self._cells = cells

    @classmethod
    def build(cls, polygons: Sequence[shapely.Geometry], codes: Sequence[str], *, cells: int = 2048) -> "CellIndex":
        """Index polygons under their codes.

        Parameters
        ----------
        polygons
            Shape (m,), Polygon or MultiPolygon, holes allowed, any one planar CRS.
        codes
            Shape (m,); the lowest code wins where several polygons hold a point.
        cells
            Cells along the longer side; fewer are taken for few polygons.

        Raises
        ------
        ShapeError
            Not one code for each polygon.
        GeometryError
            Something that is no polygon.
        """
        shapes = np.asarray(polygons, dtype=object)
        if len(shapes) != len(codes):
            raise ShapeError(
                zh=f"{len(shapes)} 个多边形配了 {len(codes)} 个编码。",
                en=f"{len(shapes)} polygons with {len(codes)} codes.",
            )
        _refuse_other_shapes(shapes)
        rank = np.argsort(np.asarray(codes, dtype="U"), kind="stable").astype(np.int64)
        ordered = shapes[rank]
        edges = _edges(ordered)
        side = min(cells, max(16, 32 * int(np.ceil(np.sqrt(len(shapes) + 1)))))
        return cls(ordered, rank, edges, _cells(edges, side))

    def assign(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> IntArray:
        """Position, in the order given to :meth:`build`, of the polygon that holds each point; -1 for none.

        Parameters
        ----------
        lon, lat
            Shape (n,), in the CRS of the polygons; a point with NaN lies nowhere.
        """
        x, y = np.ascontiguousarray(lon, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)
        if x.shape != y.shape or x.ndim != 1:
            raise ShapeError(zh="经度与纬度的个数不同。", en="As many longitudes as latitudes are needed.")
        found = np.empty(len(x), dtype=np.int32)
        self._run(x, y, found)
        for i in np.flatnonzero(found == -2):
            found[i] = self._exact(x[i], y[i])
        lookup = np.append(self._rank, -1)
        return lookup[found]

    def _run(self, x: FloatArray, y: FloatArray, found: npt.NDArray[np.int32]) -> None:
        e, c = self._edges, self._cells

        def part(start: int) -> None:
            rows = slice(start, start + _CHUNK)
            _kernels.assign_cells(
                x[rows], y[rows], c.whole, c.border_start, c.border_owner, e.ax, e.ay, e.bx, e.by, e.start,
                c.x0, c.y0, c.step_x, c.step_y, c.columns, c.rows, found[rows],
            )  # fmt: skip

        starts = range(0, len(x), _CHUNK)
        if len(starts) <= 1:
            for start in starts:
                part(start)
            return
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(part, starts))

    def _exact(self, x: float, y: float) -> int:
        """The rare point so near to an edge that doubles cannot tell: GEOS decides with extended precision."""
        point = shapely.Point(x, y)
        holds = np.flatnonzero(shapely.covers(self._polygons, point))
        return int(holds[0]) if len(holds) else -1


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

    A level without polygons is told by the parents of the finer level. Special grids lie over basic ones and are told
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
    parents = dict(zip(areas["code"], areas["parent"], strict=True))
    located: dict[str, npt.NDArray[np.object_]] = {}
    finer: npt.NDArray[np.object_] | None = None
    for level in LOCATED:
        rows = areas[(areas["level"] == level) & (areas["kind"] != "special") & areas.geometry.notna()]
        finer = _codes_of(x, y, rows) if len(rows) else _parents_of(finer, parents, len(x))
        located[level] = finer
    special = areas[(areas["kind"] == "special") & areas.geometry.notna()]
    located["special"] = _codes_of(x, y, special)
    return pd.DataFrame({name: pd.Series(codes, dtype="str") for name, codes in located.items()})


def _codes_of(x: FloatArray, y: FloatArray, rows: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    if rows.empty:
        return np.full(len(x), "", dtype=object)
    codes = rows["code"].to_numpy(dtype=object)
    return np.append(codes, "")[assign_points(x, y, rows.geometry.to_numpy(), list(codes))]


def _parents_of(finer: npt.NDArray[np.object_] | None, parents: dict[str, str], count: int) -> npt.NDArray[np.object_]:
    if finer is None:
        return np.full(count, "", dtype=object)
    lookup = {code: parents.get(code) or parent_code(code) for code in set(finer) if code}
    return np.array([lookup.get(code, "") for code in finer], dtype=object)


def _refuse_other_shapes(shapes: npt.NDArray[np.object_]) -> None:
    kinds = shapely.get_type_id(shapes)
    wrong = np.flatnonzero(~np.isin(kinds, (3, 6)))
    if len(wrong):
        raise GeometryError(zh=f"第 {wrong[0] + 1} 个要素不是多边形。", en=f"Feature {wrong[0] + 1} is not a polygon.")


def _edges(shapes: npt.NDArray[np.object_]) -> _Edges:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1] if len(ring) else np.zeros(0, dtype=bool)
    owner_of_edge = owner[ring_part[ring[:-1][joined]]] if len(ring) else np.zeros(0, dtype=np.int64)
    start = np.searchsorted(owner_of_edge, np.arange(len(shapes) + 1)).astype(np.int64)
    a, b = xy[:-1][joined], xy[1:][joined]
    return _Edges(
        ax=np.ascontiguousarray(a[:, 0]),
        ay=np.ascontiguousarray(a[:, 1]),
        bx=np.ascontiguousarray(b[:, 0]),
        by=np.ascontiguousarray(b[:, 1]),
        start=start,
        boxes=np.ascontiguousarray(shapely.bounds(shapes).reshape(-1, 4)),
    )


def _cells(edges: _Edges, side: int) -> _Cells:
    if not len(edges.ax):
        return _Cells(0.0, 0.0, 1.0, 1.0, 1, 1, np.full(1, -1, np.int32), np.zeros(2, np.int64), np.zeros(0, np.int32))
    west, south = np.nanmin(edges.boxes[:, 0]), np.nanmin(edges.boxes[:, 1])
    east, north = np.nanmax(edges.boxes[:, 2]), np.nanmax(edges.boxes[:, 3])
    # One part in a million of room, so that the outer edge itself lies inside the table.
    width, height = max(east - west, 1e-12) * (1 + 1e-6), max(north - south, 1e-12) * (1 + 1e-6)
    columns = max(1, round(side * min(1.0, width / height)))
    rows = max(1, round(side * min(1.0, height / width)))
    x0, y0 = west - width * 5e-7, south - height * 5e-7
    place = (float(x0), float(y0), float(width / columns), float(height / rows), columns, rows)
    owners, cells = _cells_with_edges(edges, place)
    mixed = np.zeros(columns * rows, dtype=bool)
    mixed[cells] = True
    whole = np.full(columns * rows, -1, dtype=np.int32)
    extra_owners, extra_cells = _cells_inside(edges, place, owners, cells, mixed, whole)
    cells, owners = np.concatenate([cells, extra_cells]), np.concatenate([owners, extra_owners])
    order = np.lexsort((owners, cells))
    counts = np.bincount(cells, minlength=columns * rows)
    border_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return _Cells(*place, whole=whole, border_start=border_start, border_owner=owners[order].astype(np.int32))


def _cells_with_edges(edges: _Edges, place: tuple[float, float, float, float, int, int]) -> tuple[IntArray, IntArray]:
    """Pairs (polygon, cell) that share an edge, each once, by polygon."""
    nothing = np.empty(0, dtype=np.int64)
    size = _kernels.cells_of_edges(edges.ax, edges.ay, edges.bx, edges.by, *place, nothing, nothing)
    cells, which = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    _kernels.cells_of_edges(edges.ax, edges.ay, edges.bx, edges.by, *place, cells, which)
    owners = np.searchsorted(edges.start, which, side="right") - 1
    total = place[4] * place[5]
    keys = np.unique(owners * total + cells)
    return keys // total, keys % total


def _cells_inside(
    edges: _Edges,
    place: tuple[float, float, float, float, int, int],
    owners: IntArray,
    cells: IntArray,
    mixed: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.int32],
) -> tuple[IntArray, IntArray]:
    """Pairs (polygon, cell) where a polygon holds a border cell of others; fills ``whole``."""
    cell_start = np.searchsorted(owners, np.arange(len(edges.start))).astype(np.int64)
    shared = (cells, cell_start, edges.ax, edges.ay, edges.bx, edges.by, edges.start, edges.boxes, *place, mixed, whole)
    nothing = np.empty(0, dtype=np.int64)
    size = _kernels.spread_inside(*shared, nothing, nothing)
    extra_cells, extra_owners = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    if size:
        _kernels.spread_inside(*shared, extra_cells, extra_owners)
    return extra_owners, extra_cells
