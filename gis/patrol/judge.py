"""The independent check of a plan: it reads the plan as a shift leader would, and shares no code with what made it.

Every rule is tested again from the stops, the teams and the travel times; nothing the plan says about itself is believed.
It never repairs a plan.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from gis.patrol.judge_words import SUMS, Words, minutes

if TYPE_CHECKING:
    from gis.patrol.tours import Plan, PlannedStop, Team, TeamTour
    from gis.patrol.travel import TravelTimes

TOLERANCE_S = 1.0
TOLERANCE_M = 1.0
SPACING_S = 5400.0
XY = tuple[float, float]


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Parameters
    ----------
    rule
        ``team``, ``unknown_stop``, ``duplicate``, ``lost``, ``reason``, ``order``, ``window``, ``dwell``, ``travel``,
        ``unreachable``, ``shift``, ``walking``, ``beat``, ``skill``, ``outside``, ``spacing``, ``break``, ``place``,
        ``worth``, ``totals`` or ``number``.
    team, stop
        Where; empty when it concerns the whole plan.
    """

    rule: str
    zh: str
    en: str
    team: str = ""
    stop: str = ""


def judge_plan(
    plan: "Plan",
    stops: pd.DataFrame,
    teams: "Sequence[Team]",
    travel: "TravelTimes | Mapping[str, TravelTimes]",
    *,
    spacing_s: float = SPACING_S,
    cross_beats: bool = False,
    teams_en: Mapping[str, str] | None = None,
) -> list[Violation]:
    """Every rule that a plan breaks; an empty list means that it can be walked as written.

    Parameters
    ----------
    stops, teams, travel
        What the plan was made from.
    spacing_s, cross_beats
        The rules it was made under.
    teams_en
        English names of teams, for the words; a team without one is called by its name.
    """
    wanted = {str(row["id"]): dict(row) for row in stops.to_dict("records")}
    crew = {team.name: team for team in teams}
    bench = _Bench(plan, wanted, crew, Words(plan, wanted, crew, teams_en))
    bench.judge_teams()
    bench.judge_accounts()
    for tour in plan.teams:
        if tour.name in crew:
            times = travel[crew[tour.name].mode] if isinstance(travel, Mapping) else travel
            bench.judge_way(tour, _Ways(times))
            bench.judge_members(tour, cross_beats=cross_beats)
            for stop in tour.stops:
                bench.judge_visit(tour, stop)
    bench.judge_spacing(spacing_s)
    bench.judge_totals()
    return bench.found


class _Ways:
    """Travel looked up by the coordinates themselves."""

    def __init__(self, times: "TravelTimes") -> None:
        self._row = {(round(float(x), 3), round(float(y), 3)): i for i, (x, y) in enumerate(times.xy)}
        self._times = times

    def between(self, a: XY, b: XY) -> XY:
        """Seconds and metres; inf where a point is unknown."""
        i, j = (self._row.get((round(xy[0], 3), round(xy[1], 3)), -1) for xy in (a, b))
        if min(i, j) < 0:
            return math.inf, math.inf
        return float(self._times.seconds[i, j]), float(self._times.metres[i, j])


