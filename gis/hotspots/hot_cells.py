"""Which cells are hot, by a method of the reader's choice, in one form: cells, figures, what was set aside, and why.

It puts the statistics of this room behind one door and adds none of its own. Polygons are made of its answer elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import InputError, ShapeError
from gis.hotspots._hot_cell_forms import METHODS, Ground, HotCellOptions, HotCells
from gis.hotspots.cube import SpaceTimeCube, space_time_cube
from gis.hotspots.default_geocode import DefaultGeocodes, default_geocodes
from gis.hotspots.emerging import HISTORICAL, NEW, EmergingResult, emerging_hot_spots
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.getis_ord import is_constant, local_g
from gis.hotspots.moran import local_moran
from gis.hotspots.optimized import optimized_hot_spots
from gis.hotspots.polygons import CellFigures, hot_spot_ids
from gis.hotspots.scan import poisson_scan
from gis.hotspots.trend import FEWEST_STEPS
from gis.hotspots.weights import band_weights

__all__ = ["METHODS", "Ground", "HotCellOptions", "HotCells", "hot_cells", "set_aside", "usual_step"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FEWEST_INCIDENTS = 30
"""Below so many a map of grids is mostly zeros and ones, and its marks are luck."""
FEWEST_GRIDS = 4
"""Below so many nothing can stand out among its neighbours."""
STEPS_DAYS = (1, 7, 14, 28, 91)
MOST_STEPS = 500
ENOUGH_STEPS = 10
"""A trend is read from so many steps where the period has them."""

_TWO_SIDED = (
    "双侧,经 FDR(Benjamini-Hochberg)校正,取面内网格的最小值",
    "two-sided, corrected by FDR (Benjamini-Hochberg), the lowest of its cells",
)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Incidents in the ground: points, days, the row of their grid; and what was found about defaults."""

    xy_m: FloatArray
    days: FloatArray
    grid: IntArray
    span: tuple[float, float]
    geocodes: DefaultGeocodes
    options: HotCellOptions
    rng: np.random.Generator

    @property
    def place(self) -> IntArray:
        """The grid of each incident that counts, -1 for the others."""
        left_out = self.geocodes.suspect if self.options.drop_defaults else np.zeros(len(self.grid), dtype=np.bool_)
        return np.where(left_out, -1, self.grid)


def hot_cells(
    method: str,
    xy_m: npt.ArrayLike,
    days: npt.ArrayLike,
    grid: npt.ArrayLike,
    ground: Ground,
    *,
    since: float,
    until: float,
    rng: np.random.Generator,
    options: HotCellOptions | None = None,
) -> HotCells:
    """Judge every cell of a district.

    Parameters
    ----------
    method
        A key of ``METHODS``.
    xy_m
        Shape (k, 2), incidents in the ground's CRS.
    days
        Shape (k,), when, in days since any fixed start.
    grid
        Shape (k,), row of ``ground.cells``; negative for none.
    since, until
        Half-open period in the same days.
    rng
        Deals the cases of ``scan``; the other methods ask for no chance.

    Raises
    ------
    InputError
        No such method, too few incidents or grids, the same count everywhere, or a period too short for a trend.
    ShapeError
        Arrays that do not fit.

    Notes
    -----
    Hot is, by ``optimized`` and ``gi_star``: Gi* above chance; by ``local_moran``: high among high or high among low; by
    ``emerging``: a class of hot spot that is hot in the last step; by ``scan``: a cluster with p below the level.
    """
    xy, when, row = np.asarray(xy_m, dtype=np.float64), np.asarray(days, dtype=np.float64), np.asarray(grid)
    if xy.ndim != 2 or xy.shape[1] != 2 or when.shape != (len(xy),) or row.shape != when.shape:
        raise ShapeError(
            zh=f"坐标 {xy.shape}、时间 {when.shape}、网格 {row.shape} 的形状不符。",
            en=f"Points {xy.shape}, days {when.shape} and grids {row.shape} do not fit.",
        )
    if method not in METHODS:
        raise InputError(
            zh=f"没有热点方法“{method}”;可用:{'、'.join(METHODS)}。",
            en=f"There is no method '{method}'; there are {', '.join(METHODS)}.",
        )
    asked = _Asked(
        xy,
        when,
        row.astype(np.int64),
        (since, until),
        default_geocodes(xy, decimals=2),
        options or HotCellOptions(),
        rng,
    )
    if method == "optimized":
        return _listed(_optimized(asked, ground), asked.options.least)
    _check_grids(asked, ground)
    return _listed(_BY_GRID[method](asked, ground), asked.options.least)


