"""Does a series rise or fall: the Mann-Kendall test, for many series at once. It knows no places and no clock."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gis.errors import ShapeError

FloatArray = npt.NDArray[np.float64]

FEWEST_STEPS = 4
"""With three steps no order of the values is rare enough to speak of a trend at 5 %."""


@dataclass(frozen=True, eq=False)
class MannKendall:
    """The trend of each series.

    Parameters
    ----------
    s
        Shape (n,), pairs that rise minus pairs that fall.
    tau
        Shape (n,), Kendall's tau-b against time, ties counted; 0 for a constant series.
    z, p
        Shape (n,), score with continuity correction and two-sided p; 0 and 1 for a constant series.
    """

    s: FloatArray
    tau: FloatArray
    z: FloatArray
    p: FloatArray


def mann_kendall(series: npt.ArrayLike) -> MannKendall:
    """Mann-Kendall test of each row.

    Parameters
    ----------
    series
        Shape (n, steps), at equal intervals, oldest first; four steps at least.

    Raises
    ------
    ShapeError
        Not two dimensions, fewer than four steps, or a value that is not finite.

    Notes
    -----
    Mann (1945), Econometrica 13; Kendall (1975), Rank Correlation Methods; variance with ties as in
    ``pymannkendall.original_test``. Steps are taken as independent: a series that depends on its last value makes p too
    small. Time grows with n times the square of the steps.
    """
    x = np.asarray(series, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < FEWEST_STEPS or not np.isfinite(x).all():
        raise ShapeError(
            zh=f"趋势检验需要形状为 (n, 时段数) 的有限数值,至少 {FEWEST_STEPS} 个时段,收到 {x.shape}。",
            en=f"A trend needs finite values of shape (n, steps), {FEWEST_STEPS} steps at least, got {x.shape}.",
        )
    n, steps = x.shape
    s, tied, ties = np.zeros(n), np.zeros(n), np.zeros(n)
    for lag in range(1, steps):
        change = np.sign(x[:, lag:] - x[:, :-lag])
        s += change.sum(axis=1)
        tied += (change == 0).sum(axis=1)
    # The correction sums t (t - 1) (2 t + 5) over groups of equal values: each value of a group of t adds its part of it.
    for step in range(steps):
        group = (x == x[:, step : step + 1]).sum(axis=1)
        ties += (group - 1) * (2 * group + 5)
    variance = (steps * (steps - 1) * (2 * steps + 5) - ties) / 18.0
    pairs = steps * (steps - 1) / 2.0
    moves = (variance > 0) & (tied < pairs)
    z, tau = np.zeros(n), np.zeros(n)
    z[moves] = (s - np.sign(s))[moves] / np.sqrt(variance[moves])
    tau[moves] = s[moves] / np.sqrt(pairs * (pairs - tied[moves]))
    return MannKendall(s=s, tau=tau, z=z, p=2.0 * ndtr(-np.abs(z)))
