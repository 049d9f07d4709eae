"""Deadlines by hand, by the minute counter, and by laws."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.calendar import Calendar, SpecialDay, china_calendar
from gis.dispatch.clocks import (
    Clock,
    Extension,
    Limit,
    Pause,
    deadline,
    elapsed,
    level,
    next_level,
    recompute,
    remaining,
    share,
    stood,
)
from gis.dispatch.working_time import work_calendar
from gis.errors import InputError
from tests.oracles import minutes as oracle

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = china_calendar()
WORK = work_calendar(CALENDAR, label="2026-1")
UNITS = {"hour": None, "working_hour": oracle.OFFICE, "urgent_hour": oracle.URGENT}


def wall(text: str) -> datetime:
    """A wall time of the district."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def ends(start: str, amount: float, unit: str, *pauses: Pause) -> str:
    """The deadline as wall time."""
    found = deadline(Clock(wall(start), Limit(amount, unit), pauses), WORK)
    return found.at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-03-02T11:00", 2, "working_hour", "2026-03-02T15:30"),  # over the noon break
        ("2026-03-02T08:30", 3.5, "working_hour", "2026-03-02T12:00"),  # noon itself, not the next opening
        ("2026-03-06T17:30", 1, "working_hour", "2026-03-09T09:00"),  # Friday evening to Monday morning
        ("2026-02-13T17:00", 2, "working_hour", "2026-02-14T09:30"),  # the Saturday is a make-up day
        ("2026-02-14T17:30", 1, "working_hour", "2026-02-24T09:00"),  # over the nine days of the Spring Festival
        ("2026-02-14T17:30", 1, "urgent_hour", "2026-02-14T18:30"),
        ("2026-02-14T17:30", 24, "hour", "2026-02-15T17:30"),
        ("2026-02-10T09:00", 7, "day", "2026-02-17T09:00"),
        ("2026-03-02T09:00", 1, "working_day", "2026-03-03T18:00"),  # the first day is not counted
        ("2026-03-02T23:00", 1, "working_day", "2026-03-03T18:00"),
        ("2026-03-07T10:00", 1, "working_day", "2026-03-09T18:00"),  # reported on a Saturday
        ("2026-02-12T10:00", 3, "working_day", "2026-02-24T18:00"),  # Friday, make-up Saturday, then after the festival
        ("2026-09-28T10:00", 4, "working_day", "2026-10-09T18:00"),
    ],
)  # fmt: skip
def test_deadlines_counted_on_paper(start: str, amount: float, unit: str, end: str) -> None:
    assert ends(start, amount, unit) == end


minutes_of_two_years = st.integers(0, 2 * 365 * 24 * 60 - 1).map(lambda m: datetime(2025, 1, 1) + timedelta(minutes=m))


@st.composite
def _clocks(draw: st.DrawFn) -> tuple[Clock, list[tuple[datetime, datetime]]]:
    start = draw(minutes_of_two_years.filter(lambda t: t < datetime(2026, 11, 1)))
    unit = draw(st.sampled_from(sorted(UNITS)))
    amount = draw(st.integers(1, 20 * 60)) / 60
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        begin = start + timedelta(minutes=draw(st.integers(-500, 6000)))
        pauses.append((begin, begin + timedelta(minutes=draw(st.integers(0, 3000)))))
    granted = [Pause(a.replace(tzinfo=CHINA), b.replace(tzinfo=CHINA), granted=True) for a, b in pauses]
    return Clock(start.replace(tzinfo=CHINA), Limit(amount, unit), granted), pauses


def _spans(clock: Clock) -> tuple[list[tuple[str, str]], oracle.IsWorking | None]:
    office = clock.limit.unit == "working_hour"
    return (oracle.OFFICE if office else oracle.URGENT), (CALENDAR.is_working_day if office else None)


