"""How much of what happened lay where a forecast pointed: hits, and the figures made of them.

Ties are scored by what any way of breaking them gives on average, never by one seed. It fits nothing and draws nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from gis.errors import InputError
from gis.forecast import _kernels
from gis.forecast.ground import Cells

FloatArray = npt.NDArray[np.float64]

SHARES = (0.005, 0.01, 0.02, 0.05)
"""Shares of the area that forecasts are scored at."""

EVEN = 0.01
"""Part of every forecast that is spread evenly over the area before its log score is taken, the same for every model: an
incident where a count said zero would cost infinitely much."""


@dataclass(frozen=True, eq=False)
class Hits:
    """What one forecast caught in each round, at each share of the area.

    Parameters
    ----------
    shares, area_km2
        Shape (shares,): asked share, and area it came to.
    total_km2
        Area of all cells.
    hits, best, before, meant
        Shape (rounds, shares), incidents in the chosen cells: as they happened, at most possible for so much area, in the
        year before the cutoff, and as expected.
    n, n_before, n_meant
        Shape (rounds,), incidents in all cells: in the round, in the year before, as expected.
    log_likelihood
        Shape (rounds,), Poisson, with :data:`EVEN` of the forecast spread evenly.
    deviance
        Shape (rounds,), Poisson, of the same.
    """

    shares: FloatArray
    area_km2: FloatArray
    total_km2: float
    hits: FloatArray
    best: FloatArray
    before: FloatArray
    meant: FloatArray
    n: FloatArray
    n_before: FloatArray
    n_meant: FloatArray
    log_likelihood: FloatArray
    deviance: FloatArray

    def hit_rate(self) -> FloatArray:
        """Part of the incidents that was caught, over all rounds; shape (shares,), 0 without incidents."""
        return ratio(self.hits.sum(axis=0), self.n.sum())

    def pai(self) -> FloatArray:
        """Prediction accuracy index: hit rate over share of area; 1 is as good as an even forecast."""
        return self.hit_rate() / (self.area_km2 / self.total_km2)

    def pei(self) -> FloatArray:
        """Prediction efficiency: hits over the most that so much area could have caught in each round (n / n*, which NIJ
        calls PEI*).
        """
        return ratio(self.hits.sum(axis=0), self.best.sum(axis=0))

    def rri(self) -> FloatArray:
        """Recapture rate index: incidents in the chosen cells against their own past year, over the same for all cells."""
        grown = ratio(self.hits.sum(axis=0), self.before.sum(axis=0))
        return ratio(grown, ratio(self.n.sum(), self.n_before.sum()))

    def calibration(self) -> FloatArray:
        """Incidents over expected ones in the chosen cells; below 1 the forecast promised too much."""
        return ratio(self.hits.sum(axis=0), self.meant.sum(axis=0))


def ratio(above: npt.ArrayLike, below: npt.ArrayLike) -> FloatArray:
    """A quotient that is 0 where nothing stands below."""
    a, b = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.asarray(a / np.where(b > 0, b, 1.0) * (b > 0))


def budgets(cells: Cells, shares: FloatArray) -> FloatArray:
    """The area that each share of the cells comes to, km2: whole squares on a lattice, at least one.

    Raises
    ------
    InputError
        A share not above 0 and below 1, or shares that do not rise.
    """
    if len(shares) == 0 or not (np.all(shares > 0) and np.all(shares < 1) and np.all(np.diff(shares) > 0)):
        raise InputError(
            zh="评分所用的面积占比应在 0 与 1 之间,且由小到大。",
            en="The shares of the area that are scored must lie between 0 and 1 and rise.",
        )
    if cells.lattice is None:
        return np.asarray(shares * cells.total_km2)
    count = np.maximum(np.floor(shares * len(cells) + 0.5), 1.0)
    return np.asarray(count * cells.area_km2[0])


def score(
    expected: FloatArray, counts: FloatArray, before: FloatArray, cells: Cells, shares: npt.ArrayLike = SHARES
) -> Hits:
    """Hits of forecasts, one round a row.

    Parameters
    ----------
    expected
        Shape (rounds, cells), incidents expected; cells are ranked by it for each km2.
    counts, before
        Shape (rounds, cells), incidents of the round, and of the year before its cutoff.
    shares
        Of the area, rising.

    Raises
    ------
    InputError
        A share that makes no sense.

    Notes
    -----
    Bowers, Johnson and Pease (2004) for the search efficiency behind hit rates; Chainey, Tompson and Uhlig (2008) for PAI;
    Levine (2008) for RRI; Hunt (2016) and White, Hunt and Green (2023) for PEI.
    """
    of = np.asarray(shares, dtype=np.float64)
    allowed = budgets(cells, of)
    area = cells.area_km2
    caught = np.empty((3, len(expected), len(of)))
    best = np.empty((len(expected), len(of)))
    for k in range(len(expected)):
        stacked = np.stack([counts[k], before[k], expected[k]])
        caught[:, k] = _kernels.ranked_sums(expected[k] / area, area, stacked, allowed)
        best[k] = _best(counts[k], area, allowed)
    log_likelihood, deviance = _poisson(expected, counts, area)
    return Hits(
        shares=of,
        area_km2=allowed,
        total_km2=cells.total_km2,
        hits=caught[0],
        best=best,
        before=caught[1],
        meant=caught[2],
        n=counts.sum(axis=1),
        n_before=before.sum(axis=1),
        n_meant=expected.sum(axis=1),
        log_likelihood=log_likelihood,
        deviance=deviance,
    )


def _poisson(expected: FloatArray, counts: FloatArray, area: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood and deviance of each round; only cells with incidents need a logarithm."""
    total = expected.sum(axis=1)
    row, cell = np.nonzero(counts)
    n = counts[row, cell]
    mean = np.maximum((1.0 - EVEN) * expected[row, cell] + EVEN * total[row] * area[cell] / area.sum(), 1e-300)
    likely = np.bincount(row, n * np.log(mean) - gammaln(n + 1.0), minlength=len(counts)) - total
    off = np.bincount(row, n * np.log(n / mean) - n, minlength=len(counts)) + total
    return np.asarray(likely), np.asarray(2.0 * off)


def _best(counts: FloatArray, area: FloatArray, allowed: FloatArray) -> FloatArray:
    """The most that each budget could catch: the fullest cells first, the last one by part (whole on a lattice)."""
    held = np.flatnonzero(counts > 0)
    if len(held) == 0:
        return np.zeros(len(allowed))
    return np.asarray(_kernels.ranked_sums(counts[held] / area[held], area[held], counts[held][None], allowed)[0])
