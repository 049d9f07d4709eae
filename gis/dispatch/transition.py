"""One function that moves a case, and the only one that does: it checks everything and returns the case after it with a record.

Checked in this order: the move, the version, the state, role, area, unit and rank, the person, and what is told with it.
It reads no clock and no store.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from gis.dispatch._refusals import (
    OUT_OF_REACH,
    missing,
    no_question,
    not_from_here,
    other_version,
    unknown_move,
    who_asks_never_grants,
    who_handles_never_checks,
    wrong,
)
from gis.dispatch.case import Actor, Ask, Case, Detail, Post, Record
from gis.dispatch.states import TIERS, Move, move_from, moves, names_of_moves, rank_of, states
from gis.divisions import is_within
from gis.errors import InputError, PowerError

LONGEST_REASON = 500
LONGEST_WAIT = timedelta(days=30)
"""So long may a case wait for information."""
LONGEST_SUSPENSION = timedelta(days=366)
"""So long may a case be suspended, or its deadline be moved, at once."""

_UNIT_ROLES = frozenset({"department_unit", "desk"})
_HANDLING = frozenset({"acknowledge", "start", "submit_result", "self_handle"})
_ASKS = {"request_return": "return", "ask_delay": "delay", "ask_suspend": "suspend", "ask_transfer": "transfer"}
_ANSWERS = {
    "grant_return": "return",
    "refuse_return": "return",
    "extend": "delay",
    "suspend": "suspend",
    "transfer": "transfer",
}
_COUNTED = {
    "check_fail": "reworks",
    "grant_return": "returns",
    "transfer": "transfers",
    "extend": "delays",
    "suspend": "suspensions",
    "reopen": "reopens",
    "escalate": "escalations",
}
_STEPS = ("role", "area", "unit", "rank")


def transition(
    case: Case,
    move: str,
    actor: Actor,
    now: datetime,
    *,
    version: int | None = None,
    detail: Detail | None = None,
) -> tuple[Case, Record]:
    """The case after a move, and the record of it.

    Parameters
    ----------
    version
        The version of the case that was seen; None takes any.
    detail
        What is told with the move.

    Raises
    ------
    StateError
        No such move, or the state of the case does not take it.
    VersionError
        The case has another version.
    PowerError
        No post of the actor reaches: by role, area, unit or rank; or whoever handled would check, whoever asked would grant.
    DetailError
        A reason, unit, date, case or score is missing or makes no sense.
    InputError
        ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise InputError(zh="办理时刻必须带时区。", en="The moment of a move must state its time zone.")
    row = _row(case, move, version)
    post = _post(case, row, actor)
    _require_other(case, row, actor)
    told = _checked(case, row, detail or Detail(), now, post)
    after = _after(case, row, actor, told, now)
    record = Record(
        case=case.id,
        move=move,
        version=after.version,
        source=case.state,
        target=after.state,
        tier_from=case.tier,
        tier_to=after.tier,
        unit_from=case.unit,
        unit_to=after.unit,
        role=post.role,
        area=post.area,
        actor=actor.account,
        at=now,
        reason=told.reason,
        until=told.until,
        into=told.into,
        score=told.score,
        clock=row.clock,
    )
    return after, record


def allowed(case: Case, actor: Actor) -> tuple[Move, ...]:
    """The moves that an actor may make now, whatever must still be told with them."""
    found = []
    for row in moves():
        if case.state not in row.sources or not _has_question(case, row):
            continue
        try:
            _post(case, row, actor)
            _require_other(case, row, actor)
        except PowerError:
            continue
        found.append(row)
    return tuple(found)


def _row(case: Case, move: str, version: int | None) -> Move:
    if move not in names_of_moves():
        raise unknown_move(move)
    if version is not None and version != case.version:
        raise other_version(case, version)
    row = move_from(case.state, move)
    if row is None:
        here, name = states()[case.state], next(each for each in moves() if each.name == move)
        raise not_from_here(case, (here.zh, here.en), (name.zh, name.en))
    if not _has_question(case, row):
        raise no_question(case, row)
    return row


