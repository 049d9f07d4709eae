"""Whether areas tile: overlaps, gaps, slivers, areas outside their parent, broken rings, codes twice, parents missing.

Basic grids tile their community, communities their street, streets their district; special grids lie over basic ones and
are no overlap. The repair mends only what cannot be mended wrongly, says what it did, and never touches what a person has
to decide: wide gaps and overlaps, two outlines under one code.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.grid import _mending
from gis.grid._mending import Tolerances
from gis.grid._survey import Survey

__all__ = ["COLUMNS", "KINDS", "Tolerances", "check_areas", "repair_areas"]

KINDS = (
    "overlap", "gap", "sliver", "outside_parent", "invalid_ring", "duplicate_code", "missing_parent", "empty", "cycle",
)  # fmt: skip
"""What a finding may be. A sliver is a gap or overlap that is narrow."""

COLUMNS = ("kind", "code", "other", "area_m2", "message_zh", "message_en", "repairable", "geometry")

DEFAULTS = Tolerances()

_MENDED = {
    "sliver": ("已并入共边最长的区域", "handed to the neighbour with the longest edge"),
    "gap": ("已并入共边最长的区域", "handed to the neighbour with the longest edge"),
    "overlap": ("已归共边最长的区域", "left to the neighbour with the longest edge"),
    "outside_parent": ("已裁剪到上级边界", "cut off at the parent's boundary"),
    "invalid_ring": ("已修正边界", "boundary made valid"),
    "duplicate_code": ("已删除完全相同的重复行", "identical copies removed"),
}


def check_areas(areas: gpd.GeoDataFrame, *, limits: Tolerances = DEFAULTS) -> gpd.GeoDataFrame:
    """What keeps the areas from tiling, each level against its parents.

    Parameters
    ----------
    areas
        The ``areas`` table in degrees; only versions without an end are looked at. A level that comes without any coarser
        one is checked within itself.

    Returns
    -------
    findings
        One row a finding, in the areas' CRS, worst kinds first: ``kind`` (one of ``KINDS``), ``code`` and ``other`` (the
        areas concerned; a gap names the parent, a sliver between areas the one that would get it), ``area_m2``, messages,
        ``repairable``, ``geometry`` (where it is; missing where there is nothing to draw).

    Raises
    ------
    ColumnError, CrsError
        The table does not keep its contract, or is not in degrees.

    Notes
    -----
    Gaps and overlaps of less than ``limits.noise_m`` mean width do not count. 10,000 grids take seconds.
    """
    survey = Survey.of(areas, limits)
    found = [*survey.rows_alone(), *survey.outlines()]
    for layer in survey.layers():
        found += survey.tiling(layer)
    found += survey.special()
    return _table(found, areas)


def repair_areas(
    areas: gpd.GeoDataFrame, *, limits: Tolerances = DEFAULTS
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The areas with everything mended that is safe to mend, and the findings that are gone.

    Parameters
    ----------
    areas
        As for :func:`check_areas`; ended versions are handed back as they are.

    Returns
    -------
    areas
        A new table in the same order. Broken rings are made valid; identical copies dropped; strips outside a parent cut
        off; slivers and small gaps and overlaps handed to the neighbour with the longest edge. Levels are mended from the
        top; vertices of a mended level lie on a lattice of 1e-9 degrees (0.1 mm), neighbours share all of them.
    fixed
        The findings that were there before and are not any more, saying what was done.

    Raises
    ------
    ColumnError, CrsError
        As for :func:`check_areas`.
    """
    before = check_areas(areas, limits=limits)
    if not before["repairable"].any():
        return areas.copy(), before.iloc[:0]
    survey = Survey.of(areas, limits)
    for layer in survey.layers():
        if survey.wants_mending(layer):
            survey.put(layer, _mending.mend(layer, survey.metric, limits))
    survey.cut_special()
    repaired = survey.frame()
    left = check_areas(repaired, limits=limits)
    still = set(zip(left["kind"], left["code"], left["other"], strict=True))
    key = zip(before["kind"], before["code"], before["other"], strict=True)
    gone = before[before["repairable"].to_numpy() & np.array([each not in still for each in key], dtype=bool)]
    done = gone["kind"].map(_MENDED)
    return repaired, gone.assign(
        message_zh=[f"{text}{what[0]}。" for text, what in zip(gone["message_zh"], done, strict=True)],
        message_en=[f"{text} Now {what[1]}." for text, what in zip(gone["message_en"], done, strict=True)],
    ).reset_index(drop=True)


def _table(found: list[dict[str, Any]], areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    order = {kind: number for number, kind in enumerate(KINDS)}
    found = sorted(found, key=lambda row: (order[row["kind"]], -row["area_m2"], row["code"], row["other"]))
    columns = {name: [row[name] for row in found] for name in COLUMNS}
    text = dict.fromkeys(("kind", "code", "other", "message_zh", "message_en"), "str")
    table = pd.DataFrame(columns).astype(text | {"area_m2": "float64", "repairable": "bool"})
    return gpd.GeoDataFrame(table, geometry="geometry", crs=areas.crs)
