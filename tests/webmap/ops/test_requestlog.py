"""A line for each request that holds the template and never the query."""

import json
import logging

import pytest
from flask.testing import FlaskClient

from webmap.config import Config
from webmap.ops.requestlog import JsonLines, start_logging


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """What the log says, as programs read it."""
    return [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "webmap.requests"]


def test_a_line_tells_who_what_and_how_long_but_not_what_for(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="webmap.requests")
    client.get("/api/incidents.json?bbox=106.7,39.4,106.8,39.5&category=0203")
    client.get("/api/plans/p-4711.json")
    first, second = lines(caplog)
    assert {key: first[key] for key in ("method", "route", "status", "actor")} == {
        "method": "GET", "route": "/api/incidents.json", "status": 200, "actor": "zhangwei",
    }  # fmt: skip
    assert first["ms"] >= 0  # type: ignore[operator]
    assert str(first["time"]).endswith("+00:00")
    assert second["route"] == "/api/plans/<plan_id>.json"
    assert second["status"] == 404
    text = json.dumps([first, second])
    assert not any(secret in text for secret in ("106.7", "0203", "4711", "bbox"))


def test_an_unknown_address_is_logged_without_itself(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="webmap.requests")
    client.open("/106.7/39.4", method="BREW")
    (line,) = lines(caplog)
    assert line["route"] == "(none)"
    assert line["method"] == "other"


@pytest.mark.parametrize(("given", "kept"), [("abcdef-0123", True), ("a b", False), ("x" * 65, False), ("短", False)])
def test_the_number_of_a_request_is_kept_where_it_is_a_plain_one(client: FlaskClient, given: str, kept: bool) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given.encode().decode("latin-1")})
    assert (answer.headers["X-Request-ID"] == given) is kept
    assert len(answer.headers["X-Request-ID"]) >= 8


def test_an_error_is_told_by_class_and_place_without_its_words() -> None:
    try:
        raise ValueError("incident at 106.7123, 39.4567")
    except ValueError as error:
        record = logging.LogRecord(
            "webmap.x", logging.ERROR, __file__, 1, "unexpected", (), (ValueError, error, error.__traceback__)
        )
    line = json.loads(JsonLines().format(record))
    assert line["error"] == "ValueError"
    assert "test_requestlog.py" in line["at"][0]
    assert "106.7" not in json.dumps(line)


@pytest.mark.parametrize(("log", "level"), [("requests", logging.INFO), ("errors", logging.ERROR)])
def test_the_setting_decides_whether_requests_are_told(log: str, level: int) -> None:
    told = logging.getLogger("webmap")
    before = told.level, told.handlers, told.propagate
    try:
        start_logging(Config(log=log))  # type: ignore[arg-type]
        assert told.level == level
    finally:
        told.level, told.handlers, told.propagate = before
