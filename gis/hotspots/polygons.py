"""Hot cells that touch, made one polygon each, with what a supervisor asks of it; and what became of those of last time.

Shapes and figures in, a table of polygons out. Which cells are hot is decided elsewhere; colours and files too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse.csgraph import connected_components

from gis.errors import CrsError, InputError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.hotspots.explain import Explanation
from gis.hotspots.hours import shortest_run
from gis.hotspots.weights import Weights, as_weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TOP_CATEGORIES = 3
HOURS_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class CellFigures:
    """What is known of each cell; all of shape (n,).

    Parameters
    ----------
    code
        Name of the cell, unique; grid codes, or numbers of a lattice.
    count
        Incidents of the period.
    hot
        Which cells are hot.
    p
        Two-sided and corrected for the number of cells, as ``q`` of ``local_g``.
    expected
        Incidents expected; the mean of all cells where None.
    group
        Which hot cells belong together, by number, where the method says so itself, as a scan does; -1 for none. Cells
        that touch belong together where None.
    """

    code: Sequence[str]
    count: npt.ArrayLike
    hot: npt.ArrayLike
    p: npt.ArrayLike
    expected: npt.ArrayLike | None = None
    group: npt.ArrayLike | None = None


def hot_spot_polygons(
    cells: gpd.GeoDataFrame,
    figures: CellFigures,
    near: Neighbours | Weights,
    *,
    since: date,
    until: date,
    incidents: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """One row for each group of touching hot cells.

    Parameters
    ----------
    cells
        Polygons in a metric CRS, in row order of the figures.
    figures
        What is known of each cell.
    near
        Which cells touch.
    since, until
        First and last day of the period.
    incidents
        For categories and hours: ``cell`` (row of ``cells``, negative for none), ``category`` and ``hour`` (local, 0 to 23;
        missing where the hour is not known). None leaves those columns empty.

    Returns
    -------
    polygons
        ``id``, ``rank`` (most incidents first, then the lower p, then the id), ``since``, ``until``, ``cells``, ``count``,
        ``expected``, ``ratio``, ``p`` (the lowest of its cells), ``pai`` (share of incidents over share of area, cells with
        any area), ``area_km2``, ``per_km2``, ``categories`` (the three most frequent with their counts), ``hours`` (the
        shortest run of hours that holds half of its incidents of known hour), geometry in the CRS of ``cells``. Empty
        without hot cells.

    Raises
    ------
    CrsError
        The cells are not in metres.
    ShapeError
        Figures, neighbours or incidents that do not fit the cells.

    Notes
    -----
    The id is ``HS-`` and the code of the cell with the most incidents (the lowest code of several): the same place keeps its
    id while its peak stays. ``compare_polygons`` carries ids over where the peak moves.
    """
    if cells.crs is None or not cells.crs.is_projected:
        raise CrsError(zh="热点面需要以米为单位的坐标系。", en="Hot-spot polygons need a CRS in metres.")
    count, hot, p, expected = _figures(len(cells), figures, near)
    group = _groups(figures, hot, as_weights(near))
    km2 = cells.geometry.area.to_numpy() / 1e6
    rows = []
    for number in range(int(group.max(initial=-1)) + 1):
        members = np.flatnonzero(group == number)
        row = _row(members, figures.code, count, expected, p, km2)
        row |= _habits(members, incidents)
        row["geometry"] = shapely.union_all(cells.geometry.to_numpy()[members])
        rows.append(row)
    columns = ["id", "cells", "count", "expected", "ratio", "p", "pai", "area_km2", "per_km2", "categories", "hours"]
    table = gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=cells.crs)
    table = table.sort_values(["count", "p", "id"], ascending=[False, True, True], ignore_index=True)
    table.insert(1, "rank", np.arange(1, len(table) + 1))
    table.insert(2, "since", since.isoformat())
    table.insert(3, "until", until.isoformat())
    return table


def hot_spot_ids(figures: CellFigures, near: Neighbours | Weights) -> npt.NDArray[np.object_]:
    """The id of the hot spot that each cell belongs to, as in ``hot_spot_polygons``; shape (n,), empty for none.

    Raises
    ------
    ShapeError
        Figures and neighbours that do not fit.
    """
    count, hot, _, _ = _figures(len(near), figures, near)
    group = _groups(figures, hot, as_weights(near))
    found = np.full(len(near), "", dtype=object)
    for number in range(int(group.max(initial=-1)) + 1):
        members = np.flatnonzero(group == number)
        found[members] = _id(members, figures.code, count)
    return found


def _id(members: IntArray, code: Sequence[str], count: FloatArray) -> str:
    most = members[count[members] == count[members].max()]
    return "HS-" + min(str(code[row]) for row in most)


def _figures(
    cells: int, figures: CellFigures, near: Neighbours | Weights
) -> tuple[FloatArray, BoolArray, FloatArray, FloatArray]:
    count, p = np.asarray(figures.count, dtype=np.float64), np.asarray(figures.p, dtype=np.float64)
    hot = np.asarray(figures.hot, dtype=bool)
    mean = count.mean() if len(count) else 0.0
    expected = np.full(len(count), mean) if figures.expected is None else np.asarray(figures.expected, dtype=np.float64)
    sizes = {
        cells,
        len(figures.code),
        len(near),
        *(part.shape[0] for part in (count, hot, p, expected) if part.ndim == 1),
    }
    flat = all(part.ndim == 1 for part in (count, hot, p, expected))
    if len(sizes) != 1 or not flat or not np.isfinite([count, p, expected]).all():
        raise ShapeError(
            zh=f"网格 {cells} 个,各项数值须一一对应且有限。",
            en=f"Every figure needs one finite value for each of the {cells} cells.",
        )
    return count, hot, p, expected


def _groups(figures: CellFigures, hot: BoolArray, near: Weights) -> IntArray:
    """Number of the group that a hot cell belongs to, by its lowest row; -1 for cells that are not hot."""
    group = np.full(len(hot), -1, dtype=np.int64)
    rows = np.flatnonzero(hot)
    if figures.group is not None and len(rows):
        told = np.asarray(figures.group, dtype=np.int64)
        if told.shape != hot.shape or (told[rows] < 0).any():
            raise ShapeError(
                zh=f"每个热点网格须有组号,网格 {len(hot)} 个,组号形状 {told.shape}。",
                en=f"Every hot cell needs the number of its group: {len(hot)} cells, groups of shape {told.shape}.",
            )
        _, group[rows] = np.unique(told[rows], return_inverse=True)
        return group
    if len(rows):
        _, label = connected_components(near.matrix()[rows][:, rows], directed=False)
        _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
        group[rows] = np.argsort(np.argsort(first))[inverse]
    return group


def _row(
    members: IntArray, code: Sequence[str], count: FloatArray, expected: FloatArray, p: FloatArray, km2: FloatArray
) -> dict[str, object]:
    here, wanted, area = float(count[members].sum()), float(expected[members].sum()), float(km2[members].sum())
    share, of_area = here / max(float(count.sum()), 1e-300), area / max(float(km2.sum()), 1e-300)
    return {
        "id": _id(members, code, count),
        "cells": len(members),
        "count": round(here),
        "expected": wanted,
        "ratio": here / wanted if wanted > 0 else float("inf"),
        "p": float(p[members].min()),
        "pai": share / of_area if of_area > 0 else 0.0,
        "area_km2": area,
        "per_km2": here / area if area > 0 else 0.0,
    }


def _habits(members: IntArray, incidents: pd.DataFrame | None) -> dict[str, str]:
    """Top categories and hours of risk, as text."""
    if incidents is None:
        return {"categories": "", "hours": ""}
    if not {"cell", "category", "hour"} <= set(incidents.columns):
        raise ShapeError(
            zh="事件表需要 cell、category、hour 三列。", en="The incidents need the columns cell, category and hour."
        )
    here = incidents[incidents["cell"].isin(members)]
    often = here["category"].value_counts().rename_axis("category").reset_index(name="count")
    often = often.sort_values(["count", "category"], ascending=[False, True]).head(TOP_CATEGORIES)
    named = "; ".join(f"{row.category} {row.count}" for row in often.itertuples(index=False))
    hours = here["hour"].dropna().to_numpy(dtype=np.int64)
    return {"categories": named, "hours": _run_of_hours(np.bincount(hours, minlength=24)[:24].astype(np.float64))}


def _run_of_hours(by_hour: FloatArray) -> str:
    run = shortest_run(by_hour, HOURS_SHARE)
    return f"{run[0]:02d}:00-{(run[-1] + 1) % 24:02d}:00" if run else ""


def compare_polygons(
    earlier: gpd.GeoDataFrame, later: gpd.GeoDataFrame, *, least_overlap: float = 0.3
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """What became of the hot spots of an earlier period.

    Parameters
    ----------
    earlier, later
        Tables of ``hot_spot_polygons`` in one CRS; the earlier one may already carry ids over from before.
    least_overlap
        Two polygons are the same hot spot where their overlap is at least this share of the smaller one, above 0 and at
        most 1.

    Returns
    -------
    later, dissolved
        The later table with ``change`` (``new`` or ``persistent``), ``was`` (ids of all earlier hot spots it overlaps, in order
        of overlap, joined by spaces) and the id of the earlier hot spot it overlaps most; where several claim one id, the
        largest overlap has it and the others keep their own, made unique by a letter if it is taken. And the earlier ones that
        nothing continues, with ``change`` ``dissolved``.

    Raises
    ------
    CrsError
        The tables have different CRS.
    InputError
        The share is out of range.
    """
    if not 0 < least_overlap <= 1:
        raise InputError(
            zh=f"重叠比例 {least_overlap:g} 应大于 0 且不超过 1。",
            en=f"The least overlap ({least_overlap:g}) must be above 0 and at most 1.",
        )
    if earlier.crs != later.crs:
        raise CrsError(zh="两个时段的热点面坐标系不同。", en="The hot spots of the two periods are in different CRS.")
    old, new, area = _overlaps(earlier, later, least_overlap)
    ids = _carried(earlier["id"].tolist(), later["id"].tolist(), old, new, area)
    was = ["" for _ in range(len(later))]
    for row in np.unique(new):
        mine = np.flatnonzero(new == row)
        mine = mine[np.lexsort((old[mine], -area[mine]))]
        was[row] = " ".join(str(earlier["id"].iloc[at]) for at in old[mine])
    change = np.where(np.isin(np.arange(len(later)), new), "persistent", "new")
    gone = earlier[~np.isin(np.arange(len(earlier)), old)].assign(change="dissolved").reset_index(drop=True)
    return later.assign(id=ids, change=change, was=was), gone


def _overlaps(
    earlier: gpd.GeoDataFrame, later: gpd.GeoDataFrame, least: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs of rows that are the same hot spot, and the area they share."""
    before, after = earlier.geometry.to_numpy(), later.geometry.to_numpy()
    new, old = shapely.STRtree(before).query(after, predicate="intersects")
    shared = np.asarray(shapely.area(shapely.intersection(after[new], before[old])))
    smaller = np.minimum(shapely.area(after[new]), shapely.area(before[old]))
    same = (shared > 0) & (shared >= least * smaller * (1 - 1e-9))
    return old[same].astype(np.int64), new[same].astype(np.int64), shared[same]


