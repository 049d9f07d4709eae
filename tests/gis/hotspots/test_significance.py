"""Corrections equal scipy's, ties count on both sides, and disagreement is told in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from gis.errors import InputError
from gis.hotspots.significance import adjusted, bonferroni, check_level, disagreement, two_sided


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 10))
def test_cells_that_are_no_tests_do_not_count(p: list[float], more: int) -> None:
    judged = np.arange(len(p) + more) < len(p)
    found = adjusted(np.array(p + [0.5] * more), "fdr", judged)
    np.testing.assert_allclose(found[: len(p)], false_discovery_control(p), atol=1e-12)
    assert (found[len(p) :] == 1).all()


def test_bonferroni_multiplies_by_the_number_of_tests_and_stops_at_one() -> None:
    assert bonferroni(np.array([0.01, 0.2, 0.5])).tolist() == pytest.approx([0.03, 0.6, 1.0])


def test_without_correction_p_stays() -> None:
    assert adjusted(np.array([0.01, 0.2]), "none").tolist() == [0.01, 0.2]


def test_a_correction_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="no correction 'holm'"):
        adjusted(np.array([0.1]), "holm")  # type: ignore[arg-type]


def test_a_value_that_ties_with_all_permutations_is_no_surprise() -> None:
    assert two_sided(np.array([999]), np.array([999]), 999).tolist() == [1.0]


def test_the_smallest_p_is_two_over_permutations_and_one() -> None:
    assert two_sided(np.array([0]), np.array([999]), 999)[0] == pytest.approx(0.002)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, float("nan")])
def test_a_level_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        check_level(alpha)


def test_disagreement_counts_what_only_one_of_the_two_marks() -> None:
    z = np.array([3.0, 3.0, -3.0, -3.0])
    apart = disagreement(z, np.array([0.01, 0.01, 0.9, 0.9]), np.array([0.01, 0.9, 0.01, 0.9]), 0.05)
    assert (apart.hot_apart, apart.cold_apart) == (1, 1)
    assert "hot 2 against 1 (1 in both)" in apart.text("en")
    assert "冷点 0 对 1" in apart.text("zh")


def test_agreement_says_nothing() -> None:
    q = np.array([0.01])
    apart = disagreement(np.array([3.0]), q, q, 0.05)
    assert not apart
    assert apart.text("en") == ""
