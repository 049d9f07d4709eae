"""Nothing is lost and nothing overtakes: receivers that are down, that come back, that die, and deliverers that are killed."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.postgres_cluster import PostgresCluster
from tests.webmap.notify.receiving import Hook, web_server
from tests.webmap.notify.test_receivers import SECRET
from tests.webmap.store.conftest import NOW, SETTINGS
from tests.webmap.store.conftest import made_postgres as made_postgres
from tests.webmap.store.conftest import postgres_cluster as postgres_cluster
from webmap.notify.deliverer import Deliverer, Patience, senders_for
from webmap.notify.receivers import Receivers, Wanted, Webhook
from webmap.store import LOCAL_OPERATOR, Store, init_store, open_store
from webmap.store.outbox import note_outbox

EVERYTHING = Wanted()


class Clock:
    """A moment that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = init_store(f"sqlite:///{tmp_path / 'wuda.db'}", SETTINGS)
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def note(store: Store, *refs: str, topic: str = "event.dispatch") -> None:
    with store._database.writing() as connection:
        for ref in refs:
            note_outbox(connection, topic, ref=ref, now=NOW)


def deliverer(
    store: Store, clock: Clock, *urls: str, wanted: Wanted = EVERYTHING, patience: Patience | None = None
) -> Deliverer:
    hooks = tuple(Webhook(f"hook{i}", url, (SECRET,), wanted, allow_private=True) for i, url in enumerate(urls))
    made = Deliverer(
        store.outbox, senders_for(Receivers(hooks)), clock=clock, rng=np.random.default_rng(3), patience=patience
    )
    made.tick()
    return made


def refs(hook: Hook) -> list[str]:
    return [json.loads(body)["ref"] for _, body in hook.got]


def ids(hook: Hook) -> list[str]:
    return [json.loads(body)["id"] for _, body in hook.got]


def test_a_receiver_that_was_down_gets_everything_in_order(store: Store, clock: Clock) -> None:
    with web_server(Hook()) as hook:
        port = hook.port
    work = deliverer(store, clock, f"http://127.0.0.1:{port}/")
    note(store, "e1", "e2")
    for _ in range(4):
        assert work.tick() == 0
        note(store, f"more{_}")
        clock.on(hours=1)
    assert store.outbox.receivers()[0].error.startswith("no connection")
    with web_server(hook, port=port):
        assert work.tick() == 6
    assert refs(hook) == ["e1", "e2", "more0", "more1", "more2", "more3"]
    assert store.outbox.receivers()[0].tries == 0


def test_a_receiver_that_refuses_holds_its_own_messages_back_and_nobody_elses(store: Store, clock: Clock) -> None:
    with web_server(Hook()) as good, web_server(Hook(answer=lambda count: 500 if count < 3 else 200)) as bad:
        work = deliverer(store, clock, bad.url, good.url)
        note(store, "e1", "e2")
        assert work.tick() == 2
        assert work.tick() == 0
        for _ in range(3):
            clock.on(hours=1)
            work.tick()
    assert refs(good) == ["e1", "e2"]
    assert refs(bad) == ["e1", "e1", "e1", "e2"]
    assert len(set(ids(bad))) == 2


def test_waits_grow_by_two_with_chance_and_end_at_the_longest(rng: np.random.Generator) -> None:
    patience = Patience()
    for tries, whole in ((1, 5), (2, 10), (5, 80), (10, 2560), (11, 3600), (1000, 3600)):
        waits = [patience.wait(tries, rng).total_seconds() for _ in range(50)]
        assert whole / 2 <= min(waits) < max(waits) <= whole
        assert len(set(waits)) > 40


def test_a_message_is_given_up_after_its_tries_and_sent_when_asked(store: Store, clock: Clock) -> None:
    with web_server(Hook(answer=lambda count: 410 if count <= 3 else 204)) as hook:
        work = deliverer(store, clock, hook.url, patience=Patience(tries=3))
        note(store, "e1", "e2")
        for _ in range(4):
            work.tick()
            clock.on(hours=1)
        assert refs(hook) == ["e1", "e1", "e1", "e2"]
        assert [(each.ref, each.error) for each in store.outbox.dead()] == [("e1", "the receiver answered 410")]
        store.outbox.retry("hook0", viewer=LOCAL_OPERATOR, now=clock())
        assert work.tick() == 1
    assert refs(hook)[-1] == "e1"
    assert store.outbox.dead() == []


def test_messages_for_others_are_passed_by(store: Store, clock: Clock) -> None:
    with web_server(Hook()) as hook:
        work = deliverer(store, clock, hook.url, wanted=Wanted(("event.dispatch",)))
        note(store, "a", topic="plan.publish")
        note(store, "b")
        note(store, "c", topic="plan.publish")
        assert work.tick() == 1
    assert refs(hook) == ["b"]
    assert store.outbox.receivers()[0].waiting == 0


