"""Orders tell whose turn it is, and an order past its deadline is told of once, inside and to the outside."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.webmap.cases.town import Town, soon
from tests.webmap.store.conftest import NOW
from webmap.cases.ticks import tick
from webmap.services import Services
from webmap.store.case_scope import CASE_OPERATOR

ORDER = "order-0000-0000-00001"
ASKS = "漏水点一周内修复"


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Town]:
    """A town on either store, where the supervisor has given the water unit a day."""
    made = Town(url, tmp_path)
    for name in ("pipe", "tree", "boss", "desk-b", "figures"):
        made.client(name)
    told = {"id": ORDER, "unit": "water", "asks": ASKS, "limit": {"amount": 24, "unit": "hour"}}
    assert made.send("boss", "/api/supervision", told).status_code == 201
    yield made
    made.close()


def move(town: Town, name: str, what: str, **more: Any) -> None:
    version = town.store.side_cases.get("order", ORDER, CASE_OPERATOR).version
    told = {"move": what, "version": version} | more
    answer = town.send(name, f"/api/supervision/{ORDER}/transitions", told)
    assert answer.status_code == 200, answer.get_json()


def topics(town: Town) -> list[str]:
    return [message.topic for message in town.store.outbox.list() if message.topic.startswith("order.")]


def heard(town: Town, name: str) -> list[str]:
    return [each.topic for each in reversed(town.store.notifications.list(name))]


def run(town: Town) -> int:
    services: Services = town.services
    return tick(services).orders


def test_an_overdue_order_is_told_of_once_and_again_only_for_another_deadline(town: Town) -> None:
    assert run(town) == 0
    town.pass_hours(25)
    assert [run(town), run(town)] == [1, 0]
    message = town.store.outbox.list()[-1]
    assert (message.topic, message.ref, message.payload["unit"]) == ("order.overdue", ORDER, "water")
    assert message.payload["due_at"] == "2026-11-24T08:00:00+00:00"
    assert ASKS not in str(message), "what is asked is in no message"
    assert [heard(town, name)[-1:] for name in ("pipe", "boss")] == [["order.overdue"]] * 2
    assert [heard(town, name) for name in ("tree", "desk-b", "figures")] == [[], [], []]
    line = town.store.notifications.list("pipe")[0]
    assert (line.zh, line.en) == (
        f"督办单 {ORDER}:已逾期,请尽快答复或申请延期",
        f"Supervision order {ORDER}: overdue; reply, or ask for more time",
    )
    move(town, "pipe", "sign")
    assert run(town) == 0, "a move that keeps the deadline tells nothing again"
    move(town, "boss", "extend", reason="备件在途", until=soon(town.now, 1))
    assert run(town) == 0
    town.pass_hours(25)
    assert [run(town), run(town)] == [1, 0]
    move(town, "pipe", "reply", reply="已修复")
    town.pass_hours(200)
    assert run(town) == 0, "who has replied is not late any more"
    assert town.store.verify() == []
    assert [row.action for row in town.store.audit.since(0, action="supervision.order_overdue")] == [
        "supervision.order_overdue"
    ] * 2


def test_telling_changes_no_version_so_that_a_page_that_is_open_still_moves_the_order(town: Town) -> None:
    before = town.store.side_cases.get("order", ORDER, CASE_OPERATOR)
    town.pass_hours(25)
    assert run(town) == 1
    after = town.store.side_cases.get("order", ORDER, CASE_OPERATOR)
    assert (after.version, after.updated_at, after.state) == (before.version, before.updated_at, before.state)


def test_whose_turn_it_is_hears_of_a_move_and_a_draft_tells_nothing(town: Town) -> None:
    draft = {"id": "order-0000-0000-00002", "unit": "water", "limit": {"amount": 24, "unit": "hour"}, "draft": True}
    assert town.send("boss", "/api/supervision", draft).status_code == 201
    assert (topics(town), heard(town, "pipe")) == (["order.issue"], ["order.issue"])
    move(town, "pipe", "sign")
    move(town, "pipe", "reply", reply="已修复")
    assert heard(town, "boss") == ["order.reply"], "nobody hears of his own move"
    move(town, "boss", "send_back", reason="仍在漏水", until=soon(NOW, 2))
    assert topics(town) == ["order.issue", "order.sign", "order.reply", "order.send_back"]
    assert heard(town, "pipe") == ["order.issue", "order.send_back"]


def test_two_workers_at_once_tell_of_an_order_once(town: Town) -> None:
    town.pass_hours(25)
    ticks = town.store.side_ticks
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: ticks.tell(ORDER, now=town.now), range(8)))
    assert sorted(told) == [False] * 7 + [True]
    assert topics(town).count("order.overdue") == 1
