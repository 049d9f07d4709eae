"""What a kept forecast expected against what was reported, once its time is over; always with the denominator.

It reads counts and changes nothing; a forecast stays as it was made.
"""

from datetime import timedelta
from typing import Any

import numpy as np

from gis.errors import NotFoundError
from gis.forecast import grid_cells, score
from gis.incidents import IncidentFilter
from webmap.forecast_ground import FOUND_BY
from webmap.forecasts import ForecastQuestion, in_one_area
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.forecasts import StoredForecast

SHARES = (0.01, 0.05)
"""Shares of the area at which a past forecast is told."""


def outcome(services: Services, viewer: Viewer, stored: StoredForecast) -> dict[str, Any]:
    """What happened in the time of a forecast.

    Returns
    -------
    told
        ``known``: the time is over and the data reach past it. Then ``n`` (reports in the grids of the forecast), ``expected``
        and ``at``: for each share of the area the grids' ``hits`` of ``n`` and ``hit_rate`` and ``pai``; without a report these are None.
    """
    data = services.date_range(viewer)
    # The last day of the data may still fill up.
    reach = None if data is None else data.until - timedelta(minutes=1)
    if reach is None or stored.until > services.clock() or reach < stored.until - timedelta(days=1):
        return {"known": False}
    return services.keep(("outcome", stored.id), viewer, lambda: _held_against(services, viewer, stored))


def _held_against(services: Services, viewer: Viewer, stored: StoredForecast) -> dict[str, Any]:
    categories = (stored.category,) if stored.category else ()
    question = ForecastQuestion(stored.period, stored.category, stored.area)  # type: ignore[arg-type]
    try:
        mine, _ = in_one_area(services, viewer, question)
    except NotFoundError:
        return {"known": False}
    asked = IncidentFilter(since=stored.since, until=stored.until, found_by=FOUND_BY, categories=categories)
    grids = services.cells(mine)
    grids = grids[grids["code"].isin(stored.document["expected"])]
    if grids.empty:
        return {"known": False}
    cells = grid_cells(grids.geometry.to_crs(services.metric(mine)).to_numpy(), grids["code"].astype(str).tolist())
    expected = np.array([stored.document["expected"][code] for code in cells.code.tolist()])
    counts = services.counts_of(mine, asked, grids).astype(np.float64)
    hits = score(expected[None], counts[None], np.zeros((1, len(cells))), cells, SHARES)
    n = int(counts.sum())
    rows = zip(SHARES, hits.hits[0].tolist(), hits.hit_rate().tolist(), hits.pai().tolist(), strict=True)
    return {
        "known": True,
        "n": n,
        "expected": round(float(expected.sum()), 4),
        "at": [
            {
                "share": share,
                "hits": round(caught, 2),
                "hit_rate": round(rate, 4) if n else None,
                "pai": round(pai, 3) if n else None,
            }
            for share, caught, rate, pai in rows
        ],
    }
