"""Grids in the order in which a supervisor should look at them. Ranking only: the statistics are made elsewhere."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.grid.neighbours import Neighbours
from gis.hotspots.getis_ord import gi_star
from gis.hotspots.rates import grid_rates


def rank_grids(
    areas: gpd.GeoDataFrame,
    counts: npt.ArrayLike,
    neighbours: Neighbours,
    *,
    days: float,
    alpha: float = 0.05,
    total: int | None = None,
) -> pd.DataFrame:
    """Grids by rank: most incidents first, then the higher Gi* score, then the lower code.

    Gi* is taken of the counts and marks grids that, with their neighbours, hold more than chance would bring; a quiet grid
    beside a busy one may be marked, so it does not decide the rank. Density and household rate stand beside it.

    Parameters
    ----------
    areas
        The ``areas`` table of one level, special grids left out.
    counts
        Shape (n,), incidents of the period in row order.
    neighbours
        Contiguity of the same rows.
    days
        Length of the period.
    alpha
        Level of the false-discovery control of the marks.
    total
        Incidents of which ``share`` is told: the sum of the counts by default; give all of the period when some lie in
        no grid.

    Returns
    -------
    ranked
        ``rank`` (from 1), the columns of ``grid_rates``, ``z``, ``p``, ``q``, ``hot``, ``cold``, ``share`` (of ``total``;
        0 when there are none). ``attrs`` hold the denominator as ``total`` and what Gi* could not judge as ``notes``.

    Raises
    ------
    ShapeError
        Counts, areas and neighbours differ in length.
    """
    counted = np.asarray(counts, dtype=np.int64)
    rates = grid_rates(areas, counted, days)
    score = gi_star(counted, neighbours, alpha=alpha)
    whole = int(counted.sum()) if total is None else total
    ranked = rates.assign(
        z=score.z, p=score.p, q=score.q, hot=score.hot, cold=score.cold, share=counted / whole if whole else 0.0
    )
    ranked = ranked.sort_values(["count", "z", "code"], ascending=[False, False, True], ignore_index=True)
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    ranked.attrs.update(total=whole, notes=score.notes)
    return ranked
