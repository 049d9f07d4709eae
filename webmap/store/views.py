"""Saved views: filters and map positions that a person keeps under a name, as the text of a query.

Each account sees its own and nobody else's. What the query may show is decided when it is asked again, not here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from gis.errors import InputError, NotFoundError
from webmap.store.db import Database
from webmap.store.models import VIEWS
from webmap.store.moments import require_zone

LONGEST_NAME, LONGEST_QUERY, MOST = 100, 4000, 200
"""Limits of a name and a query in characters, and of the views of one account."""


@dataclass(frozen=True)
class SavedView:
    """A view that somebody kept."""

    name: str
    query: str
    created_at: datetime


class SavedViews:
    """The saved views of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, account: str, name: str, query: str, *, now: datetime) -> SavedView:
        """Keep a view; one of the same name is replaced.

        Raises
        ------
        InputError
            A text that is empty or too long, or too many views.
        """
        require_zone(now)
        name = name.strip()
        _check(name, query)
        mine = (VIEWS.c.account == account, VIEWS.c.name == name)
        with self._database.writing() as connection:
            connection.execute(delete(VIEWS).where(*mine))
            if (connection.scalar(select(func.count()).where(VIEWS.c.account == account)) or 0) >= MOST:
                raise InputError(zh=f"最多保存 {MOST} 个视图。", en=f"At most {MOST} views are kept.")
            connection.execute(insert(VIEWS).values(account=account, name=name, query=query, created_at=now))
        return SavedView(name, query, now)

    def list(self, account: str) -> list[SavedView]:
        """The views of an account, by name."""
        query = select(VIEWS.c.name, VIEWS.c.query, VIEWS.c.created_at).where(VIEWS.c.account == account)
        with self._database.reading() as connection:
            return [SavedView(*row) for row in connection.execute(query.order_by(VIEWS.c.name))]

    def delete(self, account: str, name: str) -> None:
        """Drop a view.

        Raises
        ------
        NotFoundError
            The account has none of this name.
        """
        with self._database.writing() as connection:
            mine = (VIEWS.c.account == account, VIEWS.c.name == name.strip())
            if connection.execute(delete(VIEWS).where(*mine)).rowcount == 0:
                raise NotFoundError(zh=f"没有视图“{name}”。", en=f"There is no view '{name}'.")


def _check(name: str, query: str) -> None:
    fits = 0 < len(name) <= LONGEST_NAME and len(query) <= LONGEST_QUERY
    if not fits or any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in name + query):
        raise InputError(
            zh=f"视图名应为 1 至 {LONGEST_NAME} 字,内容不超过 {LONGEST_QUERY} 字。",
            en=f"A view has a name of 1 to {LONGEST_NAME} characters and a query of at most {LONGEST_QUERY}.",
        )
