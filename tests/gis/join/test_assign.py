"""Every point goes to exactly one area: the lowest code that covers it, edges included."""

from fractions import Fraction
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import CrsError, GeometryError, ShapeError
from gis.join import CellIndex, _kernels, assign, assign_levels, assign_points
from tests.oracles.containment import lowest_cover, lowest_cover_exact

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
    wanted = lowest_cover(x, y, polygons, codes)
    # Where parts meet in a rounded crossing, GEOS may place a point on an edge beside it; fractions decide.
    for at in np.flatnonzero(found != wanted):
        wanted[at] = lowest_cover_exact(x[at], y[at], polygons, codes)
    np.testing.assert_array_equal(found, wanted)


def test_a_point_on_an_edge_that_ends_in_a_rounded_crossing_is_on_it() -> None:
    bow = shapely.make_valid(shapely.Polygon([(0, 0.5), (0.5, -1), (1, 3.5), (0, 0)]))
    bow = shapely.MultiPolygon([part for part in shapely.get_parts(bow) if part.area > 0])
    x, y = np.array([0.25, 0.25]), np.array([-0.25, -0.26])
    found = assign_points(x, y, [bow], ["a"])
    assert found.tolist() == [lowest_cover_exact(*point, [bow], ["a"]) for point in zip(x, y, strict=True)] == [0, -1]


NEAR = st.floats(100, 110, allow_nan=False).flatmap(
    lambda x: st.sampled_from([x, np.nextafter(x, 200), np.nextafter(x, 0), round(x, 6)])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(NEAR, min_size=4, max_size=4), st.sampled_from([0.0, 0.25, 0.5, 1 / 3, 1.0]), st.integers(-2, 2))
def test_the_side_of_an_edge_is_exact(corners: list[float], share: float, ulps: int) -> None:
    """Points on an edge, or a few units in the last place beside it, against fractions without rounding."""
    ax, ay, bx, by = corners
    px, py = ax + share * (bx - ax), ay + share * (by - ay)
    px += ulps * np.spacing(px)
    fa, fb, fc, fd, fx, fy = map(Fraction, (ax, ay, bx, by, float(px), float(py)))
    det = (fc - fa) * (fy - fb) - (fd - fb) * (fx - fa)
    wanted = (det > 0) - (det < 0)
    assert _kernels.side_of(ax, ay, bx, by, px, py) == wanted
    assert _kernels.exact_side(ax, ay, bx, by, px, py) == wanted


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-1, 1))
def test_points_beside_slanted_edges_agree_with_shapely(seed: int, ulps: int) -> None:
    """Where doubles cannot tell, a share of a slanted edge falls left or right of it by less than their spacing."""
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.uniform(0, 2 * np.pi, (5, 7)), axis=1)
    shapes = [
        shapely.Polygon(np.column_stack([106.7 + np.cos(a), 39.5 + np.sin(a)]) + rng.uniform(-1, 1, 2)) for a in corners
    ]
    vertex, which = shapely.get_coordinates(shapes, return_index=True)
    same = np.flatnonzero(which[1:] == which[:-1])
    share = rng.choice([0.0, 0.5, 0.25, 1 / 3, 0.9], len(same))[:, None]
    x, y = (vertex[same] + share * (vertex[same + 1] - vertex[same])).T
    x = x + ulps * np.spacing(x)
    codes = list("dbeac")
    np.testing.assert_array_equal(assign_points(x, y, shapes, codes), lowest_cover(x, y, shapes, codes))


def test_pieces_of_one_area_and_polygons_inside_others_agree_with_shapely(rng: np.random.Generator) -> None:
    lake = shapely.Point(5, 5).buffer(2, quad_segs=500)
    pieces = shapely.MultiPolygon([shapely.box(0, 0, 4, 4), shapely.box(6, 6, 10, 10), shapely.Point(5, 5).buffer(1)])
    shapes = [shapely.box(0, 0, 10, 10).difference(lake), pieces, shapely.Polygon(), shapely.box(-5, -5, 15, 15)]
    x, y = rng.uniform(-6, 16, 20_000), rng.uniform(-6, 16, 20_000)
    codes = ["b", "a", "0", "z"]
    found = assign_points(x, y, shapes, codes)
    np.testing.assert_array_equal(found, lowest_cover(x, y, shapes, codes))
    assert set(found) == {-1, 0, 1, 3}


