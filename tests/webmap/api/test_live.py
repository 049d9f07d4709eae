"""Open maps hear of every change that concerns them, through one thread that follows the store."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import SUPERVISOR, signed_in
from tests.webmap.test_columns import incidents
from webmap.live import ChangeHub
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, init_store

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = init_store(f"sqlite:///{tmp_path / 'live.db'}", {})
    yield store
    store.close()


def test_a_change_wakes_everyone_who_waits(store: Store) -> None:
    hub = ChangeHub(store, most=300)
    heard: list[int] = []

    def listen() -> None:
        with hub.stream() as taken:
            assert taken
            heard.append(hub.wait(0, 20))

    listeners = [threading.Thread(target=listen) for _ in range(200)]
    for each in listeners:
        each.start()
    while hub.streams < 200:
        time.sleep(0.01)
    store.incidents.upsert(incidents(["a"]), viewer=LOCAL_OPERATOR, now=NOW)
    for each in listeners:
        each.join(20)
    assert heard == [1] * 200
    assert hub.streams == 0
    hub.stop()


def test_streams_beyond_the_cap_are_told_to_poll(store: Store) -> None:
    hub = ChangeHub(store, most=1)
    with hub.stream() as first, hub.stream() as second:
        assert (first, second) == (True, False)
    with hub.stream() as again:
        assert again
    hub.stop()


def test_pollers_get_what_changed_since_they_asked(client: FlaskClient) -> None:
    news = client.get("/api/changes.json?since=0").get_json()
    assert {change["layer"] for change in news["changes"]} >= {"areas", "incidents", "cameras"}
    assert client.get(f"/api/changes.json?since={news['seq']}").get_json()["changes"] == []
    assert client.get("/api/changes.json?since=-1").status_code == 400


def test_a_stream_tells_what_changed_and_where_it_is(client: FlaskClient) -> None:
    answer = client.get("/live?since=0", buffered=False)
    assert answer.mimetype == "text/event-stream"
    parts = (part.decode() if isinstance(part, bytes) else part for part in answer.response)
    assert next(parts).startswith("retry:")
    event = next(parts)
    told = json.loads(event.split("data: ", 1)[1])
    assert event.startswith(f"id: {told['seq']}\n")
    assert {"layer", "action", "area", "count"} == set(told["changes"][0])
    answer.close()


def test_a_stream_ends_with_its_session(services: Services) -> None:
    client = signed_in(services)
    answer = client.get("/live?since=0", buffered=False)
    parts = iter(answer.response)
    next(parts)
    next(parts)
    for each in services.store.sessions.list(SUPERVISOR, now=services.clock()):
        services.store.sessions.revoke(each.id, viewer=LOCAL_OPERATOR, now=services.clock())
    services.store.save_settings({"note": "wakes the stream"}, now=NOW)
    assert list(parts) == []
    answer.close()
