"""A whole forecast: numbers, words and a card that stands on rounds before the period alone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from gis.errors import InputError
from gis.forecast import Cells, History, Period, civil_days, grid_cells, make_forecast, make_history
from gis.forecast.forecast import card_rounds
from gis.forecast.history import EPOCH

EVENING = (EPOCH + timedelta(days=17_000, hours=20)).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
WEEK = Period.starting("week", EVENING)


def stream() -> np.random.Generator:
    return np.random.default_rng(7)


def test_a_forecast_says_what_it_is_for_and_what_it_learnt_from(history: History, cells: Cells) -> None:
    found = make_forecast(history, cells, WEEK, rng=stream(), category="theft")
    known = history.of("theft").before(WEEK.start)
    assert found.history.n == known.mine.sum()
    assert found.total == pytest.approx(found.expected.sum())
    assert found.card is not None
    assert (found.card.rounds, found.card.category) == (52, "theft")
    words = found.explain()
    assert f"{found.history.n:,} incidents" in words.means[1]
    assert "nothing about any person" in words.means_not[1]
    assert words.parameters == {"days": 730.0, "bandwidth_m": 100.0, "delay_days": 0.0}


def test_what_happens_after_the_start_changes_nothing(history: History, cells: Cells) -> None:
    full, cut = (make_forecast(each, cells, WEEK, rng=stream()) for each in (history, history.before(WEEK.start)))
    assert (full.expected == cut.expected).all()
    assert full.card == cut.card


@pytest.mark.parametrize("kind", ["shift", "day", "week"])
@pytest.mark.parametrize("delay", [0.0, 3.0, 10.0])
def test_rounds_of_a_card_are_like_the_period_and_end_by_what_is_known(
    kind: str, delay: float, history: History
) -> None:
    period = Period.starting(kind, EVENING)  # type: ignore[arg-type]
    rounds = card_rounds(history, period, delay_days=delay)
    assert rounds.days == pytest.approx(period.days)
    assert rounds.start % 1 == pytest.approx(np.full(len(rounds), period.start % 1))
    assert rounds.start[-1] + rounds.days <= period.start - delay + 1e-6
    assert len(rounds) == (52 if kind == "week" else 364)


def test_a_chosen_model_is_scored_on_weeks_the_choice_has_not_seen(history: History, cells: Cells) -> None:
    found = make_forecast(history, cells, WEEK, rng=stream(), choose=True, card_weeks=26)
    assert found.choice is not None
    assert found.card is not None
    assert found.choice.model == found.model
    assert found.choice.until < found.card.since  # type: ignore[operator]


def test_grids_of_a_district_are_forecast_too(history: History) -> None:
    codes = [f"g{x}{y}" for x in range(4) for y in range(3)]
    grids = grid_cells(
        [shapely.box(1000 * x, 1400 * y, 1000 * x + 1000, 1400 * y + 1400) for x in range(4) for y in range(3)], codes
    )
    found = make_forecast(history, grids, Period.starting("day", EVENING), rng=stream())
    assert found.total == pytest.approx(6000 / 1100, rel=0.2)
    assert found.card is not None
    assert found.card.at(0.05).pai > 1


def test_set_aside_defaults_are_counted_and_said(cells: Cells) -> None:
    rng = np.random.default_rng(5)
    xy = np.vstack([np.full((200, 2), 333.0), np.round(rng.uniform(1, 3999, (900, 2)), -1)])
    history = make_history(xy, 16_500 + rng.uniform(0, 490, len(xy)))
    found = make_forecast(history, cells, WEEK, rng=stream())
    assert found.history.set_aside == 200
    assert "200 on default coordinates set aside" in found.explain().means[1]


def test_a_history_too_short_for_a_card_is_refused_and_forecasts_without_one(history: History, cells: Cells) -> None:
    young = history.since(WEEK.start - 40)
    with pytest.raises(InputError, match="covers 40 days; a score needs 63") as raised:
        make_forecast(young, cells, WEEK, rng=stream())
    assert "40 天" in raised.value.zh
    found = make_forecast(young, cells, WEEK, rng=stream(), card=False)
    assert found.card is None
    assert np.isfinite(found.expected).all()


def test_no_history_no_category_and_a_negative_delay_are_refused(history: History, cells: Cells) -> None:
    for settings, message in (
        ({"category": "arson"}, "'arson'"),
        ({"delay_days": -1.0}, "delay"),
        ({"delay_days": civil_days(EVENING)}, "no incident"),
    ):
        with pytest.raises(InputError, match=message):
            make_forecast(history, cells, WEEK, rng=stream(), **settings)  # type: ignore[arg-type]
