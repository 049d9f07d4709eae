"""``wangge outbox``, ``wangge audit`` and ``wangge casefile`` from the command line, with their exit status."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gis.errors import InputError, NotFoundError
from tests.webmap.store.case_life import CLOCKWORK, WORKER, report, with_units
from tests.webmap.store.conftest import NOW, SETTINGS
from webmap.cli import cli
from webmap.store import init_store, open_store
from webmap.store.outbox import note_outbox


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store with a case, whose first message was given up for one receiver."""
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    store = with_units(init_store(url, SETTINGS))
    store.outbox.enrol(["city"])
    store.cases.create(report(), receipt="r1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)
    with store._database.writing() as connection:
        note_outbox(connection, "plan.publish", ref="p1", now=NOW)
    store.outbox.claim("city", "one", now=NOW, lease=timedelta(minutes=2))
    first = store.outbox.list()[0]
    store.outbox.failed("city", "one", first, "the receiver answered 500", now=NOW, next_at=None)
    store.close()
    return url


def run(url: str, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, [*arguments, "--db", url, "--lang", "en"], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value, done.stdout


def told(url: str, *arguments: str) -> tuple[int, object]:
    status, text = run(url, *arguments, "--json")
    return status, json.loads(text)


def test_messages_and_dead_letters_are_listed_and_sent_again(url: str) -> None:
    status, text = run(url, "outbox", "list")
    assert status == 0
    assert text.splitlines()[0] == "city: reached 1, waiting 1, dead 1"
    assert [line.split()[2:4] for line in text.splitlines()[1:]] == [["event.submit", "e1"], ["plan.publish", "p1"]]
    status, dead = told(url, "outbox", "dead")
    assert (status, [(each["seq"], each["error"]) for each in dead]) == (1, [(1, "the receiver answered 500")])  # type: ignore[attr-defined]
    assert run(url, "outbox", "dead", "--receiver", "other") == (0, "There are no dead letters\n")
    assert run(url, "outbox", "retry", "city", "--seq", "1") == (0, "1 will be sent again\n")
    with pytest.raises(NotFoundError):
        run(url, "outbox", "retry", "city", "--seq", "2")
    store = open_store(url)
    assert [dead for _, dead in store.outbox.next("city", now=datetime.now(UTC))] == [True, False]
    store.close()


def test_checkpoints_are_signed_elsewhere_and_held_against_the_log(url: str, tmp_path: Path) -> None:
    key, folder, public = tmp_path / "key.pem", tmp_path / "elsewhere", tmp_path / "mine.pub"
    with pytest.raises(InputError, match="Say --to"):
        run(url, "audit", "checkpoint")
    _, printed = run(url, "audit", "key", str(key))
    public.write_text(printed)
    signed = ("audit", "checkpoint", "--to", str(folder), "--key", str(key))
    assert run(url, *signed)[1].startswith("Checkpoint 1: row ")
    assert run(url, *signed) == (0, "Nothing new since the last checkpoint\n")
    verify = ("audit", "verify", "--checkpoints", str(folder), "--public-key", str(public))
    assert run(url, *verify)[0] == 0
    file = folder / "checkpoint-00000001.json"
    file.write_text(file.read_text().replace('"seq":', '"seq":1'))
    status, text = run(url, *verify)
    assert (status, text.splitlines()[0]) == (1, "Checkpoint 1 is forged or damaged.")


def test_a_case_file_is_written_and_checked(url: str, tmp_path: Path) -> None:
    file = tmp_path / "e1.zip"
    assert run(url, "casefile", "write", "e1", str(file)) == (0, f"Wrote {file}\n")
    assert run(url, "casefile", "verify", str(file)) == (0, "The case file is sound\n")
    file.write_bytes(file.read_bytes().replace(b"rubbish", b"rubbisH", 1))
    with pytest.raises(Exception, match="no case file"):
        # The archive's own sum is broken before ours is looked at.
        run(url, "casefile", "verify", str(file))
    with pytest.raises(InputError, match="ends with"):
        run(url, "casefile", "write", "e1", str(tmp_path / "e1.doc"))
    with pytest.raises(NotFoundError):
        run(url, "casefile", "write", "none", str(file))
