"""Travel times equal a slow shortest path, and the line drawn is as long as the way counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import NotFoundError, ShapeError
from gis.roads import build_network, nearest_nodes, route_line, straight_matrix, travel_matrix
from tests.gis.roads.oracle_dijkstra import shortest_metres
from tests.gis.roads.street_maker import CRS, Line, at, streets

A, B, C, D = (0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)


@st.composite
def town(draw: st.DrawFn) -> list[Line]:
    """Some streets of a 4 x 4 lattice of crossings, 90 m apart."""
    crossings = [(90.0 * x, 90.0 * y) for x in range(4) for y in range(4)]
    steps = [(p, q) for p in crossings for q in crossings if p < q and abs(p[0] - q[0]) + abs(p[1] - q[1]) == 90]
    return [list(step) for step in draw(st.lists(st.sampled_from(steps), min_size=3, max_size=24))]


@settings(max_examples=40, deadline=None)
@given(lines=town(), snap_m=st.sampled_from([0.0, 1.0]))
def test_every_distance_equals_a_slow_shortest_path(lines: list[Line], snap_m: float) -> None:
    points = sorted({point for line in lines for point in line})
    network = build_network(streets(lines), crs=CRS, snap_m=snap_m)
    seconds, metres = travel_matrix(network, np.array(at(*points)), main_only=False)
    expected = np.array([[shortest_metres(lines, a, b) for b in points] for a in points])
    np.testing.assert_allclose(metres, expected, rtol=1e-3, atol=0.05)
    np.testing.assert_allclose(seconds, metres / 1.3, rtol=1e-6, atol=0.05)


def test_the_last_metres_are_walked_with_the_detour_factor() -> None:
    network = build_network(streets([[A, B]]), crs=CRS, mode="car")
    seconds, metres = travel_matrix(network, np.array(at((0.0, 10.0), (100.0, 0.0))))
    assert metres[0, 1] == pytest.approx(113, abs=0.1)
    assert seconds[0, 1] == pytest.approx(100 / (20 / 3.6) + 13 / 1.3, abs=0.1)


def test_a_point_stands_at_its_place_along_the_street() -> None:
    network = build_network(streets([[A, (1000.0, 0.0)]]), crs=CRS)
    _, metres = travel_matrix(network, np.array(at((310.0, 0.0), (850.0, 0.0), (310.0, 0.0), (400.0, 0.0))))
    np.testing.assert_allclose(metres[0], [0, 540, 0, 90], atol=0.05)
    np.testing.assert_allclose(metres, metres.T, atol=0.05)


def test_on_a_one_way_street_the_car_goes_round() -> None:
    network = build_network(streets([[A, B], [B, C, D, A]], oneway=[True, False]), crs=CRS, mode="car")
    _, metres = travel_matrix(network, np.array(at((20.0, 0.0), (70.0, 0.0))))
    np.testing.assert_allclose(metres, [[0, 50], [350, 0]], atol=0.1)


def test_points_nearer_to_each_other_than_to_the_street_are_joined_directly() -> None:
    network = build_network(streets([[A, B]]), crs=CRS)
    _, metres = travel_matrix(network, np.array(at((30.0, 40.0), (30.0, 44.0), (30.0, -200.0))))
    assert metres[0, 1] == pytest.approx(1.3 * 4, abs=0.1)
    assert metres[0, 2] == pytest.approx(1.3 * 240, abs=0.1)


def test_a_point_far_from_every_street_is_out_of_reach() -> None:
    network = build_network(streets([[A, B]]), crs=CRS)
    seconds, metres = travel_matrix(network, np.array(at(A, (0.0, 1500.0))))
    assert np.isinf(seconds[0, 1])
    assert np.isinf(metres[0, 1])
    assert np.isfinite(travel_matrix(network, np.array(at(A, (0.0, 1500.0))), max_access_m=2000)[0]).all()


def test_a_limit_leaves_out_what_is_farther() -> None:
    network = build_network(streets([[A, B, C]]), crs=CRS)
    seconds, _ = travel_matrix(network, np.array(at(A, B, C)), limit_s=100)
    assert np.isfinite(seconds[0, 1])
    assert np.isinf(seconds[0, 2])


def test_points_snap_to_the_largest_part_unless_told_otherwise() -> None:
    network = build_network(streets([[A, B, C, D], [(300.0, 0.0), (310.0, 0.0)]]), crs=CRS)
    node, away = nearest_nodes(network, np.array(at((305.0, 0.0))))
    assert network.component[node[0]] == 0
    assert away[0] == pytest.approx(205, abs=0.1)
    assert nearest_nodes(network, np.array(at((305.0, 0.0))), main_only=False)[1][0] == pytest.approx(5, abs=0.1)
    assert len(nearest_nodes(network, np.empty((0, 2)))[0]) == 0


def test_the_route_runs_along_the_streets_from_point_to_point() -> None:
    network = build_network(streets([[A, B, C]]), crs=CRS)
    line = route_line(network, np.array(at(A)[0]), np.array(at((100.0, 90.0))[0]))
    assert line.length == pytest.approx(190, abs=0.3)
    assert line.coords[0] == pytest.approx(at(A)[0])
    assert line.coords[-1] == pytest.approx(at((100.0, 90.0))[0])


def test_no_way_is_an_error_with_its_reason() -> None:
    apart = build_network(streets([[A, B, C, D], [(300.0, 0.0), (310.0, 0.0)]]), crs=CRS)
    with pytest.raises(NotFoundError, match="no way on foot"):
        route_line(apart, np.array(at(A)[0]), np.array(at((305.0, 0.0))[0]), main_only=False)
    with pytest.raises(NotFoundError):
        route_line(apart, np.array(at(A)[0]), np.array(at((5000.0, 0.0))[0]))


def test_straight_lines_times_detour_where_no_streets_are() -> None:
    seconds, metres = straight_matrix(np.array([[0.0, 0.0], [300.0, 400.0]]), speed_mps=1.3)
    assert metres[0, 1] == pytest.approx(650)
    assert seconds[1, 0] == pytest.approx(500)
    with pytest.raises(ShapeError, match="detour"):
        straight_matrix(np.zeros((1, 2)), speed_mps=1.3, detour=0.5)


@pytest.mark.parametrize("points", [np.array([[np.nan, 0.0]]), np.zeros(3), np.zeros((2, 3))])
def test_points_without_two_finite_coordinates_are_refused(points: np.ndarray) -> None:
    network = build_network(streets([[A, B]]), crs=CRS)
    with pytest.raises(ShapeError):
        travel_matrix(network, points)
