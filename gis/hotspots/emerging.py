"""Emerging hot spots: how the hot and cold steps of each cell come and go, in 17 classes, with the evidence beside each.

Gi* of every cell at every step against one of three references, false-discovery control, Mann-Kendall on the scores, and
rules that depend on no order. Values and weights in, classes out; no places and no clock.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from gis.errors import InputError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.getis_ord import field_notes, is_constant
from gis.hotspots.significance import Correction, adjusted, check_level
from gis.hotspots.trend import FEWEST_STEPS, mann_kendall
from gis.hotspots.weights import Weights, as_weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Wording = Literal["new", "old"]
Reference = Literal["whole", "neighbourhood", "own"]

CLASSES: tuple[Bilingual, ...] = (
    ("无明显规律", "no pattern detected"),
    ("新增热点", "new hot spot"),
    ("连续热点", "consecutive hot spot"),
    ("加强的热点", "intensifying hot spot"),
    ("持续热点", "persistent hot spot"),
    ("减弱的热点", "diminishing hot spot"),
    ("零星热点", "sporadic hot spot"),
    ("振荡的热点", "oscillating hot spot"),
    ("历史热点", "historical hot spot"),
    ("新增冷点", "new cold spot"),
    ("连续冷点", "consecutive cold spot"),
    ("加强的冷点", "intensifying cold spot"),
    ("持续冷点", "persistent cold spot"),
    ("减弱的冷点", "diminishing cold spot"),
    ("零星冷点", "sporadic cold spot"),
    ("振荡的冷点", "oscillating cold spot"),
    ("历史冷点", "historical cold spot"),
)
"""The 17 classes by number; the names of the cold ones are those of the hot ones eight lower."""

NEW, CONSECUTIVE, INTENSIFYING, PERSISTENT, DIMINISHING, SPORADIC, OSCILLATING, HISTORICAL = range(1, 9)


@dataclass(frozen=True, eq=False)
class EmergingResult:
    """The class of each cell and what speaks for it.

    Parameters
    ----------
    label
        Shape (n,), 0 to 16, see ``CLASSES``.
    z
        Shape (n, steps), Gi* of each cell and step.
    sign
        Shape (n, steps), 1 hot, -1 cold, 0 not significant after the correction.
    tau, trend_p
        Shape (n,), Mann-Kendall on the row of z: Kendall's tau and two-sided p.
    count_tau, count_trend_p
        Shape (n,), the same on the counts of the cell itself: whether it has more or fewer incidents, hot or not.
    share
        Shape (n,), share of steps that are significant with the sign of the class; 0 without a class.
    notes
        What could not be judged.
    parameters
        What was chosen.
    q
        Shape (n, steps), two-sided p of each step after the correction.
    """

    label: IntArray
    z: FloatArray
    sign: IntArray
    tau: FloatArray
    trend_p: FloatArray
    count_tau: FloatArray
    count_trend_p: FloatArray
    share: FloatArray
    notes: tuple[Bilingual, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    q: FloatArray = field(default_factory=lambda: np.ones((0, 0)))

    def frame(self) -> pd.DataFrame:
        """A row for each cell: number and names of the class, tau, p, shares, the last score."""
        return pd.DataFrame(
            {
                "class": self.label,
                "class_zh": [CLASSES[label][0] for label in self.label],
                "class_en": [CLASSES[label][1] for label in self.label],
                "tau": self.tau,
                "trend_p": self.trend_p,
                "count_tau": self.count_tau,
                "count_trend_p": self.count_trend_p,
                "hot_steps": (self.sign > 0).sum(axis=1),
                "cold_steps": (self.sign < 0).sum(axis=1),
                "steps": self.sign.shape[1],
                "last_z": self.z[:, -1],
            }
        )

    def explain(self) -> Explanation:
        """What the classes mean and what they do not."""
        hot = int(((self.label >= NEW) & (self.label <= HISTORICAL)).sum())
        new = int((self.label == NEW).sum())
        return Explanation(
            method=("新兴时空热点分析", "emerging hot spot analysis"),
            means=(
                f"{len(self.label)} 个网格中 {hot} 个属于某类热点,其中 {new} 个是在最后一个时段新出现的。",
                f"Of {len(self.label)} cells {hot} belong to a class of hot spot, {new} of them new in the last step.",
            ),
            means_not=(
                "类别描述过去的时段,不是预测;换步长、对齐方式或参照,类别会变。",
                "A class describes past steps and forecasts nothing; another step, alignment or reference gives other classes.",
            ),
            source="Ord and Getis 1995; Mann 1945; Kendall 1975; classes as documented for ArcGIS Pro",
            parameters=self.parameters,
        )


def emerging_hot_spots(
    counts: npt.ArrayLike,
    near: Neighbours | Weights,
    *,
    reference: Reference = "whole",
    back_steps: int = 1,
    wording: Wording = "new",
    alpha: float = 0.05,
    trend_alpha: float = 0.05,
    correction: Correction = "fdr",
    share: float = 0.9,
) -> EmergingResult:
    """Class every cell of a space-time cube.

    Parameters
    ----------
    counts
        Shape (n, steps), oldest first; four steps at least.
    near
        Neighbours or weights of the n cells.
    reference
        What a neighbourhood is compared with: ``whole`` all cells at all steps; ``neighbourhood`` all cells at the steps
        of the neighbourhood in time (the step and ``back_steps`` before it); ``own`` all cells at the step alone.
    back_steps
        How many earlier steps belong to a neighbourhood; 0 for none.
    wording
        ``new`` or ``old`` definitions, see ``classify``.
    alpha, correction
        Significance of a step: two-sided level and correction over all cells and steps.
    trend_alpha
        Two-sided level of the trend.
    share
        From which share of steps on a cell counts as hot throughout.

    Raises
    ------
    ShapeError
        Not one row for each cell, fewer than four steps, or a value that is not finite.
    InputError
        A reference, wording or correction that does not exist, ``back_steps`` below 0, a level or share outside 0 to 1.

    Notes
    -----
    Gi* of Ord and Getis (1995), eq. 14, over cells and earlier steps; the first steps have shorter neighbourhoods. A step that
    cannot be judged (a constant reference, an island in space) has z 0 and is not significant. Time grows with links
    times steps.
    """
    x, weights = np.asarray(counts, dtype=np.float64), as_weights(near)
    if x.ndim != 2 or x.shape[0] != len(weights) or x.shape[1] < FEWEST_STEPS or not np.isfinite(x).all():
        raise ShapeError(
            zh=f"需要 {len(weights)} 个网格、至少 {FEWEST_STEPS} 个时段的有限数值,收到 {x.shape}。",
            en=f"Finite values of {len(weights)} cells and at least {FEWEST_STEPS} steps are needed, got {x.shape}.",
        )
    check_level(alpha)
    check_level(trend_alpha)
    if reference not in ("whole", "neighbourhood", "own") or back_steps < 0:
        raise InputError(
            zh=f"参照“{reference}”应为 whole、neighbourhood 或 own,向前时段数 {back_steps} 不能为负。",
            en=f"The reference '{reference}' must be whole, neighbourhood or own, and {back_steps} earlier steps not below 0.",
        )
    z, judged = _scores(x, weights, reference, back_steps)
    q = adjusted(2.0 * ndtr(-np.abs(z)).ravel(), correction, judged.ravel()).reshape(z.shape)
    sign = np.where(q < alpha, np.sign(z), 0).astype(np.int64)
    trend, own = mann_kendall(z), mann_kendall(x)
    label = classify(sign, trend.tau, trend.p, wording=wording, trend_alpha=trend_alpha, share=share)
    held = np.where(label == 0, 0.0, np.where(label > HISTORICAL, (sign < 0).mean(axis=1), (sign > 0).mean(axis=1)))
    chosen = {
        "weights": weights.rule[1],
        "reference": reference,
        "back_steps": back_steps,
        "wording": wording,
        "alpha": alpha,
        "trend_alpha": trend_alpha,
        "correction": correction,
        "share": share,
        "steps": x.shape[1],
    }
    notes = field_notes(len(x), constant=is_constant(x), islands=len(weights.islands))
    return EmergingResult(label, z, sign, trend.tau, trend.p, own.tau, own.p, held, notes, chosen, q)


def _scores(x: FloatArray, near: Weights, reference: Reference, back: int) -> tuple[FloatArray, BoolArray]:
    """Gi* of each cell and step, and which could be judged."""
    n, steps = x.shape
    linked = near.degree > 0
    own = np.ones(n)
    if linked.any():
        own[linked] = np.maximum.reduceat(near.values, near.indptr[:-1][linked])
    local = near.matrix() @ x + own[:, None] * x
    sums, squares = near.sums() + own, near.square_sums() + own**2
    z, judged = np.zeros_like(x), np.zeros(x.shape, dtype=bool)
    for step in range(steps):
        first = max(0, step - back)
        span = slice(first, step + 1)
        length = step + 1 - first
        window = {"whole": x, "neighbourhood": x[:, span], "own": x[:, step : step + 1]}[reference]
        count = window.size
        if is_constant(window.ravel()) or count < 2:
            continue
        # The window of "own" holds the step alone, and so does the neighbourhood then.
        total, weight, square = (
            (local[:, step], sums, squares)
            if reference == "own"
            else (local[:, span].sum(axis=1), sums * length, squares * length)
        )
        room = (count * square - weight**2) / (count - 1)
        sound = linked & (room > 1e-9 * square)
        z[sound, step] = (total - window.mean() * weight)[sound] / (window.std() * np.sqrt(room[sound]))
        judged[sound, step] = True
    return z, judged


def classify(
    sign: npt.ArrayLike,
    tau: npt.ArrayLike,
    trend_p: npt.ArrayLike,
    *,
    wording: Wording = "new",
    trend_alpha: float = 0.05,
    share: float = 0.9,
) -> IntArray:
    """The class of each row of significant steps.

    Parameters
    ----------
    sign
        Shape (n, steps): 1 hot, -1 cold, 0 neither.
    tau, trend_p
        Shape (n,), the trend of the scores. Hot intensifies as tau rises, cold as it falls.
    wording
        ``new``: a sporadic spot must be significant in the final step, and a consecutive one needs a run of two steps
        (a run of one is new in either wording). ``old``: sporadic asks nothing of the final step, if only one sign ever
        occurred.
    trend_alpha
        A trend is one where ``trend_p`` is below it.
    share
        Steps of one sign count as throughout from this share on: 9 of 10 is enough for 0.9.

    Returns
    -------
    label
        Shape (n,), 0 to 16.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    InputError
        An unknown wording, or a share outside 0 to 1.

    Notes
    -----
    Ties. Where two definitions hold, the lower number is taken: a spot that is new or consecutive and was of the other sign
    before is new or consecutive, not oscillating. Throughout and not significant in the final step is historical, not
    persistent. A spot throughout is intensifying, persistent or diminishing by its trend alone, whatever its other steps.
    A spot that was throughout hot and is significantly cold in the final step is judged by its cold steps. So the sign is
    that of the final step, and no order of the rules matters beyond this.
    """
    steps, rise, p = np.asarray(sign), np.asarray(tau, dtype=np.float64), np.asarray(trend_p, dtype=np.float64)
    if steps.ndim != 2 or not steps.shape[1] or rise.shape != (len(steps),) or p.shape != rise.shape:
        raise ShapeError(
            zh=f"时段标记 {steps.shape} 与趋势 {rise.shape}、{p.shape} 的形状不符。",
            en=f"Steps of shape {steps.shape} do not fit trends of shapes {rise.shape} and {p.shape}.",
        )
    if wording not in ("new", "old") or not 0 < share <= 1:
        raise InputError(
            zh=f"措辞“{wording}”应为 new 或 old,比例 {share:g} 应在 0 与 1 之间。",
            en=f"The wording '{wording}' must be new or old, and the share {share:g} between 0 and 1.",
        )
    trend = np.where(p < trend_alpha, np.sign(rise), 0.0)
    hot = _one_sign(steps > 0, steps < 0, trend, wording=wording, share=share)
    cold = _one_sign(steps < 0, steps > 0, -trend, wording=wording, share=share)
    return np.where(hot > 0, hot, np.where(cold > 0, cold + 8, 0)).astype(np.int64)


def _one_sign(on: BoolArray, other: BoolArray, trend: FloatArray, *, wording: Wording, share: float) -> IntArray:
    """Classes 1 to 8 of one sign, 0 for none; ``trend`` is 1 where the sign grows stronger."""
    steps = on.shape[1]
    count, last = on.sum(axis=1), on[:, -1]
    throughout = count >= share * steps - 1e-9
    # Length of the run that ends in the final step.
    run = np.where(on.all(axis=1), steps, np.argmin(on[:, ::-1], axis=1))
    alone = run == count
    contrary = other.any(axis=1)
    part = ~throughout
    new = last & part & (count == 1)
    consecutive = last & part & alone & (run >= 2)
    sporadic = last & part & ~contrary & ~alone
    if wording == "old":
        sporadic |= ~last & part & ~contrary & (count > 0)
    return np.select(
        [
            new,
            consecutive,
            throughout & last & (trend > 0),
            throughout & last & (trend < 0),
            throughout & last,
            sporadic,
            last & part & contrary,
            throughout & ~last & ~other[:, -1],
        ],
        [NEW, CONSECUTIVE, INTENSIFYING, DIMINISHING, PERSISTENT, SPORADIC, OSCILLATING, HISTORICAL],
        0,
    )
