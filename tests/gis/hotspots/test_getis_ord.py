"""Gi* equals esda's analytic values, and never answers NaN."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from esda.getisord import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy.stats import false_discovery_control

from gis.errors import ShapeError
from gis.grid.neighbours import Neighbours, contiguity
from gis.hotspots import gi_star
from gis.hotspots.getis_ord import benjamini_hochberg
from tests.oracles.getis import gi_star_dense


def lattice(rows: int, columns: int) -> gpd.GeoDataFrame:
    """Unit squares."""
    return gpd.GeoDataFrame(geometry=[shapely.box(c, r, c + 1, r + 1) for r in range(rows) for c in range(columns)])


def esda_z(cells: gpd.GeoDataFrame, values: np.ndarray) -> np.ndarray:
    """The oracle."""
    weights = Graph.build_contiguity(cells, rook=False).to_W()
    return np.asarray(G_Local(values, weights, transform="B", star=True, permutations=0).Zs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_esda(seed: int) -> None:
    cells = lattice(9, 13)
    values = np.random.default_rng(seed).poisson(3, len(cells)).astype(float)
    np.testing.assert_allclose(gi_star(values, contiguity(cells)).z, esda_z(cells, values), atol=1e-9)


def test_standardising_weights_by_row_changes_nothing(rng: np.random.Generator) -> None:
    """By the printed formula; esda's own row-standardised scores differ, as it takes the sum of weights for their squares."""
    cells = lattice(5, 7)
    near, values = contiguity(cells), rng.poisson(3, 35).astype(float)
    binary = np.eye(35)
    for row in range(35):
        binary[row, near.of(row)] = 1
    found = gi_star(values, near).z
    np.testing.assert_allclose(found, gi_star_dense(values, binary), atol=1e-9)
    np.testing.assert_allclose(found, gi_star_dense(values, binary / binary.sum(axis=1, keepdims=True)), atol=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_scores_equal_esda_on_the_sample_grids(wuda_areas: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    grids = wuda_areas[wuda_areas["kind"] == "basic"].reset_index(drop=True)
    values = rng.negative_binomial(1, 0.02, len(grids)).astype(float)
    np.testing.assert_allclose(gi_star(values, contiguity(grids)).z, esda_z(grids, values), atol=1e-9)


def test_a_planted_hot_spot_is_found_and_nothing_else() -> None:
    values = np.full(400, 2.0)
    middle = [r * 20 + c for r in range(9, 12) for c in range(9, 12)]
    values[middle] = 40
    found = gi_star(values, contiguity(lattice(20, 20)))
    assert found.hot[middle].all()
    assert not found.hot[[0, 19, 380, 399]].any()


@pytest.mark.parametrize("value", [7.0, 0.0, 0.1, -3e-20])
def test_a_constant_field_has_no_hot_spots_and_says_so(value: float) -> None:
    found = gi_star(np.full(25, value), contiguity(lattice(5, 5)))
    assert not found.hot.any()
    assert not found.judged.any()
    assert (found.p == 1).all()
    assert "same value" in found.notes[0][1]


def test_small_rates_are_not_taken_for_a_constant_field() -> None:
    values = np.arange(25.0)
    near = contiguity(lattice(5, 5))
    np.testing.assert_allclose(gi_star(values * 1e-15, near).z, gi_star(values, near).z, atol=1e-9)


def test_an_island_is_not_judged_and_is_named_in_a_note() -> None:
    cells = gpd.GeoDataFrame(geometry=[*(shapely.box(c, 0, c + 1, 1) for c in range(6)), shapely.box(90, 9, 91, 10)])
    found = gi_star([1.0, 2.0, 3.0, 2.0, 1.0, 1.0, 300.0], contiguity(cells))
    assert (found.z[6], found.p[6], found.judged[6]) == (0.0, 1.0, False)
    assert np.isfinite(found.z).all()
    assert found.judged[:6].all()
    assert found.notes == (
        ("1 个网格没有相邻网格,不作热点判断(z=0,p=1)。", "1 cells have no neighbours and are not judged (z 0, p 1)."),
    )


def test_a_cell_that_touches_all_others_is_not_judged() -> None:
    """Its neighbourhood is the whole field, which cannot differ from itself."""
    found = gi_star([1.0, 2.0, 3.0, 9.0], contiguity(lattice(2, 2)))
    assert found.z.tolist() == [0.0] * 4


def test_one_cell_has_no_neighbourhood_to_compare() -> None:
    assert gi_star([5.0], contiguity(lattice(1, 1))).z.tolist() == [0.0]


def test_no_cells_give_no_scores() -> None:
    nothing = Neighbours(indptr=np.zeros(1, dtype=np.int64), indices=np.zeros(0, dtype=np.int64))
    assert len(gi_star([], nothing).z) == 0


def test_missing_values_are_refused() -> None:
    with pytest.raises(ShapeError, match="finite"):
        gi_star([1.0, np.nan, 2.0, 1.0], contiguity(lattice(2, 2)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_false_discovery_control_equals_scipy(p: list[float]) -> None:
    np.testing.assert_allclose(benjamini_hochberg(np.array(p)), false_discovery_control(p), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)), st.lists(st.integers(0, 50), min_size=12, max_size=12))
def test_the_order_of_rows_does_not_matter(order: list[int], values: list[int]) -> None:
    cells = lattice(3, 4)
    straight = gi_star(values, contiguity(cells)).z
    turned = gi_star(np.array(values)[order], contiguity(cells.iloc[order].reset_index(drop=True))).z
    np.testing.assert_allclose(turned, straight[order], atol=1e-9)
