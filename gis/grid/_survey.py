"""The areas under inspection, level by level, and what is found in them, as rows for the report.

It judges by ``_mending`` and words what it judges; :mod:`gis.grid.tiling` is the door. It never changes the table handed in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from gis import crs
from gis.errors import CrsError
from gis.grid import _mending
from gis.grid._mending import Tolerances, Trouble
from gis.grid._overlay import GRID_DEG, IntArray, Layer, Shapes, cut, joined, measures, polygonal
from gis.grid.hierarchy import circular, resolved_parents
from gis.schemas import LEVELS, require_columns

BoolArray = npt.NDArray[np.bool_]


@dataclass(eq=False)
class Survey:
    """The areas under inspection: polygons made valid, parents resolved; ``shapes`` changes while they are mended."""

    areas: gpd.GeoDataFrame
    codes: npt.NDArray[np.object_]
    stated: npt.NDArray[np.object_]
    levels: npt.NDArray[np.object_]
    limits: Tolerances
    metric: pyproj.CRS
    shapes: Shapes
    is_open: BoolArray
    drawn: BoolArray
    first: BoolArray
    copies: BoolArray
    frozen: BoolArray
    parents: dict[str, str]
    touched: BoolArray

    @classmethod
    def of(cls, areas: gpd.GeoDataFrame, limits: Tolerances) -> "Survey":
        require_columns(areas, ["code", "parent", "level", "kind", "geometry"], layer="areas")
        if areas.crs is not None and not areas.crs.is_geographic:
            raise CrsError(zh="区划图层应为经纬度(EPSG:4326)。", en="Areas are wanted in degrees (EPSG:4326).")
        areas = areas.reset_index(drop=True)
        is_open = (
            (areas["valid_to"] == "").to_numpy() if "valid_to" in areas.columns else np.ones(len(areas), dtype=bool)
        )
        shapes, touched = _valid(areas.geometry.to_numpy())
        drawn = ~shapely.is_empty(shapes) & is_open
        copies, frozen = _duplicates(areas, is_open)
        codes, stated, levels = (areas[name].to_numpy(dtype=object) for name in ("code", "parent", "level"))
        resolved = resolved_parents(codes[is_open].tolist(), stated[is_open].tolist())
        resolved |= dict.fromkeys(circular(resolved), "")
        bounds = shapely.total_bounds(shapes[drawn]) if drawn.any() else np.zeros(4)
        middle = (bounds[:2] + bounds[2:]) / 2
        first = is_open & ~areas["code"].where(is_open, "").duplicated().to_numpy()
        return cls(
            areas,
            codes,
            stated,
            levels,
            limits,
            crs.metric_crs(*middle),
            shapes,
            is_open,
            drawn,
            first,
            copies,
            frozen,
            resolved,
            touched,
        )

    def finding(self, kind: str, code: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
        row = {"other": "", "area_m2": 0.0, "repairable": False, "geometry": None}
        return row | {"kind": kind, "code": code, "message_zh": zh, "message_en": en} | more

    def rows_alone(self) -> Iterator[dict[str, Any]]:
        """Codes twice, parents missing, circles."""
        for code in dict.fromkeys(self.codes[self.copies | self.frozen]):
            same = not self.frozen[(self.codes == code)].any()
            times = int(((self.codes == code) & self.is_open).sum())
            kind_zh, kind_en = (
                ("内容完全相同", "all alike") if same else ("内容不同,需人工确认", "which differ: decide which holds")
            )
            yield self.finding(
                "duplicate_code", code, f"编码 {code} 出现 {times} 次,{kind_zh}。", f"Code {code} occurs {times} times, {kind_en}.",
                repairable=same,
            )  # fmt: skip
        circle = circular(resolved_parents(self.codes[self.is_open].tolist(), self.stated[self.is_open].tolist()))
        for code in circle:
            yield self.finding("cycle", code, f"{code} 的上级关系成环。", f"{code} is its own ancestor.")
        yield from self._missing_parents(set(circle))

    def _missing_parents(self, circle: set[str]) -> Iterator[dict[str, Any]]:
        depth = {level: number for number, level in enumerate(LEVELS)}
        levels = np.array([depth.get(level, len(LEVELS)) for level in self.levels], dtype=np.int64)
        top = levels[self.is_open].min(initial=len(LEVELS))
        for row in np.flatnonzero(self.first & (levels > top)):
            code, stated = self.codes[row], self.stated[row]
            if not self.parents[code] and code not in circle:
                zh = f"上级 {stated} 不存在" if stated else "没有上级"
                en = f"its parent {stated} is not there" if stated else "it has no parent"
                yield self.finding(
                    "missing_parent", code, f"{code}:{zh}。", f"{code}: {en}.", other=stated, geometry=self.shapes[row]
                )

    def outlines(self) -> Iterator[dict[str, Any]]:
        """Outlines that are missing or broken."""
        given = self.areas.geometry.to_numpy()
        for row in np.flatnonzero(self.is_open & (self.touched | ~self.drawn)):
            shape, code = given[row], self.codes[row]
            if shape is None or shape.is_empty:
                yield self.finding("empty", code, f"{code} 没有边界。", f"{code} has no outline.")
            else:
                is_shape = shape.geom_type in ("Polygon", "MultiPolygon")
                reason = shapely.is_valid_reason(shape) if is_shape else f"a {shape.geom_type}"
                what = "边界自相交或重复" if is_shape else "不是多边形"
                yield self.finding(
                    "invalid_ring", code, f"{code}:{what}({reason})。", f"{code}: invalid outline ({reason}).",
                    repairable=bool(self.drawn[row] and not self.frozen[row]), geometry=self.shapes[row] if self.drawn[row] else shape,
                    area_m2=float(measures(self.shapes[[row]], self.metric)[0][0]),
                )  # fmt: skip

    def layers(self) -> Iterator[Layer]:
        """Levels of basic areas from the top; parts of grids are a level of their own below their grid."""
        basic = self.drawn & ~self.copies & (self.areas["kind"] != "special").to_numpy()
        level_of = dict(zip(self.codes, self.levels, strict=True))
        order = {level: number for number, level in enumerate(LEVELS)}
        step = np.full(len(self.areas), -1, dtype=np.int64)
        for row in np.flatnonzero(basic):
            code, level = self.codes[row], self.levels[row]
            above, depth = self.parents[code], 0
            while above and level_of[above] == level:
                above, depth = self.parents[above], depth + 1
            step[row] = order.get(level, len(LEVELS)) * len(self.areas) + depth
        for each in np.unique(step[basic]):
            yield self._layer(np.flatnonzero(step == each))

    def _layer(self, rows: IntArray) -> Layer:
        place = {self.codes[row]: row for row in np.flatnonzero(self.drawn & ~self.frozen & ~self.copies)}
        above = np.array([place.get(self.parents[code], -1) for code in self.codes[rows]], dtype=np.int64)
        used = np.unique(above[above >= 0])
        used = used[np.argsort(-shapely.area(self.shapes[used]), kind="stable")]
        position = {int(row): number for number, row in enumerate(used)} | {-1: -1}
        parent = np.array([position[int(row)] for row in above], dtype=np.int64)
        return Layer(
            rows, self.codes[rows], self.shapes[rows], self.frozen[rows], parent, self.shapes[used], self.codes[used]
        )

    def tiling(self, layer: Layer) -> list[dict[str, Any]]:
        """Gaps, overlaps and areas outside their parent in one level."""
        if _is_clean(layer, self.metric, self.limits):
            return []
        faces = cut(layer)
        return [
            *self._strays(layer, _mending.strays(layer, faces, self.metric, self.limits)),
            *self._overlaps(layer, _mending.overlaps(layer, faces, self.metric, self.limits)),
            *self._gaps(layer, _mending.gaps(layer, faces, self.metric, self.limits)),
        ]

    def wants_mending(self, layer: Layer) -> bool:
        """Whether something in a level is safe to mend and more than noise."""
        if _is_clean(layer, self.metric, self.limits):
            return False
        faces = cut(layer)
        kinds = (_mending.strays, _mending.overlaps, _mending.gaps)
        found = (judge(layer, faces, self.metric, self.limits) for judge in kinds)
        return any(bool((each.safe & self._counts(each)).any()) for each in found)

    def _counts(self, trouble: Trouble) -> BoolArray:
        return np.asarray(trouble.parts.width_m >= self.limits.noise_m, dtype=bool)

    def _strays(self, layer: Layer, trouble: Trouble) -> Iterator[dict[str, Any]]:
        for (row,), parts in _grouped(self._counts(trouble), [(each[0],) for each in trouble.claimants]):
            code, above = layer.codes[row], layer.parent_codes[layer.parent[row]]
            area = float(trouble.parts.area_m2[parts].sum())
            yield self.finding(
                "outside_parent", code, f"{code} 有 {area:,.0f} 平方米在上级 {above} 之外。",
                f"{area:,.0f} m2 of {code} lie outside its parent {above}.", other=above, area_m2=area,
                repairable=bool(trouble.safe[parts].all()), geometry=_together(trouble, parts),
            )  # fmt: skip

    def _overlaps(self, layer: Layer, trouble: Trouble) -> Iterator[dict[str, Any]]:
        narrow = trouble.parts.width_m < self.limits.sliver_m
        keys = [(*each, bool(thin)) for each, thin in zip(trouble.claimants, narrow, strict=True)]
        for (*rows, thin), parts in _grouped(self._counts(trouble), keys):
            area = float(trouble.parts.area_m2[parts].sum())
            for code, other in _pairs([layer.codes[row] for row in rows]):
                yield self.finding(
                    "sliver" if thin else "overlap", code, f"{code} 与 {other} 重叠 {area:,.1f} 平方米。",
                    f"{code} and {other} overlap by {area:,.1f} m2.", other=other, area_m2=area,
                    repairable=bool(trouble.safe[parts].all()), geometry=_together(trouble, parts),
                )  # fmt: skip

    def _gaps(self, layer: Layer, trouble: Trouble) -> Iterator[dict[str, Any]]:
        narrow = trouble.parts.width_m < self.limits.sliver_m
        # Each wide gap is told by itself, slivers by the area that would get them.
        keys = [
            (-1, number, above) if not thin else (receiver, -1, above)
            for number, (above, receiver, thin) in enumerate(
                zip(trouble.parts.key, trouble.receiver, narrow, strict=True)
            )
        ]
        for (receiver, number, above), parts in _grouped(self._counts(trouble), keys):
            area = float(trouble.parts.area_m2[parts].sum())
            parent = layer.parent_codes[above] if above >= 0 else ""
            near = layer.codes[receiver] if receiver >= 0 else ""
            where_zh, where_en = (f"{parent} 内", f"in {parent}") if parent else ("区域之间", "between areas")
            beside_zh, beside_en = (f",与 {near} 相邻", f", beside {near}") if near else ("", "")
            yield self.finding(
                "gap" if number >= 0 else "sliver", near or parent,
                f"{where_zh}有 {area:,.1f} 平方米未被覆盖{beside_zh}。", f"{area:,.1f} m2 {where_en} are not covered{beside_en}.",
                other=parent if near else "", area_m2=area, repairable=bool(trouble.safe[parts].all()),
                geometry=_together(trouble, parts),
            )  # fmt: skip

    def special(self) -> Iterator[dict[str, Any]]:
        """Special grids outside their community."""
        for row, above, out in self._special_outside():
            code, parent = self.codes[row], self.codes[above]
            area, safe = self._strip(row, out)
            if area[1] >= self.limits.noise_m:
                yield self.finding(
                    "outside_parent", code, f"专属网格 {code} 有 {area[0]:,.0f} 平方米在上级 {parent} 之外。",
                    f"{area[0]:,.0f} m2 of special grid {code} lie outside its parent {parent}.", other=parent,
                    area_m2=area[0], repairable=safe, geometry=out,
                )  # fmt: skip

    def _special_outside(self) -> Iterator[tuple[int, int, shapely.Geometry]]:
        place = {self.codes[row]: row for row in np.flatnonzero(self.drawn & ~self.frozen & ~self.copies)}
        special = self.drawn & ~self.copies & (self.areas["kind"] == "special").to_numpy()
        for row in np.flatnonzero(special):
            above = place.get(self.parents[self.codes[row]], -1)
            if above >= 0:
                out = polygonal(shapely.difference(self.shapes[row], self.shapes[above]))
                if not out.is_empty:
                    yield int(row), int(above), out

    def _strip(self, row: int, out: shapely.Geometry) -> tuple[tuple[float, float], bool]:
        (area, whole), (width, _) = measures(np.array([out, self.shapes[row]], dtype=object), self.metric)
        small = width < self.limits.sliver_m or area < self.limits.small_m2
        return (float(area), float(width)), bool(small and area <= self.limits.loss * whole and not self.frozen[row])

    def cut_special(self) -> None:
        """Cut narrow strips of special grids off at their community."""
        for row, above, out in list(self._special_outside()):
            area, safe = self._strip(row, out)
            if safe and area[1] >= self.limits.noise_m:
                self.shapes[row] = polygonal(shapely.intersection(self.shapes[row], self.shapes[above]))

    def put(self, layer: Layer, shapes: Shapes) -> None:
        """Take the mended outlines of a level."""
        self.shapes[layer.rows] = shapes

    def frame(self) -> gpd.GeoDataFrame:
        """The areas with their mended outlines, identical copies gone."""
        given = self.areas.geometry.to_numpy()
        shapes = np.where(self.drawn & ~self.frozen, self.shapes, given)
        out = self.areas.set_geometry(gpd.GeoSeries(shapes, index=self.areas.index, crs=self.areas.crs))
        return out[~self.copies].reset_index(drop=True)


def _valid(given: Shapes) -> tuple[Shapes, BoolArray]:
    """Valid polygons, empty ones for what is none, and which had to be made valid."""
    missing = shapely.is_missing(given)
    broken = ~shapely.is_valid(given) & ~missing
    shapes = np.where(missing, shapely.Polygon(), given)
    if broken.any():
        whole = shapely.make_valid(given[broken], method="structure", keep_collapsed=False)
        # Crossings are rounded numbers: only on a lattice is the outcome surely valid.
        shapes[broken] = shapely.set_precision(whole, GRID_DEG)
    flat = np.isin(shapely.get_type_id(shapes), (3, 6))
    for row in np.flatnonzero(~flat):
        shapes[row] = polygonal(shapes[row])
    return shapes, broken


def _duplicates(areas: gpd.GeoDataFrame, is_open: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Rows that are identical copies of an earlier one, and rows whose code stands for different things."""
    copies, frozen = np.zeros(len(areas), dtype=bool), np.zeros(len(areas), dtype=bool)
    rows = np.flatnonzero(is_open)
    double = areas["code"].iloc[rows].duplicated(keep=False).to_numpy()
    if not double.any():
        return copies, frozen
    some = areas.iloc[rows[double]]
    plain = pd.DataFrame(some.drop(columns=some.geometry.name)).astype("object").fillna("").astype(str)
    content = plain.assign(shape=shapely.to_wkb(shapely.normalize(some.geometry.to_numpy()), hex=True)).fillna("")
    same = content.duplicated().to_numpy()
    kinds = content[~same].groupby("code").size()
    copies[rows[double][same]] = True
    frozen[rows[double]] = plain["code"].map(kinds).to_numpy() > 1
    return copies & ~frozen, frozen


