"""The columns follow the store: a new incident is counted at once, by every worker, and a lost copy is made again."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from gis.incidents import IncidentFilter
from webmap.config import Config
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, Viewer, init_store, open_store
from webmap.store.models import LOCATED

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EVERYTHING = IncidentFilter()


def incidents(ids: list[str], **values: object) -> pd.DataFrame:
    frame = pd.DataFrame({"id": ids, "lon": 106.7, "lat": 39.5, "category": "0101", "scheme": "wangge"})
    frame["occurred_at"] = pd.Timestamp("2026-11-01T10:00:00Z")
    for name in LOCATED:
        frame[name] = ""
    return frame.assign(**{"street": "150304001000", "district": "150304000000"} | values)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'wuda.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = init_store(url, {"zone": "Asia/Shanghai"})
    store.incidents.upsert(incidents([f"i{n}" for n in range(20)]), viewer=LOCAL_OPERATOR, now=NOW)
    yield store
    store.close()


def worker(url: str) -> Services:
    return Services(open_store(url), Config(db=url), clock=lambda: NOW)


def total(services: Services, viewer: Viewer = LOCAL_OPERATOR) -> int:
    return services.tally(viewer, EVERYTHING).total


def test_new_changed_and_moved_incidents_are_counted_by_every_worker(store: Store, url: str) -> None:
    first, second = worker(url), worker(url)
    assert (total(first), total(second)) == (20, 20)
    store.incidents.upsert(incidents(["new"], category="0909"), viewer=LOCAL_OPERATOR, now=NOW)
    assert (total(first), total(second)) == (21, 21)
    store.incidents.upsert(incidents(["i3"], category="0909"), viewer=LOCAL_OPERATOR, now=NOW)
    for each in (first, second):
        assert each.counts_by(LOCAL_OPERATOR, EVERYTHING, "category") == {"0101": 19, "0909": 2}
    located = incidents(["i4"])[["id", *LOCATED]].assign(street="150304002000")
    store.incidents.set_located(located, viewer=LOCAL_OPERATOR, now=NOW)
    limited = Viewer("b", "viewer", ("150304002000",))
    assert (total(first, limited), total(second, limited)) == (1, 1)


def test_removed_incidents_are_gone(store: Store, url: str) -> None:
    services = worker(url)
    assert total(services) == 20
    store.incidents.remove(["i1", "i2"], viewer=LOCAL_OPERATOR, now=NOW)
    assert total(services) == 18


def test_one_changed_row_rewrites_its_month_alone(store: Store, url: str, tmp_path: Path) -> None:
    older = incidents(["old"]).assign(occurred_at=pd.Timestamp("2025-01-05", tz="UTC"))
    store.incidents.upsert(older, viewer=LOCAL_OPERATOR, now=NOW)
    services = worker(url)
    assert total(services) == 21
    before = {path.name for path in (tmp_path / "wuda.columns").glob("202501*.seg")}
    store.incidents.upsert(incidents(["new"]), viewer=LOCAL_OPERATOR, now=NOW)
    assert total(services) == 22
    assert {path.name for path in (tmp_path / "wuda.columns").glob("202501*.seg")} == before


def test_a_damaged_or_lost_copy_is_made_again(store: Store, url: str, tmp_path: Path) -> None:
    assert total(worker(url)) == 20
    segment = next((tmp_path / "wuda.columns").glob("*.seg"))
    segment.write_bytes(segment.read_bytes()[:100])
    assert total(worker(url)) == 20
    shutil.rmtree(tmp_path / "wuda.columns")
    assert total(worker(url)) == 20


def test_the_columns_of_another_store_are_never_taken_for_ours(store: Store, url: str, tmp_path: Path) -> None:
    assert total(worker(url)) == 20
    store.close()
    for path in tmp_path.glob("wuda.db*"):
        path.unlink()
    other = init_store(url, {"zone": "Asia/Shanghai"})
    other.incidents.upsert(incidents(["a", "b"]), viewer=LOCAL_OPERATOR, now=NOW)
    assert total(worker(url)) == 2
    other.close()


def test_another_zone_moves_hours_and_months(store: Store, url: str) -> None:
    services = worker(url)
    evening = IncidentFilter(hours=(18,))
    assert services.tally(LOCAL_OPERATOR, evening).total == 20
    store.save_settings({"zone": "UTC"}, now=NOW)
    assert services.tally(LOCAL_OPERATOR, evening).total == 0
    assert services.tally(LOCAL_OPERATOR, IncidentFilter(hours=(10,))).total == 20
