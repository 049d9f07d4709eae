"""A running plan mended: something urgent, a team less, a late start, a closed street. What is done or current stands.

The goal, in this order: most urgent stops; most must-visits; then worth served less a price for every changed stop; then
short ways. Where nothing has to be mended, nothing changes. Breaks and locked stops stay with
their team. A beat whose last team dropped out is open to all. It never moves a stop that is done or at which a team is.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from gis.patrol._repair import Course, Rest, copy_course, empty_course, mend, put_in, settle
from gis.patrol._room import keep_most, make_way
from gis.patrol._standing import (
    Standing,
    dwell_s,
    leaving,
    planned_stop,
    standings,
    totals_of,
    written_tour,
)
from gis.patrol.difference import RETIMED_S, Difference, difference
from gis.patrol.document import Document, as_document, as_plan, carried_over, clock, locked_ids
from gis.patrol.edit import BY_HAND
from gis.patrol.judge import Violation
from gis.patrol.judge_document import judge_document
from gis.patrol.news import News, Urgent
from gis.patrol.shift import Shift
from gis.patrol.tours import Plan, PlannedStop, Team, TeamTour, Unserved, left_out
from gis.patrol.travel import TravelTimes
from gis.random_stream import stream

__all__ = ["News", "ReplanOptions", "Replanned", "Urgent", "difference", "replan", "warm"]

_NO_WAY_S = 1e12
_ROUNDS_A_CALL = 10


@dataclass(frozen=True)
class ReplanOptions:
    """How hard to mend, and what a change costs.

    Parameters
    ----------
    time_limit_s
        Wall time from the call to the end of the search, not counting compilation; writing and judging the answer come on
        top, about 0.1 s for 12 teams.
    rounds
        Rounds instead of the time limit: then the same input and seed give the same plan on every machine.
    seed
        Of the search.
    change_cost
        What moving a planned stop to another team, dropping it, or taking up one that was left out must bring, in mean
        worth of a planned visit.
    retimed_s, retimed_cost
        A start that moves by more seconds costs so much, in the same unit.
    travel_worth
        What ten minutes of travel cost, in the same unit.
    """

    time_limit_s: float = 0.6
    rounds: int | None = None
    seed: int = 1
    change_cost: float = 1.0
    retimed_s: float = RETIMED_S
    retimed_cost: float = 0.1
    travel_worth: float = 0.02

    def __post_init__(self) -> None:
        costs = (self.change_cost, self.retimed_s, self.retimed_cost, self.travel_worth)
        if not self.time_limit_s > 0 or (self.rounds is not None and self.rounds < 0) or not min(costs) >= 0:
            raise InputError(
                zh="调整设置不合理:时限须大于 0,其余不得为负。",
                en="These options of re-planning make no sense: the time limit must be above 0, nothing negative.",
            )


@dataclass(frozen=True)
class Replanned:
    """The mended plan.

    Parameters
    ----------
    plan
        The new document; ``running`` in it holds the news, with the teams that dropped out earlier.
    shift
        The shift with the urgent stops among the wanted.
    changes
        What became of each stop.
    broken
        What the independent judge finds: empty but where the news leave no way to keep a rule, such as a team so late
        that it cannot be home in time.
    """

    plan: Document
    shift: Shift
    changes: Difference
    broken: tuple[Violation, ...]

    @property
    def news(self) -> News:
        """The news with the teams that dropped out earlier."""
        return News.from_dict(self.plan["running"]["news"])


def replan(
    plan: Plan | Mapping[str, Any], shift: Shift, news: News, *, options: ReplanOptions | None = None
) -> Replanned:
    """A plan for the rest of the shift that keeps what is done and changes little else.

    Parameters
    ----------
    plan
        The running plan or its document.
    shift
        What it was made from. Its travel times must hold the places of urgent stops; where a street is closed, they are
        those without it.
    news
        The moment and what happened.

    Returns
    -------
    replanned
        What cannot be kept is in ``unserved`` of the document with its reason.

    Raises
    ------
    InputError
        News about stops or teams that the plan does not have, or a team at two stops at once.
    PlanError
        A place that the travel times do not hold; a team cut off from its end.
    """
    options, begun = options or ReplanOptions(), perf_counter()
    old = as_document(plan)
    gone = sorted({*news.dropped, *old.get("running", {}).get("news", {}).get("dropped", ())})
    news = replace(news, dropped=tuple(gone))
    shift = shift.with_stops([item.as_visit(news.now_s) for item in news.urgent])
    task = _task(as_plan(plan), old, shift, news, options)
    course = _mended(task, options, begun)
    new = _written(task, course)
    document = carried_over(new, old) | {"running": {"now_s": float(news.now_s), "news": news.to_dict()}}
    broken = tuple(judge_document(document, shift, before=old, news=news))
    if "checked" in document:
        document["checked"] = {"ok": not broken, "broken": [asdict(item) for item in broken]}
    return Replanned(document, shift, difference(plan, new, retimed_s=options.retimed_s), broken)


def warm() -> None:
    """Compile the search, so that the first news are answered as fast as the next; the compiled search is kept on disk."""
    team = Team("T", (0.0, 0.0))
    tour = TeamTour("T", -1, team.mode, (0.0, 0.0), (0.0, 0.0), 0.0, 3600.0, 0.0, 0.0, 0.0, 0.0, 0.0, ())
    urgent = Urgent("u", 0.0, 0.0, 60.0, 3600.0)
    stops = pd.DataFrame([urgent.as_visit(0.0)])
    shift = Shift(stops, (team,), TravelTimes.straight(stops, (team,), mode=team.mode), 3600.0)
    plan = Plan("", "", "", None, 3600.0, (tour,), (), totals_of(shift, (tour,)), 1, "", "")
    replan(plan, shift, News(0.0, urgent=(urgent,)), options=ReplanOptions(rounds=1))


@dataclass(frozen=True, eq=False)
class _Task:
    """A plan to mend: visits still to come by number, teams that go on, and the compiled problem."""

    plan: Plan
    shift: Shift
    news: News
    standing: Mapping[str, Standing]
    stops: tuple[PlannedStop, ...]
    crew: tuple[Team, ...]
    orders: tuple[npt.NDArray[np.int64], ...]
    rest: Rest


def _task(plan: Plan, old: Document, shift: Shift, news: News, options: ReplanOptions) -> _Task:
    standing = standings(plan, shift, news)
    fixed = {stop.id for item in standing.values() for stop in item.fixed}
    served = {stop.id: (tour.name, stop) for tour in plan.teams for stop in tour.stops if stop.id not in fixed}
    crew = tuple(shift.team(tour.name) for tour in plan.teams if tour.name not in news.dropped)
    by_hand = {item.id for item in plan.unserved if item.rule == BY_HAND}
    ids = [visit for visit, (team, stop) in served.items() if stop.kind != "break" or team not in news.dropped]
    for visit, row in shift.visits.items():
        if visit not in served and visit not in fixed and visit not in by_hand and row["close_s"] >= news.now_s:
            ids.append(visit)
    known = {visit: stop for visit, (_, stop) in served.items()}
    stops = tuple(planned_stop(shift, visit, known) for visit in ids)
    number = {visit: v for v, visit in enumerate(ids)}
    orders = tuple(
        np.array([number[stop.id] for stop in tour.stops if stop.id in number], dtype=np.int64)
        for tour in plan.teams
        if tour.name not in news.dropped
    )
    home = {visit: team for visit, (team, _) in served.items()}
    rest = _rest(_Ground(shift, news, crew, stops, home, locked_ids(old), standing), options)
    return _Task(plan, shift, news, standing, stops, crew, orders, rest)


@dataclass(frozen=True, eq=False)
class _Ground:
    """What the arrays are made from: ``home`` is the team that had a visit."""

    shift: Shift
    news: News
    crew: tuple[Team, ...]
    stops: tuple[PlannedStop, ...]
    home: Mapping[str, str]
    locked: set[str]
    standing: Mapping[str, Standing]


def _rest(ground: _Ground, options: ReplanOptions) -> Rest:
    shift, crew, stops = ground.shift, ground.crew, ground.stops
    base, travel, metres, modes = _ways(shift, crew)
    names = [team.name for team in crew]
    was = np.array(
        [
            -1 if (had := ground.home.get(stop.id)) is None else names.index(had) if had in names else len(crew)
            for stop in stops
        ],
        dtype=np.int64,
    )
    mean = _mean_worth(ground)
    gain, keeps, owed = _gains(ground, was, options.change_cost * mean)
    low, high = _bounds(ground)
    standing = [ground.standing[team.name] for team in crew]
    ids = [stop.id for stop in stops]
    toward = [ids.index(item.toward) if item.toward in ids else -1 for item in standing]
    mates, mates_from, mates_to, mate_at = _mates(stops)
    return Rest(
        loc=base.rows(np.array([(stop.x, stop.y) for stop in stops], dtype=float).reshape(-1, 2)),
        out=base.rows(np.array([leaving(stop) for stop in stops], dtype=float).reshape(-1, 2)),
        dwell=np.array([dwell_s(shift, stop) for stop in stops], dtype=float),
        low=low,
        high=high,
        gain=gain,
        keeps=keeps,
        owed=owed,
        was=was,
        began=np.array([stop.start_s for stop in stops], dtype=float),
        allowed=_allowed(ground),
        travel=travel,
        metres=metres,
        mode=np.array([modes.index(team.mode) for team in crew], dtype=np.int64),
        origin=base.rows(np.array([item.place for item in standing], dtype=float).reshape(-1, 2)),
        ready=np.array([item.ready_s for item in standing], dtype=float),
        toward=np.array(toward, dtype=np.int64),
        toward_s=np.array([item.toward_s for item in standing], dtype=float),
        end_loc=base.rows(np.array([team.end_xy or team.start_xy for team in crew], dtype=float).reshape(-1, 2)),
        end_s=np.array([team.off_duty_s(shift.shift_s) for team in crew], dtype=float),
        most_s=np.array([_still(shift, team, ground.standing[team.name], 0) for team in crew], dtype=float),
        most_m=np.array([_still(shift, team, ground.standing[team.name], 1) for team in crew], dtype=float),
        mates=mates,
        mates_from=mates_from,
        mates_to=mates_to,
        mate_at=mate_at,
        spacing=float(shift.spacing_s),
        retimed_s=float(options.retimed_s),
        retimed_cost=options.retimed_cost * mean,
        travel_weight=options.travel_worth * mean / 600.0,
    )


def _still(shift: Shift, team: Team, standing: Standing, which: int) -> float:
    """What a team may still travel: seconds (0) or metres (1)."""
    most = (team.max_travel_s, team.max_travel_m)[which]
    if most is None:
        return math.inf
    gone = sum((stop.travel_s, stop.travel_m)[which] for stop in standing.fixed)
    if standing.came_from is not None:
        gone += shift.way(team, standing.came_from, standing.place)[which]
    return most - gone


def _ways(
    shift: Shift, crew: tuple[Team, ...]
) -> tuple[TravelTimes, npt.NDArray[np.float64], npt.NDArray[np.float64], list[str]]:
    """One numbering of places for all modes; seconds and metres by mode."""
    by_mode = {team.mode: shift.times(team) for team in crew or shift.teams}
    modes = sorted(by_mode)
    base = by_mode[modes[0]]
    rows = [by_mode[mode].rows(base.xy) for mode in modes]
    seconds, metres = (
        np.stack([getattr(by_mode[mode], name)[np.ix_(row, row)] for mode, row in zip(modes, rows, strict=True)])
        for name in ("seconds", "metres")
    )
    return base, np.minimum(seconds, _NO_WAY_S), np.ascontiguousarray(metres), modes


def _mean_worth(ground: _Ground) -> float:
    worth = [stop.worth for stop in ground.stops if stop.id in ground.home and stop.kind != "break"]
    return float(np.mean(worth)) if worth and sum(worth) > 0 else 1.0


def _gains(
    ground: _Ground, was: npt.NDArray[np.int64], change: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """What each visit brings, what its old team brings beyond, and which are owed."""
    stops, urgent = ground.stops, {item.id for item in ground.news.urgent}
    worth = np.array([stop.worth for stop in stops], dtype=float)
    must = np.array([stop.must or stop.id in ground.locked for stop in stops], dtype=bool)
    first = np.array([stop.id in urgent for stop in stops], dtype=bool)
    rest = np.array([stop.kind == "break" for stop in stops], dtype=bool)
    planned = was >= 0
    # A must-visit more than all that is optional, an urgent stop more than all must-visits, and a break is the law.
    heavy = 1.0 + worth.sum() + 2.0 * change * len(stops)
    gain = worth - np.where(planned | must, 0.0, change)
    gain += heavy * (must + len(stops) * first) + heavy * len(stops) * (2.0 + first.sum()) * rest
    keeps = np.where(planned & (was < len(ground.crew)), change, 0.0)
    return gain, keeps, planned | must


def _bounds(ground: _Ground) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Earliest and latest start by window, by the moment, and by visits already done at the place."""
    done: dict[str, float] = {}
    for item in ground.standing.values():
        for stop in item.fixed:
            done[stop.stop] = max(done.get(stop.stop, -np.inf), stop.start_s)
    now, spacing = ground.news.now_s, ground.shift.spacing_s
    low = [max(stop.open_s, now, done.get(stop.stop, -np.inf) + spacing) for stop in ground.stops]
    return np.array(low, dtype=float), np.array([stop.close_s for stop in ground.stops], dtype=float)


