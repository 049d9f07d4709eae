"""The life of a plan for programs and for the map page: make, versions, status, planned against done, check-ins, visits.

A route parses, calls one function, and renders. No answer holds a person, a position or the moment of a check-in.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis.errors import InputError
from gis.patrol.replan import ReplanOptions
from webmap import patrol_dosage, plan_changes, plan_life
from webmap.api import asking
from webmap.api.streaming import Tell, planning_lines
from webmap.auth import gate
from webmap.hotspots.answers import MOST_GRIDS
from webmap.patrol_sources import SOURCES, USUAL_SOURCES
from webmap.planning import PlanRequest, make_plan
from webmap.recurring import MOST_TEAMS
from webmap.security.csrf import csrf_token
from webmap.store.checkins import MOST, CheckIn
from webmap.team_settings import must_skills_of, settings_of
from webmap.varied import MOST_PLANS, fresh_seed

api = Blueprint("plan_life", __name__)

MOST_URGENT = 5
REPLAN_ROUNDS = 400
"""Rounds of mending: below half a second for 12 teams, a second and a half for 40 with five urgent places far away."""


@api.post("/api/plans")
def make() -> Response:
    """Make a plan. The answer is a line of JSON for each step, and at last ``plan`` or ``problem``."""
    services, viewer, asked = asking.services(), asking.viewer(), _plan_request(body())

    def work(tell: Tell) -> dict[str, Any]:
        def step(stage: str, at: int, of: int) -> None:
            tell({"stage": stage, "done": at, "of": of})

        return {"plan": make_plan(services, asked, viewer=viewer, progress=step)["id"]}

    return planning_lines(work)


@api.get("/api/plans/<plan_id>/life.json")
def life(plan_id: str) -> Response:
    """Status, version and versions of a plan, and what the reader may do with it now."""
    actions = gate.account().actions
    return asking.cached(
        lambda: jsonify(plan_life.life(asking.services(), asking.viewer(), plan_id, actions)), parts=[sorted(actions)]
    )


@api.post("/api/plans/<plan_id>/publish")
def publish(plan_id: str) -> Response:
    """Publish a draft that passes the independent check; it takes the place of the version in force."""
    return _life_of(plan_life.publish(asking.services(), plan_id, viewer=asking.viewer()).id)


@api.post("/api/plans/<plan_id>/start")
def start(plan_id: str) -> Response:
    """A published plan runs from now on."""
    return _moved(plan_id, "running")


@api.post("/api/plans/<plan_id>/close")
def close(plan_id: str) -> Response:
    """A running plan is over."""
    return _moved(plan_id, "closed")


@api.post("/api/plans/<plan_id>/withdraw")
def withdraw(plan_id: str) -> Response:
    """Take back what was published and not yet begun."""
    return _moved(plan_id, "withdrawn")


@api.post("/api/plans/<plan_id>/discard")
def discard(plan_id: str) -> Response:
    """Drop a draft."""
    return _moved(plan_id, "withdrawn")


@api.post("/api/plans/<plan_id>/edits")
def edit(plan_id: str) -> Response:
    """The plan after changes by hand and what they do; a new version of it where ``keep`` says so."""
    told = body()
    edits = told.get("edits")
    if not isinstance(edits, list) or not all(isinstance(each, dict) for each in edits):
        raise InputError(zh="edits 应为修改的列表。", en="edits is a list of edits.")
    wanted = [_edit(each) for each in edits]
    return jsonify(
        plan_changes.edited(asking.services(), asking.viewer(), plan_id, wanted, keep=told.get("keep") is True)
    )


@api.post("/api/plans/<plan_id>/replan")
def replan(plan_id: str) -> Response:
    """The plan after what happened, and the difference; a new version of it where ``keep`` says so."""
    told = body()
    return jsonify(
        plan_changes.mended(
            asking.services(),
            asking.viewer(),
            plan_id,
            _events(told),
            keep=told.get("keep") is True,
            options=ReplanOptions(rounds=REPLAN_ROUNDS),
            seen=seen_of(told),
        )
    )


@api.get("/api/plans/<plan_id>/explain.json")
def explain(plan_id: str) -> Response:
    """What a plan covers, what it does not and why."""
    return asking.cached(
        lambda: jsonify(
            plan_life.explained(
                asking.services(), asking.viewer(), plan_id, asking.for_reader, drafts=asking.sees_drafts()
            )
        ),
        parts=[asking.sees_drafts(), asking.camera_areas()],
    )


@api.post("/api/plans/<plan_id>/one-more")
def one_more(plan_id: str) -> Response:
    """What one more team would bring, in lines as a plan is made, since it is planned anew for each base."""
    services, viewer = asking.services(), asking.viewer()
    return planning_lines(lambda _tell: {"more": plan_life.one_more(services, viewer, plan_id)})


@api.get("/api/plans/<plan_id>/done.json")
def done(plan_id: str) -> Response:
    """Planned against done, by team and stop."""
    return asking.cached(
        lambda: jsonify(plan_life.done(asking.services(), asking.viewer(), plan_id, drafts=asking.sees_drafts())),
        # What is late depends on the time of day.
        parts=[asking.sees_drafts(), asking.services().clock().isoformat(timespec="minutes")],
    )


@api.get("/api/plans/<plan_id>/teams/<int:team>/newer.json")
def newer(plan_id: str, team: int) -> Response:
    """The version in force instead of the one that a phone shows, and how many stops of the team differ in it."""
    response = jsonify(plan_life.newer_for(asking.services(), asking.viewer(), plan_id, team))
    response.headers["Cache-Control"] = "no-store"
    return response


@api.get("/api/patrol/dosage.json")
def dosage() -> Response:
    """Visits and minutes by place and week; the last twelve weeks unless asked otherwise."""
    today = asking.services().today()
    since, until = _day("from", today - timedelta(weeks=12)), _day("to", today)
    if not date(1900, 1, 1) <= since <= until < date(2200, 1, 1):
        raise InputError(
            zh="开始日期晚于结束日期,或不合理。", en="The first day lies after the last, or makes no sense."
        )
    return asking.cached(
        lambda: jsonify(
            patrol_dosage.weekly(asking.services(), asking.viewer(), since=since, until=until + timedelta(days=1))
        )
    )


@api.get("/api/patrol/session.json")
def session() -> Response:
    """The token for what the phone wants to send; asked for anew before each sending, since sessions end."""
    # It is asked for right before check-ins are sent: a name here would say whose they are.
    gate.nameless()
    response = jsonify(csrf=csrf_token(gate.token()))
    response.headers["Cache-Control"] = "no-store"
    return response


@api.post("/api/checkins")
def check_in() -> Response:
    """Check-ins of a phone, each told by itself what became of it; sent again they change nothing."""
    batch = body().get("checkins")
    if not isinstance(batch, list) or not 0 < len(batch) <= MOST:
        raise InputError(
            zh=f'请求内容应为 {{"checkins": [...]}},1 至 {MOST} 条。',
            en=f'The body is {{"checkins": [...]}}, 1 to {MOST}.',
        )
    # The line of the request in the log says that somebody sent check-ins, and not who.
    viewer = gate.nameless()
    return jsonify(plan_life.check_in(asking.services(), viewer, [_check_in(each) for each in batch]))


def body() -> dict[str, Any]:
    """The JSON object of the request.

    Raises
    ------
    InputError
        It is none, or a text in it ends inside a sign.
    """
    told = request.get_json(silent=True)
    if not isinstance(told, dict):
        raise InputError(zh="请求内容应为 JSON 对象。", en="The body is a JSON object.")
    if b"\\ud" in request.get_data().lower():
        try:
            json.dumps(told, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                zh="请求内容里有半个字符(例如截断的表情符号),请删去后重发。",
                en="The body holds half a sign, such as an emoji that was cut; take it out and send it again.",
            ) from None
    return told


def _moved(plan_id: str, to: str) -> Response:
    services = asking.services()
    return _life_of(services.store.plans.move(plan_id, to, viewer=asking.viewer(), now=services.clock()).id)


def _life_of(plan_id: str) -> Response:
    services = asking.services()
    # What was just changed is not what this request saw when it began.
    services.let_go()
    return jsonify(plan_life.life(services, asking.viewer(), plan_id, gate.account().actions))


def _plan_request(told: dict[str, Any]) -> PlanRequest:
    try:
        day = date.fromisoformat(str(told.get("day", "")))
    except ValueError:
        raise InputError(zh="请填写日期,如 2026-11-23。", en="Say the day, such as 2026-11-23.") from None
    day = asking.sane_day(day)
    texts = {name: told[name] for name in ("shift", "mode", "area") if name in told}
    numbers = {name: told[name] for name in ("teams", "seed", "demand_days") if name in told}
    if not all(isinstance(value, str) and len(value) <= 40 for value in texts.values()):
        raise InputError(zh="班次、方式和区域应为文本。", en="Shift, mode and area are texts.")
    most = {"teams": MOST_TEAMS, "seed": 2**31, "demand_days": 3660}
    if not all(type(value) is int and 1 <= value <= most[name] for name, value in numbers.items()):
        raise InputError(
            zh=f"队数应为 1 至 {MOST_TEAMS},种子与需求天数应为正整数。",
            en=f"Teams are 1 to {MOST_TEAMS}; the seed and the days of demand are positive whole numbers.",
        )
    return PlanRequest(
        day=day,
        sources=sources_of(told),
        grids=_grids(told),
        team_settings=settings_of(told.get("team_settings"), most=MOST_TEAMS),
        must_skills=must_skills_of(told.get("must_skills")),
        **texts,
        **numbers,
        **varied_of(told),
    )


def _grids(told: dict[str, Any]) -> tuple[str, ...]:
    """Grids that must be visited; none without a word."""
    grids = told.get("grids", [])
    sound = isinstance(grids, list) and len(grids) <= MOST_GRIDS
    if not sound or not all(isinstance(each, str) and len(each) <= 40 for each in grids):
        raise InputError(
            zh=f"grids 应为网格编码的列表,至多 {MOST_GRIDS} 个。",
            en=f"grids is a list of at most {MOST_GRIDS} codes of grids.",
        )
    return tuple(dict.fromkeys(grids))


def sources_of(told: dict[str, Any]) -> tuple[str, ...]:
    """What may ask for stops, as a client says it; the usual ones without a word.

    Raises
    ------
    InputError
        Not a list of known sources.
    """
    sources = told.get("sources", list(USUAL_SOURCES))
    if not isinstance(sources, list) or not sources or not all(each in SOURCES for each in sources):
        raise InputError(
            zh=f"sources 应为需求来源的列表;可用:{'、'.join(SOURCES)}。",
            en=f"sources is a list of {', '.join(SOURCES)}.",
        )
    return tuple(dict.fromkeys(sources))


def varied_of(told: dict[str, Any]) -> dict[str, Any]:
    """How many plans to draw from, with a fresh seed of the draw; nothing without a word.

    Raises
    ------
    InputError
        Not a whole number in reach.
    """
    if "varied" not in told:
        return {}
    varied = told["varied"]
    if type(varied) is not int or not 2 <= varied <= MOST_PLANS:
        raise InputError(
            zh=f"varied 应为 2 至 {MOST_PLANS} 的整数。", en=f"varied is a whole number from 2 to {MOST_PLANS}."
        )
    return {"varied": varied, "draw_seed": fresh_seed()}


def _edit(told: dict[str, Any]) -> plan_changes.Edit:
    texts = {name: told.get(name, "") for name in ("do", "stop", "team")}
    position = told.get("position")
    sound = all(isinstance(value, str) and len(value) <= 200 for value in texts.values())
    if not sound or not (position is None or (type(position) is int and 0 < position < 1000)):
        raise InputError(
            zh="一项修改应含 do、stop,并视需要含 team 和 position。",
            en="An edit has do and stop, and team and position where needed.",
        )
    return plan_changes.Edit(**texts, position=position)


def _events(told: dict[str, Any]) -> plan_changes.Events:
    urgent, out, late = told.get("urgent", []), told.get("out", []), told.get("late", {})
    if (
        not isinstance(urgent, list)
        or len(urgent) > MOST_URGENT
        or not isinstance(out, list)
        or not all(isinstance(name, str) for name in out)
        or not isinstance(late, dict)
        or not all(is_number(minutes, 0, 1440) for minutes in late.values())
    ):
        raise InputError(
            zh=f"urgent 为地点列表(至多 {MOST_URGENT} 个),out 为队伍名列表,late 为队伍到分钟数的对照。",
            en=f"urgent is a list of at most {MOST_URGENT} places, out a list of teams, late minutes by team.",
        )
    return plan_changes.Events(tuple(_place(each) for each in urgent), tuple(out), late)


def seen_of(told: dict[str, Any]) -> plan_changes.Seen | None:
    """What was shown before, as the answer to it said; None where the client says nothing of it.

    Raises
    ------
    InputError
        Not what an answer gave.
    """
    if "now" not in told and "shown" not in told:
        return None
    try:
        now, shown = datetime.fromisoformat(told["now"]), told["shown"]
    except (KeyError, TypeError, ValueError):
        now, shown = datetime.min, None
    if now.tzinfo is None or not isinstance(shown, str):
        raise InputError(
            zh="now(带时区的时刻)与 shown 应原样取自试算的回答。",
            en="now, a moment with a zone, and shown are sent back as the answer to the try gave them.",
        )
    return plan_changes.Seen(now, shown)


def _place(told: Any) -> plan_changes.Place:
    told = told if isinstance(told, dict) else {}
    numbers = {name: told[name] for name in ("lon", "lat", "stay_min", "within_min") if name in told}
    most = {"lon": (-180, 180), "lat": (-90, 90), "stay_min": (1, 240), "within_min": (1, 1440)}
    name = told.get("name", "")
    sound = {"lon", "lat"} <= numbers.keys() and all(is_number(v, *most[key]) for key, v in numbers.items())
    if not sound or not isinstance(name, str) or len(name) > 60:
        raise InputError(
            zh="紧急地点应含 lon、lat(度),可含 name、stay_min、within_min。",
            en="An urgent place has lon and lat in degrees, and may have name, stay_min and within_min.",
        )
    return plan_changes.Place(name=name.strip(), **numbers)


def is_number(value: Any, low: float, high: float) -> bool:
    """Whether a value of a JSON body is a number from ``low`` to ``high``."""
    return type(value) in (int, float) and low <= value <= high


def _check_in(told: Any) -> CheckIn:
    texts = ("id", "plan", "stop", "kind", "at")
    if (
        not isinstance(told, dict)
        or not all(isinstance(told.get(name), str) and 0 < len(told[name]) <= 200 for name in texts)
        or type(told.get("team")) is not int
        or not isinstance(told.get("reason", ""), str)
    ):
        raise _not_one()
    try:
        at = datetime.fromisoformat(told["at"])
    except ValueError:
        raise _not_one() from None
    if at.tzinfo is None or "\x00" in "".join(told[name] for name in texts):
        raise _not_one()
    return CheckIn(
        told["id"],
        told["plan"],
        min(max(told["team"], -1), 10_000),
        told["stop"],
        told["kind"],
        at,
        told.get("reason", ""),
    )


def _not_one() -> InputError:
    return InputError(
        zh="签到应含 id、plan、team、stop、kind 和带时区的 at。",
        en="A check-in has id, plan, team, stop, kind, and at with a zone.",
    )


def _day(name: str, default: date) -> date:
    told = asking.text(name)
    try:
        return date.fromisoformat(told) if told else default
    except ValueError:
        raise InputError(zh=f"{name} 应如 2026-11-23。", en=f"{name} is a day such as 2026-11-23.") from None
