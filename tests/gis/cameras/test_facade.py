"""Cameras mapped inside or on a building are put just outside its wall; where they stood is not forgotten."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras.facade import snap_to_facade
from gis.errors import InputError, ShapeError

HOUSE = np.array([shapely.box(0, 0, 20, 10)], dtype=object)


def test_a_camera_inside_goes_to_the_nearest_wall_and_faces_away_from_it() -> None:
    found = snap_to_facade(np.array([[10.0, 9.0]]), HOUSE, off_m=0.2)
    assert found.state.tolist() == ["inside"]
    assert found.xy[0] == pytest.approx([10.0, 10.2])
    assert found.moved_m[0] == pytest.approx(1.2)
    assert found.facing[0] == pytest.approx(0.0)


def test_a_camera_in_the_open_stays() -> None:
    found = snap_to_facade(np.array([[10.0, 15.0]]), HOUSE)
    assert (found.state[0], found.moved_m[0]) == ("clear", 0.0)
    assert np.isnan(found.facing[0])


def test_between_touching_houses_is_no_facade() -> None:
    row = np.array([shapely.box(0, 0, 20, 10), shapely.box(20, 0, 40, 10)], dtype=object)
    found = snap_to_facade(np.array([[20.0, 4.0]]), row)
    assert shapely.distance(shapely.Point(found.xy[0]), shapely.union_all(row)) == pytest.approx(0.2)
    assert found.moved_m[0] > 4


def test_a_position_that_is_none_passes() -> None:
    found = snap_to_facade(np.array([[np.nan, 4.0], [10.0, 5.0]]), HOUSE)
    assert found.state.tolist() == ["", "inside"]


def test_shapes_and_distances_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ShapeError):
        snap_to_facade(np.zeros(3), HOUSE)
    with pytest.raises(InputError):
        snap_to_facade(np.zeros((1, 2)), HOUSE, off_m=0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100_000))
def test_snapped_cameras_stand_outside_and_stay_when_snapped_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 80, (8, 2)).round()
    size = rng.integers(5, 30, (8, 2))
    houses = shapely.box(*corner.T, *(corner + size).T)
    found = snap_to_facade(rng.uniform(0, 100, (30, 2)).round(1), houses)
    assert (shapely.distance(shapely.points(found.xy), shapely.union_all(houses)) >= 0.199).all()
    again = snap_to_facade(found.xy, houses, on_wall_m=0.1)
    assert (again.moved_m == 0).all()


@pytest.mark.real
def test_every_camera_of_helsinki_stands_in_the_open_afterwards(shared_data: Path) -> None:
    folder = shared_data / "patrol"
    cameras = gpd.read_file(folder / "cameras" / "helsinki_centre_osm_surveillance.geojson").to_crs("EPSG:32635")
    shapes = (
        gpd.read_file(folder / "buildings" / "helsinki_centre_buildings.gpkg").to_crs("EPSG:32635").geometry.to_numpy()
    )
    xy = shapely.get_coordinates(cameras.geometry.to_numpy())
    found = snap_to_facade(xy, shapes)
    assert (len(xy), int((found.state == "inside").sum())) == (221, 52)
    solid = shapely.union_all(shapely.make_valid(shapes))
    assert shapely.distance(shapely.points(found.xy), solid).min() > 0.19
