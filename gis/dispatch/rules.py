"""Where an event goes: rules as a table that a district edits, first match wins, every decision explained.

A field of a rule is ``*`` (anything) or several values parted by blanks, each a code, a beginning with a star (``06*``), a span
(hours, weekdays) or an area with its subtree. A report that no rule knows goes to the desk of the tier. It knows no store and no clock.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gis.dispatch.states import TIERS
from gis.divisions import is_within
from gis.errors import RuleError

COLUMNS = ("order", "category", "area", "hours", "weekdays", "source", "found_by", "unit", "tier", "then")
"""Columns of the table; ``unit`` empty is the desk of the tier, ``tier`` empty the lowest that the place is known by."""
THEN = ("", "accept", "dispatch")
"""What a rule does by itself: nothing, accept, or accept and dispatch to its unit."""
MATCHED = ("category", "area", "hours", "weekdays", "source", "found_by")
"""Fields that are matched, in the order in which they are told."""
MOST_RULES = 1000
ANYTHING = "*"

_FIELDS = {
    "category": ("类别", "category"),
    "area": ("区域", "area"),
    "hours": ("时段", "hours"),
    "weekdays": ("星期", "weekdays"),
    "source": ("来源", "source"),
    "found_by": ("发现方式", "found by"),
}
_TOPS = {"hours": 24, "weekdays": 7}


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    Parameters
    ----------
    order
        Rules are tried from the lowest.
    category, area, source, found_by
        ``*`` or values parted by blanks.
    hours, weekdays
        ``*`` or spans: ``8-18 22-6`` (local hours, the last not included), ``0-4 6`` (0 is Monday, both included).
    unit
        Code of the unit; empty for the desk.
    tier
        One of ``TIERS``; empty for the lowest that the place is known by.
    then
        One of ``THEN``: without it a desk decides.
    """

    order: int
    category: str = ANYTHING
    area: str = ANYTHING
    hours: str = ANYTHING
    weekdays: str = ANYTHING
    source: str = ANYTHING
    found_by: str = ANYTHING
    unit: str = ""
    tier: str = ""
    then: str = ""


@dataclass(frozen=True)
class Report:
    """What rules look at.

    Parameters
    ----------
    areas
        Every area that the place lies in, smallest first; empty where the place is unknown.
    tier
        The lowest tier that the place is known by.
    at
        The moment of the report in the district's zone.
    """

    category: str
    areas: tuple[str, ...]
    tier: str
    at: datetime
    source: str = ""
    found_by: str = "report"


@dataclass(frozen=True)
class FieldTest:
    """One field of one rule held against a report."""

    field: str
    wanted: str
    found: str
    ok: bool


@dataclass(frozen=True)
class Step:
    """One rule that was tried, with every field that it speaks of."""

    rule: int
    matched: bool
    fields: tuple[FieldTest, ...]
    zh: str
    en: str


@dataclass(frozen=True)
class Decision:
    """Where a report goes and why.

    Parameters
    ----------
    unit
        Code of the unit; empty for the desk of the tier.
    rule
        ``order`` of the rule that matched; None where none did.
    steps
        The rules that were tried, in order; the last one matched, or none.
    then
        What happens by itself: one of ``THEN``.
    """

    unit: str
    tier: str
    rule: int | None
    steps: tuple[Step, ...]
    then: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The decision as plain JSON."""
        steps = [{**vars(step), "fields": [vars(each) for each in step.fields]} for step in self.steps]
        return {"unit": self.unit, "tier": self.tier, "rule": self.rule, "then": self.then, "steps": steps}


class RuleTable:
    """Rules in order.

    Parameters
    ----------
    rules
        Sound ones, as :func:`parse_rules` makes them.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.order))

    def __len__(self) -> int:
        return len(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleTable) and self.rules == other.rules

    def __hash__(self) -> int:
        return hash(self.rules)

    def rows(self) -> list[dict[str, Any]]:
        """The table as rows of plain values, which :func:`parse_rules` reads again."""
        return [{name: getattr(rule, name) for name in COLUMNS} for rule in self.rules]

    def to_csv(self) -> str:
        """The table as CSV, which :func:`read_rules` reads again."""
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows())
        return out.getvalue()

    def never_reached(self) -> list[tuple[int, int]]:
        """Rules that an earlier one always takes from: order of the rule and of the earlier one.

        Notes
        -----
        Told where each field of the earlier rule is ``*`` or the same text; a finer overlap is not looked for.
        """
        found = []
        for place, rule in enumerate(self.rules):
            for earlier in self.rules[:place]:
                if all(getattr(earlier, name) in (ANYTHING, getattr(rule, name)) for name in MATCHED):
                    found.append((rule.order, earlier.order))
                    break
        return found


