"""Each rule of the judge is seen red once: a sound plan is bent in one place, and the judge names that place."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from gis.patrol import Plan, Team, TravelTimes, judge_plan
from gis.patrol.tours import PlannedStop, TeamTour
from tests.gis.patrol.patrol_maker import HOUR, crew, planned, town

Case = tuple[Plan, pd.DataFrame, list[Team], TravelTimes]


@pytest.fixture(scope="module")
def sound() -> Case:
    """Two teams, two beats, a break, some stops left out."""
    wanted = town(np.random.default_rng(4), stops=12).assign(outside=False)
    teams = crew(2, break_s=1200.0, break_to_s=4 * HOUR)
    plan, travel = planned(wanted, teams, iterations=200)
    assert judge_plan(plan, wanted, teams, travel) == []
    assert len(plan.teams[0].stops) > 8
    assert plan.unserved
    return plan, wanted, teams, travel


def with_tour(plan: Plan, change: Callable[[TeamTour], TeamTour]) -> Plan:
    return replace(plan, teams=(change(plan.teams[0]), *plan.teams[1:]))


def with_stop(plan: Plan, change: Callable[[PlannedStop], PlannedStop], at: int = 2) -> Plan:
    def bent(tour: TeamTour) -> TeamTour:
        stops = list(tour.stops)
        stops[at] = change(stops[at])
        return replace(tour, stops=tuple(stops))

    return with_tour(plan, bent)


def swapped(tour: TeamTour) -> TeamTour:
    stops = list(tour.stops)
    stops[2], stops[3] = replace(stops[3], order=3), replace(stops[2], order=4)
    return replace(tour, stops=tuple(stops))


def handed_over(plan: Plan) -> Plan:
    """A stop of the second beat in the first team's tour."""
    first, second = plan.teams
    alien = next(stop for stop in second.stops if stop.id.startswith("g"))
    stops = (*first.stops, replace(alien, order=len(first.stops) + 1))
    rest = tuple(stop for stop in second.stops if stop.id != alien.id)
    return replace(plan, teams=(replace(first, stops=stops), replace(second, stops=rest)))


BENT: dict[str, tuple[Callable[[Plan], Plan], str]] = {
    "a team vanishes": (lambda p: replace(p, teams=p.teams[:1]), "team"),
    "a stranger joins": (lambda p: replace(p, teams=(*p.teams, replace(p.teams[0], name="X", stops=()))), "team"),
    "a team changes its vehicle": (lambda p: with_tour(p, lambda t: replace(t, mode="car")), "team"),
    "a break is dropped": (
        lambda p: with_tour(p, lambda t: replace(t, stops=tuple(s for s in t.stops if s.kind != "break"))),
        "break",
    ),
    "a stop nobody wanted": (lambda p: with_stop(p, lambda s: replace(s, id="ghost")), "unknown_stop"),
    "a stop twice": (
        lambda p: with_tour(p, lambda t: replace(t, stops=(*t.stops, replace(t.stops[2], order=len(t.stops) + 1)))),
        "duplicate",
    ),
    "planned and left out": (
        lambda p: replace(p, unserved=(*p.unserved, replace(p.unserved[0], id=p.teams[0].stops[2].id))),
        "duplicate",
    ),
    "a wish forgotten": (lambda p: replace(p, unserved=p.unserved[1:]), "lost"),
    "no reason given": (
        lambda p: replace(p, unserved=(replace(p.unserved[0], reason_zh=""), *p.unserved[1:])),
        "reason",
    ),
    "two stops in the other order": (lambda p: with_tour(p, swapped), "travel"),
    "numbers out of order": (lambda p: with_stop(p, lambda s: replace(s, order=9)), "order"),
    "start before arrival": (lambda p: with_stop(p, lambda s: replace(s, start_s=s.arrive_s - 60)), "order"),
    "arrival faster than the way": (
        lambda p: with_stop(p, lambda s: replace(s, arrive_s=s.arrive_s - 400)),
        "travel",
    ),
    "a shorter way on paper": (lambda p: with_stop(p, lambda s: replace(s, travel_m=s.travel_m / 2)), "travel"),
    "a stop cut short": (lambda p: with_stop(p, lambda s: replace(s, leave_s=s.start_s + 60)), "dwell"),
    "after closing": (
        lambda p: with_stop(p, lambda s: replace(s, start_s=s.close_s + 600, leave_s=s.close_s + 1500)),
        "window",
    ),
    "home too late": (lambda p: with_tour(p, lambda t: replace(t, back_s=p.shift_s + 300)), "shift"),
    "out too early": (lambda p: with_tour(p, lambda t: replace(t, leave_s=-300.0)), "shift"),
    "home faster than the way": (
        lambda p: with_tour(p, lambda t: replace(t, back_s=t.stops[-1].leave_s)),
        "travel",
    ),
    "moved on the map": (lambda p: with_stop(p, lambda s: replace(s, x=s.x + 50)), "place"),
    "another worth": (lambda p: with_stop(p, lambda s: replace(s, worth=s.worth + 1)), "worth"),
    "must no longer": (lambda p: with_stop(p, lambda s: replace(s, must=not s.must)), "worth"),
    "a time that is no number": (lambda p: with_stop(p, lambda s: replace(s, arrive_s=float("nan"))), "number"),
    "another team's beat": (handed_over, "beat"),
    "travel does not add up": (lambda p: with_tour(p, lambda t: replace(t, travel_m=t.travel_m + 500)), "totals"),
    "worth does not add up": (
        lambda p: replace(p, totals=replace(p.totals, worth_served=p.totals.worth_served + 1)),
        "totals",
    ),
}


