"""The gate before publishing reads stored documents, whole or part done, and a bent one does not pass."""

import ast
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gis.patrol.judge_document as gate
from gis.patrol import Team, TravelTimes, plan_patrol
from gis.patrol.judge_document import judge_document
from gis.patrol.news import News
from gis.patrol.options import PlanOptions
from gis.patrol.replan import ReplanOptions, replan
from gis.patrol.shift import Shift
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, crew, town, visit

Document = dict[str, Any]
Bend = Callable[[Document], None]


@pytest.fixture(scope="module")
def stored() -> tuple[Document, Shift]:
    """A plan with clock times, breaks and repeated stops, as it comes back from the store."""
    wanted = town(np.random.default_rng(11), stops=16, beats=3)
    teams = crew(3, break_s=1200.0, break_from_s=3 * HOUR, break_to_s=5 * HOUR)
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    plan = plan_patrol(
        wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=150), date="2026-03-01",
        shift="day", zone="Asia/Shanghai", shift_start=datetime(2026, 3, 1, 0, tzinfo=UTC),
    )  # fmt: skip
    return json.loads(json.dumps(plan.to_dict())), Shift(wanted, teams, travel, SHIFT_S)


@pytest.fixture(scope="module")
def mended(stored: tuple[Document, Shift]) -> tuple[Document, Shift, Document, News]:
    """The same plan at hour 3, after the third team dropped out."""
    plan, shift = stored
    done = replan(plan, shift, News(3 * HOUR, dropped=("T2",)), options=ReplanOptions(rounds=40))
    return json.loads(json.dumps(done.plan)), shift, plan, done.news


def rules(document: Document, shift: Shift, **running: Any) -> set[str]:
    found = judge_document(document, shift, **running)
    assert all(item.zh and item.en for item in found)
    return {item.rule for item in found}


def test_a_stored_plan_passes(stored: tuple[Document, Shift]) -> None:
    plan, shift = stored
    assert judge_document(plan | {"id": "kept", "status": "draft"}, shift) == []


def first(document: Document) -> Document:
    stop: Document = document["teams"][0]["stops"][0]
    return stop


def later_clock(document: Document) -> None:
    first(document)["start"] = "2026-03-01T09:59:00Z"


def later_leave(document: Document) -> None:
    document["teams"][1]["leave"] = "2026-03-01T07:00:00Z"


