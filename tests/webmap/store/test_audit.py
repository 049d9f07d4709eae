"""The audit chain: nothing that was noted can be altered, moved or taken out without being found."""

import hashlib
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gis.errors import InputError, StoreError
from tests.webmap.store.conftest import NOW, SETTINGS, STREET_A
from webmap.store import LOCAL_OPERATOR, Store, db, init_store, open_store
from webmap.store.audit import BEGINNING, HEAD, AuditEntry, chain_findings
from webmap.store.changes import note_change
from webmap.store.group import GroupWriter

COLUMNS = ("at", "actor", "action", "subject", "area", "detail", "previous", "hash")


def entry(number: int = 0, action: str = "points.read") -> AuditEntry:
    """A row about a read."""
    moment = NOW + timedelta(seconds=number)
    return AuditEntry(action, "li", moment, subject="incidents", area=STREET_A, detail={"rows": number, "说": '"x,'})


@pytest.fixture
def log(store: Store) -> Store:
    """A store with twelve rows in the log."""
    for number in range(12):
        store.audit.note_now(entry(number))
    return store


def harm(store: Store, statement: str, **values: object) -> None:
    """Write past the program."""
    with store._database.writing() as connection:
        connection.execute(text(statement), values)


def said(store: Store, checkpoint: str = "") -> str:
    """What the verification says."""
    return "\n".join(finding.en for finding in store.audit.verify(checkpoint=checkpoint))


def test_what_was_noted_comes_back_in_order(log: Store) -> None:
    rows = log.audit.since(0)
    assert [row.seq for row in rows] == list(range(1, 13))
    assert AuditEntry(**{name: getattr(rows[3], name) for name in AuditEntry.__dataclass_fields__}) == entry(3)
    assert [row.seq for row in log.audit.since(9, 2)] == [10, 11]
    assert log.audit.since(0, actor="wang") == []
    assert len(log.audit.since(0, actor="li", action="points.read")) == 12
    assert log.audit.checkpoint() == f"12:{rows[-1].hash}"
    assert log.audit.verify(checkpoint=log.audit.checkpoint()) == []


def test_an_empty_log_is_whole(store: Store) -> None:
    assert store.audit.checkpoint() == f"0:{BEGINNING}"
    assert store.audit.verify(checkpoint=store.audit.checkpoint()) == []
    assert store.audit.note_now() == 0
    assert store.verify() == []


def test_the_chain_is_the_published_formula(log: Store) -> None:
    """An auditor can check it with forty lines of his own; here they are four."""
    previous = "0" * 64
    for row in log.audit.since(0):
        micros = round(row.at.timestamp() * 1_000_000)
        detail = json.dumps(row.detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        line = [previous, row.seq, micros, row.actor, row.action, row.subject, row.area, detail]
        previous = hashlib.sha256(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        assert row.hash == previous


def test_both_stores_give_the_same_hashes(log: Store) -> None:
    assert log.audit.checkpoint() == "12:44dfdef966962d14f2fd7bec3af65716b97024e0e6aa7bafe5ad4316dc40b1ac"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 6, 12])
def test_an_altered_row_is_found_whichever_column_it_is(log: Store, column: str, seq: int) -> None:
    rows = log.audit.since(0)
    values = {"at": "(SELECT at FROM audit WHERE seq = 3)", "detail": "'{}'"}
    assert rows[2].at == NOW + timedelta(seconds=2)
    harm(log, f"UPDATE audit SET {column} = {values.get(column, repr('x'))} WHERE seq = {seq}")
    assert f"Row {seq}" in said(log)


@pytest.mark.parametrize("seq", [1, 6])
def test_a_removed_row_is_found(log: Store, seq: int) -> None:
    harm(log, f"DELETE FROM audit WHERE seq = {seq}")
    assert f"Rows {seq} to {seq} are gone" in said(log)


def test_a_removed_row_whose_gap_was_closed_is_found(log: Store) -> None:
    harm(log, "DELETE FROM audit WHERE seq = 6")
    harm(log, "UPDATE audit SET seq = seq - 1 WHERE seq = 7")
    assert "Row 6 does not follow" in said(log)


