"""What-if, blind spots, resilience, siting, register: on the sample, with denominators, limited to the viewer's ground."""

import pytest
import shapely
from flask.testing import FlaskClient

from gis.errors import FilterError, NotFoundError
from gis.incidents import IncidentFilter
from webmap import camera_studies, cameras
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer

ALL = IncidentFilter()


def test_a_change_that_changes_nothing_has_the_same_numbers(services: Services) -> None:
    held = cameras.register(services, LOCAL_OPERATOR)
    row = next(n for n in range(len(held.frame)) if held.working[n] and not held.areas.unknown[n])
    camera = held.frame.iloc[row]
    same = camera_studies.Changed(camera["id"], camera["lon"], camera["lat"])
    answer, _ = camera_studies.what_if(services, LOCAL_OPERATOR, [same], ALL)
    assert answer["before"] == answer["after"]


def test_a_new_camera_never_sees_less_and_one_switched_off_never_more(services: Services) -> None:
    point = services.window(LOCAL_OPERATOR).representative_point()
    new = camera_studies.Changed("new", point.x, point.y, azimuth=90, angle=70, range_m=60)
    answer, seen = camera_studies.what_if(services, LOCAL_OPERATOR, [new], ALL)
    assert len(seen) == 1
    for before, after in zip(answer["before"], answer["after"], strict=True):
        assert before["of"] == after["of"]
        assert before["seen"][0] <= after["seen"][0] <= after["of"]
    off, _ = camera_studies.what_if(services, LOCAL_OPERATOR, [], ALL, off=["V0001"])
    assert off["after"][0]["seen"][0] <= off["before"][0]["seen"][0]


def test_positions_outside_and_unknown_cameras_are_refused(services: Services) -> None:
    with pytest.raises(FilterError):
        camera_studies.what_if(services, LOCAL_OPERATOR, [camera_studies.Changed("new", 100.0, 30.0)], ALL)
    with pytest.raises(FilterError):
        camera_studies.what_if(services, LOCAL_OPERATOR, [], ALL)
    with pytest.raises(NotFoundError):
        camera_studies.what_if(services, LOCAL_OPERATOR, [], ALL, off=["nobody"])


def test_blind_spots_are_ranked_unseen_and_inside_the_viewers_ground(services: Services) -> None:
    ours = Viewer("someone", "supervisor", ("150304008000",))
    table = camera_studies.blind_table(services, ours, ALL, limit=20)
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["score"].is_monotonic_decreasing
    assert shapely.within(table.geometry.to_numpy(), shapely.buffer(services.window(ours), 1e-5)).all()


@pytest.mark.long
def test_a_masked_zone_is_in_no_visible_area(services: Services) -> None:
    views = cameras.views_table(services, LOCAL_OPERATOR)
    zone = shapely.buffer(shapely.centroid(views.geometry.iloc[0]), 0.0005)
    assert shapely.intersects(views.geometry.to_numpy(), zone).any()
    services.store.cameras.put_mask("yard", zone, name="院", reason="住户", viewer=LOCAL_OPERATOR, now=services.clock())
    try:
        masked = cameras.views_table(services, LOCAL_OPERATOR).geometry.to_numpy()
        inner = shapely.buffer(zone, -1e-5)
        assert not shapely.intersects(masked, inner).any()
    finally:
        services.store.cameras.remove_mask("yard", viewer=LOCAL_OPERATOR, now=services.clock())
    assert len(cameras.views_table(services, LOCAL_OPERATOR)) == len(views)


@pytest.mark.parametrize(
    "path",
    ["views.geojson?band=identify", "depth.geojson", "coverage.json", "areas.json?level=community", "blind-spots.geojson?limit=5",
     "resilience.json?off=V0001", "what-if.json?change=V0001,106.6266,39.545,90,60,50", "register.json", "V0001/history.json"],
)  # fmt: skip
def test_every_question_is_answered(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/cameras/{path}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "what-if.json",
        "what-if.json?change=V0001",
        "what-if.json?change=a,b,c",
        "areas.json?level=moon",
        "depth.geojson?basis=x",
    ],
)
def test_questions_that_make_no_sense_are_refused(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/cameras/{path}").status_code == 400


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_register_check_is_a_page(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/cameras/register?lang={lang}").get_data(as_text=True)
    assert {"zh": "不符合", "en": "Wrong"}[lang] in page
    assert ">register." not in page


@pytest.mark.long
def test_a_trial_counts_by_band_and_light_as_the_coverage_beside_it_does(services: Services) -> None:
    new = camera_studies.Changed("V0001", 106.6266, 39.545, azimuth=90, angle=60, range_m=50)
    seen = {}
    for band, light in (("", "day"), ("identify", "day"), ("", "night"), ("identify", "night")):
        answer, views = camera_studies.what_if(services, LOCAL_OPERATOR, [new], ALL, band=band, light=light)
        told = cameras.summary(services, LOCAL_OPERATOR, ALL, band=band, light=light)
        assert answer["before"] == told["sure"]
        seen[band, light] = float(views["seen_m2"].sum())
    assert 0 < seen["identify", "day"] < seen["", "day"]
    assert seen["identify", "night"] <= seen["", "night"] <= seen["", "day"]


def test_a_trial_of_no_band_no_light_or_one_camera_twice_is_refused(services: Services) -> None:
    new = camera_studies.Changed("new-1", 106.6266, 39.545)
    with pytest.raises(NotFoundError):
        camera_studies.what_if(services, LOCAL_OPERATOR, [new], ALL, band="nothing")
    with pytest.raises(FilterError):
        camera_studies.what_if(services, LOCAL_OPERATOR, [new], ALL, light="dusk")
    with pytest.raises(FilterError):
        camera_studies.what_if(services, LOCAL_OPERATOR, [new, new], ALL)


@pytest.mark.long
def test_switching_off_alone_works_by_night_and_by_band(services: Services) -> None:
    answer, views = camera_studies.what_if(
        services, LOCAL_OPERATOR, [], ALL, off=["V0001"], band="detect", light="night"
    )
    assert len(views) == 0
    assert answer["after"][0]["seen"][0] <= answer["before"][0]["seen"][0]


def test_the_report_of_a_trial_tells_what_counts_and_the_shape_the_register_holds(
    client: FlaskClient, services: Services
) -> None:
    frame = cameras.register(services, LOCAL_OPERATOR).frame
    held = frame[frame["azimuth"].notna() & frame["range_m"].notna() & frame["angle"].notna()].iloc[0]
    asked = f"change={held['id']},{held['lon']},{held['lat']}&band=identify&light=night&lang=zh"
    page = client.get(f"/cameras/trial?{asked}").get_data(as_text=True)
    assert "夜间" in page
    assert f'<td class="num">{held["range_m"]:.0f} m</td>' in page
