"""Hot spots beside those of an earlier period: which are new, which persist, which dissolved, and the counts of both.

It puts ``gis.hotspots.compare_polygons`` over tables of two periods and reads no store.
"""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from gis.hotspots import HotCells, compare_polygons, hot_spot_ids, hot_spot_polygons
from gis.hotspots.compare import compare_grids
from gis.hotspots.explain import Bilingual
from webmap.hotspots.reports import Reports
from webmap.services import Period

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Compared:
    """The table with ``change``, ``was``, ``before`` and ``change_p``; what dissolved; the earlier period, or why there is none."""

    table: gpd.GeoDataFrame
    gone: gpd.GeoDataFrame
    period: Period | None
    note: Bilingual | None

    @property
    def dissolved(self) -> int | None:
        """How many dissolved; None where nothing was compared."""
        return None if self.period is None or self.note is not None else len(self.gone)


def polygons_of(cells: HotCells, reports: Reports, zone: str) -> gpd.GeoDataFrame:
    """One row for each hot spot, with categories and hours of the incidents that count in it."""
    local = reports.frame["occurred_at"].dt.tz_convert(zone)
    # Of a day, or of an interval, no hour is known.
    timed = reports.frame["time_precision"].isin(("day", "interval"))
    incidents = pd.DataFrame(
        {
            "cell": cells.place,
            "category": reports.frame["category"].to_numpy(),
            "hour": local.dt.hour.astype("float64").mask(timed).to_numpy(),
        }
    )
    since, until = reports.period.since.astimezone(local.dt.tz), reports.period.until.astimezone(local.dt.tz)
    last = (until - pd.Timedelta(seconds=1)).date()
    return hot_spot_polygons(
        cells.cells, cells.figures, cells.near, since=since.date(), until=last, incidents=incidents
    )  # fmt: skip


def against(
    table: gpd.GeoDataFrame,
    cells: HotCells,
    then: Reports | None,
    judge: Callable[[], HotCells],
    zone: str,
    note: Bilingual | None,
) -> Compared:
    """A table of hot spots beside the earlier period.

    Parameters
    ----------
    table, cells
        Of this period.
    then
        Incidents of the earlier period; None where there is nothing to compare.
    judge
        Gives the cells of the earlier period, row for row those of this one.
    note
        Why there is nothing to compare.
    """
    bare = table.assign(change="", was="", before=pd.NA, change_p=np.nan)
    if then is None:
        return Compared(bare, bare.iloc[:0], None, note)
    members = _members(table, hot_spot_ids(cells.figures, cells.near))
    earlier_count = np.bincount(_place(cells, then), minlength=len(cells.cells) + 1)[:-1]
    now = np.asarray(cells.figures.count, dtype=np.int64)
    try:
        earlier = judge()
    except InputError as error:
        told = (f"对照时段无法判断:{error.zh}", f"The period to compare with could not be judged: {error.en}")
        return Compared(_beside(bare, members, now, earlier_count), bare.iloc[:0], then.period, told)
    old = polygons_of(earlier, then, zone)
    of_old = _members(old, hot_spot_ids(earlier.figures, earlier.near))
    later, gone = compare_polygons(old, table)
    left = [rows for each, rows in zip(old["id"], of_old, strict=True) if each in set(gone["id"])]
    gone = gone.assign(was="", count=[int(now[rows].sum()) for rows in left])
    return Compared(
        _beside(later, members, now, earlier_count), _beside(gone, left, now, earlier_count), then.period, None
    )


def _members(table: gpd.GeoDataFrame, of_cell: npt.NDArray[np.object_]) -> list[IntArray]:
    return [np.flatnonzero(of_cell == each) for each in table["id"]]


def _place(cells: HotCells, then: Reports) -> IntArray:
    """The cell of each incident of the other period; one past the last for none."""
    located = then.grid if cells.optimized is None else cells.optimized.cells.locate(then.xy_m)
    return np.where(located < 0, len(cells.cells), located)


def _beside(table: gpd.GeoDataFrame, members: list[IntArray], now: IntArray, then: IntArray) -> gpd.GeoDataFrame:
    """With the counts of the earlier period on the same ground and the exact test of the two; the periods are equally long."""
    before = np.array([int(then[rows].sum()) for rows in members], dtype=np.int64)
    here = np.array([int(now[rows].sum()) for rows in members], dtype=np.int64)
    p = compare_grids(here, before, days=1.0, base_days=1.0)["p"].to_numpy() if len(members) else np.zeros(0)
    return table.assign(before=pd.array(before, dtype="Int64"), change_p=p)
