"""The density is exact, keeps every incident, and does not fade at the border."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from gis.errors import GeometryError, InputError, ShapeError
from gis.hotspots import Surface, _kernels, _lattice, bandwidth_rule, density, density_surface
from tests.oracles.kernels import kernel_sum, mass_in_rectangle

SQUARE = shapely.box(0, 0, 4000, 4000)


def centres(surface: Surface) -> np.ndarray:
    """Shape (rows * columns, 2)."""
    rows, columns = surface.values.shape
    x = surface.x0 + (np.arange(columns) + 0.5) * surface.cell_m
    y = surface.y0 - (np.arange(rows) + 0.5) * surface.cell_m
    return np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])


def test_equals_the_sum_of_kernels_within_one_percent_of_the_peak(rng: np.random.Generator) -> None:
    xy = rng.normal(2000, 400, (500, 2))
    surface = density_surface(xy, window=SQUARE, cell_m=25, bandwidth_m=200, edge=False)
    wanted = kernel_sum(xy, centres(surface), 200).reshape(surface.values.shape)
    assert np.nanmax(np.abs(surface.values - wanted)) < 0.01 * wanted.max()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(100, 500), st.floats(0.03, 1.5))
def test_few_incidents_near_the_border_within_one_percent_of_the_peak(
    seed: int, bandwidth: float, share: float
) -> None:
    """The hardest case: single kernels, cut by borders and corners, on cells from fine to wider than the kernel."""
    xy = np.random.default_rng(seed).uniform(0, 4000, (3, 2))
    surface = density_surface(xy, window=SQUARE, cell_m=max(25, share * bandwidth), bandwidth_m=bandwidth)
    at = centres(surface)
    wanted = kernel_sum(xy, at, bandwidth) / mass_in_rectangle(at, (4000, 4000), bandwidth)
    wanted = np.where(np.isnan(surface.values.ravel()), 0, wanted)
    peak = max(wanted.max(), 1e6 / (2 * np.pi * bandwidth**2))
    assert np.abs(np.nan_to_num(surface.values.ravel()) - wanted).max() < 0.006 * peak


def test_a_window_as_wide_as_memory_allows_is_within_one_percent_too(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_lattice, "_MOST_NODES", 2500)
    assert density.least_bandwidth(SQUARE) == 200
    for _ in range(20):
        xy = rng.uniform(700, 3300, (1, 2))
        surface = density_surface(xy, window=SQUARE, cell_m=50, bandwidth_m=200, edge=False)
        wanted = kernel_sum(xy, centres(surface), 200)
        assert np.abs(surface.values.ravel() - wanted).max() < 0.009 * 1e6 / (2 * np.pi * 200**2)


def test_windows_share_of_cells_is_exact(rng: np.random.Generator) -> None:
    """Shares of cells add up to the polygon's area, with a hole and two pieces."""
    window = shapely.union(
        shapely.Point(7.3, 6.1).buffer(4).difference(shapely.box(6, 5, 8.5, 7)), shapely.box(13, 3, 14, 4)
    )
    turned = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(window)))
    edges = np.vstack([np.hstack([xy[:-1], xy[1:]]) for xy in map(shapely.get_coordinates, turned)])
    share = _kernels.cover(edges, 16, 12)
    assert share.sum() == pytest.approx(window.area, rel=1e-12)
    cells = [shapely.box(c, r, c + 1, r + 1).intersection(window).area for r in range(12) for c in range(16)]
    np.testing.assert_allclose(share.ravel(), cells, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_parts_add_up_and_order_does_not_matter(seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    xy, weights = rng.uniform(0, 4000, (30, 2)), rng.uniform(0, 3, 30)

    def values(rows: np.ndarray) -> np.ndarray:
        return density_surface(xy[rows], window=SQUARE, cell_m=200, bandwidth_m=400, weights=weights[rows]).values

    order = rng.permutation(30)
    whole = values(np.arange(30))
    np.testing.assert_allclose(values(order[:cut]) + values(order[cut:]), whole, atol=0.02 * whole.max() / 30)


def test_every_incident_is_in_the_surface(rng: np.random.Generator) -> None:
    """Far from the border the integral is the number of incidents."""
    xy = rng.normal(2000, 150, (300, 2))
    surface = density_surface(xy, window=SQUARE, cell_m=40, bandwidth_m=150, edge=False)
    assert np.nansum(surface.values) * 0.04**2 == pytest.approx(300, rel=1e-3)


def test_an_even_field_stays_even_up_to_the_border(rng: np.random.Generator) -> None:
    xy = rng.uniform(0, 4000, (200_000, 2))
    surface = density_surface(xy, window=SQUARE, cell_m=50, bandwidth_m=300)
    assert np.nanmin(surface.values) > 0.93 * 200_000 / 16
    plain = density_surface(xy, window=SQUARE, cell_m=50, bandwidth_m=300, edge=False)
    assert np.nanmin(plain.values) < 0.3 * 200_000 / 16, "without correction the corner fades to a quarter"


def test_the_edge_correction_is_the_kernels_mass_inside() -> None:
    """One incident 100 m from a straight border: the kernel's mass inside is a value of the normal distribution."""
    xy = np.array([[100.0, 2000.0]])
    both = [density_surface(xy, window=SQUARE, cell_m=20, bandwidth_m=200, edge=edge) for edge in (True, False)]
    row, column = 100, 5
    middle = (column + 0.5) * 20
    assert both[0].values[row, column] / both[1].values[row, column] == pytest.approx(
        1 / norm.cdf(middle / 200), rel=0.01
    )


def test_outside_the_window_there_is_no_density() -> None:
    window = SQUARE.difference(shapely.box(1000, 1000, 2000, 2000))
    surface = density_surface(np.array([[500.0, 500.0], [1500.0, 1500.0]]), window=window, cell_m=50, bandwidth_m=200)
    assert surface.n == 1
    at = centres(surface).reshape(*surface.values.shape, 2)
    hole = (np.abs(at - 1500) < 500).all(axis=2)
    assert np.isnan(surface.values[hole]).all()


def test_bandwidth_follows_the_scale_of_the_data(rng: np.random.Generator) -> None:
    xy = rng.normal(0, 100, (1000, 2))
    assert bandwidth_rule(xy * 3) == pytest.approx(3 * bandwidth_rule(xy))
    assert bandwidth_rule(xy) == pytest.approx(100 * 1000 ** (-1 / 6), rel=0.1)


def test_one_incident_has_no_bandwidth() -> None:
    with pytest.raises(ShapeError, match="Two incidents"):
        bandwidth_rule(np.zeros((1, 2)))


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(GeometryError):
        density_surface(np.zeros((1, 2)), window=shapely.Polygon(), cell_m=10, bandwidth_m=100)


@pytest.mark.parametrize(("cell_m", "bandwidth_m"), [(0, 100), (10, 0), (-5, 100), (np.nan, 100), (10, np.inf)])
def test_a_cell_or_bandwidth_without_size_is_refused(cell_m: float, bandwidth_m: float) -> None:
    with pytest.raises(ShapeError, match="above zero"):
        density_surface(np.zeros((1, 2)), window=SQUARE, cell_m=cell_m, bandwidth_m=bandwidth_m)


def test_a_bandwidth_too_small_for_a_province_is_refused_with_the_least_that_is_not() -> None:
    with pytest.raises(ShapeError, match=r"take \d+ m or more"):
        density_surface(np.zeros((1, 2)), window=shapely.box(0, 0, 6e5, 6e5), cell_m=500, bandwidth_m=30)


def test_a_window_that_is_a_line_is_refused() -> None:
    with pytest.raises(GeometryError):
        density_surface(np.zeros((1, 2)), window=shapely.LineString([(0, 0), (9, 9)]), cell_m=1, bandwidth_m=10)


def test_each_incident_has_its_weight() -> None:
    with pytest.raises(ShapeError, match="One weight"):
        density_surface(np.zeros((2, 2)), window=SQUARE, cell_m=10, bandwidth_m=100, weights=np.ones(3))


def test_incidents_without_a_place_are_left_out() -> None:
    xy = np.array([[2000.0, 2000.0], [np.nan, 5.0], [9000.0, 1.0]])
    assert density_surface(xy, window=SQUARE, cell_m=50, bandwidth_m=200).n == 1
    with pytest.raises(ShapeError, match="Two incidents"):
        bandwidth_rule(xy[:1])


def test_incidents_at_one_place_have_no_spread() -> None:
    assert bandwidth_rule(np.ones((5, 2))) == 0


def test_no_incidents_give_an_empty_surface() -> None:
    surface = density_surface(np.zeros((0, 2)), window=SQUARE, cell_m=50, bandwidth_m=200)
    assert np.nanmax(surface.values) == 0


def test_a_quartic_surface_equals_the_plain_sum(rng: np.random.Generator) -> None:
    window, reach = shapely.box(0, 0, 3000, 2000), 400.0
    xy = rng.uniform([0, 0], [3000, 2000], (80, 2))
    found = density_surface(xy, window=window, cell_m=50, bandwidth_m=reach, kernel="quartic", edge=False)
    x, y = np.meshgrid(np.arange(25, 3000, 50), np.arange(1975, 0, -50))
    square = ((np.stack([x, y], axis=-1)[:, :, None] - xy) ** 2).sum(axis=-1) / reach**2
    wanted = np.where(square < 1, 3 / np.pi / reach**2 * (1 - square) ** 2, 0.0).sum(axis=-1) * 1e6
    assert np.abs(found.values - wanted).max() < 0.01 * wanted.max()
    assert found.explain().method[1] == "quartic kernel density"


def test_a_quartic_surface_is_corrected_at_the_edge(rng: np.random.Generator) -> None:
    """Evenly spread incidents must not look fewer at the border, where up to three quarters of a kernel lie outside."""
    x, y = np.meshgrid(np.arange(10, 2000, 20.0), np.arange(10, 2000, 20.0))
    xy = np.column_stack([x.ravel(), y.ravel()])
    found = density_surface(xy, window=shapely.box(0, 0, 2000, 2000), cell_m=50, bandwidth_m=400, kernel="quartic")
    np.testing.assert_allclose(found.values, 2500, rtol=0.01)


def test_a_kernel_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="no kernel 'cone'"):
        density_surface(np.zeros((1, 2)), window=shapely.box(0, 0, 9, 9), cell_m=1, bandwidth_m=5, kernel="cone")