def _is_clean(layer: Layer, metric: pyproj.CRS, limits: Tolerances) -> bool:
    """Whether a level certainly tiles its parents: a valid coverage that fills each of them but for noise."""
    if not len(layer.parents) or (layer.parent < 0).any() or layer.frozen.any():
        return False
    if not shapely.coverage_is_valid(layer.shapes):
        return False
    filled = joined(layer.shapes, layer.parent, len(layer.parents))
    apart = shapely.get_parts(shapely.symmetric_difference(filled, layer.parents))
    _, width = measures(apart[shapely.get_type_id(apart) == 3], metric)
    return bool((width < limits.noise_m).all())


def _grouped(counts: BoolArray, keys: list[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], IntArray]]:
    """Parts that count, by key."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for number in np.flatnonzero(counts):
        found.setdefault(keys[number], []).append(int(number))
    for key, parts in found.items():
        yield key, np.array(parts, dtype=np.int64)


def _together(trouble: Trouble, parts: IntArray) -> shapely.Geometry:
    shapes = trouble.parts.shapes[parts]
    return shapes[0] if len(shapes) == 1 else polygonal(shapely.union_all(shapes))


def _pairs(codes: list[str]) -> Iterator[tuple[str, str]]:
    ordered = sorted(set(codes))
    for number, code in enumerate(ordered):
        for other in ordered[number + 1 :]:
            yield code, other
