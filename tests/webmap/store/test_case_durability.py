"""Cases under kill -9 and on a full disk: every move that was acknowledged is there, and every history is whole."""

import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest

from tests.webmap.store.case_life import with_units
from tests.webmap.store.conftest import NOW, SETTINGS
from webmap.store import LOCAL_OPERATOR, Store, init_store, open_store
from webmap.store.case_scope import CASE_OPERATOR

WRITERS = """
import os, sys, threading
from datetime import timedelta
from gis.dispatch import Detail
from gis.errors import StoreError
from tests.webmap.store.case_life import CLOCKWORK, report
from tests.webmap.store.conftest import NOW
from webmap.store import open_store
from webmap.store.case_scope import CASE_OPERATOR

store, run = open_store(sys.argv[1]), sys.argv[2]
LIFE = (("accept", Detail()), ("dispatch", Detail(unit="water")), ("acknowledge", Detail()), ("start", Detail()))

def say(*words):
    # One call a line, so that lines of several threads do not mix.
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def write(name):
    number = 0
    while True:
        event = report(f"{run}-{name}-{number:05d}")
        try:
            store.cases.create(event, receipt="r" + event.id, viewer=CASE_OPERATOR, now=NOW, clockwork=CLOCKWORK)
            say(event.id, 2)
            for step, (move, detail) in enumerate(LIFE, start=1):
                told = {"viewer": CASE_OPERATOR, "now": NOW + timedelta(hours=step), "version": None, "detail": detail}
                kept = store.cases.move(event.id, move, clockwork=CLOCKWORK, **told)
                say(event.id, kept.event.version)
        except StoreError as error:
            say("refused", error.en)
            return
        number += 1

writers = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(3)]
[each.start() for each in writers]
[each.join() for each in writers]
"""


@pytest.fixture
def town(tmp_path: Path, two_streets: gpd.GeoDataFrame) -> Store:
    store = init_store(f"sqlite:///{tmp_path / 'wuda.db'}", SETTINGS)
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    return with_units(store)


def _written(store: Store, run: str, *, lines: int, most_bytes: int | None = None) -> dict[str, int]:
    """Versions that writers were told are kept, by case; they are killed after so many words, or stop at a full disk."""

    def limited() -> None:
        if most_bytes is not None:
            # Beyond the limit a write fails as on a full disk, instead of ending the process.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    root = Path(__file__).resolve().parents[3]
    child = subprocess.Popen(
        [sys.executable, "-c", WRITERS, store.url, run],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        preexec_fn=limited,
    )
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(lines)]
    if most_bytes is None:
        child.send_signal(signal.SIGKILL)
    told += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    if most_bytes is not None:
        assert sum(line.startswith("refused") for line in told) == 3
    kept: dict[str, int] = {}
    for line in told:
        # The last word may be cut by the kill.
        if line.endswith("\n") and line.strip() and not line.startswith("refused"):
            event, version = line.split()
            kept[event] = int(version)
    return kept


def _check(store: Store, kept: dict[str, int]) -> None:
    for event, version in kept.items():
        found = store.cases.get(event, CASE_OPERATOR)
        history = store.cases.history(event, CASE_OPERATOR)
        assert found.version >= version
        assert [move.version for move in history] == list(range(2, found.version + 1))
    assert store.verify() == []


@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_every_move_that_was_acknowledged_survives_kill_9(town: Store, kills: int) -> None:
    rng = random.Random(kills)
    kept: dict[str, int] = {}
    for number in range(kills):
        kept |= _written(town, f"run-{number:02d}", lines=rng.randrange(3, 120))
    assert len(kept) >= kills
    _check(town, kept)


def test_a_full_disk_refuses_in_words_and_loses_nothing(town: Store, tmp_path: Path) -> None:
    size = (tmp_path / "wuda.db").stat().st_size
    kept = _written(town, "disk-full", lines=0, most_bytes=size + 600_000)
    assert kept
    town.close()
    again = open_store(town.url)
    _check(again, kept)
    assert _written(again, "room-again", lines=10)
    again.close()
