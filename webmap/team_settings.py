"""What a planner may say of single teams: hours, break, mode, skills, longest way, start and end. Read, checked, written back.

What it means in one shift is worked out in :mod:`webmap.crew`. It looks nothing up and knows teams and places, never persons.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from gis.errors import InputError
from gis.roads import MODES

MOST_BREAK_MIN = 240
MOST_KM = 300.0
MOST_SKILLS = 10
LONGEST_WORD = 40
Base = str | tuple[float, float]
"""The id of a place, or degrees (lon, lat); an empty id is the nearest post."""

FIELDS: Mapping[str, tuple[str, str]] = {
    "team": ("队伍", "team"),
    "from": ("上岗时刻", "start of duty"),
    "to": ("下岗时刻", "end of duty"),
    "break_min": ("休息时长", "length of the break"),
    "break_from": ("休息最早开始", "earliest start of the break"),
    "break_to": ("休息最晚开始", "latest start of the break"),
    "mode": ("出行方式", "mode"),
    "skills": ("技能", "skills"),
    "most_km": ("最长路程", "longest way"),
    "start": ("起点", "start"),
    "end": ("终点", "end"),
}
"""What may be said of a team, as a client names it, with the words for people."""


@dataclass(frozen=True)
class TeamSettings:
    """What one team has of its own; what is left out is as for the whole plan.

    Parameters
    ----------
    team
        Its name, or its number from 1.
    since, until
        On duty, local wall times inside the shift.
    break_min, break_from, break_to
        Length of a break at its start, minutes, and between which wall times it begins; 0 for none.
    mode
        ``foot``, ``ebike`` or ``car``.
    skills
        Words, as must-visits ask for them.
    most_km
        Longest way of the shift, to the break and home included.
    start, end
        Where it starts and ends: the patrol post nearest to its work, and where it started, without a word.
    """

    team: str
    since: time | None = None
    until: time | None = None
    break_min: float = 0.0
    break_from: time | None = None
    break_to: time | None = None
    mode: str = ""
    skills: tuple[str, ...] = ()
    most_km: float | None = None
    start: Base = ""
    end: Base = ""

    def body(self) -> dict[str, Any]:
        """The same as a client says it, without what was left out."""
        told: dict[str, Any] = {
            "team": self.team,
            "from": _clock(self.since),
            "to": _clock(self.until),
            "break_min": self.break_min,
            "break_from": _clock(self.break_from),
            "break_to": _clock(self.break_to),
            "mode": self.mode,
            "skills": list(self.skills),
            "most_km": self.most_km,
            "start": _told_base(self.start),
            "end": _told_base(self.end),
        }
        return {name: value for name, value in told.items() if value}


def wrong(team: str, field: str, zh: str, en: str) -> InputError:
    """What is wrong with one field of one team, or with the ``team`` itself."""
    number = team.isdecimal()
    team_zh, team_en = (f"第 {team} 队", f"Team {team}") if number else (f"队伍“{team}”", f"Team '{team}'")
    if field != "team":
        named_zh, named_en = FIELDS[field]
        team_zh, team_en = f"{team_zh}的{named_zh}", f"{team_en}, {named_en}"
    return InputError(zh=f"{team_zh}:{zh}。", en=f"{team_en}: {en}.")


def settings_of(told: Any, *, most: int) -> tuple[TeamSettings, ...]:
    """What a client or the store says of teams.

    Parameters
    ----------
    told
        A list of objects with ``team`` and any of ``FIELDS``; None for none.
    most
        So many teams at most.

    Raises
    ------
    InputError
        Not such a list, a field that is not known or of a wrong kind, or two for one team; it names team and field.
    """
    rows = [] if told is None else told
    if not isinstance(rows, list | tuple) or len(rows) > most or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(
            zh=f"team_settings 应为各队设置的列表,至多 {most} 项。",
            en=f"team_settings is a list of at most {most} objects, one a team.",
        )
    found = tuple(_one(row) for row in rows)
    twice = next((each.team for n, each in enumerate(found) if each.team in {other.team for other in found[:n]}), "")
    if twice:
        raise wrong(twice, "team", "出现两次", "said twice")
    return found


def told_in(path: Path) -> dict[str, Any]:
    """What a JSON file says of teams, as clients say it: ``team_settings`` and ``must_skills``, either may be left out.

    Raises
    ------
    InputError
        No such file, no JSON, or another object.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(zh=f"无法读取 {path}:{error}", en=f"Cannot read {path}: {error}") from error
    if not isinstance(told, dict) or not set(told) <= {"team_settings", "must_skills"}:
        raise InputError(
            zh=f"{path} 应为 JSON 对象,只含 team_settings 和 must_skills。",
            en=f"{path} should hold a JSON object with team_settings and must_skills alone.",
        )
    return told


