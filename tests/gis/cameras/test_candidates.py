"""Candidates stand on open ground of the district, outside forbidden zones, and see what a real camera there would."""

import numpy as np
import pytest
import shapely

from gis.cameras.buildings import Occluders
from gis.cameras.candidates import Optic, along_facades, along_streets, candidates, cover_matrix
from gis.errors import InputError

HOUSE = shapely.box(40, 10, 60, 30)
NONE = Occluders.build(np.array([], dtype=object))
STREET = np.array([shapely.LineString([(0, 0), (100, 0)])], dtype=object)


def test_poles_stand_at_both_ends_and_at_equal_steps() -> None:
    assert along_streets(STREET, every_m=25).tolist() == [[0, 0], [25, 0], [50, 0], [75, 0], [100, 0]]


def test_where_streets_meet_stands_one_pole() -> None:
    crossing = np.array([shapely.LineString([(0, 0), (50, 0)]), shapely.LineString([(50, 0), (50, 50)])], dtype=object)
    at = along_streets(crossing, every_m=50)
    assert sorted(map(tuple, at.tolist())) == [(0, 0), (50, 0), (50, 50)]


def test_facades_are_outer_walls_a_little_off() -> None:
    touching = np.array([HOUSE, shapely.box(60, 10, 80, 30)], dtype=object)
    points = shapely.points(along_facades(touching, every_m=5, off_m=0.3))
    distance = shapely.distance(points, shapely.union_all(touching))
    assert distance == pytest.approx(0.3, abs=0.01)


def test_places_that_cannot_be_used_are_counted_by_reason() -> None:
    at = np.array([[10.0, 0.0], [50.0, 20.0], [500.0, 0.0], [90.0, 0.0]])
    found = candidates(
        at, Optic(), Occluders.build(np.array([HOUSE], dtype=object)), orientations=4,
        within=shapely.box(-100, -100, 100, 100), forbidden=[shapely.box(80, -10, 100, 10)],
    )  # fmt: skip
    assert found.left_out == {"outside": 1, "forbidden": 1, "inside_building": 1}
    assert found.table["azimuth"].tolist() == [0, 90, 180, 270]
    assert set(found.table["pole"]) == {0}


def test_what_a_candidate_sees_stops_at_a_wall_and_at_its_range() -> None:
    found = candidates(
        np.array([[50.0, 0.0]]), Optic(angle_deg=60, range_m=80, height_m=4),
        Occluders.build(np.array([HOUSE], dtype=object)), orientations=4,
    )  # fmt: skip
    north, east, south, _ = found.areas
    assert shapely.area(shapely.intersection(north, shapely.box(40, 31, 60, 100))) == 0
    assert shapely.area(south) == pytest.approx(shapely.area(east), rel=0.01)
    assert shapely.distance(shapely.Point(50, 0), shapely.Point(shapely.get_coordinates(south).min(axis=0))) <= 100


def test_a_camera_that_sees_all_round_has_one_orientation() -> None:
    found = candidates(np.array([[0.0, 0.0]]), Optic(angle_deg=360, range_m=20), NONE, orientations=8)
    assert len(found.table) == 1
    assert shapely.area(found.areas[0]) == pytest.approx(np.pi * 400, rel=0.01)


def test_the_cover_matrix_is_points_in_areas() -> None:
    areas = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 5, 15, 15)], dtype=object)
    matrix = cover_matrix(areas, np.array([[1.0, 1.0], [7.0, 7.0], [30.0, 30.0]]))
    assert matrix.toarray().tolist() == [[True, True, False], [False, True, False]]


def test_no_place_left_says_why() -> None:
    with pytest.raises(InputError, match="1 outside"):
        candidates(np.array([[500.0, 0.0]]), Optic(), NONE, within=shapely.box(0, 0, 1, 1))


@pytest.mark.parametrize("wrong", [{"angle_deg": 0}, {"range_m": -1}, {"height_m": float("nan")}])
def test_cameras_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Optic(**wrong)


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(InputError):
        along_streets(STREET, every_m=0)
