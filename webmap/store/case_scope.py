"""Who asks about cases: an account with all its grants, what it sees of them, and the posts in which it moves one.

A desk sees the cases of its area; a unit those dispatched to it; everybody what he reported; a grid worker also what waits in his area
to be verified or checked. Nothing here widens a grant.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, false, literal_column, or_, select, true, union_all

from gis.dispatch import TIERS, Actor, Post, rank_of
from gis.divisions import level_of_code
from gis.errors import ScopeError
from webmap.auth.permissions import OPERATOR, Grant, effective
from webmap.store.case_models import UNIT_ACCOUNTS
from webmap.store.models import AREAS, EVENTS, LOCATED
from webmap.store.row_security import EVERYTHING, Sight, ground, show_cases
from webmap.store.scoping import located_in, sees_code
from webmap.store.viewer import LOCAL_OPERATOR, Viewer

WAITS_FOR_WORKER = ("verifying", "checking")
"""States in which somebody must go and look."""

LIVE = EVENTS.c.state != literal_column("'archived'")
"""Beside other conditions it leads to the index of cases that are not archived, whatever the statistics say; a literal, since an
index of a part of the rows is not chosen for a parameter."""

REPORTER, SYSTEM = "reporter", "system"
"""Roles that nobody is granted: whoever holds a receipt, and the clock."""


@dataclass(frozen=True)
class CaseViewer:
    """An account with all its grants, since a case is moved by whichever reaches.

    Parameters
    ----------
    actor
        The account; empty for whoever holds a receipt, and for the clock.
    grants
        Its roles and their areas.
    receipt_of
        Id of the one case that a receipt opens; empty without one.
    """

    actor: str
    grants: tuple[Grant, ...]
    receipt_of: str = ""

    def areas(self, action: str) -> tuple[str, ...]:
        """Where it may do something: ``("",)`` everywhere, ``()`` nowhere."""
        return effective(self.grants, action)

    def viewer(self, event_id: str = "") -> Viewer:
        """The account as other parts of the store know it, for the audit log alone."""
        role = self.grants[0].role if self.grants else (REPORTER if event_id else "")
        return Viewer(self.actor, role, ())


CASE_OPERATOR = CaseViewer(LOCAL_OPERATOR.actor, (Grant(OPERATOR),))
"""The local operator of the command line."""

CLOCK = CaseViewer("", (Grant(SYSTEM),))
"""The clock: it sees every case and moves only what the table lets it."""


def sees_case(viewer: CaseViewer) -> ColumnElement[bool]:
    """Cases that somebody may see."""
    if viewer.receipt_of:
        return EVENTS.c.id == viewer.receipt_of
    if any(grant.role == SYSTEM for grant in viewer.grants):
        return true()
    areas = viewer.areas("see_events")
    own = []
    if viewer.actor and viewer.areas("see_own_events"):
        own.append(EVENTS.c.reporter == viewer.actor)
        units = select(UNIT_ACCOUNTS.c.unit).where(UNIT_ACCOUNTS.c.account == viewer.actor)
        ours = and_(EVENTS.c.unit != "", EVENTS.c.unit.in_(units))
        own.append(and_(_located(viewer.areas("handle_events")), ours))
    if _worker(viewer):
        own.append(and_(_located(_worker(viewer)), EVENTS.c.state.in_(WAITS_FOR_WORKER)))
    if areas:
        return or_(_located(areas), *own)
    # Few of many: each part is found by its own index, instead of walking through everything from the newest on.
    return EVENTS.c.id.in_(union_all(*(select(EVENTS.c.id).where(part) for part in own))) if own else false()


def show_to(connection: Connection, viewer: CaseViewer) -> None:
    """Let this transaction see the cases of :func:`sees_case` alone, on PostgreSQL by its row-level security too."""
    if connection.dialect.name == "postgresql":
        show_cases(connection, _sight(connection, viewer))


def _sight(connection: Connection, viewer: CaseViewer) -> Sight:
    if viewer.receipt_of:
        return Sight(case=viewer.receipt_of)
    if any(grant.role == SYSTEM for grant in viewer.grants):
        return EVERYTHING
    own = viewer.actor if viewer.areas("see_own_events") else ""
    return Sight(
        desk=ground(connection, viewer.areas("see_events")),
        account=own,
        units=",".join(sorted(units_of(connection, own))),
        unit_areas=ground(connection, viewer.areas("handle_events")) if own else "",
        worker=ground(connection, _worker(viewer)),
    )


def _worker(viewer: CaseViewer) -> tuple[str, ...]:
    areas = tuple(sorted({grant.area for grant in viewer.grants if grant.role == "grid_worker"}))
    return ("",) if "" in areas else areas


def works_on(connection: Connection, viewer: CaseViewer) -> ColumnElement[bool]:
    """Cases that wait for somebody, of those that are seen.

    A desk works on the cases of its tier in its area, a unit on those dispatched to it, a checker on what was handled, a grid worker on
    what he must look at; whoever holds the whole store on those of the district and the city.
    """
    tests: list[ColumnElement[bool]] = []
    for post in actor_of(connection, viewer).posts:
        here = _located((post.area,))
        if post.role == OPERATOR:
            tests.append(true())
        elif post.role in ("desk", "supervisor"):
            ours = (TIERS[rank_of(post.tier)],) if post.area else ("district", "city")
            tests.append(and_(here, EVENTS.c.tier.in_(ours)))
        elif post.role == "department_unit":
            units = select(UNIT_ACCOUNTS.c.unit).where(UNIT_ACCOUNTS.c.account == viewer.actor)
            tests.append(and_(here, EVENTS.c.unit != "", EVENTS.c.unit.in_(units)))
        elif post.role == "checker":
            tests.append(and_(here, EVENTS.c.state.in_(("handled", "checking"))))
        elif post.role == "grid_worker":
            tests.append(and_(here, EVENTS.c.state.in_(WAITS_FOR_WORKER)))
    return or_(false(), *tests)


def actor_of(connection: Connection, viewer: CaseViewer) -> Actor:
    """The account with its posts and units, as the table of moves sees it."""
    if viewer.receipt_of:
        return Actor("", (Post(REPORTER),))
    posts = tuple(Post(grant.role, grant.area, _tier(connection, grant.area)) for grant in sorted(viewer.grants))
    return Actor(viewer.actor, posts, units_of(connection, viewer.actor))


def units_of(connection: Connection, account: str) -> frozenset[str]:
    """Units that an account belongs to."""
    if not account:
        return frozenset()
    query = select(UNIT_ACCOUNTS.c.unit).where(UNIT_ACCOUNTS.c.account == account)
    return frozenset(connection.scalars(query))


def areas_around(connection: Connection, viewer: CaseViewer, located: tuple[str, ...]) -> tuple[str, ...]:
    """The areas a case lies in by its codes, and those of the viewer's grants that hold them in the tree."""
    granted = sorted({grant.area for grant in viewer.grants if grant.area} - set(located))
    codes = [code for code in located if code]
    holding = [area for area in granted if any(sees_code(connection, Viewer("", "", (area,)), code) for code in codes)]
    return (*codes, *holding)


