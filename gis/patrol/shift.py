"""What a plan was made from and is held against: stops, teams, travel times, and the rules. It plans and judges nothing.

``to_dict`` keeps all but the travel times as plain values beside a stored plan, so that it can be edited, re-planned and
judged again; travel times are measured anew from the streets.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import pandas as pd

from gis.errors import NotFoundError, PlanError
from gis.patrol._wishes import needed_skills
from gis.patrol.options import SPACING_S
from gis.patrol.tours import XY, Team
from gis.patrol.travel import TravelTimes

_DEFAULTS: dict[str, Any] = {
    "name_zh": "", "name_en": "", "kind": "", "why_zh": "", "why_en": "", "grid": "", "beat": -1, "outside": False,
    "must": False, "lon": None, "lat": None,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shift:
    """One shift: what was wanted, who was there, how long ways take, and the rules.

    Parameters
    ----------
    stops
        As for ``plan_patrol``.
    teams, travel, shift_s
        As for ``plan_patrol``; the times hold every place of the stops and the teams.
    spacing_s, cross_beats
        As in ``PlanOptions``.
    """

    stops: pd.DataFrame
    teams: Sequence[Team]
    travel: TravelTimes | Mapping[str, TravelTimes]
    shift_s: float
    spacing_s: float = SPACING_S
    cross_beats: bool = False
    _rows: Mapping[str, dict[str, Any]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows = {}
        for record in self.stops.to_dict("records"):
            known = {str(name): value for name, value in record.items() if not _missing(value)}
            row = _DEFAULTS | {"stop": str(known["id"])} | known
            rows[str(row["id"])] = row
        object.__setattr__(self, "_rows", rows)

    @property
    def visits(self) -> Mapping[str, dict[str, Any]]:
        """Every wanted visit by id, as one dict each, without missing values."""
        return self._rows

    def visit(self, visit_id: str) -> dict[str, Any]:
        """One wanted visit.

        Raises
        ------
        NotFoundError
            Nobody wanted it.
        """
        if visit_id not in self._rows:
            raise NotFoundError(
                zh=f"需求里没有停留点“{visit_id}”。",
                en=f"There is no wanted stop '{visit_id}'.",
            )
        return self._rows[visit_id]

    def team(self, name: str) -> Team:
        """One team by name.

        Raises
        ------
        NotFoundError
            No team is called so.
        """
        for team in self.teams:
            if team.name == name:
                return team
        raise NotFoundError(zh=f"没有队伍“{name}”。", en=f"There is no team '{name}'.")

    def times(self, team: Team) -> TravelTimes:
        """The travel times of a team's mode."""
        if isinstance(self.travel, TravelTimes):
            return self.travel
        if team.mode not in self.travel:
            raise PlanError(
                zh=f"缺少出行方式的行程时间:{team.mode}。", en=f"Travel times are missing for: {team.mode}."
            )
        return self.travel[team.mode]

    def way(self, team: Team, here: XY, there: XY) -> XY:
        """Seconds and metres from place to place for a team; inf where there is no way."""
        times = self.times(team)
        a, b = times.rows([here, there])  # type: ignore[arg-type]
        return float(times.seconds[a, b]), float(times.metres[a, b])

    def may_serve(self, team: Team, visit: Mapping[str, Any]) -> bool:
        """Whether the rules let a team serve a visit: in the district, of its beat or none (or crossed), of its skills."""
        if visit["outside"] or not needed_skills(visit.get("skills")) <= set(team.skills):
            return False
        return self.cross_beats or visit["beat"] < 0 or team.beat < 0 or visit["beat"] == team.beat

    def with_stops(self, rows: Sequence[Mapping[str, Any]]) -> "Shift":
        """The same shift with more wanted visits; those it already has stay as they are."""
        new = [dict(row) for row in rows if str(row["id"]) not in self._rows]
        if not new:
            return self
        known = [{str(name): value for name, value in row.items()} for row in self.stops.to_dict("records")]
        # One list of records, since frames of different columns would not be joined without a warning.
        return replace(self, stops=pd.DataFrame(known + new))

    def to_dict(self) -> dict[str, Any]:
        """Stops, teams and rules as plain values for JSON; without the travel times."""
        names = {str(name) for name in self.stops.columns}
        return {
            "stops": [
                {name: _plain(value) for name, value in row.items() if name in names or name == "stop"}
                for row in self._rows.values()
            ],
            "teams": [asdict(team) for team in self.teams],
            "shift_s": float(self.shift_s),
            "spacing_s": float(self.spacing_s),
            "cross_beats": bool(self.cross_beats),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], travel: TravelTimes | Mapping[str, TravelTimes]) -> "Shift":
        """A shift from what ``to_dict`` gave, with travel times measured for ``shift_points`` of the same."""
        stops, teams = stops_and_teams(data)
        return cls(stops, teams, travel, float(data["shift_s"]), float(data["spacing_s"]), bool(data["cross_beats"]))


def stops_and_teams(data: Mapping[str, Any]) -> tuple[pd.DataFrame, tuple[Team, ...]]:
    """Stops and teams from what ``Shift.to_dict`` gave: what travel times are measured for."""
    return pd.DataFrame(list(data["stops"])), tuple(_team(item) for item in data["teams"])


def _team(data: Mapping[str, Any]) -> Team:
    names = {item.name for item in fields(Team)}
    # JSON knows no tuples.
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name in names
    }
    return Team(**values)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return value.item() if hasattr(value, "item") else value