def test_an_inserted_row_is_found(log: Store) -> None:
    harm(log, "UPDATE audit SET seq = 13 WHERE seq = 12")
    harm(
        log,
        "INSERT INTO audit SELECT 12, at, actor, action, subject, area, detail, previous, hash FROM audit WHERE seq = 11",
    )
    assert "Row 12 does not follow" in said(log)


def test_a_row_put_before_the_first_is_found(log: Store) -> None:
    harm(
        log,
        "INSERT INTO audit SELECT 0, at, actor, action, subject, area, detail, previous, hash FROM audit WHERE seq = 1",
    )
    assert "no row 0" in said(log)


def test_reordered_rows_are_found(log: Store) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        harm(log, f"UPDATE audit SET seq = {new} WHERE seq = {old}")
    assert "Row 4 does not follow" in said(log)


@pytest.mark.parametrize("kept", [0, 1, 11])
def test_rows_cut_off_the_end_are_found(log: Store, kept: int) -> None:
    harm(log, f"DELETE FROM audit WHERE seq > {kept}")
    assert "its end was cut" in said(log)


def test_a_lost_mark_of_the_end_is_found(log: Store) -> None:
    harm(log, "DELETE FROM meta WHERE key = :key", key=HEAD)
    assert "the store's mark says nothing" in said(log)


def test_a_log_rewritten_from_a_row_on_is_found_by_a_checkpoint_alone(log: Store) -> None:
    """Whoever may write the whole database can build another chain; what was copied elsewhere tells."""
    checkpoint = log.audit.checkpoint()
    kept = log.audit.since(0)
    harm(log, "DELETE FROM audit")
    harm(log, "DELETE FROM meta WHERE key = :key", key=HEAD)
    for row in kept:
        name = "innocent" if row.seq == 6 else row.actor
        log.audit.note_now(AuditEntry(row.action, name, row.at, row.subject, row.area, row.detail))
    assert said(log) == ""
    assert "Row 12 is not what the checkpoint says" in said(log, checkpoint)
    harm(log, "DELETE FROM audit WHERE seq > 5")
    assert "Row 12 is not what the checkpoint says" in said(log, checkpoint)


def test_a_checkpoint_holds_while_the_log_grows(log: Store) -> None:
    checkpoint = log.audit.checkpoint()
    log.audit.note_now(entry(99))
    assert said(log, checkpoint) == ""


@pytest.mark.parametrize("wrong", ["x", "12", "12:", "12:zz", ":" + "0" * 64, "-1:" + "0" * 64])
def test_a_checkpoint_that_is_none_is_refused(store: Store, wrong: str) -> None:
    with pytest.raises(InputError, match="SEQ:HASH"):
        store.audit.verify(checkpoint=wrong)


def test_many_breaks_are_told_shortly(store: Store) -> None:
    store.audit.note_now(*map(entry, range(60)))
    harm(store, "UPDATE audit SET actor = 'x'")
    found = store.audit.verify()
    assert len(found) == 21
    assert sum(finding.count for finding in found) == 60


