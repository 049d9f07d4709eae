"""Cameras, places, streets and buildings: whole layers in, what a viewer may see out.

Points are filtered by the areas they are located in, shapes by the ground their viewer sees. Boxes of the index are
only a first sieve; shapely decides, so both stores give the same answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, text, true
from sqlalchemy import Table as SqlTable

from gis import schemas
from gis.errors import ColumnError, FilterError, ScopeError
from webmap.store._bulk import Progress, Stage, Upserted, fill_empty, merge, staged, touch
from webmap.store._columns import arrow_schema, fetch, kinds_of, select_list, to_arrow, to_frame
from webmap.store.cameras import note_status
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.models import LAYER_TABLES, LOCATED
from webmap.store.scoping import located_in, require_unlimited, sees_located, visible_shape
from webmap.store.viewer import Viewer

Box = tuple[float, float, float, float]
"""(min lon, min lat, max lon, max lat), degrees, borders included."""


class Layer:
    """One layer with ids: ``cameras``, ``places``, ``streets`` or ``buildings``."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name
        self._columns = schemas.TABLES[name]
        self._table: SqlTable = LAYER_TABLES[name]

    @property
    def is_points(self) -> bool:
        """Rows are points with located codes, not shapes."""
        return "lon" in self._columns.by_name

    def upsert(
        self, frame: pd.DataFrame, *, viewer: Viewer, now: datetime, progress: Progress | None = None
    ) -> Upserted:
        """Insert what is new, update what differs, leave the rest; all or nothing.

        Parameters
        ----------
        frame
            The layer's table. Without located codes an unmoved point keeps its own and a moved one loses them.
        progress
            Told rows done and rows in all.

        Returns
        -------
        upserted
            The same table twice changes nothing the second time, and adds nothing to the change sequence.

        Raises
        ------
        ColumnError, CrsError, GeometryError
            The table does not keep its contract.
        ScopeError
            A limited viewer brings or touches a row outside their areas.
        StoreError
            The store is busy, damaged or full.
        """
        require_zone(now)
        columns = to_arrow(frame, self._columns)
        keep_location = self.is_points and not _knows_location(columns)
        if not self.is_points:
            require_unlimited(viewer, "导入道路或建筑", "import streets or buildings")
        if viewer.is_unlimited:
            with self._database.writing() as connection:
                filled = fill_empty(connection, columns, self._table, progress=progress)
                if filled is not None:
                    self._note(connection, filled, viewer, now)
                    return filled
        with (
            staged(self._database, columns, self._table, progress=progress) as stage,
            self._database.writing(stage.connection) as connection,
        ):
            if not viewer.is_unlimited:
                self._require_inside(stage, viewer)
            upserted = merge(stage, self._table, keep_location=keep_location, progress=progress)
            self._note(connection, upserted, viewer, now)
        return upserted

    def read(self, viewer: Viewer, *, bbox: Box | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """What the viewer may see, ordered by id.

        Parameters
        ----------
        bbox
            Only what meets this box.
        columns
            Only these columns of the contract; all by default.

        Returns
        -------
        frame
            The layer's table; a GeoDataFrame in EPSG:4326 for streets and buildings.
        """
        names = chosen_columns(columns, self._columns)
        if self.is_points:
            return self._read_points(viewer, bbox, names)
        return self._read_shapes(viewer, bbox, names)

    def count(self, viewer: Viewer) -> int:
        """How many rows the viewer may see."""
        if not self.is_points and not viewer.is_unlimited:
            return len(self.read(viewer, columns=["id", "geometry"]))
        with self._database.reading() as connection:
            query = select(func.count()).select_from(self._table)
            if self.is_points:
                query = query.where(sees_located(viewer, self._table))
            return int(connection.scalar(query) or 0)

    def set_located(self, located: pd.DataFrame, *, viewer: Viewer, now: datetime) -> int:
        """Write where points lie: the columns ``grid``, ``community``, ``street``, ``district`` by ``id``.

        Returns
        -------
        changed
            Points whose codes are not as they were; unknown ids are passed over.

        Raises
        ------
        ColumnError
            A column is missing, or the layer has shapes.
        ScopeError
            The viewer is limited: locating is part of the district's import.
        """
        require_zone(now)
        require_unlimited(viewer, "改写点位所属网格", "rewrite where points lie")
        contract = schemas.Table("located", tuple(self._columns.by_name[name] for name in ("id", *self._located())))
        columns = to_arrow(located, contract)
        schemas.require_columns(located, contract.names, layer=self.name)
        with (
            staged(self._database, columns, self._table) as stage,
            self._database.writing(stage.connection) as connection,
        ):
            changed = self._relocate(connection, stage)
            if changed:
                note_change(connection, self.name, "locate", viewer=viewer, now=now, count=changed)
        return changed

    def remove(self, ids: Sequence[str], *, viewer: Viewer, now: datetime) -> int:
        """Take rows out of the layer.

        Returns
        -------
        removed
            Rows that were there and that the viewer may see.
        """
        require_zone(now)
        if not self.is_points:
            require_unlimited(viewer, "删除道路或建筑", "remove streets or buildings")
        removed = 0
        with self._database.writing() as connection:
            allowed = sees_located(viewer, self._table) if self.is_points else true()
            for start in range(0, len(ids), 10_000):
                some = list(ids[start : start + 10_000])
                # sqlite3 counts no rows for a statement that starts with WITH, as the viewer's condition may.
                seen = list(connection.scalars(select(self._table.c.id).where(self._table.c.id.in_(some), allowed)))
                removed += connection.execute(delete(self._table).where(self._table.c.id.in_(seen))).rowcount
            if removed:
                note_change(connection, self.name, "remove", viewer=viewer, now=now, count=removed)
        return removed

    def _note(self, connection: Connection, upserted: Upserted, viewer: Viewer, now: datetime) -> None:
        if upserted.changed:
            seq = note_change(connection, self.name, "upsert", viewer=viewer, now=now, count=upserted.changed)
            if self.name == "cameras":
                note_status(connection, seq, now)

    def _located(self) -> tuple[str, ...]:
        if not self.is_points:
            raise ColumnError(zh=f"图层“{self.name}”不是点图层。", en=f"layer '{self.name}' has no points to locate.")
        return LOCATED

    def _relocate(self, connection: Connection, stage: Stage) -> int:
        rows, own = stage.table, self._table
        differs = or_(*(own.c[name] != rows.c[name] for name in LOCATED))
        values = {name: rows.c[name] for name in LOCATED} | touch(connection, own)
        statement = own.update().values(values).where(own.c.id == rows.c.id, differs)
        return connection.execute(statement).rowcount

    def _require_inside(self, stage: Stage, viewer: Viewer) -> None:
        rows, own = stage.table, self._table
        foreign_new = exists().where(~located_in(rows, viewer.areas))
        foreign_old = exists().where(own.c.id == rows.c.id, ~located_in(own, viewer.areas))
        if stage.connection.scalar(select(or_(foreign_new, foreign_old))):
            areas = ", ".join(viewer.areas)
            raise ScopeError(
                zh=f"“{viewer.actor}”的权限限于 {areas},表中有不属于该范围或未定位的行,整批未写入。",
                en=f"'{viewer.actor}' is limited to {areas}; rows outside or not located: nothing was kept.",
            )

    def _read_points(self, viewer: Viewer, bbox: Box | None, names: list[str]) -> pd.DataFrame:
        table = self._table
        condition = sees_located(viewer, table)
        if bbox is not None:
            low_lon, low_lat, high_lon, high_lat = checked_box(bbox)
            condition = and_(condition, table.c.lon.between(low_lon, high_lon), table.c.lat.between(low_lat, high_lat))
        kinds = kinds_of(self._columns, names)
        with self._database.reading() as connection:
            query = select(*select_list(table, kinds)).where(condition).order_by(table.c.id)
            return to_frame(fetch(connection, query, kinds), self._columns)

    def _read_shapes(self, viewer: Viewer, bbox: Box | None, names: list[str]) -> pd.DataFrame:
        kinds = kinds_of(self._columns, [*names, *([] if "geometry" in names else ["geometry"])])
        with self._database.reading() as connection:
            limits = [shapely.box(*checked_box(bbox))] if bbox is not None else []
            if not viewer.is_unlimited:
                limits.append(visible_shape(connection, viewer))
            if any(limit.is_empty for limit in limits):
                return to_frame(arrow_schema(kinds).empty_table(), self._columns)[names]
            condition = and_(true(), *(meets_box(self._table, limit.bounds, connection) for limit in limits))
            query = select(*select_list(self._table, kinds)).where(condition)
            columns = fetch(connection, query.order_by(self._table.c.id), kinds)
        frame = to_frame(columns, self._columns)
        for limit in limits:
            shapely.prepare(limit)
            frame = frame[shapely.intersects(limit, np.asarray(frame.geometry.array))].reset_index(drop=True)
        return frame[names]


def meets_box(table: SqlTable, box: Box, connection: Connection) -> ColumnElement[bool]:
    """Rows whose stored box may meet ``box``: never too few, sometimes too many (indexes hold float32)."""
    corners: list[Any] = [bindparam(key, float(value), unique=True) for key, value in zip("wsen", box, strict=True)]
    if connection.dialect.name == "sqlite":
        sieve = (
            f"{table.name}.rid IN (SELECT rid FROM {table.name}_box "  # noqa: S608 - own table names
            "WHERE max_lon >= :w AND max_lat >= :s AND min_lon <= :e AND min_lat <= :n)"
        )
    else:
        sieve = (
            "ST_MakeEnvelope(min_lon, min_lat, max_lon, max_lat, 4326) && "
            "ST_MakeEnvelope(CAST(:w AS float8), CAST(:s AS float8), CAST(:e AS float8), CAST(:n AS float8), 4326)"
        )
    condition: Any = text(sieve).bindparams(*corners)
    return and_(condition, table.c.geometry.is_not(None))


def checked_box(box: Box) -> Box:
    """A box that makes sense.

    Raises
    ------
    FilterError
        Not four finite numbers in order.
    """
    if len(box) != 4 or not all(np.isfinite(box)) or box[0] > box[2] or box[1] > box[3]:
        raise FilterError(
            zh="范围应为 最小经度,最小纬度,最大经度,最大纬度。", en="A box is min lon, min lat, max lon, max lat."
        )
    return box


def chosen_columns(columns: Sequence[str] | None, table: schemas.Table) -> list[str]:
    """The asked columns of a contract, or all of them.

    Raises
    ------
    ColumnError
        A column that the contract does not know.
    """
    if columns is None:
        return table.names
    unknown = [name for name in columns if name not in table.by_name]
    if unknown:
        raise ColumnError(
            zh=f"图层“{table.name}”没有列 {', '.join(unknown)}。",
            en=f"layer '{table.name}' has no column {', '.join(unknown)}.",
        )
    return list(columns)


def _knows_location(columns: pa.Table) -> bool:
    return any(pc.any(pc.not_equal(columns[name], "")).as_py() for name in LOCATED)
