"""What a plan covers, what it does not and why, and what one more team would bring. Every number has its denominator.

It changes no plan; what keeps a must-visit out is found in ``gis.patrol.binding``.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gis.patrol.binding import Binding, PlanLike, binding_rules
from gis.patrol.document import as_plan, clock
from gis.patrol.idle import Gap, able_gaps, free_gaps, hours_in_words, nobody_free, window_of
from gis.patrol.options import PlanOptions
from gis.patrol.plan import plan_patrol
from gis.patrol.shift import Shift
from gis.patrol.tours import Plan, Team, Unserved

ORIGINS = {
    "hot_spot": ("热点", "hot spots"),
    "forecast": ("预测热点", "forecast hot spots"),
    "must": ("必巡点", "mandatory stops"),
    "railway": ("铁路区段", "railway segments"),
    "event": ("事件", "events"),
    "blind_spot": ("监控盲区", "blind spots of the cameras"),
    "urgent": ("紧急停留点", "urgent stops"),
    "place": ("其他地点", "other places"),
}
"""Where a stop comes from, in words; another origin is shown as it is."""
_BY_KIND = {"hot_grid": "hot_spot", "place": "must", "railway": "railway", "event": "event", "blind_spot": "blind_spot"}


@dataclass(frozen=True)
class Share:
    """So much of so much: ``done`` of ``wanted`` in ``unit``; of one ``origin``, or of all where that is empty."""

    name: str
    origin: str
    done: float
    wanted: float
    unit: str
    zh: str
    en: str

    @property
    def share(self) -> float | None:
        """None where nothing was wanted."""
        return self.done / self.wanted if self.wanted else None


@dataclass(frozen=True)
class NotCovered:
    """Why something is not covered. ``rule`` as in ``Unserved``, or ``no_team_free``; ``ids`` are the visits it keeps out."""

    rule: str
    ids: tuple[str, ...]
    worth: float
    zh: str
    en: str


@dataclass(frozen=True)
class MoreTeam:
    """What one more team would bring: ``name`` and ``base_of`` say which (a copy of that team, in any beat)."""

    base_of: str
    worth: float
    visits: int
    musts: int
    worth_before: float
    worth_wanted: float
    zh: str
    en: str


@dataclass(frozen=True)
class Explanation:
    """A plan explained; ``more`` only where asked for."""

    covered: tuple[Share, ...]
    not_covered: tuple[NotCovered, ...]
    musts: tuple[Binding, ...]
    more: MoreTeam | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out = asdict(self)
        out["covered"] = [asdict(item) | {"share": item.share} for item in self.covered]
        for name in ("not_covered", "musts"):
            out[name] = list(out[name])
        for item in out["not_covered"]:
            item["ids"] = list(item["ids"])
        for item in out["musts"]:
            item["lifts"] = list(item["lifts"])
        return out


def explain(plan: PlanLike, shift: Shift) -> Explanation:
    """What a plan covers and what not, with reasons."""
    known = as_plan(plan)
    return Explanation(coverage(known, shift), gaps(known, shift), binding_rules(known, shift))


def coverage(plan: PlanLike, shift: Shift) -> tuple[Share, ...]:
    """What is covered, each number of what was wanted.

    Returns
    -------
    shares
        ``risk_minutes``: worth times minutes of stay, summed over visits, with the worth of a first visit being the
        percentage of reports near the stop. ``worth``, ``visits``, ``places``, ``musts`` of all; then ``places`` by
        origin: a place counts once it is visited once.
    """
    known = as_plan(plan)
    rows = shift.visits
    served = {stop.id for tour in known.teams for stop in tour.stops if stop.id in rows}

    def both(value: Callable[[Mapping[str, Any]], float]) -> tuple[float, float]:
        return sum(value(rows[visit]) for visit in served), sum(value(row) for row in rows.values())

    out = [
        _share(
            "risk_minutes",
            "",
            both(lambda row: float(row["worth"]) * float(row["dwell_s"]) / 60),
            "min",
            "风险分钟",
            "risk-minutes",
        ),
        _share("worth", "", both(lambda row: float(row["worth"])), "", "价值", "worth"),
        _share("visits", "", both(lambda _row: 1.0), "", "巡查次数", "visits"),
        _share("places", "", _places(rows, served, None), "", "地点", "places"),
        _share("musts", "", both(lambda row: float(bool(row["must"]))), "", "必巡点", "must-visits"),
    ]
    for origin in dict.fromkeys(_origin(row) for row in rows.values()):
        zh, en = ORIGINS.get(origin, (origin, origin))
        out.append(_share("places", origin, _places(rows, served, origin), "", zh, en))
    return tuple(out)


def _origin(row: Mapping[str, Any]) -> str:
    kind = str(row["kind"])
    return str(row.get("origin") or _BY_KIND.get(kind, kind))


def _places(rows: Mapping[str, Mapping[str, Any]], served: set[str], origin: str | None) -> tuple[float, float]:
    mine = {visit: str(row["stop"]) for visit, row in rows.items() if origin is None or _origin(row) == origin}
    return float(len({place for visit, place in mine.items() if visit in served})), float(len(set(mine.values())))


def _share(name: str, origin: str, pair: tuple[float, float], unit: str, zh: str, en: str) -> Share:
    done, wanted = pair
    part = f"({done / wanted:.0%})" if wanted else ""
    return Share(
        name=name,
        origin=origin,
        done=done,
        wanted=wanted,
        unit=unit,
        zh=f"{zh}:{wanted:,.0f} 中的 {done:,.0f}{part}",
        en=f"{en}: {done:,.0f} of {wanted:,.0f}" + (f" ({done / wanted:.0%})" if wanted else ""),
    )


def gaps(plan: PlanLike, shift: Shift) -> tuple[NotCovered, ...]:
    """What is not covered and why, the most worth first; visits of one reason together.

    Notes
    -----
    A visit left out for want of time is held against the gaps of the teams that may serve it: where none of them has a gap
    as long as the stay inside its window, no team is free; else the gap and the time it would take are named.
    """
    known = as_plan(plan)
    free = {tour.name: free_gaps(tour, shift) for tour in known.teams}
    found: dict[tuple[str, str, str], list[Unserved]] = {}
    for item in known.unserved:
        rule, zh, en = item.rule, item.reason_zh, item.reason_en
        if rule == "time" and item.id in shift.visits:
            rule, zh, en = _busy(known, shift, item, free)
        found.setdefault((rule, zh, en), []).append(item)
    out = [
        NotCovered(
            rule,
            tuple(item.id for item in items),
            sum(item.worth for item in items),
            zh=f"{_named([item.name_zh or item.id for item in items], '、', '等')}:{zh}",
            en=f"{_named([item.name_en or item.id for item in items], ', ', ' ...')}: {en}",
        )
        for (rule, zh, en), items in found.items()
    ]
    return tuple(sorted(out, key=lambda item: (-item.worth, item.ids)))


def _named(names: list[str], between: str, more: str) -> str:
    short = list(dict.fromkeys(names))
    return between.join(short[:3]) + (f"{more}({len(short)})" if len(short) > 3 else "")


def _busy(plan: Plan, shift: Shift, item: Unserved, free: Mapping[str, list[Gap]]) -> tuple[str, str, str]:
    """Why no team has time: in which hours none is free, and in the others that its longest gap is too short for the way."""
    row = shift.visit(item.id)
    opens, closes = window_of(row)
    begin, end = clock(plan, opens), clock(plan, closes)
    best: tuple[float, float, float, str] | None = None
    for team, _, spare, needed in able_gaps(shift, row, free):
        if spare >= float(row["dwell_s"]) and (best is None or needed - spare < best[0]):
            best = (needed - spare, spare, needed, team.name)
    if best is None:
        return "no_team_free", f"{begin}–{end} 没有空闲的队伍", f"no team free {begin}-{end}"
    lacks, spare, needed, name = best
    if not math.isfinite(needed) or lacks <= 0:
        return "time", item.reason_zh, item.reason_en
    hours = hours_in_words(plan, nobody_free(shift, row, free))
    when_zh, when_en = (f"{begin}–{end} 内", f"{begin}-{end}:")
    if hours is not None:
        when_zh, when_en = f"{hours[0]} 没有空闲的队伍;其余时间", f"no team free {hours[1]}; in the rest"
    return (
        "time",
        f"{when_zh} {name} 最多空出 {spare / 60:.0f} 分钟,去、停留和续程要 {needed / 60:.0f} 分钟",
        f"{when_en} {name} has a gap of {spare / 60:.0f} min at most, "
        f"going there, staying and going on takes {needed / 60:.0f} min",
    )


def one_more_team(plan: PlanLike, shift: Shift, *, options: PlanOptions, like: Sequence[str] | None = None) -> MoreTeam:
    """What one more team would bring, planned anew.

    Parameters
    ----------
    options
        How hard to search; the plan as it is gets the same search again, so that the gain is the team's, not the
        search's.
    like
        Names of teams of which a copy is tried; the one that brings the most counts. The team of each base, mode and set of
        skills with the longest duty, once, if not given.
    """
    known = as_plan(plan)
    rules = replace(options, spacing_s=shift.spacing_s, cross_beats=shift.cross_beats)
    again = _planned(shift, shift.teams, rules)
    before = max((known, again), key=_value)
    # Of teams alike but for their hours the first with the longest duty: one more team is no early leaver by chance.
    by_duty = sorted(shift.teams, key=lambda team: team.start_s - team.off_duty_s(shift.shift_s))
    models = {(team.start_xy, team.end_xy, team.mode, team.skills): team for team in reversed(by_duty)}
    chosen = [shift.team(name) for name in like] if like is not None else list(reversed(models.values()))
    tried = {
        team.name: _planned(shift, [*shift.teams, replace(team, name=_free_name(shift), beat=-1)], rules)
        for team in chosen
    }
    best = max(tried, key=lambda name: _value(tried[name]))
    after = max((before, tried[best]), key=_value)
    worth = after.totals.worth_served - before.totals.worth_served
    visits = after.totals.visits_served - before.totals.visits_served
    musts = after.totals.must_served - before.totals.must_served
    wanted = before.totals.worth_wanted
    part = f"{worth / wanted:+.1%}" if wanted else "0"
    return MoreTeam(
        base_of=best,
        worth=worth,
        visits=visits,
        musts=musts,
        worth_before=before.totals.worth_served,
        worth_wanted=wanted,
        zh=f"再增一队(同 {best} 的驻地):价值 {worth:+.1f}(占所需 {wanted:.1f} 的 {part}),巡查 {visits:+d} 次,必巡点 {musts:+d}",
        en=f"one more team (from the base of {best}): worth {worth:+.1f} ({part} of the {wanted:.1f} wanted), "
        f"{visits:+d} visits, {musts:+d} must-visits",
    )


def _planned(shift: Shift, teams: Sequence[Team], options: PlanOptions) -> Plan:
    return plan_patrol(shift.stops, teams=teams, shift_s=shift.shift_s, travel=shift.travel, options=options)


def _value(plan: Plan) -> tuple[int, float]:
    return plan.totals.must_served, plan.totals.worth_served


def _free_name(shift: Shift) -> str:
    taken = {team.name for team in shift.teams}
    return next(name for number in range(len(taken) + 1) if (name := f"+{number + 1}") not in taken)
