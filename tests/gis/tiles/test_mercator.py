"""Pixels lie where web maps draw them, and densities are those on the ground."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import project
from gis.errors import GeometryError, ShapeError
from gis.hotspots import density_surface
from gis.tiles import density_mercator, from_mercator, stretch, tile_bounds, to_mercator

WINDOW = shapely.box(106.6, 39.4, 106.8, 39.6)


@settings(max_examples=100, deadline=None)
@given(st.floats(-180, 180), st.floats(-85, 85))
def test_projection_equals_proj_and_returns(lon: float, lat: float) -> None:
    wanted = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    found = to_mercator([lon], [lat])
    np.testing.assert_allclose(found[0], wanted, atol=1e-6)
    np.testing.assert_allclose(np.hstack(from_mercator(found)), [lon, lat], atol=1e-9)


def test_the_poles_lie_on_the_edge_of_the_square_world() -> None:
    assert to_mercator([180.0], [90.0])[0].tolist() == pytest.approx([np.pi * 6378137] * 2)


def test_tiles_halve_the_world_from_the_north() -> None:
    assert tile_bounds(0, 0, 0) == pytest.approx((-85.0511287798066, -180, 85.0511287798066, 180))
    assert tile_bounds(1, 1, 1) == pytest.approx((-85.0511287798066, 0, 0, 180))
    south, west, north, east = tile_bounds(12, 3262, 1555)
    assert west < 106.7 < east
    assert south < 39.65 < north


@pytest.mark.parametrize("tile", [(0, 1, 0), (3, 0, 8), (2, -1, 0), (-1, 0, 0)])
def test_a_tile_that_does_not_exist_is_refused(tile: tuple[int, int, int]) -> None:
    with pytest.raises(ShapeError, match="no tile"):
        tile_bounds(*tile)


def test_metres_on_the_ground_agree_with_a_metric_projection() -> None:
    ends = project([106.7, 106.701], [39.5, 39.5], "EPSG:4545")
    flat = to_mercator([106.7, 106.701], [39.5, 39.5])
    ground = (flat[1, 0] - flat[0, 0]) / stretch(39.5)
    assert ground == pytest.approx(np.hypot(*(ends[1] - ends[0])), rel=0.003)


def test_the_surface_equals_that_in_the_metric_projection(rng: np.random.Generator) -> None:
    """The same incidents, once in survey metres and once on the map's pixels: within 1 % of the peak everywhere."""
    lon, lat = rng.normal(106.7, 0.02, 400), rng.normal(39.5, 0.02, 400)
    mapped, (south, west, north, east) = density_mercator(lon, lat, window=WINDOW, width=120, bandwidth_m=600)
    rows, columns = mapped.values.shape
    at = np.column_stack(
        [
            np.tile(mapped.x0 + (np.arange(columns) + 0.5) * mapped.cell_m, rows),
            np.repeat(mapped.y0 - (np.arange(rows) + 0.5) * mapped.cell_m, columns),
        ]
    )
    metric_at = project(*from_mercator(at), "EPSG:4545")
    window = shapely.transform(shapely.segmentize(WINDOW, 0.01), lambda c: project(c[:, 0], c[:, 1], "EPSG:4545"))
    surface = density_surface(project(lon, lat, "EPSG:4545"), window=window, cell_m=40, bandwidth_m=600)
    column = ((metric_at[:, 0] - surface.x0) / surface.cell_m).astype(int).clip(0, surface.values.shape[1] - 1)
    row = ((surface.y0 - metric_at[:, 1]) / surface.cell_m).astype(int).clip(0, surface.values.shape[0] - 1)
    gap = mapped.values.ravel() - surface.values[row, column]
    # The nearest 40 m cell is up to 28 m away, 3 % of the peak at the steepest slope of a 600 m kernel.
    assert np.nanmax(np.abs(gap)) < 0.04 * np.nanmax(surface.values)
    assert abs(np.nanmean(gap)) < 0.002 * np.nanmax(surface.values)
    assert (south, west) == pytest.approx((39.4, 106.6), abs=0.01)
    assert (north, east) == pytest.approx((39.6, 106.8), abs=0.01)


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


def test_an_image_never_grows_past_what_a_browser_draws() -> None:
    surface, _ = density_mercator([106.7], [39.5], window=shapely.box(106, 39, 107, 40), width=100, bandwidth_m=70)
    assert max(surface.values.shape) <= 4097
    assert surface.n == 1


def test_a_bandwidth_too_small_is_refused_in_metres_on_the_ground() -> None:
    window = shapely.box(106, 39, 107, 40)
    with pytest.raises(ShapeError, match="take 62 m or more"):
        density_mercator([106.7], [39.5], window=window, width=100, bandwidth_m=30)
    density_mercator([106.7], [39.5], window=window, width=100, bandwidth_m=62)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(GeometryError):
        density_mercator([106.7], [39.5], window=shapely.Polygon(), width=10, bandwidth_m=100)