@settings(max_examples=150)
@given(_clocks())
def test_a_deadline_is_where_the_minute_counter_arrives(made: tuple[Clock, list[tuple[datetime, datetime]]]) -> None:
    clock, pauses = made
    start = clock.start.replace(tzinfo=None)
    counted = oracle.deadline_by_minutes(start, round(clock.limit.amount * 60), *_spans(clock), pauses)
    assert deadline(clock, WORK).at.astimezone(CHINA).replace(tzinfo=None) == counted


@settings(max_examples=150)
@given(_clocks(), st.integers(-100, 8000))
def test_elapsed_time_is_what_the_minute_counter_counts(
    made: tuple[Clock, list[tuple[datetime, datetime]]], later: int
) -> None:
    clock, pauses = made
    start = clock.start.replace(tzinfo=None)
    now = start + timedelta(minutes=later)
    counted = oracle.elapsed_by_minutes(start, now, *_spans(clock), pauses)
    assert elapsed(clock, now.replace(tzinfo=CHINA), WORK) == 60 * counted


@settings(max_examples=60)
@given(minutes_of_two_years.filter(lambda t: t < datetime(2026, 11, 1)), st.integers(1, 20))
def test_working_days_end_where_the_minute_counter_finds_the_last_open_minute(start: datetime, days: int) -> None:
    found = deadline(Clock(start.replace(tzinfo=CHINA), Limit(days, "working_day")), WORK)
    wanted = oracle.working_days_by_minutes(start, days, oracle.OFFICE, CALENDAR.is_working_day)
    assert found.at.astimezone(CHINA).replace(tzinfo=None) == wanted


@given(_clocks())
def test_at_the_deadline_the_limit_is_used_up_and_a_second_before_it_is_not(
    made: tuple[Clock, list[tuple[datetime, datetime]]],
) -> None:
    clock, _ = made
    found = deadline(clock, WORK)
    assert elapsed(clock, found.at, WORK) == found.counted_s
    assert remaining(clock, found.at, WORK) == 0
    assert remaining(clock, found.at - timedelta(seconds=1), WORK) > 0


@given(_clocks(), st.integers(0, 4000), st.integers(0, 4000))
def test_a_clock_never_runs_backwards(made: tuple[Clock, list[tuple[datetime, datetime]]], one: int, two: int) -> None:
    clock, _ = made
    early, late = (clock.start + timedelta(minutes=each) for each in sorted((one, two)))
    assert 0 <= elapsed(clock, early, WORK) <= elapsed(clock, late, WORK)
    assert elapsed(clock, late, WORK) - elapsed(clock, early, WORK) <= (late - early).total_seconds()


@given(_clocks(), st.integers(1, 600))
def test_a_longer_limit_or_a_later_start_never_ends_earlier(
    made: tuple[Clock, list[tuple[datetime, datetime]]], more: int
) -> None:
    clock, _ = made
    longer = Clock(clock.start, Limit(clock.limit.amount + more / 60, clock.limit.unit), clock.pauses)
    later = Clock(clock.start + timedelta(minutes=more), clock.limit, clock.pauses)
    assert deadline(clock, WORK).at < deadline(longer, WORK).at
    assert deadline(clock, WORK).at <= deadline(later, WORK).at


@given(_clocks(), st.integers(0, 3000), st.integers(0, 2000), st.integers(0, 2000))
def test_pauses_end_to_end_stop_the_clock_as_one_pause_does(
    made: tuple[Clock, list[tuple[datetime, datetime]]], begin: int, first: int, second: int
) -> None:
    clock, _ = made
    a, b, c = (clock.start + timedelta(minutes=begin + each) for each in (0, first, first + second))
    whole, parts = [Pause(a, c, granted=True)], [Pause(b, c, granted=True), Pause(a, b, granted=True)]
    assert deadline(Clock(clock.start, clock.limit, whole), WORK) == deadline(
        Clock(clock.start, clock.limit, parts), WORK
    )


