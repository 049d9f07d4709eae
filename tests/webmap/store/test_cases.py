"""Cases on both stores: created once, moved by the table alone, one row a move, seen by whom they concern."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from gis.dispatch import Detail
from gis.errors import (
    CaseError,
    DetailError,
    InputError,
    NotFoundError,
    PowerError,
    ScopeError,
    StoreError,
    VersionError,
)
from tests.webmap.store.case_life import (
    ANALYST,
    BOSS,
    CHECKER,
    CLOCKWORK,
    DESK_A,
    DESK_B,
    GREEN,
    WATER,
    WORKER,
    later,
    report,
    with_units,
)
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, STREET_B
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store
from webmap.store.case_scope import CASE_OPERATOR, CLOCK, CaseViewer
from webmap.store.cases import RECEIPT, WORK_ORDER, CaseQuery, Kept
from webmap.store.events import Event
from webmap.store.units import Unit


@pytest.fixture
def town(wuda: Store) -> Store:
    return with_units(wuda)


def create(store: Store, event: Event | None = None, viewer: CaseViewer = WORKER, **more: object) -> Kept:
    sent = event or report()
    return store.cases.create(
        sent,
        receipt=f"r-{sent.id}",
        viewer=viewer,
        now=NOW,
        clockwork=CLOCKWORK,
        **more,  # type: ignore[arg-type]
    )


def move(
    store: Store, name: str, viewer: CaseViewer, detail: Detail | None = None, hours: float = 1.0, **more: object
) -> Event:
    told = {"version": None, "event": "e1"} | more
    event_id = str(told.pop("event"))
    return store.cases.move(
        event_id,
        name,
        viewer=viewer,
        now=later(hours),
        detail=detail,
        clockwork=CLOCKWORK,
        **told,  # type: ignore[arg-type]
    ).event


def to_unit(store: Store) -> None:
    create(store)
    move(store, "accept", DESK_A)
    move(store, "dispatch", DESK_A, Detail(unit="water"), 2)


def test_a_report_becomes_a_case_with_a_receipt_and_its_first_move(town: Store) -> None:
    kept = create(town, work_order="12345-7")
    assert (kept.event.state, kept.event.version, kept.event.reporter, kept.receipt) == (
        "reported",
        2,
        "worker",
        "r-e1",
    )
    assert [(m.move, m.source, m.target, m.version) for m in town.cases.history("e1", WORKER)] == [
        ("submit", "draft", "reported", 2)
    ]
    assert town.cases.by_key(RECEIPT, "r-e1") == town.cases.by_key(WORK_ORDER, "12345-7") == "e1"
    assert town.cases.get("e1", WORKER) == kept.event


def test_the_same_report_again_is_kept_once_and_keeps_its_receipt(town: Store) -> None:
    first = create(town)
    move(town, "accept", DESK_A)
    before = town.change_seq()
    again = town.cases.create(report(), receipt="another", viewer=WORKER, now=later(5), clockwork=CLOCKWORK)
    assert (again.receipt, again.is_new, again.event.version) == (first.receipt, False, 3)
    assert town.change_seq() == before
    with pytest.raises(StoreError, match="another event"):
        create(town, report(category="06011"))
    with pytest.raises(StoreError, match="another event"):
        create(town, viewer=CaseViewer("thief", (Grant("grid_worker", GRIDS[0]),)))


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_work_order_belongs_to_one_event(town: Store) -> None:
    create(town, work_order="7")
    with pytest.raises(StoreError, match="belongs to another"):
        create(town, report("e2"), work_order="7")
    with pytest.raises(NotFoundError):
        town.cases.get("e2", CASE_OPERATOR)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_draft_waits_for_its_reporter(town: Store) -> None:
    kept = create(town, draft=True)
    assert (kept.event.state, kept.event.version, kept.event.due_at) == ("draft", 1, None)
    assert move(town, "submit", WORKER).state == "reported"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_report_from_outside_is_refused(town: Store) -> None:
    for event, viewer in ((report("e3", GRIDS[2]), WORKER), (report("e4"), ANALYST), (report("e5"), WATER)):
        with pytest.raises(ScopeError):
            create(town, event, viewer)
    with pytest.raises(InputError, match="no id"):
        create(town, report(""))


def test_a_whole_life_is_one_row_a_move_with_its_audit_row(town: Store) -> None:
    to_unit(town)
    move(town, "acknowledge", WATER, hours=3)
    move(town, "start", WATER, hours=4)
    move(town, "submit_result", WATER, Detail("cleaned"), 5)
    move(town, "ask_check", DESK_A, hours=6)
    move(town, "check_pass", WORKER, hours=7)
    move(town, "archive", CLOCK, hours=8)
    history = town.cases.history("e1", DESK_A)
    assert [m.version for m in history] == list(range(2, 11))
    assert [m.target for m in history][-3:] == ["checking", "resolved", "archived"]
    assert history[5].reason == "cleaned"
    assert [m.role for m in history] == [
        *("grid_worker", "desk", "desk", "department_unit", "department_unit", "department_unit", "desk"),
        *("grid_worker", "system"),
    ]
    noted = [row for row in town.audit.since(0, 500) if row.subject == "e1"]
    assert [row.action for row in noted][:3] == ["events.create", "events.submit", "events.accept"]
    assert noted[2].detail["to"] == "accepted"
    assert town.audit.verify() == []
    assert town.verify() == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_who_handled_does_not_check_though_he_is_a_checker_as_well(town: Store) -> None:
    to_unit(town)
    both = CaseViewer("pipe", (*WATER.grants, Grant("checker", "")))
    move(town, "acknowledge", WATER)
    move(town, "submit_result", WATER, Detail("done"))
    move(town, "ask_check", DESK_A)
    with pytest.raises(PowerError, match="whoever handled"):
        move(town, "check_pass", both)
    assert move(town, "check_pass", CHECKER).state == "resolved"


def test_of_two_who_saw_the_same_version_one_moves_the_case(town: Store) -> None:
    create(town)
    with ThreadPoolExecutor(4) as pool:
        tries = [
            pool.submit(town.cases.move, "e1", name, viewer=DESK_A, now=later(1), version=2, detail=Detail("x"))
            for name in ("accept", "reject", "accept", "ask_verify")
        ]
    refused = [each.exception() for each in tries if each.exception() is not None]
    assert len(refused) == 3
    assert {type(error) for error in refused} == {VersionError}
    assert town.cases.get("e1", DESK_A).version == 3
    assert len(town.cases.history("e1", DESK_A)) == 2


def test_the_same_move_sent_twice_moves_once(town: Store) -> None:
    create(town)
    told = {"viewer": DESK_A, "now": later(1), "version": 2, "move_id": "phone-1"}
    first = town.cases.move("e1", "accept", **told)  # type: ignore[arg-type]
    again = town.cases.move("e1", "accept", **told)  # type: ignore[arg-type]
    assert again.event == first.event
    assert again.move == first.move
    assert not again.is_new
    with pytest.raises(StoreError, match="another move"):
        town.cases.move("e1", "dispatch", **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_refused_move_leaves_nothing(town: Store) -> None:
    create(town)
    before = town.change_seq()
    for name, viewer, detail in (
        ("dispatch", DESK_A, Detail(unit="water")),
        ("reject", DESK_A, Detail()),
        ("accept", WORKER, Detail()),
    ):
        with pytest.raises(CaseError):
            move(town, name, viewer, detail)
    move(town, "accept", DESK_A)
    with pytest.raises(InputError, match="no unit 'nobody'"):
        move(town, "dispatch", DESK_A, Detail(unit="nobody"))
    assert town.cases.get("e1", DESK_A).version == 3
    assert town.change_seq() == before + 2, "the case and its incident"


def test_everybody_sees_what_concerns_him(town: Store) -> None:
    for event_id, grid in (("e1", GRIDS[0]), ("e2", GRIDS[1]), ("e3", GRIDS[2])):
        create(town, report(event_id, grid), BOSS)
    for event_id in ("e1", "e3"):
        move(town, "accept", BOSS if False else CASE_OPERATOR, event=event_id)
        move(town, "dispatch", CASE_OPERATOR, Detail(unit="water"), event=event_id)

    def seen(viewer: CaseViewer) -> list[str]:
        return sorted(event.id for event in town.cases.page(CaseQuery(), viewer))

    assert seen(BOSS) == seen(CLOCK) == seen(CASE_OPERATOR) == ["e1", "e2", "e3"]
    assert seen(DESK_A) == ["e1", "e2"]
    assert seen(DESK_B) == ["e3"]
    assert seen(WATER) == ["e1", "e3"]
    assert seen(CaseViewer("pipe", (Grant("department_unit", STREET_B),))) == ["e3"]
    assert seen(GREEN) == seen(ANALYST) == seen(WORKER) == seen(CaseViewer("pipe", ())) == []
    assert seen(CaseViewer("", (), receipt_of="e2")) == ["e2"]
    move(town, "ask_verify", DESK_A, event="e2")
    assert seen(CaseViewer("walker", (Grant("grid_worker", STREET_A),))) == ["e2"]
    for viewer in (GREEN, ANALYST, DESK_B):
        with pytest.raises(NotFoundError):
            town.cases.get("e1", viewer)
        with pytest.raises(NotFoundError):
            town.cases.history("e1", viewer)
        with pytest.raises(NotFoundError):
            move(town, "acknowledge", viewer)


def test_an_accepted_case_is_an_incident_and_a_merged_one_is_none(town: Store) -> None:
    create(town, report(found_by="patrol"))
    create(town, report("e2"))
    before = town.incidents.count_all()
    move(town, "accept", DESK_A)
    move(town, "accept", DESK_A, event="e2")
    kept = town.incidents.read(LOCAL_OPERATOR).set_index("id")
    assert kept.loc["event:e1", ["category", "found_by", "grid", "source"]].tolist() == [
        "06010",
        "patrol",
        GRIDS[0],
        "web",
    ]
    assert town.cases.get("e1", DESK_A).incident == "event:e1"
    delta = town.incidents.delta(0, ["id"])
    assert "event:e2" in delta.changed["id"].tolist()
    merged = move(town, "merge", DESK_A, Detail(into="e1"), event="e2")
    assert (merged.merged_into, merged.incident) == ("e1", None)
    assert town.incidents.count_all() == before + 1
    assert town.cases.merged("e1", DESK_A) == ["e2"]
    with pytest.raises(DetailError, match="no event e2 that takes it"):
        move(town, "merge", DESK_A, Detail(into="e2"))
    again = move(town, "unmerge", DESK_A, Detail("another heap"), event="e2")
    assert (again.state, again.merged_into) == ("reported", "")
    assert town.cases.merged("e1", DESK_A) == []
    assert move(town, "accept", DESK_A, event="e2").incident == "event:e2"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_case_is_not_merged_into_one_that_is_hidden(town: Store) -> None:
    create(town)
    create(town, report("e3", GRIDS[2]), BOSS)
    with pytest.raises(DetailError, match="no event e3"):
        move(town, "merge", DESK_A, Detail(into="e3"))


def test_clocks_run_as_the_moves_say(town: Store) -> None:
    create(town)
    assert [(c.stage, c.stopped_at) for c in town.cases.clocks("e1", DESK_A)] == [("accept", None)]
    assert town.cases.get("e1", DESK_A).due_at == town.cases.clocks("e1", DESK_A)[0].due_at
    move(town, "ask_verify", DESK_A, hours=0.25)
    (clock,) = town.cases.clocks("e1", DESK_A)
    assert clock.paused
    move(town, "verify_done", WORKER, Detail("it is there"), 0.75)
    (clock,) = town.cases.clocks("e1", DESK_A)
    # 16:00 in Wuda and 2 working hours: 18:00, and half an hour stood still, so the next morning at 9.
    assert clock.due_at.isoformat() == "2026-11-24T01:00:00+00:00"
    move(town, "accept", DESK_A, hours=1)
    move(town, "dispatch", DESK_A, Detail(unit="water"), 2)
    running = {c.stage for c in town.cases.clocks("e1", DESK_A) if c.stopped_at is None}
    assert running == {"acknowledge", "handle", "case"}
    move(town, "acknowledge", WATER, hours=3)
    move(town, "ask_delay", WATER, Detail("no lorry", until=later(72)), 4)
    before = town.cases.get("e1", DESK_A).due_at
    granted = move(town, "extend", DESK_A, Detail("till Thursday", until=later(72)), 5)
    assert before is not None
    assert granted.due_at == later(72) > before
    move(town, "start", WATER, hours=6)
    paused = move(town, "suspend", BOSS, Detail("frost", until=later(240)), 24)
    assert paused.due_at is not None
    assert paused.due_at > later(240)
    resumed = move(town, "resume", BOSS, hours=48)
    assert resumed.due_at == later(72 + 24)
    move(town, "submit_result", WATER, Detail("done"), 49)
    move(town, "check_fail", DESK_A, Detail("still there"), 50)
    rounds = [(c.stage, c.round) for c in town.cases.clocks("e1", DESK_A) if c.stage == "handle"]
    assert rounds == [("handle", 1), ("handle", 2)]


def test_pages_follow_each_other_without_gap_or_double(town: Store) -> None:
    for number in range(7):
        create(town, report(f"e{number}", GRIDS[number % 2])) if number % 2 == 0 else create(
            town, report(f"e{number}", GRIDS[1]), DESK_A
        )
    found: list[str] = []
    query = CaseQuery(limit=3)
    while page := town.cases.page(query, DESK_A):
        found += [event.id for event in page]
        assert page[-1].created_at is not None
        query = replace(query, after=(page[-1].created_at, page[-1].id))
    assert found == [f"e{number}" for number in reversed(range(7))]
    move(town, "accept", DESK_A, event="e3")
    assert [e.id for e in town.cases.page(CaseQuery(states=("accepted",)), DESK_A)] == ["e3"]
    assert [e.id for e in town.cases.page(CaseQuery(area=GRIDS[0]), DESK_A)] == ["e6", "e4", "e2", "e0"]
    assert town.cases.page(CaseQuery(since=NOW + timedelta(seconds=1)), DESK_A) == []


def test_units_and_rules_are_replaced_whole_or_not_at_all(town: Store) -> None:
    to_unit(town)
    with pytest.raises(InputError, match="still have cases"):
        town.units.replace([Unit("green", "园林", "parks")], viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(InputError, match="cannot be used"):
        town.units.replace([Unit("green", "园林", "parks"), Unit("green", "x", "")], viewer=LOCAL_OPERATOR, now=NOW)
    assert [unit.code for unit in town.units.list()] == ["green", "water"]
    more = [*town.units.list(), Unit("fire", "消防", "fire")]
    town.units.replace(more, viewer=LOCAL_OPERATOR, now=NOW)
    assert town.units.of_account("pipe") == {"water"}
    with pytest.raises(ScopeError):
        town.units.replace(more, viewer=replace(LOCAL_OPERATOR, areas=(STREET_A,)), now=NOW)


def test_rules_have_versions_and_the_second_writer_is_told(town: Store) -> None:
    from gis.dispatch import Rule, RuleTable

    assert town.routing.current().version == 0
    table = RuleTable([Rule(1, category="06*", unit="green")])
    assert town.routing.put(table, version=0, viewer=LOCAL_OPERATOR, now=NOW).version == 1
    with pytest.raises(VersionError, match="now version 1, you saw 0"):
        town.routing.put(RuleTable(), version=0, viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(InputError, match="no unit"):
        town.routing.put(RuleTable([Rule(1, unit="x")]), version=1, viewer=LOCAL_OPERATOR, now=NOW)
    town.routing.put(RuleTable(), version=1, viewer=LOCAL_OPERATOR, now=NOW)
    assert town.routing.version(1).table == table
    assert len(town.routing.current().table) == 0


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_snapshot_for_other_programs_holds_no_receipt_and_no_account_of_a_move(town: Store, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from webmap.store import open_store

    create(town)
    town.snapshot(tmp_path / "copy.db")
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    assert copy.cases.history("e1", CASE_OPERATOR) == []
    with pytest.raises(NotFoundError):
        copy.cases.by_key(RECEIPT, "r-e1")
    copy.close()
    data = (tmp_path / "copy.db").read_bytes()
    assert b"r-e1" not in data


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("tamper", "table"),
    [
        ("UPDATE event_moves SET target = 'rejected' WHERE version = 3", "event_moves"),
        ("DELETE FROM event_moves WHERE version = 3", "event_moves"),
        ("DELETE FROM event_moves WHERE version = 4", "events"),
        ("UPDATE events SET state = 'archived'", "events"),
        ("UPDATE events SET version = 9", "events"),
        ("UPDATE events SET due_at = NULL", "event_clocks"),
    ],
)
def test_a_case_that_was_altered_past_the_program_is_found(town: Store, tamper: str, table: str) -> None:
    from sqlalchemy import text

    to_unit(town)
    assert town.verify() == []
    with town._database.writing() as connection:
        connection.execute(text(tamper))
    assert table in {found.table for found in town.verify() if found.kind == "case"}
