"""Two kernels from incidents to cells: each adds up to one, and the true one equals the normal distribution."""

import numpy as np
import pytest
import shapely
from scipy.stats import norm

from gis.errors import InputError
from gis.forecast import Cells, grid_cells, lattice_cells
from gis.forecast.smoothing import at_places, neighbour_weights, on_cells, site_weights


def test_mass_in_a_square_is_that_of_the_normal_distribution(cells: Cells) -> None:
    site = np.array([[2010.0, 2130.0]])
    found = site_weights(site, cells, 200.0).toarray()[0]
    low, high = norm.cdf((cells.xy - 125 - site) / 200), norm.cdf((cells.xy + 125 - site) / 200)
    # Cut at four bandwidths and scaled to one.
    assert found == pytest.approx(np.prod(high - low, axis=1), abs=2e-4)


@pytest.mark.parametrize("bandwidth", [0.0, 60.0, 300.0])
def test_weights_of_every_site_inside_add_up_to_one_also_at_the_border(cells: Cells, bandwidth: float) -> None:
    sites = np.array([[1.0, 1.0], [3999.0, 2000.0], [1234.0, 2345.0], [5000.0, 10.0]])
    assert site_weights(sites, cells, bandwidth).sum(axis=1) == pytest.approx([1, 1, 1, 0])
    assert neighbour_weights(cells, bandwidth).sum(axis=1) == pytest.approx(np.ones(len(cells)))


def test_grids_share_a_site_by_the_mass_in_each() -> None:
    grids = grid_cells([shapely.box(0, 0, 1000, 2000), shapely.box(1000, 0, 2000, 2000)], ["west", "east"])
    found = site_weights(np.array([[900.0, 1000.0]]), grids, 100.0).toarray()[0]
    assert found == pytest.approx([norm.cdf(1.0), norm.cdf(-1.0)], abs=0.02)


@pytest.mark.parametrize("bandwidth", [40.0, 100.0, 250.0])
def test_squares_and_the_same_squares_as_grids_have_the_same_neighbours(bandwidth: float) -> None:
    """A district with a hole, so that the lattice has gaps."""
    squares = lattice_cells(shapely.box(0, 0, 1500, 1200).difference(shapely.box(400, 400, 900, 800)), 100.0)
    grids = grid_cells(list(squares.polygons), squares.code.tolist())
    # Middles of grids are found anew, so a pair right at the reach may fall on either side of it.
    assert neighbour_weights(squares, bandwidth).toarray() == pytest.approx(
        neighbour_weights(grids, bandwidth).toarray(), abs=1e-4
    )


def test_single_cells_read_what_all_of_them_hold(cells: Cells) -> None:
    rng = np.random.default_rng(1)
    by_cell, near = rng.random((5, len(cells))), neighbour_weights(cells, 300.0)
    row, cell = rng.integers(0, 5, 40), rng.integers(0, len(cells), 40)
    assert at_places(by_cell, near, row, cell) == pytest.approx(on_cells(by_cell, near)[row, cell])


def test_a_grid_too_thin_for_the_squares_keeps_its_sites() -> None:
    thin, wide = shapely.box(0, 0, 0.01, 1000), shapely.box(0.01, 0, 4000, 1000)
    grids = grid_cells([thin, wide], ["thin", "wide"])
    found = site_weights(np.array([[0.005, 500.0]]), grids, 50.0)
    assert found.sum() == pytest.approx(1.0)


def test_a_neighbour_counts_less_the_farther_it_is() -> None:
    cells = lattice_cells(shapely.box(0, 0, 1250, 250), 250.0)
    found = neighbour_weights(cells, 100.0).toarray()[2]
    assert found[1] / found[2] == pytest.approx(np.exp(-0.5 * 2.5**2))
    assert found[0] == 0  # beyond four bandwidths


@pytest.mark.parametrize("bandwidth", [-1.0, np.inf, np.nan])
def test_a_bandwidth_that_cannot_be_is_refused(cells: Cells, bandwidth: float) -> None:
    for run in (lambda: neighbour_weights(cells, bandwidth), lambda: site_weights(cells.xy, cells, bandwidth)):
        with pytest.raises(InputError, match="bandwidth"):
            run()
