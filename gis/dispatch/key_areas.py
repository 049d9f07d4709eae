"""Key areas (治安重点地区): a place is proposed, designated for a period, put under measures, checked, and accepted, prolonged or withdrawn.

A key area is ground with an outline, never a person or a household. Measures say what was done, by which unit and when. Whether it helped is
told by figures (:mod:`gis.hotspots.area_effect`), and not by the state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from gis.dispatch.free_text import mask
from gis.dispatch.workflow import Step, checked_step, steps
from gis.errors import DetailError, InputError

KEY_AREA_STATES: Mapping[str, tuple[str, str]] = {
    "proposed": ("待认定", "proposed"),
    "designated": ("已挂牌", "designated"),
    "under_measures": ("整治中", "under measures"),
    "checked": ("已检查", "checked"),
    "prolonged": ("延长整治", "prolonged"),
    "accepted": ("已摘牌", "accepted"),
    "declined": ("不予认定", "declined"),
    "withdrawn": ("已撤销", "withdrawn"),
}
"""State to its Chinese and English name."""
IN_FORCE = ("designated", "under_measures", "checked", "prolonged")
"""States in which an area is a key area: its period runs."""
AREA_LEVELS: Mapping[str, tuple[str, str]] = {
    "street": ("街道级", "street"),
    "district": ("区级", "district"),
    "city": ("市级", "city"),
}
"""Who lists it, with names."""
MEASURE_KINDS: Mapping[str, tuple[str, str]] = {
    "patrol": ("加强巡逻", "more patrol"),
    "lighting": ("补充照明", "lighting"),
    "cameras": ("增设摄像机", "cameras"),
    "access": ("出入口管理", "access control"),
    "repair": ("修缮清理", "repair and clearing"),
    "premises": ("场所检查", "inspection of premises"),
    "publicity": ("宣传提示", "information"),
    "other": ("其他", "other"),
}
"""What a measure is, with names."""
RESULTS: Mapping[str, tuple[str, str]] = {
    "met": ("达到目标", "met"),
    "partly": ("部分达到", "partly met"),
    "not_met": ("未达到", "not met"),
}
"""What a check finds, with names."""
LONGEST_YEARS = 5


@dataclass(frozen=True)
class Measure:
    """What was done: its kind, in words (masked), the unit that did it, the local day."""

    kind: str
    what: str
    unit: str
    day: date


@dataclass(frozen=True)
class AreaCheck:
    """A check: what was found (masked), whether the aim is met, the local day."""

    finding: str
    result: str
    day: date


@dataclass(frozen=True)
class KeyArea:
    """A key area.

    Parameters
    ----------
    reason, level
        Of its designation; empty before.
    since, until
        First and last local day of its period; None before it is designated.
    prolonged
        How often its period was made longer.
    """

    id: str
    state: str = "proposed"
    version: int = 1
    reason: str = ""
    level: str = ""
    since: date | None = None
    until: date | None = None
    measures: tuple[Measure, ...] = field(default=())
    checks: tuple[AreaCheck, ...] = field(default=())
    prolonged: int = 0


@dataclass(frozen=True)
class KeyAreaTold:
    """What is told with a move."""

    reason: str = ""
    level: str = ""
    until: date | None = None
    kind: str = ""
    what: str = ""
    unit: str = ""
    day: date | None = None
    finding: str = ""
    result: str = ""


@dataclass(frozen=True)
class KeyAreaRecord:
    """One move, for the append-only list of moves; ``role`` and never an account's person."""

    area: str
    move: str
    version: int
    source: str
    target: str
    role: str
    at: datetime
    reason: str


def key_area_moves() -> tuple[Step, ...]:
    """The table of moves."""
    return steps("key_area_moves")


