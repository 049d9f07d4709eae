"""What happens to a plan once it is made: check before publishing, status and versions, planned against done, visits by place.

It puts library and store calls in order and computes nothing of its own. Nothing it answers says when a team was where.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import shapely

from gis.crs import project
from gis.errors import NotFoundError, PlanError
from gis.patrol import Team, TravelTimes, Violation
from gis.patrol.difference import difference
from gis.patrol.done import by_stop, planned_against_done, visits_from
from gis.patrol.explain import explain, one_more_team
from gis.patrol.judge_document import judge_document
from gis.patrol.news import News
from gis.patrol.options import PlanOptions
from gis.patrol.shift import Shift, stops_and_teams
from gis.patrol.streets import street_graph
from gis.roads import Network
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer
from webmap.store.checkins import CheckIn
from webmap.store.plans import IN_FORCE, STATUSES, TRANSITIONS, StoredPlan

EDITABLE = ("draft", "published")
"""What is changed by hand; a running plan is mended first, since the clock has moved on from what it says."""

TRIED_ROUNDS = 6000
"""Rounds of each search for what one more team would bring: there is one for every base, and somebody waits."""

SHOWN_TO_ALL = frozenset(STATUSES) - {"draft", "withdrawn"}
"""What those see of plans who make none."""


def shown_plan(services: Services, viewer: Viewer, plan_id: str, *, drafts: bool) -> StoredPlan:
    """A plan that the reader may read.

    Parameters
    ----------
    drafts
        Whether the reader makes plans: what is not published, or was taken back, is not for others.

    Raises
    ------
    NotFoundError
        There is none that they may see.
    """
    plan = services.store.plans.get(plan_id, viewer)
    if not drafts and plan.status not in SHOWN_TO_ALL:
        raise NotFoundError(zh=f"没有方案 {plan_id}。", en=f"There is no plan {plan_id}.")
    return plan


def check(services: Services, document: Mapping[str, Any]) -> Sequence[Violation]:
    """Every rule that a stored plan breaks, judged from what it was made from and from the streets of today.

    A plan that was changed while it ran is judged as what it is: what was done stands, the rest can be walked.
    """
    if not document.get("made_from"):
        zh, en = "方案没有留下排班依据,请重新排班", "the plan does not say what it was made from; plan again"
        return [Violation("document", zh, en)]
    shift = shift_of(services, document)
    running = document.get("running")
    if not running:
        return judge_document(document, shift)
    before = services.store.plans.get(document["base"], LOCAL_OPERATOR).document
    return judge_document(document, shift, before=before, news=News.from_dict(running["news"]))


def shift_of(services: Services, document: Mapping[str, Any], more: Sequence[Mapping[str, Any]] = ()) -> Shift:
    """What a stored plan was made from, with ways over the streets of today.

    Parameters
    ----------
    more
        Further visits whose places the ways must hold.
    """
    made_from = document["made_from"]
    stops, teams = stops_and_teams(made_from)
    names = [name for name in ("id", "x", "y", "exit_x", "exit_y") if name in stops]
    places = pd.concat([stops[names], pd.DataFrame([{n: row[n] for n in ("id", "x", "y")} for row in more])])
    travel = {mode: _times(services, document, places, teams, mode) for mode in sorted({team.mode for team in teams})}
    return Shift.from_dict(made_from, travel)


def _times(
    services: Services, document: Mapping[str, Any], stops: pd.DataFrame, teams: Sequence[Team], mode: str
) -> TravelTimes:
    network = streets(services, document, mode)
    if network is None:
        return TravelTimes.straight(stops, teams, mode=mode)
    return TravelTimes.by_streets(network, stops, teams)


def ground_of(document: Mapping[str, Any]) -> Viewer:
    """Whoever sees the area of a plan and no more: its streets and its metres are those."""
    area = document.get("area", "")
    return replace(LOCAL_OPERATOR, areas=(area,) if area else ())


def streets(services: Services, document: Mapping[str, Any], mode: str) -> Network | None:
    """The street graph of a plan's area for a mode, as planning builds it; None where straight lines must do.

    Kept for this version of the store: each edit that is tried asks for it twice.
    """
    ground = ground_of(document)
    return services.keep(("plan_streets", mode), ground, lambda: _street_graph(services, ground, mode))


def _street_graph(services: Services, ground: Viewer, mode: str) -> Network | None:
    crs = services.metric(ground)
    inside = shapely.point_on_surface(services.cells(ground).geometry.to_numpy())
    xy = project(shapely.get_x(inside), shapely.get_y(inside), crs)
    return street_graph(services.layer("streets", ground), mode=mode, crs=crs, ground_xy=xy)[0]


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

    Raises
    ------
    NotFoundError
        There is no such plan that they may see.
    """
    drafts = "make_plans" in actions
    plan = shown_plan(services, viewer, plan_id, drafts=drafts)
    versions = [each for each in services.store.plans.versions(plan) if drafts or each.status in SHOWN_TO_ALL]
    changed = any(each.base == plan.id and each.status != "withdrawn" for each in versions)
    steps = sorted(to for (at, to), action in TRANSITIONS.items() if at == plan.status and action in actions)
    if changed:
        steps = [to for to in steps if to != "published"]
    return {
        **_head(plan),
        "steps": steps,
        "may_edit": drafts and plan.status in EDITABLE and not changed,
        "may_mend": drafts and plan.status in IN_FORCE and not changed,
        "superseded": changed,
        "versions": [_head(each) for each in versions],
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


def done(services: Services, viewer: Viewer, plan_id: str, *, drafts: bool) -> dict[str, Any]:
    """A plan beside what was done of its shift, whichever version a phone showed; see ``gis.patrol.done``.

    Raises
    ------
    NotFoundError
        There is no such plan that the reader may see.
    """
    plan = shown_plan(services, viewer, plan_id, drafts=drafts)
    now, keep = services.clock(), services.config.checkin_days
    said = services.store.checkins.of_plan(plan, now=now, keep_days=keep)
    begins = plan.document.get("shift_start")
    elapsed = (now - datetime.fromisoformat(begins)).total_seconds() if begins else 0.0
    told = planned_against_done(plan.document, visits_from(said), elapsed_s=elapsed)
    over = plan.day < (now.date() - timedelta(days=keep)).isoformat()
    return told | {"id": plan.id, "status": plan.status, "kept_days": keep, "over": over}


def said(services: Services, plan: StoredPlan) -> dict[str, str]:
    """What is known of the visits of a shift, whichever phone said it: ``there``, ``done`` or ``skipped`` by visit."""
    table = services.store.checkins.of_plan(plan, now=services.clock(), keep_days=services.config.checkin_days)
    return {str(stop): str(state) for stop, state in by_stop(visits_from(table))["state"].items()}


def explained(
    services: Services,
    viewer: Viewer,
    plan_id: str,
    for_reader: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    drafts: bool,
) -> dict[str, Any]:
    """What a plan covers, what it does not and why; see ``gis.patrol.explain``.

    Parameters
    ----------
    for_reader
        The document as the reader may know it, which is what is explained.

    Raises
    ------
    NotFoundError
        There is no such plan that they may see.
    PlanError
        The plan does not say what it was made from.
    """
    document = shown_plan(services, viewer, plan_id, drafts=drafts).document
    if not document.get("made_from"):
        raise PlanError(
            zh="方案没有留下排班依据,无法说明。",
            en="The plan does not say what it was made from; it cannot be explained.",
        )
    told = for_reader(document)
    return explain(told, shift_of(services, told)).to_dict()


def one_more(services: Services, viewer: Viewer, plan_id: str) -> dict[str, Any]:
    """What one more team would bring to a plan: ``worth``, ``visits``, ``musts`` and the answer in words; it is planned anew for it.

    Raises
    ------
    NotFoundError
        There is no such plan that they may see.
    PlanError
        The plan does not say what it was made from.
    """
    document = shown_plan(services, viewer, plan_id, drafts=True).document
    if not document.get("made_from"):
        raise PlanError(
            zh="方案没有留下排班依据,无法试算。",
            en="The plan does not say what it was made from; it cannot be tried with another team.",
        )
    options = PlanOptions(iterations=TRIED_ROUNDS, seed=int(document["seed"]))
    return asdict(one_more_team(document, shift_of(services, document), options=options))


def check_in(services: Services, viewer: Viewer, batch: Sequence[CheckIn]) -> dict[str, Any]:
    """Keep what a phone sends, and tell it what became of each, and of the plans it shows.

    Returns
    -------
    answer
        ``results`` in order (``id``, ``state``, and ``zh`` and ``en`` where refused), and ``plans``: by id the version that
        is in force now, if another one is.
    """
    retire(services)
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


def newer_for(services: Services, viewer: Viewer, plan_id: str, team: int) -> dict[str, Any]:
    """Whether another version than the one that a phone shows is in force, and how much of the team's tour differs in it.

    Returns
    -------
    answer
        ``plan``: its id, empty where there is none; ``differs``: stops of the team that came, went, or begin more than ten
        minutes earlier or later; ``seq``: the last change that this answer knows of.

    Raises
    ------
    NotFoundError
        There is no such assignment that the viewer may see.
    """
    seq = services.store.change_seq()
    plan, tour = services.store.plans.assignment(plan_id, team, viewer)
    current = newer(services, viewer, [(plan_id, team)]).get(plan_id, "")
    if not current:
        return {"plan": "", "differs": 0, "seq": seq}
    after, there = services.store.plans.assignment(current, team, viewer)
    names = {tour["name"], there["name"]}
    changes = difference(plan.document, after.document).changes
    differs = [each for each in changes if each.kind != "kept" and names & {each.team_before, each.team_after}]
    return {"plan": current, "differs": len(differs), "seq": seq}


def retire(services: Services) -> int:
    """Sum up and delete the check-ins whose period is over; at the start of a server, every hour, and whenever new ones come."""
    return services.store.checkins.retire(now=services.clock(), keep_days=services.config.checkin_days)
