"""Mediation committees of a store, and the accounts that belong to them. A committee is a body of an area or trade, never a person."""

import builtins
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from gis.dispatch.committees import Committee
from gis.errors import InputError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.scoping import require_unlimited
from webmap.store.side_models import COMMITTEE_ACCOUNTS, COMMITTEES, SIDE_CASES
from webmap.store.viewer import Viewer

_OVER = ("archived", "rejected", "withdrawn")
"""States of disputes whose committee may go."""


class Committees:
    """The committees of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Committee]:
        """Every committee, by code."""
        with self._database.reading() as connection:
            rows = connection.execute(select(COMMITTEES).order_by(COMMITTEES.c.code)).mappings()
            return [Committee(**(dict(row) | {"topics": frozenset(row["topics"].split())})) for row in rows]

    def replace(self, committees: Sequence[Committee], *, viewer: Viewer, now: datetime) -> None:
        """Keep these committees instead of those before; accounts of committees that stay are kept.

        Raises
        ------
        InputError
            A code twice, blank or with a comma, or a committee that goes away has open disputes.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改调委会", "change the committees")
        codes = [each.code for each in committees]
        wrong = sorted({code for code in codes if codes.count(code) > 1 or not code.strip() or "," in code})
        if wrong:
            raise InputError(
                zh=f"调委会编码重复或有误:{'、'.join(map(repr, wrong[:10]))}。",
                en=f"Codes of committees twice, blank or with a comma: {', '.join(map(repr, wrong[:10]))}.",
            )
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            _require_unused(connection, codes)
            kept = connection.execute(select(COMMITTEE_ACCOUNTS)).mappings().all()
            connection.execute(delete(COMMITTEE_ACCOUNTS))
            connection.execute(delete(COMMITTEES))
            if committees:
                connection.execute(insert(COMMITTEES), [_values(each) for each in committees])
            again = [dict(row) for row in kept if row["committee"] in codes]
            if again:
                connection.execute(insert(COMMITTEE_ACCOUNTS), again)
            note_change(connection, "committees", "replace", viewer=viewer, now=now, count=len(committees))

    def set_accounts(self, committee: str, accounts: Iterable[str], *, viewer: Viewer, now: datetime) -> None:
        """Say which accounts belong to a committee.

        Raises
        ------
        InputError
            There is no such committee.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改调委会账号", "change the accounts of committees")
        names = sorted(set(accounts))
        with self._database.writing() as connection:
            if connection.scalar(select(COMMITTEES.c.code).where(COMMITTEES.c.code == committee)) is None:
                raise InputError(zh=f"没有调委会“{committee}”。", en=f"There is no committee '{committee}'.")
            connection.execute(delete(COMMITTEE_ACCOUNTS).where(COMMITTEE_ACCOUNTS.c.committee == committee))
            if names:
                rows = [{"committee": committee, "account": name} for name in names]
                connection.execute(insert(COMMITTEE_ACCOUNTS), rows)
            detail = {"accounts": names}
            note_change(connection, "committees", "accounts", viewer=viewer, now=now, ref=committee, detail=detail)


def _require_unused(connection: Connection, codes: Sequence[str]) -> None:
    c = SIDE_CASES.c
    query = select(c.committee).distinct().where(c.committee != "", c.committee.not_in(codes), c.state.not_in(_OVER))
    used = sorted(connection.scalars(query))
    if used:
        raise InputError(
            zh=f"调委会 {'、'.join(used[:10])} 仍有纠纷,不能删除。",
            en=f"The committees {', '.join(used[:10])} still have disputes and cannot go.",
        )


def _values(committee: Committee) -> dict[str, Any]:
    return vars(committee) | {"topics": " ".join(sorted(committee.topics))}
