"""Supervision orders (督办单) as they are asked for: given to a unit, replied to, closed, listed by deadline. Never to a person."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gis.dispatch import TIERS, Clock, Deadline, Limit, deadline
from gis.dispatch.clocks import Extension
from gis.dispatch.free_text import mask
from gis.dispatch.supervision import (
    OPEN,
    ORDER_STATES,
    Order,
    OrderTold,
    is_overdue,
    move_order,
    order_level,
    order_moves,
)
from gis.errors import DetailError, InputError
from webmap.cases import told as said
from webmap.cases.clockwork import clockwork_of
from webmap.cases.routing import known_units
from webmap.cases.shown import iso
from webmap.services import Services
from webmap.side_desks.asked import offered, require_taken, role_of, where
from webmap.store.case_scope import CaseViewer
from webmap.store.models import LOCATED
from webmap.store.side_cases import Made, SideCase
from webmap.store.side_ticks import TOLD
from webmap.store.units import Unit

TAKEN = ("id", "unit", "tier", "event", "figure", "area", "asks", "limit", "draft")
"""Fields of a new order; every other one is refused."""
MOVE_TAKEN = ("move", "version", "asks", "reply", "reason", "until")
MOST = 1000
_SHOWN = ("unit", "tier", "event", "figure", "asks", "reply", "returns", "extensions", "limit", "replied_at")


def give(services: Services, told: Mapping[str, Any], *, viewer: CaseViewer) -> dict[str, Any]:
    """Keep a new order and, unless it stays a draft, issue it: its clock starts.

    Parameters
    ----------
    told
        As the body of ``POST /api/supervision`` in docs/side_desks.md.

    Returns
    -------
    answer
        ``order`` and ``is_new``.

    Raises
    ------
    InputError
        A field that is not taken or makes no sense, or no such unit.
    NotFoundError
        There is no such event that the viewer may see.
    ScopeError
        It lies outside the areas in which the viewer supervises units.
    DetailError
        It asks for nothing.
    """
    require_taken(told, TAKEN)
    event, unit = said.text(told, "event"), said.text(told, "unit", most=40)
    if unit not in known_units(services):
        raise InputError(zh=f"没有承办单位“{unit}”。", en=f"There is no unit '{unit}'.")
    if event:
        about = services.store.cases.get(event, viewer)
        codes: dict[str, Any] = {name: str(getattr(about, name)) for name in LOCATED}
    else:
        codes = where(services, told)
    order = Order(
        said.own_id(told),
        unit,
        said.choice(told, "tier", TIERS, "district"),
        _limit(told.get("limit")),
        case=event,
        asks=mask(said.text(told, "asks", most=2000)).text,
    )
    is_draft = told.get("draft") is True
    if not order.asks and not is_draft:
        raise DetailError(zh="督办单须写明督办事项 asks。", en="An order says what it asks for (asks).", code="detail")
    # A limit that ends beyond the calendar is refused before anything is kept.
    deadline(Clock(services.clock(), order.limit), clockwork_of(services).work)
    figure = mask(said.text(told, "figure", most=100)).text
    case = SideCase("order", order.id, order.state, unit=unit, ref=event, body=_body(order, figure), **codes)
    kept, is_new = services.store.side_cases.create(
        case, move="draft", action="supervise_units", sent=told, viewer=viewer, now=services.clock()
    )
    # Sent again after a failure in between, the draft is issued now.
    if kept.state == "draft" and not is_draft:
        sent = {"move": "issue", "version": kept.version, "asks": order.asks}
        return move(services, kept.id, sent, viewer=viewer) | {"is_new": is_new}
    return {"order": shown(services, kept), "is_new": is_new}


def move(
    services: Services, order_id: str, told: Mapping[str, Any], *, viewer: CaseViewer, if_match: str = ""
) -> dict[str, Any]:
    """Make one move by the table of docs/side_desks.md; the order after it.

    Raises
    ------
    NotFoundError
        There is no such order that the viewer may see.
    CaseError
        The move is refused; whoever replied does not accept the reply.
    InputError
        A field that is not taken, or makes no sense.
    """
    require_taken(told, MOVE_TAKEN)
    name, version = said.text(told, "move", most=40), said.version_of(told, if_match)
    texts = {key: said.text(told, key, most=2000) for key in ("asks", "reply", "reason")}
    detail = OrderTold(until=said.moment(told, "until"), **texts)
    now, work = services.clock(), clockwork_of(services).work

    def decide(case: SideCase, roles: tuple[str, ...]) -> Made:
        role = role_of(order_moves(), name, case.state, roles)
        # The store lets a unit's role reach the orders of its own units alone.
        units = frozenset({case.unit})
        after, record = move_order(
            order_of(case), name, work, role=role, now=now, units=units, version=version, told=detail
        )
        due = after.due.at if after.due else None
        # Of which deadline it was told that it is past goes with the order.
        body = _body(after, str(case.body["figure"])) | {TOLD: case.body.get(TOLD, "")}
        changed = replace(case, state=after.state, body=body, due_at=due)
        return Made(changed, role, record.reason, {"until": iso(record.until)} if record.until else {})

    moved = services.store.side_cases.move(
        "order",
        order_id,
        name,
        decide,
        viewer=viewer,
        now=now,
        not_after=("reply",) if name in ("accept_reply", "send_back") else (),
    )
    return {"order": shown(services, moved)}


def one(services: Services, order_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """One order with its history and the moves that the viewer may make now.

    Raises
    ------
    NotFoundError
        There is no such order that the viewer may see.
    """
    case = services.store.side_cases.get("order", order_id, viewer)
    history = services.store.side_cases.history("order", order_id, viewer)
    return {
        "order": shown(services, case),
        "history": [
            {"version": m.version, "move": m.move, "from": m.source, "to": m.target, "role": m.role, "at": iso(m.at)}
            | {"reason": m.reason, "until": m.detail.get("until")}
            for m in history
        ],
        "moves": offered(order_moves(), case.state, services.store.side_cases.roles(case, viewer)),
    }


def listed(
    services: Services,
    *,
    viewer: CaseViewer,
    states: tuple[str, ...] = (),
    unit: str = "",
    area: str = "",
    overdue: bool = False,
    moves: bool = False,
) -> dict[str, Any]:
    """Orders that the viewer may see, those first whose deadline comes first, with how many of them are open and overdue.

    Parameters
    ----------
    overdue
        Only those that are past their deadline or were answered after it.
    moves
        Tell with each the moves that are open to the viewer.

    Raises
    ------
    InputError
        A state that is none.
    """
    if set(states) - set(ORDER_STATES):
        raise InputError(zh=f"state 应为 {'、'.join(ORDER_STATES)}。", en=f"state is one of {', '.join(ORDER_STATES)}.")
    found = services.store.side_cases.list("order", viewer, states=states, area=area, limit=MOST)
    found = [case for case in found if not unit or case.unit == unit]
    found.sort(key=lambda case: (case.state not in OPEN, case.due_at is None, case.due_at, case.id))
    units = {unit.code: unit for unit in services.store.units.list()}
    orders = [shown(services, case, units) for case in found]
    if moves:
        for each, case in zip(orders, found, strict=True):
            each["moves"] = offered(order_moves(), case.state, services.store.side_cases.roles(case, viewer))
    orders = [each for each in orders if each["overdue"]] if overdue else orders
    is_open = [each for each in orders if each["state"] in OPEN]
    return {"orders": orders, "open": len(is_open), "overdue": sum(bool(each["overdue"]) for each in is_open)}


def shown(services: Services, case: SideCase, units: Mapping[str, Unit] | None = None) -> dict[str, Any]:
    """An order as programs are told it, with what the clock says of it now.

    Parameters
    ----------
    units
        By code, where many orders are told; looked up without them.
    """
    order, now = order_of(case), services.clock()
    known = units if units is not None else {each.code: each for each in services.store.units.list()}
    unit = known.get(case.unit)
    zh, en = ORDER_STATES[case.state]
    told = {"event": case.ref, "unit": case.unit, **case.body}
    return {
        "id": case.id,
        "state": case.state,
        "state_zh": zh,
        "state_en": en,
        "version": case.version,
        "unit_zh": unit.zh if unit else "",
        "unit_en": unit.en if unit else "",
        **{name: told[name] for name in _SHOWN},
        **{name: getattr(case, name) for name in LOCATED},
        "due_at": iso(case.due_at),
        "is_sure": order.due.is_sure if order.due else None,
        "level": order_level(order, now, clockwork_of(services).work),
        "overdue": is_overdue(order, now),
        "created_at": iso(case.created_at),
        "updated_at": iso(case.updated_at),
    }


def order_of(case: SideCase) -> Order:
    """The order of a record."""
    body = case.body
    limit, clock, due = Limit(**body["limit"]), body["clock"], body["due"]
    late = (
        Extension(*(datetime.fromisoformat(each) for each in clock["extension"]))
        if clock and clock["extension"]
        else None
    )
    return Order(
        case.id,
        case.unit,
        body["tier"],
        limit,
        case=case.ref,
        asks=body["asks"],
        reply=body["reply"],
        state=case.state,
        version=case.version,
        clock=Clock(datetime.fromisoformat(clock["start"]), limit, extension=late) if clock else None,
        due=Deadline(**(due | {"at": datetime.fromisoformat(due["at"])})) if due else None,
        returns=body["returns"],
        extensions=body["extensions"],
        replied_at=datetime.fromisoformat(body["replied_at"]) if body["replied_at"] else None,
    )


def _body(order: Order, figure: str) -> dict[str, Any]:
    clock, late = order.clock, order.clock.extension if order.clock else None
    return {
        "figure": figure,
        **{name: getattr(order, name) for name in ("tier", "asks", "reply", "returns", "extensions")},
        "limit": vars(order.limit),
        "clock": {"start": iso(clock.start), "extension": [iso(late.until), iso(late.granted_at)] if late else None}
        if clock
        else None,
        "due": vars(order.due) | {"at": iso(order.due.at)} if order.due else None,
        "replied_at": iso(order.replied_at),
    }


def _limit(told: object) -> Limit:
    amount = told.get("amount") if isinstance(told, Mapping) else None
    unit = told.get("unit") if isinstance(told, Mapping) else None
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount) or amount > 10_000:
        raise InputError(
            zh='limit 应为 {"amount": 3, "unit": "working_day"} 的形式。',
            en='limit is of the form {"amount": 3, "unit": "working_day"}.',
        )
    return Limit(float(amount), str(unit))  # type: ignore[arg-type] # another unit is refused by name