def _listed(found: HotCells, least: int) -> HotCells:
    """Without the marks of cells that together hold too little, which is told."""
    spot = hot_spot_ids(found.figures, found.near)
    count = np.asarray(found.figures.count)
    few = [each for each in sorted(set(spot) - {""}) if count[spot == each].sum() < least]
    if not few:
        return found
    hot = np.asarray(found.figures.hot, dtype=bool) & ~np.isin(spot.astype(str), few)
    told = (
        f"另有 {len(few)} 处显著但不足 {least} 起,不列为热点。",
        f"{len(few)} more are significant with fewer than {least} incidents and are not listed.",
    )
    return replace(found, figures=replace(found.figures, hot=hot), choices=(*found.choices, told))


def set_aside(geocodes: DefaultGeocodes, outside: int, *, dropped: bool) -> Bilingual:
    """How many incidents do not count, and how many of them lie at default geocodes, with their share."""
    default = int(geocodes.suspect.sum())
    share = default / geocodes.rows if geocodes.rows else 0.0
    kept_zh, kept_en = ("", "") if dropped or not default else ("(仍计入)", " (counted all the same)")
    return (
        f"未计入:网格外 {outside} 起,疑为默认定位 {default} 起({share:.1%}){kept_zh}。",
        f"Set aside: {outside} in no grid, {default} at default geocodes ({share:.1%}){kept_en}.",
    )


def _optimized(asked: _Asked, ground: Ground) -> HotCells:
    chosen = asked.options
    found = optimized_hot_spots(
        asked.xy_m, ground.window, cell_m=chosen.cell_m, band_m=chosen.band_m, alpha=chosen.alpha,
        drop_defaults=chosen.drop_defaults,
    )  # fmt: skip
    side = found.cells.side_m
    codes = [f"{side:g}m.{row}.{column}" for row, column in zip(found.cells.row, found.cells.column, strict=True)]
    cells = gpd.GeoDataFrame({"code": codes}, geometry=found.cells.polygons(), crs=ground.cells.crs)
    return HotCells(
        cells=cells,
        # Squares that share an edge are one hot spot; a shared corner alone joins none.
        near=band_weights(found.cells.middles(), 1.01 * side),
        figures=CellFigures(codes, found.counts, found.gi.hot, found.gi.q),
        place=np.where(found.used, found.cells.locate(asked.xy_m), -1),
        explanation=found.explain(),
        p_meaning=_TWO_SIDED,
        geocodes=asked.geocodes,
        choices=found.choices,
        notes=found.gi.notes,
        optimized=found,
    )


def _check_grids(asked: _Asked, ground: Ground) -> None:
    cells, counted = len(ground.cells), int((asked.place >= 0).sum())
    if cells < FEWEST_GRIDS:
        raise InputError(
            zh=f"该范围只有 {cells} 个网格,至少需要 {FEWEST_GRIDS} 个才能比较;请扩大范围,或改用优化热点。",
            en=f"There are only {cells} grids here and {FEWEST_GRIDS} are needed to compare; take a wider area, or optimized hot spots.",
        )
    if counted < FEWEST_INCIDENTS:
        raise InputError(
            zh=f"可用事件只有 {counted} 起,至少需要 {FEWEST_INCIDENTS} 起;请延长时段或扩大范围。",
            en=f"Only {counted} incidents are left and {FEWEST_INCIDENTS} are needed; take a longer period or a wider area.",
        )
    if is_constant(_counts(asked, ground).astype(np.float64)):
        raise InputError(
            zh="各网格的事件数相同,没有热点可言。", en="All grids hold the same count: there are no hot spots."
        )


def _counts(asked: _Asked, ground: Ground) -> IntArray:
    return np.bincount(asked.place[asked.place >= 0], minlength=len(ground.cells)).astype(np.int64)


def _on_grids(
    asked: _Asked,
    ground: Ground,
    hot: BoolArray,
    p: FloatArray,
    explanation: Explanation,
    notes: tuple[Bilingual, ...],
    *,
    counts: IntArray | None = None,
    expected: FloatArray | None = None,
    group: IntArray | None = None,
    p_meaning: Bilingual = _TWO_SIDED,
    choices: tuple[Bilingual, ...] = (),
    emerging: EmergingResult | None = None,
    cube: SpaceTimeCube | None = None,
) -> HotCells:
    aside = set_aside(asked.geocodes, int((asked.grid < 0).sum()), dropped=asked.options.drop_defaults)
    count = _counts(asked, ground) if counts is None else counts
    codes = ground.cells["code"].astype(str).tolist()
    figures = CellFigures(codes, count, hot, p, expected, group)
    return HotCells(
        ground.cells[["code", "geometry"]], ground.near, figures, asked.place, explanation, p_meaning, asked.geocodes,
        (aside, *choices), notes, emerging, cube,
    )  # fmt: skip


