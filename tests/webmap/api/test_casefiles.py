"""The file of an event over HTTP: for whom the event concerns, noted before it leaves; the ZIP where points may be exported."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import PASSWORD, signed_in
from tests.webmap.store.case_life import CLOCKWORK, WORKER, report, with_units
from tests.webmap.store.conftest import GRIDS, NOW, SETTINGS, STREET_A, STREET_B
from tests.webmap.store.conftest import two_streets as two_streets
from webmap.auth.permissions import Grant
from webmap.casefile.check import check_case_file
from webmap.config import Config
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, init_store

GRANTS = {
    "worker": [Grant("grid_worker", GRIDS[0])],
    "boss-a": [Grant("supervisor", STREET_A)],
    "boss-b": [Grant("supervisor", STREET_B)],
    "both": [Grant("desk", STREET_A), Grant("supervisor", STREET_B)],
}


@pytest.fixture
def services(tmp_path: Path, two_streets: gpd.GeoDataFrame) -> Iterator[Services]:
    """A case in street A, and accounts of both streets."""
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    store = with_units(init_store(url, SETTINGS))
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    store.cases.create(report(), receipt="r1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)
    for name, grants in GRANTS.items():
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=grants)
    yield Services(store, Config(db=url), clock=lambda: NOW)
    store.close()


def client_of(services: Services, name: str) -> FlaskClient:
    return signed_in(services, name)


def test_a_supervisor_takes_the_file_away_and_it_is_noted_and_sound(services: Services) -> None:
    answer = client_of(services, "boss-a").get("/api/events/e1/case.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="e1.zip"'
    assert check_case_file(answer.data) == []
    noted = services.store.audit.since(0, action="export.case")
    assert [(row.actor, row.subject, row.area) for row in noted] == [("boss-a", "e1", GRIDS[0])]


def test_the_zip_is_for_those_who_may_export_points_where_the_event_lies(services: Services) -> None:
    """A desk of street A that may export points of street B alone takes no case of street A away."""
    answers = {name: client_of(services, name).get("/api/events/e1/case.zip").status_code for name in GRANTS}
    assert answers == {"worker": 403, "boss-a": 200, "boss-b": 404, "both": 404}
    assert len(services.store.audit.since(0, action="export.case")) == 1


def test_whoever_sees_the_event_may_print_it(services: Services) -> None:
    answer = client_of(services, "worker").get("/api/events/e1/case.pdf?lang=en")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert client_of(services, "boss-b").get("/api/events/e1/case.pdf").status_code == 404
