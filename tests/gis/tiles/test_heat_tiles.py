"""Heat tiles show the exact density, meet without seams, and share one scale a zoom."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely

from gis.crs import metric_crs, project
from gis.errors import ShapeError
from gis.hotspots.density import bandwidth_rule
from gis.incidents import IncidentFilter
from gis.incidents.columns import IncidentColumns, Mark, Selection, build, open_columns
from gis.tiles.heat_tiles import EMPTY, MAX_ZOOM, HeatScale, HeatTiles
from gis.tiles.mercator import EARTH_RADIUS_M, from_mercator, stretch, to_mercator
from tests.gis.incidents.test_columns import some_incidents

WINDOW = shapely.box(106.6, 39.4, 106.8, 39.6)
WIDE = shapely.box(106.0, 39.0, 107.4, 40.0)
EVERYTHING = IncidentFilter()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return some_incidents(3000, seed=4)


@pytest.fixture(scope="module")
def columns(rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> IncidentColumns:
    folder = tmp_path_factory.mktemp("columns")
    build(folder, [rows], Mark("store", 1, "Asia/Shanghai"))
    return open_columns(folder)


@pytest.fixture(scope="module")
def everything(columns: IncidentColumns) -> Selection:
    return columns.select(EVERYTHING)


def tile_at(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    x, y = to_mercator([lon], [lat])[0]
    world = 2 * np.pi * EARTH_RADIUS_M
    return int((x / world + 0.5) * 2**zoom), int((0.5 - y / world) * 2**zoom)


def exact_density(
    rows: pd.DataFrame, zoom: int, column: int, row: int, bandwidth_m: float, middle_lat: float
) -> npt.NDArray[np.float64]:
    """The sum of the kernels of all incidents at every eighth pixel, per km2 on the ground."""
    world = 2 * np.pi * EARTH_RADIUS_M
    pixel = world / 2 ** (zoom + 8)
    x = (np.arange(4, 256, 8) + 0.5 + 256 * column) * pixel - world / 2
    y = world / 2 - (np.arange(4, 256, 8) + 0.5 + 256 * row) * pixel
    at = to_mercator(rows["lon"], rows["lat"])
    sigma = bandwidth_m * float(stretch(middle_lat))
    kernel_x = np.exp(-((x[:, None] - at[None, :, 0]) ** 2) / (2 * sigma**2))
    kernel_y = np.exp(-((y[:, None] - at[None, :, 1]) ** 2) / (2 * sigma**2))
    _, lat = from_mercator(np.column_stack([np.zeros(len(y)), y]))
    ground = stretch(lat) ** 2 * 1e6
    return np.asarray((kernel_y @ kernel_x.T) / (2 * np.pi * sigma**2) * ground[:, None])


@pytest.mark.parametrize(("zoom", "bandwidth_m"), [(10, 900.0), (13, 250.0), (14, 700.0), (16, 60.0), (18, 400.0)])
def test_a_tile_shows_the_sum_of_all_kernels(
    zoom: int, bandwidth_m: float, rows: pd.DataFrame, columns: IncidentColumns, everything: Selection
) -> None:
    heat = HeatTiles(WIDE)
    column, row = tile_at(zoom, 106.7, 39.5)
    drawn = heat.density(columns, everything, zoom, column, row, bandwidth_m)
    assert drawn is not None
    exact = exact_density(rows, zoom, column, row, bandwidth_m, 39.5)
    single = 1e6 / (2 * np.pi * bandwidth_m**2)
    assert np.nanmax(np.abs(drawn[4::8, 4::8] - exact)) < max(0.03 * exact.max(), 0.2 * single)


@pytest.mark.parametrize("zoom", [11, 14, 17])
def test_neighbouring_tiles_meet_without_a_seam(zoom: int, columns: IncidentColumns, everything: Selection) -> None:
    heat = HeatTiles(WIDE)
    column, row = tile_at(zoom, 106.7, 39.5)
    bandwidth = heat.bandwidth_at(zoom, 300.0)
    tiles = [
        [heat.density(columns, everything, zoom, column + dx, row + dy, bandwidth) for dx in (0, 1)] for dy in (0, 1)
    ]
    whole = np.block([[np.zeros((256, 256)) if t is None else t for t in line] for line in tiles])
    across = np.abs(np.diff(whole, axis=1))
    down = np.abs(np.diff(whole, axis=0))
    # A step at the border is no larger than the steps beside it, to the kernel's cut.
    slack = 2e-3 * whole.max()
    assert (across[:, 255] <= np.maximum(across[:, 254], across[:, 256]) + slack).all()
    assert (down[255] <= np.maximum(down[254], down[256]) + slack).all()


def test_nothing_is_drawn_outside_the_window(columns: IncidentColumns, everything: Selection) -> None:
    heat = HeatTiles(WINDOW)
    column, row = tile_at(12, 106.6, 39.5)
    drawn = heat.density(columns, everything, 12, column, row, 400.0)
    assert drawn is not None
    assert np.isnan(drawn).any()
    assert (drawn[np.isfinite(drawn)] >= 0).all()
    assert heat.density(columns, everything, 12, column - 2, row, 400.0) is None


def test_far_off_zooms_smooth_with_four_pixels_and_say_so() -> None:
    heat = HeatTiles(WINDOW)
    assert heat.bandwidth_at(16, 300.0) == 300.0
    pixel_m = 2 * np.pi * EARTH_RADIUS_M / 2**16 / float(stretch(39.5))
    assert heat.bandwidth_at(8, 300.0) == pytest.approx(4 * pixel_m)


def test_the_scale_spans_what_the_tiles_show(columns: IncidentColumns, everything: Selection) -> None:
    heat = HeatTiles(WINDOW)
    scale = heat.scale(columns, everything, 300.0)
    column, row = tile_at(13, 106.7, 39.5)
    drawn = heat.density(columns, everything, 13, column, row, 300.0)
    assert drawn is not None
    assert scale.breaks[0] < np.nanmax(drawn) < 3 * scale.breaks[-1]
    assert heat.tile(columns, everything, 13, column, row, scale) != EMPTY
    assert heat.tile(columns, everything, 13, column, row, HeatScale(300.0, ())) == EMPTY


def test_a_rule_chooses_the_bandwidth_from_the_counts(
    columns: IncidentColumns, everything: Selection, rows: pd.DataFrame
) -> None:
    by_points = bandwidth_rule(project(rows["lon"].to_numpy(), rows["lat"].to_numpy(), metric_crs(106.7, 39.5)))
    assert HeatTiles(WINDOW).bandwidth(columns, everything) == pytest.approx(by_points, rel=0.05)
    nobody = columns.select(IncidentFilter(categories=("none",)))
    assert HeatTiles(WINDOW).bandwidth(columns, nobody) == 300.0


@pytest.mark.parametrize(("zoom", "column", "row"), [(3, 8, 0), (3, 0, -1), (-1, 0, 0)])
def test_a_tile_off_the_world_is_refused(
    zoom: int, column: int, row: int, columns: IncidentColumns, everything: Selection
) -> None:
    with pytest.raises(ShapeError):
        HeatTiles(WINDOW).density(columns, everything, zoom, column, row, 300.0)


def test_the_deepest_zoom_draws(columns: IncidentColumns, everything: Selection, rows: pd.DataFrame) -> None:
    heat = HeatTiles(WIDE)
    place = rows.iloc[0]
    column, row = tile_at(MAX_ZOOM, place["lon"], place["lat"])
    drawn = heat.density(columns, everything, MAX_ZOOM, column, row, 30.0)
    assert drawn is not None
    assert np.nanmax(drawn) > 0


def test_the_edge_is_corrected(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n = 40_000
    rows = some_incidents(n).assign(lon=rng.uniform(106.6, 106.8, n), lat=rng.uniform(39.4, 39.6, n))
    build(tmp_path, [rows], Mark("store", 1, "Asia/Shanghai"))
    columns = open_columns(tmp_path)
    heat = HeatTiles(WINDOW)
    column, row = tile_at(11, 106.7, 39.5)
    drawn = heat.density(columns, columns.select(EVERYTHING), 11, column, row, 700.0)
    assert drawn is not None
    area_km2 = 0.2 * 111.32 * np.cos(np.radians(39.5)) * 0.2 * 111.32
    assert np.nanmean(drawn) == pytest.approx(n / area_km2, rel=0.02)
    assert np.nanmin(drawn) > 0.7 * n / area_km2
