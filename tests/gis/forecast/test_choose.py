"""A choice on past weeks: it sees none after, prefers what caught more, and keeps the default where nothing did."""

import numpy as np
import pytest

from gis.errors import InputError
from gis.forecast import Cells, History, candidates, choose_model, make_model
from gis.forecast.choose import KERNELS
from gis.forecast.counts import CountModel, DecayModel, KernelModel


def test_the_best_of_the_past_weeks_is_chosen(history: History, cells: Cells) -> None:
    flat = KernelModel(3000, 52)
    found = choose_model(history, cells, 17_000.0, among=(flat, DecayModel(), KernelModel(2000, 8)), weeks=40)
    assert found.model == DecayModel()
    assert found.tried[0].gain > found.tried[1].gain
    assert [each.gain for each in found.tried if each.model == flat] == [0.0]
    assert found.weeks == 40
    assert "caught most of 3 candidates" in found.explain().means[1]


def test_equal_candidates_leave_the_default(history: History, cells: Cells) -> None:
    found = choose_model(history, cells, 17_000.0, among=(CountModel(100), CountModel(100.0)), weeks=30)
    assert found.model.settings == {"weeks": 100}
    assert found.tried[0].gain == 0


def test_nothing_after_the_day_changes_the_choice(history: History, cells: Cells) -> None:
    short = choose_model(history.before(16_900.0).of("theft"), cells, 16_900.0, weeks=30)
    assert short == choose_model(history.of("theft"), cells, 16_900.0, weeks=30)


def test_too_short_a_history_keeps_the_default_and_says_so(history: History, cells: Cells) -> None:
    found = choose_model(history, cells, history.day[0] + 200.0)
    assert (found.model, found.weeks, found.since) == (make_model(), 0, None)
    assert "too short" in found.explain().means[1]


def test_candidates_start_with_the_default_and_are_different(history: History) -> None:
    for of in (history, history.of("theft")):
        tried = candidates(of)
        assert tried[0] == make_model()
        assert len(set(tried)) == len(tried)
    assert len(candidates(history.of("theft"))) > len(candidates(history))


def test_a_kernel_is_tuned_by_a_choice_among_kernels(history: History, cells: Cells) -> None:
    found = choose_model(history, cells, 17_000.0, among=KERNELS, weeks=30)
    assert found.model in KERNELS
    assert found.model.settings["bandwidth_m"] < 500


def test_no_week_is_refused(history: History, cells: Cells) -> None:
    with pytest.raises(InputError, match="one week"):
        choose_model(history, cells, 17_000.0, weeks=0)


def test_models_that_share_decayed_counts_expect_the_same(history: History, cells: Cells) -> None:
    """What is kept during a choice changes no forecast."""
    cutoffs, kept = np.array([16_800.0, 16_900.0]), history.of("theft").keeping()
    for model in candidates(kept)[:16:3]:
        plain = model.panel(history.of("theft"), cells, cutoffs)
        assert (model.panel(kept, cells, cutoffs) == plain).all()
        assert (model.panel(kept, cells, cutoffs) == plain).all()
        assert (model.panel(kept.of("noise"), cells, cutoffs) == model.panel(history.of("noise"), cells, cutoffs)).all()
