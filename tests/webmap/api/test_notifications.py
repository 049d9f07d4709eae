"""An account reads and ticks off its own lines over the API."""

import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import NOON, SUPERVISOR
from webmap.auth.gate import COOKIE
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store.notifications import note_notifications


def post(client: FlaskClient, told: object) -> tuple[int, dict[str, object]]:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    answer = client.post("/api/notifications/read", json=told, headers={HEADER: csrf_token(cookie.value)})
    return answer.status_code, answer.get_json()


def test_own_lines_are_told_and_ticked_off(empty_client: FlaskClient) -> None:
    services: Services = empty_client.application.extensions["wangge"]
    with services.store._database.writing() as connection:
        for ref in ("e1", "e2"):
            words = {"zh": f"案件 {ref} 已超时", "en": f"Case {ref} is overdue"}
            note_notifications(connection, [SUPERVISOR, "other"], "event.overdue", **words, now=NOON, ref=ref)
    told = empty_client.get("/api/notifications.json").get_json()
    assert told["unread"] == 2
    assert {each["ref"] for each in told["notifications"]} == {"e1", "e2"}
    assert {each["read_at"] for each in told["notifications"]} == {None}
    assert post(empty_client, {"ids": [told["notifications"][0]["id"]]}) == (200, {"read": 1, "unread": 1})
    assert post(empty_client, {"all": True}) == (200, {"read": 1, "unread": 0})
    assert services.store.notifications.unread("other") == 2


@pytest.mark.parametrize("told", [[], {}, {"ids": "x"}, {"ids": [1]}, {"ids": ["x"] * 101}, {"all": 1}])
def test_a_senseless_request_is_refused(empty_client: FlaskClient, told: object) -> None:
    assert post(empty_client, told)[0] == 400
