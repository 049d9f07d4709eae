"""A plan is explained in numbers with denominators and in rules that were tried, not guessed."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.patrol import Plan, Team, TravelTimes, judge_plan, plan_patrol
from gis.patrol.explain import binding_rules, coverage, explain, gaps, one_more_team
from gis.patrol.options import PlanOptions
from gis.patrol.shift import Shift
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S, crew, planned, repeated, town, visit

BASE = (0.0, 0.0)


def case(
    rows: list[dict[str, Any]], teams: list[Team], *, shift_s: float = SHIFT_S, **rules: Any
) -> tuple[Plan, Shift]:
    wanted = pd.DataFrame(rows)
    plan, travel = planned(wanted, teams, shift_s=shift_s, **rules)
    return plan, Shift(wanted, teams, travel, shift_s, **rules)


def test_coverage_counts_on_paper() -> None:
    """One place wanted four times and served four times, a blind spot out of the way, a must-visit served."""
    rows = [
        *repeated("g", 500, 0, 10.0),
        visit("b", 90000, 0, worth=2.0, kind="blind_spot", origin="blind_spot"),
        visit("m", 0, 500, must=True, dwell_s=600.0, kind="place", worth=1.0),
    ]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")])
    shares = {(item.name, item.origin): (item.done, item.wanted) for item in coverage(plan, shift)}
    first = 10 * (1 + 0.8 + 0.64 + 0.512)
    assert shares["risk_minutes", ""] == pytest.approx((first * 15 + 10, first * 15 + 10 + 30))
    assert shares["visits", ""] == (5, 6)
    assert shares["places", ""] == (2, 3)
    assert shares["places", "hot_spot"] == (1, 1)
    assert shares["places", "blind_spot"] == (0, 1)
    assert shares["musts", ""] == (1, 1)
    words = {item.origin: (item.zh, item.en) for item in coverage(plan, shift) if item.name == "places"}
    assert words["blind_spot"] == ("监控盲区:1 中的 0(0%)", "blind spots of the cameras: 0 of 1 (0%)")


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), teams=st.integers(1, 3))
def test_what_is_covered_and_what_is_not_add_up(seed: int, teams: int) -> None:
    wanted = town(np.random.default_rng(seed), stops=20, beats=teams)
    force = crew(teams)
    plan, travel = planned(wanted, force, iterations=30)
    told = explain(plan.to_dict(), Shift(wanted, force, travel, SHIFT_S))
    left = [visit for item in told.not_covered for visit in item.ids]
    assert sorted(left) == sorted(item.id for item in plan.unserved)
    shares = {item.name: item for item in told.covered if not item.origin}
    assert shares["visits"].done + len(left) == shares["visits"].wanted
    assert shares["worth"].done + sum(item.worth for item in told.not_covered) == pytest.approx(shares["worth"].wanted)
    assert all(item.share is None or 0 <= item.share <= 1 for item in told.covered)
    assert all(item.zh and item.en for item in (*told.covered, *told.not_covered, *told.musts))
    json.dumps(told.to_dict(), allow_nan=False)


def test_no_team_is_free_while_all_are_at_must_visits() -> None:
    """From 2:00 to 4:15 the only team is at a must-visit of three hours; a hot spot wanted just then cannot be seen."""
    rows = [
        visit("long", 100, 0, must=True, dwell_s=3 * HOUR, open_s=1.5 * HOUR, close_s=1.5 * HOUR),
        visit("hot", 0, 100, open_s=2 * HOUR, close_s=4 * HOUR, worth=9.0),
    ]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")])
    (gap,) = gaps(plan, shift)
    assert (gap.rule, gap.ids) == ("no_team_free", ("hot",))
    assert gap.zh == "点hot:2:00–4:15 没有空闲的队伍"
    assert gap.en == "stop hot: no team free 2:00-4:15"


def test_a_gap_too_short_for_the_way_is_named_with_its_minutes() -> None:
    """An hour between two must-visits; the way there and back alone takes longer."""
    rows = [
        visit("one", 0, 0, must=True, open_s=0.0, close_s=0.0, dwell_s=HOUR),
        visit("two", 0, 0, must=True, open_s=2 * HOUR, close_s=2 * HOUR, dwell_s=6 * HOUR, stop="two"),
        visit("far", 10000, 0, close_s=2 * HOUR),
    ]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")])
    (gap,) = gaps(plan, shift)
    # 13 km each way at 15 km/h are 52 minutes; with the stay 119.
    assert gap.rule == "time"
    assert "一队 最多空出 60 分钟,去、停留和续程要 119 分钟" in gap.zh
    # At "one" until 1:00, at "two" from 2:00 on; the visit to the far place could last until 2:15.
    assert gap.zh.startswith("点far:0:00–1:00、2:00–2:15 没有空闲的队伍;")
    assert gap.en.startswith("stop far: no team free 0:00-1:00, 2:00-2:15; in the rest ")
    assert "has a gap of 60 min at most" in gap.en


def test_a_must_visit_open_all_shift_is_told_the_hours_in_which_no_team_is_free() -> None:
    """Two long must-visits leave 3:00 to 4:00; there and back takes longer than that, and the third is open all shift."""
    rows = [
        visit("one", 0, 0, must=True, open_s=0.0, close_s=0.0, dwell_s=3 * HOUR),
        visit("two", 0, 0, must=True, open_s=4 * HOUR, close_s=4 * HOUR, dwell_s=4 * HOUR, stop="two"),
        visit("far", 9000, 0, must=True, open_s=0.0, close_s=7.75 * HOUR),
    ]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")])
    (told,) = binding_rules(plan, shift)
    assert told.id == "far"
    assert "0:00–3:00、4:00–8:00 没有空闲的队伍" in told.zh
    assert "no team free 0:00-3:00, 4:00-8:00" in told.en


def test_optional_stops_do_not_keep_a_team_from_being_free_for_a_must() -> None:
    """The hours are those of must-visits: what is optional would give way."""
    rows = [
        visit("a", 0, 2000, must=True, open_s=HOUR, close_s=HOUR),
        visit("b", 0, -2000, must=True, open_s=HOUR, close_s=HOUR),
        visit("spare", 0, 100, dwell_s=2 * HOUR, open_s=2 * HOUR, close_s=3 * HOUR),
    ]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")])
    (told,) = binding_rules(plan, shift)
    assert "1:00–1:15 没有空闲的队伍" in told.zh


def test_a_window_that_cannot_be_reached_names_the_team_and_the_minutes() -> None:
    """39 minutes of way, the window closes after 27."""
    rows = [visit("X", 7500, 0, must=True, close_s=27 * 60.0), visit("near", 100, 0)]
    plan, shift = case(rows, [Team("甲", (-5000.0, 0.0), mode="ebike"), Team("乙", BASE, mode="ebike")])
    (told,) = binding_rules(plan, shift)
    assert (told.rule, told.minutes) == ("window", 12.0)
    assert "时段 0:00–0:27,最近的 乙 到不了,晚 12 分钟" in told.zh
    assert "cannot be reached by 乙, the nearest, 12 min too late" in told.en
    assert set(told.lifts) == {"window", "reach"}


@pytest.mark.parametrize(
    ("row", "team", "rule"),
    [
        ({"skills": "drone"}, {}, "skill"),
        ({"beat": 7}, {"beat": 0}, "beat"),
        ({"x": 4000.0}, {"max_travel_m": 3000.0}, "walking"),
        ({"x": 14000.0}, {"end_s": 2 * HOUR}, "shift"),
        ({"x": 70000.0}, {}, "shift"),
        ({"outside": True}, {}, "outside"),
    ],
)
def test_the_rule_that_binds_is_found_by_lifting_it(row: dict[str, Any], team: dict[str, Any], rule: str) -> None:
    rows = [visit("X", 500, 0, must=True) | row, visit("near", 100, 0, must=True)]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike", **team)])
    assert [item.id for item in plan.missed_musts] == ["X"]
    (told,) = binding_rules(plan, shift)
    assert told.rule == rule
    assert told.zh.startswith("必巡点“点X”:")


def test_a_place_without_a_way_binds_by_the_way() -> None:
    wanted = pd.DataFrame([visit("a", 100, 0), visit("island", 200, 0, must=True)])
    teams = [Team("一队", BASE, mode="ebike")]
    straight = TravelTimes.straight(wanted, teams, mode="ebike")
    seconds = straight.seconds.copy()
    seconds[:2, 2] = seconds[2, :2] = np.inf
    travel = TravelTimes(straight.xy, seconds, straight.metres)
    plan = plan_patrol(wanted, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=20))
    (told,) = binding_rules(plan, Shift(wanted, teams, travel, SHIFT_S))
    assert (told.rule, told.lifts) == ("reach", ("reach",))


def test_two_must_visits_at_one_moment_need_a_later_window() -> None:
    """Four kilometres apart at the same minute: closing as much later as the stay and the way take would do."""
    same = {"must": True, "open_s": HOUR, "close_s": HOUR}
    rows = [visit("a", 0, 2000, **same), visit("b", 0, -2000, **same)]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")])
    (told,) = binding_rules(plan, shift)
    assert told.rule == "window"
    # 15 minutes of stay and 4 km x 1.3 at 15 km/h are 35.8 minutes.
    assert told.minutes == 36.0
    assert "其他必巡点" in told.zh


def test_one_more_team_brings_what_the_first_has_no_time_for() -> None:
    """Two beats' worth of work for one team: a second one, in any beat, takes the rest."""
    rows = [visit(f"p{i}", 300.0 * i, 0, worth=5.0) for i in range(6)]
    plan, shift = case(rows, [Team("一队", BASE, mode="ebike")], shift_s=1.2 * HOUR)
    more = one_more_team(plan, shift, options=PlanOptions(iterations=60))
    assert more.base_of == "一队"
    assert plan.totals.visits_served == 4
    assert (more.visits, more.worth, more.worth_before, more.worth_wanted) == (2, 10.0, 20.0, 30.0)
    assert "worth +10.0 (+33.3% of the 30.0 wanted), +2 visits" in more.en
    assert judge_plan(plan, shift.stops, shift.teams, shift.travel) == []


def test_a_team_nobody_needs_brings_nothing() -> None:
    plan, shift = case([visit("p", 300.0, 0)], [Team("一队", BASE, mode="ebike"), Team("二队", BASE, mode="ebike")])
    more = one_more_team(plan, shift, options=PlanOptions(iterations=20), like=["二队"])
    assert (more.base_of, more.worth, more.visits) == ("二队", 0.0, 0)


def test_one_more_team_is_tried_with_the_longest_duty_of_those_alike() -> None:
    """Two teams at one base: a copy of the early one would bring nothing for the places that open when it is home."""
    late = [visit(f"p{i}", 300.0 * i, 0, worth=5.0, open_s=HOUR, close_s=2.2 * HOUR) for i in range(1, 9)]
    early = Team("早队", BASE, mode="ebike", end_s=HOUR)
    plan, shift = case(late, [early, Team("全队", BASE, mode="ebike")], shift_s=2.5 * HOUR)
    more = one_more_team(plan, shift, options=PlanOptions(iterations=60))
    assert more.base_of == "全队"
    assert more.visits > 0
    assert one_more_team(plan, shift, options=PlanOptions(iterations=60), like=["早队"]).visits == 0
