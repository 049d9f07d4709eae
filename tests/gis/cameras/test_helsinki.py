"""221 mapped cameras and 486 buildings of central Helsinki (OpenStreetMap contributors, ODbL), against the slow oracle."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.cameras.buildings import Occluders
from gis.cameras.views import Views
from gis.cameras.visible import visible_polygons
from tests.oracles.shadow_union import visible_disc

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def town(shared_data: Path) -> tuple[np.ndarray, Occluders]:
    folder = shared_data / "patrol"
    cameras = gpd.read_file(folder / "cameras" / "helsinki_centre_osm_surveillance.geojson").to_crs("EPSG:32635")
    buildings = gpd.read_file(folder / "buildings" / "helsinki_centre_buildings.gpkg").to_crs("EPSG:32635")
    return shapely.get_coordinates(cameras.geometry.centroid), Occluders.build(buildings.geometry)


@pytest.mark.parametrize("reach", [60.0, 150.0])
def test_every_real_camera_sees_what_the_oracle_sees(town: tuple[np.ndarray, Occluders], reach: float) -> None:
    xy, buildings = town
    one = np.ones(len(xy))
    views = Views(
        np.arange(len(xy)), xy[:, 0], xy[:, 1], 4 * one, 0 * one, reach * one, np.nan * one, 360 * one, one > 0
    )
    found = visible_polygons(views, buildings)
    assert shapely.is_valid(found).all()
    outside = ~shapely.is_empty(found)
    assert len(xy) == 221
    assert outside.sum() == 169, "52 are mapped inside a footprint"
    merged = buildings.walls(4.0).tree.geometries
    for row in np.flatnonzero(outside):
        wanted = visible_disc(xy[row], reach, merged)
        assert found[row].symmetric_difference(wanted).area <= 1e-4 * wanted.area
