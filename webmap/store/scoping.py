"""Which rows a viewer may see, as conditions of a query and as geometry.

An area's subtree is what its code says (``gis.divisions.is_within``) and what hangs below it by ``parent``.
Every repository asks here; nothing here ever widens what a viewer was granted.
"""

from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, true
from sqlalchemy import Table as SqlTable

from gis.divisions import is_within, level_of_code
from gis.errors import ScopeError
from webmap.store.models import AREAS, LOCATED
from webmap.store.viewer import Viewer

_DIGITS = {"city": 4, "district": 6, "street": 9}
_AFTER_DIGITS = ":"


def in_subtree(columns: Sequence[ColumnElement[str]], codes: Sequence[str]) -> ColumnElement[bool]:
    """Rows of which at least one code column lies inside one of the areas.

    Parameters
    ----------
    columns
        Columns of area codes; an empty code lies nowhere.
    codes
        Areas; their subtrees count.
    """
    hanging = hanging_below(codes)
    tests: list[ColumnElement[bool]] = []
    for column in columns:
        tests += [column.in_(list(codes)), column.in_(select(hanging.c.code))]
        tests += [and_(column >= low, column < high) for low, high in map(code_range, codes) if low]
    return or_(*tests)


def sees_area(viewer: Viewer) -> ColumnElement[bool]:
    """Versions of areas inside the viewer's own."""
    return true() if viewer.is_unlimited else in_subtree([AREAS.c.code], viewer.areas)


def sees_located(viewer: Viewer, table: SqlTable) -> ColumnElement[bool]:
    """Points located inside the viewer's areas; a point located nowhere is seen by unlimited viewers alone."""
    return true() if viewer.is_unlimited else located_in(table, viewer.areas)


def located_in(table: SqlTable, codes: Sequence[str]) -> ColumnElement[bool]:
    """Points located inside one of the areas."""
    return in_subtree([table.c[name] for name in LOCATED], codes)


def sees_code(connection: Connection, viewer: Viewer, code: str) -> bool:
    """One area code, or empty for the whole district, lies inside the viewer's areas."""
    if viewer.is_unlimited:
        return True
    if not code:
        return False
    if any(is_within(code, area) for area in viewer.areas):
        return True
    return bool(connection.scalar(select(exists().where(sees_area(viewer), AREAS.c.code == code))))


def require_unlimited(viewer: Viewer, zh: str, en: str) -> None:
    """Refuse a limited viewer.

    Raises
    ------
    ScopeError
        The viewer is granted some areas only.
    """
    if not viewer.is_unlimited:
        raise ScopeError(
            zh=f"“{viewer.actor}”的权限限于 {'、'.join(viewer.areas)},不能{zh}。",
            en=f"'{viewer.actor}' is limited to {', '.join(viewer.areas)} and may not {en}.",
        )


def visible_shape(connection: Connection, viewer: Viewer) -> Any:
    """The ground a limited viewer sees, as one geometry in degrees.

    Notes
    -----
    The polygon of each granted area; where it has none, the polygons below it. Of several versions the open one.
    """
    pieces = []
    for code in viewer.areas:
        own = _polygons(connection, AREAS.c.code == code)
        pieces += own or _polygons(connection, in_subtree([AREAS.c.code], [code]))
    return shapely.union_all(pieces)


def _polygons(connection: Connection, condition: ColumnElement[bool]) -> list[Any]:
    query = select(AREAS.c.geometry).where(condition, AREAS.c.valid_to == "", AREAS.c.geometry.is_not(None))
    return list(shapely.from_wkb(list(connection.scalars(query))))


def hanging_below(codes: Sequence[str]) -> Any:
    """Areas that hang below others by ``parent``, and those themselves, as a table with ``code``."""
    # A grid that moved to another street belongs to the new one: only the latest version of a code says its parent.
    later = AREAS.alias()
    superseded = exists().where(later.c.code == AREAS.c.code, later.c.valid_from > AREAS.c.valid_from)
    below = select(AREAS.c.code).where(AREAS.c.code.in_(list(codes))).cte(recursive=True)
    children = select(AREAS.c.code).join(below, AREAS.c.parent == below.c.code).where(~superseded)
    return below.union(children)


def code_range(code: str) -> tuple[str, str]:
    """Half-open range of the codes that lie inside by their digits; ("", "") for a code without such a range."""
    level = level_of_code(code)
    if not level:
        return "", ""
    start = code[: _DIGITS.get(level, len(code))]
    return start, start + _AFTER_DIGITS
