"""Places that must be seen: schools at opening and closing, courier outlets, safe-harbour sites, stations, by rules.

A rule is data: which kind of place, at what wall time, on which days, how often. It knows no person.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

import geopandas as gpd
import pandas as pd
import pyproj

from gis.crs import project
from gis.errors import InputError
from gis.patrol.demand.hours import ShiftClock
from gis.patrol.demand.located import located, require_coordinates, text_of
from gis.patrol.demand.settings import DemandOptions

_KINDS = {
    "school": ("学校", "school"),
    "courier": ("寄递网点", "courier outlet"),
    "safe_harbour": ("平安驿站", "safe harbour"),
    "hospital": ("医院", "hospital"),
    "market": ("市场", "market"),
    "station": ("车站", "station"),
}


@dataclass(frozen=True)
class MustRule:
    """One kind of must-visit.

    Parameters
    ----------
    kind
        Kind of place, as in table ``places``.
    name
        Tells two rules of one kind apart; part of the visit's id.
    zh, en
        What the visit is for.
    dwell_s
        Its length.
    since, until
        Local wall times; the whole visit lies between them. Both or neither. The span belongs to the shift that holds
        its middle.
    days
        ``any``, ``working`` (by the calendar, make-up days included) or ``off``.
    every_days
        Each place comes up once in so many days, spread by its id.
    breaks
        First and last days of periods without such visits, for example school holidays.
    skills
        What a team must be able to do that makes the visit; see ``gis.patrol.Team``.
    """

    kind: str
    name: str = ""
    zh: str = ""
    en: str = ""
    dwell_s: float = 600.0
    since: time | None = None
    until: time | None = None
    days: Literal["any", "working", "off"] = "any"
    every_days: int = 1
    breaks: tuple[tuple[date, date], ...] = ()
    skills: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.since is None) != (self.until is None) or not self.dwell_s > 0 or self.every_days < 1:
            raise InputError(
                zh=f"“{self.kind}”的必巡规则不合理:起止时刻须同时给出,停留与周期须大于 0。",
                en=f"The rule of must-visits for '{self.kind}' makes no sense: give both wall times or none, and a length "
                "and a period above 0.",
            )

    def is_due(self, day: date, clock: ShiftClock) -> bool:
        """Whether the rule holds on a day."""
        worked = clock.calendar.is_working_day(day)
        wanted = {"any": True, "working": worked, "off": not worked}[self.days]
        return wanted and not any(first <= day <= last for first, last in self.breaks)


DEFAULT_MUSTS = (
    MustRule("school", "opening", "上学时段", "at opening", 1200.0, time(7, 10), time(8, 10), "working"),
    MustRule("school", "closing", "放学时段", "at closing", 1200.0, time(16, 30), time(17, 40), "working"),
    MustRule("courier", dwell_s=600.0, since=time(9), until=time(18), every_days=7),
    MustRule("safe_harbour"),
    MustRule("station"),
)
"""Times, lengths and periods are our own choice; a district sets those of its schools and of its orders."""


def plain_rules(options: DemandOptions) -> tuple[MustRule, ...]:
    """Once a shift for each kind of the options."""
    return tuple(MustRule(kind, dwell_s=options.must_dwell_s) for kind in options.must_kinds)


def must_stops(
    places: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    metric: pyproj.CRS,
    shift_s: float,
    rules: Sequence[MustRule],
    clock: ShiftClock | None,
    options: DemandOptions,
) -> pd.DataFrame:
    """The must-visits of a shift, by rule in the order given, then in the order of the places.

    Raises
    ------
    InputError
        A place without coordinates; or a rule that speaks of days or wall times, and no clock.
    """
    found = [_by_rule(places, areas, metric, shift_s, rule, clock, options) for rule in rules]
    some = [table for table in found if len(table)]
    return pd.concat(some) if some else (found[0] if found else pd.DataFrame())


def _by_rule(
    places: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    metric: pyproj.CRS,
    shift_s: float,
    rule: MustRule,
    clock: ShiftClock | None,
    options: DemandOptions,
) -> pd.DataFrame:
    wanted = places[places["kind"] == rule.kind].reset_index(drop=True)
    lon, lat = require_coordinates(wanted, zh="个必巡场所", en="places that must be visited")
    xy = project(lon, lat, metric).reshape(-1, 2)
    grid, outside = located(lon, lat, areas, wanted.get("grid"))
    stop = "place:" + wanted["id"].astype(str)
    names = wanted["name_zh"].astype(str)
    why_zh, why_en = _why(rule)
    table = pd.DataFrame(
        {
            "id": stop + (f"#{rule.name}" if rule.name else ""),
            "stop": stop,
            "visit": 1,
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": names,
            "name_en": text_of(wanted, "name_en", names),
            "kind": "place",
            "why_zh": why_zh,
            "why_en": why_en,
            "worth": options.must_worth,
            "dwell_s": rule.dwell_s,
            "must": True,
            "grid": grid,
            "outside": outside,
            "origin": "must",
            "skills": ",".join(rule.skills),
        }
    )
    spans = _spans(rule, shift_s, clock)
    dated = [
        table.assign(open_s=begin, close_s=end - rule.dwell_s)[_turn(wanted["id"], rule, day)]
        for day, begin, end in spans
        if end - begin >= rule.dwell_s
    ]
    return pd.concat(dated) if dated else table.assign(open_s=0.0, close_s=0.0).iloc[:0]


def _spans(rule: MustRule, shift_s: float, clock: ShiftClock | None) -> list[tuple[date, float, float]]:
    """Day, begin and end of what the rule wants in this shift."""
    if clock is None:
        if rule.since is not None or rule.days != "any" or rule.every_days > 1 or rule.breaks:
            raise InputError(
                zh=f"“{rule.kind}”的必巡规则按日期或时刻,须给出班次的日历时间(clock)。",
                en=f"The rule of must-visits for '{rule.kind}' goes by days or wall times; give the clock of the shift.",
            )
        return [(date.min, 0.0, max(shift_s, rule.dwell_s))]
    if rule.since is None or rule.until is None:
        spans = [(clock.day, 0.0, max(shift_s, rule.dwell_s))]
    else:
        spans = clock.spans(rule.since, rule.until)
    return [(day, begin, end) for day, begin, end in spans if rule.is_due(day, clock)]


def _turn(ids: pd.Series, rule: MustRule, day: date) -> list[bool]:
    """Whose turn it is on a day; by the id alone, so that a new place moves no other."""
    if rule.every_days == 1:
        return [True] * len(ids)
    return [(day.toordinal() + zlib.crc32(str(each).encode())) % rule.every_days == 0 for each in ids]


def _why(rule: MustRule) -> tuple[str, str]:
    zh, en = _KINDS.get(rule.kind, (rule.kind, rule.kind))
    zh, en = f"必巡点:{zh}" + rule.zh, f"mandatory stop: {en}" + (f" {rule.en}" if rule.en else "")
    if rule.since is not None and rule.until is not None:
        zh += f"({rule.since:%H:%M}–{rule.until:%H:%M})"
        en += f" ({rule.since:%H:%M}-{rule.until:%H:%M})"
    if rule.days != "any":
        zh += ",工作日(含调休上班)" if rule.days == "working" else ",非工作日"
        en += ", working days with make-up days" if rule.days == "working" else ", days off"
    if rule.every_days > 1:
        zh += f",每 {rule.every_days} 天轮到一次"
        en += f", once in {rule.every_days} days"
    if rule.skills:
        zh += f",需要:{'、'.join(rule.skills)}"
        en += f", needs {', '.join(rule.skills)}"
    return zh, en
