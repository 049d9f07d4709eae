"""Incidents: points in time and place that analyses read; one question in, one table out.

It answers an ``IncidentFilter`` with exactly the rows that ``IncidentFilter.mask`` would keep, limited to what the
viewer may see. An event (a case that people work on) is never stored here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, func, select, true

from gis.incidents.filter import IncidentFilter
from webmap.store._columns import ROW, arrow_schema, fetch, fetch_batches, in_row_order, kinds_of, select_list, to_frame
from webmap.store.changes import last_seq
from webmap.store.layers import Layer, chosen_columns
from webmap.store.models import CHANGES
from webmap.store.scoping import located_in, sees_located
from webmap.store.settings import read_settings
from webmap.store.viewer import Viewer

_EVERYTHING = IncidentFilter()
_BATCH = 500_000


@dataclass(frozen=True, eq=False)
class Delta:
    """What happened to the incidents after a change.

    Parameters
    ----------
    seq
        Number of the latest change it knows.
    removed
        Rows went away: whoever holds a copy reads everything again.
    changed
        Rows that are new or not as they were, with their number ``row``.
    """

    seq: int
    removed: bool
    changed: pd.DataFrame


class Incidents(Layer):
    """The incidents of a store."""

    def read(  # type: ignore[override]
        self,
        viewer: Viewer,
        asked: IncidentFilter | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """The incidents that answer a question, in the order of their import, by id within one.

        Parameters
        ----------
        asked
            Period, categories, sources, area, local hours and weekdays; everything by default.
        columns
            Only these columns of the contract; all by default. Fewer columns are faster.

        Returns
        -------
        frame
            The ``incidents`` table, seen by the viewer. 1 M rows: see docs/store.md for the cost.
        """
        question = asked or _EVERYTHING
        names = chosen_columns(columns, self._columns)
        local = bool(question.hours or question.weekdays)
        clock = [name for name in ("occurred_at", "time_precision") if local and name not in names]
        wanted = [ROW, *names, *clock]
        kinds = kinds_of(self._columns, wanted)
        with self._database.reading() as connection:
            zone = read_settings(connection).get("zone", "UTC")
            query = select(*select_list(self._table, kinds)).where(self._condition(viewer, question))
            rows = in_row_order(fetch(connection, query, kinds))
        found = to_frame(rows, self._columns)
        if local:
            by_clock = IncidentFilter(hours=question.hours, weekdays=question.weekdays)
            found = found[np.asarray(by_clock.mask(found, zone))].reset_index(drop=True)
        return found[names]

    def count(self, viewer: Viewer, asked: IncidentFilter | None = None) -> int:
        """How many incidents answer a question."""
        question = asked or _EVERYTHING
        if question.hours or question.weekdays:
            return len(self.read(viewer, question, columns=["occurred_at"]))
        with self._database.reading() as connection:
            query = select(func.count()).select_from(self._table).where(self._condition(viewer, question))
            return int(connection.scalar(query) or 0)

    def count_all(self) -> int:
        """Rows of the table, whoever may see them."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(self._table)) or 0)

    def delta(self, seq: int, columns: Sequence[str]) -> Delta:
        """What happened after change ``seq``, of one moment; every area, since copies are filtered when they are read."""
        with self._database.reading() as connection:
            latest = last_seq(connection)
            gone = select(func.count()).where(
                CHANGES.c.seq > seq, CHANGES.c.layer == self.name, CHANGES.c.action == "remove"
            )
            removed = bool(connection.scalar(gone))
            changed = pa.Table.from_batches(self._numbered(connection, columns, self._table.c.touched > seq))
            return Delta(latest, removed, self._frame(changed))

    def scan(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Every row with its number ``row``, some at a time, all of one moment, in no order."""
        held: list[pa.RecordBatch] = []
        with self._database.reading() as connection:
            for batch in self._numbered(connection, columns, true()):
                held.append(batch)
                if sum(each.num_rows for each in held) >= _BATCH:
                    yield self._frame(pa.Table.from_batches(held))
                    held = []
        if held:
            yield self._frame(pa.Table.from_batches(held))

    def by_rows(self, rows: Sequence[int], viewer: Viewer) -> pd.DataFrame:
        """Incidents by their numbers, those the viewer may see, in the order of their numbers."""
        parts = []
        kinds = kinds_of(self._columns, [ROW, *self._columns.names])
        with self._database.reading() as connection:
            for start in range(0, len(rows), 10_000):
                some = [int(row) for row in rows[start : start + 10_000]]
                query = select(*select_list(self._table, kinds)).where(
                    self._table.c.rid.in_(some), sees_located(viewer, self._table)
                )
                parts.append(fetch(connection, query.order_by(self._table.c.rid), kinds))
        found = pa.concat_tables(parts) if parts else pa.schema([]).empty_table()
        return self._frame(found) if parts else pd.DataFrame(columns=["row", *self._columns.names])

    def _numbered(
        self, connection: Connection, columns: Sequence[str], condition: ColumnElement[bool]
    ) -> Iterator[pa.RecordBatch]:
        kinds = kinds_of(self._columns, [ROW, *columns])
        empty = pa.RecordBatch.from_pylist([], schema=arrow_schema(kinds))
        yield empty
        yield from fetch_batches(connection, select(*select_list(self._table, kinds)).where(condition), kinds)

    def _frame(self, rows: pa.Table) -> pd.DataFrame:
        frame = to_frame(rows.drop_columns([ROW]), self._columns)
        frame.insert(0, "row", rows[ROW].to_numpy())
        return frame

    def _condition(self, viewer: Viewer, asked: IncidentFilter) -> ColumnElement[bool]:
        columns = self._table.c
        condition: ColumnElement[bool] = true() & sees_located(viewer, self._table)
        if asked.since is not None:
            condition &= columns.occurred_at >= asked.since
        if asked.until is not None:
            condition &= columns.occurred_at < asked.until
        for name in ("categories", "sources", "found_by"):
            values = getattr(asked, name)
            if values:
                condition &= columns[_COLUMN_OF[name]].in_(values)
        if asked.area:
            condition &= located_in(self._table, [asked.area])
        return condition


_COLUMN_OF = {"categories": "category", "sources": "source", "found_by": "found_by"}
