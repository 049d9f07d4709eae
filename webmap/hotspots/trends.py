"""The trend of every grid: its class among the 17 of emerging hot spots, with the series behind it.

It brings the store's rows to ``gis.hotspots`` and classes nothing itself.
"""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import InputError
from gis.hotspots import CLASSES, HotCells
from gis.incidents import IncidentFilter
from webmap.hotspots.answers import explained, period_told
from webmap.hotspots.found import judged
from webmap.hotspots.question import HotSpotQuestion
from webmap.hotspots.reports import Reports
from webmap.services import Services, reports_only
from webmap.store import Viewer


def trends(
    services: Services, viewer: Viewer, asked: IncidentFilter, question: HotSpotQuestion
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Every grid with its class and evidence in degrees, and what is told of all of them.

    Columns: ``code``, names, ``count``, those of ``EmergingResult.frame``, ``q`` (two-sided p of the last step, corrected),
    ``z`` and ``counts`` (one value a step).

    Raises
    ------
    InputError
        Too few incidents or grids, or a period too short for a trend.
    """
    narrowed = reports_only(asked)
    emerging = replace(question, method="emerging", versus="none")
    reports, cells = services.keep(
        ("hot-spot trends", narrowed, emerging), viewer, lambda: judged(services, viewer, narrowed, emerging)
    )
    return _table(services, viewer, narrowed, cells), _about(services, narrowed, reports, cells)


def _table(services: Services, viewer: Viewer, asked: IncidentFilter, cells: HotCells) -> gpd.GeoDataFrame:
    found, cube = _both(cells)
    grids = services.cells(viewer, "", asked.area)
    table = pd.concat([grids[["code", "name_zh", "name_en"]], found.frame()], axis=1).assign(
        count=np.asarray(cells.figures.count),
        q=found.q[:, -1],
        z=[[round(float(value), 2) for value in row] for row in found.z],
        counts=cube.counts.tolist(),
    )
    return gpd.GeoDataFrame(table, geometry=grids.geometry.to_numpy(), crs="EPSG:4326")


def _about(services: Services, asked: IncidentFilter, reports: Reports, cells: HotCells) -> dict[str, Any]:
    found, cube = _both(cells)
    zone = ZoneInfo(services.zone)
    edges = [pd.Timestamp(edge * 86_400, unit="s", tz="UTC").round("s").tz_convert(zone) for edge in cube.edges]
    number = np.bincount(found.label, minlength=len(CLASSES))
    return {
        "period": period_told(reports.period, services.zone),
        "found_by": list(asked.found_by),
        "step_days": cube.step_days,
        "edges": [edge.isoformat() for edge in edges],
        "left_out": cube.left_out,
        "counted": int((cells.place >= 0).sum()),
        "classes": [
            {"class": each, "zh": zh, "en": en, "grids": int(number[each])} for each, (zh, en) in enumerate(CLASSES)
        ],
        "choices": [{"zh": zh, "en": en} for zh, en in cells.choices],
        "p_zh": cells.p_meaning[0],
        "p_en": cells.p_meaning[1],
        **explained(found.explain()),
    }


def _both(cells: HotCells) -> Any:
    if cells.emerging is None or cells.cube is None:
        raise InputError(zh="该方法没有趋势。", en="This method has no trends.")
    return cells.emerging, cells.cube
