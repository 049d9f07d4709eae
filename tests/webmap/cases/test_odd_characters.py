"""Ids and filters with a character that PostgreSQL keeps nowhere are refused alike by both stores, and never as "ask again"."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmap.cases.town import Town
from tests.webmap.store.conftest import postgres_cluster as postgres_cluster
from tests.webmap.store.conftest import url as url


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Town]:
    """A town with one case."""
    made = Town(url, tmp_path)
    made.report("worker", 1)
    yield made
    made.close()


def test_no_record_has_a_nul_in_its_id_and_no_filter_takes_one(town: Town) -> None:
    boss = town.client("boss")
    for path in ("events/a%00", "events/a%00/moves", "events/a%00/patrols", "supervision/a%00", "disputes/a%00"):
        assert boss.get(f"/api/{path}").status_code == 404, path
    assert boss.get("/desk/a%00").status_code == 404
    for query in (
        "events?unit=%00",
        "events?category=a%00",
        "events/work?source=%00",
        "events?area=%00",
        "supervision?unit=%00",
    ):
        assert boss.get(f"/api/{query}").status_code == 400, query
