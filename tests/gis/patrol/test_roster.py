"""Groups take turns, plans come again on the right days, and last week's plan is copied by a stated rule."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.calendar import DEFAULT_SHIFTS, Calendar, Shift, SpecialDay, china_calendar
from gis.errors import InputError
from gis.patrol.roster import PATTERNS, RecurringPlan, Roster, ShiftPattern, copy_source, duties

START = date(2026, 3, 2)
"""A Monday."""
DAYS = st.dates(START, date(2026, 12, 31))


def roster(name: str, start: date = START) -> Roster:
    pattern = PATTERNS[name]
    return Roster(pattern, tuple((f"{g}组1队", f"{g}组2队") for g in range(len(pattern.offsets))), start)


@pytest.mark.parametrize("name", list(PATTERNS))
@settings(deadline=None)
@given(day=DAYS)
def test_each_shift_has_exactly_one_group_on_every_day(name: str, day: date) -> None:
    found = duties(day, day, roster=roster(name))
    assert [duty.shift for duty in found] == list(PATTERNS[name].shifts)
    assert all(len({team[0] for team in duty.teams}) == 1 and len(duty.teams) == 2 for duty in found)
    assert PATTERNS[name].uncovered() == []


@pytest.mark.parametrize("name", list(PATTERNS))
def test_over_a_whole_cycle_each_group_has_as_many_shifts_as_the_others(name: str) -> None:
    pattern = PATTERNS[name]
    span = duties(START, START + timedelta(len(pattern.cycle) - 1), roster=roster(name))
    count = Counter((team[0], duty.shift) for duty in span for team in duty.teams)
    assert len(set(count.values())) == 1


def test_three_groups_two_shifts_go_day_night_rest() -> None:
    table = [[PATTERNS["three_groups_two_shifts"].on(day, group) for group in range(3)] for day in range(3)]
    assert table == [["day12", "night12", ""], ["night12", "", "day12"], ["", "day12", "night12"]]


def test_rest_between_shifts_is_told() -> None:
    """Evening to night: off at 22:00, on at 22:00 of the next day. Day to night by twelve hours: 24 h. Weekly turn: 0 h."""
    assert PATTERNS["four_groups_three_shifts"].least_rest_h() == 16
    assert PATTERNS["three_groups_two_shifts"].least_rest_h() == 24
    assert PATTERNS["two_groups_two_shifts"].least_rest_h() == 0
    daily = ShiftPattern("长白班", "days", {"d": Shift("", "", time(9), time(17))}, ("d", "d", ""), (0,))
    assert daily.least_rest_h() == 16


def test_a_free_pattern_says_which_shifts_nobody_has() -> None:
    two = ShiftPattern("两组三班", "two of three", DEFAULT_SHIFTS, ("day", "night", ""), (0, 1))
    assert (0, "evening") in two.uncovered()
    assert (0, "day") not in two.uncovered()


def test_a_night_shift_ends_on_the_next_day_and_starts_in_order() -> None:
    found = duties(START, START + timedelta(1), roster=roster("four_groups_three_shifts"))
    assert [duty.shift for duty in found] == ["day", "evening", "night"] * 2
    night = found[2]
    assert (night.start, night.end) == (datetime(2026, 3, 2, 14, tzinfo=UTC), datetime(2026, 3, 2, 22, tzinfo=UTC))
    assert all(one.end == two.start for one, two in pairwise(found))


def test_where_clocks_change_the_night_is_as_long_as_it_is() -> None:
    lengths = {
        zone: [
            (duty.end - duty.start).total_seconds() / 3600
            for duty in duties(date(2026, 3, 7), date(2026, 3, 7), roster=roster("four_groups_three_shifts"), zone=zone)
        ]
        for zone in ("Asia/Shanghai", "America/Toronto")
    }
    assert lengths == {"Asia/Shanghai": [8, 8, 8], "America/Toronto": [8, 8, 7]}


def test_before_the_roster_starts_nobody_is_on_duty() -> None:
    early = roster("four_groups_three_shifts", START + timedelta(5))
    assert duties(START, START + timedelta(4), roster=early) == []


def test_working_day_plans_follow_the_make_up_days_and_pass_over_holidays() -> None:
    """14 to 23 February 2026: the Saturday is worked, the week of Spring Festival is not."""
    plan = RecurringPlan("school", "day", date(2026, 1, 1), kind="working")
    due = [day for n in range(16) if plan.occurs_on(day := date(2026, 2, 13) + timedelta(n), china_calendar())]
    assert due == [date(2026, 2, 13), date(2026, 2, 14), *(date(2026, 2, d) for d in (24, 25, 26, 27, 28))]


def test_working_and_off_plans_share_the_days_as_the_holidays_package_does() -> None:
    working, off = (RecurringPlan("x", "day", START, kind=kind) for kind in ("working", "off"))
    theirs = holidays.country_holidays("CN", years=2026)
    for day in (START + timedelta(n) for n in range(305)):
        assert working.occurs_on(day, china_calendar()) is theirs.is_working_day(day)
        assert off.occurs_on(day, china_calendar()) is not theirs.is_working_day(day)


@settings(deadline=None)
@given(day=DAYS, every=st.integers(1, 9))
def test_a_plan_of_every_n_days_comes_again_after_n_days_and_not_between(day: date, every: int) -> None:
    plan = RecurringPlan("x", "day", START, every=every)
    calendar = Calendar()
    next_ones = [n for n in range(1, every + 1) if plan.occurs_on(day + timedelta(n), calendar)]
    assert len(next_ones) == 1
    if plan.occurs_on(day, calendar):
        assert next_ones == [every]


def test_weekdays_ends_and_exceptions_are_kept() -> None:
    plan = RecurringPlan(
        "market", "evening", START, date(2026, 3, 20), weekdays=(4, 5), except_on=frozenset({date(2026, 3, 13)})
    )
    due = [day.day for n in range(-10, 30) if plan.occurs_on(day := START + timedelta(n), Calendar())]
    assert due == [6, 7, 14, 20]


def test_the_first_plan_that_falls_due_counts_and_the_others_are_named() -> None:
    plans = [RecurringPlan("weekend", "day", START, kind="off"), RecurringPlan("daily", "day", START)]
    found = {duty.day: duty for duty in duties(START, START + timedelta(6), roster=roster("three_groups_two_shifts"),
             plans=[RecurringPlan(p.template, "day12", p.first, kind=p.kind) for p in plans]) if duty.shift == "day12"}  # fmt: skip
    assert (found[START].template, found[START].passed_over) == ("daily", ())
    assert (found[date(2026, 3, 7)].template, found[date(2026, 3, 7)].passed_over) == ("weekend", ("daily",))


def test_a_plan_for_a_shift_that_nobody_has_is_shown_without_teams() -> None:
    two = ShiftPattern("一组", "one group", DEFAULT_SHIFTS, ("day", ""), (0,))
    found = duties(START, START, roster=Roster(two, (("1队",),), START), plans=[RecurringPlan("n", "night", START)])
    assert [(duty.shift, duty.teams, duty.template) for duty in found] == [("day", ("1队",), ""), ("night", (), "n")]


def test_a_year_outside_the_calendar_is_said_to_be_unknown() -> None:
    found = duties(date(2027, 10, 1), date(2027, 10, 1), roster=roster("two_groups_two_shifts"))
    assert not found[0].known


@pytest.mark.parametrize(
    ("day", "source"),
    [
        (date(2026, 3, 12), date(2026, 3, 5)),  # an ordinary Thursday takes last Thursday
        (date(2026, 2, 26), date(2026, 2, 12)),  # last Thursday was Spring Festival: the one before
        (date(2026, 2, 14), date(2026, 2, 13)),  # a make-up Saturday takes Friday
        (date(2026, 2, 17), date(2026, 2, 16)),  # a holiday takes the latest day off
        (date(2026, 2, 15), date(2026, 2, 8)),  # the first day of the holiday is a Sunday: last Sunday
        (date(2026, 2, 21), date(2026, 2, 7)),  # last Saturday was worked: the Saturday before
    ],
)
def test_a_plan_is_copied_from_a_day_of_the_same_kind(day: date, source: date) -> None:
    planned = [date(2026, 1, 20) + timedelta(n) for n in range(80)]
    found = copy_source(day, planned)
    assert found is not None
    assert found.day == source
    assert str(source) in found.zh
    assert str(source) in found.en


@settings(deadline=None)
@given(day=DAYS, planned=st.sets(DAYS, max_size=40))
def test_a_copy_is_of_an_earlier_day_with_a_plan_and_of_the_same_kind(day: date, planned: set[date]) -> None:
    calendar = china_calendar()
    found = copy_source(day, planned)
    if found is not None:
        assert found.day in planned
        assert timedelta(0) < day - found.day <= timedelta(28)
        assert calendar.is_working_day(found.day) == calendar.is_working_day(day)


def test_where_no_day_of_its_kind_has_a_plan_nothing_is_copied() -> None:
    assert copy_source(date(2026, 3, 12), [date(2026, 3, 11), date(2026, 3, 19)]) is None
    own = Calendar([SpecialDay(date(2026, 3, 12), "holiday")])
    assert copy_source(date(2026, 3, 12), [date(2026, 3, 11)], calendar=own) is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: RecurringPlan("x", "day", START, START - timedelta(1)),
        lambda: RecurringPlan("x", "day", START, every=0),
        lambda: RecurringPlan("x", "day", START, weekdays=(7,)),
        lambda: ShiftPattern("", "", DEFAULT_SHIFTS, ("noon",), (0,)),
        lambda: ShiftPattern("", "", DEFAULT_SHIFTS, ("day",), ()),
        lambda: Roster(PATTERNS["two_groups_two_shifts"], (("a",),), START),
        lambda: Roster(PATTERNS["two_groups_two_shifts"], (("a",), ("a",)), START),
        lambda: duties(START, START - timedelta(1), roster=roster("two_groups_two_shifts")),
        lambda: duties(START, START, roster=roster("two_groups_two_shifts"), plans=[RecurringPlan("x", "day", START)]),
    ],
)
def test_rosters_and_plans_without_sense_are_refused(wrong: Any) -> None:
    with pytest.raises(InputError):
        wrong()
