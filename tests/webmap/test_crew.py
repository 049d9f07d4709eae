"""Teams of one plan that differ: the real sample planned, judged, edited, re-planned and copied with settings by team."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from gis.crs import project
from gis.errors import InputError, PlanError
from gis.patrol.replan import ReplanOptions
from gis.patrol.streets import street_graph
from gis.roads import Network
from gis.roads.paths import travel_matrix
from tests.webmap.conftest import NOON
from webmap import plan_life
from webmap.config import Config
from webmap.due import copy_week
from webmap.plan_changes import Edit, Events, edited, mended
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer, open_store
from webmap.team_settings import TeamSettings, settings_of

from .conftest import sample_copy

LEADER = Viewer("zhangwei", "supervisor")
HOUR = 3600.0
EARLY, WALKS, DRIVES = (
    {"team": 1, "to": "10:00", "break_min": 30, "break_from": "07:30", "break_to": "08:30"},
    {"team": "2队", "mode": "foot", "most_km": 12, "start": "XF005"},
    {"team": 3, "mode": "car", "skills": ["急救"], "end": {"lon": 106.71, "lat": 39.5}},
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of the sample, in which these plans are alone."""
    store = open_store(sample_copy(tmp_path_factory))
    yield Services(store, Config(db=store.url), clock=lambda: NOON)
    store.close()


def request(services: Services, *told: dict[str, Any], **more: Any) -> PlanRequest:
    """The day shift from 06:00 to 14:00, with settings."""
    usual = {"day": services.today(), "shift": "day", "teams": 4, "seed": 7, "iterations": 300}
    return PlanRequest(**usual | {"team_settings": settings_of(list(told), most=60)} | more)


@pytest.fixture(scope="module")
def mixed(services: Services) -> dict[str, Any]:
    """An early team with a break, one on foot, one by car that alone knows first aid, and one like all."""
    asked = request(services, EARLY, WALKS, DRIVES, must_skills=(("school", ("急救",)),))
    return json.loads(json.dumps(make_plan(services, asked, viewer=LEADER)))  # type: ignore[no-any-return]


@pytest.fixture
def running(services: Services, mixed: dict[str, Any], request: pytest.FixtureRequest) -> str:
    own = {name: value for name, value in mixed.items() if name != "id"} | {"shift": request.node.name[:40]}
    plan = services.store.plans.save(own, viewer=LEADER, now=NOON)
    plan_life.publish(services, plan, viewer=LEADER)
    return services.store.plans.move(plan, "running", viewer=LEADER, now=NOON).id


def network(services: Services, mode: str) -> Network:
    """The streets of a mode, built here from the table."""
    crs = services.metric(LOCAL_OPERATOR)
    inside = shapely.point_on_surface(services.cells(LOCAL_OPERATOR).geometry.to_numpy())
    xy = project(shapely.get_x(inside), shapely.get_y(inside), crs)
    found, _ = street_graph(services.layer("streets", LOCAL_OPERATOR), mode=mode, crs=crs, ground_xy=xy)
    assert found is not None
    return found


def test_a_team_that_leaves_early_is_home_before_and_rests_within_its_window(mixed: dict[str, Any]) -> None:
    early = mixed["teams"][0]
    assert early["end_s"] == 4 * HOUR
    assert 3 * HOUR < early["back_s"] <= 4 * HOUR
    rest = [stop for stop in early["stops"] if stop["kind"] == "break"]
    assert [1.5 * HOUR <= stop["start_s"] <= 2.5 * HOUR for stop in rest] == [True]
    assert rest[0]["leave_s"] - rest[0]["start_s"] == 30 * 60
    assert all(team["back_s"] > 6 * HOUR for team in mixed["teams"][1:]), "the others stay"


def test_each_team_is_timed_over_the_streets_of_its_own_mode(services: Services, mixed: dict[str, Any]) -> None:
    """Legs are measured anew, and over the streets of another mode they would take another time."""
    for number, mode, other in ((1, "foot", "ebike"), (2, "car", "foot"), (3, "ebike", "car")):
        team = mixed["teams"][number]
        assert team["mode"] == mode
        stops = team["stops"][:6]
        xy = np.array([team["start_xy"], *([stop["x"], stop["y"]] for stop in stops)])
        legs = [stop["travel_s"] for stop in stops]
        mine = np.diagonal(travel_matrix(network(services, mode), xy)[0], 1)
        np.testing.assert_allclose(legs, mine, atol=0.5)
        assert sum(legs) != pytest.approx(float(np.diagonal(travel_matrix(network(services, other), xy)[0], 1).sum()))


