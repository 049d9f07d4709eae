"""The district's tables, masks, targets and night through the API: used everywhere, kept in the log, by the right role."""

from collections.abc import Iterator

import pytest
import shapely
from flask.testing import FlaskClient

from gis.errors import FilterError, InputError, NotFoundError, ScopeError
from tests.webmap.conftest import NOON, PASSWORD, signed_in
from tests.webmap.town import make_town
from webmap import camera_rules, camera_studies, cameras
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer

# Each new question about cameras of the whole sample takes seconds.
pytestmark = pytest.mark.long

SOMEBODY = Viewer("someone", "supervisor", ("150304008000",))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over the small town with streets."""
    made = make_town(tmp_path_factory.mktemp("town"), streets=True)
    yield made.services
    made.services.store.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """A supervisor of the small town."""
    return signed_in(services)


@pytest.fixture
def own(services: Services) -> Iterator[Services]:
    """Services whose tables are the defaults again afterwards."""
    yield services
    for name in services.store.camera_tables.all():
        camera_rules.put(services, name, (), viewer=LOCAL_OPERATOR)


def test_a_district_reads_its_own_bands_everywhere(own: Services, client: FlaskClient) -> None:
    row = {"code": "coarse", "zh": "粗", "en": "coarse", "px_per_m": "5"}
    camera_rules.put(own, "bands", [row], viewer=LOCAL_OPERATOR)
    told = client.get("/api/cameras/tables.json").get_json()
    assert told["bands"]["rows"] == [{**row, "px_per_m": 5.0}]
    assert told["bands"]["own"]
    assert not told["reach"]["own"]
    assert client.get("/api/cameras/views.geojson?band=coarse").status_code == 200
    assert client.get("/api/cameras/views.geojson?band=identify").status_code == 404


def test_a_stricter_table_of_reach_finds_more_and_the_defaults_come_back(own: Services) -> None:
    def wrong() -> int:
        findings = camera_studies.check(own, LOCAL_OPERATOR).findings
        return int(((findings["rule"] == "reach") & (findings["state"] == "wrong")).sum())

    before = wrong()
    camera_rules.put(own, "reach", [{"place": "", "angle": "10", "range_m": "10"}], viewer=LOCAL_OPERATOR)
    assert wrong() > before
    camera_rules.put(own, "reach", (), viewer=LOCAL_OPERATOR)
    assert wrong() == before


def test_a_table_that_makes_no_sense_is_not_kept_and_a_limited_account_keeps_none(own: Services) -> None:
    with pytest.raises(InputError, match="row 1"):
        camera_rules.put(own, "site_costs", [{"mount": "pole", "cost": "x"}], viewer=LOCAL_OPERATOR)
    with pytest.raises(NotFoundError):
        camera_rules.put(own, "moons", [], viewer=LOCAL_OPERATOR)
    with pytest.raises(ScopeError):
        camera_rules.put(own, "site_costs", [{"mount": "pole", "cost": "4"}], viewer=SOMEBODY)
    assert own.store.camera_tables.all() == {}


def test_a_mount_that_the_district_leaves_out_costs_what_it_costs_by_default(own: Services) -> None:
    camera_rules.put(own, "site_costs", [{"mount": "pole", "cost": "7"}], viewer=LOCAL_OPERATOR)
    assert camera_rules.costs(own) == {"pole": 7, "wall": 1}


def test_targets_by_class_have_denominators_and_follow_the_table(own: Services) -> None:
    row = {"point_class": "1", "measure": "area", "kinds": "", "share": "0.0000001", "availability": "0.5"}
    camera_rules.put(own, "targets", [row], viewer=LOCAL_OPERATOR)
    summary = cameras.summary(own, LOCAL_OPERATOR)
    (target,) = summary["targets"]
    area = next(each for each in summary["sure"] if each["measure"] == "area")
    assert (target["of"], target["seen"]) == (area["of"], area["seen"][0])
    assert target["reached"]
    assert target["available"]
    assert 0 < target["working"] <= target["cameras"] < summary["cameras"]


def test_by_night_less_is_surely_seen_and_the_denominators_stay(services: Services) -> None:
    day, night = (cameras.summary(services, LOCAL_OPERATOR, light=light) for light in ("day", "night"))
    for basis in ("sure", "may"):
        for one, other in zip(night[basis], day[basis], strict=True):
            assert one["of"] == other["of"]
            assert one["seen"][0] <= other["seen"][0]
    assert night["sure"][0]["seen"][0] < day["sure"][0]["seen"][0]
    with pytest.raises(FilterError):
        cameras.summary(services, LOCAL_OPERATOR, light="dusk")


@pytest.mark.parametrize(
    "path", ["views.geojson?light=night", "coverage.json?light=night&band=monitor", "masks.geojson", "tables.json"]
)
def test_every_question_is_answered(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/cameras/{path}").status_code == 200


def headers(client: FlaskClient) -> dict[str, str]:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return {HEADER: csrf_token(cookie.value)}


def test_a_mask_is_set_and_removed_over_the_api_and_both_are_in_the_log(
    client: FlaskClient, services: Services
) -> None:
    zone = shapely.box(106.70, 39.50, 106.701, 39.501).__geo_interface__
    body = {"type": "Feature", "properties": {"name": "西院", "reason": "住户窗户"}, "geometry": zone}
    assert client.put("/api/cameras/masks/yard", json=body).status_code == 403, "without the page's token"
    assert client.put("/api/cameras/masks/yard", json=body, headers=headers(client)).status_code == 201
    shown = client.get("/api/cameras/masks.geojson").get_json()["features"]
    assert [each["properties"]["name"] for each in shown if each["properties"]["id"] == "yard"] == ["西院"]
    assert client.delete("/api/cameras/masks/yard", headers=headers(client)).status_code == 204
    assert client.delete("/api/cameras/masks/yard", headers=headers(client)).status_code == 404
    actions = [row.action for row in services.store.audit.since(0, 100_000) if row.subject == "yard"]
    assert {"camera_mask.put", "camera_mask.remove"} <= set(actions)


@pytest.mark.parametrize("body", [None, [], {"type": "Feature"}, {"properties": {"name": "x"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
                                  {"properties": {}, "geometry": None}])  # fmt: skip
def test_a_mask_that_is_no_ground_is_refused_with_a_reason(client: FlaskClient, body: object) -> None:
    answer = client.put("/api/cameras/masks/x", json=body, headers=headers(client))
    assert answer.status_code == 400
    assert answer.get_json()["zh"]


def test_who_may_only_look_sets_no_mask(services: Services) -> None:
    if "lookout" not in {each.name for each in services.store.users.list()}:
        services.store.users.add(
            "lookout", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=[Grant("viewer")]
        )
    client = signed_in(services, "lookout")
    assert client.delete("/api/cameras/masks/x", headers=headers(client)).status_code == 403
