"""Moran's I, global and local, equals esda's to rounding; what cannot be judged is said, never NaN."""

import numpy as np
import pytest
from esda.getisord import G_Local
from esda.moran import Moran, Moran_Local
from hypothesis import given
from hypothesis import strategies as st
from libpysal.weights import W

from gis.errors import InputError, ShapeError
from gis.hotspots.getis_ord import local_g
from gis.hotspots.moran import global_moran, local_moran
from gis.hotspots.weights import Weights, band_weights, lattice_weights

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::scipy.sparse.SparseEfficiencyWarning")


def as_w(near: Weights) -> W:
    rows = range(len(near))
    return W(
        {row: near.indices[near.indptr[row] : near.indptr[row + 1]].tolist() for row in rows}, silence_warnings=True
    )


@pytest.mark.parametrize("seed", range(3))
def test_local_moran_equals_esda(seed: int) -> None:
    near = lattice_weights(8, 11)
    values = np.random.default_rng(seed).negative_binomial(1, 0.2, 88).astype(float)
    found, wanted = local_moran(values, near), Moran_Local(values, as_w(near), permutations=0)
    np.testing.assert_allclose(found.i, wanted.Is, atol=1e-9)
    # esda scales I by n - 1 and its moments by n; a score needs one scale.
    np.testing.assert_allclose(found.z, (wanted.Is * 88 / 87 - wanted.EIc) / np.sqrt(wanted.VIc), atol=1e-9)
    assert (found.quadrant == wanted.q).all()


@pytest.mark.parametrize("seed", range(3))
def test_global_moran_equals_esda(seed: int) -> None:
    near = lattice_weights(8, 11)
    values = np.random.default_rng(seed).poisson(4, 88).astype(float)
    found, wanted = global_moran(values, near), Moran(values, as_w(near), permutations=0)
    mine = [found.i, found.expected, found.z_normal, found.p_normal, found.z, found.p]
    np.testing.assert_allclose(
        mine, [wanted.I, wanted.EI, wanted.z_norm, wanted.p_norm, wanted.z_rand, wanted.p_rand], atol=1e-9
    )


def test_gi_without_self_equals_the_printed_vector_of_esda() -> None:
    """esda 2.9.0, docstring of G_Local: six points, a band of 15, Zs with and without star."""
    points = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
    near, y = band_weights(points, 15), np.array([2, 3, 3.2, 5, 8, 7])
    plain = [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]
    star = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    np.testing.assert_allclose(local_g(y, near, star=False).z, plain, atol=1e-8)
    np.testing.assert_allclose(local_g(y, near).z, star, atol=1e-8)


@pytest.mark.parametrize("seed", range(2))
def test_gi_without_self_equals_esda_on_a_lattice(seed: int) -> None:
    near = lattice_weights(9, 7)
    values = np.random.default_rng(seed).poisson(3, 63).astype(float)
    wanted = G_Local(values, as_w(near), transform="B", star=False, permutations=0).Zs
    np.testing.assert_allclose(local_g(values, near, star=False).z, wanted, atol=1e-9)


def test_the_score_of_local_moran_is_that_of_gi_but_for_the_sign() -> None:
    values, near = np.random.default_rng(8).poisson(3, 63).astype(float), lattice_weights(9, 7)
    lisa, gi = local_moran(values, near), local_g(values, near, star=False)
    np.testing.assert_allclose(lisa.z, gi.z * np.sign(values - values.mean()), atol=1e-9)


def test_quadrants_of_a_field_that_can_be_read_off() -> None:
    values = np.array([9.0, 9, 9, 9, 1, 1, 1, 1, 1, 1, 1, 9, 1, 1, 1, 1])
    near = lattice_weights(1, 16)
    found = local_moran(values, near)
    assert found.quadrant[1] == 1
    assert found.quadrant[7] == 3
    assert found.quadrant[11] == 4


def test_a_checkerboard_has_negative_and_a_slope_positive_i() -> None:
    row, column = np.divmod(np.arange(36), 6)
    near = lattice_weights(6, 6, rook=True)
    board, slope = global_moran((row + column) % 2, near), global_moran(row + column, near)
    assert board.i == pytest.approx(-1.0)
    assert slope.i > 0.5
    assert "neighbours tend to differ" in board.explain().text("en")


def test_permutation_p_of_the_global_i_agrees_with_the_normal_one(rng: np.random.Generator) -> None:
    values, near = rng.normal(size=144), lattice_weights(12, 12)
    found = global_moran(values, near, permutations=1999, rng=rng)
    assert found.p_permuted == pytest.approx(found.p, abs=0.1)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_constant_field_has_no_moran(value: float) -> None:
    near = lattice_weights(3, 3)
    with pytest.raises(InputError, match="All values are equal"):
        global_moran(np.full(9, value), near)
    found = local_moran(np.full(9, value), near)
    assert not found.judged.any()
    assert found.p.tolist() == [1.0] * 9
    assert "same value" in found.notes[0][1]


def test_where_every_cell_touches_every_other_nothing_is_evident_and_nothing_is_nan() -> None:
    found = global_moran([1.0, 2.0, 3.0, 9.0], lattice_weights(2, 2), permutations=19, rng=np.random.default_rng(1))
    assert found.i == pytest.approx(found.expected)
    assert (found.z, found.p, found.z_normal, found.p_permuted) == (0, 1, 0, 1)


def test_no_neighbours_at_all_are_refused() -> None:
    with pytest.raises(InputError, match="no cell has a neighbour"):
        global_moran(np.arange(4.0), band_weights([[0, 0], [9, 0], [18, 0], [27, 0]], 5))


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], [1.0, np.nan, 2.0, 3.0]])
def test_too_few_or_missing_values_are_refused(values: list[float]) -> None:
    with pytest.raises(ShapeError, match="finite values"):
        local_moran(values, lattice_weights(1, len(values)))


@given(st.lists(st.integers(0, 9), min_size=20, max_size=20))
def test_no_field_gives_a_nan(values: list[int]) -> None:
    near = lattice_weights(5, 6, mask=np.arange(30).reshape(5, 6) % 3 > 0)
    for found in (local_moran(values, near), local_g(values, near, star=False), local_g(values, near)):
        assert np.isfinite(found.z).all()
        assert ((found.p >= 0) & (found.p <= 1)).all()


def test_clusters_are_explained_in_both_languages() -> None:
    values = np.zeros(400)
    values[[r * 20 + c for r in range(9, 13) for c in range(9, 13)]] = 10
    words = local_moran(values, lattice_weights(20, 20)).explain()
    assert "high among high" in words.text("en")
    assert "Moran" in words.text("zh")
    assert words.as_dict()["parameters"]["correction"] == "fdr"
