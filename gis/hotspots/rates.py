"""Counts per grid set against its area and its households. It states every denominator it divides by."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.crs import to_metric
from gis.errors import ShapeError
from gis.schemas import require_columns


def grid_rates(areas: gpd.GeoDataFrame, counts: npt.ArrayLike, days: float) -> pd.DataFrame:
    """Counts, density and household rate of each area.

    Parameters
    ----------
    areas
        The ``areas`` table, EPSG:4326; areas are measured in the local metric CRS.
    counts
        Shape (n,), incidents of the period, in row order.
    days
        Length of the period; kept beside the figures, since they are totals of the period and not per day.

    Returns
    -------
    rates
        ``code``, ``count``, ``area_km2``, ``per_km2``, ``households``, ``per_1000_households`` (NaN where households are
        unknown or none), ``days``; row order of ``areas``.

    Raises
    ------
    ShapeError
        Not one count for each area, or a period without length.
    """
    require_columns(areas, ["code", "households"], layer="areas")
    counted = np.asarray(counts, dtype=np.int64)
    if counted.shape != (len(areas),) or days <= 0:
        raise ShapeError(
            zh=f"{len(areas)} 个区域配了 {counted.shape} 个计数,时段 {days:g} 天。",
            en=f"{len(areas)} areas with counts of shape {counted.shape} over {days:g} days.",
        )
    km2 = to_metric(areas).area.to_numpy() / 1e6 if len(areas) else np.zeros(0)
    households = areas["households"].to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_km2 = np.where(km2 > 0, counted / km2, np.nan)
        per_1000 = np.where(households > 0, counted * 1000.0 / households, np.nan)
    return pd.DataFrame(
        {
            "code": areas["code"].to_numpy(),
            "count": counted,
            "area_km2": km2,
            "per_km2": per_km2,
            "households": areas["households"].to_numpy(),
            "per_1000_households": per_1000,
            "days": float(days),
        }
    )
