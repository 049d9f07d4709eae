"""A town of 10 x 10 grids of 300 m with a key area of four in its middle, and incidents as many as a test wants in each grid."""

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import unproject
from gis.hotspots.area_counts import counts_around
from gis.hotspots.area_effect import AreaEffect, area_effect

CRS = "EPSG:32648"
X0, Y0 = 620_000.0, 4_365_000.0
START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 56.0
SIDE = 10


@pytest.fixture(scope="module")
def town() -> gpd.GeoDataFrame:
    """A hundred grids of 300 m."""
    corners = [(X0 + 300 * (n % SIDE), Y0 + 300 * (n // SIDE)) for n in range(SIDE * SIDE)]
    shapes = [shapely.box(x, y, x + 300, y + 300) for x, y in corners]
    table = {"code": [f"g{n:02d}" for n in range(SIDE * SIDE)], "kind": "basic"}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


MIDDLE = shapely.box(X0 + 1200, Y0 + 1200, X0 + 1800, Y0 + 1800)
"""Four grids: g44, g45, g54, g55."""
INSIDE = {"g44", "g45", "g54", "g55"}


def incidents(town: gpd.GeoDataFrame, before: np.ndarray, after: np.ndarray, seed: int = 3) -> pd.DataFrame:
    """So many incidents in each grid, at random places and moments of either span."""
    rng = np.random.default_rng(seed)
    number = np.repeat(np.arange(len(town)), before + after)
    late = np.concatenate([np.arange(b + a) >= b for b, a in zip(before, after, strict=True)])
    corner = town.geometry.bounds[["minx", "miny"]].to_numpy()[number]
    lon, lat = unproject(corner + rng.uniform(1, 299, corner.shape), CRS)
    day = np.where(late, 1, -1) * rng.uniform(0.01, DAYS - 0.01, len(number))
    moments = [START + timedelta(days=float(each)) for each in day]
    return pd.DataFrame(
        {"occurred_at": pd.to_datetime(moments, utc=True), "lon": lon, "lat": lat, "found_by": "report"}
    )


def effect(
    town: gpd.GeoDataFrame, *, area: tuple[int, int], ring: tuple[int, int], far: tuple[int, int]
) -> tuple[AreaEffect, pd.DataFrame]:
    before, after = (np.full(len(town), far[k]) for k in (0, 1))
    near = town.geometry.intersects(MIDDLE.buffer(299)).to_numpy() & ~town["code"].isin(INSIDE).to_numpy()
    for k, span in enumerate((before, after)):
        span[near] = ring[k]
        span[town["code"].isin(INSIDE)] = area[k]
    counts = counts_around(incidents(town, before, after), town, MIDDLE, start=START, days=DAYS)
    return area_effect(counts, days=DAYS, rng=np.random.default_rng(1)), counts
