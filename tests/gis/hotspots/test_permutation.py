"""Permutation p values meet exact enumeration and esda, and do not depend on cores."""

import numpy as np
import pytest
from esda.getisord import G_Local
from libpysal.weights import W

from gis.errors import InputError
from gis.hotspots._permutation import permuted_ranks
from gis.hotspots.getis_ord import ENOUGH_PERMUTATIONS, local_g
from gis.hotspots.moran import local_moran
from gis.hotspots.weights import Weights, band_weights, lattice_weights
from tests.oracles.permutation import exact_tails

MANY = 20_000


def test_tails_equal_going_through_every_choice(rng: np.random.Generator) -> None:
    values, near = rng.poisson(1.5, 12).astype(float), lattice_weights(3, 4)
    above, below = permuted_ranks(values, near, permutations=MANY, rng=rng)
    high, low = exact_tails(values, near.matrix().toarray())
    # Four standard errors of a share.
    np.testing.assert_allclose(above / MANY, high, atol=4 * 0.5 / np.sqrt(MANY))
    np.testing.assert_allclose(below / MANY, low, atol=4 * 0.5 / np.sqrt(MANY))


def test_unequal_weights_meet_the_plain_loop(rng: np.random.Generator) -> None:
    xy, values = rng.uniform(0, 100, (15, 2)), rng.normal(size=15)
    near = band_weights(xy, 60, decay="inverse")
    above, _ = permuted_ranks(values, near, permutations=MANY, rng=rng)
    for cell in (0, 7, 14):
        span = slice(near.indptr[cell], near.indptr[cell + 1])
        weights, others = near.values[span], np.delete(values, cell)
        seen = weights @ values[near.indices[span]]
        drawn = np.array([weights @ rng.permutation(others)[: len(weights)] for _ in range(4000)])
        assert above[cell] / MANY == pytest.approx((drawn >= seen).mean(), abs=4 * 0.5 / np.sqrt(4000))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
def test_p_equals_esdas_within_its_error(rng: np.random.Generator) -> None:
    """On the upper side; on the lower one esda does not count ties as extreme, so continuous values are compared.

    Long, as esda compiles for twenty seconds and minutes on a busy machine; exact enumeration above is the daily oracle.
    """
    values, near = rng.gamma(1.0, size=150), lattice_weights(10, 15)
    found = local_g(values, near, permutations=9_999, rng=rng)
    weights = W({row: near.indices[near.indptr[row] : near.indptr[row + 1]].tolist() for row in range(150)})
    theirs = 2 * G_Local(values, weights, transform="B", star=True, permutations=9_999, seed=3, n_jobs=1).p_sim
    assert np.abs(found.p_permuted - np.minimum(theirs, 1)).max() < 4 * np.sqrt(2) / np.sqrt(9_999)


def test_cells_of_zeros_are_not_cold_because_of_ties() -> None:
    """Nine tenths are empty: an empty neighbourhood is the usual case, and no two-sided p may call it rare."""
    values = np.zeros(400)
    values[::10] = 5
    found = local_g(values, lattice_weights(20, 20), permutations=999, rng=np.random.default_rng(1), correction="none")
    empty = (found.z < 0) & found.judged
    assert empty.sum() > 50
    assert not found.cold.any()


def test_the_same_generator_gives_the_same_p_in_any_room() -> None:
    values, near = np.random.default_rng(5).poisson(2, 90).astype(float), lattice_weights(9, 10)
    first = permuted_ranks(values, near, permutations=500, rng=np.random.default_rng(7))
    again = permuted_ranks(values, near, permutations=500, rng=np.random.default_rng(7))
    assert (first[0] == again[0]).all()
    other = permuted_ranks(values, near, permutations=500, rng=np.random.default_rng(8))
    assert (first[0] != other[0]).any()


class Uneven(Weights):
    """Equal weights that take the general loop."""

    @property
    def level(self) -> np.ndarray:
        return np.zeros(len(self), dtype=bool)


def test_equal_weights_and_the_general_loop_agree(rng: np.random.Generator) -> None:
    values, near = rng.poisson(2, 30).astype(float), lattice_weights(5, 6)
    bent = Uneven(near.indptr, near.indices, near.values, near.rule)
    fast = permuted_ranks(values, near, permutations=2_000, rng=np.random.default_rng(2))
    slow = permuted_ranks(values, bent, permutations=2_000, rng=np.random.default_rng(2))
    np.testing.assert_array_equal(fast[0], slow[0])
    np.testing.assert_array_equal(fast[1], slow[1])


def test_local_moran_has_the_permutation_p_of_gi() -> None:
    """Two-sided, a cell's own value only scales and turns its I."""
    values, near = np.random.default_rng(3).poisson(3, 60).astype(float), lattice_weights(6, 10)
    gi = local_g(values, near, star=False, permutations=400, rng=np.random.default_rng(4))
    lisa = local_moran(values, near, permutations=400, rng=np.random.default_rng(4))
    np.testing.assert_array_equal(gi.p_permuted[lisa.judged], lisa.p_permuted[lisa.judged])


def test_marks_follow_the_permutations_and_say_where_the_normal_differs() -> None:
    values = np.random.default_rng(6).negative_binomial(0.3, 0.05, 300).astype(float)
    found = local_g(
        values, lattice_weights(15, 20), permutations=ENOUGH_PERMUTATIONS // 10, rng=np.random.default_rng(1)
    )
    assert found.disagreement is not None
    assert found.disagreement.hot_permuted == found.hot.sum()
    if found.disagreement:
        assert found.notes[0] == (found.disagreement.text("zh"), found.disagreement.text("en"))


def test_too_few_permutations_for_the_correction_are_named() -> None:
    found = local_g(np.arange(100.0), lattice_weights(10, 10), permutations=99, rng=np.random.default_rng(1))
    assert "4000 or more permutations" in found.notes[-1][1]


def test_permutations_need_a_generator() -> None:
    with pytest.raises(InputError, match="generator"):
        local_g(np.arange(9.0), lattice_weights(3, 3), permutations=99)
