"""Getis-Ord Gi and Gi*: is a cell, with its neighbours, higher or lower than chance. Two-sided, controlled for many cells.

It knows no places: values and weights in, scores out, analytic and on request by permutation.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gis.errors import InputError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.hotspots._permutation import permuted_ranks
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.significance import (
    Correction,
    Disagreement,
    adjusted,
    benjamini_hochberg,
    check_level,
    disagreement,
    two_sided,
)
from gis.hotspots.weights import Weights, as_weights, island_note

__all__ = ["ENOUGH_PERMUTATIONS", "GiResult", "benjamini_hochberg", "gi_star", "local_g"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ENOUGH_PERMUTATIONS = 99_999
"""So many permutations leave room for false-discovery control on ten thousand cells: the smallest p is 0.00002."""


@dataclass(frozen=True, eq=False)
class GiResult:
    """Gi or Gi* of each cell.

    Parameters
    ----------
    z
        Shape (n,), standard score; 0 where nothing can be judged.
    p
        Shape (n,), two-sided, from the normal distribution.
    q
        Shape (n,), p adjusted for the number of cells; of ``p_permuted`` where there were permutations.
    hot, cold
        Shape (n,), ``q`` below the level and z above or below zero.
    judged
        Shape (n,), False for cells without neighbours, for cells whose neighbours are all others, and everywhere in a
        constant field: their z is 0 and p is 1.
    notes
        Why cells were not judged, as (Chinese, English); empty when all were.
    p_permuted
        Shape (n,), two-sided, by conditional permutation; None without permutations.
    disagreement
        How the marks of the two ways of inference differ; None without permutations.
    parameters
        What was chosen.
    """

    z: FloatArray
    p: FloatArray
    q: FloatArray
    hot: BoolArray
    cold: BoolArray
    judged: BoolArray
    notes: tuple[Bilingual, ...] = ()
    p_permuted: FloatArray | None = None
    disagreement: Disagreement | None = None
    parameters: dict[str, object] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What the marks mean and what they do not."""
        hot, cold, n = int(self.hot.sum()), int(self.cold.sum()), len(self.z)
        return Explanation(
            method=("Getis-Ord Gi*", "Getis-Ord Gi*")
            if self.parameters.get("star", True)
            else ("Getis-Ord Gi", "Getis-Ord Gi"),
            means=(
                f"{n} 个网格中有 {hot} 个连同邻格的数值高于随机所能解释(热点),{cold} 个低于(冷点)。",
                f"Of {n} cells {hot} are, with their neighbours, higher than chance explains (hot) and {cold} lower (cold).",
            ),
            means_not=(
                "热点不等于人均风险高,也不说明原因;未标出的网格不等于安全。",
                "Hot does not mean a higher risk per person and names no cause; a cell without a mark is not thereby safe.",
            ),
            source="Getis and Ord 1992; Ord and Getis 1995, Geographical Analysis 27(4)",
            parameters=self.parameters,
        )


def gi_star(values: npt.ArrayLike, neighbours: Neighbours, *, alpha: float = 0.05) -> GiResult:
    """Gi* of each cell: its neighbourhood, the cell included, against the mean of all cells.

    Parameters
    ----------
    values
        Shape (n,), counts or rates, in the row order of ``neighbours``.
    neighbours
        Who touches whom. A cell without neighbours has no neighbourhood to judge: z 0, p 1, and a note.
    alpha
        Level of the false-discovery control, two-sided.

    Raises
    ------
    ShapeError
        As many values as cells are needed, all of them finite.

    Notes
    -----
    Ord and Getis (1995), Geographical Analysis 27(4), eq. 14; the variance is that of the population, as in esda's
    ``G_Local(star=True, transform="B")``. Weights are binary; standardising them by row gives the same scores, since Gi*
    does not change when the weights of a cell are multiplied. Time grows with cells + neighbours.
    """
    return local_g(values, neighbours, alpha=alpha)


