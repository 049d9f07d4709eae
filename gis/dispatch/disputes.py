"""Mediation of disputes (矛盾纠纷调处) by place: what it is about, where, which committee, how it ended. Never who the parties are.

The fields follow the list of GB/T 31000-2015 as met in an open implementation; what concerns the parties and the mediator as persons is
refused, texts are masked, and the number of people is kept as a class.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from gis.dispatch.free_text import mask
from gis.dispatch.workflow import Step, checked_step, steps
from gis.errors import DetailError, InputError
from gis.layers.fields import REFUSED, field_of, normal_header

DISPUTE_STATES: Mapping[str, tuple[str, str]] = {
    "reported": ("已登记", "registered"),
    "accepted": ("已受理", "accepted"),
    "assigned": ("已指派", "assigned"),
    "mediating": ("调解中", "being mediated"),
    "agreed": ("已达成协议", "agreed"),
    "failed": ("调解不成", "not agreed"),
    "followed_up": ("已回访", "followed up"),
    "referred": ("已告知其他途径", "referred"),
    "rejected": ("不予受理", "rejected"),
    "withdrawn": ("已撤回", "withdrawn"),
    "archived": ("已归档", "archived"),
}
"""State to its Chinese and English name."""
METHODS = ("mediation", "administrative", "arbitration", "court", "other")
"""How a dispute is settled; ``mediation`` unless told."""
WAYS = ("administrative", "arbitration", "court", "petition_office")
"""Where parties may turn when mediation failed."""
PEOPLE_CLASSES = ("<5", "5-29", "30+")
_CLASS_FROM = (0, 5, 30)
_YES_NO = {"1": True, "是": True, "成功": True, "0": False, "否": False, "不成功": False}
_FIELDS = Path(__file__).resolve().parent / "dispute_fields.csv"


@dataclass(frozen=True)
class Dispute:
    """A dispute and its place.

    Parameters
    ----------
    areas
        Codes of the areas it lies in.
    people
        One of ``PEOPLE_CLASSES``; empty when unknown.
    title, address, summary, organisation, result
        Masked.
    committee
        Code of the committee that mediates.
    kept
        Whether the agreement was kept when it was followed up; None before.
    rounds
        How often it went back to be mediated again.
    settled, evaluated_on, evaluation
        What an imported file says of its end.
    """

    id: str
    category: str
    areas: tuple[str, ...]
    state: str = "reported"
    version: int = 1
    title: str = ""
    occurred_on: date | None = None
    address: str = ""
    scale: str = ""
    people: str = ""
    summary: str = ""
    organisation: str = ""
    due_on: date | None = None
    method: str = ""
    committee: str = ""
    result: str = ""
    way: str = ""
    kept: bool | None = None
    rounds: int = 0
    grid: str = ""
    lon: float | None = None
    lat: float | None = None
    settled: bool | None = None
    evaluated_on: date | None = None
    evaluation: str = ""


@dataclass(frozen=True)
class DisputeTold:
    """What is told with a move: reason, committee, method, the way after failure, whether the agreement was kept, and a text."""

    reason: str = ""
    committee: str = ""
    method: str = ""
    way: str = ""
    kept: bool | None = None
    result: str = ""


@dataclass(frozen=True)
class DisputeRecord:
    """One move, for the append-only list of moves; ``role`` and never an account's person."""

    dispute: str
    move: str
    version: int
    source: str
    target: str
    role: str
    at: datetime
    reason: str
    committee: str


@dataclass(frozen=True)
class DisputeRow:
    """A row of a file as fields of a :class:`Dispute`, with the headers that were refused and what was masked."""

    fields: dict[str, object]
    refused: tuple[str, ...]
    ignored: tuple[str, ...]
    masked: dict[str, int]


def dispute_moves() -> tuple[Step, ...]:
    """The table of moves."""
    return steps("dispute_moves")


