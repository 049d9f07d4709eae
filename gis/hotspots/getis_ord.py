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
        Shape (n,), standard score; 0 where nothing can be judged.
    p
        Shape (n,), two-sided, from the normal distribution.
    q
        Shape (n,), p adjusted for the number of cells by Benjamini and Hochberg.
    hot, cold
        Shape (n,), ``q`` below the level and z above or below zero.
    judged
        Shape (n,), False for cells without neighbours, for cells whose neighbours are all others, and everywhere in a
        constant field: their z is 0 and p is 1.
    notes
        Why cells were not judged, as (Chinese, English); empty when all were.
    """

    z: FloatArray
    p: FloatArray
    q: FloatArray
    hot: BoolArray
    cold: BoolArray
    judged: BoolArray
    notes: tuple[tuple[str, str], ...] = ()


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
    room = (n * weight - weight**2) / max(n - 1, 1)
    constant = n == 0 or x.std() <= 1e-12 * np.abs(x).max()
    judged = (degree > 0) & (room > 0) & (not constant)
    z = np.zeros(n)
    if judged.any():
        z[judged] = (local - x.mean() * weight)[judged] / (x.std() * np.sqrt(room[judged]))
    p = 2.0 * norm.sf(np.abs(z))
    q = benjamini_hochberg(p)
    notes = _notes(n, constant=constant, islands=int((degree == 0).sum()))
    return GiResult(z=z, p=p, q=q, hot=(q < alpha) & (z > 0), cold=(q < alpha) & (z < 0), judged=judged, notes=notes)


def _notes(n: int, *, constant: bool, islands: int) -> tuple[tuple[str, str], ...]:
    found = []
    if n and constant:
        found.append(
            ("各网格数值相同,没有热点可言。", "All cells have the same value: there are no hot spots to find.")
        )
    if islands:
        found.append(
            (
                f"{islands} 个网格没有相邻网格,不作热点判断(z=0,p=1)。",
                f"{islands} cells have no neighbours and are not judged (z 0, p 1).",
            )
        )
    return tuple(found)


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
