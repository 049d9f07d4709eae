"""A server over the sample with the cases of a desk, and accounts of several roles to open its pages with."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.browser.conftest import Watched, open_session, serve
from tests.webmap.cases.lives import fill
from webmap.services import utc_now
from webmap.store import LOCAL_OPERATOR, open_store


@pytest.fixture(scope="module")
def desk_store(demo_db: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a copy of the sample with cases up to now."""
    file = Path(tmp_path_factory.mktemp("desk")) / "desk.db"
    with closing(sqlite3.connect(demo_db.removeprefix("sqlite:///"))) as sample, closing(sqlite3.connect(file)) as copy:
        sample.backup(copy)
    url = f"sqlite:///{file}"
    store, now = open_store(url), utc_now()
    fill(store, store.areas.read(LOCAL_OPERATOR, on=now.date()), now)
    store.close()
    return url


@pytest.fixture(scope="module")
def desk_base(desk_store: str) -> Iterator[str]:
    """Address of a server over it."""
    yield from serve(desk_store)


@pytest.fixture
def at_desk(desk_store: str, desk_base: str, open_page: Callable[..., Watched]) -> Callable[..., Watched]:
    """Open a watched page as one of the accounts."""

    def start(name: str = "desk-all", width: int = 1440, height: int = 900) -> Watched:
        return open_page(width, height, at=desk_base, token=open_session(desk_store, name))

    return start
