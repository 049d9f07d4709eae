"""A move tells a message without a word of people, and a line to whose turn it is: unit, desk of the tier, reporter."""

from datetime import timedelta

import pytest

from gis.dispatch import Detail
from gis.errors import CaseError
from tests.webmap.store.case_life import CLOCKWORK, DESK_A, WATER, WORKER, later, report, with_units
from tests.webmap.store.conftest import DISTRICT, NOW, STREET_A, STREET_B
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store
from webmap.store.cases import CaseQuery
from webmap.store.telling import desk_of

PASSWORD = "Wuda-2026-grid"


@pytest.fixture
def town(wuda: Store) -> Store:
    """Units, a desk account in each street and one of the district."""
    store = with_units(wuda)
    for name, area in (("desk-a", STREET_A), ("desk-b", STREET_B), ("desk-all", DISTRICT)):
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=[Grant("desk", area)])
    return store


def create(store: Store) -> None:
    store.cases.create(report(), receipt="r1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)


def move(store: Store, name: str, viewer: object, detail: Detail | None = None, hours: float = 1.0) -> None:
    store.cases.move("e1", name, viewer=viewer, now=later(hours), detail=detail, version=None, clockwork=CLOCKWORK)  # type: ignore[arg-type]


def test_each_move_is_one_message_and_a_refused_one_is_none(town: Store) -> None:
    create(town)
    move(town, "accept", DESK_A)
    move(town, "dispatch", DESK_A, Detail(unit="water", reason="李四报路灯不亮 13800000000"), 2)
    with pytest.raises(CaseError):
        move(town, "archive", DESK_A, hours=3)
    told = town.outbox.list()
    assert [each.topic for each in told] == ["event.submit", "event.accept", "event.dispatch"]
    last = told[-1]
    assert (last.ref, last.payload["from"], last.payload["to"], last.payload["unit_to"]) == (
        *("e1", "accepted", "dispatched", "water"),
    )
    assert last.payload["due_at"] is not None
    assert "李四" not in str(told)
    assert set(last.document()) == {"id", "type", "timestamp", "ref", "area", "data"}


def test_whose_turn_it_is_hears_of_it(town: Store) -> None:
    create(town)
    move(town, "accept", DESK_A)
    move(town, "dispatch", DESK_A, Detail(unit="water"), 2)
    move(town, "acknowledge", WATER, hours=3)
    move(town, "submit_result", WATER, Detail(reason="已修"), 4)
    unit = town.notifications.list(WATER.actor)
    assert [each.topic for each in unit] == ["event.dispatch"]
    assert unit[0].en == "exposed rubbish (event e1): dispatch"
    for name in ("desk-b", DESK_A.actor):
        assert town.notifications.list(name) == []


def test_the_desk_of_the_tier_hears_or_the_next_one_up(town: Store) -> None:
    create(town)
    event = town.cases.page(CaseQuery(), DESK_A)[0]
    with town._database.reading() as connection:
        heard = {tier: desk_of(connection, event, tier) for tier in ("community", "street", "district", "city")}
    assert heard == {"community": ["desk-a"], "street": ["desk-a"], "district": ["desk-all"], "city": []}
    assert [each.topic for each in town.notifications.list("desk-a")] == ["event.submit"]
    assert town.notifications.list("desk-a")[0].at - NOW < timedelta(minutes=1)


def test_a_level_of_the_clock_is_a_message_and_the_supervisor_hears_of_the_last(town: Store) -> None:
    boss = Grant("supervisor", DISTRICT)
    town.users.add("boss-all", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=[boss])
    create(town)
    for _ in range(3):
        for clock in town.case_ticks.due(later(24 * 60)):
            town.case_ticks.act(clock, now=later(24 * 60), clockwork=CLOCKWORK)
    topics = [each.topic for each in town.outbox.list()]
    assert topics == [
        *("event.submit", "event.clock.warn", "event.escalate", "event.clock.escalate", "event.clock.supervisor"),
    ]
    heard = {name: {each.topic for each in town.notifications.list(name)} for name in ("desk-a", "boss-all")}
    assert "event.clock.warn" in heard["desk-a"]
    assert heard["boss-all"] == {"event.clock.supervisor"}
