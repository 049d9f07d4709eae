"""Patrol plans: frozen documents by day and shift, each with a version and a status.

A saved plan never changes; a better one is a new version. Only its status moves, and only by :meth:`Plans.move`.
"""

import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from gis.errors import InputError, NotFoundError, PlanError, ScopeError, StoreError
from webmap.auth.permissions import OPERATOR, ROLES
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, own_id, parsed
from webmap.store.models import PLANS
from webmap.store.scoping import in_subtree, sees_code
from webmap.store.viewer import Viewer

STATUSES = ("draft", "published", "running", "closed", "withdrawn")
"""What a plan can be."""

TRANSITIONS: dict[tuple[str, str], str] = {
    ("draft", "published"): "publish_plans",
    ("draft", "withdrawn"): "make_plans",
    ("published", "running"): "publish_plans",
    ("published", "withdrawn"): "publish_plans",
    ("running", "closed"): "publish_plans",
}
"""Every change of status, and the action that a role must have for it."""

IN_FORCE = ("published", "running")
"""Of one day, shift and area, at most one plan is in one of these."""

_NAMES = {
    "draft": ("草稿", "a draft"),
    "published": ("已发布", "published"),
    "running": ("执行中", "running"),
    "closed": ("已结束", "closed"),
    "withdrawn": ("已撤回", "withdrawn"),
}

Check = Callable[[Mapping[str, Any]], Sequence[Any]]
"""The independent check of a document: every broken rule, each with ``zh`` and ``en``."""


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
    base
        Id of the version it was edited from; empty for a plan that was made anew.
    published_at
        When it was published, UTC; None before.
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
    base: str = ""
    published_at: datetime | None = None