def _carried(earlier: list[str], later: list[str], old: IntArray, new: IntArray, area: FloatArray) -> list[str]:
    found: dict[int, str] = {}
    for at in np.lexsort((new, old, -area)):
        if int(new[at]) not in found and earlier[old[at]] not in found.values():
            found[int(new[at])] = earlier[old[at]]
    # An id of the earlier period is never given to another place.
    taken = set(earlier) | set(found.values())
    for row, own in enumerate(later):
        if row in found:
            continue
        name, letter = own, "a"
        while name in taken:
            name, letter = f"{own}-{letter}", chr(ord(letter) + 1)
        found[row] = name
        taken.add(name)
    return [found[row] for row in range(len(later))]


def explain_hot_spots(
    polygons: gpd.GeoDataFrame, statistic: Explanation, *, incidents: int, dissolved: int | None = None
) -> Explanation:
    """What a layer of hot spots means and what it does not, in the name of the statistic that found its cells.

    Parameters
    ----------
    polygons
        Table of ``hot_spot_polygons``, with ``change`` where it was compared.
    statistic
        Of the method behind the cells.
    incidents
        All that were counted, the denominator.
    dissolved
        Hot spots of the earlier period that nothing continues; None where there is nothing to compare with.
    """
    held, km2 = int(polygons["count"].sum()), float(polygons["area_km2"].sum())
    share = held / incidents if incidents else 0.0
    zh = f"{len(polygons)} 个热点共 {km2:.2f} 平方公里,含 {held:,} 起,占计入的 {incidents:,} 起的 {share:.1%}"
    en = (
        f"{len(polygons)} hot spots of {km2:.2f} km² hold {held:,} of the {incidents:,} incidents counted ({share:.1%})"
    )
    if dissolved is not None:
        fresh = int((polygons["change"] == "new").sum())
        kept = len(polygons) - fresh
        zh += f";与上期相比新增 {fresh} 个、持续 {kept} 个、消退 {dissolved} 个"
        en += f"; against the period before, {fresh} are new, {kept} persist and {dissolved} dissolved"
    return Explanation(
        method=statistic.method,
        means=(zh + "。", en + "."),
        means_not=(
            "热点只说明事件比随机更集中,不说明原因,也不是人均风险;热点因偏高而入选,下期回落有一部分只是回归均值。",
            "Hot means more concentrated than chance explains: it names no cause and is no risk per person, and since a spot is "
            "chosen for being high, part of a later fall is mere regression to the mean.",
        ),
        source=f"{statistic.source}; gis.hotspots.polygons",
        parameters=statistic.parameters,
    )


def explain_polygons(polygons: gpd.GeoDataFrame) -> Explanation:
    """What hot-spot polygons mean and what they do not."""
    total = int(polygons["count"].sum())
    km2 = float(polygons["area_km2"].sum())
    return Explanation(
        method=("热点面:相接热点网格合并", "hot-spot polygons: touching hot cells made one"),
        means=(
            f"{len(polygons)} 个热点面共 {km2:.2f} 平方公里,含 {total} 起事件。",
            f"{len(polygons)} hot spots cover {km2:.2f} km2 and hold {total} incidents.",
        ),
        means_not=(
            "边界是网格的边界;面内各处并不一样,p 是其中最小的,不是整面的。",
            "Outlines are those of cells, places inside differ, and p is the lowest of the cells and not of the whole.",
        ),
        source="gis.hotspots.polygons",
        parameters={"polygons": len(polygons)},
    )
