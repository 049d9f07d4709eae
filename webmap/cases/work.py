"""Moves of cases as they are asked for: one, many, and which are possible. The table and the store decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from gis.dispatch import Move
from gis.errors import CaseError, InputError, NotFoundError, ScopeError, StoreError, WanggeError
from webmap.cases import told as said
from webmap.cases.clockwork import clockwork_of
from webmap.cases.lists import shown_all
from webmap.cases.shown import move_shown
from webmap.services import Services
from webmap.store.case_scope import CaseViewer

MOST_MOVES = 100
"""Moves that are made at once."""


def move(
    services: Services, event_id: str, told: Mapping[str, Any], *, viewer: CaseViewer, if_match: str = ""
) -> dict[str, Any]:
    """Make one move.

    Parameters
    ----------
    told
        As the body of ``POST /api/events/<event_id>/transitions`` in docs/events.md.
    if_match
        The header, which may tell the version instead.

    Returns
    -------
    answer
        ``event`` after it and ``record``.

    Raises
    ------
    NotFoundError
        There is no such case that the viewer may see.
    CaseError
        The move is refused.
    InputError
        A field makes no sense.
    """
    kept = services.store.cases.move(
        event_id,
        said.text(told, "move", most=40),
        viewer=viewer,
        now=services.clock(),
        version=said.version_of(told, if_match),
        detail=said.detail_of(told),
        move_id=said.own_id(told, required=False),
        clockwork=clockwork_of(services),
    )
    record = move_shown(kept.move) if kept.move is not None else None
    return {"event": shown_all(services, [kept.event])[0], "record": record}


def move_many(
    services: Services, wanted: Sequence[Mapping[str, Any]], *, viewer: CaseViewer
) -> list[tuple[dict[str, Any], WanggeError | None]]:
    """Make moves one after another, each by itself: a refused one keeps no other out.

    Returns
    -------
    results
        In order: ``event`` and ``version`` of a move that was made, and the error of one that was not.

    Raises
    ------
    InputError
        None, too many, or something that is no move.
    """
    if not 0 < len(wanted) <= MOST_MOVES or not all(isinstance(each, Mapping) for each in wanted):
        raise InputError(zh=f"moves 应为 1-{MOST_MOVES} 个操作。", en=f"moves is a list of 1 to {MOST_MOVES} moves.")
    results: list[tuple[dict[str, Any], WanggeError | None]] = []
    for each in wanted:
        event_id = str(each.get("event", ""))[:200]
        try:
            made = move(services, event_id, each, viewer=viewer)
        except (CaseError, InputError, NotFoundError, ScopeError, StoreError) as error:
            results.append(({"event": event_id, "ok": False}, error))
        else:
            results.append(({"event": event_id, "ok": True, "version": made["event"]["version"]}, None))
    return results


def moves(services: Services, event_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """The version of a case, and what the viewer may do with it now.

    Raises
    ------
    NotFoundError
        There is no such case that the viewer may see.
    """
    event, found = services.store.cases.allowed(event_id, viewer)
    return {"version": event.version, "moves": [offered(each) for each in found]}


def offered(each: Move) -> dict[str, Any]:
    """A move as it is offered."""
    return {"move": each.name, "to": each.target, "zh": each.zh, "en": each.en, "needs": list(each.needs)}
