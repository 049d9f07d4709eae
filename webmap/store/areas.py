"""The area tree in all its versions: what holds today, what held on a day.

Loading a newer set of boundaries with the day it starts keeps the older ones for their time. It never invents areas
and never moves incidents: locating them again is a step of its own.
"""

from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, tuple_

from gis import schemas
from gis.divisions import parent_code
from gis.errors import CodeError
from gis.grid.versions import supersede
from webmap.store._bulk import Upserted, insert_rows
from webmap.store._columns import fetch, kinds_of, select_list, to_arrow, to_frame
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.layers import meets_box
from webmap.store.models import AREAS
from webmap.store.scoping import require_unlimited, sees_area
from webmap.store.viewer import Viewer

_SETS = ("level", "kind")


class Areas:
    """The areas of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(
        self, frame: gpd.GeoDataFrame, *, viewer: Viewer, now: datetime, from_day: date | None = None
    ) -> Upserted:
        """Load areas in place of those of the same level and kind.

        Parameters
        ----------
        frame
            The ``areas`` table; an outline may be missing. Levels (and kinds of grid) it does not hold stay as they
            are, so that streets and grids can come in separate files.
        from_day
            The day the new boundaries start; the older ones keep their time before it, and a level that comes for
            the first time holds for the past too. Without it the older ones of these levels go, history and all.

        Returns
        -------
        upserted
            Versions of areas; the same table twice changes nothing.

        Raises
        ------
        CodeError
            The same code twice for one start day.
        InputError
            An older version starts after ``from_day``.
        ColumnError, CrsError, GeometryError
            The table does not keep its contract.
        ScopeError
            The viewer is limited to some areas: boundaries are the district's.
        """
        require_zone(now)
        require_unlimited(viewer, "改写区域边界", "rewrite the areas")
        columns = to_arrow(frame, schemas.AREAS)
        _refuse_repeated(columns)
        sets = sorted(set(zip(*(columns[name].to_pylist() for name in _SETS), strict=True)))
        with self._database.writing() as connection:
            before = _rows(connection, _of_sets(sets))
            if from_day is not None:
                old, new = to_frame(before, schemas.AREAS), to_frame(_contract(columns), schemas.AREAS)
                columns = to_arrow(supersede(old, new, from_day), schemas.AREAS)
            upserted = _compare(before, columns)
            if upserted.changed or before.num_rows != columns.num_rows:
                connection.execute(delete(AREAS).where(_of_sets(sets)))
                insert_rows(connection, AREAS.name, columns)
                changed = upserted.changed + max(before.num_rows - upserted.unchanged - upserted.updated, 0)
                note_change(connection, "areas", "replace", viewer=viewer, now=now, count=changed)
        return upserted

    def read(self, viewer: Viewer, *, level: str = "", on: date | None = None) -> gpd.GeoDataFrame:
        """The areas a viewer may see, ordered by code.

        Parameters
        ----------
        level
            One of ``gis.schemas.LEVELS``; every level by default.
        on
            The versions that held on this day; by default those without an end.

        Returns
        -------
        areas
            The ``areas`` table in EPSG:4326. A limited viewer gets their areas and what lies below, not the parents.
        """
        condition = and_(sees_area(viewer), _valid(on))
        if level:
            condition = and_(condition, AREAS.c.level == level)
        with self._database.reading() as connection:
            return to_frame(_rows(connection, condition), schemas.AREAS)

    def at(self, lon: float, lat: float, *, on: date) -> gpd.GeoDataFrame:
        """The areas of a day whose box holds a point, and everything above them, ordered by code.

        Notes
        -----
        A sieve for ``gis.join.assign_levels``, which decides: of a district's hundreds of areas some five are left.
        """
        with self._database.reading() as connection:
            near = and_(meets_box(AREAS, (lon, lat, lon, lat), connection), _valid(on))
            found = set(connection.scalars(select(AREAS.c.code).where(near)))
            return to_frame(_rows(connection, and_(_valid(on), _of_codes(connection, found, on))), schemas.AREAS)

    def above(self, code: str, *, on: date) -> gpd.GeoDataFrame:
        """An area of a day and everything above it, ordered by code; empty where there is none."""
        with self._database.reading() as connection:
            return to_frame(_rows(connection, and_(_valid(on), _of_codes(connection, {code}, on))), schemas.AREAS)

    def days(self, viewer: Viewer) -> list[str]:
        """The days on which boundaries changed, ISO, oldest first; none while the first version holds."""
        with self._database.reading() as connection:
            query = select(AREAS.c.valid_from, AREAS.c.valid_to).where(sees_area(viewer)).distinct()
            return sorted({day for row in connection.execute(query) for day in row if day})

    def history(self, viewer: Viewer, code: str) -> gpd.GeoDataFrame:
        """Every version of one area, oldest first."""
        with self._database.reading() as connection:
            return to_frame(_rows(connection, and_(sees_area(viewer), AREAS.c.code == code)), schemas.AREAS)


def _of_codes(connection: Connection, codes: set[str], on: date) -> ColumnElement[bool]:
    """Areas by their codes, and all their ancestors by ``parent`` or by the digits of the code."""
    found, fresh = set(codes), set(codes)
    while fresh:
        rows = connection.execute(select(AREAS.c.code, AREAS.c.parent).where(AREAS.c.code.in_(fresh), _valid(on)))
        fresh = {row.parent or parent_code(row.code) for row in rows} - found - {""}
        found |= fresh
    return AREAS.c.code.in_(found)


def _valid(on: date | None) -> ColumnElement[bool]:
    if on is None:
        return AREAS.c.valid_to == ""
    day = on.isoformat()
    return and_(AREAS.c.valid_from <= day, or_(AREAS.c.valid_to == "", AREAS.c.valid_to > day))


def _of_sets(sets: list[Any]) -> ColumnElement[bool]:
    return tuple_(*(AREAS.c[name] for name in _SETS)).in_(sets)


def _rows(connection: Connection, condition: ColumnElement[bool]) -> pa.Table:
    kinds = kinds_of(schemas.AREAS, schemas.AREAS.names)
    query = select(*select_list(AREAS, kinds)).where(condition)
    return fetch(connection, query.order_by(AREAS.c.code, AREAS.c.valid_from), kinds)


def _contract(columns: pa.Table) -> pa.Table:
    return columns.select(schemas.AREAS.names)


def _keyed(columns: pa.Table) -> dict[tuple[str, str], tuple[Any, ...]]:
    rows = zip(*(column.to_pylist() for column in _contract(columns).columns), strict=True)
    keys = zip(columns["code"].to_pylist(), columns["valid_from"].to_pylist(), strict=True)
    return dict(zip(keys, rows, strict=True))


def _compare(before: pa.Table, after: pa.Table) -> Upserted:
    old, new = _keyed(before), _keyed(after)
    known = [key for key in new if key in old]
    unchanged = sum(old[key] == new[key] for key in known)
    return Upserted(len(new) - len(known), len(known) - unchanged, unchanged)


def _refuse_repeated(columns: pa.Table) -> None:
    keys = pd.DataFrame({name: columns[name].to_pylist() for name in ("code", "valid_from")})
    repeated = keys[keys.duplicated()]["code"].unique().tolist()
    if repeated:
        raise CodeError(
            zh=f"区域编码重复:{'、'.join(repeated[:10])}(共 {len(repeated)} 个)。",
            en=f"area codes occur more than once: {', '.join(repeated[:10])} ({len(repeated)} in all).",
        )
