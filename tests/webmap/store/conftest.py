"""Two streets with four grids, an hour of reports in them, and an empty store of each kind."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.postgres_cluster import PostgresCluster
from webmap.store import LOCAL_OPERATOR, Store, Viewer, init_store, open_store

DISTRICT = "150304000000"
STREET_A, STREET_B = "150304009000", "150304010000"
GRIDS = ("150304009008001", "150304009008002", "150304010001001", "150304010001002")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SETTINGS = {"name_zh": "乌达区", "name_en": "Wuda", "code": DISTRICT, "zone": "Asia/Shanghai"}
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
SUPERVISOR_A = Viewer("li", "supervisor", (STREET_A,))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A private PostgreSQL + PostGIS cluster."""
    cluster = PostgresCluster()
    yield cluster
    cluster.stop()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store may be made; nothing is there yet, or the store of a test that asks for one."""
    made = "store" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "wuda.db"
        if made:
            shutil.copyfile(request.getfixturevalue("made_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    url = cluster.new_database(template=request.getfixturevalue("made_postgres")) if made else cluster.new_database()
    yield url
    cluster.drop(url)


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store in one file, made once: a copy costs less than the way through every migration."""
    path = tmp_path_factory.mktemp("made") / "wuda.db"
    init_store(f"sqlite:///{path}", SETTINGS).close()
    return path


@pytest.fixture(scope="session")
def made_postgres(postgres_cluster: PostgresCluster) -> str:
    """Name of a database that holds an empty store, made once."""
    url = postgres_cluster.new_database()
    init_store(url, SETTINGS).close()
    return url.rpartition("/")[2]


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = open_store(url, attachments=tmp_path / "attachments")
    yield store
    store.close()


@pytest.fixture
def wuda(store: Store, two_streets: gpd.GeoDataFrame, reports: pd.DataFrame) -> Store:
    """A store with the two streets and the reports in it."""
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=NOW)
    return store


@pytest.fixture
def two_streets() -> gpd.GeoDataFrame:
    """A district, two streets side by side, a community in each, two grids in each community."""
    return areas_of_two_streets()


def areas_of_two_streets() -> gpd.GeoDataFrame:
    """The ``areas`` table of the little town."""
    rows = [
        (DISTRICT, "", "district", "", 0, 4),
        (STREET_A, DISTRICT, "street", "", 0, 2),
        (STREET_B, DISTRICT, "street", "", 2, 4),
        ("150304009008", STREET_A, "community", "", 0, 2),
        ("150304010001", STREET_B, "community", "", 2, 4),
        *((code, code[:12], "grid", "basic", i, i + 1) for i, code in enumerate(GRIDS)),
    ]
    frame = pd.DataFrame([row[:4] for row in rows], columns=["code", "parent", "level", "kind"])
    frame["name_zh"] = "区域" + frame["code"]
    frame["households"] = pd.array([pd.NA, 900, 1200, *[pd.NA] * 6], dtype="Int64")
    frame["synthetic"] = True
    outlines = [shapely.box(106.70 + row[4] / 100, 39.40, 106.70 + row[5] / 100, 39.41) for row in rows]
    return gpd.GeoDataFrame(frame, geometry=outlines, crs="EPSG:4326")


@pytest.fixture
def reports() -> pd.DataFrame:
    """Eight located reports, two in each grid, and one outside of all."""
    return located_reports(9)


def located_reports(count: int, *, seed: int = 7) -> pd.DataFrame:
    """Reports in turn over the four grids, every ninth outside of all."""
    rng = np.random.default_rng(seed)
    place = np.arange(count) % 9
    outside = place == 8
    cell = np.where(outside, 40, place % 4)
    grid = np.where(outside, "", np.array([*GRIDS, ""])[np.where(outside, 4, place % 4)])
    times = pd.date_range("2026-03-01T15:00Z", periods=count, freq="37min", unit="us")
    return pd.DataFrame(
        {
            "id": [f"r{number:06d}" for number in range(count)],
            "lon": 106.70 + cell / 100 + rng.random(count) / 100,
            "lat": 39.40 + rng.random(count) / 100,
            "occurred_at": times,
            "occurred_to": pd.Series([pd.NaT] * count, dtype="datetime64[us, UTC]"),
            "time_precision": "minute",
            "scheme": "wangge",
            "category": np.array(["0102", "0601", "井盖"])[np.arange(count) % 3],
            "source": np.array(["12345", "grid"])[np.arange(count) % 2],
            "found_by": np.array(["report", "report", "patrol"])[np.arange(count) % 3],
            "address": '巴音赛街 "12" 号,\n后院',
            "x_orig": np.where(np.arange(count) % 5 == 0, np.nan, 106.7),
            "y_orig": 39.4,
            "datum": "gcj02",
            "grid": grid,
            "community": [code[:12] for code in grid],
            "street": [code[:9] + "000" if code else "" for code in grid],
            "district": np.where(outside, "", DISTRICT),
        }
    )


@pytest.fixture
def cameras() -> pd.DataFrame:
    """One camera in each grid."""
    return pd.DataFrame(
        {
            "id": [f"c{i}" for i in range(4)],
            "lon": [106.705 + i / 100 for i in range(4)],
            "lat": 39.405,
            "name": "路口",
            "azimuth": [0.0, np.nan, 180.0, 270.0],
            "grid": GRIDS,
            "community": [code[:12] for code in GRIDS],
            "street": [code[:9] + "000" for code in GRIDS],
            "district": DISTRICT,
        }
    )
