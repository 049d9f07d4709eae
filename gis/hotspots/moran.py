"""Moran's I: do like values lie together in the whole field (global), and which cells do so or stand out (local).

Two-sided throughout, controlled for many cells. It knows no places.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gis.errors import InputError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.hotspots._permutation import permuted_ranks
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.getis_ord import check_permutations, field_notes, floor_note, is_constant
from gis.hotspots.significance import Correction, Disagreement, adjusted, check_level, disagreement, two_sided
from gis.hotspots.weights import Weights, as_weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

QUADRANTS = ("none", "high-high", "low-high", "low-low", "high-low")
"""By number, as esda counts them: 1 a high cell among high ones, 2 low among high, 3 low among low, 4 high among low."""

_FEWEST = 4


@dataclass(frozen=True)
class MoranResult:
    """Global Moran's I.

    Parameters
    ----------
    i, expected
        The statistic and its mean under chance, -1 / (n - 1).
    z_normal, p_normal
        Score and two-sided p if the values were drawn from a normal distribution.
    z, p
        Score and two-sided p if the values seen were dealt over the cells at random (randomisation).
    p_permuted
        Two-sided p by permutation; None without permutations.
    """

    i: float
    expected: float
    z_normal: float
    p_normal: float
    z: float
    p: float
    p_permuted: float | None = None
    notes: tuple[Bilingual, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What the figure means and what it does not."""
        zh = "相近的数值倾向于聚在一起" if self.z > 0 else "相邻的数值倾向于不同"
        en = "like values tend to lie together" if self.z > 0 else "neighbours tend to differ"
        sure = self.p < 0.05
        return Explanation(
            method=("全局 Moran's I", "global Moran's I"),
            means=(
                f"Moran's I 为 {self.i:.3f}(双侧 p={self.p:.2g}):{zh if sure else '看不出空间规律'}。",
                f"Moran's I is {self.i:.3f} (two-sided p {self.p:.2g}): {en if sure else 'no spatial pattern is evident'}.",
            ),
            means_not=(
                "它不说明聚集在哪里,也不说明原因。",
                "It does not say where the clusters are, nor why.",
            ),
            source="Moran 1950, Biometrika 37; Cliff and Ord 1981, Spatial Processes",
            parameters=self.parameters,
        )


