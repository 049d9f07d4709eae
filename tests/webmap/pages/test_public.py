"""The public view: off by default, aggregates of closed months alone, small counts withheld, nothing that changes later."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest
from flask.testing import FlaskClient

from gis.incidents import IncidentFilter
from tests.webmap.conftest import NOON
from tests.webmap.test_columns import incidents
from webmap import create_app, releases
from webmap.config import Config
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

MONTH = date(2026, 9, 1)


@pytest.fixture
def services(sample_db: str, tmp_path) -> Iterator[Services]:  # type: ignore[no-untyped-def]
    store = open_store(sample_db)
    config = Config(db=sample_db, public="on", columns=str(tmp_path / "own.columns"))
    yield Services(store, config, clock=lambda: NOON)
    store.close()


@pytest.fixture
def anybody(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def test_it_is_off_by_default(sample_db: str) -> None:
    store = open_store(sample_db)
    client = create_app(Services(store, Config(db=sample_db), clock=lambda: NOON)).test_client()
    for path in ("/public", "/public/2026-09.json", "/public/street.geojson"):
        assert client.get(path).status_code == 404
    store.close()


def test_closed_months_alone_are_shown(anybody: FlaskClient, services: Services) -> None:
    known = releases.months(services)
    assert known[0] == date(2023, 11, 1)
    assert known[-1] == date(2026, 10, 1)
    assert anybody.get("/public").status_code == 200
    assert anybody.get("/public/2026-11.json").status_code == 404
    assert anybody.get("/public/2026-13.json").status_code == 400
    assert anybody.get("/public/grid.geojson").status_code == 404


def test_what_is_shown_is_true_and_no_small_count_is(anybody: FlaskClient, services: Services) -> None:
    told = anybody.get("/public/2026-09.json").get_json()
    asked = IncidentFilter(
        since=pd.Timestamp("2026-08-31T16:00Z").to_pydatetime(),
        until=pd.Timestamp("2026-09-30T16:00Z").to_pydatetime(),
        found_by=("report",),
    )
    found = services.incidents(LOCAL_OPERATOR, asked)
    totals = {row["code"]: row["counts"][-1] for row in told["levels"]["street"]}
    true = found["street"].value_counts()
    shown = {code: n for code, n in totals.items() if n is not None}
    assert len(shown) > 3
    assert all(true.get(code, 0) == n for code, n in shown.items())
    counts = [n for level in told["levels"].values() for row in level for n in row["counts"] if n is not None]
    assert min(n for n in counts if n) >= told["k"] == 5
    assert any(n is None for level in told["levels"].values() for row in level for n in row["counts"])


def test_a_late_report_does_not_change_a_released_month(anybody: FlaskClient, services: Services) -> None:
    first = anybody.get("/public/2026-09.json").get_json()
    late = incidents(["late"]).assign(occurred_at=pd.Timestamp("2026-09-15", tz="UTC"), found_by="report")
    services.store.incidents.upsert(late, viewer=LOCAL_OPERATOR, now=NOON)
    try:
        assert anybody.get("/public/2026-09.json").get_json() == first
    finally:
        services.store.incidents.remove(["late"], viewer=LOCAL_OPERATOR, now=NOON)


def test_nothing_else_is_open(anybody: FlaskClient) -> None:
    for path in ("/api/summary.json", "/api/incidents.json", "/tiles/heat/12/3262/1558.png", "/export/grids.csv"):
        assert anybody.get(path).status_code == 401
