"""The baselines beside a slow obvious version, and what none of them may do: look ahead, lose incidents, go below zero."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.forecast import Cells, History, lattice_cells, make_history
from gis.forecast.counts import CountModel, DecayModel, KernelModel
from tests.oracles.forecast import decayed

SQUARE = lattice_cells(shapely.box(0, 0, 1000, 1000), 250.0)


@given(st.integers(0, 2**32), st.sampled_from([5.0, 90.0, 730.0]), st.sampled_from([0.0, 100.0, 150.0]))
def test_decayed_counts_equal_the_sum_over_incidents(seed: int, days: float, bandwidth: float) -> None:
    rng = np.random.default_rng(seed)
    xy, day = rng.uniform(0, 1000, (30, 2)), np.sort(rng.uniform(0, 100, 30))
    history = make_history(xy, day)
    cutoffs = np.array([10.0, 50.0, 51.5, 120.0])
    found = DecayModel(days, bandwidth).panel(history, SQUARE, cutoffs)
    for k, cutoff in enumerate(cutoffs):
        covered = max(cutoff - day[0], 1.0)
        slow = decayed(day, SQUARE.assign(xy), SQUARE.xy, cutoff, days, bandwidth) / (
            days * (1 - np.exp(-covered / days))
        )
        assert found[k] == pytest.approx(slow, rel=1e-9, abs=1e-15)


def test_counts_are_whole_numbers_of_the_window(history: History, cells: Cells) -> None:
    cutoffs = np.array([16_800.0, 16_807.0])
    found = CountModel(26).panel(history, cells, cutoffs) * 182
    cell = cells.assign(history.sites)[history.site]
    for k, cutoff in enumerate(cutoffs):
        held = (history.day >= cutoff - 182) & (history.day < cutoff)
        assert found[k] == pytest.approx(np.bincount(cell[held], minlength=len(cells)))


@pytest.mark.parametrize("model", [CountModel(8), KernelModel(300, 52), DecayModel(), DecayModel(90, 0)])
def test_a_rate_adds_up_to_the_incidents_behind_it(
    model: CountModel | KernelModel | DecayModel, history: History, cells: Cells
) -> None:
    cutoff = np.array([16_900.0])
    found = model.panel(history, cells, cutoff)
    if isinstance(model, DecayModel):
        age = cutoff[0] - history.before(cutoff[0]).day
        covered = cutoff[0] - history.day[0]
        expected = np.exp(-age / model.days).sum() / (model.days * (1 - np.exp(-covered / model.days)))
    else:
        expected = ((history.day >= cutoff[0] - 7 * model.weeks) & (history.day < cutoff[0])).sum() / (7 * model.weeks)
    assert found.sum() == pytest.approx(expected)


def test_a_short_history_is_divided_by_the_days_it_covers() -> None:
    history = make_history(np.full((20, 2), 100.0) + np.arange(20)[:, None], np.arange(20.0))
    assert CountModel(104).panel(history, SQUARE, np.array([20.0])).sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "make", [lambda: CountModel(0), lambda: KernelModel(0), lambda: KernelModel(weeks=-1), lambda: DecayModel(np.nan)]
)
def test_a_setting_out_of_range_is_refused(make: object) -> None:
    with pytest.raises(InputError, match="above zero"):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("bandwidth", [-5.0, np.nan, np.inf])
def test_a_bandwidth_out_of_range_is_refused(bandwidth: float) -> None:
    with pytest.raises(InputError, match="bandwidth"):
        DecayModel(730, bandwidth)