def _allowed(ground: _Ground) -> npt.NDArray[np.uint8]:
    held = {team.beat for team in ground.crew}
    may = np.zeros((len(ground.crew), len(ground.stops)), dtype=np.uint8)
    for v, stop in enumerate(ground.stops):
        own = stop.kind == "break" or stop.id in ground.locked
        row = {} if stop.kind == "break" else ground.shift.visit(stop.id)
        if row and row["beat"] not in held:
            row = row | {"beat": -1}
        for r, team in enumerate(ground.crew):
            mine = ground.home.get(stop.id) == team.name
            may[r, v] = mine if own else ground.shift.may_serve(team, row)
    return may


def _mates(stops: tuple[PlannedStop, ...]) -> tuple[npt.NDArray[np.int64], ...]:
    """Visits of one place in order of their windows: the list, its ends for each visit, and the visit's place in it."""
    places = {name: number for number, name in enumerate(dict.fromkeys(stop.stop for stop in stops))}
    key = np.array([places[stop.stop] for stop in stops], dtype=np.int64)
    windows = np.array([(stop.open_s, stop.close_s) for stop in stops], dtype=float).reshape(-1, 2)
    order = np.lexsort((np.arange(len(stops)), windows[:, 1], windows[:, 0], key))
    at = np.empty(len(stops), dtype=np.int64)
    at[order] = np.arange(len(stops))
    ordered = key[order]
    return order, np.searchsorted(ordered, key, "left"), np.searchsorted(ordered, key, "right"), at


