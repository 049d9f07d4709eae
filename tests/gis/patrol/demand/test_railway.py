"""Railway lines become tasks with two ends: inside the district, none too long, parallel tracks once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import CrsError
from gis.patrol.demand import DemandOptions
from gis.patrol.demand.railway import railway_stops
from tests.gis.patrol.demand.demand_maker import CRS, MIDDLE, lonlat
from tests.gis.patrol.patrol_maker import SHIFT_S


def rails(*lines: list[tuple[float, float]], kind: str = "rail") -> gpd.GeoDataFrame:
    """Lines of metres from the corner."""
    shapes = [shapely.LineString([lonlat(*point) for point in line]) for line in lines]
    return gpd.GeoDataFrame({"kind": kind}, geometry=shapes, crs=4326, index=range(len(shapes)))


def segments(railways: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, **options: float) -> pd.DataFrame:
    return railway_stops(railways, areas, CRS, SHIFT_S, DemandOptions(**options))


def test_a_line_through_the_district_is_cut_to_equal_parts(areas: gpd.GeoDataFrame) -> None:
    """3 km inside the district, at most 1,250 m each: three parts of 1,000 m, 770 s on foot."""
    table = segments(rails([(-2000, 500), (5000, 500)]), areas, railway_segment_m=1250)
    length = np.hypot(table["exit_x"] - table["x"], table["exit_y"] - table["y"])
    np.testing.assert_allclose(length, 1000, atol=1)
    np.testing.assert_allclose(table["x"] - MIDDLE[0], [0, 1000, 2000], atol=1)
    np.testing.assert_allclose(table["dwell_s"], 1000 / 1.3, atol=1)
    assert table["grid"].tolist() == ["a", "b", "c"]
    assert table["must"].all()
    assert table["why_en"].iloc[1].startswith("line protection: railway segment 2 of 3, 1000 m of 3.0 km")


def test_parallel_tracks_are_one_line_and_a_branch_is_another(areas: gpd.GeoDataFrame) -> None:
    tracks = rails([(0, 500), (3000, 500)], [(0, 505), (2990, 505)], [(1500, 500), (1500, 1000)])
    table = segments(tracks, areas, railway_segment_m=5000)
    assert table["dwell_s"].sum() * 1.3 == pytest.approx(3500, abs=40)


def test_streets_are_no_railway_and_no_line_is_no_task(areas: gpd.GeoDataFrame) -> None:
    assert segments(rails([(0, 500), (3000, 500)], kind="primary"), areas).empty
    assert segments(rails([(0, 5000), (3000, 5000)]), areas).empty
    assert len(segments(rails([(0, 500), (3000, 500)]).drop(columns="kind"), areas)) == 3


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(-500, 3500), st.integers(-200, 1200)), min_size=2, max_size=5, unique=True),
    st.floats(150, 2000),
)
def test_segments_cover_the_line_and_none_is_longer_than_asked(points: list[tuple[int, int]], longest: float) -> None:
    ground = shapely.box(0, 0, 3000, 1000)
    corners = [lonlat(x, y) for x, y in shapely.get_coordinates(ground).tolist()]
    areas = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Polygon(corners)], crs=4326)
    table = segments(rails([(float(x), float(y)) for x, y in points]), areas, railway_segment_m=longest)
    assert (table["dwell_s"] * 1.3 <= longest * 1.001).all()
    inside = shapely.LineString(points).intersection(ground)
    assert table["dwell_s"].sum() * 1.3 <= inside.length + 1
    if len(points) == 2 and inside.length > 110:
        assert table["dwell_s"].sum() * 1.3 == pytest.approx(inside.length, abs=1)


def test_lines_without_a_crs_are_refused(areas: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError, match="no CRS"):
        segments(rails([(0, 500), (3000, 500)]).set_crs(None, allow_override=True), areas)
