"""What a forecast stands on in the store: the grids as cells, the reports as a history, and until when reports are known.

Reports alone are read: what patrol and inspection found is left out and counted, so that a forecast does not follow its own patrols.
It forecasts nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.crs import project
from gis.errors import InputError
from gis.forecast import Cells, History, grid_cells, make_history
from gis.incidents import IncidentFilter
from webmap.services import Services
from webmap.store import Viewer

FOUND_BY = ("report",)
"""What a forecast learns from."""
LEFT_OUT = ("patrol",)
"""What it leaves out, since presence produced it."""
YEARS = 6
"""Years of reports that are read: under a decay of two years the rest weighs less than one part in twenty."""
_EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True, eq=False)
class Ground:
    """Grids, reports, and how far the reports reach.

    Parameters
    ----------
    cells, history
        As ``gis.forecast`` takes them.
    known_until
        Up to when reports are known: the end of the day of the last one, or now.
    left_out, of
        Findings of patrol and inspection that are not learned from, and all incidents with them.
    """

    cells: Cells
    history: History
    known_until: datetime
    left_out: int
    of: int


def ground_of(services: Services, viewer: Viewer, now: datetime) -> Ground:
    """What there is to learn from, as it was known at a moment.

    Raises
    ------
    NotFoundError
        No areas are loaded.
    InputError
        There are no reports.
    """
    grids = services.cells(viewer)
    crs = services.metric(viewer)
    now = now.replace(microsecond=0)
    since = now - timedelta(days=366 * YEARS)
    asked = IncidentFilter(since=since, until=now, found_by=FOUND_BY)
    reports = services.store.incidents.read(viewer, asked)
    if reports.empty:
        raise InputError(
            zh="还没有上报数据,无法预测。请先导入事件。",
            en="There are no reports to learn from; import incidents first.",
        )
    counted = {
        key: services.tally(viewer, IncidentFilter(since=since, until=now, found_by=found_by)).total
        for key, found_by in (("left_out", LEFT_OUT), ("of", ()))
    }
    return Ground(
        cells=grid_cells(grids.geometry.to_crs(crs).to_numpy(), grids["code"].astype(str).tolist()),
        history=make_history(
            project(reports["lon"].to_numpy(), reports["lat"].to_numpy(), crs),
            civil_days_of(reports["occurred_at"], services.zone),
            reports["category"].to_numpy(dtype=np.str_),
            timed=(reports["time_precision"] != "day").to_numpy(dtype=bool),
        ),
        known_until=_known_until(reports["occurred_at"].max().to_pydatetime(), now, services.zone),
        left_out=counted["left_out"],
        of=counted["of"],
    )


def civil_days_of(moments: "pd.Series[pd.Timestamp]", zone: str) -> npt.NDArray[np.float64]:
    """Days since 1970-01-01 on the clocks of the district."""
    local = moments.dt.tz_convert(zone).dt.tz_localize(None)
    return np.asarray((local - _EPOCH) / pd.Timedelta(days=1), dtype=np.float64)


def _known_until(last: datetime, now: datetime, zone: str) -> datetime:
    local = last.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return min(midnight.astimezone(UTC), now.astimezone(UTC))
