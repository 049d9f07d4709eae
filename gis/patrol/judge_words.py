"""What the judge calls things: stops and teams by their names, moments by the clock of the day, spans in minutes.

People read what the judge finds; nobody reads seconds of a shift. It judges nothing.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gis.patrol.clock import time_of_day

if TYPE_CHECKING:
    from gis.patrol.tours import Plan, PlannedStop, Team, Unserved

Pair = tuple[str, str]
_SENSIBLE_S = 1e7
"""A plan that is judged may hold any number; a moment months away is none."""
SUMS: Mapping[str, Pair] = {
    "worth_served": ("已安排的价值", "the worth that is served"),
    "worth_wanted": ("所需的价值", "the worth that is wanted"),
    "visits_served": ("已安排的巡查次数", "the number of visits served"),
    "visits_wanted": ("所需的巡查次数", "the number of visits wanted"),
    "must_served": ("已安排的必巡次数", "the number of must-visits served"),
    "must_wanted": ("所需的必巡次数", "the number of must-visits wanted"),
    "travel_s": ("路程时间", "the time of travel"),
    "travel_m": ("路程", "the length of travel"),
    "worth_cv": ("各队价值的差异", "how worth is shared between teams"),
    "work_cv": ("各队工作量的差异", "how work is shared between teams"),
}
"""The totals of a plan, in words."""
_MOMENTS: Mapping[str, Pair] = {
    "arrive": ("到达", "arrival"),
    "start": ("开始", "start"),
    "leave": ("离开", "leaving"),
    "back": ("返回", "return"),
}


class Words:
    """Names of the visits and teams of one plan; each answer is a pair, Chinese and English.

    Parameters
    ----------
    wanted
        Rows of the wanted visits by id, for names that the plan does not know.
    teams_en
        English names of teams by their name.
    """

    def __init__(
        self,
        plan: "Plan",
        wanted: Mapping[str, Mapping[Any, Any]],
        crew: "Mapping[str, Team]",
        teams_en: Mapping[str, str] | None = None,
    ) -> None:
        self._plan, self._teams_en = plan, teams_en or {}
        planned = [stop for tour in plan.teams for stop in tour.stops]
        self._names: dict[str, Pair] = {
            visit: (str(row.get("name_zh") or visit), str(row.get("name_en") or row.get("name_zh") or visit))
            for visit, row in wanted.items()
        }
        every: list[PlannedStop | Unserved] = [*planned, *plan.unserved]
        for item in every:
            self._names.setdefault(item.id, (item.name_zh or item.id, item.name_en or item.name_zh or item.id))
        places = Counter(stop.stop for stop in planned)
        # A place that is visited again is told apart by the moment of the visit.
        self._at = {stop.id: self.at(stop.start_s) for stop in planned if places[stop.stop] > 1}
        self._beats: dict[int, list[str]] = {}
        for name, team in crew.items():
            self._beats.setdefault(team.beat, []).append(name)

    def at(self, seconds: float) -> str:
        """A second of the shift as a time of day."""
        if not abs(seconds) < _SENSIBLE_S:
            return "?"
        return time_of_day(seconds, self._plan.shift_start, self._plan.zone)

    def span(self, start_s: float, end_s: float) -> Pair:
        """From one moment to another."""
        return f"{self.at(start_s)}–{self.at(end_s)}", f"{self.at(start_s)}-{self.at(end_s)}"

    def stop(self, visit: str, *, timed: bool = True) -> Pair:
        """A visit by its name; ``timed`` adds the moment where the place is visited more than once."""
        zh, en = self._names.get(visit, (visit, visit))
        moment = self._at.get(visit) if timed else None
        return (f"{zh}({moment})", f"{en} ({moment})") if moment else (zh, en)

    def team(self, name: str) -> Pair:
        """A team by its name."""
        return name, self._teams_en.get(name) or name

    def beat(self, number: int) -> Pair:
        """A beat by the teams that hold it; by its number, from 1, where none does."""
        names = self._beats.get(number)
        if not names:
            return f"第 {number + 1} 责任区", f"beat {number + 1}"
        pairs = [self.team(name) for name in names]
        return f"{'、'.join(zh for zh, _ in pairs)} 的责任区", f"the beat of {', '.join(en for _, en in pairs)}"


def minutes(seconds: float) -> Pair:
    """A span as people say it: whole minutes, and tenths below ten of them."""
    text = f"{seconds / 60:.0f}" if abs(seconds) >= 600 else f"{seconds / 60:.1f}".removesuffix(".0")
    return f"{text} 分钟", f"{text} min"


def moment(name: str) -> Pair:
    """``arrive``, ``start``, ``leave`` or ``back`` in words."""
    return _MOMENTS.get(name, (name, name))
