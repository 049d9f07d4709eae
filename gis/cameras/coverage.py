"""How much ground, street and weight of points cameras see, cell by cell, by one, two, three or more of them.

Areas and lengths are exact overlays of polygons, never cells of a raster. Ground inside footprints counts for nothing.
A street on a shared border and a point on it belong to the first cell in order, so that sums of cells are the whole.
Every table has its denominators. It knows neither cameras nor maps: what is seen comes as polygons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.polygons import solid
from gis.errors import NotFoundError, ShapeError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

DEPTHS = (1, 2, 3)
"""Seen by at least so many cameras."""

NOTHING = shapely.Polygon()


@dataclass(frozen=True, eq=False)
class PointTargets:
    """Points that should be seen.

    Parameters
    ----------
    xy
        m, shape (n, 2).
    weight
        What each counts, shape (n,); one each by default.
    kinds
        Class of each, text, shape (n,).
    """

    xy: Floats
    weight: Floats
    kinds: npt.NDArray[np.str_]

    @classmethod
    def of(
        cls, xy: Floats, *, weight: npt.ArrayLike | None = None, kinds: Sequence[str] | None = None
    ) -> "PointTargets":
        """Targets, each of weight one and without a class unless told."""
        count = len(xy)
        told = np.ones(count) if weight is None else np.asarray(weight, dtype=float)
        named = np.full(count, "", dtype=str) if kinds is None else np.asarray(kinds, dtype=str)
        if len(told) != count or len(named) != count:
            raise ShapeError(
                zh=f"点 {count} 个,权重 {len(told)} 个,类别 {len(named)} 个,数目不符。",
                en=f"There are {count} points, {len(told)} weights and {len(named)} kinds.",
            )
        return cls(np.asarray(xy, dtype=float).reshape(count, 2), told, named)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The points as an index, made once: hundreds of thousands are asked again for every camera that moves."""
        return shapely.STRtree(shapely.points(self.xy))

    def hits(self, shapes: Shapes) -> Ints:
        """How many of some polygons each point lies in, borders included."""
        if not len(self.xy) or not len(shapes):
            return np.zeros(len(self.xy), dtype=np.int64)
        return np.bincount(self.tree.query(shapes, predicate="intersects")[1], minlength=len(self.xy)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Ground:
    """What could be seen: open ground and streets by cell, and points.

    Parameters
    ----------
    codes
        Of the cells, shape (c,).
    parents
        Codes above each cell, by level.
    ground
        Cells without footprints, m.
    streets
        The streets of each cell as one geometry.
    points, cell_of
        Targets by name, and the cell of each point, -1 outside of all.
    """

    codes: npt.NDArray[np.str_]
    parents: Mapping[str, npt.NDArray[np.str_]]
    ground: Shapes
    streets: Shapes
    points: Mapping[str, PointTargets]
    cell_of: Mapping[str, Ints]
    cells: Shapes
    tree: shapely.STRtree

    @classmethod
    def build(
        cls,
        cells: Shapes,
        codes: Sequence[str],
        *,
        parents: Mapping[str, Sequence[str]] | None = None,
        buildings: Shapes | None = None,
        streets: Shapes | None = None,
        points: Mapping[str, PointTargets] | None = None,
    ) -> "Ground":
        """Cut footprints out of the cells and share streets and points out among them.

        Raises
        ------
        ShapeError
            Cells and codes differ in number.
        """
        if len(cells) != len(codes):
            raise ShapeError(
                zh=f"网格 {len(cells)} 个,编码 {len(codes)} 个,数目不符。",
                en=f"There are {len(cells)} cells and {len(codes)} codes.",
            )
        shapes = np.asarray(cells, dtype=object)
        open_ground = _without(shapes, buildings)
        lines = _shared_out(shapes, streets)
        built = cls(
            np.asarray(codes, dtype=str), {level: np.asarray(above, dtype=str) for level, above in (parents or {}).items()},
            open_ground, lines, {}, {}, shapes, shapely.STRtree(shapes),
        )  # fmt: skip
        return built.with_points(points or {})

    def with_points(self, points: Mapping[str, PointTargets]) -> "Ground":
        """The same ground with other points."""
        return replace(self, points=dict(points), cell_of={name: self._cells_of(each) for name, each in points.items()})

    def _cells_of(self, targets: PointTargets) -> Ints:
        found = np.full(len(targets.xy), len(self.codes), dtype=np.int64)
        point, cell = self.tree.query(targets.tree.geometries, predicate="intersects")
        np.minimum.at(found, point, cell)
        found[found == len(self.codes)] = -1
        return found


@dataclass(frozen=True, eq=False)
class Coverage:
    """What is seen, by cell.

    Parameters
    ----------
    seen
        One polygon a camera, m, empty ones included.
    levels
        Ground of each cell seen by at least 1, 2, 3 cameras, shape (c, 3).
    cameras
        How many cameras see something of each cell.
    depth
        How many cameras see each point, by name of the targets.
    """

    ground: Ground
    seen: Shapes
    levels: Shapes
    street_m: Floats
    cameras: Ints
    depth: Mapping[str, Ints]

    @classmethod
    def of(cls, ground: Ground, seen: Shapes) -> "Coverage":
        """Coverage of a ground by the polygons that cameras see."""
        count = len(ground.codes)
        shapes = np.asarray(seen, dtype=object)
        empty = cls(
            ground, shapes, np.full((count, len(DEPTHS)), NOTHING, dtype=object), np.zeros((count, len(DEPTHS))),
            np.zeros(count, dtype=np.int64), {name: np.zeros(len(each.xy), dtype=np.int64) for name, each in ground.points.items()},
        )  # fmt: skip
        counted = {name: each.hits(shapes) for name, each in ground.points.items()}
        return replace(_counted(empty, np.arange(count)), depth=counted)

    def with_points(self, points: Mapping[str, PointTargets]) -> "Coverage":
        """The same coverage with other points; ground and streets are not worked out again."""
        ground = self.ground.with_points(points)
        return replace(self, ground=ground, depth={name: each.hits(self.seen) for name, each in points.items()})

    def changed(self, moves: Mapping[int, shapely.Geometry], added: Sequence[shapely.Geometry] = ()) -> "Coverage":
        """Coverage after some cameras see something else and others are new; only the cells concerned are worked out.

        Parameters
        ----------
        moves
            Row of a camera to what it sees now; an empty polygon takes it away.
        added
            What each new camera sees; they follow the present ones.
        """
        rows = np.array(sorted(moves), dtype=np.int64)
        fresh = np.array([*(moves[int(row)] for row in rows), *added], dtype=object)
        seen = np.concatenate([self.seen, np.full(len(added), NOTHING, dtype=object)])
        seen[rows] = fresh[: len(rows)]
        seen[len(self.seen) :] = fresh[len(rows) :]
        old = self.seen[rows]
        touched = np.unique(self.ground.tree.query(np.concatenate([old, fresh]), predicate="intersects")[1])
        depth = {
            name: self.depth[name] - each.hits(old) + each.hits(fresh) for name, each in self.ground.points.items()
        }
        return _counted(replace(self, seen=seen, depth=depth), touched)

    @property
    def unseen(self) -> Shapes:
        """Open ground of each cell that no camera sees."""
        found: Shapes = shapely.difference(self.ground.ground, self.levels[:, 0])
        return found

    def table(self, level: str = "cell") -> pd.DataFrame:
        """Sums with their denominators: ``area_m2``, ``street_m`` and each target's weight, then the same seen by k.

        Parameters
        ----------
        level
            ``cell``, a level of the parents, or ``all``.

        Raises
        ------
        NotFoundError
            No such level.
        """
        ground = self.ground
        columns: dict[str, npt.NDArray[np.generic]] = {"area_m2": shapely.area(ground.ground)}
        area = shapely.area(self.levels)
        columns |= {f"area{k}_m2": area[:, k - 1] for k in DEPTHS}
        columns["street_m"] = shapely.length(ground.streets)
        columns |= {f"street{k}_m": self.street_m[:, k - 1] for k in DEPTHS}
        for name, targets in ground.points.items():
            inside = ground.cell_of[name] >= 0
            cell, weight, depth = ground.cell_of[name][inside], targets.weight[inside], self.depth[name][inside]
            for k in (0, *DEPTHS):
                told = np.bincount(cell, weight * (depth >= k), minlength=len(ground.codes))
                columns[name if k == 0 else f"{name}{k}"] = told
        cells = pd.DataFrame({"code": ground.codes, **columns})
        if level == "cell":
            return cells
        if level != "all" and level not in ground.parents:
            raise NotFoundError(zh=f"没有层级“{level}”。", en=f"There is no level '{level}'.")
        cells["code"] = "" if level == "all" else ground.parents[level]
        return cells.groupby("code", as_index=False, sort=True).sum()

    def targets(self, name: str) -> pd.DataFrame:
        """How many points of each class are seen: ``kind``, ``of``, ``seen1``, ``seen2``, ``seen3``, by weight."""
        each, inside = self.ground.points[name], self.ground.cell_of[name] >= 0
        depth = self.depth[name]
        frame = pd.DataFrame(
            {"kind": each.kinds, "of": each.weight} | {f"seen{k}": each.weight * (depth >= k) for k in DEPTHS}
        )
        return frame[inside].groupby("kind", as_index=False, sort=True).sum()


def _counted(coverage: Coverage, cells: Ints) -> Coverage:
    """The same coverage with some cells worked out anew."""
    ground = coverage.ground
    levels, street_m, cameras = coverage.levels.copy(), coverage.street_m.copy(), coverage.cameras.copy()
    camera, cell = ground.tree.query(coverage.seen, predicate="intersects")
    order = np.argsort(cell, kind="stable")
    camera, starts = camera[order], np.searchsorted(cell[order], np.arange(len(ground.codes) + 1))
    for at in cells.tolist():
        mine = coverage.seen[camera[starts[at] : starts[at + 1]]]
        depths = stacked(solid(shapely.intersection(mine, ground.ground[at])), len(DEPTHS))
        levels[at] = depths
        street_m[at] = shapely.length(shapely.intersection(ground.streets[at], depths))
        cameras[at] = len(mine)
    return replace(coverage, levels=levels, street_m=street_m, cameras=cameras)


def stacked(shapes: Shapes, depth: int) -> Shapes:
    """Ground covered by at least 1, 2, ... ``depth`` of some polygons, shape (depth,)."""
    found = np.full(depth, NOTHING, dtype=object)
    for shape in shapes:
        if shapely.is_empty(shape):
            continue
        for k in range(depth - 1, 0, -1):
            both = solid(shapely.intersection(found[k - 1 : k], shape))[0]
            if not shapely.is_empty(both):
                found[k] = shapely.union(found[k], both)
        found[0] = shapely.union(found[0], shape)
    return found


def _without(cells: Shapes, buildings: Shapes | None) -> Shapes:
    if buildings is None or not len(buildings):
        return cells
    tree = shapely.STRtree(buildings)
    cell, building = tree.query(cells, predicate="intersects")
    found = cells.copy()
    for at in np.unique(cell).tolist():
        found[at] = shapely.difference(cells[at], shapely.union_all(buildings[building[cell == at]]))
    return found


def _shared_out(cells: Shapes, streets: Shapes | None) -> Shapes:
    """The streets of every cell; what lies on a border goes to the first cell."""
    found = np.full(len(cells), shapely.MultiLineString(), dtype=object)
    if streets is None or not len(streets):
        return found
    pieces: list[list[shapely.Geometry]] = [[] for _ in cells]
    street, cell = shapely.STRtree(cells).query(streets, predicate="intersects")
    order = np.lexsort((cell, street))
    left = np.asarray(streets, dtype=object).copy()
    for one, at in zip(street[order].tolist(), cell[order].tolist(), strict=True):
        piece = shapely.intersection(left[one], cells[at])
        if shapely.length(piece) > 0:
            pieces[at].append(piece)
            left[one] = shapely.difference(left[one], cells[at])
    for at, parts in enumerate(pieces):
        lines = [part for part in shapely.get_parts(parts) if shapely.get_type_id(part) == 1] if parts else []
        found[at] = shapely.multilinestrings(lines) if lines else found[at]
    return found
