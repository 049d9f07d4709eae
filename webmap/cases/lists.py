"""Lists of cases: pages by filter, newest first, and the work list by urgency. It shows what the store lets the viewer see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from gis.dispatch import deadlines, elapsed_of, states
from gis.dispatch.clocks import seconds, stood
from gis.errors import FilterError
from webmap.cases.clockwork import clockwork_of
from webmap.cases.shown import pressure, shown
from webmap.services import Services
from webmap.store.case_clocks import Clockwork, StoredClock
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import CaseQuery
from webmap.store.events import Event

MOST = 500
"""Cases that are told at once."""

PRESSURES = ("overdue", "soon", "normal", "paused", "none")
"""How a case stands against its first deadline, most pressing first."""


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
    query: CaseQuery | None = None,
    *,
    viewer: CaseViewer,
    limit: int = 100,
    everything: bool = False,
    pressing: str = "",
) -> dict[str, Any]:
    """Live cases that wait for the viewer, those first of whose limit the least is left.

    Parameters
    ----------
    query
        Which of them are wanted; states that are not live answer nothing.
    everything
        All that are seen, whoever must act.
    pressing
        One of ``PRESSURES``: only these are listed; the counts are of all.

    Returns
    -------
    answer
        ``events``; of all wanted ones ``of``, ``overdue``, ``soon`` and ``by`` (how many of each pressure); ``found`` of those that are
        listed. Paused ones come after the others, those without a clock last; of equal ones the lowest id first.

    Raises
    ------
    FilterError
        A pressure that is none.
    """
    if pressing and pressing not in PRESSURES:
        raise FilterError(
            zh=f"pressure 应为 {'、'.join(PRESSURES)}。", en=f"pressure is one of {', '.join(PRESSURES)}."
        )
    wanted = query or CaseQuery()
    live = tuple(name for name, state in states().items() if state.live and name in (wanted.states or (name,)))
    ids, clocks = (
        services.store.cases.waiting(viewer, replace(wanted, states=live), everything=everything) if live else ([], [])
    )
    now, clockwork = services.clock(), clockwork_of(services)
    first = _first_clocks(clocks)
    left = dict(zip(first, _left(list(first.values()), now, clockwork), strict=True))
    kinds = {each: pressure(left[each], paused=first[each].paused) if each in first else "none" for each in ids}
    chosen = [each for each in ids if pressing in ("", kinds[each])]
    order = sorted(chosen, key=lambda each: (_GROUPS[kinds[each]], left.get(each, 0.0), each))
    events = services.store.cases.by_ids(order[:limit], viewer)
    by = Counter(kinds.values())
    return {
        "events": shown_all(services, events),
        "of": len(ids),
        "overdue": by["overdue"],
        "soon": by["soon"],
        "by": {name: by[name] for name in PRESSURES},
        "found": len(chosen),
    }


_GROUPS = {"overdue": 0, "soon": 0, "normal": 0, "paused": 1, "none": 2}


def shown_all(services: Services, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Cases as programs are told them, in order."""
    running = services.store.cases.running([event.id for event in events])
    units = {unit.code: unit for unit in services.store.units.list()} if events else {}
    now, clockwork = services.clock(), clockwork_of(services)
    return [shown(event, running.get(event.id, []), units, now=now, clockwork=clockwork) for event in events]


def _first_clocks(clocks: Sequence[StoredClock]) -> dict[str, StoredClock]:
    """Of each case the clock that ends first."""
    found: dict[str, StoredClock] = {}
    for clock in sorted(clocks, key=lambda each: (each.due_at, each.stage)):
        found.setdefault(clock.event, clock)
    return found


def _left(clocks: Sequence[StoredClock], now: datetime, clockwork: Clockwork) -> list[float]:
    """The part of the limit that is left of each clock: plain ones all at once, extended ones one by one."""
    if not clocks:
        return []
    starts = [seconds(clock.started_at) for clock in clocks]
    units = np.array([clock.unit for clock in clocks])
    paused = np.array([stood(c.clock, now, clockwork.work) if c.pauses else 0 for c in clocks], dtype=np.int64)
    limits = deadlines(starts, [clock.amount for clock in clocks], units, clockwork.work, stood_s=paused)
    run = elapsed_of(starts, units, now, clockwork.work, stood_s=paused)
    left = np.round(1 - run / limits.counted_s, 4)
    return [
        float(part) if clock.extended_until is None else round(1 - clock.share(now, clockwork.work), 4)
        for clock, part in zip(clocks, left, strict=True)
    ]
