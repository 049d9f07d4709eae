"""A backup brings everything back, into either kind of store, and a damaged one is refused before it can harm."""

import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from gis.errors import FileFormatError, StoreError
from tests.postgres_cluster import PostgresCluster
from tests.webmap.store.conftest import BOTH, GRIDS, NOW, SETTINGS, located_reports
from tests.webmap.store.test_records import PLAN, REPORT, event_in
from webmap.store import LOCAL_OPERATOR, Store, Upserted, init_store, open_store, restore_store


@pytest.fixture
def full(wuda: Store) -> Store:
    """A store with something in every table."""
    line = gpd.GeoDataFrame({"id": ["s"], "oneway": [True]}, geometry=[shapely.LineString([(1, 2), (3, 4)])], crs=4326)
    wuda.layer("streets").upsert(line, viewer=LOCAL_OPERATOR, now=NOW)
    house = gpd.GeoDataFrame({"id": ["h"], "height_m": [9.5]}, geometry=[shapely.box(1, 2, 3, 4)], crs=4326)
    wuda.layer("buildings").upsert(house, viewer=LOCAL_OPERATOR, now=NOW)
    point = pd.DataFrame({"id": ["p"], "lon": [106.7], "lat": [39.4], "name_zh": ["学校"], "kind": ["school"]})
    wuda.layer("places").upsert(point, viewer=LOCAL_OPERATOR, now=NOW)
    wuda.layer("cameras").upsert(point[["id", "lon", "lat"]], viewer=LOCAL_OPERATOR, now=NOW)
    wuda.events.create(event_in(GRIDS[0]), viewer=LOCAL_OPERATOR, now=NOW)
    wuda.plans.save(PLAN, viewer=LOCAL_OPERATOR, now=NOW)
    wuda.imports.add(REPORT, viewer=LOCAL_OPERATOR, now=NOW)
    wuda.attachments.add("a1", "现场.jpg", b"photo", viewer=LOCAL_OPERATOR, now=NOW, event="e1")
    return wuda


@pytest.fixture(params=BOTH)
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a second store may be made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    url = cluster.new_database()
    yield url
    cluster.drop(url)


def told(store: Store) -> list[object]:
    """Everything a store says, comparable."""
    return [
        store.settings,
        store.areas.read(LOCAL_OPERATOR).to_csv(),
        *(store.layer(name).read(LOCAL_OPERATOR).to_csv() for name in ("incidents", "cameras", "places", "streets")),
        store.layer("buildings").read(LOCAL_OPERATOR, bbox=(0, 0, 9, 9)).to_csv(),
        store.events.list(LOCAL_OPERATOR),
        store.plans.list(LOCAL_OPERATOR),
        store.imports.list(LOCAL_OPERATOR),
        store.attachments.list(LOCAL_OPERATOR),
        store.changes.since(0),
    ]


def test_a_restored_store_says_what_the_old_one_said(full: Store, other_url: str, tmp_path: Path) -> None:
    manifest = full.backup(tmp_path / "wuda.backup", now=NOW)
    assert manifest["counts"]["incidents"] == 9
    assert manifest["missing_attachments"] == []
    other = init_store(other_url, {}, attachments=tmp_path / "other")
    other.restore(tmp_path / "wuda.backup")
    assert told(other) == told(full)
    assert other.attachments.read("a1", LOCAL_OPERATOR)[1] == b"photo"
    assert other.verify(archive=tmp_path / "wuda.backup") == []
    assert other.generation == full.generation + 1
    other.close()


