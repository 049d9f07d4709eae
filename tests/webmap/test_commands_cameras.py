"""``wangge cameras`` as a person types it: JSON with the promised numbers, both languages, exit status."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis.cameras.tables import TABLES, write_csv
from gis.errors import InputError, NotFoundError
from tests.webmap.town import make_town
from webmap.cli import cli
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR

# Each new question about cameras of the whole sample takes seconds.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The small town with streets."""
    made = make_town(tmp_path_factory.mktemp("town"), streets=True)
    yield made.services
    made.services.store.close()


@pytest.fixture
def asked(town: Services, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command on the small town; its status and what it prints, read as JSON."""

    def run(*words: object) -> tuple[int, Any]:
        status = cli.main(["cameras", *map(str, words), "--db", town.store.url, "--json"], standalone_mode=False)
        return status, json.loads(capsys.readouterr().out)

    return run


def test_coverage_by_night_is_no_more_than_by_day_and_has_targets(asked: Any) -> None:
    (_, day), (status, night) = asked("coverage"), asked("coverage", "--light", "night")
    assert status == 0
    assert night["sure"][0]["seen"][0] < day["sure"][0]["seen"][0] <= day["sure"][0]["of"]
    assert {each["point_class"] for each in day["targets"]} == {"1", "2", "3"}


def test_blind_spots_come_by_rank(asked: Any) -> None:
    status, rows = asked("blind-spots", "--top", 3)
    assert status == 0
    assert [row["rank"] for row in rows] == [1, 2, 3]


def test_sites_keep_the_budget_and_the_forbidden_zone(asked: Any, town: Services, tmp_path: Path) -> None:
    community = town.layer("cameras", LOCAL_OPERATOR).set_index("id").loc["good", "community"]
    zone = tmp_path / "zone.geojson"
    zone.write_text(json.dumps(shapely.box(0, 0, 1, 1).__geo_interface__), encoding="utf-8")
    status, told = asked("site", "--budget", 7, "--area", community, "--forbidden", zone)
    assert status == 0
    assert sum(each["cost"] for each in told["sites"]) == told["total_cost"] <= 7


def test_the_check_says_by_its_status_that_something_is_wrong(asked: Any) -> None:
    status, told = asked("check", "--rule", "code")
    assert status == 1
    assert {each["rule"] for each in told["findings"]} == {"code"}
    assert asked("check", "--rule", "owner")[0] == 0


def test_resilience_and_history_are_told(asked: Any) -> None:
    status, told = asked("resilience", "--top", 2)
    assert status == 0
    assert len(told["losses"]) == 2
    assert asked("history", "good") == (0, []), "its status was never told"


def test_a_table_is_printed_set_and_put_back(asked: Any, tmp_path: Path) -> None:
    assert set(asked("tables")[1]) == set(TABLES)
    file = tmp_path / "costs.csv"
    file.write_text("mount,cost\npole,30\nwall,10\n", encoding="utf-8")
    assert asked("tables", "site_costs", file)[1] == [{"mount": "pole", "cost": "30"}, {"mount": "wall", "cost": "10"}]
    assert asked("tables", "site_costs", "--default")[1] == [dict(row) for row in TABLES["site_costs"].default]
    file.write_text("mount,cost\npole,free\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1"):
        asked("tables", "site_costs", file)
    with pytest.raises(NotFoundError):
        asked("tables", "moons")


def test_a_table_is_printed_as_the_file_that_sets_it(town: Services, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["cameras", "tables", "bands", "--db", town.store.url], standalone_mode=False)
    assert capsys.readouterr().out == write_csv("bands", TABLES["bands"].default)


def test_masks_are_imported_listed_and_removed_and_bad_ones_named(asked: Any, tmp_path: Path) -> None:
    good, point = shapely.box(106.7, 39.5, 106.701, 39.501), shapely.Point(1, 2)
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "name": name, "reason": "住户"},
            "geometry": shape.__geo_interface__,
        }
        for name, shape in (("yard", good), ("dot", point))
    ]
    file = tmp_path / "masks.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [*features, 7]}), encoding="utf-8")
    status, told = asked("masks", "import", file)
    assert status == 1
    assert told["kept"] == ["yard"]
    assert [each["feature"] for each in told["rejected"]] == [2, 3]
    assert [row["id"] for row in asked("masks", "list")[1]] == ["yard"]
    assert asked("masks", "remove", "yard") == (0, {"removed": "yard"})
    assert asked("masks", "list")[1] == []