def move_key_area(
    area: KeyArea,
    move: str,
    *,
    role: str,
    now: datetime,
    today: date,
    units: frozenset[str] = frozenset(),
    version: int | None = None,
    told: KeyAreaTold | None = None,
) -> tuple[KeyArea, KeyAreaRecord]:
    """The key area after a move, and the record of it. Texts are masked on the way in.

    Parameters
    ----------
    role
        ``supervisor``, ``desk`` or ``checker``.
    today
        The local day of ``now``.
    units
        Codes of the units that may be named as having taken a measure.
    version
        The version that was seen; None takes any.

    Raises
    ------
    StateError
        No such move, or the state does not take it.
    VersionError
        The area has another version.
    PowerError
        The role may not.
    DetailError
        Something is missing, a level, kind, unit or result is none, a day makes no sense, or an area is to be accepted whose last check
        did not find the aim met.
    InputError
        ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise InputError(zh="办理时刻必须带时区。", en="The moment of a move must state its time zone.")
    said = told or KeyAreaTold()
    row = checked_step(
        "key_area_moves", move, state=area.state, role=role, version=area.version, seen=version, told=vars(said)
    )
    _require_sense(area, row, said, today, units)
    after = replace(_after(area, row, said, today), state=row.target, version=area.version + 1)
    reason = said.reason if "reason" in row.needs else said.finding if row.name == "check" else ""
    record = KeyAreaRecord(
        area=area.id,
        move=row.name,
        version=after.version,
        source=area.state,
        target=row.target,
        role=role,
        at=now.astimezone(UTC),
        reason=mask(reason.strip()).text,
    )
    return after, record


def is_expired(area: KeyArea, today: date) -> bool:
    """Whether a key area in force is past the last day of its period."""
    return area.state in IN_FORCE and area.until is not None and today > area.until


def effect_start(area: KeyArea) -> date | None:
    """The day before and after which incidents are compared: that of the first measure, before one the first day of the period."""
    return min((measure.day for measure in area.measures), default=area.since)


def _require_sense(area: KeyArea, row: Step, said: KeyAreaTold, today: date, units: frozenset[str]) -> None:
    if "until" in row.needs:
        _require_until(area, said, today)
    if row.name == "designate":
        _require_one("level", said.level, tuple(AREA_LEVELS))
    if row.name == "measure":
        _require_one("kind", said.kind, tuple(MEASURE_KINDS))
        _require_one("unit", said.unit, tuple(sorted(units)))
        if said.day is None or said.day > today:
            raise _wrong("措施日期不得晚于今天。", "The day of a measure does not lie after today.")
    if row.name == "check":
        _require_one("result", said.result, tuple(RESULTS))
    if row.name == "accept" and (not area.checks or area.checks[-1].result != "met"):
        raise _wrong(
            "最近一次检查未达到目标,不能摘牌。", "The last check did not find the aim met; it cannot be accepted."
        )


def _require_until(area: KeyArea, said: KeyAreaTold, today: date) -> None:
    after = max(today, area.until or today)
    if said.until is None or not after < said.until <= today.replace(year=today.year + LONGEST_YEARS, day=1):
        raise _wrong(
            f"截止日期须晚于 {after},且不超过 {LONGEST_YEARS} 年。",
            f"The last day lies after {after} and within {LONGEST_YEARS} years.",
        )


def _require_one(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise _wrong(f"{name} 应为 {'、'.join(known)}。", f"{name} is one of {', '.join(known)}.")


def _wrong(zh: str, en: str) -> DetailError:
    return DetailError(zh=zh, en=en, code="detail")


def _after(area: KeyArea, row: Step, said: KeyAreaTold, today: date) -> KeyArea:
    match row.name:
        case "designate":
            reason = mask(said.reason.strip()).text
            return replace(area, reason=reason, level=said.level, since=today, until=said.until)
        case "measure":
            done = Measure(said.kind, mask(said.what.strip()).text, said.unit, said.day or today)
            return replace(area, measures=(*area.measures, done))
        case "check":
            found = AreaCheck(mask(said.finding.strip()).text, said.result, today)
            return replace(area, checks=(*area.checks, found))
        case "prolong":
            return replace(area, until=said.until, prolonged=area.prolonged + 1)
        case _:
            return area
