"""The sample with some weeks of a desk in it."""

from collections.abc import Iterator

import pytest

from tests.webmap.cases.lives import with_cases
from tests.webmap.conftest import NOON
from webmap.config import Config
from webmap.services import Services
from webmap.store import open_store


@pytest.fixture(scope="session")
def desk_db(sample_db: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a copy of the sample with accounts, units, rules and forty cases."""
    return with_cases(sample_db, tmp_path_factory.mktemp("desk") / "wuda.db", NOON)


@pytest.fixture(scope="session")
def desk(desk_db: str) -> Iterator[Services]:
    """Services over it."""
    store = open_store(desk_db)
    yield Services(store, Config(db=desk_db), clock=lambda: NOON)
    store.close()
