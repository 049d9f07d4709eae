"""Compiled loop of the near-repeat test: pairs by distance and time, for the times seen and for shuffled times."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.random_stream import draw, stream

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_BLOCK = 64


@njit(cache=True, nogil=True)
def pair_table(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: IntArray,
    days: FloatArray,
    ends: FloatArray,
) -> IntArray:
    """Pairs of each distance band by time band; shape (bands of distance, bands of time).

    Pairs stand by distance band, ``start[b]:start[b + 1]``; ``ends`` are the upper ends of the time bands, included.
    """
    found = np.zeros((len(start) - 1, len(ends)), dtype=np.int64)
    bands = len(ends)
    for band in range(len(start) - 1):
        row = found[band]
        for at in range(start[band], start[band + 1]):
            apart = abs(days[left[at]] - days[right[at]])
            # Most pairs of a shuffle lie beyond the last band.
            if apart <= ends[bands - 1]:
                k = 0
                while apart > ends[k]:
                    k += 1
                row[k] += 1
    return found


@njit(cache=True, nogil=True)
def _block(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: IntArray,
    days: FloatArray,
    ends: FloatArray,
    seen: IntArray,
    count: int,
    state: npt.NDArray[np.uint64],
) -> tuple[FloatArray, IntArray, IntArray]:
    """Sum of the tables of so many shuffles, and how many were at least, and at most, as high as seen."""
    total = np.zeros(seen.shape)
    above, below = np.zeros(seen.shape, dtype=np.int64), np.zeros(seen.shape, dtype=np.int64)
    deck = days.copy()
    for _ in range(count):
        for at in range(len(deck) - 1):
            other = at + int(draw(state) * (len(deck) - at))
            deck[at], deck[other] = deck[other], deck[at]
        table = pair_table(left, right, start, deck, ends)
        for band in range(seen.shape[0]):
            for k in range(seen.shape[1]):
                total[band, k] += table[band, k]
                above[band, k] += table[band, k] >= seen[band, k]
                below[band, k] += table[band, k] <= seen[band, k]
    return total, above, below


def shuffled_tables(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: IntArray,
    days: FloatArray,
    ends: FloatArray,
    seen: IntArray,
    *,
    permutations: int,
    seed: int,
) -> tuple[FloatArray, IntArray, IntArray]:
    """Sum, at least as high, at most as high, over all shuffles of the days; blocks of shuffles run on all cores."""

    def run(number: int) -> tuple[FloatArray, IntArray, IntArray]:
        count = min(_BLOCK, permutations - number * _BLOCK)
        return _block(left, right, start, days, ends, seen, count, stream(seed + number))

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = list(pool.map(run, range(-(-permutations // _BLOCK))))
    return (
        np.sum([part[0] for part in parts], axis=0),
        np.sum([part[1] for part in parts], axis=0),
        np.sum([part[2] for part in parts], axis=0),
    )
