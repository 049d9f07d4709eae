"""What a supervision order tells: a message to the outside, and a line to those whose turn it is. Nobody hears of his own move.

It is called inside the transaction of the move. A draft tells nothing, and what is asked and replied is in no message.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from gis.dispatch.supervision import order_moves
from webmap.store.case_scope import CLOCK
from webmap.store.changes import note_change
from webmap.store.models import USERS
from webmap.store.notifications import accounts_with, note_notifications
from webmap.store.outbox import note_outbox
from webmap.store.side_cases import SideCase, SideMove
from webmap.store.side_models import SIDE_MOVES
from webmap.store.telling import unit_accounts

FOR_UNIT = frozenset({"issue", "send_back", "extend", "withdraw", "accept_reply"})
"""Moves after which the unit is the next to act, or learns what became of its reply."""


def tell_order(connection: Connection, move: SideMove, case: SideCase) -> None:
    """Put a message and the lines of a move of an order beside it; other records tell nothing."""
    is_draft = move.source in ("", "draft") and move.move != "issue"
    if case.kind != "order" or is_draft:
        return
    payload = {"version": case.version, "move": move.move, "from": move.source, "to": move.target, "role": move.role}
    note_outbox(
        connection, f"order.{move.move}", ref=case.id, now=move.at, area=case.area, payload=payload | _about(case)
    )
    accounts = unit_accounts(connection, case.unit) if move.move in FOR_UNIT else []
    accounts = givers(connection, case.id) if move.move == "reply" else accounts
    named = next(each for each in order_moves() if each.name == move.move)
    _lines(connection, case, f"order.{move.move}", set(accounts) - {move.actor}, named.zh, named.en, move.at)


def tell_overdue(connection: Connection, case: SideCase, now: datetime) -> None:
    """Put a message, a row of the audit log, and lines to the unit, to who gave the order and to the supervisors beside it."""
    topic, viewer = "order.overdue", CLOCK.viewer()
    note_outbox(
        connection, topic, ref=case.id, now=now, area=case.area, payload={"version": case.version} | _about(case)
    )
    detail = {"version": case.version, "unit": case.unit}
    note_change(
        connection, "supervision", "order_overdue", viewer=viewer, now=now, ref=case.id, area=case.area, detail=detail
    )
    accounts = {*unit_accounts(connection, case.unit), *givers(connection, case.id)}
    accounts |= set(accounts_with(connection, ["supervisor"], case.area))
    _lines(
        connection, case, topic, accounts, "已逾期,请尽快答复或申请延期", "overdue; reply, or ask for more time", now
    )


def givers(connection: Connection, order_id: str) -> list[str]:
    """Open accounts that wrote or issued an order; the local operator has none."""
    m = SIDE_MOVES.c
    wrote = select(m.actor).where(m.kind == "order", m.id == order_id, m.move.in_(("draft", "issue")))
    query = select(USERS.c.name).where(USERS.c.name.in_(wrote), USERS.c.disabled.is_(False))
    return sorted(connection.scalars(query))


def _about(case: SideCase) -> dict[str, str | None]:
    told = {name: getattr(case, name) for name in ("state", "unit", "grid", "street", "district")}
    due = case.due_at.isoformat() if case.due_at else None
    return told | {"tier": str(case.body.get("tier", "")), "due_at": due}


def _lines(
    connection: Connection, case: SideCase, topic: str, accounts: Iterable[str], zh: str, en: str, now: datetime
) -> None:
    names = sorted(accounts)
    if names:
        lines = {"zh": f"督办单 {case.id}:{zh}", "en": f"Supervision order {case.id}: {en}"}
        note_notifications(connection, names, topic, **lines, now=now, ref=case.id, area=case.area)