def test_a_pause_adds_its_open_time_and_a_refused_one_nothing() -> None:
    pause = Pause(wall("2026-03-02T10:00"), wall("2026-03-02T15:00"), granted=True)
    assert ends("2026-03-02T09:00", 2, "working_hour") == "2026-03-02T11:00"
    assert ends("2026-03-02T09:00", 2, "working_hour", pause) == "2026-03-02T16:00"
    refused = Pause(pause.start, pause.end, granted=False)
    assert ends("2026-03-02T09:00", 2, "working_hour", refused) == "2026-03-02T11:00"
    assert ends("2026-03-02T09:00", 2, "working_hour", pause, pause) == "2026-03-02T16:00"


def test_a_pause_after_the_deadline_or_by_night_changes_nothing() -> None:
    late = Pause(wall("2026-03-02T11:00"), wall("2026-03-03T11:00"), granted=True)
    night = Pause(wall("2026-03-02T18:00"), wall("2026-03-03T08:30"), granted=True)
    assert ends("2026-03-02T09:00", 2, "working_hour", late) == "2026-03-02T11:00"
    assert ends("2026-03-02T17:00", 2, "working_hour", night) == "2026-03-03T09:30"


def test_a_pause_stops_the_clock_no_longer_than_its_cap() -> None:
    start, limit = wall("2026-03-02T09:00"), Limit(4, "hour")
    waits = [Pause(wall("2026-03-02T10:00"), wall("2026-03-02T13:00"), granted=True, kind="waiting"),
             Pause(wall("2026-03-02T14:00"), None, granted=True, kind="waiting")]  # fmt: skip
    clock = Clock(start, limit, waits, {"waiting": 5})
    assert deadline(clock, WORK).at == wall("2026-03-02T18:00")
    assert stood(clock, wall("2026-03-03T18:00"), WORK) == 5 * 3600
    assert stood(clock, wall("2026-03-02T12:00"), WORK) == 2 * 3600
    with pytest.raises(InputError, match="neither an end nor a cap"):
        deadline(Clock(start, limit, waits), WORK)


def test_a_cap_of_one_kind_leaves_the_other_alone_and_overlaps_count_once() -> None:
    pauses = [Pause(wall("2026-03-02T10:00"), wall("2026-03-02T13:00"), granted=True, kind="waiting"),
              Pause(wall("2026-03-02T11:00"), wall("2026-03-02T14:00"), granted=True, kind="suspended")]  # fmt: skip
    clock = Clock(wall("2026-03-02T09:00"), Limit(4, "hour"), pauses, {"waiting": 2})
    assert deadline(clock, WORK).at == wall("2026-03-02T17:00")
    shut = Clock(clock.start, clock.limit, pauses, {"waiting": 0, "suspended": 1})
    assert deadline(shut, WORK).at == wall("2026-03-02T14:00")


def test_levels_come_at_80_100_and_150_percent_and_the_next_one_is_foretold() -> None:
    clock = Clock(wall("2026-03-02T08:30"), Limit(5, "working_hour"))
    steps = [("2026-03-02T08:30", "", "warn", "2026-03-02T15:00"), ("2026-03-02T14:59", "", "warn", "2026-03-02T15:00"),
             ("2026-03-02T15:00", "warn", "escalate", "2026-03-02T16:00"),
             ("2026-03-02T16:00", "escalate", "supervisor", "2026-03-03T09:00")]  # fmt: skip
    for now, reached, following, when in steps:
        assert level(clock, wall(now), WORK) == reached
        assert next_level(clock, wall(now), WORK) == (following, wall(when))
    assert level(clock, wall("2026-03-03T09:00"), WORK) == "supervisor"
    assert next_level(clock, wall("2026-03-03T09:00"), WORK) is None
    assert share(clock, wall("2026-03-02T15:00"), WORK) == pytest.approx(0.8)