def _mended(task: _Task, options: ReplanOptions, begun: float) -> Course:
    """The tours as they were where they can be walked; else searched until the limit."""
    rest, visits, teams = task.rest, len(task.stops), len(task.crew)
    now, trial, best = (empty_course(visits, teams) for _ in range(3))
    place = np.full(visits, -1, dtype=np.int64)
    for r, order in enumerate(task.orders):
        settle(rest, now, r, order[:0], 0, place)
        if not settle(rest, now, r, order, len(order), place):
            keep_most(rest, now, r, order, -rest.gain[order], place)
    owed = np.flatnonzero(rest.owed & (now.team < 0))
    # What no team may or can serve at all is not worth a search.
    owed = owed[rest.allowed[:, owed].any(axis=0)] if teams else owed[:0]
    # A must-visit that was left out before is taken up where there is a search, but is no news that asks for one.
    urgent = {item.id for item in task.news.urgent}
    if not any(rest.was[v] >= 0 or task.stops[v].id in urgent for v in owed):
        return now
    state = stream(options.seed)
    put_in(rest, now, owed, 0.0, state, place)
    for v in owed:
        if now.team[v] < 0 and task.stops[v].id in urgent:
            make_way(rest, now, trial, int(v), place)
    copy_course(now, best)
    limit, rounds = options.rounds, 0
    while rounds < limit if limit is not None else perf_counter() - begun < options.time_limit_s:
        steps = _ROUNDS_A_CALL if limit is None else min(_ROUNDS_A_CALL, limit - rounds)
        part = rounds / limit if limit else min(1.0, (perf_counter() - begun) / options.time_limit_s)
        mend(rest, now, trial, best, state, steps, rest.retimed_cost * (1.001 - part))
        rounds += steps
    return best


