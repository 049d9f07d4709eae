"""A patrol sent to a case: the plans of now that cover its place, and one of them mended for it.

It moves no case, keeps nothing unasked, and puts nothing into a plan but the place and the category.
"""

from datetime import datetime, timedelta
from typing import Any

from gis.calendar import SHIFTS
from gis.dispatch import states
from gis.divisions import is_within
from gis.errors import PlanError
from gis.incidents import taxonomy
from gis.patrol.replan import ReplanOptions
from webmap import plan_changes
from webmap.plan_changes import Events, Place, Seen
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.events import Event
from webmap.store.plans import IN_FORCE, StoredPlan


def of_now(services: Services, event: Event, viewer: Viewer) -> list[StoredPlan]:
    """Published and running plans whose shift is on now and whose area holds the place of a case; running ones first.

    Parameters
    ----------
    viewer
        Limits the plans. A case that is over, or has no coordinates, has none.
    """
    if event.lon is None or event.lat is None or not states()[event.state].live:
        return []
    now = services.clock()
    today = services.today()
    # A night shift belongs to the day on which it began.
    days = (today, today - timedelta(days=1))
    found = [plan for day in days for plan in services.store.plans.list(viewer, date=day)]
    found = [plan for plan in found if plan.status in IN_FORCE and _is_on(plan, now) and _covers(plan, event)]
    return sorted(found, key=lambda plan: (plan.status != "running", plan.area == "", plan.day, plan.shift, plan.id))


def may_go(services: Services, event: Event, viewer: Viewer) -> list[dict[str, Any]]:
    """:func:`of_now` as programs are told it, with ``newer``: the version that somebody has made on top of it, 0 for none."""
    told = []
    for plan in of_now(services, event, viewer):
        versions = services.store.plans.versions(plan)
        newer = [each.version for each in versions if each.base == plan.id and each.status != "withdrawn"]
        told.append(
            {
                "id": plan.id,
                "date": plan.day,
                "shift_zh": SHIFTS[plan.shift].name_zh if plan.shift in SHIFTS else plan.shift,
                "shift_en": SHIFTS[plan.shift].name_en if plan.shift in SHIFTS else plan.shift,
                "area": plan.area,
                "version": plan.version,
                "status": plan.status,
                "teams": len(plan.document["teams"]),
                "until": _ends(plan).isoformat(),
                "newer": max(newer, default=0),
            }
        )
    return told


def send(
    services: Services,
    event: Event,
    plan_id: str,
    viewer: Viewer,
    *,
    stay_min: float,
    within_min: float,
    keep: bool,
    options: ReplanOptions,
    seen: Seen | None = None,
) -> dict[str, Any]:
    """A plan of now mended for the place of a case; see :func:`webmap.plan_changes.mended`.

    Returns
    -------
    answer
        ``kept``, ``plan`` (id and version of the draft, empty and 0 where nothing was kept), ``changes``, ``unplaced`` (why no
        team goes; empty where one does), ``broken``, ``now`` and ``shown``.

    Raises
    ------
    PlanError
        The plan is not of now, does not cover the place, or cannot be mended so; nobody can go and it was to be kept.
    """
    if plan_id not in {plan.id for plan in of_now(services, event, viewer)}:
        raise PlanError(
            zh="这份方案现在不在执行时段,或不覆盖事件所在地点;请刷新页面另选一份。",
            en="That plan is not of now or does not cover the place of the event; load the page again and choose another.",
        )
    # Neither the text nor the address of a report goes to the teams' phones.
    place = Place(
        event.lon or 0.0,
        event.lat or 0.0,
        f"紧急:{taxonomy.name(event.scheme, event.category, 'zh')}",
        stay_min,
        within_min,
        f"urgent: {taxonomy.name(event.scheme, event.category, 'en')}",
    )
    events = Events(urgent=(place,))
    told = plan_changes.mended(services, viewer, plan_id, events, keep=False, options=options, seen=seen)
    if keep:
        if told["unplaced"]:
            raise PlanError(
                zh="派不出队伍,没有可保存的调整。" + told["unplaced"][0]["zh"],
                en="No team can be sent, so there is nothing to keep. " + told["unplaced"][0]["en"],
            )
        told = plan_changes.mended(services, viewer, plan_id, events, keep=True, options=options, seen=seen)
    made = told["plan"]["id"] if keep else ""
    teams = {team["name"]: team.get("name_en") or team["name"] for team in told["plan"]["teams"]}
    changes = told["changes"]
    return {
        "kept": keep,
        "plan": {"id": made, "version": services.store.plans.get(made, viewer).version if made else 0},
        "changes": changes | {"changes": [_in_words(each, teams) for each in changes["changes"]]},
        "unplaced": [_in_words(each, teams) for each in told["unplaced"]],
        "broken": [_in_words(each, teams) for each in told["broken"]],
        "now": told["now"],
        "shown": told["shown"],
    }


def _in_words(told: dict[str, Any], teams: dict[str, str]) -> dict[str, Any]:
    """A line of a difference whose English names teams in English."""
    english = told["en"]
    for name in sorted(teams, key=len, reverse=True):
        english = english.replace(name, teams[name])
    return told | {"en": english}


def _is_on(plan: StoredPlan, now: datetime) -> bool:
    document = plan.document
    if not document.get("made_from") or not document.get("shift_start"):
        return False
    return datetime.fromisoformat(document["shift_start"]) <= now < _ends(plan)


def _ends(plan: StoredPlan) -> datetime:
    begins = datetime.fromisoformat(plan.document["shift_start"])
    return begins + timedelta(seconds=float(plan.document["shift_s"]))


def _covers(plan: StoredPlan, event: Event) -> bool:
    return not plan.area or bool(event.grid and is_within(event.grid, plan.area))