def _has_question(case: Case, row: Move) -> bool:
    """A request is made only where none is open, and refused only where one is; a tier rises only below the top."""
    if row.name.startswith("ask_"):
        return case.ask is None
    if row.name == "refuse":
        return case.ask is not None
    if row.name == "escalate":
        return rank_of(case.tier) < len(TIERS) - 1
    return row.name != "deescalate" or rank_of(case.tier) > 0


def _post(case: Case, row: Move, actor: Actor) -> Post:
    """The first post of the actor that reaches the case; else why the one that came furthest does not."""
    posts = actor.posts
    if actor.account and actor.account == case.reporter:
        posts = (*posts, Post("reporter"))
    furthest = 0
    for post in posts:
        step = _fails_at(case, row, post, actor)
        if step == len(_STEPS):
            return post
        furthest = max(furthest, step)
    wanted = max(_wanted_rank(case, row), rank_of(case.tier))
    raise OUT_OF_REACH[_STEPS[furthest]](case, row, wanted)


def _fails_at(case: Case, row: Move, post: Post, actor: Actor) -> int:
    """Number of the first of ``_STEPS`` that a post does not pass; their count where it passes all."""
    if post.role == "operator":
        return len(_STEPS)
    if post.role not in row.roles:
        return 0
    if post.area and not any(is_within(area, post.area) for area in case.areas):
        return 1
    if post.role == "department_unit" and (not case.unit or case.unit not in actor.units):
        return 2
    as_unit = post.role == "desk" and row.roles == _UNIT_ROLES
    if as_unit and case.unit:
        return 2
    wanted = rank_of(case.tier) if as_unit else _wanted_rank(case, row)
    return 4 if rank_of(post.tier) >= wanted else 3


def _wanted_rank(case: Case, row: Move) -> int:
    here, top = rank_of(case.tier), len(TIERS) - 1
    more = {"tier": 0, "above": 1, "rising": case.counts.delays}
    return min(here + more[row.rank], top) if row.rank else 0


def _require_other(case: Case, row: Move, actor: Actor) -> None:
    if row.other == "handled":
        same = actor.account in case.handlers if actor.account else False
        if same or actor.units & set(case.handled_by):
            raise who_handles_never_checks(case)
    if row.other == "asked" and case.ask is not None and actor.account and case.ask.by == actor.account:
        raise who_asks_never_grants(case)


def _checked(case: Case, row: Move, told: Detail, now: datetime, post: Post) -> Detail:
    """What is told, in full; nothing is kept that the move does not ask for, but a reason."""
    reason = told.reason.strip()
    if "reason" in row.needs and not reason:
        raise missing(case, row, "原因", "a reason")
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        raise wrong(case, f"原因不超过 {LONGEST_REASON} 字", f"a reason has at most {LONGEST_REASON} characters")
    if post.role == "system" and row.name in ("resume", "info_given") and case.until is not None and now < case.until:
        raise wrong(case, "期限未到", "its end date has not come")
    return Detail(
        reason=reason,
        unit=_unit(case, row, told) if "unit" in row.needs else None,
        until=_until(case, row, told, now) if "until" in row.needs else None,
        into=_into(case, row, told) if "into" in row.needs else "",
        tier=_tier(case, row, told),
        score=_score(case, row, told) if "score" in row.needs else None,
    )


def _unit(case: Case, row: Move, told: Detail) -> str:
    if told.unit is None:
        raise missing(case, row, "承办单位", "a unit")
    if row.name in ("transfer", "ask_transfer") and told.unit == case.unit:
        raise wrong(case, "转办单位与现单位相同", "it is with that unit already")
    return told.unit


def _until(case: Case, row: Move, told: Detail, now: datetime) -> datetime:
    if told.until is None:
        raise missing(case, row, "截止时间", "an end date")
    if told.until.tzinfo is None:
        raise wrong(case, "截止时间须带时区", "an end date states its time zone")
    longest = LONGEST_WAIT if row.name == "request_info" else LONGEST_SUSPENSION
    if not now < told.until <= now + longest:
        raise wrong(
            case,
            f"截止时间应在现在之后、{longest.days} 天以内",
            f"an end date lies after now and within {longest.days} days",
        )
    return told.until


