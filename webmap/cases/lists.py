"""Lists of cases: pages by filter, newest first, and the work list by urgency. It shows what the store lets the viewer see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from gis.dispatch import deadlines, elapsed_of, states
from gis.errors import FilterError
from webmap.cases.clockwork import clockwork_of
from webmap.cases.shown import pressure, shown
from webmap.services import Services
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import CaseQuery, Waiting
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
    cases = services.store.cases.waiting(viewer, replace(wanted, states=live), everything=everything) if live else []
    left = _left(services, [case for case in cases if case.started_us is not None])
    kinds = {
        case.event: pressure(left[case.event], paused=bool(case.paused)) if case.event in left else "none"
        for case in cases
    }
    chosen = [event for event, kind in kinds.items() if pressing in ("", kind)]
    order = sorted(chosen, key=lambda each: (_GROUPS[kinds[each]], left.get(each, 0.0), each))
    events = services.store.cases.by_ids(order[:limit], viewer)
    by = Counter(kinds.values())
    return {
        "events": shown_all(services, events),
        "of": len(kinds),
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


def _left(services: Services, cases: Sequence[Waiting]) -> dict[str, float]:
    """The part of the limit that is left of each case's first clock: plain ones all at once, others one by one."""
    now, work = services.clock(), clockwork_of(services).work
    plain = [case for case in cases if case.is_plain]
    starts = np.array([case.started_us for case in plain], dtype=np.int64) // 1_000_000
    units = np.array([case.unit for case in plain], dtype=np.str_)
    limits = deadlines(starts, np.array([case.amount for case in plain], dtype=np.float64), units, work)
    parts = np.round(1 - elapsed_of(starts, units, now, work) / limits.counted_s, 4)
    found = {case.event: float(part) for case, part in zip(plain, parts, strict=True)}
    others = services.store.cases.running([case.event for case in cases if not case.is_plain])
    for event, clocks in others.items():
        first = min(clocks, key=lambda clock: (clock.due_at, clock.stage))
        found[event] = round(1 - first.share(now, work), 4)
    return found
