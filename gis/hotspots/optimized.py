"""Hot spots with the choices made by stated rules: what is set aside, cell size, distance band; and each choice in words.

It sets aside default geocodes and far-off points, lays a lattice over the district, takes the distance at which clustering
peaks and runs Gi* with false-discovery control. Every figure behind a choice is kept.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from gis.errors import CrsError, GeometryError, InputError, Lang, ShapeError
from gis.hotspots._convolve import convolved
from gis.hotspots.default_geocode import DefaultGeocodes, default_geocodes
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.getis_ord import GiResult, is_constant, local_g
from gis.hotspots.moran import score_of, variances_of_i
from gis.hotspots.significance import check_level
from gis.hotspots.weights import band_weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FEWEST_POINTS = 60
"""Below so many incidents a lattice fine enough to mean anything is all zeros and ones; the rule of thumb of ArcGIS."""

FEWEST_CELLS, MOST_CELLS = 30, 20_000
MOST_LINKS = 20_000_000
"""So many pairs of neighbours fit into a few hundred megabytes; a wider band on finer cells is refused before they are listed."""
_STEPS = 10
_OUTLIER_DEVIATIONS = 3.0
_NICE_M = (25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 2500, 5000, 10_000)


@dataclass(frozen=True, eq=False)
class Cells:
    """Squares over the district whose middle lies in it, row by row from the north.

    Parameters
    ----------
    x0, y0
        Upper left corner of the lattice, metres.
    side_m
        Side of a cell.
    row, column
        Shape (n,), place of each cell in the lattice.
    """

    x0: float
    y0: float
    side_m: float
    row: IntArray
    column: IntArray

    def __len__(self) -> int:
        return len(self.row)

    def middles(self) -> FloatArray:
        """Shape (n, 2), metres."""
        return np.column_stack([self.x0 + (self.column + 0.5) * self.side_m, self.y0 - (self.row + 0.5) * self.side_m])

    def polygons(self) -> npt.NDArray[np.object_]:
        """Shape (n,), squares in the lattice's CRS."""
        left, top = self.x0 + self.column * self.side_m, self.y0 - self.row * self.side_m
        return np.asarray(shapely.box(left, top - self.side_m, left + self.side_m, top), dtype=object)

    def locate(self, xy_m: FloatArray) -> IntArray:
        """Shape (k,), the cell of each point, -1 for none; a point on an edge belongs to the cell east or south of it."""
        row = np.floor((self.y0 - xy_m[:, 1]) / self.side_m).astype(np.int64)
        column = np.floor((xy_m[:, 0] - self.x0) / self.side_m).astype(np.int64)
        number = np.full((int(self.row.max()) + 1, int(self.column.max()) + 1), -1, dtype=np.int64)
        number[self.row, self.column] = np.arange(len(self))
        inside = (row >= 0) & (row < number.shape[0]) & (column >= 0) & (column < number.shape[1])
        found = np.full(len(xy_m), -1, dtype=np.int64)
        found[inside] = number[row[inside], column[inside]]
        return found


@dataclass(frozen=True, eq=False)
class OptimizedResult:
    """Gi* of the cells, with how they were chosen.

    Parameters
    ----------
    gi
        Scores and marks, one for each cell.
    cells
        The lattice.
    counts
        Shape (n,), incidents of each cell.
    band_m
        The distance band.
    bands_m, moran_z
        Shape (k,), the distances tried and the score of Moran's I at each.
    peak
        Whether ``band_m`` is a peak of ``moran_z``; else it is the distance at which cells have eight neighbours.
    geocodes
        What was found about default geocodes.
    outlier
        Shape (points,), which points lie too far from all others.
    used
        Shape (points,), which points were counted.
    choices
        The reason for each choice, as (Chinese, English).
    """

    gi: GiResult
    cells: Cells
    counts: IntArray
    band_m: float
    bands_m: FloatArray
    moran_z: FloatArray
    peak: bool
    geocodes: DefaultGeocodes
    outlier: BoolArray
    used: BoolArray
    choices: tuple[Bilingual, ...]
    parameters: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang) -> str:
        """All choices, one after another."""
        return " ".join(choice[0 if lang == "zh" else 1] for choice in self.choices)

    def explain(self) -> Explanation:
        """What the marks mean and what they do not."""
        hot, cold = int(self.gi.hot.sum()), int(self.gi.cold.sum())
        return Explanation(
            method=("优化热点分析(Gi*)", "optimized hot spots (Gi*)"),
            means=(
                f"{len(self.cells)} 个 {self.cells.side_m:g} 米方格中,{hot} 个为热点,{cold} 个为冷点,聚集尺度 {self.band_m:g} 米。",
                f"Of {len(self.cells)} cells of {self.cells.side_m:g} m {hot} are hot and {cold} cold at a scale of {self.band_m:g} m.",
            ),
            means_not=(
                "尺寸与距离由规则选定,并非唯一正确;换用其他尺寸,边界会变。",
                "Size and distance come from rules and are not the only right ones; another size moves the outlines.",
            ),
            source="Ord and Getis 1995; incremental Moran's I after the ArcGIS documentation of Optimized Hot Spot Analysis",
            parameters=self.parameters,
        )


