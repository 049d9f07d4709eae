"""What a server does by itself: messages go out, a checkpoint is signed every hour, what is over is deleted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gis.errors import ConfigError
from tests.webmap.notify.receiving import Hook, web_server
from tests.webmap.notify.test_receivers import SECRET
from tests.webmap.store.conftest import NOW, SETTINGS
from tests.webmap.store.test_plan_life import published, said, states
from webmap import chores
from webmap.config import Config
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, init_store
from webmap.store.audit import AuditEntry
from webmap.store.checkpoints import make_key
from webmap.store.notifications import note_notifications
from webmap.store.outbox import note_outbox


class Clock:
    """A moment that the test moves."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    make_key(tmp_path / "key.pem")
    config = Config(db=url, checkpoints=str(tmp_path / "elsewhere"), checkpoint_key=str(tmp_path / "key.pem"))
    store = init_store(url, SETTINGS)
    yield Services(store, config, clock=Clock())
    store.close()


def test_a_checkpoint_is_signed_every_hour_while_something_happens(services: Services) -> None:
    signed = []
    for minutes in (0, 30, 59, 60, 61, 121):
        services.clock.now = NOW + timedelta(minutes=minutes)  # type: ignore[attr-defined]
        services.store.audit.note_now(AuditEntry("export", "li", NOW))
        signed += [minutes] if chores.sign_if_due(services) else []
    assert signed == [0, 60, 121]


def test_what_is_over_is_deleted(services: Services) -> None:
    with services.store._database.writing() as connection:
        for ref in ("e1", "e2"):
            note_outbox(connection, "event.dispatch", ref=ref, now=NOW)
        note_notifications(connection, ["li"], "event.overdue", zh="超时", en="overdue", now=NOW)
    assert chores.clean(services, ())["messages"] == 0
    services.clock.now = NOW + timedelta(days=31)  # type: ignore[attr-defined]
    cleaned = chores.clean(services, ())
    assert (cleaned["messages"], cleaned["notifications"]) == (1, 1)


def test_check_ins_are_summed_up_and_deleted_although_no_new_ones_come(services: Services) -> None:
    plan = published(services.store)
    assert states(services.store, said(plan, 1), viewer=LOCAL_OPERATOR) == ["kept"]
    assert chores.clean(services, ())["checkins"] == 0
    services.clock.now = NOW + timedelta(days=31)  # type: ignore[attr-defined]
    assert chores.clean(services, ())["checkins"] == 1
    assert services.store.checkins.count() == 0


def test_a_server_delivers_by_itself(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "notify.toml"
    with web_server(Hook()) as hook:
        path.write_text(
            f'[[webhook]]\nname = "city"\nurl = "{hook.url}"\nsecrets = ["{SECRET}"]\nallow_private = true\n', "utf-8"
        )
        path.chmod(0o600)
        services.config = replace(services.config, notify=str(path))
        services.store.outbox.enrol(["city"])
        with services.store._database.writing() as connection:
            note_outbox(connection, "event.dispatch", ref="e1", now=NOW)
        work = chores.chores(services)
        names = [name for name, _, _ in work._work]
        assert work._work[0][2]() == 1
    assert names == ["outbox", "checkpoints", "clocks", "clean"]
    assert len(hook.got) == 1


def test_a_server_does_not_start_with_receivers_or_a_key_that_cannot_be_used(
    services: Services, tmp_path: Path
) -> None:
    services.config = replace(services.config, notify=str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="Cannot read"):
        chores.chores(services)
    services.config = replace(services.config, notify="", checkpoint_key=str(tmp_path / "none.pem"))
    with pytest.raises(ConfigError, match="private key"):
        chores.chores(services)
