"""Why a wanted visit is in no tour: the rule that binds, in words. It looks at the finished plan and changes nothing."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from gis.patrol._state import Problem, Tours
from gis.patrol._wishes import NO_WAY_S, Wishes
from gis.patrol.tours import Unserved

Clock = Callable[[float], str]


def unserved_visits(wishes: Wishes, best: Tours, clock: Clock) -> list[Unserved]:
    """Every visit without a tour, must-visits first, then by worth; ``clock`` says a second of the shift in words."""
    table = wishes.stops
    left = np.flatnonzero(~wishes.served(best))
    must, worth = table["must"].to_numpy(dtype=bool)[left], table["worth"].to_numpy(dtype=float)[left]
    return [_unserved(wishes, best, int(visit), clock) for visit in left[np.lexsort((left, -worth, ~must))]]


def _unserved(wishes: Wishes, best: Tours, visit: int, clock: Clock) -> Unserved:
    row = wishes.stops.iloc[visit]
    rule, zh, en = _binding_rule(wishes, best, visit, clock)
    return Unserved(
        id=str(row["id"]),
        stop=str(row["stop"]),
        name_zh=str(row["name_zh"]),
        name_en=str(row["name_en"]),
        kind=str(row["kind"]),
        must=bool(row["must"]),
        worth=float(row["worth"]),
        lon=None if pd.isna(row["lon"]) else float(row["lon"]),
        lat=None if pd.isna(row["lat"]) else float(row["lat"]),
        grid=str(row["grid"]),
        rule=rule,
        reason_zh=zh,
        reason_en=en,
    )


def _binding_rule(wishes: Wishes, best: Tours, visit: int, clock: Clock) -> tuple[str, str, str]:
    problem = wishes.problem
    if wishes.stops["outside"].iat[visit]:
        return "outside", "在辖区边界之外", "lies outside the district"
    crew = np.flatnonzero(problem.allowed[:, visit])
    if not len(crew):
        return _nobody(wishes, visit)
    mode, place, out = problem.mode[crew], problem.loc[visit], problem.out[visit]
    # Single ways: a row or a matrix of them for every team would be copied for every visit left out.
    there = problem.travel[mode, problem.begin_loc[crew], place]
    home = problem.travel[mode, out, problem.end_loc[crew]]
    ways = (there < NO_WAY_S) & (home < NO_WAY_S)
    if not ways.any():
        return "unreachable", "从队伍驻地走不到(路网不通或离路太远)", "no way leads there from the team's base"
    start = np.maximum(problem.begin_s[crew] + there, problem.opens[visit])[ways]
    if (start > problem.closes[visit]).all():
        soonest, close = clock(float(start.min())), clock(float(problem.closes[visit]))
        return (
            "window",
            f"最早 {soonest} 才能到,应在 {close} 前开始",
            f"reached at {soonest} at the earliest, but must begin by {close}",
        )
    late = start + problem.dwell[visit] + home[ways] - problem.end_s[crew][ways]
    in_time = start <= problem.closes[visit]
    if (late[in_time] > 0).all():
        over = int(np.ceil(late[in_time].min() / 60))
        return (
            "shift",
            f"在岗时间不够:去、停留、返回要超出 {over} 分钟",
            f"the time on duty is too short: going, staying and returning takes {over} min more",
        )
    if (_alone(problem, crew[ways][in_time][late[in_time] <= 0], visit) > 0).all():
        return (
            "walking",
            "去和回的路程超过队伍的最长路程",
            "the way there and back is more than the teams may travel",
        )
    if _mates_in_the_way(wishes, best, visit):
        gap = round(problem.spacing / 60)
        return (
            "spacing",
            f"与同一地点的另一次巡查间隔不足 {gap} 分钟",
            f"less than {gap} min from another visit to the same place",
        )
    if wishes.stops["must"].iat[visit]:
        return (
            "time",
            "与其他必巡点排不到一起:队伍在该时段内已被必巡点占满",
            "does not fit beside the other must-visits: they fill the teams' time in its window",
        )
    if problem.way_price > 0:
        return (
            "time",
            "不值得为它走这段路,或队伍时间已用于更合算的停留点",
            "is not worth its way, or the teams' time goes to stops that are worth more for theirs",
        )
    return "time", "队伍时间已用于价值更高的停留点", "the teams' time goes to stops of more worth"


def _nobody(wishes: Wishes, visit: int) -> tuple[str, str, str]:
    """No team may serve it: its beat has none, or none has the skills."""
    beat = int(wishes.stops["beat"].to_numpy()[visit])
    needed: frozenset[str] = wishes.stops["skills"].to_numpy()[visit]
    if not any(needed <= set(team.skills) for team in wishes.teams) or beat < 0:
        names = ", ".join(sorted(needed))
        return "skill", f"没有队伍具备所需技能:{names}", f"no team has the skills it needs: {names}"
    if needed and any(team.beat in {beat, -1} for team in wishes.teams):
        names = ", ".join(sorted(needed))
        return "skill", f"责任区 {beat} 的队伍不具备所需技能:{names}", f"no team of beat {beat} has the skills: {names}"
    return "no_team", f"责任区 {beat} 没有队伍", f"beat {beat} has no team"


def _alone(problem: Problem, crew: np.ndarray, visit: int) -> np.ndarray:
    """By how much a tour to this visit alone exceeds each team's most travel; the worse of seconds and metres."""
    mode, begin, end = problem.mode[crew], problem.begin_loc[crew], problem.end_loc[crew]
    place, out = problem.loc[visit], problem.out[visit]
    over = [
        matrix[mode, begin, place] + matrix[mode, out, end] - most[crew]
        for matrix, most in ((problem.travel, problem.most_s), (problem.metres, problem.most_m))
    ]
    return np.maximum(*over)


def _mates_in_the_way(wishes: Wishes, best: Tours, visit: int) -> bool:
    """Whether visits to the same place leave no moment inside the window."""
    problem = wishes.problem
    low, high = problem.opens[visit], problem.closes[visit]
    for place in range(problem.mates_from[visit], problem.mates_to[visit]):
        mate = problem.mates[place]
        if best.team[mate] < 0:
            continue
        start = best.start[best.team[mate], best.at[mate]]
        if place < problem.mate_at[visit]:
            low = max(low, start + problem.spacing)
        else:
            high = min(high, start - problem.spacing)
    return bool(low > high)
