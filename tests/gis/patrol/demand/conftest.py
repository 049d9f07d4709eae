"""Three grids of 1 km side by side, their reports, and three places."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from tests.gis.patrol.demand.demand_maker import lonlat


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Three grids of 1 km side by side."""
    boxes = [
        shapely.Polygon([lonlat(x, 0), lonlat(x + 1000, 0), lonlat(x + 1000, 1000), lonlat(x, 1000)])
        for x in (0.0, 1000.0, 2000.0)
    ]
    return gpd.GeoDataFrame(
        {
            "code": ["a", "b", "c"],
            "level": "grid",
            "kind": "basic",
            "name_zh": ["甲", "乙", "丙"],
            "name_en": ["", "B", "C"],
        },
        geometry=boxes,
        crs=4326,
    )


@pytest.fixture
def hot() -> pd.DataFrame:
    """30 reports in b, 10 in a, none in c."""
    return pd.DataFrame(
        {
            "rank": [1, 2, 3],
            "code": ["b", "a", "c"],
            "count": [30, 10, 0],
            "q": [1e-5, 0.4, 1.0],
            "hot": [True, False, False],
        }
    )


@pytest.fixture
def places() -> pd.DataFrame:
    """A school, a safe harbour, and a station outside the district."""
    spots = [lonlat(500, 500), lonlat(2500, 500), lonlat(9000, 500)]
    return pd.DataFrame(
        {
            "id": ["p1", "p2", "p3"], "lon": [lon for lon, _ in spots], "lat": [lat for _, lat in spots],
            "name_zh": ["小学", "驿站", "远站"], "name_en": ["School", "", ""], "kind": ["school", "safe_harbour", "station"],
        }
    )  # fmt: skip
