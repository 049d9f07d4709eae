"""How much presence places had week by week, and what became of reports there, from sums by place and shift alone.

It puts :mod:`gis.patrol.dosage` over what the store keeps. No team, no order and no moment of a visit is in any answer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

import pandas as pd

from gis.errors import FilterError, NotFoundError, PlanError
from gis.incidents import IncidentFilter
from gis.patrol.comparison import RULES, Rule, comparison_spots
from gis.patrol.dosage import before_after, report_counts, weekly_dosage
from webmap.filters import day_start
from webmap.services import Services
from webmap.store import Viewer

__all__ = ["RULES", "USUAL_DAYS", "EffectQuestion", "effect", "weekly"]

USUAL_DAYS = 28
"""Length of either span without a word: four whole weeks."""


@dataclass(frozen=True)
class EffectQuestion:
    """What is asked of before and after.

    Parameters
    ----------
    start
        The local day on which the patrols began.
    days
        Length of either span.
    places
        Codes of the patrolled grids.
    plan, team
        The grids of a beat of a plan, teams counted from 1; of all its stops with 0. Without places and plan, every grid that
        was visited in the span after ``start``.
    rule
        How comparison grids are chosen; one of ``RULES``.
    """

    start: date
    days: int = USUAL_DAYS
    places: tuple[str, ...] = ()
    plan: str = ""
    team: int = 0
    rule: Rule = "similar"


def weekly(services: Services, viewer: Viewer, *, since: date, until: date) -> list[dict[str, Any]]:
    """Visits and minutes of each place by week (Monday), weeks without any included, from sums and what is not summed yet.

    Parameters
    ----------
    since, until
        First day, and the day after the last.

    Returns
    -------
    rows
        ``stop``, ``grid``, ``week``, ``days`` (of the week in the span), ``shifts`` (with a visit), ``visits``, ``timed``
        (visits whose length is known), ``minutes`` (their mean, None without one), ``in_koper_range`` and ``skipped``. Places that nobody was
        to visit in the whole span are not told of.
    """
    table = _visits(services, viewer, since, until)
    if table.empty:
        return []
    weeks = weekly_dosage(table, set(table["stop"]), since=since.isoformat(), until=until.isoformat())
    grids = dict(zip(table["stop"], table["grid"], strict=True))
    days = pd.to_datetime(table["day"])
    monday = (days - pd.to_timedelta(days.dt.day_of_week, unit="D")).dt.date.astype(str)
    skipped = table["skipped"].groupby([table["stop"], monday]).sum()
    mean = weeks.pop("minutes_a_visit").round(1)
    weeks = weeks.drop(columns="minutes").assign(
        grid=weeks["stop"].map(grids),
        minutes=mean.astype(object).where(mean.notna(), None),
        in_koper_range=weeks["in_koper_range"].astype(object).where(mean.notna(), None),
        skipped=skipped.reindex(pd.MultiIndex.from_frame(weeks[["stop", "week"]]), fill_value=0).to_numpy(),
    )
    return [{str(name): value for name, value in row.items()} for row in weeks.to_dict("records")]


def _visits(services: Services, viewer: Viewer, since: date, until: date) -> pd.DataFrame:
    return services.store.checkins.visits(
        viewer, since=since, until=until, now=services.clock(), keep_days=services.config.checkin_days
    )


def effect(services: Services, viewer: Viewer, question: EffectQuestion) -> dict[str, Any]:
    """Reports at patrolled grids before and after, over the same at comparison grids, with its uncertainty in words.

    Returns
    -------
    answer
        The two spans, the rule in words, ``presence`` (visits at the patrolled grids in either span), ``spots`` (each grid with
        group and counts), counts, ``ratio`` with ``low`` and ``high`` (None where there is none), and texts with caveats.

    Raises
    ------
    FilterError
        The data do not reach over both spans.
    NotFoundError
        A place that the viewer does not see.
    PlanError
        Nothing was patrolled, or nothing is left to compare with.
    """
    begin = day_start(question.start, services.zone).astimezone(UTC)
    first, end = question.start - timedelta(days=question.days), question.start + timedelta(days=question.days)
    _require_data(services, viewer, first, end)
    cells = services.cells(viewer)
    codes = cells["code"].tolist()
    visits = _visits(services, viewer, first, end)
    treated = _treated(services, viewer, question, visits, codes)
    since, until = (day_start(day, services.zone).astimezone(UTC) for day in (first, end))
    reports = services.incidents(viewer, IncidentFilter(since=since, until=until, found_by=("report",)))
    column = services.tree(viewer).leaf_level
    counts = report_counts(reports, codes, start=begin, days=question.days, column=column).set_index("spot")
    near = services.neighbours(viewer)
    row = {code: number for number, code in enumerate(codes)}
    close = {codes[other] for code in treated for other in near.of(row[code])}
    free = set(codes) - set(treated) - close - set(visits.loc[visits["visits"] > 0, "grid"])
    told = {name: dict(zip(codes, counts[name].astype(int).tolist(), strict=True)) for name in ("before", "after")}
    compared = comparison_spots(told["before"], treated, free, rule=question.rule)
    if not compared:
        raise PlanError(
            zh="没有可作对照的网格:其余网格都被巡到或与巡逻网格相邻。",
            en="No grid is left to compare with: all others were visited or lie next to a patrolled one.",
        )
    found = before_after(counts.loc[treated], counts.loc[compared])
    zh, en = RULES[question.rule]
    names = {code: (zh_, en_ or zh_) for code, zh_, en_ in zip(codes, cells["name_zh"], cells["name_en"], strict=True)}
    return {
        "start": question.start.isoformat(),
        "days": question.days,
        "before": [first.isoformat(), (question.start - timedelta(days=1)).isoformat()],
        "after": [question.start.isoformat(), (end - timedelta(days=1)).isoformat()],
        "rule": {"name": question.rule, "zh": zh, "en": en},
        "presence": _presence(visits, treated, question.start),
        "spots": [
            {"spot": code, "zh": names[code][0], "en": names[code][1], "group": group}
            | {name: told[name][code] for name in ("before", "after")}
            for group, spots in (("treated", treated), ("comparison", compared))
            for code in spots
        ],
        **{name: _number(value) for name, value in vars(found).items()},
        "is_clear": found.is_clear,
        "zh": found.text("zh"),
        "en": found.text("en"),
        "caveats": [{"zh": zh, "en": en} for zh, en in zip(found.caveats("zh"), found.caveats("en"), strict=True)],
    }


def _require_data(services: Services, viewer: Viewer, first: date, end: date) -> None:
    data = services.date_range(viewer)
    if data is None:
        raise FilterError(zh="还没有事件数据。", en="There are no incidents yet.")
    since, until = services.local(data.since).date(), services.local(data.until).date()
    if first < since or end - timedelta(days=1) > until:
        raise FilterError(
            zh=f"事件数据为 {since} 至 {until},不能覆盖 {first} 至 {end - timedelta(days=1)} 的前后两期;请改起始日或天数。",
            en=f"The incidents are of {since} to {until} and do not cover both spans from {first} to "
            f"{end - timedelta(days=1)}; choose another start or fewer days.",
        )


def _treated(
    services: Services, viewer: Viewer, question: EffectQuestion, visits: pd.DataFrame, codes: Sequence[str]
) -> list[str]:
    if question.places:
        wanted = set(question.places)
    elif question.plan:
        wanted = _of_plan(services.plan(viewer, question.plan, drafts=False), question.team)
    else:
        after = visits[(visits["day"] >= question.start.isoformat()) & (visits["visits"] > 0)]
        wanted = set(after["grid"]) & set(codes)
    unknown = sorted(wanted - set(codes))
    if unknown:
        raise NotFoundError(zh=f"没有网格 {'、'.join(unknown[:5])}。", en=f"There is no grid {', '.join(unknown[:5])}.")
    if not wanted:
        raise PlanError(
            zh="该时段没有到点记录;请用 place 指定巡逻网格。",
            en="Nobody checked in anywhere in this span; name the patrolled grids as places.",
        )
    return sorted(wanted)


def _of_plan(plan: Mapping[str, Any], team: int) -> set[str]:
    if not 0 <= team <= len(plan["teams"]):
        raise NotFoundError(zh=f"方案里没有第 {team} 队。", en=f"The plan has no team {team}.")
    if team:
        return {code for code, (beat, *_) in plan["beats"].items() if beat == plan["teams"][team - 1]["beat"]}
    return {stop["grid"] for tour in plan["teams"] for stop in tour["stops"] if stop["grid"]}


def _presence(visits: pd.DataFrame, treated: Sequence[str], start: date) -> dict[str, Any]:
    """Visits in either span at the patrolled grids, of how many grids, and minutes of those whose length is known."""
    ours = visits[visits["grid"].isin(list(treated))]
    late = ours["day"] >= start.isoformat()
    return {
        name: {
            "grids": len(treated),
            "visited": int(part.loc[part["visits"] > 0, "grid"].nunique()),
            "visits": int(part["visits"].sum()),
            "timed": int(part["timed"].sum()),
            "minutes": round(float(part["minutes"].sum()), 1),
        }
        for name, part in (("before", ours[~late]), ("after", ours[late]))
    }


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
