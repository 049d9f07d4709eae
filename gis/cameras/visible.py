"""The ground that a camera sees: exact polygons, past the buildings in its way, for every direction of view.

Walls as tall as the camera or taller hide all that is behind them: an angular sweep over the walls within range (the
method of Asano, 1985, with the range circle as the last wall). Lower buildings hide a strip: the footprint stretched away
from the camera by (h - t) / (h - b) for a camera at h, a building of b, and something t high to be seen. Ground inside a
footprint is never seen. It draws nothing and knows no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras._sweep import ARCS, sweep_all
from gis.cameras.buildings import Occluders
from gis.cameras.optics import BANDS, PixelBand, range_of
from gis.cameras.polygons import solid
from gis.cameras.views import Problem, ViewDefaults, Views, views_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

EMPTY = shapely.Polygon()
NUDGE_M = 0.0001
"""A camera on a wall or a corner is moved so far off it; what it sees does not depend on rounding then."""


@dataclass(frozen=True, eq=False)
class CameraAreas:
    """What each camera sees, in order of the rows.

    Parameters
    ----------
    ids
        Camera ids, shape (n,).
    sure
        Ground surely seen: the direction it looks in; all round for a dome; empty where the direction is not known.
    may
        Ground that may be seen: all round where the direction is not known; every preset of a camera that turns.
    bands, may_bands
        The same by code of pixel band: ground seen with at least that density; empty where the resolution is not known.
    unknown
        The direction is not known.
    share
        Of ``may``, how much is seen at a time on average: angle / 360 for an unknown direction, else 1.
    problems
        What cannot be used; such cameras see nothing.
    """

    ids: npt.NDArray[np.str_]
    sure: Shapes
    may: Shapes
    bands: dict[str, Shapes]
    may_bands: dict[str, Shapes]
    unknown: Bools
    share: Floats
    problems: list[Problem]


def camera_areas(
    cameras: pd.DataFrame,
    xy: Floats,
    occluders: Occluders,
    *,
    bands: Sequence[PixelBand] = BANDS,
    defaults: ViewDefaults | None = None,
    masks: Mapping[str, shapely.Geometry] | None = None,
) -> CameraAreas:
    """The ground that every camera of a table sees.

    Parameters
    ----------
    cameras
        ``cameras`` table; missing columns count as not told.
    xy
        Positions in m, shape (n, 2).
    bands
        Pixel densities to tell apart; none for none.
    defaults
        What is assumed where the table is silent.
    masks
        Ground that must not be watched, by camera id; ``""`` for all cameras.
    """
    assumed = defaults or ViewDefaults()
    views, found, problems = views_of(cameras, xy, defaults=assumed)
    ids = cameras["id"].to_numpy().astype(str)
    inside = _inside(views, occluders)
    problems = [*problems, *_inside_problems(ids, views, inside)]
    seen = _Whole(views, occluders, assumed.target_m, ids, masks or {})
    sure, may = seen(views.range_m)
    resolution = pd.to_numeric(cameras.get("resolution_px", pd.Series(np.nan, index=cameras.index)), errors="coerce")
    told = resolution.to_numpy(dtype=float, na_value=np.nan)[views.camera]
    of_bands: dict[str, Shapes] = {}
    may_bands: dict[str, Shapes] = {}
    for band in bands:
        slant = range_of(band.px_per_m, told, views.angle)
        above = np.maximum(views.height_m - assumed.target_m, 0.0)
        reach = np.sqrt(np.maximum(slant**2 - above**2, 0.0))
        of_bands[band.code], may_bands[band.code] = seen(np.minimum(np.nan_to_num(reach), views.range_m))
    share = np.where(found.unknown, found.angle / 360.0, 1.0)
    return CameraAreas(ids, sure, may, of_bands, may_bands, found.unknown, share, problems)


def visible_polygons(
    views: Views, occluders: Occluders, *, range_m: Floats | None = None, target_m: float = ViewDefaults.target_m
) -> Shapes:
    """One polygon or multipolygon a view, always valid; empty for a camera inside a footprint.

    Parameters
    ----------
    range_m
        Instead of the views' own range, shape (m,); 0 sees nothing.
    target_m
        Height of what is to be seen, m.
    """
    reach = views.range_m if range_m is None else range_m
    found = np.full(len(views), EMPTY, dtype=object)
    at = _off_walls(np.column_stack([views.x, views.y]), occluders)
    open_ground = (reach > 0) & ~_covered(at, occluders)
    for height in np.unique(views.height_m[open_ground]):
        rows = np.flatnonzero(open_ground & (views.height_m == height))
        found[rows] = _among_walls(views, at, reach, occluders, float(height), rows)
        _cut_low(found, rows, at, reach, occluders, float(height), target_m)
    near = np.flatnonzero((views.near_m > 0) & ~shapely.is_empty(found))
    dead = shapely.buffer(shapely.points(at[near]), views.near_m[near], quad_segs=ARCS // 4)
    found[near] = shapely.difference(found[near], dead)
    return _valid(found)


def _among_walls(
    views: Views, at: Floats, reach: Floats, occluders: Occluders, height: float, rows: npt.NDArray[np.int64]
) -> Shapes:
    walls = occluders.walls(height)
    view, building = walls.tree.query(shapely.points(at[rows]), predicate="dwithin", distance=reach[rows])
    order = np.argsort(view, kind="stable")
    of = np.searchsorted(view[order], np.arange(len(rows) + 1))
    all_round = np.isnan(views.azimuth[rows]) | (views.angle[rows] >= 360.0)
    wide = np.where(all_round, 2 * np.pi, np.radians(np.minimum(views.angle[rows], 360.0)))
    turn = np.where(all_round, 0.0, np.radians(90.0 - np.nan_to_num(views.azimuth[rows])) - wide / 2)
    rings, offsets = sweep_all(
        walls.segments, building[order].astype(np.int64), of.astype(np.int64), walls.starts,
        at[rows, 0], at[rows, 1], reach[rows].astype(float), turn, wide, all_round,
    )  # fmt: skip
    corners = np.diff(offsets)
    full = corners >= 4
    lines = np.full(len(rows), EMPTY, dtype=object)
    keep = np.repeat(full, corners)
    ring_of = np.repeat(np.cumsum(full) - 1, corners)[keep]
    if full.any():
        lines[full] = shapely.polygons(shapely.linearrings(rings[keep], indices=ring_of))
    return _valid(lines)


def _cut_low(
    found: Shapes,
    rows: npt.NDArray[np.int64],
    at: Floats,
    reach: Floats,
    occluders: Occluders,
    height: float,
    target_m: float,
) -> None:
    """Take away footprints lower than the camera, and the ground that they hide."""
    view, building = occluders.tree.query(shapely.points(at[rows]), predicate="dwithin", distance=reach[rows])
    low = occluders.heights[building] < height
    view, building = view[low], building[low]
    # Ground seen past tall walls holds the way to each of its points: what lies outside of it hides none of it.
    meets = shapely.intersects(found[rows[view]], occluders.shapes[building])
    view, building = view[meets], building[meets]
    order = np.argsort(view, kind="stable")
    view, building = view[order], building[order]
    cuts = np.flatnonzero(np.diff(view)) + 1
    for each in np.split(np.arange(len(view)), cuts) if len(view) else ():
        row = rows[view[each[0]]]
        hidden = [_shadow(occluders, int(one), at[row], height, target_m) for one in building[each]]
        found[row] = shapely.difference(found[row], shapely.union_all(hidden))


def _shadow(occluders: Occluders, building: int, at: Floats, height: float, target_m: float) -> shapely.Geometry:
    """A footprint and the ground that it hides from a camera above it."""
    shape, top = occluders.shapes[building], occluders.heights[building]
    if top <= target_m or height <= target_m:
        return shape
    factor = (height - target_m) / (height - top)
    quads: list[shapely.Geometry] = [shape, shapely.transform(shape, lambda xy: at + factor * (xy - at))]
    for ring in shapely.get_rings(shape):
        points = shapely.get_coordinates(ring)
        far = at + factor * (points - at)
        corners = np.stack([points[:-1], points[1:], far[1:], far[:-1]], axis=1)
        quads += list(shapely.make_valid(shapely.polygons(corners)))
    return shapely.union_all(quads)


def _off_walls(at: Floats, occluders: Occluders) -> Floats:
    """Positions, those on a wall or a corner moved off it by :data:`NUDGE_M`."""
    points = shapely.points(at)
    moved = at.copy()
    touching = np.unique(occluders.tree.query(points, predicate="touches")[0])
    for row in touching.tolist():
        turns = np.arange(16) * (2 * np.pi / 16) + 0.1
        tries = at[row] + NUDGE_M * np.column_stack([np.cos(turns), np.sin(turns)])
        near = occluders.shapes[occluders.tree.query(points[row], predicate="dwithin", distance=2 * NUDGE_M)]
        room = shapely.distance(shapely.points(tries), shapely.union_all(near))
        if room.max() > 0:
            moved[row] = tries[int(np.argmax(room))]
    return moved


def _covered(at: Floats, occluders: Occluders) -> Bools:
    covered = np.zeros(len(at), dtype=bool)
    covered[occluders.tree.query(shapely.points(at), predicate="intersects")[0]] = True
    return covered


def _inside(views: Views, occluders: Occluders) -> Bools:
    at = np.column_stack([views.x, views.y])
    return _covered(_off_walls(at, occluders), occluders)


def _inside_problems(ids: npt.NDArray[np.str_], views: Views, inside: Bools) -> list[Problem]:
    return [
        Problem(
            int(row), ids[row], "position",
            zh=f"摄像机 {ids[row]} 位于建筑轮廓之内,不计可视范围;请先吸附到外墙。",
            en=f"Camera {ids[row]} stands inside a footprint and sees nothing; snap it to the facade first.",
        )
        for row in np.unique(views.camera[inside])
    ]  # fmt: skip


class _Whole:
    """Views of a camera put together, for one set of ranges."""

    def __init__(
        self,
        views: Views,
        occluders: Occluders,
        target_m: float,
        ids: npt.NDArray[np.str_],
        masks: Mapping[str, shapely.Geometry],
    ) -> None:
        self._views, self._occluders, self._target_m = views, occluders, target_m
        self._ids, self._masks = ids, masks

    def __call__(self, range_m: Floats) -> tuple[Shapes, Shapes]:
        views = self._views
        each = visible_polygons(views, self._occluders, range_m=range_m, target_m=self._target_m)
        sure = np.full(len(self._ids), EMPTY, dtype=object)
        may = sure.copy()
        sure[views.camera[views.home]] = each[views.home]
        single = np.bincount(views.camera, minlength=len(self._ids)) == 1
        alone = single[views.camera]
        may[views.camera[alone]] = each[alone]
        for camera in np.unique(views.camera[~alone]):
            may[camera] = shapely.union_all(each[views.camera == camera])
        return self._masked(sure), self._masked(may)

    def _masked(self, shapes: Shapes) -> Shapes:
        for key, mask in self._masks.items():
            rows = np.arange(len(shapes)) if key == "" else np.flatnonzero(self._ids == key)
            shapes[rows] = shapely.difference(shapes[rows], mask)
        return _valid(shapes)


def _valid(shapes: Shapes) -> Shapes:
    """The same ground, always as valid polygons."""
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if len(bad):
        mended = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
        shapes[bad] = mended
    return solid(shapes)
