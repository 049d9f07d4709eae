"""Why a move is refused, in both languages and with a code for programs. It decides nothing."""

from collections.abc import Callable

from gis.dispatch.case import Case
from gis.dispatch.states import TIERS, Move
from gis.errors import DetailError, PowerError, StateError, VersionError

TIER_NAMES = {"community": "社区", "street": "街道(镇)", "district": "区", "city": "市"}
"""Tiers as people call them."""


def unknown_move(move: str) -> StateError:
    """There is no such move at all."""
    return StateError(zh=f"没有操作“{move}”。", en=f"There is no move '{move}'.", code="unknown_move")


def other_version(case: Case, version: int) -> VersionError:
    """Somebody was faster."""
    return VersionError(
        zh=f"事件 {case.id} 已被他人办理(当前版本 {case.version},您看到的是 {version}),请刷新后再试。",
        en=f"Event {case.id} has moved (now version {case.version}, you saw {version}); reload it.",
        code="version",
    )


def not_from_here(case: Case, state: tuple[str, str], move: tuple[str, str]) -> StateError:
    """The state does not take the move; both in Chinese and English."""
    return StateError(
        zh=f"事件 {case.id} 现为“{state[0]}”,不能“{move[0]}”。",
        en=f"Event {case.id} is {state[1]}; the move '{move[1]}' does not start there.",
        code="state",
    )


def no_question(case: Case, row: Move) -> StateError:
    """Nothing to answer, something else to answer first, or no tier left."""
    if row.name == "refuse":
        zh, en = "没有待审批的申请", "there is no open request"
    elif row.name.startswith("ask_"):
        zh, en = "已有申请待审批", "another request waits for an answer"
    else:
        zh, en = "已在最末一级", "its tier is the last one already"
    return StateError(zh=f"事件 {case.id}:{zh}。", en=f"Event {case.id}: {en}.", code="state")


def who_handles_never_checks(case: Case) -> PowerError:
    """The same person or unit."""
    return PowerError(
        zh=f"事件 {case.id}:谁处置谁不核查,请由其他人员办理。",
        en=f"Event {case.id}: whoever handled it does not check it; somebody else must.",
        code="same_person",
    )


def who_asks_never_grants(case: Case) -> PowerError:
    """The same person."""
    return PowerError(
        zh=f"事件 {case.id}:不能审批自己的申请。",
        en=f"Event {case.id}: whoever asked does not answer the request.",
        code="same_person",
    )


def _no_role(case: Case, row: Move, _wanted: int) -> PowerError:
    return PowerError(
        zh=f"事件 {case.id}:您的角色不能“{row.zh}”。",
        en=f"Event {case.id}: none of your roles may '{row.en}'.",
        code="role",
    )


def _no_area(case: Case, row: Move, _wanted: int) -> PowerError:
    return PowerError(
        zh=f"事件 {case.id} 不在您可以“{row.zh}”的区域内。",
        en=f"Event {case.id} lies outside the areas in which you may '{row.en}'.",
        code="area",
    )


def _no_unit(case: Case, row: Move, _wanted: int) -> PowerError:
    return PowerError(
        zh=f"事件 {case.id} 不由您的单位承办,不能“{row.zh}”。",
        en=f"Event {case.id} is not with your unit; you may not '{row.en}'.",
        code="unit",
    )


def _no_rank(case: Case, row: Move, wanted: int) -> PowerError:
    return PowerError(
        zh=f"事件 {case.id}:“{row.zh}”须由{TIER_NAMES[TIERS[wanted]]}级及以上办理。",
        en=f"Event {case.id}: '{row.en}' is for the {TIERS[wanted]} and above.",
        code="rank",
    )


OUT_OF_REACH: dict[str, Callable[[Case, Move, int], PowerError]] = {
    "role": _no_role,
    "area": _no_area,
    "unit": _no_unit,
    "rank": _no_rank,
}
"""By the step that no post of the actor passes; told the rank that would be needed."""


def missing(case: Case, row: Move, zh: str, en: str) -> DetailError:
    """Something must be told with the move."""
    return DetailError(
        zh=f"事件 {case.id}:“{row.zh}”须填写{zh}。", en=f"Event {case.id}: '{row.en}' needs {en}.", code="detail"
    )


def wrong(case: Case, zh: str, en: str) -> DetailError:
    """Something that was told makes no sense."""
    return DetailError(zh=f"事件 {case.id}:{zh}。", en=f"Event {case.id}: {en}.", code="detail")
