"""The calendar of patrols as the district keeps it: shift patterns, rosters, templates of recurring plans, holidays.

Bodies are plain documents; what they must hold is decided in :mod:`webmap.recurring` and :mod:`webmap.duty_groups`. No person is in any of them.
"""

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from gis.calendar import SpecialDay
from gis.errors import InputError, NotFoundError, ScopeError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, parsed
from webmap.store.models import HOLIDAYS, ROSTERS
from webmap.store.scoping import in_subtree, require_unlimited, sees_code
from webmap.store.viewer import Viewer

KINDS = ("pattern", "roster", "template")
"""What is kept: how groups take turns, who is in the groups of an area, and which plan comes again when."""
LONGEST_ID = 64


@dataclass(frozen=True)
class RosterItem:
    """One pattern, roster or template.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    area
        Code of the area it is for; empty for the whole district, as every pattern is.
    since
        When it was written last, UTC.
    """

    kind: str
    id: str
    area: str
    body: dict[str, Any]
    since: datetime


class Rosters:
    """What a store knows of shifts to come."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, viewer: Viewer) -> builtins.list[RosterItem]:
        """Everything in the viewer's areas, and the patterns, in order of kind and id."""
        query = select(ROSTERS).order_by(ROSTERS.c.kind, ROSTERS.c.id)
        if not viewer.is_unlimited:
            query = query.where(in_subtree([ROSTERS.c.area], viewer.areas) | (ROSTERS.c.kind == "pattern"))
        with self._database.reading() as connection:
            return [_item(row) for row in connection.execute(query).mappings()]

    def put(
        self, kind: str, item_id: str, body: Mapping[str, Any], *, area: str, viewer: Viewer, now: datetime
    ) -> RosterItem:
        """Keep an item instead of the one of the same kind and id.

        Raises
        ------
        InputError
            No such kind, an id that is not a short text, or a body that is not JSON.
        ScopeError
            The area, or that of the item which it replaces, lies outside the viewer's.
        """
        require_zone(now)
        text = canonical(dict(body), what_zh="排班表", what_en="the roster")
        if kind not in KINDS or not 0 < len(item_id) <= LONGEST_ID or "\x00" in item_id + area:
            raise InputError(
                zh=f"种类应为 {'、'.join(KINDS)},编号为不超过 {LONGEST_ID} 字的文本。",
                en=f"The kind is one of {', '.join(KINDS)}, and an id has at most {LONGEST_ID} characters.",
            )
        with self._database.writing() as connection:
            before = _row(connection, kind, item_id)
            _require_sees(connection, viewer, area)
            if before is not None:
                _require_sees(connection, viewer, before.area)
                connection.execute(delete(ROSTERS).where(ROSTERS.c.kind == kind, ROSTERS.c.id == item_id))
            values = {"kind": kind, "id": item_id, "area": area, "body": text, "since": now}
            connection.execute(insert(ROSTERS).values(**values))
            note_change(connection, "rosters", f"put_{kind}", viewer=viewer, now=now, ref=item_id, area=area)
        return RosterItem(kind, item_id, area, parsed(text), now)

    def remove(self, kind: str, item_id: str, *, viewer: Viewer, now: datetime) -> None:
        """Drop an item.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        ScopeError
            A limited viewer drops a pattern, which is the whole district's.
        """
        require_zone(now)
        with self._database.writing() as connection:
            item = _row(connection, kind, item_id)
            if item is None or (kind != "pattern" and not sees_code(connection, viewer, item.area)):
                raise NotFoundError(
                    zh=f"排班表中没有“{item_id}”。", en=f"There is no {kind} '{item_id}' among the rosters."
                )
            _require_sees(connection, viewer, item.area)
            connection.execute(delete(ROSTERS).where(ROSTERS.c.kind == kind, ROSTERS.c.id == item_id))
            note_change(connection, "rosters", f"remove_{kind}", viewer=viewer, now=now, ref=item_id, area=item.area)

    def holidays(self) -> builtins.list[SpecialDay]:
        """The district's own holidays and make-up days in order; none where the shipped table holds."""
        with self._database.reading() as connection:
            rows = connection.execute(select(HOLIDAYS).order_by(HOLIDAYS.c.day)).mappings()
            return [SpecialDay(**(dict(row) | {"day": date.fromisoformat(row["day"])})) for row in rows]

    def put_holidays(self, days: Sequence[SpecialDay], *, viewer: Viewer, now: datetime) -> None:
        """Keep a table of holidays instead of the one before; without days the shipped one holds again.

        Raises
        ------
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改节假日表", "change the table of holidays")
        rows = [vars(each) | {"day": each.day.isoformat()} for each in days]
        with self._database.writing() as connection:
            connection.execute(delete(HOLIDAYS))
            if rows:
                connection.execute(insert(HOLIDAYS), rows)
            note_change(connection, "holidays", "put", viewer=viewer, now=now, count=len(rows))


def _require_sees(connection: Connection, viewer: Viewer, area: str) -> None:
    if not sees_code(connection, viewer, area):
        raise ScopeError(
            zh=f"排班区域“{area or '全区'}”不在“{viewer.actor}”的权限内。",
            en=f"The area '{area or 'the whole district'}' is outside the areas of '{viewer.actor}'.",
        )


def _row(connection: Connection, kind: str, item_id: str) -> RosterItem | None:
    query = select(ROSTERS).where(ROSTERS.c.kind == kind, ROSTERS.c.id == item_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _item(row)


def _item(row: Any) -> RosterItem:
    return RosterItem(**(dict(row) | {"body": parsed(row["body"])}))
