"""Camera points that lie inside a building or on its wall, put just outside the facade. Original positions are kept.

Mapped points of wall cameras fall on either side of the wall line; inside a footprint a camera would see nothing. What is
returned stands beside the register's own position and never replaces it. No other column of the register is read.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.cameras.buildings import Occluders
from gis.errors import InputError, ShapeError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

_ARC = 16
"""Segments per quarter of a rounded corner: the distance from a corner is at most 0.12 % short."""


@dataclass(frozen=True, eq=False)
class Snapped:
    """Positions from which a camera can see, one row per camera.

    Parameters
    ----------
    xy
        m, shape (n, 2); as handed in where nothing was moved.
    moved_m
        How far, 0 where clear, NaN where there is no position.
    state
        ``clear``, ``on_wall``, ``inside``, or ``""`` where there is no position.
    facing
        Bearing straight away from the wall, degrees clockwise from north in [0, 360); NaN when clear.
    """

    xy: Floats
    moved_m: Floats
    state: npt.NDArray[np.str_]
    facing: Floats


def snap_to_facade(xy: Floats, footprints: Shapes, *, on_wall_m: float = 0.5, off_m: float = 0.2) -> Snapped:
    """Put points inside a footprint, or near a wall, to ``off_m`` outside the nearest facade.

    A moved point keeps ``off_m`` from every building. Walls between touching houses, and gaps narrower than twice
    ``off_m``, are no facade: a point there goes to the nearest open ground, which ``moved_m`` tells. The walls of a
    courtyard are facades like any other. Snapping a second time moves nothing.

    Parameters
    ----------
    xy
        m, shape (n, 2); a position that is not finite passes as it is.
    footprints
        Polygons or multipolygons, m; crossing outlines are repaired, missing and empty ones left out.
    on_wall_m
        Points at most this far outside a wall count as on it.
    off_m
        Distance of the moved points from the wall.

    Raises
    ------
    ShapeError
        ``xy`` is not of shape (n, 2).
    InputError
        ``on_wall_m`` is negative or ``off_m`` not positive.
    """
    given = _checked(xy, on_wall_m, off_m)
    placed = np.flatnonzero(np.isfinite(given).all(axis=1))
    result = Snapped(
        xy=given.copy(),
        moved_m=np.where(np.isfinite(given).all(axis=1), 0.0, np.nan),
        state=np.full(len(given), "", dtype="<U7"),
        facing=np.full(len(given), np.nan),
    )
    result.state[placed] = "clear"
    buildings = Occluders.build(footprints)
    points = shapely.points(given[placed])
    near, shape = buildings.tree.query(points, predicate="dwithin", distance=on_wall_m)
    if not len(near):
        return result
    block = _blocks(buildings, off_m)
    of_point = _nearest_block(points, near, block[shape], buildings.shapes[shape])
    for label in np.unique(of_point[of_point >= 0]):
        rows = np.flatnonzero(of_point == label)
        _move(result, placed[rows], points[rows], buildings.shapes[block == label], off_m)
    return result


def _checked(xy: Floats, on_wall_m: float, off_m: float) -> Floats:
    given = np.asarray(xy, dtype=float)
    if given.ndim != 2 or given.shape[1] != 2:
        raise ShapeError(
            zh=f"点位应为 (n, 2) 数组,实为 {given.shape}。", en=f"Positions are of shape {given.shape}, not (n, 2)."
        )
    if not (on_wall_m >= 0 and off_m > 0 and np.isfinite([on_wall_m, off_m]).all()):
        raise InputError(
            zh=f"贴墙距离 {on_wall_m} 米应不小于 0,离墙距离 {off_m} 米应大于 0。",
            en=f"on_wall_m ({on_wall_m}) must be 0 or more and off_m ({off_m}) more than 0.",
        )
    return given


def _blocks(buildings: Occluders, off_m: float) -> Ints:
    """Label of each building; those with less than twice ``off_m`` between them are one block."""
    count = len(buildings.shapes)
    one, other = buildings.tree.query(buildings.shapes, predicate="dwithin", distance=2 * off_m)
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    return connected_components(links, directed=False)[1].astype(np.int64)


def _nearest_block(points: Shapes, near: Ints, block: Ints, shapes: Shapes) -> Ints:
    """Block that each point is nearest to, -1 for none; of equals the one with the lowest label."""
    distance = shapely.distance(points[near], shapes)
    order = np.lexsort((block, distance, near))
    first = np.unique(near[order], return_index=True)
    found = np.full(len(points), -1, dtype=np.int64)
    found[first[0]] = block[order][first[1]]
    return found


def _move(result: Snapped, rows: Ints, points: Shapes, shapes: Shapes, off_m: float) -> None:
    """Write the moved positions of points at one block."""
    solid = shapely.union_all(shapes)
    kept_off = shapely.union_all(shapely.buffer(shapes, off_m, quad_segs=_ARC))
    shapely.prepare(solid)
    way = shapely.get_coordinates(shapely.shortest_line(points, shapely.boundary(kept_off))).reshape(-1, 2, 2)
    to = way[:, 1]
    wall = shapely.get_coordinates(shapely.shortest_line(shapely.points(to), solid)).reshape(-1, 2, 2)[:, 1]
    east, north = (to - wall).T
    result.state[rows] = np.where(shapely.contains_properly(solid, points), "inside", "on_wall")
    result.xy[rows] = to
    result.moved_m[rows] = np.hypot(*(to - way[:, 0]).T)
    # A bearing of -1e-17 degrees would come out as 360.
    result.facing[rows] = np.degrees(np.arctan2(east, north)) % 360 % 360
