"""Choices by rule are those the rule says, what is set aside is told, and nothing too small is mapped."""

import numpy as np
import pytest
import shapely

from gis.errors import CrsError, GeometryError, InputError, ShapeError
from gis.hotspots.moran import global_moran
from gis.hotspots.optimized import incremental_moran, lay_cells, optimized_hot_spots
from gis.hotspots.weights import band_weights

DISTRICT = shapely.box(0, 0, 6000, 4000)


@pytest.fixture
def incidents(rng: np.random.Generator) -> np.ndarray:
    """Four hundred anywhere and two hundred around one market."""
    return np.vstack([rng.uniform([0, 0], [6000, 4000], (400, 2)), rng.normal([2000, 2500], 150, (200, 2))])


def test_the_market_is_hot_and_the_far_corner_is_not(incidents: np.ndarray) -> None:
    found = optimized_hot_spots(incidents, DISTRICT)
    hot = found.cells.middles()[found.gi.hot]
    assert len(hot) > 0
    assert (np.hypot(*(hot - [2000, 2500]).T) < 1500).all()
    assert found.counts.sum() == found.used.sum()


def test_a_default_geocode_is_set_aside_and_told_and_changes_nothing_else(incidents: np.ndarray) -> None:
    with_default = np.vstack([incidents, np.tile([5000.0, 500.0], (150, 1))])
    found, without = optimized_hot_spots(with_default, DISTRICT), optimized_hot_spots(incidents, DISTRICT)
    assert (found.counts == without.counts).all()
    assert "150 at default geocodes" in found.text("en")
    assert "疑为默认定位 150 起" in found.text("zh")
    kept = optimized_hot_spots(with_default, DISTRICT, drop_defaults=False, drop_outliers=False)
    assert kept.counts.sum() == kept.used.sum() == (np.isfinite(with_default) & (with_default >= 0)).all(axis=1).sum()
    assert "counted all the same" in kept.text("en")


def test_cells_too_fine_and_bands_too_wide_are_refused_before_they_are_laid(incidents: np.ndarray) -> None:
    with pytest.raises(InputError, match="about 240000 cells of 10 m"):
        optimized_hot_spots(incidents, DISTRICT, cell_m=10.0)
    with pytest.raises(InputError, match="too wide for cells of 40 m"):
        optimized_hot_spots(incidents, DISTRICT, cell_m=40.0, band_m=5000.0)


def test_a_point_far_from_all_others_is_set_aside(rng: np.random.Generator) -> None:
    xy = np.vstack([rng.uniform(0, 1500, (300, 2)), [[5900.0, 3900.0]]])
    found = optimized_hot_spots(xy, DISTRICT)
    assert found.outlier[-1]
    assert not found.used[-1]
    assert optimized_hot_spots(xy, DISTRICT, drop_outliers=False).used[-1]


def test_points_outside_or_without_a_place_are_not_counted(incidents: np.ndarray) -> None:
    found = optimized_hot_spots(np.vstack([incidents, [[9000, 9000], [np.nan, 1]]]), DISTRICT)
    assert not found.used[-2:].any()
    assert "2 outside or without a place" in found.choices[0][1]


def test_what_is_given_is_kept_and_said_to_be_given(incidents: np.ndarray) -> None:
    found = optimized_hot_spots(incidents, DISTRICT, cell_m=400, band_m=900)
    assert (found.cells.side_m, found.band_m, found.peak) == (400, 900, False)
    assert "was given" in found.choices[1][1]
    assert found.explain().parameters["band_m"] == 900


@pytest.mark.parametrize(
    "window", [DISTRICT, shapely.box(0, 0, 6000, 4000).difference(shapely.box(1000, 1000, 3000, 2000))]
)
def test_scores_at_each_distance_are_those_of_global_moran(window: shapely.Geometry, rng: np.random.Generator) -> None:
    cells = lay_cells(window, 250)
    counts = rng.poisson(2 + (cells.middles()[:, 0] > 3000), len(cells))
    bands = np.array([100.0, 250, 375, 500, 1000])
    found = incremental_moran(cells, counts, bands)
    assert found[0] == 0
    for band, score in zip(bands[1:], found[1:], strict=True):
        assert score == pytest.approx(global_moran(counts, band_weights(cells.middles(), band)).z, abs=1e-8)


def test_a_peak_is_taken_where_blocks_of_one_size_cluster() -> None:
    """Squares of 1 km alternate, so that clustering is strongest below their size and gone beyond it."""
    cells = lay_cells(shapely.box(0, 0, 8000, 8000), 200)
    x, y = cells.middles().T
    busy = (x // 1600 + y // 1600) % 2 == 0
    xy = np.repeat(cells.middles()[busy], 3, axis=0) + np.tile([[0, 0], [40, 30], [-35, 25]], (int(busy.sum()), 1))
    found = optimized_hot_spots(xy, shapely.box(0, 0, 8000, 8000), cell_m=200)
    assert found.peak
    assert 200 < found.band_m < 1600
    assert "first peak" in found.choices[2][1]


def test_cells_are_those_whose_middle_lies_in_the_window_and_find_their_points() -> None:
    cells = lay_cells(shapely.Polygon([(0, 0), (400, 0), (0, 400)]), 100)
    assert len(cells) == 6
    assert (cells.locate(cells.middles()) == np.arange(6)).all()
    assert cells.locate(np.array([[390.0, 390.0], [-1.0, 5.0]])).tolist() == [-1, -1]
    assert shapely.area(cells.polygons()).tolist() == [10_000] * 6


def test_a_district_of_one_cell_is_refused(incidents: np.ndarray) -> None:
    with pytest.raises(InputError, match="only 1 cells"):
        optimized_hot_spots(incidents, DISTRICT, cell_m=10_000)


def test_too_few_incidents_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match="Only 59 incidents"):
        optimized_hot_spots(rng.uniform(0, 4000, (59, 2)), DISTRICT, drop_outliers=False)


def test_incidents_all_at_one_place_are_refused() -> None:
    with pytest.raises(InputError, match="one place"):
        optimized_hot_spots(np.tile([100.0, 100.0], (80, 1)), DISTRICT, drop_defaults=False)


@pytest.mark.parametrize("options", [{"cell_m": 0}, {"band_m": -1}, {"cell_m": np.nan}, {"alpha": 0}])
def test_lengths_and_levels_that_are_none_are_refused(incidents: np.ndarray, options: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"above zero|between 0 and 1"):
        optimized_hot_spots(incidents, DISTRICT, **options)


def test_degrees_are_refused_before_anything_is_measured_in_them(rng: np.random.Generator) -> None:
    with pytest.raises(CrsError, match="looks like degrees"):
        optimized_hot_spots(rng.uniform([106, 39], [107, 40], (200, 2)), shapely.box(106, 39, 107, 40))


def test_a_window_or_coordinates_that_are_none_are_refused(incidents: np.ndarray) -> None:
    with pytest.raises(GeometryError):
        optimized_hot_spots(incidents, shapely.Polygon())
    with pytest.raises(ShapeError):
        optimized_hot_spots(incidents[:, 0], DISTRICT)
