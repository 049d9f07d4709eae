"""Weights equal libpysal's, name their islands and refuse what is no neighbourhood."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from libpysal.graph import Graph
from scipy.spatial.distance import cdist

from gis.errors import InputError, ShapeError
from gis.hotspots.weights import band_weights, knn_weights, lattice_weights, polygon_weights


def squares(rows: int, columns: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(c, r, c + 1, r + 1) for r in range(rows) for c in range(columns)])


@pytest.mark.parametrize("rook", [False, True])
def test_a_lattice_touches_as_its_squares_do(rook: bool) -> None:
    by_number, by_shape = lattice_weights(4, 6, rook=rook), polygon_weights(squares(4, 6), rook=rook)
    assert by_number.indptr.tolist() == by_shape.indptr.tolist()
    assert by_number.indices.tolist() == by_shape.indices.tolist()


def test_a_masked_lattice_leaves_out_cells_and_states_the_island() -> None:
    near = lattice_weights(3, 3, mask=[[1, 1, 0], [0, 0, 0], [0, 0, 1]])
    assert near.matrix().toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert near.islands.tolist() == [2]
    assert near.notes()[0][1].startswith("1 cells have no neighbours")


def test_one_cell_is_an_island() -> None:
    assert lattice_weights(1, 1).islands.tolist() == [0]


def test_the_nearest_equal_libpysals(rng: np.random.Generator) -> None:
    xy = rng.uniform(0, 1000, (80, 2))
    wanted = Graph.build_knn(gpd.GeoSeries(shapely.points(xy)), k=5).sparse.toarray()
    assert (knn_weights(xy, 5).matrix().toarray() == wanted).all()


def test_of_equally_near_places_the_lower_position_counts() -> None:
    xy = [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]
    assert knn_weights(xy, 2).indices[:2].tolist() == [1, 2]


def test_places_on_one_point_are_near_each_other_and_not_to_themselves() -> None:
    near = knn_weights(np.zeros((4, 2)), 2)
    assert near.matrix().toarray().diagonal().tolist() == [0, 0, 0, 0]
    assert near.degree.tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(("decay", "power"), [("none", 0), ("inverse", -1), ("inverse_square", -2)])
def test_a_band_holds_all_within_it(decay: str, power: int, rng: np.random.Generator) -> None:
    xy = rng.uniform(0, 1000, (60, 2))
    apart = cdist(xy, xy)
    wanted = np.where((apart <= 200) & (apart > 0), np.maximum(apart, 1.0) ** power, 0.0)
    np.testing.assert_allclose(band_weights(xy, 200, decay=decay).matrix().toarray(), wanted)


def test_the_end_of_a_band_is_inside() -> None:
    assert band_weights([[0, 0], [100, 0], [250, 0]], 100).degree.tolist() == [1, 1, 0]


def test_rows_are_standardised_to_one_and_islands_stay_empty() -> None:
    assert lattice_weights(1, 4, mask=[[1, 1, 0, 1]]).standardised().sums().tolist() == [1, 1, 0]


@pytest.mark.parametrize("band", [0.0, -5.0, np.inf, np.nan])
def test_a_band_without_width_is_refused(band: float) -> None:
    with pytest.raises(ShapeError, match="above zero"):
        band_weights([[0, 0], [1, 1]], band)


@pytest.mark.parametrize("k", [0, 3])
def test_neighbours_out_of_range_are_refused(k: int) -> None:
    with pytest.raises(ShapeError, match="allow 1 to 2"):
        knn_weights([[0, 0], [1, 1], [2, 2]], k)


@pytest.mark.parametrize("xy", [[], [[0, 0, 0]], [[0, np.nan]]])
def test_coordinates_that_are_none_are_refused(xy: list[list[float]]) -> None:
    with pytest.raises(ShapeError, match="Finite coordinates"):
        knn_weights(xy, 1)


def test_a_lattice_without_cells_is_refused() -> None:
    with pytest.raises(ShapeError, match="lattice"):
        lattice_weights(0, 3)


def test_a_band_over_everything_is_refused_before_memory_ends() -> None:
    with pytest.raises(InputError, match="too many"):
        band_weights(np.zeros((8000, 2)), 10)
