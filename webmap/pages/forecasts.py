"""A kept forecast as a page and a program show it, JSON-safe: numbers with their unit, period and denominator, and the words beside them."""

from datetime import datetime
from typing import Any

from webmap import forecast_words as words
from webmap.forecast_outcome import outcome
from webmap.forecasts import ForecastQuestion, coming, grid_rows, in_one_area, is_fresh, kept
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.forecasts import StoredForecast

MOST_LISTED = 20


def latest(services: Services, viewer: Viewer, question: ForecastQuestion) -> dict[str, Any]:
    """The coming period, and its forecast where one was made.

    Returns
    -------
    told
        ``period`` (``kind``, ``since``, ``until``), ``area``, ``category`` and ``forecast``; the last is None where none was made.
    """
    _, asked = in_one_area(services, viewer, question)
    period = coming(asked.period, services.clock(), services.zone)
    stored = kept(services, viewer, asked)
    return {
        "period": {"kind": asked.period, "since": period.since.isoformat(), "until": period.until.isoformat()},
        "area": asked.area,
        "category": asked.category,
        "forecast": None if stored is None else shown(services, viewer, stored),
    }


def shown(services: Services, viewer: Viewer, stored: StoredForecast) -> dict[str, Any]:
    """A forecast with its grids by rank, its score card in words, and what happened since where its time is over."""
    document = stored.document
    names = (
        "shift",
        "total",
        "model",
        "settings",
        "delay_days",
        "known_until",
        "history",
        "left_out",
        "explain",
        "card",
    )
    return _head(services, stored) | {
        **{name: document[name] for name in names},
        "unit": words.unit(stored.period),
        "exposure": words.exposure(document),
        "delay": words.delay(document, _known(services, document)),
        "lines": words.card_lines(document),
        "grids": grid_rows(stored),
        "outcome": outcome(services, viewer, stored),
    }


def listed(services: Services, viewer: Viewer) -> list[dict[str, Any]]:
    """The kept forecasts of the latest times, each with what happened since where its time is over."""
    found = services.store.forecasts.list(viewer, limit=MOST_LISTED)
    return [
        _head(services, stored) | {"total": stored.document["total"], "outcome": outcome(services, viewer, stored)}
        for stored in found
    ]


def _head(services: Services, stored: StoredForecast) -> dict[str, Any]:
    return {
        "id": stored.id,
        "area": stored.area,
        "category": stored.category,
        "category_name": words.category_name(stored.category),
        "period": {
            "kind": stored.period,
            "since": _local(services, stored.since),
            "until": _local(services, stored.until),
        },
        "made_at": stored.made_at.isoformat(),
        "fresh": is_fresh(services, stored),
    }


def _local(services: Services, moment: datetime) -> str:
    return services.local(moment).isoformat()


def _known(services: Services, document: dict[str, Any]) -> str:
    return f"{services.local(datetime.fromisoformat(document['known_until'])):%Y-%m-%d %H:%M}"
