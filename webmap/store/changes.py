"""The change sequence: what changed in the store, in the order in which it became visible.

Workers follow it to refresh what they hold. Numbers are given inside the writing transaction, one writer at a time, so
a follower who read up to ``seq`` never misses an earlier one. It never says what a row contains.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from webmap.store.audit import AuditEntry, note_audit
from webmap.store.db import Database
from webmap.store.models import CHANGES
from webmap.store.moments import require_zone as require_zone
from webmap.store.scoping import sees_code
from webmap.store.viewer import LOCAL_OPERATOR, Viewer


@dataclass(frozen=True)
class Change:
    """One step of the sequence.

    Parameters
    ----------
    seq
        Rises by one with each change.
    layer, action
        For example ``incidents`` and ``upsert``.
    count
        Rows that changed.
    ref
        Id of the one record that changed; empty for a bulk change.
    area
        Code of the area it happened in; empty for the whole layer.
    actor
        Who did it.
    at
        When, UTC.
    """

    seq: int
    layer: str
    action: str
    count: int
    ref: str
    area: str
    actor: str
    at: datetime


class Changes:
    """The change sequence of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> int:
        """Number of the latest change; 0 before the first."""
        with self._database.reading() as connection:
            return last_seq(connection)

    def since(self, seq: int, limit: int = 1000, *, viewer: Viewer = LOCAL_OPERATOR) -> list[Change]:
        """Changes after ``seq``, oldest first, at most ``limit``.

        Parameters
        ----------
        viewer
            A limited viewer gets the changes of their areas, and bulk changes with the count left at 0.
        """
        with self._database.reading() as connection:
            query = select(CHANGES).where(CHANGES.c.seq > seq).order_by(CHANGES.c.seq).limit(limit)
            changes = [Change(**row) for row in connection.execute(query).mappings()]
            if viewer.is_unlimited:
                return changes
            return [
                change if change.area else Change(**(vars(change) | {"count": 0, "ref": "", "actor": ""}))
                for change in changes
                if not change.area or sees_code(connection, viewer, change.area)
            ]


def last_seq(connection: Connection) -> int:
    """Number of the latest change; 0 before the first."""
    return int(connection.scalar(select(func.coalesce(func.max(CHANGES.c.seq), 0))) or 0)


def note_change(
    connection: Connection,
    layer: str,
    action: str,
    *,
    viewer: Viewer,
    now: datetime,
    count: int = 1,
    ref: str = "",
    area: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Add a step to the sequence and a row to the audit log, inside the transaction that makes the change.

    Parameters
    ----------
    detail
        More for the audit log alone.

    Raises
    ------
    InputError
        ``now`` has no zone.
    """
    require_zone(now)
    seq = last_seq(connection) + 1
    values = {"seq": seq, "layer": layer, "action": action, "count": count, "ref": ref, "area": area}
    connection.execute(insert(CHANGES).values(**values, actor=viewer.actor, at=now))
    told = {"change": seq, "count": count, **(detail or {})}
    note_audit(connection, AuditEntry(f"{layer}.{action}", viewer.actor, now, subject=ref, area=area, detail=told))
    return seq
