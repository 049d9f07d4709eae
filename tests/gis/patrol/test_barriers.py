"""A railway or a river between two grids parts them, a street over it joins them again."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import CrsError, ShapeError
from gis.grid.neighbours import Neighbours, contiguity
from gis.patrol.barriers import cut_by_barriers
from gis.patrol.beats import make_beats
from tests.gis.patrol.demand.demand_maker import CRS, MIDDLE


def squares(width: int, height: int) -> gpd.GeoDataFrame:
    """Squares of 1 km, numbered row by row from the south-west."""
    boxes = [
        shapely.box(MIDDLE[0] + 1000 * x, MIDDLE[1] + 1000 * y, MIDDLE[0] + 1000 * x + 1000, MIDDLE[1] + 1000 * y + 1000)
        for y in range(height)
        for x in range(width)
    ]  # fmt: skip
    return gpd.GeoDataFrame({"code": [str(n) for n in range(len(boxes))]}, geometry=boxes, crs=CRS)


def lines(*shapes: list[tuple[float, float]], kind: str = "rail") -> gpd.GeoDataFrame:
    drawn = [shapely.LineString(np.array(shape) + MIDDLE) for shape in shapes]
    return gpd.GeoDataFrame({"kind": [kind] * len(drawn)}, geometry=drawn, crs=CRS)


def pairs(neighbours: Neighbours) -> set[tuple[int, int]]:
    return {(row, int(other)) for row in range(len(neighbours)) for other in neighbours.of(row) if row < other}


@pytest.mark.parametrize("east", [1000.0, 1015.0, 1200.0, 800.0])
def test_a_railway_parts_the_grids_whose_border_it_runs_along_or_near(east: float) -> None:
    """Two rows of three; the line runs north at the border of columns 0 and 1, or a little off it."""
    grids = squares(3, 2)
    cut = cut_by_barriers(contiguity(grids, rook=True), grids, lines([(east, -100), (east, 2100)]), crs=CRS)
    assert pairs(cut) == {(1, 2), (4, 5), (0, 3), (1, 4), (2, 5)}


def test_a_street_over_the_railway_joins_the_pair_it_crosses_between_and_no_other() -> None:
    grids = squares(3, 2)
    near = contiguity(grids, rook=True)
    rail = lines([(1000, -100), (1000, 2100)])
    street = lines([(700, 500), (1300, 500)], kind="tertiary")
    cut = cut_by_barriers(near, grids, rail, crossings=street, crs=CRS)
    assert (0, 1) in pairs(cut)
    assert (3, 4) not in pairs(cut)
    beside = lines([(700, 500), (980, 500)], kind="tertiary")
    assert (0, 1) not in pairs(cut_by_barriers(near, grids, rail, crossings=beside, crs=CRS))
    slip = lines([(700, 500), (1300, 500)], kind="motorway_link")
    assert (0, 1) not in pairs(cut_by_barriers(near, grids, rail, crossings=slip, crs=CRS))


def test_a_street_that_crosses_inside_a_grid_joins_it_to_what_lies_beyond_the_line() -> None:
    """The line runs 300 m inside the right grid; its crossing lies well inside that grid."""
    grids = squares(2, 1)
    rail = lines([(1300, -100), (1300, 1100)])
    street = lines([(1200, 500), (1400, 500)], kind="tertiary")
    near = contiguity(grids)
    assert pairs(cut_by_barriers(near, grids, rail, crs=CRS)) == set()
    assert pairs(cut_by_barriers(near, grids, rail, crossings=street, crs=CRS)) == {(0, 1)}


def test_a_line_that_ends_before_the_border_or_runs_elsewhere_parts_nobody() -> None:
    grids = squares(3, 2)
    near = contiguity(grids)
    for rail in (lines([(100, 0), (100, 800)]), lines([(5000, 0), (5000, 2000)]), lines([(1000, 0), (1000, 2000)], kind="primary")):  # fmt: skip
        assert pairs(cut_by_barriers(near, grids, rail, crs=CRS)) == pairs(near)


def test_no_beat_crosses_a_river_without_a_bridge_where_both_banks_have_their_own() -> None:
    grids = squares(6, 4)
    river = lines([(3000, -100), (3000, 4100)], kind="river")
    bridge = lines([(2900, 500), (3100, 500)], kind="residential")
    near = cut_by_barriers(contiguity(grids, rook=True), grids, river, crossings=bridge, crs=CRS)
    assert {pair for pair in pairs(near) if (pair[0] % 6 <= 2) != (pair[1] % 6 <= 2)} == {(2, 3)}
    xy = shapely.get_coordinates(grids.geometry.centroid.to_numpy())
    beat = make_beats(np.ones(24), near, xy, 4, rng=np.random.default_rng(1))
    west = np.arange(24) % 6 <= 2
    assert set(beat[west]).isdisjoint(beat[~west])
    assert np.bincount(beat).tolist() == [6, 6, 6, 6]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(-200, 3200), st.integers(-200, 2200)), min_size=2, max_size=4, unique=True))
def test_barriers_only_take_pairs_away_and_keep_the_rest_symmetric(points: list[tuple[int, int]]) -> None:
    grids = squares(3, 2)
    near = contiguity(grids)
    cut = cut_by_barriers(near, grids, lines([(float(x), float(y)) for x, y in points]), crs=CRS)
    assert pairs(cut) <= pairs(near)
    assert all(row in cut.of(int(other)) for row in range(len(cut)) for other in cut.of(row))


def test_barriers_refuse_what_does_not_fit() -> None:
    grids = squares(2, 1)
    near = contiguity(grids)
    with pytest.raises(ShapeError, match="2 rows for 1"):
        cut_by_barriers(near, grids.iloc[:1], lines([(0, 0), (1, 1)]))
    with pytest.raises(CrsError, match="barriers"):
        cut_by_barriers(near, grids, lines([(0, 0), (1, 1)]).set_crs(None, allow_override=True))
    with pytest.raises(CrsError, match="areas"):
        cut_by_barriers(near, grids.set_crs(None, allow_override=True), lines([(0, 0), (1, 1)]))
