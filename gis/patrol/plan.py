"""Tours for the teams of one shift: which stop, by whom, in which order, when. Must-visits first, then the most worth.

Our own large-neighbourhood search beside PyVRP within a time limit, or a fixed number of rounds for the same answer
every time; the better plan is kept.
It never drops a wish silently: every visit is in a tour or in ``unserved`` with the rule that keeps it out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from gis.patrol._engines import best_tours
from gis.patrol._reasons import unserved_visits
from gis.patrol._state import Tours, spread
from gis.patrol._wishes import ENDS, TEXT, Wishes, wishes_of
from gis.patrol.clock import time_of_day
from gis.patrol.options import PlanOptions
from gis.patrol.tours import Plan, PlannedStop, Team, TeamTour, Totals
from gis.patrol.travel import TravelTimes, patrol_points

__all__ = ["Plan", "PlanOptions", "Team", "TravelTimes", "patrol_points", "plan_patrol"]


def plan_patrol(
    stops: pd.DataFrame,
    *,
    teams: Sequence[Team],
    shift_s: float,
    travel: TravelTimes | Mapping[str, TravelTimes],
    options: PlanOptions | None = None,
    date: str = "",
    shift: str = "",
    zone: str = "",
    shift_start: datetime | None = None,
    progress: Callable[[float], None] | None = None,
) -> Plan:
    """Plan one shift.

    Parameters
    ----------
    stops
        Wanted visits, one row each, as ``stops_from`` gives them: ``id``, ``x``, ``y`` (metres), ``worth``, ``dwell_s``,
        ``open_s`` and ``close_s`` (the visit starts between them, seconds from shift start), ``must``; where known
        ``stop`` (rows of one place), ``beat`` (-1: any team), ``outside`` (outside the district: not planned), names,
        ``why_zh``, ``why_en``, ``kind``, ``grid``, ``lon``, ``lat``; ``skills`` a team must have (a list, or names
        between commas); ``exit_x``, ``exit_y`` (and ``exit_lon``, ``exit_lat``) of a task with two ends, such as a length
        of railway: it is entered at either end and left at the other, ``dwell_s`` later.
    teams
        At least one. A team serves the stops of its own beat and those without a beat, as far as it has the skills.
    shift_s
        Length of the shift, at most a day; a shift across midnight is nothing special, as seconds count from its start.
    travel
        Times between all ``patrol_points``; by mode where teams travel differently.
    shift_start
        The moment of second 0, with its zone; gives the plan clock times.
    progress
        Told the part done, 0 to 1.

    Returns
    -------
    plan
        Feasible in every rule. Must-visits that cannot be planned are in ``missed_musts`` with the binding rule.

    Raises
    ------
    PlanError
        No team, a shift or duty without length, a base from which nothing can be reached, a break that cannot be taken.
    InputError
        Stops with missing or senseless values; all bad rows are named.
    """
    options = options or PlanOptions()
    wishes = wishes_of(stops, teams, shift_s, travel, options)
    best, method = best_tours(wishes, options, progress)
    tours = tuple(_tour(wishes, best, r) for r in range(len(wishes.teams)))
    unserved = unserved_visits(wishes, best, partial(time_of_day, start=shift_start, zone=zone))
    return Plan(
        date=date,
        shift=shift,
        zone=zone,
        shift_start=shift_start,
        shift_s=float(shift_s),
        teams=tours,
        unserved=tuple(unserved),
        totals=_totals(wishes, tours),
        seed=options.seed,
        method=method,
        travel_method=wishes.travel_method,
        parameters=_parameters(options),
    )


def _parameters(options: PlanOptions) -> dict[str, Any]:
    limit = "time_limit_s" if options.iterations is None else "iterations"
    return {
        name: value for name, value in vars(options).items() if name not in {"seed", "time_limit_s", "iterations"}
    } | {limit: getattr(options, limit)}


def _tour(wishes: Wishes, best: Tours, r: int) -> TeamTour:
    """One team's tour with times; it leaves its base as late as the first visit allows."""
    problem, team = wishes.problem, wishes.teams[r]
    way, length = problem.travel[problem.mode[r]], wishes.metres[problem.mode[r]]
    here, begin = problem.begin_loc[r], float(problem.begin_s[r])
    free, stops = begin, []
    for order in range(int(best.size[r])):
        visit = int(best.visit[r, order])
        place = problem.loc[visit]
        seconds, metres = float(way[here, place]), float(length[here, place])
        start = float(best.start[r, order])
        arrive = start if order == 0 else free + seconds
        stops.append(_planned(wishes, visit, order + 1, (arrive, start), (seconds, metres)))
        free, here = start + float(problem.dwell[visit]), problem.out[visit]
    home_s, home_m = float(way[here, problem.end_loc[r]]), float(length[here, problem.end_loc[r]])
    leave = stops[0].arrive_s - stops[0].travel_s if stops else begin
    return TeamTour(
        name=team.name,
        beat=int(team.beat),
        mode=team.mode,
        start_xy=_pair(team.start_xy),
        end_xy=_pair(team.end_xy or team.start_xy),
        start_s=begin,
        end_s=float(problem.end_s[r]),
        leave_s=leave,
        back_s=free + home_s if stops else begin + home_s,
        travel_s=sum(stop.travel_s for stop in stops) + home_s,
        travel_m=sum(stop.travel_m for stop in stops) + home_m,
        worth=sum(stop.worth for stop in stops),
        stops=tuple(stops),
        start_lonlat=team.start_lonlat,
        end_lonlat=team.end_lonlat or (team.start_lonlat if team.end_xy is None else None),
    )


