"""A store is opened, made, brought up to date or refused, in plain words; threads and processes share it."""

import multiprocessing
import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from gis.errors import ConfigError, StoreError
from tests.webmap.store.conftest import GRIDS, NOW, SETTINGS, located_reports
from tests.webmap.store.test_records import event_in
from webmap.store import LOCAL_OPERATOR, Store, db, init_store, migrate, open_store
from webmap.store.layers import meets_box
from webmap.store.models import BUILDINGS, METADATA
from webmap.store.settings import DEFAULTS


def test_a_store_is_made_once(url: str) -> None:
    init_store(url, SETTINGS).close()
    with pytest.raises(StoreError, match="already"):
        init_store(url, {"name_zh": "另一个区"})
    store = open_store(url)
    assert store.settings == SETTINGS
    store.close()


def test_a_store_that_is_not_there_is_not_made_by_opening(url: str) -> None:
    with pytest.raises(StoreError, match="run wangge init"):
        open_store(url)
    store = open_store(url, create=True)
    assert store.settings == DEFAULTS
    store.close()


def test_settings_that_make_no_sense_leave_no_store(url: str) -> None:
    with pytest.raises(ConfigError, match="no zone"):
        init_store(url, {"zone": "Mars/Olympus"})
    with pytest.raises(StoreError, match="run wangge init"):
        open_store(url)


def test_four_who_make_the_same_store_at_once_all_get_it(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(url, create=True), range(4)))
    assert [store.change_seq() for store in stores] == [0] * 4
    for store in stores:
        store.close()


