"""From many p values to marks: false-discovery control, Bonferroni, and where two ways of inference disagree.

All p values here are two-sided. It knows no statistic and no place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, Lang
from gis.hotspots.explain import Bilingual

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Correction = Literal["fdr", "bonferroni", "none"]


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """P values adjusted to control the false-discovery rate.

    Parameters
    ----------
    p
        Shape (n,).

    Notes
    -----
    Benjamini and Hochberg (1995), JRSS B 57(1), step-up procedure.
    """
    n = len(p)
    order = np.argsort(p)[::-1]
    stepped = np.minimum.accumulate(p[order] * n / np.arange(n, 0, -1)) if n else p
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def bonferroni(p: FloatArray) -> FloatArray:
    """P values adjusted so that the chance of any false mark among all stays below the level; shape (n,)."""
    return np.minimum(p * len(p), 1.0)


def adjusted(p: FloatArray, correction: Correction, judged: BoolArray | None = None) -> FloatArray:
    """P values adjusted in the way asked for.

    Parameters
    ----------
    p
        Shape (n,), two-sided.
    correction
        ``fdr`` (Benjamini-Hochberg), ``bonferroni`` or ``none``.
    judged
        Shape (n,), which rows are tests at all; the others keep 1 and do not count as tests. All by default.

    Raises
    ------
    InputError
        No such correction.
    """
    ways: dict[str, Callable[[FloatArray], FloatArray]] = {
        "fdr": benjamini_hochberg,
        "bonferroni": bonferroni,
        "none": np.array,
    }
    if correction not in ways:
        raise InputError(
            zh=f"没有名为“{correction}”的多重检验校正;可选 fdr、bonferroni、none。",
            en=f"There is no correction '{correction}'; take fdr, bonferroni or none.",
        )
    if judged is None:
        return np.asarray(ways[correction](p))
    found = np.ones(len(p))
    found[judged] = ways[correction](p[judged])
    return found


def two_sided(above: IntArray, below: IntArray, permutations: int) -> FloatArray:
    """Two-sided p of permutation counts, the observed arrangement counted as one of them.

    Parameters
    ----------
    above, below
        Shape (n,), permutations at least as high, and at least as low, as observed; ties are in both.

    Notes
    -----
    Twice the smaller tail, 1 at most. A tie counts as extreme on both sides; esda's one-sided ``p_sim`` counts ties on the
    upper side only, so that cells of many zeros come out cold too easily there.
    """
    return np.minimum(2.0 * (np.minimum(above, below) + 1.0) / (permutations + 1.0), 1.0)


def check_level(alpha: float) -> None:
    """Refuse a level that is none.

    Raises
    ------
    InputError
        Not between 0 and 1.
    """
    if not 0.0 < alpha < 1.0:
        raise InputError(
            zh=f"显著性水平 {alpha:g} 应在 0 与 1 之间。", en=f"The level {alpha:g} must lie between 0 and 1."
        )


@dataclass(frozen=True)
class Disagreement:
    """Cells that normal and permutation inference mark differently, with the same level and correction.

    Parameters
    ----------
    hot_normal, hot_permuted, hot_both
        How many cells each marks hot, and how many both do.
    cold_normal, cold_permuted, cold_both
        The same for cold.
    """

    hot_normal: int
    hot_permuted: int
    hot_both: int
    cold_normal: int
    cold_permuted: int
    cold_both: int

    def __bool__(self) -> bool:
        return self.hot_apart + self.cold_apart > 0

    @property
    def hot_apart(self) -> int:
        """Cells that only one of the two calls hot."""
        return self.hot_normal + self.hot_permuted - 2 * self.hot_both

    @property
    def cold_apart(self) -> int:
        """Cells that only one of the two calls cold."""
        return self.cold_normal + self.cold_permuted - 2 * self.cold_both

    def text(self, lang: Lang) -> str:
        """The warning in one sentence; empty where they agree."""
        if not self:
            return ""
        if lang == "zh":
            return (
                f"正态近似与置换检验不一致:热点 {self.hot_normal} 对 {self.hot_permuted}(共同 {self.hot_both}),"
                f"冷点 {self.cold_normal} 对 {self.cold_permuted}(共同 {self.cold_both});零值多或网格少时以置换检验为准。"
            )
        return (
            f"Normal and permutation inference disagree: hot {self.hot_normal} against {self.hot_permuted} "
            f"({self.hot_both} in both), cold {self.cold_normal} against {self.cold_permuted} ({self.cold_both} in both); "
            "with many zeros or few cells trust the permutations."
        )

    def notes(self) -> tuple[Bilingual, ...]:
        """The warning as a note; none where they agree."""
        return ((self.text("zh"), self.text("en")),) if self else ()


def disagreement(z: FloatArray, q_normal: FloatArray, q_permuted: FloatArray, alpha: float) -> Disagreement:
    """Count the cells that the two ways of inference mark differently; all shapes (n,)."""
    normal, permuted = q_normal < alpha, q_permuted < alpha
    sides = [side for sign in (z > 0, z < 0) for side in (normal & sign, permuted & sign, normal & permuted & sign)]
    return Disagreement(*(int(side.sum()) for side in sides))
