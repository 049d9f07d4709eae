"""What failing cameras cost: the interval holds the exact expectation, and a few cameras can be counted by hand."""

from itertools import product

import numpy as np
import pytest
import shapely

from gis.cameras.coverage import Coverage, Ground, PointTargets
from gis.cameras.resilience import expected, simulated
from gis.errors import FilterError

CELLS = np.array([shapely.box(0, 0, 100, 100)], dtype=object)
STREETS = np.array([shapely.LineString([(0, 50), (100, 50)])], dtype=object)
SEEN = np.array([shapely.box(0, 0, 60, 100), shapely.box(40, 0, 80, 100), shapely.box(70, 0, 80, 100)], dtype=object)
PLACES = np.array([[10.0, 10.0], [50.0, 50.0], [75.0, 50.0], [90.0, 50.0]])


def coverage() -> Coverage:
    ground = Ground.build(CELLS, ["a"], streets=STREETS, points={"places": PointTargets.of(PLACES)})
    return Coverage.of(ground, SEEN)


def by_hand(p: float) -> list[tuple[float, float]]:
    """Chance and area of every pattern of failures."""
    found = []
    for up in product((0, 1), repeat=len(SEEN)):
        chance = float(np.prod([p if each else 1 - p for each in up]))
        found.append((chance, shapely.area(shapely.union_all(SEEN[np.array(up, dtype=bool)]))))
    return found


@pytest.mark.parametrize("p", [0.0, 0.5, 0.95, 0.98, 1.0])
def test_the_expectation_is_the_mean_of_every_pattern_of_failures(p: float) -> None:
    area = expected(coverage(), p).set_index("measure").loc["area_m2"]
    assert area["expected"] == pytest.approx(sum(chance * size for chance, size in by_hand(p)))
    assert area["of"] == 10_000


def test_the_interval_is_that_of_every_pattern_of_failures() -> None:
    """At 0.8 each of the 8 patterns has its chance; the 5th and 95th percentile fall on known areas."""
    area = simulated(coverage(), 0.8, runs=20_000, samples=4000).set_index("measure").loc["area_m2"]
    sizes = sorted(by_hand(0.8), key=lambda each: each[1])
    total = np.cumsum([chance for chance, _ in sizes])
    assert area["low"] == pytest.approx(sizes[int(np.searchsorted(total, 0.05))][1], rel=0.02)
    assert area["high"] == pytest.approx(sizes[int(np.searchsorted(total, 0.95))][1], rel=0.02)


def test_places_are_counted_themselves() -> None:
    places = simulated(coverage(), 1.0, runs=10).set_index("measure").loc["places"]
    assert (places["of"], places["low"], places["high"]) == (4, 3, 3)


def test_all_working_is_the_exact_sum_and_the_interval_has_no_width() -> None:
    table = simulated(coverage(), 1.0, runs=5, samples=500)
    assert table["low"].to_numpy() == pytest.approx(table["all_working"].to_numpy())
    assert table["high"].to_numpy() == pytest.approx(table["all_working"].to_numpy())


def test_many_cameras_lie_around_their_expectation() -> None:
    rng = np.random.default_rng(3)
    cells = np.array([shapely.box(0, 0, 1000, 1000)], dtype=object)
    seen = shapely.buffer(shapely.points(rng.uniform(0, 1000, (200, 2))), 40)
    table = simulated(Coverage.of(Ground.build(cells, ["a"]), seen), 0.95, runs=400).set_index("measure")
    area = table.loc["area_m2"]
    assert area["low"] < area["expected"] < area["high"] < area["all_working"]


def test_no_camera_at_all_is_nothing_seen() -> None:
    empty = Coverage.of(Ground.build(CELLS, ["a"], streets=STREETS), np.array([], dtype=object))
    assert simulated(empty, 0.9, runs=3)[["expected", "low", "high"]].to_numpy().tolist() == [[0, 0, 0], [0, 0, 0]]


def test_the_same_seed_gives_the_same_interval() -> None:
    one, other = (simulated(coverage(), 0.9, runs=50, seed=4) for _ in range(2))
    assert one.equals(other)


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(FilterError):
        simulated(coverage(), 1.2)
    with pytest.raises(FilterError):
        simulated(coverage(), 0.9, runs=0)
