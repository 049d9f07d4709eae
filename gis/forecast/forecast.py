"""A forecast: incidents expected in each cell during the next shift, day or week, with the score card of its model.

It stands on what was known before the period, and its card on rounds before that. It maps places and times, never people,
and decides nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast.backtest import Rounds, rounds_between
from gis.forecast.card import ScoreCard, score_card
from gis.forecast.choose import Choice, choose_model
from gis.forecast.ground import Cells
from gis.forecast.history import EPOCH, History
from gis.forecast.model import Model, check_delay, check_history
from gis.forecast.models import make_model
from gis.forecast.period import Period
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]

CARD_WEEKS = 52
"""Weeks of rounds behind a card, or as many as the history allows."""

LEAST_DAYS = 56.0
"""Days of history that must lie before the first round of a card."""


@dataclass(frozen=True)
class Learnt:
    """The history behind a forecast: first and last day, incidents of the category, and rows set aside as defaults."""

    since: date
    until: date
    n: int
    set_aside: int = 0


@dataclass(frozen=True, eq=False)
class Forecast:
    """Incidents expected, cell by cell.

    Parameters
    ----------
    cells
        The ground.
    expected
        Shape (n,), incidents expected in each cell during the period; never NaN, never below zero.
    period
        What it is for.
    category
        Empty for all together.
    model, settings
        What made it.
    history
        What it learnt from.
    card
        What its model is worth; None where it was not asked for.
    delay_days
        Reporting delay allowed for.
    choice
        Among which models it was chosen; None where the model was given.
    """

    cells: Cells
    expected: FloatArray
    period: Period
    category: str
    model: Model
    settings: dict[str, Any]
    history: Learnt
    card: ScoreCard | None
    delay_days: float = 0.0
    choice: Choice | None = None

    @property
    def total(self) -> float:
        """Incidents expected in the whole district."""
        return float(self.expected.sum())

    def explain(self) -> Explanation:
        """What the forecast says and what it does not."""
        since, until = f"{self.period.since:%Y-%m-%d %H:%M}", f"{self.period.until:%Y-%m-%d %H:%M}"
        aside_zh = f"(疑似默认定位的 {self.history.set_aside} 起已排除)" if self.history.set_aside else ""
        aside_en = f" ({self.history.set_aside} on default coordinates set aside)" if self.history.set_aside else ""
        first, last = self.history.since, self.history.until
        return Explanation(
            method=(f"{self.model.name_zh}预测", f"forecast by {self.model.name_en}"),
            means=(
                f"据 {first} 至 {last} 的 {self.history.n:,} 起{aside_zh},{since} 至 {until} 全区预计 {self.total:.1f} 起;"
                "颜色深处预计较多。",
                f"From {self.history.n:,} incidents of {first} to {last}{aside_en}, {self.total:.1f} are expected from {since} to "
                f"{until}; more where it is darker.",
            ),
            means_not=(
                "这是地点的平均预期,不是某事必然发生,更不指向任何人;没有上报的地方,预测看不见。",
                "It is what a place can expect on average, no certainty and nothing about any person; what nobody reports it "
                "cannot see.",
            ),
            source=self.model.source,
            parameters={**self.settings, "delay_days": self.delay_days},
        )


def make_forecast(
    history: History,
    cells: Cells,
    period: Period,
    *,
    rng: np.random.Generator,
    category: str = "",
    model: Model | None = None,
    choose: bool = False,
    delay_days: float = 0.0,
    card: bool = True,
    card_weeks: int = CARD_WEEKS,
    shifted: tuple[Cells, ...] = (),
) -> Forecast:
    """Expect incidents in each cell, and score the model on rounds before the period.

    Parameters
    ----------
    history
        Incidents; those after ``period.since`` less the delay are never looked at, and those set aside are told.
    cells
        The ground.
    period
        The shift, day or week.
    rng
        Draws the blocks of the card's bootstrap.
    category
        Empty for all together.
    model
        The decayed count (730 days, 100 m) by default.
    choose
        Where no model is given, choose one by :func:`gis.forecast.choose.choose_model` on the weeks before the card's rounds,
        so that the card scores a choice that has not seen them.
    delay_days
        Incidents become known so many days after they happened.
    card
        Score the model too; the forecast without it comes in a fraction of the time.
    card_weeks
        Weeks of rounds behind the card.
    shifted
        Moved lattices over the same district, for the range of the score.

    Raises
    ------
    InputError
        No such category, no incident before the period, a delay below zero, or a history too short for a card.
    """
    check_delay(delay_days)
    of = history.of(category)
    known = of.before(period.start - delay_days)
    check_history(known, cells)
    rounds = card_rounds(known, period, weeks=card_weeks, delay_days=delay_days) if card else None
    until = float(rounds.start[0]) if rounds is not None else period.start
    choice = choose_model(known, cells, until, delay_days=delay_days) if choose and model is None else None
    chosen = model or (choice.model if choice is not None else make_model())
    expected = chosen.expected(known, cells, period, delay_days=delay_days)
    scored = None
    if rounds is not None:
        scored = score_card(chosen, known, cells, rounds, rng=rng, delay_days=delay_days, shifted=shifted)
    mine = known.day[known.mine]
    learnt = Learnt(
        since=_date(mine[0]),
        until=_date(mine[-1]),
        n=int((cells.assign(known.sites)[known.site[known.mine]] >= 0).sum()),
        set_aside=int(known.set_aside.suspect.sum()) if known.set_aside is not None else 0,
    )
    return Forecast(
        cells, expected, period, category, chosen, chosen.settings, learnt, scored, float(delay_days), choice
    )


def card_rounds(history: History, period: Period, *, weeks: int = CARD_WEEKS, delay_days: float = 0.0) -> Rounds:
    """Rounds like the period that end before it, as far back as asked and as the history allows.

    A week's rounds are the weeks before; those of a day the days before, those of a shift the same hours of the days before.
    None reaches past what is known today, so the delay shifts them all.

    Raises
    ------
    InputError
        Fewer than one week of rounds, or less than eight weeks of history before the first.
    """
    step = 7.0 if period.kind == "week" else 1.0
    end = period.start - step * np.ceil(delay_days / step)
    first = history.day[0] + LEAST_DAYS + delay_days
    since = max(end - 7.0 * weeks, end - step * np.floor((end - first) / step))
    if weeks < 1 or end - since < 7.0:
        raise InputError(
            zh=f"历史只有 {max(0.0, end - history.day[0]):.0f} 天,评分至少需要 {LEAST_DAYS + 7 + delay_days:.0f} 天。",
            en=f"The history covers {max(0.0, end - history.day[0]):.0f} days; a score needs {LEAST_DAYS + 7 + delay_days:.0f} at least.",
        )
    return rounds_between(since, end - step + period.days, days=period.days, step_days=step)


def _date(day: float) -> date:
    return (EPOCH + timedelta(days=float(day))).date()
