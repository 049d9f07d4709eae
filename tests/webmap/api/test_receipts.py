"""Receipts: whoever holds one follows one case and no other, in plain words, and may do what is the reporter's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.dispatch.states import moves, states
from tests.webmap.reporting.reporting_town import OPEN, ReportingTown, uuid7
from webmap.reporting.following import OWN, STATES, STEPS, normal_code
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.cases import RECEIPT


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ReportingTown]:
    town = ReportingTown(tmp_path, **OPEN)
    yield town
    town.close()


def reported(town: ReportingTown, number: int = 1, **more: object) -> str:
    """A resident's report; its receipt."""
    answer = town.visitor().post("/api/reports", json=town.form(number, **more))
    return str(answer.get_json()["receipt"])


def follow(town: ReportingTown, code: str) -> dict[str, object]:
    answer = town.visitor().post("/api/receipts", json={"code": code})
    assert answer.status_code == 200, answer.get_json()
    told: dict[str, object] = answer.get_json()
    return told


def moved(town: ReportingTown, name: str, move: str, number: int = 1, **more: object) -> None:
    version = town.store.cases.get(uuid7(number), CASE_OPERATOR).version
    told = {"move": move, "version": version} | more
    answer = town.send(name, f"/api/events/{uuid7(number)}/transitions", told)
    assert answer.status_code == 200, answer.get_json()


def by_receipt(town: ReportingTown, code: str, move: str, **more: object) -> tuple[int, dict[str, object]]:
    version = follow(town, code)["version"]
    answer = town.visitor().post("/api/receipts/move", json={"code": code, "move": move, "version": version} | more)
    return answer.status_code, answer.get_json()


def closed(town: ReportingTown) -> str:
    """A case of the unit water, closed; its receipt."""
    code = reported(town)
    moved(town, "desk", "accept")
    moved(town, "desk", "dispatch", unit="water")
    for move in ("acknowledge", "start"):
        moved(town, "pipe", move)
    moved(town, "pipe", "submit_result", reason="removed by 王小明 13812345678")
    moved(town, "desk", "accept_result")
    return code


