"""A key area of the sample district: its busiest grid and the busy ones beside it, under measures for twelve weeks.

The same data give the same area. The measures were taken in the sample alone, so the figures before and after should show no effect of them.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gis.incidents import IncidentFilter
from webmap.services import Services
from webmap.side_desks.key_areas import move, propose
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR

ID = str(uuid5(NAMESPACE_URL, "wangge:sample:key-area"))
WEEKS = 12
"""Weeks of measures up to the last report."""
MOST_GRIDS = 4
BUSIEST = 20
_DEEDS: tuple[tuple[int, dict[str, str]], ...] = (
    (0, {"kind": "patrol", "what": "每晚 20 点至 24 点加派步巡"}),
    (2, {"kind": "lighting", "what": "更换楼间路灯 12 盏"}),
    (5, {"kind": "access", "what": "修复小区北门门禁"}),
)
"""Measures, by weeks after the first."""


def load_key_area(services: Services) -> int:
    """Load the sample's key area, once.

    Returns
    -------
    made
        1 where it is new; 0 where there is one already, or no data or units to make it of.
    """
    store, data, units = services.store, services.date_range(LOCAL_OPERATOR), services.store.units.list()
    if data is None or not units or store.side_cases.list("key_area", CASE_OPERATOR, limit=1):
        return 0
    begin = data.until - timedelta(weeks=WEEKS)
    grids = _busy_together(services, begin)
    if not grids:
        return 0

    def at(weeks: float) -> Services:
        """The service as it was some weeks after the first measure."""
        moment = begin + timedelta(weeks=weeks)
        return Services(store, services.config, clock=lambda: moment)

    name = str(services.cells(LOCAL_OPERATOR).set_index("code").loc[grids[0], "name_zh"])
    told: dict[str, Any] = {"id": ID, "name": f"{name}片区", "why": "上报量长期居全区之首", "grids": grids}
    propose(at(-2), told, viewer=CASE_OPERATOR)
    then = at(-1)
    until = (then.today() + timedelta(days=180)).isoformat()
    said = {"move": "designate", "reason": "上报量长期居全区之首", "level": "district", "until": until}
    moves = [(then, said)]
    for weeks, deed in _DEEDS:
        day = at(weeks)
        moves.append((day, {"move": "measure", "unit": units[0].code, "day": day.today().isoformat()} | deed))
    moves.append((at(WEEKS - 1), {"move": "check", "finding": "照明已改善,夜间上报仍偏多", "result": "partly"}))
    for version, (day, each) in enumerate(moves, start=1):
        move(day, ID, each | {"version": version}, viewer=CASE_OPERATOR)
    return 1


def _busy_together(services: Services, until: datetime) -> list[str]:
    """The busiest grid before a moment and those of the busiest that touch it, busiest first.

    By reports and not by significance: which grids are significant changes with the day on which the sample is loaded.
    """
    asked = IncidentFilter(until=until, found_by=("report",))
    ranked = services.hot_grids(LOCAL_OPERATOR, asked)
    busy = ranked.loc[ranked["count"] > 0, "code"].astype(str).tolist()[:BUSIEST]
    if not busy:
        return []
    codes = services.cells(LOCAL_OPERATOR)["code"].astype(str).tolist()
    beside = {codes[row] for row in services.neighbours(LOCAL_OPERATOR).of(codes.index(busy[0]))}
    return [busy[0], *(code for code in busy[1:] if code in beside)][:MOST_GRIDS]