class Plans:
    """The patrol plans of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, plan: Mapping[str, Any], *, viewer: Viewer, now: datetime, base: str = "") -> str:
        """Keep a plan as a draft; the same plan again is kept once.

        Parameters
        ----------
        plan
            A JSON document; ``id``, ``date`` (ISO day), ``shift`` and ``area`` are read if they are there.
        base
            Id of the version that was edited; the new one takes its place.

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
        PlanError
            The base is closed or withdrawn, or somebody saved another version of it meanwhile.
        StoreError
            The id is taken by another plan.
        """
        require_zone(now)
        text = canonical(dict(plan), what_zh="巡防方案", what_en="the plan")
        plan_id = own_id(plan, "plan", text)
        day, shift, area, status = (_text(plan, name) for name in ("date", "shift", "area", "status"))
        _check(day, status)
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
            if base:
                _require_base(connection, base, slot, viewer)
            values = slot | {
                "id": plan_id,
                "version": _next_version(connection, slot),
                "status": STATUSES[0],
                "base": base,
            }
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

    def assignment(self, plan_id: str, team: int, viewer: Viewer) -> tuple[StoredPlan, dict[str, Any]]:
        """The tour of one team in a plan that was published.

        Returns
        -------
        plan, tour
            A limited viewer gets it where the plan, or every stop of the tour, lies in their areas: the rest of a plan of
            the whole district stays hidden.

        Raises
        ------
        NotFoundError
            There is no such assignment that the viewer may see.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(PLANS).where(PLANS.c.id == plan_id)).mappings().one_or_none()
            plan = _plan(row) if row is not None else None
            tour = _tour_seen(connection, plan, team, viewer) if plan is not None else None
        if plan is None or tour is None:
            raise NotFoundError(zh="没有这份任务。", en="There is no such assignment.")
        return plan, tour

    def assignments(
        self, viewer: Viewer, *, days: Sequence[str]
    ) -> builtins.list[tuple[StoredPlan, int, dict[str, Any]]]:
        """Plan, number and tour of every team in the plans in force of some days, as far as the viewer may see them."""
        query = select(PLANS).where(PLANS.c.day.in_(list(days)), PLANS.c.status.in_(IN_FORCE))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(PLANS.c.day, PLANS.c.shift, PLANS.c.area)).mappings().all()
            found = [
                (plan, number, _tour_seen(connection, plan, number, viewer))
                for plan in map(_plan, rows)
                for number in range(len(plan.document.get("teams", [])))
            ]
        return [(plan, number, tour) for plan, number, tour in found if tour is not None]

    def replaced_by(self, plan_id: str, team: int, viewer: Viewer) -> str:
        """Id of the version in force that took the place of a plan, if the viewer may see the team's tour in it."""
        with self._database.reading() as connection:
            row = connection.execute(select(PLANS).where(PLANS.c.id == plan_id)).mappings().one_or_none()
            current = _in_force(connection, _plan(row)) if row is not None else None
            if current is None or current.id == plan_id or _tour_seen(connection, current, team, viewer) is None:
                return ""
            return current.id

    def in_force(self, plan: StoredPlan) -> StoredPlan | None:
        """The published or running version of the same day, shift and area; None when there is none."""
        with self._database.reading() as connection:
            return _in_force(connection, plan)

    def versions(self, plan: StoredPlan) -> builtins.list[StoredPlan]:
        """Every version of the same day, shift and area, newest first."""
        query = select(PLANS).where(*_same_slot(plan)).order_by(PLANS.c.version.desc())
        with self._database.reading() as connection:
            return [_plan(row) for row in connection.execute(query).mappings()]

    def move(
        self, plan_id: str, to: str, *, viewer: Viewer, now: datetime, check: Check | None = None, note: str = ""
    ) -> StoredPlan:
        """Change the status of a plan, by the table ``TRANSITIONS`` and nothing else.

        Parameters
        ----------
        to
            One of ``STATUSES``; the status that the plan has already changes nothing.
        check
            The independent check, which a plan must pass to be published.
        note
            Why, for the audit log.

        Returns
        -------
        plan
            As it is now. A plan that is published while an earlier version is in force takes its place: that one is
            withdrawn, or closed where it was running, and then the new one is running.

        Raises
        ------
        InputError
            No such status.
        NotFoundError
            There is no such plan that the viewer may see.
        PlanError
            The plan cannot go there from where it is, has a newer version, has no day, or breaks a rule of the check.
        ScopeError
            The viewer's role may not do it.
        """
        require_zone(now)
        if to not in STATUSES:
            raise _no_status(to)
        if to == "published":
            # Outside the transaction: a document never changes, and the check may take a second.
            _require_sound(self.get(plan_id, viewer), check)
        with self._database.writing() as connection:
            plan = _visible(connection, plan_id, viewer)
            if plan.status == to:
                return plan
            _require_may(plan, to, viewer)
            if (plan.status, to) == ("draft", "published"):
                _require_newest(connection, plan)
                to = _take_place(connection, plan, viewer, now)
            _put_status(connection, plan, to, viewer=viewer, now=now, note=note)
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
    if status and status not in STATUSES:
        raise _no_status(status)
    if status not in ("", STATUSES[0]):
        raise InputError(
            zh="方案只能保存为草稿,再由发布人发布。", en="A plan is saved as a draft and published afterwards."
        )


def _no_status(status: str) -> InputError:
    return InputError(
        zh=f"方案状态应为 {'、'.join(STATUSES)}。", en=f"A plan is one of {', '.join(STATUSES)}, not '{status}'."
    )


def _require_sound(plan: StoredPlan, check: Check | None) -> None:
    if plan.status != "draft":
        return
    if not plan.day or not plan.shift:
        raise PlanError(zh="没有日期或班次的方案不能发布。", en="A plan without a day or a shift cannot be published.")
    broken = [] if check is None else check(plan.document)
    if check is None or broken:
        raise PlanError(
            zh="方案未通过独立检查,不能发布:" + ";".join(item.zh for item in broken[:3]),
            en="The plan fails the independent check and is not published: "
            + "; ".join(item.en for item in broken[:3]),
        )


