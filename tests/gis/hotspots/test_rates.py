"""Smoothed rates equal esda's, lie between the raw rate and the mean, and are never NaN."""

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes
from hypothesis import assume, given
from hypothesis import strategies as st
from libpysal import examples
from libpysal import io as libpysal_io
from libpysal.weights import W

from gis.errors import InputError, ShapeError
from gis.hotspots.rates import empirical_bayes
from gis.hotspots.weights import Weights, lattice_weights

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def st_louis() -> tuple[np.ndarray, np.ndarray]:
    """Homicides and population of 78 counties around St. Louis, as libpysal ships them."""
    table = libpysal_io.open(examples.load_example("stl").get_path("stl_hom.csv"), "r")
    found = np.array(table[:, 10], dtype=float), np.array(table[:, 13], dtype=float)
    table.close()
    return found


def test_st_louis_rates_are_the_printed_ones(st_louis: tuple[np.ndarray, np.ndarray]) -> None:
    """esda 2.9.0, docstring of Empirical_Bayes: the first eight."""
    printed = [2.36718950e-05, 4.54539167e-05, 4.78114019e-05, 2.76907146e-05, 6.58989323e-05, 3.66494122e-05,
               5.79952721e-05, 2.03064590e-05]  # fmt: skip
    np.testing.assert_allclose(empirical_bayes(*st_louis).smoothed[:8], printed, rtol=1e-8)


def test_rates_equal_esda(st_louis: tuple[np.ndarray, np.ndarray]) -> None:
    np.testing.assert_allclose(empirical_bayes(*st_louis).smoothed, Empirical_Bayes(*st_louis).r.ravel(), rtol=1e-9)


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
