"""Who touches whom, against libpysal."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from libpysal.graph import Graph

from gis.grid.neighbours import Neighbours, contiguity
from tests.strategies import tilings, unhurried


def grid_of(rows: int, columns: int) -> gpd.GeoDataFrame:
    shapes = [shapely.box(x, y, x + 1, y + 1) for y in range(rows) for x in range(columns)]
    return gpd.GeoDataFrame(geometry=shapes)


def pairs(neighbours: Neighbours) -> set[tuple[int, int]]:
    return {(row, int(other)) for row in range(len(neighbours)) for other in neighbours.of(row)}


def oracle(areas: gpd.GeoDataFrame, *, rook: bool) -> set[tuple[int, int]]:
    graph = Graph.build_contiguity(areas.reset_index(drop=True), rook=rook, strict=True)
    found = graph.adjacency
    return {(int(focal), int(other)) for (focal, other), weight in found.items() if weight > 0}


def test_the_middle_of_nine_has_eight_and_four() -> None:
    nine = grid_of(3, 3)
    assert contiguity(nine).of(4).tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert contiguity(nine, rook=True).of(4).tolist() == [1, 3, 5, 7]
    assert contiguity(nine).of(0).tolist() == [1, 3, 4]


def test_none_and_one_have_no_neighbours() -> None:
    assert len(contiguity(grid_of(0, 0))) == 0
    assert contiguity(grid_of(1, 1)).indptr.tolist() == [0, 0]


def test_rows_without_an_outline_stand_alone() -> None:
    areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), None, shapely.Polygon(), shapely.box(1, 0, 2, 1)])
    assert pairs(contiguity(areas)) == pairs(contiguity(areas, rook=True)) == {(0, 3), (3, 0)}


@pytest.mark.parametrize("rook", [False, True])
def test_wuda_has_the_neighbours_that_libpysal_finds(wuda_areas: gpd.GeoDataFrame, rook: bool) -> None:
    for level in ("grid", "community", "street"):
        cells = wuda_areas[(wuda_areas["level"] == level) & (wuda_areas["kind"] != "special")].reset_index(drop=True)
        assert pairs(contiguity(cells, rook=rook)) == oracle(cells, rook=rook)


@unhurried
@given(tilings())
def test_tilings_have_the_neighbours_that_libpysal_finds(areas: gpd.GeoDataFrame) -> None:
    cells = areas[areas["level"] == "grid"].reset_index(drop=True)
    for rook in (False, True):
        assert pairs(contiguity(cells, rook=rook)) == oracle(cells, rook=rook)


@unhurried
@given(tilings())
def test_the_order_of_rows_does_not_matter(areas: gpd.GeoDataFrame) -> None:
    cells = areas[areas["level"] == "grid"]
    turned = cells.iloc[::-1]
    last = len(cells) - 1
    assert pairs(contiguity(turned)) == {(last - row, last - other) for row, other in pairs(contiguity(cells))}


@unhurried
@given(tilings())
def test_neighbours_are_mutual_sorted_and_never_oneself(areas: gpd.GeoDataFrame) -> None:
    cells = areas[areas["level"] == "grid"]
    queen, rook = contiguity(cells), contiguity(cells, rook=True)
    found = pairs(queen)
    assert found == {(other, row) for row, other in found}
    assert pairs(rook) <= found
    for row in range(len(queen)):
        assert row not in queen.of(row)
        assert np.all(np.diff(queen.of(row)) > 0)


def test_a_corner_rounded_off_its_neighbours_edge_still_touches() -> None:
    """Seven decimals set the corner of two cells 0.5 cm beside the slanting edge of a third."""
    slant = shapely.Polygon([(106.70, 39.50), (106.71, 39.50), (106.7100011, 39.51), (106.70, 39.51)])
    lower = shapely.Polygon([(106.71, 39.50), (106.72, 39.50), (106.72, 39.505), (106.7100006, 39.505)])
    upper = shapely.Polygon([(106.7100006, 39.505), (106.72, 39.505), (106.72, 39.51), (106.7100011, 39.51)])
    areas = gpd.GeoDataFrame(geometry=[slant, lower, upper])
    everyone = {(a, b) for a in range(3) for b in range(3) if a != b}
    assert pairs(contiguity(areas)) == everyone
    assert pairs(contiguity(areas, rook=True)) == everyone


def test_two_that_share_a_corner_only_share_no_edge() -> None:
    areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)])
    assert pairs(contiguity(areas)) == {(0, 1), (1, 0)}
    assert pairs(contiguity(areas, rook=True)) == set()
