"""The ground that a phone keeps: small, exact enough to tell the grid, and no more than its account may see."""

import json

import numpy as np
import pytest
import shapely

from gis.join.assign import assign_levels
from webmap.reporting import ground as module
from webmap.reporting.ground import ground
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer


def cell_at(told: dict[str, object], lon: float, lat: float) -> str:
    """The grid by the outlines alone, lowest code first."""
    hits = []
    for cell in told["cells"]:  # type: ignore[attr-defined]
        parts = [shapely.Polygon(part[0], part[1:]) for part in cell["rings"]]
        if any(part.covers(shapely.Point(lon, lat)) for part in parts):
            hits.append(cell["code"])
    return min(hits, default="")


def test_outlines_tell_the_same_grid_as_the_server(services: Services) -> None:
    told = ground(services, LOCAL_OPERATOR, places=True)
    (south, west), (north, east) = told["bounds"]
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(west, east, 300), rng.uniform(south, north, 300)
    areas = services.areas(LOCAL_OPERATOR)
    wanted = assign_levels(lon, lat, areas[areas["kind"] != "special"])["grid"]
    assert [cell_at(told, x, y) for x, y in zip(lon, lat, strict=True)] == list(wanted)
    assert 20 < (wanted != "").sum() < 300


def test_it_is_small_enough_for_a_phone(services: Services) -> None:
    assert len(json.dumps(ground(services, LOCAL_OPERATOR, places=True), ensure_ascii=False).encode()) < 500_000


def test_streets_are_joined_by_name_and_stop_at_the_bound(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ground(services, LOCAL_OPERATOR, places=False)["streets"]
    assert len(whole) < len(services.layer("streets", LOCAL_OPERATOR)) / 3
    monkeypatch.setattr(module, "MOST_VERTICES", 500)
    some = ground(services, LOCAL_OPERATOR, places=False)["streets"]
    assert 0 < sum(len(line) for street in some for line in street["lines"]) <= 500
    assert some == whole[: len(some)], "the larger streets are kept"


def test_who_sees_one_street_gets_its_grids_alone(services: Services) -> None:
    street = "150304008000"
    told = ground(services, Viewer("worker", "grid_worker", (street,)), places=True)
    assert told["cells"]
    assert all(cell["code"].startswith("150304008") for cell in told["cells"])
    assert all(area["code"].startswith("150304008") for area in told["areas"] if area["level"] in ("grid", "community"))


def test_the_public_gets_no_places(services: Services) -> None:
    assert ground(services, LOCAL_OPERATOR, places=False)["places"] == []
    assert len(ground(services, LOCAL_OPERATOR, places=True)["places"]) > 50
