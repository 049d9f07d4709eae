"""Rivers, railways, motorways between grids: who is still a neighbour when nobody can walk across.

A street over the barrier joins the two sides again. It draws no beats and searches no way; it takes pairs out of an adjacency.
"""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from gis.crs import metric_crs
from gis.errors import CrsError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.schemas import require_columns

IntArray = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

BARRIER_KINDS = ("rail", "motorway", "river")
"""Kinds of lines that nobody crosses but on a street."""


def cut_by_barriers(
    neighbours: Neighbours,
    areas: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    *,
    crossings: gpd.GeoDataFrame | None = None,
    border_m: float = 30.0,
    crs: pyproj.CRS | None = None,
) -> Neighbours:
    """The adjacency without the pairs that a barrier parts.

    A pair is parted where the way from a point well inside the one grid, over the middle of their common border, to a
    point well inside the other meets a barrier inside the two. It stays joined where a crossing street meets the barrier
    between them: inside one of the two, or within ``border_m`` of both.

    Parameters
    ----------
    neighbours
        Who touches whom, in the row order of ``areas``.
    areas
        Polygons of the grids, with a CRS.
    barriers
        Lines with a CRS; of a table with ``kind``, those of BARRIER_KINDS.
    crossings
        Streets; of a table with ``kind``, all but BARRIER_KINDS and ``motorway_link``. None: nothing crosses.
    border_m
        A barrier this near to a border runs along it.
    crs
        Metric CRS of the distances; that of the areas' place if not given.

    Returns
    -------
    neighbours
        The same rows, fewer pairs; symmetric.

    Raises
    ------
    ShapeError
        Neighbours and areas differ in length.
    CrsError
        A layer has no CRS.
    """
    if len(neighbours) != len(areas):
        raise ShapeError(
            zh=f"邻接有 {len(neighbours)} 行,网格有 {len(areas)} 个。",
            en=f"The adjacency has {len(neighbours)} rows for {len(areas)} grids.",
        )
    metric = crs or _metric(areas)
    cells = _in_metres(areas, metric, "areas")
    walls = _in_metres(_of_kind(barriers, wall=True), metric, "barriers")
    ways = np.zeros(0, dtype=object)
    if crossings is not None:
        ways = _in_metres(_of_kind(crossings, wall=False), metric, "crossings")
    tails = np.repeat(np.arange(len(neighbours)), np.diff(neighbours.indptr))
    once = tails < neighbours.indices
    left, right = tails[once], neighbours.indices[once]
    parted = _parted(cells, left, right, walls)
    gates = _gates(walls, ways)
    rows = np.flatnonzero(parted)
    parted[rows] = ~_joined(cells, left[rows], right[rows], gates, border_m)
    return _without(neighbours, left[parted], right[parted])


def _parted(cells: Shapes, left: IntArray, right: IntArray, walls: Shapes) -> npt.NDArray[np.bool_]:
    """Whether a wall meets the way between the two grids, inside them."""
    if not len(walls) or not len(left):
        return np.zeros(len(left), dtype=bool)
    inside = shapely.point_on_surface(cells)
    border = shapely.intersection(shapely.boundary(cells[left]), shapely.boundary(cells[right]))
    # Grids that overlap or leave a gap have no common border; then the straight way counts.
    lost = shapely.is_empty(border)
    middle = np.where(lost, shapely.centroid(shapely.union(inside[left], inside[right])), _middle(border))
    ends = [shapely.get_coordinates(points) for points in (inside[left], middle, inside[right])]
    way = shapely.linestrings(np.stack(ends, axis=1))
    found = np.zeros(len(left), dtype=bool)
    pair, wall = shapely.STRtree(walls).query(way, predicate="intersects")
    pair, wall = pair.astype(np.int64), wall.astype(np.int64)
    # A bent grid's way may leave it; what it meets outside the two parts them not.
    ground = shapely.union(cells[left[pair]], cells[right[pair]])
    meets = shapely.intersection(shapely.intersection(way[pair], walls[wall]), shapely.buffer(ground, 0.01))
    found[pair[~shapely.is_empty(meets)]] = True
    return found


def _middle(border: Shapes) -> Shapes:
    """The point of each border that is nearest to its centre."""
    sound = np.where(shapely.is_empty(border), shapely.Point(0, 0), border)
    joining = shapely.shortest_line(sound, shapely.centroid(sound))
    return np.asarray(shapely.get_point(joining, 0), dtype=object)


def _gates(walls: Shapes, ways: Shapes) -> Shapes:
    """The points at which a street meets a wall."""
    if not len(walls) or not len(ways):
        return np.zeros(0, dtype=object)
    way, wall = shapely.STRtree(walls).query(ways, predicate="intersects")
    met = shapely.intersection(ways[way], walls[wall])
    # A street that runs on the wall for a while meets it at one place as far as this is concerned.
    return np.asarray(shapely.point_on_surface(shapely.get_parts(met)), dtype=object)


def _joined(cells: Shapes, left: IntArray, right: IntArray, gates: Shapes, border_m: float) -> npt.NDArray[np.bool_]:
    """Whether a gate lies between two grids: well inside one of them, or near both."""
    out = np.zeros(len(left), dtype=bool)
    if not len(gates) or not len(left):
        return out
    tree = shapely.STRtree(gates)
    a, b = cells[left], cells[right]
    pair, gate = tree.query(a, predicate="dwithin", distance=border_m)
    both = shapely.dwithin(gates[gate], b[pair], border_m)
    out[pair[both]] = True
    for side in (a, b):
        pair, gate = tree.query(side, predicate="contains")
        deep = ~shapely.dwithin(gates[gate], shapely.boundary(side[pair]), border_m)
        out[pair[deep]] = True
    return out


def _without(neighbours: Neighbours, left: IntArray, right: IntArray) -> Neighbours:
    n = len(neighbours)
    tails = np.repeat(np.arange(n), np.diff(neighbours.indptr))
    gone = np.concatenate([left * n + right, right * n + left])
    keep = ~np.isin(tails * n + neighbours.indices, gone)
    counts = np.bincount(tails[keep], minlength=n)
    return Neighbours(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), neighbours.indices[keep])


def _of_kind(lines: gpd.GeoDataFrame, *, wall: bool) -> gpd.GeoDataFrame:
    require_columns(lines, ["geometry"], layer="barriers" if wall else "crossings")
    if "kind" not in lines:
        return lines
    if wall:
        return lines[lines["kind"].isin(BARRIER_KINDS)]
    # A slip road ends on its motorway; it leads over nothing.
    return lines[~lines["kind"].isin([*BARRIER_KINDS, "motorway_link"])]


def _in_metres(layer: gpd.GeoDataFrame, metric: pyproj.CRS, name: str) -> Shapes:
    if layer.crs is None:
        raise CrsError(
            zh=f"图层“{name}”没有坐标系;请先声明(例如 EPSG:4326)。",
            en=f"Layer '{name}' has no CRS; declare it first (for example EPSG:4326).",
        )
    shapes = layer.geometry.to_crs(metric)
    return np.asarray(shapes[shapes.notna() & ~shapes.is_empty] if name != "areas" else shapes, dtype=object)


def _metric(areas: gpd.GeoDataFrame) -> pyproj.CRS:
    if areas.crs is None:
        raise CrsError(
            zh="图层“areas”没有坐标系;请先声明(例如 EPSG:4326)。",
            en="Layer 'areas' has no CRS; declare it first (for example EPSG:4326).",
        )
    west, south, east, north = areas.to_crs(4326).total_bounds
    return metric_crs((west + east) / 2, (south + north) / 2)
