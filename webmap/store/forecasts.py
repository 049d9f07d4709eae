"""Forecasts as they were made: what they expect of each grid, of which time, from which reports, and their score card.

A kept forecast never changes, so that it can be held against what happened. It computes nothing.
"""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from gis.errors import InputError, NotFoundError, ScopeError, StoreError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, own_id, parsed
from webmap.store.models import CHANGES, FORECASTS
from webmap.store.row_security import show_forecasts
from webmap.store.scoping import in_subtree, sees_code
from webmap.store.settings import GENERATION, read_mark
from webmap.store.viewer import Viewer

LEARNED_FROM = ("incidents", "areas")
"""Layers whose change makes another forecast."""
_TEXTS = ("area", "category", "period", "model", "data")


@dataclass(frozen=True)
class StoredForecast:
    """A forecast as it was kept.

    Parameters
    ----------
    area, category
        Codes; empty for the whole district and for all categories.
    period
        ``shift``, ``day`` or ``week``.
    since, until
        The time it is about, half-open, UTC.
    model
        Name of the model that was chosen.
    data
        Mark of the reports that it learned from, as :meth:`Forecasts.data_mark` gave it.
    document
        The forecast itself.
    """

    id: str
    area: str
    category: str
    period: str
    since: datetime
    until: datetime
    model: str
    data: str
    made_at: datetime
    made_by: str
    document: dict[str, Any]


class Forecasts:
    """The forecasts of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def data_mark(self) -> str:
        """Changes whenever reports or boundaries do, and with nothing else."""
        query = select(func.coalesce(func.max(CHANGES.c.seq), 0)).where(CHANGES.c.layer.in_(LEARNED_FROM))
        with self._database.reading() as connection:
            return f"{int(read_mark(connection, GENERATION) or 0)}.{int(connection.scalar(query) or 0)}"

    def save(
        self,
        told: Mapping[str, Any],
        *,
        since: datetime,
        until: datetime,
        document: Mapping[str, Any],
        viewer: Viewer,
        now: datetime,
    ) -> StoredForecast:
        """Keep a forecast; the same one again is kept once.

        Parameters
        ----------
        told
            ``area``, ``category``, ``period``, ``model`` and ``data`` as texts, and ``id`` where it has one.
        since, until
            The time it is about.
        document
            The forecast itself, plain JSON.

        Raises
        ------
        InputError
            Not JSON, or a field that makes no sense.
        ScopeError
            The area lies outside the viewer's.
        StoreError
            The id is taken by another forecast.
        """
        for moment in (now, since, until):
            require_zone(moment)
        text = canonical(dict(document), what_zh="预测", what_en="the forecast")
        values = {name: _text(told, name) for name in _TEXTS} | {"since": since, "until": until}
        values["id"] = own_id(told, "forecast", repr((values, text)))
        with self._database.writing() as connection:
            if not sees_code(connection, viewer, str(values["area"])):
                raise ScopeError(
                    zh=f"预测区域“{values['area'] or '全区'}”不在“{viewer.actor}”的权限内。",
                    en=f"The area '{values['area'] or 'the whole district'}' is outside the areas of '{viewer.actor}'.",
                )
            show_forecasts(connection, viewer)
            known = _row(connection, str(values["id"]))
            if known is not None:
                return _same_or_refuse(known, text)
            row = values | {"made_at": now, "made_by": viewer.actor, "document": text}
            connection.execute(insert(FORECASTS).values(**row))
            note_change(
                connection, "forecasts", "save", viewer=viewer, now=now, ref=str(row["id"]), area=str(row["area"])
            )
            return _forecast(row)

    def get(self, forecast_id: str, viewer: Viewer) -> StoredForecast:
        """One forecast.

        Raises
        ------
        NotFoundError
            There is none that the viewer may see.
        """
        with self._database.reading() as connection:
            show_forecasts(connection, viewer)
            found = _row(connection, forecast_id)
            if found is None or not sees_code(connection, viewer, found.area):
                raise NotFoundError(zh=f"没有预测 {forecast_id}。", en=f"There is no forecast {forecast_id}.")
            return found

    def list(
        self,
        viewer: Viewer,
        *,
        area: str | None = None,
        category: str | None = None,
        period: str | None = None,
        limit: int = 50,
    ) -> builtins.list[StoredForecast]:
        """Forecasts that the viewer may see, of an area, category or period if asked: of the latest time first, made last first."""
        query = select(FORECASTS).order_by(FORECASTS.c.since.desc(), FORECASTS.c.made_at.desc(), FORECASTS.c.id)
        for name, wanted in (("area", area), ("category", category), ("period", period)):
            if wanted is not None:
                query = query.where(FORECASTS.c[name] == wanted)
        if not viewer.is_unlimited:
            query = query.where(in_subtree([FORECASTS.c.area], viewer.areas))
        with self._database.reading() as connection:
            show_forecasts(connection, viewer)
            return [_forecast(row) for row in connection.execute(query.limit(limit)).mappings()]


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > 200 or "\x00" in value:
        raise InputError(
            zh=f"预测的 {name} 应为不超过 200 字的文本。",
            en=f"The forecast's {name} is a text of at most 200 characters.",
        )
    return value


def _same_or_refuse(known: StoredForecast, text: str) -> StoredForecast:
    if canonical(known.document, what_zh="预测", what_en="the forecast") != text:
        raise StoreError(
            zh=f"预测 {known.id} 已存在且内容不同;预测保存后不可修改。",
            en=f"Forecast {known.id} is there already and differs; a kept forecast never changes.",
        )
    return known


def _row(connection: Connection, forecast_id: str) -> StoredForecast | None:
    row = connection.execute(select(FORECASTS).where(FORECASTS.c.id == forecast_id)).mappings().one_or_none()
    return None if row is None else _forecast(row)


def _forecast(row: Any) -> StoredForecast:
    return StoredForecast(**(dict(row) | {"document": parsed(row["document"])}))
