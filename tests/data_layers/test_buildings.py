"""The shipped footprints: clear of streets, of the railway and of each other."""

import geopandas as gpd
import shapely

from gis.schemas import BUILDINGS

METRIC = "EPSG:4545"


def test_columns_are_the_buildings_table(buildings: gpd.GeoDataFrame) -> None:
    assert set(buildings.columns) == set(BUILDINGS.names)
    assert buildings["id"].is_unique
    assert 5_000 <= len(buildings) <= 10_000
    assert buildings["height_m"].between(3, 100).all()


def test_no_footprint_meets_a_street(buildings: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> None:
    lines = streets.to_crs(METRIC).geometry.to_numpy()
    near, _ = shapely.STRtree(lines).query(buildings.geometry.to_numpy(), predicate="dwithin", distance=5.0)
    assert len(near) == 0


def test_footprints_do_not_overlap(buildings: gpd.GeoDataFrame) -> None:
    shapes = buildings.geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (a == b).all()


def test_footprints_are_simple_and_of_a_houses_size(buildings: gpd.GeoDataFrame) -> None:
    assert buildings.geometry.is_valid.all()
    assert buildings.area.between(80, 5_000).all()
