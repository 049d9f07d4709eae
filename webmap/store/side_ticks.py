"""What the clocks of supervision orders do by themselves: an order past its deadline is told of, once for each deadline.

It moves no order and changes no version. It may be run twice, or by two workers at once.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update

from gis.dispatch.supervision import OPEN
from webmap.store.db import Database
from webmap.store.documents import canonical, parsed
from webmap.store.order_telling import tell_overdue
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.side_cases import SideCase, side_case_of
from webmap.store.side_models import SIDE_CASES

TOLD = "told"
"""Field of an order's body: the deadline of which it was told that it is past."""


class SideTicks:
    """The clockwork of the side desks of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overdue(self, now: datetime) -> list[SideCase]:
        """Open orders past a deadline of which nothing was told yet, by id."""
        with self._database.reading() as connection:
            show_cases(connection, EVERYTHING)
            query = select(SIDE_CASES).where(_late(now)).order_by(SIDE_CASES.c.id)
            found = [side_case_of(row) for row in connection.execute(query).mappings()]
            return [case for case in found if not _is_told(case)]

    def tell(self, order_id: str, *, now: datetime) -> bool:
        """Tell of one order that it is overdue; False where it was told, replied to or given more time meanwhile."""
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            condition = and_(_late(now), SIDE_CASES.c.id == order_id)
            row = connection.execute(select(SIDE_CASES).where(condition)).mappings().one_or_none()
            if row is None or _is_told(case := side_case_of(row)):
                return False
            body = parsed(row["body"]) | {TOLD: _deadline(case)}
            text = canonical(body, what_zh="记录", what_en="the record")
            connection.execute(update(SIDE_CASES).where(condition).values(body=text))
            tell_overdue(connection, case, now)
            return True


def _late(now: datetime) -> ColumnElement[bool]:
    c = SIDE_CASES.c
    return and_(c.kind == "order", c.state.in_(OPEN), c.due_at < now)


def _deadline(case: SideCase) -> str:
    return case.due_at.isoformat() if case.due_at else ""


def _is_told(case: SideCase) -> bool:
    return bool(case.body.get(TOLD) == _deadline(case))
