"""One day of a town on SQLite and on PostgreSQL + PostGIS: every answer byte for byte the same."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres_cluster import PostgresCluster
from tests.webmap.cases.town import Town, soon
from tests.webmap.store.conftest import GRIDS, STREET_A
from webmap.cases.ticks import tick

pytestmark = pytest.mark.postgres

RULES = [
    {"order": 10, "category": "01*", "unit": "water", "tier": "district"},
    {"order": 20, "category": "06*", "area": STREET_A, "hours": "8-18", "source": "web 12345", "unit": "green"},
]
RECEIPT = re.compile(rb'"receipt":\s*"[0-9A-Z-]{14}"')


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[list[bytes]]]:
    """Every answer of the day, from each store."""
    cluster = PostgresCluster()
    folder = tmp_path_factory.mktemp("both")
    try:
        urls = [f"sqlite:///{folder / 'town.db'}", cluster.new_database()]
        yield [a_day(url, folder / str(number)) for number, url in enumerate(urls)]
    finally:
        cluster.stop()


def a_day(url: str, folder: Path) -> list[bytes]:
    """Reports, moves, refusals, clocks, lists and rules; the answers in order."""
    town = Town(url, folder)
    heard: list[bytes] = []

    def hear(*answers: object) -> None:
        heard.extend(RECEIPT.sub(b"", answer.data) for answer in answers)  # type: ignore[attr-defined]

    try:
        hear(town.send("boss", "/api/routing", {"version": 0, "rows": RULES}, method="PUT"))
        hear(
            town.report(text="垃圾“堆”\n😀"), town.report("boss", 2, lon=106.7051), town.report("boss", 3, lon=106.735)
        )
        hear(town.report(), town.report("worker", 4, lon=106.735), town.report("boss", 5, urgency="emergency"))
        hear(town.report("boss", 6, category="01007", lon=106.715, occurred_at="2026-11-23T09:30:00.123456+08:00"))
        hear(
            town.move("desk", "accept"),
            town.move("desk", "dispatch", unit="water"),
            town.move("desk", "merge", 2, into="event-0000-0000-0001"),
        )
        hear(town.move("desk", "accept", version=2), town.move("tree", "acknowledge"), town.move("pipe", "acknowledge"))
        town.pass_hours(1.7)
        hear(
            town.move("pipe", "ask_delay", reason="no lorry", until=soon(town.now, 9)),
            town.move("desk", "ask_verify", 5),
        )
        hear(
            town.move("desk", "extend", reason="good", until=soon(town.now, 9)),
            town.client("desk").get("/api/events/work?all=1"),
        )
        heard.append(repr(tick(town.services).as_dict()).encode())
        town.pass_hours(90)
        heard.append(repr(tick(town.services).as_dict()).encode())
        hear(
            town.move("pipe", "start"),
            town.move("pipe", "submit_result", reason="done"),
            town.move("pipe", "accept_result"),
        )
        hear(
            town.move("centre", "ask_check"),
            town.move("check", "check_pass"),
            town.move("boss", "reopen", reason="again"),
        )
        for name in ("worker", "desk", "desk-b", "centre", "pipe", "tree", "check", "boss"):
            client = town.client(name)
            hear(client.get("/api/events?limit=3"), client.get("/api/events/work"), client.get("/api/units"))
            hear(
                *(
                    client.get(f"/api/events/event-0000-0000-{n:04d}{tail}")
                    for n in (1, 2, 3, 5, 6)
                    for tail in ("", "/moves", "/duplicates")
                )
            )
        hear(town.client("boss").get(f"/api/events?area={GRIDS[0]}&category=06010&state=reopened&from=2026-11-23"))
        hear(town.client("boss").get("/api/routing"), town.client("boss").get("/api/changes.json?since=0"))
        town.services.flush()
        assert town.store.audit.verify() == []
        assert town.store.verify() == []
        heard.append(town.store.audit.checkpoint().split(":")[0].encode())
    finally:
        town.close()
    return heard


def test_every_answer_is_the_same_to_the_byte(days: list[list[bytes]]) -> None:
    sqlite, postgres = days
    assert len(sqlite) == len(postgres) > 150
    for number, (here, there) in enumerate(zip(sqlite, postgres, strict=True)):
        assert here == there, number


def test_the_day_holds_what_it_should(days: list[list[bytes]]) -> None:
    """Refusals, an escalation and a reopened case are among the answers, so that equal does not mean empty."""
    told = b"\n".join(days[0]).decode()
    for word in (
        '"code":"version"',
        '"code":"role"',
        '"state":"reopened"',
        "'escalated': ",
        '"merged":["event-0000-0000-0002"]',
    ):
        assert word in told.replace('": ', '":').replace(', "', ',"'), word
