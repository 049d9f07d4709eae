"""The ground and the incidents that hot spots are judged by: rows of the store in metres. It selects and counts nothing."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.crs import project
from gis.errors import FilterError
from gis.hotspots import Ground
from gis.incidents import IncidentFilter
from webmap.filters import day_start
from webmap.services import Period, Services
from webmap.store import LOCAL_OPERATOR, Viewer

IntArray = npt.NDArray[np.int64]

_COLUMNS = ("lon", "lat", "occurred_at", "occurred_to", "time_precision", "scheme", "category")


@dataclass(frozen=True, eq=False)
class Reports:
    """The incidents of a period: the rows of the store, metres, and the row of each one's grid (-1 for none)."""

    frame: pd.DataFrame
    xy_m: npt.NDArray[np.float64]
    grid: IntArray
    period: Period


def ground_of(services: Services, viewer: Viewer, area: str) -> Ground:
    """The viewer's grids, or those of one area, in metres."""

    def make() -> Ground:
        cells = services.cells(viewer, "", area)
        moved = cells.to_crs(services.metric(LOCAL_OPERATOR))
        window = gpd.GeoSeries([services.window(viewer, area)], crs="EPSG:4326").to_crs(moved.crs).iloc[0]
        homes = cells["households"].to_numpy(dtype=float, na_value=np.nan)
        return Ground(moved, services.neighbours(viewer, "", area), window, homes)

    return services.keep(("hot-spot ground", area), viewer, make)


def covered(services: Services, viewer: Viewer, asked: IncidentFilter) -> Period:
    """The part of the asked period that the data cover, by whole local days: where nothing was recorded, zero says nothing.

    Raises
    ------
    FilterError
        The data cover none of it.
    """
    period, data = services.period(viewer, asked), services.date_range(viewer)
    if data is None:
        return period
    zone = ZoneInfo(services.zone)
    first = data.since.astimezone(zone).date()
    last = (data.until - timedelta(minutes=1)).astimezone(zone).date()
    since = max(period.since, day_start(first, services.zone))
    until = min(period.until, day_start(last + timedelta(days=1), services.zone))
    if until <= since:
        raise FilterError(
            zh=f"该时段没有数据;数据为 {first} 至 {last}。",
            en=f"There are no data in this period; they run from {first} to {last}.",
        )
    return Period(since, until)


def reports_of(services: Services, viewer: Viewer, asked: IncidentFilter, period: Period) -> Reports:
    """The incidents of a question with the row of their grid."""
    level = str(services.cells(viewer, "", asked.area)["level"].iloc[0])
    frame = services.store.incidents.read(viewer, asked, [*_COLUMNS, level])
    codes = services.cells(viewer, "", asked.area)["code"]
    grid = pd.Index(codes).get_indexer(frame[level])
    xy = project(frame["lon"].to_numpy(), frame["lat"].to_numpy(), services.metric(LOCAL_OPERATOR))
    return Reports(frame, xy, np.asarray(grid, dtype=np.int64), period)
