"""Bad input of every kind, through the real import and the API: each gets a message, and the rest goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shapely

from tests.webmap.conftest import NOON, signed_in
from tests.webmap.town import LAT, LON, Town, make_town
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The small town without streets."""
    made = make_town(tmp_path_factory.mktemp("town"))
    yield made
    made.services.store.close()


def answered(services: Services, path: str) -> Any:
    answer = signed_in(services).get(f"/api/cameras/{path}")
    assert answer.status_code == 200
    return answer.get_json()


def test_cameras_without_a_position_or_far_away_are_rejected_with_row_and_reason_and_the_rest_is_in(
    town: Town,
) -> None:
    services, outcomes = town.services, town.outcomes
    rejects = outcomes["cameras"].rejects
    assert rejects is not None
    told = [line.split(",")[:2] for line in rejects.read_text("utf-8-sig").splitlines()[1:]]
    assert told == [["4", "coordinate_unreadable"], ["6", "outside_district"]]
    held = set(services.layer("cameras", LOCAL_OPERATOR)["id"])
    assert held == {"good", "no_direction", "nan_angle", "zero_angle", "zero_range", "inside", "beyond"}


def test_a_camera_a_little_outside_is_told_and_counts_inside_alone(
    town: Town,
) -> None:
    services = town.services
    problems = {each["id"]: each for each in answered(services, "coverage.json")["problems"]}
    assert "区外" in problems["beyond"]["zh"]
    assert "outside" in problems["beyond"]["en"]
    district = shapely.buffer(services.window(LOCAL_OPERATOR), 1e-5)
    views = answered(services, "views.geojson")["features"]
    assert all(shapely.within(shapely.geometry.shape(each["geometry"]), district) for each in views)


def test_unknown_directions_may_see_and_surely_do_not(town: Town) -> None:
    services = town.services
    basis = {
        each["properties"]["id"]: each["properties"]["basis"]
        for each in answered(services, "views.geojson")["features"]
    }
    assert basis["good"] == "sure"
    assert basis["no_direction"] == "may"
    assert basis["nan_angle"] == "sure", "an angle that is not told is taken from the defaults"


@pytest.mark.parametrize("camera", ["zero_angle", "zero_range"])
def test_a_lens_that_sees_nothing_is_named_in_both_languages_and_the_others_go_on(camera: str, town: Town) -> None:
    services, outcomes = town.services, town.outcomes
    told = answered(services, "coverage.json")
    problems = {each["id"]: each for each in told["problems"]}
    report = json.dumps(outcomes["cameras"].as_dict(), ensure_ascii=False, default=str)
    assert camera in problems or "values_not_read" in report
    assert all(each["zh"] and each["en"] for each in told["problems"])
    area = next(each for each in told["sure"] if each["measure"] == "area")
    assert 0 < area["seen"][0] < area["of"]


def test_a_building_that_crosses_itself_is_mended_and_still_hides(
    town: Town,
) -> None:
    services, outcomes = town.services, town.outcomes
    held = services.layer("buildings", LOCAL_OPERATOR)
    assert len(held) == 2
    assert held.geometry.is_valid.all() or outcomes["buildings"].report.rows_rejected == 0
    assert len(answered(services, "views.geojson")["features"]) >= 3


def test_a_camera_inside_a_building_is_put_before_its_wall_until_its_register_says_no(
    town: Town,
) -> None:
    services = town.services
    moved = {each["id"]: each for each in answered(services, "coverage.json")["snapped"]}
    before = services.layer("cameras", LOCAL_OPERATOR).set_index("id").loc["inside"]
    assert moved["inside"]["state"] == "inside"
    assert moved["inside"]["m"] > 1
    assert (before["lon"], before["lat"]) == (LON + 0.0105, LAT + 0.0005), "the register keeps its own position"
    frame = services.layer("cameras", LOCAL_OPERATOR)
    layer = services.store.layer("cameras")
    layer.upsert(
        frame.assign(snap=["no" if each == "inside" else "" for each in frame["id"]]), viewer=LOCAL_OPERATOR, now=NOON
    )
    try:
        told = answered(services, "coverage.json")
        assert "inside" not in {each["id"] for each in told["snapped"]}
        assert "inside" in {each["id"] for each in told["problems"]}
    finally:
        layer.upsert(frame, viewer=LOCAL_OPERATOR, now=NOON)


@pytest.mark.parametrize(
    "path",
    [
        "depth.geojson",
        "areas.json",
        "blind-spots.geojson",
        "resilience.json",
        "register.json",
        "coverage.json?light=night",
    ],
)
def test_every_question_is_still_answered(path: str, town: Town) -> None:
    answered(town.services, path)


def test_where_no_street_bears_a_pole_siting_says_so(town: Town) -> None:
    answer = signed_in(town.services).get("/api/cameras/sites.geojson?count=1")
    assert answer.status_code == 400
    assert "No candidate" in answer.get_json()["en"]


@pytest.mark.parametrize("lens", ["nan,60,40", "90,0,40", "90,-5,40", "90,60,0", "90,60,inf"])
def test_a_question_with_such_a_camera_is_refused_or_names_the_field(lens: str, town: Town) -> None:
    answer = signed_in(town.services).get(f"/api/cameras/what-if.json?change=new,{LON},{LAT},{lens}")
    told = answer.get_json()
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or told["problems"] or lens.startswith("nan")
