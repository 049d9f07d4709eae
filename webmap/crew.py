"""The teams of a plan: one a beat from its post, with what a planner said of single teams worked out for the shift.

It reads places and areas and plans nothing. Whatever makes no sense in this shift is refused with the team and the field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import project, unproject
from gis.patrol import Team
from gis.patrol.demand import ShiftClock
from gis.roads import MODES
from webmap.services import Services
from webmap.store import Viewer
from webmap.team_settings import Base, TeamSettings, wrong

Place = tuple[tuple[float, float], tuple[float, float], tuple[str, str]]
"""Metres, degrees and the name in both languages."""


@dataclass(frozen=True)
class Own:
    """What one team has of its own: fields of ``gis.patrol.Team``, and all but the mode in words."""

    fields: dict[str, Any]
    zh: str
    en: str


def own_of(
    services: Services, viewer: Viewer, settings: Sequence[TeamSettings], *, names: Sequence[str], clock: ShiftClock
) -> dict[int, Own]:
    """What teams have of their own in one shift, by their number from 0.

    Parameters
    ----------
    settings
        Of teams by name, or by number from 1.
    names
        Of all teams of the plan, in order.

    Raises
    ------
    InputError
        A team that is not in the plan or named twice, hours outside the shift, a break outside the hours, a place that is
        not known or outside the area; it names team and field.
    """
    found: dict[int, Own] = {}
    for each in settings:
        number = number_of(each.team, names)
        if number is None:
            zh, en = f"方案里没有这个队(共 {len(names)} 队)", f"the plan has no such team (it has {len(names)})"
            raise wrong(each.team, "team", zh, en)
        if number in found:
            raise wrong(each.team, "team", "以队名和队号各写了一次", "said by its name and by its number")
        found[number] = _own(services, viewer, each, clock)
    return found


def number_of(team: str, names: Sequence[str]) -> int | None:
    """Which of the names somebody means, from 0: by the name itself, else by its number from 1; None for neither."""
    if team in names:
        return list(names).index(team)
    return int(team) - 1 if team.isdecimal() and 1 <= int(team) <= len(names) else None


def crew_of(
    services: Services,
    viewer: Viewer,
    own: Mapping[int, Own],
    *,
    names: Sequence[str],
    mode: str,
    ground: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]],
) -> list[Team]:
    """One team a beat, from the patrol post nearest to where its work lies; from there itself where no post is known.

    Parameters
    ----------
    own
        As ``own_of`` gives it.
    ground
        Of each cell: metres (k, 2), its beat, and its minutes of work.
    """
    xy, beat, minutes = ground
    crs = services.metric(viewer)
    places = services.layer("places", viewer)
    posts = places[places["kind"] == "depot"] if len(places) else places
    known = project(posts["lon"].to_numpy(), posts["lat"].to_numpy(), crs) if len(posts) else None
    teams = []
    for number, name in enumerate(names):
        mine = beat == number
        middle = np.average(xy[mine], axis=0, weights=minutes[mine])
        base = known if known is not None else xy[mine]
        start = base[np.argmin(((base - middle) ** 2).sum(axis=1))]
        lon, lat = unproject(start[None, :], crs)
        usual: dict[str, Any] = {
            "start_xy": (float(start[0]), float(start[1])),
            "start_lonlat": (float(lon[0]), float(lat[0])),
            "mode": mode,
        }
        fields = usual | (own[number].fields if number in own else {})
        teams.append(Team(name=name, beat=number, **fields))
    return teams


def words_of(own: Mapping[int, Own], number: int, mode: str) -> tuple[str, str]:
    """What a plan says of a team beside its tour, in Chinese and English; nothing where no team has anything of its own."""
    if not own:
        return "", ""
    mine = own.get(number)
    zh, en = [MODES[mode].name_zh], [MODES[mode].name_en]
    if mine is not None and mine.zh:
        zh, en = [*zh, mine.zh], [*en, mine.en]
    return " · ".join(zh), " · ".join(en)


def _own(services: Services, viewer: Viewer, each: TeamSettings, clock: ShiftClock) -> Own:
    fields: dict[str, Any] = {}
    parts: list[tuple[str, str]] = []
    if each.mode:
        fields["mode"] = each.mode
    begin, end = _hours(each, clock)
    if each.since or each.until:
        fields |= {"start_s": begin, "end_s": end}
        span = f"{each.since or clock.shift.start:%H:%M}–{each.until or clock.shift.end:%H:%M}"
        parts.append((f"{span} 在岗", f"on duty {span.replace('–', '-')}"))
    rest, told = _break(each, clock, begin, end)
    fields |= rest
    parts += told
    if each.most_km is not None:
        fields["max_travel_m"] = each.most_km * 1000.0
        parts.append((f"路程不超过 {each.most_km:g} 公里", f"at most {each.most_km:g} km"))
    if each.skills:
        fields["skills"] = each.skills
        parts.append((f"技能:{'、'.join(each.skills)}", f"skills: {', '.join(each.skills)}"))
    for field, base, zh, en in (("start", each.start, "起点", "starts at"), ("end", each.end, "终点", "ends at")):
        if base:
            metres, degrees, (name_zh, name_en) = _place(services, viewer, each.team, field, base)
            fields |= {f"{field}_xy": metres, f"{field}_lonlat": degrees}
            parts.append((f"{zh}:{name_zh}", f"{en} {name_en}"))
    return Own(fields, " · ".join(zh for zh, _ in parts), " · ".join(en for _, en in parts))


def _hours(each: TeamSettings, clock: ShiftClock) -> tuple[float, float]:
    """Begin and end of duty, seconds from shift start."""
    begin = 0.0 if each.since is None else _second(each.team, "from", each.since, clock)[0]
    end = clock.seconds if each.until is None else _second(each.team, "to", each.until, clock)[-1]
    if not begin < end:
        until = each.until or clock.shift.end
        zh, en = f"须早于下岗时刻 {until:%H:%M}", f"it must come before the end of duty at {until:%H:%M}"
        raise wrong(each.team, "from", zh, en)
    return begin, end


def _break(
    each: TeamSettings, clock: ShiftClock, begin: float, end: float
) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """The fields of the break, and its words."""
    if not each.break_min:
        field = "break_from" if each.break_from else "break_to"
        if each.break_from or each.break_to:
            raise wrong(each.team, field, "还须填写休息时长(分钟)", "say the length of the break too, in minutes")
        return {}, []
    length = 60.0 * each.break_min
    first = begin if each.break_from is None else _second(each.team, "break_from", each.break_from, clock)[0]
    last = end - length if each.break_to is None else _second(each.team, "break_to", each.break_to, clock)[-1]
    if not (each.break_from or each.break_to) and last < begin:
        raise wrong(each.team, "break_min", "比在岗时间还长", "it is longer than the duty")
    if last < begin and not each.break_from:
        raise wrong(each.team, "break_to", "应在上岗之后", "it lies after the start of duty")
    if first < begin or first > last:
        zh = "应在上岗之后、休息最晚开始之前"
        en = "it lies after the start of duty and before the latest start of the break"
        raise wrong(each.team, "break_from", zh, en)
    if last + length > end:
        zh = f"最晚须在下岗前 {each.break_min:g} 分钟开始"
        en = f"it begins at the latest {each.break_min:g} minutes before the end of duty"
        raise wrong(each.team, "break_to", zh, en)
    zh, en = f"休息 {each.break_min:g} 分钟", f"break of {each.break_min:g} min"
    if each.break_from and each.break_to:
        span = f"{each.break_from:%H:%M}–{each.break_to:%H:%M}"
        zh, en = f"{zh}({span} 开始)", f"{en} (begun {span.replace('–', '-')})"
    elif each.break_from:
        zh, en = f"{zh}({each.break_from:%H:%M} 起)", f"{en} (begun from {each.break_from:%H:%M})"
    elif each.break_to:
        zh, en = f"{zh}(不晚于 {each.break_to:%H:%M} 开始)", f"{en} (begun by {each.break_to:%H:%M})"
    return {"break_s": length, "break_from_s": first, "break_to_s": last}, [(zh, en)]


def _second(team: str, field: str, wall: time, clock: ShiftClock) -> list[float]:
    found = clock.moments(wall)
    if not found:
        span = f"{clock.shift.start:%H:%M}–{clock.shift.end:%H:%M}"
        raise wrong(team, field, f"{wall:%H:%M} 不在班次 {span} 之内", f"{wall:%H:%M} does not lie in the shift {span}")
    return found


def _place(services: Services, viewer: Viewer, team: str, field: str, base: Base) -> Place:
    if isinstance(base, str):
        places = services.layer("places", viewer)
        found = places[places["id"].astype(str) == base] if len(places) else places
        if not len(found):
            zh = f"排班区域内没有编号为“{base}”的场所"
            en = f"there is no place with id '{base}' in the area that is planned"
            raise wrong(team, field, zh, en)
        row = found.iloc[0]
        lon, lat = float(row["lon"]), float(row["lat"])
        names = (str(row["name_zh"]), str(row["name_en"] or row["name_zh"]))
    else:
        lon, lat = base
        names = (f"{lon:.5f},{lat:.5f}",) * 2
        if not len(services.cells(viewer).sindex.query(shapely.Point(lon, lat), predicate="intersects")):
            raise wrong(team, field, "该位置不在排班区域内", "the place lies outside the area that is planned")
    x, y = project(np.array([lon]), np.array([lat]), services.metric(viewer))[0]
    return (float(x), float(y)), (lon, lat), names