def local_g(
    values: npt.ArrayLike,
    near: Neighbours | Weights,
    *,
    star: bool = True,
    alpha: float = 0.05,
    correction: Correction = "fdr",
    permutations: int = 0,
    rng: np.random.Generator | None = None,
) -> GiResult:
    """Gi* (the cell included) or Gi (its neighbours only) of each cell, with any weights.

    Parameters
    ----------
    values
        Shape (n,), counts or rates, in the row order of ``near``.
    near
        Neighbours, or weights; Gi* gives the cell itself the largest weight of its row.
    star
        Count the cell itself.
    alpha
        Level, two-sided, of the corrected p.
    correction
        ``fdr`` (Benjamini-Hochberg), ``bonferroni`` or ``none``; over the cells that can be judged when permutations
        are asked for, over all otherwise.
    permutations
        Conditional permutations; with them ``q``, ``hot`` and ``cold`` follow the permutations, and what the normal
        distribution would have marked otherwise is told in ``disagreement``. 0 for the normal distribution alone.
    rng
        Needed with permutations; the same state gives the same p on any number of cores.

    Raises
    ------
    ShapeError
        As many values as cells are needed, all of them finite.
    InputError
        A level outside 0 to 1, an unknown correction, permutations below 0 or without ``rng``.

    Notes
    -----
    Ord and Getis (1995), eqs. 13 and 14. Permutation: neighbours are drawn without replacement from all other cells and
    the cell keeps its own value, so that Gi and Gi* have the same permutation p.
    """
    x, weights = _values(values, len(near)), as_weights(near)
    check_level(alpha)
    check_permutations(permutations, rng)
    constant = is_constant(x)
    z, judged = (_star if star else _without_self)(x, weights, constant=constant)
    p = 2.0 * ndtr(-np.abs(z))
    q = adjusted(p, correction)
    chosen = {
        "star": star,
        "weights": weights.rule[1],
        "alpha": alpha,
        "correction": correction,
        "permutations": permutations,
    }
    notes = field_notes(len(x), constant=constant, islands=len(weights.islands))
    if not permutations or rng is None:
        return GiResult(z, p, q, (q < alpha) & (z > 0), (q < alpha) & (z < 0), judged, notes, parameters=chosen)
    above, below = permuted_ranks(x, weights, permutations=permutations, rng=rng)
    drawn = np.where(judged, two_sided(above, below, permutations), 1.0)
    settled = adjusted(drawn, correction, judged)
    apart = disagreement(z, adjusted(p, correction, judged), settled, alpha)
    notes += apart.notes() + floor_note(int(judged.sum()), permutations, alpha, correction)
    hot, cold = (settled < alpha) & (z > 0), (settled < alpha) & (z < 0)
    return GiResult(z, p, settled, hot, cold, judged, notes, drawn, apart, chosen)


def _star(x: FloatArray, near: Weights, *, constant: bool) -> tuple[FloatArray, BoolArray]:
    n, degree = len(x), near.degree
    own = np.ones(n)
    linked = degree > 0
    if linked.any():
        own[linked] = np.maximum.reduceat(near.values, near.indptr[:-1][linked])
    weight, squares = near.sums() + own, near.square_sums() + own**2
    room = (n * squares - weight**2) / max(n - 1, 1)
    judged = linked & (room > 1e-9 * squares) & (not constant)
    z = np.zeros(n)
    if judged.any():
        excess = near.lag(x) + own * x - x.mean() * weight
        z[judged] = excess[judged] / (x.std() * np.sqrt(room[judged]))
    return z, judged


def _without_self(x: FloatArray, near: Weights, *, constant: bool) -> tuple[FloatArray, BoolArray]:
    """Mean and spread are those of the other cells (eq. 13)."""
    n, degree = len(x), near.degree
    if n < 3 or constant:
        return np.zeros(n), np.zeros(n, dtype=bool)
    weight = near.sums()
    centred = x - x.mean()
    mean = (centred.sum() - centred) / (n - 1)
    variance = np.maximum(((centred**2).sum() - centred**2) / (n - 1) - mean**2, 0.0)
    room = ((n - 1) * near.square_sums() - weight**2) / (n - 2)
    judged = (degree > 0) & (room > 1e-9 * weight**2 / n) & (variance > 1e-24 * max(float((centred**2).max()), 1e-300))
    z = np.zeros(n)
    excess = near.lag(centred) - weight * mean
    z[judged] = excess[judged] / np.sqrt(variance[judged] * room[judged])
    return z, judged


def _values(values: npt.ArrayLike, n: int) -> FloatArray:
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (n,) or not np.isfinite(x).all():
        raise ShapeError(
            zh=f"需要 {n} 个有限数值,收到 {x.shape}。",
            en=f"{n} finite values are needed, got {x.shape}.",
        )
    return x


def is_constant(x: FloatArray) -> bool:
    """Whether a field has one value only, to rounding; no cells are constant too."""
    return not len(x) or bool(x.std() <= 1e-12 * np.abs(x).max())


def check_permutations(permutations: int, rng: np.random.Generator | None) -> None:
    """Refuse permutations below zero, or without a generator.

    Raises
    ------
    InputError
        As told.
    """
    if permutations < 0 or (permutations and rng is None):
        raise InputError(
            zh=f"置换次数 {permutations} 不能为负;大于零时需要随机数发生器 rng。",
            en=f"Permutations ({permutations}) cannot be negative, and above zero they need a generator, rng.",
        )


def field_notes(n: int, *, constant: bool, islands: int) -> tuple[Bilingual, ...]:
    """Why cells of a field were not judged."""
    found: list[Bilingual] = []
    if n and constant:
        found.append(
            ("各网格数值相同,没有热点可言。", "All cells have the same value: there are no hot spots to find.")
        )
    if islands:
        found.append(island_note(islands))
    return tuple(found)


def floor_note(tests: int, permutations: int, alpha: float, correction: Correction) -> tuple[Bilingual, ...]:
    """A note where even the smallest possible p could not pass the correction alone."""
    if correction == "none" or tests == 0 or 2.0 / (permutations + 1) * tests < alpha:
        return ()
    wanted = int(np.ceil(2.0 * tests / alpha))
    return (
        (
            f"{permutations} 次置换的最小双侧 p 为 {2 / (permutations + 1):.2g},单个网格无法通过 {tests} 个网格的校正;"
            f"要让单个网格可被标出,需要 {wanted} 次以上。",
            f"The smallest two-sided p of {permutations} permutations is {2 / (permutations + 1):.2g}: a single cell cannot "
            f"pass the correction for {tests} cells; {wanted} or more permutations allow it.",
        ),
    )