@pytest.mark.parametrize("name", BENT)
def test_a_bent_plan_is_caught(name: str, sound: Case) -> None:
    plan, wanted, teams, travel = sound
    bend, rule = BENT[name]
    found = judge_plan(bend(plan), wanted, teams, travel)
    assert rule in {violation.rule for violation in found}
    assert all(violation.zh and violation.en for violation in found)


def test_spacing_is_judged_by_the_rule_given(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    found = judge_plan(plan, wanted, teams, travel, spacing_s=4 * 3600)
    assert {violation.rule for violation in found} == {"spacing"}


def test_a_stop_outside_or_without_a_way_is_caught(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    one = plan.teams[0].stops[2].id
    moved = wanted.assign(outside=wanted["id"] == one)
    assert {violation.rule for violation in judge_plan(plan, moved, teams, travel)} == {"outside"}
    cut = travel.seconds.copy()
    cut[:, int(travel.rows(wanted.loc[wanted["id"] == one, ["x", "y"]].to_numpy())[0])] = np.inf
    rules = {v.rule for v in judge_plan(plan, wanted, teams, TravelTimes(travel.xy, cut, travel.metres))}
    assert "unreachable" in rules


def test_crossing_beats_is_no_fault_where_it_is_allowed(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    rules = {violation.rule for violation in judge_plan(handed_over(plan), wanted, teams, travel, cross_beats=True)}
    assert "beat" not in rules


def test_the_judge_shares_no_code_with_the_solver() -> None:
    """It may name the types it reads; it imports nothing that plans."""
    import ast
    from pathlib import Path

    def imported(name: str) -> set[str]:
        tree = ast.parse(Path(f"{name.replace('.', '/')}.py").read_text(encoding="utf-8"))
        modules = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
        return {module for module in modules if module.startswith("gis")}

    assert imported("gis.patrol.judge") == {"gis.patrol.judge_words"}
    assert imported("gis.patrol.judge_words") == {"gis.patrol.clock"}
    assert imported("gis.patrol.clock") == set()


NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_what_is_found_is_said_by_name_and_clock(sound: Case) -> None:
    """A shift from noon in Shanghai: no second of the shift and no id is left in the words."""
    plan, wanted, teams, travel = sound
    plan = replace(plan, shift_start=NOON, zone="Asia/Shanghai")
    wanted = wanted.assign(
        name_zh=[f"地点{n}" for n in range(len(wanted))], name_en=[f"Place {n}" for n in range(len(wanted))]
    )
    late = with_stop(plan, lambda s: replace(s, start_s=s.close_s + 3600, leave_s=s.close_s + 4800))
    home = with_tour(late, lambda t: replace(t, back_s=plan.shift_s + 600))
    found = judge_plan(home, wanted, teams, travel, teams_en={teams[0].name: "Team One"})
    window = next(item for item in found if item.rule == "window")
    stop = late.teams[0].stops[2]
    row = wanted.set_index("id").loc[stop.id]
    begins = (NOON + timedelta(seconds=stop.close_s + 3600)).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M")
    assert window.zh.startswith(f"{row['name_zh']} 在 {begins} 开始,应在 ")
    assert window.en.startswith(f"{row['name_en']} starts at {begins}; it should start within ")
    duty = next(item for item in found if item.rule == "shift")
    ends = (NOON + timedelta(seconds=plan.shift_s)).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M")
    assert duty.zh.endswith(f"在岗时间为 12:00–{ends}")
    assert duty.en.startswith("Team One leaves at ")
    said = " ".join(item.zh + item.en for item in found)
    assert not re.search(r"\d{4,} ?(秒|s\b)|第 \d+ 秒", said)
    assert not any(visit in said for visit in wanted["id"] if len(visit) > 2)


def test_a_stop_of_another_team_is_told_by_the_team(sound: Case) -> None:
    plan, wanted, teams, travel = sound
    words = [item for item in judge_plan(handed_over(plan), wanted, teams, travel) if item.rule == "beat"]
    assert words
    assert all(f"{teams[1].name} 的责任区,不归 {teams[0].name}" in item.zh for item in words)
    assert all(f"the beat of {teams[1].name}, not of {teams[0].name}" in item.en for item in words)
