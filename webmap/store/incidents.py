"""Incidents: points in time and place that analyses read; one question in, one table out.

It answers an ``IncidentFilter`` with exactly the rows that ``IncidentFilter.mask`` would keep, limited to what the
viewer may see. An event (a case that people work on) is never stored here.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, func, select, true

from gis.incidents.filter import IncidentFilter
from webmap.store._columns import ROW, fetch, in_row_order, kinds_of, select_list, to_frame
from webmap.store.layers import Layer, chosen_columns
from webmap.store.scoping import located_in, sees_located
from webmap.store.settings import read_settings
from webmap.store.viewer import Viewer

_EVERYTHING = IncidentFilter()


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
        wanted = [ROW, *names, *([] if "occurred_at" in names or not local else ["occurred_at"])]
        kinds = kinds_of(self._columns, wanted)
        with self._database.reading() as connection:
            zone = read_settings(connection).get("zone", "UTC")
            query = select(*select_list(self._table, kinds)).where(self._condition(viewer, question))
            rows = in_row_order(fetch(connection, query, kinds))
        found = to_frame(rows, self._columns)
        if local:
            clock = IncidentFilter(hours=question.hours, weekdays=question.weekdays)
            found = found[np.asarray(clock.mask(found, zone))].reset_index(drop=True)
        return found[names]

    def count(self, viewer: Viewer, asked: IncidentFilter | None = None) -> int:
        """How many incidents answer a question."""
        question = asked or _EVERYTHING
        if question.hours or question.weekdays:
            return len(self.read(viewer, question, columns=["occurred_at"]))
        with self._database.reading() as connection:
            query = select(func.count()).select_from(self._table).where(self._condition(viewer, question))
            return int(connection.scalar(query) or 0)

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