WHOLE: dict[str, tuple[Bend, str]] = {
    "a time of day that is not its second": (later_clock, "clock"),
    "a team that leaves at another time": (later_leave, "clock"),
    "another format": (lambda d: d.update(format=99), "document"),
    "another length of shift": (lambda d: d.update(shift_s=7 * HOUR), "document"),
    "a team without stops in it": (lambda d: d["teams"][0].pop("stops"), "document"),
    "a time that is a word": (lambda d: first(d).update(start_s="soon"), "document"),
    "no teams at all": (lambda d: d.pop("teams"), "document"),
    "a stop nobody wanted": (lambda d: first(d).update(id="ghost"), "unknown_stop"),
    "a stop started before its team arrives": (lambda d: first(d).update(start_s=-60.0, start=None), "order"),
    "sums that do not add up": (lambda d: d["totals"].update(worth_served=1e6), "totals"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_bent_document_is_caught(name: str, stored: tuple[Document, Shift]) -> None:
    plan, shift = stored
    bend, rule = WHOLE[name]
    bent = copy.deepcopy(plan)
    bend(bent)
    assert rule in rules(bent, shift)


def rest_of(document: Document, team: int, now_s: float = 3 * HOUR) -> list[Document]:
    return [stop for stop in document["teams"][team]["stops"] if stop["start_s"] > now_s]


def swap_done(document: Document) -> None:
    stops = document["teams"][0]["stops"]
    stops[0], stops[1] = stops[1] | {"order": 1}, stops[0] | {"order": 2}


def earlier(document: Document) -> None:
    stop = rest_of(document, 0)[0]
    stop.update(arrive_s=2 * HOUR, start_s=2 * HOUR, arrive=None, start=None)


def shift_back(document: Document) -> None:
    """The whole rest ten minutes earlier than it can be walked."""
    for stop in rest_of(document, 1):
        for name in ("arrive", "start", "leave"):
            stop[name] = None
            stop[f"{name}_s"] -= 600.0


def revive(document: Document) -> None:
    stop = rest_of(document, 0)[-1]
    document["teams"][0]["stops"].remove(stop)
    document["teams"][2]["stops"].append(stop | {"order": len(document["teams"][2]["stops"]) + 1})


def lose(document: Document) -> None:
    document["unserved"] = document["unserved"][1:]


def forget_break(document: Document) -> None:
    team = document["teams"][0]
    team["stops"] = [stop for stop in team["stops"] if stop["kind"] != "break"]


def disown_done(document: Document) -> None:
    done = first(document)
    document["unserved"].append(document["unserved"][0] | {"id": done["id"], "stop": done["stop"]})


RUNNING: dict[str, tuple[Bend, str]] = {
    "done stops in another order": (swap_done, "done"),
    "a done stop taken away": (lambda d: d["teams"][0]["stops"].pop(0), "done"),
    "a done stop at another time": (lambda d: first(d).update(leave_s=9999.0, leave=None), "done"),
    "a stop before the moment of the news": (earlier, "past"),
    "a rest faster than the way": (shift_back, "travel"),
    "a team that dropped out and goes on": (revive, "team"),
    "a team that vanishes": (lambda d: d["teams"].pop(1), "team"),
    "a wish forgotten": (lose, "lost"),
    "a break forgotten": (forget_break, "break"),
    "a done stop said to be left out": (disown_done, "duplicate"),
    "numbers out of order": (lambda d: rest_of(d, 0)[0].update(order=77), "order"),
    "sums that do not add up": (lambda d: d["totals"].update(travel_m=1.0), "totals"),
    "another worth": (lambda d: rest_of(d, 0)[0].update(worth=1e3), "worth"),
}


def test_a_mended_plan_passes(mended: tuple[Document, Shift, Document, News]) -> None:
    plan, shift, before, news = mended
    assert judge_document(plan, shift, before=before, news=news) == []
    assert rules(plan, shift) != set()


@pytest.mark.parametrize("name", RUNNING)
def test_a_bent_part_done_document_is_caught(name: str, mended: tuple[Document, Shift, Document, News]) -> None:
    plan, shift, before, news = mended
    bend, rule = RUNNING[name]
    bent = copy.deepcopy(plan)
    bend(bent)
    assert rule in rules(bent, shift, before=before, news=news)


def test_a_visit_too_soon_after_one_already_done_is_caught() -> None:
    """Done at 0:02 and planned again at 0:50: the ninety minutes hold across the moment of the news."""
    rows = [visit(f"s#{turn}", 500, 0, stop="s", worth=3.0 - turn) for turn in (1, 2)]
    wanted, teams = pd.DataFrame(rows), [Team("一队", (0.0, 0.0), mode="ebike")]
    travel = TravelTimes.straight(wanted, teams, mode="ebike")
    shift = Shift(wanted, teams, travel, SHIFT_S)
    made = plan_patrol(wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=20))
    plan = made.to_dict()
    done, again = plan["teams"][0]["stops"]
    assert again["start_s"] - done["start_s"] == pytest.approx(5400)
    news = News(done["leave_s"] + 60.0)
    bent = copy.deepcopy(plan)
    bent["teams"][0]["stops"][1].update(start_s=3000.0, arrive_s=3000.0, leave_s=3900.0)
    assert "spacing" in rules(bent, shift, before=plan, news=news)
    assert judge_document(plan, shift, before=plan, news=news) == []


def test_the_gate_shares_no_code_with_what_plans_or_mends() -> None:
    """It may read the types and the judge; it imports nothing that plans, edits or re-plans."""
    tree = ast.parse(Path(gate.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {module for module in imported if module and module.startswith("gis")} == {
        "gis.patrol.judge",
        "gis.patrol.judge_words",
        "gis.patrol.tours",
    }
