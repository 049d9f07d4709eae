"""Candidates for new cameras: poles along streets, facades, or places that are handed in, each with several orientations.

It says where a camera could stand and what it would see there; which to choose is the work of :mod:`gis.cameras.siting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from gis.cameras.buildings import Occluders
from gis.cameras.views import ViewDefaults, Views, dead_zone
from gis.cameras.visible import visible_polygons
from gis.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

_MOST = 200_000


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
        ``x``, ``y`` (m), ``azimuth``, ``angle``, ``range_m``, ``height_m``, and ``pole``: from 0, shared by the
        orientations of one place.
    areas
        What each would see, m.
    left_out
        How many places were not taken, by reason: ``outside``, ``forbidden``, ``inside_building``.
    """

    table: pd.DataFrame
    areas: Shapes
    left_out: dict[str, int]


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


def along_facades(footprints: Shapes, *, every_m: float, off_m: float = 0.3) -> Floats:
    """Places on the outer walls, ``off_m`` in front of them, at equal steps; shape (n, 2), m.

    Raises
    ------
    InputError
        The step is not above 0.
    """
    merged = shapely.get_parts(shapely.union_all(footprints))
    return along_streets(shapely.get_exterior_ring(shapely.get_parts(shapely.buffer(merged, off_m))), every_m=every_m)


def candidates(
    places: Floats,
    optic: Optic,
    occluders: Occluders,
    *,
    orientations: int = 8,
    within: shapely.Geometry | None = None,
    forbidden: Sequence[shapely.Geometry] = (),
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

    Raises
    ------
    InputError
        No place remains, a number is below one, or there would be more than 200,000 candidates.
    """
    turns = 1 if optic.angle_deg >= 360 else orientations
    if orientations < 1:
        raise InputError(zh="朝向数至少为 1。", en="There is at least one orientation.")
    points, left_out = shapely.points(places), {}
    keep = np.ones(len(points), dtype=bool)
    for reason, good in (
        ("outside", np.ones(len(points), dtype=bool) if within is None else shapely.intersects(within, points)),
        ("forbidden", ~shapely.intersects(shapely.union_all(list(forbidden)), points)),
        ("inside_building", ~_inside(points, occluders)),
    ):
        left_out[reason] = int((keep & ~good).sum())
        keep &= good
    at = np.asarray(places, dtype=float)[keep]
    if not len(at):
        raise InputError(
            zh=f"没有可用的候选点位:区外 {left_out['outside']},禁设区内 {left_out['forbidden']},建筑内 {left_out['inside_building']}。",
            en=f"No candidate place remains: {left_out['outside']} outside, {left_out['forbidden']} in forbidden zones, {left_out['inside_building']} inside buildings.",
        )
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
    table = pd.DataFrame(
        {
            "x": views.x, "y": views.y, "azimuth": azimuth, "angle": views.angle,
            "range_m": views.range_m, "height_m": views.height_m, "pole": pole,
        }
    )  # fmt: skip
    return Candidates(table, visible_polygons(views, occluders), left_out)


def cover_matrix(areas: Shapes, xy: Floats) -> csr_array:
    """Which area holds which point, areas x points."""
    area, point = shapely.STRtree(shapely.points(xy)).query(areas, predicate="intersects")
    return csr_array((np.ones(len(area), dtype=bool), (area, point)), shape=(len(areas), len(xy)))


def _views(at: Floats, azimuth: Floats, optic: Optic) -> Views:
    each = np.ones(len(at))
    near = dead_zone(optic.height_m * each, optic.range_m * each, optic.angle_deg * each, np.nan * each, ViewDefaults())
    return Views(
        camera=np.arange(len(at)), x=at[:, 0], y=at[:, 1], height_m=optic.height_m * each,
        near_m=near if optic.angle_deg <= 180 else 0.0 * each, range_m=optic.range_m * each, azimuth=azimuth,
        angle=optic.angle_deg * each, home=np.ones(len(at), dtype=bool),
    )  # fmt: skip


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