@pytest.mark.parametrize("cells", [8, 64, 400])
def test_many_overlapping_areas_agree_with_shapely(cells: int, rng: np.random.Generator) -> None:
    shapes = [shapely.Point(*rng.uniform(2, 8, 2)).buffer(rng.uniform(0.2, 3)) for _ in range(60)]
    codes = [f"{k:02d}" for k in rng.permutation(60)]
    x, y = rng.uniform(0, 10, 5000), rng.uniform(0, 10, 5000)
    found = CellIndex.build(shapes, codes, cells=cells).assign(x, y)
    np.testing.assert_array_equal(found, lowest_cover(x, y, shapes, codes))


def test_long_strips_take_fewer_cells_and_still_agree(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(assign, "_MOST_CROSSINGS", 2000)
    ends = np.linspace(0, 1, 101)
    shapes = [shapely.box(a, 0, b, 1) for a, b in pairwise(ends)]
    codes = [f"{k:03d}" for k in range(100)]
    x, y = rng.uniform(-0.1, 1.1, 3000), rng.uniform(-0.1, 1.1, 3000)
    np.testing.assert_array_equal(assign_points(x, y, shapes, codes), lowest_cover(x, y, shapes, codes))


def test_areas_smaller_than_the_spacing_of_cells_are_found() -> None:
    """A dot of a nanodegree and a sliver as wide as the spacing of doubles, in degrees and in metres."""
    for at, size in ((106.7, 1e-9), (4_300_000.0, 1e-6)):
        dot, sliver = shapely.box(at, at, at + size, at + size), shapely.box(at, at, np.nextafter(at, np.inf), at + 1)
        assert assign_points([at + size, at - size], [at, at], [dot], ["a"]).tolist() == [0, -1]
        assert assign_points([at], [at + 0.5], [sliver], ["a"]).tolist() == [0]


def test_an_outline_with_coordinates_that_are_no_numbers_is_refused() -> None:
    with pytest.raises(GeometryError, match="Polygon 1"):
        CellIndex.build([shapely.Polygon([(0, 0), (1, 0), (np.inf, 1)])], ["a"])


def test_as_many_longitudes_as_latitudes_are_needed() -> None:
    with pytest.raises(ShapeError):
        assign_points([1.0, 2.0], [1.0], [LEFT], ["a"])


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


def test_a_missing_level_between_is_not_filled_with_a_higher_one() -> None:
    """Neighbourhoods straight below divisions, as in Toronto: the street is found past the community that is not there."""
    areas = gpd.GeoDataFrame(
        {
            "code": ["N1", "D11", "T"],
            "parent": ["D11", "T", ""],
            "level": ["grid", "street", "district"],
            "kind": ["basic", "", ""],
        },
        geometry=[LEFT, None, None],
        crs="EPSG:4326",
    )
    located = assign_levels([0.5, 7.0], [0.5, 7.0], areas)
    assert located.iloc[0].tolist() == ["N1", "", "D11", "T", ""]
    assert located.iloc[1].tolist() == ["", "", "", "", ""]


def test_parents_that_go_in_a_circle_end() -> None:
    areas = gpd.GeoDataFrame(
        {"code": ["a", "b"], "parent": ["b", "a"], "level": ["grid", "grid"], "kind": ["", ""]},
        geometry=[LEFT, RIGHT],
        crs="EPSG:4326",
    )
    assert assign_levels([0.5], [0.5], areas).loc[0, "street"] == ""


def test_areas_in_metres_are_refused(wuda_areas: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError):
        assign_levels([106.7], [39.5], wuda_areas.to_crs("EPSG:4545"))
