"""Scan statistics meet the plain search through all circles and days, and find a cluster that was planted."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from libpysal import examples

from gis.errors import InputError, ShapeError
from gis.hotspots.scan import poisson_scan
from gis.hotspots.space_time_scan import space_time_permutation_scan
from tests.oracles.scan import best_circle, best_cylinder


@pytest.fixture
def city(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thirty areas with people, and cases that follow them but for four areas in a corner."""
    xy, people = rng.uniform(0, 5000, (30, 2)), rng.integers(200, 4000, 30).astype(float)
    risk = np.where(np.hypot(*xy.T) < 2200, 0.02, 0.005)
    return xy, rng.poisson(risk * people).astype(float), people


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [0.5, 0.2])
def test_the_strongest_circle_is_that_of_the_plain_search(seed: int, most: float) -> None:
    rng = np.random.default_rng(seed)
    xy, people = rng.integers(0, 6, (25, 2)) * 100.0, rng.integers(0, 900, 25).astype(float)
    cases = rng.poisson(0.02 * people).astype(float)
    value, areas = best_circle(xy, cases, people, most)
    found = poisson_scan(xy, cases, people, most_share=most, simulations=0, rng=rng)
    assert found.clusters[0].llr == pytest.approx(value)
    assert set(found.clusters[0].areas.tolist()) == areas


