"""Events, plans, import reports, attachments and changes: ids from the client, an injected now, scope on each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gis.errors import ConfigError, InputError, NotFoundError, ScopeError, StoreError
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, SETTINGS, STREET_A, STREET_B, SUPERVISOR_A
from webmap.store import LOCAL_OPERATOR, Store, Viewer, init_store
from webmap.store.events import Event

LATER = NOW + timedelta(minutes=5)


def event_in(grid: str, event_id: str = "e1") -> Event:
    return Event(
        id=event_id,
        scheme="wangge",
        category="0102",
        occurred_at=NOW - timedelta(hours=1),
        source="grid",
        lon=106.705,
        lat=39.405,
        grid=grid,
        community=grid[:12],
        street=grid[:9] + "000" if grid else "",
        district=DISTRICT if grid else "",
        body={"text": "垃圾堆放", "photos": []},
    )


PLAN = {"date": "2026-11-23", "shift": "night", "teams": [{"stops": ["g1", "g2"], "metres": 1830.25}]}


def sound(_document: object) -> list[object]:
    """A check that finds nothing."""
    return []


REPORT = {
    "file": "案件.csv",
    "kind": "incidents",
    "rows_in": 10,
    "rows_ok": 9,
    "rows_rejected": 1,
    "datum": {"datum": "gcj02", "sure": 0.98},
}


def test_an_event_is_kept_with_the_given_moment_and_becomes_no_incident(wuda: Store) -> None:
    before = wuda.incidents.count(LOCAL_OPERATOR)
    kept = wuda.events.create(event_in(GRIDS[0]), viewer=LOCAL_OPERATOR, now=NOW)
    assert kept == replace(event_in(GRIDS[0]), created_at=NOW, updated_at=NOW)
    assert wuda.events.get("e1", LOCAL_OPERATOR) == kept
    assert wuda.incidents.count(LOCAL_OPERATOR) == before


def test_an_event_sent_twice_is_stored_once(wuda: Store) -> None:
    first = wuda.events.create(event_in(GRIDS[0]), viewer=LOCAL_OPERATOR, now=NOW)
    before = wuda.change_seq()
    assert wuda.events.create(event_in(GRIDS[0]), viewer=LOCAL_OPERATOR, now=LATER) == first
    assert wuda.change_seq() == before
    with pytest.raises(StoreError, match="belongs to another"):
        wuda.events.create(replace(event_in(GRIDS[0]), category="0601"), viewer=LOCAL_OPERATOR, now=LATER)


def test_events_of_street_b_are_not_there_for_a_supervisor_of_a(wuda: Store) -> None:
    for number, grid in enumerate((*GRIDS, "")):
        wuda.events.create(event_in(grid, f"e{number}"), viewer=LOCAL_OPERATOR, now=NOW)
    assert [event.id for event in wuda.events.list(SUPERVISOR_A)] == ["e0", "e1"]
    assert [event.id for event in wuda.events.list(LOCAL_OPERATOR, after="e1", limit=2)] == ["e2", "e3"]
    assert wuda.events.list(SUPERVISOR_A, state="closed") == []
    for hidden in ("e2", "e4"):
        with pytest.raises(NotFoundError):
            wuda.events.get(hidden, SUPERVISOR_A)
    with pytest.raises(ScopeError):
        wuda.events.create(event_in(GRIDS[2], "e9"), viewer=SUPERVISOR_A, now=NOW)
    with pytest.raises(ScopeError):
        wuda.events.create(event_in(GRIDS[2], "e2"), viewer=SUPERVISOR_A, now=NOW)


def test_an_event_needs_an_id_and_a_moment_with_a_zone(wuda: Store) -> None:
    with pytest.raises(InputError, match="no id"):
        wuda.events.create(replace(event_in(GRIDS[0]), id=""), viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(InputError, match="time zone"):
        wuda.events.create(event_in(GRIDS[0]), viewer=LOCAL_OPERATOR, now=datetime(2026, 11, 23))


def test_an_event_that_names_an_incident_needs_it_to_be_there(wuda: Store) -> None:
    with pytest.raises(StoreError, match="refused a row"):
        wuda.events.create(replace(event_in(GRIDS[0]), incident="nobody"), viewer=LOCAL_OPERATOR, now=NOW)
    kept = wuda.events.create(replace(event_in(GRIDS[0]), incident="r000000"), viewer=LOCAL_OPERATOR, now=NOW)
    assert kept.incident == "r000000"


def test_a_plan_is_kept_as_it_was_handed_over(wuda: Store) -> None:
    plan_id = wuda.plans.save(PLAN, viewer=LOCAL_OPERATOR, now=NOW)
    plan = wuda.plans.get(plan_id, LOCAL_OPERATOR)
    assert plan.document == PLAN
    assert (plan.day, plan.shift, plan.version, plan.status) == ("2026-11-23", "night", 1, "draft")
    assert (plan.saved_at, plan.saved_by) == (NOW, "local")


def test_the_same_plan_again_is_kept_once_and_a_better_one_is_a_new_version(wuda: Store) -> None:
    first = wuda.plans.save(PLAN, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.plans.save(PLAN, viewer=LOCAL_OPERATOR, now=LATER) == first
    second = wuda.plans.save(PLAN | {"teams": []}, viewer=LOCAL_OPERATOR, now=LATER)
    assert wuda.plans.get(second, LOCAL_OPERATOR).version == 2
    assert [plan.id for plan in wuda.plans.list(LOCAL_OPERATOR)] == [second, first]


def test_a_saved_plan_never_changes_but_its_status_does(wuda: Store) -> None:
    wuda.plans.save(PLAN | {"id": "p1"}, viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(StoreError, match="never changes"):
        wuda.plans.save(PLAN | {"id": "p1", "teams": []}, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.plans.move("p1", "published", viewer=LOCAL_OPERATOR, now=NOW, check=sound).status == "published"
    before = wuda.change_seq()
    wuda.plans.move("p1", "published", viewer=LOCAL_OPERATOR, now=NOW, check=sound)
    assert wuda.change_seq() == before
    with pytest.raises(InputError, match="not 'burnt'"):
        wuda.plans.move("p1", "burnt", viewer=LOCAL_OPERATOR, now=NOW)


def test_the_latest_plan_is_that_of_the_latest_day_saved_last(wuda: Store) -> None:
    assert wuda.plans.latest(LOCAL_OPERATOR) is None
    for number, (day, shift) in enumerate([("2026-11-24", "day"), ("2026-11-23", "night"), ("2026-11-23", "day")]):
        plan = {"id": f"p{number}", "date": day, "shift": shift}
        wuda.plans.save(plan, viewer=LOCAL_OPERATOR, now=NOW + timedelta(minutes=number))
    assert _latest(wuda) == "p0"
    assert _latest(wuda, date="2026-11-23") == "p2"
    assert _latest(wuda, shift="night") == "p1"
    wuda.plans.move("p2", "withdrawn", viewer=LOCAL_OPERATOR, now=LATER)
    assert _latest(wuda, date="2026-11-23") == "p1"


def _latest(store: Store, **asked: str) -> str:
    plan = store.plans.latest(LOCAL_OPERATOR, **asked)  # type: ignore[arg-type]
    assert plan is not None
    return plan.id


def test_plans_of_street_b_and_of_the_whole_district_are_not_there_for_a_supervisor_of_a(wuda: Store) -> None:
    for area in (STREET_A, STREET_B, ""):
        wuda.plans.save(PLAN | {"id": f"p{area}", "area": area}, viewer=LOCAL_OPERATOR, now=NOW)
    assert [plan.area for plan in wuda.plans.list(SUPERVISOR_A)] == [STREET_A]
    with pytest.raises(NotFoundError):
        wuda.plans.get(f"p{STREET_B}", SUPERVISOR_A)
    with pytest.raises(NotFoundError):
        wuda.plans.move("p", "published", viewer=SUPERVISOR_A, now=NOW, check=sound)
    with pytest.raises(ScopeError, match="outside the areas"):
        wuda.plans.save(PLAN, viewer=SUPERVISOR_A, now=NOW)
    assert wuda.plans.save(PLAN | {"id": "own", "area": GRIDS[0]}, viewer=SUPERVISOR_A, now=NOW) == "own"


WRONG = [
    {"date": "23.11.2026"},
    {"shift": 3},
    {"metres": float("nan")},
    {"id": "x" * 201},
    {"status": "burnt"},
    {"status": "published"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_plan_that_makes_no_sense_is_refused(wuda: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        wuda.plans.save(PLAN | wrong, viewer=LOCAL_OPERATOR, now=NOW)


def test_import_reports_are_kept_and_listed_latest_first(wuda: Store) -> None:
    first = wuda.imports.add(REPORT, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.imports.add(REPORT, viewer=LOCAL_OPERATOR, now=NOW) == first
    wuda.imports.add(REPORT | {"kind": "cameras"}, viewer=LOCAL_OPERATOR, now=LATER)
    assert [record.kind for record in wuda.imports.list(LOCAL_OPERATOR)] == ["cameras", "incidents"]
    record = wuda.imports.list(LOCAL_OPERATOR, kind="incidents")[0]
    assert (record.rows_in, record.rows_rejected, record.datum, record.report) == (10, 1, "gcj02", REPORT)


def test_imports_of_others_are_not_there_for_a_supervisor_of_a(wuda: Store) -> None:
    wuda.imports.add(REPORT | {"id": "all"}, viewer=LOCAL_OPERATOR, now=NOW)
    wuda.imports.add(REPORT | {"id": "b"}, viewer=Viewer("wang", "supervisor", (STREET_B,)), now=NOW)
    wuda.imports.add(REPORT | {"id": "a"}, viewer=SUPERVISOR_A, now=NOW)
    assert [record.id for record in wuda.imports.list(SUPERVISOR_A)] == ["a"]
    with pytest.raises(StoreError, match="taken"):
        wuda.imports.add(REPORT | {"id": "a", "rows_in": 11}, viewer=SUPERVISOR_A, now=NOW)


def test_an_attachment_comes_back_byte_for_byte(wuda: Store) -> None:
    kept = wuda.attachments.add("a1", "现场.jpg", b"\xff\xd8photo", viewer=LOCAL_OPERATOR, now=NOW)
    again = wuda.attachments.add("a1", "现场.jpg", b"\xff\xd8photo", viewer=LOCAL_OPERATOR, now=LATER)
    assert again == kept
    assert wuda.attachments.read("a1", LOCAL_OPERATOR) == (kept, b"\xff\xd8photo")
    with pytest.raises(StoreError, match="taken"):
        wuda.attachments.add("a1", "现场.jpg", b"other", viewer=LOCAL_OPERATOR, now=LATER)


def test_an_attachment_is_seen_by_whoever_sees_its_event(wuda: Store) -> None:
    for number in (0, 2):
        wuda.events.create(event_in(GRIDS[number], f"e{number}"), viewer=LOCAL_OPERATOR, now=NOW)
        wuda.attachments.add(f"a{number}", "x.jpg", b"%d" % number, viewer=LOCAL_OPERATOR, now=NOW, event=f"e{number}")
    assert [each.id for each in wuda.attachments.list(SUPERVISOR_A)] == ["a0"]
    assert [each.id for each in wuda.attachments.list(LOCAL_OPERATOR, event="e2")] == ["a2"]
    with pytest.raises(NotFoundError):
        wuda.attachments.read("a2", SUPERVISOR_A)
    for event in ("e2", "nobody"):
        with pytest.raises(NotFoundError):
            wuda.attachments.add("a9", "x.jpg", b"9", viewer=SUPERVISOR_A, now=NOW, event=event)
    with pytest.raises(NotFoundError):
        wuda.attachments.add("a9", "x.jpg", b"9", viewer=SUPERVISOR_A, now=NOW, event="e2", area=STREET_A)
    with pytest.raises(ScopeError):
        wuda.attachments.add("a9", "x.jpg", b"9", viewer=SUPERVISOR_A, now=NOW, area=STREET_B)


def test_a_damaged_or_lost_attachment_is_never_served(wuda: Store) -> None:
    kept = wuda.attachments.add("a1", "x.jpg", b"photo", viewer=LOCAL_OPERATOR, now=NOW)
    path = wuda.attachments.folder / kept.sha256
    path.write_bytes(b"phot0")
    with pytest.raises(StoreError, match="missing or damaged"):
        wuda.attachments.read("a1", LOCAL_OPERATOR)
    path.unlink()
    with pytest.raises(StoreError, match="missing or damaged"):
        wuda.attachments.read("a1", LOCAL_OPERATOR)
    wuda.attachments.add("a1", "x.jpg", b"photo", viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.attachments.read("a1", LOCAL_OPERATOR)[1] == b"photo"


@pytest.mark.parametrize("name", ["../x.jpg", "a/b", "", "c:\\x"])
def test_a_name_with_a_path_in_it_is_refused(wuda: Store, name: str) -> None:
    with pytest.raises(InputError):
        wuda.attachments.add("a1", name, b"", viewer=LOCAL_OPERATOR, now=NOW)


def test_a_postgres_store_without_a_folder_says_so(url: str) -> None:
    store = init_store(url, {})
    if url.startswith("sqlite"):
        assert store.attachments.folder == Path(url.removeprefix("sqlite:///")).with_suffix(".attachments")
    else:
        with pytest.raises(ConfigError, match="attachments="):
            _ = store.attachments.folder
    store.close()


def test_changes_rise_by_one_with_each_write_that_changed_something(wuda: Store) -> None:
    assert [(c.seq, c.layer, c.action, c.count) for c in wuda.changes.since(0)] == [
        (1, "areas", "replace", 9),
        (2, "incidents", "upsert", 9),
    ]
    wuda.events.create(event_in(GRIDS[2]), viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.change_seq() == 3
    last = wuda.changes.since(2)[0]
    assert (last.ref, last.area, last.actor, last.at) == ("e1", GRIDS[2], "local", NOW)
    assert [change.seq for change in wuda.changes.since(0, 2)] == [1, 2]


def test_changes_in_street_b_are_not_there_for_a_supervisor_of_a_and_bulk_ones_tell_no_counts(wuda: Store) -> None:
    wuda.events.create(event_in(GRIDS[2], "e2"), viewer=LOCAL_OPERATOR, now=NOW)
    wuda.events.create(event_in(GRIDS[0], "e0"), viewer=LOCAL_OPERATOR, now=NOW)
    seen = wuda.changes.since(0, viewer=SUPERVISOR_A)
    assert [(change.layer, change.count, change.ref) for change in seen] == [
        ("areas", 0, ""),
        ("incidents", 0, ""),
        ("events", 1, "e0"),
    ]


def test_settings_are_kept_and_the_others_stay(store: Store) -> None:
    assert store.settings == SETTINGS
    assert store.save_settings({"name_en": "Wuda District"}, viewer=LOCAL_OPERATOR, now=NOW)
    assert not store.save_settings({"name_en": "Wuda District"}, viewer=LOCAL_OPERATOR, now=NOW)
    assert store.settings == SETTINGS | {"name_en": "Wuda District"}
    assert store.change_seq() == 1


@pytest.mark.parametrize("wrong", [{"zone": "Asia/Wuda"}, {"zone": ""}, {"code": 5}, {"store.generation": "9"}])
def test_settings_that_make_no_sense_are_refused(store: Store, wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        store.save_settings(wrong, viewer=LOCAL_OPERATOR, now=NOW)


def test_a_limited_viewer_does_not_save_settings(store: Store) -> None:
    with pytest.raises(ScopeError):
        store.save_settings({"name_en": "Mine"}, viewer=SUPERVISOR_A, now=NOW)


def test_a_blank_grant_is_no_grant_of_everything() -> None:
    with pytest.raises(ScopeError, match="blank"):
        Viewer("x", "viewer", ("",))


def test_moments_are_stored_to_the_microsecond_in_utc(wuda: Store) -> None:
    moment = datetime(2026, 11, 23, 16, 0, 0, 123457, tzinfo=UTC)
    wuda.events.create(event_in(GRIDS[0]), viewer=LOCAL_OPERATOR, now=moment)
    assert wuda.events.get("e1", LOCAL_OPERATOR).created_at == moment
