"""A photo goes in with its secrets and comes out without, over the API, for those whom its event concerns."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.webmap.conftest import PASSWORD, signed_in
from tests.webmap.photos.pictures import SECRET, talkative
from tests.webmap.store.case_life import CLOCKWORK, WORKER, report
from tests.webmap.store.conftest import GRIDS, NOW, SETTINGS
from tests.webmap.store.conftest import two_streets as two_streets
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.photos import PhotoLimits
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, init_store

ID = "0190f3d2-0000-7000-8000-000000000001"
HERE = "/api/events/e1/photos"


@pytest.fixture
def services(tmp_path: Path, two_streets: gpd.GeoDataFrame) -> Iterator[Services]:
    """A case that the account ``worker`` reported, and a worker of another grid."""
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    store = init_store(url, SETTINGS)
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    store.cases.create(report(), receipt="r1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)
    for name, grid in (("worker", GRIDS[0]), ("neighbour", GRIDS[2])):
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=[Grant("grid_worker", grid)])
    yield Services(store, Config(db=url, photo_days=30), clock=lambda: NOW)
    store.close()


@pytest.fixture
def worker(services: Services) -> FlaskClient:
    return signed_in(services, "worker")


def send(client: FlaskClient, content: bytes, query: str = f"id={ID}") -> tuple[int, dict[str, object]]:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    answer = client.post(f"{HERE}?{query}", data=content, headers={HEADER: csrf_token(cookie.value)})
    return answer.status_code, answer.get_json()


def test_a_photo_is_clean_when_it_comes_back_and_each_reading_is_noted(worker: FlaskClient, services: Services) -> None:
    status, told = send(worker, talkative("JPEG"), f"id={ID}&hide=0,0,0.5,0.5&hide=0.5,0.5,0.5,0.5")
    assert (status, told["hidden"], told["delete_on"]) == (201, 2, "2026-12-23T08:00:00+00:00")
    assert worker.get(f"{HERE}.json").get_json() == {"photos": [told]}
    answer = worker.get(f"{HERE}/{ID}.jpg")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert SECRET.encode() not in answer.data
    picture = np.asarray(Image.open(io.BytesIO(answer.data)))
    assert picture[:20, :28].max() < 40
    assert picture[30:, 40:].max() < 40
    services.flush()
    reads = services.store.audit.since(0, action="photo.read")
    assert [(row.actor, row.subject, row.area, row.detail) for row in reads] == [
        ("worker", ID, GRIDS[0], {"event": "e1"})
    ]


def test_whom_the_event_does_not_concern_it_is_not_there(worker: FlaskClient, services: Services) -> None:
    send(worker, talkative("PNG"))
    neighbour = signed_in(services, "neighbour")
    for address in (f"{HERE}.json", f"{HERE}/{ID}.jpg"):
        assert neighbour.get(address).status_code == 404
    assert send(neighbour, talkative("PNG"))[0] == 404
    services.flush()
    assert services.store.audit.since(0, action="photo.read") == []


def test_what_is_no_photo_is_refused_in_words(worker: FlaskClient) -> None:
    picture = talkative("WEBP")
    assert send(worker, b"<svg/>")[0] == 400
    assert send(worker, b"")[0] == 400
    assert send(worker, picture, "id=short")[0] == 400
    assert send(worker, picture, f"id={ID}&hide=0,0,2,2")[0] == 400
    status, told = send(worker, b"\xff\xd8\xff" + bytes(PhotoLimits().file_bytes))
    assert (status, told["en"]) == (400, "The photo has over 12 MB.")
    assert worker.get(f"{HERE}.json").get_json() == {"photos": []}


def test_no_more_photos_are_decoded_at_once_than_there_are_turns(
    worker: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webmap.photos.service._PATIENCE_S", 0.0)
    while services.photo_turns.acquire(blocking=False):
        pass
    assert send(worker, talkative("PNG"))[0] == 429
    services.photo_turns.release()
    assert send(worker, talkative("PNG"))[0] == 201
    assert services.photo_turns.acquire(blocking=False)


def test_on_its_day_it_is_gone(worker: FlaskClient, services: Services) -> None:
    send(worker, talkative("PNG"))
    gone = services.store.photos.retire(now=NOW + timedelta(days=31))
    assert gone == 1
    assert worker.get(f"{HERE}/{ID}.jpg").status_code == 404
    told = worker.get(f"{HERE}.json").get_json()["photos"][0]
    assert told["deleted_at"] is not None
