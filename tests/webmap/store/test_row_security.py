"""PostgreSQL holds back the cases that a query forgot to hold back, from everybody who is limited."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import pytest
from sqlalchemy import Connection, select, text

from gis.dispatch import Detail
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
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, SUPERVISOR_A
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store, migrate, open_store
from webmap.store.case_models import EVENT_MOVES
from webmap.store.case_scope import CASE_OPERATOR, CLOCK, CaseViewer, sees_case, show_to
from webmap.store.models import EVENTS
from webmap.store.row_security import show_located

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("url", ["postgresql"], indirect=True)]

OTHER_WORKER = CaseViewer("walker", (Grant("grid_worker", GRIDS[2]),))
RECEIPT = CaseViewer("", (), receipt_of="case-3")
EVERYBODY = (ANALYST, BOSS, CHECKER, DESK_A, DESK_B, GREEN, WATER, WORKER, OTHER_WORKER, RECEIPT, CASE_OPERATOR, CLOCK)


@pytest.fixture
def town(wuda: Store) -> Store:
    """Cases of both streets: reported, with a unit, waiting to be looked at."""
    store = with_units(wuda)
    lives = [(WORKER, GRIDS[0], ()), (WORKER, GRIDS[0], ("accept", "dispatch")), (BOSS, GRIDS[2], ("ask_verify",))]
    for number, (viewer, grid, moves) in enumerate([*lives, (DESK_B, GRIDS[3], ())]):
        event = report(f"case-{number}", grid)
        store.cases.create(event, receipt=f"r{number}", viewer=viewer, now=NOW, clockwork=CLOCKWORK)
        for hour, move in enumerate(moves, start=1):
            detail = Detail(unit="water") if move == "dispatch" else Detail()
            told = {"viewer": CASE_OPERATOR, "now": later(hour), "version": None, "detail": detail}
            store.cases.move(event.id, move, clockwork=CLOCKWORK, **told)  # type: ignore[arg-type]
    return store


@pytest.mark.parametrize("viewer", EVERYBODY, ids=lambda each: each.actor or each.receipt_of or "clock")
def test_a_query_without_conditions_sees_what_the_conditions_allow(town: Store, viewer: CaseViewer) -> None:
    with town._database.reading() as connection:
        show_to(connection, viewer)
        seen = set(connection.scalars(select(EVENTS.c.id)))
        assert seen == set(connection.scalars(select(EVENTS.c.id).where(sees_case(viewer))))
        assert set(connection.scalars(select(EVENT_MOVES.c.event))) == seen


def test_the_town_tells_its_viewers_apart(town: Store) -> None:
    """Else the test above would hold for a policy that lets everybody see everything."""
    told = set()
    for viewer in EVERYBODY:
        with town._database.reading() as connection:
            show_to(connection, viewer)
            told.add(len(list(connection.scalars(select(EVENTS.c.id)))))
    assert told == {0, 1, 2, 4}


def test_who_was_told_nothing_sees_nothing(town: Store) -> None:
    with town._database.reading() as connection:
        for table in ("events", "event_moves", "event_clocks", "event_notices"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_what_was_told_ends_with_the_transaction(town: Store) -> None:
    with town._database.reading() as connection:
        show_to(connection, CASE_OPERATOR)
        assert connection.scalar(text("SELECT count(*) FROM events")) == 4
    with town._database.engine.connect() as connection, connection.begin():
        assert connection.scalar(text("SELECT count(*) FROM events")) == 0


def test_a_street_is_told_with_all_that_hangs_below_it(town: Store) -> None:
    with town._database.reading() as connection:
        show_located(connection, SUPERVISOR_A)
        assert set(connection.scalars(select(EVENTS.c.street))) == {STREET_A}


def test_every_case_is_in_a_backup_and_in_a_check(town: Store) -> None:
    assert town.verify() == []
    assert len(town.events.list(LOCAL_OPERATOR)) == 4


@contextmanager
def blurting(store: Store, viewer: CaseViewer) -> Iterator[tuple[Connection, set[str]]]:
    """A transaction with a function that lets out whatever it is handed, and what it let out so far.

    It claims to cost nothing, so that the planner has every reason to ask it before anything else.
    """
    with store._database.engine.connect() as connection, connection.begin():
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION pg_temp.blurt(told text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS "
                "$$ BEGIN RAISE NOTICE '%', told; RETURN true; END $$"
            )
        )
        show_to(connection, viewer)
        told: set[str] = set()

        def note(notice: Any) -> None:
            told.add(notice.message_primary)

        driver: Any = connection.connection.driver_connection
        driver.add_notice_handler(note)
        yield connection, told
        driver.remove_notice_handler(note)


BLURTS = {
    "cases": "SELECT FROM events WHERE pg_temp.blurt(id)",
    "live cases": "SELECT FROM events WHERE state <> 'archived' AND pg_temp.blurt(id)",
    "cases by id": "SELECT FROM events WHERE id >= 'case-0' AND pg_temp.blurt(id)",
    "moves": "SELECT FROM event_moves WHERE pg_temp.blurt(event)",
    "clocks": "SELECT FROM event_clocks WHERE stopped_at IS NULL AND pg_temp.blurt(event)",
    "clocks of cases": (
        "SELECT FROM events JOIN event_clocks ON event = id AND stopped_at IS NULL WHERE pg_temp.blurt(id) AND pg_temp.blurt(event)"
    ),
}


def test_a_function_that_blurts_is_never_handed_what_is_held_back(town: Store) -> None:
    """A street's own cases alone reach it, whichever index leads to them; whoever sees everything shows that it does blurt."""
    for viewer, wanted in ((DESK_A, {"case-0", "case-1"}), (CASE_OPERATOR, {f"case-{number}" for number in range(4)})):
        for name, query in BLURTS.items():
            with blurting(town, viewer) as (connection, told):
                connection.execute(text(query))
                assert told == wanted, name


