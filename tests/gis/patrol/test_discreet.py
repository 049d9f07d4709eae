"""What a plan says of blind spots, to those who may not know where cameras see nothing."""

import json
from typing import Any

import pytest

from gis.patrol.discreet import discreet


def stop(name: str, kind: str, grid: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "kind": kind, "grid": grid, "lon": 106.7, "lat": 39.5, "arrive": "2026-03-01T00:00:00Z",
        "name_zh": f"甲社区{name}", "name_en": f"A {name}", "why_zh": "因为", "why_en": "because",
    } | more  # fmt: skip


@pytest.fixture
def plan() -> dict[str, Any]:
    """A team at a hot spot and at two blind spots; a third is left out."""
    blind = {"why_zh": "摄像机盲区第 1 位", "why_en": "camera blind spot no. 1"}
    one = stop("p1", "blind_spot", "g1", name_zh="甲社区盲区 1", name_en="A blind spot 1", **blind)
    two = stop("p2", "blind_spot", "g2", name_zh="乙社区盲区 12", name_en="B blind spot 12", **blind)
    left = stop("p3", "blind_spot", "g1", name_zh="甲社区盲区 3", name_en="", reason_zh="无时间", reason_en="no time")
    del left["why_zh"], left["why_en"]
    return {
        "teams": [{"name": "1队", "stops": [stop("h", "hot_grid", "g1"), one, two]}],
        "unserved": [left],
        "checked": {
            "ok": False,
            "broken": [{"zh": "乙社区盲区 12 在 10:00 开始", "en": "B blind spot 12 starts at 10:00"}],
        },
        "made_from": {"stops": [one | {"origin": "blind_spot"}, two, left], "teams": []},
        "notes": [],
    }


def test_nothing_of_blind_spots_is_left_and_every_stop_is(plan: dict[str, Any]) -> None:
    before = json.dumps(plan)
    told = discreet(plan, lambda _grid: False)
    said = json.dumps(told, ensure_ascii=False)
    assert not any(word in said for word in ("盲区", "blind", "摄像", "camera"))
    assert [each["id"] for each in told["teams"][0]["stops"]] == ["h", "p1", "p2"]
    assert [each["name_zh"] for each in told["teams"][0]["stops"][1:]] == ["甲社区巡查点", "乙社区巡查点"]
    assert told["checked"]["broken"][0]["en"] == "B patrol point starts at 10:00"
    assert told["teams"][0]["stops"][0] == plan["teams"][0]["stops"][0]
    assert told["unserved"][0]["reason_zh"] == "无时间"
    assert json.dumps(plan) == before, "what came in is not changed"


def test_where_cameras_are_seen_blind_spots_are_named(plan: dict[str, Any]) -> None:
    assert discreet(plan, lambda _grid: True) == plan
    told = discreet(plan, lambda grid: grid == "g1")
    assert [each["name_en"] for each in told["teams"][0]["stops"]] == ["A h", "A blind spot 1", "B patrol point"]


def test_a_name_of_another_form_is_not_trusted(plan: dict[str, Any]) -> None:
    plan["teams"][0]["stops"][1]["name_zh"] = "探头看不到的后巷"
    assert discreet(plan, lambda _grid: False)["teams"][0]["stops"][1]["name_zh"] == "巡查点"
