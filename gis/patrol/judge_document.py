"""The gate before publishing: a stored plan document judged again, whole or part done. It repairs nothing.

It shares no code with what plans, edits or re-plans. A part-done plan is judged as what it is: a head that must stand as it
stood, and a rest that must be walkable from where each team is; the rest goes through ``judge_plan`` as a plan of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gis.patrol.judge import TOLERANCE_S, Violation, judge_plan
from gis.patrol.judge_words import Words, moment
from gis.patrol.tours import FORMAT, Plan, PlannedStop, Team, TeamTour

if TYPE_CHECKING:
    import pandas as pd

    from gis.patrol.news import News
    from gis.patrol.shift import Shift

XY = tuple[float, float]


def judge_document(
    document: Mapping[str, Any],
    shift: "Shift",
    *,
    before: Mapping[str, Any] | None = None,
    news: "News | None" = None,
) -> list[Violation]:
    """Every rule that a stored plan breaks; an empty list means that it may be published.

    Parameters
    ----------
    document
        ``Plan.to_dict``, with whatever else is stored in it.
    shift
        What it was made from, urgent stops included.
    before, news
        For a plan changed while it runs: the document that was running, and what happened. Not given: the document is a
        plan for the whole shift.

    Returns
    -------
    violations
        Rules of ``judge_plan``, and: ``document`` (cannot be read, or says it is of another shift), ``clock`` (a written
        time of day is not its second), ``done`` (a done or current stop was changed), ``past`` (a stop begins before
        the moment of the news).
    """
    try:
        plan = Plan.from_dict(document)
        teams_en = {team["name"]: str(team.get("name_en") or "") for team in document["teams"]}
        words = _words(plan, shift, teams_en)
        found = _judge_clock(document, words) + _judge_frame(document, plan, shift)
        if news is None:
            return found + judge_plan(
                plan,
                shift.stops,
                shift.teams,
                shift.travel,
                spacing_s=shift.spacing_s,
                cross_beats=shift.cross_beats,
                teams_en=teams_en,
            )
        old = Plan.from_dict(document if before is None else before)
        return found + _Running(plan, old, shift, news, teams_en).judge()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        return [Violation("document", f"方案文档读不出:{what}", f"the plan document cannot be read: {what}")]


def _words(plan: Plan, shift: "Shift", teams_en: Mapping[str, str]) -> Words:
    wanted = {str(row["id"]): dict(row) for row in shift.stops.to_dict("records")}
    return Words(plan, wanted, {team.name: team for team in shift.teams}, teams_en)


def _judge_frame(document: Mapping[str, Any], plan: Plan, shift: "Shift") -> list[Violation]:
    found = []
    if document.get("format") != FORMAT:
        found.append(
            Violation("document", f"文档格式不是 {FORMAT}", f"the document is not of format {FORMAT}"),
        )
    if not abs(plan.shift_s - shift.shift_s) <= TOLERANCE_S:
        found.append(Violation("document", "班次时长不符", "the shift has another length"))
    return found


def _judge_clock(document: Mapping[str, Any], words: Words) -> list[Violation]:
    """Times of day, where written, are those of their seconds."""
    start = document["shift_start"]
    found = []
    for team in document["teams"]:
        pairs = [("", name, team.get(name), team[f"{name}_s"]) for name in ("leave", "back")]
        for stop in team["stops"]:
            pairs += [(stop["id"], name, stop.get(name), stop[f"{name}_s"]) for name in ("arrive", "start", "leave")]
        for visit, name, written, seconds in pairs:
            if written is None:
                continue
            gap = (
                (datetime.fromisoformat(written) - datetime.fromisoformat(start)).total_seconds() if start else math.nan
            )
            if not abs(gap - seconds) <= TOLERANCE_S:
                whose_zh, whose_en = words.stop(visit, timed=False) if visit else words.team(team["name"])
                name_zh, name_en = moment(name)
                zh = f"{whose_zh} 写明的{name_zh}时刻与方案的时间不符"
                en = f"{whose_en}: the written time of {name_en} is not that of the plan"
                found.append(Violation("clock", zh, en, team["name"], visit))
    return found


@dataclass(frozen=True)
class _Spot:
    """Where a team is: what stands before it, where it is free for something else and from when.

    ``toward`` is the visit to which it went from ``place``, at ``left_s``; ``here`` is that place too, or where it waits.
    """

    head: tuple[PlannedStop, ...]
    place: XY
    here: XY
    free_s: float
    toward: str
    left_s: float
    begun: bool


def _left_at(stop: PlannedStop) -> XY:
    return (stop.x if stop.exit_x is None else stop.exit_x, stop.y if stop.exit_y is None else stop.exit_y)


class _Running:
    """A part-done plan before its judge."""

    def __init__(self, plan: Plan, old: Plan, shift: "Shift", news: "News", teams_en: Mapping[str, str]) -> None:
        self._plan, self._old, self._shift, self._news = plan, old, shift, news
        self._crew = {team.name: team for team in shift.teams}
        self._gone = set(news.dropped)
        self._teams_en = teams_en
        self._words = _words(plan, shift, teams_en)
        self._found: list[Violation] = []

    def judge(self) -> list[Violation]:
        """Head, rest, and both together."""
        spots = {tour.name: self._spot(tour) for tour in self._old.teams if tour.name in self._crew}
        rest = [
            cut
            for tour in self._plan.teams
            if tour.name in spots and (cut := self._cut(tour, spots[tour.name])) is not None
        ]
        for name in self._crew.keys() - {tour.name for tour in self._plan.teams}:
            team_zh, team_en = self._words.team(name)
            self._broken("team", f"队伍“{team_zh}”缺失", f"team '{team_en}' is missing", team=name)
        seen = {stop.id for spot in spots.values() for stop in spot.head}
        self._judge_rest(rest, seen)
        self._judge_spacing(seen)
        return self._found

    def _broken(self, rule: str, zh: str, en: str, *, team: str = "", stop: str = "") -> None:
        self._found.append(Violation(rule, zh, en, team, stop))

    def _spot(self, tour: TeamTour) -> _Spot:
        team, news, now = self._crew[tour.name], self._news, self._news.now_s
        late = float(news.late.get(tour.name, -math.inf))
        if news.done is None:
            done = [stop for stop in tour.stops if stop.leave_s <= now]
            here = [stop for stop in tour.stops if stop.start_s <= now < stop.leave_s]
        else:
            done = [stop for stop in tour.stops if stop.id in news.done]
            here = [stop for stop in tour.stops if stop.id in (news.current or {}) and stop.id not in news.done]
        here = [] if tour.name in self._gone else here[:1]
        head = (*done, *here)
        waiting = [stop for stop in tour.stops if stop not in head]
        first = waiting[0].id if waiting else ""
        if here:
            stop = here[0]
            start = (news.current or {}).get(stop.id)
            end = (stop.start_s if start is None else start) + stop.leave_s - stop.start_s
            return _Spot(head, _left_at(stop), _left_at(stop), max(end, now, late), "", math.inf, begun=True)
        if done:
            place, planned = _left_at(done[-1]), done[-1].leave_s
            told = (news.done or {}).get(done[-1].id)
            left = min(now, planned if told is None else told)
        else:
            place, planned, left = team.start_xy, tour.leave_s, max(tour.leave_s, late)
            if left >= now or not first:
                return _Spot((), place, place, max(now, team.start_s, late), "", math.inf, begun=False)
        goal = (waiting[0].x, waiting[0].y) if waiting else team.end_xy or team.start_xy
        arrives = (waiting[0].arrive_s if waiting else tour.back_s) + left - planned
        if now >= max(arrives, left + self._seconds(team, place, goal)):
            return _Spot(head, place, goal, max(now, late), first, left, begun=True)
        # Half way to somewhere: it is no farther from the last place than it can have come, and may have to go back.
        return _Spot(head, place, place, max(now + now - left, late), first, left, begun=True)

    def _seconds(self, team: Team, a: XY, b: XY) -> float:
        travel = self._shift.travel
        times = travel[team.mode] if isinstance(travel, Mapping) else travel
        at = {(round(float(x), 3), round(float(y), 3)): row for row, (x, y) in enumerate(times.xy)}
        i, j = (at.get((round(xy[0], 3), round(xy[1], 3)), -1) for xy in (a, b))
        return math.inf if min(i, j) < 0 else float(times.seconds[i, j])

    def _cut(self, tour: TeamTour, spot: _Spot) -> tuple[TeamTour, Team] | None:
        """The tour without its head, and the team where it stands; None for a team that does no more."""
        for number, stop in enumerate(tour.stops, 1):
            if stop.order != number:
                zh, en = self._words.stop(stop.id)
                self._broken("order", f"{zh} 序号不连续", f"{en} is out of number", team=tour.name, stop=stop.id)
        count = len(spot.head)
        for stop, kept in zip(spot.head, (*tour.stops[:count], *[None] * count), strict=False):
            if kept is None or replace(kept, order=stop.order) != stop:
                zh, en = self._words.stop(stop.id)
                zh, en = f"{zh} 已完成或正在进行,不得改动", f"{en} is done or current and was changed"
                self._broken("done", zh, en, team=tour.name, stop=stop.id)
        rest = tour.stops[count:]
        late = float(self._news.late.get(tour.name, -math.inf))
        for stop in rest:
            if stop.start_s < max(self._news.now_s, late) - TOLERANCE_S:
                (zh, en), now = self._words.stop(stop.id), self._words.at(self._news.now_s)
                begins = self._words.at(stop.start_s)
                zh = f"{zh} 在 {begins} 开始,早于调整时刻 {now} 或队伍能到的时刻"
                en = f"{en} begins at {begins}, before the change at {now} or before its team is there"
                self._broken("past", zh, en, team=tour.name, stop=stop.id)
        if tour.name in self._gone:
            for stop in rest:
                (team_zh, team_en), (zh, en) = self._words.team(tour.name), self._words.stop(stop.id)
                zh, en = f"{team_zh} 已退出,不能去 {zh}", f"{team_en} dropped out and cannot go to {en}"
                self._broken("team", zh, en, team=tour.name, stop=stop.id)
            return None
        team = self._crew[tour.name]
        place = spot.place
        if not spot.begun:
            leave = rest[0].arrive_s - rest[0].travel_s if rest else tour.leave_s
            begin = spot.free_s if rest else leave
        else:
            # Whoever goes on to where it was going is not late by the turn it never took; so is one that goes home.
            straight_on = math.isfinite(spot.left_s) and (rest[0].id if rest else "") == spot.toward
            leave = begin = spot.left_s if straight_on else spot.free_s
            place = spot.place if straight_on else spot.here
        resting = team.break_s if not any(stop.kind == "break" for stop in spot.head) else 0.0
        walked = [sum(getattr(stop, name) for stop in tour.stops[:count]) for name in ("travel_s", "travel_m")]
        cut = replace(
            tour,
            leave_s=leave,
            stops=tuple(replace(stop, order=number) for number, stop in enumerate(rest, 1)),
            travel_s=tour.travel_s - walked[0],
            travel_m=tour.travel_m - walked[1],
        )
        end = self._plan.shift_s if team.end_s is None else team.end_s
        stands = replace(
            team,
            start_xy=place,
            end_xy=team.end_xy or team.start_xy,
            break_xy=team.break_xy or team.start_xy,
            # A team that is free only after its duty ended still has a duty, which its way home then oversteps.
            start_s=min(begin, end - 1.0),
            break_s=resting,
            max_travel_s=None if team.max_travel_s is None else team.max_travel_s - walked[0],
            max_travel_m=None if team.max_travel_m is None else team.max_travel_m - walked[1],
        )
        return cut, stands

    def _judge_rest(self, rest: list[tuple[TeamTour, Team]], seen: set[str]) -> None:
        """What is still to come, as a plan of its own."""
        stops = self._shift.stops
        stops = stops[~stops["id"].astype(str).isin(seen)].copy()
        teams = [team for _, team in rest]
        if "beat" in stops:
            # A beat that has lost its team is everybody's.
            held = {team.beat for team in teams}
            stops["beat"] = [beat if beat in held else -1 for beat in stops["beat"]]
        tours = tuple(tour for tour, _ in rest)
        left = tuple(item for item in self._plan.unserved if item.id not in seen)
        for item in self._plan.unserved:
            if item.id in seen:
                zh, en = self._words.stop(item.id)
                self._broken("duplicate", f"{zh} 已完成却列为未安排", f"{en} is done and left out", stop=item.id)
        found = self._judged(replace(self._plan, teams=tours, unserved=left), stops, teams)
        # The sums of the plan are those of the whole of it.
        self._found += [item for item in found if item.rule != "totals" or item.team]
        whole = self._judged(self._plan, self._shift.stops, self._shift.teams)
        self._found += [item for item in whole if item.rule == "totals" and not item.team]

    def _judged(self, plan: Plan, stops: "pd.DataFrame", teams: Sequence[Team]) -> list[Violation]:
        return judge_plan(
            plan,
            stops,
            teams,
            self._shift.travel,
            spacing_s=self._shift.spacing_s,
            cross_beats=self._shift.cross_beats,
            teams_en=self._teams_en,
        )

    def _judge_spacing(self, seen: set[str]) -> None:
        """A stop still to come keeps its distance from those done."""
        stops = [(stop, tour.name) for tour in self._plan.teams for stop in tour.stops if stop.kind != "break"]
        for old, _ in stops:
            for new, team in stops:
                if old.id not in seen or new.id in seen or old.stop != new.stop:
                    continue
                if abs(new.start_s - old.start_s) < self._shift.spacing_s - TOLERANCE_S:
                    zh, en = self._words.stop(new.id)
                    zh, en = f"{zh} 距已完成的巡查太近", f"{en} comes too soon after a visit already done"
                    self._broken("spacing", zh, en, team=team, stop=new.id)
