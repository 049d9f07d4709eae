"""Hot spots over HTTP: the same answer at once and line by line, no number that is none, and no camera for who may not see one."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pypdfium2
import pytest
from flask.testing import FlaskClient

from gis.hotspots import METHODS
from tests.webmap.conftest import NOON, PASSWORD, sample_copy, signed_in
from webmap.auth.permissions import Grant
from webmap.cli import HOT_SPOT_METHODS, HOT_SPOT_VERSUS
from webmap.config import Config
from webmap.hotspots.question import VERSUS
from webmap.planning import PlanRequest, wanted_stops
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

AUTUMN = "from=2026-08-01&to=2026-10-31"
STREET = "150304008000"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of the sample with an analyst, a planner of one street and a worker."""
    store = open_store(sample_copy(tmp_path_factory))
    for name, grant in (
        ("fenxi", Grant("analyst")),
        ("paiban", Grant("planner", STREET)),
        ("wangge", Grant("grid_worker")),
    ):
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=[grant])
    yield Services(store, Config(db=store.url), clock=lambda: NOON)
    store.close()


def plain(text: str) -> dict:
    """JSON without NaN or Infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in the answer")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers_with_its_words_and_finite_numbers(method: str, client: FlaskClient) -> None:
    answer = client.get(f"/api/hotspots/areas.geojson?{AUTUMN}&method={method}")
    told = plain(answer.text)
    assert answer.mimetype == "application/geo+json"
    assert told["method"] == method
    assert told["found_by"] == ["report"]
    assert len(told["features"]) > 0
    for language in ("zh", "en"):
        assert told["explanation"][f"means_{language}"]
        assert told["explanation"][f"means_not_{language}"]
        assert told[f"p_{language}"]
    for feature in told["features"]:
        assert feature["properties"]["change"] in ("new", "persistent", "dissolved")
        assert "cameras" not in feature["properties"]
    tag = answer.headers["ETag"]
    again = client.get(f"/api/hotspots/areas.geojson?{AUTUMN}&method={method}", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_lines_tell_the_steps_and_end_with_the_same_layer(client: FlaskClient, services: Services) -> None:
    services._kept.clear()
    query = f"{AUTUMN}&method=scan&category=06010"
    lines = [plain(line) for line in client.get(f"/api/hotspots/areas.ndjson?{query}").text.splitlines()]
    assert [line.get("stage") for line in lines[:-1]] == ["reading", "judging", "comparing"]
    assert lines[-1]["layer"] == plain(client.get(f"/api/hotspots/areas.geojson?{query}").text)
    few = client.get("/api/hotspots/areas.ndjson?from=2026-10-30&to=2026-10-30&category=06010").text
    problem = plain(few.splitlines()[-1])["problem"]
    assert problem["status"] == 400
    assert "至少需要 60 起" in problem["zh"]


def test_what_cannot_be_judged_is_a_problem_in_the_readers_language(client: FlaskClient) -> None:
    for query, part in (
        ("from=2026-10-30&to=2026-10-30", "need 60"),
        (f"{AUTUMN}&area=150304009008001&method=gi_star", "only 1 grids"),
        (f"{AUTUMN}&method=heat", "method is one of"),
        (f"{AUTUMN}&cell=1", "cell lies within"),
        (f"{AUTUMN}&defaults=maybe", "drop or keep"),
    ):
        answer = client.get(f"/api/hotspots/areas.geojson?{query}&lang=en")
        assert answer.status_code == 400
        assert part in answer.get_json()["title"]


def test_cameras_are_for_those_who_may_see_them(services: Services) -> None:
    supervisor, analyst, worker = (signed_in(services, name) for name in ("zhangwei", "fenxi", "wangge"))
    path = f"/api/hotspots/cameras.json?{AUTUMN}&method=gi_star"
    told = supervisor.get(path).get_json()
    shown = plain(analyst.get(f"/api/hotspots/areas.geojson?{AUTUMN}&method=gi_star").text)
    assert set(told) == {feature["properties"]["id"] for feature in shown["features"]}
    assert analyst.get(path).status_code == 403
    assert worker.get(f"/api/hotspots/areas.geojson?{AUTUMN}").status_code == 403
    for client, known in ((supervisor, True), (analyst, False)):
        rows = plain(client.get(f"/export/hotspot_areas.geojson?{AUTUMN}&method=gi_star").text)["features"]
        assert ("camera_ids" in rows[0]["properties"]) is known
        spot = shown["features"][0]["properties"]["id"]
        brief = client.get(f"/api/hotspots/{spot}/brief.pdf?{AUTUMN}&method=gi_star&lang=en")
        with pypdfium2.PdfDocument(brief.data) as document:
            assert len(document) == 1
            assert ("Cameras that see it" in document[0].get_textpage().get_text_range()) is known


def test_each_brief_and_export_that_leaves_is_in_the_audit_log(services: Services) -> None:
    client = signed_in(services)
    spot = plain(client.get(f"/api/hotspots/areas.geojson?{AUTUMN}&method=gi_star").text)["features"][0]
    client.get(f"/api/hotspots/{spot['properties']['id']}/brief.pdf?{AUTUMN}&method=gi_star")
    services.flush()
    subjects = [row.subject for row in services.store.audit.since(0, action="export")]
    assert "hotspot_brief.pdf" in subjects
    assert client.get(f"/api/hotspots/HS-none/brief.pdf?{AUTUMN}&method=gi_star").status_code == 404


def test_a_planner_of_one_street_gets_hot_spots_of_that_street(services: Services) -> None:
    client = signed_in(services, "paiban")
    told = plain(client.get(f"/api/hotspots/areas.geojson?{AUTUMN}").text)
    codes = {grid["code"] for feature in told["features"] for grid in feature["properties"]["grids"]}
    assert codes
    assert {code[:9] for code in codes} == {STREET[:9]}
    assert client.get(f"/api/hotspots/areas.geojson?{AUTUMN}&area=150304009000").status_code == 404


def test_trends_leave_as_a_file_and_styles_open_as_xml(client: FlaskClient, tmp_path: Path) -> None:
    told = plain(client.get(f"/api/hotspots/trends.geojson?{AUTUMN}").text)
    assert len(told["classes"]) == 17
    path = tmp_path / "t.gpkg"
    path.write_bytes(client.get(f"/export/hotspot_trends.gpkg?{AUTUMN}").data)
    assert len(gpd.read_file(path, layer="hotspot_trends")) == len(told["features"])
    style = client.get("/export/hotspot_areas/style.qml?lang=zh")
    assert "filename=wangge-hotspot_areas-wgs84.qml" in style.headers["Content-Disposition"].replace('"', "")
    labels = [each.get("label") for each in ET.fromstring(style.text).iter("category")]
    assert labels == ["新增", "持续", "消退", "未比较"]
    assert client.get("/export/areas/style.qml").status_code == 404


def test_grids_of_a_hot_spot_become_stops_that_must_be_made(services: Services) -> None:
    found = plain(signed_in(services).get(f"/api/hotspots/areas.geojson?{AUTUMN}&method=gi_star").text)
    grids = tuple(grid["code"] for grid in found["features"][0]["properties"]["grids"])
    request = PlanRequest(day=NOON.date(), grids=grids, sources=("must",))
    stops = wanted_stops(services, request, viewer=LOCAL_OPERATOR)
    hot = stops[stops["kind"] == "hot_grid"]
    assert set(hot["grid"]) == set(grids)
    assert set(hot.loc[hot["must"].astype(bool), "visit"]) == {1}
    assert hot.groupby("grid")["must"].sum().eq(1).all()
    assert hot["why_zh"].str.startswith("按热点指定").all()
    answer = signed_in(services).post("/api/plans", json={"day": "2026-11-24", "grids": ["x"] * 41})
    assert answer.status_code in (400, 403)


def test_the_command_line_knows_the_same_methods() -> None:
    assert tuple(METHODS) == HOT_SPOT_METHODS
    assert VERSUS == HOT_SPOT_VERSUS
