"""What cameras see, through the API: on the sample, with denominators, for those who may see cameras, written down."""

import pytest
import shapely
from flask.testing import FlaskClient

from webmap import cameras
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer


def test_visible_areas_lie_inside_the_district_and_are_valid(services: Services) -> None:
    views = cameras.views_table(services, LOCAL_OPERATOR)
    assert len(views) > 700
    assert views.geometry.is_valid.all()
    district = shapely.buffer(services.window(LOCAL_OPERATOR), 1e-6)
    assert shapely.within(views.geometry.to_numpy(), district).all()
    assert set(views["basis"]) == {"sure", "may"}


def test_cameras_that_are_off_see_nothing(services: Services) -> None:
    frame = services.layer("cameras", LOCAL_OPERATOR)
    off = set(frame.loc[frame["status"].isin(cameras.OFF), "id"])
    assert off
    assert off.isdisjoint(cameras.views_table(services, LOCAL_OPERATOR)["id"])


def test_every_share_has_its_denominator_and_may_is_no_less_than_sure(services: Services) -> None:
    told = cameras.summary(services, LOCAL_OPERATOR)
    assert told["working"] < told["cameras"]
    for sure, may in zip(told["sure"], told["may"], strict=True):
        assert sure["of"] == may["of"] > 0
        assert sure["seen"] == sorted(sure["seen"], reverse=True)
        assert sure["seen"][0] <= may["seen"][0] <= may["of"]


def test_the_table_of_grids_sums_to_the_whole(services: Services) -> None:
    table = cameras.coverage_table(services, LOCAL_OPERATOR)
    area = next(row for row in cameras.summary(services, LOCAL_OPERATOR)["sure"] if row["measure"] == "area")
    assert table["area_m2"].sum() == pytest.approx(area["of"], rel=1e-6)
    assert table["area1_m2"].sum() == pytest.approx(area["seen"][0], abs=0.1 * len(table))


def test_a_viewer_of_one_street_sees_its_cameras_on_its_ground(services: Services) -> None:
    ours = Viewer("someone", "supervisor", ("150304008000",))
    mine = cameras.views_table(services, ours)
    own = set(services.layer("cameras", ours)["id"])
    assert 0 < len(mine) < 800
    assert set(mine["id"]) <= own
    ground = shapely.buffer(services.window(ours), 1e-6)
    assert shapely.within(mine.geometry.to_numpy(), ground).all()


def test_reading_them_is_written_into_the_audit_log(services: Services, client: FlaskClient) -> None:
    services.flush()
    before = sum(row.subject == "cameras" for row in services.store.audit.since(0, 100_000, action="points.read"))
    tile = "/tiles/vector/cameras/14/13045/6228.mvt"
    for path in ("/api/cameras/views.geojson", "/api/cameras/coverage.json", "/api/layers/cameras.geojson", tile):
        assert client.get(path).status_code == 200
    services.flush()
    rows = services.store.audit.since(0, 100_000, action="points.read")
    assert sum(row.subject == "cameras" for row in rows) == before + 4
