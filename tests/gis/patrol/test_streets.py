"""Bad streets end no plan: it is said what is wrong, and the rest goes on."""

import numpy as np
import pandas as pd
import pytest

from gis.patrol import Team
from gis.patrol.streets import lost_bases, street_graph
from gis.patrol.travel import TravelTimes
from tests.gis.roads.street_maker import CRS, Line, at, streets

CROSS: list[Line] = [[(0.0, 0.0), (400.0, 0.0), (800.0, 0.0)], [(400.0, 0.0), (400.0, 400.0)]]
GROUND = np.array(at((100.0, 50.0), (700.0, 50.0)))


def test_sound_streets_give_a_graph_and_nothing_to_say() -> None:
    network, notes = street_graph(streets(CROSS), mode="ebike", crs=CRS, ground_xy=GROUND)
    assert network is not None
    assert network.mode.name == "ebike"
    assert notes == []


def test_without_streets_the_plan_goes_by_straight_lines_and_says_so() -> None:
    network, [(zh, en)] = street_graph(streets(CROSS).iloc[:0], mode="foot", crs=CRS, ground_xy=GROUND)
    assert network is None
    assert "直线" in zh
    assert "straight lines x 1.3" in en


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"kind": "footway"}, "No street can be used by car"), ({"closed_to": "car"}, "No street can be used by car"),
     ({"kind": "rail"}, "2 rail")],
)  # fmt: skip
def test_streets_of_no_use_to_the_mode_are_named_with_their_reason(changed: dict[str, str], words: str) -> None:
    network, [(_, en)] = street_graph(streets(CROSS).assign(**changed), mode="car", crs=CRS, ground_xy=GROUND)
    assert network is None
    assert words in en
    assert en.endswith("Travel is estimated by straight lines x 1.3.")


def test_streets_that_all_lie_outside_are_named_with_their_distance() -> None:
    away = GROUND + np.array([20_000.0, 0.0])
    network, [(zh, en)] = street_graph(streets(CROSS), mode="foot", crs=CRS, ground_xy=away)
    assert network is None
    assert "19.3 km away" in en
    assert "坐标系" in zh


def test_streets_that_reach_part_of_the_ground_are_used() -> None:
    part = np.vstack([GROUND, GROUND + np.array([20_000.0, 0.0])])
    assert street_graph(streets(CROSS), mode="foot", crs=CRS, ground_xy=part)[0] is not None


def test_a_long_street_without_a_vertex_near_the_ground_still_counts() -> None:
    """It runs past at 100 m, its vertices 5 km away on either side."""
    past: list[Line] = [[(-5000.0, 0.0), (5000.0, 0.0)]]
    assert street_graph(streets(past), mode="foot", crs=CRS, ground_xy=np.array(at((0.0, 100.0))))[0] is not None


def test_lines_without_length_leave_the_rest_in_use() -> None:
    network, notes = street_graph(streets([*CROSS, [(5.0, 5.0), (5.0, 5.0)]]), mode="foot", crs=CRS, ground_xy=GROUND)
    assert network is not None
    assert network.report.unusable_ids == ("s2",)
    assert notes == []


def team(name: str, start: tuple[float, float], end: tuple[float, float] | None = None) -> Team:
    places = at(start, end or start)
    return Team(name=name, start_xy=places[0], end_xy=places[1], mode="foot", beat=0)


def test_a_base_cut_off_is_named_and_the_others_are_not() -> None:
    network, _ = street_graph(streets(CROSS), mode="foot", crs=CRS, ground_xy=GROUND)
    assert network is not None
    stops = pd.DataFrame(at((100.0, 10.0), (700.0, 10.0)), columns=["x", "y"]).assign(id=["a", "b"])
    teams = [team("1队", (10.0, 0.0)), team("2队", (9000.0, 0.0)), team("3队", (10.0, 0.0), (9000.0, 0.0))]
    travel = TravelTimes.by_streets(network, stops, teams)
    notes = lost_bases(travel, stops, teams)
    assert [zh[:6] for zh, _ in notes] == ["队伍“2队”", "队伍“3队”"]
    assert "on foot" in notes[0][1]
    assert lost_bases(travel, stops.iloc[:0], teams) == []
