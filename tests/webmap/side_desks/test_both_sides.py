"""A week of the side desks on SQLite and on PostgreSQL + PostGIS: every answer byte for byte the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.dispatch.committees import Committee
from gis.dispatch.inspections import checklist
from tests.postgres_cluster import PostgresCluster
from tests.webmap.cases.town import ACCOUNTS, Town, soon
from tests.webmap.store.conftest import NOW, STREET_A
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR

pytestmark = pytest.mark.postgres

PLACE = {"lon": 106.705, "lat": 39.405}


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[list[bytes]]]:
    """Every answer of the week, from each store."""
    cluster = PostgresCluster()
    folder = tmp_path_factory.mktemp("both-sides")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(ACCOUNTS, "mia", [Grant("mediator", STREET_A)])
            urls = [f"sqlite:///{folder / 'town.db'}", cluster.new_database()]
            yield [a_week(url, folder / str(number)) for number, url in enumerate(urls)]
    finally:
        cluster.stop()


def a_week(url: str, folder: Path) -> list[bytes]:
    """Records, moves, refusals and lists of each desk; the answers in order, and what a check of the store says."""
    town = Town(url, folder)
    heard: list[bytes] = []

    def send(account: str, path: str, **told: object) -> None:
        heard.append(town.send(account, f"/api/{path}", told).data)

    def look(account: str, path: str) -> None:
        heard.append(town.client(account).get(f"/api/{path}").data)

    try:
        committees = [Committee("A1", "area", "甲街道调委会", "Street A", STREET_A)]
        town.store.committees.replace(committees, viewer=LOCAL_OPERATOR, now=NOW)
        town.store.committees.set_accounts("A1", ["mia"], viewer=LOCAL_OPERATOR, now=NOW)
        dispute = "disputes/dispute-0000-0000-0001"
        told = {"category": "D01", "title": "张先生噪声“纠纷”\n😀", "people": 31, "due_on": "2026-11-24"}
        send("desk", "disputes", id="dispute-0000-0000-0001", **told, **PLACE)
        send("desk", "disputes", id="dispute-0000-0000-0002", category="D01", 姓名="李四", **PLACE)
        for name, move, more in (
            ("desk", "accept", {}),
            ("desk", "assign", {"committee": "A1"}),
            ("mia", "start", {}),
            ("mia", "accept", {}),
        ):
            version = town.client("desk").get(f"/api/{dispute}").get_json()["dispute"]["version"]
            send(name, f"{dispute}/transitions", move=move, version=version, **more)
        site = {"site": "KD1", "kind": "courier", "name": "快递点", **PLACE, "start": "2026-11-20", "every_days": 3}
        send("boss", "inspections/schedules", id="schedule-0000-0000-0001", **site)
        answers = {item.item: "fail" if item.item == "fire" else "ok" for item in checklist("courier")}
        send(
            "boss",
            "supervision",
            id="order-0000-0000-00001",
            unit="water",
            asks="修",
            limit={"amount": 2, "unit": "working_day"},
        )
        town.pass_hours(30.7)
        look("worker", "inspections?from=2026-11-20&to=2026-11-30")
        town.send(
            "worker",
            "/api/inspections/schedules/schedule-0000-0000-0001/checks",
            {"id": "inspection-0000-0001", "answers": answers},
        )
        look("desk", "inspections/schedules/schedule-0000-0000-0001")
        order = "supervision/order-0000-0000-00001"
        send("boss", f"{order}/transitions", move="extend", version=2, reason="等配件", until=soon(town.now, 5.25))
        send("tree", f"{order}/transitions", move="reply", version=3, reply="x")
        send("pipe", f"{order}/transitions", move="reply", version=3, reply="好")
        area = "keyareas/keyarea-0000-0000-0001"
        ground = {"name": "片区“甲”", "why": "盗窃多😀", "lon": 106.7051234, "lat": 39.4054321, "radius_m": 150}
        send("desk", "keyareas", id="keyarea-0000-0000-0001", **ground)
        send("desk-b", "keyareas", id="keyarea-0000-0000-0002", **ground)
        last = soon(town.now, 60)[:10]
        send("boss", f"{area}/transitions", move="designate", version=1, reason="集中", level="city", until=last)
        day = soon(town.now, -1)[:10]
        send("desk", f"{area}/measures", version=2, kind="patrol", what="夜巡", unit="water", day=day)
        send("desk", f"{area}/checks", version=3, finding="好", result="met")
        look("figures", f"{area}/effect")
        look("figures", "keyareas.geojson")
        for name, path in (
            ("boss", area),
            ("figures", "keyareas"),
            ("boss", "supervision"),
            ("pipe", order),
            ("mia", dispute),
            ("desk", "disputes"),
            ("desk", "events"),
        ):
            look(name, path)
        heard.append(repr(town.store.verify()).encode())
        return heard
    finally:
        town.close()


def test_both_stores_answer_byte_for_byte_the_same(weeks: list[list[bytes]]) -> None:
    one, other = weeks
    assert one[-1] == other[-1] == b"[]"
    assert [a for a, b in zip(one, other, strict=True) if a != b] == []
    assert b'"found_by":"patrol"' in one[-2].replace(b" ", b"")