@dataclass(frozen=True, eq=False)
class LocalMoranResult:
    """Local Moran's I of each cell.

    Parameters
    ----------
    i
        Shape (n,), the statistic, with weights standardised by row; 0 where nothing can be judged.
    z, p
        Shape (n,), score and two-sided p under conditional randomisation.
    q
        Shape (n,), p corrected for the number of cells; of ``p_permuted`` where there were permutations.
    quadrant
        Shape (n,), 1 to 4 as in ``QUADRANTS``, of every judged cell whether significant or not; 0 elsewhere.
    cluster
        Shape (n,), the quadrant where ``q`` is below the level, else 0.
    judged, notes, p_permuted, disagreement
        As in GiResult; hot there is I above expectation here, cold is below.
    """

    i: FloatArray
    z: FloatArray
    p: FloatArray
    q: FloatArray
    quadrant: IntArray
    cluster: IntArray
    judged: BoolArray
    notes: tuple[Bilingual, ...] = ()
    p_permuted: FloatArray | None = None
    disagreement: Disagreement | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What the clusters mean and what they do not."""
        count = np.bincount(self.cluster, minlength=5)
        return Explanation(
            method=("局部 Moran's I", "local Moran's I"),
            means=(
                f"{count[1]} 个网格高且邻格也高,{count[3]} 个低且邻格也低,{count[4]} 个高而邻格低,{count[2]} 个低而邻格高,均超出随机所能解释。",
                f"Beyond chance, {count[1]} cells are high among high ones, {count[3]} low among low, {count[4]} high among low "
                f"and {count[2]} low among high.",
            ),
            means_not=(
                "“高”“低”相对于本区均值,不是风险高低,也不说明原因。",
                "High and low are against the mean of this area, not a measure of risk, and name no cause.",
            ),
            source="Anselin 1995, Geographical Analysis 27(2); Sokal, Oden and Thomson 1998, Geographical Analysis 30(4)",
            parameters=self.parameters,
        )


def global_moran(
    values: npt.ArrayLike,
    near: Neighbours | Weights,
    *,
    permutations: int = 0,
    rng: np.random.Generator | None = None,
) -> MoranResult:
    """Global Moran's I, with weights standardised by row.

    Parameters
    ----------
    values
        Shape (n,), four at least, not all equal.
    near
        Neighbours or weights; islands stay in the mean and variance and add nothing to the sum.
    permutations, rng
        Random deals of the values over the cells; 0 for none.

    Raises
    ------
    ShapeError
        Not one finite value for each cell, or fewer than four.
    InputError
        All values equal, nobody has a neighbour, or permutations without ``rng``.

    Notes
    -----
    Where every cell touches every other I has one value only: z is 0 and p 1. Moments after Cliff and Ord (1981), equal to ``esda.Moran`` with ``transformation="r"``. Two-sided permutation p is twice
    the smaller tail.
    """
    x, weights = _field(values, near), as_weights(near).standardised()
    check_permutations(permutations, rng)
    n, total = len(x), float(weights.values.sum())
    if is_constant(x) or total == 0.0:
        raise InputError(
            zh="各网格数值相同,或没有任何相邻关系,无法计算 Moran's I。",
            en="All values are equal, or no cell has a neighbour: Moran's I cannot be computed.",
        )
    z = x - x.mean()
    spread = float((z**2).sum())
    found = n / total * float((z * weights.lag(z)).sum()) / spread
    expected = -1.0 / (n - 1)
    by_normal, by_deal = _variances(weights, z)
    z_normal, z_deal = score_of(found - expected, by_normal), score_of(found - expected, by_deal)
    drawn = None
    if permutations and rng is not None:
        deals = np.column_stack([z[rng.permutation(n)] for _ in range(permutations)])
        sums = (deals * (weights.matrix() @ deals)).sum(axis=0) * n / total / spread
        slack = 1e-12 * max(1.0, abs(found))
        above, below = (sums >= found - slack).sum(), (sums <= found + slack).sum()
        drawn = float(two_sided(np.array([above]), np.array([below]), permutations)[0])
    return MoranResult(
        i=found,
        expected=expected,
        z_normal=z_normal,
        p_normal=float(2 * ndtr(-abs(z_normal))),
        z=z_deal,
        p=float(2 * ndtr(-abs(z_deal))),
        p_permuted=drawn,
        notes=weights.notes(),
        parameters={"weights": weights.rule[1], "permutations": permutations, "n": n},
    )


def score_of(excess: float, variance: float) -> float:
    """Excess over its deviation; 0 where chance allows one value only, as where every cell touches every other."""
    return float(excess / np.sqrt(variance)) if variance > 1e-12 else 0.0


def _variances(weights: Weights, z: FloatArray) -> tuple[float, float]:
    """Variance of I under normality and under randomisation."""
    w = weights.matrix()
    both = w + w.T
    s1 = float((both.multiply(both)).sum()) / 2
    s2 = float(((w.sum(axis=1) + w.sum(axis=0)) ** 2).sum())
    return variances_of_i(z, float(w.sum()), s1, s2)


def variances_of_i(z: FloatArray, s0: float, s1: float, s2: float) -> tuple[float, float]:
    """Variance of I under normality and under randomisation, from sums over the weights (Cliff and Ord 1981).

    Parameters
    ----------
    z
        Shape (n,), values less their mean, not all 0.
    s0, s1, s2
        Sum of all weights; half the sum of squares of each weight and its reverse; sum of squares of row plus column sums.
    """
    n = len(z)
    expected = -1.0 / (n - 1)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / (s0**2 * (n**2 - 1)) - expected**2
    kurtosis = float((z**4).mean() / (z**2).mean() ** 2)
    a = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    dealt = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return normal, dealt


def local_moran(
    values: npt.ArrayLike,
    near: Neighbours | Weights,
    *,
    alpha: float = 0.05,
    correction: Correction = "fdr",
    permutations: int = 0,
    rng: np.random.Generator | None = None,
) -> LocalMoranResult:
    """Local Moran's I of each cell, with its quadrant, weights standardised by row.

    Parameters
    ----------
    values
        Shape (n,), four at least.
    near
        Neighbours or weights of the same rows.
    alpha, correction, permutations, rng
        As in ``local_g``.

    Raises
    ------
    ShapeError
        Not one finite value for each cell, or fewer than four.
    InputError
        A level outside 0 to 1, an unknown correction, permutations without ``rng``.

    Notes
    -----
    I as in ``esda.Moran_Local`` (scaled by n - 1); score by the moments of Sokal et al. (1998), eqs. A7 and A8, which keep the
    cell's own value and are those of I scaled by n: then z is, but for the sign of that value, the z of Gi. Islands, cells that touch all others, cells at
    the mean and constant fields are not judged.
    """
    x, weights = _field(values, near), as_weights(near).standardised()
    check_level(alpha)
    check_permutations(permutations, rng)
    n, constant = len(x), is_constant(x)
    notes = field_notes(n, constant=constant, islands=len(weights.islands))
    chosen = {"weights": weights.rule[1], "alpha": alpha, "correction": correction, "permutations": permutations}
    z = np.zeros(n) if constant else x - x.mean()
    mean_square = float((z**2).mean()) or 1.0
    lag, sums, squares = weights.lag(z), weights.sums(), weights.square_sums()
    found = z * lag / mean_square
    expected = -(z**2) * sums / ((n - 1) * mean_square)
    room = (squares - sums**2 / (n - 1)) * (mean_square - z**2 / (n - 1)) * n / (n - 2)
    judged = (weights.degree > 0) & (room > 1e-9 * squares * mean_square) & (np.abs(z) > 1e-12 * np.abs(x).max())
    score = np.zeros(n)
    score[judged] = (found - expected)[judged] / (np.abs(z[judged]) / mean_square * np.sqrt(room[judged]))
    quadrant = np.where(z > 0, np.where(lag > 0, 1, 4), np.where(lag > 0, 2, 3)) * judged
    p = 2.0 * ndtr(-np.abs(score))
    q, drawn, apart = adjusted(p, correction, judged), None, None
    if permutations and rng is not None:
        above, below = permuted_ranks(x, weights, permutations=permutations, rng=rng)
        drawn = np.where(judged, two_sided(above, below, permutations), 1.0)
        settled = adjusted(drawn, correction, judged)
        apart, q = disagreement(score, q, settled, alpha), settled
        notes += apart.notes() + floor_note(int(judged.sum()), permutations, alpha, correction)
    cluster = np.where(q < alpha, quadrant, 0)
    return LocalMoranResult(
        np.where(judged, found * (n - 1) / n, 0.0), score, p, q, quadrant, cluster, judged, notes, drawn, apart, chosen
    )


def _field(values: npt.ArrayLike, near: Neighbours | Weights) -> FloatArray:
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (len(near),) or len(x) < _FEWEST or not np.isfinite(x).all():
        raise ShapeError(
            zh=f"需要 {len(near)} 个(至少 {_FEWEST} 个)有限数值,收到 {x.shape}。",
            en=f"{len(near)} finite values are needed, {_FEWEST} at least, got {x.shape}.",
        )
    return x
