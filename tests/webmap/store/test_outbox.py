"""Messages are kept with the change they tell of, and each receiver gets its turn, once, in order, by one at a time."""

from datetime import timedelta
from typing import Any

import pytest

from gis.errors import InputError, NotFoundError
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, STREET_B
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store
from webmap.store.changes import note_change
from webmap.store.notifications import accounts_with, note_notifications, roles_that
from webmap.store.outbox import Message, note_outbox

LEASE = timedelta(minutes=2)
PASSWORD = "Wuda-2026-grid"


def note(
    store: Store, *refs: str, topic: str = "event.dispatch", area: str = GRIDS[0], **payload: Any
) -> list[Message]:
    with store._database.writing() as connection:
        return [note_outbox(connection, topic, ref=ref, now=NOW, area=area, payload=payload) for ref in refs]


def test_a_change_that_is_undone_leaves_no_message(store: Store) -> None:
    def change_and_fail() -> None:
        with store._database.writing() as connection:
            note_change(connection, "events", "move", viewer=LOCAL_OPERATOR, now=NOW, ref="e1")
            note_outbox(connection, "event.dispatch", ref="e1", now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert store.outbox.list() == []
    assert store.change_seq() == 0


def test_messages_are_numbered_in_order_and_each_has_an_id_of_its_own(store: Store) -> None:
    made = note(store, "e1", "e1", "e2", move="dispatch", version=3)
    assert [each.seq for each in made] == [1, 2, 3]
    assert len({each.id for each in made}) == 3
    assert store.outbox.list() == made
    assert store.outbox.list(after=2) == made[2:]


def test_a_payload_says_codes_and_numbers_and_a_topic_is_words_with_dots(store: Store) -> None:
    too_much: list[dict[str, Any]] = [
        *({"name": "张三"}, {"phone": "13800000000"}, {"lon": 106.7}, {"reason": "路灯不亮"}, {"unit": "x" * 201}),
        *({"unit": ["a"]}, {"unit": "a\x00"}, {"score": float("nan")}),
    ]
    topics = ["", "event", "Event.moved", "event..moved", "event.moved\r\nBcc: x"]
    with store._database.writing() as connection:
        for payload in too_much:
            with pytest.raises(InputError):
                note_outbox(connection, "event.dispatch", ref="e1", now=NOW, payload=payload)
        for topic in topics:
            with pytest.raises(InputError, match="no topic"):
                note_outbox(connection, topic, ref="e1", now=NOW)
    assert store.outbox.list() == []


def test_a_new_receiver_gets_what_comes_after_it(store: Store) -> None:
    note(store, "before")
    store.outbox.enrol(["city"])
    assert not store.outbox.due("city", now=NOW)
    note(store, "after")
    store.outbox.enrol(["city"])
    assert store.outbox.due("city", now=NOW)
    assert [each.ref for each, _ in store.outbox.next("city", now=NOW)] == ["after"]


def test_one_delivers_until_the_lease_is_over(store: Store) -> None:
    store.outbox.enrol(["city"])
    note(store, "e1")
    assert store.outbox.claim("city", "one", now=NOW, lease=LEASE)
    assert not store.outbox.claim("city", "two", now=NOW + LEASE - timedelta(seconds=1), lease=LEASE)
    assert not store.outbox.due("city", now=NOW)
    assert store.outbox.claim("city", "one", now=NOW, lease=LEASE)
    assert store.outbox.claim("city", "two", now=NOW + LEASE, lease=LEASE)
    store.outbox.release("city", "one")
    assert not store.outbox.claim("city", "one", now=NOW + LEASE, lease=LEASE)


def test_a_mark_after_a_lost_lease_stands_and_says_so(store: Store) -> None:
    store.outbox.enrol(["city"])
    first, second = note(store, "e1", "e2")
    store.outbox.claim("city", "one", now=NOW, lease=LEASE)
    store.outbox.claim("city", "two", now=NOW + LEASE, lease=LEASE)
    assert store.outbox.delivered("city", "two", second, now=NOW, lease=LEASE)
    assert not store.outbox.delivered("city", "one", first, now=NOW, lease=LEASE)
    assert store.outbox.next("city", now=NOW) == []


def test_what_failed_waits_with_those_after_it(store: Store) -> None:
    store.outbox.enrol(["city"])
    first, _ = note(store, "e1", "e2")
    store.outbox.claim("city", "one", now=NOW, lease=LEASE)
    later = NOW + timedelta(seconds=5)
    store.outbox.failed("city", "one", first, "no connection", now=NOW, next_at=later)
    store.outbox.release("city", "one")
    assert not store.outbox.due("city", now=NOW)
    assert [each.ref for each, _ in store.outbox.next("city", now=later)] == ["e1", "e2"]
    state = store.outbox.receivers()[0]
    assert (state.tries, state.error, state.waiting, state.dead) == (1, "no connection", 2, 0)


def test_a_dead_letter_lets_the_next_go_and_is_sent_again_when_asked(store: Store) -> None:
    store.outbox.enrol(["city"])
    first, second = note(store, "e1", "e2")
    store.outbox.claim("city", "one", now=NOW, lease=LEASE)
    store.outbox.failed("city", "one", first, "the receiver answered 500", now=NOW, next_at=None)
    assert store.outbox.next("city", now=NOW) == [(second, False)]
    assert [(each.ref, each.error, each.tries) for each in store.outbox.dead()] == [
        ("e1", "the receiver answered 500", 1)
    ]
    store.outbox.delivered("city", "one", second, now=NOW, lease=LEASE)
    assert store.outbox.retry("city", viewer=LOCAL_OPERATOR, now=NOW) == 1
    assert store.outbox.next("city", now=NOW) == [(first, True)]
    store.outbox.failed("city", "one", first, "again", now=NOW, next_at=None)
    assert store.outbox.next("city", now=NOW) == []
    store.outbox.retry("city", viewer=LOCAL_OPERATOR, now=NOW, seqs=[1])
    store.outbox.delivered("city", "one", first, now=NOW, lease=LEASE)
    assert store.outbox.dead() == []
    assert [row.action for row in store.audit.since(0)] == ["outbox.retry"] * 2


def test_only_what_is_dead_is_sent_again(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no receiver"):
        store.outbox.retry("nobody", viewer=LOCAL_OPERATOR, now=NOW)
    store.outbox.enrol(["city"])
    note(store, "e1")
    with pytest.raises(NotFoundError, match="Not all"):
        store.outbox.retry("city", viewer=LOCAL_OPERATOR, now=NOW, seqs=[1])


def test_old_messages_go_when_everybody_has_them_and_no_number_comes_twice(store: Store) -> None:
    store.outbox.enrol(["city", "slow"])
    dead, second, third = note(store, "e1", "e2", "e3")
    for name in ("city", "slow"):
        store.outbox.claim(name, "one", now=NOW, lease=LEASE)
    store.outbox.failed("city", "one", dead, "no", now=NOW, next_at=None)
    store.outbox.delivered("city", "one", third, now=NOW, lease=LEASE)
    after = NOW + timedelta(days=1)
    assert store.outbox.purge(["city", "slow"], before=after) == 0
    assert store.outbox.purge(["city", "unknown"], before=after) == 0
    store.outbox.delivered("slow", "one", third, now=NOW, lease=LEASE)
    assert store.outbox.purge(["city", "slow"], before=NOW) == 0
    assert store.outbox.purge(["city", "slow"], before=after) == 1
    assert [each.seq for each in store.outbox.list()] == [dead.seq, third.seq]
    assert note(store, "e4")[0].seq == 4
    assert second.seq == 2


def test_a_notification_is_read_by_its_account_alone(store: Store) -> None:
    with store._database.writing() as connection:
        words = {"zh": "案件 e1 已超时", "en": "Case e1 is overdue"}
        assert note_notifications(connection, ["li", "wang"], "event.overdue", **words, now=NOW, ref="e1") == 2
        assert note_notifications(connection, ["li"], "event.overdue", **words, now=NOW, ref="e1") == 0
    mine = store.notifications.list("li")
    assert [(each.ref, each.read_at) for each in mine] == [("e1", None)]
    assert store.notifications.mark_read("wang", now=NOW, ids=[mine[0].id]) == 0
    assert store.notifications.unread("li") == 1
    assert store.notifications.mark_read("li", now=NOW) == 1
    assert store.notifications.list("li", unread=True) == []
    assert store.notifications.unread("wang") == 1
    assert store.notifications.purge(before=NOW + timedelta(days=1)) == 2


def test_a_notification_is_one_short_line(store: Store) -> None:
    with store._database.writing() as connection:
        for line in ("", "x" * 301, "a\x00"):
            with pytest.raises(InputError):
                note_notifications(connection, ["li"], "event.overdue", zh=line, en=line, now=NOW)


def test_those_are_told_whose_role_holds_there(wuda: Store) -> None:
    grants = {
        "a": Grant("desk", STREET_A),
        "b": Grant("desk", STREET_B),
        "all": Grant("desk"),
        "c": Grant("checker", STREET_A),
    }
    for name, grant in grants.items():
        wuda.users.add(f"desk-{name}", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=[grant])
    wuda.users.add("desk-shut", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=[Grant("desk")])
    wuda.users.disable("desk-shut", viewer=LOCAL_OPERATOR, now=NOW)
    with wuda._database.reading() as connection:
        assert accounts_with(connection, roles_that("dispatch_events"), GRIDS[0]) == ["desk-a", "desk-all"]
        assert accounts_with(connection, ["desk"], "") == ["desk-all"]
