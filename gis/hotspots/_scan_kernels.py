"""Compiled loops of the scan statistics: the best zone of each centre, and the strongest of each simulation, on all cores.

A zone is a prefix of a centre's areas by distance. Logarithms are taken only where a zone is above expectation and could
beat the best so far by a bound that costs no logarithm.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.random_stream import draw, stream

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def _llr(seen: float, wanted: float, total: float) -> float:
    """Log likelihood ratio of a zone with more than expected."""
    inside = seen * np.log(seen / wanted)
    outside = total - seen
    return inside + (outside * np.log(outside / (total - wanted)) if outside > 0 else 0.0)


@njit(cache=True, nogil=True)
def best_everywhere(
    order: npt.NDArray[np.int32],
    size: IntArray,
    ends: npt.NDArray[np.bool_],
    cases: FloatArray,
    expected: FloatArray,
    total: float,
) -> tuple[FloatArray, IntArray]:
    """The best zone of each centre: its ratio and its number of areas; shapes (centres,). Ties go to the smaller zone."""
    best, length = np.zeros(len(order)), np.zeros(len(order), dtype=np.int64)
    for centre in range(len(order)):
        seen, wanted = 0.0, 0.0
        for at in range(size[centre]):
            area = order[centre, at]
            seen += cases[area]
            wanted += expected[area]
            if ends[centre, at] and seen > wanted and wanted > 0:
                ratio = _llr(seen, wanted, total)
                if ratio > best[centre] * (1 + 1e-12):
                    best[centre], length[centre] = ratio, at + 1
    return best, length


@njit(cache=True, nogil=True)
def _strongest(
    order: npt.NDArray[np.int32],
    size: IntArray,
    ends: npt.NDArray[np.bool_],
    deals: FloatArray,
    expected: FloatArray,
    total: float,
) -> FloatArray:
    found = np.zeros(len(deals))
    for deal in range(len(deals)):
        best = 0.0
        for centre in range(len(order)):
            seen, wanted = 0.0, 0.0
            for at in range(size[centre]):
                area = order[centre, at]
                seen += deals[deal, area]
                wanted += expected[area]
                gap = seen - wanted
                # The ratio is a Kullback-Leibler distance, which chi-square bounds from above: no logarithm is needed
                # where even that cannot win.
                if gap > 0 and gap * gap * total > best * wanted * (total - wanted) and ends[centre, at]:
                    ratio = _llr(seen, wanted, total)
                    best = max(best, ratio)
        found[deal] = best
    return found


def strongest(
    order: npt.NDArray[np.int32],
    size: IntArray,
    ends: npt.NDArray[np.bool_],
    deals: FloatArray,
    expected: FloatArray,
    total: float,
) -> FloatArray:
    """The largest ratio of each deal of cases; shape (deals,)."""
    return _shared(lambda part: _strongest(order, size, ends, deals[part], expected, total), len(deals))


def _shared(run: Callable[[slice], FloatArray], count: int) -> FloatArray:
    """Runs over slices on all cores, put together in order."""
    step = 32
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = list(pool.map(run, [slice(at, min(at + step, count)) for at in range(0, count, step)]))
    return np.concatenate(parts) if parts else np.zeros(0)


@njit(cache=True, nogil=True)
def space_time_best(
    order: npt.NDArray[np.int32],
    size: IntArray,
    ends: npt.NDArray[np.bool_],
    place: IntArray,
    day: IntArray,
    length: int,
    longest: int,
    alive: bool,
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """The best cylinder of each centre: ratio, number of places, first and last day; shapes (centres,).

    ``alive`` asks for cylinders that reach the last day. Ties go to the smaller circle, then the earlier and shorter time.
    """
    places = order.shape[1]
    by_place = np.zeros((places, length), dtype=np.float64)
    for i in range(len(place)):
        by_place[place[i], day[i]] += 1.0
    total = float(len(place))
    upto = np.zeros(length + 1)
    for k in range(length):
        upto[k + 1] = upto[k] + by_place[:, k].sum()
    best, width = np.zeros(len(order)), np.zeros(len(order), dtype=np.int64)
    start, stop = np.zeros(len(order), dtype=np.int64), np.zeros(len(order), dtype=np.int64)
    running = np.empty(length + 1)
    held = np.empty(length)
    for centre in range(len(order)):
        held[:] = 0.0
        count = 0.0
        for at in range(size[centre]):
            area = order[centre, at]
            for k in range(length):
                held[k] += by_place[area, k]
                count += by_place[area, k]
            if not ends[centre, at]:
                continue
            running[0] = 0.0
            for k in range(length):
                running[k + 1] = running[k] + held[k]
            share = count / total
            for first in range(length):
                # A best cylinder begins and ends with an incident in its circle: without it the same days are fewer.
                if held[first] == 0 and not alive:
                    continue
                last = min(length, first + longest)
                for end in range(length if alive else first + 1, last + 1):
                    if held[end - 1] == 0 and not alive:
                        continue
                    seen = running[end] - running[first]
                    wanted = share * (upto[end] - upto[first])
                    gap = seen - wanted
                    if gap > 0 and gap * gap * total > best[centre] * wanted * (total - wanted):
                        ratio = _llr(seen, wanted, total)
                        if ratio > best[centre] * (1 + 1e-12):
                            best[centre], width[centre] = ratio, at + 1
                            start[centre], stop[centre] = first, end - 1
    return best, width, start, stop


@njit(cache=True, nogil=True)
def _shuffled(day: IntArray, state: npt.NDArray[np.uint64]) -> IntArray:
    deck = day.copy()
    for at in range(len(deck) - 1):
        other = at + int(draw(state) * (len(deck) - at))
        deck[at], deck[other] = deck[other], deck[at]
    return deck


def space_time_strongest(
    order: npt.NDArray[np.int32],
    size: IntArray,
    ends: npt.NDArray[np.bool_],
    place: IntArray,
    day: IntArray,
    length: int,
    longest: int,
    alive: bool,
    seeds: IntArray,
) -> FloatArray:
    """The largest ratio after each shuffle of the days; shape (seeds,)."""

    def run(part: slice) -> FloatArray:
        found = []
        for seed in seeds[part]:
            dealt = _shuffled(day, stream(int(seed)))
            found.append(space_time_best(order, size, ends, place, dealt, length, longest, alive)[0].max())
        return np.array(found)

    return _shared(run, len(seeds))
