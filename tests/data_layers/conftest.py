"""The shipped sample layers as tables, read once."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

LAYERS = Path(__file__).resolve().parents[2] / "data" / "layers"
METRIC = "EPSG:4545"


def _points(name: str) -> gpd.GeoDataFrame:
    frame = pd.read_csv(LAYERS / name, dtype=str, keep_default_na=False)
    at = gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float))
    return gpd.GeoDataFrame(frame, geometry=at, crs=4326).to_crs(METRIC)


@pytest.fixture(scope="session")
def layers_folder() -> Path:
    """The folder that ships."""
    return LAYERS


@pytest.fixture(scope="session")
def areas_m(wuda_areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The area tree in metres."""
    return wuda_areas.to_crs(METRIC)


@pytest.fixture(scope="session")
def streets() -> gpd.GeoDataFrame:
    """All streets and the railway, in degrees as shipped."""
    return gpd.read_file(LAYERS / "streets.geojson", engine="pyogrio")


@pytest.fixture(scope="session")
def buildings() -> gpd.GeoDataFrame:
    """All footprints, in metres."""
    return gpd.read_file(LAYERS / "buildings.geojson", engine="pyogrio").to_crs(METRIC)


@pytest.fixture(scope="session")
def places() -> gpd.GeoDataFrame:
    """All places, text columns, in metres."""
    return _points("places.csv")


@pytest.fixture(scope="session")
def cameras() -> gpd.GeoDataFrame:
    """All cameras, text columns, in metres."""
    return _points("cameras.csv")


@pytest.fixture(scope="session")
def incidents() -> gpd.GeoDataFrame:
    """All incidents, text columns and ``local``, the time in the district, in metres; the grid stated is ``declared_area``."""
    frame = _points("incidents.csv.gz").rename(columns={"grid_code": "declared_area"})
    return frame.assign(local=pd.to_datetime(frame["occurred_at"]).dt.tz_localize(None))


@pytest.fixture(scope="session")
def incident_xy(incidents: gpd.GeoDataFrame) -> np.ndarray:
    """Positions of the incidents, shape (n, 2), metres."""
    return np.column_stack([incidents.geometry.x, incidents.geometry.y])
