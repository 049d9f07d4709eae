"""``wangge user`` and ``wangge audit`` as the operator types them."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gis.errors import InputError, NotFoundError
from webmap.cli import cli
from webmap.store import init_store, open_store
from webmap.store.sessions import Account

PASSWORD = "Regen.bogen7"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """URL of an empty store."""
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    init_store(url, {"name_zh": "乌达区"}).close()
    return url


def run(url: str, *words: str, typed: str = "") -> Result:
    """Run a command; its exit status is ``return_value``."""
    return CliRunner().invoke(
        cli, [*words, "--db", url, "--lang", "en"], input=typed, catch_exceptions=False, standalone_mode=False
    )


def told(result: Result) -> str:
    """Standard output; the command failed with its own error otherwise."""
    if result.exception is not None:
        raise result.exception
    return result.stdout


def signed_in(url: str, name: str, password: str) -> Account:
    """The account, after a sign-in now."""
    from webmap.services import utc_now

    store = open_store(url)
    account = store.sessions.who(store.sessions.sign_in(name, password, now=utc_now()), now=utc_now())
    store.close()
    assert account is not None
    return account


def test_an_account_gets_a_one_time_password_that_works_and_must_be_changed(url: str) -> None:
    made = json.loads(told(run(url, "user", "add", "li", "--role", "supervisor", "--display", "李强", "--json")))
    account = signed_in(url, "li", made["one_time_password"])
    assert (account.display, account.must_change) == ("李强", True)
    again = told(run(url, "user", "password", "li"))
    assert signed_in(url, "li", again.split("one-time password ")[1].split()[0]).must_change


def test_a_password_comes_on_stdin_and_is_not_printed(url: str) -> None:
    said = told(run(url, "user", "add", "li", "--role", "viewer", "--password-stdin", typed=f"{PASSWORD}\n"))
    assert PASSWORD not in said
    assert not signed_in(url, "li", PASSWORD).must_change
    for typed, words in (("", "no password on stdin"), ("weak\n", "at least 10")):
        with pytest.raises(InputError, match=words):
            told(run(url, "user", "password", "li", "--password-stdin", typed=typed))


def test_roles_are_given_and_taken(url: str) -> None:
    told(run(url, "user", "add", "li", "--role", "viewer"))
    assert told(run(url, "user", "grant", "li", "--role", "auditor")) == "li: auditor whole district\n"
    with pytest.raises(InputError, match="exclude each other"):
        told(run(url, "user", "grant", "li", "--role", "system_admin"))
    assert told(run(url, "user", "revoke", "li", "--role", "viewer")) == "li is no longer viewer\n"
    with pytest.raises(NotFoundError, match="no role"):
        told(run(url, "user", "revoke", "li", "--role", "viewer"))
    assert told(run(url, "user", "list")) == "li  li  open  auditor@all\n"
    assert json.loads(told(run(url, "user", "list", "--json")))[0]["grants"] == [{"role": "auditor", "area": ""}]


def test_an_account_is_closed_and_opened(url: str) -> None:
    assert told(run(url, "user", "list")) == "There are no accounts yet\n"
    told(run(url, "user", "add", "li", "--role", "viewer", "--password-stdin", typed=PASSWORD))
    assert told(run(url, "user", "disable", "li")) == "li: disabled\n"
    assert "disabled" in told(run(url, "user", "list"))
    assert told(run(url, "user", "disable", "li", "--undo")) == "li: open\n"
    assert signed_in(url, "li", PASSWORD)


def test_the_log_is_verified_against_a_checkpoint(url: str, tmp_path: Path) -> None:
    told(run(url, "user", "add", "li", "--role", "viewer"))
    first = run(url, "audit", "verify", "--json")
    checkpoint = json.loads(told(first))["checkpoint"]
    assert (first.return_value, json.loads(told(first))["findings"]) == (0, [])
    told(run(url, "user", "grant", "li", "--role", "desk"))
    whole = run(url, "audit", "verify", "--checkpoint", checkpoint)
    assert whole.return_value == 0
    assert told(whole).startswith("The audit log is whole\ncheckpoint 3:")
    database = sqlite3.connect(tmp_path / "wuda.db")
    database.execute("UPDATE audit SET actor = 'mei' WHERE seq = 2")
    database.commit()
    database.close()
    harmed = run(url, "audit", "verify")
    assert harmed.return_value == 1
    assert "Row 2 was altered" in told(harmed)
    with pytest.raises(InputError, match="SEQ:HASH"):
        told(run(url, "audit", "verify", "--checkpoint", "12"))


def test_what_leaves_or_enters_whole_is_noted(url: str, tmp_path: Path) -> None:
    told(run(url, "backup", str(tmp_path / "wuda.backup")))
    told(run(f"sqlite:///{tmp_path / 'other.db'}", "restore", str(tmp_path / "wuda.backup")))
    store = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    assert [(row.action, row.actor, row.subject) for row in store.audit.since(0)] == [
        ("backup", "local", "wuda.backup"),
        ("restore", "local", "wuda.backup"),
    ]
    assert store.audit.verify() == []
    store.close()


def test_the_age_of_passwords_is_shown_and_changed(url: str) -> None:
    assert told(run(url, "user", "rules")) == "A password holds 90 days\n"
    assert told(run(url, "user", "rules", "--password-days", "30")) == "A password holds 30 days\n"
    assert told(run(url, "user", "rules")) == "A password holds 30 days\n"