def _written(task: _Task, course: Course) -> Plan:
    names = [team.name for team in task.crew]
    tours = []
    for tour in task.plan.teams:
        if tour.name in names:
            r = names.index(tour.name)
            visits = course.visit[r, : course.size[r]]
            stops = [task.stops[v] for v in visits]
            starts = course.start[r, : course.size[r]].tolist()
            tours.append(written_tour(task.shift, tour, task.standing[tour.name], stops, starts))
        else:
            tours.append(_ended(task, tour))
    plan = replace(task.plan, teams=tuple(tours), unserved=_unserved(task, course))
    if plan.teams == task.plan.teams and plan.unserved == task.plan.unserved:
        return task.plan
    return replace(plan, totals=totals_of(task.shift, plan.teams))


def _ended(task: _Task, tour: TeamTour) -> TeamTour:
    """A team that does no more goes home from where it is."""
    standing = task.standing[tour.name]
    if len(tour.stops) == len(standing.fixed):
        return tour
    ended = written_tour(task.shift, tour, standing, [], [])
    return replace(ended, end_s=max(tour.start_s, min(tour.end_s, task.news.now_s)))


def _unserved(task: _Task, course: Course) -> tuple[Unserved, ...]:
    """What was left out before and still is, with its reason as it was; then what is left out now."""
    served = {task.stops[v].id for v in np.flatnonzero(course.team >= 0)}
    known = [item for item in task.plan.unserved if item.id not in served]
    before = {item.id for item in known}
    fresh = [
        left_out(stop, *_reason(task, v))
        for v, stop in enumerate(task.stops)
        if course.team[v] < 0 and stop.kind != "break" and stop.id not in before
    ]
    return (*known, *sorted(fresh, key=lambda item: (not item.must, -item.worth, item.id)))


