"""Which streets become the graph, and where they meet."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.errors import ColumnError, CrsError, InputError
from gis.roads import MODES, Mode, build_network, travel_matrix
from tests.gis.roads.street_maker import CRS, at, streets

A, B, C, D = (0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)


def metres(table: gpd.GeoDataFrame, start: tuple[float, float], goal: tuple[float, float], **options: object) -> float:
    network = build_network(table, crs=CRS, **options)
    return float(travel_matrix(network, np.array(at(start, goal)), main_only=False)[1][0, 1])


def test_streets_meet_at_a_shared_vertex() -> None:
    assert metres(streets([[A, B], [B, C]]), A, C) == pytest.approx(200, abs=0.1)


def test_a_crossing_without_a_vertex_joins_nothing() -> None:
    """It may be a bridge: the two streets stay apart."""
    cross = streets([[A, C], [B, D]])
    assert build_network(cross, crs=CRS).report.components == 2
    assert metres(cross, A, B) == np.inf


def test_an_end_that_touches_a_street_joins_it() -> None:
    network = build_network(streets([[A, B], [(50.0, 0.4), (50.0, 80.0)]]), crs=CRS)
    assert network.report.components == 1
    assert network.report.streets_touched == 1


def test_ends_within_the_tolerance_are_one_node() -> None:
    near = streets([[A, B], [(100.6, 0.3), C]])
    assert build_network(near, crs=CRS).report.components == 1
    assert build_network(near, crs=CRS, snap_m=0).report.components == 2


def test_of_parallel_streets_the_quickest_counts() -> None:
    """scipy would add them up: two streets of 100 m must not make one of 200 m."""
    network = build_network(streets([[A, B], [A, B], [B, A]]), crs=CRS)
    assert network.report.parallel == 4
    assert network.metres.toarray().max() == pytest.approx(100, abs=0.1)


def test_rail_is_never_walked() -> None:
    table = streets([[A, B], [A, C]], kind=["residential", "rail"])
    for mode in MODES:
        assert build_network(table, crs=CRS, mode=mode).report.rail == 1
    assert metres(streets([[A, B], [B, C], [A, C]], kind=["path", "path", "rail"]), A, C) == pytest.approx(200, abs=0.1)


@pytest.mark.parametrize(("mode", "back"), [("foot", 100), ("ebike", 100), ("car", 300)])
def test_a_one_way_street_binds_the_car_alone(mode: str, back: float) -> None:
    table = streets([[A, B], [B, C, D, A]], oneway=[True, False])
    assert metres(table, A, B, mode=mode) == pytest.approx(100, abs=0.1)
    assert metres(table, B, A, mode=mode) == pytest.approx(back, abs=0.1)


@pytest.mark.parametrize(("mode", "around"), [("foot", 100), ("ebike", 300), ("car", 300)])
def test_a_street_is_left_out_for_those_it_is_shut_to(mode: str, around: float) -> None:
    table = streets([[A, B], [B, C, D, A]]).assign(closed_to=["ebike car", ""])
    assert metres(table, A, B, mode=mode) == pytest.approx(around, abs=0.1)
    assert build_network(table, crs=CRS, mode=mode).report.closed == (mode != "foot")


@pytest.mark.parametrize("kind", ["construction", "proposed", "abandoned", "raceway"])
def test_what_is_no_street_yet_or_no_more_carries_nobody(kind: str) -> None:
    for mode in MODES:
        assert metres(streets([[A, B], [B, C, D, A]], kind=[kind, "residential"]), A, B, mode=mode) == pytest.approx(
            300, abs=0.1
        )


def test_a_car_takes_the_quicker_way_not_the_shorter() -> None:
    table = streets([[A, C], [A, B, C]], kind=["service", "primary"])
    assert metres(table, A, C, mode="foot") == pytest.approx(141.4, abs=0.1)
    assert metres(table, A, C, mode="car") == pytest.approx(200, abs=0.1)


def test_the_largest_part_is_number_0() -> None:
    network = build_network(streets([[(500.0, 0.0), (510.0, 0.0)], [A, B, C, D]]), crs=CRS)
    assert network.report.components == 2
    assert set(network.component[network.xy[:, 0] > 500_400]) == {1}
    assert network.report.main_share > 0.5


def test_rows_left_out_are_counted_and_named() -> None:
    table = streets([[A, B], [B, C], [C, D]], kind=["residential", "rail", "motorway"])
    table.loc[3] = {"id": "broken", "kind": "residential", "oneway": False, "geometry": None}
    table.loc[4] = {"id": "dot", "kind": "residential", "oneway": False, "geometry": shapely.Point(106.7, 39.5)}
    report = build_network(table, crs=CRS).report
    assert (report.streets, report.used, report.rail, report.closed, report.unusable) == (5, 1, 1, 1, 2)
    assert report.unusable_ids == ("broken", "dot")
    assert "铁路 1" in report.text("zh")
    assert "unusable 2" in report.text("en")
    assert report.as_dict()["streets"] == 5


def test_missing_kind_and_oneway_count_as_an_ordinary_two_way_street() -> None:
    table = streets([[A, B]]).drop(columns=["kind", "oneway", "id"])
    assert metres(table, B, A, mode="car") == pytest.approx(100, abs=0.1)


def test_no_usable_street_is_an_error_that_names_the_way_out() -> None:
    with pytest.raises(InputError, match="straight lines") as caught:
        build_network(streets([[A, B]], kind=["rail"]), crs=CRS)
    assert "铁路 1" in caught.value.zh
    with pytest.raises(InputError):
        build_network(streets([[A, B]]).iloc[:0], crs=CRS)


def test_a_graph_needs_metres_and_a_known_crs() -> None:
    with pytest.raises(CrsError, match="metres"):
        build_network(streets([[A, B]]), crs="EPSG:4326")
    with pytest.raises(CrsError, match="no CRS"):
        build_network(streets([[A, B]]).set_crs(None, allow_override=True), crs=CRS)
    with pytest.raises(ColumnError):
        build_network(streets([[A, B]])[["id"]], crs=CRS)


def test_modes_name_themselves_and_refuse_nonsense() -> None:
    with pytest.raises(InputError, match="no mode 'boat'"):
        build_network(streets([[A, B]]), crs=CRS, mode="boat")
    with pytest.raises(InputError, match="above 0"):
        Mode("still", "静止", "still", 0.0)
    assert MODES["car"].speed_of("primary_link") == MODES["car"].speed_of("primary")
    assert MODES["foot"].speed_of("residential") == 1.3
    assert MODES["ebike"].speed_of("residential") == pytest.approx(15 / 3.6)
