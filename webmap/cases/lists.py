"""Lists of cases: pages by filter, newest first, and the work list by urgency. It shows what the store lets the viewer see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.dispatch import states
from gis.errors import FilterError
from webmap.cases.clockwork import clockwork_of
from webmap.cases.remaining import left_of, left_of_plain
from webmap.cases.shown import NOT_DUE, SOON, due, shown
from webmap.services import Services
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import CaseQuery, Waiting
from webmap.store.events import Event

MOST = 500
"""Cases that are told at once."""


def page(services: Services, query: CaseQuery, *, viewer: CaseViewer) -> dict[str, Any]:
    """Cases that answer a query, newest first, and the cursor of the next page, empty after the last.

    Raises
    ------
    FilterError
        A state that is none, or too many cases at once.
    """
    unknown = sorted(set(query.states) - set(states()))
    if unknown or not 0 < query.limit <= MOST:
        raise FilterError(
            zh=f"state 应为 {'、'.join(states())};limit 为 1-{MOST}。",
            en=f"state is one of {', '.join(states())}; limit is 1 to {MOST}.",
        )
    found = services.store.cases.page(replace(query, limit=query.limit + 1), viewer)
    told, more = found[: query.limit], len(found) > query.limit
    return {"events": shown_all(services, told), "next": cursor_of(told[-1]) if more else ""}


def cursor_of(event: Event) -> str:
    """Where the next page begins."""
    moment = event.created_at
    return f"{moment.isoformat() if moment else ''}~{event.id}"


def after(cursor: str) -> tuple[datetime, str] | None:
    """The moment and id of a cursor; None for an empty one.

    Raises
    ------
    FilterError
        It is none.
    """
    if not cursor:
        return None
    told, _, event_id = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None or not event_id or not 1900 <= moment.year <= 2200 or "\x00" in event_id:
        raise FilterError(zh="after 不是有效的页码。", en="after is no cursor of a page before.")
    return moment, event_id


def work_list(
    services: Services,
    *,
    viewer: CaseViewer,
    area: str = "",
    unit: str = "",
    limit: int = 100,
    everything: bool = False,
) -> dict[str, Any]:
    """Live cases that wait for the viewer, those first of whose limit the least is left.

    Returns
    -------
    answer
        ``events``, and of all of them ``of``, ``overdue`` and ``soon``. Paused ones come after the others, those without a
        clock last; of equal ones the lowest id first.
    """
    live = [name for name, state in states().items() if state.live]
    waiting = services.store.cases.waiting(viewer, live=live, area=area, unit=unit, everything=everything)
    left = _left(services, waiting)
    paused = np.array([bool(each.paused) for each in waiting], dtype=bool)
    # Overdue ones stand first even while they are paused, as their pressure is told.
    group = np.where(np.isnan(left), 2, np.where(paused & ~(left < 0), 1, 0))
    order = np.lexsort((np.nan_to_num(left), group))[:limit]
    events = services.store.cases.by_ids([waiting[row].event for row in order], viewer)
    return {
        "events": shown_all(services, events),
        "of": len(waiting),
        "overdue": int((left < 0).sum()),
        "soon": int((~paused & (left >= 0) & (left < SOON)).sum()),
    }


def shown_all(services: Services, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Cases as programs are told them, in order."""
    running = services.store.cases.running([event.id for event in events])
    units = {unit.code: unit for unit in services.store.units.list()} if events else {}
    first = {event: min(clocks, key=lambda each: (each.due_at, each.stage)) for event, clocks in running.items()}
    left = left_of(list(first.values()), services.clock(), clockwork_of(services)) if first else ()
    dues = {event: due(clock, part) for (event, clock), part in zip(first.items(), map(float, left), strict=True)}
    return [shown(event, dues.get(event.id, NOT_DUE), units) for event in events]


def _left(services: Services, waiting: Sequence[Waiting]) -> npt.NDArray[np.float64]:
    """The part of the limit that is left of each case, shape (n,); nan without a clock."""
    left = np.full(len(waiting), np.nan)
    now, clockwork = services.clock(), clockwork_of(services)
    plain = [row for row, each in enumerate(waiting) if each.stage is not None and each.is_plain]
    told = [waiting[row] for row in plain]
    starts, amounts = [each.started_us or 0 for each in told], [each.amount or 0.0 for each in told]
    left[plain] = left_of_plain(starts, amounts, [each.unit or "" for each in told], now, clockwork)
    other = [row for row, each in enumerate(waiting) if each.stage is not None and not each.is_plain]
    running = services.store.cases.running([waiting[row].event for row in other])
    clocks = [min(running[waiting[row].event], key=lambda each: (each.due_at, each.stage)) for row in other]
    left[other] = left_of(clocks, now, clockwork)
    return left