def move_dispute(
    dispute: Dispute,
    move: str,
    *,
    role: str,
    now: datetime,
    version: int | None = None,
    told: DisputeTold | None = None,
) -> tuple[Dispute, DisputeRecord]:
    """The dispute after a move, and the record of it. Texts are masked on the way in.

    Parameters
    ----------
    role
        ``desk``, ``mediator`` or ``system``.
    version
        The version that was seen; None takes any.

    Raises
    ------
    StateError
        No such move, or the state does not take it.
    VersionError
        The dispute has another version.
    PowerError
        The role may not.
    DetailError
        Something is missing, or a method or way is not one.
    InputError
        ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise InputError(zh="办理时刻必须带时区。", en="The moment of a move must state its time zone.")
    said = told or DisputeTold()
    row = checked_step(
        "dispute_moves", move, state=dispute.state, role=role, version=dispute.version, seen=version, told=vars(said)
    )
    _require_known("method", said.method, METHODS)
    _require_known("way", said.way, WAYS)
    reason = mask(said.reason.strip()).text
    after = replace(_after(dispute, row, said), state=row.target, version=dispute.version + 1)
    record = DisputeRecord(
        dispute=dispute.id,
        move=row.name,
        version=after.version,
        source=dispute.state,
        target=row.target,
        role=role,
        at=now.astimezone(UTC),
        reason=reason,
        committee=after.committee,
    )
    return after, record


def _after(dispute: Dispute, row: Step, said: DisputeTold) -> Dispute:
    result = mask(said.result.strip()).text if said.result.strip() else dispute.result
    match row.name:
        case "assign":
            return replace(dispute, committee=said.committee)
        case "hand_back":
            return replace(dispute, committee="")
        case "reopen":
            return replace(dispute, committee="", method="", way="", kept=None, rounds=dispute.rounds + 1)
        case "agree":
            return replace(dispute, method=said.method, result=result)
        case "fail":
            return replace(dispute, result=result)
        case "refer":
            return replace(dispute, way=said.way)
        case "follow_up":
            return replace(dispute, kept=said.kept)
        case _:
            return dispute


def _require_known(name: str, value: str, known: tuple[str, ...]) -> None:
    if value and value not in known:
        raise DetailError(
            zh=f"{name} 应为 {'、'.join(known)}。", en=f"{name} is one of {', '.join(known)}.", code="detail"
        )


def read_dispute(row: Mapping[str, str]) -> DisputeRow:
    """A row of a file of disputes, by the field list of GB/T 31000: what is a person's is refused, texts are masked.

    Parameters
    ----------
    row
        Header to cell. Headers are compared without brackets, blanks and joining marks. A header that nobody knows and that
        sounds personal is refused; another one is ignored.

    Raises
    ------
    InputError
        Cells that cannot be read, all of them named.
    """
    fields: dict[str, object] = {}
    refused, ignored, faults = [], [], []
    masked: dict[str, int] = {}
    for header, cell in row.items():
        name, rule = _rule_of(header)
        if rule == "refuse":
            refused.append(header)
        elif not name:
            ignored.append(header)
        elif cell.strip():
            try:
                fields[name] = _read(rule, cell.strip(), masked)
            except ValueError:
                faults.append(header)
    if faults:
        raise InputError(zh=f"无法识别:{'、'.join(faults)}。", en=f"These cells cannot be read: {', '.join(faults)}.")
    return DisputeRow(fields, tuple(refused), tuple(ignored), masked)


def new_dispute(row: DisputeRow, areas: tuple[str, ...]) -> Dispute:
    """A registered dispute of what a row says.

    Raises
    ------
    DetailError
        It has no number or no category.
    """
    missing = [name for name in ("id", "category") if not row.fields.get(name)]
    if missing:
        raise DetailError(
            zh=f"纠纷缺少 {'、'.join(missing)}。", en=f"The dispute lacks {', '.join(missing)}.", code="detail"
        )
    return Dispute(areas=areas, **row.fields)  # type: ignore[arg-type] # the table of fields names fields of this class


def people_class(count: int) -> str:
    """How many people a dispute is of, as a class: the number itself is not kept.

    >>> people_class(4), people_class(5), people_class(30)
    ('<5', '5-29', '30+')
    """
    if count < 0:
        raise ValueError(count)
    return PEOPLE_CLASSES[sum(count >= first for first in _CLASS_FROM) - 1]


def _read(rule: str, cell: str, masked: dict[str, int]) -> object:
    match rule:
        case "mask":
            done = mask(cell)
            for kind, count in done.counts.items():
                masked[kind] = masked.get(kind, 0) + count
            return done.text
        case "date":
            digits = re.sub(r"[年月/.-]", "-", cell.removesuffix("日"))
            return date.fromisoformat(
                "-".join(part.zfill(2) for part in digits.split("-")) if "-" in digits else digits
            )
        case "class":
            return people_class(int(cell.removesuffix("人")))
        case "yes_no":
            if cell not in _YES_NO:
                raise ValueError(cell)
            return _YES_NO[cell]
        case "number":
            return float(cell)
        case _:
            return cell


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[str, str]]:
    with _FIELDS.open(encoding="utf-8", newline="") as file:
        return {
            normal_header(alias): (row["field"], row["rule"])
            for row in csv.DictReader(file)
            for alias in [row["field_zh"], *row["aliases"].split()]
        }


def _rule_of(header: str) -> tuple[str, str]:
    known = _rules().get(normal_header(header))
    if known:
        return known
    return ("", "refuse") if field_of(header, "incidents")[0] == REFUSED else ("", "")
