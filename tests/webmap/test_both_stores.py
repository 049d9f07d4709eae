"""The whole sample district gives the same map on SQLite and on PostgreSQL + PostGIS."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.postgres_cluster import PostgresCluster
from tests.webmap.conftest import NOON, add_supervisor, sample_copy, signed_in
from webmap.config import Config
from webmap.console import Console
from webmap.demo import prepare_demo
from webmap.services import Services
from webmap.store import open_store

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client over a copy of the sample on SQLite in which nobody else plans."""
    url = sample_copy(tmp_path_factory)
    store = open_store(url)
    yield signed_in(Services(store, Config(db=url), clock=lambda: NOON))
    store.close()


@pytest.fixture(scope="module")
def postgis_client() -> Iterator[FlaskClient]:
    """A client over a store on a private PostgreSQL + PostGIS cluster."""
    cluster = PostgresCluster()
    try:
        url = cluster.new_database()
        store = open_store(url, create=True)
        services = Services(store, Config(db=url), clock=lambda: NOON)
        prepare_demo(services, Console(db=url, as_json=False, lang="en"))
        add_supervisor(store)
        yield signed_in(services)
        store.close()
    finally:
        cluster.stop()


def in_order(answer: dict[str, object]) -> dict[str, object]:
    """Features and points come in no promised order."""
    lists = {
        name: sorted(map(str, answer[name])) for name in ("features", "points") if isinstance(answer.get(name), list)
    }
    # The address of the tiles carries the stamp of its store.
    answer.pop("tiles", None)
    return answer | lists


@pytest.mark.parametrize(
    "path",
    [
        "/api/summary.json?from=2026-08-01&to=2026-10-31",
        "/api/incidents.json?bbox=106.70,39.50,106.72,39.52&from=2026-10-01",
        "/api/heat.json?bandwidth=250&area=150304009000",
        "/api/areas/grid.geojson",
        "/api/layers/places.geojson",
        "/api/layers/cameras.geojson?bbox=106.70,39.50,106.72,39.52",
        "/api/layers/buildings.geojson?bbox=106.70,39.50,106.71,39.51",
    ],
)
def test_the_same_question_gives_the_same_answer(client: FlaskClient, postgis_client: FlaskClient, path: str) -> None:
    here, there = (in_order(each.get(path).get_json()) for each in (client, postgis_client))
    assert here == there


def test_the_same_plan_is_made(client: FlaskClient, postgis_client: FlaskClient) -> None:
    here, there = (tonights_plan(each) for each in (client, postgis_client))
    assert here["teams"] == there["teams"]
    assert here["totals"] == there["totals"]


def tonights_plan(client: FlaskClient) -> dict[str, object]:
    """The one plan that loading the sample makes."""
    (kept,) = client.get("/api/plans.json").get_json()
    plan: dict[str, object] = client.get(f"/api/plans/{kept['id']}.json").get_json()
    return plan
