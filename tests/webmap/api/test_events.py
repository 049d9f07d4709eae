"""Events over HTTP, as docs/events.md says: each answer, each refusal with its status and code, each account what concerns it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmap.cases.town import Town, soon
from tests.webmap.store.conftest import GRIDS, STREET_A

EVENT = "event-0000-0000-0001"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(f"sqlite:///{tmp_path / 'town.db'}", tmp_path)
    yield town
    town.close()


def test_a_report_is_placed_routed_and_answered_with_a_receipt(town: Town) -> None:
    answer = town.report(text="behind the market")
    told = answer.get_json()
    assert answer.status_code == 201, told
    assert answer.headers["ETag"] == '"2"'
    event = told["event"]
    assert (event["state"], event["state_zh"], event["version"], event["tier"]) == (
        "reported",
        "已上报",
        2,
        "community",
    )
    assert (event["grid"], event["street"], event["category_zh"]) == (GRIDS[0], STREET_A, "暴露垃圾")
    assert (event["stage"], event["pressure"], event["due_at"]) == ("accept", "normal", "2026-11-23T10:00:00+00:00")
    assert len(told["receipt"]) == 14
    assert told["route"] == {"unit": "", "tier": "community", "rule": None, "then": "", "steps": []}
    assert told["duplicates"] == []


def test_the_same_report_again_is_answered_the_same_and_another_under_its_id_is_refused(town: Town) -> None:
    first, again = town.report(), town.report()
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    town.pass_hours(5)
    late = town.report()
    assert (late.status_code, late.get_json()["receipt"]) == (200, first.get_json()["receipt"]), (
        "also without a moment told"
    )
    assert town.report(category="06011").status_code == 409


def test_a_second_heap_nearby_is_proposed_as_the_same(town: Town) -> None:
    town.report("boss")
    told = town.report("boss", 2, lon=106.7052, category="06011").get_json()
    (found,) = told["duplicates"]
    assert (found["id"], found["state"], found["distance_m"]) == (EVENT, "reported", 17.2)
    assert found["parts"] == {"place": 0.914, "time": 1.0, "category": 0.5}
    listed = town.client("desk").get("/api/events/event-0000-0000-0002/duplicates").get_json()
    assert listed["duplicates"] == told["duplicates"]
    assert town.report("worker", 3).get_json()["duplicates"] == [], "a worker is told nothing of what he does not see"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("id", "short"), ("id", 7), ("category", ""), ("category", None), ("lon", "x"), ("lat", None), ("lat", 91)),
        *(("occurred_at", "2026-11-23"), ("occurred_at", "2027-01-01T00:00:00Z"), ("found_by", "camera")),
        *(
            ("text", "x" * 4001),
            ("attributes", [1]),
            ("attributes", {"a": 1}),
            ("attributes", {"张三13812345678": "x"}),
            ("attributes", {"a\x00": "x"}),
            ("category", "张三13812345678"),
            ("source", "张三13812345678"),
            ("source", "open311"),
            ("scheme", "13812345678"),
            ("work_order", "联系人张三"),
            ("work_order", "13812345678"),
            ("urgency", "very"),
            ("source", "\x00"),
        ),
    ],
)
def test_a_report_that_makes_no_sense_is_refused_with_a_reason(town: Town, field: str, value: object) -> None:
    answer = town.report(**{field: value})
    assert answer.status_code == 400, answer.get_json()
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["zh"]


def test_people_are_taken_out_of_every_text_before_it_is_kept(town: Town) -> None:
    told = town.report(
        text="张先生来电,电话13812345678,垃圾堆放", address="3号楼2单元501室", attributes={"note": "李女士 13987654321"}
    )
    answer = told.get_json()
    assert (told.status_code, answer["masked"]["phone"], answer["masked"]["name"]) == (201, 2, 2)
    assert (
        town.report(
            text="张先生来电,电话13812345678,垃圾堆放",
            address="3号楼2单元501室",
            attributes={"note": "李女士 13987654321"},
        ).status_code
        == 200
    )
    town.move("desk", "reject", reason="打电话 13812345678 给王先生")
    kept = town.client("desk").get(f"/api/events/{EVENT}").get_json()
    for secret in ("张先生", "13812345678", "13987654321", "501", "王先生"):
        assert secret not in str(kept)
    assert "垃圾堆放" in kept["event"]["text"]


def test_who_may_not_report_or_not_there_is_refused(town: Town) -> None:
    assert town.report("figures").status_code == 403
    assert town.report("pipe").status_code == 403
    assert town.report("worker", lon=106.735).status_code == 403
    assert town.client("figures").get("/api/events").status_code == 403


def test_a_case_goes_its_way_and_each_step_says_what_comes_next(town: Town) -> None:
    town.report()
    offered = town.client("desk").get(f"/api/events/{EVENT}/moves").get_json()
    assert offered["version"] == 2
    assert {m["move"] for m in offered["moves"]} == {"ask_verify", "accept", "reject", "merge", "escalate"}
    assert town.move("desk", "accept").get_json()["event"]["state"] == "accepted"
    sent = town.move("desk", "dispatch", unit="water")
    assert (sent.status_code, sent.headers["ETag"]) == (200, '"4"')
    assert sent.get_json()["record"]["unit_to"] == "water"
    assert [m["move"] for m in town.client("pipe").get(f"/api/events/{EVENT}/moves").get_json()["moves"]] == [
        *("acknowledge", "request_return"),
    ]
    town.move("pipe", "acknowledge")
    town.move("pipe", "submit_result", reason="cleaned")
    town.move("desk", "ask_check")
    assert town.move("worker", "check_pass").get_json()["event"]["state"] == "resolved"
    told = town.client("desk").get(f"/api/events/{EVENT}").get_json()
    assert [step["move"] for step in told["history"]] == [
        *("submit", "accept", "dispatch", "acknowledge", "submit_result", "ask_check", "check_pass"),
    ]
    assert all(clock["in_time"] for clock in told["clocks"])
    assert "pipe" not in str(told), "history names roles and units; accounts stay in the audit log"


def test_a_refusal_says_which_rule_refused(town: Town) -> None:
    town.report()
    for name, move, more, status, code in (
        ("desk", "fly", {}, 409, "unknown_move"),
        ("desk", "acknowledge", {}, 409, "state"),
        ("desk", "accept", {"version": 1}, 412, "version"),
        ("worker", "accept", {}, 403, "role"),
        ("desk", "reject", {}, 400, "detail"),
    ):
        answer = town.move(name, move, **more)
        told = answer.get_json()
        assert (answer.status_code, told["code"]) == (status, code), told
        assert told["zh"] != told["en"]
    town.move("boss", "escalate", reason="big")
    town.move("boss", "escalate", reason="bigger")
    assert town.move("desk", "accept").get_json()["code"] == "rank"
    town.move("centre", "accept")
    town.move("centre", "dispatch", unit="water")
    for name, move, code, more in (
        ("desk", "acknowledge", "unit", {}),
        ("pipe", "start", "state", {}),
        ("boss", "acknowledge", "role", {}),
    ):
        assert town.move(name, move, **more).get_json()["code"] == code
    town.move("pipe", "acknowledge")
    town.move("pipe", "ask_delay", reason="late", until=soon(town.now, 3))
    assert town.move("pipe", "ask_suspend", reason="late", until=soon(town.now, 3)).get_json()["code"] == "state"
    event = town.client("boss").get(f"/api/events/{EVENT}").get_json()["event"]
    assert event["ask"]["kind"] == "delay"
    assert "by" not in event["ask"]


def test_the_version_comes_by_if_match_or_by_the_body_and_must_come(town: Town) -> None:
    town.report()
    path = f"/api/events/{EVENT}/transitions"
    assert town.send("desk", path, {"move": "accept"}).status_code == 400
    assert town.send("desk", path, {"move": "accept", "version": 3}, headers={"If-Match": '"2"'}).status_code == 400
    assert town.send("desk", path, {"move": "accept"}, headers={"If-Match": '"1"'}).status_code == 412
    assert town.send("desk", path, {"move": "accept"}, headers={"If-Match": '"2"'}).status_code == 200


def test_a_move_that_is_sent_twice_is_made_once(town: Town) -> None:
    town.report()
    first = town.move("desk", "accept", version=2, id="phone-000000000001")
    again = town.move("desk", "accept", version=2, id="phone-000000000001")
    assert first.get_json() == again.get_json()
    assert again.status_code == 200
    assert town.move("desk", "dispatch", unit="water", id="phone-000000000001").status_code == 409


def test_what_one_may_not_see_is_not_there(town: Town) -> None:
    town.report("boss", lon=106.735)
    for name in ("desk", "worker", "pipe"):
        for path in (f"/api/events/{EVENT}", f"/api/events/{EVENT}/moves", f"/api/events/{EVENT}/duplicates"):
            assert town.client(name).get(path).status_code == 404
        assert town.move(name, "accept").status_code == 404
        assert town.client(name).get("/api/events").get_json()["events"] == []
    assert town.client("desk-b").get(f"/api/events/{EVENT}").status_code == 200


def test_many_moves_are_made_each_by_itself(town: Town) -> None:
    for number in (1, 2, 3):
        town.report("boss", number)
    wanted = [
        {"event": "event-0000-0000-0001", "move": "accept", "version": 2},
        {"event": "event-0000-0000-0002", "move": "accept", "version": 1},
        {"event": "nothing", "move": "accept", "version": 1},
        {"event": "event-0000-0000-0003", "move": "reject", "version": 2, "reason": "not ours"},
    ]
    results = town.send("desk", "/api/events/transitions", {"moves": wanted}).get_json()["results"]
    assert [each["ok"] for each in results] == [True, False, False, True]
    assert [each.get("status") for each in results] == [None, 412, 404, None]
    assert results[1]["code"] == "version"
    assert town.send("desk", "/api/events/transitions", {"moves": []}).status_code == 400
    assert town.send("desk", "/api/events/transitions", {"moves": wanted * 26}).status_code == 400


def test_pages_and_filters(town: Town) -> None:
    for number in range(5):
        town.report("boss", number, lon=106.705 + 0.01 * (number % 2), category=("06010", "01007")[number % 2])
        town.pass_hours(0.1)
    client = town.client("desk")
    first = client.get("/api/events?limit=2").get_json()
    second = client.get("/api/events", query_string={"limit": 2, "after": first["next"]}).get_json()
    third = client.get("/api/events", query_string={"limit": 2, "after": second["next"]}).get_json()
    numbers = [int(e["id"][-1]) for page in (first, second, third) for e in page["events"]]
    assert (numbers, third["next"]) == ([4, 3, 2, 1, 0], "")
    assert len(client.get("/api/events?category=01007&state=reported").get_json()["events"]) == 2
    assert len(client.get(f"/api/events?area={GRIDS[1]}").get_json()["events"]) == 2
    assert client.get("/api/events?to=2026-11-22").get_json()["events"] == []
    for wrong in ("after=x", "state=flying", "limit=0", "limit=501", "after=2026-11-23T00:00:00~x"):
        assert client.get(f"/api/events?{wrong}").status_code == 400


def test_the_work_list_begins_with_what_has_least_time_left(town: Town) -> None:
    town.report("boss", 1)
    town.move("centre", "accept", 1)
    town.move("centre", "dispatch", 1, unit="water")
    town.pass_hours(1.5)
    town.report("boss", 2, urgency="emergency")
    town.report("boss", 3)
    town.pass_hours(0.4)
    told = town.client("boss").get("/api/events/work?all=1").get_json()
    assert [e["id"][-1] for e in told["events"]] == ["2", "1", "3"]
    assert [e["pressure"] for e in told["events"]] == ["overdue", "soon", "normal"]
    assert (told["of"], told["overdue"], told["soon"]) == (3, 1, 1)
    left = [e["remaining"] for e in told["events"]]
    assert left == sorted(left)
    assert town.client("pipe").get("/api/events/work").get_json()["of"] == 1
    assert town.client("tree").get("/api/events/work").get_json()["of"] == 0
    assert town.client("desk").get("/api/events/work").get_json()["of"] == 0, "the cases are of the community's tier"
    assert town.client("desk").get("/api/events/work?all=1").get_json()["of"] == 3


def test_rules_are_told_tried_and_replaced_whole(town: Town) -> None:
    rows = [
        {"order": 1, "category": "01*", "unit": "water"},
        {"order": 2, "category": "06*", "area": STREET_A, "unit": "green", "tier": "street"},
    ]
    report = {"category": "06010", "lon": 106.705, "lat": 39.405}
    tried = town.send("desk", "/api/routing/preview", {"report": report, "rows": rows}).get_json()["route"]
    assert (tried["unit"], tried["tier"], tried["rule"]) == ("green", "street", 2)
    assert tried["steps"][0]["en"] == "rule 1 does not fit: category is 06010, wanted 01*"
    assert town.client("desk").get("/api/routing").get_json()["version"] == 0
    assert town.send("desk", "/api/routing", {"version": 0, "rows": rows}, method="PUT").status_code == 403
    kept = town.send("boss", "/api/routing", {"version": 0, "rows": rows, "note": "autumn"}, method="PUT")
    assert (kept.status_code, kept.get_json()["version"]) == (200, 1)
    assert town.send("boss", "/api/routing", {"version": 0, "rows": rows}, method="PUT").status_code == 412
    wrong = town.send("boss", "/api/routing", {"version": 1, "rows": [{"order": "x", "unit": "moon"}]}, method="PUT")
    assert wrong.status_code == 400
    assert [(f["row"], f["field"]) for f in wrong.get_json()["faults"]] == [(1, "order"), (1, "unit")]
    told = town.report().get_json()
    assert (told["route"]["unit"], told["event"]["tier"], told["event"]["unit"]) == ("green", "street", "")
    shown = town.client("desk").get(f"/api/events/{EVENT}").get_json()["route"]
    assert shown == told["route"] | {"version": 1}


def test_units_say_which_are_mine(town: Town) -> None:
    units = town.client("pipe").get("/api/units").get_json()["units"]
    assert [(unit["code"], unit["mine"]) for unit in units] == [("green", False), ("water", True)]


def test_the_tables_are_told(town: Town) -> None:
    told = town.client("desk").get("/api/events/states").get_json()
    assert len(told["states"]) == 18
    assert len(told["moves"]) == 45


def test_without_the_token_nothing_is_written(town: Town) -> None:
    client = town.client("worker")
    assert client.post("/api/events", json={"id": EVENT, "category": "06010"}).status_code == 403


def test_a_place_that_is_told_by_its_area_alone_and_a_work_order(town: Town) -> None:
    told = town.report("boss", lon=None, lat=None, area=STREET_A, work_order="WO-1").get_json()
    assert (told["event"]["street"], told["event"]["grid"], told["event"]["tier"]) == (STREET_A, "", "street")
    assert town.client("desk").get(f"/api/events/{EVENT}").get_json()["work_order"] == "WO-1"
    assert town.report("boss", 2, lon=None, lat=None, area="nowhere").status_code == 400
    assert town.report("boss", 2, work_order="WO-1").status_code == 409


def test_a_rule_accepts_and_dispatches_by_itself_where_it_says_so(town: Town) -> None:
    rows = [
        {"order": 1, "category": "06*", "unit": "green", "then": "dispatch"},
        {"order": 2, "category": "01*", "unit": "water", "then": "accept"},
    ]
    assert town.send("boss", "/api/routing", {"version": 0, "rows": rows}, method="PUT").status_code == 200
    told = town.report().get_json()
    assert (told["event"]["state"], told["event"]["unit"], told["event"]["version"]) == ("dispatched", "green", 4)
    assert town.report("boss", 2, category="01007").get_json()["event"]["state"] == "accepted"
    assert town.report("boss", 3, draft=True).get_json()["event"]["state"] == "draft"
    again = town.report()
    assert (again.status_code, again.get_json()["event"]["version"]) == (200, 4)
    history = town.client("desk").get(f"/api/events/{EVENT}").get_json()["history"]
    assert [(step["move"], step["role"]) for step in history[1:]] == [("accept", "system"), ("dispatch", "system")]
    assert history[1]["reason"] == "规则 1 / rule 1"
