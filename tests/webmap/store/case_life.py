"""Accounts, units and a report of the little town, for tests of cases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gis.calendar import Calendar
from gis.dispatch import WorkCalendar, load_hours, shipped_limits
from gis.dispatch.working_time import _SHIPPED
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, STREET_A, STREET_B
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store
from webmap.store.case_clocks import Clockwork
from webmap.store.case_scope import CaseViewer
from webmap.store.events import Event
from webmap.store.units import Unit

CLOCKWORK = Clockwork(
    WorkCalendar(Calendar(), load_hours(_SHIPPED), tz="Asia/Shanghai", years=(2025, 2028)), shipped_limits()
)
WORKER = CaseViewer("worker", (Grant("grid_worker", GRIDS[0]),))
DESK_A = CaseViewer("desk", (Grant("desk", STREET_A),))
DESK_B = CaseViewer("other", (Grant("desk", STREET_B),))
WATER = CaseViewer("pipe", (Grant("department_unit", DISTRICT),))
GREEN = CaseViewer("tree", (Grant("department_unit", DISTRICT),))
CHECKER = CaseViewer("check", (Grant("checker", DISTRICT),))
BOSS = CaseViewer("boss", (Grant("supervisor", ""),))
ANALYST = CaseViewer("figures", (Grant("analyst", ""),))
UNITS = (Unit("water", "水务", "water"), Unit("green", "园林", "parks"))


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def with_units(store: Store) -> Store:
    """Two units with an account each."""
    store.units.replace(UNITS, viewer=LOCAL_OPERATOR, now=NOW)
    store.units.set_accounts("water", ["pipe"], viewer=LOCAL_OPERATOR, now=NOW)
    store.units.set_accounts("green", ["tree"], viewer=LOCAL_OPERATOR, now=NOW)
    return store


def report(event_id: str = "e1", grid: str = GRIDS[0], **more: object) -> Event:
    """A report in a grid of the town."""
    place = GRIDS.index(grid)
    event = Event(
        event_id,
        "wangge",
        "06010",
        datetime(2026, 11, 23, 7, tzinfo=UTC),
        source="web",
        lon=106.705 + place / 100,
        lat=39.405,
        grid=grid,
        community=grid[:12],
        street=grid[:9] + "000",
        district=DISTRICT,
        body={"text": "rubbish"},
    )
    return replace(event, **more)  # type: ignore[arg-type]