def test_the_verification_of_the_store_reads_the_chain(log: Store) -> None:
    assert log.verify() == []
    harm(log, "UPDATE audit SET actor = 'x' WHERE seq = 5")
    assert [(finding.kind, finding.table) for finding in log.verify()] == [("audit", "audit")]


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Forty rows that differ, in a store that each example leaves as it was."""
    store = init_store(f"sqlite:///{tmp_path_factory.mktemp('log') / 'log.db'}", SETTINGS)
    for number in range(40):
        store.audit.note_now(replace(entry(number), subject=f"s{number}"))
    yield store
    store.close()


class UndoneError(Exception):
    """Ends a transaction without keeping it."""


def harm_somehow(driver: sqlite3.Cursor, data: st.DataObject) -> bool:
    """One cell set to any other value or type, a row removed, moved, doubled or swapped, a tail cut; false for no harm."""
    seq = data.draw(st.integers(1, 40))
    rest = ", ".join(COLUMNS)
    match data.draw(st.sampled_from(["cell", "remove", "move", "double", "cut", "swap"])):
        case "cell":
            column = data.draw(st.sampled_from(COLUMNS))
            read = f"SELECT {column} FROM audit WHERE seq = {seq}"
            before = driver.execute(read).fetchone()
            anything = st.one_of(st.text(st.characters(codec="utf-8")), st.integers(-(2**63), 2**63 - 1), st.binary())
            driver.execute(f"UPDATE audit SET {column} = ? WHERE seq = {seq}", (data.draw(anything),))
            # A column of numbers turns digits into the number they were.
            return bool(driver.execute(read).fetchone() != before)
        case "remove":
            driver.execute(f"DELETE FROM audit WHERE seq = {seq}")
        case "move":
            place = data.draw(st.integers(-3, 60).filter(lambda place: not 1 <= place <= 40))
            driver.execute(f"UPDATE audit SET seq = {place} WHERE seq = {seq}")
        case "double":
            driver.execute(f"INSERT INTO audit (seq, {rest}) SELECT 41, {rest} FROM audit WHERE seq = {seq}")
        case "cut":
            driver.execute(f"DELETE FROM audit WHERE seq >= {seq}")
        case "swap":
            other = data.draw(st.integers(1, 40).filter(lambda place: place != seq))
            for old, new in ((seq, 99), (other, seq), (99, other)):
                driver.execute(f"UPDATE audit SET seq = {new} WHERE seq = {old}")
    return True


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_single_harm_is_found(long_log: Store, data: st.DataObject) -> None:
    with suppress(UndoneError), long_log._database.writing() as connection:
        driver: Any = connection.connection.cursor()
        harmed = harm_somehow(driver, data)
        assert bool(chain_findings(connection)) == harmed
        raise UndoneError


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(entry(), at=datetime(2026, 11, 23)), "time zone"),
        (replace(entry(), detail={"x": object()}), "JSON"),
        (replace(entry(), detail={"x": float("nan")}), "JSON"),
        (replace(entry(), subject="a\x00b"), "cannot keep"),
        (replace(entry(), actor="\ud800"), "cannot keep"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_at_the_door(store: Store, wrong: AuditEntry, words: str) -> None:
    for note in (store.audit.note, store.audit.note_now):
        with pytest.raises(InputError, match=words):
            note(wrong)
    assert store.audit.since(0) == []


def test_a_change_and_its_row_are_kept_together_or_not_at_all(wuda: Store) -> None:
    rows = wuda.audit.since(0)
    assert [(row.action, row.actor, row.detail) for row in rows] == [
        ("areas.replace", "local", {"change": 1, "count": 9}),
        ("incidents.upsert", "local", {"change": 2, "count": 9}),
    ]
    before = wuda.audit.checkpoint()
    with suppress(UndoneError), wuda._database.writing() as connection:
        note_change(connection, "events", "create", viewer=LOCAL_OPERATOR, now=NOW)
        raise UndoneError
    assert wuda.audit.checkpoint() == before
    wuda.save_settings({"name_en": "Wuda District"}, now=NOW)
    assert wuda.audit.since(2)[0].action == "settings.change"


def test_rows_of_eight_threads_and_two_stores_are_one_chain(store: Store) -> None:
    other = open_store(store.url)
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit((store, other)[n % 2].audit.note_now, entry(n)) for n in range(80)]
    assert sorted(each.result() for each in made) == list(range(1, 81))
    assert store.audit.verify() == []
    other.close()


def test_rows_about_reads_are_gathered_and_kept_within_a_blink(store: Store) -> None:
    began = time.monotonic()
    for number in range(150):
        store.audit.note(entry(number))
    assert time.monotonic() - began < 0.5
    while len(store.audit.since(0)) < 150:
        assert time.monotonic() - began < 10
        time.sleep(0.02)
    assert [row.detail["rows"] for row in store.audit.since(0)] == list(range(150))
    assert store.audit.verify() == []


def test_what_the_caller_does_to_the_detail_afterwards_is_not_in_the_row(store: Store) -> None:
    detail: dict[str, Any] = {"rows": 1}
    store.audit.note(AuditEntry("points.read", "li", NOW, detail=detail))
    detail["rows"] = object()
    store.audit.flush()
    assert store.audit.since(0)[0].detail == {"rows": 1}


def test_a_read_does_not_wait_for_a_writer_and_its_row_is_not_lost(store: Store) -> None:
    with store._database.writing():
        began = time.monotonic()
        store.audit.note(entry())
        assert time.monotonic() - began < 0.5
        time.sleep(0.4)
        assert store.audit.since(0) == []
    store.audit.flush()
    assert len(store.audit.since(0)) == 1


def test_closing_keeps_what_waits(url: str) -> None:
    store = init_store(url, SETTINGS)
    for number in range(20):
        store.audit.note(entry(number))
    store.close()
    again = open_store(url)
    assert len(again.audit.since(0)) == 20
    again.close()


def test_a_store_that_stays_busy_keeps_the_rows_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_S", 0.2)
    with store._database.writing():
        store.audit.note(entry())
        with pytest.raises(StoreError, match="busy"):
            store.audit.flush()
    store.audit.flush()
    assert len(store.audit.since(0)) == 1


def test_when_no_more_rows_can_wait_nothing_may_be_read() -> None:
    stuck = threading.Event()
    writer = GroupWriter[int](lambda _: stuck.wait(30) and None, limit=3)
    for number in range(3):
        writer.put(number)
    with pytest.raises(StoreError, match="nothing was done"):
        writer.put(3)
    stuck.set()
    writer.close()
    with pytest.raises(StoreError):
        writer.put(4)


def _note_in_child(store: Store) -> None:
    store.audit.note(entry(1))
    store.audit.flush()
    os._exit(0)


def test_a_forked_process_writes_its_own_rows_and_not_its_parents(store: Store) -> None:
    store.audit._soon._wait_s = 60
    store.audit.note(entry(0))
    child = multiprocessing.get_context("fork").Process(target=_note_in_child, args=(store,))
    child.start()
    child.join()
    assert [row.detail["rows"] for row in store.audit.since(0)] == [1]
    assert child.exitcode == 0
    store.audit.flush()
    assert sorted(row.detail["rows"] for row in store.audit.since(0)) == [0, 1]
    assert store.audit.verify() == []


def test_backups_hold_the_log_and_the_accounts_and_no_session(log: Store, tmp_path: Path) -> None:
    log.users.add("li", password="Regen.bogen7", viewer=LOCAL_OPERATOR, now=NOW)
    log.sessions.sign_in("li", "Regen.bogen7", now=NOW)
    manifest = log.backup(tmp_path / "log.backup")
    assert manifest["counts"]["users"] == 1
    assert "sessions" not in manifest["counts"]
    other = init_store(f"sqlite:///{tmp_path / 'other.db'}", {})
    other.restore(tmp_path / "log.backup")
    assert other.audit.checkpoint() == log.audit.checkpoint()
    assert other.verify(archive=tmp_path / "log.backup") == []
    assert other.sessions.list("li", now=NOW) == []
    assert other.sessions.sign_in("li", "Regen.bogen7", now=NOW)
    other.close()


def test_a_store_with_a_log_is_not_overwritten_by_a_backup(log: Store, tmp_path: Path) -> None:
    log.backup(tmp_path / "log.backup")
    with pytest.raises(StoreError, match="Table audit"):
        log.restore(tmp_path / "log.backup")


EXPORTER = """
import sys
from datetime import UTC, datetime
from webmap.store import open_store
from webmap.store.audit import AuditEntry
store = open_store(sys.argv[1])
for turn in range(100_000):
    store.audit.note(AuditEntry("points.read", "li", datetime.now(UTC), detail={"turn": turn}))
    store.audit.note_now(AuditEntry("export", "li", datetime.now(UTC), detail={"turn": turn}))
    print(turn, flush=True)
"""


def test_a_killed_process_loses_no_row_of_an_acknowledged_export(store: Store) -> None:
    chance = random.Random(7)
    told = 0
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", EXPORTER, store.url], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        heard = [child.stdout.readline() for _ in range(chance.randint(5, 60))]
        child.send_signal(signal.SIGKILL)
        heard += child.stdout.read().splitlines(keepends=True)
        child.stdout.close()
        child.wait()
        told += sum(line.endswith("\n") for line in heard)
        # At most the export that was kept but not told yet.
        kept = len(store.audit.since(0, 100_000, action="export"))
        assert told <= kept <= told + 3
    assert store.audit.verify() == []
