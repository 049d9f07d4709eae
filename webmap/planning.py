"""A patrol plan for one shift: reports to hot grids to stops, grids to beats, stops to tours, checked and kept.

Demand is what people reported; what patrol itself found is left out, so that the map does not learn from its own
patrols. It puts library calls in order and computes nothing of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.calendar import SHIFTS
from gis.crs import project
from gis.errors import InputError, PlanError
from gis.incidents import IncidentFilter
from gis.patrol import (
    Plan,
    Team,
    TravelTimes,
    describe_beats,
    make_beats,
    workload,
)
from gis.patrol.demand import DEFAULT_MUSTS, DemandOptions, MustRule, ShiftClock, assign_beats, opened_to_all
from gis.patrol.handover import Handover, handover
from gis.patrol.options import PlanOptions
from gis.patrol.shift import Shift
from gis.patrol.streets import Note, lost_bases, street_graph
from gis.roads import MODES, Network
from webmap.crew import Own, crew_of, own_of, words_of
from webmap.exposure import exposure_of
from webmap.filters import day_start
from webmap.forecasts import for_patrol
from webmap.holidays import calendar_of
from webmap.one_area import one_area
from webmap.patrol_sources import USUAL_SOURCES, adjacency, last_beats, stops_asked_for
from webmap.plan_search import found_plan, in_english
from webmap.services import Services
from webmap.store import Viewer
from webmap.team_settings import TeamSettings
from webmap.tour_lines import drawn_line
from webmap.varied import MOST_PLANS

Progress = Callable[[str, int, int], None]
ITERATIONS = 30_000
"""Rounds of the search: some seconds, and the same plan on every machine."""


@dataclass(frozen=True)
class PlanRequest:
    """What a shift leader asks for.

    Parameters
    ----------
    day, shift
        The local day on which the shift starts, and a key of ``gis.calendar.SHIFTS``.
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
    sources
        What may ask for stops, of ``webmap.patrol_sources.SOURCES``: ``hot_spot``, ``forecast`` (reports expected
        in the shift), ``must`` (by ``musts``), ``railway`` (streets of kind ``rail``), ``event`` (open events of the desk) and
        ``blind_spot``.
    options, musts
        How they become stops, and the rules of must-visits.
    keep_beats
        Beats grow out of those of the newest plan of the same shift, area and number of teams in the four weeks before.
    barriers
        Beats do not cross a railway, a motorway or a river but where a street does.
    area
        Code of the area that is planned; empty for all that the planner may see.
    varied
        Above 1, so many near-best plans are made and one of them is drawn by ``draw_seed``; see ``gis.patrol.mix``.
    team_names
        Names of the teams, one each; 1队, 2队 ... without.
    grids
        Grids that must be visited whatever else asks, such as those of one hot spot.
    team_settings
        What single teams have of their own: hours, break, mode, skills, longest way, start and end.
    must_skills
        Skills that must-visits of a kind of place need, as pairs of the kind and the skills.
    """

    day: date
    shift: str = "night"
    teams: int = 6
    mode: str = "ebike"
    demand_days: int = 90
    demand_until: datetime | None = None
    seed: int = 1
    iterations: int = ITERATIONS
    sources: tuple[str, ...] = USUAL_SOURCES
    options: DemandOptions = field(default_factory=DemandOptions)
    musts: tuple[MustRule, ...] = DEFAULT_MUSTS
    keep_beats: bool = True
    barriers: bool = True
    area: str = ""
    varied: int = 0
    draw_seed: int = 0
    team_names: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    team_settings: tuple[TeamSettings, ...] = ()
    must_skills: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all teams, in order."""
        return self.team_names or tuple(f"{number + 1}队" for number in range(self.teams))

    @property
    def teams_en(self) -> dict[str, str]:
        """What English readers call each team, by its name and in order."""
        return {name: name if self.team_names else f"Team {number + 1}" for number, name in enumerate(self.names)}


