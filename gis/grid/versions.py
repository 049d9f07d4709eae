"""Versions of areas in time: which held on a day, and how new boundaries follow older ones.

A version holds from ``valid_from`` to the day before ``valid_to``; an empty ``valid_from`` reaches back without end, an
empty ``valid_to`` is open. A boundary change ends one version and starts the next. It never rewrites or drops a version
that has held for a day, so that last year's figures stay last year's.
"""

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.errors import CodeError, CrsError, InputError
from gis.schemas import require_columns

SAME_DEG = 1e-9
"""Boundaries that differ by less, 0.1 mm, are the same boundary."""

_NEEDED = ("code", "level", "valid_from", "valid_to", "geometry")


def valid_on(areas: gpd.GeoDataFrame, day: date) -> gpd.GeoDataFrame:
    """The versions that held on a day, in the table's order and with its index.

    Raises
    ------
    ColumnError
        The table lacks ``valid_from`` or ``valid_to``.
    """
    require_columns(areas, ["valid_from", "valid_to"], layer="areas")
    return areas[_holds(areas, day.isoformat())]


def _holds(areas: gpd.GeoDataFrame, day: str) -> npt.NDArray[np.bool_]:
    return np.asarray(
        (areas["valid_from"] <= day) & ((areas["valid_to"] == "") | (areas["valid_to"] > day)), dtype=bool
    )


def supersede(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, day: date) -> gpd.GeoDataFrame:
    """Older areas followed by newer ones from a day on.

    Parameters
    ----------
    old
        The ``areas`` table with whatever history it has.
    new
        The areas as they are from ``day``: all of each level (and, for grids, kind) it speaks of. Their ``valid_from`` is
        read only where the older table knows nothing of the level: what comes in for the first time held before, too.
    day
        The first day of the new boundaries.

    Returns
    -------
    areas
        Ended versions as they were; open versions unchanged where nothing but the dates differs (boundaries to 0.1 mm,
        wherever the ring starts); changed or absent ones ended on ``day``; new ones from ``day``. A version that would
        have held for no day at all goes, so a second correction on the same day replaces the first. The same table twice
        changes nothing.

    Raises
    ------
    CodeError
        A code twice among the new areas, or open twice among the old.
    InputError
        An older version starts after ``day``: the past of a version that is to come is not rewritten.
    ColumnError, CrsError
        A table does not keep its contract.
    """
    for name, frame in (("old", old), ("new", new)):
        require_columns(frame, _NEEDED, layer=f"areas ({name})")
    if len(old) and len(new) and old.crs != new.crs:
        raise CrsError(zh="新旧区域图层的坐标系不同。", en=f"Old areas are in {old.crs}, new ones in {new.crs}.")
    iso = day.isoformat()
    old, new = old.reset_index(drop=True), new.reset_index(drop=True)
    spoken = _sets(old).isin(_sets(new).unique()).to_numpy()
    is_open = spoken & ((old["valid_to"] == "") | (old["valid_to"] > iso)).to_numpy()
    _refuse_future(old[is_open], iso)
    _refuse_repeated(old[is_open], new)
    position = {code: row for row, code in zip(np.flatnonzero(is_open), old.loc[is_open, "code"], strict=True)}
    before = np.array([position.get(code, -1) for code in new["code"]], dtype=np.int64)
    same = np.zeros(len(new), dtype=bool)
    known = before >= 0
    same[known] = _equal(old.iloc[before[known]], new[known])
    ends = is_open.copy()
    ends[before[same]] = False
    past = old.copy()
    past.loc[ends, "valid_to"] = iso
    past = past[~(ends & (old["valid_from"] == iso).to_numpy())]
    fresh = new.assign(valid_from=new["valid_from"].where(~_sets(new).isin(_sets(old).unique()), iso))[~same]
    return _stacked(past, fresh)


def _sets(areas: gpd.GeoDataFrame) -> pd.Series:
    """Level, and kind of grid where there is one: what one file speaks of as a whole."""
    kind = areas["kind"].astype("str") if "kind" in areas.columns else ""
    return areas["level"].astype("str") + "/" + kind


def _refuse_repeated(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> None:
    for zh, en, frame in (("新", "new", new), ("现有", "older", old)):
        codes = sorted(set(frame.loc[frame["code"].duplicated(), "code"]))
        if codes:
            shown = codes[:5]
            raise CodeError(
                zh=f"{zh}区域中有 {len(codes)} 个编码重复:{'、'.join(shown)}。",
                en=f"{len(codes)} codes occur twice among the {en} areas: {', '.join(shown)}.",
            )


def _refuse_future(old: gpd.GeoDataFrame, day: str) -> None:
    later = old.loc[old["valid_from"] > day, "code"].tolist()
    if later:
        shown = later[:5]
        raise InputError(
            zh=f"{len(later)} 个区域的现有版本在 {day} 之后才启用:{'、'.join(shown)};请改用更晚的日期。",
            en=f"{len(later)} areas have versions that start after {day}: {', '.join(shown)}; take a later day.",
        )


def _equal(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Whether two tables agree row by row in all but ``valid_from``."""
    ours, theirs = (shapely.normalize(frame.geometry.to_numpy()) for frame in (old, new))
    same = shapely.equals_exact(ours, theirs, tolerance=SAME_DEG) | (
        shapely.is_missing(ours) & shapely.is_missing(theirs)
    )
    for name in (set(old.columns) | set(new.columns)) - {"geometry", "valid_from"}:
        same &= _same_values(old.get(name), new.get(name), len(old))
    return np.asarray(same, dtype=bool)


def _same_values(old: pd.Series | None, new: pd.Series | None, count: int) -> npt.NDArray[np.bool_]:
    left, right = (_plain(column, count) for column in (old, new))
    return np.fromiter((a == b for a, b in zip(left, right, strict=True)), dtype=bool, count=count)


def _plain(column: pd.Series | None, count: int) -> list[Any]:
    """Values with one mark for missing, whatever the type: a column that is absent is missing throughout."""
    if column is None:
        return [""] * count
    return ["" if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)]


def _stacked(past: gpd.GeoDataFrame, fresh: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    parts = [part for part in (past, fresh) if len(part)]
    if len(parts) < 2:
        return (parts[0] if parts else past).reset_index(drop=True)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=past.crs)
