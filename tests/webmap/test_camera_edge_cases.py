"""Bad input of every kind, through the real import and the API: each gets a message, and the rest goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis.layers import ReadOptions
from tests.webmap.conftest import NOON, add_supervisor, signed_in
from webmap.config import Config
from webmap.imports import ImportOutcome, import_file
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

LAYERS = Path(__file__).resolve().parents[2] / "data" / "layers"
LON, LAT = 106.7090, 39.5230

CAMERAS = f"""编号,经度,纬度,摄像机类型,方位角,水平视角,可视距离,安装高度
good,{LON},{LAT},枪机,90,60,40,4
no_direction,{LON + 0.001},{LAT},枪机,,60,40,4
nan,NaN,{LAT},枪机,90,60,40,4
nan_angle,{LON + 0.002},{LAT},枪机,90,NaN,40,4
outside,110.0,30.0,枪机,90,60,40,4
zero_angle,{LON + 0.003},{LAT},枪机,90,0,40,4
zero_range,{LON + 0.004},{LAT},枪机,90,60,0,4
inside,{LON + 0.0105},{LAT + 0.0005},枪机,90,60,40,4
"""
BOW_TIE = [
    [
        [LON - 0.0020, LAT],
        [LON - 0.0010, LAT + 0.0010],
        [LON - 0.0010, LAT],
        [LON - 0.0020, LAT + 0.0010],
        [LON - 0.0020, LAT],
    ]
]
HOUSE = [
    [[LON + 0.010, LAT], [LON + 0.011, LAT], [LON + 0.011, LAT + 0.001], [LON + 0.010, LAT + 0.001], [LON + 0.010, LAT]]
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, dict[str, ImportOutcome]]]:
    """The real areas with a handful of cameras and two buildings, as they come from files."""
    folder = tmp_path_factory.mktemp("edge")
    store = open_store(f"sqlite:///{folder / 'edge.db'}", create=True)
    services = Services(store, Config(), clock=lambda: NOON)
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "height_m": 12},
            "geometry": {"type": "Polygon", "coordinates": rings},
        }
        for name, rings in (("bow_tie", BOW_TIE), ("house", HOUSE))
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "buildings.geojson").write_text(text, encoding="utf-8")
    outcomes = {}
    for kind, path in (
        ("areas", LAYERS / "areas.geojson"),
        ("buildings", folder / "buildings.geojson"),
        ("cameras", folder / "cameras.csv"),
    ):
        if kind == "cameras":
            corners = shapely.get_coordinates(services.window(LOCAL_OPERATOR))
            east = corners[corners[:, 0].argmax()]
            path.write_text(f"{CAMERAS}beyond,{east[0] + 0.0002},{east[1]},枪机,270,60,60,4\n", encoding="utf-8")
        outcomes[kind] = import_file(
            services,
            path,
            kind,
            viewer=LOCAL_OPERATOR,
            options=ReadOptions(datum="wgs84"),
            rejects=folder / f"{kind}.rejects.csv",
        )
    add_supervisor(store)
    yield services, outcomes
    store.close()


def answered(services: Services, path: str) -> Any:
    answer = signed_in(services).get(f"/api/cameras/{path}")
    assert answer.status_code == 200
    return answer.get_json()


def test_cameras_without_a_position_or_far_away_are_rejected_with_row_and_reason_and_the_rest_is_in(
    town: tuple[Services, dict[str, ImportOutcome]],
) -> None:
    services, outcomes = town
    rejects = outcomes["cameras"].rejects
    assert rejects is not None
    told = [line.split(",")[:2] for line in rejects.read_text("utf-8-sig").splitlines()[1:]]
    assert told == [["4", "coordinate_unreadable"], ["6", "outside_district"]]
    held = set(services.layer("cameras", LOCAL_OPERATOR)["id"])
    assert held == {"good", "no_direction", "nan_angle", "zero_angle", "zero_range", "inside", "beyond"}


def test_a_camera_a_little_outside_is_told_and_counts_inside_alone(
    town: tuple[Services, dict[str, ImportOutcome]],
) -> None:
    services, _ = town
    problems = {each["id"]: each for each in answered(services, "coverage.json")["problems"]}
    assert "区外" in problems["beyond"]["zh"]
    assert "outside" in problems["beyond"]["en"]
    district = shapely.buffer(services.window(LOCAL_OPERATOR), 1e-5)
    views = answered(services, "views.geojson")["features"]
    assert all(shapely.within(shapely.geometry.shape(each["geometry"]), district) for each in views)


def test_unknown_directions_may_see_and_surely_do_not(town: tuple[Services, dict[str, ImportOutcome]]) -> None:
    services, _ = town
    basis = {
        each["properties"]["id"]: each["properties"]["basis"]
        for each in answered(services, "views.geojson")["features"]
    }
    assert basis["good"] == "sure"
    assert basis["no_direction"] == "may"
    assert basis["nan_angle"] == "sure", "an angle that is not told is taken from the defaults"


@pytest.mark.parametrize("camera", ["zero_angle", "zero_range"])
def test_a_lens_that_sees_nothing_is_named_in_both_languages_and_the_others_go_on(
    camera: str, town: tuple[Services, dict[str, ImportOutcome]]
) -> None:
    services, outcomes = town
    told = answered(services, "coverage.json")
    problems = {each["id"]: each for each in told["problems"]}
    report = json.dumps(outcomes["cameras"].as_dict(), ensure_ascii=False, default=str)
    assert camera in problems or "values_not_read" in report
    assert all(each["zh"] and each["en"] for each in told["problems"])
    area = next(each for each in told["sure"] if each["measure"] == "area")
    assert 0 < area["seen"][0] < area["of"]


def test_a_building_that_crosses_itself_is_mended_and_still_hides(
    town: tuple[Services, dict[str, ImportOutcome]],
) -> None:
    services, outcomes = town
    held = services.layer("buildings", LOCAL_OPERATOR)
    assert len(held) == 2
    assert held.geometry.is_valid.all() or outcomes["buildings"].report.rows_rejected == 0
    assert len(answered(services, "views.geojson")["features"]) >= 3


def test_a_camera_inside_a_building_is_put_before_its_wall_until_its_register_says_no(
    town: tuple[Services, dict[str, ImportOutcome]],
) -> None:
    services, _ = town
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
def test_every_question_is_still_answered(path: str, town: tuple[Services, dict[str, ImportOutcome]]) -> None:
    answered(town[0], path)


def test_where_no_street_bears_a_pole_siting_says_so(town: tuple[Services, dict[str, ImportOutcome]]) -> None:
    answer = signed_in(town[0]).get("/api/cameras/sites.geojson?count=1")
    assert answer.status_code == 400
    assert "No candidate" in answer.get_json()["en"]


@pytest.mark.parametrize("lens", ["nan,60,40", "90,0,40", "90,-5,40", "90,60,0", "90,60,inf"])
def test_a_question_with_such_a_camera_is_refused_or_names_the_field(
    lens: str, town: tuple[Services, dict[str, ImportOutcome]]
) -> None:
    answer = signed_in(town[0]).get(f"/api/cameras/what-if.json?change=new,{LON},{LAT},{lens}")
    told = answer.get_json()
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or told["problems"] or lens.startswith("nan")
