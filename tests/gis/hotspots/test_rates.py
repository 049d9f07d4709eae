"""Smoothed rates equal esda's, lie between the raw rate and the mean, and are never NaN."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes, assuncao_rate
from hypothesis import assume, given
from hypothesis import strategies as st
from libpysal import examples
from libpysal.weights import W

from gis.errors import InputError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.hotspots.moran import local_moran
from gis.hotspots.rates import empirical_bayes, standardised_rates
from gis.hotspots.weights import Weights, lattice_weights

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def contiguity_file(example: str, name: str) -> dict[str, list[str]]:
    """Neighbours by id, as libpysal ships them."""
    lines = Path(examples.load_example(example).get_path(name)).read_text().split("\n")[1:]
    return {
        head.split()[0]: links.split() for head, links in zip(lines[::2], lines[1::2], strict=False) if head.strip()
    }


@pytest.fixture(scope="module")
def st_louis() -> tuple[np.ndarray, np.ndarray]:
    """Homicides and population of 78 counties around St. Louis, as libpysal ships them."""
    table = pd.read_csv(examples.load_example("stl").get_path("stl_hom.csv"))
    return table.iloc[:, 10].to_numpy(dtype=float), table.iloc[:, 13].to_numpy(dtype=float)


def test_st_louis_rates_are_the_printed_ones(st_louis: tuple[np.ndarray, np.ndarray]) -> None:
    """esda 2.9.0, docstring of Empirical_Bayes: the first eight."""
    printed = [2.36718950e-05, 4.54539167e-05, 4.78114019e-05, 2.76907146e-05, 6.58989323e-05, 3.66494122e-05,
               5.79952721e-05, 2.03064590e-05]  # fmt: skip
    np.testing.assert_allclose(empirical_bayes(*st_louis).smoothed[:8], printed, rtol=1e-8)


def test_rates_equal_esda(st_louis: tuple[np.ndarray, np.ndarray]) -> None:
    np.testing.assert_allclose(empirical_bayes(*st_louis).smoothed, Empirical_Bayes(*st_louis).r.ravel(), rtol=1e-9)


def test_st_louis_spatial_rates_are_the_printed_ones(st_louis: tuple[np.ndarray, np.ndarray]) -> None:
    """esda 2.9.0, docstring of Spatial_Empirical_Bayes, with the contiguity that libpysal ships: the first ten."""
    printed = [4.01485749e-05, 3.62437513e-05, 4.93034844e-05, 5.09387329e-05, 3.72735210e-05, 3.69333797e-05,
               5.40245456e-05, 2.99806055e-05, 3.73034109e-05, 3.47270722e-05]  # fmt: skip
    links = contiguity_file("stl", "stl.gal")
    rows = [sorted(int(other) - 1 for other in links[str(row)]) for row in range(1, 79)]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    near = Neighbours(indptr=indptr, indices=np.concatenate(rows).astype(np.int64))
    np.testing.assert_allclose(empirical_bayes(*st_louis, near).smoothed[:10], printed, rtol=1e-8)


def test_standardised_rates_are_the_printed_ones_and_equal_esda() -> None:
    """esda 2.9.0, docstring of assuncao_rate: eight regions, the first four."""
    count, people = np.array([30, 25, 25, 15, 33, 21, 30, 20]), np.array([100, 100, 110, 90, 100, 90, 110, 90])
    found = standardised_rates(count, people)
    np.testing.assert_allclose(found[:4], [1.03843594, -0.04099089, -0.56250375, -1.73061861], atol=1e-8)
    np.testing.assert_allclose(found, assuncao_rate(count, people), atol=1e-9)


def test_standardised_rates_need_people_everywhere_and_are_never_nan() -> None:
    assert standardised_rates([0, 0], [5, 9]).tolist() == [0, 0]
    with pytest.raises(ShapeError, match="above zero"):
        standardised_rates([1, 2], [0, 5])


@pytest.mark.parametrize("seed", range(3))
def test_spatial_rates_equal_esda(seed: int) -> None:
    rng, near = np.random.default_rng(seed), lattice_weights(5, 6)
    people = rng.integers(50, 900, 30).astype(float)
    count = rng.poisson(0.05 * people * rng.gamma(2, 0.5, 30)).astype(float)
    links = {row: near.indices[near.indptr[row] : near.indptr[row + 1]].tolist() for row in range(30)}
    weights = W(links, id_order=list(range(30)))
    wanted = Spatial_Empirical_Bayes(count, people, weights).r.ravel()
    np.testing.assert_allclose(empirical_bayes(count, people, near).smoothed, wanted, rtol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 500)), min_size=12, max_size=12), st.booleans())
def test_rates_lie_between_the_raw_rate_and_the_mean(rows: list[tuple[int, int]], local: bool) -> None:
    count, people = np.array(rows, dtype=float).T
    assume(people.sum() > 0)
    near: Weights | None = lattice_weights(3, 5, mask=np.arange(15).reshape(3, 5) % 5 != 3) if local else None
    found = empirical_bayes(count, people, near)
    assert np.isfinite(found.smoothed).all()
    known = people > 0
    low, high = np.minimum(found.raw, found.mean), np.maximum(found.raw, found.mean)
    assert (found.smoothed[known] >= low[known] - 1e-9).all()
    assert (found.smoothed[known] <= high[known] + 1e-9).all()


def test_few_people_are_shrunk_more_than_many() -> None:
    found = empirical_bayes([1, 100, 20, 900], [10, 1000, 1000, 5000])
    assert found.weight[0] < found.weight[1]
    assert "drawn towards the mean" in found.explain().text("en")


def test_an_island_keeps_its_rate() -> None:
    near = lattice_weights(1, 4, mask=[[1, 1, 0, 1]])
    assert empirical_bayes([1, 2, 9], [10, 10, 30], near).smoothed[2] == pytest.approx(0.3)


def test_nobody_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="population is zero"):
        empirical_bayes([1, 2], [0, 0])


@pytest.mark.parametrize(("count", "people"), [([1], [1, 2]), ([-1, 2], [3, 4]), ([1, np.nan], [3, 4])])
def test_rates_of_what_does_not_fit_are_refused(count: list[float], people: list[float]) -> None:
    with pytest.raises(ShapeError, match="must fit"):
        empirical_bayes(count, people)


def test_quadrants_of_infant_deaths_in_north_carolina_are_the_printed_ones() -> None:
    """esda 2.9.0, docstring of Moran_Local_Rate: SIDS79 over BIR79, the first ten counties."""
    sids = gpd.read_file(examples.load_example("sids2").get_path("sids2.dbf"))
    links = contiguity_file("sids2", "sids2.gal")
    number = {county: row for row, county in enumerate(links)}
    rows = [sorted(number[other] for other in others) for others in links.values()]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    near = Neighbours(indptr=indptr, indices=np.concatenate(rows).astype(np.int64))
    found = local_moran(standardised_rates(sids["SID79"], sids["BIR79"]), near)
    assert found.quadrant[:10].tolist() == [2, 4, 3, 1, 2, 1, 1, 4, 2, 4]
