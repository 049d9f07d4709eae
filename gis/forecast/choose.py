"""Which model, with which settings, for one category: the one that caught most in the weeks before, and not a week later.

The default stays unless another caught more there. Chosen is not yet better: whether it is, the score card says, over rounds
that the choice has not seen.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.forecast import _kernels
from gis.forecast.backtest import Rounds, counts_in, expected_in, rounds_between
from gis.forecast.counts import CountModel, DecayModel, KernelModel
from gis.forecast.ground import Cells
from gis.forecast.history import EPOCH, History
from gis.forecast.mixture import BlendModel, MixtureModel
from gis.forecast.model import Model
from gis.forecast.models import make_model
from gis.forecast.score import budgets
from gis.forecast.self_exciting import SelfExcitingModel
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]

CHOICE_WEEKS = 104
CHOICE_SHARES = (0.005, 0.01, 0.02)
"""Shares of the area whose hits decide, each relative to the default's: three are steadier than one."""

KERNELS: tuple[Model, ...] = tuple(
    KernelModel(bandwidth, weeks) for weeks, bandwidth in product((104, 52), (100, 50, 150, 200, 300, 500))
)
"""Kernels to tune: ``choose_model(..., among=KERNELS)`` is the tuned kernel, a baseline of its own."""

_LEAST_WEEKS = 26
_LEAST_DAYS = 182.0


@dataclass(frozen=True)
class Tried:
    """One candidate: what it is, and its hits relative to the default's, less one, averaged over the shares."""

    model: Model
    gain: float


@dataclass(frozen=True)
class Choice:
    """The model chosen, and what was tried.

    Parameters
    ----------
    model
        To forecast with.
    category
        Empty for all together.
    tried
        All candidates, the best first.
    since, until
        First and last day of the weeks that decided; none where the history was too short and the default stayed.
    weeks
        How many there were.
    """

    model: Model
    category: str
    tried: tuple[Tried, ...]
    since: date | None
    until: date | None
    weeks: int

    def explain(self) -> Explanation:
        """Why this model."""
        if self.since is None:
            zh, en = "历史太短,沿用默认模型", "the history is too short to choose, so the default stays"
        else:
            gain = self.tried[0].gain
            zh = f"据 {self.since} 至 {self.until} 共 {self.weeks} 周,{len(self.tried)} 个候选中它命中最多,比默认多 {gain:.1%}"
            en = (
                f"over the {self.weeks} weeks from {self.since} to {self.until} it caught most of {len(self.tried)} candidates, "
                f"{gain:.1%} more than the default"
            )
        return Explanation(
            method=("按过去数据选择模型", "choice of a model on past data"),
            means=(f"选用{self.model.name_zh}:{zh}。", f"Chosen: {self.model.name_en}; {en}."),
            means_not=(
                "被选中不等于被证明更好;是否更好,看它在未参与选择的时段上的评分卡。",
                "Chosen does not mean shown to be better; that is for its score card to say, over rounds the choice did not see.",
            ),
            source="gis.forecast.choose",
            parameters=self.model.settings,
        )


def candidates(history: History) -> tuple[Model, ...]:
    """What a choice tries: the default first, decayed counts, blends with all categories, mixture, self-exciting, a count.

    The boosted trees are not among them: they take as long as all others together and lost on every sparse category where
    they were tried; hand them in to try them.
    """
    decays = [DecayModel(days, bandwidth) for days, bandwidth in product((90, 180, 365, 730, 1460), (0, 100))]
    pooled = (0.0,) if not history.focus or len(history.categories) < 2 else (0.1, 0.25)
    blends = [
        BlendModel(days, bandwidth, pooled=part, recent=recent)
        for days, bandwidth, part, recent in product((730, 1460), (100, 150), pooled, (0.06, 0.15))
    ]
    default = make_model()
    others = (*decays, *blends, MixtureModel(), SelfExcitingModel(), CountModel(104))
    return (default, *(each for each in others if each != default))


def choose_model(
    history: History,
    cells: Cells,
    until: float,
    *,
    weeks: int = CHOICE_WEEKS,
    among: Sequence[Model] = (),
    shares: Sequence[float] = CHOICE_SHARES,
    delay_days: float = 0.0,
) -> Choice:
    """The model that caught most in the weeks before a civil day.

    Parameters
    ----------
    history
        With the category in focus; nothing from ``until`` on is looked at.
    until
        Civil days since 1970-01-01: the choice is for rounds from here on.
    weeks
        Weeks that decide; fewer where the history is shorter. Under 26 the default stays.
    among
        Candidates, the default first; :func:`candidates` by default.
    shares
        Shares of the area whose hits decide.

    Raises
    ------
    InputError
        The delay is below zero, or a share makes no sense.

    Notes
    -----
    Candidates run in threads, one a core. Equal gains keep the earlier candidate.
    """
    past = history.before(until).keeping()
    tried = tuple(among) or candidates(past)
    rounds = _weeks_before(past, until, weeks, delay_days)
    if rounds is None:
        return Choice(tried[0], history.focus, (Tried(tried[0], 0.0),), None, None, 0)
    counts = counts_in(past, cells, rounds)
    allowed = budgets(cells, np.asarray(shares, dtype=np.float64))

    def caught(model: Model) -> FloatArray:
        expected = expected_in(model, past, cells, rounds, delay_days=delay_days) / cells.area_km2
        return np.asarray(sum(_hits(expected[k], counts[k], cells.area_km2, allowed) for k in range(len(rounds))))

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        hits = list(pool.map(caught, tried))
    gains = [float(np.mean((each + 1.0) / (hits[0] + 1.0)) - 1.0) for each in hits]
    order = sorted(range(len(tried)), key=lambda k: (-gains[k], k))
    return Choice(
        model=tried[order[0]],
        category=history.focus,
        tried=tuple(Tried(tried[k], gains[k]) for k in order),
        since=_date(rounds.start[0]),
        until=_date(rounds.start[-1] + 6.0),
        weeks=len(rounds),
    )


def _hits(rank: FloatArray, counts: FloatArray, area: FloatArray, allowed: FloatArray) -> FloatArray:
    return np.asarray(_kernels.ranked_sums(rank, area, counts[None], allowed)[0])


def _weeks_before(history: History, until: float, weeks: int, delay_days: float) -> Rounds | None:
    """The weeks that decide, or None where the history is too short."""
    mine = history.mine
    if not mine.any():
        return None
    # What is known today ends a delay ago; the last whole week before that is the last that can be scored.
    end = until - delay_days
    room = int((end - delay_days - float(history.day[mine][0]) - _LEAST_DAYS) // 7)
    if weeks < 1:
        raise InputError(zh="用于选择的周数至少为 1。", en="A choice needs one week at least.")
    if min(weeks, room) < _LEAST_WEEKS:
        return None
    return rounds_between(end - 7.0 * min(weeks, room), end)


def _date(day: float) -> date:
    return (EPOCH + timedelta(days=float(day))).date()
