"""Hot spots of a filter by a method: polygons with their evidence, compared with an earlier period. Kept per version of the store.

It brings the store's rows to ``gis.hotspots`` and computes no statistic of its own. Reports alone count unless the reader asks
for what patrol found. Cameras are told elsewhere, since not everybody may know them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import NotFoundError
from gis.hotspots import Ground, HotCells, explain_hot_spots, hot_cells, hot_spot_ids
from gis.hotspots.explain import Bilingual, Explanation
from gis.incidents import IncidentFilter
from webmap.hotspots.compared import against, polygons_of
from webmap.hotspots.question import HotSpotQuestion, base_of
from webmap.hotspots.reports import Reports, covered, ground_of, reports_of
from webmap.services import Period, Services, reports_only
from webmap.store import Viewer

Tell = Callable[[str], None]

STAGES = ("reading", "judging", "comparing")
"""What takes time, in order."""

SEED = 1
"""Of the scan's deals: the same question has the same answer."""


@dataclass(frozen=True, eq=False)
class Found:
    """Hot spots and what stands behind them.

    Parameters
    ----------
    table
        As ``hot_spot_polygons``, with ``change`` (``new``, ``persistent``, or empty without comparison), ``was``, ``before``
        (incidents of the earlier period on the same ground), ``change_p`` (two-sided exact test of the two counts) and ``key``.
    gone
        Those of the earlier period that nothing continues, with ``count`` now and ``before`` then.
    cells
        The cells behind them.
    reports
        The incidents.
    spot
        Shape (incidents,), the id of the hot spot of each; empty for none.
    before
        The earlier period; None where nothing was compared.
    before_note
        Why not.
    explanation
        Of the whole.
    """

    question: HotSpotQuestion
    asked: IncidentFilter
    table: gpd.GeoDataFrame
    gone: gpd.GeoDataFrame
    cells: HotCells
    reports: Reports
    spot: npt.NDArray[np.object_]
    before: Period | None
    before_note: Bilingual | None
    explanation: Explanation


def hot_spots(
    services: Services, viewer: Viewer, asked: IncidentFilter, question: HotSpotQuestion, tell: Tell | None = None
) -> Found:
    """The hot spots of a filter.

    Parameters
    ----------
    tell
        Told the stage of ``STAGES`` as it is reached.

    Raises
    ------
    InputError
        Too few incidents or grids, the same count everywhere, a period too short.
    NotFoundError
        No such area, or no areas at all.
    """
    narrowed = reports_only(asked)
    return services.keep(
        ("hot spots", narrowed, question),
        viewer,
        lambda: _find(services, viewer, narrowed, question, tell or (lambda _stage: None)),
    )


def one_of(found: Found, spot: str) -> pd.Series:
    """One hot spot by its id.

    Raises
    ------
    NotFoundError
        This period and method have none of that id.
    """
    rows = found.table[found.table["id"] == spot]
    if rows.empty:
        raise NotFoundError(
            zh=f"该时段与方法下没有热点“{spot}”。", en=f"There is no hot spot '{spot}' in this period by this method."
        )
    first: pd.Series = rows.iloc[0]
    return first


def judged(
    services: Services, viewer: Viewer, asked: IncidentFilter, question: HotSpotQuestion
) -> tuple[Reports, HotCells]:
    """The incidents of a question and its cells by the method; no polygons yet."""
    period = covered(services, viewer, asked)
    ground = ground_of(services, viewer, asked.area)
    reports = reports_of(services, viewer, asked, period)
    return reports, _cells(reports, ground, question)


def _cells(reports: Reports, ground: Ground, question: HotSpotQuestion) -> HotCells:
    since, until = (moment.timestamp() / 86_400 for moment in (reports.period.since, reports.period.until))
    days = reports.frame["occurred_at"].dt.as_unit("us").astype("int64").to_numpy() / 86_400e6
    return hot_cells(
        question.method, reports.xy_m, days, reports.grid, ground, since=since, until=until,
        rng=np.random.default_rng(SEED), options=question.options,
    )  # fmt: skip


def _find(services: Services, viewer: Viewer, asked: IncidentFilter, question: HotSpotQuestion, tell: Tell) -> Found:
    tell("reading")
    ground = ground_of(services, viewer, asked.area)
    period = covered(services, viewer, asked)
    reports = reports_of(services, viewer, asked, period)
    tell("judging")
    cells = _cells(reports, ground, question)
    table = polygons_of(cells, reports, services.zone)
    of_cell = hot_spot_ids(cells.figures, cells.near)
    tell("comparing")
    data = services.date_range(viewer)
    base, note = base_of(asked, period, data, versus=question.versus, zone=services.zone)
    then = None if base is None else reports_of(services, viewer, base, covered(services, viewer, base))
    compared = against(table, cells, then, lambda: _earlier(then, ground, question, cells), services.zone, note)
    named = dict(zip(table["id"], compared.table["id"], strict=True))
    ids = np.array([named.get(each, "") for each in of_cell], dtype=object)
    counted = int((cells.place >= 0).sum())
    told = explain_hot_spots(compared.table, cells.explanation, incidents=counted, dissolved=compared.dissolved)
    keys = [_key(question.method, period, cells, ids == each) for each in compared.table["id"]]
    return Found(
        question=question,
        asked=asked,
        table=compared.table.assign(key=keys),
        gone=compared.gone,
        cells=cells,
        reports=reports,
        spot=np.where(cells.place >= 0, ids[cells.place], "") if len(ids) else np.array([], dtype=object),
        before=compared.period,
        before_note=compared.note,
        explanation=told,
    )


def _earlier(then: Reports | None, ground: Ground, question: HotSpotQuestion, cells: HotCells) -> HotCells:
    """The cells of the earlier period, on the very squares and with the band and the step of this one."""
    assert then is not None  # noqa: S101 - asked for only where there is an earlier period
    if cells.optimized is not None:
        question = question.settled(cells.optimized.cells.side_m, cells.optimized.band_m)
    return _cells(then, ground, question)


def _key(method: str, period: Period, cells: HotCells, mine: npt.NDArray[np.bool_]) -> str:
    """Twelve digits that change with method, period or cells: whoever keeps a hot spot sees that it is another one."""
    codes = sorted(str(code) for code in np.asarray(cells.figures.code, dtype=object)[mine])
    text = "|".join([method, period.since.isoformat(), period.until.isoformat(), *codes])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
