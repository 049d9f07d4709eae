"""Supervision orders (督办单): a higher desk asks a unit for something by a deadline, the unit replies, the desk closes or sends back.

An order is to a unit and about a case, a place or a task, never about a person. Overdue is not a state: it is what the clock says of an
order that is open, so an order cannot be made to look on time by leaving a field alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gis.dispatch.clocks import Clock, Deadline, Extension, Level, Limit, deadline, level
from gis.dispatch.free_text import mask
from gis.dispatch.workflow import Step, checked_step, steps
from gis.dispatch.working_time import WorkCalendar
from gis.errors import DetailError, InputError, PowerError

ORDER_STATES: Mapping[str, tuple[str, str]] = {
    "draft": ("草稿", "draft"),
    "issued": ("已下发", "issued"),
    "signed": ("已签收", "signed for"),
    "replied": ("已答复", "replied"),
    "sent_back": ("退回重办", "sent back"),
    "closed": ("已办结", "closed"),
    "withdrawn": ("已撤销", "withdrawn"),
}
"""State to its Chinese and English name."""
OPEN = ("issued", "signed", "sent_back")
"""States in which the clock runs: the unit has to do something."""


@dataclass(frozen=True)
class Order:
    """A supervision order.

    Parameters
    ----------
    unit
        Code of the unit that has to reply.
    tier
        Tier of the desk that asks.
    case
        Id of the case that it is about; empty for a task of its own.
    asks, reply
        What is asked for and what was answered; masked.
    limit
        Time to reply, from the moment it is issued.
    clock
        The running clock; None before it is issued.
    due
        The deadline with the version of its calendar.
    returns, extensions
        How often it was sent back and extended.
    replied_at
        The last reply.
    """

    id: str
    unit: str
    tier: str
    limit: Limit
    case: str = ""
    asks: str = ""
    reply: str = ""
    state: str = "draft"
    version: int = 1
    clock: Clock | None = None
    due: Deadline | None = None
    returns: int = 0
    extensions: int = 0
    replied_at: datetime | None = None


@dataclass(frozen=True)
class OrderTold:
    """What is told with a move."""

    asks: str = ""
    reply: str = ""
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class OrderRecord:
    """One move, for the append-only list of moves."""

    order: str
    move: str
    version: int
    source: str
    target: str
    role: str
    unit: str
    at: datetime
    reason: str
    until: datetime | None


def order_moves() -> tuple[Step, ...]:
    """The table of moves."""
    return steps("supervision_moves")


def move_order(
    order: Order,
    move: str,
    work: WorkCalendar,
    *,
    role: str,
    now: datetime,
    units: frozenset[str] = frozenset(),
    version: int | None = None,
    told: OrderTold | None = None,
) -> tuple[Order, OrderRecord]:
    """The order after a move, and the record of it.

    Parameters
    ----------
    work
        Counts the deadline.
    role
        ``supervisor``, ``desk`` or ``department_unit``.
    units
        The units that the account belongs to; a unit's moves are of its own orders.
    version
        The version that was seen; None takes any.

    Raises
    ------
    StateError
        No such move, or the state does not take it.
    VersionError
        The order has another version.
    PowerError
        The role may not, or the order is to another unit.
    DetailError
        Something is missing, or an end date is not after now.
    InputError
        ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise InputError(zh="办理时刻必须带时区。", en="The moment of a move must state its time zone.")
    said = told or OrderTold()
    row = checked_step(
        "supervision_moves", move, state=order.state, role=role, version=order.version, seen=version, told=vars(said)
    )
    if role == "department_unit" and order.unit not in units:
        raise PowerError(zh="督办单不属于您的单位。", en="The order is to another unit.", code="unit")
    until = said.until if "until" in row.needs else None
    if until is not None and (until.tzinfo is None or until <= now):
        raise DetailError(
            zh="截止时间须带时区并晚于现在。", en="An end date has a zone and lies after now.", code="detail"
        )
    after = replace(_after(order, row, said, now, work), state=row.target, version=order.version + 1)
    record = OrderRecord(
        order=order.id,
        move=row.name,
        version=after.version,
        source=order.state,
        target=row.target,
        role=role,
        unit=order.unit,
        at=now.astimezone(UTC),
        reason=mask(said.reason.strip()).text,
        until=until,
    )
    return after, record


def _after(order: Order, row: Step, said: OrderTold, now: datetime, work: WorkCalendar) -> Order:
    match row.name:
        case "issue":
            clock = Clock(now, order.limit)
            return replace(order, asks=mask(said.asks.strip()).text, clock=clock, due=deadline(clock, work))
        case "reply":
            return replace(order, reply=mask(said.reply.strip()).text, replied_at=now.astimezone(UTC))
        case "send_back":
            return _until(replace(order, returns=order.returns + 1), said, now, work)
        case "extend":
            return _until(replace(order, extensions=order.extensions + 1), said, now, work)
        case _:
            return order


def _until(order: Order, said: OrderTold, now: datetime, work: WorkCalendar) -> Order:
    """The deadline moves to an end date; the clock still runs from the first moment."""
    if order.clock is None or said.until is None:
        return order
    clock = replace(order.clock, extension=Extension(said.until, now))
    return replace(order, clock=clock, due=deadline(clock, work))


def order_level(order: Order, now: datetime, work: WorkCalendar) -> Level:
    """The level that an open order has reached by its clock; empty for one that waits for nobody."""
    if order.clock is None or order.state not in OPEN:
        return ""
    return level(order.clock, now, work)


def is_overdue(order: Order, now: datetime) -> bool:
    """Whether an open order is past its deadline, or its last reply came after it."""
    if order.due is None:
        return False
    if order.state in OPEN:
        return now > order.due.at
    return order.replied_at is not None and order.replied_at > order.due.at


def due_list(orders: Iterable[Order], now: datetime, work: WorkCalendar) -> list[tuple[Order, Level, bool]]:
    """Open orders by deadline, earliest first, each with its level and whether it is overdue."""
    found = [each for each in orders if each.state in OPEN and each.due is not None]
    found.sort(key=lambda each: (each.due.at if each.due else now, each.id))
    return [(each, order_level(each, now, work), is_overdue(each, now)) for each in found]
