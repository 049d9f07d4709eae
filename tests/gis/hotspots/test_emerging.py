"""Each of the 17 classes from a series made for it, the four cases sfdep gets wrong, and Gi* against three references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, ShapeError
from gis.hotspots.emerging import CLASSES, classify, emerging_hot_spots
from gis.hotspots.getis_ord import local_g
from gis.hotspots.weights import lattice_weights

RISES, FALLS, FLAT = (0.8, 0.001), (-0.8, 0.001), (0.1, 0.6)

# Ten steps, oldest first: + hot, - cold, . neither.
SERIES = [
    ("..........", FLAT, 0),
    (".........+", FLAT, 1),
    (".......+++", FLAT, 2),
    ("++++++++++", RISES, 3),
    ("++.+++++++", RISES, 3),
    ("++++++++++", FLAT, 4),
    ("+++.++++++", FLAT, 4),
    ("++++++++++", FALLS, 5),
    ("++..+.+..+", FLAT, 6),
    ("+..--...++", FLAT, 7),
    ("+++++++++.", FLAT, 8),
]


def label_of(series: str, trend: tuple[float, float], **options: object) -> int:
    sign = np.array([[{"+": 1, "-": -1, ".": 0}[step] for step in series]])
    return int(classify(sign, [trend[0]], [trend[1]], **options)[0])


def mirrored(series: str, trend: tuple[float, float]) -> tuple[str, tuple[float, float]]:
    return series.translate(str.maketrans("+-", "-+")), (-trend[0], trend[1])


@pytest.mark.parametrize(("series", "trend", "label"), SERIES)
def test_a_series_made_for_a_class_gets_it_and_its_mirror_the_cold_one(
    series: str, trend: tuple[float, float], label: int
) -> None:
    assert label_of(series, trend) == label
    assert label_of(*mirrored(series, trend)) == (label + 8 if label else 0)


def test_nine_of_ten_are_throughout_and_not_consecutive() -> None:
    assert label_of(".+++++++++", RISES) == 3
    assert label_of("..++++++++", RISES) == 2


def test_the_names_of_the_classes_are_17_in_two_languages() -> None:
    assert len(CLASSES) == 17
    assert all(CLASSES[k + 8][1] == CLASSES[k][1].replace("hot", "cold") for k in range(1, 9))
    assert len({zh for zh, _ in CLASSES}) == 17


def test_a_cold_spot_that_fades_is_a_diminishing_cold_spot() -> None:
    """sfdep 008a59b: no sign test in intensifying_hotspot, which is tried first, calls it an intensifying hot spot."""
    assert label_of("----------", RISES) == 13


def test_a_spot_that_was_hot_until_the_last_step_is_historical_whatever_the_sign_of_its_last_score() -> None:
    """sfdep asks z < 0 in the last step instead of "not significant"; the class looks at significance alone."""
    assert label_of("+++++++++.", RISES) == 8


def test_earlier_cold_steps_do_not_keep_a_spot_from_being_new() -> None:
    """sfdep counts significant steps of either sign before the last."""
    assert label_of("..--.....+", FLAT) == 1


def test_nine_of_ten_hot_steps_are_no_oscillation() -> None:
    """sfdep takes a share of 0.9 for oscillating as well as for throughout."""
    assert label_of("-+++++++++", FLAT) == 4
    assert label_of("-+++++++.+", FLAT) == 7


def test_on_and_off_without_the_last_step_is_sporadic_in_the_old_wording_only() -> None:
    assert label_of("++..+.+...", FLAT, wording="old") == 6
    assert label_of("++..+.+...", FLAT) == 0
    assert label_of("++..-.+...", FLAT, wording="old") == 0


def test_hot_throughout_and_cold_at_last_is_judged_by_the_cold_step() -> None:
    assert label_of("+++++++++-", FLAT) == 9


@given(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6), min_size=1, max_size=30))
def test_turning_hot_and_cold_turns_the_class(rows: list[list[int]]) -> None:
    sign, rise = np.array(rows), np.linspace(-1, 1, len(rows))
    p = np.where(np.abs(rise) > 0.5, 0.01, 0.5)
    straight, turned = classify(sign, rise, p), classify(-sign, -rise, p)
    assert (turned == np.where(straight == 0, 0, (straight + 7) % 16 + 1)).all()


@pytest.mark.parametrize("options", [{"wording": "latest"}, {"share": 0.0}, {"share": 1.2}])
def test_rules_that_do_not_exist_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(InputError, match="wording"):
        classify([[1, 0]], [0.0], [1.0], **options)


def test_trends_that_do_not_fit_the_steps_are_refused() -> None:
    with pytest.raises(ShapeError, match="do not fit"):
        classify([[1, 0]], [0.0, 1.0], [1.0, 1.0])


@pytest.fixture
def counts(rng: np.random.Generator) -> np.ndarray:
    """Twelve steps of 100 cells; a block warms up in the last four."""
    found = rng.poisson(2, (100, 12)).astype(float)
    block = [r * 10 + c for r in range(4, 7) for c in range(4, 7)]
    found[block, 8:] += 15
    return found


def test_own_step_as_reference_is_gi_star_step_by_step(counts: np.ndarray) -> None:
    near = lattice_weights(10, 10)
    found = emerging_hot_spots(counts, near, reference="own")
    for step in (0, 7, 11):
        np.testing.assert_allclose(found.z[:, step], local_g(counts[:, step], near).z, atol=1e-9)


def test_whole_cube_without_earlier_steps_is_gi_star_against_all_cells_and_steps(counts: np.ndarray) -> None:
    near = lattice_weights(10, 10)
    found = emerging_hot_spots(counts, near, reference="whole", back_steps=0)
    cell, step, n = 45, 9, counts.size
    block = [cell, *near.indices[near.indptr[cell] : near.indptr[cell + 1]]]
    spread = np.sqrt((n * len(block) - len(block) ** 2) / (n - 1)) * counts.std()
    assert found.z[cell, step] == pytest.approx((counts[block, step].sum() - 9 * counts.mean()) / spread)


def test_neighbourhood_as_reference_looks_at_its_own_steps_only(counts: np.ndarray) -> None:
    near = lattice_weights(10, 10)
    found = emerging_hot_spots(counts, near, reference="neighbourhood", back_steps=1)
    shifted = counts.copy()
    shifted[:, :5] *= 3
    again = emerging_hot_spots(shifted, near, reference="neighbourhood", back_steps=1)
    np.testing.assert_allclose(found.z[:, 6:], again.z[:, 6:])
    assert np.abs(found.z[:, :5] - emerging_hot_spots(shifted, near).z[:, :5]).max() > 0.5


def test_a_block_that_warms_up_is_consecutive_with_a_rising_trend(counts: np.ndarray) -> None:
    found = emerging_hot_spots(counts, lattice_weights(10, 10))
    assert found.label[55] == 2
    assert found.tau[55] > 0
    row = found.frame().iloc[55]
    assert (row["class_en"], row["class_zh"], row["hot_steps"]) == ("consecutive hot spot", "连续热点", 4)
    assert "new in the last step" in found.explain().text("en")


def test_a_constant_cube_and_an_island_have_no_class_and_no_nan() -> None:
    mask = np.ones((3, 4), dtype=bool)
    mask[:, 2] = False
    mask[1:, 3] = False
    near = lattice_weights(3, 4, mask=mask)
    assert near.islands.tolist() == [2]
    flat = emerging_hot_spots(np.full((7, 5), 2.0), near)
    assert flat.label.tolist() == [0] * 7
    busy = np.ones((7, 5))
    busy[2] = [9, 9, 9, 9, 9]
    found = emerging_hot_spots(busy, near)
    assert np.isfinite(found.z).all()
    assert found.z[2].tolist() == [0] * 5
    assert len(found.notes) == 1


@pytest.mark.parametrize("shape", [(4, 3), (5, 6), (4,)])
def test_too_few_steps_or_other_cells_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="at least 4 steps"):
        emerging_hot_spots(np.ones(shape), lattice_weights(2, 2))


@pytest.mark.parametrize("options", [{"reference": "city"}, {"back_steps": -1}])
def test_a_reference_that_does_not_exist_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(InputError, match="must be whole, neighbourhood or own"):
        emerging_hot_spots(np.ones((4, 5)), lattice_weights(2, 2), **options)
