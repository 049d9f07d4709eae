"""Disputes, inspections and supervision orders over HTTP: who may what, what is refused, what comes of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from gis.dispatch.committees import Committee
from gis.dispatch.inspections import checklist
from tests.webmap.cases.town import ACCOUNTS, Town, soon
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, STREET_A, STREET_B
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR

DISPUTE = "dispute-0000-0000-0001"
SITE = "schedule-0000-0000-0001"
ORDER = "order-0000-0000-00001"
MORE = {
    "mia": [Grant("mediator", DISTRICT)],
    "max": [Grant("mediator", DISTRICT)],
    "both": [Grant("department_unit", ""), Grant("supervisor", "")],
}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("side")
    town = Town(f"sqlite:///{folder / 'town.db'}", folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, grants in MORE.items():
            patch.setitem(ACCOUNTS, name, grants)
        committees = (
            Committee("A1", "area", "甲街道调委会", "Street A", STREET_A),
            Committee("B1", "area", "乙街道调委会", "Street B", STREET_B),
            Committee("T1", "trade", "物业调委会", "Property", DISTRICT, frozenset({"D03"})),
        )
        town.store.committees.replace(committees, viewer=LOCAL_OPERATOR, now=NOW)
        town.store.committees.set_accounts("A1", ["mia"], viewer=LOCAL_OPERATOR, now=NOW)
        town.store.committees.set_accounts("T1", ["max"], viewer=LOCAL_OPERATOR, now=NOW)
        town.store.units.set_accounts("water", ["pipe", "both"], viewer=LOCAL_OPERATOR, now=NOW)
        yield town
    town.close()


@pytest.fixture
def town(street: Town) -> Town:
    """The town at the same hour; each test has ids of its own."""
    street.now = NOW
    return street


def version(town: Town, kind: str, name: str) -> int:
    return town.store.side_cases.get(kind, name, CASE_OPERATOR).version


def dispute(town: Town, name: str = "desk", number: int = 1, **more: Any) -> Any:
    told = {"id": f"dispute-0000-0000-{number:04d}", "category": "D01", "lon": 106.705, "lat": 39.405} | more
    return town.send(name, "/api/disputes", told)


def move_dispute(town: Town, name: str, move: str, number: int = 1, **more: Any) -> Any:
    dispute_id = f"dispute-0000-0000-{number:04d}"
    told = {"move": move, "version": version(town, "dispute", dispute_id)} | more
    return town.send(name, f"/api/disputes/{dispute_id}/transitions", told)


def test_a_dispute_goes_its_way_from_the_desk_to_its_committee_and_back(town: Town) -> None:
    made = dispute(town, title="张先生与邻居噪声纠纷", people=7, occurred_on="2026-11-20", due_on="2026-12-20")
    told = made.get_json()
    assert made.status_code == 201, told
    assert (told["dispute"]["state"], told["dispute"]["people"], told["dispute"]["grid"]) == (
        "reported",
        "5-29",
        GRIDS[0],
    )
    assert "张先生" not in str(told)
    assert told["masked"]["name"] == 1
    assert told["committee"]["code"] == "A1"
    again = dispute(town, title="张先生与邻居噪声纠纷", people=7, occurred_on="2026-11-20", due_on="2026-12-20")
    assert again.status_code == 200
    assert town.client("mia").get("/api/disputes").get_json()["disputes"] == []
    assert move_dispute(town, "desk", "accept").get_json()["dispute"]["state"] == "accepted"
    assert move_dispute(town, "desk", "assign", committee="A1").status_code == 200
    assert town.client("max").get(f"/api/disputes/{DISPUTE}").status_code == 404
    assert [m["move"] for m in town.client("mia").get(f"/api/disputes/{DISPUTE}").get_json()["moves"]] == [
        *("withdraw", "start", "hand_back"),
    ]
    assert move_dispute(town, "mia", "start").status_code == 200
    done = move_dispute(town, "mia", "agree", method="mediation", result="双方同意,联系 13812345678")
    assert done.get_json()["dispute"]["state"] == "agreed"
    assert "13812345678" not in str(town.client("boss").get(f"/api/disputes/{DISPUTE}").get_json())
    told = town.client("desk").get(f"/api/disputes/{DISPUTE}").get_json()
    assert [(step["move"], step["role"]) for step in told["history"]] == [
        *(("register", "desk"), ("accept", "desk"), ("assign", "desk"), ("start", "mediator"), ("agree", "mediator")),
    ]
    assert "actor" not in str(told)
    assert town.store.verify() == []


@pytest.mark.parametrize("field", ["当事人姓名", "party_name", "phone", "证件号码", "mediator"])
def test_fields_of_persons_are_refused_by_name_and_nothing_is_kept(town: Town, field: str) -> None:
    answer = dispute(town, number=90, **{field: "李四"})
    assert answer.status_code == 400
    assert field in answer.get_json()["zh"]
    assert field in answer.get_json()["en"]
    assert "李四" not in answer.text
    assert town.client("desk").get("/api/disputes/dispute-0000-0000-0090").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("id", "short"), ("category", ""), ("people", -1), ("people", "many"), ("occurred_on", "yesterday")),
        *(("lat", 91), ("title", "x" * 2001), ("area", "nowhere"), ("category", "张三13812345678")),
    ],
)
def test_a_dispute_that_makes_no_sense_is_refused_with_a_reason(town: Town, field: str, value: object) -> None:
    more = {field: value} | ({"lon": None, "lat": None} if field == "area" else {})
    answer = dispute(town, number=91, **more)
    assert (answer.status_code, bool(answer.get_json()["zh"])) == (400, True)


def test_illegal_moves_of_a_dispute_are_refused_each_in_its_way(town: Town) -> None:
    dispute(town, number=2)
    refused = [
        ("desk", "start", {}, 409),
        ("desk", "no_such_move", {}, 409),
        ("desk", "reject", {}, 400),
        ("desk-b", "accept", {}, 404),
        ("boss", "accept", {}, 403),
        ("desk", "accept", {"version": 7}, 412),
        ("desk", "accept", {"party": "x"}, 400),
        ("desk", "accept", {"kept": "yes"}, 400),
        ("worker", "accept", {}, 403),
        ("pipe", "accept", {}, 403),
    ]
    for name, move, more, status in refused:
        answer = move_dispute(town, name, move, 2, **more)
        assert answer.status_code == status, (name, move, answer.get_json())
    move_dispute(town, "desk", "accept", 2)
    assert move_dispute(town, "desk", "assign", 2, committee="none").status_code == 400
    assert move_dispute(town, "desk", "assign", 2).status_code == 400
    assert move_dispute(town, "desk", "assign", 2, committee="B1").status_code == 400, "it is not for this place"
    assert dispute(town, "boss", number=92).status_code == 403
    assert dispute(town, "desk-b", number=92).status_code == 403


def plan(town: Town, name: str = "boss", number: int = 1, **more: Any) -> Any:
    told = {
        "id": f"schedule-0000-0000-{number:04d}",
        "site": f"KD{number:04d}",
        "kind": "courier",
        "name": "快递点",
        "lon": 106.705,
        "lat": 39.405,
        "start": "2026-11-20",
        "every_days": 3,
    }
    return town.send(name, "/api/inspections/schedules", told | more)


def check(town: Town, name: str = "worker", number: int = 1, fails: tuple[str, ...] = (), **more: Any) -> Any:
    answers = {item.item: "fail" if item.item in fails else "ok" for item in checklist("courier")}
    told = {"id": f"inspection-0000-{number:04d}", "answers": answers} | more
    return town.send(name, f"/api/inspections/schedules/{SITE}/checks", told)


def test_what_fails_in_an_inspection_becomes_an_event_found_by_patrol(town: Town) -> None:
    assert plan(town).status_code == 201
    assert plan(town).status_code == 200
    listed = town.client("worker").get("/api/inspections?from=2026-11-20&to=2026-11-26").get_json()
    assert [(each["day"], each["status"]) for each in listed["due"]] == [
        *(("2026-11-20", "missed"), ("2026-11-23", "due"), ("2026-11-26", "upcoming")),
    ]
    made = check(town, fails=("fire", "charging"), notes={"fire": "王先生 13812345678 的灭火器过期"})
    told = made.get_json()
    assert made.status_code == 201, told
    assert [each["item"] for each in told["events"]] == ["fire", "charging"]
    events = [town.client("desk").get(f"/api/events/{each['id']}").get_json()["event"] for each in told["events"]]
    assert {(e["found_by"], e["source"], e["attributes"]["site"], e["grid"]) for e in events} == {
        ("patrol", "inspection", "KD0001", GRIDS[0])
    }
    assert [e["urgency"] for e in events] == ["", "emergency"]
    assert "13812345678" not in str(events)
    again = check(town, fails=("fire", "charging"), notes={"fire": "王先生 13812345678 的灭火器过期"})
    assert (again.status_code, again.get_json()["events"]) == (200, told["events"])
    listed = town.client("worker").get("/api/inspections?from=2026-11-20&to=2026-11-26").get_json()
    assert listed["counts"] == {"upcoming": 1, "due": 0, "done": 1, "late": 0, "missed": 1}
    shown = town.client("desk").get(f"/api/inspections/schedules/{SITE}").get_json()
    assert [each["id"] for each in shown["inspections"]] == ["inspection-0000-0001"]
    assert town.store.verify() == []


def test_inspections_are_refused_where_they_make_no_sense_or_are_not_ones_own(town: Town) -> None:
    plan(town)
    assert check(town, number=2, answers={"fire": "ok"}).status_code == 400
    assert check(town, number=2, notes={"nothing": "x"}).status_code == 400
    assert check(town, number=2, inspector="李四").status_code == 400
    assert check(town, number=2, at=soon(NOW, 2)).status_code == 400
    assert check(town, "desk-b", number=2).status_code == 404
    assert check(town, "figures", number=2).status_code == 403
    assert check(town, "mia", number=2).status_code == 403
    for more in (
        {"every_days": None},
        {"kind": "bank"},
        {"start": "x"},
        {"opens": "25"},
        {"weekdays": [9]},
        {"owner": "x"},
        {"site": "张三13812345678"},
    ):
        assert plan(town, number=8, **more).status_code in (400, 404), more
    assert plan(town, number=8, lon=None, lat=None, site="none").status_code == 404
    assert plan(town, "worker", number=8).status_code == 403
    assert plan(town, "desk-b", number=8).status_code == 403
    assert town.client("worker").get("/api/inspections?from=2026-01-01&to=2026-12-31").status_code == 400
    plan(town, number=3)
    path = "/api/inspections/schedules/schedule-0000-0000-0003/end"
    assert town.send("worker", path, {}).status_code == 403
    assert town.send("desk", path, {}).get_json()["schedule"]["state"] == "ended"
    assert town.send("desk", path, {}).status_code == 409


def give(town: Town, name: str = "boss", number: int = 1, **more: Any) -> Any:
    told = {"id": f"order-0000-0000-{number:05d}", "unit": "water", "asks": "漏水点一周内修复"}
    return town.send(name, "/api/supervision", told | {"limit": {"amount": 24, "unit": "hour"}} | more)


def move_order(town: Town, name: str, move: str, number: int = 1, **more: Any) -> Any:
    order_id = f"order-0000-0000-{number:05d}"
    told = {"move": move, "version": version(town, "order", order_id)} | more
    return town.send(name, f"/api/supervision/{order_id}/transitions", told)


def test_an_order_is_given_overdue_replied_and_closed_by_somebody_else(town: Town) -> None:
    made = give(town, figure="按期结案率")
    told = made.get_json()
    assert made.status_code == 201, told
    assert (told["order"]["state"], told["order"]["due_at"]) == ("issued", "2026-11-24T08:00:00+00:00")
    assert give(town, figure="按期结案率").status_code == 200
    assert [m["move"] for m in town.client("pipe").get(f"/api/supervision/{ORDER}").get_json()["moves"]] == [
        *("sign", "reply")
    ]
    assert town.client("tree").get(f"/api/supervision/{ORDER}").status_code == 404
    town.pass_hours(30)
    listed = town.client("boss").get("/api/supervision?overdue=1").get_json()
    assert ([each["id"] for each in listed["orders"]], listed["overdue"]) == ([ORDER], 1)
    assert listed["orders"][0]["level"] == "escalate"
    assert move_order(town, "both", "reply", reply="已修复,联系 13812345678").status_code == 200
    same = move_order(town, "both", "accept_reply")
    assert (same.status_code, same.get_json()["code"]) == (403, "same_person")
    closed = move_order(town, "boss", "accept_reply").get_json()["order"]
    assert (closed["state"], closed["overdue"]) == ("closed", True)
    assert "13812345678" not in closed["reply"]
    assert town.store.verify() == []


def test_an_order_about_an_event_lies_where_the_event_lies(town: Town) -> None:
    town.report("boss", 3, lon=106.725)
    told = give(town, number=2, event="event-0000-0000-0003").get_json()["order"]
    assert (told["event"], told["street"]) == ("event-0000-0000-0003", STREET_B)
    assert town.client("desk").get("/api/supervision/order-0000-0000-00002").status_code == 404
    assert town.client("desk-b").get("/api/supervision/order-0000-0000-00002").status_code == 200
    assert give(town, "desk", number=9, event="event-0000-0000-0003").status_code == 404


def test_drafts_and_extensions_and_illegal_moves_of_orders(town: Town) -> None:
    give(town, number=4, draft=True)
    assert town.client("pipe").get("/api/supervision/order-0000-0000-00004").status_code == 404
    assert move_order(town, "boss", "issue", 4, asks="请处理").get_json()["order"]["state"] == "issued"
    extended = move_order(town, "boss", "extend", 4, reason="等待配件", until=soon(NOW, 5)).get_json()["order"]
    assert (extended["due_at"], extended["extensions"]) == ("2026-11-28T08:00:00+00:00", 1)
    refused = [
        ("boss", "accept_reply", {}, 409),
        ("boss", "sign", {}, 403),
        ("centre", "extend", {"reason": "x", "until": soon(NOW, 9)}, 403),
        ("boss", "extend", {"reason": "x", "until": soon(NOW, -1)}, 400),
        ("boss", "extend", {"reason": "x"}, 400),
        ("pipe", "reply", {}, 400),
        ("pipe", "reply", {"reply": "x", "by": "李四"}, 400),
        ("tree", "sign", {}, 404),
        ("pipe", "sign", {"version": 1}, 412),
        ("mia", "sign", {}, 403),
    ]
    for name, move, more, status in refused:
        answer = move_order(town, name, move, 4, **more)
        assert answer.status_code == status, (name, move, answer.get_json())
    for more in (
        {"unit": "none"},
        {"limit": None},
        {"limit": {"amount": 1.5, "unit": "working_day"}},
        {"asks": ""},
        {"to": "x"},
    ):
        assert give(town, number=7, **more).status_code == 400, more
    assert give(town, "pipe", number=7).status_code == 403
    assert give(town, "desk", number=7).status_code == 403, "a street's desk gives no order for the whole district"
    assert give(town, "desk", number=7, area=STREET_A).status_code == 201
