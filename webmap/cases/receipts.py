"""What whoever holds a receipt, or 12345 by its work order, may know and do: follow the case, rate it, ask to reopen it, withdraw it.

No account is needed and no contact is kept. It tells no account, no unit's internal reason, and nothing of other cases.
"""

from collections.abc import Mapping
from typing import Any

from gis.dispatch import states
from gis.errors import PowerError
from webmap.cases import told as said
from webmap.cases.clockwork import clockwork_of
from webmap.cases.lists import shown_all
from webmap.cases.shown import iso
from webmap.cases.work import offered
from webmap.services import Services
from webmap.store.case_scope import CLOCK, CaseViewer
from webmap.store.cases import RECEIPT

SHOWN = (
    *(
        "state",
        "state_zh",
        "state_en",
        "version",
        "category",
        "category_zh",
        "category_en",
        "occurred_at",
        "created_at",
    ),
    *("updated_at", "text", "address", "due_at", "score", "unit_zh", "unit_en"),
)
REOPEN_BELOW = 3
"""A reporter reopens a case that he rated below this."""


def holder(services: Services, value: str, *, kind: str = RECEIPT) -> CaseViewer:
    """Whoever holds a receipt, or knows a work order.

    Raises
    ------
    NotFoundError
        There is no such case.
    """
    told = value.strip().upper() if kind == RECEIPT else value.strip()
    return CaseViewer("", (), receipt_of=services.store.cases.by_key(kind, told))


def follow(services: Services, value: str, *, kind: str = RECEIPT) -> dict[str, Any]:
    """The case of a receipt: where it stands, its steps with their time, and what may be done.

    Raises
    ------
    NotFoundError
        There is no such case.
    """
    viewer = holder(services, value, kind=kind)
    event = services.store.cases.get(viewer.receipt_of, viewer)
    told = shown_all(services, [event])[0]
    history = services.store.cases.history(event.id, viewer)
    steps = [{"state": each.target, "at": iso(each.at)} for each in history if each.source != each.target]
    _, found = services.store.cases.allowed(event.id, viewer)
    answer = {"event": {name: told[name] for name in SHOWN}, "steps": steps, "moves": [offered(each) for each in found]}
    if event.merged_into:
        # Whoever reported the same thing later learns what became of it, and nothing else of the other report.
        other = states()[services.store.cases.get(event.merged_into, CLOCK).state]
        answer["merged"] = {"state": other.name, "state_zh": other.zh, "state_en": other.en}
    return answer


def move(services: Services, value: str, told: Mapping[str, Any], *, kind: str = RECEIPT) -> dict[str, Any]:
    """A move of whoever holds a receipt.

    Raises
    ------
    NotFoundError
        There is no such case.
    PowerError
        A case is reopened that was not rated below ``REOPEN_BELOW``.
    CaseError
        The move is refused.
    """
    viewer = holder(services, value, kind=kind)
    event = services.store.cases.get(viewer.receipt_of, viewer)
    name = said.text(told, "move", most=40)
    score = event.progress.get("score")
    if name == "reopen" and (score is None or score >= REOPEN_BELOW):
        raise PowerError(
            zh=f"评分低于 {REOPEN_BELOW} 分方可要求重新办理。",
            en=f"Rate it below {REOPEN_BELOW} first to ask for it to be reopened.",
            code="role",
        )
    services.store.cases.move(
        event.id,
        name,
        viewer=viewer,
        now=services.clock(),
        version=said.version_of(told),
        detail=said.detail_of(told),
        move_id=said.own_id(told, required=False),
        clockwork=clockwork_of(services),
    )
    return follow(services, value, kind=kind)
