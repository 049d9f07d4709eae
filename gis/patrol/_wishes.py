"""What plan_patrol is asked, checked at the door and put into arrays for the search. It plans nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError, PlanError
from gis.patrol._state import Problem, Tours
from gis.patrol.clock import time_of_day
from gis.patrol.options import PlanOptions
from gis.patrol.tours import Team
from gis.patrol.travel import TravelTimes
from gis.roads.modes import mode_named
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
DAY_S = 86400.0
NO_WAY_S = 1e12
NEAR = 30
"""Beside how many visits one is tried where ways are weighed."""
ENDS = ("exit_x", "exit_y", "exit_lon", "exit_lat")
TEXT = ("stop", "name_zh", "name_en", "kind", "why_zh", "why_en", "grid")


@dataclass(frozen=True, eq=False)
class Wishes:
    """The stops and teams of a plan, checked, with the compiled problem.

    Visits are numbered: the table's rows, then one break for each team that has one, then the tasks with two ends once
    more, the other way round. ``row`` leads from a visit to its row, -1 for a break. ``metres`` has the shape and the
    numbering of ``problem.travel``.
    """

    stops: pd.DataFrame
    teams: tuple[Team, ...]
    problem: Problem
    metres: FloatArray
    travel_method: str
    row: npt.NDArray[np.int64]

    @property
    def turned(self) -> int:
        """Visits from this number on are tasks taken from their exit to their entry."""
        return len(self.stops) + int((self.row < 0).sum())

    def served(self, tours: Tours) -> npt.NDArray[np.bool_]:
        """Of each row of the table, whether a tour holds it, in either direction."""
        held = np.zeros(len(self.stops), dtype=bool)
        held[self.row[(tours.team >= 0) & (self.row >= 0)]] = True
        return held


def wishes_of(
    stops: pd.DataFrame,
    teams: Sequence[Team],
    shift_s: float,
    travel: TravelTimes | Mapping[str, TravelTimes],
    options: PlanOptions,
) -> Wishes:
    """Stops and teams, checked and compiled; raises what ``plan_patrol`` says."""
    return compiled(checked_stops(stops), teams, shift_s, travel, options)


def compiled(
    table: pd.DataFrame,
    teams: Sequence[Team],
    shift_s: float,
    travel: TravelTimes | Mapping[str, TravelTimes],
    options: PlanOptions,
) -> Wishes:
    """:func:`wishes_of` for rows of a table that :func:`checked_stops` gave."""
    crew = _checked_teams(teams, shift_s)
    table = table.reset_index(drop=True)
    by_mode = _by_mode(crew, travel)
    modes = sorted(by_mode)
    # One numbering of places for all modes: that of the first mode's matrix.
    base = by_mode[modes[0]]
    rows = [np.ix_(by_mode[mode].rows(base.xy), by_mode[mode].rows(base.xy)) for mode in modes]
    seconds = np.stack([by_mode[mode].seconds[row] for mode, row in zip(modes, rows, strict=True)])
    metres = np.stack([by_mode[mode].metres[row] for mode, row in zip(modes, rows, strict=True)])
    row = _rows(table, crew)
    problem = _problem(table, crew, shift_s, base, (seconds, metres), row, options)
    if options.weigh_ways:
        problem = problem._replace(near=_near(problem))
    _check_bases(crew, problem, row)
    return Wishes(table, crew, problem, metres, " / ".join(sorted({by_mode[mode].method for mode in modes})), row)


def _checked_teams(teams: Sequence[Team], shift_s: float) -> tuple[Team, ...]:
    if not teams:
        raise PlanError(zh="没有队伍:至少需要一个队伍才能排班。", en="There is no team: a plan needs at least one.")
    if not 0 < shift_s <= DAY_S:
        raise PlanError(
            zh=f"班次时长须大于 0 且不超过 24 小时,得到 {shift_s / 3600:g} 小时;跨午夜的班次从开始时刻起算秒数。",
            en=f"A shift lasts more than 0 and at most 24 hours, got {shift_s / 3600:g} h; "
            "a shift across midnight counts seconds from its start.",
        )
    names = [team.name for team in teams]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise PlanError(zh=f"队名重复:{'、'.join(twice)}。", en=f"Teams share a name: {', '.join(twice)}.")
    since = partial(time_of_day, start=None, zone="")
    for team in teams:
        end = team.off_duty_s(shift_s)
        mode_named(team.mode)
        if not 0 <= team.start_s < end <= shift_s:
            raise PlanError(
                zh=f"队伍“{team.name}”在班次开始后 {since(team.start_s)}–{since(end)} 在岗;须先开始后结束,且在班次 "
                f"0:00–{since(shift_s)} 之内(跨午夜也从班次开始算)。",
                en=f"Team '{team.name}' is on duty {since(team.start_s)}-{since(end)} after shift start; this must lie "
                f"inside the shift 0:00-{since(shift_s)} and start before it ends. Across midnight hours count from shift start too.",
            )
        if not (_bound(team.max_travel_s) > 0 and _bound(team.max_travel_m) > 0):
            raise PlanError(
                zh=f"队伍“{team.name}”的最长路程(时间或米数)须大于 0;不限请留空。",
                en=f"The most travel of team '{team.name}', in time or metres, must be above 0; leave it out for no bound.",
            )
    return tuple(teams)


def checked_stops(stops: pd.DataFrame) -> pd.DataFrame:
    """The table with every optional column, in a fresh index; all bad rows in one error."""
    require_columns(stops, ["id", "x", "y", "worth", "dwell_s", "open_s", "close_s", "must"], layer="stops")
    table = stops.reset_index(drop=True).copy()
    table["id"] = table["id"].astype("str")
    for name in TEXT:
        fallback = table["id"] if name == "stop" else pd.Series("", index=table.index, dtype="str")
        table[name] = table[name].fillna("").astype("str") if name in table else fallback
    defaults: list[tuple[str, float | bool]] = [("beat", -1), ("outside", False), ("lon", np.nan), ("lat", np.nan)]
    for name, value in defaults:
        if name not in table:
            table[name] = pd.Series(value, index=table.index)
    for name in ENDS:
        table[name] = table[name].astype(float) if name in table else np.nan
    needed = table["skills"].tolist() if "skills" in table else [None] * len(table)
    table["skills"] = pd.Series([needed_skills(value) for value in needed], index=table.index, dtype=object)
    for name in ("must", "outside"):
        table[name] = table[name].astype("boolean").fillna(value=False).astype(bool)
    table["beat"] = table["beat"].fillna(-1).astype("int64")
    numbers = table[["x", "y", "worth", "dwell_s", "open_s", "close_s"]].astype(float)
    exits = np.isfinite(table[["exit_x", "exit_y"]])
    faults = {
        "exit_x/exit_y": exits["exit_x"] ^ exits["exit_y"],
        "x/y": ~np.isfinite(numbers[["x", "y"]]).all(axis=1),
        "worth": ~(np.isfinite(numbers["worth"]) & (numbers["worth"] >= 0)),
        "dwell_s": ~(np.isfinite(numbers["dwell_s"]) & (numbers["dwell_s"] >= 0)),
        "open_s/close_s": ~(np.isfinite(numbers["open_s"]) & (numbers["open_s"] <= numbers["close_s"])),
        "id": table["id"].duplicated() | (table["id"] == ""),
    }
    bad = [f"{name}: {', '.join(table.loc[rows, 'id'].head(10))}" for name, rows in faults.items() if rows.any()]
    if bad:
        count = int(pd.concat(list(faults.values()), axis=1).any(axis=1).sum())
        raise InputError(
            zh=f"{count} 个停留点有缺失或不合理的值(列:编号)——{';'.join(bad)}。请更正后重排,其余数据未改动。",
            en=f"{count} stops have missing or senseless values (column: ids) - {'; '.join(bad)}. "
            "Correct them and plan again; nothing was changed.",
        )
    return table


def needed_skills(value: Any) -> frozenset[str]:
    """Skills that a stop needs: names in a list, or in one string between commas; nothing for a missing value."""
    if value is None or isinstance(value, float):
        return frozenset()
    names = value.replace("，", ",").replace("、", ",").split(",") if isinstance(value, str) else value
    return frozenset(str(name).strip() for name in names) - {""}


def _by_mode(teams: tuple[Team, ...], travel: TravelTimes | Mapping[str, TravelTimes]) -> Mapping[str, TravelTimes]:
    if isinstance(travel, TravelTimes):
        return {team.mode: travel for team in teams}
    lacking = sorted({team.mode for team in teams} - set(travel))
    if lacking:
        raise PlanError(
            zh=f"缺少出行方式的行程时间:{'、'.join(lacking)}。",
            en=f"Travel times are missing for: {', '.join(lacking)}.",
        )
    return {team.mode: travel[team.mode] for team in teams}


def _problem(
    table: pd.DataFrame,
    teams: tuple[Team, ...],
    shift_s: float,
    base: TravelTimes,
    ways: tuple[FloatArray, FloatArray],
    row: npt.NDArray[np.int64],
    options: PlanOptions,
) -> Problem:
    """Visits as arrays, numbered as ``Wishes`` says."""
    resting = [team for team in teams if team.break_s > 0]
    modes = sorted({team.mode for team in teams})
    back = np.arange(len(table) + len(resting), len(row))

    def column(name: str, of_break: list[float]) -> FloatArray:
        return np.concatenate([table[name].to_numpy(dtype=float), of_break, table[name].to_numpy(float)[row[back]]])

    loc, out = _ends(table, resting, base)
    loc, out = np.concatenate([loc, out[row[back]]]), np.concatenate([out, loc[row[back]]])
    ends = np.array([team.places()[:2] for team in teams], dtype=float)
    gain, nothing = column("worth", [0.0] * len(resting)), [0.0] * len(resting)
    wanted = float(table["worth"].sum())
    # A must-visit outweighs everything that is optional, so it is only left out when it cannot be kept; a break is owed.
    first = column("must", [1.0 + float(table["must"].sum())] * len(resting))
    mean = wanted / len(table) if wanted > 0 else 1.0
    mates, mates_from, mates_to, mate_at = _mates(table, row)
    price = options.travel_worth * mean / 600.0
    seconds = np.minimum(ways[0], NO_WAY_S)
    way_price = price if options.weigh_ways else 0.0
    duty = sum(team.off_duty_s(shift_s) - team.start_s for team in teams)
    most = np.array([[_bound(team.max_travel_s), _bound(team.max_travel_m)] for team in teams])
    return Problem(
        loc=loc,
        out=out,
        twin=_twins(row, back),
        dwell=column("dwell_s", [team.break_s for team in resting]),
        effort=column("dwell_s", nothing),
        opens=column("open_s", [team.break_from_s for team in resting]),
        closes=column("close_s", [_break_to(team, shift_s) for team in resting]),
        worth=gain + first * (1.0 + wanted + options.fairness * wanted * len(teams) + way_price * duty),
        gain=gain,
        allowed=_allowed(table, teams, row, cross_beats=options.cross_beats),
        travel=seconds,
        into=_turned(seconds),
        metres=np.minimum(ways[1], NO_WAY_S),
        most_s=np.ascontiguousarray(most[:, 0]),
        most_m=np.ascontiguousarray(most[:, 1]),
        bounded=bool(np.isfinite(most).any()),
        mode=np.array([modes.index(team.mode) for team in teams], dtype=np.int64),
        begin_loc=base.rows(ends[:, 0]),
        end_loc=base.rows(ends[:, 1]),
        begin_s=np.array([team.start_s for team in teams], dtype=float),
        end_s=np.array([team.off_duty_s(shift_s) for team in teams], dtype=float),
        mates=mates,
        mates_from=mates_from,
        mates_to=mates_to,
        mate_at=mate_at,
        spacing=float(options.spacing_s),
        travel_weight=price - way_price,
        fairness=options.fairness * wanted,
        fair_work=options.fair_in == "work",
        by_way=options.weigh_ways,
        way_price=way_price,
        kind=_kinds(teams),
        near=np.empty((len(loc), 0), dtype=np.int64),
    )


def _turned(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ways with their ends exchanged; the very same ones where all are as long there as back, so that half as many are fetched."""
    turned = np.ascontiguousarray(seconds.transpose(0, 2, 1))
    return seconds if np.array_equal(turned, seconds) else turned


