"""The cases of the sample: the same seed gives the same cases, in many states, and each is one that the table of moves allows."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmap.cases.town import Town
from tests.webmap.store.conftest import located_reports
from webmap.sample_cases import LIVES, load_cases
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.cases import CaseQuery
from webmap.store.events import Event


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[list[Town]]:
    """Two towns with the same incidents and without units."""
    found = []
    for name in ("a", "b"):
        town = Town(f"sqlite:///{tmp_path / name}.db", tmp_path / name)
        town.store.units.replace([], viewer=LOCAL_OPERATOR, now=town.now)
        reports = located_reports(120).assign(category="06010")
        town.store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=town.now)
        found.append(town)
    yield found
    for town in found:
        town.close()


def told(event: Event) -> tuple[object, ...]:
    return (event.id, event.state, event.version, event.tier, event.unit, event.due_at, str(event.progress))


def test_the_same_seed_gives_the_same_cases_and_another_seed_others(towns: list[Town]) -> None:
    one, other = towns
    assert load_cases(one.services, count=60, seed=3) == load_cases(other.services, count=60, seed=3) == 60
    first, second = (town.store.cases.page(CaseQuery(limit=100), CASE_OPERATOR) for town in towns)
    assert [told(event) for event in first] == [told(event) for event in second]
    assert load_cases(one.services, count=60, seed=4) == 0, "they are made once"
    states = Counter(event.state for event in first)
    assert len(states) >= 10
    assert {event.unit for event in first} > {"", "sanitation"}
    assert max(event.updated_at for event in first if event.updated_at is not None) <= one.now
    assert one.store.verify() == []
    assert len(one.store.units.list()) == 18


def test_every_way_of_a_life_is_one_that_the_table_allows(towns: list[Town]) -> None:
    """With so many cases each way was taken at least once; a way that the table refuses would have kept nothing."""
    town = towns[0]
    assert load_cases(town.services, count=100, seed=5) == 100
    moves = {
        row.move
        for e in town.store.cases.page(CaseQuery(limit=100), CASE_OPERATOR)
        for row in town.store.cases.history(e.id, CASE_OPERATOR)
    }
    assert {move for _, way in LIVES for move in way} - moves <= {
        "withdraw",
        "escalate",
        "transfer",
        "reopen",
        "request_return",
    }
