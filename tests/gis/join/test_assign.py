"""Every point goes to exactly one area: the lowest code that covers it, edges included."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import CrsError, GeometryError, ShapeError
from gis.join import CellIndex, assign_levels, assign_points, count_by
from tests.oracles.containment import lowest_cover

LEFT, RIGHT = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)


def test_point_on_shared_edge_goes_to_lowest_code() -> None:
    x, y = np.array([1.0]), np.array([0.5])
    assert assign_points(x, y, [LEFT, RIGHT], ["b", "a"]).tolist() == [1]
    assert assign_points(x, y, [LEFT, RIGHT], ["a", "b"]).tolist() == [0]


def test_outer_edge_and_corners_belong_to_the_area() -> None:
    x, y = np.array([0.0, 0.0, 0.5, 2.0, 2.0]), np.array([0.0, 0.5, 1.0, 1.0, 0.3])
    assert (assign_points(x, y, [LEFT, RIGHT], ["a", "b"]) >= 0).all()


def test_outside_and_missing_coordinates_lie_nowhere() -> None:
    x, y = np.array([-0.1, np.nan, 0.5, np.inf]), np.array([0.5, 0.5, np.nan, 0.5])
    assert assign_points(x, y, [LEFT], ["a"]).tolist() == [-1, -1, -1, -1]


def test_overlap_belongs_to_the_lowest_code() -> None:
    big, small = shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6)
    x, y = np.array([5.0, 1.0]), np.array([5.0, 1.0])
    assert assign_points(x, y, [big, small], ["b", "a"]).tolist() == [1, 0]
    assert assign_points(x, y, [big, small], ["a", "b"]).tolist() == [0, 0]


def test_a_hole_is_outside_and_its_edge_inside() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    assert assign_points(np.array([1.5, 1.0]), np.array([1.5, 1.5]), [ring], ["a"]).tolist() == [-1, 0]


def test_no_polygons_hold_no_points() -> None:
    assert CellIndex.build([], []).assign(np.array([1.0]), np.array([1.0])).tolist() == [-1]


def test_a_line_is_refused() -> None:
    with pytest.raises(GeometryError, match="Feature 2"):
        CellIndex.build([LEFT, shapely.LineString([(0, 0), (1, 1)])], ["a", "b"])


def test_codes_must_match_polygons() -> None:
    with pytest.raises(ShapeError):
        CellIndex.build([LEFT], ["a", "b"])


LATTICE = st.integers(-3, 13).map(lambda n: n / 2)


@st.composite
def overlapping_polygons(draw: st.DrawFn) -> list[shapely.Geometry]:
    """Polygons with corners on a half-unit lattice: shared edges, overlaps, holes and slivers abound."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        corners = draw(st.lists(st.tuples(LATTICE, LATTICE), min_size=3, max_size=8))
        shape = shapely.make_valid(shapely.Polygon(corners))
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
        if parts:
            found.append(shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0])
    return found


@settings(max_examples=150, deadline=None)
@given(polygons=overlapping_polygons(), data=st.data())
def test_any_polygons_agree_with_shapely_on_lattice_points_and_edges(
    polygons: list[shapely.Geometry], data: st.DataObject
) -> None:
    codes = data.draw(st.permutations([f"c{k}" for k in range(len(polygons))]))
    quarter = np.arange(-8, 29) / 4
    x, y = (axis.ravel() for axis in np.meshgrid(quarter, quarter))
    found = CellIndex.build(polygons, codes, cells=data.draw(st.sampled_from([4, 16, 64]))).assign(x, y)
    np.testing.assert_array_equal(found, lowest_cover(x, y, polygons, codes))


def test_sample_grids_agree_with_shapely_on_vertices_and_edge_midpoints(
    wuda_areas: gpd.GeoDataFrame, rng: np.random.Generator
) -> None:
    grids = wuda_areas[(wuda_areas["level"] == "grid") & (wuda_areas["kind"] == "basic")]
    shapes, codes = grids.geometry.to_numpy(), grids["code"].tolist()
    vertex = shapely.get_coordinates(shapes)
    middle = (vertex[1:] + vertex[:-1]) / 2
    west, south, east, north = grids.total_bounds
    anywhere = np.column_stack([rng.uniform(west, east, 5000), rng.uniform(south, north, 5000)])
    x, y = np.vstack([vertex, middle, anywhere]).T
    np.testing.assert_array_equal(assign_points(x, y, shapes, codes), lowest_cover(x, y, shapes, codes))


def test_neither_order_nor_batches_matter(wuda_areas: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    grids = wuda_areas[wuda_areas["kind"] == "basic"]
    index = CellIndex.build(grids.geometry.to_numpy(), grids["code"].tolist())
    west, south, east, north = grids.total_bounds
    x, y = rng.uniform(west, east, 300_000), rng.uniform(south, north, 300_000)
    whole = index.assign(x, y)
    shuffle = rng.permutation(len(x))
    np.testing.assert_array_equal(index.assign(x[shuffle], y[shuffle]), whole[shuffle])
    np.testing.assert_array_equal(np.concatenate([index.assign(x[:7], y[:7]), index.assign(x[7:], y[7:])]), whole)


def test_levels_agree_with_the_tree_where_it_nests(wuda_areas: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    west, south, east, north = wuda_areas.total_bounds
    located = assign_levels(rng.uniform(west, east, 3000), rng.uniform(south, north, 3000), wuda_areas)
    inside = located[located["grid"] != ""]
    assert len(inside) > 1000
    assert (inside["grid"].str[:12] == inside["community"]).all()
    assert (inside["community"].str[:9] == inside["street"].str[:9]).all()
    outside = located[located["grid"] == ""]
    assert (outside["district"] == "").all()


def test_a_special_grid_is_told_beside_the_basic_one(wuda_areas: gpd.GeoDataFrame) -> None:
    """Special grids lie over basic ones: an incident in both is counted once, in the basic grid."""
    special = wuda_areas[wuda_areas["kind"] == "special"].iloc[0]
    point = special.geometry.representative_point()
    located = assign_levels([point.x], [point.y], wuda_areas).iloc[0]
    assert located["special"] == special["code"]
    assert located["grid"]
    assert located["grid"] != special["code"]


def test_a_level_without_outlines_is_told_by_the_parents(wuda_areas: gpd.GeoDataFrame) -> None:
    grids = wuda_areas[wuda_areas["level"] == "grid"]
    point = grids.geometry.iloc[5].representative_point()
    whole, bare = assign_levels([point.x], [point.y], wuda_areas), assign_levels([point.x], [point.y], grids)
    assert (
        bare.loc[0, ["grid", "community", "street"]].tolist() == whole.loc[0, ["grid", "community", "street"]].tolist()
    )


def test_areas_in_metres_are_refused(wuda_areas: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError):
        assign_levels([106.7], [39.5], wuda_areas.to_crs("EPSG:4545"))


def test_counts_follow_the_order_asked_for() -> None:
    codes = pd.Series(["a", "b", "a", "", "z"])
    assert count_by(codes, ["b", "c", "a"]).tolist() == [1, 0, 2]