def optimized_hot_spots(
    xy_m: npt.ArrayLike,
    window: shapely.Geometry,
    *,
    cell_m: float | None = None,
    band_m: float | None = None,
    alpha: float = 0.05,
    drop_defaults: bool = True,
    drop_outliers: bool = True,
) -> OptimizedResult:
    """Gi* of incidents over a district, cell size and distance band by rule.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres in one projected CRS; rows with NaN are not counted.
    window
        The district in the same CRS.
    cell_m, band_m
        Chosen by rule where None; what is given is kept.
    alpha
        Level of the false-discovery control, two-sided.
    drop_defaults, drop_outliers
        Whether to set aside default geocodes and far-off points; they are told in any case.

    Raises
    ------
    ShapeError
        Not two columns.
    GeometryError
        The window is empty.
    CrsError
        The window looks like degrees.
    InputError
        Fewer than 60 incidents left, fewer than 30 cells (a district of one cell) or more than 20,000, a cell or band that is
        not above zero, a band too wide for the cells, or the same count in all cells.

    Notes
    -----
    Cell: twice the median distance from a place to the next, rounded to the nearest usual size (25 m to 10 km), then made
    smaller until there are 30 cells, or larger until there are at most 20,000. Far-off: the distance to the next place is
    more than three standard deviations above the mean. Band: Moran's I at ten distances from the one at which a cell
    reaches its four neighbours, in steps of a cell; the first peak of its score is taken, or, without a peak, the distance
    that reaches all eight neighbours.
    """
    xy = np.asarray(xy_m, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ShapeError(
            zh=f"需要形状为 (n, 2) 的坐标,收到 {xy.shape}。",
            en=f"Coordinates of shape (n, 2) are needed, got {xy.shape}.",
        )
    if window is None or window.is_empty or window.area <= 0:
        raise GeometryError(zh="区域边界为空,无法划分方格。", en="The window is empty; no cells can be laid over it.")
    refuse_degrees(window)
    check_level(alpha)
    _above_zero(cell_m, band_m)
    geocodes = default_geocodes(xy, decimals=2)
    inside = np.asarray(np.isfinite(xy).all(axis=1), dtype=np.bool_)
    inside[inside] = shapely.contains_xy(window, xy[inside])
    used = inside & ~geocodes.suspect if drop_defaults else inside
    outlier = np.zeros(len(xy), dtype=bool)
    spacing = _spacing(xy[used])
    if drop_outliers and len(spacing):
        outlier[used] = spacing > spacing.mean() + _OUTLIER_DEVIATIONS * spacing.std()
        used = used & ~outlier
    if used.sum() < FEWEST_POINTS:
        raise InputError(
            zh=f"可用事件只有 {used.sum()} 起,优化热点分析至少需要 {FEWEST_POINTS} 起;请延长时段或扩大范围。",
            en=f"Only {used.sum()} incidents are left; optimized hot spots need {FEWEST_POINTS}. Take a longer period or a "
            "wider area.",
        )
    if cell_m is not None and window.area / cell_m**2 > MOST_CELLS:
        raise InputError(
            zh=f"边长 {cell_m:g} 米的方格约有 {window.area / cell_m**2:.0f} 个,至多 {MOST_CELLS} 个;请加大方格。",
            en=f"There are about {window.area / cell_m**2:.0f} cells of {cell_m:g} m, at most {MOST_CELLS} are taken; take larger cells.",
        )
    side, why_side = _cell_size(cell_m, _spacing(xy[used]), window)
    cells = lay_cells(window, side)
    if len(cells) < FEWEST_CELLS:
        raise InputError(
            zh=f"边长 {side:g} 米的方格只有 {len(cells)} 个,至少需要 {FEWEST_CELLS} 个;请减小方格。",
            en=f"There are only {len(cells)} cells of {side:g} m, {FEWEST_CELLS} are needed; take smaller cells.",
        )
    place = cells.locate(xy[used])
    counts = np.bincount(place[place >= 0], minlength=len(cells)).astype(np.int64)
    if is_constant(counts.astype(np.float64)):
        raise InputError(
            zh="各方格的事件数相同,没有热点可言。", en="All cells hold the same count: there are no hot spots."
        )
    band, bands, scores, peak, why_band = _band(cells, counts, band_m)
    if len(cells) * min(np.pi * (band / side) ** 2, len(cells)) > MOST_LINKS:
        raise InputError(
            zh=f"距离带宽 {band:g} 米对边长 {side:g} 米的方格过大;请减小带宽或加大方格。",
            en=f"A band of {band:g} m is too wide for cells of {side:g} m; take a narrower band or larger cells.",
        )
    gi = local_g(counts, band_weights(cells.middles(), band), alpha=alpha)
    set_aside = _set_aside(geocodes, inside, outlier, drop_defaults=drop_defaults)
    chosen = {"cell_m": side, "band_m": band, "alpha": alpha, "incidents": int(used.sum()), "cells": len(cells)}
    choices = (set_aside, why_side, why_band)
    return OptimizedResult(gi, cells, counts, band, bands, scores, peak, geocodes, outlier, used, choices, chosen)


def lay_cells(window: shapely.Geometry, side_m: float) -> Cells:
    """Squares of a side over a window, those whose middle lies in it.

    Parameters
    ----------
    window
        Polygon in metres.
    side_m
        Side of a cell.

    Notes
    -----
    The lattice begins at the window's upper left corner. Where no middle lies in the window (a district narrower than a
    cell), the cell at its representative point is taken.
    """
    left, bottom, right, top = window.bounds
    columns, rows = int(np.ceil((right - left) / side_m)), int(np.ceil((top - bottom) / side_m))
    row, column = np.divmod(np.arange(max(rows, 1) * max(columns, 1)), max(columns, 1))
    shapely.prepare(window)
    held = shapely.contains_xy(window, left + (column + 0.5) * side_m, top - (row + 0.5) * side_m)
    if not held.any():
        point = window.representative_point()
        held = (column == int((point.x - left) / side_m)) & (row == int((top - point.y) / side_m))
    return Cells(left, top, float(side_m), row[held].astype(np.int64), column[held].astype(np.int64))


def refuse_degrees(window: shapely.Geometry) -> None:
    """Refuse a window that cannot be in metres: less than ten units a side and within the range of longitude and latitude.

    Raises
    ------
    CrsError
        As told; distances in degrees are no distances.
    """
    left, bottom, right, top = window.bounds
    if -180 <= left <= right <= 180 and -90 <= bottom <= top <= 90 and max(right - left, top - bottom) < 10:
        raise CrsError(
            zh="区域边界像是经纬度(度);热点分析需要米,请先投影(gis.crs.to_metric)。",
            en="The window looks like degrees; hot spots need metres: project it first (gis.crs.to_metric).",
        )


def _above_zero(*lengths: float | None) -> None:
    if any(length is not None and not 0 < length < np.inf for length in lengths):
        raise InputError(zh="方格边长与距离带宽应大于零。", en="Cell size and distance band must be above zero.")


def _spacing(xy: FloatArray) -> FloatArray:
    """Metres from each point to the nearest point at another place; shape (n,), empty with fewer than two places."""
    places, place = np.unique(xy, axis=0, return_inverse=True)
    if len(places) < 2:
        return np.zeros(0)
    return np.asarray(cKDTree(places).query(places, 2)[0][:, 1][place.reshape(-1)])


def _cell_size(given: float | None, spacing: FloatArray, window: shapely.Geometry) -> tuple[float, Bilingual]:
    if given is not None:
        return given, (f"方格边长 {given:g} 米由用户指定。", f"The cell of {given:g} m was given.")
    if not len(spacing):
        raise InputError(
            zh="所有事件都在同一地点,无法选定方格。", en="All incidents lie at one place: no cell can be chosen."
        )
    # Median over places, not over incidents: a busy site must not decide the size of the map.
    wanted = 2.0 * float(np.median(np.unique(spacing)))
    nice = np.array(_NICE_M, dtype=np.float64)
    side = float(nice[np.argmin(np.abs(np.log(nice / max(wanted, 1e-9))))])
    fits = (window.area / nice**2 <= MOST_CELLS) & (window.area / nice**2 >= FEWEST_CELLS)
    if not fits.any():
        raise InputError(
            zh=f"区域面积 {window.area / 1e6:.3g} 平方公里,没有合适的方格边长;请自行指定。",
            en=f"No usual cell size fits an area of {window.area / 1e6:.3g} km2; give one.",
        )
    side = float(np.clip(side, nice[fits].min(), nice[fits].max()))
    return side, (
        f"方格边长 {side:g} 米:地点间最近距离中位数的两倍为 {wanted:.0f} 米,取相近的常用值,并使方格数在 {FEWEST_CELLS} 至 {MOST_CELLS} 之间。",
        f"Cells of {side:g} m: twice the median distance from a place to the next is {wanted:.0f} m, taken to the nearest usual "
        f"size that gives {FEWEST_CELLS} to {MOST_CELLS} cells.",
    )


def incremental_moran(cells: Cells, counts: npt.ArrayLike, bands_m: FloatArray) -> FloatArray:
    """Score of Moran's I at each distance; shape (k,), 0 where nobody has a neighbour within it.

    Parameters
    ----------
    cells
        The lattice.
    counts
        Shape (n,), not all equal.
    bands_m
        Shape (k,), distances, ends included.

    Notes
    -----
    The ``z`` of ``global_moran`` with weights standardised by row. On a lattice every sum over neighbours is a convolution with a
    disc, so that no pair is listed: time does not grow with the distance.
    """
    x = np.asarray(counts, dtype=np.float64)
    z = x - x.mean()
    shape = int(cells.row.max()) + 1, int(cells.column.max()) + 1
    return np.array([_score(cells, shape, z, float(band)) for band in bands_m])


def _score(cells: Cells, shape: tuple[int, int], z: FloatArray, band: float) -> float:
    reach = min(int(band / cells.side_m + 1e-9), max(shape))
    offset = np.arange(-reach, reach + 1)
    disc = (offset[:, None] ** 2 + offset**2 <= (band / cells.side_m) ** 2 * (1 + 1e-9)).astype(np.float64)
    disc[reach, reach] = 0.0

    def around(values: FloatArray) -> FloatArray:
        field_ = np.zeros(shape)
        field_[cells.row, cells.column] = values
        return np.asarray(convolved(field_, disc)[cells.row, cells.column])

    degree = np.rint(around(np.ones(len(z))))
    part = np.where(degree > 0, 1.0 / np.maximum(degree, 1.0), 0.0)
    s0 = float((degree > 0).sum())
    if s0 == 0:
        return 0.0
    back = around(part)
    s1 = float((degree * part**2 + 2.0 * part * back + around(part**2)).sum()) / 2.0
    s2 = float((((degree > 0) + back) ** 2).sum())
    found = len(z) / s0 * float((z * part * around(z)).sum()) / float((z**2).sum())
    return score_of(found + 1.0 / (len(z) - 1), variances_of_i(z, s0, s1, s2)[1])


def _band(cells: Cells, counts: IntArray, given: float | None) -> tuple[float, FloatArray, FloatArray, bool, Bilingual]:
    side = cells.side_m
    bands: FloatArray = np.asarray(side * (1.0 + np.arange(_STEPS)), dtype=np.float64)
    scores = incremental_moran(cells, counts, bands)
    if given is not None:
        return (
            given,
            bands,
            scores,
            False,
            (f"距离带宽 {given:g} 米由用户指定。", f"The band of {given:g} m was given."),
        )
    inner = np.flatnonzero((scores[1:-1] > scores[:-2]) & (scores[1:-1] >= scores[2:])) + 1
    significant = inner[scores[inner] > 1.96]
    if len(significant):
        band = float(bands[significant[0]])
        return (
            band,
            bands,
            scores,
            True,
            (
                f"距离带宽 {band:g} 米:Moran's I 的得分在此首次达到峰值({scores[significant[0]]:.1f})。",
                f"A band of {band:g} m: the score of Moran's I has its first peak there ({scores[significant[0]]:.1f}).",
            ),
        )
    band = round(float(np.sqrt(2.0) * side), 1) + 0.1
    return (
        band,
        bands,
        scores,
        False,
        (
            f"距离带宽 {band:g} 米:{bands[0]:g} 至 {bands[-1]:g} 米内 Moran's I 得分没有峰值,取可达八个邻格的距离。",
            f"A band of {band:g} m: the score of Moran's I has no peak from {bands[0]:g} to {bands[-1]:g} m, so the distance that "
            "reaches eight neighbours is taken.",
        ),
    )


def _set_aside(geocodes: DefaultGeocodes, inside: BoolArray, outlier: BoolArray, *, drop_defaults: bool) -> Bilingual:
    default, far, out = int((geocodes.suspect & inside).sum()), int(outlier.sum()), int((~inside).sum())
    zh_default = f"疑为默认定位 {default} 起" + ("" if drop_defaults or not default else "(仍计入)")
    en_default = f"{default} at default geocodes" + ("" if drop_defaults or not default else " (counted all the same)")
    return (
        f"未计入:区域外或无坐标 {out} 起,{zh_default},远离其他事件 {far} 起。",
        f"Set aside: {out} outside or without a place, {en_default}, {far} far from all others.",
    )