def _into(case: Case, row: Move, told: Detail) -> str:
    if not told.into:
        raise missing(case, row, "并入的事件", "the case that it is the same as")
    if told.into == case.id:
        raise wrong(case, "不能并入自身", "a case is not merged into itself")
    return told.into


def _tier(case: Case, row: Move, told: Detail) -> str:
    if row.name not in ("escalate", "deescalate"):
        return ""
    up = row.name == "escalate"
    tier = told.tier or TIERS[rank_of(case.tier) + (1 if up else -1)]
    if tier not in TIERS or (rank_of(tier) > rank_of(case.tier)) != up or tier == case.tier:
        zh, en = ("更高", "higher") if up else ("更低", "lower")
        raise wrong(case, f"层级应为 {'、'.join(TIERS)} 中{zh}的一级", f"the tier is a {en} one of {', '.join(TIERS)}")
    return tier


def _score(case: Case, row: Move, told: Detail) -> int:
    if told.score is None:
        raise missing(case, row, "评分", "a score")
    if told.score not in range(1, 6):
        raise wrong(case, "评分为 1-5", "a score is 1 to 5")
    return told.score


def _after(case: Case, row: Move, actor: Actor, told: Detail, now: datetime) -> Case:
    after = replace(case, version=case.version + 1, state=row.target or case.state)
    counted = _COUNTED.get(row.name)
    if counted:
        counts = replace(case.counts, **{counted: getattr(case.counts, counted) + 1})
        after = replace(after, counts=counts)
    if row.name in _HANDLING:
        after = replace(
            after,
            handlers=_with(case.handlers, actor.account),
            handled_by=_with(case.handled_by, case.unit),
        )
    after = replace(after, ask=_ask_after(case, row, actor, told, now))
    change = _CHANGES.get(row.name)
    return change(after, told) if change else after


def _ask_after(case: Case, row: Move, actor: Actor, told: Detail, now: datetime) -> Ask | None:
    if row.name in _ASKS:
        return Ask(_ASKS[row.name], actor.account, told.reason, now, told.until, told.unit or "")
    stays = row.name in ("start", "escalate", "deescalate")
    stays = stays or (row.name == "extend" and case.ask is not None and case.ask.kind != "delay")
    return case.ask if stays else None


def _with(known: tuple[str, ...], more: str) -> tuple[str, ...]:
    return tuple(sorted({*known, more})) if more else known


def _to_unit(case: Case, told: Detail) -> Case:
    return replace(case, unit=told.unit or "")


def _to_desk(case: Case, _told: Detail) -> Case:
    return replace(case, unit="")


def _paused(case: Case, told: Detail) -> Case:
    return replace(case, until=told.until)


def _goes_on(case: Case, _told: Detail) -> Case:
    return replace(case, until=None)


def _merged(case: Case, told: Detail) -> Case:
    return replace(case, merged_into=told.into)


def _unmerged(case: Case, _told: Detail) -> Case:
    return replace(case, merged_into="", unit="")


def _tier_changed(case: Case, told: Detail) -> Case:
    return replace(case, tier=told.tier)


def _rated(case: Case, told: Detail) -> Case:
    return replace(case, score=told.score)


_CHANGES: dict[str, Callable[[Case, Detail], Case]] = {
    "dispatch": _to_unit,
    "transfer": _to_unit,
    "grant_return": _to_desk,
    "self_handle": _to_desk,
    "suspend": _paused,
    "request_info": _paused,
    "resume": _goes_on,
    "info_given": _goes_on,
    "merge": _merged,
    "unmerge": _unmerged,
    "escalate": _tier_changed,
    "deescalate": _tier_changed,
    "rate": _rated,
}
"""What a move changes beside state, version, counts, handlers and request."""
