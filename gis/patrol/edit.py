"""Edits of a plan by hand: move, reorder, add, remove, lock a stop. Each gives a new document and says what it does.

Times are computed anew for the teams concerned, and the independent judge names every rule that the edited plan breaks:
an edit that breaks a rule is shown as breaking it, never passed over. Nothing that came in is changed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gis.errors import InputError, NotFoundError, PlanError
from gis.patrol._standing import (
    Standing,
    dwell_s,
    earliest_starts,
    leaving,
    planned_stop,
    standings,
    totals_of,
    turned,
    written_tour,
)
from gis.patrol.difference import Difference, difference
from gis.patrol.document import Document, as_document, as_plan, carried_over, locked_ids
from gis.patrol.judge import Violation
from gis.patrol.judge_document import judge_document
from gis.patrol.news import News
from gis.patrol.shift import Shift
from gis.patrol.tours import Plan, PlannedStop, Unserved, left_out

PlanLike = Plan | Mapping[str, Any]
BY_HAND = "by_hand"
"""The rule of a visit that somebody took out of the plan."""


@dataclass(frozen=True)
class Effect:
    """What an edit does.

    Parameters
    ----------
    worth, travel_s, travel_m, late_s, must_served
        After less before. ``late_s`` sums what starts after its window and what comes home after the duty.
    broken
        Every rule that the plan breaks now; ``new_broken`` those it did not break before.
    warnings
        What breaks no rule but should be known, as pairs (zh, en).
    may_publish
        Whether nothing is broken.
    changes
        What became of each stop.
    """

    worth: float
    travel_s: float
    travel_m: float
    late_s: float
    must_served: int
    broken: tuple[Violation, ...]
    new_broken: tuple[Violation, ...]
    warnings: tuple[tuple[str, str], ...]
    may_publish: bool
    changes: Difference
    zh: str
    en: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; of the changes only those that are none of ``kept``."""
        out = asdict(self)
        out["broken"], out["new_broken"] = list(out["broken"]), list(out["new_broken"])
        out["warnings"] = [{"zh": zh, "en": en} for zh, en in self.warnings]
        out["changes"] = self.changes.to_dict()
        out["changes"]["changes"] = [item for item in out["changes"]["changes"] if item["kind"] != "kept"]
        return out


@dataclass(frozen=True)
class Edited:
    """The edited document, with ``checked`` (``ok`` and ``broken``) in it, and the effect."""

    plan: Document
    effect: Effect


def move(
    plan: PlanLike, shift: Shift, visit: str, *, team: str, position: int | None = None, news: News | None = None
) -> Edited:
    """Give a stop to another team, or to another place in its own tour.

    Parameters
    ----------
    position
        Its number in the tour afterwards, from 1; where it costs least (rules broken by lateness, then travel) if not
        given.
    news
        For a plan that runs: done and current stops stand.

    Raises
    ------
    NotFoundError
        No such stop in a tour, or no such team.
    PlanError
        The stop is locked, done, current or a break of another team; or there is no way.
    """
    bench = _Bench(plan, shift, news)
    source = bench.team_of(visit)
    bench.refuse_fixed(visit)
    stop = bench.stop(visit)
    shift.team(team)
    if stop.kind == "break" and team != source:
        raise PlanError(
            zh=f"休息属于队伍“{source}”,不能移到别的队伍。",
            en=f"The break belongs to team '{source}' and cannot be moved to another.",
        )
    bench.take_out(visit)
    bench.put_in(stop, team, position)
    return bench.edited([source, team])


def reorder(plan: PlanLike, shift: Shift, team: str, order: Sequence[str], *, news: News | None = None) -> Edited:
    """Put the stops of one team into another order; ``order`` names each of its visits once.

    Raises
    ------
    InputError
        The order leaves out a stop of the team, or names another.
    PlanError
        A done or current stop would change its place; or there is no way.
    """
    bench = _Bench(plan, shift, news)
    bench.put_in_order(team, order)
    return bench.edited([team])


