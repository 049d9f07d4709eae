"""Who sees which case, told to PostgreSQL for one transaction: its row-level security stops a query that forgot to ask.

The conditions of the queries (:mod:`webmap.store.case_scope`) come first on both stores; this is the second lock, on PostgreSQL
alone, where the account that the service connects with is no superuser. The policies are in the migration; untold, no case is
seen. A case may be moved out of sight of whoever moves it, so a move is made with everything in sight once the case was found.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from sqlalchemy import Connection, text

EVERYWHERE = "%"
"""A pattern that every area answers to, and a case that lies nowhere as well."""


@dataclass(frozen=True)
class Sight:
    """What somebody sees of the cases, as patterns of area codes (``LIKE``) joined by commas, and names.

    Parameters
    ----------
    case
        Id of the one case that a receipt opens.
    desk
        Areas all of whose cases are seen.
    account
        Whose own reports are seen.
    units, unit_areas
        Units whose cases are seen, and where.
    worker
        Areas in which what waits to be verified or checked is seen.
    """

    case: str = ""
    desk: str = ""
    account: str = ""
    units: str = ""
    unit_areas: str = ""
    worker: str = ""


EVERYTHING = Sight(desk=EVERYWHERE)
"""For the service itself: the clock, backups, checks."""

_TELL = text("SELECT " + ", ".join(f"set_config('wangge.{each.name}', :{each.name}, true)" for each in fields(Sight)))


def show_cases(connection: Connection, sight: Sight) -> None:
    """Let the rest of this transaction see these cases."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TELL, dict(zip((each.name for each in fields(Sight)), astuple(sight), strict=True)))


def patterns(codes: Sequence[str]) -> str:
    """Patterns of codes that are seen as they are."""
    return ",".join(code.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") for code in codes)

