"""A case with a whole life and two photos, one of them deleted, in a store of its own."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pytest

from gis.dispatch import Detail
from tests.webmap.photos.pictures import as_bytes, gradient
from tests.webmap.store.case_life import CHECKER, CLOCKWORK, DESK_A, WATER, WORKER, later, report, with_units
from tests.webmap.store.conftest import NOW, SETTINGS
from tests.webmap.store.conftest import two_streets as two_streets
from webmap.casefile.contents import CaseContents, gather
from webmap.config import Config
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, init_store
from webmap.store.case_scope import CASE_OPERATOR, CaseViewer
from webmap.store.photos import Photo

TEXT = "路灯不亮,<b>快修</b> & =1+1 😀"


class Clock:
    """A moment that the test moves."""

    now = NOW + timedelta(days=2)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def services(tmp_path: Path, two_streets: gpd.GeoDataFrame) -> Iterator[Services]:
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    store = with_units(init_store(url, SETTINGS))
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    event = report(body={"text": TEXT, "address": "建设路", "attributes": {}})
    store.cases.create(event, receipt="r1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)
    for hours, name, viewer, detail in (
        (1, "accept", DESK_A, None),
        (2, "dispatch", DESK_A, Detail(unit="water")),
        (3, "acknowledge", WATER, None),
        (4, "submit_result", WATER, Detail(reason="=已修复")),
        (5, "ask_check", DESK_A, None),
        (6, "check_pass", CHECKER, None),
    ):
        move(store, name, viewer, detail, hours)
    add_photo(store, "p" * 16, NOW + timedelta(days=90))
    add_photo(store, "q" * 16, NOW + timedelta(days=1))
    store.photos.retire(now=NOW + timedelta(days=1))
    yield Services(store, Config(db=url), clock=Clock())
    store.close()


def move(store: Store, name: str, viewer: CaseViewer, detail: Detail | None, hours: float) -> None:
    store.cases.move("e1", name, viewer=viewer, now=later(hours), version=None, detail=detail, clockwork=CLOCKWORK)


def add_photo(store: Store, photo_id: str, goes: datetime) -> None:
    jpeg = as_bytes(gradient())
    photo = Photo(photo_id, "e1", "", 64, 48, 0, hashlib.sha256(jpeg).hexdigest(), NOW, goes)
    store.photos.add(photo, jpeg, viewer=WORKER, now=NOW)


@pytest.fixture
def contents(services: Services) -> CaseContents:
    return gather(services, "e1", viewer=CASE_OPERATOR)
