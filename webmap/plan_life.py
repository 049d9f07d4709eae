"""What happens to a plan once it is made: check before publishing, status and versions, planned against done, visits by place.

It puts library and store calls in order and computes nothing of its own. Nothing it answers says when a team was where.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from gis.patrol import Plan, Team, TravelTimes, Violation, judge_plan
from gis.patrol.done import planned_against_done, visits_from
from gis.roads import Network, build_network
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer
from webmap.store.checkins import CheckIn
from webmap.store.plans import IN_FORCE, STATUSES, TRANSITIONS, StoredPlan

SHOWN_TO_ALL = frozenset(STATUSES) - {"draft", "withdrawn"}
"""What those see of plans who make none."""


def check(services: Services, document: Mapping[str, Any]) -> Sequence[Violation]:
    """Every rule that a stored plan breaks, judged from what it was made from and from the streets of today."""
    made_from = document.get("made_from")
    if not made_from:
        return [
            Violation(
                "document", "方案没有留下排班依据,请重新排班", "the plan does not say what it was made from; plan again"
            )
        ]
    stops = pd.DataFrame(made_from["stops"])
    teams = [_team(each) for each in made_from["teams"]]
    return judge_plan(
        Plan.from_dict(document),
        stops,
        teams,
        travel_times(services, stops, teams),
        spacing_s=float(made_from["spacing_s"]),
        cross_beats=bool(made_from["cross_beats"]),
    )


def travel_times(
    services: Services, stops: pd.DataFrame, teams: Sequence[Team]
) -> TravelTimes | dict[str, TravelTimes]:
    """Ways between all places of a shift over the streets of today, by mode."""
    return {mode: _times(services, stops, teams, mode) for mode in sorted({team.mode for team in teams})}


def _times(services: Services, stops: pd.DataFrame, teams: Sequence[Team], mode: str) -> TravelTimes:
    network = streets(services, mode)
    if network is None:
        return TravelTimes.straight(stops, teams, mode=mode)
    return TravelTimes.by_streets(network, stops, teams)


def streets(services: Services, mode: str) -> Network | None:
    """The street graph of the whole district for a mode; None where no streets are loaded."""
    lines = services.layer("streets", LOCAL_OPERATOR)
    return build_network(lines, mode=mode, crs=services.metric(LOCAL_OPERATOR)) if len(lines) else None


def _team(told: Mapping[str, Any]) -> Team:
    # JSON knows no tuples.
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Team(**values)


def publish(services: Services, plan_id: str, *, viewer: Viewer) -> StoredPlan:
    """Publish a plan that passes the check.

    Raises
    ------
    PlanError
        It does not, or it cannot be published as things are.
    """
    return services.store.plans.move(
        plan_id, "published", viewer=viewer, now=services.clock(), check=lambda document: check(services, document)
    )


def life(services: Services, viewer: Viewer, plan_id: str, actions: frozenset[str]) -> dict[str, Any]:
    """Status and version of a plan, its other versions, and what the reader may do with it now.

    Parameters
    ----------
    actions
        What the reader may do somewhere.
    """
    plan = services.store.plans.get(plan_id, viewer)
    versions = services.store.plans.versions(plan)
    changed = any(each.base == plan.id and each.status != "withdrawn" for each in versions)
    steps = sorted(to for (at, to), action in TRANSITIONS.items() if at == plan.status and action in actions)
    if changed:
        steps = [to for to in steps if to != "published"]
    seen = versions if "make_plans" in actions else [each for each in versions if each.status in SHOWN_TO_ALL]
    return {
        **_head(plan),
        "steps": steps,
        "may_edit": "make_plans" in actions and plan.status in ("draft", *IN_FORCE) and not changed,
        "superseded": changed,
        "versions": [_head(each) for each in seen],
    }


def _head(plan: StoredPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "date": plan.day,
        "shift": plan.shift,
        "area": plan.area,
        "version": plan.version,
        "status": plan.status,
        "saved_at": plan.saved_at.isoformat(),
        "base": plan.base,
    }


def done(services: Services, viewer: Viewer, plan_id: str) -> dict[str, Any]:
    """A plan beside what was done of its shift, whichever version a phone showed; see ``gis.patrol.done``."""
    plan = services.store.plans.get(plan_id, viewer)
    now, keep = services.clock(), services.config.checkin_days
    said = services.store.checkins.of_plan(plan, now=now, keep_days=keep)
    begins = plan.document.get("shift_start")
    elapsed = (now - datetime.fromisoformat(begins)).total_seconds() if begins else 0.0
    told = planned_against_done(plan.document, visits_from(said), elapsed_s=elapsed)
    over = plan.day < (now.date() - timedelta(days=keep)).isoformat()
    return told | {"id": plan.id, "status": plan.status, "kept_days": keep, "over": over}


def dosage(services: Services, viewer: Viewer, *, since: date, until: date) -> list[dict[str, Any]]:
    """Visits and minutes of each place by week (Monday), from the sums and from what is not summed yet.

    Returns
    -------
    rows
        ``stop``, ``grid``, ``week``, ``shifts`` (with a visit), ``visits``, ``minutes`` (a mean for visits whose length is
        known, None without one), ``skipped``.
    """
    table = services.store.checkins.visits(
        viewer, since=since, until=until, now=services.clock(), keep_days=services.config.checkin_days
    )
    if table.empty:
        return []
    days = pd.to_datetime(table["day"])
    table["week"] = (days - pd.to_timedelta(days.dt.day_of_week, unit="D")).dt.date.astype(str)
    table["shifts"] = (table["visits"] > 0).astype(int)
    names = ["visits", "timed", "minutes", "skipped", "shifts"]
    sums = table.groupby(["stop", "grid", "week"], as_index=False)[names].sum()
    mean = (sums["minutes"] / sums["timed"]).round(1)
    sums["minutes"] = mean.astype(object).where(sums["timed"] > 0, None)
    rows = sums.drop(columns="timed").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def check_in(services: Services, viewer: Viewer, batch: Sequence[CheckIn]) -> dict[str, Any]:
    """Keep what a phone sends, and tell it what became of each, and of the plans it shows.

    Returns
    -------
    answer
        ``results`` in order (``id``, ``state``, and ``zh`` and ``en`` where refused), and ``plans``: by id the version that
        is in force now, if another one is.
    """
    nameless = replace(viewer, actor="")
    receipts = services.store.checkins.add(
        batch, viewer=nameless, now=services.clock(), keep_days=services.config.checkin_days
    )
    return {
        "results": [
            {"id": each.id, "state": each.state} | ({"zh": each.zh, "en": each.en} if each.zh else {})
            for each in receipts
        ],
        "plans": newer(services, viewer, [(each.plan, each.team) for each in batch]),
    }


def newer(services: Services, viewer: Viewer, shown: Sequence[tuple[str, int]]) -> dict[str, str]:
    """For plans that a phone shows, by id, the version in force instead, where the reader may see the team in it."""
    found = {}
    for plan_id, team in dict.fromkeys(shown):
        current = services.store.plans.replaced_by(plan_id, team, viewer)
        if current:
            found[plan_id] = current
    return found


def retire(services: Services) -> int:
    """Sum up and delete the check-ins whose period is over."""
    return services.store.checkins.retire(now=services.clock(), keep_days=services.config.checkin_days)
