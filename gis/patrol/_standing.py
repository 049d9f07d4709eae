"""Where each team of a running shift stands, and tours written out with their times. It decides nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from gis.errors import InputError, PlanError
from gis.patrol._state import spread
from gis.patrol.news import News
from gis.patrol.shift import Shift
from gis.patrol.tours import XY, Plan, PlannedStop, Team, TeamTour, Totals

_SAME_S = 1e-3
"""Times nearer than this are the same moment: sums taken in another order differ by rounding."""


@dataclass(frozen=True)
class Standing:
    """A team at the moment its next stop is chosen.

    Parameters
    ----------
    fixed
        Stops done and current, in order; they never change.
    place, ready_s
        Where it is free for something else, and from when. A team on its way may turn back, so its ``ready_s`` holds the
        way back; a team that waits for its next stop is free where it waits.
    toward, toward_s
        The visit it is walking to or waiting for, and when it gets there; empty where it stands.
    came_from
        From where it goes on as planned, to that visit or home.
    home_s
        When it is home if it does nothing more; None where that follows from ``ready_s``.
    now_s
        Nothing new begins before.
    """

    fixed: tuple[PlannedStop, ...]
    place: XY
    ready_s: float
    toward: str = ""
    toward_s: float = math.inf
    came_from: XY | None = None
    home_s: float | None = None
    now_s: float = -math.inf


def standings(plan: Plan, shift: Shift, news: News | None) -> dict[str, Standing]:
    """Where every team of the plan stands; before the shift without news."""
    if news is None:
        return {
            tour.name: Standing((), shift.team(tour.name).start_xy, shift.team(tour.name).start_s)
            for tour in plan.teams
        }
    served = {stop.id for tour in plan.teams for stop in tour.stops}
    strange = sorted(({*(news.done or {}), *(news.current or {})}) - served)
    if strange:
        raise InputError(
            zh=f"已完成或正在进行的停留点不在方案里:{'、'.join(strange[:10])}。",
            en=f"Stops said to be done or current are not in the plan: {', '.join(strange[:10])}.",
        )
    unknown = sorted(({*news.dropped, *news.late}) - {tour.name for tour in plan.teams})
    if unknown:
        raise InputError(
            zh=f"方案里没有这些队伍:{'、'.join(unknown)}。", en=f"The plan has no such team: {', '.join(unknown)}."
        )
    return {tour.name: _standing(tour, shift, news) for tour in plan.teams}


def begun(tour: TeamTour, news: News) -> tuple[list[PlannedStop], PlannedStop | None]:
    """The stops a team has done, and the one at which it is."""
    if news.done is None:
        done = [stop for stop in tour.stops if stop.leave_s <= news.now_s]
        # Who only waits for a stop to begin is free for something else.
        at = [stop for stop in tour.stops if stop.start_s <= news.now_s < stop.leave_s]
    else:
        done = [stop for stop in tour.stops if stop.id in news.done]
        at = [stop for stop in tour.stops if stop.id in (news.current or {}) and stop.id not in news.done]
    if tour.name in news.dropped:
        at = []
    if len(at) > 1:
        raise InputError(
            zh=f"队伍“{tour.name}”不能同时在 {len(at)} 个停留点。",
            en=f"Team '{tour.name}' cannot be at {len(at)} stops at once.",
        )
    return done, (at[0] if at else None)


def _standing(tour: TeamTour, shift: Shift, news: News) -> Standing:
    team, now = shift.team(tour.name), news.now_s
    done, at = begun(tour, news)
    late = float(news.late.get(tour.name, 0.0))
    fixed = tuple(done) if at is None else (*done, at)
    if at is not None:
        start = (news.current or {}).get(at.id)
        start = at.start_s if start is None else float(start)
        free = max(now, start + at.leave_s - at.start_s, late)
        return Standing(fixed, leaving(at), free, now_s=now)
    held = {stop.id for stop in fixed}
    following = next((stop for stop in tour.stops if stop.id not in held), None)
    if done:
        place, planned = leaving(done[-1]), done[-1].leave_s
        told = (news.done or {}).get(done[-1].id)
        left = min(planned if told is None else float(told), now)
    else:
        place, planned = team.start_xy, tour.leave_s
        left = max(planned, late)
        if left >= now or following is None:
            return Standing((), place, max(now, team.start_s, late), now_s=now)
    if following is None:
        there, arrives = team.end_xy or team.start_xy, tour.back_s
    else:
        there, arrives = (following.x, following.y), following.arrive_s
    # As long as planned (it may have turned on the way there), or as long as the streets say now.
    leg = max(shift.way(team, place, there)[0], arrives - planned)
    if not math.isfinite(leg):
        return Standing(fixed, place, max(2 * now - left, late), now_s=now)
    arrived = now - left >= leg
    # Where exactly it is between the two nobody knows (teams are not tracked): at worst it goes back as far as it came.
    ready = max(now if arrived else 2 * now - left, late)
    free_at = there if arrived else place
    if following is None:
        return Standing(fixed, free_at, ready, came_from=place, home_s=max(left + leg, late), now_s=now)
    toward_s = max(left + leg, late)
    return Standing(fixed, free_at, ready, following.id, toward_s, came_from=place, now_s=now)


def leaving(stop: PlannedStop) -> XY:
    """Where a stop is left: at its exit, if it has one."""
    return (stop.x if stop.exit_x is None else stop.exit_x, stop.y if stop.exit_y is None else stop.exit_y)


def turned(stop: PlannedStop) -> PlannedStop:
    """A task with two ends the other way round; another stop as it is."""
    if stop.exit_x is None or stop.exit_y is None:
        return stop
    return replace(
        stop,
        x=stop.exit_x,
        y=stop.exit_y,
        lon=stop.exit_lon,
        lat=stop.exit_lat,
        exit_x=stop.x,
        exit_y=stop.y,
        exit_lon=stop.lon,
        exit_lat=stop.lat,
    )


def planned_stop(shift: Shift, visit_id: str, known: Mapping[str, PlannedStop]) -> PlannedStop:
    """A visit as a stop without times: as the plan has it, or as it was wanted."""
    if visit_id in known:
        return known[visit_id]
    row = shift.visit(visit_id)
    values: dict[str, Any] = {item.name: row[item.name] for item in fields(PlannedStop) if item.name in row}
    for name in ("stop", "name_zh", "name_en", "kind", "why_zh", "why_en", "grid"):
        values[name] = str(values[name])
    for name in ("x", "y", "worth", "open_s", "close_s"):
        values[name] = float(values[name])
    values |= {"id": visit_id, "must": bool(row["must"]), "order": 0}
    times = dict.fromkeys(("arrive_s", "start_s", "leave_s", "travel_s", "travel_m"), 0.0)
    return PlannedStop(**(values | times))


def dwell_s(shift: Shift, stop: PlannedStop) -> float:
    """How long a stop lasts, as wanted; a break as planned."""
    if stop.kind == "break" or stop.id not in shift.visits:
        return stop.leave_s - stop.start_s
    return float(shift.visit(stop.id)["dwell_s"])


def earliest_starts(
    shift: Shift, team: Team, standing: Standing, stops: Sequence[PlannedStop], not_before: Mapping[str, float]
) -> list[float]:
    """The earliest start of each stop in this order, late where it must be.

    ``not_before`` keeps the spacing to visits of the same place in other tours; visits in this one are spaced here.
    A stop never waits for the spacing beyond its own window: the rule broken then is the spacing.
    """
    starts: list[float] = []
    seen: dict[str, float] = {}
    here, free = standing.place, standing.ready_s
    for position, stop in enumerate(stops):
        arrive = free + shift.way(team, here, (stop.x, stop.y))[0]
        if position == 0 and stop.id == standing.toward:
            arrive = standing.toward_s
        spaced = max(not_before.get(stop.id, -math.inf), seen.get(stop.stop, -math.inf) + shift.spacing_s)
        start = max(arrive, stop.open_s, min(spaced, stop.close_s), standing.now_s)
        starts.append(start)
        seen[stop.stop] = start
        here, free = leaving(stop), start + dwell_s(shift, stop)
    return starts


def written_tour(
    shift: Shift, tour: TeamTour, standing: Standing, stops: Sequence[PlannedStop], starts: Sequence[float]
) -> TeamTour:
    """A tour with every time: the fixed stops as they were, the others at these starts.

    Raises
    ------
    PlanError
        There is no way between two of the stops.
    """
    if not tour.stops and not stops:
        return tour
    team = shift.team(tour.name)
    old = {stop.id: stop for stop in tour.stops}
    out = [replace(stop, order=order + 1) for order, stop in enumerate(standing.fixed)]
    here, free = standing.place, standing.ready_s
    for position, (stop, start) in enumerate(zip(stops, starts, strict=True)):
        if position == 0 and stop.id == standing.toward and standing.came_from:
            here = standing.came_from
        seconds, metres = _finite_way(shift, team, here, stop)
        arrive = free + seconds
        if position == 0 and stop.id == standing.toward:
            arrive = standing.toward_s
        if not out and not standing.toward and position == 0:
            # It leaves its base as late as the first stop allows.
            arrive = start
        new = replace(
            stop,
            order=len(out) + 1,
            arrive_s=arrive,
            start_s=start,
            leave_s=start + dwell_s(shift, stop),
            travel_s=seconds,
            travel_m=metres,
        )
        out.append(_as_it_was(new, old.get(stop.id)))
        here, free = leaving(stop), out[-1].leave_s
    if not stops and standing.home_s is not None and standing.came_from:
        here = standing.came_from
    home_s, home_m = shift.way(team, here, team.end_xy or team.start_xy)
    if not math.isfinite(home_s):
        _refuse_way(tour.name, ("终点", "the end"))
    if not out:
        leave = standing.ready_s
    elif standing.fixed or standing.toward:
        leave = tour.leave_s
    else:
        leave = out[0].arrive_s - out[0].travel_s
    new_tour = replace(
        tour,
        leave_s=leave,
        back_s=free + home_s if stops or standing.home_s is None else standing.home_s,
        travel_s=sum(stop.travel_s for stop in out) + home_s,
        travel_m=sum(stop.travel_m for stop in out) + home_m,
        worth=sum(stop.worth for stop in out),
        stops=tuple(out),
    )
    return tour if _same_tour(new_tour, tour) else new_tour


def _finite_way(shift: Shift, team: Team, here: XY, stop: PlannedStop) -> XY:
    seconds, metres = shift.way(team, here, (stop.x, stop.y))
    if not math.isfinite(seconds):
        _refuse_way(team.name, (stop.name_zh or stop.id, stop.name_en or stop.id))
    return seconds, metres


def _refuse_way(team: str, place: tuple[str, str]) -> None:
    raise PlanError(
        zh=f"队伍“{team}”没有路可到“{place[0]}”。", en=f"There is no way for team '{team}' to '{place[1]}'."
    )


def _as_it_was(new: PlannedStop, old: PlannedStop | None) -> PlannedStop:
    """The old stop itself where nothing but rounding tells them apart."""
    if old is None or new.order != old.order:
        return new
    names = ("arrive_s", "start_s", "leave_s", "travel_s", "travel_m")
    return old if all(abs(getattr(new, name) - getattr(old, name)) <= _SAME_S for name in names) else new


def _same_tour(new: TeamTour, old: TeamTour) -> bool:
    names = ("leave_s", "back_s", "travel_s", "travel_m", "worth")
    return new.stops == old.stops and all(abs(getattr(new, name) - getattr(old, name)) <= _SAME_S for name in names)


def totals_of(shift: Shift, tours: Sequence[TeamTour]) -> Totals:
    """The sums of a plan, taken from its tours and from what was wanted."""
    rows = shift.visits.values()
    every = [stop for tour in tours for stop in tour.stops]
    served = [stop for stop in every if stop.kind != "break"]
    duty = sum(tour.end_s - tour.start_s for tour in tours)
    shares = [_work_share(shift, tour) for tour in tours]
    travel = sum(tour.travel_s for tour in tours)
    return Totals(
        worth_served=sum(stop.worth for stop in served),
        worth_wanted=sum(float(row["worth"]) for row in rows),
        visits_served=len(served),
        visits_wanted=len(shift.visits),
        stops_served=len({stop.stop for stop in served}),
        stops_wanted=len({str(row["stop"]) for row in rows}),
        must_served=sum(stop.must for stop in served),
        must_wanted=sum(bool(row["must"]) for row in rows),
        travel_s=travel,
        travel_m=sum(tour.travel_m for tour in tours),
        dwell_s=sum(stop.leave_s - stop.start_s for stop in served),
        wait_s=sum(max(0.0, stop.start_s - stop.arrive_s) for stop in every),
        duty_s=duty,
        travel_share=travel / duty if duty else 0.0,
        worth_cv=spread(np.array([tour.worth for tour in tours], dtype=float)),
        work_cv=spread(np.array(shares, dtype=float)),
    )


def _work_share(shift: Shift, tour: TeamTour) -> float:
    """The part of its duty that a team is on the way or at stops."""
    team = shift.team(tour.name)
    stops = sum(stop.leave_s - stop.start_s for stop in tour.stops if stop.kind != "break")
    return (tour.travel_s + stops) / (team.off_duty_s(shift.shift_s) - team.start_s)
