"""Segments run from junction to junction, and every point goes to the nearest of them or to none."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.errors import InputError, ShapeError
from gis.hotspots.street_segments import segments_of_lines, snap_to_segments, street_segments

CRS = "EPSG:4545"


@pytest.fixture
def cross() -> gpd.GeoDataFrame:
    """A main street of three vertices, a side street that meets its middle, and a detached lane."""
    lines = [
        shapely.LineString([(500000, 0), (500100, 0), (500200, 0)]),
        shapely.LineString([(500100, 0), (500100, 80)]),
        shapely.LineString([(500000, 300), (500050, 300), (500090, 300)]),
    ]
    return gpd.GeoDataFrame({"kind": ["residential"] * 3}, geometry=lines, crs=CRS)


def test_streets_are_cut_at_junctions_and_joined_where_nothing_branches(cross: gpd.GeoDataFrame) -> None:
    found = street_segments(cross, crs=CRS)
    assert sorted(np.round(found.length_m).tolist()) == [80, 90, 100, 100]
    assert len(found.nodes) == 6


def test_a_street_drawn_twice_is_one() -> None:
    line = shapely.LineString([(0, 0), (10, 0)])
    assert len(segments_of_lines(np.array([line, line, line.reverse()], dtype=object))) == 1


def test_a_ring_begins_and_ends_at_one_node() -> None:
    ring = [shapely.LineString(pair) for pair in (((0, 0), (9, 0)), ((9, 0), (9, 9)), ((9, 9), (0, 0)))]
    found = segments_of_lines(np.array(ring, dtype=object))
    assert len(found) == 1
    assert found.tail.tolist() == found.head.tolist()


def test_points_go_to_the_nearest_segment_with_their_foot() -> None:
    lines = [
        shapely.LineString([(0, 0), (100, 0)]),
        shapely.LineString([(100, 0), (100, 100)]),
        shapely.LineString([(100, 0), (200, 0)]),
    ]
    found = segments_of_lines(np.array(lines, dtype=object))
    segment, along, away = snap_to_segments(found, [[30, 10], [104, 50], [30, 60], [np.nan, 0]])
    assert segment[2:].tolist() == [-1, -1]
    assert away[:2].tolist() == [10, 4]
    assert np.isnan(along[2:]).all()
    foot = [shapely.line_interpolate_point(found.lines[s], a) for s, a in zip(segment[:2], along[:2], strict=True)]
    assert [(p.x, p.y) for p in foot] == [(30, 0), (100, 50)]


def test_a_point_on_a_junction_goes_to_the_lowest_segment() -> None:
    lines = [shapely.LineString([(0, 0), (100 * c, 100 * s)]) for c, s in ((1, 0), (0, 1), (-1, 0))]
    segment, _, _ = snap_to_segments(segments_of_lines(np.array(lines, dtype=object)), [[0, 0]])
    assert segment.tolist() == [0]


def test_no_points_and_no_streets() -> None:
    line = segments_of_lines(np.array([shapely.LineString([(0, 0), (1, 0)])], dtype=object))
    assert len(snap_to_segments(line, np.zeros((0, 2)))[0]) == 0
    with pytest.raises(ShapeError):
        snap_to_segments(line, [1.0, 2.0])
    with pytest.raises(InputError, match="no street segments"):
        segments_of_lines(np.array([shapely.LineString([(0, 0), (0, 0)])], dtype=object))
