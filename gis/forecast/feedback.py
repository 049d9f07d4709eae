"""The guard against feedback: what patrols find is more where they go, and a learner that forgets it sends them there again.

Here are the weights that take exposure out of patrol findings, the sentence that says how it was treated for a result, and the
simulation that shows why: two equal cities drift apart under a learner that takes findings at their word. It knows places and counts only.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, Lang, ShapeError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Learner = Literal["naive", "reports", "reweighted", "rejection"]
LEARNERS: tuple[Learner, ...] = get_args(Learner)
"""How a learner treats what its patrols find: at its word, not at all, over the minutes spent, or by keeping the fewer where more was patrolled."""
LEAST_MINUTES = 30.0
"""A place patrolled for less is told as unvisited: one finding in so short a time would count as dozens. Our choice."""


@dataclass(frozen=True)
class ExposureWeights:
    """What one finding at each place counts for.

    Parameters
    ----------
    weights
        Shape (places,): mean minutes of the visited places over the minutes of the place; 0 where it was not visited.
    unvisited
        Shape (places,): patrolled for less than ``least_minutes``. What happens there is unknown to patrols, not nought.
    """

    weights: FloatArray
    unvisited: BoolArray


@dataclass(frozen=True)
class Reweighted:
    """Patrol findings as if every place had been patrolled alike.

    Parameters
    ----------
    findings
        Shape (places,): findings times weight; missing (NaN) where nobody was, so that nobody takes it for quiet.
    unvisited
        Shape (places,).
    set_aside
        Findings at unvisited places, which count for nothing.
    """

    findings: FloatArray
    unvisited: BoolArray
    set_aside: float


@dataclass(frozen=True)
class Town:
    """The town of the simulation: where things happen, and how many of them come to be known in a round.

    Parameters
    ----------
    shares
        True share of each place; at least two places, above 0, summing to 1.
    reports
        Mean reports of residents in a round, over all places; they do not depend on patrols.
    findings
        Mean findings of the patrols in a round if they were spread evenly; those of a place grow in proportion to patrols there.
    patrols
        Patrols of a round, each sent to one place.
    history_rounds
        Rounds of reports that every learner knows before it sends the first patrol.
    """

    shares: tuple[float, ...] = (0.55, 0.45)
    reports: float = 500.0
    findings: float = 500.0
    patrols: int = 100
    history_rounds: int = 10

    def __post_init__(self) -> None:
        told = np.array(self.shares, dtype=np.float64)
        amounts = (self.reports, self.findings)
        sound = len(told) >= 2 and bool((told > 0).all()) and abs(float(told.sum()) - 1) < 1e-9
        if not sound or self.patrols < 1 or self.history_rounds < 0 or not all(0 <= a < 1e9 for a in amounts):
            raise InputError(
                zh="模拟参数无效:至少两处,占比大于 0 且合计为 1;每轮上报、发现不为负,巡逻至少 1 次。",
                en="The town makes no sense: two places or more, shares above 0 that sum to 1, counts not negative, a patrol a round.",
            )


def exposure_weights(minutes: npt.ArrayLike, *, least_minutes: float = LEAST_MINUTES) -> ExposureWeights:
    """What one patrol finding at each place counts for, so that more patrol does not mean more trouble.

    Parameters
    ----------
    minutes
        Shape (places,), minutes of patrol at each place in the period of the findings.
    least_minutes
        Places with less are unvisited; above 0.

    Raises
    ------
    ShapeError
        Not one number a place.
    InputError
        A number is missing or negative, or no place was visited.

    Notes
    -----
    Inverse exposure, the batch form of the rejection of Ensign et al. (2018, arXiv 1706.09847, section 4). It takes findings to grow
    in proportion to minutes; where a second hour finds less than the first, a busy place comes out a little too low.
    """
    spent = _numbers(minutes, "minutes")
    if not 0 < least_minutes < np.inf:
        raise InputError(zh="least_minutes 须大于 0。", en="least_minutes is above 0.")
    unvisited = spent < least_minutes
    if unvisited.all():
        raise InputError(
            zh=f"没有一处的巡逻达到 {least_minutes:g} 分钟,巡逻发现无法换算。",
            en=f"No place was patrolled for {least_minutes:g} minutes; what patrols found cannot be reweighted.",
        )
    weights = np.zeros(len(spent))
    # Divided by the greatest first, so that no sum of minutes overflows.
    part = spent[~unvisited] / spent.max()
    weights[~unvisited] = part.mean() / part
    return ExposureWeights(weights, unvisited)


def reweighted(findings: npt.ArrayLike, minutes: npt.ArrayLike, *, least_minutes: float = LEAST_MINUTES) -> Reweighted:
    """Patrol findings of places as if every visited place had been patrolled for the same time.

    Parameters
    ----------
    findings, minutes
        Shape (places,): counts, and minutes of patrol at each place in the same period.
    least_minutes
        As of :func:`exposure_weights`.

    Raises
    ------
    ShapeError
        The two differ in length.
    InputError
        A number is missing or negative, or no place was visited.
    """
    found, exposure = _numbers(findings, "findings"), exposure_weights(minutes, least_minutes=least_minutes)
    if len(found) != len(exposure.weights):
        raise ShapeError(
            zh=f"发现数 {len(found)} 处,巡逻时长 {len(exposure.weights)} 处,不一致。",
            en=f"Findings of {len(found)} places and minutes of {len(exposure.weights)} do not fit.",
        )
    even = np.where(exposure.unvisited, np.nan, found * exposure.weights)
    return Reweighted(even, exposure.unvisited, float(found[exposure.unvisited].sum()))


def exposure_statement(learner: Learner, lang: Lang, *, findings: int = 0, unvisited: int = 0) -> str:
    """How exposure was treated for a result, as a sentence for whoever plans with it.

    Parameters
    ----------
    findings
        Patrol findings of the period, counted or left out.
    unvisited
        Places that patrols did not visit, where the findings say nothing.

    Raises
    ------
    InputError
        There is no such treatment.
    """
    if learner not in LEARNERS:
        raise InputError(
            zh=f"没有处理方式“{learner}”;可用:{'、'.join(LEARNERS)}。",
            en=f"There is no treatment '{learner}'; there are {', '.join(LEARNERS)}.",
        )
    zh, en = _STATEMENTS[learner]
    text = (zh if lang == "zh" else en).format(n=findings)
    if unvisited and learner in ("reweighted", "rejection"):
        text += (
            f"{unvisited} 处没有巡逻到,情况未知,不等于没有问题。"
            if lang == "zh"
            else f" {unvisited} places were not visited: unknown, which is not quiet."
        )
    return text


_STATEMENTS: dict[str, tuple[str, str]] = {
    "reports": (
        "只按群众上报计算;巡逻、检查发现的 {n:,} 件没有计入,多去的地方不会因此显得问题更多。",
        "Learned from what people reported alone; {n:,} findings of patrols and inspections are left out, so a place does not look worse "
        "for being visited more.",
    ),
    "reweighted": (
        "巡逻发现的 {n:,} 件按各处巡逻时长折算后计入;假定发现数与时长成正比。",
        "{n:,} patrol findings count over the minutes patrolled at their place, taken to grow in proportion to them.",
    ),
    "rejection": (
        "巡逻发现的 {n:,} 件按各处巡逻多少抽取后计入,巡逻越多的地方抽取越少。",
        "{n:,} patrol findings count by a draw that keeps the fewer, the more a place was patrolled.",
    ),
    "naive": (
        "注意:巡逻发现的 {n:,} 件原样计入。去得多的地方发现得多,结果会把巡逻继续引向原处,不宜单独用来安排巡逻。",
        "Warning: {n:,} patrol findings count as they are. Where patrols go they find more, and the result sends them there again; do not plan "
        "patrols by it alone.",
    ),
}


def learned_shares(
    town: Town, learner: Learner, *, rounds: int = 1000, runs: int = 1, rng: np.random.Generator
) -> FloatArray:
    """What a learner takes the share of each place to be, round after round, while it sends the patrols by it.

    Parameters
    ----------
    rounds, runs
        Length of a run, and how many runs with chances of their own.

    Returns
    -------
    shares
        Shape (rounds, runs, places), after each round; each sums to 1.

    Raises
    ------
    InputError
        There is no such learner, or a number below 1.

    Notes
    -----
    After Ensign, Friedler, Neville, Scheidegger and Venkatasubramanian, "Runaway Feedback Loops in Predictive Policing" (FAT* 2018,
    arXiv 1706.09847), who model what Lum and Isaac (Significance 2016) saw in Oakland; for any number of places, many patrols a round,
    and Poisson counts. A round: patrols are drawn over the places by the learned shares, residents report, patrols find in proportion
    to their number and to the true share, and the learner adds what it counts. ``rejection`` keeps a finding with the chance least
    share over share of its place, as the paper's improved policy does; ``reweighted`` divides all findings so far by all patrols so
    far. Without reports, history or a first guess the naive learner ends at one place (the paper's urn); the first guess is even and
    weighs one report a place.
    """
    if learner not in LEARNERS or rounds < 1 or runs < 1:
        raise InputError(
            zh=f"模拟的学习方式应为 {'、'.join(LEARNERS)},轮数和次数至少为 1。",
            en=f"A learner is one of {', '.join(LEARNERS)}, with a round and a run at least.",
        )
    true = np.array(town.shares)
    places = len(true)
    # The first guess keeps every share above 0: a place that is never visited is never learned of.
    heard = 1.0 + rng.poisson(town.reports * town.history_rounds * true, size=(runs, places))
    visits, found = np.zeros((runs, places)), np.zeros((runs, places))
    told = np.empty((rounds, runs, places))
    share = heard / heard.sum(axis=1, keepdims=True)
    for number in range(rounds):
        sent = rng.multinomial(town.patrols, share)
        heard += rng.poisson(town.reports * true, size=(runs, places))
        new = rng.poisson(town.findings * places * sent / town.patrols * true)
        if learner == "rejection":
            new = rng.binomial(new, share.min(axis=1, keepdims=True) / share)
        visits += sent
        found += new
        counted = heard + _counted(learner, found, visits)
        share = counted / counted.sum(axis=1, keepdims=True)
        told[number] = share
    return told


def _counted(learner: Learner, found: FloatArray, visits: FloatArray) -> FloatArray | float:
    """What a learner adds to the reports, of all findings so far."""
    if learner == "reports":
        return 0.0
    if learner != "reweighted":
        return found
    mean = visits.mean(axis=1, keepdims=True)
    return found * np.divide(mean, visits, out=np.zeros_like(visits), where=visits > 0)


def _numbers(told: npt.ArrayLike, name: str) -> FloatArray:
    values = np.asarray(told, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ShapeError(zh=f"{name} 应为每处一个数。", en=f"{name} is one number a place.")
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(zh=f"{name} 有缺失或负值。", en=f"{name} holds missing or negative numbers.")
    return values