def _near(p: Problem) -> npt.NDArray[np.int64]:
    """For each visit those that are the nearest before or after it: by way, a fifth of the wait, and what comes too late."""
    count = min(NEAR, len(p.loc) - 1)
    if count < 1:
        return np.empty((len(p.loc), 0), dtype=np.int64)
    way = p.travel[p.mode[0]][np.ix_(p.out, p.loc)]
    wait = np.maximum(p.opens[None, :] - (p.closes + p.dwell)[:, None] - way, 0.0)
    late = np.maximum((p.opens + p.dwell)[:, None] + way - p.closes[None, :], 0.0)
    away = way + 0.2 * wait + late
    away = np.minimum(away, away.T)
    np.fill_diagonal(away, np.inf)
    return np.argsort(away, axis=1, kind="stable")[:, :count].astype(np.int64)


def _kinds(teams: tuple[Team, ...]) -> npt.NDArray[np.int64]:
    """A number for each team, the same for teams that differ in nothing but the name."""
    plain = [replace(team, name="") for team in teams]
    return np.array([plain.index(team) for team in plain], dtype=np.int64)


def _rows(table: pd.DataFrame, teams: tuple[Team, ...]) -> npt.NDArray[np.int64]:
    two_ended = np.flatnonzero(np.isfinite(table["exit_x"]))
    breaks = sum(team.break_s > 0 for team in teams)
    return np.concatenate([np.arange(len(table)), np.full(breaks, -1), two_ended]).astype(np.int64)


