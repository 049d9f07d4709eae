"""The columns of cases say what the store says, also after only some of it was read again."""

import pandas as pd
import pytest

from gis.dispatch import Detail
from tests.webmap.store.case_life import BOSS, CHECKER, CLOCKWORK, DESK_A, WATER, later, report, with_units
from tests.webmap.store.conftest import GRIDS, NOW
from webmap.store import Store
from webmap.store.case_columns import CaseColumns
from webmap.store.case_scope import CASE_OPERATOR, CaseViewer


@pytest.fixture
def town(wuda: Store) -> Store:
    return with_units(wuda)


def made(store: Store, event_id: str, grid: str = GRIDS[0]) -> None:
    store.cases.create(
        report(event_id, grid), receipt=f"r-{event_id}", viewer=CASE_OPERATOR, now=NOW, clockwork=CLOCKWORK
    )


def moved(store: Store, event_id: str, name: str, viewer: CaseViewer, hours: float, **told: object) -> None:
    store.cases.move(
        event_id, name, viewer=viewer, now=later(hours), version=None, detail=Detail(**told), clockwork=CLOCKWORK
    )  # type: ignore[arg-type]


def closed(store: Store, event_id: str) -> None:
    """A whole life: filed, dispatched to the water works, handled, checked and rated."""
    made(store, event_id)
    moved(store, event_id, "accept", DESK_A, 1)
    moved(store, event_id, "dispatch", DESK_A, 2, unit="water")
    moved(store, event_id, "acknowledge", WATER, 3)
    moved(store, event_id, "submit_result", WATER, 4, reason="cleared")
    moved(store, event_id, "ask_check", DESK_A, 5)
    moved(store, event_id, "check_pass", CHECKER, 6)
    moved(store, event_id, "rate", DESK_A, 7, score=4)


def sorted_moves(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["case", "at", "move"]).reset_index(drop=True)


def test_a_closed_case_has_its_moves_its_deadline_and_its_score(town: Store) -> None:
    closed(town, "e1")
    tables = town.case_columns.current()
    moves = tables.moves.set_index("move")
    assert list(moves.index) == [
        "submit", "accept", "dispatch", "acknowledge", "submit_result", "ask_check", "check_pass", "rate",
    ]  # fmt: skip
    assert moves.loc["rate", "score"] == 4
    assert moves["score"].notna().sum() == 1
    clock = next(each for each in town.cases.clocks("e1", BOSS) if each.stage == "case")
    assert moves.loc["accept", "due_at"] == clock.due_at.timestamp()
    assert moves["due_at"].notna().sum() == 1
    assert moves.loc["dispatch", "unit_to"] == "water"
    assert moves.loc["submit", "at"] == NOW.timestamp()
    assert tables.cases.loc["e1", "grid"] == GRIDS[0]


def test_what_changed_is_read_again_and_gives_what_a_fresh_reading_gives(town: Store) -> None:
    closed(town, "e1")
    made(town, "e2", GRIDS[1])
    first = town.case_columns.current()
    assert len(first.cases) == 2
    moved(town, "e2", "accept", CASE_OPERATOR, 3)
    made(town, "e3", GRIDS[2])
    partly = town.case_columns.current()
    fresh = CaseColumns(town._database).current()
    pd.testing.assert_frame_equal(sorted_moves(partly.moves), sorted_moves(fresh.moves))
    pd.testing.assert_frame_equal(partly.cases.sort_index(), fresh.cases.sort_index())
    assert len(first.cases) == 2, "what was handed out is not changed"


def test_nothing_is_read_again_where_no_case_changed(town: Store) -> None:
    made(town, "e1")
    first = town.case_columns.current()
    with_units(town)
    assert town.case_columns.current() is first


def test_a_store_without_cases_has_empty_columns(town: Store) -> None:
    tables = town.case_columns.current()
    assert (len(tables.moves), len(tables.cases)) == (0, 0)