def test_a_plan_that_was_made_for_one_viewer_shows_the_next_his_own(town: Store) -> None:
    """A statement is prepared once a connection; what it looked up for one viewer must not be kept for another."""
    query = text("SELECT event FROM event_clocks WHERE stage <> :none")
    for generic in ("auto", "force_generic_plan"):
        with town._database.reading() as connection:
            connection.execute(text(f"SET LOCAL plan_cache_mode = {generic}"))
            for viewer in (CASE_OPERATOR, DESK_A, DESK_B, OTHER_WORKER) * 4:
                show_to(connection, viewer)
                seen = set(connection.scalars(query, {"none": ""}))
                assert seen == set(connection.scalars(select(EVENTS.c.id).where(sees_case(viewer))))


def test_a_grid_that_moved_is_seen_by_its_new_street(town: Store, two_streets: gpd.GeoDataFrame) -> None:
    """Its code begins like the codes of street B still; what begins like those of street A need not be told one by one."""
    moved = two_streets.assign(parent=two_streets["parent"].where(two_streets["code"] != GRIDS[3], STREET_A))
    town.areas.replace(moved, viewer=LOCAL_OPERATOR, now=NOW)
    with town._database.reading() as connection:
        show_to(connection, DESK_A)
        assert set(connection.scalars(select(EVENTS.c.id))) == {"case-0", "case-1", "case-3"}
        assert connection.scalar(text("SELECT current_setting('wangge.desk')")) == f"{GRIDS[3]},{STREET_A[:9]}%"


def test_a_store_with_the_older_policies_is_brought_up_and_everybody_sees_the_same(town: Store) -> None:
    def seen(store: Store) -> dict[str, list[set[str]]]:
        told = {}
        for viewer in EVERYBODY:
            with store._database.reading() as connection:
                show_to(connection, viewer)
                ids = [
                    text(f"SELECT {name} FROM {table}") for name, table in (("id", "events"), ("event", "event_clocks"))
                ]
                told[repr(viewer)] = [set(connection.scalars(query)) for query in ids]
        return told

    def policies(store: Store) -> str:
        with store._database.reading() as connection:
            return str(
                connection.scalar(text("SELECT string_agg(qual, '') FROM pg_policies WHERE tablename = 'events'"))
            )

    now = seen(town)
    with town._database.writing() as connection:
        migrate._run(connection, "0018", up=False)
    assert seen(town) == now
    assert "wangge_inside" in policies(town)
    town.close()
    newer = open_store(town.url)
    assert seen(newer) == now
    assert "wangge_inside" not in policies(newer)
    newer.close()


def test_no_question_of_the_service_is_compiled_before_it_is_answered(store: Store) -> None:
    """Compiling the conditions of a work list takes half a second, its answer some milliseconds."""
    with store._database.reading() as connection:
        connection.execute(text("SET LOCAL jit_above_cost = 0"))
        show_to(connection, DESK_A)
        told = connection.scalars(text("EXPLAIN (ANALYZE) SELECT count(*) FROM events"))
        assert not [line for line in told if "JIT" in line]
