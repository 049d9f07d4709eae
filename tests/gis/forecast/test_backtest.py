"""Rolling origins: each round by what was known before it, and counts that are those of the round."""

import numpy as np
import pytest

from gis.errors import InputError
from gis.forecast import Cells, History, rounds_between
from gis.forecast.backtest import counts_in, expected_in, year_before
from gis.forecast.counts import DecayModel
from gis.forecast.mixture import MixtureModel


def test_rounds_fit_whole_into_the_time() -> None:
    assert rounds_between(100.0, 121.0).start.tolist() == [100, 107, 114]
    assert rounds_between(100.0, 120.9).start.tolist() == [100, 107]
    assert rounds_between(100.3, 103.0, days=0.5, step_days=1.0).start == pytest.approx([100.3, 101.3, 102.3])


@pytest.mark.parametrize(
    ("until", "days", "step"), [(106.0, 7.0, 7.0), (130.0, 0.0, 7.0), (130.0, 8.0, 7.0), (130.0, np.nan, 7.0)]
)
def test_rounds_that_cannot_be_are_refused(until: float, days: float, step: float) -> None:
    with pytest.raises(InputError, match=r"one round|Rounds of"):
        rounds_between(100.0, until, days=days, step_days=step)


def test_counts_of_a_round_are_the_incidents_in_it(history: History, cells: Cells) -> None:
    rounds = rounds_between(16_800.5, 16_830.0, days=0.5, step_days=1.0)
    found = counts_in(history.of("theft"), cells, rounds)
    cell = cells.assign(history.sites)[history.site]
    for k, start in enumerate(rounds.start):
        held = history.of("theft").mine & (history.day >= start) & (history.day < start + 0.5)
        assert found[k].tolist() == np.bincount(cell[held], minlength=len(cells)).tolist()


@pytest.mark.parametrize("model", [DecayModel(), MixtureModel()])
def test_each_round_equals_a_forecast_made_at_its_cutoff(model: DecayModel, history: History, cells: Cells) -> None:
    """The first of each year for the mixture, which learns once a year; every one for the decayed count."""
    rounds = rounds_between(16_600.0, 17_050.0)
    found = expected_in(model, history, cells, rounds, delay_days=4.0)
    for k in (0, 52) if isinstance(model, MixtureModel) else (0, 30, 52, 63):
        cutoff = rounds.start[[k]] - 4.0
        alone = model.in_rounds(history.before(cutoff[0]), cells, cutoff, rounds.start[[k]], 7.0)[0]
        assert found[k] == pytest.approx(alone, rel=1e-9, abs=1e-15)


def test_a_delay_only_hides_what_is_young(history: History, cells: Cells) -> None:
    rounds = rounds_between(16_800.0, 16_900.0)
    late = expected_in(DecayModel(), history, cells, rounds, delay_days=14.0)
    early = expected_in(DecayModel(), history, cells, rounds)
    assert late[2:] == pytest.approx(early[:-2])


def test_the_year_before_ends_at_the_cutoff(history: History, cells: Cells) -> None:
    rounds = rounds_between(16_800.0, 16_820.0)
    found = year_before(history, cells, rounds, 10.0)
    held = (history.day >= 16_790 - 364) & (history.day < 16_790)
    assert found[0].sum() == held.sum()
