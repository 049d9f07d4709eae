"""Some weeks of a desk: accounts, units, rules and cases in every stage, spread over the grids of the sample."""

from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np

from gis.calendar import Calendar
from gis.dispatch import Detail, WorkCalendar, load_hours, parse_rules, shipped_limits
from gis.dispatch.working_time import _SHIPPED
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store, open_store
from webmap.store.case_clocks import Clockwork
from webmap.store.case_scope import CaseViewer
from webmap.store.events import Event
from webmap.store.units import Unit

PASSWORD = "Wuda-2026-grid"
STREET = "150304008000"
"""The street of those who are limited to one."""

CLOCKWORK = Clockwork(
    WorkCalendar(Calendar(), load_hours(_SHIPPED), tz="Asia/Shanghai", years=(2025, 2028)), shipped_limits()
)
UNITS = (
    Unit("water", "水务局", "Water Bureau", "district"),
    Unit("city_appearance", "市容环卫中心", "City Appearance Centre", "district"),
    Unit("housing", "住建局", "Housing Bureau", "district"),
    Unit("traffic", "交警大队", "Traffic Police", "district"),
    Unit("street_office", "滨海街道办", "Binhai Subdistrict Office", "street", STREET),
)
DESK = CaseViewer("desk-all", (Grant("desk"),))
UNIT = CaseViewer("unit-all", (Grant("department_unit"),))
CHECKER = CaseViewer("checker-all", (Grant("checker"),))
ACCOUNTS = {
    "desk-all": (Grant("desk"),),
    "desk-street": (Grant("desk", STREET),),
    "unit-all": (Grant("department_unit"),),
    "checker-all": (Grant("checker"),),
    "analyst-all": (Grant("analyst"),),
    "chief": (Grant("supervisor"),),
    "chief-street": (Grant("supervisor", STREET),),
}
CATEGORIES = ("06010", "06011", "06012", "06001", "06017", "06025")
SOURCES = ("web", "12345", "grid", "inspection", "camera")
RULES = (
    {"order": 10, "category": "06010", "unit": "city_appearance", "tier": ""},
    {"order": 20, "category": "06025", "hours": "8-18", "weekdays": "0-4", "unit": "water", "tier": "district"},
    {"order": 30, "category": "06*", "unit": "housing", "tier": ""},
)

LIVES: tuple[tuple[tuple[CaseViewer, str, Detail], ...], ...]
_ACCEPT = (DESK, "accept", Detail())
_TAKEN = (UNIT, "acknowledge", Detail())
_HANDLED = (UNIT, "submit_result", Detail(reason="现场已清理,附近无遗留"))


def _dispatch(unit: str) -> tuple[CaseViewer, str, Detail]:
    return (DESK, "dispatch", Detail(unit=unit))


LIVES = (
    (),
    (_ACCEPT,),
    (_ACCEPT, _dispatch("city_appearance")),
    (_ACCEPT, _dispatch("water"), _TAKEN),
    (_ACCEPT, _dispatch("water"), _TAKEN, (UNIT, "start", Detail())),
    (_ACCEPT, _dispatch("housing"), (UNIT, "request_return", Detail(reason="不在本单位职责范围"))),
    (_ACCEPT, _dispatch("city_appearance"), _TAKEN, _HANDLED),
    (_ACCEPT, _dispatch("city_appearance"), _TAKEN, _HANDLED, (DESK, "ask_check", Detail())),
    (_ACCEPT, _dispatch("traffic"), _TAKEN, _HANDLED, (DESK, "ask_check", Detail()), (CHECKER, "check_pass", Detail()), (DESK, "rate", Detail(score=5))),
    (_ACCEPT, _dispatch("water"), _TAKEN, _HANDLED, (DESK, "ask_check", Detail()), (CHECKER, "check_fail", Detail(reason="仍有积水"))),
)  # fmt: skip
"""What was done in each life, in turn; the first is a report that nobody has looked at."""


def fill(store: Store, areas: gpd.GeoDataFrame, now: datetime, *, cases: int = 40, days: float = 6.0) -> None:
    """Accounts, units, rules and cases.

    Parameters
    ----------
    areas
        Of the sample.
    now
        The moment of the tests; the cases began in the days before.
    """
    known = {user.name for user in store.users.list()}
    for name, grants in ACCOUNTS.items():
        if name not in known:
            store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=now, grants=list(grants))
    store.units.replace(UNITS, viewer=LOCAL_OPERATOR, now=now)
    for unit in UNITS:
        store.units.set_accounts(unit.code, ["unit-all"], viewer=LOCAL_OPERATOR, now=now)
    store.routing.put(parse_rules(RULES), version=0, viewer=LOCAL_OPERATOR, now=now - timedelta(days=days))
    grids = areas[(areas["level"] == "grid") & (areas["kind"] != "special")].reset_index(drop=True)
    rng = np.random.default_rng(20261129)
    chosen = rng.choice(len(grids), size=cases)
    for number in range(cases):
        _live(store, grids.iloc[int(chosen[number])], number, now, days)


def _live(store: Store, grid: "gpd.GeoSeries", number: int, now: datetime, days: float) -> None:
    point = grid.geometry.representative_point()
    began = now - timedelta(days=days * ((number * 7) % 40 + 1) / 41)
    event = Event(
        f"0190f3d2-0000-7000-8000-{number:012d}",
        "wangge",
        CATEGORIES[number % len(CATEGORIES)],
        began,
        source=SOURCES[number % len(SOURCES)],
        lon=float(point.x),
        lat=float(point.y),
        grid=grid.code,
        community=grid.code[:12],
        street=grid.code[:9] + "000",
        district=grid.code[:6] + "000000",
        body={"text": f"路边有垃圾堆放,约 {number % 5 + 1} 平方米", "address": f"{number + 1} 号楼东侧"},
    )
    store.cases.create(event, receipt=f"R-{number:08d}", viewer=DESK, now=began, clockwork=CLOCKWORK)
    steps = LIVES[number % len(LIVES)]
    if number % 3 == 0:
        steps = ((DESK, "escalate", Detail(reason="跨社区,需区级协调", tier="district")), *steps)
    for at, (viewer, move, detail) in enumerate(steps, start=1):
        moment = began + (now - began) * at / (len(steps) + 1)
        store.cases.move(event.id, move, viewer=viewer, now=moment, version=None, detail=detail, clockwork=CLOCKWORK)


def with_cases(sample: str, path: Path, now: datetime) -> str:
    """A copy of a store of the sample, with cases; its URL."""
    whole = open_store(sample)
    whole.snapshot(path)
    areas = whole.areas.read(LOCAL_OPERATOR, on=now.date())
    whole.close()
    url = f"sqlite:///{path}"
    store = open_store(url)
    fill(store, areas, now)
    store.close()
    return url