def require_inside(connection: Connection, viewer: CaseViewer, located: tuple[str, ...], event_id: str) -> None:
    """Refuse a report from outside the areas in which somebody may report.

    Raises
    ------
    ScopeError
        It lies outside, or nowhere that is known and the viewer is limited.
    """
    areas = viewer.areas("report_events")
    if "" in areas or any(grant.role == SYSTEM for grant in viewer.grants):
        return
    limited = Viewer(viewer.actor, "", areas) if areas else None
    if limited is None or not any(sees_code(connection, limited, code) for code in located if code):
        raise ScopeError(
            zh=f"事件 {event_id} 不在“{viewer.actor}”的权限区域内。",
            en=f"Event {event_id} lies outside the areas of '{viewer.actor}'.",
        )


def _located(areas: tuple[str, ...]) -> ColumnElement[bool]:
    if not areas:
        return false()
    return true() if "" in areas else located_in(EVENTS, areas)


def _tier(connection: Connection, area: str) -> str:
    if not area:
        return "city"
    level = level_of_code(area)
    if level:
        return level
    return str(connection.scalar(select(AREAS.c.level).where(AREAS.c.code == area).limit(1)) or "community")


def located_codes(row: object) -> tuple[str, ...]:
    """The codes of a located row, smallest area first."""
    return tuple(str(getattr(row, name)) for name in LOCATED)
