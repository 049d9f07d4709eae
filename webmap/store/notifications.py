"""What accounts are told in the pages: a line each, unread until they say so, deleted after a set period.

A line is written in the transaction of the change it tells of, to every account whose roles concern it there. It holds
codes and our own words, never what a citizen wrote, and an account reads its own lines only.
"""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from gis.divisions import is_within
from gis.errors import InputError
from webmap.auth.permissions import ROLES
from webmap.store.db import Database
from webmap.store.documents import canonical, named_by_content
from webmap.store.models import AREAS, GRANTS, USERS
from webmap.store.moments import require_zone
from webmap.store.outbox_models import NOTIFICATIONS

LONGEST = 300
"""Characters of one line."""


@dataclass(frozen=True)
class Notification:
    """A line for one account.

    Parameters
    ----------
    topic
        What it is about, such as ``event.overdue``.
    zh, en
        The line.
    ref, area
        The record it is about, and the area.
    at, read_at
        When it was written and when it was read, UTC.
    """

    id: str
    account: str
    topic: str
    zh: str
    en: str
    ref: str
    area: str
    at: datetime
    read_at: datetime | None = None


def accounts_with(connection: Connection, roles: Iterable[str], area: str) -> list[str]:
    """Open accounts that hold one of the roles in an area, in order of name."""
    above = _above(connection, area)
    query = (
        select(GRANTS.c.account, GRANTS.c.area)
        .join(USERS, USERS.c.name == GRANTS.c.account)
        .where(GRANTS.c.role.in_(list(roles)), USERS.c.disabled.is_(False))
    )
    held = connection.execute(query)
    return sorted({row.account for row in held if not row.area or row.area in above or is_within(area, row.area)})


def roles_that(action: str) -> tuple[str, ...]:
    """The roles that may do something."""
    return tuple(name for name, role in ROLES.items() if action in role.actions)


def note_notifications(
    connection: Connection,
    accounts: Sequence[str],
    topic: str,
    *,
    zh: str,
    en: str,
    now: datetime,
    ref: str = "",
    area: str = "",
) -> int:
    """Tell accounts something, inside the transaction of the change; the same again is told once.

    Returns
    -------
    count
        Lines that are new.

    Raises
    ------
    InputError
        A moment without a zone, or a line that is empty or too long.
    """
    require_zone(now)
    if not zh or not en or max(len(zh), len(en)) > LONGEST or "\x00" in zh + en + ref:
        raise InputError(
            zh=f"通知应有中英文,各不超过 {LONGEST} 字。",
            en=f"A notification is a line of at most {LONGEST} characters in both languages.",
        )
    made = [Notification(_id(name, topic, ref, now, zh), name, topic, zh, en, ref, area, now) for name in accounts]
    ids = select(NOTIFICATIONS.c.id).where(NOTIFICATIONS.c.id.in_([each.id for each in made]))
    known = set(connection.scalars(ids))
    rows = [vars(each) for each in {each.id: each for each in made}.values() if each.id not in known]
    if rows:
        connection.execute(insert(NOTIFICATIONS), rows)
    return len(rows)


class Notifications:
    """The notifications of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, account: str, *, unread: bool = False, limit: int = 50) -> builtins.list[Notification]:
        """Lines of an account, newest first."""
        query = select(NOTIFICATIONS).where(NOTIFICATIONS.c.account == account)
        if unread:
            query = query.where(NOTIFICATIONS.c.read_at.is_(None))
        query = query.order_by(NOTIFICATIONS.c.at.desc(), NOTIFICATIONS.c.id).limit(limit)
        with self._database.reading() as connection:
            return [Notification(**row) for row in connection.execute(query).mappings()]

    def unread(self, account: str) -> int:
        """How many lines an account has not read."""
        mine = and_(NOTIFICATIONS.c.account == account, NOTIFICATIONS.c.read_at.is_(None))
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).where(mine)) or 0)

    def mark_read(self, account: str, *, now: datetime, ids: Sequence[str] | None = None) -> int:
        """Mark lines of an account as read, all of them without ``ids``; how many were not before."""
        require_zone(now)
        mine = and_(NOTIFICATIONS.c.account == account, NOTIFICATIONS.c.read_at.is_(None))
        if ids is not None:
            mine = and_(mine, NOTIFICATIONS.c.id.in_(builtins.list(ids)))
        with self._database.writing() as connection:
            return connection.execute(update(NOTIFICATIONS).where(mine).values(read_at=now)).rowcount

    def purge(self, *, before: datetime) -> int:
        """Delete lines older than ``before``; how many."""
        with self._database.writing() as connection:
            return connection.execute(delete(NOTIFICATIONS).where(NOTIFICATIONS.c.at < before)).rowcount


def _id(account: str, topic: str, ref: str, now: datetime, zh: str) -> str:
    told = canonical([account, topic, ref, now.isoformat(), zh], what_zh="通知", what_en="the notification")
    return named_by_content("note", told)


def _above(connection: Connection, area: str) -> set[str]:
    """An area and what stands above it in the tree."""
    found: set[str] = set()
    while area and area not in found:
        found.add(area)
        parent = select(AREAS.c.parent).where(AREAS.c.code == area).order_by(AREAS.c.valid_from.desc()).limit(1)
        area = connection.scalar(parent) or ""
    return found
