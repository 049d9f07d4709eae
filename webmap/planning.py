"""A patrol plan for one shift: reports to hot grids to stops, grids to beats, stops to tours, checked and kept.

Demand is what people reported; what patrol itself found is left out, so that the map does not learn from its own
patrols. It puts library calls in order and computes nothing of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.calendar import DEFAULT_SHIFTS, shift_window
from gis.crs import project, unproject
from gis.errors import InputError, NotFoundError, PlanError
from gis.incidents import IncidentFilter
from gis.patrol import (
    Plan,
    Team,
    TravelTimes,
    describe_beats,
    judge_plan,
    make_beats,
    plan_patrol,
    stops_from,
    workload,
)
from gis.patrol.demand import assign_beats
from gis.patrol.options import PlanOptions
from gis.roads import MODES, Network, build_network
from gis.roads.paths import route_lines
from webmap.filters import day_start
from webmap.services import Services
from webmap.store import Viewer

Progress = Callable[[str, int, int], None]
ITERATIONS = 30_000
"""Rounds of the search: some seconds, and the same plan on every machine."""


@dataclass(frozen=True)
class PlanRequest:
    """What a shift leader asks for.

    Parameters
    ----------
    day, shift
        The local day on which the shift starts, and a key of ``gis.calendar.DEFAULT_SHIFTS``.
    teams
        Number of teams, which is the number of beats.
    mode
        ``foot``, ``ebike`` or ``car``.
    demand_days
        Reports of so many days before ``demand_until`` make the demand.
    demand_until
        End of the demand period; the end of the data or the start of ``day``, whichever is earlier, if not given.
    seed
        The same seed and data give the same plan.
    """

    day: date
    shift: str = "night"
    teams: int = 6
    mode: str = "ebike"
    demand_days: int = 90
    demand_until: datetime | None = None
    seed: int = 1
    iterations: int = ITERATIONS


@dataclass(frozen=True, eq=False)
class _Ground:
    """Where a plan takes place: grids in rank order, their beats and minutes, teams, and the street graph if any."""

    cells: gpd.GeoDataFrame
    beat: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.float64]
    teams: list[Team]
    network: Network | None


def make_plan(
    services: Services, request: PlanRequest, *, viewer: Viewer, progress: Progress | None = None
) -> dict[str, Any]:
    """Make, check and keep a plan.

    Returns
    -------
    plan
        ``gis.patrol.Plan.to_dict`` with ``id``, the teams' names in both languages and their way as a line of degrees,
        ``beats`` (grid to team and minutes) and ``demand`` (period and number of reports behind it).

    Raises
    ------
    InputError
        No such shift or mode.
    PlanError
        No grids, or more teams than grids, or a plan that breaks a rule.
    """
    shift = _shift(request)
    start, end = shift_window(request.day, shift, services.zone)
    shift_s = (end - start).total_seconds()
    demand = _demand(services, viewer, request)
    tell = progress or (lambda _stage, _done, _total: None)
    tell("beats", 0, 3)
    hot = services.hot_grids(viewer, demand)
    days = services.period(viewer, demand).days
    ground = _ground(services, viewer, request, hot, days, shift_s)
    stops = stops_from(
        hot,
        services.areas(viewer),
        services.layer("places", viewer),
        shift_s=shift_s,
        crs=services.metric(viewer),
        incidents=services.incidents(viewer, demand),
        days=days,
    )
    stops = assign_beats(stops, list(ground.cells["code"]), ground.beat)
    tell("tours", 1, 3)
    travel = _travel(ground, stops, request.mode)
    plan = plan_patrol(
        stops,
        teams=ground.teams,
        shift_s=shift_s,
        travel=travel,
        options=PlanOptions(iterations=request.iterations, seed=request.seed),
        date=request.day.isoformat(),
        shift=request.shift,
        zone=services.zone,
        shift_start=start,
    )
    _refuse_broken(judge_plan(plan, stops, ground.teams, travel))
    tell("lines", 2, 3)
    told = _as_document(services, viewer, plan, ground, demand, request)
    services.store.plans.save(told, viewer=viewer, now=services.clock())
    tell("kept", 3, 3)
    return told


def _shift(request: PlanRequest) -> Any:
    if request.shift not in DEFAULT_SHIFTS:
        raise InputError(
            zh=f"没有班次“{request.shift}”;可用:{'、'.join(DEFAULT_SHIFTS)}。",
            en=f"There is no shift '{request.shift}'; there are {', '.join(DEFAULT_SHIFTS)}.",
        )
    if request.mode not in MODES:
        raise InputError(
            zh=f"没有出行方式“{request.mode}”;可用:{'、'.join(MODES)}。",
            en=f"There is no mode '{request.mode}'; there are {', '.join(MODES)}.",
        )
    return DEFAULT_SHIFTS[request.shift]


def _demand(services: Services, viewer: Viewer, request: PlanRequest) -> IncidentFilter:
    data = services.date_range(viewer)
    if data is None:
        raise PlanError(
            zh="还没有事件数据,无法确定巡逻需求。请先运行 wangge import incidents。",
            en="There are no incidents yet to plan by. Run: wangge import incidents FILE.",
        )
    until = request.demand_until or min(day_start(request.day, services.zone).astimezone(UTC), data.until)
    return IncidentFilter(since=until - timedelta(days=request.demand_days), until=until, found_by=("report",))


def _ground(
    services: Services, viewer: Viewer, request: PlanRequest, hot: pd.DataFrame, days: float, shift_s: float
) -> _Ground:
    cells = services.cells(viewer)
    counts = hot.set_index("code").loc[cells["code"]]
    crs = services.metric(viewer)
    streets = services.layer("streets", viewer)
    network = build_network(streets, mode=request.mode, crs=crs) if len(streets) else None
    table = pd.DataFrame({"count": counts["count"].to_numpy(), "area_km2": counts["area_km2"].to_numpy()})
    table["households"] = cells["households"].to_numpy(dtype=float, na_value=np.nan)
    minutes = workload(table, days=days, shift_s=shift_s)
    inside = shapely.point_on_surface(cells.geometry.to_numpy())
    xy = project(shapely.get_x(inside), shapely.get_y(inside), crs)
    rng = np.random.default_rng(request.seed)
    beat = make_beats(minutes, services.neighbours(viewer), xy, request.teams, rng=rng, communities=_communities(cells))
    return _Ground(cells, beat, minutes, _teams(services, viewer, request, xy, beat, minutes), network)


def _communities(cells: gpd.GeoDataFrame) -> npt.NDArray[np.str_] | None:
    parents = cells["parent"].to_numpy(dtype="U")
    return parents if (parents != "").all() else None


def _teams(
    services: Services,
    viewer: Viewer,
    request: PlanRequest,
    xy: npt.NDArray[np.float64],
    beat: npt.NDArray[np.int64],
    minutes: npt.NDArray[np.float64],
) -> list[Team]:
    """One team a beat, from the patrol post nearest to where its work lies; from there itself where no post is known."""
    crs = services.metric(viewer)
    places = services.layer("places", viewer)
    posts = places[places["kind"] == "depot"] if len(places) else places
    known = project(posts["lon"].to_numpy(), posts["lat"].to_numpy(), crs) if len(posts) else None
    teams = []
    for number in range(request.teams):
        mine = beat == number
        middle = np.average(xy[mine], axis=0, weights=minutes[mine])
        base = known if known is not None else xy[mine]
        start = base[np.argmin(((base - middle) ** 2).sum(axis=1))]
        lon, lat = unproject(start[None, :], crs)
        teams.append(
            Team(
                name=f"{number + 1}队",
                start_xy=(float(start[0]), float(start[1])),
                mode=request.mode,
                beat=number,
                start_lonlat=(float(lon[0]), float(lat[0])),
            )
        )
    return teams


def _travel(ground: _Ground, stops: pd.DataFrame, mode: str) -> TravelTimes:
    if ground.network is None:
        return TravelTimes.straight(stops, ground.teams, mode=mode)
    return TravelTimes.by_streets(ground.network, stops, ground.teams)


def _refuse_broken(violations: list[Any]) -> None:
    if violations:
        raise PlanError(
            zh="方案未通过独立检查:" + ";".join(item.zh for item in violations[:3]),
            en="The plan failed the independent check: " + "; ".join(item.en for item in violations[:3]),
        )


def _as_document(
    services: Services, viewer: Viewer, plan: Plan, ground: _Ground, demand: IncidentFilter, request: PlanRequest
) -> dict[str, Any]:
    told = plan.to_dict()
    crs = services.metric(viewer)
    for number, team in enumerate(told["teams"]):
        team["name_en"] = f"Team {number + 1}"
        team["line"] = _line(ground.network, team, crs)
        for stop in team["stops"]:
            stop["dwell_s"] = round(stop["leave_s"] - stop["start_s"], 1)
    codes, minutes = ground.cells["code"].tolist(), np.round(ground.minutes, 1).tolist()
    told["beats"] = {
        code: [number, load] for code, number, load in zip(codes, ground.beat.tolist(), minutes, strict=True)
    }
    told["loads"] = describe_beats(ground.beat, ground.minutes).round(4).to_dict("records")
    told["demand"] = {
        "since": _iso(demand.since),
        "until": _iso(demand.until),
        "reports": services.tally(viewer, demand).total,
    }
    # The same question to the same data is the same plan, so that planning twice keeps one.
    told["id"] = str(uuid5(NAMESPACE_URL, repr((services.version(), request))))
    return told


def _line(network: Network | None, team: dict[str, Any], crs: Any) -> list[list[float]]:
    """The team's whole way as degrees: over streets where they are loaded, else straight."""
    # A task with two ends is entered at one and left at the other.
    exits = [[stop[f"exit_{axis}"] for axis in "xy"] for stop in team["stops"]]
    stops = [
        place
        for stop, out in zip(team["stops"], exits, strict=True)
        for place in ([stop["x"], stop["y"]], out)
        if place[0] is not None
    ]
    ends = [team["start_xy"], *stops, team["end_xy"]]
    xy = np.array(ends, dtype=np.float64)
    if network is not None and len(xy) > 1:
        try:
            legs = route_lines(network, xy)
        except NotFoundError:
            legs = []
        if legs:
            xy = np.vstack([shapely.get_coordinates(leg) for leg in legs])
    lon, lat = unproject(xy, crs)
    return np.round(np.column_stack([lon, lat]), 6).tolist()  # type: ignore[no-any-return]


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