@dataclass(frozen=True, eq=False)
class _Ground:
    """Where a plan takes place: grids by code, their beats and minutes, teams, the street graph of each mode if any, and what
    to say of it.
    """

    cells: gpd.GeoDataFrame
    beat: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.float64]
    teams: list[Team]
    own: Mapping[int, Own]
    networks: Mapping[str, Network | None]
    handover: Handover | None
    notes: list[Note]


def make_plan(
    services: Services,
    request: PlanRequest,
    *,
    viewer: Viewer,
    progress: Progress | None = None,
    forecast: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Make, check and keep a plan.

    Parameters
    ----------
    forecast
        Reports expected in this shift by grid (``code``, ``expected``); where ``forecast`` is among the sources and none is given,
        the kept one of the shift, or one made for it.

    Returns
    -------
    plan
        ``gis.patrol.Plan.to_dict`` with ``id``, the teams' names in both languages and their way as a line of degrees,
        ``beats`` (grid to team and minutes), ``handover`` (what changed hands, where beats grew out of earlier ones),
        ``demand`` (period and number of reports behind it), ``area``, ``mix`` where it was drawn, and ``made_from``: the wanted stops, the teams and
        the rules, by which it can be judged and changed later.

    Raises
    ------
    InputError
        No such shift, mode or source, names that are not one a team, settings of a team that make no sense in the shift, too
        many plans to draw from, or a planner of several areas who does not say which.
    PlanError
        No grids, or more teams than grids, or a plan that breaks a rule.
    """
    viewer, area = one_area(services, viewer, request.area)
    request = replace(request, area=area)
    _check_names_and_draw(request)
    clock = _clock(services, request)
    shift_s = clock.seconds
    own = own_of(services, viewer, request.team_settings, names=request.names, clock=clock)
    demand = _demand(services, viewer, request)
    tell = progress or (lambda _stage, _done, _total: None)
    if forecast is None and "forecast" in request.sources:
        tell("forecast", 0, 3)
        forecast = for_patrol(services, viewer, clock.window, request.area)
    tell("beats", 0, 3)
    hot = services.hot_grids(viewer, demand)
    days = services.period(viewer, demand).days
    ground = _ground(services, viewer, request, own, hot, days, shift_s)
    stops = wanted_stops(services, request, viewer=viewer, forecast=forecast)
    if "forecast" in request.sources and forecast is None:
        ground.notes.append(("没有可用的预测,未按预测排班", "there is no forecast to plan by; it was left out"))
    stops = _shared_out(stops, ground, request, shift_s)
    tell("tours", 1, 3)
    travel = {mode: _travel(network, stops, ground.teams, mode) for mode, network in ground.networks.items()}
    options = PlanOptions(iterations=request.iterations, seed=request.seed)
    for mode, times in travel.items():
        ground.notes.extend(lost_bases(times, stops, [team for team in ground.teams if team.mode == mode]))
    labels: dict[str, Any] = {
        "date": request.day.isoformat(),
        "shift": request.shift,
        "zone": services.zone,
        "shift_start": clock.window[0],
    }
    wanted = Shift(stops, ground.teams, travel, shift_s, options.spacing_s, options.cross_beats)
    draw = (request.varied, request.draw_seed) if request.varied > 1 else None
    plan, drawn = found_plan(wanted, options, draw=draw, teams_en=request.teams_en, labels=labels)
    tell("lines", 2, 3)
    told = _as_document(services, viewer, plan, ground, demand, request)
    if forecast is not None:
        told["id"] = str(uuid5(NAMESPACE_URL, told["id"] + forecast.to_csv(index=False)))
    told["area"] = request.area
    told["made_from"] = wanted.to_dict()
    if drawn is not None:
        told["mix"] = drawn
    services.store.plans.save(told, viewer=viewer, now=services.clock())
    tell("kept", 3, 3)
    return told


def _check_names_and_draw(request: PlanRequest) -> None:
    names = request.team_names
    if names and (
        len(names) != request.teams or len(set(names)) < len(names) or not all(each.strip() for each in names)
    ):
        raise InputError(
            zh=f"须给出 {request.teams} 个互不相同的队名。", en=f"Give {request.teams} different names of teams."
        )
    if not 0 <= request.varied <= MOST_PLANS or (request.varied > 1) != (request.draw_seed > 0):
        raise InputError(
            zh=f"混合方案数应为 2 至 {MOST_PLANS},并须有抽取种子。",
            en=f"A mixture has 2 to {MOST_PLANS} plans, and a seed of the draw.",
        )


def _clock(services: Services, request: PlanRequest) -> ShiftClock:
    return ShiftClock(request.day, _shift(request), services.zone, calendar_of(services))


def _shift(request: PlanRequest) -> Any:
    if request.shift not in SHIFTS:
        raise InputError(
            zh=f"没有班次“{request.shift}”;可用:{'、'.join(SHIFTS)}。",
            en=f"There is no shift '{request.shift}'; there are {', '.join(SHIFTS)}.",
        )
    if request.mode not in MODES:
        raise InputError(
            zh=f"没有出行方式“{request.mode}”;可用:{'、'.join(MODES)}。",
            en=f"There is no mode '{request.mode}'; there are {', '.join(MODES)}.",
        )
    return SHIFTS[request.shift]


def _demand(services: Services, viewer: Viewer, request: PlanRequest) -> IncidentFilter:
    data = services.date_range(viewer)
    if data is None:
        raise PlanError(
            zh="还没有事件数据,无法确定巡逻需求。请先运行 wangge import incidents。",
            en="There are no incidents yet to plan by. Run: wangge import incidents FILE.",
        )
    until = request.demand_until or min(day_start(request.day, services.zone).astimezone(UTC), data.until)
    return IncidentFilter(since=until - timedelta(days=request.demand_days), until=until, found_by=("report",))


def wanted_stops(
    services: Services, request: PlanRequest, *, viewer: Viewer, forecast: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What the sources of a request ask for, as ``gis.patrol.stops_from`` gives it; nothing is planned or kept.

    Parameters
    ----------
    forecast
        Reports expected in this shift by grid (``code``, ``expected``), where there is a forecast.

    Raises
    ------
    InputError
        No such shift, mode or source.
    PlanError
        There are no incidents to plan by.
    """
    return stops_asked_for(
        services,
        viewer,
        clock=_clock(services, request),
        demand=_demand(services, viewer, request),
        sources=request.sources,
        options=replace(request.options, grids=request.grids) if request.grids else request.options,
        musts=musts_of(request),
        forecast=forecast,
    )


def musts_of(request: PlanRequest) -> tuple[MustRule, ...]:
    """The rules of must-visits of a request, with the skills that it asks for.

    Raises
    ------
    InputError
        Skills for a kind of place that no rule names: nobody would miss them.
    """
    skills, kinds = dict(request.must_skills), list(dict.fromkeys(rule.kind for rule in request.musts))
    strange = sorted(set(skills) - set(kinds))
    if strange:
        raise InputError(
            zh=f"没有“{'、'.join(strange)}”类场所的必巡规则;可用:{'、'.join(kinds)}。",
            en=f"There is no rule of must-visits for places of kind {', '.join(strange)}; there are {', '.join(kinds)}.",
        )
    return tuple(replace(rule, skills=skills.get(rule.kind, rule.skills)) for rule in request.musts)


def _ground(
    services: Services,
    viewer: Viewer,
    request: PlanRequest,
    own: Mapping[int, Own],
    hot: pd.DataFrame,
    days: float,
    shift_s: float,
) -> _Ground:
    cells = services.cells(viewer)
    counts = hot.set_index("code").loc[cells["code"]]
    crs = services.metric(viewer)
    table = pd.DataFrame({"count": counts["count"].to_numpy(), "area_km2": counts["area_km2"].to_numpy()})
    table["households"] = cells["households"].to_numpy(dtype=float, na_value=np.nan)
    minutes = workload(table, days=days, shift_s=shift_s)
    inside = shapely.point_on_surface(cells.geometry.to_numpy())
    xy = project(shapely.get_x(inside), shapely.get_y(inside), crs)
    rng = np.random.default_rng(request.seed)
    last = None
    if request.keep_beats:
        last = last_beats(
            services, viewer, request.day, request.shift, request.teams, cells["code"].tolist(), request.area
        )
    near = adjacency(services, viewer, cells) if request.barriers else services.neighbours(viewer)
    beat = make_beats(minutes, near, xy, request.teams, rng=rng, communities=_communities(cells), last=last)
    moved = None if last is None else handover(beat, last, minutes)
    teams = crew_of(services, viewer, own, names=request.names, mode=request.mode, ground=(xy, beat, minutes))
    networks, notes = _streets(services, viewer, sorted({team.mode for team in teams}), xy)
    return _Ground(cells, beat, minutes, teams, own, networks, moved, notes)


def _streets(
    services: Services, viewer: Viewer, modes: Sequence[str], xy: npt.NDArray[np.float64]
) -> tuple[dict[str, Network | None], list[Note]]:
    """The street graph of each mode, and once what is to be said of them."""
    streets, crs = services.layer("streets", viewer), services.metric(viewer)
    found = {mode: street_graph(streets, mode=mode, crs=crs, ground_xy=xy) for mode in modes}
    notes = dict.fromkeys(note for _, told in found.values() for note in told)
    return {mode: network for mode, (network, _) in found.items()}, list(notes)


def _communities(cells: gpd.GeoDataFrame) -> npt.NDArray[np.str_] | None:
    parents = cells["parent"].to_numpy(dtype="U")
    return parents if (parents != "").all() else None


def _shared_out(stops: pd.DataFrame, ground: _Ground, request: PlanRequest, shift_s: float) -> pd.DataFrame:
    """The stops with their beats; what the team of a beat cannot do, or is not on duty for, is left to the others."""
    mine = assign_beats(stops, list(ground.cells["code"]), ground.beat)
    if not request.team_settings and not request.must_skills:
        return mine
    shared = opened_to_all(mine, ground.teams, shift_s=shift_s)
    count = int((shared["beat"] != mine["beat"]).sum())
    if count:
        zh = f"{count} 次停留因本责任区的队伍不在岗或缺少技能,可由其他队承担。"
        en = f"{count} visits may be made by any team, as that of their beat is off duty then or lacks the skill."
        ground.notes.append((zh, en))
    return shared


def _travel(network: Network | None, stops: pd.DataFrame, teams: Sequence[Team], mode: str) -> TravelTimes:
    if network is None:
        return TravelTimes.straight(stops, teams, mode=mode)
    return TravelTimes.by_streets(network, stops, teams)


def _as_document(
    services: Services, viewer: Viewer, plan: Plan, ground: _Ground, demand: IncidentFilter, request: PlanRequest
) -> dict[str, Any]:
    told = plan.to_dict()
    crs = services.metric(viewer)
    for number, team in enumerate(told["teams"]):
        team["name_en"] = request.teams_en[team["name"]]
        team["own_zh"], team["own_en"] = words_of(ground.own, number, team["mode"])
        team["line"] = drawn_line(ground.networks[team["mode"]], team, crs)
        for stop in team["stops"]:
            stop["dwell_s"] = round(stop["leave_s"] - stop["start_s"], 1)
    codes, minutes = ground.cells["code"].tolist(), np.round(ground.minutes, 1).tolist()
    told["beats"] = {
        code: [number, load] for code, number, load in zip(codes, ground.beat.tolist(), minutes, strict=True)
    }
    told["loads"] = describe_beats(ground.beat, ground.minutes).round(4).to_dict("records")
    if ground.handover is not None:
        told["handover"] = {
            **asdict(ground.handover),
            "zh": ground.handover.text("zh"),
            "en": ground.handover.text("en"),
        }
    exposure = exposure_of(services, viewer, demand)
    notes = [*ground.notes, (exposure["zh"], exposure["en"])]
    told["notes"] = [{"zh": zh, "en": in_english(en, request.teams_en)} for zh, en in notes]
    told["demand"] = {
        "since": _iso(demand.since),
        "until": _iso(demand.until),
        "reports": services.tally(viewer, demand).total,
    }
    # The same question to the same data is the same plan, so that planning twice keeps one.
    told["id"] = str(uuid5(NAMESPACE_URL, repr((services.version(), request))))
    return told


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