def test_each_line_is_drawn_over_the_streets_of_its_own_mode(services: Services, mixed: dict[str, Any]) -> None:
    """The length of the line is the way of the tour, but for the last metres between a street and a stop."""
    crs = services.metric(LOCAL_OPERATOR)
    for team in mixed["teams"]:
        lon, lat = np.array(team["line"]).T
        length = float(np.hypot(*np.diff(project(lon, lat, crs), axis=0).T).sum())
        assert length == pytest.approx(team["travel_m"], rel=0.02), team["mode"]


def test_start_end_skill_and_longest_way_hold_and_the_plan_says_so(services: Services, mixed: dict[str, Any]) -> None:
    walks, drives = mixed["teams"][1:3]
    assert walks["travel_m"] <= 12_000
    assert walks["start_lonlat"] == pytest.approx([106.709077, 39.521972])
    assert drives["end_lonlat"] == [106.71, 39.5]
    schools = {stop["id"] for stop in mixed["made_from"]["stops"] if stop.get("skills")}
    by = {team["name"] for team in mixed["teams"] for stop in team["stops"] if stop["id"] in schools}
    assert by == {"3队"}, "who alone can do it goes into other beats for it"
    assert [team["own_zh"] for team in mixed["teams"]] == [
        "电动自行车 · 06:00–10:00 在岗 · 休息 30 分钟(07:30–08:30 开始)",
        "步行 · 路程不超过 12 公里 · 起点:新达派出所",
        "汽车 · 技能:急救 · 终点:106.71000,39.50000",
        "电动自行车",
    ]
    assert mixed["teams"][0]["own_en"] == "by e-bike · on duty 06:00-10:00 · break of 30 min (begun 07:30-08:30)"
    assert any("may be made by any team" in note["en"] for note in mixed["notes"])


def test_the_judge_finds_nothing_broken_and_would_find_another_mode(services: Services, mixed: dict[str, Any]) -> None:
    assert plan_life.check(services, mixed) == []
    crew = [team | {"mode": "ebike"} if team["mode"] == "foot" else team for team in mixed["made_from"]["teams"]]
    found = plan_life.check(services, mixed | {"made_from": mixed["made_from"] | {"teams": crew}})
    assert {"team", "travel"} <= {each.rule for each in found}


def test_a_stop_handed_from_wheels_to_feet_is_timed_on_foot(services: Services, mixed: dict[str, Any]) -> None:
    draft = services.store.plans.save(
        {name: value for name, value in mixed.items() if name != "id"} | {"shift": "handed"}, viewer=LEADER, now=NOON
    )
    visit = next(stop["id"] for stop in mixed["teams"][3]["stops"] if not stop["must"])
    told = edited(services, LEADER, draft, [Edit("move", visit, "2队")], keep=False)
    walks = told["plan"]["teams"][1]
    place = next(n for n, stop in enumerate(walks["stops"]) if stop["id"] == visit)
    assert place
    xy = np.array([[stop["x"], stop["y"]] for stop in walks["stops"][place - 1 : place + 1]])
    seconds = travel_matrix(network(services, "foot"), xy)[0][0, 1]
    assert walks["stops"][place]["travel_s"] == pytest.approx(float(seconds), abs=0.5)
    assert walks["line"]
    assert walks["own_zh"] == mixed["teams"][1]["own_zh"]


def test_a_running_plan_of_mixed_teams_is_mended_and_published(services: Services, running: str) -> None:
    """At noon the early team is home; the driver drops out."""
    answer = mended(services, LEADER, running, Events(out=("3队",)), keep=True, options=ReplanOptions(rounds=20))
    assert answer["broken"] == []
    assert [team["mode"] for team in answer["plan"]["teams"]] == ["ebike", "foot", "car", "ebike"]
    assert answer["plan"]["teams"][0]["back_s"] <= 4 * HOUR
    assert answer["plan"]["teams"][1]["travel_m"] <= 12_000
    assert plan_life.publish(services, answer["plan"]["id"], viewer=LEADER).status == "running"


def test_one_more_team_is_tried_beside_mixed_teams(
    services: Services, mixed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_life, "TRIED_ROUNDS", 60)
    told = plan_life.one_more(services, LEADER, mixed["id"])
    assert told["worth"] >= 0
    assert told["base_of"] in {team["name"] for team in mixed["teams"]}


def test_a_copy_keeps_hours_and_modes(services: Services, mixed: dict[str, Any]) -> None:
    day = services.today() + timedelta(days=7)
    report = copy_week(services, LEADER, day, day, tell=lambda _line: None)
    (made,) = [each for each in report["made"] if each["shift"] == "day"]
    copy = services.store.plans.get(made["plan"], LEADER).document
    for name in ("mode", "start_s", "end_s", "own_zh", "own_en", "back_s"):
        assert [team[name] for team in copy["teams"]] == [team[name] for team in mixed["teams"]], name


