"""The side desks of the sample district: its committees, and schedules of inspections for its courier outlets, railway and safe harbours.

The same day gives the same schedules. No person is in any of them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gis.dispatch.committees import sample_committees
from webmap.services import Services
from webmap.side_desks.inspections import plan
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR

RAIL_SITES = 8
"""Segments into which the railway is cut, each inspected at its middle."""
RULES: dict[str, dict[str, Any]] = {
    "courier": {"every_days": 30, "opens": "09:00", "closes": "18:00", "working_days": True},
    "safe_harbour": {"every_days": 14, "opens": "08:00", "closes": "22:00"},
    "railway": {"every_days": 7},
}
"""How often a site of each kind is inspected; examples of ours."""


def load_side_desks(services: Services) -> int:
    """Load committees and schedules, once.

    Returns
    -------
    made
        Schedules that are new; 0 where the store holds any already.
    """
    if not services.store.committees.list():
        services.store.committees.replace(sample_committees(), viewer=LOCAL_OPERATOR, now=services.clock())
    if services.store.side_cases.list("schedule", CASE_OPERATOR, limit=1):
        return 0
    today, made = services.today(), 0
    for number, told in enumerate(_sites(services)):
        rule = RULES[told["kind"]]
        # Sites take turns over the days, as inspectors do.
        start = today - timedelta(days=number % rule["every_days"])
        sent = (
            told | rule | {"id": str(uuid5(NAMESPACE_URL, f"wangge:sample:{told['site']}")), "start": start.isoformat()}
        )
        made += plan(services, sent, viewer=CASE_OPERATOR)["is_new"]
    return made


def _sites(services: Services) -> Iterator[dict[str, Any]]:
    row: Any
    places = services.store.layer("places").read(LOCAL_OPERATOR)
    for row in places[places["kind"].isin(list(RULES))].sort_values("id").itertuples():
        yield {
            "site": row.id,
            "kind": row.kind,
            "name": row.name_zh,
            "name_en": row.name_en,
            "lon": float(row.lon),
            "lat": float(row.lat),
        }
    streets = services.store.layer("streets").read(LOCAL_OPERATOR)
    for row in streets[streets["kind"] == "rail"].sort_values("id").itertuples():
        for part in range(RAIL_SITES):
            middle = row.geometry.interpolate((part + 0.5) / RAIL_SITES, normalized=True)
            names = {"name": row.name_zh or "铁路", "name_en": row.name_en or "Railway"}
            titles = {key: f"{name} {part + 1}/{RAIL_SITES}" for key, name in names.items()}
            # Six decimals of a degree: a tenth of a metre.
            place = {"lon": round(middle.x, 6), "lat": round(middle.y, 6)}
            yield {"site": f"{row.id}-{part + 1}", "kind": "railway", **titles, **place}
