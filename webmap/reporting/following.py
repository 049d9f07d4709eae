"""What somebody with a receipt is told of a case: its state in plain words, its steps with times, when it should be done.

Told are the words of the reporter and the place by its grid; not the exact place, no unit, no account, and of another case
only, where this one was merged into it, its state.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gis.errors import NotFoundError
from gis.incidents import taxonomy
from webmap.cases import receipts
from webmap.reporting.reports import names_of
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_clocks import StoredClock
from webmap.store.case_moves import StoredMove
from webmap.store.case_scope import CLOCK, CaseViewer
from webmap.store.cases import RECEIPT, WORK_ORDER
from webmap.store.events import Event

STATES: dict[str, tuple[str, str]] = {
    "draft": ("已保存,还没有上报", "Kept, not reported yet"),
    "reported": ("已收到,正在审核", "Received; being looked at"),
    "verifying": ("正在现场核实", "Somebody goes and looks"),
    "accepted": ("已受理,正在安排", "Accepted; it is being assigned"),
    "dispatched": ("已派给承办单位", "Assigned to the unit in charge"),
    "return_requested": ("承办单位有异议,正在协调", "The unit objects; it is being settled"),
    "acknowledged": ("承办单位已签收", "The unit in charge has it"),
    "in_progress": ("正在处理", "Being dealt with"),
    "waiting": ("需要补充信息", "Waiting for information"),
    "suspended": ("条件不具备,暂缓处理", "On hold until it can be done"),
    "handled": ("已处理,等待核查", "Dealt with; to be checked"),
    "checking": ("正在核查", "Being checked"),
    "resolved": ("已办结", "Closed"),
    "reopened": ("重新办理", "Opened again"),
    "rejected": ("不予受理", "Not accepted"),
    "merged": ("与另一件相同,已并案", "The same as another one; handled together"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "archived": ("已归档", "Filed"),
}
"""The states in plain words."""

STEPS: dict[str, tuple[str, str]] = {
    "submit": ("收到上报", "Received"),
    "ask_verify": ("派人现场核实", "Somebody is sent to look"),
    "verify_done": ("现场核实完毕", "It was looked at"),
    "accept": ("受理", "Accepted"),
    "reject": ("不予受理", "Not accepted"),
    "merge": ("与另一件相同,并案办理", "Handled together with another one"),
    "unmerge": ("撤销并案", "Handled by itself again"),
    "withdraw": ("撤回", "Withdrawn"),
    "appeal": ("申诉", "Appealed"),
    "dispatch": ("派给承办单位", "Assigned to the unit in charge"),
    "self_handle": ("当场处理", "Dealt with on the spot"),
    "acknowledge": ("承办单位签收", "The unit in charge has it"),
    "start": ("开始处理", "Work began"),
    "transfer": ("转给另一承办单位", "Handed to another unit"),
    "request_info": ("需要补充信息", "Information is asked for"),
    "info_given": ("已补充信息", "Information was added"),
    "suspend": ("暂缓处理", "Put on hold"),
    "resume": ("恢复处理", "Work goes on"),
    "extend": ("延长办理时间", "More time was granted"),
    "submit_result": ("处理完毕", "Dealt with"),
    "check_fail": ("核查未通过,返工", "Checked and sent back"),
    "check_pass": ("核查通过,办结", "Checked and closed"),
    "accept_result": ("办结", "Closed"),
    "reopen": ("重新办理", "Opened again"),
    "rate": ("评价", "Rated"),
    "archive": ("归档", "Filed"),
}
"""The moves that a reporter is told of, in plain words; what is asked and refused inside the office is not among them."""

_REASONS = frozenset({"reject", "request_info", "submit_result", "self_handle"})
"""Moves whose reason is meant for the reporter."""

OWN = ("withdraw", "rate", "reopen", "info_given", "appeal")
"""What the holder of a receipt may do, in the order of the page."""

SATISFIED = 3
"""Below this score a closed case may be opened again by who reported it."""


def normal_code(told: Any) -> str:
    """A receipt as people type it, in the form that is kept; empty for what is no receipt."""
    plain = unicodedata.normalize("NFKC", told).upper() if isinstance(told, str) and len(told) <= 60 else ""
    # Receipts have no I, L, O and U (Crockford): who reads one aloud or off a screen means the digit.
    letters = re.sub(r"[\s\-—–_.]", "", plain).translate(str.maketrans("ILO", "110"))
    return (
        "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))
        if re.fullmatch(r"[0-9A-Z]{12}", letters)
        else ""
    )


def follow(services: Services, code: Any) -> dict[str, Any]:
    """The case of a receipt.

    Raises
    ------
    NotFoundError
        There is none; what is no receipt at all reads the same.
    """
    receipt = normal_code(code)
    if not receipt:
        raise _none()
    event_id = services.store.cases.by_key(RECEIPT, receipt)
    return _told(services, event_id, CaseViewer("", (), receipt_of=event_id), receipt)


def follow_order(services: Services, number: Any, viewer: CaseViewer) -> dict[str, Any]:
    """The case of a 12345 work order, for an account that may see it.

    Raises
    ------
    NotFoundError
        There is none that the account may see.
    """
    plain = unicodedata.normalize("NFKC", number).strip() if isinstance(number, str) and len(number) <= 60 else ""
    if not plain:
        raise _none()
    event_id = services.store.cases.by_key(WORK_ORDER, plain)
    services.store.cases.get(event_id, viewer)
    receipt = services.store.cases.key_of(event_id, RECEIPT, CaseViewer("", (), receipt_of=event_id))
    return _told(services, event_id, CaseViewer("", (), receipt_of=event_id), receipt)


def move(services: Services, told: Mapping[str, Any]) -> dict[str, Any]:
    """One move of whoever holds the receipt, and the case after it.

    Raises
    ------
    NotFoundError
        There is no such receipt, or its holder never makes such a move.
    CaseError
        The move is refused.
    """
    receipt = normal_code(told.get("code"))
    if not receipt or told.get("move") not in OWN:
        raise _none()
    receipts.move(services, receipt, {name: value for name, value in told.items() if name != "code"})
    return follow(services, receipt)


def _told(services: Services, event_id: str, viewer: CaseViewer, receipt: str) -> dict[str, Any]:
    cases, now = services.store.cases, services.clock()
    event, open_to = cases.allowed(event_id, viewer)
    state = STATES[event.state]
    expected = _expected(cases.clocks(event_id, viewer), event)
    score = event.progress.get("score")
    may = {each.name for each in open_to}
    if score is None or score >= SATISFIED:
        may.discard("reopen")
    place = event.area
    # Whoever reported the same thing later learns what became of it, and nothing else of the other report.
    other = STATES[cases.get(event.merged_into, CLOCK).state] if event.merged_into else ("", "")
    return {
        "code": receipt,
        "version": event.version,
        "state": event.state,
        "words_zh": state[0],
        "words_en": state[1],
        "open": event.state not in ("resolved", "rejected", "withdrawn", "merged", "archived"),
        "merged_zh": other[0],
        "merged_en": other[1],
        "category_zh": taxonomy.name(event.scheme, event.category, "zh"),
        "category_en": taxonomy.name(event.scheme, event.category, "en"),
        "place_zh": names_of(services, LOCAL_OPERATOR, place, "zh"),
        "place_en": names_of(services, LOCAL_OPERATOR, place, "en"),
        "address": event.body.get("address", ""),
        "text": event.body.get("text", ""),
        "occurred_at": event.occurred_at.isoformat(),
        "created_at": event.created_at.isoformat() if event.created_at else "",
        "expected_at": expected.isoformat() if expected else "",
        "late": expected is not None and expected < now,
        "score": score,
        "moves": [name for name in OWN if name in may],
        "steps": [_step(each) for each in cases.history(event_id, viewer) if each.move in STEPS],
    }


def _expected(clocks: list[StoredClock], event: Event) -> datetime | None:
    """When the whole case should be done; None before it is accepted and after it is closed."""
    running = [clock.due_at for clock in clocks if clock.stage == "case" and clock.stopped_at is None]
    return running[-1] if running and event.state != "resolved" else None


def _step(row: StoredMove) -> dict[str, Any]:
    zh, en = STEPS[row.move]
    reason = row.reason if row.move in _REASONS or row.role == "reporter" else ""
    return {"zh": zh, "en": en, "at": row.at.isoformat(), "reason": reason}


def _none() -> NotFoundError:
    return NotFoundError(zh="没有这个回执。", en="There is no such receipt.")