def test_the_migrations_lead_to_the_models(store: Store) -> None:
    """A column added to gis.schemas needs a migration step: this test says so."""

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in METADATA.tables

    options = {"include_name": ours, "compare_type": True}
    with store._database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    # The spatial index of PostGIS is an expression that models do not know.
    assert [each for each in differences if "_box" not in str(each)] == []


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The steps of a program one version ahead."""
    steps = tmp_path / "migrations"
    shutil.copytree(migrate.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / "9999_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9999', '{migrate.known_revisions()[0]}', None, None\n"
        "def upgrade():\n    op.add_column('plans', sa.Column('note', sa.Text, server_default='new'))\n"
        "def downgrade():\n    op.drop_column('plans', 'note')\n"
    )
    return steps


def test_an_older_store_is_brought_up_and_a_newer_one_refused(
    url: str, next_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = init_store(url, SETTINGS)
    store.plans.save({"id": "p"}, viewer=LOCAL_OPERATOR, now=NOW)
    store.close()
    with monkeypatch.context() as later:
        later.setattr(migrate, "STEPS", next_version)
        newer = open_store(url)
        with newer._database.reading() as connection:
            assert connection.scalar(text("SELECT note FROM plans")) == "new"
        newer.close()
    for create in (False, True):
        with pytest.raises(StoreError, match="upgrade the program first"):
            open_store(url, create=create)


def test_an_archive_of_an_older_version_is_restored_and_brought_up(
    url: str, tmp_path: Path, next_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = init_store(url, SETTINGS)
    store.plans.save({"id": "p"}, viewer=LOCAL_OPERATOR, now=NOW)
    store.backup(tmp_path / "old.backup")
    store.close()
    monkeypatch.setattr(migrate, "STEPS", next_version)
    newer = init_store(f"sqlite:///{tmp_path / 'newer.db'}", {})
    newer.restore(tmp_path / "old.backup")
    with newer._database.reading() as connection:
        assert connection.execute(text("SELECT id, note FROM plans")).all() == [("p", "new")]
    newer.close()


def test_a_step_that_fails_leaves_the_older_form(url: str, next_version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_store(url, SETTINGS).close()
    step = next_version / "versions" / "9999_next.py"
    step.write_text(step.read_text().replace("def downgrade", "    op.execute('SELECT 1 FROM nowhere')\ndef downgrade"))
    with monkeypatch.context() as later:
        later.setattr(migrate, "STEPS", next_version)
        with pytest.raises(StoreError, match="nowhere"):
            open_store(url)
    store = open_store(url)
    assert store.settings == SETTINGS
    store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("wuda.db", "sqlite:///path"),
        ("sqlite://", "sqlite:///path"),
        ("mysql://host/db", "sqlite:///path"),
        ("postgresql://host/db", "postgresql\\+psycopg"),
        ("sqlite:////tmp/wuda.gpkg", "GIS programs"),
    ],
)
def test_a_url_that_names_no_store_is_refused(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"PK\x03\x04 certainly no database" * 100)
    with pytest.raises(StoreError, match="damaged or no store"):
        open_store(f"sqlite:///{tmp_path / 'x.db'}")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title)")
    other.close()
    before = path.read_bytes()
    for make in (lambda url: open_store(url, create=True), lambda url: init_store(url, {})):
        with pytest.raises(StoreError, match="another program"):
            make(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_path_that_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        init_store(f"sqlite:///{tmp_path / 'folder.db'}", {})


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_store("postgresql+psycopg://me:secret@127.0.0.1:1/wuda")
    assert "secret" not in caught.value.en + caught.value.zh


def test_a_busy_store_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_S", 0.2)
    store = init_store(url, SETTINGS)
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(url.replace("+psycopg", ""))
        other.execute("SELECT pg_advisory_xact_lock(%s)", (db._WRITER_KEY,))
    with pytest.raises(StoreError, match="busy"):
        store.save_settings({"name_en": "x"}, viewer=LOCAL_OPERATOR, now=NOW)
    assert store.settings == SETTINGS
    other.close()
    assert store.save_settings({"name_en": "x"}, viewer=LOCAL_OPERATOR, now=NOW)
    store.close()


def test_a_thread_that_waits_too_long_for_its_turn_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_S", 0.2)
    store = init_store(url, SETTINGS)
    with store._database.writing(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.save_settings, {"name_en": "x"}, viewer=LOCAL_OPERATOR, now=NOW)
        assert isinstance(waiting.exception(), StoreError)
    store.close()


def test_readers_go_on_while_a_writer_writes(wuda: Store) -> None:
    with wuda._database.writing() as connection:
        connection.execute(text("DELETE FROM incidents"))
        assert wuda.incidents.count(LOCAL_OPERATOR) == 9


def test_a_failed_write_leaves_nothing_and_does_not_block_the_next(wuda: Store, reports: pd.DataFrame) -> None:
    def stop(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    before = wuda.change_seq()
    with pytest.raises(KeyboardInterrupt):
        wuda.incidents.upsert(reports.assign(status="x"), viewer=LOCAL_OPERATOR, now=NOW, progress=stop)
    assert set(wuda.incidents.read(LOCAL_OPERATOR)["status"]) == {""}
    assert wuda.change_seq() == before
    assert wuda.incidents.upsert(reports.assign(status="x"), viewer=LOCAL_OPERATOR, now=NOW).updated == 9


def test_eight_threads_write_and_nothing_is_lost_or_counted_twice(wuda: Store) -> None:
    before = wuda.change_seq()
    with ThreadPoolExecutor(8) as pool:
        made = [
            pool.submit(wuda.events.create, event_in(GRIDS[n % 4], f"e{n:03d}"), viewer=LOCAL_OPERATOR, now=NOW)
            for n in range(80)
        ]
    assert all(each.exception() is None for each in made)
    assert [change.seq for change in wuda.changes.since(before)] == list(range(before + 1, before + 81))
    assert len(wuda.events.list(LOCAL_OPERATOR)) == 80


def test_a_follower_never_misses_a_change(wuda: Store) -> None:
    """Numbers become visible in their order: who read up to n has seen all up to n."""
    done = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        while not done.is_set() or seen[-1:] != [wuda.change_seq()]:
            seen.extend(change.seq for change in wuda.changes.since(seen[-1] if seen else 0))

    follower = threading.Thread(target=follow)
    follower.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: wuda.plans.save({"id": f"p{n}"}, viewer=LOCAL_OPERATOR, now=NOW), range(40)))
    done.set()
    follower.join()
    assert seen == list(range(1, wuda.change_seq() + 1))


def _write_in_child(store: Store) -> None:
    store.plans.save({"id": "of the child"}, viewer=LOCAL_OPERATOR, now=NOW)
    os._exit(0 if store.incidents.count(LOCAL_OPERATOR) == 9 else 1)


def test_a_forked_process_uses_connections_of_its_own(wuda: Store) -> None:
    with wuda._database.reading() as connection:
        child = multiprocessing.get_context("fork").Process(target=_write_in_child, args=(wuda,))
        child.start()
        child.join()
        assert child.exitcode == 0
        assert connection.scalar(text("SELECT count(*) FROM incidents")) == 9
    assert [plan.id for plan in wuda.plans.list(LOCAL_OPERATOR)] == ["of the child"]
    assert wuda.verify() == []


def test_a_store_sent_to_another_process_opens_itself(wuda: Store) -> None:
    other = pickle.loads(pickle.dumps(wuda))
    assert other.incidents.count(LOCAL_OPERATOR) == 9
    assert other.attachments.folder == wuda.attachments.folder
    other.close()


def test_sqlite_is_opened_with_the_settings_that_lose_nothing(tmp_path: Path) -> None:
    store = init_store(f"sqlite:///{tmp_path / 'wuda.db'}", SETTINGS)
    with store._database.reading() as connection:
        said = {
            name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    store.close()


def test_a_box_search_uses_the_spatial_index(store: Store) -> None:
    with store._database.reading() as connection:
        query = str(meets_box(BUILDINGS, (0, 0, 1, 1), connection).compile(compile_kwargs={"literal_binds": True}))
        if store.url.startswith("sqlite"):
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN SELECT 1 FROM buildings WHERE {query}")).all()
            assert any("VIRTUAL TABLE INDEX" in str(row) for row in plan)
        else:
            connection.execute(text("SET enable_seqscan = off"))
            plan = connection.execute(text(f"EXPLAIN SELECT 1 FROM buildings WHERE {query}")).all()
            assert any("ix_buildings_box" in str(row) for row in plan)


IMPORTER = """
import sys
from datetime import UTC, datetime
import pandas as pd
from webmap.store import LOCAL_OPERATOR, open_store
store = open_store(sys.argv[1])
frame = pd.read_parquet(sys.argv[2])
tell = lambda *_: print("step", flush=True)
for turn in range(1000):
    frame["status"] = f"turn {turn:03d}"
    store.incidents.upsert(frame, viewer=LOCAL_OPERATOR, now=datetime.now(UTC), progress=tell)
    print("kept", flush=True)