def remove(plan: PlanLike, shift: Shift, visit: str, *, news: News | None = None) -> Edited:
    """Take a stop out of the plan; it is listed as left out by hand.

    Raises
    ------
    NotFoundError
        No tour holds it.
    PlanError
        The stop is locked, done, current, or a break.
    """
    bench = _Bench(plan, shift, news)
    team = bench.team_of(visit)
    bench.refuse_fixed(visit)
    stop = bench.stop(visit)
    if stop.kind == "break":
        raise PlanError(zh="休息不能从方案中移出。", en="A break cannot be taken out of a plan.")
    bench.take_out(visit)
    bench.leave_out(stop)
    return bench.edited([team])


def add(
    plan: PlanLike, shift: Shift, visit: str, *, team: str, position: int | None = None, news: News | None = None
) -> Edited:
    """Put a wanted visit that is in no tour into one; a new place is added to the shift first (``Shift.with_stops``).

    Raises
    ------
    NotFoundError
        Nobody wanted it, or there is no such team.
    PlanError
        It is in a tour already, or there is no way.
    """
    bench = _Bench(plan, shift, news)
    shift.team(team)
    if bench.served(visit):
        zh, en = bench.named(visit)
        raise PlanError(zh=f"停留点“{zh}”已在方案中。", en=f"Stop '{en}' is in the plan already.")
    bench.put_in(planned_stop(shift, visit, {}), team, position)
    return bench.edited([team])


def lock(plan: PlanLike, shift: Shift, visit: str, *, locked: bool = True, news: News | None = None) -> Edited:
    """Fix a stop to its team, or free it: no edit and no re-planning takes a locked stop away from its team.

    Raises
    ------
    NotFoundError
        No tour holds it.
    """
    bench = _Bench(plan, shift, news)
    team = bench.team_of(visit)
    edited = bench.edited([])
    for tour in edited.plan["teams"]:
        if tour["name"] == team:
            tour["stops"] = [stop | {"locked": locked} if stop["id"] == visit else stop for stop in tour["stops"]]
    return edited


