"""First match wins, every decision says why, and every fault of every row is told at once."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.dispatch import Report, Rule, RuleTable, parse_rules, read_rules, route
from gis.errors import RuleError

GRID = "150304009008001"
AREAS = (GRID, "150304009008", "150304009000", "150304000000")
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUBBISH = Report("06010", AREAS, "community", MONDAY_NOON, "12345")

TABLE = """order,category,area,hours,weekdays,source,found_by,unit,tier
10,01*,*,*,*,*,*,water,district
20,06*,150304010000,*,*,*,*,appearance_b,
30,06*,150304009000,22-6,*,*,*,night,
40,06* 07*,150304009000,8-18,0-4,12345 web,report,appearance_a,street
50,*,*,*,*,*,*,,
"""


def test_the_first_rule_that_fits_decides_and_the_others_say_why_not() -> None:
    decision = route(read_rules(TABLE), RUBBISH)
    assert (decision.unit, decision.tier, decision.rule) == ("appearance_a", "street", 40)
    assert [(step.rule, step.matched) for step in decision.steps] == [(10, False), (20, False), (30, False), (40, True)]
    assert decision.steps[0].en == "rule 10 does not fit: category is 06010, wanted 01*"
    assert decision.steps[1].zh == f"规则 20 不符:区域为 {GRID},要求 150304010000"
    assert [(f.field, f.ok) for f in decision.steps[2].fields] == [("category", True), ("area", True), ("hours", False)]


def test_what_no_rule_knows_goes_to_the_desk_of_the_tier() -> None:
    decision = route(RuleTable(), RUBBISH)
    assert (decision.unit, decision.tier, decision.rule, decision.steps) == ("", "community", None, ())


def test_a_rule_without_unit_is_the_desk_and_says_that_it_takes_everything() -> None:
    decision = route(read_rules(TABLE), Report("99", (), "district", MONDAY_NOON))
    assert (decision.unit, decision.tier, decision.rule) == ("", "district", 50)
    assert decision.steps[-1].en == "rule 50 fits: it takes everything"
    assert "area is unknown" in decision.steps[1].en


@pytest.mark.parametrize(
    ("span", "hours"),
    [
        ("8-18", set(range(8, 18))),
        ("22-6", {22, 23, *range(6)}),
        ("7", {7}),
        ("0-24", set(range(24))),
        ("0-2 23", {0, 1, 23}),
    ],
)
def test_hours_are_half_open_and_may_pass_midnight(span: str, hours: set[int]) -> None:
    table = RuleTable([Rule(1, hours=span, unit="u")])
    told = {h for h in range(24) if route(table, Report("x", (), "city", MONDAY_NOON.replace(hour=h))).unit}
    assert told == hours


def test_every_fault_of_every_row_is_told_with_its_line() -> None:
    rows = """order,category,area,hours,weekdays,source,found_by,unit,tier
x,*,*,25-3,7,*,*,water,moon
2,* 06*,*,8-8,4-1,*,guess,nobody,
3,*,*,*,*,*,*,water,
3,*,*,*,*,*,*,water,
"""
    with pytest.raises(RuleError) as refusal:
        read_rules(rows, units={"water"})
    told = [(fault["row"], fault["field"]) for fault in refusal.value.faults]
    assert told == [
        *((2, name) for name in ("order", "hours", "weekdays", "tier")),
        *((3, name) for name in ("hours", "weekdays", "category", "found_by", "unit")),
        (5, "order"),
    ]
    assert "row 5 order: row 4 has the same order" in refusal.value.en
    assert all(fault["zh"] and fault["en"] for fault in refusal.value.faults)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(RuleError, match="column tier is missing"):
        read_rules("order,category,area,hours,weekdays,source,found_by,unit\n")


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(RuleError, match="at most 1000"):
        parse_rules([{"order": number} for number in range(1001)])


def test_blank_fields_mean_anything_and_the_table_is_read_again_as_it_was_written() -> None:
    table = read_rules(TABLE)
    assert parse_rules(table.rows()) == table == read_rules(table.to_csv())
    assert parse_rules([{"order": 1}]).rules == (Rule(1),)


def test_rules_that_an_earlier_one_always_takes_from_are_found() -> None:
    table = RuleTable([Rule(1, category="06*"), Rule(2, category="06*", area="150304009000"), Rule(3, category="07*")])
    assert table.never_reached() == [(2, 1)]


@given(st.permutations(range(5)), st.sampled_from(["06010", "01002", "07001", "99"]), st.integers(0, 23))
def test_the_order_of_the_rows_does_not_matter(order: list[int], category: str, hour: int) -> None:
    rules = read_rules(TABLE).rules
    report = Report(category, AREAS, "community", MONDAY_NOON.replace(hour=hour), "web")
    assert route(RuleTable(rules[place] for place in order), report) == route(RuleTable(rules), report)


def test_a_rule_may_accept_or_dispatch_by_itself_and_an_older_table_does_neither() -> None:
    header, *rows = TABLE.splitlines()
    table = read_rules("\n".join([header + ",then", rows[0] + ",dispatch", *(row + "," for row in rows[1:])]))
    assert route(table, Report("01002", AREAS, "community", MONDAY_NOON)).then == "dispatch"
    assert route(table, RUBBISH).then == route(read_rules(TABLE), RUBBISH).then == ""
    with pytest.raises(RuleError, match="empty, accept or dispatch"):
        parse_rules([{"order": 1, "then": "archive"}])
