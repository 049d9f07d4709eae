"""A plan changed by hand or by events: edits with their effect, and a running plan mended. Kept only when asked to.

It puts library calls in order and decides nothing. A change is a new version on top of the one that was seen.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import numpy as np
import shapely

from gis.crs import project
from gis.errors import InputError, NotFoundError, PlanError
from gis.patrol import edit
from gis.patrol.difference import difference
from gis.patrol.edit import Edited
from gis.patrol.news import News, Urgent
from gis.patrol.replan import ReplanOptions, replan
from gis.patrol.shift import Shift
from webmap import plan_life
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.plans import IN_FORCE, StoredPlan
from webmap.tour_lines import drawn_line

MOST_EDITS = 200
SEEN_S = 300
"""Seconds for which what was shown may be kept: longer than it takes to read it, shorter than a team takes to the next stop."""
_SUMMED = ("worth", "travel_s", "travel_m", "late_s", "must_served")


@dataclass(frozen=True)
class Edit:
    """One change by hand.

    Parameters
    ----------
    do
        ``move``, ``remove``, ``add``, ``lock`` or ``unlock``.
    stop
        Id of the visit.
    team
        Name of the team that gets it.
    position
        Its number in the tour, from 1; where it costs least if not given.
    """

    do: str
    stop: str
    team: str = ""
    position: int | None = None


@dataclass(frozen=True)
class Place:
    """Somewhere that must be seen soon, which was not wanted before: degrees, minutes to stay, minutes until too late.

    ``name_en`` is the ``name`` where it is not given, and the grid names a place without any.
    """

    lon: float
    lat: float
    name: str = ""
    stay_min: float = 15.0
    within_min: float = 60.0
    name_en: str = ""


@dataclass(frozen=True)
class Events:
    """What happened in a running shift: urgent places, teams that are out, teams that come later (minutes from now)."""

    urgent: tuple[Place, ...] = ()
    out: tuple[str, ...] = ()
    late: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Seen:
    """What somebody saw before keeping it: the moment for which it was worked out, and its digest."""

    now: datetime
    shown: str


def edited(services: Services, viewer: Viewer, plan_id: str, edits: Sequence[Edit], *, keep: bool) -> dict[str, Any]:
    """A plan after changes by hand, with what they do.

    Returns
    -------
    answer
        ``plan`` (the document, with its id if it was kept), ``effect`` (as ``gis.patrol.edit.Effect``, all edits together).

    Raises
    ------
    InputError
        No edit, or one that is not known.
    PlanError
        The plan takes no edits, an edit cannot be made, or somebody saved another version meanwhile.
    """
    if not 0 < len(edits) <= MOST_EDITS:
        raise InputError(zh=f"一次应有 1 至 {MOST_EDITS} 项修改。", en=f"There are 1 to {MOST_EDITS} edits at once.")
    stored = _changeable(services, viewer, plan_id)
    if stored.status not in plan_life.EDITABLE:
        raise PlanError(
            zh="方案正在执行:请先作“突发调整”,再手工修改调整后的草稿。",
            en="The plan is running: mend it first for what happened, then edit the draft that comes of it.",
        )
    document: dict[str, Any] = stored.document
    # A draft that came of a running plan keeps what was done when it was made.
    news = News.from_dict(document["running"]["news"]) if "running" in document else None
    shift = plan_life.shift_of(services, document)
    sums = dict.fromkeys(_SUMMED, 0.0)
    effect: dict[str, Any] = {}
    for each in edits:
        step = _step(document, shift, each, news)
        document, effect = step.plan, step.effect.to_dict()
        sums = {name: sums[name] + effect[name] for name in _SUMMED}
    effect |= sums | {"changes": _told(stored.document, document), "zh": "", "en": ""}
    return _answer(services, viewer, stored, document, keep=keep) | {"effect": effect}


def mended(
    services: Services,
    viewer: Viewer,
    plan_id: str,
    events: Events,
    *,
    keep: bool,
    options: ReplanOptions | None = None,
    seen: Seen | None = None,
) -> dict[str, Any]:
    """A plan after what happened, with few changes: done and current stops stand.

    Parameters
    ----------
    seen
        What was shown before it is kept: the same moment counts again, and what comes of it must be what was shown.

    Returns
    -------
    answer
        ``plan``, ``changes`` (stop by stop in words), ``unplaced`` (urgent places to which no team is sent, and why),
        ``broken`` (rules that what happened leaves no way to keep), and ``now`` and ``shown``, to be sent back as ``Seen``.

    Raises
    ------
    InputError
        An event about a team that the plan does not have.
    NotFoundError
        A place outside the plan's area.
    PlanError
        The shift is over, the plan takes no changes, or what was shown is too old or no longer what would be kept.
    """
    stored = _changeable(services, viewer, plan_id)
    if stored.status not in IN_FORCE:
        raise PlanError(
            zh="草稿请手工调整,或重新排班。",
            en="A draft is edited by hand or made anew; what happened concerns a plan in force.",
        )
    now = services.clock() if seen is None else _moment(services, seen)
    news = _news(services, stored, events, now)
    skipped = _skipped(services, stored)
    shift = plan_life.shift_of(services, stored.document, [item.as_visit(news.now_s) for item in news.urgent])
    document: dict[str, Any] = stored.document
    for visit in skipped:
        # What a team said it cannot reach is not sent to it again; whoever leads the shift may add it by hand. A lock says who
        # goes there, and must not keep a running plan, in which nobody can unlock, from being mended at all.
        document = edit.lock(document, shift, visit, locked=False, news=news).plan
        document = edit.remove(document, shift, visit, news=news).plan
    found = replan(document, shift, news, options=options)
    document = found.plan | {"made_from": found.shift.to_dict()}
    shown = _digest(document)
    if seen is not None and seen.shown != shown:
        raise PlanError(
            zh="试算之后情况有变(例如又有队伍签到),保存的将不是刚才看到的;请再试算一次。",
            en="Something changed since this was shown, such as a check-in; what is kept would differ. Try it again.",
        )
    answer = _answer(services, viewer, stored, document, keep=keep) | {"now": now.isoformat(), "shown": shown}
    broken = [{"rule": each.rule, "zh": each.zh, "en": each.en} for each in found.broken]
    return answer | {
        "changes": _told(stored.document, document),
        "unplaced": _unplaced(document, news),
        "broken": broken,
    }


def _unplaced(document: Mapping[str, Any], news: News) -> list[dict[str, str]]:
    """Urgent places of the news that no tour holds, each with the rule that keeps it out."""
    asked = {item.id for item in news.urgent}
    return [
        {
            "id": item["id"],
            "rule": item["rule"],
            "zh": f"{item['name_zh']}:{item['reason_zh']}",
            "en": f"{item['name_en']}: {item['reason_en']}",
        }
        for item in document["unserved"]
        if item["id"] in asked
    ]


def _moment(services: Services, seen: Seen) -> datetime:
    """The moment of what was shown, if it is one of the last minutes."""
    age_s = (services.clock() - seen.now).total_seconds()
    if not -1.0 <= age_s <= SEEN_S:
        raise PlanError(
            zh=f"试算结果已超过 {SEEN_S // 60} 分钟,队伍已走远;请再试算一次。",
            en=f"What was shown is more than {SEEN_S // 60} minutes old and the teams have moved on; try it again.",
        )
    return seen.now


def _digest(document: Mapping[str, Any]) -> str:
    told = {name: document[name] for name in ("teams", "unserved", "running")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8")).hexdigest()[:24]


def _changeable(services: Services, viewer: Viewer, plan_id: str) -> StoredPlan:
    stored = services.store.plans.get(plan_id, viewer)
    if stored.status in ("closed", "withdrawn"):
        raise PlanError(
            zh=f"第 {stored.version} 版已结束或撤回,不能再修改。",
            en=f"Version {stored.version} is closed or withdrawn and takes no more changes.",
        )
    if not stored.document.get("made_from"):
        raise PlanError(
            zh="方案没有留下排班依据,不能修改;请重新排班。",
            en="The plan does not say what it was made from and cannot be changed; plan again.",
        )
    return stored


def _step(document: Mapping[str, Any], shift: Shift, each: Edit, news: News | None) -> Edited:
    if each.do == "move":
        return edit.move(document, shift, each.stop, team=each.team, position=each.position, news=news)
    if each.do == "add":
        return edit.add(document, shift, each.stop, team=each.team, position=each.position, news=news)
    if each.do == "remove":
        return edit.remove(document, shift, each.stop, news=news)
    if each.do in ("lock", "unlock"):
        return edit.lock(document, shift, each.stop, locked=each.do == "lock", news=news)
    raise InputError(zh=f"没有修改方式“{each.do}”。", en=f"There is no edit '{each.do}'.")


def _told(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    told = difference(before, after).to_dict()
    told["changes"] = [change for change in told["changes"] if change["kind"] != "kept"]
    return told


def _news(services: Services, stored: StoredPlan, events: Events, now: datetime) -> News:
    """What stands already: by check-ins for teams that sent some, by the clock for the others."""
    document = stored.document
    begins = document.get("shift_start")
    now_s = (now - datetime.fromisoformat(begins)).total_seconds() if begins else 0.0
    if now_s >= document["shift_s"]:
        raise PlanError(zh="班次已经结束,不能再调整。", en="The shift is over; there is nothing left to change.")
    now_s = max(0.0, now_s)
    _require_teams(document, [*events.out, *(events.late or {})])
    done, current = _standing(services, stored, now_s)
    # Somebody may have sent a team elsewhere within the same second: the place of now must not pass for that one.
    taken = {str(stop["id"]) for stop in document["made_from"]["stops"]}
    free = (number for number in count(1) if f"urgent:{round(now_s)}-{number}" not in taken)
    return News(
        now_s,
        # No second is written down: a plan is no record of when a team was where.
        done=dict.fromkeys(done),
        current=dict.fromkeys(current),
        urgent=tuple(_urgent(services, document, place, now_s, next(free)) for place in events.urgent),
        dropped=tuple(events.out),
        late={team: now_s + 60.0 * minutes for team, minutes in (events.late or {}).items()},
    )


def _require_teams(document: Mapping[str, Any], names: Sequence[str]) -> None:
    known = {team["name"] for team in document["teams"]}
    strange = [name for name in names if name not in known]
    if strange:
        raise InputError(
            zh=f"方案里没有队伍:{'、'.join(strange)}。", en=f"The plan has no such team: {', '.join(strange)}."
        )


def _standing(services: Services, stored: StoredPlan, now_s: float) -> tuple[list[str], list[str]]:
    state = plan_life.said(services, stored)
    done, current = [], []
    for team in stored.document["teams"]:
        ids = {stop["id"] for stop in team["stops"]}
        spoke = bool(ids & state.keys())
        here = [stop["id"] for stop in team["stops"] if state.get(stop["id"]) == "there"]
        for stop in team["stops"]:
            by_clock = "done" if stop["leave_s"] <= now_s else "there" if stop["start_s"] <= now_s else ""
            # A break is never checked in at.
            said = state.get(stop["id"], "") if spoke and stop["kind"] != "break" else by_clock
            if said == "done" or (stop["id"] in here[:-1]):
                done.append(stop["id"])
            elif said == "there" and (not spoke or stop["kind"] == "break" or stop["id"] == here[-1]):
                current.append(stop["id"])
    return done, current


def _skipped(services: Services, stored: StoredPlan) -> list[str]:
    state = plan_life.said(services, stored)
    return [
        stop["id"] for team in stored.document["teams"] for stop in team["stops"] if state.get(stop["id"]) == "skipped"
    ]


def _urgent(services: Services, document: Mapping[str, Any], place: Place, now_s: float, number: int) -> Urgent:
    ground = plan_life.ground_of(document)
    cells = services.cells(ground)
    at = cells.sindex.query(shapely.Point(place.lon, place.lat), predicate="intersects")
    if not len(at):
        raise NotFoundError(zh="紧急地点不在方案区域内。", en="The urgent place lies outside the plan's area.")
    x, y = project(np.array([place.lon]), np.array([place.lat]), services.metric(ground))[0]
    row = cells.iloc[sorted(at)[0]]
    return Urgent(
        id=f"urgent:{round(now_s)}-{number}",
        x=float(x),
        y=float(y),
        dwell_s=60.0 * place.stay_min,
        deadline_s=now_s + 60.0 * place.within_min,
        name_zh=place.name or f"紧急:{row['name_zh']}",
        name_en=place.name_en or place.name or f"urgent: {row['name_en'] or row['name_zh']}",
        grid=str(row["code"]),
        lon=place.lon,
        lat=place.lat,
    )


def _answer(
    services: Services, viewer: Viewer, stored: StoredPlan, document: Mapping[str, Any], *, keep: bool
) -> dict[str, Any]:
    made = {name: value for name, value in document.items() if name != "id"} | {"base": stored.id}
    _draw(services, made)
    if keep:
        made["id"] = services.store.plans.save(made, viewer=viewer, now=services.clock(), base=stored.id)
    return {"plan": {name: value for name, value in made.items() if name != "made_from"}, "kept": keep}


def _draw(services: Services, document: dict[str, Any]) -> None:
    """The lines of tours that changed, and what the page shows beside a stop."""
    crs = services.metric(plan_life.ground_of(document))
    networks: dict[str, Any] = {}
    for team in document["teams"]:
        for stop in team["stops"]:
            stop.setdefault("dwell_s", round(stop["leave_s"] - stop["start_s"], 1))
        if "line" not in team:
            mode = team["mode"]
            if mode not in networks:
                networks[mode] = plan_life.streets(services, document, mode)
            team["line"] = drawn_line(networks[mode], team, crs)