@dataclass
class _Bench:
    """A plan before its judge: what was wanted, who was there, and what is found against it."""

    plan: "Plan"
    wanted: Mapping[str, Mapping[Any, Any]]
    crew: "Mapping[str, Team]"
    words: Words
    found: list[Violation] = field(default_factory=list)

    def broken(self, rule: str, zh: str, en: str, *, team: str = "", stop: str = "") -> None:
        """Note one violation."""
        self.found.append(Violation(rule, zh, en, team, stop))

    def judge_teams(self) -> None:
        """Every team once, in its own mode, no other; a break where one is due."""
        named = Counter(tour.name for tour in self.plan.teams)
        for name in sorted(named.keys() | self.crew.keys()):
            if named[name] != 1 or name not in self.crew:
                team_zh, team_en = self.words.team(name)
                self.broken(
                    "team",
                    f"队伍“{team_zh}”未知、缺失或重复",
                    f"team '{team_en}' is unknown, missing or twice",
                    team=name,
                )
        for tour in self.plan.teams:
            team = self.crew.get(tour.name)
            if team is None:
                continue
            team_zh, team_en = self.words.team(tour.name)
            if tour.mode != team.mode:
                self.broken("team", f"{team_zh} 的出行方式不符", f"{team_en} travels in another mode", team=tour.name)
            due, rests = int(team.break_s > 0), sum(stop.kind == "break" for stop in tour.stops)
            if rests != due:
                zh, en = (
                    f"{team_zh} 应休息 {due} 次,方案为 {rests} 次",
                    f"{team_en} is due {due} breaks, not {rests}",
                )
                self.broken("break", zh, en, team=tour.name)

    def judge_accounts(self) -> None:
        """Every wanted visit once, in a tour or left out with a reason; nothing else."""
        served = Counter(stop.id for tour in self.plan.teams for stop in tour.stops if stop.kind != "break")
        left = Counter(item.id for item in self.plan.unserved)
        for stop in sorted((served.keys() | left.keys()) - self.wanted.keys()):
            zh, en = self.words.stop(stop)
            self.broken("unknown_stop", f"{zh} 不在需求里", f"{en} was not wanted", stop=stop)
        for stop in self.wanted:
            zh, en = self.words.stop(stop, timed=False)
            if served[stop] + left[stop] > 1:
                self.broken("duplicate", f"{zh} 出现多次", f"{en} occurs more than once", stop=stop)
            if served[stop] + left[stop] == 0:
                self.broken("lost", f"{zh} 既未安排也未说明", f"{en} is neither planned nor accounted for", stop=stop)
        for item in self.plan.unserved:
            if not item.reason_zh or not item.reason_en:
                zh, en = self.words.stop(item.id)
                self.broken("reason", f"{zh} 未安排而无理由", f"{en} is left out without a reason", stop=item.id)

    def judge_way(self, tour: "TeamTour", ways: _Ways) -> None:
        """From door to door: each leg possible in its time, as long as the streets say, inside the duty."""
        team = self.crew[tour.name]
        end = self.plan.shift_s if team.end_s is None else team.end_s
        if not (team.start_s - TOLERANCE_S <= tour.leave_s <= tour.back_s <= end + TOLERANCE_S):
            self._outside_duty(tour, team.start_s, end)
        here, free = team.start_xy, tour.leave_s
        legs = [(stop.id, *self._ends(tour, stop), stop.arrive_s, stop.leave_s) for stop in tour.stops]
        home = team.end_xy or team.start_xy
        legs.append(("", home, home, tour.back_s, tour.back_s))
        sums = [0.0, 0.0]
        for number, (stop, there, out, arrive, leave) in enumerate(legs):
            seconds, metres = ways.between(here, there)
            sums = [sums[0] + seconds, sums[1] + metres]
            self._judge_leg(tour, stop, arrive - free, seconds)
            if number < len(tour.stops):
                planned = tour.stops[number]
                stop_zh, stop_en = self.words.stop(stop)
                if planned.order != number + 1:
                    self.broken(
                        "order", f"{stop_zh} 序号不连续", f"{stop_en} is out of number", team=tour.name, stop=stop
                    )
                if _differ((planned.travel_s, planned.travel_m), (seconds, metres)):
                    zh, en = f"到 {stop_zh} 的路程与路网不符", f"the way to {stop_en} differs from the streets"
                    self.broken("travel", zh, en, team=tour.name, stop=stop)
            here, free = out, leave
        self._judge_walking(tour, sums)
        if _differ((tour.travel_s, tour.travel_m), (sums[0], sums[1])):
            team_zh, team_en = self.words.team(tour.name)
            self.broken(
                "totals", f"{team_zh} 的路程合计不符", f"the travel of {team_en} does not add up", team=tour.name
            )

    def _outside_duty(self, tour: "TeamTour", begin: float, end: float) -> None:
        (team_zh, team_en), (duty_zh, duty_en) = self.words.team(tour.name), self.words.span(begin, end)
        leaves, back = self.words.at(tour.leave_s), self.words.at(tour.back_s)
        zh = f"{team_zh} {leaves} 出发、{back} 返回,在岗时间为 {duty_zh}"
        en = f"{team_en} leaves at {leaves} and is back at {back}; its duty is {duty_en}"
        self.broken("shift", zh, en, team=tour.name)

    def _judge_leg(self, tour: "TeamTour", stop: str, given: float, needed: float) -> None:
        to_zh, to_en = self.words.stop(stop) if stop else ("终点", "the end")
        if not math.isfinite(needed):
            self.broken("unreachable", f"到不了 {to_zh}", f"there is no way to {to_en}", team=tour.name, stop=stop)
        elif not given >= needed - TOLERANCE_S:
            (need_zh, need_en), (left_zh, left_en) = minutes(needed), minutes(given)
            zh = f"到 {to_zh} 需 {need_zh},方案只留 {left_zh}"
            en = f"{to_en} takes {need_en} to reach, the plan leaves {left_en}"
            self.broken("travel", zh, en, team=tour.name, stop=stop)

    def _judge_walking(self, tour: "TeamTour", gone: list[float]) -> None:
        team = self.crew[tour.name]
        team_zh, team_en = self.words.team(tour.name)
        for way, most, tolerance, unit, zh, en in (
            (gone[0], team.max_travel_s, TOLERANCE_S, 60, "分钟", "min"),
            (gone[1], team.max_travel_m, TOLERANCE_M, 1, "米", "m"),
        ):
            if most is not None and not way <= most + tolerance:
                zh = f"{team_zh} 路程 {way / unit:,.0f} {zh},至多 {most / unit:,.0f}"
                en = f"{team_en} travels {way / unit:,.0f} {en}, at most {most / unit:,.0f} are allowed"
                self.broken("walking", zh, en, team=tour.name)

    def _ends(self, tour: "TeamTour", stop: "PlannedStop") -> tuple[XY, XY]:
        """Where a visit is to be entered and left; of a task with two ends, in the direction that the plan takes."""
        team = self.crew[tour.name]
        if stop.kind == "break":
            place = team.break_xy or team.start_xy
            return place, place
        row = self.wanted.get(stop.id)
        if row is None:
            return (stop.x, stop.y), (stop.x, stop.y)
        one = float(row["x"]), float(row["y"])
        other = float(row.get("exit_x", math.nan)), float(row.get("exit_y", math.nan))
        if not all(map(math.isfinite, other)):
            return one, one
        entered = stop.x, stop.y
        return (one, other) if math.dist(entered, one) <= math.dist(entered, other) else (other, one)

    def _misplaced(self, tour: "TeamTour", stop: "PlannedStop") -> bool:
        enter, leave = self._ends(tour, stop)
        planned = stop.x if stop.exit_x is None else stop.exit_x, stop.y if stop.exit_y is None else stop.exit_y
        return not (math.dist(enter, (stop.x, stop.y)) <= TOLERANCE_M and math.dist(leave, planned) <= TOLERANCE_M)

    def judge_visit(self, tour: "TeamTour", stop: "PlannedStop") -> None:
        """At the wanted place, in order, long enough, inside the window, with the worth that was wanted."""

        def broken(rule: str, zh: str, en: str, *, timed: bool = True) -> None:
            named_zh, named_en = self.words.stop(stop.id, timed=timed)
            self.broken(rule, f"{named_zh} {zh}", f"{named_en} {en}", team=tour.name, stop=stop.id)

        numbers = (stop.arrive_s, stop.start_s, stop.leave_s, stop.travel_s, stop.travel_m, stop.x, stop.y, stop.worth)
        if not all(math.isfinite(value) for value in numbers):
            broken("number", "有缺失的数值", "has a missing number")
        if self._misplaced(tour, stop):
            broken("place", "的位置与需求不符", "is not where it was wanted")
        if not stop.arrive_s - TOLERANCE_S <= stop.start_s <= stop.leave_s:
            broken("order", "的到达、开始、离开不成先后", "has arrival, start and leaving out of order")
        wish = self._wish(tour, stop)
        if wish is None:
            return
        dwell, opens, closes, worth, must = wish
        if not stop.leave_s - stop.start_s >= dwell - TOLERANCE_S:
            broken("dwell", f"停留不足 {dwell / 60:.0f} 分钟", f"is shorter than {dwell / 60:.0f} min")
        if not opens - TOLERANCE_S <= stop.start_s <= closes + TOLERANCE_S:
            (open_zh, open_en), begins = self.words.span(opens, closes), self.words.at(stop.start_s)
            zh, en = (
                f"在 {begins} 开始,应在 {open_zh} 之间开始",
                f"starts at {begins}; it should start within {open_en}",
            )
            broken("window", zh, en, timed=False)
        if not abs(stop.worth - worth) <= 1e-6 or stop.must != must:
            broken("worth", "的价值或必巡标记被改动", "has another worth or must than was wanted")

    def _wish(self, tour: "TeamTour", stop: "PlannedStop") -> tuple[float, float, float, float, bool] | None:
        """Dwell, window, worth and must of a visit as wanted; None for a visit nobody wanted."""
        team = self.crew[tour.name]
        if stop.kind == "break":
            end = self.plan.shift_s if team.end_s is None else team.end_s
            closes = end - team.break_s if team.break_to_s is None else team.break_to_s
            return team.break_s, team.break_from_s, closes, 0.0, True
        row = self.wanted.get(stop.id)
        if row is None:
            return None
        dwell, opens, closes, worth = (float(row[name]) for name in ("dwell_s", "open_s", "close_s", "worth"))
        return dwell, opens, closes, worth, bool(row["must"])

    def judge_members(self, tour: "TeamTour", *, cross_beats: bool) -> None:
        """Stops of the own beat only, within the team's skills, none outside the district."""
        own = self.crew[tour.name].beat
        team_zh, team_en = self.words.team(tour.name)
        for stop in tour.stops:
            stop_zh, stop_en = self.words.stop(stop.id)
            row = self.wanted.get(stop.id, {})
            beat = row.get("beat", -1)
            if not cross_beats and beat >= 0 and own >= 0 and beat != own:
                beat_zh, beat_en = self.words.beat(int(beat))
                zh, en = f"{stop_zh} 属 {beat_zh},不归 {team_zh}", f"{stop_en} is of {beat_en}, not of {team_en}"
                self.broken("beat", zh, en, team=tour.name, stop=stop.id)
            lacking = _names(row.get("skills")) - set(self.crew[tour.name].skills)
            if lacking:
                names = ", ".join(sorted(lacking))
                zh, en = (
                    f"{stop_zh} 需要 {team_zh} 没有的技能:{names}",
                    f"{stop_en} needs skills {team_en} lacks: {names}",
                )
                self.broken("skill", zh, en, team=tour.name, stop=stop.id)
            if row.get("outside") == True:  # noqa: E712 - a missing mark is no mark
                zh, en = f"{stop_zh} 在辖区之外", f"{stop_en} lies outside the district"
                self.broken("outside", zh, en, team=tour.name, stop=stop.id)

    def judge_spacing(self, spacing_s: float) -> None:
        """Starts at one place at least the spacing apart, whichever team comes."""
        places = {stop: str(row.get("stop", stop)) for stop, row in self.wanted.items()}
        visits = sorted(
            (places.get(stop.id, stop.stop), stop.start_s, stop.id, tour.name)
            for tour in self.plan.teams
            for stop in tour.stops
        )
        for (place, first, _, _), (again, second, stop, team) in pairwise(visits):
            if place == again and not second - first >= spacing_s - TOLERANCE_S:
                (stop_zh, stop_en), (gap_zh, gap_en) = self.words.stop(stop), minutes(second - first)
                (due_zh, due_en) = minutes(spacing_s)
                zh = f"{stop_zh} 距同一地点上次巡查仅 {gap_zh},应至少 {due_zh}"
                en = f"{stop_en} comes {gap_en} after the last visit to the same place; {due_en} are due"
                self.broken("spacing", zh, en, team=team, stop=stop)

    def judge_totals(self) -> None:
        """Sums taken again from the wanted visits."""
        ids = [stop.id for tour in self.plan.teams for stop in tour.stops if stop.id in self.wanted]
        sums = {
            "worth_served": sum(float(self.wanted[stop]["worth"]) for stop in ids),
            "worth_wanted": sum(float(row["worth"]) for row in self.wanted.values()),
            "visits_served": len(ids),
            "visits_wanted": len(self.wanted),
            "must_served": sum(bool(self.wanted[stop]["must"]) for stop in ids),
            "must_wanted": sum(bool(row["must"]) for row in self.wanted.values()),
            "travel_s": sum(tour.travel_s for tour in self.plan.teams),
            "travel_m": sum(tour.travel_m for tour in self.plan.teams),
            "worth_cv": _variation([self._worth(tour) for tour in self.plan.teams]),
            "work_cv": _variation([self._work(tour) for tour in self.plan.teams]),
        }
        for name, value in sums.items():
            slack = TOLERANCE_S if name.startswith("travel") else 1e-6 * max(1.0, abs(value))
            slack = 1e-3 if name.endswith("_cv") else slack
            if not abs(float(getattr(self.plan.totals, name)) - value) <= slack:
                zh, en = SUMS[name]
                self.broken("totals", f"合计“{zh}”应为 {_sum(name, value)}", f"{en} should be {_sum(name, value)}")

    def _worth(self, tour: "TeamTour") -> float:
        return sum(float(self.wanted[stop.id]["worth"]) for stop in tour.stops if stop.id in self.wanted)

    def _work(self, tour: "TeamTour") -> float:
        """The share of its duty that a team is on the way or at stops."""
        team = self.crew.get(tour.name)
        begin = tour.start_s if team is None else team.start_s
        end = tour.end_s if team is None else (self.plan.shift_s if team.end_s is None else team.end_s)
        stops = sum(stop.leave_s - stop.start_s for stop in tour.stops if stop.kind != "break")
        return (tour.travel_s + stops) / (end - begin)


def _sum(name: str, value: float) -> str:
    return minutes(value)[1] if name == "travel_s" else f"{value:g}"


def _variation(loads: list[float]) -> float:
    """Standard deviation over mean; 0 where there is no load."""
    mean = sum(loads) / len(loads) if loads else 0.0
    return math.sqrt(sum((load - mean) ** 2 for load in loads) / len(loads)) / mean if mean > 0 else 0.0


def _names(value: Any) -> set[str]:
    """Skills as a set, from a list or a string with commas; a missing value is none."""
    if value is None or isinstance(value, float):
        return set()
    parts = re.split("[,，、]", value) if isinstance(value, str) else value
    return {str(part).strip() for part in parts} - {""}


def _differ(planned: XY, streets: XY) -> bool:
    """Whether seconds or metres written in the plan are not those of the streets."""
    return not (abs(planned[0] - streets[0]) <= TOLERANCE_S and abs(planned[1] - streets[1]) <= TOLERANCE_M)
