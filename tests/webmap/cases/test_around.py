"""What lies around a case, against slow obvious versions over the sample."""

from math import asin, cos, radians, sin, sqrt

from tests.webmap.cases.lives import DESK, STREET
from webmap.auth.permissions import Grant
from webmap.cases.around import RADIUS_M, around, others, places, railway_m, special_grid
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import CaseQuery


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great circle on a sphere; a thousandth off at most here."""
    d_lat, d_lon = radians(other_lat - lat), radians(other_lon - lon)
    half = sin(d_lat / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(d_lon / 2) ** 2
    return 2 * 6_371_009 * asin(sqrt(half))


def test_places_are_those_within_the_radius_nearest_first(desk: Services) -> None:
    every = desk.layer("places", LOCAL_OPERATOR)
    school = every[every["kind"] == "school"].iloc[0]
    found = places(desk, float(school["lon"]), float(school["lat"]), LOCAL_OPERATOR)
    assert found[0]["id"] == school["id"]
    assert found[0]["distance_m"] == 0
    told = {each["id"]: each["distance_m"] for each in found}
    for row in every[every["kind"] != "depot"].itertuples():
        far = metres(school["lon"], school["lat"], row.lon, row.lat)
        if abs(far - RADIUS_M) > 3:
            assert (row.id in told) == (far < RADIUS_M)
        if row.id in told:
            assert abs(told[row.id] - far) < 3
    assert list(told.values()) == sorted(told.values())


def test_a_place_on_the_railway_lies_on_it_and_one_far_off_has_none_in_reach(desk: Services) -> None:
    streets = desk.layer("streets", LOCAL_OPERATOR)
    line = streets[streets["kind"] == "rail"].geometry.iloc[0]
    point = line.interpolate(0.5, normalized=True)
    assert (railway_m(desk, point.x, point.y, LOCAL_OPERATOR) or 0) < 0.5
    assert railway_m(desk, 106.0, 39.0, LOCAL_OPERATOR) is None


def test_a_place_in_a_special_grid_is_told_so(desk: Services) -> None:
    areas = desk.areas(LOCAL_OPERATOR)
    special = areas[areas["kind"] == "special"].iloc[0]
    inside = special.geometry.representative_point()
    assert special_grid(desk, inside.x, inside.y, LOCAL_OPERATOR) == special["code"]
    assert special_grid(desk, 106.0, 39.0, LOCAL_OPERATOR) == ""


def test_other_cases_are_those_that_the_account_sees(desk: Services) -> None:
    first = desk.store.cases.page(CaseQuery(area=STREET, limit=1), DESK)[0]
    seen = others(desk, first, DESK, LOCAL_OPERATOR)
    assert first.id not in {each["id"] for each in seen}
    assert all(each["distance_m"] <= RADIUS_M for each in seen)
    nobody = CaseViewer("nobody", (Grant("analyst"),))
    assert others(desk, first, nobody, LOCAL_OPERATOR) == []


def test_hot_grids_are_told_to_those_who_see_analyses_alone(desk: Services) -> None:
    event = desk.store.cases.page(CaseQuery(limit=1), DESK)[0]
    told = around(desk, event, viewer=LOCAL_OPERATOR, cases=DESK, analyses=LOCAL_OPERATOR)
    assert told["hot"]["grids"] == 157
    assert 1 <= told["hot"]["rank"] <= 157
    assert told["hot"]["since"] < told["hot"]["until"]
    assert around(desk, event, viewer=LOCAL_OPERATOR, cases=DESK, analyses=None)["hot"] is None


def test_a_case_without_a_place_has_no_surroundings(desk: Services) -> None:
    event = desk.store.cases.page(CaseQuery(limit=1), DESK)[0]
    nowhere = type(event)(**(vars(event) | {"lon": None, "lat": None}))
    told = around(desk, nowhere, viewer=LOCAL_OPERATOR, cases=DESK, analyses=None)
    assert (told["places"], told["events"], told["railway_m"]) == ([], [], None)
