"""The key area of the sample: one, with a whole life so far, made once; and none where there is nothing to make it of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmap.conftest import NOON, sample_copy
from tests.webmap.store.case_life import UNITS
from webmap.config import Config
from webmap.sample_key_areas import ID, MOST_GRIDS, WEEKS, load_key_area
from webmap.services import Services
from webmap.side_desks import key_area_effect, key_areas
from webmap.store import LOCAL_OPERATOR, init_store, open_store
from webmap.store.case_scope import CASE_OPERATOR


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = Services(open_store(sample_copy(tmp_path_factory)), Config(), clock=lambda: NOON)
    services.store.units.replace(UNITS, viewer=LOCAL_OPERATOR, now=NOON)
    load_key_area(services)
    yield services
    services.close()


def test_it_is_made_once_with_measures_and_a_check_and_its_figures_show_no_effect(sample: Services) -> None:
    assert load_key_area(sample) == 0
    told = key_areas.one(sample, ID, viewer=CASE_OPERATOR)
    assert [m["move"] for m in told["history"]] == ["propose", "designate", "measure", "measure", "measure", "check"]
    assert sample.store.verify() == []
    effect = key_area_effect.effect(sample, ID, cases=CASE_OPERATOR, viewer=LOCAL_OPERATOR)
    # Twelve weeks to the last report; by twos as many as are whole.
    assert effect["days"] in (7 * WEEKS, 7 * (WEEKS - 2))
    groups = {each["group"]: each for each in effect["groups"]}
    assert 1 <= groups["area"]["units"] <= MOST_GRIDS * 2
    assert groups["compared"]["units"] >= 3
    assert groups["area"]["before"] > 50
    # No measure was ever taken in the sample: whatever the area fell by, its comparison fell by as well.
    assert effect["is_shown"] is False
    assert effect["change"]["low"] < 1 < effect["change"]["high"]


def test_without_data_or_units_there_is_none(tmp_path: Path) -> None:
    services = Services(init_store(f"sqlite:///{tmp_path / 'empty.db'}", {}), Config(), clock=lambda: NOON)
    assert load_key_area(services) == 0
    services.close()
