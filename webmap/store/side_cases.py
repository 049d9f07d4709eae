"""Records of the side desks: disputes, schedules, inspections, supervision orders, key areas; each move one row with its audit row.

What a move does is decided by the caller's function (the tables of ``gis.dispatch``); here it is kept, whole or not at all. Rows of
moves are never changed. No record is of a person.
"""

import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from gis.errors import ConflictError, InputError, NotFoundError, PowerError
from webmap.auth.permissions import OPERATOR
from webmap.store.case_scope import CaseViewer
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, named_by_content, parsed
from webmap.store.models import LOCATED
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.scoping import in_subtree
from webmap.store.side_models import SIDE_CASES, SIDE_MOVES
from webmap.store.side_scope import KINDS, require_may, roles_for, sees_side, show_sides

LAYERS = {
    "dispute": "disputes",
    "schedule": "inspections",
    "inspection": "inspections",
    "order": "supervision",
    "key_area": "key_areas",
}
"""Under which name a change of each kind stands in the change sequence and the audit log."""
BEGAN = ""
"""State before the first move."""


@dataclass(frozen=True)
class SideCase:
    """One record.

    Parameters
    ----------
    kind
        One of :data:`webmap.store.side_scope.KINDS`.
    unit, committee, ref
        Of an order, of a dispute, and what it is about.
    body
        Everything else, as JSON.
    created_at, updated_at
        Kept by the store.
    """

    kind: str
    id: str
    state: str
    version: int = 1
    unit: str = ""
    committee: str = ""
    ref: str = ""
    grid: str = ""
    community: str = ""
    street: str = ""
    district: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the areas it lies in, smallest first."""
        return tuple(code for code in (self.grid, self.community, self.street, self.district) if code)

    @property
    def area(self) -> str:
        """The smallest area it lies in; empty while unknown."""
        return next(iter(self.codes), "")


@dataclass(frozen=True)
class SideMove:
    """One row of the history of a record."""

    kind: str
    id: str
    version: int
    move: str
    source: str
    target: str
    role: str
    actor: str
    at: datetime
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """What a move makes of a record: the record after it, the role it was made in, what was told."""

    case: SideCase
    role: str
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Decide = Callable[[SideCase, tuple[str, ...]], Made]
"""A record and the roles that reach it, to what a move makes of it; raises where it is refused."""


OnSideMove = Callable[[Connection, SideMove, SideCase], None]
"""Told each move inside its transaction, with the record after it."""


class SideCases:
    """The records of the side desks of a store.

    Parameters
    ----------
    on_move
        Told each move inside its transaction.
    """

    def __init__(self, database: Database, *, on_move: tuple[OnSideMove, ...] = ()) -> None:
        self._database = database
        self._on_move = on_move

    def create(
        self, case: SideCase, *, move: str, action: str, sent: Mapping[str, Any], viewer: CaseViewer, now: datetime
    ) -> tuple[SideCase, bool]:
        """Keep a new record with its first move.

        Parameters
        ----------
        action
            What the viewer must be granted where it lies.
        sent
            What the client said; its digest is kept, so that the same record is known again.

        Returns
        -------
        case, is_new
            The same record sent twice is kept once.

        Raises
        ------
        InputError
            A kind that is none, no id, or a moment without zone.
        ScopeError
            It lies outside the areas in which the viewer may do so.
        ConflictError
            The id belongs to another record.
        """
        require_zone(now)
        if case.kind not in KINDS or not case.id:
            raise InputError(zh="记录缺少种类或编号。", en="The record has no kind or no id.")
        fresh = replace(case, version=1, created_at=now, updated_at=now)
        digest = named_by_content("sent", canonical(dict(sent), what_zh="记录", what_en="the record"))
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            require_may(connection, viewer, action, case.codes)
            known = _row(connection, case.kind, case.id)
            if known is not None:
                first = _moves(connection, case.kind, case.id)[0]
                if first.actor != viewer.actor or first.detail.get("sent") != digest:
                    raise ConflictError(
                        zh=f"编号 {case.id} 已用于另一记录。", en=f"The id {case.id} belongs to another record."
                    )
                return known, False
            connection.execute(insert(SIDE_CASES).values(**_values(fresh)))
            made = Made(fresh, _role(viewer, action), detail={"sent": digest})
            self._noted(connection, move, BEGAN, made, viewer, now)
            return fresh, True

    def move(
        self,
        kind: str,
        case_id: str,
        move: str,
        decide: Decide,
        *,
        viewer: CaseViewer,
        now: datetime,
        not_after: Sequence[str] = (),
    ) -> SideCase:
        """Move a record as a function decides.

        Parameters
        ----------
        decide
            Told the record and the roles of the viewer that reach it, inside the transaction.
        not_after
            Moves after which the same account makes this one not: who handles never checks.

        Raises
        ------
        NotFoundError
            There is no such record that the viewer may see.
        CaseError
            The move is refused.
        """
        require_zone(now)
        with self._database.writing() as connection:
            show_sides(connection, viewer)
            case = _visible(connection, kind, case_id, viewer)
            show_cases(connection, EVERYTHING)
            roles = roles_for(connection, viewer, kind, case.codes, unit=case.unit, committee=case.committee)
            made = decide(case, roles)
            _require_other(_moves(connection, kind, case_id), viewer, not_after)
            after = replace(made.case, version=case.version + 1, created_at=case.created_at, updated_at=now)
            condition = and_(SIDE_CASES.c.kind == kind, SIDE_CASES.c.id == case_id)
            connection.execute(update(SIDE_CASES).where(condition).values(**_values(after)))
            self._noted(connection, move, case.state, replace(made, case=after), viewer, now)
            return after

    def _noted(
        self, connection: Connection, move: str, source: str, made: Made, viewer: CaseViewer, now: datetime
    ) -> None:
        row = _note(connection, move, source, made, viewer, now)
        for tell in self._on_move:
            tell(connection, row, made.case)

    def get(self, kind: str, case_id: str, viewer: CaseViewer) -> SideCase:
        """One record.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        """
        with self._database.reading() as connection:
            show_sides(connection, viewer)
            return _visible(connection, kind, case_id, viewer)

    def roles(self, case: SideCase, viewer: CaseViewer) -> tuple[str, ...]:
        """Roles of the viewer that reach a record which he was shown."""
        with self._database.reading() as connection:
            return roles_for(connection, viewer, case.kind, case.codes, unit=case.unit, committee=case.committee)

    def list(
        self,
        kind: str,
        viewer: CaseViewer,
        *,
        states: Sequence[str] = (),
        area: str = "",
        ref: str = "",
        since: datetime | None = None,
        limit: int = 500,
        after: str = "",
    ) -> builtins.list[SideCase]:
        """Records that the viewer may see, by id.

        Parameters
        ----------
        states
            Only in these; all without any.
        ref
            Only about this.
        since
            Only those due, or of an inspection made, at this moment or later.
        after
            Only those with a greater id, to page on.
        """
        c = SIDE_CASES.c
        wanted = [c.id > after] if after else []
        wanted += [c.state.in_(builtins.list(states))] if states else []
        wanted += [in_subtree([c[name] for name in LOCATED], [area])] if area else []
        wanted += [c.ref == ref] if ref else []
        wanted += [c.due_at >= since] if since is not None else []
        with self._database.reading() as connection:
            show_sides(connection, viewer)
            query = select(SIDE_CASES).where(sees_side(connection, viewer, kind), *wanted)
            return [side_case_of(row) for row in connection.execute(query.order_by(c.id).limit(limit)).mappings()]

    def history(self, kind: str, case_id: str, viewer: CaseViewer) -> builtins.list[SideMove]:
        """Every move of a record, in order."""
        with self._database.reading() as connection:
            show_sides(connection, viewer)
            _visible(connection, kind, case_id, viewer)
            return _moves(connection, kind, case_id)


def _role(viewer: CaseViewer, action: str) -> str:
    held = [grant for grant in sorted(viewer.grants) if CaseViewer(viewer.actor, (grant,)).areas(action)]
    return held[0].role if held else ""


def _require_other(history: builtins.list[SideMove], viewer: CaseViewer, not_after: Sequence[str]) -> None:
    theirs = next((each for each in reversed(history) if each.move in not_after), None)
    is_operator = any(grant.role == OPERATOR for grant in viewer.grants)
    if theirs is not None and theirs.actor == viewer.actor and not is_operator:
        raise PowerError(
            zh="谁答复、谁实施,谁不认可、不检查,请由其他人员办理。",
            en="Whoever replied or acted does not accept or check it; somebody else must.",
            code="same_person",
        )


def _visible(connection: Connection, kind: str, case_id: str, viewer: CaseViewer) -> SideCase:
    query = select(SIDE_CASES).where(SIDE_CASES.c.id == case_id, sees_side(connection, viewer, kind))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(zh=f"没有记录 {case_id}。", en=f"There is no {kind} {case_id}.")
    return side_case_of(row)


def _row(connection: Connection, kind: str, case_id: str) -> SideCase | None:
    query = select(SIDE_CASES).where(SIDE_CASES.c.kind == kind, SIDE_CASES.c.id == case_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else side_case_of(row)


def _moves(connection: Connection, kind: str, case_id: str) -> builtins.list[SideMove]:
    query = select(SIDE_MOVES).where(SIDE_MOVES.c.kind == kind, SIDE_MOVES.c.id == case_id)
    rows = connection.execute(query.order_by(SIDE_MOVES.c.version)).mappings()
    return [SideMove(**(dict(row) | {"detail": parsed(row["detail"])})) for row in rows]


def _note(connection: Connection, move: str, source: str, made: Made, viewer: CaseViewer, now: datetime) -> SideMove:
    case = made.case
    row = SideMove(
        case.kind,
        case.id,
        case.version,
        move,
        source,
        case.state,
        made.role,
        viewer.actor,
        now,
        made.reason,
        made.detail,
    )
    detail = canonical(dict(made.detail), what_zh="办理记录", what_en="the move")
    connection.execute(insert(SIDE_MOVES).values(**(vars(row) | {"detail": detail})))
    told = {"version": case.version, "from": source, "to": case.state, "role": made.role}
    told |= {"unit": case.unit} if case.unit else {}
    told |= {"committee": case.committee} if case.committee else {}
    note_change(
        connection,
        LAYERS[case.kind],
        f"{case.kind}_{move}",
        viewer=viewer.viewer(),
        now=now,
        ref=case.id,
        # Whoever sees the map is told of changes by area: of a dispute no more than its street.
        area=(case.street or case.district) if case.kind == "dispute" else case.area,
        detail=told,
    )
    return row


def _values(case: SideCase) -> dict[str, Any]:
    return vars(case) | {"body": canonical(dict(case.body), what_zh="记录", what_en="the record")}


def side_case_of(row: Any) -> SideCase:
    """The record of a row."""
    return SideCase(**(dict(row) | {"body": parsed(row["body"])}))