def _pair(xy: Sequence[float]) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])


def _planned(
    wishes: Wishes, visit: int, order: int, clock: tuple[float, float], travel: tuple[float, float]
) -> PlannedStop:
    arrive, start = clock
    problem = wishes.problem
    times = {
        "order": order,
        "open_s": float(problem.opens[visit]),
        "close_s": float(problem.closes[visit]),
        "arrive_s": arrive,
        "start_s": start,
        "leave_s": start + float(problem.dwell[visit]),
        "travel_s": travel[0],
        "travel_m": travel[1],
    }
    if wishes.row[visit] < 0:
        team = wishes.teams[int(problem.allowed[:, visit].argmax())]
        return _rest(team, times)
    row = wishes.stops.iloc[wishes.row[visit]]
    text = {name: str(row[name]) for name in ("id", *TEXT)}
    place = {name: _number(row[name]) for name in ("x", "y", "lon", "lat", *ENDS)}
    if visit >= wishes.turned:
        place |= {name.removeprefix("exit_"): place[name] for name in ENDS}
        place |= {name: _number(row[name.removeprefix("exit_")]) for name in ENDS}
    return PlannedStop(must=bool(row["must"]), worth=float(row["worth"]), **text, **place, **times)  # type: ignore[arg-type]


def _rest(team: Team, times: dict[str, Any]) -> PlannedStop:
    x, y = _pair(team.break_xy or team.start_xy)
    at_base = team.start_lonlat if team.break_xy is None else None
    return PlannedStop(
        id=f"break:{team.name}",
        stop=f"break:{team.name}",
        name_zh="休息",
        name_en="Break",
        kind="break",
        why_zh="班中休息",
        why_en="Break during the shift",
        grid="",
        x=x,
        y=y,
        lon=at_base[0] if at_base else None,
        lat=at_base[1] if at_base else None,
        must=True,
        worth=0.0,
        **times,
    )


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _totals(wishes: Wishes, tours: tuple[TeamTour, ...]) -> Totals:
    table = wishes.stops
    served = [stop for tour in tours for stop in tour.stops if stop.kind != "break"]
    every = [stop for tour in tours for stop in tour.stops]
    duty = sum(tour.end_s - tour.start_s for tour in tours)
    travel = sum(tour.travel_s for tour in tours)
    return Totals(
        worth_served=sum(stop.worth for stop in served),
        worth_wanted=float(table["worth"].sum()),
        visits_served=len(served),
        visits_wanted=len(table),
        stops_served=len({stop.stop for stop in served}),
        stops_wanted=int(table["stop"].nunique()),
        must_served=sum(stop.must for stop in served),
        must_wanted=int(table["must"].sum()),
        travel_s=travel,
        travel_m=sum(tour.travel_m for tour in tours),
        dwell_s=sum(stop.leave_s - stop.start_s for stop in served),
        wait_s=sum(stop.start_s - stop.arrive_s for stop in every),
        duty_s=duty,
        travel_share=travel / duty,
        worth_cv=spread(np.array([tour.worth for tour in tours])),
        work_cv=spread(np.array([_work_share(tour) for tour in tours])),
    )


def _work_share(tour: TeamTour) -> float:
    stops = sum(stop.leave_s - stop.start_s for stop in tour.stops if stop.kind != "break")
    return (tour.travel_s + stops) / (tour.end_s - tour.start_s)
