"""A case as programs are told it: plain JSON, names in both languages, the deadline that runs. It reads what it is given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gis.dispatch import COUNTS, moves, remaining, states
from gis.incidents import taxonomy
from webmap.store.case_clocks import Clockwork, StoredClock
from webmap.store.case_moves import StoredMove
from webmap.store.case_scope import SYSTEM
from webmap.store.events import Event
from webmap.store.units import Unit

SOON = 0.2
"""Below this part of the limit a case is due soon: the level of the warning."""


NOT_DUE: Mapping[str, Any] = {"due_at": None, "stage": "", "remaining": None, "left": None, "pressure": "none"}
"""What :func:`due` tells of a case without a clock."""


def shown(event: Event, pressing: Mapping[str, Any], units: Mapping[str, Unit]) -> dict[str, Any]:
    """One case.

    Parameters
    ----------
    pressing
        What :func:`due` tells of its clock that ends first, or ``NOT_DUE``.
    """
    state, unit = states()[event.state], units.get(event.unit)
    told = event.progress
    counts = told.get("counts", {})
    ask = told.get("ask")
    return {
        "id": event.id,
        "state": event.state,
        "state_zh": state.zh,
        "state_en": state.en,
        "version": event.version,
        "tier": event.tier,
        "unit": event.unit,
        "unit_zh": unit.zh if unit else "",
        "unit_en": unit.en if unit else "",
        "scheme": event.scheme,
        "category": event.category,
        "category_zh": taxonomy.name(event.scheme, event.category, "zh"),
        "category_en": taxonomy.name(event.scheme, event.category, "en"),
        "source": event.source,
        "found_by": event.found_by,
        "urgency": event.urgency,
        "lon": event.lon,
        "lat": event.lat,
        "grid": event.grid,
        "community": event.community,
        "street": event.street,
        "district": event.district,
        "occurred_at": iso(event.occurred_at),
        "created_at": iso(event.created_at),
        "updated_at": iso(event.updated_at),
        "text": event.body.get("text", ""),
        "address": event.body.get("address", ""),
        "attributes": event.body.get("attributes", {}),
        "merged_into": event.merged_into,
        "until": iso(event.until),
        "counts": {name: counts.get(name, 0) for name in COUNTS},
        "ask": {name: ask[name] for name in ("kind", "reason", "at", "until", "unit")} if ask else None,
        "score": told.get("score"),
        **pressing,
    }


def due(first: StoredClock, share: float, seconds: int) -> dict[str, Any]:
    """The deadline that comes first, and how much of its limit is left: ``due_at``, ``stage``, ``remaining``, ``left``
    (seconds of its own clock, below 0 when overdue, with the unit of the limit), ``pressure``.
    """
    return {
        "due_at": iso(first.due_at),
        "stage": first.stage,
        "remaining": share,
        "left": {"seconds": seconds, "unit": first.unit},
        "pressure": pressure(share, paused=first.paused),
    }


def pressure(left: float, *, paused: bool) -> str:
    """``overdue``, ``soon``, ``normal`` or ``paused``."""
    if left < 0:
        return "overdue"
    if paused:
        return "paused"
    return "soon" if left < SOON else "normal"


def move_shown(move: StoredMove) -> dict[str, Any]:
    """One row of the history: roles and units, no account."""
    zh, en = next((each.zh, each.en) for each in moves() if each.name == move.move)
    reason_zh, reason_en = _reasons(move)
    return {
        "move": move.move,
        "zh": zh,
        "en": en,
        "version": move.version,
        "from": move.source,
        "to": move.target,
        "tier_from": move.tier_from,
        "tier_to": move.tier_to,
        "unit_from": move.unit_from,
        "unit_to": move.unit_to,
        "role": move.role,
        "reason": move.reason,
        "reason_zh": reason_zh,
        "reason_en": reason_en,
        "at": iso(move.at),
        **{name: move.detail.get(name) for name in ("until", "into", "score")},
    }


def _reasons(move: StoredMove) -> tuple[str, str]:
    """The reason in both languages: the system writes both, people one."""
    zh, parted, en = move.reason.partition(" / ")
    return (zh, en) if parted and move.role == SYSTEM else (move.reason, move.reason)


def clock_shown(clock: StoredClock, *, now: datetime, clockwork: Clockwork) -> dict[str, Any]:
    """One clock of a case."""
    return {
        "stage": clock.stage,
        "round": clock.round,
        "started_at": iso(clock.started_at),
        "stopped_at": iso(clock.stopped_at),
        "paused": clock.paused,
        "amount": clock.amount,
        "unit": clock.unit,
        "due_at": iso(clock.due_at),
        "in_time": None if clock.stopped_at is None else clock.stopped_at <= clock.due_at,
        "used": round(clock.share(now, clockwork.work), 4),
        "left_s": None if clock.stopped_at else remaining(clock.clock, now, clockwork.work),
        "told": clock.told,
        "calendar": clock.calendar,
        "is_sure": clock.is_sure,
    }


def iso(moment: datetime | None) -> str | None:
    """A moment as text; None where there is none."""
    return moment.isoformat() if moment is not None else None