def route(table: RuleTable, report: Report) -> Decision:
    """The first rule that matches a report, with what every rule before it wanted and did not find.

    A report that no rule matches goes to the desk of its tier.
    """
    steps = []
    for rule in table.rules:
        step = _tried(rule, report)
        steps.append(step)
        if step.matched:
            return Decision(rule.unit, rule.tier or report.tier, rule.order, tuple(steps), rule.then)
    return Decision("", report.tier, None, tuple(steps))


def read_rules(source: Path | str, *, units: Collection[str] | None = None) -> RuleTable:
    """Rules from CSV in UTF-8: a file, or the text itself.

    Parameters
    ----------
    units
        Codes of the units that there are; None where they are not known yet.

    Raises
    ------
    RuleError
        A column is missing, or rows cannot be used: every fault of every row, with the number of its line.
    """
    text = source.read_text("utf-8-sig") if isinstance(source, Path) else source
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS if name != "then" and name not in (reader.fieldnames or ())]
    if missing:
        faults = tuple(_fault(1, name, f"缺少列 {name}", f"column {name} is missing") for name in missing)
        raise _refused(faults)
    return parse_rules(list(reader), units=units, first_row=2)


def parse_rules(
    rows: Sequence[Mapping[str, Any]], *, units: Collection[str] | None = None, first_row: int = 1
) -> RuleTable:
    """Rules from rows of a table; blank fields are ``*``.

    Parameters
    ----------
    first_row
        Number by which the first row is told.

    Raises
    ------
    RuleError
        Every fault of every row.
    """
    if len(rows) > MOST_RULES:
        text = (f"规则不超过 {MOST_RULES} 条", f"there are at most {MOST_RULES} rules")
        raise _refused((_fault(first_row + MOST_RULES, "", *text),))
    faults: list[dict[str, object]] = []
    rules: list[Rule] = []
    seen: dict[int, int] = {}
    for number, row in enumerate(rows, start=first_row):
        told = {name: str(row.get(name) if row.get(name) is not None else "").strip() for name in COLUMNS}
        wrong = [*_faults_of(number, told, units)]
        if not wrong:
            rule = _rule(told)
            if rule.order in seen:
                zh, en = f"与第 {seen[rule.order]} 行序号相同", f"row {seen[rule.order]} has the same order"
                wrong = [_fault(number, "order", zh, en)]
            seen.setdefault(rule.order, number)
            rules.append(rule)
        faults += wrong
    if faults:
        raise _refused(tuple(faults))
    return RuleTable(rules)


def _tried(rule: Rule, report: Report) -> Step:
    tests = tuple(
        FieldTest(name, getattr(rule, name), _found(name, report), _fits(name, getattr(rule, name), report))
        for name in MATCHED
        if getattr(rule, name) != ANYTHING
    )
    failed = [each for each in tests if not each.ok]
    if failed:
        zh = "、".join(f"{_FIELDS[e.field][0]}为 {e.found or '未知'},要求 {e.wanted}" for e in failed)
        en = "; ".join(f"{_FIELDS[e.field][1]} is {e.found or 'unknown'}, wanted {e.wanted}" for e in failed)
        return Step(
            rule.order, not failed, tests, f"规则 {rule.order} 不符:{zh}", f"rule {rule.order} does not fit: {en}"
        )
    zh = "、".join(f"{_FIELDS[e.field][0]} {e.found} 符合 {e.wanted}" for e in tests) or "适用于所有事件"
    en = "; ".join(f"{_FIELDS[e.field][1]} {e.found} fits {e.wanted}" for e in tests) or "it takes everything"
    return Step(rule.order, not failed, tests, f"规则 {rule.order} 适用:{zh}", f"rule {rule.order} fits: {en}")