@pytest.mark.parametrize("seed", range(3))
def test_the_strongest_cylinder_is_that_of_the_plain_search(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy, days = rng.integers(0, 4, (40, 2)) * 100.0, rng.integers(0, 12, 40)
    found = space_time_permutation_scan(xy, days, most_days=4, simulations=0, rng=rng)
    assert found.clusters[0].llr == pytest.approx(best_cylinder(xy, days, 0.5, 4))


def test_a_planted_cluster_is_found_with_a_small_p(city: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = poisson_scan(*city, rng=np.random.default_rng(1), simulations=199)
    best = found.clusters[0]
    assert best.p == 1 / 200
    assert best.relative_risk > 2
    assert (np.hypot(*city[0][best.areas].T) < 2600).all()
    assert "areas with" in found.explain().text("en")


def test_infant_deaths_in_north_carolina_cluster_in_the_counties_found_by_another_hand() -> None:
    """1974-84, counties at their projected centroids: 107 against 57.7 with a ratio of 17.6, then four in the north-east."""
    counties = gpd.read_file(examples.load_example("sids2").get_path("sids2.shp")).set_crs(4267).to_crs(32617)
    centre = shapely.get_coordinates(shapely.centroid(counties.geometry.to_numpy()))
    cases, births = counties["SID74"] + counties["SID79"], counties["BIR74"] + counties["BIR79"]
    found = poisson_scan(centre, cases, births, simulations=99, rng=np.random.default_rng(1)).clusters
    assert set(counties["NAME"].iloc[found[0].areas]) == {"Bladen", "Hoke", "Robeson", "Scotland"}
    assert (found[0].observed, round(found[0].expected, 1), round(found[0].llr, 1)) == (107, 57.7, 17.6)
    assert set(counties["NAME"].iloc[found[1].areas]) == {"Bertie", "Halifax", "Hertford", "Northampton"}


def test_secondary_clusters_share_no_area_and_come_weaker(city: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    clusters = poisson_scan(*city, rng=np.random.default_rng(1), simulations=19).clusters
    members = [area for cluster in clusters for area in cluster.areas.tolist()]
    assert len(members) == len(set(members))
    assert [c.llr for c in clusters] == sorted((c.llr for c in clusters), reverse=True)


def test_p_is_uniform_where_nothing_is_planted() -> None:
    """Over forty cities without a cluster p below 0.2 must come in about a fifth; 17 of 40 has a chance below 1 in 1000."""
    rng = np.random.default_rng(5)
    small = 0
    for _ in range(40):
        xy, people = rng.uniform(0, 1, (20, 2)), np.full(20, 500.0)
        cases = rng.multinomial(100, people / people.sum())
        small += poisson_scan(xy, cases, people, simulations=49, rng=rng).clusters[0].p <= 0.2
    assert small < 17


def test_an_ellipse_is_at_least_as_strong_as_a_circle_and_finds_a_street(rng: np.random.Generator) -> None:
    x, y = np.meshgrid(np.arange(12) * 100.0, np.arange(12) * 100.0)
    xy, people = np.column_stack([x.ravel(), y.ravel()]), np.full(144, 100.0)
    cases = np.where((xy[:, 1] == 500) & (xy[:, 0] < 900), 6.0, 1.0)
    circle = poisson_scan(xy, cases, people, simulations=9, rng=rng).clusters[0]
    ellipse = poisson_scan(xy, cases, people, simulations=9, rng=rng, shape="ellipse").clusters[0]
    assert ellipse.llr > circle.llr
    assert (ellipse.shape, ellipse.angle_deg) == (3.0, 0.0)


def test_areas_at_the_same_point_go_together() -> None:
    xy = np.array([[0, 0], [0, 0], [900, 0], [1800, 0]])
    found = poisson_scan(xy, [9, 0, 1, 1], [10, 10, 50, 50], simulations=9, rng=np.random.default_rng(1))
    assert set(found.clusters[0].areas.tolist()) == {0, 1}


def test_a_burst_in_space_and_time_is_found_by_its_rows_and_days(rng: np.random.Generator) -> None:
    xy, days = rng.integers(0, 6, (300, 2)) * 200.0, rng.integers(0, 60, 300)
    burst = np.full((8, 2), 400.0)
    found = space_time_permutation_scan(
        np.vstack([xy, burst]), np.append(days, rng.integers(30, 33, 8)), most_days=7, simulations=99, rng=rng
    )
    best = found.clusters[0]
    assert set(range(300, 308)) <= set(best.areas.tolist())
    assert best.p <= 0.02
    assert best.days is not None
    assert best.days[0] <= 30 < 32 <= best.days[1] <= 36


def test_a_prospective_cluster_lives_on_the_last_day(rng: np.random.Generator) -> None:
    xy, days = rng.integers(0, 4, (120, 2)) * 200.0, rng.integers(0, 30, 120)
    found = space_time_permutation_scan(xy, days, simulations=9, rng=rng, prospective=True, most_days=10)
    assert all(cluster.days[1] == days.max() for cluster in found.clusters)


def test_cases_exactly_as_expected_make_no_cluster() -> None:
    found = poisson_scan([[0, 0], [1, 0], [2, 0]], [1, 1, 1], [5, 5, 5], simulations=9, rng=np.random.default_rng(1))
    assert found.clusters == ()
    assert "No area" in found.explain().text("en")


@pytest.mark.parametrize(
    ("cases", "people", "options", "words"),
    [
        ([0, 0], [1, 1], {}, "above zero in total"),
        ([1, -1], [1, 1], {}, "not below zero"),
        ([1, np.nan], [1, 1], {}, "finite"),
        ([1, 1], [0, 1], {}, "no population"),
        ([1, 1], [1, 1], {"most_share": 0.7}, "at most 0.5"),
        ([1, 1], [1, 1], {"shape": "square"}, "no scanning window"),
    ],
)
def test_what_cannot_be_scanned_is_refused(cases: list[float], people: list[float], options: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        poisson_scan([[0, 0], [1, 1]], cases, people, rng=np.random.default_rng(1), **options)


def test_more_areas_than_memory_holds_are_refused_before_it_is_taken(rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match="too many windows"):
        poisson_scan(rng.uniform(size=(1600, 2)), np.ones(1600), np.ones(1600), rng=rng, shape="ellipse")


def test_one_area_is_no_field_to_scan() -> None:
    with pytest.raises(ShapeError, match="fewer than two"):
        poisson_scan([[0, 0]], [1], [1], rng=np.random.default_rng(1))


@pytest.mark.parametrize(("xy", "days"), [([[0, 0], [0, 0]], [1, 9]), ([[0, 0], [5, 0]], [3, 3])])
def test_one_place_or_one_day_is_refused(xy: list[list[float]], days: list[int]) -> None:
    with pytest.raises(InputError, match="two places and two days"):
        space_time_permutation_scan(xy, days, rng=np.random.default_rng(1))