def test_a_restored_store_goes_on_from_where_it_was(
    full: Store, other_url: str, tmp_path: Path, reports: pd.DataFrame
) -> None:
    """Row numbers and the change sequence continue."""
    full.backup(tmp_path / "wuda.backup")
    other = init_store(other_url, {}, attachments=tmp_path / "other")
    other.restore(tmp_path / "wuda.backup")
    more = pd.concat([reports, located_reports(12).iloc[9:]])
    assert other.incidents.upsert(more, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(3, 0, 9)
    assert other.change_seq() == full.change_seq() + 1
    other.close()


def test_a_store_with_rows_is_not_overwritten(full: Store, tmp_path: Path) -> None:
    full.backup(tmp_path / "wuda.backup")
    before = told(full)
    with pytest.raises(StoreError, match="holds rows"):
        full.restore(tmp_path / "wuda.backup")
    assert told(full) == before


@pytest.fixture
def archive(full: Store, tmp_path: Path) -> Path:
    path = tmp_path / "wuda.backup"
    full.backup(path)
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store to restore into."""
    store = init_store(f"sqlite:///{tmp_path / 'empty.db'}", SETTINGS)
    yield store
    store.close()


@pytest.mark.parametrize("place", [0.02, 0.2, 0.5, 0.8, 0.99])
def test_a_flipped_byte_anywhere_is_noticed(archive: Path, empty: Store, place: float) -> None:
    content = bytearray(archive.read_bytes())
    content[int(len(content) * place)] ^= 0x40
    archive.write_bytes(content)
    try:
        empty.restore(archive)
    except FileFormatError:
        assert empty.incidents.count(LOCAL_OPERATOR) == 0
        assert empty.settings == SETTINGS
    else:
        # The byte belonged to the zip's own padding or dates: then everything must be there.
        assert empty.verify(archive=archive) == []


@pytest.mark.parametrize("kept", [0, 10, 1000, -1])
def test_a_cut_archive_is_refused(archive: Path, empty: Store, kept: int) -> None:
    archive.write_bytes(archive.read_bytes()[:kept])
    with pytest.raises(FileFormatError, match="damaged"):
        empty.restore(archive)


def altered(archive: Path, change: object) -> None:
    """Rewrite the archive with another manifest or other members."""
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(manifest, members)  # type: ignore[operator]
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(archive, "w") as sink:
        for name, content in members.items():
            sink.writestr(name, content)


def test_a_member_that_the_manifest_does_not_name_is_refused(archive: Path, empty: Store) -> None:
    altered(archive, lambda manifest, members: members.update({"../../evil": b"x"}))
    with pytest.raises(FileFormatError):
        empty.restore(archive)


def test_a_member_outside_the_folder_is_refused_even_if_named(archive: Path, empty: Store) -> None:
    def reach_out(manifest: dict[str, dict[str, object]], members: dict[str, bytes]) -> None:
        manifest["members"]["../evil"] = {"sha256": "0", "size": 1}
        members["../evil"] = b"x"

    altered(archive, reach_out)
    with pytest.raises(FileFormatError):
        empty.restore(archive)
    assert not (archive.parent.parent / "evil").exists()


def test_a_table_that_another_one_stands_for_is_refused(archive: Path, empty: Store) -> None:
    altered(
        archive, lambda manifest, members: members.update({"tables/plans.parquet": members["tables/events.parquet"]})
    )
    with pytest.raises(FileFormatError):
        empty.restore(archive)


def test_an_archive_of_a_later_version_is_refused(archive: Path, empty: Store) -> None:
    altered(archive, lambda manifest, members: manifest.update({"revision": "9999"}))
    with pytest.raises(StoreError, match="upgrade the program"):
        empty.restore(archive)
    assert empty.settings == SETTINGS


def test_a_failed_restore_leaves_the_empty_store_as_it_was(archive: Path, empty: Store) -> None:
    altered(archive, lambda manifest, members: manifest["counts"].update({"plans": 7}))
    with pytest.raises(FileFormatError):
        empty.restore(archive)
    assert empty.settings == SETTINGS
    assert empty.incidents.upsert(located_reports(3), viewer=LOCAL_OPERATOR, now=NOW).inserted == 3


def test_a_lost_attachment_is_named_and_does_not_stop_the_backup(full: Store, tmp_path: Path) -> None:
    for path in full.attachments.folder.iterdir():
        path.unlink()
    assert full.backup(tmp_path / "wuda.backup")["missing_attachments"] == ["现场.jpg"]
    assert [finding.kind for finding in full.verify()] == ["attachment"]


def test_a_backup_of_one_moment_does_not_wait_for_a_writer(full: Store, tmp_path: Path) -> None:
    with full._database.writing() as connection:
        connection.execute(text("DELETE FROM plans"))
        assert full.backup(tmp_path / "wuda.backup")["counts"]["plans"] == 1


def test_a_snapshot_is_one_closed_file_that_any_program_may_open(full: Store, tmp_path: Path) -> None:
    full.snapshot(tmp_path / "copy.db")
    with pytest.raises(StoreError, match="file at"):
        full.snapshot(tmp_path / "copy.db")
    copy = sqlite3.connect(f"file:{tmp_path / 'copy.db'}?immutable=1", uri=True)
    assert copy.execute("SELECT count(*) FROM incidents").fetchone() == (9,)
    copy.close()
    again = open_store(f"sqlite:///{tmp_path / 'copy.db'}", attachments=full.attachments.folder)
    assert told(again) == told(full)
    again.close()


def test_a_sound_store_has_no_findings(full: Store, archive: Path) -> None:
    # The place and the camera lie in no area, which is no fault.
    assert full.verify() == []
    assert full.verify(archive=archive) == []


@pytest.mark.parametrize(
    ("harm", "kind", "table"),
    [
        ("UPDATE incidents SET grid = '150304009008777' WHERE id = 'r000000'", "unknown_code", "incidents"),
        ("UPDATE streets SET max_lon = 9", "geometry", "streets"),
        (
            "UPDATE buildings SET geometry = (SELECT geometry FROM areas WHERE level = 'district')",
            "geometry",
            "buildings",
        ),
        ("UPDATE areas SET parent = '999' WHERE code = '150304009008'", "parent", "areas"),
        ("DELETE FROM changes WHERE seq = 2", "sequence", "changes"),
        ("UPDATE attachments SET sha256 = '00'", "attachment", "attachments"),
        ("DELETE FROM places", "count", "places"),
    ],
)
def test_every_kind_of_fault_is_found(full: Store, archive: Path, harm: str, kind: str, table: str) -> None:
    with full._database.writing() as connection:
        connection.execute(text(harm))
    found = [finding for finding in full.verify(archive=archive) if (finding.kind, finding.table) == (kind, table)]
    assert len(found) == 1
    assert found[0].count == 1
    assert found[0].zh
    assert found[0].en


def test_unreadable_geometry_is_found(full: Store) -> None:
    with full._database.writing() as connection:
        connection.execute(text("UPDATE streets SET geometry = :junk"), {"junk": b"\x01\x02"})
    assert [finding.kind for finding in full.verify()] == ["geometry"]


def test_a_spatial_index_out_of_step_is_found(archive: Path, empty: Store, tmp_path: Path) -> None:
    empty.restore(archive)
    with empty._database.writing() as connection:
        connection.execute(text("DELETE FROM streets_box"))
    assert "index" in [finding.kind for finding in empty.verify()]


def test_a_damaged_file_is_found_and_every_query_says_so_plainly(archive: Path, empty: Store, tmp_path: Path) -> None:
    empty.restore(archive)
    empty.incidents.upsert(located_reports(20_000), viewer=LOCAL_OPERATOR, now=NOW)
    empty.close()
    path = tmp_path / "empty.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    damaged = open_store(f"sqlite:///{path}")
    assert "damaged" in [finding.kind for finding in damaged.verify()]
    with pytest.raises(StoreError, match="damaged"):
        damaged.incidents.read(LOCAL_OPERATOR)
    damaged.close()


def test_a_manifest_of_no_backup_is_a_finding(full: Store, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no zip")
    assert [finding.kind for finding in full.verify(archive=tmp_path / "x")] == ["archive"]


def test_a_store_is_made_from_a_backup_or_not_at_all(archive: Path, full: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'made.db'}"
    restore_store(url, archive)
    made = open_store(url)
    assert told(made) == told(full)
    made.close()
    (tmp_path / "x").write_bytes(b"no zip")
    with pytest.raises(FileFormatError):
        restore_store(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "x")
    assert not (tmp_path / "none.db").exists()


def test_a_snapshot_holds_no_account_and_no_log_not_even_in_unused_pages(full: Store, tmp_path: Path) -> None:
    full.users.add("geheimname", password="Regen.bogen7", viewer=LOCAL_OPERATOR, now=NOW)
    token = full.sessions.sign_in("geheimname", "Regen.bogen7", now=NOW)
    full.snapshot(tmp_path / "copy.db")
    content = (tmp_path / "copy.db").read_bytes()
    assert not [word for word in (b"geheimname", b"$argon2id$", b"user.add") if word in content]
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}", attachments=full.attachments.folder)
    assert copy.users.list() == []
    assert copy.audit.verify() == []
    assert copy.sessions.who(token, now=NOW) is None
    assert full.sessions.who(token, now=NOW)
    assert full.verify() == []
    copy.close()
