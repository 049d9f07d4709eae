"""The shipped sample in a real store, imported once by the real importer, and the application over it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from webmap import create_app
from webmap.config import Config
from webmap.console import Console
from webmap.demo import prepare_demo
from webmap.services import Services
from webmap.store import open_store

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Noon in Wuda: the moment at which these tests take place."""


@pytest.fixture(scope="session")
def sample_db(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a store that holds the whole sample district and tonight's plan."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'wuda.db'}"
    store = open_store(url, create=True)
    prepare_demo(Services(store, Config(db=url), clock=lambda: NOON), Console(db=url, as_json=False, lang="en"))
    store.close()
    return url


@pytest.fixture(scope="session")
def services(sample_db: str) -> Iterator[Services]:
    """Services over the sample."""
    store = open_store(sample_db)
    yield Services(store, Config(db=sample_db), clock=lambda: NOON)
    store.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """A client of the application."""
    return create_app(services).test_client()


@pytest.fixture
def empty_client(tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of an application whose store holds nothing yet."""
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}", create=True)
    yield create_app(Services(store, Config(), clock=lambda: NOON)).test_client()
    store.close()