def test_every_state_has_plain_words_and_every_step_is_a_move() -> None:
    assert set(STATES) == set(states())
    assert set(STEPS) < {move.name for move in moves()}
    assert set(OWN) <= {move.name for move in moves() if "reporter" in move.roles}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("7K3M-9QXT-2VBD", "7K3M-9QXT-2VBD"),
        ("7k3m 9qxt 2vbd", "7K3M-9QXT-2VBD"),
        ("7K3M—9QXT—2VBD", "7K3M-9QXT-2VBD"),
        ("OIL0-9QXT-2VBD", "0110-9QXT-2VBD"),
        ("7K3M-9QXT-2VB", ""),
        ("", ""),
        ("x" * 100, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_receipt_is_known_however_it_is_typed(typed: object, kept: str) -> None:
    assert normal_code(typed) == kept


def test_the_holder_follows_every_step_and_sees_no_more_than_he_gave(town: ReportingTown) -> None:
    code = closed(town)
    told = follow(town, code.lower().replace("-", " "))
    assert (told["state"], told["words_zh"], told["words_en"]) == ("resolved", "已办结", "Closed")
    assert [step["zh"] for step in told["steps"]] == [  # type: ignore[union-attr, index]
        *("收到上报", "受理", "派给承办单位", "承办单位签收", "开始处理", "处理完毕", "办结")
    ]
    assert told["text"] == "一堆垃圾"
    text = json.dumps(told, ensure_ascii=False)
    for hidden in ("106.705", "39.405", "water", "pipe", "desk", uuid7(1), "actor", "王小明", "13812345678"):
        assert hidden not in text, hidden


def test_the_expected_date_comes_with_accepting_and_goes_with_closing(town: ReportingTown) -> None:
    code = reported(town)
    assert follow(town, code)["expected_at"] == ""
    moved(town, "desk", "accept")
    told = follow(town, code)
    assert told["expected_at"] > told["created_at"]  # type: ignore[operator]
    assert told["late"] is False
    town.pass_hours(24 * 60)
    assert follow(town, code)["late"] is True


def test_a_case_is_rated_once_closed_and_reopened_only_below_three(town: ReportingTown) -> None:
    code = closed(town)
    assert follow(town, code)["moves"] == ["rate"]
    assert by_receipt(town, code, "reopen", reason="still there")[0] == 403
    for score in (0, 6, "5", None):
        assert by_receipt(town, code, "rate", score=score)[0] == 400
    status, told = by_receipt(town, code, "rate", score=4)
    assert (status, told["score"], told["moves"]) == (200, 4, ["rate"])
    status, told = by_receipt(town, code, "rate", score=2)
    assert (status, told["moves"]) == (200, ["rate", "reopen"])
    status, told = by_receipt(town, code, "reopen", reason="王小明 13812345678 says it is still there")
    assert (status, told["state"]) == (200, "reopened")
    assert "13812345678" not in json.dumps(told)


def test_a_report_is_withdrawn_while_nobody_took_it_up(town: ReportingTown) -> None:
    code, late = reported(town), reported(town, 2, lon=106.7045)
    status, told = by_receipt(town, code, "withdraw", reason="seen twice")
    assert (status, told["state"], told["moves"]) == (200, "withdrawn", [])
    moved(town, "desk", "accept", 2)
    assert by_receipt(town, late, "withdraw", reason="seen twice")[0] in (403, 409)


def test_of_a_merged_case_no_other_is_told(town: ReportingTown) -> None:
    first, second = reported(town), reported(town, 2, lon=106.7045)
    moved(town, "desk", "merge", 2, into=uuid7(1))
    told = follow(town, second)
    assert (told["state"], told["merged_en"]) == ("merged", "Received; being looked at")
    assert not any(other in json.dumps(told) for other in (uuid7(1), first))


def test_what_is_no_receipt_and_what_is_none_of_ours_read_the_same(town: ReportingTown) -> None:
    reported(town)
    visitor = town.visitor()
    answers = [
        visitor.post("/api/receipts", json={"code": code}).get_json()
        for code in ("AAAA-BBBB-CCCC", "x", "", None, 5, uuid7(1))
    ]
    assert all(answer["status"] == 404 and answer["zh"] for answer in answers)
    assert visitor.post("/api/receipts/move", json={"code": "AAAA-BBBB-CCCC", "move": "rate"}).status_code == 404


def test_a_holder_makes_no_move_of_others(town: ReportingTown) -> None:
    code = reported(town)
    for move in ("accept", "reject", "dispatch", "merge", "escalate", "submit", "x"):
        assert by_receipt(town, code, move, reason="x", unit="water", into=uuid7(1))[0] == 404, move


def test_receipts_are_not_guessed_quickly(town: ReportingTown) -> None:
    town.configure(**OPEN | {"receipt_limit": "3/minute"})
    visitor = town.visitor()
    asked = [visitor.post("/api/receipts", json={"code": "AAAA-BBBB-CCCC"}).status_code for _ in range(5)]
    assert asked == [404, 404, 404, 429, 429]


def test_a_work_order_is_followed_by_accounts_that_see_the_case_alone(town: ReportingTown) -> None:
    assert town.told(1, "desk", source="12345", work_order="WD-1").status_code == 201
    told = town.send("desk", "/api/receipts/order", {"code": "WD-1"}).get_json()
    assert told["code"] == town.store.cases.key_of(uuid7(1), RECEIPT, CASE_OPERATOR)
    assert town.send("desk-b", "/api/receipts/order", {"code": "WD-1"}).status_code == 404
    assert town.send("worker", "/api/receipts/order", {"code": "WD-1"}).status_code == 403
    assert town.visitor().post("/api/receipts/order", json={"code": "WD-1"}).status_code == 401
    assert town.visitor().post("/api/receipts", json={"code": "WD-1"}).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_knows_no_case_and_is_not_kept_by_search_engines(lang: str, town: ReportingTown) -> None:
    code = reported(town)
    page = town.visitor().get(f"/receipt?lang={lang}")
    assert page.status_code == 200
    assert "noindex" in page.text
    assert code not in page.text
    assert "no-cache" in page.headers["Cache-Control"]
