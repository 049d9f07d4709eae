"""Candidates for new cameras: poles along streets, facades, or places that are handed in, each with several orientations.

It says where a camera could stand, what it would see there, and how much the ground there matters; which to choose is
the work of :mod:`gis.cameras.siting`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from gis.cameras.buildings import Occluders
from gis.cameras.coverage import PointTargets
from gis.cameras.views import ViewDefaults, Views, dead_zone
from gis.cameras.visible import visible_polygons
from gis.errors import InputError, ShapeError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

_MOST = 200_000
_MOST_POINTS = 2_000_000
_LEAST_M2 = 1.0
"""An orientation that sees less looks into a wall."""
_NEAR_M = 50.0
"""A target inside a building counts on the open ground so near to it."""

WORTH: Mapping[str, float] = MappingProxyType({"incidents": 0.5, "places": 0.2, "hot": 0.1, "area": 0.2})
"""Share of each kind of demand; what is absent leaves its share to the others. Our own choice, not a finding."""


@dataclass(frozen=True)
class Optic:
    """The camera that would be mounted.

    Parameters
    ----------
    angle_deg
        Horizontal angle; 360 sees all round and needs no orientation.
    range_m, height_m
        Range and mount height, m.
    """

    angle_deg: float = 70.0
    range_m: float = 60.0
    height_m: float = 5.0

    def __post_init__(self) -> None:
        if not (0 < self.angle_deg <= 360 and 0 < self.range_m <= 5000 and 0 < self.height_m <= 300):
            raise InputError(
                zh=f"摄像机参数不合理:视角 {self.angle_deg} 度,距离 {self.range_m} 米,高度 {self.height_m} 米。",
                en=f"A camera of {self.angle_deg} degrees, {self.range_m} m range, {self.height_m} m height makes no sense.",
            )


@dataclass(frozen=True, eq=False)
class Candidates:
    """Cameras that could be mounted.

    Parameters
    ----------
    table
        ``x``, ``y`` (m), ``azimuth``, ``angle``, ``range_m``, ``height_m``, ``mount``, and ``pole``: from 0, shared by
        the orientations of one place.
    areas
        What each would see, m.
    left_out
        How many places were not taken, by reason: ``no_position``, ``outside``, ``forbidden``, ``inside_building``; and
        how many orientations of the others: ``sees_nothing``.
    """

    table: pd.DataFrame
    areas: Shapes
    left_out: dict[str, int]


@dataclass(frozen=True, eq=False)
class Demand:
    """Ground points that stand for what should be seen.

    Parameters
    ----------
    xy
        m, shape (n, 2); middles of squares on open ground.
    weight
        Sums to 1, or to 0 where nothing is wanted, shape (n,).
    parts
        The same by kind of demand.
    left_out
        Weight of targets too far from any open ground, by kind, in their own unit.
    """

    xy: Floats
    weight: Floats
    parts: Mapping[str, Floats]
    left_out: Mapping[str, float]


def along_streets(streets: Shapes, *, every_m: float) -> Floats:
    """Places for poles: both ends of every street and equal steps between.

    Places closer together than half a step are one. Shape (n, 2), m.

    Raises
    ------
    InputError
        The step is not above 0.
    """
    if not every_m > 0:
        raise InputError(zh=f"间距应大于 0,而不是 {every_m}。", en=f"The step is above 0, not {every_m}.")
    lines = shapely.get_parts(streets)
    lines = lines[shapely.length(lines) > 0]
    steps = np.maximum(np.ceil(shapely.length(lines) / every_m).astype(int), 1)
    line = np.repeat(np.arange(len(lines)), steps + 1)
    first = np.cumsum(steps + 1) - (steps + 1)
    part = (np.arange(len(line)) - first[line]) / steps[line]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], part, normalized=True))
    return _thinned(at, every_m / 2)


def along_facades(
    footprints: Shapes,
    *,
    every_m: float,
    off_m: float = 0.3,
    streets: Shapes | None = None,
    facing_m: float = 30.0,
    open_m: float | None = None,
) -> Floats:
    """Places on the outer walls, ``off_m`` in front of them, at equal steps; shape (n, 2), m.

    Walls of courtyards bear none.

    Parameters
    ----------
    streets
        Only places that face one of these: the straight line to the nearest, at most ``facing_m``, meets no building.
    open_m
        Places with so much free ground straight in front of the wall are kept, too; ``None`` asks for a street.

    Raises
    ------
    InputError
        The step is not above 0.
    """
    merged = shapely.get_parts(shapely.union_all(footprints))
    rings = shapely.get_exterior_ring(shapely.get_parts(shapely.buffer(merged, off_m)))
    at = along_streets(rings, every_m=every_m)
    if streets is None and open_m is None:
        return at
    walls = shapely.STRtree(merged)
    kept = np.zeros(len(at), dtype=bool)
    if streets is not None:
        kept |= _faces_street(at, walls, shapely.get_parts(streets), facing_m)
    if open_m is not None:
        kept |= _faces_open(at, walls, open_m)
    return at[kept]


def candidates(
    places: Floats,
    optic: Optic,
    occluders: Occluders,
    *,
    orientations: int = 8,
    within: shapely.Geometry | None = None,
    forbidden: Sequence[shapely.Geometry] = (),
    mount: str | Sequence[str] = "pole",
) -> Candidates:
    """Every place with every orientation, and what each would see.

    Parameters
    ----------
    places
        m, shape (n, 2).
    orientations
        Directions at equal steps from north; one for a camera that sees all round.
    within
        Ground of the district; places outside are left out.
    forbidden
        Zones where no camera may stand.
    mount
        What bears the camera, ``pole`` or ``wall``: one for all places, or one each.

    Raises
    ------
    InputError
        No place remains, a number is below one, or there would be more than 200,000 candidates.
    ShapeError
        Places and mounts differ in number.
    """
    turns = 1 if optic.angle_deg >= 360 else orientations
    if orientations < 1:
        raise InputError(zh="朝向数至少为 1。", en="There is at least one orientation.")
    at, borne, left_out = _usable(places, mount, occluders, within, forbidden)
    if len(at) * turns > _MOST:
        raise InputError(
            zh=f"候选过多({len(at)} 处 x {turns} 个朝向);请加大间距或减少朝向。",
            en=f"{len(at)} places with {turns} orientations are too many; take a longer step or fewer orientations.",
        )
    pole = np.repeat(np.arange(len(at)), turns)
    azimuth = (
        np.tile(np.arange(turns) * 360.0 / turns, len(at)) if optic.angle_deg < 360 else np.full(len(pole), np.nan)
    )
    views = _views(at[pole], azimuth, optic)
    areas = visible_polygons(views, occluders)
    sees = shapely.area(areas) >= _LEAST_M2
    left_out["sees_nothing"] = int((~sees).sum())
    if not sees.any():
        raise _none_left(left_out)
    table = pd.DataFrame(
        {
            "x": views.x, "y": views.y, "azimuth": azimuth, "angle": views.angle,
            "range_m": views.range_m, "height_m": views.height_m, "mount": borne[pole], "pole": pole,
        }
    )  # fmt: skip
    return Candidates(table[sees].reset_index(drop=True), areas[sees], left_out)


def demand_points(
    ground: shapely.Geometry,
    *,
    step_m: float = 10.0,
    buildings: Shapes | None = None,
    targets: Mapping[str, PointTargets] | None = None,
    hot: Sequence[shapely.Geometry] = (),
    worth: Mapping[str, float] = WORTH,
) -> Demand:
    """Open ground as a lattice of points, weighted by what happens and stands there.

    The lattice starts at the origin of the coordinates, so that neighbouring areas share it. Each kind of demand is
    scaled to its share of 1: ``area`` counts every point alike, ``hot`` those in hot spots, every other kind takes its
    targets to their nearest points.

    Parameters
    ----------
    ground
        The district, m.
    step_m
        Side of the squares.
    buildings
        Footprints; no open ground.
    targets
        Points that should be seen, by kind, e.g. ``incidents`` and ``places``. One farther than 50 m from any point of the
        lattice is left out and counted.
    worth
        Share of each kind; a kind that is not told counts nothing.

    Raises
    ------
    InputError
        The step is not above 0, a share is negative or no number, or there would be more than 2,000,000 points.
    """
    if not all(np.isfinite(each) and each >= 0 for each in worth.values()):
        raise InputError(zh="需求占比须为不小于 0 的数字。", en="Shares of demand are numbers that are not negative.")
    xy = _lattice(ground, step_m, buildings)
    raw = {"area": np.ones(len(xy)), "hot": np.zeros(len(xy))}
    if len(hot):
        points = shapely.STRtree(shapely.points(xy))
        raw["hot"][points.query(np.array(list(hot), dtype=object), predicate="intersects")[1]] = 1.0
    left_out: dict[str, float] = {}
    nearest = KDTree(xy) if len(xy) else None
    for kind, each in (targets or {}).items():
        raw[kind], left_out[kind] = _taken_to(nearest, len(xy), each)
    present = {kind: worth[kind] for kind, each in raw.items() if worth.get(kind, 0.0) > 0 and each.sum() > 0}
    whole = sum(present.values())
    parts = {kind: raw[kind] / raw[kind].sum() * share / whole for kind, share in present.items()}
    weight = np.sum(list(parts.values()), axis=0) if parts else np.zeros(len(xy))
    counts = weight > 0
    return Demand(xy[counts], weight[counts], {kind: each[counts] for kind, each in parts.items()}, left_out)


def cover_matrix(areas: Shapes, xy: Floats, *, tree: shapely.STRtree | None = None) -> csr_array:
    """Which area holds which point, areas x points; ``tree`` is the points' index where there is one."""
    points = shapely.STRtree(shapely.points(xy)) if tree is None else tree
    area, point = points.query(areas, predicate="intersects")
    return csr_array((np.ones(len(area), dtype=bool), (area, point)), shape=(len(areas), len(xy)))