class _Bench:
    """A plan on the bench: the order of each tour as it is being changed."""

    def __init__(self, plan: PlanLike, shift: Shift, news: News | None) -> None:
        self._old = as_document(plan)
        self._plan = as_plan(plan)
        self._shift, self._news = shift, news
        self._locked = locked_ids(self._old)
        self._standing = standings(self._plan, shift, news)
        self._fixed = {stop.id for standing in self._standing.values() for stop in standing.fixed}
        self._order = {
            tour.name: [stop for stop in tour.stops if stop.id not in self._fixed] for tour in self._plan.teams
        }
        self._unserved = {item.id: item for item in self._plan.unserved}

    def served(self, visit: str) -> bool:
        """Whether a tour holds it."""
        return visit in self._fixed or any(stop.id == visit for stops in self._order.values() for stop in stops)

    def team_of(self, visit: str) -> str:
        """The team whose tour holds it."""
        for tour in self._plan.teams:
            if any(stop.id == visit for stop in tour.stops):
                return tour.name
        raise NotFoundError(zh=f"方案中没有停留点“{visit}”。", en=f"No tour of the plan holds stop '{visit}'.")

    def named(self, visit: str) -> tuple[str, str]:
        """A visit by its Chinese and English name; by its id where nobody named it."""
        planned = [stop for tour in self._plan.teams for stop in tour.stops]
        every: list[PlannedStop | Unserved] = [*planned, *self._plan.unserved]
        for item in every:
            if item.id == visit:
                return item.name_zh or visit, item.name_en or item.name_zh or visit
        return visit, visit

    def stop(self, visit: str) -> PlannedStop:
        """A stop of a tour that may still be changed."""
        return next(stop for stops in self._order.values() for stop in stops if stop.id == visit)

    def refuse_fixed(self, visit: str) -> None:
        """A done, current or locked stop stays."""
        zh, en = self.named(visit)
        if visit in self._fixed:
            raise PlanError(
                zh=f"停留点“{zh}”已完成或正在进行,不能改动。",
                en=f"Stop '{en}' is done or current and cannot be changed.",
            )
        if visit in self._locked:
            raise PlanError(zh=f"停留点“{zh}”已锁定;请先解锁。", en=f"Stop '{en}' is locked; unlock it first.")

    def take_out(self, visit: str) -> None:
        """Out of its tour."""
        for stops in self._order.values():
            stops[:] = [stop for stop in stops if stop.id != visit]

    def leave_out(self, stop: PlannedStop) -> None:
        """Onto the list of what is left out."""
        self._unserved[stop.id] = left_out(stop, BY_HAND, "由人工移出方案", "taken out of the plan by hand")

    def put_in(self, stop: PlannedStop, team: str, position: int | None) -> None:
        """Into a tour at a number, or where it costs least."""
        stops = self._order[team]
        head = len(self._standing[team].fixed)
        places = range(len(stops) + 1)
        if position is None:
            pass
        elif head < position <= head + len(stops) + 1:
            places = range(position - head - 1, position - head)
        else:
            raise InputError(
                zh=f"位置须在 {head + 1} 到 {head + len(stops) + 1} 之间,得到 {position}。",
                en=f"The position must lie between {head + 1} and {head + len(stops) + 1}, got {position}.",
            )
        # A task with two ends is taken in the direction that costs less.
        ways = [stop] if turned(stop) == stop else [stop, turned(stop)]
        tries = [[*stops[:at], way, *stops[at:]] for way in ways for at in places]
        costs = [self._cost(team, order) for order in tries]
        stops[:] = tries[costs.index(min(costs))]
        self._unserved.pop(stop.id, None)

    def put_in_order(self, team: str, order: Sequence[str]) -> None:
        """The tour in another order."""
        self._shift.team(team)
        head = [stop.id for stop in self._standing[team].fixed]
        known = {stop.id: stop for stop in self._order[team]}
        if sorted(order) != sorted([*head, *known]):
            raise InputError(
                zh=f"新的顺序须恰好包含队伍“{team}”的每个停留点一次。",
                en=f"The new order must name every stop of team '{team}' once.",
            )
        if list(order[: len(head)]) != head:
            raise PlanError(
                zh="已完成或正在进行的停留点不能换位置。",
                en="Done and current stops cannot change their place.",
            )
        self._order[team] = [known[visit] for visit in order[len(head) :]]

    def _cost(self, team: str, stops: list[PlannedStop]) -> tuple[float, float, float]:
        """Lateness, moment of coming home and travel of a tour in this order."""
        standing = self._standing[team]
        member = self._shift.team(team)
        starts = earliest_starts(self._shift, member, standing, stops, self._not_before(team, stops))
        exits = [standing.place, *(leaving(stop) for stop in stops)]
        entries = [*((stop.x, stop.y) for stop in stops), member.end_xy or member.start_xy]
        ways = [self._shift.way(member, a, b)[0] for a, b in zip(exits, entries, strict=True)]
        late = sum(max(0.0, start - stop.close_s) for stop, start in zip(stops, starts, strict=True))
        back = starts[-1] + dwell_s(self._shift, stops[-1]) + ways[-1]
        late += max(0.0, back - member.off_duty_s(self._shift.shift_s))
        return late, sum(ways), back

    def _not_before(self, team: str, stops: Sequence[PlannedStop]) -> dict[str, float]:
        """For each stop the moment at which earlier visits to the same place in other tours allow it."""
        out: dict[str, float] = {}
        mine = {stop.id for stop in stops}
        fixed = {name: standing.fixed for name, standing in self._standing.items()}
        others = [
            other
            for name, order in self._order.items()
            for other in (*fixed[name], *(order if name != team else ()))
            if other.id not in mine
        ]
        for stop in stops:
            for other in others:
                if other.stop == stop.stop and (other.open_s, other.close_s) <= (stop.open_s, stop.close_s):
                    moment = other.start_s + self._shift.spacing_s
                    out[stop.id] = max(out.get(stop.id, -math.inf), moment)
        return out

    def edited(self, teams: Sequence[str]) -> Edited:
        """The document after the edit, with new times for these teams, and its effect."""
        tours = {tour.name: tour for tour in self._plan.teams}
        for name in dict.fromkeys(teams):
            standing: Standing = self._standing[name]
            stops = self._order[name]
            starts = earliest_starts(
                self._shift, self._shift.team(name), standing, stops, self._not_before(name, stops)
            )
            tours[name] = written_tour(self._shift, tours[name], standing, stops, starts)
            # The other team is timed against the new times of this one.
            self._order[name] = list(tours[name].stops[len(standing.fixed) :])
        plan = replace(
            self._plan,
            teams=tuple(tours[tour.name] for tour in self._plan.teams),
            unserved=tuple(self._unserved.values()),
        )
        if teams:
            plan = replace(plan, totals=totals_of(self._shift, plan.teams))
        document = carried_over(plan, self._old)
        effect = self._effect(document)
        document["checked"] = {"ok": effect.may_publish, "broken": [asdict(item) for item in effect.broken]}
        return Edited(document, effect)

    def _effect(self, document: Document) -> Effect:
        old, new = self._plan, as_plan(document)
        was = judge_document(self._old, self._shift, before=self._old, news=self._news)
        broken = judge_document(document, self._shift, before=self._old, news=self._news)
        fresh = tuple(item for item in broken if item not in was)
        values = {
            "worth": new.totals.worth_served - old.totals.worth_served,
            "travel_s": new.totals.travel_s - old.totals.travel_s,
            "travel_m": new.totals.travel_m - old.totals.travel_m,
            "late_s": _lateness(new) - _lateness(old),
        }
        musts = new.totals.must_served - old.totals.must_served
        zh, en = _words(values, broken)
        return Effect(
            **values,
            must_served=musts,
            broken=tuple(broken),
            new_broken=fresh,
            warnings=_warnings(old, new),
            may_publish=not broken,
            changes=difference(old, new),
            zh=zh,
            en=en,
        )