def test_a_plan_without_settings_says_nothing_of_teams_and_empty_settings_change_no_tour(services: Services) -> None:
    asked = request(services, teams=2, sources=("must",))
    plain = make_plan(services, asked, viewer=LEADER)
    empty = make_plan(services, replace(asked, team_settings=(TeamSettings("1"), TeamSettings("2队"))), viewer=LEADER)
    assert [team["own_zh"] for team in plain["teams"]] == ["", ""]
    assert [team["own_zh"] for team in empty["teams"]] == ["电动自行车", "电动自行车"]
    tours = [[(stop["id"], stop["start_s"]) for stop in team["stops"]] for team in plain["teams"]]
    assert [[(stop["id"], stop["start_s"]) for stop in team["stops"]] for team in empty["teams"]] == tours


def test_hours_of_a_night_are_read_across_midnight(services: Services) -> None:
    told = {"team": 1, "from": "23:00", "to": "04:00", "break_min": 20, "break_from": "01:00", "break_to": "02:00"}
    plan = make_plan(services, request(services, told, shift="night", teams=2, iterations=50), viewer=LEADER)
    team = plan["teams"][0]
    assert (team["start_s"], team["end_s"]) == (HOUR, 6 * HOUR)
    assert [3 * HOUR <= stop["start_s"] <= 4 * HOUR for stop in team["stops"] if stop["kind"] == "break"] == [True]


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        ([{"team": 5}], "第 5 队:方案里没有这个队(共 4 队)", "Team 5: the plan has no such team (it has 4)"),
        ([{"team": "丙"}], "队伍“丙”:方案里没有这个队", "Team '丙': the plan has no such team"),
        ([{"team": 2}, {"team": "2队"}], "以队名和队号各写了一次", "said by its name and by its number"),
        ([{"team": 1, "from": "05:00"}], "第 1 队的上岗时刻:05:00 不在班次 06:00–14:00 之内", "start of duty: 05:00"),
        ([{"team": 1, "to": "22:00"}], "第 1 队的下岗时刻", "Team 1, end of duty: 22:00 does not lie in the shift"),
        ([{"team": 1, "from": "12:00", "to": "08:00"}], "须早于下岗时刻 08:00", "before the end of duty at 08:00"),
        ([{"team": 1, "break_from": "08:00"}], "还须填写休息时长", "say the length of the break too"),
        ([{"team": 1, "break_min": 30, "break_to": "13:45"}], "最晚须在下岗前 30 分钟", "latest start of the break"),
        ([{"team": 1, "break_min": 30, "break_from": "10:00", "break_to": "09:00"}], "休息最早开始", "earliest start"),
        (
            [{"team": 1, "from": "8:00", "to": "8:20", "break_min": 30}],
            "休息时长:比在岗时间还长",
            "longer than the duty",
        ),
        ([{"team": 1, "from": "9:00", "break_min": 30, "break_to": "8:00"}], "第 1 队的休息最晚开始", "latest start"),
        ([{"team": 1, "start": "nowhere"}], "没有编号为“nowhere”的场所", "no place with id 'nowhere'"),
        ([{"team": 1, "end": {"lon": 100.0, "lat": 30.0}}], "第 1 队的终点", "outside the area that is planned"),
    ],
)
def test_what_makes_no_sense_in_the_shift_is_told_with_team_and_field(
    services: Services, told: list[dict[str, Any]], zh: str, en: str
) -> None:
    seq = services.store.change_seq()
    with pytest.raises(InputError) as found:
        make_plan(services, request(services, *told), viewer=LEADER)
    assert zh in found.value.zh
    assert en in found.value.en
    assert services.store.change_seq() == seq


def test_a_break_that_does_not_fit_is_told_by_names_that_each_reader_knows(services: Services) -> None:
    """Twenty minutes of duty hold twenty of break, and no way back from a far end."""
    told = {"team": 2, "from": "8:00", "to": "8:20", "break_min": 20, "end": {"lon": 106.71, "lat": 39.5}}
    with pytest.raises(PlanError) as found:
        make_plan(services, request(services, told, teams=2), viewer=LEADER)
    assert "队伍“2队”的休息" in found.value.zh
    assert "team 'Team 2'" in found.value.en
    assert "队" not in found.value.en


def test_a_skill_for_places_that_no_rule_names_is_refused(services: Services) -> None:
    with pytest.raises(InputError, match="no rule of must-visits for places of kind zoo; there are school"):
        make_plan(services, request(services, must_skills=(("zoo", ("net",)),)), viewer=LEADER)