def _views(at: Floats, azimuth: Floats, optic: Optic) -> Views:
    each = np.ones(len(at))
    near = dead_zone(optic.height_m * each, optic.range_m * each, optic.angle_deg * each, np.nan * each, ViewDefaults())
    return Views(
        camera=np.arange(len(at)), x=at[:, 0], y=at[:, 1], height_m=optic.height_m * each,
        near_m=near if optic.angle_deg <= 180 else 0.0 * each, range_m=optic.range_m * each, azimuth=azimuth,
        angle=optic.angle_deg * each, home=np.ones(len(at), dtype=bool),
    )  # fmt: skip


def _usable(
    places: Floats, mount: str | Sequence[str], occluders: Occluders, within: shapely.Geometry | None,
    forbidden: Sequence[shapely.Geometry],
) -> tuple[Floats, npt.NDArray[np.object_], dict[str, int]]:  # fmt: skip
    """Places where a camera may stand, what bears it, and how many others there were, by reason."""
    at = np.asarray(places, dtype=float).reshape(-1, 2)
    borne = np.full(len(at), mount, dtype=object) if isinstance(mount, str) else np.array(list(mount), dtype=object)
    if len(borne) != len(at):
        raise ShapeError(
            zh=f"点位 {len(at)} 个,安装方式 {len(borne)} 个,数目不符。",
            en=f"There are {len(at)} places and {len(borne)} mounts.",
        )
    left_out: dict[str, int] = {}
    barred = shapely.union_all(list(forbidden))
    for reason, good in (
        ("no_position", lambda each: np.isfinite(each).all(axis=1)),
        ("outside", lambda each: within is None or shapely.intersects(within, shapely.points(each))),
        ("forbidden", lambda each: ~shapely.intersects(barred, shapely.points(each))),
        ("inside_building", lambda each: ~_inside(shapely.points(each), occluders)),
    ):
        keep = np.broadcast_to(good(at), len(at))
        left_out[reason] = int((~keep).sum())
        at, borne = at[keep], borne[keep]
    if not len(at):
        raise _none_left(left_out)
    return at, borne, left_out