def _too_long(rest: Rest, r: int, v: int) -> bool:
    """Whether going to one visit and home alone is more than a team may still travel."""
    mode, there, back = rest.mode[r], (rest.origin[r], rest.loc[v]), (rest.out[v], rest.end_loc[r])
    seconds, metres = (each[mode][there] + each[mode][back] for each in (rest.travel, rest.metres))
    return bool(seconds > rest.most_s[r] or metres > rest.most_m[r])


def _reason(task: _Task, v: int) -> tuple[str, str, str]:
    rest = task.rest
    able = np.flatnonzero(rest.allowed[:, v])
    if not len(able):
        return "no_team", "没有队伍可以去", "no team may go there"
    soonest = np.maximum(rest.ready[able] + rest.travel[rest.mode[able], rest.origin[able], rest.loc[v]], rest.low[v])
    nearest = int(soonest.argmin())
    if soonest[nearest] >= _NO_WAY_S:
        return "unreachable", "没有队伍能走到", "no way leads there for any team"
    if soonest[nearest] > rest.high[v]:
        team = task.crew[able[nearest]].name
        late = int(np.ceil((soonest[nearest] - rest.high[v]) / 60))
        at, by = clock(task.plan, float(soonest[nearest])), clock(task.plan, float(rest.high[v]))
        return (
            "window",
            f"{team} 最早 {at} 才能到,须在 {by} 前开始,晚 {late} 分钟",
            f"{team} is there at {at} at the earliest, {late} min after {by}",
        )
    # Only who is there in time counts from here on, then only who is home in time as well.
    able, soonest = able[soonest <= rest.high[v]], soonest[soonest <= rest.high[v]]
    ends = soonest + rest.dwell[v] + rest.travel[rest.mode[able], rest.out[v], rest.end_loc[able]]
    if ends.min() >= _NO_WAY_S:
        return "unreachable", "没有队伍去了以后能走回终点", "no way leads back from there for any team"
    over = ends - rest.end_s[able]
    if (over > 0).all():
        best = int(over.argmin())
        team, late = task.crew[able[best]].name, int(np.ceil(over[best] / 60))
        off = clock(task.plan, float(rest.end_s[able[best]]))
        return (
            "shift",
            f"{team} 去了以后 {off} 下班前回不来,晚 {late} 分钟",
            f"{team} would be back {late} min after the end of its time at {off}",
        )
    if all(_too_long(rest, r, v) for r in able[over <= 0]):
        return "walking", "去和回的路程超过队伍的最长路程", "the way there and back is more than the teams may travel"
    if task.stops[v].id in {item.id for item in task.news.urgent}:
        return "time", "队伍的时间用于休息和其他紧急地点", "the teams' time goes to breaks and other urgent places"
    return (
        "time",
        "调整后队伍的时间用于必巡点和价值更高的停留点",
        "after the change the teams' time goes to must-visits and stops of more worth",
    )
