"""The shipped sample in a real store, imported once by the real importer, and the application over it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.shared_store import made_once
from webmap import create_app
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.console import Console
from webmap.demo import prepare_demo
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, open_store

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Noon in Wuda: the moment at which these tests take place."""

SUPERVISOR, PASSWORD = "zhangwei", "Wuda-2026-grid"


@pytest.fixture(scope="session")
def sample_db(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a store that holds the whole sample district and tonight's plan."""
    return sample_copy(tmp_path_factory)


def sample_copy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of one more copy of that store, for tests in which nobody else may write."""

    def make(path: Path) -> None:
        url = f"sqlite:///{path}"
        store = open_store(url, create=True)
        prepare_demo(Services(store, Config(db=url), clock=lambda: NOON), Console(db=url, as_json=False, lang="en"))
        add_supervisor(store)
        store.close()

    return f"sqlite:///{made_once(tmp_path_factory, 'sample', make)}"


def add_supervisor(store: Store) -> None:
    """An account that sees and exports the whole district."""
    grants = [Grant("supervisor")]
    store.users.add(SUPERVISOR, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=grants)


def signed_in(services: Services, name: str = SUPERVISOR) -> FlaskClient:
    """A client with an open session."""
    client = create_app(services).test_client()
    token = services.store.sessions.sign_in(name, PASSWORD, now=services.clock())
    client.set_cookie(COOKIE, token)
    return client


@pytest.fixture(scope="session")
def services(sample_db: str) -> Iterator[Services]:
    """Services over the sample."""
    store = open_store(sample_db)
    yield Services(store, Config(db=sample_db), clock=lambda: NOON)
    store.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """A client of the application, signed in as a supervisor of the whole district."""
    return signed_in(services)


@pytest.fixture
def empty_client(tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of an application whose store holds nothing yet."""
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}", create=True)
    add_supervisor(store)
    yield signed_in(Services(store, Config(), clock=lambda: NOON))
    store.close()
