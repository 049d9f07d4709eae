"""Long work told line by line: whatever happens there is a last line, and the place is free for the next."""

import json
import logging
from threading import Event
from typing import Any

import pytest

from gis.errors import PlanError, StoreError
from webmap.api.streaming import Tell, planning_lines


def lines(work: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in planning_lines(work).get_data(as_text=True).splitlines()]


def refused(tell: Tell) -> dict[str, Any]:
    tell({"stage": "beats"})
    raise PlanError(zh="不行", en="no")


def broken(_tell: Tell) -> dict[str, Any]:
    raise ZeroDivisionError("a fault of ours")


def test_a_refusal_is_the_last_line_in_both_languages() -> None:
    assert lines(refused) == [{"stage": "beats"}, {"problem": {"status": 409, "zh": "不行", "en": "no"}}]


def test_a_fault_of_ours_is_logged_and_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="webmap.api.streaming"):
        (told,) = lines(broken)
    assert told["problem"]["status"] == 500
    assert "fault of ours" not in json.dumps(told)
    assert caplog.records[0].exc_info is not None


def test_one_search_at_a_time_and_the_place_is_free_again_even_if_nobody_reads() -> None:
    def outer(_tell: Tell) -> dict[str, Any]:
        with pytest.raises(StoreError):
            planning_lines(broken)
        return {"plan": "x"}

    assert lines(outer) == [{"plan": "x"}]
    ran = Event()

    def unread(_tell: Tell) -> dict[str, Any]:
        ran.set()
        return {"plan": "y"}

    answer = planning_lines(unread)
    assert ran.wait(20), "it works although nobody asked for a line yet"
    assert answer.get_data(as_text=True) == '{"plan": "y"}\n'
    assert lines(refused)[-1]["problem"]["status"] == 409
