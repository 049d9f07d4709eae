"""Candidates stand on open ground of the district, outside forbidden zones, and see what a real camera there would."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras.buildings import Occluders
from gis.cameras.candidates import (
    Optic,
    along_facades,
    along_streets,
    candidates,
    cover_matrix,
    demand_points,
)
from gis.cameras.coverage import PointTargets
from gis.errors import InputError, ShapeError

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
    at = np.array([[10.0, 0.0], [50.0, 20.0], [500.0, 0.0], [90.0, 0.0], [np.nan, 0.0]])
    found = candidates(
        at, Optic(), Occluders.build(np.array([HOUSE], dtype=object)), orientations=4,
        within=shapely.box(-100, -100, 100, 100), forbidden=[shapely.box(80, -10, 100, 10)],
    )  # fmt: skip
    assert found.left_out == {"no_position": 1, "outside": 1, "forbidden": 1, "inside_building": 1, "sees_nothing": 0}
    assert found.table["azimuth"].tolist() == [0, 90, 180, 270]
    assert set(found.table["pole"]) == {0}


def test_facades_that_face_a_street_are_told_from_the_back_of_the_house() -> None:
    at = along_facades(np.array([HOUSE], dtype=object), every_m=5, streets=STREET, facing_m=30)
    assert len(at)
    front, back = at[:, 1] < 10, at[:, 1] > 30
    assert front.any()
    assert not back.any()
    assert not len(along_facades(np.array([HOUSE], dtype=object), every_m=5, streets=STREET, facing_m=5))


def test_facades_on_open_ground_are_kept_and_those_on_a_narrow_gap_are_not() -> None:
    pair = np.array([HOUSE, shapely.box(64, 10, 84, 30)], dtype=object)
    at = along_facades(pair, every_m=3, open_m=20)
    in_gap = (at[:, 0] > 60.2) & (at[:, 0] < 63.8) & (at[:, 1] > 12) & (at[:, 1] < 28)
    assert len(at)
    assert not in_gap.any()
    assert len(along_facades(pair, every_m=3)) > len(at)


def test_courtyards_bear_no_camera() -> None:
    yard = shapely.Polygon(shapely.box(0, 0, 40, 40).exterior, [shapely.box(10, 10, 30, 30).exterior.coords])
    at = along_facades(np.array([yard], dtype=object), every_m=5, open_m=5)
    assert not shapely.intersects_xy(shapely.box(5, 5, 35, 35), at).any()


def test_an_orientation_into_the_wall_is_no_candidate() -> None:
    found = candidates(
        np.array([[50.0, 9.7]]), Optic(angle_deg=60, range_m=30), Occluders.build(np.array([HOUSE], dtype=object)),
        orientations=4, mount="wall",
    )  # fmt: skip
    assert found.left_out["sees_nothing"] == 1
    assert found.table["azimuth"].tolist() == [90, 180, 270]
    assert len(found.areas) == 3
    assert set(found.table["mount"]) == {"wall"}


def test_mounts_follow_the_places_that_are_kept() -> None:
    at = np.array([[500.0, 0.0], [10.0, 0.0], [90.0, 0.0]])
    found = candidates(
        at, Optic(), NONE, orientations=2, within=shapely.box(0, -9, 100, 9), mount=["a", "pole", "wall"]
    )
    assert found.table.groupby("pole")["mount"].first().tolist() == ["pole", "wall"]
    with pytest.raises(ShapeError):
        candidates(at, Optic(), NONE, mount=["pole"])


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


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_the_cover_matrix_is_what_shapely_says_pair_by_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = shapely.buffer(shapely.points(rng.uniform(0, 50, (6, 2))), rng.uniform(0, 20, 6))
    xy = rng.uniform(0, 50, (30, 2))
    wanted = shapely.intersects(areas[:, None], shapely.points(xy)[None, :])
    assert (cover_matrix(areas, xy).toarray() == wanted).all()


SQUARE = shapely.box(0, 0, 100, 100)


def test_demand_is_open_ground_and_every_kind_has_its_share() -> None:
    incidents = PointTargets.of(np.array([[4.0, 6.0], [95.0, 95.0]]), weight=[3.0, 1.0])
    found = demand_points(
        SQUARE, buildings=np.array([HOUSE], dtype=object), targets={"incidents": incidents},
        hot=[shapely.box(0, 0, 20, 20)],
    )  # fmt: skip
    assert len(found.xy) == 100 - 4
    assert not shapely.intersects_xy(HOUSE, found.xy).any()
    shares = {kind: each.sum() for kind, each in found.parts.items()}
    assert shares == pytest.approx({"incidents": 0.5 / 0.8, "hot": 0.1 / 0.8, "area": 0.2 / 0.8})
    assert found.weight.sum() == pytest.approx(1)
    assert found.parts["incidents"][(found.xy == [5, 5]).all(axis=1)] == pytest.approx(0.75 * 0.5 / 0.8)
    assert (found.parts["hot"] > 0).sum() == 4


def test_a_target_inside_a_building_counts_in_front_of_it_and_one_far_away_is_told() -> None:
    places = PointTargets.of(np.array([[50.0, 20.0], [900.0, 900.0], [np.nan, 1.0]]), weight=[1.0, 5.0, 2.0])
    found = demand_points(
        SQUARE, buildings=np.array([HOUSE], dtype=object), targets={"places": places}, worth={"places": 1.0}
    )
    assert len(found.xy) == 1
    assert shapely.distance(HOUSE, shapely.Point(found.xy[0])) <= 5
    assert found.left_out == {"places": 7}


def test_neighbouring_areas_share_one_lattice() -> None:
    west = demand_points(shapely.box(0, 0, 47, 100), step_m=10, worth={"area": 1}).xy
    east = demand_points(shapely.box(47, 0, 100, 100), step_m=10, worth={"area": 1}).xy
    whole = demand_points(SQUARE, step_m=10, worth={"area": 1}).xy
    assert sorted(map(tuple, np.vstack([west, east]).tolist())) == sorted(map(tuple, whole.tolist()))


def test_no_ground_is_no_demand() -> None:
    found = demand_points(shapely.Polygon())
    assert found.xy.shape == (0, 2)
    assert found.weight.sum() == 0


@pytest.mark.parametrize(
    "wrong", [{"step_m": 0.0}, {"step_m": 0.001}, {"worth": {"area": -1.0}}, {"worth": {"area": float("nan")}}]
)
def test_demand_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError) as told:
        demand_points(SQUARE, **wrong)  # type: ignore[arg-type]
    assert told.value.text("zh") != told.value.text("en")


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
