"""Who sees which case, told to PostgreSQL for one transaction: its row-level security stops a query that forgot to ask.

The conditions of the queries (:mod:`webmap.store.case_scope`) come first on both stores; this is the second lock, on PostgreSQL
alone, where the account that the service connects with is no superuser. The policies are in the migration; untold, no case is
seen. A case may be moved out of sight of whoever moves it, so a move is made with everything in sight once the case was found.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from sqlalchemy import Connection, select, text

from webmap.store.scoping import code_range, hanging_below
from webmap.store.viewer import Viewer

LOCKED = frozenset({"events", "event_moves", "event_clocks", "event_notices", "side_cases", "side_moves", "forecasts"})
"""Tables under row-level security: cases and what hangs on them, those of the side desks, and forecasts of areas."""

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
    disputes, orders, inspections, key_areas
        Areas all of whose records of the side desks are seen.
    committees, mediated
        Committees whose disputes are seen, and where.
    forecasts
        Areas whose forecasts are seen.
    """

    case: str = ""
    desk: str = ""
    account: str = ""
    units: str = ""
    unit_areas: str = ""
    worker: str = ""
    disputes: str = ""
    committees: str = ""
    mediated: str = ""
    orders: str = ""
    inspections: str = ""
    key_areas: str = ""
    forecasts: str = ""


EVERYTHING = Sight(
    desk=EVERYWHERE,
    disputes=EVERYWHERE,
    orders=EVERYWHERE,
    inspections=EVERYWHERE,
    key_areas=EVERYWHERE,
    forecasts=EVERYWHERE,
)
"""For the service itself: the clock, backups, checks."""

_TELL = text("SELECT " + ", ".join(f"set_config('wangge.{each.name}', :{each.name}, true)" for each in fields(Sight)))


def show_cases(connection: Connection, sight: Sight) -> None:
    """Let the rest of this transaction see these cases."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TELL, dict(zip((each.name for each in fields(Sight)), astuple(sight), strict=True)))


def show_located(connection: Connection, viewer: Viewer) -> None:
    """Let the rest of this transaction see the cases that lie in the viewer's areas."""
    if connection.dialect.name == "postgresql":
        show_cases(connection, Sight(desk=ground(connection, viewer.areas or ("",))))


def show_forecasts(connection: Connection, viewer: Viewer) -> None:
    """Let the rest of this transaction see the forecasts of the viewer's areas."""
    if connection.dialect.name == "postgresql":
        show_cases(connection, Sight(forecasts=ground(connection, viewer.areas or ("",))))


def ground(connection: Connection, areas: Sequence[str]) -> str:
    """Patterns of the areas and of all that lies below them; ``""`` among them is everywhere."""
    if "" in areas:
        return EVERYWHERE
    if not areas:
        return ""
    below = {code for code in connection.scalars(select(hanging_below(areas).c.code)) if code not in areas}
    starts = [low for low, _ in map(code_range, areas) if low]
    # Each pattern is held against each code of each row: what a start covers already is not said again.
    exact = sorted(code for code in {*areas, *below} if not code.startswith(tuple(starts)))
    return ",".join([_escaped(code) for code in exact] + [_escaped(low) + "%" for low in starts])


def _escaped(code: str) -> str:
    return code.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