def _none_left(left_out: Mapping[str, int]) -> InputError:
    names = {
        "no_position": ("无坐标", "without position"), "outside": ("区外", "outside"),
        "forbidden": ("禁设区内", "in forbidden zones"), "inside_building": ("建筑内", "inside buildings"),
        "sees_nothing": ("看不到地面的朝向", "orientations that see no ground"),
    }  # fmt: skip
    zh = ",".join(f"{names[reason][0]} {many}" for reason, many in left_out.items())
    en = ", ".join(f"{many} {names[reason][1]}" for reason, many in left_out.items())
    return InputError(zh=f"没有可用的候选点位:{zh}。", en=f"No candidate place remains: {en}.")


def _faces_street(at: Floats, walls: shapely.STRtree, streets: Shapes, facing_m: float) -> npt.NDArray[np.bool_]:
    points = shapely.points(at)
    found = np.zeros(len(at), dtype=bool)
    place, street = shapely.STRtree(streets).query_nearest(points, max_distance=facing_m, all_matches=False)
    lines = shapely.shortest_line(points[place], streets[street])
    free = np.ones(len(place), dtype=bool)
    free[walls.query(lines, predicate="intersects")[0]] = False
    found[place[free]] = True
    return found


def _faces_open(at: Floats, walls: shapely.STRtree, open_m: float) -> npt.NDArray[np.bool_]:
    place, wall = walls.query_nearest(shapely.points(at), all_matches=False)
    foot = shapely.get_coordinates(shapely.shortest_line(walls.geometries[wall], shapely.points(at[place])))[::2]
    out = at[place] - foot
    out /= np.maximum(np.hypot(*out.T), 1e-9)[:, None]
    lines = shapely.linestrings(np.stack([at[place], at[place] + open_m * out], axis=1))
    free = np.ones(len(at), dtype=bool)
    free[place[walls.query(lines, predicate="intersects")[0]]] = False
    return free


