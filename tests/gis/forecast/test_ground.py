"""Cells over a district: who lies where, however the lattice is moved, and grids of any shape."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import GeometryError, InputError, ShapeError
from gis.forecast import Cells, grid_cells, lattice_cells

TRIANGLE = shapely.Polygon([(10, 20), (1990, 40), (700, 1800)])


def test_squares_are_those_whose_middle_lies_inside() -> None:
    found = lattice_cells(TRIANGLE, 100.0)
    assert shapely.contains_xy(TRIANGLE, found.xy).all()
    assert len(found) == sum(
        TRIANGLE.contains(shapely.Point(x, y)) for x in np.arange(50, 2000, 100) for y in np.arange(50, 2000, 100)
    )
    assert found.total_km2 == pytest.approx(0.01 * len(found))


def test_edges_lie_at_whole_multiples_of_the_side_whatever_the_border() -> None:
    wider = lattice_cells(shapely.union(TRIANGLE, shapely.box(-333, -77, 50, 50)), 100.0)
    middles = {tuple(xy) for xy in wider.xy.tolist()}
    assert {tuple(xy) for xy in lattice_cells(TRIANGLE, 100.0).xy.tolist()} <= middles


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True), st.integers(0, 2**32))
def test_a_point_lies_in_the_square_that_covers_it(east: float, north: float, seed: int) -> None:
    found = lattice_cells(TRIANGLE, 130.0, shift=(east, north))
    points = np.random.default_rng(seed).uniform(-200, 2200, (40, 2))
    for point, cell in zip(points, found.assign(points), strict=True):
        holding = np.flatnonzero((np.abs(found.xy - point) < 65).all(axis=1))
        assert holding.tolist() == ([cell] if cell >= 0 else [])


def test_a_point_without_coordinates_lies_nowhere(cells: Cells) -> None:
    assert cells.assign(np.array([[np.nan, 5.0], [5.0, 5.0], [-1.0, 5.0]])).tolist()[::2] == [-1, -1]


def test_grids_keep_code_area_and_points() -> None:
    found = grid_cells([shapely.box(0, 0, 100, 300), shapely.box(100, 0, 300, 300)], ["b", "a"])
    assert found.code.tolist() == ["b", "a"]
    assert found.area_km2.tolist() == pytest.approx([0.03, 0.06])
    # The shared edge goes to the lowest code.
    assert found.assign(np.array([[50, 50], [100, 50], [250, 5], [400, 5]])).tolist() == [0, 1, 1, -1]


@pytest.mark.parametrize("size", [0.0, -5.0, np.nan, np.inf, 0.001])
def test_a_side_that_cannot_be_is_refused(size: float) -> None:
    with pytest.raises(InputError, match="side must be above zero"):
        lattice_cells(TRIANGLE, size)


def test_an_empty_district_and_cells_wider_than_it_are_refused() -> None:
    with pytest.raises(GeometryError, match="empty"):
        lattice_cells(shapely.Polygon(), 100.0)
    with pytest.raises(GeometryError, match="middle inside"):
        lattice_cells(shapely.box(1, 1, 20, 20), 100.0)


def test_grids_without_area_or_with_a_code_twice_are_refused() -> None:
    box = shapely.box(0, 0, 1, 1)
    with pytest.raises(ShapeError, match="no two alike"):
        grid_cells([box, shapely.box(1, 0, 2, 1)], ["a", "a"])
    for shapes, codes in (([], []), ([shapely.Polygon()], ["a"])):
        with pytest.raises(GeometryError, match=r"no area|no grid"):
            grid_cells(shapes, codes)
