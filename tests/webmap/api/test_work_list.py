"""The work list by its filters: counts are of all that is wanted, whatever is listed of it."""

from collections import Counter

import pytest

from tests.webmap.conftest import signed_in
from webmap.services import Services


def asked(services: Services, query: str, name: str = "desk-all") -> dict:  # type: ignore[type-arg]
    answer = signed_in(services, name).get(f"/api/events/work?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_counts_by_pressure_add_up_and_say_how_many_are_listed(desk: Services) -> None:
    whole = asked(desk, "all=1&limit=500")
    assert whole["of"] == whole["found"] == len(whole["events"]) == sum(whole["by"].values())
    assert Counter(event["pressure"] for event in whole["events"]) == {k: n for k, n in whole["by"].items() if n}
    late = asked(desk, "all=1&limit=1&pressure=overdue")
    assert (late["of"], late["by"]) == (whole["of"], whole["by"])
    assert late["found"] == whole["overdue"] > 1
    assert [event["pressure"] for event in late["events"]] == ["overdue"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("state", "handled"), ("tier", "district"), ("unit", "water"), ("category", "06010"), ("source", "web")],
)
def test_each_filter_lists_the_cases_that_have_it_and_no_other(desk: Services, name: str, value: str) -> None:
    every = asked(desk, "all=1&limit=500")["events"]
    found = asked(desk, f"all=1&limit=500&{name}={value}")["events"]
    assert [event["id"] for event in found] == [event["id"] for event in every if event[name] == value]
    assert found


def test_a_state_that_is_over_is_no_work(desk: Services) -> None:
    assert asked(desk, "all=1&state=resolved")["of"] == 0


def test_a_pressure_that_is_none_is_refused(desk: Services) -> None:
    assert signed_in(desk, "desk-all").get("/api/events/work?pressure=high").status_code == 400


def test_what_is_left_is_told_on_the_clock_of_the_limit(desk: Services) -> None:
    for event in asked(desk, "all=1&limit=500")["events"]:
        if event["pressure"] == "overdue":
            assert event["left"]["seconds"] < 0
        if event["stage"] in ("accept", "dispatch"):
            assert event["left"]["unit"] == "working_hour"


@pytest.mark.parametrize("name", ["desk-all", "desk-street", "unit-all", "chief"])
def test_the_order_is_that_of_the_slow_obvious_version(desk: Services, name: str) -> None:
    """What runs by what is left of it, then what stands still, then what has no clock; of equal ones the lowest id."""
    events = asked(desk, "all=1&limit=500", name)["events"]
    group = {"paused": 1, "none": 2}
    wanted = sorted(events, key=lambda each: (group.get(each["pressure"], 0), each["remaining"] or 0.0, each["id"]))
    assert [each["id"] for each in events] == [each["id"] for each in wanted]
    assert [each["id"] for each in asked(desk, "all=1&limit=3", name)["events"]] == [each["id"] for each in wanted[:3]]


def test_nothing_that_waits_is_an_empty_list_and_no_fault(desk: Services) -> None:
    told = asked(desk, "all=1&category=V05")
    assert (told["events"], told["of"], told["found"], set(told["by"].values())) == ([], 0, 0, {0})
