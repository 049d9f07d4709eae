"""Who sees which record of the side desks, and in which roles somebody may move it. Nothing here widens a grant.

Disputes are seen by desks and supervisors of their area and by the accounts of the committee that mediates; orders by those of the area who
supervise units and, once issued, by the unit; schedules and inspections by whoever inspects in the area; key areas by whoever may see
those of the area.
"""

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select, true

from gis.errors import ScopeError
from webmap.store.case_scope import CaseViewer, units_of
from webmap.store.models import LOCATED
from webmap.store.row_security import Sight, ground, show_cases
from webmap.store.scoping import in_subtree, sees_code
from webmap.store.side_models import COMMITTEE_ACCOUNTS, SIDE_CASES
from webmap.store.viewer import Viewer

KINDS = ("dispute", "schedule", "inspection", "order", "key_area")
"""What is kept."""
DRAFT = "draft"
"""State of an order that its unit does not see yet."""

_BY_AREA = {
    "dispute": "see_disputes",
    "schedule": "see_inspections",
    "inspection": "see_inspections",
    "order": "supervise_units",
    "key_area": "see_key_areas",
}
_MEMBERS = {"dispute": "mediator", "order": "department_unit"}
"""Roles that reach a record through a committee or unit, and not by its area alone."""


def sees_side(connection: Connection, viewer: CaseViewer, kind: str) -> ColumnElement[bool]:
    """Records of a kind that somebody may see."""
    c = SIDE_CASES.c
    seen = [_located(viewer.areas(_BY_AREA[kind]))]
    if kind == "dispute":
        ours = and_(c.committee != "", c.committee.in_(sorted(committees_of(connection, viewer.actor))))
        seen.append(and_(_located(viewer.areas("mediate_disputes")), ours))
    if kind == "order":
        ours = and_(c.unit != "", c.state != DRAFT, c.unit.in_(sorted(units_of(connection, viewer.actor))))
        seen.append(and_(_located(viewer.areas("handle_events")), ours))
    return and_(c.kind == kind, or_(*seen))


def show_sides(connection: Connection, viewer: CaseViewer) -> None:
    """Let this transaction see the records of :func:`sees_side` alone, on PostgreSQL by its row-level security too."""
    if connection.dialect.name != "postgresql":
        return
    areas = {name: ground(connection, viewer.areas(action)) for name, action in _SIGHTS.items()}
    units, committees = units_of(connection, viewer.actor), committees_of(connection, viewer.actor)
    show_cases(connection, Sight(units=",".join(sorted(units)), committees=",".join(sorted(committees)), **areas))


_SIGHTS = {
    "disputes": "see_disputes",
    "mediated": "mediate_disputes",
    "orders": "supervise_units",
    "unit_areas": "handle_events",
    "inspections": "see_inspections",
    "key_areas": "see_key_areas",
}


def committees_of(connection: Connection, account: str) -> frozenset[str]:
    """Committees that an account belongs to."""
    query = select(COMMITTEE_ACCOUNTS.c.committee).where(COMMITTEE_ACCOUNTS.c.account == account)
    return frozenset(connection.scalars(query)) if account else frozenset()


def roles_for(
    connection: Connection,
    viewer: CaseViewer,
    kind: str,
    codes: tuple[str, ...],
    *,
    unit: str = "",
    committee: str = "",
) -> tuple[str, ...]:
    """Roles whose grant reaches a record, in order; the local operator's alone is ``operator``.

    Parameters
    ----------
    codes
        Of the areas it lies in, smallest first.
    unit, committee
        Where it is; a unit or mediator reaches what is with it alone.
    """
    reach = set()
    ours = {
        "department_unit": bool(unit) and unit in units_of(connection, viewer.actor),
        "mediator": bool(committee) and committee in committees_of(connection, viewer.actor),
    }
    for grant in viewer.grants:
        by_area = bool(CaseViewer(viewer.actor, (grant,)).areas(_BY_AREA[kind]))
        is_member = grant.role == _MEMBERS.get(kind) and ours[grant.role]
        where = Viewer(viewer.actor, grant.role, (grant.area,) if grant.area else ())
        inside = where.is_unlimited or any(sees_code(connection, where, code) for code in codes if code)
        if inside and (by_area or is_member):
            reach.add(grant.role)
    return tuple(sorted(reach))


def require_may(connection: Connection, viewer: CaseViewer, action: str, codes: tuple[str, ...]) -> None:
    """Refuse who may not do something where a record lies.

    Raises
    ------
    ScopeError
        It lies outside the areas of the action.
    """
    areas = viewer.areas(action)
    if "" in areas:
        return
    where = Viewer(viewer.actor, "", areas) if areas else None
    if where is None or not any(sees_code(connection, where, code) for code in codes if code):
        raise ScopeError(
            zh=f"所述地点不在“{viewer.actor}”的权限区域内 ({action})。",
            en=f"The place lies outside the areas of '{viewer.actor}' ({action}).",
        )


def _located(areas: tuple[str, ...]) -> ColumnElement[bool]:
    if not areas:
        return false()
    return true() if "" in areas else in_subtree([SIDE_CASES.c[name] for name in LOCATED], areas)
