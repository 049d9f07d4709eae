"""What keeps a must-visit out of a plan: found out, not guessed. It changes no plan.

Each rule that could keep it out is lifted in turn and the must-visits are planned again.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gis.errors import PlanError
from gis.patrol._engines import best_tours
from gis.patrol._wishes import checked_stops, compiled, needed_skills
from gis.patrol.document import as_plan, clock
from gis.patrol.idle import free_gaps, hours_in_words, nobody_free
from gis.patrol.options import PlanOptions
from gis.patrol.shift import Shift
from gis.patrol.tours import Plan, Team, Unserved
from gis.patrol.travel import TravelTimes

PlanLike = Plan | Mapping[str, Any]
DAY_S = 86400.0
_TRIAL_ROUNDS = 40
"""Rounds of a plan of must-visits alone: they are few."""


@dataclass(frozen=True)
class Binding:
    """What keeps a must-visit out: the rules that, lifted alone, let it in; ``rule`` is the first of them.

    ``window``, ``shift``, ``skill``, ``beat``, ``walking`` or ``reach``; ``together`` where no single one does.
    """

    id: str
    name_zh: str
    name_en: str
    rule: str
    lifts: tuple[str, ...]
    minutes: float | None
    zh: str
    en: str


def binding_rules(plan: PlanLike, shift: Shift) -> tuple[Binding, ...]:
    """For each must-visit that is left out, what keeps it out: rules lifted one at a time, musts planned again.

    Notes
    -----
    Tried in this order: ``window`` (it may begin at any time), ``shift`` (teams stay on duty for a day), ``skill``,
    ``beat``, ``walking`` (no bound on travel), ``reach`` (no time to get there). Where the window binds, the least delay
    that would do is found by halving to the minute. Where time binds, the hours of the window in which no team is free of
    other must-visits are named; what is optional would give way.
    """
    known = as_plan(plan)
    missed = [item for item in known.missed_musts if item.id in shift.visits]
    if not missed:
        return ()
    # Checked once: what is lifted below leaves a table as it should be.
    shift = replace(shift, stops=checked_stops(shift.stops))
    return tuple(_binding(known, shift, item) for item in missed)


def _binding(plan: Plan, shift: Shift, item: Unserved) -> Binding:
    row = shift.visit(item.id)
    kept = {stop.id for tour in plan.teams for stop in tour.stops if stop.must}
    musts = shift.stops[shift.stops["id"].isin(kept | {item.id})]
    bare = replace(shift, stops=musts)

    def helps(lifted: Shift | None) -> bool:
        return lifted is not None and (kept & set(shift.visits)) | {item.id} <= _kept_musts(lifted)

    if row["outside"]:
        return _told(item, "outside", (), None, (item.reason_zh, item.reason_en))
    lifts = tuple(rule for rule, lift in _LIFTS.items() if helps(lift(bare, item.id)))
    if helps(bare):
        # Nothing but the search kept it out.
        zh, en = "各规则均可满足:再排一次或排得更久即可", "every rule can be kept: plan again, or longer"
        return _told(item, "search", (), None, (zh, en))
    if not lifts:
        zh, en = (
            "放宽任何单独一条规则都排不下:" + item.reason_zh,
            "lifting no single rule lets it in: " + item.reason_en,
        )
        return _told(item, "together", (), None, _with_hours(plan, shift, row, (zh, en)))
    if lifts[0] != "window":
        words = (item.reason_zh, item.reason_en)
        return _told(
            item, lifts[0], lifts, None, _with_hours(plan, shift, row, words) if item.rule == "time" else words
        )
    late = _least_delay(bare, item.id, helps)
    return _told(item, "window", lifts, late, _window_words(plan, shift, item, late))


def _with_hours(plan: Plan, shift: Shift, row: Mapping[str, Any], words: tuple[str, str]) -> tuple[str, str]:
    """The words, and the hours in which no team is free of must-visits."""
    free = {tour.name: free_gaps(tour, shift, of_musts=True) for tour in plan.teams}
    hours = hours_in_words(plan, nobody_free(shift, row, free))
    if hours is None:
        return words
    return f"{words[0]};{hours[0]} 没有空闲的队伍", f"{words[1]}; no team free {hours[1]}"


def _told(item: Unserved, rule: str, lifts: tuple[str, ...], minutes: float | None, words: tuple[str, str]) -> Binding:
    name_zh, name_en = item.name_zh or item.id, item.name_en or item.id
    zh, en = f"必巡点“{name_zh}”:{words[0]}", f"must-visit '{name_en}': {words[1]}"
    if lifts:
        zh += ";起约束作用(放宽任一条即可):" + "、".join(_RULES[lift][0] for lift in lifts)
        en += "; what binds (lifting any one would do): " + ", ".join(_RULES[lift][1] for lift in lifts)
    return Binding(item.id, item.name_zh, item.name_en, rule, lifts, minutes, zh, en)


def _kept_musts(shift: Shift) -> set[str]:
    """Must-visits that a plan of must-visits alone keeps; none where no plan can be made."""
    options = PlanOptions(
        iterations=_TRIAL_ROUNDS, spacing_s=shift.spacing_s, cross_beats=shift.cross_beats, engines="lns"
    )
    try:
        wishes = compiled(shift.stops, shift.teams, shift.shift_s, shift.travel, options)
    except PlanError:
        return set()
    tours, _ = best_tours(wishes, options, None)
    return set(shift.stops["id"][wishes.served(tours)])


def _changed(shift: Shift, visit: str, **values: Any) -> Shift:
    stops = shift.stops.copy()
    mine = stops["id"] == visit
    for name, value in values.items():
        stops[name] = pd.Series([value if it else old for it, old in zip(mine, stops[name], strict=True)], stops.index)
    return replace(shift, stops=stops)


def _any_time(shift: Shift, visit: str) -> Shift:
    return _changed(shift, visit, open_s=0.0, close_s=DAY_S)


def _longer_duty(shift: Shift, _visit: str) -> Shift:
    # The visit itself keeps its window; the teams may begin and end when they like.
    teams = [replace(team, start_s=0.0, end_s=None, break_to_s=_break_to(team, shift)) for team in shift.teams]
    return replace(shift, teams=teams, shift_s=DAY_S)


def _break_to(team: Team, shift: Shift) -> float:
    return team.off_duty_s(shift.shift_s) - team.break_s if team.break_to_s is None else team.break_to_s


def _any_skill(shift: Shift, visit: str) -> Shift | None:
    return _changed(shift, visit, skills=frozenset()) if needed_skills(shift.visit(visit).get("skills")) else None


def _any_beat(shift: Shift, visit: str) -> Shift | None:
    return _changed(shift, visit, beat=-1) if shift.visit(visit)["beat"] >= 0 and not shift.cross_beats else None


def _any_length(shift: Shift, _visit: str) -> Shift | None:
    if all(team.max_travel_s is None and team.max_travel_m is None for team in shift.teams):
        return None
    return replace(shift, teams=[replace(team, max_travel_s=None, max_travel_m=None) for team in shift.teams])


def _at_once(shift: Shift, visit: str) -> Shift:
    row = shift.visit(visit)
    ends = [(row["x"], row["y"])] + ([(row["exit_x"], row["exit_y"])] if "exit_x" in row else [])

    def near(times: TravelTimes) -> TravelTimes:
        at = times.rows(np.array(ends, dtype=float))
        seconds, metres = times.seconds.copy(), times.metres.copy()
        for matrix in (seconds, metres):
            matrix[at, :] = 0.0
            matrix[:, at] = 0.0
        return TravelTimes(times.xy, seconds, metres, times.method)

    travel = shift.travel
    return replace(
        shift,
        travel=near(travel)
        if isinstance(travel, TravelTimes)
        else {mode: near(times) for mode, times in travel.items()},
    )


_LIFTS: Mapping[str, Callable[[Shift, str], Shift | None]] = {
    "window": _any_time,
    "shift": _longer_duty,
    "skill": _any_skill,
    "beat": _any_beat,
    "walking": _any_length,
    "reach": _at_once,
}
_RULES = {
    "window": ("时段", "its window"),
    "shift": ("在岗时间", "the time on duty"),
    "skill": ("技能", "the skills"),
    "beat": ("责任区", "the beats"),
    "walking": ("最长路程", "the most that teams travel"),
    "reach": ("路程", "the way there"),
}


def _least_delay(shift: Shift, visit: str, helps: Callable[[Shift], bool]) -> float:
    """Minutes by which its window would have to close later."""
    row = shift.visit(visit)
    low, high = 0, math.ceil((max(shift.shift_s, float(row["close_s"])) - float(row["close_s"])) / 60) or 1
    while high - low > 1:
        middle = (low + high) // 2
        if helps(_changed(shift, visit, close_s=float(row["close_s"]) + 60.0 * middle)):
            high = middle
        else:
            low = middle
    return float(high)


def _window_words(plan: Plan, shift: Shift, item: Unserved, late: float) -> tuple[str, str]:
    row = shift.visit(item.id)
    begin, end = clock(plan, float(row["open_s"])), clock(plan, float(row["close_s"]))
    crew = [team for team in shift.teams if shift.may_serve(team, row)]
    place = (float(row["x"]), float(row["y"]))
    soonest = [team.start_s + shift.way(team, team.start_xy, place)[0] for team in crew]
    alone = math.ceil((min(soonest) - float(row["close_s"])) / 60)
    name = crew[int(np.argmin(soonest))].name
    if alone > 0:
        return (
            f"时段 {begin}–{end},最近的 {name} 到不了,晚 {late:.0f} 分钟",
            f"window {begin}-{end} cannot be reached by {name}, the nearest, {late:.0f} min too late",
        )
    words = (
        f"时段 {begin}–{end} 内队伍已去其他必巡点;晚 {late:.0f} 分钟关闭即可",
        f"window {begin}-{end}: the teams are at other must-visits; closing {late:.0f} min later would do",
    )
    return _with_hours(plan, shift, row, words)