def _lattice(ground: shapely.Geometry, step_m: float, buildings: Shapes | None) -> Floats:
    """Middles of the squares of a lattice that lie on open ground."""
    if not step_m > 0:
        raise InputError(zh=f"间距应大于 0,而不是 {step_m}。", en=f"The step is above 0, not {step_m}.")
    if shapely.is_empty(ground):
        return np.zeros((0, 2))
    west, south, east, north = np.round(shapely.bounds(ground) / step_m)
    if (east - west + 1) * (north - south + 1) > _MOST_POINTS:
        raise InputError(
            zh=f"按 {step_m:g} 米取点过多;请加大间距。", en=f"A step of {step_m:g} m gives too many points; take a longer one."
        )  # fmt: skip
    x, y = np.meshgrid(np.arange(west - 1, east + 1) + 0.5, np.arange(south - 1, north + 1) + 0.5)
    xy = step_m * np.column_stack([x.ravel(), y.ravel()])
    shapely.prepare(ground)
    xy = xy[shapely.intersects_xy(ground, xy)]
    if buildings is not None and len(buildings):
        built = shapely.STRtree(buildings).query(shapely.points(xy), predicate="intersects")[0]
        xy = np.delete(xy, np.unique(built), axis=0)
    return xy


def _taken_to(points: KDTree | None, count: int, targets: PointTargets) -> tuple[Floats, float]:
    """Weight of targets at the nearest of so many points, and the weight of those too far from all."""
    good = np.isfinite(targets.xy).all(axis=1)
    near = np.zeros(len(targets.xy), dtype=bool)
    nearest = np.zeros(len(targets.xy), dtype=np.int64)
    if points is not None and good.any():
        far, nearest[good] = points.query(targets.xy[good])
        near[good] = far <= _NEAR_M
    weight = np.bincount(nearest[near], targets.weight[near], minlength=count).astype(float)
    return weight, float(targets.weight[~near].sum())


def _inside(points: Shapes, occluders: Occluders) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(points), dtype=bool)
    inside[occluders.tree.query(points, predicate="intersects")[0]] = True
    return inside


def _thinned(at: Floats, apart_m: float) -> Floats:
    """Points without those closer than ``apart_m`` to an earlier one."""
    tree = shapely.STRtree(shapely.points(at))
    one, other = tree.query(shapely.points(at), predicate="dwithin", distance=apart_m)
    near: list[list[int]] = [[] for _ in at]
    for first, second in zip(one.tolist(), other.tolist(), strict=True):
        if second < first:
            near[first].append(second)
    kept = np.zeros(len(at), dtype=bool)
    for row, earlier in enumerate(near):
        kept[row] = not any(kept[each] for each in earlier)
    return at[kept]
