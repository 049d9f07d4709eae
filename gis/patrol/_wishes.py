"""What plan_patrol is asked, checked at the door and put into arrays for the search. It plans nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError, PlanError
from gis.patrol._search import Problem
from gis.patrol.options import PlanOptions
from gis.patrol.tours import Team
from gis.patrol.travel import TravelTimes
from gis.roads.modes import mode_named
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
DAY_S = 86400.0
NO_WAY_S = 1e12
TEXT = ("stop", "name_zh", "name_en", "kind", "why_zh", "why_en", "grid")


@dataclass(frozen=True, eq=False)
class Wishes:
    """The stops and teams of a plan, checked, with the compiled problem; visits beyond the table's rows are breaks.

    ``metres`` has the shape and the numbering of ``problem.travel``.
    """

    stops: pd.DataFrame
    teams: tuple[Team, ...]
    problem: Problem
    metres: FloatArray
    travel_method: str


def wishes_of(
    stops: pd.DataFrame,
    teams: Sequence[Team],
    shift_s: float,
    travel: TravelTimes | Mapping[str, TravelTimes],
    options: PlanOptions,
) -> Wishes:
    """Stops and teams, checked and compiled; raises what ``plan_patrol`` says."""
    crew = _checked_teams(teams, shift_s)
    table = _checked_stops(stops)
    by_mode = _by_mode(crew, travel)
    modes = sorted(by_mode)
    # One numbering of places for all modes: that of the first mode's matrix.
    base = by_mode[modes[0]]
    rows = [np.ix_(by_mode[mode].rows(base.xy), by_mode[mode].rows(base.xy)) for mode in modes]
    seconds = np.stack([by_mode[mode].seconds[row] for mode, row in zip(modes, rows, strict=True)])
    metres = np.stack([by_mode[mode].metres[row] for mode, row in zip(modes, rows, strict=True)])
    problem = _problem(table, crew, shift_s, base, seconds, options)
    _check_bases(crew, problem, len(table))
    return Wishes(table, crew, problem, metres, " / ".join(sorted({by_mode[mode].method for mode in modes})))


def _checked_teams(teams: Sequence[Team], shift_s: float) -> tuple[Team, ...]:
    if not teams:
        raise PlanError(zh="没有队伍:至少需要一个队伍才能排班。", en="There is no team: a plan needs at least one.")
    if not 0 < shift_s <= DAY_S:
        raise PlanError(
            zh=f"班次时长须大于 0 且不超过 24 小时,得到 {shift_s} 秒;跨午夜的班次从开始时刻起算秒数。",
            en=f"A shift lasts more than 0 and at most 24 hours, got {shift_s} s; "
            "a shift across midnight counts seconds from its start.",
        )
    names = [team.name for team in teams]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise PlanError(zh=f"队名重复:{'、'.join(twice)}。", en=f"Teams share a name: {', '.join(twice)}.")
    for team in teams:
        end = team.off_duty_s(shift_s)
        mode_named(team.mode)
        if not 0 <= team.start_s < end <= shift_s:
            raise PlanError(
                zh=f"队伍“{team.name}”的在岗时间 {team.start_s:.0f}–{end:.0f} 秒须在班次 0–{shift_s:.0f} 秒之内,且先开始后结束;"
                "跨午夜时用“从班次开始起的秒数”。",
                en=f"Team '{team.name}' is on duty {team.start_s:.0f}-{end:.0f} s; this must lie inside the shift "
                f"0-{shift_s:.0f} s and start before it ends. Across midnight, count seconds from shift start.",
            )
    return tuple(teams)


def _checked_stops(stops: pd.DataFrame) -> pd.DataFrame:
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
    for name in ("must", "outside"):
        table[name] = table[name].astype("boolean").fillna(value=False).astype(bool)
    table["beat"] = table["beat"].fillna(-1).astype("int64")
    numbers = table[["x", "y", "worth", "dwell_s", "open_s", "close_s"]].astype(float)
    faults = {
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
    seconds: FloatArray,
    options: PlanOptions,
) -> Problem:
    """Visits of the table, then one visit a break, as arrays."""
    resting = [r for r, team in enumerate(teams) if team.break_s > 0]
    modes = sorted({team.mode for team in teams})
    visit_xy = [*table[["x", "y"]].to_numpy(dtype=float), *(teams[r].places()[2] for r in resting)]
    xy = np.array(visit_xy, dtype=float).reshape(-1, 2)
    ends = np.array([team.places()[:2] for team in teams], dtype=float)
    worth = table["worth"].to_numpy(dtype=float)
    first = np.concatenate([table["must"].to_numpy(dtype=bool), np.ones(len(resting), dtype=bool)])
    padded = np.concatenate([worth, np.zeros(len(resting))])
    mean = float(worth.mean()) if len(worth) and worth.sum() > 0 else 1.0
    mates, mates_from, mates_to, mate_at = _mates(table, len(resting))
    return Problem(
        loc=base.rows(xy),
        dwell=np.concatenate([table["dwell_s"].to_numpy(dtype=float), [teams[r].break_s for r in resting]]),
        opens=np.concatenate([table["open_s"].to_numpy(dtype=float), [teams[r].break_from_s for r in resting]]),
        closes=np.concatenate(
            [table["close_s"].to_numpy(dtype=float), [_break_to(teams[r], shift_s) for r in resting]]
        ),
        # A must-visit outweighs everything that is optional, so it is only left out when it cannot be kept.
        worth=padded + first * (1.0 + padded.sum()),
        allowed=_allowed(table, teams, resting, cross_beats=options.cross_beats),
        travel=np.minimum(seconds, NO_WAY_S),
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
        travel_weight=options.travel_worth * mean / 600.0,
    )


def _break_to(team: Team, shift_s: float) -> float:
    return team.off_duty_s(shift_s) - team.break_s if team.break_to_s is None else team.break_to_s


def _allowed(
    table: pd.DataFrame, teams: tuple[Team, ...], resting: list[int], *, cross_beats: bool
) -> npt.NDArray[np.uint8]:
    beat = table["beat"].to_numpy(dtype=np.int64)
    own = np.array([team.beat for team in teams], dtype=np.int64)[:, None]
    may = (beat == own) | (beat < 0) | (own < 0) | cross_beats
    may &= ~table["outside"].to_numpy(dtype=bool)
    rest = np.arange(len(teams))[:, None] == np.array(resting, dtype=np.int64)[None, :]
    return np.ascontiguousarray(np.concatenate([may, rest], axis=1).astype(np.uint8))


def _mates(table: pd.DataFrame, breaks: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Visits grouped by place in order of their windows: the group's list, its ends, and each visit's position in it."""
    stop = np.concatenate([pd.factorize(table["stop"])[0], len(table) + np.arange(breaks)]).astype(np.int64)
    opens = np.concatenate([table["open_s"].to_numpy(dtype=float), np.zeros(breaks)])
    closes = np.concatenate([table["close_s"].to_numpy(dtype=float), np.zeros(breaks)])
    order = np.lexsort((np.arange(len(stop)), closes, opens, stop))
    at = np.empty(len(stop), dtype=np.int64)
    at[order] = np.arange(len(stop))
    ordered = stop[order]
    return order, np.searchsorted(ordered, stop, "left"), np.searchsorted(ordered, stop, "right"), at