def _lateness(plan: Plan) -> float:
    late = sum(max(0.0, stop.start_s - stop.close_s) for tour in plan.teams for stop in tour.stops)
    return late + sum(max(0.0, tour.back_s - tour.end_s) for tour in plan.teams)


def _warnings(old: Plan, new: Plan) -> tuple[tuple[str, str], ...]:
    had = {item.id for item in old.unserved if item.must}
    lost = [item for item in new.unserved if item.must and item.id not in had]
    return tuple(
        (
            f"必巡点“{item.name_zh or item.id}”不再安排",
            f"mandatory stop '{item.name_en or item.id}' is no longer planned",
        )
        for item in lost
    )


def _words(values: Mapping[str, float], broken: Sequence[Violation]) -> tuple[str, str]:
    minutes = values["travel_s"] / 60
    zh = f"价值 {values['worth']:+.1f},路程 {minutes:+.0f} 分钟"
    en = f"worth {values['worth']:+.1f}, travel {minutes:+.0f} min"
    if abs(values["late_s"]) >= 30:
        zh += f",迟到 {values['late_s'] / 60:+.0f} 分钟"
        en += f", lateness {values['late_s'] / 60:+.0f} min"
    if not broken:
        return zh + ";可以发布", en + "; may be published"
    named_zh, named_en = (";".join(item.zh for item in broken[:3]), "; ".join(item.en for item in broken[:3]))
    more = len(broken) - 3
    if more > 0:
        named_zh, named_en = f"{named_zh};另有 {more} 条", f"{named_en}; and {more} more"
    return f"{zh};不能发布:{named_zh}", f"{en}; may not be published: {named_en}"