@given(_clocks(), st.integers(0, 5000))
def test_the_foretold_level_is_reached_at_its_instant_and_not_a_second_before(
    made: tuple[Clock, list[tuple[datetime, datetime]]], later: int
) -> None:
    clock, _ = made
    now = clock.start + timedelta(minutes=later)
    following = next_level(clock, now, WORK)
    if following is not None:
        name, when = following
        assert when > now.astimezone(UTC)
        assert level(clock, when, WORK) == name
        assert level(clock, when - timedelta(seconds=1), WORK) == level(clock, now, WORK)


def test_an_extension_takes_the_place_of_the_limit_and_later_pauses_add_to_it() -> None:
    start, granted = wall("2026-03-02T09:00"), wall("2026-03-03T10:00")
    early = Pause(wall("2026-03-02T10:00"), wall("2026-03-02T11:00"), granted=True)
    late = Pause(wall("2026-03-04T09:00"), wall("2026-03-04T10:00"), granted=True)
    extension = Extension(wall("2026-03-05T12:00"), granted)
    limit = Limit(3, "working_hour")
    assert deadline(Clock(start, limit, [early], extension=extension), WORK).at == extension.until
    assert deadline(Clock(start, limit, [early, late], extension=extension), WORK).at == wall("2026-03-05T15:30")
    evening = Extension(wall("2026-03-05T22:00"), granted)
    assert deadline(Clock(start, limit, extension=evening), WORK).at == evening.until
    with pytest.raises(InputError, match="before the clock has run"):
        deadline(Clock(start, limit, extension=Extension(wall("2026-03-02T08:00"), granted)), WORK)


def test_a_deadline_keeps_its_calendar_until_it_is_asked_to_change() -> None:
    announced = Calendar([*CALENDAR.days, SpecialDay(date(2027, 1, 1), "holiday")])
    newer = work_calendar(announced, label="2027-1")
    clock = Clock(wall("2026-12-31T10:00"), Limit(1, "working_day"))
    stored = deadline(clock, WORK)
    assert (stored.at, stored.is_sure) == (wall("2027-01-01T18:00"), False)
    change = recompute(stored, clock, newer)
    assert change.before == stored
    assert change.after.at == wall("2027-01-04T18:00")
    assert change.after.is_sure
    assert change.later_s == 3 * 24 * 3600
    assert stored.calendar_version == WORK.version != change.after.calendar_version == newer.version


def test_natural_time_is_sure_in_any_year() -> None:
    assert deadline(Clock(wall("2030-12-31T10:00"), Limit(3, "hour")), WORK).is_sure
    assert deadline(Clock(wall("2030-12-31T10:00"), Limit(3, "urgent_hour")), WORK).is_sure
    assert not deadline(Clock(wall("2030-12-31T10:00"), Limit(3, "working_hour")), WORK).is_sure


def test_before_its_start_a_clock_has_not_run() -> None:
    clock = Clock(wall("2026-03-02T09:00"), Limit(1, "hour"))
    assert elapsed(clock, wall("2026-03-01T09:00"), WORK) == 0
    assert level(clock, wall("2026-03-01T09:00"), WORK) == ""


@pytest.mark.parametrize(("amount", "unit"), [(0, "hour"), (-1, "hour"), (1.5, "working_day"), (float("nan"), "hour"),
                                              (float("inf"), "day"), (1, "week")])  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused(amount: float, unit: str) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        Limit(amount, unit)


def test_times_without_zone_and_pauses_that_end_before_they_start_are_refused() -> None:
    with pytest.raises(InputError, match="no zone"):
        deadline(Clock(datetime(2026, 3, 2), Limit(1, "hour")), WORK)
    wrong = Pause(wall("2026-03-02T12:00"), wall("2026-03-02T11:00"), granted=True)
    with pytest.raises(InputError, match="before it starts"):
        deadline(Clock(wall("2026-03-02T09:00"), Limit(1, "hour"), [wrong]), WORK)
