"""The power goes out at any moment of concurrent writers: what was acknowledged is there, and the store is sound."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.power_cut import Act, left_on_disk, recorded, recorder
from webmap.store import LOCAL_OPERATOR, open_store

WRITERS = """
import os, sys, threading
from datetime import UTC, datetime
from webmap.store import LOCAL_OPERATOR, open_store
from webmap.store.events import Event

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
url, acks, many = sys.argv[1], os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND), int(sys.argv[3])
store = open_store(url)

def write(name):
    for number in range(many):
        event = Event(id=f"{name}-{number:04d}-0123456789ab", scheme="wangge", category="06010", occurred_at=NOW,
                      body={"text": "垃圾未清运 " * 40})
        store.events.create(event, viewer=LOCAL_OPERATOR, now=NOW)
        os.write(acks, (event.id + "\\n").encode())

writers = [threading.Thread(target=write, args=(f"writer{number}",)) for number in range(3)]
[each.start() for each in writers]
[each.join() for each in writers]
store.close()
"""


def _acknowledged(acts: list[Act]) -> set[str]:
    return {act.data.decode().strip() for act in acts if act.name == "acks"}


def _found(folder: Path, files: dict[str, bytes]) -> set[str]:
    folder.mkdir()
    for name, data in files.items():
        if name != "acks":
            (folder / name).write_bytes(data)
    store = open_store(f"sqlite:///{folder / 'wuda.db'}")
    try:
        assert store.verify() == []
        found, page = set(), store.events.list(LOCAL_OPERATOR)
        while page:
            found |= {event.id for event in page}
            page = store.events.list(LOCAL_OPERATOR, after=page[-1].id)
        return found
    finally:
        store.close()


@pytest.fixture
def acts_and_before(tmp_path: Path) -> Callable[[int], tuple[list[Act], dict[str, bytes]]]:
    """What three writers did to a fresh store, and what the store was before."""

    def run(many: int) -> tuple[list[Act], dict[str, bytes]]:
        folder = tmp_path / "store"
        folder.mkdir()
        open_store(f"sqlite:///{folder / 'wuda.db'}", create=True).close()
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        arguments = (f"sqlite:///{folder / 'wuda.db'}", str(folder / "acks"), str(many))
        acts = recorded(WRITERS, *arguments, folder=folder, log=tmp_path / "log", library=recorder(tmp_path))
        return acts, before

    return run


@pytest.mark.parametrize(
    ("many", "cuts"), [(20, 4), pytest.param(150, 120, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_nothing_acknowledged_is_lost_when_the_power_goes_out(
    acts_and_before: Callable[[int], tuple[list[Act], dict[str, bytes]]], tmp_path: Path, many: int, cuts: int
) -> None:
    acts, before = acts_and_before(many)
    assert len(_acknowledged(acts)) == 3 * many
    rng = random.Random(many)
    for cut in range(cuts):
        done = acts[: rng.randrange(len(acts))]
        kept = _found(tmp_path / f"cut{cut}", left_on_disk(done, before, rng, drop=cut % 2 == 0))
        assert _acknowledged(done) <= kept


def test_a_store_that_did_not_sync_would_be_caught(
    acts_and_before: Callable[[int], tuple[list[Act], dict[str, bytes]]], tmp_path: Path
) -> None:
    """The same record without its syncs loses what was acknowledged: the model of the disk can fail."""
    acts, before = acts_and_before(20)
    unsynced = [act for act in acts if act.kind != "s"]
    kept = _found(tmp_path / "cut", left_on_disk(unsynced, before, random.Random(1), drop=True))
    assert not _acknowledged(unsynced) <= kept
