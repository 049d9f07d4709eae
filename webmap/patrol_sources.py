"""What a plan starts from in the store: who asks for stops, who borders whom, and the beats of the weeks before.

It brings tables to the library's functions and plans nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.dispatch import states
from gis.errors import InputError
from gis.grid.neighbours import Neighbours
from gis.incidents import IncidentFilter, taxonomy
from gis.patrol import stops_from
from gis.patrol.barriers import cut_by_barriers
from gis.patrol.demand import ORIGINS, DemandOptions, MustRule, ShiftClock
from webmap.camera_studies import blind_table
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.events import Event

SOURCES = ORIGINS
"""What may ask for stops."""
USUAL_SOURCES = ("hot_spot", "must", "event")
"""What asks unless the planner says otherwise."""
KEEP_DAYS = 28
"""How far back beats are looked for to grow out of."""
CLOSED = frozenset(name for name, state in states().items() if not state.live)
"""States of an event that ask for nobody: drafts, and what is resolved, rejected, merged, withdrawn or archived."""


def stops_asked_for(
    services: Services,
    viewer: Viewer,
    *,
    clock: ShiftClock,
    demand: IncidentFilter,
    sources: Sequence[str],
    options: DemandOptions,
    musts: Sequence[MustRule],
    forecast: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What the sources ask for in one shift, as ``gis.patrol.stops_from`` gives it.

    Raises
    ------
    InputError
        No such source.
    """
    asked = set(sources)
    unknown = sorted(asked - set(SOURCES))
    if unknown:
        raise InputError(
            zh=f"没有需求来源“{'、'.join(unknown)}”;可用:{'、'.join(SOURCES)}。",
            en=f"No such source of demand: {', '.join(unknown)}; there are {', '.join(SOURCES)}.",
        )
    ahead = forecast if "forecast" in asked else None
    if "hot_spot" not in asked:
        # The forecast alone decides; without one no hot grid is asked for.
        options = replace(options, forecast_weight=1.0, max_grids=options.max_grids if ahead is not None else 0)
    streets = services.layer("streets", viewer)
    return stops_from(
        services.hot_grids(viewer, demand),
        services.areas(viewer),
        services.layer("places", viewer),
        shift_s=clock.seconds,
        crs=services.metric(viewer),
        incidents=_incidents(services, viewer, demand),
        days=services.period(viewer, demand).days,
        options=options,
        clock=clock,
        forecast=ahead,
        musts=musts if "must" in asked else (),
        railways=streets if "railway" in asked and len(streets) else None,
        events=open_events(services, viewer) if "event" in asked else None,
        blind=blind_table(services, viewer, demand) if "blind_spot" in asked else None,
    )


def _incidents(services: Services, viewer: Viewer, demand: IncidentFilter) -> pd.DataFrame:
    """The incidents, with the code of the finest level as their grid: a district may have none below communities."""
    found, level = services.incidents(viewer, demand), services.tree(viewer).leaf_level
    return found if level == "grid" else found.assign(grid=found[level])


def open_events(services: Services, viewer: Viewer) -> pd.DataFrame:
    """The events of the desk that are not closed: ``id``, ``lon``, ``lat``, ``occurred_at``, ``due_at``, names, ``grid``."""
    found: list[dict[str, Any]] = []
    page = services.store.events.list(viewer)
    while page:
        found += [_event_row(each, services.zone) for each in page if each.state not in CLOSED]
        page = services.store.events.list(viewer, after=page[-1].id)
    return pd.DataFrame(found, columns=["id", "lon", "lat", "occurred_at", "due_at", "name_zh", "name_en", "grid"])


def _event_row(event: Event, zone: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "lon": event.lon,
        "lat": event.lat,
        "occurred_at": event.occurred_at,
        "due_at": event.due_at or _due(event.body.get("due_at"), zone),
        "name_zh": taxonomy.name(event.scheme, event.category, "zh"),
        "name_en": taxonomy.name(event.scheme, event.category, "en"),
        "grid": event.grid,
    }


def _due(told: object, zone: str) -> datetime | None:
    """The moment a client wrote as due, local where it names no zone; none where it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def adjacency(services: Services, viewer: Viewer, cells: gpd.GeoDataFrame) -> Neighbours:
    """Who borders whom, without those that a railway, a motorway or a river parts."""
    near, streets = services.neighbours(viewer), services.layer("streets", viewer)
    if not len(streets):
        return near
    crs = services.metric(viewer)
    return services.keep("adjacency", viewer, lambda: cut_by_barriers(near, cells, streets, crossings=streets, crs=crs))


def last_beats(
    services: Services, viewer: Viewer, day: date, shift: str, teams: int, codes: Sequence[str], area: str = ""
) -> npt.NDArray[np.int64] | None:
    """The beats of the newest earlier plan of the same area, shift and number of teams; None where there is none in four weeks."""
    for back in range(1, KEEP_DAYS + 1):
        kept = services.store.plans.list(viewer, date=day - timedelta(back), shift=shift)
        for plan in kept:
            beats = plan.document.get("beats") or {}
            numbers = [int(beats[code][0]) if code in beats else -1 for code in codes]
            ours = len({number for number in numbers if number >= 0})
            if plan.area == area and plan.status != "withdrawn" and ours == _teams_of(plan.document) == teams:
                return np.array(numbers, dtype=np.int64)
    return None


def _teams_of(plan: dict[str, Any]) -> int:
    return len({int(beat) for beat, *_ in (plan.get("beats") or {}).values()})
