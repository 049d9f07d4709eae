"""Random lives: whatever is tried in whatever order, the store does what the pure model does, and keeps what it must keep."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gis.dispatch import TIERS, Actor, Case, Detail, Post, allowed, moves, states, transition
from gis.errors import CaseError, NotFoundError
from tests.oracles import case_table
from tests.webmap.store import case_life
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, SETTINGS, STREET_A, areas_of_two_streets
from webmap.store import LOCAL_OPERATOR, Store, init_store
from webmap.store.case_scope import CLOCK, CaseViewer
from webmap.store.cases import Cases
from webmap.store.events import Event

GRID = GRIDS[0]
AREAS = (GRID, GRID[:12], STREET_A, DISTRICT)
NAMES = sorted({move.name for move in moves()})
PEOPLE: dict[str, tuple[CaseViewer, Actor]] = {
    "worker": (case_life.WORKER, Actor("worker", (Post("grid_worker", GRID, "grid"),))),
    "desk": (case_life.DESK_A, Actor("desk", (Post("desk", STREET_A, "street"),))),
    "other desk": (case_life.DESK_B, Actor("other", (Post("desk", "150304010000", "street"),))),
    "water": (case_life.WATER, Actor("pipe", (Post("department_unit", DISTRICT, "district"),), frozenset({"water"}))),
    "green": (case_life.GREEN, Actor("tree", (Post("department_unit", DISTRICT, "district"),), frozenset({"green"}))),
    "checker": (case_life.CHECKER, Actor("check", (Post("checker", DISTRICT, "district"),))),
    "boss": (case_life.BOSS, Actor("boss", (Post("supervisor", "", "city"),))),
    "clock": (CLOCK, Actor("", (Post("system", "", "city"),))),
}
"""Everybody as the store knows him, and written out by hand as the pure model does."""


class Lives(RuleBasedStateMachine):
    """One case in a store beside the same case in memory."""

    store: Store
    number = 0

    @initialize()
    def report(self) -> None:
        Lives.number += 1
        self.id = f"e{Lives.number}"
        self.now: datetime = NOW
        kept = self.cases.create(
            case_life.report(self.id),
            receipt=self.id,
            viewer=case_life.WORKER,
            now=self.now,
            draft=True,
            clockwork=case_life.CLOCKWORK,
        )
        self.case = Case(self.id, "draft", kept.event.version, areas=AREAS, reporter="worker")
        self.made: list[str] = []
        self.running: set[str] = set()
        self.page = {(row.source, row.move): row.target for row in case_table.rows()}

    @property
    def cases(self) -> Cases:
        return self.store.cases

    @rule(hours=st.integers(1, 200))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.case.state != "archived")
    @rule(who=st.sampled_from(sorted(PEOPLE)), data=st.data(), stale=st.integers(0, 9))
    def try_one(self, who: str, data: Any, stale: int) -> None:
        """A move that starts in this state most of the time, by whoever; told well most of the time."""
        here = [name for name in NAMES if (self.case.state, name) in self.page]
        name = data.draw(st.sampled_from(here if here and stale else NAMES))
        detail = Detail(
            reason=data.draw(st.sampled_from(["because", "because", ""])),
            unit=data.draw(st.sampled_from(["water", "green", "", None])),
            until=self.now + timedelta(days=data.draw(st.integers(0, 12))),
            into="e-other",
            score=data.draw(st.sampled_from([1, 5, 6])),
        )
        version = self.case.version - (stale == 9)
        viewer, actor = PEOPLE[who]
        try:
            after, record = transition(self.case, name, actor, self.now, version=version, detail=detail)
            refusal = None
        except CaseError as error:
            after, record, refusal = self.case, None, error
        event, refused = self._moved(name, viewer, version, detail)
        if isinstance(refused, CaseError):
            assert refusal is not None, (who, name, refused.en)
            assert (type(refused), refused.code, refused.zh) == (type(refusal), refusal.code, refusal.zh)
        elif refused is not None:
            assert refusal is not None, "what is hidden from somebody cannot be moved by him, says the model as well"
        else:
            assert refusal is None, (who, name, refusal)
            assert record is not None
            assert event is not None
            assert event.state == (self.page[self.case.state, name] or self.case.state)
            self.case = after
            self.made.append(name)
            for sign, stage in record.clock:
                self.running = self.running - {stage} if sign == "-" else self.running | {stage}
        self._offered(viewer, actor)

    def _moved(
        self, name: str, viewer: CaseViewer, version: int, detail: Detail
    ) -> tuple[Event | None, CaseError | NotFoundError | None]:
        try:
            kept = self.cases.move(
                self.id,
                name,
                viewer=viewer,
                now=self.now,
                version=version,
                detail=detail,
                clockwork=case_life.CLOCKWORK,
            )
        except (CaseError, NotFoundError) as error:
            return None, error
        return kept.event, None

    def _offered(self, viewer: CaseViewer, actor: Actor) -> None:
        """He is offered what the model allows, or does not see the case at all."""
        try:
            _, offered = self.cases.allowed(self.id, viewer)
        except NotFoundError:
            return
        assert offered == allowed(self.case, actor)

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        if not hasattr(self, "case"):
            return
        event = self.cases.get(self.id, CLOCK)
        case = self.case
        assert (event.state, event.version, event.tier, event.unit) == (case.state, case.version, case.tier, case.unit)
        assert (event.until, event.merged_into) == (case.until, case.merged_into)
        told = event.progress
        assert tuple(told.get("handlers", ())) == case.handlers
        assert told.get("counts", {}) == {name: count for name, count in vars(case.counts).items() if count}
        assert (told.get("ask") or {}).get("kind") == (case.ask.kind if case.ask else None)

    @invariant()
    def every_move_is_one_row(self) -> None:
        if hasattr(self, "case"):
            history = self.cases.history(self.id, CLOCK)
            assert [row.move for row in history] == self.made
            assert [row.version for row in history] == list(range(2, self.case.version + 1))

    @invariant()
    def clocks_run_where_the_page_says(self) -> None:
        if hasattr(self, "case"):
            clocks = [clock for clock in self.cases.clocks(self.id, CLOCK) if clock.stopped_at is None]
            assert {clock.stage for clock in clocks} == self.running
            assert len(clocks) == len(self.running)
            due = self.cases.get(self.id, CLOCK).due_at
            assert due == min((clock.due_at for clock in clocks), default=None)

    @invariant()
    def it_is_an_incident_from_accepting_on_unless_merged(self) -> None:
        if hasattr(self, "case"):
            is_one = self.cases.get(self.id, CLOCK).incident is not None
            assert not (is_one and self.case.state in ("draft", "merged"))
            assert is_one or self.case.state not in ("accepted", "dispatched", "in_progress", "resolved")

    def teardown(self) -> None:
        if hasattr(self, "case"):
            assert self.case.tier in TIERS
            assert self.case.state in states()


@pytest.fixture(scope="module")
def lives_store() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        store = init_store(f"sqlite:///{Path(folder) / 'lives.db'}", SETTINGS)
        store.areas.replace(areas_of_two_streets(), viewer=LOCAL_OPERATOR, now=NOW)
        case_life.with_units(store)
        store.cases.create(case_life.report("e-other"), receipt="other", viewer=case_life.WORKER, now=NOW)
        yield store
        store.close()


@pytest.mark.parametrize("lives", [12, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_random_lives_are_those_of_the_model(lives_store: Store, lives: int) -> None:
    Lives.store = lives_store
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=lives,
            stateful_step_count=40,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert lives_store.audit.verify() == []
