"""The clocks by themselves: 80, 100 and 150 %, ends of pauses, the archive; each once, however often and by however many they are run."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from gis.dispatch import Detail
from tests.webmap.cases.town import Town
from tests.webmap.store.case_life import BOSS, DESK_A, WATER, WORKER, report
from webmap.cases.clockwork import clockwork_of
from webmap.cases.ticks import ARCHIVE_AFTER, tick
from webmap.store.case_scope import CASE_OPERATOR, CaseViewer
from webmap.store.events import Event


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(f"sqlite:///{tmp_path / 'town.db'}", tmp_path)
    yield town
    town.close()


def create(town: Town, event_id: str = "e1") -> None:
    town.store.cases.create(
        report(event_id), receipt=event_id, viewer=WORKER, now=town.now, clockwork=clockwork_of(town.services)
    )


def move(town: Town, name: str, viewer: CaseViewer, detail: Detail | None = None) -> Event:
    return town.store.cases.move(
        "e1", name, viewer=viewer, now=town.now, version=None, detail=detail, clockwork=clockwork_of(town.services)
    ).event


def levels(town: Town, event_id: str = "e1") -> list[tuple[str, str]]:
    return [(notice.stage, notice.level) for notice in town.store.case_ticks.notices(event_id)]


def test_a_clock_warns_at_80_escalates_at_100_and_tells_the_supervisor_at_150(town: Town) -> None:
    """Two working hours from 16:00: 17:36, 18:00 when the office closes, and an hour into the next morning at 9:30."""
    create(town)
    town.pass_hours(1.59)
    assert tick(town.services).as_dict() == {
        "warned": 0,
        "escalated": 0,
        "told": 0,
        "resumed": 0,
        "archived": 0,
        "orders": 0,
        "refused": [],
    }
    town.pass_hours(0.02)
    assert tick(town.services).warned == 1
    town.pass_hours(0.38)
    assert tick(town.services).escalated == 0
    town.pass_hours(0.02)
    assert tick(town.services).escalated == 1
    event = town.store.cases.get("e1", CASE_OPERATOR)
    assert (event.tier, event.state, event.progress["counts"]) == ("street", "reported", {"escalations": 1})
    town.pass_hours(12)
    assert tick(town.services).told == 0
    town.pass_hours(4)
    assert tick(town.services).told == 1
    assert levels(town) == [("accept", "warn"), ("accept", "escalate"), ("accept", "supervisor")]
    history = town.store.cases.history("e1", CASE_OPERATOR)
    assert [(m.move, m.role, m.actor) for m in history] == [
        ("submit", "grid_worker", "worker"),
        ("escalate", "system", ""),
    ]
    town.pass_hours(1000)
    assert tick(town.services).as_dict()["told"] == 0


def test_what_was_missed_for_days_is_done_in_order_and_once(town: Town) -> None:
    create(town)
    town.pass_hours(24 * 20)
    report_ = tick(town.services)
    assert (report_.warned, report_.escalated, report_.told) == (1, 1, 1)
    before = town.store.change_seq()
    again = tick(town.services)
    assert (again.warned, again.escalated, again.told) == (0, 0, 0)
    assert town.store.change_seq() == before, "a run with nothing to do writes nothing"


def test_two_workers_at_once_do_nothing_twice(town: Town) -> None:
    for number in range(12):
        create(town, f"e{number}")
    town.pass_hours(24 * 20)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: tick(town.services), range(4)))
    assert sum(each.warned for each in reports) == sum(each.escalated for each in reports) == 12
    assert sum(each.told for each in reports) == 12
    for number in range(12):
        assert len(levels(town, f"e{number}")) == 3
        assert town.store.cases.get(f"e{number}", CASE_OPERATOR).tier == "street"
    assert town.store.audit.verify() == []


def test_a_clock_that_stopped_in_time_says_nothing(town: Town) -> None:
    create(town)
    town.pass_hours(1)
    move(town, "accept", DESK_A)
    town.pass_hours(0.5)
    assert tick(town.services).warned == 0
    move(town, "dispatch", DESK_A, Detail(unit="water"))
    assert levels(town) == []


def test_at_the_top_the_clock_still_tells_but_has_no_tier_left(town: Town) -> None:
    create(town)
    for _ in range(3):
        move(town, "escalate", BOSS, Detail("up"))
    town.pass_hours(24 * 20)
    report_ = tick(town.services)
    assert (report_.escalated, report_.refused) == (1, [])
    assert town.store.cases.get("e1", CASE_OPERATOR).tier == "city"


def test_a_suspension_ends_at_its_date_by_itself_and_a_paused_clock_stays_silent(town: Town) -> None:
    create(town)
    move(town, "accept", DESK_A)
    move(town, "dispatch", DESK_A, Detail(unit="water"))
    move(town, "acknowledge", WATER)
    until = town.now + timedelta(days=30)
    move(town, "suspend", BOSS, Detail("frost", until=until))
    town.pass_hours(24 * 29)
    assert sum(v for k, v in vars(tick(town.services)).items() if k != "refused") == 0
    town.now = until
    assert tick(town.services).resumed == 1
    event = town.store.cases.get("e1", CASE_OPERATOR)
    assert (event.state, event.until) == ("in_progress", None)
    assert tick(town.services).resumed == 0


def test_a_case_that_ended_is_archived_when_nobody_came_back(town: Town) -> None:
    create(town)
    move(town, "reject", DESK_A, Detail("not ours"))
    town.now += ARCHIVE_AFTER
    assert tick(town.services).archived == 0
    town.pass_hours(0.1)
    assert tick(town.services).archived == 1
    assert town.store.cases.get("e1", CASE_OPERATOR).state == "archived"
    assert tick(town.services).archived == 0