def must_skills_of(told: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What must-visits of a kind of place ask a team to be able to do: pairs of kind and skills, in order of the kinds.

    Raises
    ------
    InputError
        Not an object that leads from kinds of places to lists of words.
    """
    pairs = {} if told is None else told
    if not isinstance(pairs, Mapping) or len(pairs) > MOST_SKILLS:
        pairs = {"": None}
    found = {kind: _words(words) for kind, words in pairs.items()}
    if not all(_is_word(kind) and words is not None for kind, words in found.items()):
        raise InputError(
            zh='must_skills 应为场所类别到技能列表的对照,如 {"school": ["急救"]}。',
            en='must_skills leads from kinds of places to lists of skills, such as {"school": ["first aid"]}.',
        )
    return tuple(sorted((kind, words) for kind, words in found.items() if words))


def _one(told: Mapping[str, Any]) -> TeamSettings:
    team = _team(told.get("team"))
    strange = [str(name) for name in told if name not in FIELDS]
    if strange:
        # Half a sign cannot be sent back.
        named = "".join(sign if sign.isprintable() else "?" for sign in strange[0][:LONGEST_WORD])
        raise wrong(
            team,
            "team",
            f"没有设置项“{named}”,可用:{'、'.join(FIELDS)}",
            f"there is no setting '{named}'; there are {', '.join(FIELDS)}",
        )
    return TeamSettings(
        team,
        since=_wall(team, "from", told),
        until=_wall(team, "to", told),
        break_min=_number(team, "break_min", told, MOST_BREAK_MIN, "分钟", "minutes") or 0.0,
        break_from=_wall(team, "break_from", told),
        break_to=_wall(team, "break_to", told),
        mode=_mode(team, told),
        skills=_skills(team, told),
        most_km=_number(team, "most_km", told, MOST_KM, "公里", "km"),
        start=_base(team, "start", told),
        end=_base(team, "end", told),
    )


def _team(told: Any) -> str:
    if type(told) is int and 0 < told < 1000:
        return str(told)
    if isinstance(told, str) and _is_word(told.strip()):
        return told.strip()
    raise InputError(
        zh="team_settings 的每一项须有 team:队名,或从 1 开始的队号。",
        en="Each of team_settings has team: the name of a team, or its number from 1.",
    )


def _wall(team: str, field: str, told: Mapping[str, Any]) -> time | None:
    value = told.get(field)
    if value is None or value == "":
        return None
    read = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", value) if isinstance(value, str) else None
    if read is None or int(read[1]) > 23 or int(read[2]) > 59:
        raise wrong(team, field, "时刻应写成 08:30", "a time is written like 08:30")
    return time(int(read[1]), int(read[2]))


def _number(team: str, field: str, told: Mapping[str, Any], most: float, zh: str, en: str) -> float | None:
    value = told.get(field)
    if value is None or (type(value) in (int, float) and value == 0):
        return None
    if type(value) not in (int, float) or not 0 < value <= most:
        raise wrong(team, field, f"应大于 0、不超过 {most:g} {zh}", f"above 0 and at most {most:g} {en}")
    return float(value)


def _mode(team: str, told: Mapping[str, Any]) -> str:
    mode = told.get("mode")
    if mode is None or mode == "":
        return ""
    if not isinstance(mode, str) or mode not in MODES:
        raise wrong(team, "mode", f"可用:{'、'.join(MODES)}", f"there are {', '.join(MODES)}")
    return mode


def _skills(team: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    words = _words(told.get("skills"))
    if words is None:
        raise wrong(
            team,
            "skills",
            f"应为至多 {MOST_SKILLS} 个词的列表,每个不超过 {LONGEST_WORD} 字,不含逗号",
            f"a list of at most {MOST_SKILLS} words of at most {LONGEST_WORD} letters, without commas",
        )
    return words


def _words(told: Any) -> tuple[str, ...] | None:
    """Words of a list, each once; None where it is none."""
    words = [] if told is None else told
    if not isinstance(words, list | tuple) or len(words) > MOST_SKILLS:
        return None
    plain = [word.strip() if isinstance(word, str) else "" for word in words]
    # Skills stand between commas in the table of stops.
    if not all(_is_word(word) and not re.search("[,，、]", word) for word in plain):
        return None
    return tuple(dict.fromkeys(plain))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_WORD and value.isprintable()


def _base(team: str, field: str, told: Mapping[str, Any]) -> Base:
    value = told.get(field)
    if value is None or value == "":
        return ""
    if isinstance(value, str) and len(value) <= 100 and value.isprintable():
        return value
    if isinstance(value, Mapping) and set(value) == {"lon", "lat"}:
        lon, lat = value["lon"], value["lat"]
        if all(type(each) in (int, float) for each in (lon, lat)) and abs(lon) <= 180 and abs(lat) <= 90:
            return float(lon), float(lat)
    raise wrong(team, field, "应为场所编号,或 lon、lat(度)", "the id of a place, or lon and lat in degrees")


def _clock(wall: time | None) -> str:
    return "" if wall is None else f"{wall:%H:%M}"


def _told_base(base: Base) -> str | dict[str, float]:
    return base if isinstance(base, str) else {"lon": base[0], "lat": base[1]}
