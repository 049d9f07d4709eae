"""Patrol plans: frozen documents by day and shift, each with a version and a status.

A saved plan never changes; a better one is a new version. Only its status moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from gis.errors import InputError, NotFoundError, ScopeError, StoreError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, own_id, parsed
from webmap.store.models import PLANS
from webmap.store.scoping import in_subtree, sees_code
from webmap.store.viewer import Viewer

STATUSES = ("draft", "published", "withdrawn")
"""What a plan can be."""


@dataclass(frozen=True)
class StoredPlan:
    """A plan as it was saved.

    Parameters
    ----------
    id
        Given by the client, or made from the document.
    day, shift, area
        ISO day, shift name, and code of the area it covers (empty for the whole district).
    version
        1 for the first plan of its day, shift and area.
    status
        One of ``STATUSES``.
    saved_at, saved_by
        When (UTC) and by whom.
    document
        The plan itself, as it was handed over.
    """

    id: str
    day: str
    shift: str
    area: str
    version: int
    status: str
    saved_at: datetime
    saved_by: str
    document: dict[str, Any]


class Plans:
    """The patrol plans of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, plan: Mapping[str, Any], *, viewer: Viewer, now: datetime) -> str:
        """Keep a plan; the same plan again is kept once.

        Parameters
        ----------
        plan
            A JSON document; ``id``, ``date`` (ISO day), ``shift``, ``area`` and ``status`` are read if they are there.

        Returns
        -------
        id
            Of the stored plan.

        Raises
        ------
        InputError
            Not JSON, or a field that makes no sense.
        ScopeError
            A limited viewer plans outside their areas.
        StoreError
            The id is taken by another plan.
        """
        require_zone(now)
        text = canonical(dict(plan), what_zh="巡防方案", what_en="the plan")
        plan_id = own_id(plan, "plan", text)
        day, shift, area, status = (_text(plan, name) for name in ("date", "shift", "area", "status"))
        _check(day, status or STATUSES[0])
        with self._database.writing() as connection:
            if not sees_code(connection, viewer, area):
                raise ScopeError(
                    zh=f"方案区域“{area or '全区'}”不在“{viewer.actor}”的权限内。",
                    en=f"The plan's area '{area or 'the whole district'}' is outside the areas of '{viewer.actor}'.",
                )
            known = connection.scalar(select(PLANS.c.document).where(PLANS.c.id == plan_id))
            if known is not None:
                return _same_or_refuse(plan_id, known, text)
            slot = {"day": day, "shift": shift, "area": area}
            values = slot | {"id": plan_id, "version": _next_version(connection, slot), "status": status or STATUSES[0]}
            connection.execute(insert(PLANS).values(**values, saved_at=now, saved_by=viewer.actor, document=text))
            note_change(connection, "plans", "save", viewer=viewer, now=now, ref=plan_id, area=area)
        return plan_id

    def get(self, plan_id: str, viewer: Viewer) -> StoredPlan:
        """One plan.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        """
        with self._database.reading() as connection:
            return _visible(connection, plan_id, viewer)

    def latest(self, viewer: Viewer, date: date | str | None = None, shift: str | None = None) -> StoredPlan | None:
        """The plan saved last, of a day or shift if asked; none when there is none.

        Notes
        -----
        The latest day counts first, then the moment of saving; withdrawn plans are passed over.
        """
        found = [plan for plan in self.list(viewer, date=date, shift=shift) if plan.status != "withdrawn"]
        return found[0] if found else None

    def list(self, viewer: Viewer, *, date: date | str | None = None, shift: str | None = None) -> list[StoredPlan]:
        """Plans that the viewer may see, latest day first, latest saved first."""
        query = select(PLANS).order_by(PLANS.c.day.desc(), PLANS.c.saved_at.desc(), PLANS.c.version.desc(), PLANS.c.id)
        if date is not None:
            query = query.where(PLANS.c.day == str(date))
        if shift is not None:
            query = query.where(PLANS.c.shift == shift)
        if not viewer.is_unlimited:
            query = query.where(in_subtree([PLANS.c.area], viewer.areas))
        with self._database.reading() as connection:
            return [_plan(row) for row in connection.execute(query).mappings()]

    def set_status(self, plan_id: str, status: str, *, viewer: Viewer, now: datetime) -> StoredPlan:
        """Publish or withdraw a plan.

        Raises
        ------
        InputError
            No such status.
        NotFoundError
            There is no such plan that the viewer may see.
        """
        require_zone(now)
        _check("", status)
        with self._database.writing() as connection:
            plan = _visible(connection, plan_id, viewer)
            if plan.status != status:
                connection.execute(update(PLANS).where(PLANS.c.id == plan_id).values(status=status))
                note_change(connection, "plans", status, viewer=viewer, now=now, ref=plan_id, area=plan.area)
            return _visible(connection, plan_id, viewer)


def _text(plan: Mapping[str, Any], name: str) -> str:
    value = plan.get(name, "")
    if value is not None and not isinstance(value, str):
        raise InputError(zh=f"方案的 {name} 应为文本。", en=f"The plan's {name} must be text.")
    return value or ""


def _check(day: str, status: str) -> None:
    try:
        if day:
            date.fromisoformat(day)
    except ValueError as error:
        raise InputError(zh=f"方案日期“{day}”应如 2026-11-23。", en=f"'{day}' is no ISO day.") from error
    if status not in STATUSES:
        raise InputError(
            zh=f"方案状态应为 {'、'.join(STATUSES)}。", en=f"A plan is one of {', '.join(STATUSES)}, not '{status}'."
        )


def _next_version(connection: Connection, slot: Mapping[str, str]) -> int:
    same = [PLANS.c[name] == value for name, value in slot.items()]
    return int(connection.scalar(select(func.coalesce(func.max(PLANS.c.version), 0)).where(*same)) or 0) + 1


def _same_or_refuse(plan_id: str, known: str, text: str) -> str:
    if known != text:
        raise StoreError(
            zh=f"方案 {plan_id} 已存在且内容不同;方案保存后不可修改。",
            en=f"Plan {plan_id} is there already and differs; a saved plan never changes.",
        )
    return plan_id


def _visible(connection: Connection, plan_id: str, viewer: Viewer) -> StoredPlan:
    row = connection.execute(select(PLANS).where(PLANS.c.id == plan_id)).mappings().one_or_none()
    if row is None or not sees_code(connection, viewer, row["area"]):
        raise NotFoundError(zh=f"没有方案 {plan_id}。", en=f"There is no plan {plan_id}.")
    return _plan(row)


def _plan(row: Any) -> StoredPlan:
    return StoredPlan(**(dict(row) | {"document": parsed(row["document"])}))
