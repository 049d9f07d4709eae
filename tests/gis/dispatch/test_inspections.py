"""Inspections fall due by their rules, and what fails becomes a patrol finding at the place."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.calendar import china_calendar
from gis.dispatch.inspections import Schedule, Site, checklist, due_days, due_inspections, findings
from gis.errors import DetailError, InputError, NotFoundError
from gis.incidents.taxonomy import categories

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = china_calendar()
OUTLET = Site("K1", "courier", "泽园寄递网点", 106.71, 39.5)
START = date(2026, 3, 2)


def wall(text: str) -> datetime:
    """A wall time of the district."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def weekly(**more: object) -> Schedule:
    """Mondays and Thursdays, 9 to 12 o'clock."""
    return Schedule("P1", OUTLET, START, weekdays=frozenset({0, 3}), opens=time(9), closes=time(12), **more)


@given(st.integers(1, 60), st.integers(0, 400), st.integers(0, 100))
def test_every_n_days_falls_on_the_nth_days_and_no_other(every: int, skip: int, length: int) -> None:
    schedule = Schedule("P", OUTLET, START, every_days=every)
    first = START + timedelta(skip)
    found = due_days(schedule, first, first + timedelta(length), CALENDAR)
    wanted = [START + timedelta(n * every) for n in range(600)]
    assert found == [day for day in wanted if first <= day <= first + timedelta(length)]


@given(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 100))
def test_weekdays_fall_on_those_days(weekdays: set[int], length: int) -> None:
    schedule = Schedule("P", OUTLET, START, weekdays=frozenset(weekdays))
    days = [START + timedelta(each) for each in range(length + 1)]
    assert due_days(schedule, START, days[-1], CALENDAR) == [day for day in days if day.weekday() in weekdays]


def test_a_rest_day_is_put_off_and_two_that_fall_together_are_one() -> None:
    schedule = Schedule("P", OUTLET, date(2026, 9, 30), every_days=1, working_days=True)
    found = due_days(schedule, date(2026, 9, 30), date(2026, 10, 12), CALENDAR)
    assert found == [
        day for day in (date(2026, 9, 30) + timedelta(n) for n in range(13)) if CALENDAR.is_working_day(day)
    ]
    assert due_days(schedule, date(2026, 10, 8), date(2026, 10, 8), CALENDAR) == [date(2026, 10, 8)]


def test_an_inspection_is_upcoming_due_done_late_or_missed() -> None:
    done = {"P1": [wall("2026-03-02T10:00"), wall("2026-03-06T08:00")]}
    found = due_inspections([weekly()], done, wall("2026-03-12T10:00"), CALENDAR, first=START, last=date(2026, 3, 16))
    assert [(each.day.day, each.status) for each in found] == [
        (2, "done"),
        (5, "late"),
        (9, "missed"),
        (12, "due"),
        (16, "upcoming"),
    ]
    assert (found[0].opens, found[0].closes) == (wall("2026-03-02T09:00"), wall("2026-03-02T12:00"))


def test_one_inspection_stands_for_one_day_only() -> None:
    done = {"P1": [wall("2026-03-05T09:30")]}
    found = due_inspections([weekly()], done, wall("2026-03-30T10:00"), CALENDAR, first=START, last=date(2026, 3, 9))
    assert [each.status for each in found] == ["missed", "done", "missed"]


def test_an_inspection_after_the_moment_asked_about_has_not_been_made() -> None:
    done = {"P1": [wall("2026-03-02T10:00")]}
    found = due_inspections([weekly()], done, wall("2026-03-02T09:30"), CALENDAR, first=START, last=START)
    assert [each.status for each in found] == ["due"]


def test_without_hours_the_whole_local_day_counts_and_an_end_ends_it() -> None:
    schedule = Schedule("P", OUTLET, START, end=START + timedelta(1), every_days=1)
    found = due_inspections([schedule], {}, wall("2026-03-04T00:00"), CALENDAR, first=START, last=START + timedelta(9))
    assert [(each.opens, each.closes, each.status) for each in found] == [
        (wall("2026-03-02T00:00"), wall("2026-03-03T00:00"), "missed"), (wall("2026-03-03T00:00"), wall("2026-03-04T00:00"), "missed")]  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [{}, {"every_days": 3, "weekdays": frozenset({1})}, {"every_days": 0}, {"weekdays": frozenset({7})}, {"every_days": 1, "end": date(2026, 3, 1)},
     {"every_days": 1, "opens": time(12), "closes": time(9)}],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(rule: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        Schedule("P", OUTLET, START, **rule)


@pytest.mark.parametrize("kind", ["courier", "railway", "safe_harbour"])
def test_every_item_of_a_checklist_fails_as_one_of_our_categories(kind: str) -> None:
    ours = set(categories().query("scheme == 'wangge'")["code"])
    items = checklist(kind)
    assert {item.category for item in items} <= ours
    assert len({item.item for item in items}) == len(items)
    assert all(item.zh and item.en and item.fails_zh and item.fails_en for item in items)


def test_what_fails_becomes_the_draft_of_an_event_found_by_patrol_at_the_place() -> None:
    answers = {item.item: "ok" for item in checklist("courier")} | {
        "real_name": "fail",
        "xray": "not_applicable",
        "charging": "fail",
    }
    drafts = findings(OUTLET, answers, wall("2026-03-02T10:00"), notes={"charging": "店员李女士称已报修"})
    assert [(d.category, d.found_by, d.source, d.urgency) for d in drafts] == [
        ("C03", "patrol", "inspection", ""), ("F02", "patrol", "inspection", "emergency")]  # fmt: skip
    assert drafts[1].text == "室内违规充电:店员[姓名]女士称已报修"
    assert (drafts[0].lon, drafts[0].lat, drafts[0].occurred_at) == (106.71, 39.5, datetime(2026, 3, 2, 2, tzinfo=UTC))
    assert drafts[0].attributes == {"site": "K1", "checklist": "courier", "item": "real_name"}


def test_a_clean_list_finds_nothing_and_one_with_holes_is_refused() -> None:
    answers = {item.item: "ok" for item in checklist("railway")}
    line = Site("R1", "railway", "线路一段", 106.7, 39.5)
    assert findings(line, answers, wall("2026-03-02T10:00")) == []
    with pytest.raises(DetailError, match="fence, moon"):
        findings(line, {k: v for k, v in answers.items() if k != "fence"} | {"moon": "ok"}, wall("2026-03-02T10:00"))
    with pytest.raises(DetailError, match="fence"):
        findings(line, answers | {"fence": "perhaps"}, wall("2026-03-02T10:00"))
    with pytest.raises(DetailError, match="fence"):
        findings(line, answers, wall("2026-03-02T10:00"), notes={"fence": "长" * 501})
    with pytest.raises(NotFoundError, match="bank"):
        findings(Site("B", "bank", "", 0, 0), {}, wall("2026-03-02T10:00"))
    with pytest.raises(InputError, match="no zone"):
        findings(line, answers, datetime(2026, 3, 2))
    with pytest.raises(InputError, match="no zone"):
        due_inspections([], {}, datetime(2026, 3, 2), CALENDAR, first=START, last=START)
