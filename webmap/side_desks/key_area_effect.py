"""What became of the reports of a key area since its measures began, against comparison areas, for whoever may see analyses."""

import hashlib
from datetime import UTC, date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry import shape

from gis.dispatch.key_areas import effect_start
from gis.hotspots.area_counts import BUFFER_M, counts_around
from gis.hotspots.area_effect import AreaEffect, area_effect
from gis.hotspots.relative_change import RelativeChange
from gis.incidents import IncidentFilter
from webmap.exposure import exposure_of
from webmap.filters import day_start
from webmap.services import Services
from webmap.side_desks.key_areas import area_of
from webmap.store import Viewer
from webmap.store.case_scope import CaseViewer

LEAST_DAYS, MOST_DAYS = 14, 364
"""Spans are whole weeks, an even number of days, so that weekdays and halves are equal."""


def effect(services: Services, area_id: str, *, cases: CaseViewer, viewer: Viewer, days: int = 0) -> dict[str, Any]:
    """Reports before and after, with denominators, comparison, ring and words.

    Parameters
    ----------
    cases
        Who asks, with all grants: the area must be one that he may see.
    viewer
        Where he may see analyses: comparison areas are found there alone.
    days
        Length of either span; as many whole weeks, by twos, as the data hold on both sides where 0.

    Returns
    -------
    answer
        As docs/key_areas.md tells; ``days`` 0 and words alone where the data do not reach yet.

    Raises
    ------
    NotFoundError
        There is no such key area that the viewer may see.
    InputError
        The area lies in no grid that the viewer sees.
    """
    case = services.store.side_cases.get("key_area", area_id, cases)
    start = effect_start(area_of(case))
    span = _span(services, viewer, start, days)
    if start is None or not span:
        return {"start": start.isoformat() if start else None, "days": 0, "is_shown": False, **_TOO_EARLY}
    key = ("key area effect", area_id, case.version, start, span)
    return services.keep(key, viewer, lambda: _effect(services, viewer, case.id, case.body["outline"], start, span))


_TOO_EARLY = {
    "zh": f"开始整治前后各需至少 {LEAST_DAYS} 天的数据,现在还不能比较。",
    "en": f"At least {LEAST_DAYS} days of data are needed before and after measures began; there is nothing to compare yet.",
}


def _span(services: Services, viewer: Viewer, start: date | None, days: int) -> int:
    data = services.date_range(viewer)
    if data is None or start is None:
        return 0
    begin = day_start(start, services.zone).astimezone(UTC)
    whole = min((begin - data.since).days, (min(data.until, services.clock()) - begin).days, MOST_DAYS)
    if days:
        return days if days <= whole else 0
    return whole // LEAST_DAYS * LEAST_DAYS


def _effect(
    services: Services, viewer: Viewer, area_id: str, outline: dict[str, Any], start: date, days: int
) -> dict[str, Any]:
    first, end = start - timedelta(days=days), start + timedelta(days=days)
    since, begin, until = (day_start(day, services.zone).astimezone(UTC) for day in (first, start, end))
    asked = IncidentFilter(since=since, until=until, found_by=("report",))
    crs = services.metric(viewer)
    ground = gpd.GeoSeries([shape(outline)], crs="EPSG:4326").to_crs(crs).iloc[0]
    cells = services.cells(viewer).to_crs(crs)
    counts = counts_around(services.incidents(viewer, asked), cells, ground, start=begin, days=days)
    # The same area and spans draw the same interval.
    seed = int.from_bytes(hashlib.sha256(f"{area_id}:{start}:{days}".encode()).digest()[:8], "big")
    found = area_effect(counts, days=days, rng=np.random.default_rng(seed))
    return {
        "start": start.isoformat(),
        "days": days,
        "before": [first.isoformat(), (start - timedelta(days=1)).isoformat()],
        "after": [start.isoformat(), (end - timedelta(days=1)).isoformat()],
        "is_shown": found.is_shown,
        "zh": found.text("zh"),
        "en": found.text("en"),
        "groups": [
            {"group": name, "zh": zh, "en": en, **vars(getattr(found, name))} for name, (zh, en) in _GROUPS.items()
        ],
        "change": _change(found.change),
        "buffer_change": _change(found.buffer_change),
        "buffer_m": BUFFER_M,
        "displacement": _displacement(found),
        "comparison": list(found.comparison.units),
        "found": {name: getattr(found.comparison, name) for name in ("candidates", "of_kind", "of_level", "of_trend")},
        "rule": {"zh": found.rule.text("zh"), "en": found.rule.text("en")},
        "exposure": exposure_of(services, viewer, asked),
        "caveats": [{"zh": zh, "en": en} for zh, en in zip(found.caveats("zh"), found.caveats("en"), strict=True)],
    }


_GROUPS = {
    "area": ("重点地区", "key area"),
    "compared": ("对照区", "comparison areas"),
    "buffer": (f"周边 {BUFFER_M:g} 米", f"{BUFFER_M:g} m around"),
}


def _change(found: RelativeChange | None) -> dict[str, Any] | None:
    if found is None:
        return None
    # Not the difference: it compares sums of groups that are not of one size.
    names = ("ratio", "low", "high", "level")
    return {name: _number(getattr(found, name)) for name in names} | {"is_clear": found.is_clear}


def _displacement(found: AreaEffect) -> dict[str, Any] | None:
    moved = found.displacement
    if moved is None:
        return None
    numbers = {name: _number(getattr(moved, name)) for name in ("quotient", "low", "high", "level")}
    return numbers | {"reading": moved.reading, "zh": moved.text("zh"), "en": moved.text("en")}


def _number(value: float) -> float | None:
    """A figure for JSON, which has no word for one that is missing or without end."""
    return round(float(value), 6) if np.isfinite(value) else None
