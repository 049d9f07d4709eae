"""Key areas over HTTP: a life from proposal to acceptance, who may do and see what, and what is refused."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
import shapely

from tests.webmap.cases.town import ACCOUNTS, Town
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, STREET_A, STREET_B
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR

AREA = "keyarea-0000-0000-0001"
PATH = f"/api/keyareas/{AREA}"
UNTIL = (NOW + timedelta(days=90)).date().isoformat()
TODAY = NOW.date().isoformat()
DESIGNATE = {"move": "designate", "version": 1, "reason": "盗窃集中", "level": "district", "until": UNTIL}
MEASURE = {"kind": "lighting", "what": "装灯 12 盏", "unit": "water", "day": TODAY, "version": 2}
CHECK = {"finding": "照明到位", "result": "met", "version": 3}
MORE = {
    "inspect": [Grant("checker", STREET_A)],
    "lead": [Grant("supervisor", STREET_A)],
    "figures-b": [Grant("analyst", STREET_B)],
}


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("key-areas")
    for name, grants in MORE.items():
        monkeypatch.setitem(ACCOUNTS, name, grants)
    town = Town(f"sqlite:///{folder / 'town.db'}", folder)
    yield town
    town.close()


def propose(town: Town, account: str = "desk", /, **more: Any) -> Any:
    told = {"id": AREA, "name": "巴音赛街片区", "why": "夜间盗窃多", "grids": [GRIDS[0]]} | more
    return town.send(account, "/api/keyareas", {key: value for key, value in told.items() if value is not None})


def advance(town: Town) -> None:
    """Designated, with a measure."""
    assert propose(town).status_code == 201
    assert town.send("boss", f"{PATH}/transitions", DESIGNATE).status_code == 200
    assert town.send("desk", f"{PATH}/measures", MEASURE).status_code == 200


def test_a_life_from_proposal_to_acceptance(town: Town) -> None:
    advance(town)
    checked = town.send("inspect", f"{PATH}/checks", CHECK)
    assert checked.get_json()["area"]["state"] == "checked"
    accepted = town.send("boss", f"{PATH}/transitions", {"move": "accept", "version": 4, "reason": "连续下降"})
    told = accepted.get_json()["area"]
    assert (told["state"], told["state_zh"], told["version"]) == ("accepted", "已摘牌", 5)
    assert accepted.headers["ETag"] == '"5"'
    assert told["measures"] == [
        {"kind": "lighting", "what": "装灯 12 盏", "unit": "water", "day": TODAY, "zh": "补充照明", "en": "lighting"}
    ]
    assert (told["since"], told["until"], told["level_en"]) == (TODAY, UNTIL, "district")
    one = town.client("boss").get(PATH).get_json()
    assert [m["move"] for m in one["history"]] == ["propose", "designate", "measure", "check", "accept"]
    assert one["moves"] == []
    assert town.store.verify() == []


def test_the_same_proposal_is_kept_once_and_another_under_its_id_is_refused(town: Town) -> None:
    assert propose(town).status_code == 201
    assert propose(town).status_code == 200
    assert propose(town, why="别的").status_code == 409


@pytest.mark.parametrize(
    "ground",
    [
        {"grids": None, "lon": 106.705, "lat": 39.405, "radius_m": 120},
        {
            "grids": None,
            "outline": shapely.geometry.mapping(shapely.box(106.701, 39.401, 106.708, 39.408)),
            "hot_spot": "H1",
        },
        {"grids": [GRIDS[0], GRIDS[1]]},
    ],
    ids=["place", "hot spot", "grids"],
)
def test_ground_is_told_by_a_place_a_hot_spot_or_grids(town: Town, ground: dict[str, Any]) -> None:
    answer = propose(town, **ground)
    assert answer.status_code == 201, answer.text
    told = answer.get_json()["area"]
    shape = shapely.from_geojson(json.dumps(told["outline"]))
    assert shape.is_valid
    assert shape.intersects(shapely.Point(106.705, 39.405))
    # Two grids of one community lie in no single grid.
    assert (told["grid"], told["street"]) == ("" if len(ground.get("grids") or [1]) == 2 else GRIDS[0], STREET_A)
    assert told["hot_spot"] == ground.get("hot_spot", "")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"grids": None}, 400),
        ({"lon": 106.705, "lat": 39.405}, 400),
        ({"grids": []}, 400),
        ({"grids": ["nowhere"]}, 400),
        ({"grids": "x"}, 400),
        ({"grids": None, "lon": 106.705, "lat": 39.405, "radius_m": 5000}, 400),
        ({"grids": None, "lon": 10, "lat": 10}, 400),
        ({"grids": None, "outline": {"type": "Point", "coordinates": [106.7, 39.4]}}, 400),
        ({"grids": None, "outline": {"type": "Polygon", "coordinates": "x"}}, 400),
        (
            {"grids": None, "outline": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]}},
            400,
        ),
        ({"grids": None, "outline": shapely.geometry.mapping(shapely.box(106, 39, 107, 40))}, 400),
        ({"name": ""}, 400),
        ({"why": None}, 400),
        ({"suspect": "张三"}, 400),
        ({"id": "x"}, 400),
    ],
)
def test_proposals_that_make_no_sense_are_refused(town: Town, wrong: dict[str, Any], status: int) -> None:
    answer = propose(town, **wrong)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["zh"]
    assert "张三" not in answer.text


def test_each_role_does_its_own_and_nothing_else(town: Town) -> None:
    for name in ("worker", "inspect", "figures", "pipe", "check"):
        assert propose(town, name).status_code == 403, name
    assert propose(town, "desk-b").status_code == 403
    assert propose(town).status_code == 201
    for name in ("desk", "inspect", "figures"):
        assert town.send(name, f"{PATH}/transitions", DESIGNATE).status_code == 403, name
    assert town.send("lead", f"{PATH}/transitions", DESIGNATE).status_code == 200
    assert town.send("inspect", f"{PATH}/measures", MEASURE).status_code == 403
    assert town.send("figures", f"{PATH}/measures", MEASURE).status_code == 403


def test_a_street_that_is_not_ones_own_shows_nothing(town: Town) -> None:
    advance(town)
    for name in ("desk-b", "figures-b"):
        client = town.client(name)
        assert client.get(PATH).status_code == 404
        assert client.get("/api/keyareas").get_json()["areas"] == []
        assert client.get("/api/keyareas.geojson").get_json()["features"] == []
        assert AREA not in client.get("/export/key_areas.geojson").text
    assert town.send("desk-b", f"{PATH}/measures", MEASURE).status_code == 404
    assert town.client("figures-b").get(f"{PATH}/effect").status_code == 404
    for name in ("worker", "pipe"):
        assert town.client(name).get("/api/keyareas").status_code == 403
        assert town.client(name).get("/export/key_areas.csv").status_code == 403


def test_whoever_took_a_measure_does_not_check_it(town: Town) -> None:
    advance(town)
    town.send("boss", f"{PATH}/measures", MEASURE | {"what": "加派夜巡", "kind": "patrol", "version": 3})
    refused = town.send("boss", f"{PATH}/checks", CHECK | {"version": 4})
    assert refused.status_code == 403
    assert "somebody else" in refused.get_json()["en"]
    assert town.send("lead", f"{PATH}/checks", CHECK | {"version": 4}).status_code == 200


def test_an_old_version_a_wrong_state_and_missing_words_are_told_apart(town: Town) -> None:
    propose(town)
    assert town.send("boss", f"{PATH}/transitions", DESIGNATE | {"version": 9}).status_code == 412
    assert town.send("boss", f"{PATH}/transitions", {"move": "accept", "reason": "x", "version": 1}).status_code == 409
    assert (
        town.send("boss", f"{PATH}/transitions", {"move": "designate", "reason": "x", "version": 1}).status_code == 400
    )
    assert town.send("boss", f"{PATH}/transitions", {"move": "fly", "version": 1}).status_code == 409
    assert town.send("boss", f"{PATH}/transitions", DESIGNATE | {"person": "x"}).status_code == 400
    assert town.client("boss").get("/api/keyareas?state=lost").status_code == 400


def test_the_list_puts_those_in_force_first_and_counts_them(town: Town) -> None:
    advance(town)
    propose(town, id="keyarea-0000-0000-0000", grids=[GRIDS[1]])
    told = town.client("boss").get("/api/keyareas").get_json()
    assert [each["state"] for each in told["areas"]] == ["under_measures", "proposed"]
    assert (told["counts"]["proposed"], told["expired"]) == (1, 0)
    assert (
        town.client("boss").get(f"/api/keyareas?state=proposed&area={STREET_A}").get_json()["areas"][0]["state"]
        == "proposed"
    )


def test_an_area_past_its_last_day_is_told_as_expired(town: Town) -> None:
    propose(town)
    tomorrow = (NOW + timedelta(days=1)).date().isoformat()
    assert town.send("boss", f"{PATH}/transitions", DESIGNATE | {"until": tomorrow}).status_code == 200
    assert town.client("boss").get("/api/keyareas").get_json()["expired"] == 0
    town.pass_hours(48)
    told = town.client("boss").get("/api/keyareas").get_json()
    assert (told["expired"], told["areas"][0]["expired"]) == (1, True)


def test_the_layer_leaves_in_every_format_with_name_and_outline(town: Town) -> None:
    advance(town)
    client = town.client("boss")
    for file_format in ("gpkg", "geojson", "shp", "kml", "csv", "xlsx", "parquet"):
        answer = client.get(f"/export/key_areas.{file_format}?lang=en")
        assert answer.status_code == 200, file_format
        assert len(answer.data) > 300
    (feature,) = client.get("/export/key_areas.geojson").get_json()["features"]
    assert "巴音赛街片区" in feature["properties"].values()
    assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    (drawn,) = client.get("/api/keyareas.geojson").get_json()["features"]
    assert (drawn["properties"]["name"], drawn["properties"]["stage"]) == ("巴音赛街片区", "under_measures")
    assert len(pd.read_csv(io.StringIO(client.get("/export/key_areas.csv").text))) == 1


def test_without_data_on_both_sides_there_is_nothing_to_compare_and_it_is_told(town: Town) -> None:
    advance(town)
    told = town.client("figures").get(f"{PATH}/effect").get_json()
    assert (told["days"], told["is_shown"]) == (0, False)
    assert "nothing to compare yet" in told["en"]
    assert town.client("inspect").get(f"{PATH}/effect").status_code == 403, "figures need see_analyses"
    assert town.client("boss").get(f"{PATH}/effect?weeks=99").status_code == 400


def test_figures_come_with_denominators_and_without_patrol_findings(town: Town) -> None:
    """Reports of 16 weeks in four grids, one of which falls by half when measures begin; two of four are left to compare: too few."""
    start = NOW - timedelta(days=56)
    rows = []
    for number, (grid, after) in enumerate(zip(GRIDS, (10, 20, 20, 20), strict=True)):
        for span, count in ((-1, 20), (1, after)):
            for k in range(count):
                moment = start + span * timedelta(days=(k + 0.5) * 56 / count)
                rows.append((f"r{number}{span}{k}", 106.705 + number / 100, 39.405, moment, grid, "report"))
    rows += [(f"p{k}", 106.705, 39.405, start + timedelta(days=3), GRIDS[0], "patrol") for k in range(50)]
    table = pd.DataFrame(rows, columns=["id", "lon", "lat", "occurred_at", "grid", "found_by"])
    table["occurred_at"] = pd.to_datetime(table["occurred_at"], utc=True).astype("datetime64[us, UTC]")
    table = table.assign(
        occurred_to=pd.Series([pd.NaT] * len(table), dtype="datetime64[us, UTC]"), time_precision="minute"
    )
    table = table.assign(
        scheme="wangge", category="0102", source="12345", district=DISTRICT, datum="wgs84", x_orig=0.0, y_orig=0.0
    )
    table["community"], table["street"] = table["grid"].str[:12], table["grid"].str[:9] + "000"
    town.store.incidents.upsert(table, viewer=LOCAL_OPERATOR, now=NOW)
    propose(town)
    assert town.send("boss", f"{PATH}/transitions", DESIGNATE).status_code == 200
    measure = MEASURE | {"day": start.date().isoformat()}
    assert town.send("desk", f"{PATH}/measures", measure).status_code == 200
    told = town.client("figures").get(f"{PATH}/effect?weeks=7").get_json()
    assert told["days"] == 49
    area = next(each for each in told["groups"] if each["group"] == "area")
    assert 16 <= area["before"] <= 18
    assert 8 <= area["after"] <= 10, "patrol findings do not count"
    assert area["km2"] == pytest.approx(0.955, rel=0.01)
    assert told["exposure"]["findings"] == 50
    assert told["change"] is None
    assert told["is_shown"] is False
    assert "too few comparison areas" in told["en"]
    assert town.client("figures").get(f"{PATH}/effect?weeks=40").get_json()["days"] == 0
