"""What a patrol plan is: teams, their tours stop by stop, what is left out and why, and the totals. JSON-safe both ways.

It holds places and team names, never persons, and it decides nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

XY = tuple[float, float]
FORMAT = 1
"""Version of the dictionary that ``Plan.to_dict`` writes."""


@dataclass(frozen=True)
class Team:
    """One team of a shift.

    Parameters
    ----------
    name
        What the team is called; unique in a plan, and never a person's name.
    start_xy, end_xy
        Where it starts and ends, metres; ``end_xy`` is the start if not given.
    start_s, end_s
        On duty, seconds from shift start; to the end of the shift if not given.
    mode
        ``foot``, ``ebike`` or ``car``.
    beat
        The beat it serves, -1 for all.
    break_s
        Length of a break taken at ``break_xy`` (the start if not given), begun between ``break_from_s`` and
        ``break_to_s``; 0 for none.
    start_lonlat, end_lonlat
        The same places in WGS-84 degrees, carried through for maps and GPX.
    skills
        What the team can do (``first_aid``, ``drone`` ...); it serves no stop that needs more.
    max_travel_s, max_travel_m
        Most time and most way between places in the shift, to the break and home included: the most that a team on foot
        walks. Without bound if not given.
    """

    name: str
    start_xy: XY
    end_xy: XY | None = None
    start_s: float = 0.0
    end_s: float | None = None
    mode: str = "foot"
    beat: int = -1
    break_s: float = 0.0
    break_from_s: float = 0.0
    break_to_s: float | None = None
    break_xy: XY | None = None
    start_lonlat: XY | None = None
    end_lonlat: XY | None = None
    skills: tuple[str, ...] = ()
    max_travel_s: float | None = None
    max_travel_m: float | None = None

    def places(self) -> list[XY]:
        """Start, end and, where it has a break, the place of it."""
        return [self.start_xy, self.end_xy or self.start_xy, self.break_xy or self.start_xy]

    def off_duty_s(self, shift_s: float) -> float:
        """End of duty, seconds from shift start."""
        return shift_s if self.end_s is None else self.end_s


@dataclass(frozen=True)
class PlannedStop:
    """One visit of a tour. Seconds count from shift start; ``travel_s`` and ``travel_m`` lead here from the place before.

    ``stop`` is the place, ``id`` the visit: a place visited three times has three ids. A break has the kind ``break``.
    A task with two ends is entered at ``x``, ``y`` and left at ``exit_x``, ``exit_y``, in the direction that was planned;
    where there is no exit, it is left where it was entered.
    """

    id: str
    stop: str
    order: int
    name_zh: str
    name_en: str
    kind: str
    why_zh: str
    why_en: str
    grid: str
    x: float
    y: float
    lon: float | None
    lat: float | None
    must: bool
    worth: float
    open_s: float
    close_s: float
    arrive_s: float
    start_s: float
    leave_s: float
    travel_s: float
    travel_m: float
    exit_x: float | None = None
    exit_y: float | None = None
    exit_lon: float | None = None
    exit_lat: float | None = None


@dataclass(frozen=True)
class TeamTour:
    """The ordered tour of one team; ``travel_s`` and ``travel_m`` include the way back."""

    name: str
    beat: int
    mode: str
    start_xy: XY
    end_xy: XY
    start_s: float
    end_s: float
    leave_s: float
    back_s: float
    travel_s: float
    travel_m: float
    worth: float
    stops: tuple[PlannedStop, ...]
    start_lonlat: XY | None = None
    end_lonlat: XY | None = None


@dataclass(frozen=True)
class Unserved:
    """A wanted visit that no tour holds, and the rule that keeps it out.

    ``rule`` is ``outside``, ``unreachable``, ``no_team``, ``skill``, ``window``, ``shift``, ``walking``, ``spacing`` or
    ``time``.
    """

    id: str
    stop: str
    name_zh: str
    name_en: str
    kind: str
    must: bool
    worth: float
    lon: float | None
    lat: float | None
    grid: str
    rule: str
    reason_zh: str
    reason_en: str


def left_out(stop: PlannedStop, rule: str, zh: str, en: str) -> Unserved:
    """A visit that no tour holds any more, with the rule and the words for it."""
    names = ("id", "stop", "name_zh", "name_en", "kind", "must", "worth", "lon", "lat", "grid")
    return Unserved(**{name: getattr(stop, name) for name in names}, rule=rule, reason_zh=zh, reason_en=en)


@dataclass(frozen=True)
class Totals:
    """A plan in numbers; what is served stands beside what was wanted. Seconds and metres over all teams.

    ``travel_share`` is travel over time on duty; ``must_*`` count must-visits, ``stops_*`` places visited at least once.
    ``worth_cv`` and ``work_cv`` tell how evenly the teams share: the coefficient of variation of their worth, and of the
    share of their duty that ways and stops fill; 0 is even.
    """

    worth_served: float
    worth_wanted: float
    visits_served: int
    visits_wanted: int
    stops_served: int
    stops_wanted: int
    must_served: int
    must_wanted: int
    travel_s: float
    travel_m: float
    dwell_s: float
    wait_s: float
    duty_s: float
    travel_share: float
    worth_cv: float = 0.0
    work_cv: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Who goes where when in one shift.

    Parameters
    ----------
    date, shift, zone
        The local day, the name of the shift and the zone they are read in; empty if not given.
    shift_start
        The moment that second 0 stands for, UTC; None if not given.
    teams, unserved, totals
        The tours in the order of the teams, what is left out, and the sums.
    seed, method, travel_method, parameters
        Enough to make the same plan again.
    """

    date: str
    shift: str
    zone: str
    shift_start: datetime | None
    shift_s: float
    teams: tuple[TeamTour, ...]
    unserved: tuple[Unserved, ...]
    totals: Totals
    seed: int
    method: str
    travel_method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def missed_musts(self) -> tuple[Unserved, ...]:
        """Must-visits that could not be planned; each names the binding rule."""
        return tuple(item for item in self.unserved if item.must)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values for JSON; with ``shift_start``, times also as ISO UTC (``arrive``, ``leave`` ...)."""
        out = asdict(self)
        out["format"] = FORMAT
        out["shift_start"] = _iso(self.shift_start, 0.0)
        out["parameters"] = dict(self.parameters)
        out["unserved"] = list(out["unserved"])
        out["teams"] = [self._team_dict(team) for team in self.teams]
        return out

    def _team_dict(self, team: TeamTour) -> dict[str, Any]:
        out = asdict(team)
        for name in ("start_xy", "end_xy", "start_lonlat", "end_lonlat"):
            out[name] = list(out[name]) if out[name] is not None else None
        out["leave"], out["back"] = (_iso(self.shift_start, moment) for moment in (team.leave_s, team.back_s))
        out["stops"] = [
            asdict(stop)
            | {
                "arrive": _iso(self.shift_start, stop.arrive_s),
                "start": _iso(self.shift_start, stop.start_s),
                "leave": _iso(self.shift_start, stop.leave_s),
            }
            for stop in team.stops
        ]
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Plan":
        """A plan from what ``to_dict`` gave; keys it does not know are passed over."""
        values = _known(cls, data)
        start = data["shift_start"]
        values["shift_start"] = datetime.fromisoformat(start) if start else None
        values["totals"] = Totals(**_known(Totals, data["totals"]))
        values["unserved"] = tuple(Unserved(**_known(Unserved, item)) for item in data["unserved"])
        values["teams"] = tuple(_team_from(item) for item in data["teams"])
        return cls(**values)


def _team_from(data: Mapping[str, Any]) -> TeamTour:
    values = _known(TeamTour, data)
    for name in ("start_xy", "end_xy", "start_lonlat", "end_lonlat"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    values["stops"] = tuple(PlannedStop(**_known(PlannedStop, item)) for item in data["stops"])
    return TeamTour(**values)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def _iso(start: datetime | None, seconds: float) -> str | None:
    if start is None:
        return None
    return (start.astimezone(UTC) + timedelta(seconds=round(seconds))).isoformat().replace("+00:00", "Z")
