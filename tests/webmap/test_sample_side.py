"""The side desks of the sample: its committees, and a schedule for each outlet, safe harbour and segment of its railway."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.layers import ReadOptions
from tests.webmap.conftest import NOON
from webmap.config import Config
from webmap.demo import SETTINGS, sample_folder
from webmap.imports import import_file
from webmap.sample_side import RAIL_SITES, load_side_desks
from webmap.services import Services
from webmap.side_desks import inspections
from webmap.store import LOCAL_OPERATOR, init_store
from webmap.store.case_scope import CASE_OPERATOR


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Services]:
    """The areas, streets and places of the sample."""
    url = f"sqlite:///{tmp_path / 'sample.db'}"
    services = Services(init_store(url, SETTINGS), Config(db=url), clock=lambda: NOON)
    for kind, name in (("areas", "areas.geojson"), ("streets", "streets.geojson"), ("places", "places.csv")):
        options = ReadOptions(datum="wgs84", lang="en")
        import_file(services, sample_folder() / name, kind, viewer=LOCAL_OPERATOR, options=options)
    yield services
    services.close()


def test_every_site_of_the_sample_has_one_schedule_and_falls_due_within_a_month(places: Services) -> None:
    assert load_side_desks(places) == 39 + 23 + RAIL_SITES
    assert load_side_desks(places) == 0
    assert len(places.store.committees.list()) == 43
    known = inspections.schedules(places, viewer=CASE_OPERATOR)
    assert Counter(each["site"]["kind"] for each in known) == {"courier": 39, "safe_harbour": 23, "railway": RAIL_SITES}
    assert all(each["street"] for each in known), "every site lies in a street of the district"
    assert all(each["site"]["name_en"].isascii() and each["site"]["name_en"] for each in known)
    today = places.today()
    told = inspections.due(places, viewer=CASE_OPERATOR, first=today, last=today.replace(day=28), statuses=("due",))
    assert told["counts"]["due"] == len(told["due"]) > 0
    assert places.store.verify() == []
