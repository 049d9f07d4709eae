"""Adaptive surfaces equal the plain sum of kernels of many widths, and keep their mass."""

import numpy as np
import pytest
import shapely

from gis.errors import GeometryError, InputError, ShapeError
from gis.hotspots.adaptive import adaptive_bandwidths, adaptive_surface
from gis.hotspots.density import density_surface
from tests.oracles.kernels import kernel_sum, mass_in_rectangle

DISTRICT = shapely.box(0, 0, 4000, 3000)


@pytest.fixture
def incidents(rng: np.random.Generator) -> np.ndarray:
    crowd = rng.normal([1500, 1500], 80, (150, 2))
    return np.vstack([crowd, rng.uniform([0, 0], [4000, 3000], (60, 2))])


def test_crowded_incidents_have_narrow_kernels_and_lone_ones_wide(incidents: np.ndarray) -> None:
    own = adaptive_bandwidths(incidents, window=DISTRICT, bandwidth_m=200)
    assert own[:150].mean() < 150 < 200 < own[150:].mean()
    assert (own >= 50).all()
    assert (own <= 800).all()


def test_the_surface_equals_the_plain_sum(incidents: np.ndarray) -> None:
    own = adaptive_bandwidths(incidents, window=DISTRICT, bandwidth_m=200)
    found = adaptive_surface(incidents, window=DISTRICT, cell_m=100, bandwidth_m=200)
    x, y = np.meshgrid(np.arange(50, 4000, 100), np.arange(2950, 0, -100))
    at = np.column_stack([x.ravel(), y.ravel()]).astype(float)
    wanted = sum(
        kernel_sum(incidents[i : i + 1], at, own[i]) / mass_in_rectangle(at, (4000, 3000), own[i])
        for i in range(len(incidents))
    )
    assert np.abs(found.values.ravel() - wanted).max() < 0.01 * wanted.max()
    assert "adaptive kernel density" in found.explain().text("en")


def test_a_factor_of_one_is_the_plain_surface(incidents: np.ndarray) -> None:
    plain = density_surface(incidents, window=DISTRICT, cell_m=100, bandwidth_m=200)
    found = adaptive_surface(incidents, window=DISTRICT, cell_m=100, bandwidth_m=200, most_factor=1)
    np.testing.assert_allclose(found.values, plain.values, atol=1e-9)


def test_no_incidents_give_an_empty_surface() -> None:
    found = adaptive_surface(np.zeros((0, 2)), window=DISTRICT, cell_m=500, bandwidth_m=200)
    assert found.values.max() == 0
    assert found.n == 0


def test_one_incident_alone_has_the_bandwidth_given() -> None:
    assert adaptive_bandwidths(np.array([[900.0, 900.0]]), window=DISTRICT, bandwidth_m=200) == pytest.approx([200])


def test_what_cannot_be_mapped_is_refused(incidents: np.ndarray) -> None:
    with pytest.raises(InputError, match="1 or more"):
        adaptive_surface(incidents, window=DISTRICT, cell_m=100, bandwidth_m=200, most_factor=0.5)
    with pytest.raises(GeometryError):
        adaptive_surface(incidents, window=shapely.Polygon(), cell_m=100, bandwidth_m=200)
    with pytest.raises(ShapeError):
        adaptive_surface(incidents, window=DISTRICT, cell_m=0, bandwidth_m=200)