"""


def _kill_an_importer(store: Store, frame: Path, steps: int) -> int:
    """Kill an importer at its n-th step; returns how many imports it was told to be kept."""
    child = subprocess.Popen([sys.executable, "-c", IMPORTER, store.url, str(frame)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline().strip() for _ in range(steps)]
    child.send_signal(signal.SIGKILL)
    told += child.stdout.read().split()
    child.stdout.close()
    child.wait()
    return told.count("kept")


def _check_whole(store: Store, kept: int, rows: int) -> None:
    statuses = store.incidents.read(LOCAL_OPERATOR, columns=["status"])["status"].value_counts()
    # The last import may have been kept without its word getting out.
    allowed = ["" if kept == 0 else f"turn {kept - 1:03d}", f"turn {kept:03d}"]
    assert statuses.to_dict() in [{status: rows} for status in allowed]
    assert store.verify() == []


@pytest.mark.parametrize("trials", [1, pytest.param(25, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_an_importer_killed_at_any_moment_leaves_the_old_or_the_new_state(
    wuda: Store, tmp_path: Path, trials: int
) -> None:
    """Nothing acknowledged is lost, nothing is half there, and the store stays sound."""
    rng = random.Random(trials)
    frame = located_reports(60_000)
    for _ in range(trials):
        frame["status"] = ""
        wuda.incidents.upsert(frame, viewer=LOCAL_OPERATOR, now=NOW)
        frame.to_parquet(tmp_path / "reports.parquet")
        before = wuda.change_seq()
        kept = _kill_an_importer(wuda, tmp_path / "reports.parquet", rng.randrange(1, 16))
        _check_whole(wuda, kept, len(frame))
        assert wuda.change_seq() - before in (kept, kept + 1)


def test_a_first_import_that_is_killed_leaves_an_empty_layer_with_its_indexes(store: Store, tmp_path: Path) -> None:
    """SQLite rebuilds the indexes of a first import at its end."""
    frame = located_reports(60_000).assign(status="")
    frame.to_parquet(tmp_path / "reports.parquet")
    assert _kill_an_importer(store, tmp_path / "reports.parquet", 1) == 0
    assert store.incidents.count(LOCAL_OPERATOR) in (0, len(frame))
    with store._database.reading() as connection:
        assert len(inspect(connection).get_indexes("incidents")) >= 3
    assert [finding for finding in store.verify() if finding.kind != "unknown_code"] == []
