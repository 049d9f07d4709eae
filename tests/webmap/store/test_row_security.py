"""PostgreSQL holds back the cases that a query forgot to hold back, from everybody who is limited."""

import pytest
from sqlalchemy import select, text

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
from webmap.store import LOCAL_OPERATOR, Store
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