def _require_may(plan: StoredPlan, to: str, viewer: Viewer) -> None:
    action = TRANSITIONS.get((plan.status, to))
    if action is None:
        now, then = _NAMES[plan.status], _NAMES[to]
        raise PlanError(
            zh=f"方案第 {plan.version} 版{now[0]},不能改为“{then[0]}”。",
            en=f"Version {plan.version} of the plan is {now[1]}; it cannot become {then[1]}.",
        )
    if viewer.role != OPERATOR and (viewer.role not in ROLES or action not in ROLES[viewer.role].actions):
        raise ScopeError(
            zh=f"“{viewer.actor}”没有此项权限 ({action})。", en=f"'{viewer.actor}' is not granted this ({action})."
        )


def _require_base(connection: Connection, base: str, slot: Mapping[str, str], viewer: Viewer) -> None:
    known = _visible(connection, base, viewer)
    if any(getattr(known, name) != value for name, value in slot.items()):
        raise InputError(
            zh="新版本的日期、班次和区域须与原方案相同。", en="A new version keeps the day, shift and area of its base."
        )
    if known.status in ("closed", "withdrawn"):
        zh, en = _NAMES[known.status]
        raise PlanError(
            zh=f"第 {known.version} 版{zh},不能再编辑。", en=f"Version {known.version} is {en} and takes no more edits."
        )
    _require_newest(connection, known)


def _require_newest(connection: Connection, plan: StoredPlan) -> None:
    """Of two leaders who edit the same version, the second is told who was first."""
    query = select(PLANS).where(PLANS.c.base == plan.id, PLANS.c.status != "withdrawn").order_by(PLANS.c.version)
    row = connection.execute(query).mappings().first()
    if row is not None:
        raise PlanError(
            zh=f"第 {plan.version} 版已有新版本:{row['saved_by']} 保存了第 {row['version']} 版。请在新版本上继续。",
            en=f"Version {plan.version} has been changed: {row['saved_by']} saved version {row['version']}; go on from that.",
        )


def _tour_seen(connection: Connection, plan: StoredPlan, team: int, viewer: Viewer) -> dict[str, Any] | None:
    teams = plan.document.get("teams", [])
    if plan.published_at is None or not 0 <= team < len(teams):
        return None
    tour: dict[str, Any] = teams[team]
    if sees_code(connection, viewer, plan.area):
        return tour
    grids = {str(stop["grid"]) for stop in tour["stops"] if stop["kind"] != "break"}
    return tour if grids and all(grid and sees_code(connection, viewer, grid) for grid in grids) else None


def _same_slot(plan: StoredPlan) -> builtins.list[Any]:
    return [PLANS.c[name] == getattr(plan, name) for name in ("day", "shift", "area")]


def _in_force(connection: Connection, plan: StoredPlan) -> StoredPlan | None:
    query = select(PLANS).where(*_same_slot(plan), PLANS.c.status.in_(IN_FORCE)).order_by(PLANS.c.version.desc())
    row = connection.execute(query).mappings().first()
    return None if row is None else _plan(row)


def _take_place(connection: Connection, plan: StoredPlan, viewer: Viewer, now: datetime) -> str:
    """End the version in force, and say what the new one becomes."""
    earlier = _in_force(connection, plan)
    if earlier is None:
        return "published"
    ended = "closed" if earlier.status == "running" else "withdrawn"
    _put_status(connection, earlier, ended, viewer=viewer, now=now, note=f"superseded by version {plan.version}")
    connection.execute(update(PLANS).where(PLANS.c.id == plan.id).values(published_at=now))
    return earlier.status


def _put_status(
    connection: Connection, plan: StoredPlan, status: str, *, viewer: Viewer, now: datetime, note: str
) -> None:
    values: dict[str, Any] = {"status": status} | ({"published_at": now} if status == "published" else {})
    connection.execute(update(PLANS).where(PLANS.c.id == plan.id).values(**values))
    detail = {"version": plan.version, "from": plan.status} | ({"note": note[:200]} if note else {})
    note_change(connection, "plans", status, viewer=viewer, now=now, ref=plan.id, area=plan.area, detail=detail)


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
