"""One case with everything that is known of it: history, clocks, notices, merged cases, the decision of the rules, explained."""

from typing import Any

from webmap.cases.clockwork import clockwork_of
from webmap.cases.intake import decide
from webmap.cases.lists import shown_all
from webmap.cases.shown import clock_shown, iso, move_shown
from webmap.services import Services
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import WORK_ORDER
from webmap.store.events import Event


def one(services: Services, event_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """A case.

    Raises
    ------
    NotFoundError
        There is none that the viewer may see.
    """
    cases, now, clockwork = services.store.cases, services.clock(), clockwork_of(services)
    event = cases.get(event_id, viewer)
    notices = [
        {"stage": each.stage, "round": each.round, "level": each.level, "tier": each.tier, "at": iso(each.at)}
        for each in services.store.case_ticks.notices(event_id)
    ]
    return {
        "event": shown_all(services, [event])[0],
        "history": [move_shown(each) for each in cases.history(event_id, viewer)],
        "clocks": [clock_shown(each, now=now, clockwork=clockwork) for each in cases.clocks(event_id, viewer)],
        "notices": notices,
        "merged": cases.merged(event_id, viewer),
        "route": routed(services, event),
        "work_order": cases.key_of(event_id, WORK_ORDER, viewer),
    }


def routed(services: Services, event: Event) -> dict[str, Any] | None:
    """The decision that was made when the event came, by the rules of that version; None for an event that no rules saw."""
    told = event.progress.get("route")
    if not told:
        return None
    decision = decide(services, event, services.store.routing.version(told["version"]).table)
    return decision.to_dict() | {"version": told["version"]}
