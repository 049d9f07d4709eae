"""Whoever holds the receipt follows, rates, reopens and withdraws his case, and nothing else; no account is needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.errors import CaseError, InputError, NotFoundError, PowerError
from tests.webmap.cases.town import Town
from webmap.cases import receipts
from webmap.store.case_scope import CASE_OPERATOR


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(f"sqlite:///{tmp_path / 'town.db'}", tmp_path)
    yield town
    town.close()


def resolve(town: Town) -> str:
    """A resolved case; its receipt."""
    receipt = str(town.report(work_order="WO-7").get_json()["receipt"])
    town.move("desk", "accept")
    town.move("desk", "dispatch", unit="water")
    town.move("pipe", "acknowledge")
    town.move("pipe", "submit_result", reason="cleaned")
    town.move("desk", "accept_result")
    return receipt


def test_the_holder_sees_where_it_stands_and_no_account_and_no_reason(town: Town) -> None:
    receipt = resolve(town)
    told = receipts.follow(town.services, receipt.lower())
    assert told["event"]["state"] == "resolved"
    assert [step["state"] for step in told["steps"]] == [
        *("reported", "accepted", "dispatched", "acknowledged", "handled", "resolved")
    ]
    assert [move["move"] for move in told["moves"]] == ["reopen", "rate"]
    for hidden in ("pipe", "desk", "worker", "cleaned", "106.7"):
        assert hidden not in str(told)
    assert receipts.follow(town.services, "WO-7", kind="work_order")["event"] == told["event"]


def test_a_case_is_reopened_by_who_rated_it_low_and_counts(town: Town) -> None:
    receipt = resolve(town)
    version = town.store.cases.get("event-0000-0000-0001", CASE_OPERATOR).version
    with pytest.raises(PowerError, match="below 3 first"):
        receipts.move(town.services, receipt, {"move": "reopen", "version": version, "reason": "it is back"})
    rated = receipts.move(town.services, receipt, {"move": "rate", "version": version, "score": 2})
    assert rated["event"]["score"] == 2
    told = receipts.move(town.services, receipt, {"move": "reopen", "version": version + 1, "reason": "it is back"})
    assert told["event"]["state"] == "reopened"
    event = town.store.cases.get("event-0000-0000-0001", CASE_OPERATOR)
    assert event.progress["counts"] == {"reopens": 1}
    last = town.store.cases.history(event.id, CASE_OPERATOR)[-1]
    assert (last.role, last.actor) == ("reporter", "")


def test_a_holder_withdraws_but_does_none_of_the_moves_of_the_desk(town: Town) -> None:
    receipt = str(town.report().get_json()["receipt"])
    for move, code in (("accept", "role"), ("escalate", "role"), ("acknowledge", "state")):
        with pytest.raises(CaseError) as refusal:
            receipts.move(town.services, receipt, {"move": move, "version": 2, "reason": "x"})
        assert refusal.value.code == code
    with pytest.raises(InputError, match="version"):
        receipts.move(town.services, receipt, {"move": "withdraw", "reason": "gone"})
    told = receipts.move(town.services, receipt, {"move": "withdraw", "version": 2, "reason": "gone"})
    assert told["event"]["state"] == "withdrawn"


def test_a_wrong_receipt_opens_nothing(town: Town) -> None:
    town.report()
    for wrong in ("", "AAAA-AAAA-AAAA", "event-0000-0000-0001", "WO-7"):
        with pytest.raises(NotFoundError):
            receipts.follow(town.services, wrong)


def test_whoever_reported_the_same_thing_later_learns_what_became_of_it(town: Town) -> None:
    resolve(town)
    town.move("boss", "reopen", reason="again")
    later = str(town.report("boss", 2).get_json()["receipt"])
    assert "merged" not in receipts.follow(town.services, later)
    assert town.move("desk", "merge", 2, into="event-0000-0000-0001").status_code == 200
    told = receipts.follow(town.services, later)
    assert (told["event"]["state"], told["merged"]["state"]) == ("merged", "reopened")
    assert "event-0000" not in str(told)
