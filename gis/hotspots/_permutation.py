"""Conditional permutation of neighbours: how often chance gives a cell at least as much, or as little, as it has.

One set of draws serves all cells, as in esda: a draw is k places among the n - 1 others of a cell, and place j stands for
cell j below the cell itself and for j + 1 above it. Where all neighbours weigh the same the sum of a draw is therefore
one step function of the cell's position with at most k steps, and a draw is compared with all cells in one sweep instead of
being gathered anew for each.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.hotspots.weights import Weights
from gis.random_stream import draw, stream

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_BLOCK = 128
"""Permutations drawn from one stream; the answer does not depend on how many cores share the blocks."""


def permuted_ranks(
    values: FloatArray, near: Weights, *, permutations: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """How many permutations give each cell a neighbourhood at least as high, and at least as low.

    Parameters
    ----------
    values
        Shape (n,), finite.
    near
        Weights of the same rows; a cell with all others as neighbours, or none, ties with every draw.
    permutations
        Draws of each cell's neighbours from all other cells, without replacement.

    Returns
    -------
    above, below
        Shape (n,); ties are in both. Sums equal to 1e-12 of the field's size are ties.

    Notes
    -----
    Anselin (1995), Geographical Analysis 27(2). Time grows with permutations times cells; unequal weights take as many
    times longer as a cell has neighbours. Both cores are used.
    """
    # Copies: what comes from a table may be read-only, and the loops would be compiled anew for it.
    values, indptr, heavy = np.array(values), np.array(near.indptr), np.array(near.values)
    seed = int(rng.integers(0, 2**62))
    equal = near.level
    degree = near.degree
    lag = np.bincount(
        near.rows(), weights=np.where(equal[near.rows()], 1.0, near.values) * values[near.indices], minlength=len(near)
    )
    size = np.where(equal, degree, near.sums()) * np.abs(values).max(initial=0.0)
    slack = 1e-12 * size
    classes = [(int(k), np.flatnonzero(equal & (degree == k))) for k in np.unique(degree[equal]) if k]
    uneven = np.flatnonzero(~equal)

    def block(number: int) -> tuple[IntArray, IntArray]:
        count = min(_BLOCK, permutations - number * _BLOCK)
        places = _draws(len(values) - 1, count, int(degree.max(initial=0)), stream(seed + number))
        above, below = np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.int64)
        for k, cells in classes:
            up, down = _rank_level(values, places, k, cells, (lag - slack)[cells], (lag + slack)[cells])
            above[cells], below[cells] = up, down
        if len(uneven):
            _rank_weighted(values, places, indptr, heavy, uneven, lag, slack, above, below)
        return above, below

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = list(pool.map(block, range(-(-permutations // _BLOCK))))
    return np.sum([part[0] for part in parts], axis=0), np.sum([part[1] for part in parts], axis=0)


@njit(cache=True, nogil=True)
def _draws(n: int, count: int, most: int, state: npt.NDArray[np.uint64]) -> IntArray:
    """Rows of different places below n, drawn at random; shape (count, most)."""
    deck = np.arange(n)
    drawn = np.empty((count, most), dtype=np.int64)
    for row in range(count):
        # The deck stays as the last row left it: any order of it serves the next as well.
        for at in range(most):
            other = at + int(draw(state) * (n - at))
            deck[at], deck[other] = deck[other], deck[at]
            drawn[row, at] = deck[at]
    return drawn


@njit(cache=True, nogil=True)
def _rank_level(
    values: FloatArray, places: IntArray, k: int, cells: IntArray, low: FloatArray, high: FloatArray
) -> tuple[IntArray, IntArray]:
    """Ranks of cells that have k equal neighbours; ``cells`` ascend, ``low`` and ``high`` are their sums with slack."""
    above, below = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=np.int64)
    for row in range(len(places)):
        cuts = np.sort(places[row, :k])
        total = 0.0
        for cut in cuts:
            total += values[cut + 1]
        start = 0
        for step in range(k + 1):
            # Cells up to the cut stand before it; behind it the place means the cell one lower.
            stop = np.searchsorted(cells, cuts[step], side="right") if step < k else len(cells)
            # Slices counted from zero let the compiler compare several cells at once.
            up, least = above[start:stop], low[start:stop]
            down, most = below[start:stop], high[start:stop]
            for cell in range(stop - start):
                up[cell] += np.int64(total >= least[cell])
                down[cell] += np.int64(total <= most[cell])
            start = stop
            if step < k:
                total += values[cuts[step]] - values[cuts[step] + 1]
    return above, below


@njit(cache=True, nogil=True)
def _rank_weighted(
    values: FloatArray,
    places: IntArray,
    indptr: IntArray,
    weights: FloatArray,
    cells: IntArray,
    lag: FloatArray,
    slack: FloatArray,
    above: IntArray,
    below: IntArray,
) -> None:
    """Ranks of cells whose neighbours weigh differently; filled in place."""
    for cell in cells:
        start, stop = indptr[cell], indptr[cell + 1]
        for row in range(len(places)):
            total = 0.0
            for at in range(start, stop):
                place = places[row, at - start]
                total += weights[at] * values[place + (place >= cell)]
            above[cell] += total >= lag[cell] - slack[cell]
            below[cell] += total <= lag[cell] + slack[cell]
