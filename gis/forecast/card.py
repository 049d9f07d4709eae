"""The score card of a forecast: what its model would have caught, how sure that is, and against what.

It holds figures and words; the figures come from ``backtest.py`` and ``compare.py``.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.forecast.backtest import Rounds, backtest, counts_in, expected_in, year_before
from gis.forecast.compare import BLOCK_DAYS, DRAWS, LEVEL, Comparison, Interval, compare, pai_interval
from gis.forecast.counts import CountModel, DecayModel
from gis.forecast.ground import Cells
from gis.forecast.history import EPOCH, History
from gis.forecast.model import Model
from gis.forecast.score import SHARES, Hits, ratio, score
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]

RULERS: tuple[tuple[Model, str, str], ...] = (
    (CountModel(104), "104 周计数", "count of 104 weeks"),
    (DecayModel(730, 100), "衰减计数(730 天、100 米)", "decayed count (730 days, 100 m)"),
)
"""What every model is held against."""


@dataclass(frozen=True)
class AreaScore:
    """Figures at one share of the area.

    Parameters
    ----------
    share, cells, area_km2
        Asked share, cells it came to (the nearest whole number among grids), and their area.
    hit_rate
        Part of the incidents that lay in the chosen cells.
    pai, pei, rri, calibration
        See :class:`gis.forecast.score.Hits`; 0 where nothing happened.
    interval
        Of the PAI; None with fewer than two blocks of rounds.
    """

    share: float
    cells: int
    area_km2: float
    hit_rate: float
    pai: float
    pei: float
    rri: float
    calibration: float
    interval: Interval | None


@dataclass(frozen=True)
class ScoreCard:
    """What a forecast is worth, from rolling origins.

    Parameters
    ----------
    model, settings, category
        What was scored; an empty category is all together.
    since, until
        First and last day of the rounds.
    rounds, round_days
        How many there were, and how long each.
    n
        Incidents in them.
    cells, size_m
        Cells of the ground and their side; a PAI without them says nothing.
    delay_days
        Reporting delay allowed for.
    areas
        At 0.5, 1, 2 and 5 % of the area.
    calibration
        Incidents over expected ones, everywhere.
    log_score
        Poisson log-likelihood for each incident, natural logarithm.
    deviance
        Poisson deviance for each round.
    against
        Paired differences to the count of 104 weeks and to the decayed count, at each share; not to itself.
    jitter
        Lowest and highest PAI at each share over moved origins of the cells; empty where none was moved.
    block_rounds, draws, level
        Of the bootstrap.
    """

    model: str
    settings: dict[str, Any]
    category: str
    since: date
    until: date
    rounds: int
    round_days: float
    n: int
    cells: int
    size_m: float
    delay_days: float
    areas: tuple[AreaScore, ...]
    calibration: float
    log_score: float
    deviance: float
    against: tuple[Comparison, ...]
    jitter: tuple[tuple[float, float], ...] = ()
    block_rounds: int = 13
    draws: int = DRAWS
    level: float = LEVEL

    def at(self, share: float) -> AreaScore:
        """The figures at the share of the area that lies nearest."""
        return min(self.areas, key=lambda each: abs(each.share - share))

    def explain(self) -> Explanation:
        """What the score says and what it does not."""
        one = self.at(0.01)
        zh, en = self._verdict(one.share)
        return Explanation(
            method=("滚动回测评分", "rolling-origin score card"),
            means=(
                f"回测 {self.rounds} 轮、{self.n} 起:预测最高的 {one.share:.1%} 面积({one.cells} 格)含 {one.hit_rate:.1%} 的事件"
                f"(PAI {one.pai:.2f}{self._band(one, 'zh')}),{zh}。",
                f"Over {self.rounds} rounds and {self.n} incidents the top {one.share:.1%} of the area ({one.cells} cells) held "
                f"{one.hit_rate:.1%} of them (PAI {one.pai:.2f}{self._band(one, 'en')}); {en}.",
            ),
            means_not=(
                f"PAI 只能在同样的格子({self.size_m:g} 米)、同样占比与时段之间比较;过去的得分不保证将来,也不说明任何人。",
                f"A PAI compares only at the same cells ({self.size_m:g} m), share and period; a past score promises nothing and "
                "says nothing of any person.",
            ),
            source="Bowers, Johnson & Pease 2004; Chainey, Tompson & Uhlig 2008; White, Hunt & Green 2023",
            parameters={"delay_days": self.delay_days, "block_rounds": self.block_rounds, "draws": self.draws},
        )

    def _band(self, one: AreaScore, lang: str) -> str:
        if one.interval is None:
            return ",轮次太少,不给区间" if lang == "zh" else ", too few rounds for an interval"
        low, high = one.interval.low, one.interval.high
        return (
            f",{self.level:.0%} 区间 {low:.2f}–{high:.2f}"
            if lang == "zh"
            else f", {self.level:.0%} interval {low:.2f} to {high:.2f}"
        )

    def _verdict(self, share: float) -> tuple[str, str]:
        """Against the rulers: better or worse only where the interval leaves zero out."""
        zh, en = [], []
        for each in self.against:
            if each.share == share and each.better:
                zh.append(f"优于{each.against_zh}")
                en.append(f"better than the {each.against}")
            elif each.share == share and each.worse:
                zh.append(f"不如{each.against_zh}")
                en.append(f"worse than the {each.against}")
            elif each.share == share:
                zh.append(f"未见与{each.against_zh}有差别")
                en.append(f"not shown to differ from the {each.against}")
        return ",".join(zh), ", ".join(en)


def block_of(rounds: Rounds) -> int:
    """Rounds in a block of 13 weeks, one at least."""
    return max(1, round(BLOCK_DAYS / rounds.step_days))


def score_card(
    model: Model,
    history: History,
    cells: Cells,
    rounds: Rounds,
    *,
    rng: np.random.Generator,
    delay_days: float = 0.0,
    shares: npt.ArrayLike = SHARES,
    shifted: tuple[Cells, ...] = (),
    comparisons: int = 1,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> ScoreCard:
    """Score a model over rounds and hold it against both rulers.

    Parameters
    ----------
    rng
        Draws the blocks of the bootstrap; the same state gives the same card.
    delay_days
        Incidents become known so many days after they happened.
    shifted
        The same district under moved lattices (``lattice_cells(shift=...)``); the card tells the range of PAI over them.
    comparisons
        For how many comparisons intervals of differences are widened.

    Raises
    ------
    InputError
        The delay is below zero, nothing is known before the first round, or a share makes no sense.
    """
    counts, before = counts_in(history, cells, rounds), year_before(history, cells, rounds, delay_days)

    def scored(each: Model) -> Hits:
        expected = expected_in(each, history, cells, rounds, delay_days=delay_days)
        return score(expected, counts, before, cells, shares)

    mine = scored(model)
    block = block_of(rounds)
    seed = int(rng.integers(2**63))
    against: list[Comparison] = []
    for ruler, zh, en in RULERS:
        if ruler == model:
            continue
        other, stream = scored(ruler), np.random.default_rng(seed)
        against += compare(
            mine, other, against=(zh, en), block=block, rng=stream, draws=draws, level=level, comparisons=comparisons
        )
    moved = [backtest(model, history, each, rounds, delay_days=delay_days, shares=shares).pai() for each in shifted]
    moved.append(mine.pai())
    jitter = tuple((float(a), float(b)) for a, b in zip(np.min(moved, axis=0), np.max(moved, axis=0), strict=True))
    intervals = pai_interval(mine, block=block, rng=np.random.default_rng(seed), draws=draws, level=level)
    return ScoreCard(
        model=model.key,
        settings=model.settings,
        category=history.focus,
        since=_date(rounds.start[0]),
        until=_date(rounds.start[-1] + rounds.days - 1e-6),
        rounds=len(rounds),
        round_days=rounds.days,
        n=int(mine.n.sum()),
        cells=len(cells),
        size_m=cells.size_m,
        delay_days=float(delay_days),
        areas=tuple(_area_scores(mine, cells, intervals)),
        calibration=float(ratio(mine.n.sum(), mine.n_meant.sum())),
        log_score=float(ratio(mine.log_likelihood.sum(), mine.n.sum())),
        deviance=float(mine.deviance.mean()),
        against=tuple(against),
        jitter=jitter if shifted else (),
        block_rounds=block,
        draws=draws,
        level=level,
    )


def _area_scores(hits: Hits, cells: Cells, intervals: list[Interval]) -> list[AreaScore]:
    hit_rate, pai, pei, rri, calibration = hits.hit_rate(), hits.pai(), hits.pei(), hits.rri(), hits.calibration()
    return [
        AreaScore(
            share=float(hits.shares[k]),
            cells=max(1, round(hits.area_km2[k] / hits.total_km2 * len(cells))),
            area_km2=float(hits.area_km2[k]),
            hit_rate=float(hit_rate[k]),
            pai=float(pai[k]),
            pei=float(pei[k]),
            rri=float(rri[k]),
            calibration=float(calibration[k]),
            interval=intervals[k] if intervals else None,
        )
        for k in range(len(hits.shares))
    ]


def _date(day: float) -> date:
    return (EPOCH + timedelta(days=float(day))).date()