def test_two_processes_never_deliver_to_a_receiver_at_the_same_time(store: Store, clock: Clock) -> None:
    inside, met = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        met.wait(20)

    with web_server(Hook(before_answer=wait)) as hook:
        one, two = (deliverer(store, clock, hook.url) for _ in range(2))
        note(store, "e1", "e2")
        thread = threading.Thread(target=one.tick)
        thread.start()
        assert inside.wait(20)
        assert two.tick() == 0
        assert refs(hook) == ["e1"]
        met.set()
        thread.join()
    assert refs(hook) == ["e1", "e2"]


_DELIVER = """
    import sys
    from datetime import datetime
    import numpy as np
    from webmap.notify.deliverer import Deliverer, senders_for
    from webmap.notify.receivers import Receivers, Webhook
    from webmap.store import open_store

    url, hook, secret, moment = sys.argv[1:]
    store = open_store(url)
    senders = senders_for(Receivers((Webhook("hook0", hook, (secret,), allow_private=True),)))
    now = datetime.fromisoformat(moment)
    print(Deliverer(store.outbox, senders, clock=lambda: now, rng=np.random.default_rng(1)).tick())
    store.close()
"""


_DELIVER_LONG = """
    import sys
    from datetime import datetime
    import numpy as np
    from webmap.notify.deliverer import Deliverer, senders_for
    from webmap.notify.receivers import Receivers, Webhook
    from webmap.store import open_store

    url, hook, secret, moment, count = sys.argv[1:]
    store = open_store(url)
    senders = senders_for(Receivers((Webhook("hook0", hook, (secret,), allow_private=True),)))
    now = datetime.fromisoformat(moment)
    work = Deliverer(store.outbox, senders, clock=lambda: now, rng=np.random.default_rng(1))
    taken, last = 0, int(count)
    print("ready", flush=True)
    sys.stdin.readline()
    while store.outbox.receivers()[0].reached < last:
        taken += work.tick()
    print(taken)
    store.close()
"""


@pytest.mark.postgres
def test_processes_that_share_a_lease_on_postgresql_send_every_message_once_while_others_write(
    postgres_cluster: PostgresCluster, made_postgres: str
) -> None:
    """Two processes deliver while two threads note more: forty messages, each sent once, in the order of commits."""
    url = postgres_cluster.new_database(template=made_postgres)
    store = open_store(url)
    store.outbox.enrol(["hook0"])
    try:
        with web_server(Hook()) as hook:
            told = [url, hook.url, SECRET, NOW.isoformat(), "40"]
            run = [sys.executable, "-c", textwrap.dedent(_DELIVER_LONG), *told]
            workers = [
                subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
            ]
            assert [each.stdout.readline() for each in workers if each.stdout] == ["ready\n"] * 2
            writers = [
                threading.Thread(target=lambda name=name: [note(store, f"{name}{n}") for n in range(20)])
                for name in "ab"
            ]
            for each in writers:
                each.start()
            for worker in workers:
                assert worker.stdin is not None
                worker.stdin.write("go\n")
                worker.stdin.flush()
            for each in writers:
                each.join()
            taken = [int(worker.communicate(timeout=60)[0]) for worker in workers]
        assert sum(taken) == 40
        assert ids(hook) == [message.id for message in store.outbox.list()]
        assert store.outbox.dead() == []
    finally:
        store.close()


@pytest.mark.long
def test_a_kill_between_sending_and_marking_sends_again_with_the_same_id(store: Store, clock: Clock) -> None:
    running: list[subprocess.Popen[str]] = []

    def start(moment: datetime) -> subprocess.Popen[str]:
        told = [store.url, hook.url, SECRET, moment.isoformat()]
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(_DELIVER), *told], stdout=subprocess.PIPE, text=True
        )

    def kill() -> None:
        if len(hook.got) == 2:
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait()

    with web_server(Hook(before_answer=kill)) as hook:
        store.outbox.enrol(["hook0"])
        note(store, "e1", "e2", "e3")
        running.append(start(NOW))
        running[0].communicate()
        assert running[0].returncode == -signal.SIGKILL
        second = start(NOW + timedelta(seconds=30))
        assert second.communicate()[0] == "0\n", "the lease of the dead one still holds"
        third = start(NOW + timedelta(minutes=3))
        assert third.communicate()[0] == "2\n"
    assert refs(hook) == ["e1", "e2", "e2", "e3"]
    assert len(set(ids(hook))) == 3