def _twins(row: npt.NDArray[np.int64], back: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    twin = np.full(len(row), -1, dtype=np.int64)
    twin[back], twin[row[back]] = row[back], back
    return twin


def _ends(
    table: pd.DataFrame, resting: list[Team], base: TravelTimes
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where each row and each break is entered and left."""
    enter = table[["x", "y"]].to_numpy(dtype=float)
    leave = np.where(np.isfinite(table[["exit_x"]]), table[["exit_x", "exit_y"]].to_numpy(dtype=float), enter)
    rest = np.array([team.places()[2] for team in resting], dtype=float).reshape(-1, 2)
    return base.rows(np.concatenate([enter, rest])), base.rows(np.concatenate([leave, rest]))


def _bound(value: float | None) -> float:
    return np.inf if value is None else float(value)


def _break_to(team: Team, shift_s: float) -> float:
    return team.off_duty_s(shift_s) - team.break_s if team.break_to_s is None else team.break_to_s


def _allowed(
    table: pd.DataFrame, teams: tuple[Team, ...], row: npt.NDArray[np.int64], *, cross_beats: bool
) -> npt.NDArray[np.uint8]:
    beat = table["beat"].to_numpy(dtype=np.int64)
    own = np.array([team.beat for team in teams], dtype=np.int64)[:, None]
    may = (beat == own) | (beat < 0) | (own < 0) | cross_beats
    may &= ~table["outside"].to_numpy(dtype=bool)
    for r, team in enumerate(teams):
        may[r] &= np.array([needed <= set(team.skills) for needed in table["skills"]], dtype=bool)
    resting = [r for r, team in enumerate(teams) if team.break_s > 0]
    rest = np.arange(len(teams))[:, None] == np.array(resting, dtype=np.int64)[None, :]
    back = row[len(table) + len(resting) :]
    return np.ascontiguousarray(np.concatenate([may, rest, may[:, back]], axis=1).astype(np.uint8))


def _mates(table: pd.DataFrame, row: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Visits grouped by place in order of their windows: the group's list, its ends, and each visit's position in it."""
    rests = row < 0
    stop = np.where(rests, len(table) + np.cumsum(rests), np.append(pd.factorize(table["stop"])[0], -1)[row])
    opens = np.append(table["open_s"].to_numpy(dtype=float), 0.0)[row]
    closes = np.append(table["close_s"].to_numpy(dtype=float), 0.0)[row]
    order = np.lexsort((np.arange(len(stop)), closes, opens, stop))
    at = np.empty(len(stop), dtype=np.int64)
    at[order] = np.arange(len(stop))
    ordered = stop[order]
    return order, np.searchsorted(ordered, stop, "left"), np.searchsorted(ordered, stop, "right"), at


def _check_bases(teams: tuple[Team, ...], problem: Problem, row: npt.NDArray[np.int64]) -> None:
    """Refuse a team that cannot get home, reach any of its stops, or take its break."""
    stops = int(row.max(initial=-1)) + 1
    for r, team in enumerate(teams):
        way = problem.travel[problem.mode[r]]
        begin, end = problem.begin_loc[r], problem.end_loc[r]
        if way[begin, end] > problem.end_s[r] - problem.begin_s[r]:
            raise PlanError(
                zh=f"队伍“{team.name}”在岗时间内无法从起点到达终点(路网不通或太远)。",
                en=f"Team '{team.name}' cannot get from its start to its end while on duty (no way, or too far).",
            )
        if _over(problem, r, begin, end):
            raise PlanError(
                zh=f"队伍“{team.name}”从起点到终点就已超过它的最长路程。",
                en=f"Team '{team.name}' exceeds its most travel on the way from its start to its end alone.",
            )
        mine = problem.allowed[r, :stops] > 0
        if mine.any() and (way[begin, problem.loc[:stops][mine]] >= NO_WAY_S).all():
            raise PlanError(
                zh=f"队伍“{team.name}”的起点与路网不通:到不了它的任何一个停留点。请移动起点,或检查道路图层。",
                en=f"The base of team '{team.name}' is cut off: none of its stops can be reached. "
                "Move the base, or check the streets.",
            )
    for v in np.flatnonzero(row < 0):
        r = int(problem.allowed[:, v].argmax())
        way, place = problem.travel[problem.mode[r]], problem.loc[v]
        start = max(problem.begin_s[r] + way[problem.begin_loc[r], place], problem.opens[v])
        late = start + problem.dwell[v] + way[place, problem.end_loc[r]] > problem.end_s[r]
        if start > problem.closes[v] or late or _over(problem, r, problem.begin_loc[r], place, problem.end_loc[r]):
            raise PlanError(
                zh=f"队伍“{teams[r].name}”的休息排不进它的在岗时间。",
                en=f"The break of team '{teams[r].name}' does not fit its time on duty.",
            )


def _over(problem: Problem, r: int, *places: int) -> bool:
    """Whether the way from place to place alone is more than the team may travel."""
    ways = problem.travel[problem.mode[r]], problem.metres[problem.mode[r]]
    return any(
        sum(way[a, b] for a, b in pairwise(places)) > most
        for way, most in zip(ways, (problem.most_s[r], problem.most_m[r]), strict=True)
    )
