"""Weights by likelihood: they find the truth, and no step makes what happened less likely."""

import numpy as np
import pytest

from gis.errors import InputError
from gis.forecast import Cells, History
from gis.forecast.counts import DecayModel
from gis.forecast.mixture import BlendModel, MixtureModel, poisson_weights


def likelihood(weights: np.ndarray, rates: np.ndarray, totals: np.ndarray, count: np.ndarray) -> float:
    return float((count * np.log(rates @ weights)).sum() - (totals * weights).sum())


def test_weights_find_the_rates_that_made_the_counts() -> None:
    rng = np.random.default_rng(5)
    rates = rng.gamma(0.5, 1.0, (4000, 3))
    count = rng.poisson(rates @ np.array([0.7, 0.0, 1.5])).astype(float)
    held = count > 0
    found = poisson_weights(rates[held], rates.sum(axis=0), count[held], steps=2000)
    assert found == pytest.approx([0.7, 0.0, 1.5], abs=0.1)
    assert (found * rates.sum(axis=0)).sum() == pytest.approx(count.sum())


def test_no_step_makes_what_happened_less_likely() -> None:
    rng = np.random.default_rng(6)
    rates, count = rng.gamma(0.3, 1.0, (300, 5)), rng.integers(1, 4, 300).astype(float)
    totals = 3 * rates.sum(axis=0)
    seen = [likelihood(poisson_weights(rates, totals, count, steps=k), rates, totals, count) for k in range(0, 60, 4)]
    assert np.all(np.diff(seen) > -1e-9)


def test_one_decay_without_a_kernel_is_the_decayed_count_and_an_even_part(history: History, cells: Cells) -> None:
    cutoff = np.array([16_900.0])
    model = MixtureModel((730.0,), (0.0,)).fit(history.before(16_900.0), cells, 16_900.0)
    rate = DecayModel(730, 0).panel(history, cells, cutoff)
    own, even = model.weights
    assert model.panel(history, cells, cutoff) == pytest.approx(own * rate + even * rate.sum() / len(cells))
    # Half of the town's incidents lie anywhere, so the even part is felt.
    assert own > even > 0.02


def test_what_was_learnt_is_no_setting(history: History, cells: Cells) -> None:
    model = MixtureModel()
    assert model.fit(history, cells, 17_100.0).settings == model.settings
    assert "weights" not in model.settings


def test_too_short_a_history_gives_equal_weights(history: History, cells: Cells) -> None:
    early = history.day[0] + 100.0
    weights = MixtureModel().fit(history.before(early), cells, early).weights
    assert weights == pytest.approx([1 / 16] * 16)


def test_a_blend_without_terms_is_the_decayed_count(history: History, cells: Cells) -> None:
    theft, cutoff = history.of("theft"), np.array([16_700.0, 16_950.0])
    plain = DecayModel().panel(theft, cells, cutoff)
    assert BlendModel(pooled=0, recent=0).panel(theft, cells, cutoff) == pytest.approx(plain)
    mixed = BlendModel(pooled=0.5, recent=0.5).panel(theft, cells, cutoff)
    assert mixed.sum(axis=1) == pytest.approx(plain.sum(axis=1))
    assert not np.allclose(mixed, plain)


def test_a_blend_borrows_from_other_categories(history: History, cells: Cells) -> None:
    theft, cutoff = history.of("theft"), np.array([16_950.0])
    all_of_it = BlendModel(pooled=1e6, recent=0, pooled_days=365).panel(theft, cells, cutoff)[0]
    pooled = DecayModel(365, 0).panel(history, cells, cutoff)[0]
    assert all_of_it / all_of_it.sum() == pytest.approx(pooled / pooled.sum(), abs=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: MixtureModel(days=()),
        lambda: MixtureModel(days=(0.0,)),
        lambda: MixtureModel(bandwidths_m=(-1.0,)),
        lambda: BlendModel(pooled=-0.1),
        lambda: BlendModel(recent_days=0),
    ],
)
def test_a_setting_out_of_range_is_refused(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]
