"""Vector tiles hold every shape once and where it lies, by GDAL's reader and beside PostGIS's writer."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ShapeError
from gis.tiles.mercator import tile_bounds
from gis.tiles.vector import EXTENT, ShapeTiles, cell_tile, feature_id, point_tile
from tests.gis.tiles.test_heat_tiles import tile_at
from tests.postgres_cluster import PostgresCluster


def read_by_gdal(data: bytes, tile: tuple[int, int, int], folder: Path) -> gpd.GeoDataFrame:
    """The tile as Debian's GDAL reads it, EPSG:3857 to degrees; ids in ``mvt_id``."""
    zoom, column, row = tile
    path = folder / f"{zoom}-{column}-{row}.mvt"
    path.write_bytes(data)
    options = ["-oo", f"X={column}", "-oo", f"Y={row}", "-oo", f"Z={zoom}", "-oo", "CLIP=NO"]
    out = folder / "read.geojson"
    out.unlink(missing_ok=True)
    subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", "-lco", "COORDINATE_PRECISION=9", *options, str(out), str(path)],
        check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    return gpd.read_file(out)


@pytest.fixture(scope="module")
def grids(wuda_areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    chosen = wuda_areas[(wuda_areas["level"] == "grid") & (wuda_areas["kind"] != "special")]
    return chosen[chosen.geometry.notna()].sort_values("code").reset_index(drop=True)


@pytest.fixture(scope="module")
def tiles(grids: gpd.GeoDataFrame) -> ShapeTiles:
    return ShapeTiles([feature_id(code) for code in grids["code"]], grids.geometry.to_numpy(), "grid")


@pytest.mark.parametrize("zoom", [9, 12, 14, 16])
def test_gdal_reads_every_grid_of_a_tile_where_it_lies(
    zoom: int, tiles: ShapeTiles, grids: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    tile = (zoom, *tile_at(zoom, 106.72, 39.5))
    south, west, north, east = tile_bounds(*tile)
    window = shapely.box(west, south, east, north)
    read = read_by_gdal(tiles.tile(*tile), tile, tmp_path)
    shapes = dict(zip(read["mvt_id"].astype("int64"), read.geometry, strict=True))
    unit = (east - west) / EXTENT
    inside = grids[shapely.area(shapely.intersection(grids.geometry.to_numpy(), window)) > 20 * unit**2]
    assert len(inside)
    for code, shape in zip(inside["code"], inside.geometry, strict=True):
        drawn = shapely.intersection(shapes[feature_id(code)], window)
        wanted = shapely.intersection(shape, window)
        assert shapely.hausdorff_distance(drawn, wanted) < 2.5 * unit
    assert shapely.is_valid(read.geometry.to_numpy()).all()
    assert len(set(read["mvt_id"])) == len(read)


@pytest.fixture(scope="module")
def postgis() -> Iterator[psycopg.Connection[Any]]:
    cluster = PostgresCluster()
    try:
        url = cluster.new_database().replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
    finally:
        cluster.stop()


@pytest.mark.postgres
@pytest.mark.parametrize("zoom", [10, 13, 15])
def test_the_features_are_those_of_postgis(
    zoom: int, tiles: ShapeTiles, grids: gpd.GeoDataFrame, postgis: psycopg.Connection[Any], tmp_path: Path
) -> None:
    postgis.execute("DROP TABLE IF EXISTS grids")
    postgis.execute("CREATE TABLE grids (id bigint, geom geometry(Geometry, 3857))")
    with postgis.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO grids VALUES (%s, ST_Transform(ST_GeomFromWKB(%s, 4326), 3857))",
            [(feature_id(c), shapely.to_wkb(g)) for c, g in zip(grids["code"], grids.geometry, strict=True)],
        )
    tile = (zoom, *tile_at(zoom, 106.72, 39.5))
    row = postgis.execute(
        "WITH cut AS (SELECT id, ST_AsMVTGeom(geom, ST_TileEnvelope(%s, %s, %s), 4096, 64, true) AS geom FROM grids) "
        "SELECT ST_AsMVT(cut, 'grid', 4096, 'geom', 'id') FROM cut WHERE geom IS NOT NULL",
        tile,
    ).fetchone()
    assert row is not None
    theirs, ours = (read_by_gdal(data, tile, tmp_path) for data in (bytes(row[0]), tiles.tile(*tile)))
    area = [
        dict(zip(each["mvt_id"].astype("int64"), shapely.area(each.geometry), strict=True)) for each in (theirs, ours)
    ]
    assert area[0].keys() == area[1].keys()
    unit = 360 / 2**zoom / EXTENT
    for number, wanted in area[0].items():
        assert area[1][number] == pytest.approx(wanted, rel=0.02, abs=4000 * unit**2)


def test_a_hole_stays_a_hole_and_parts_stay_together(tmp_path: Path) -> None:
    ring = shapely.box(106.70, 39.50, 106.74, 39.54).difference(shapely.box(106.71, 39.51, 106.72, 39.52))
    two = shapely.MultiPolygon([ring, shapely.box(106.75, 39.50, 106.76, 39.51)])
    tile = (8, *tile_at(8, 106.72, 39.52))
    read = read_by_gdal(ShapeTiles([7], [two], "areas").tile(*tile), tile, tmp_path)
    assert read["mvt_id"].tolist() == [7]
    assert shapely.get_num_geometries(read.geometry.iloc[0]) == 2
    assert read.geometry.iloc[0].area == pytest.approx(two.area, rel=0.06)


def test_lines_are_cut_and_points_kept(tmp_path: Path) -> None:
    tile = (12, *tile_at(12, 106.72, 39.52))
    south, west, north, east = tile_bounds(*tile)
    line = shapely.LineString([(west - 1, (south + north) / 2), (east + 1, (south + north) / 2)])
    read = read_by_gdal(ShapeTiles([1], [line], "streets").tile(*tile), tile, tmp_path)
    assert read.geometry.iloc[0].length == pytest.approx((east - west) * (1 + 2 * 64 / EXTENT), rel=0.001)


@given(st.lists(st.tuples(st.floats(106.60, 106.80), st.floats(39.40, 39.60)), min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_points_come_back_where_they_were(places: list[tuple[float, float]]) -> None:
    tile = (9, *tile_at(9, 106.7, 39.5))
    lon, lat = np.array(places).T
    data = point_tile(lon, lat, np.arange(len(places)), tile, name="incidents")
    with tempfile.TemporaryDirectory() as folder:
        read = read_by_gdal(data, tile, Path(folder)).sort_values("mvt_id")
    _, west, _, east = tile_bounds(*tile)
    unit = (east - west) / EXTENT
    assert len(read) == len(places)
    assert np.abs(read.geometry.x.to_numpy() - lon).max() <= 1.01 * unit
    assert np.abs(read.geometry.y.to_numpy() - lat).max() <= 1.01 * unit


def test_sums_carry_their_count(tmp_path: Path) -> None:
    counts = np.zeros((32, 32), dtype=np.int64)
    counts[3, 5], counts[31, 0], counts[8, 8] = 12, 70_000, 12
    tile = (12, *tile_at(12, 106.72, 39.52))
    read = read_by_gdal(cell_tile(counts, name="incidents"), tile, tmp_path)
    assert sorted(read["count"]) == [12, 12, 70_000]
    assert json.loads(read.to_json())["features"]


def test_a_ring_that_crosses_itself_costs_nobody_else(tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(106.6, 39.4), (106.7, 39.5), (106.7, 39.4), (106.6, 39.5)])
    tile = (8, *tile_at(8, 106.65, 39.45))
    read = read_by_gdal(
        ShapeTiles([1, 2], [bowtie, shapely.box(106.7, 39.4, 106.8, 39.5)], "x").tile(*tile), tile, tmp_path
    )
    assert sorted(read["mvt_id"]) == [1, 2]


def test_neighbouring_tiles_together_hold_the_whole_shape(
    tiles: ShapeTiles, grids: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    zoom = 13
    column, row = tile_at(zoom, 106.72, 39.5)
    parts, windows = [], []
    for dx in (0, 1):
        for dy in (0, 1):
            tile = (zoom, column + dx, row + dy)
            south, west, north, east = tile_bounds(*tile)
            windows.append(shapely.box(west, south, east, north))
            parts.append(
                shapely.intersection(
                    shapely.union_all(read_by_gdal(tiles.tile(*tile), tile, tmp_path).geometry), windows[-1]
                )
            )
    wanted = shapely.intersection(shapely.union_all(grids.geometry.to_numpy()), shapely.union_all(windows))
    missed = shapely.symmetric_difference(shapely.union_all(parts), wanted).area
    assert missed < 0.002 * wanted.area


def test_nothing_is_no_bytes(tiles: ShapeTiles) -> None:
    assert tiles.tile(12, 0, 0) == b""
    assert ShapeTiles([], [], "none").tile(3, 1, 1) == b""
    assert point_tile([], [], [], (3, 1, 1), name="x") == b""
    assert cell_tile(np.zeros((4, 4), dtype=np.int64), name="x") == b""


def test_a_shape_that_collapses_is_left_out_and_its_neighbour_is_not() -> None:
    tiny = shapely.box(106.7, 39.5, 106.7 + 1e-9, 39.5 + 1e-9)
    assert ShapeTiles([1], [tiny], "x").tile(9, *tile_at(9, 106.7, 39.5)) == b""


@pytest.mark.parametrize("tile", [(-1, 0, 0), (3, 8, 0), (3, 0, -1), (10**9, 0, 0)])
def test_a_tile_off_the_world_is_refused(tile: tuple[int, int, int], tiles: ShapeTiles) -> None:
    with pytest.raises(ShapeError):
        tiles.tile(*tile)


def test_ids_and_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError):
        ShapeTiles([1, 2], [shapely.Point(0, 0)], "x")
    with pytest.raises(ShapeError):
        ShapeTiles([1 << 53], [shapely.Point(0, 0)], "x")
    with pytest.raises(ShapeError):
        cell_tile(np.zeros((3, 3), dtype=np.int64), name="x")


def test_codes_are_their_own_ids_and_other_texts_are_hashed() -> None:
    assert feature_id("150304009008001") == 150304009008001
    assert feature_id("007") != 7
    assert 0 <= feature_id("camera-甲") < 1 << 53
