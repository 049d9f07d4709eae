"""Siting on the sample: money, shares and zones are kept to, every proposal has its price, no choice exceeds the bound."""

import json
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient

from gis.errors import FilterError, GeometryError
from gis.incidents import IncidentFilter
from webmap.camera_sites import Proposal, SiteQuestion, propose, zone_of
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR

# Each new question about cameras of the whole sample takes seconds.
pytestmark = pytest.mark.long

ALL = IncidentFilter()
COMMUNITY = "150304008008"
COSTS = (("pole", 3.0), ("wall", 2.0))


def asked(services: Services, **told: Any) -> Proposal:
    return propose(services, LOCAL_OPERATOR, ALL, SiteQuestion(area=COMMUNITY, seconds=0.5, **told))


def test_a_number_of_sites_gains_what_the_order_says_and_no_choice_exceeds_the_bound(services: Services) -> None:
    answer = asked(services, count=3)
    told = answer.as_dict()
    assert len(answer.table) == told["cameras"] == 3
    assert told["already"] < told["covered"] <= told["bound"] <= 1
    assert told["gap"] <= 0.05
    assert answer.table["gain"].is_monotonic_decreasing
    assert answer.table["gain"].sum() == pytest.approx(told["covered"] - told["already"], abs=1e-4)
    assert told["candidates"] > told["places"] > 0


def test_a_budget_is_kept_and_every_proposal_has_the_cost_of_its_mount(services: Services) -> None:
    answer = asked(services, budget=11.0, costs=COSTS)
    assert answer.table["cost"].tolist() == [dict(COSTS)[mount] for mount in answer.table["mount"]]
    assert answer.cost == answer.table["cost"].sum() <= 11
    assert answer.as_dict()["total_cost"] == answer.cost


def test_more_money_never_covers_less(services: Services) -> None:
    covered = [
        asked(services, budget=money, costs=COSTS, prove=True).as_dict()["covered"] for money in (4.0, 8.0, 16.0)
    ]
    assert covered == sorted(covered)


def test_the_fewest_reach_the_share_and_are_no_fewer_than_the_bound(services: Services) -> None:
    few = asked(services, goal="fewest", share=0.5).as_dict()
    assert few["enough"]
    assert few["covered"] >= few["wanted"] > few["already"]
    assert 1 < few["bound"] <= few["cameras"]
    assert few["bound_of"] == "cameras"


def test_gains_of_the_fewest_add_up_to_what_they_cover(services: Services) -> None:
    answer = asked(services, goal="fewest", share=0.5)
    told = answer.as_dict()
    assert answer.table["gain"].sum() == pytest.approx(told["covered"] - told["already"], abs=1e-3)
    assert (answer.table["gain"] > 0).all()


def test_no_answer_undercuts_the_bound_of_the_other_goal(services: Services) -> None:
    few = asked(services, goal="fewest", share=0.4, costs=COSTS, prove=True)
    cheap = asked(services, goal="cheapest", share=0.4, costs=COSTS, prove=True)
    assert cheap.found.bound <= few.cost + 1e-9
    assert few.found.bound <= len(cheap.table) + 1e-9


def test_no_camera_stands_in_a_forbidden_zone_though_it_may_be_seen(services: Services) -> None:
    free = asked(services, count=1)
    best = shapely.Point(free.table["lon"].iloc[0], free.table["lat"].iloc[0])
    zone = shapely.buffer(best, 0.0002)
    kept = asked(services, count=3, forbidden=(zone,))
    stands = shapely.points(kept.table[["lon", "lat"]].to_numpy())
    assert not shapely.intersects(stands, zone).any()
    assert kept.left_out["forbidden"] > 0
    assert free.left_out["forbidden"] == 0


@pytest.mark.parametrize(
    "wrong",
    [{"goal": "best"}, {}, {"count": 1, "budget": 2.0}, {"count": 0}, {"budget": -1.0}, {"goal": "fewest", "share": 0.0},
     {"count": 1, "backup": 2.0}, {"count": 1, "costs": (("tree", 1.0),)}, {"count": 1, "costs": (("pole", 0.0),)}],
)  # fmt: skip
def test_questions_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        SiteQuestion(**wrong)


@pytest.mark.parametrize(
    "document",
    [None, 3, {"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": [[[0, 0]]]}, {"type": "Feature"},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
     {"type": "Polygon", "coordinates": [[[0, 0], [999, 0], [999, 9], [0, 0]]]}],
)  # fmt: skip
def test_a_zone_that_is_no_ground_is_refused(document: Any) -> None:
    with pytest.raises(GeometryError):
        zone_of(document)


def test_the_api_answers_money_zones_and_proof_beside_the_rows(client: FlaskClient) -> None:
    zone = json.dumps({"type": "Feature", "properties": {}, "geometry": shapely.box(0, 0, 1, 1).__geo_interface__})
    answer = client.get(
        "/api/cameras/sites.geojson",
        query_string={"area": COMMUNITY, "budget": 9, "cost_pole": 4, "cost_wall": 3, "forbidden": zone, "prove": 1},
    )
    told = answer.get_json()
    assert answer.status_code == 200
    assert told["total_cost"] == sum(each["properties"]["cost"] for each in told["features"]) <= 9
    assert {"covered", "already", "bound", "gap", "proven", "candidates"} <= set(told)


@pytest.mark.parametrize(
    "query", ["goal=x", "budget=0", "count=0", "forbidden=x", "forbidden={}", "cost_pole=0", "range=301", "angle=0"]
)
def test_the_api_refuses_with_a_reason(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/cameras/sites.geojson?{query}")
    assert answer.status_code in (400, 422)
    assert answer.get_json()["zh"]
