"""The document of the API cannot lag behind the routes."""

import re

from flask.testing import FlaskClient

from webmap import create_app
from webmap.api.openapi import PATH, ROUTES
from webmap.services import Services

BELOW = ("/api/", "/export/", "/tiles/", "/plans/", "/live")


def test_every_route_for_programs_is_described_and_nothing_else(client: FlaskClient) -> None:
    routes = {
        (rule.rule, method.lower())
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith(BELOW)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(route.rule, route.method) for route in ROUTES} == routes


def test_every_parameter_of_a_path_has_a_schema() -> None:
    names = {name for route in ROUTES for name in re.findall(r"<(?:\w+:)?(\w+)>", route.rule)}
    assert names == set(PATH)


def test_a_stranger_may_read_the_document(services: Services) -> None:
    answer = create_app(services).test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]["/api/summary.json"]["get"]["responses"]) >= {"200", "304", "400", "401", "403", "404"}
