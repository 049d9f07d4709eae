"""The density is exact, keeps every incident, and does not fade at the border."""

import numpy as np
import pytest
import shapely
from scipy.stats import norm

from gis.errors import GeometryError, ShapeError
from gis.hotspots import bandwidth_rule, density_mercator, density_surface

SQUARE = shapely.box(0, 0, 4000, 4000)


def exact(xy: np.ndarray, at: np.ndarray, bandwidth: float) -> np.ndarray:
    """The plain sum of kernels, incidents per km2; the oracle."""
    gap = ((at[:, None, :] - xy[None]) ** 2).sum(axis=2)
    return np.exp(-gap / (2 * bandwidth**2)).sum(axis=1) / (2 * np.pi * bandwidth**2) * 1e6


def centres(surface: object) -> np.ndarray:
    """Shape (rows * columns, 2)."""
    rows, columns = surface.values.shape
    x = surface.x0 + (np.arange(columns) + 0.5) * surface.cell_m
    y = surface.y0 - (np.arange(rows) + 0.5) * surface.cell_m
    return np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])


def test_equals_the_sum_of_kernels_within_one_percent_of_the_peak(rng: np.random.Generator) -> None:
    xy = rng.normal(2000, 400, (500, 2))
    surface = density_surface(xy, window=SQUARE, cell_m=25, bandwidth_m=200, edge=False)
    wanted = exact(xy, centres(surface), 200).reshape(surface.values.shape)
    assert np.nanmax(np.abs(surface.values - wanted)) < 0.01 * wanted.max()


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


def test_mercator_gives_densities_on_the_ground(rng: np.random.Generator) -> None:
    """At 39.5 degrees Mercator stretches areas by 1.68; the legend must not."""
    lon, lat = rng.normal(106.7, 0.004, 2000), rng.normal(39.5, 0.003, 2000)
    surface, (south, west, north, east) = density_mercator(
        lon, lat, window=shapely.box(106.6, 39.4, 106.8, 39.6), width=600, bandwidth_m=200
    )
    ground_km2 = (surface.cell_m * np.cos(np.radians(39.5)) / 1000) ** 2
    assert np.nansum(surface.values) * ground_km2 == pytest.approx(2000, rel=0.01)
    row, column = np.unravel_index(np.nanargmax(surface.values), surface.values.shape)
    assert west + (column + 0.5) / surface.values.shape[1] * (east - west) == pytest.approx(106.7, abs=0.003)
    assert south < 39.5 < north
    assert row


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


def test_cells_too_coarse_for_the_bandwidth_are_refused() -> None:
    with pytest.raises(ShapeError, match="too coarse"):
        density_surface(np.zeros((1, 2)), window=SQUARE, cell_m=100, bandwidth_m=150)


def test_no_incidents_give_an_empty_surface() -> None:
    surface = density_surface(np.zeros((0, 2)), window=SQUARE, cell_m=50, bandwidth_m=200)
    assert np.nanmax(surface.values) == 0