def _found(name: str, report: Report) -> str:
    if name == "area":
        return report.areas[0] if report.areas else ""
    if name == "hours":
        return str(report.at.hour)
    if name == "weekdays":
        return str(report.at.weekday())
    return str(getattr(report, name))


def _fits(name: str, wanted: str, report: Report) -> bool:
    values = wanted.split()
    if name == "area":
        return any(is_within(area, value) for area in report.areas for value in values)
    if name == "hours":
        return any(_in_hours(value, report.at.hour) for value in values)
    if name == "weekdays":
        return any(_in_days(value, report.at.weekday()) for value in values)
    told = str(getattr(report, name))
    return any(told.startswith(value[:-1]) if value.endswith("*") else told == value for value in values)


def _in_hours(span: str, hour: int) -> bool:
    low, _, high = span.partition("-")
    first, last = int(low), int(high) if high else int(low) + 1
    return first <= hour < last if first < last else hour >= first or hour < last


def _in_days(span: str, day: int) -> bool:
    low, _, high = span.partition("-")
    return int(low) <= day <= int(high or low)


def _rule(told: Mapping[str, str]) -> Rule:
    matched = {name: " ".join(told[name].split()) or ANYTHING for name in MATCHED}
    return Rule(int(told["order"]), **matched, unit=told["unit"], tier=told["tier"], then=told["then"])


def _faults_of(number: int, told: Mapping[str, str], units: Collection[str] | None) -> Iterable[dict[str, object]]:
    order = told["order"]
    if not order.isascii() or not order.isdigit() or len(order) > 6:
        yield _fault(number, "order", f"序号“{order}”应为整数", f"order '{order}' is no whole number")
    for name, top in _TOPS.items():
        wrong = [span for span in told[name].split() if span != ANYTHING and not _is_span(span, top, name)]
        if wrong:
            zh = f"“{' '.join(wrong)}”不是 {'0-24 的时段' if name == 'hours' else '0-6 的星期'}"
            yield _fault(number, name, zh, f"'{' '.join(wrong)}' is no span of {name}")
    for name in MATCHED:
        values = told[name].split()
        if len(told[name]) > 500 or (ANYTHING in values and len(values) > 1):
            yield _fault(
                number, name, "“*”不能与其他取值并列,且不超过 500 字", "a star stands alone; at most 500 characters"
            )
    found_by = set(told["found_by"].split()) - {ANYTHING, "report", "patrol"}
    if found_by:
        yield _fault(number, "found_by", "应为 report 或 patrol", "it is report or patrol")
    if told["tier"] and told["tier"] not in TIERS:
        yield _fault(number, "tier", f"层级应为 {'、'.join(TIERS)}", f"a tier is one of {', '.join(TIERS)}")
    if told["then"] not in THEN:
        yield _fault(number, "then", "应为空、accept 或 dispatch", "it is empty, accept or dispatch")
    if units is not None and told["unit"] and told["unit"] not in units:
        yield _fault(number, "unit", f"没有单位 {told['unit']}", f"there is no unit {told['unit']}")


def _is_span(span: str, top: int, name: str) -> bool:
    parts = span.split("-")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        return False
    first, last = int(parts[0]), int(parts[-1])
    if name == "hours":
        return first < top and last <= top and (len(parts) == 1 or first != last)
    return first <= last < top


def _fault(row: int, field: str, zh: str, en: str) -> dict[str, object]:
    return {"row": row, "field": field, "zh": zh, "en": en}


def _refused(faults: tuple[dict[str, object], ...]) -> RuleError:
    shown = faults[:10]
    rest = len(faults) - len(shown)
    more_zh, more_en = (f",另有 {rest} 处", f"; {rest} more") if rest else ("", "")
    zh = ";".join(f"第 {each['row']} 行 {each['field']}:{each['zh']}" for each in shown)
    en = "; ".join(f"row {each['row']} {each['field']}: {each['en']}" for each in shown)
    return RuleError(
        zh=f"派遣规则有误,未作改动。{zh}{more_zh}。",
        en=f"The routing rules cannot be used; nothing was changed. {en}{more_en}.",
        faults=faults,
    )