def _check_bases(teams: tuple[Team, ...], problem: Problem, stops: int) -> None:
    """Refuse a team that cannot get home, reach any of its stops, or take its break."""
    for r, team in enumerate(teams):
        way = problem.travel[problem.mode[r]]
        begin, end = problem.begin_loc[r], problem.end_loc[r]
        if way[begin, end] > problem.end_s[r] - problem.begin_s[r]:
            raise PlanError(
                zh=f"队伍“{team.name}”在岗时间内无法从起点到达终点(路网不通或太远)。",
                en=f"Team '{team.name}' cannot get from its start to its end while on duty (no way, or too far).",
            )
        mine = problem.allowed[r, :stops] > 0
        if mine.any() and (way[begin, problem.loc[:stops][mine]] >= NO_WAY_S).all():
            raise PlanError(
                zh=f"队伍“{team.name}”的起点与路网不通:到不了它的任何一个停留点。请移动起点,或检查道路图层。",
                en=f"The base of team '{team.name}' is cut off: none of its stops can be reached. "
                "Move the base, or check the streets.",
            )
    for v in range(stops, len(problem.loc)):
        r = int(problem.allowed[:, v].argmax())
        way, place = problem.travel[problem.mode[r]], problem.loc[v]
        start = max(problem.begin_s[r] + way[problem.begin_loc[r], place], problem.opens[v])
        if start > problem.closes[v] or start + problem.dwell[v] + way[place, problem.end_loc[r]] > problem.end_s[r]:
            raise PlanError(
                zh=f"队伍“{teams[r].name}”的休息排不进它的在岗时间。",
                en=f"The break of team '{teams[r].name}' does not fit its time on duty.",
            )