def _gi_star(asked: _Asked, ground: Ground) -> HotCells:
    found = local_g(_counts(asked, ground), ground.near, alpha=asked.options.alpha)
    return _on_grids(asked, ground, found.hot, found.q, found.explain(), found.notes)


def _local_moran(asked: _Asked, ground: Ground) -> HotCells:
    found = local_moran(_counts(asked, ground), ground.near, alpha=asked.options.alpha)
    choice = (
        "热点含“高且邻格高”与“高而邻格低”两类网格。",
        "Hot are grids that are high among high ones, and those that are high among low ones.",
    )
    return _on_grids(
        asked, ground, np.isin(found.cluster, (1, 4)), found.q, found.explain(), found.notes, choices=(choice,)
    )


def _emerging(asked: _Asked, ground: Ground) -> HotCells:
    since, until = asked.span
    step = asked.options.step_days or usual_step(until - since)
    cube = space_time_cube(
        asked.place, asked.days, cells=len(ground.cells), step_days=step, since=since, until=until
    )  # fmt: skip
    steps = cube.counts.shape[1]
    if steps < FEWEST_STEPS:
        raise InputError(
            zh=f"时段只够 {steps} 个 {step:g} 天的步长,趋势至少需要 {FEWEST_STEPS} 个;请延长时段或缩短步长。",
            en=f"The period holds {steps} steps of {step:g} days and a trend needs {FEWEST_STEPS}; take a longer period or a shorter step.",
        )
    if steps > MOST_STEPS:
        raise InputError(
            zh=f"时段有 {steps} 个 {step:g} 天的步长,至多 {MOST_STEPS} 个;请加长步长或缩短时段。",
            en=f"The period holds {steps} steps of {step:g} days, at most {MOST_STEPS} are taken; take a longer step or a shorter period.",
        )
    found = emerging_hot_spots(cube.counts, ground.near, alpha=asked.options.alpha)
    choice = (
        f"时间步长 {step:g} 天,共 {steps} 步,末步止于时段末;最早的不足一步的 {cube.left_out} 起未参与趋势。",
        f"Steps of {step:g} days, {steps} of them, the last ending with the period; {cube.left_out} incidents of the cut first step are left out of the trend.",
    )
    # Historical spots were hot and are no more: they are told in the layer of trends and are no hot spot now.
    hot = (found.label >= NEW) & (found.label < HISTORICAL)
    return _on_grids(
        asked, ground, hot, found.q[:, -1], found.explain(), found.notes, choices=(choice,), emerging=found, cube=cube
    )


def usual_step(days: float) -> float:
    """The longest usual step with which a period has enough steps; the shortest where none has."""
    fit = [step for step in STEPS_DAYS if days / step >= ENOUGH_STEPS]
    return float(max(fit, default=STEPS_DAYS[0]))


def _scan(asked: _Asked, ground: Ground) -> HotCells:
    counts, options = _counts(asked, ground), asked.options
    people, told = _population(counts, ground)
    middles = shapely.get_coordinates(shapely.centroid(ground.cells.geometry.to_numpy()))
    found = poisson_scan(
        middles, counts, people, most_share=options.most_share, simulations=options.simulations, rng=asked.rng,
        alpha=options.alpha,
    )  # fmt: skip
    group = np.full(len(counts), -1, dtype=np.int64)
    p = np.ones(len(counts))
    for number, cluster in enumerate(found.clusters):
        if cluster.p < options.alpha:
            group[cluster.areas] = number
        p[cluster.areas] = cluster.p
    expected = counts.sum() * people / people.sum()
    meaning = (
        f"单侧(只找偏多),蒙特卡洛模拟 {options.simulations} 次,已计入所有圆的多重比较",
        f"one-sided (excess alone), Monte Carlo with {options.simulations} simulations, corrected for all circles at once",
    )
    return _on_grids(
        asked, ground, group >= 0, p, found.explain(), (), expected=expected, group=group, p_meaning=meaning,
        choices=(told,),
    )  # fmt: skip


def _population(counts: IntArray, ground: Ground) -> tuple[FloatArray, Bilingual]:
    """Households where every grid with incidents has some, else the area."""
    homes = np.nan_to_num(np.asarray(ground.households, dtype=np.float64), nan=0.0)
    if homes.shape == counts.shape and (homes[counts > 0] > 0).all():
        return homes, ("期望按户数分配。", "What is expected goes by households.")
    km2 = ground.cells.geometry.area.to_numpy() / 1e6
    return km2, (
        "有的网格没有户数,期望按面积分配。",
        "Some grids have no number of households, so what is expected goes by area.",
    )


_BY_GRID: dict[str, Callable[[_Asked, Ground], HotCells]] = {
    "gi_star": _gi_star,
    "local_moran": _local_moran,
    "emerging": _emerging,
    "scan": _scan,
}
