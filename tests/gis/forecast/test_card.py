"""A card: every figure beside its cell size and N, rulers that are not held against themselves, words that say so."""

import numpy as np
import pytest
import shapely

from gis.forecast import Cells, History, ScoreCard, lattice_cells, rounds_between, score_card
from gis.forecast.card import block_of
from gis.forecast.counts import CountModel, DecayModel, KernelModel


@pytest.fixture(scope="module")
def card(history: History, cells: Cells, town: shapely.Polygon) -> ScoreCard:
    moved = tuple(lattice_cells(town, 250.0, shift=shift) for shift in ((0.5, 0.0), (0.25, 0.5)))
    rounds = rounds_between(16_700.0, 17_064.0)
    return score_card(
        KernelModel(300, 52),
        history.of("theft"),
        cells,
        rounds,
        rng=np.random.default_rng(1),
        shifted=moved,
        delay_days=2,
    )


def test_the_card_says_what_it_stands_on(card: ScoreCard, history: History) -> None:
    held = history.of("theft").mine & (history.day >= 16_700) & (history.day < 17_064)
    assert (card.rounds, card.n, card.cells, card.size_m, card.delay_days) == (52, held.sum(), 256, 250.0, 2.0)
    assert (card.model, card.settings) == ("kernel", {"bandwidth_m": 300, "weeks": 52})
    assert [each.cells for each in card.areas] == [1, 3, 5, 13]
    assert (card.until - card.since).days == 363


def test_intervals_hold_their_figure_and_the_jitter_holds_the_first_origin(card: ScoreCard) -> None:
    for each, (low, high) in zip(card.areas, card.jitter, strict=True):
        assert each.interval is not None
        assert each.interval.low <= each.pai <= each.interval.high
        assert low <= each.pai <= high


def test_both_rulers_are_compared_at_each_share(card: ScoreCard) -> None:
    assert [(each.against, each.share) for each in card.against] == [
        (name, share)
        for name in ("count of 104 weeks", "decayed count (730 days, 100 m)")
        for share in (0.005, 0.01, 0.02, 0.05)
    ]


@pytest.mark.parametrize(("model", "left"), [(DecayModel(), "104"), (CountModel(), "730")])
def test_a_ruler_is_not_held_against_itself(model: DecayModel, left: str, history: History, cells: Cells) -> None:
    found = score_card(model, history, cells, rounds_between(17_000.0, 17_050.0), rng=np.random.default_rng(1))
    assert {left in each.against for each in found.against} == {True}
    assert "not shown to differ" in found.explain().means[1]
    assert "too few rounds for an interval" in found.explain().means[1]


def test_the_same_stream_gives_the_same_card(history: History, cells: Cells) -> None:
    rounds = rounds_between(16_800.0, 17_050.0)
    one, two = (score_card(DecayModel(90), history, cells, rounds, rng=np.random.default_rng(4)) for _ in range(2))
    assert one == two


def test_words_name_cell_share_and_n_and_promise_nothing(card: ScoreCard) -> None:
    words = card.explain()
    for part in ("52 rounds", f"{card.n} incidents", "1.0% of the area", "interval"):
        assert part in words.means[1]
    assert "250 m" in words.means_not[1]
    assert "52 轮" in words.means[0]
    assert "不说明任何人" in words.means_not[0]


def test_a_block_is_thirteen_weeks_of_rounds() -> None:
    assert block_of(rounds_between(0.0, 364.0)) == 13
    assert block_of(rounds_between(0.0, 364.0, days=1.0, step_days=1.0)) == 91
