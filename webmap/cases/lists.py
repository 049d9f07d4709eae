"""Lists of cases: pages by filter, newest first, and the work list by urgency. It shows what the store lets the viewer see."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import repeat
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

PRESSURES = ("overdue", "soon", "normal", "paused", "none")
"""How a case stands against its first deadline, most pressing first."""

_GROUPS = np.array([0, 0, 0, 1, 2])
"""In which order they are listed: what runs by what is left of it, then what stands still, then what has no clock."""


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
    waiting = services.store.cases.waiting(viewer, replace(wanted, states=live), everything=everything) if live else []
    columns = dict(zip(Waiting._fields, zip(*waiting, strict=True) if waiting else repeat(()), strict=False))
    left = _left(services, columns)
    kind = _kinds(left, np.array(columns["paused"], dtype=bool))
    chosen = np.flatnonzero(kind == PRESSURES.index(pressing)) if pressing else np.arange(len(waiting))
    order = chosen[np.lexsort((np.nan_to_num(left[chosen]), _GROUPS[kind[chosen]]))][:limit]
    events = services.store.cases.by_ids([waiting[row].event for row in order], viewer)
    by = dict(zip(PRESSURES, np.bincount(kind, minlength=len(PRESSURES)).tolist(), strict=True))
    return {
        "events": shown_all(services, events),
        "of": len(waiting),
        "overdue": by["overdue"],
        "soon": by["soon"],
        "by": by,
        "found": len(chosen),
    }


def _kinds(left: npt.NDArray[np.float64], paused: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Which of ``PRESSURES`` each case is, as :func:`webmap.cases.shown.pressure` says of one."""
    told = [np.isnan(left), left < 0, paused, left < SOON]
    return np.select(
        told, [PRESSURES.index(name) for name in ("none", "overdue", "paused", "soon")], PRESSURES.index("normal")
    )


def shown_all(services: Services, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Cases as programs are told them, in order."""
    running = services.store.cases.running([event.id for event in events])
    units = {unit.code: unit for unit in services.store.units.list()} if events else {}
    first = {event: min(clocks, key=lambda each: (each.due_at, each.stage)) for event, clocks in running.items()}
    left = left_of(list(first.values()), services.clock(), clockwork_of(services))
    parts = zip(first.items(), left.share.tolist(), left.seconds.tolist(), strict=True)
    dues = {event: due(clock, share, seconds) for (event, clock), share, seconds in parts}
    return [shown(event, dues.get(event.id, NOT_DUE), units) for event in events]


def _left(services: Services, columns: Mapping[str, Sequence[Any]]) -> npt.NDArray[np.float64]:
    """The part of the limit that is left of each case, shape (n,); nan without a clock.

    Parameters
    ----------
    columns
        The fields of ``Waiting``, each of all cases.
    """
    events, stages = columns["event"], columns["stage"]
    left = np.full(len(events), np.nan)
    now, clockwork = services.clock(), clockwork_of(services)
    runs = np.fromiter((stage is not None for stage in stages), dtype=bool, count=len(stages))
    is_plain = np.array(columns["is_plain"], dtype=bool)
    plain, other = np.flatnonzero(runs & is_plain), np.flatnonzero(runs & ~is_plain).tolist()
    starts, amounts, units = (np.array(columns[name], dtype=object)[plain] for name in ("started_us", "amount", "unit"))
    left[plain] = left_of_plain(starts.astype(np.int64), amounts.astype(float), units.astype("U"), now, clockwork).share
    if other:
        running = services.store.cases.running([events[row] for row in other])
        clocks = [min(running[events[row]], key=lambda each: (each.due_at, each.stage)) for row in other]
        left[other] = left_of(clocks, now, clockwork).share
    return left
