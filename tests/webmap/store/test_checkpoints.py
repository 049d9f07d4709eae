"""What the chain alone cannot show, a signed checkpoint in another place does: cut ends, rewritten logs, forged files."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from gis.errors import ConfigError, StoreError
from tests.webmap.store.conftest import NOW, SETTINGS
from webmap.store import Store, init_store
from webmap.store.audit import AUDIT, AuditEntry, note_audit
from webmap.store.checkpoints import (
    PUBLIC_NAME,
    last_moment,
    make_key,
    read_private_key,
    read_public_key,
    verify_checkpoints,
    write_checkpoint,
)
from webmap.store.models import META


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = init_store(f"sqlite:///{tmp_path / 'wuda.db'}", SETTINGS)
    yield store
    store.close()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    make_key(path)
    return path


@pytest.fixture
def kept(store: Store, tmp_path: Path, key_file: Path) -> Path:
    """Three checkpoints, of the rows 2, 4 and 6."""
    folder = tmp_path / "elsewhere"
    for turn in range(3):
        note(store, f"a{turn}", f"b{turn}")
        write_checkpoint(store, folder, read_private_key(key_file), now=NOW + timedelta(hours=turn))
    return folder


def note(store: Store, *subjects: str) -> None:
    store.audit.note_now(*(AuditEntry("export", "li", NOW, subject=subject) for subject in subjects))


def said(store: Store, folder: Path, key: Path | None = None) -> list[str]:
    return [each.en for each in verify_checkpoints(store, folder, read_public_key(key or folder / PUBLIC_NAME))]


def rewrite(store: Store, subjects: list[str]) -> None:
    """What a person can do who may write the whole database: another chain, whole in itself."""
    with store._database.writing() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS audit_no_delete"))
        connection.execute(delete(AUDIT))
        connection.execute(delete(META).where(META.c.key == "store.audit.head"))
        note_audit(connection, *(AuditEntry("export", "li", NOW, subject=subject) for subject in subjects))


def test_a_log_that_only_grew_fits_all_of_its_checkpoints(store: Store, kept: Path) -> None:
    note(store, "later")
    assert said(store, kept) == []
    assert last_moment(kept) == NOW + timedelta(hours=2)


def test_nothing_new_makes_no_new_file(store: Store, kept: Path, key_file: Path) -> None:
    assert write_checkpoint(store, kept, read_private_key(key_file), now=NOW + timedelta(days=1)) is None
    assert len(list(kept.glob("*.json"))) == 3
    assert not list(kept.glob("*.part"))


def test_a_cut_end_is_found_though_the_chain_is_whole(store: Store, kept: Path) -> None:
    rewrite(store, ["a0", "b0", "a1", "b1", "a2"])
    assert store.audit.verify() == []
    assert said(store, kept) == [
        "Checkpoint 3 knows row 6, the log does not: its end was cut, or an older backup restored."
    ]


def test_a_rewritten_log_is_found_though_the_chain_is_whole(store: Store, kept: Path) -> None:
    rewrite(store, ["a0", "b0", "a1", "other", "a2", "b2", "more"])
    assert store.audit.verify() == []
    assert said(store, kept) == [
        "Row 4 is not what checkpoint 2 says: the log was rewritten.",
        "Row 6 is not what checkpoint 3 says: the log was rewritten.",
    ]


def test_a_forged_checkpoint_is_found(store: Store, kept: Path, tmp_path: Path) -> None:
    rewrite(store, ["a0", "b0", "a1", "b1", "a2", "other"])
    path = kept / "checkpoint-00000003.json"
    told = json.loads(path.read_text())
    hash_now = store.audit.checkpoint().partition(":")[2]
    path.write_text(json.dumps(told | {"hash": hash_now}))
    assert said(store, kept) == ["Checkpoint 3 is forged or damaged."]
    own = tmp_path / "forger.pem"
    make_key(own)
    path.unlink()
    write_checkpoint(store, kept, read_private_key(own), now=NOW)
    assert said(store, kept) == ["Checkpoint 3 is forged or damaged."]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"number":2}'])
def test_a_file_that_is_no_checkpoint_is_found(store: Store, kept: Path, content: bytes) -> None:
    (kept / "checkpoint-00000002.json").write_bytes(content)
    assert "Checkpoint 2 is forged or damaged." in said(store, kept)
    assert "Checkpoint 3 does not follow the one before it." in said(store, kept)


def test_a_missing_checkpoint_and_one_of_another_store_are_found(store: Store, kept: Path, tmp_path: Path) -> None:
    (kept / "checkpoint-00000002.json").unlink()
    assert said(store, kept) == ["Checkpoints 2 to 2 are gone."]
    other = init_store(f"sqlite:///{tmp_path / 'other.db'}", SETTINGS)
    assert "Checkpoint 1 is of another store." in said(other, kept)
    other.close()
    assert said(store, tmp_path, kept / PUBLIC_NAME) == [f"There is no checkpoint in {tmp_path}."]


def test_those_who_sign_at_once_leave_one_file_for_each_number(store: Store, kept: Path, key_file: Path) -> None:
    key = read_private_key(key_file)

    def sign(turn: int) -> None:
        note(store, f"later{turn}")
        write_checkpoint(store, kept, key, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sign, range(12)))
    assert said(store, kept) == []
    assert not list(kept.glob("*.part"))


def test_a_key_is_for_its_owner_and_is_not_overwritten(tmp_path: Path, key_file: Path) -> None:
    assert key_file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="Cannot make"):
        make_key(key_file)
    key_file.chmod(0o604)
    with pytest.raises(ConfigError, match="everybody"):
        read_private_key(key_file)
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no key")
    for read in (read_private_key, read_public_key):
        nonsense.chmod(0o600)
        with pytest.raises(ConfigError, match="Cannot read"):
            read(nonsense)


def test_a_folder_that_cannot_be_written_is_told_plainly(store: Store, tmp_path: Path, key_file: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        write_checkpoint(store, blocked / "below", read_private_key(key_file), now=NOW)
