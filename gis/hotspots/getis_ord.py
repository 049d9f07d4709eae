"""Getis-Ord Gi*: is a grid, with its neighbours, higher or lower than chance. Analytic, two-sided, FDR-controlled.

It knows no places: values and a neighbour list in, scores out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from gis.errors import ShapeError
from gis.grid.neighbours import Neighbours

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class GiResult:
    """Gi* of each cell.

    Parameters
    ----------
    z
        Shape (n,), standard score; 0 where the field is constant.
    p
        Shape (n,), two-sided, from the normal distribution.
    q
        Shape (n,), p adjusted for the number of cells by Benjamini and Hochberg.
    hot, cold
        Shape (n,), ``q`` below the level and z above or below zero.
    """

    z: FloatArray
    p: FloatArray
    q: FloatArray
    hot: BoolArray
    cold: BoolArray


def gi_star(values: npt.ArrayLike, neighbours: Neighbours, *, alpha: float = 0.05) -> GiResult:
    """Gi* with binary weights, the cell itself included.

    Parameters
    ----------
    values
        Shape (n,), counts or rates, in the row order of ``neighbours``.
    neighbours
        Who touches whom; a cell without neighbours is held against the field by itself.
    alpha
        Level of the false-discovery control.

    Raises
    ------
    ShapeError
        As many values as cells are needed, all of them finite.

    Notes
    -----
    Ord and Getis (1995), Geographical Analysis 27(4), eq. 14; the variance is that of the population, as in esda's
    ``G_Local(star=True, transform="B")``. A constant field has no spread to judge by: z is 0 and p is 1 everywhere.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (len(neighbours),) or not np.isfinite(x).all():
        raise ShapeError(
            zh=f"需要 {len(neighbours)} 个有限数值,收到 {x.shape}。",
            en=f"{len(neighbours)} finite values are needed, got {x.shape}.",
        )
    n = len(x)
    degree = np.diff(neighbours.indptr)
    rows = np.repeat(np.arange(n), degree)
    local = x + np.bincount(rows, weights=x[neighbours.indices], minlength=n)
    weight = degree + 1.0
    mean, spread = (x.mean(), x.std()) if n else (0.0, 0.0)
    room = (n * weight - weight**2) / max(n - 1, 1)
    z = np.zeros(n)
    if spread > 1e-12 * max(abs(mean), 1.0):
        told = room > 0
        z[told] = (local[told] - mean * weight[told]) / (spread * np.sqrt(room[told]))
    p = 2.0 * norm.sf(np.abs(z))
    q = benjamini_hochberg(p)
    return GiResult(z=z, p=p, q=q, hot=(q < alpha) & (z > 0), cold=(q < alpha) & (z < 0))


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
