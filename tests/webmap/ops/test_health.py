"""Health for the supervisor of the process, figures for a neighbour only."""

import pytest
from flask.testing import FlaskClient

from gis.errors import ConfigError
from webmap import create_app
from webmap.config import Config, load_config
from webmap.services import Services
from webmap.store import open_store


def test_health_and_readiness_need_no_sign_in_and_tell_nothing_else(services: Services) -> None:
    stranger = create_app(services).test_client()
    for path in ("/healthz", "/readyz"):
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert answer.get_json() == {"ok": True}
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_store_that_does_not_answer_is_alive_but_not_ready(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "gone.db"
    store = open_store(f"sqlite:///{path}", create=True)
    stranger = create_app(Services(store, Config(), clock=None)).test_client()  # type: ignore[arg-type]
    assert stranger.get("/readyz").status_code == 200
    store.close()
    for file in tmp_path.glob("gone.db*"):
        file.unlink()
    path.write_bytes(b"no database, but long enough to be mistaken for one" * 20)
    assert stranger.get("/readyz").status_code == 503
    assert stranger.get("/healthz").status_code == 200
    store.close()


def test_a_store_with_other_tables_is_not_ready(tmp_path) -> None:  # type: ignore[no-untyped-def]
    store = open_store(f"sqlite:///{tmp_path / 'old.db'}", create=True)
    stranger = create_app(Services(store, Config(), clock=None)).test_client()  # type: ignore[arg-type]
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert stranger.get("/readyz").get_json() == {"ok": False, "store": "other tables"}
    store.close()


def test_figures_are_for_the_loopback_unless_told(services: Services) -> None:
    stranger = create_app(services).test_client()
    assert stranger.get("/metrics").status_code == 200
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.5"}).status_code == 404
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": ""}).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_what_a_proxy_forwards_is_not_local(services: Services, header: str) -> None:
    assert create_app(services).test_client().get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_other_networks_are_let_in_by_a_setting(services: Services) -> None:
    allowed = Services(services.store, Config(metrics_from="10.0.0.0/24, ::1"), clock=services.clock)
    stranger = create_app(allowed).test_client()
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.5"}).status_code == 200
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"), [("metrics_from", "everybody"), ("log", "all"), ("stop_timeout", "0"), ("stop_timeout", "soon")]
)
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load_config(environ={f"WANGGE_{name.upper()}": value})


def test_figures_name_routes_and_never_what_was_asked(client: FlaskClient) -> None:
    client.get("/api/incidents.json?bbox=106.7,39.4,106.8,39.5&category=0203")
    client.get("/api/plans/secret-plan.json")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'wangge_requests_total{method="GET",route="/api/incidents.json",status="200"} 1.0' in text
    assert 'wangge_request_seconds_count{route="/api/incidents.json"} 1.0' in text
    assert "106.7" not in text
    assert "secret-plan" not in text
    assert "wangge_store_change " in text
    assert "wangge_live_streams 0.0" in text


def test_a_tile_that_the_browser_has_is_a_hit(client: FlaskClient) -> None:
    tile = "/tiles/heat/12/3263/1552.png"
    tag = client.get(tile).headers["ETag"]
    assert client.get(tile, headers={"If-None-Match": tag}).status_code == 304
    text = client.get("/metrics").get_data(as_text=True)
    assert 'wangge_tile_cache_total{result="hit"} 1.0' in text
    assert 'wangge_tile_cache_total{result="miss"} 1.0' in text
