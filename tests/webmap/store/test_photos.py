"""A photo is seen by whom its event concerns, and is gone on its day, file and all."""

import hashlib
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from gis.errors import NotFoundError, StoreError
from tests.webmap.store.case_life import ANALYST, CLOCKWORK, DESK_A, DESK_B, WORKER, report, with_units
from tests.webmap.store.conftest import GRIDS, NOW
from webmap.store import LOCAL_OPERATOR, Store
from webmap.store.photos import MOST, Photo

BYTES = b"\xff\xd8 a photo"
GOES = NOW + timedelta(days=180)


@pytest.fixture
def town(wuda: Store) -> Store:
    """A case in street A."""
    store = with_units(wuda)
    store.cases.create(report(), receipt="r1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)
    return store


def photo(name: str = "p1", content: bytes = BYTES) -> Photo:
    return Photo(name, "e1", "", 40, 30, 1, hashlib.sha256(content).hexdigest(), NOW, GOES)


def files(store: Store) -> list[str]:
    return sorted(path.name for path in store.attachments.folder.iterdir())


def test_those_see_it_whom_the_event_concerns(town: Store) -> None:
    kept = town.photos.add(photo(), BYTES, viewer=WORKER, now=NOW)
    assert kept.area == GRIDS[0]
    assert town.photos.add(photo(), BYTES, viewer=WORKER, now=NOW) == kept
    for viewer in (WORKER, DESK_A):
        assert town.photos.read("e1", "p1", viewer) == (kept, BYTES)
        assert town.photos.of_event("e1", viewer) == [kept]
    for viewer in (DESK_B, ANALYST):
        with pytest.raises(NotFoundError):
            town.photos.read("e1", "p1", viewer)
        with pytest.raises(NotFoundError):
            town.photos.add(photo("p2"), BYTES, viewer=viewer, now=NOW)
    for event, name in (("e1", "none"), ("e1", "p1\x00"), ("e1\x00", "p1"), ("none", "p1")):
        with pytest.raises(NotFoundError):
            town.photos.read(event, name, DESK_A)
    assert [row.action for row in town.audit.since(0) if row.action.startswith("photos")] == ["photos.add"]
    assert town.verify() == []


def test_an_id_is_for_one_photo_and_an_event_has_so_many(town: Store) -> None:
    town.photos.add(photo(), BYTES, viewer=WORKER, now=NOW)
    with pytest.raises(StoreError, match="taken"):
        town.photos.add(photo(content=b"other"), b"other", viewer=WORKER, now=NOW)
    town.attachments.add("a1", "a.txt", b"text", viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(StoreError, match="taken"):
        town.photos.add(photo("a1"), BYTES, viewer=WORKER, now=NOW)
    for number in range(2, MOST + 1):
        town.photos.add(photo(f"p{number}"), BYTES, viewer=WORKER, now=NOW)
    with pytest.raises(StoreError, match="at most"):
        town.photos.add(photo("more"), BYTES, viewer=WORKER, now=NOW)


def test_on_its_day_the_file_is_gone_and_the_row_says_so(town: Store) -> None:
    town.photos.add(photo(), BYTES, viewer=WORKER, now=NOW)
    town.photos.add(replace(photo("p2"), delete_on=GOES + timedelta(days=1)), BYTES, viewer=WORKER, now=NOW)
    assert town.photos.retire(now=GOES - timedelta(seconds=1)) == 0
    assert town.photos.retire(now=GOES) == 1
    assert files(town) == [hashlib.sha256(BYTES).hexdigest()], "another photo holds the same bytes"
    assert town.photos.retire(now=GOES + timedelta(days=1)) == 1
    assert files(town) == []
    with pytest.raises(NotFoundError):
        town.photos.read("e1", "p1", DESK_A)
    assert [each.deleted_at for each in town.photos.of_event("e1", DESK_A)] == [GOES, GOES + timedelta(days=1)]
    with pytest.raises(StoreError, match="taken"):
        town.photos.add(photo(), BYTES, viewer=WORKER, now=GOES)
    assert town.photos.retire(now=GOES + timedelta(days=9)) == 0
    assert [row.subject for row in town.audit.since(0) if row.action == "photos.delete"] == ["p1", "p2"]
    assert town.verify() == []


def test_a_file_that_no_row_holds_goes_after_a_day(town: Store) -> None:
    town.photos.add(photo(), BYTES, viewer=WORKER, now=NOW)
    for content, days in ((b"left by a kill", 2), (b"on its way", 0)):
        town.attachments.keep(content)
        written = (NOW - timedelta(days=days)).timestamp()
        os.utime(town.attachments.folder / hashlib.sha256(content).hexdigest(), (written, written))
    town.photos.retire(now=NOW)
    assert files(town) == sorted(hashlib.sha256(each).hexdigest() for each in (BYTES, b"on its way"))
