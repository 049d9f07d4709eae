"""What a move of a case tells: a message to the outside, and a line to those whose turn it is now.

It is called inside the transaction of the move. The unit hears what is dispatched to it, the desk of the tier what waits
for a decision, the account that reported what became of it; whoever made the move hears nothing of it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from gis.dispatch import TIERS, Record
from gis.dispatch.states import move_from
from gis.errors import Lang
from gis.incidents import taxonomy
from webmap.store.case_models import UNIT_ACCOUNTS
from webmap.store.case_ticks import Notice
from webmap.store.events import Event
from webmap.store.models import GRANTS, USERS
from webmap.store.notifications import accounts_with, note_notifications
from webmap.store.outbox import note_outbox

FOR_DESK = frozenset(
    {
        *("submit", "request_return", "submit_result", "self_handle", "check_pass", "reopen", "appeal", "unmerge"),
        *("verify_done", "escalate", "deescalate", "ask_delay", "ask_suspend", "ask_transfer"),
    }
)
"""Moves after which the desk of the tier is the next to act."""

FOR_UNIT = frozenset(
    {"dispatch", "transfer", "refuse_return", "check_fail", "info_given", "resume", "extend", "refuse", "suspend"}
)
"""Moves after which the unit is the next to act, or learns what became of its request."""

_LEVELS = {
    "warn": ("时限将至", "due soon"),
    "escalate": ("已超时", "overdue"),
    "supervisor": ("严重超时", "long overdue"),
}

FOR_REPORTER = frozenset({"reject", "merge", "accept_result", "check_pass", "archive", "request_info"})


def tell_move(connection: Connection, record: Record, event: Event) -> None:
    """Put a message and the lines of a move beside it."""
    payload = {
        "version": record.version,
        "move": record.move,
        "from": record.source,
        "to": record.target,
        "role": record.role,
        **{name: getattr(record, name) for name in ("tier_from", "tier_to", "unit_from", "unit_to")},
        **{name: getattr(event, name) for name in ("scheme", "category", "source", "found_by", "grid", "street")},
        "into": record.into,
        "score": record.score,
        "until": record.until.isoformat() if record.until else None,
        "due_at": event.due_at.isoformat() if event.due_at else None,
    }
    now, area = record.at, event.area
    note_outbox(connection, f"event.{record.move}", ref=event.id, now=now, area=area, payload=payload)
    accounts = sorted(set(_accounts(connection, record, event)) - {record.actor})
    if accounts:
        move = move_from(record.source, record.move)
        zh, en = (move.zh, move.en) if move is not None else (record.move, record.move)
        lines = _lines(event, zh, en)
        note_notifications(connection, accounts, f"event.{record.move}", **lines, now=now, ref=event.id, area=area)


def tell_notice(connection: Connection, notice: Notice, event: Event) -> None:
    """Put a message and the lines of a level of the clock beside it; an escalation is told as the move that it is, too."""
    payload = {
        "stage": notice.stage,
        "count": notice.round,
        "tier": notice.tier,
        "unit": event.unit,
        **{
            name: getattr(event, name)
            for name in ("state", "scheme", "category", "source", "found_by", "grid", "street")
        },
        "due_at": event.due_at.isoformat() if event.due_at else None,
    }
    topic, now, area = f"event.clock.{notice.level}", notice.at, event.area
    note_outbox(connection, topic, ref=event.id, now=now, area=area, payload=payload)
    if notice.level == "supervisor":
        accounts = accounts_with(connection, ["supervisor"], area)
    elif event.unit:
        accounts = unit_accounts(connection, event.unit)
    else:
        accounts = desk_of(connection, event, event.tier)
    if accounts:
        zh, en = _LEVELS[notice.level]
        lines = _lines(event, zh, en)
        note_notifications(connection, accounts, topic, **lines, now=now, ref=event.id, area=area)


def _lines(event: Event, zh: str, en: str) -> dict[str, str]:
    """What happened to a case of which kind: a number alone says nothing to whoever has twenty of them."""
    langs: tuple[Lang, Lang] = ("zh", "en")
    what = {lang: taxonomy.name(event.scheme, event.category, lang) for lang in langs}
    return {"zh": f"{what['zh']}(事件 {event.id}):{zh}"[:300], "en": f"{what['en']} (event {event.id}): {en}"[:300]}


def unit_accounts(connection: Connection, unit: str) -> list[str]:
    """Accounts that belong to a unit, in order of name."""
    query = select(UNIT_ACCOUNTS.c.account).where(UNIT_ACCOUNTS.c.unit == unit).order_by(UNIT_ACCOUNTS.c.account)
    return list(connection.scalars(query))


def _accounts(connection: Connection, record: Record, event: Event) -> Iterable[str]:
    if record.move in FOR_UNIT and record.unit_to:
        yield from unit_accounts(connection, record.unit_to)
    elif record.move in FOR_UNIT or record.move in FOR_DESK:
        yield from desk_of(connection, event, record.tier_to)
    if record.move in FOR_REPORTER and event.reporter:
        yield event.reporter


def desk_of(connection: Connection, event: Event, tier: str) -> list[str]:
    """Open accounts of the desk of a tier where an event lies; where that tier has none there, of the next one up."""
    areas = {
        "community": {event.community, event.grid} - {""},
        "street": {event.street} - {""},
        "district": {event.district} - {""},
        "city": {""},
    }
    query = select(GRANTS.c.account, GRANTS.c.area).join(USERS, USERS.c.name == GRANTS.c.account)
    query = query.where(GRANTS.c.role == "desk", USERS.c.disabled.is_(False))
    held = connection.execute(query).all()
    above = TIERS[TIERS.index(tier) :] if tier in TIERS else TIERS
    for level in above:
        found = sorted({row.account for row in held if row.area in areas.get(level, set())})
        if found:
            return found
    return []
