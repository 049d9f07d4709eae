"""Slow and obvious: decayed counts one incident at a time, hits under every way of breaking ties, hits by hand."""

import math
from collections.abc import Sequence
from itertools import pairwise, permutations

import numpy as np


def decayed(
    day: Sequence[float], cell: Sequence[int], middles: np.ndarray, cutoff: float, efold: float, bandwidth_m: float
) -> np.ndarray:
    """Decayed count of each cell at a cutoff, each incident shared over cells by the distance between middles."""
    found = np.zeros(len(middles))
    for when, where in zip(day, cell, strict=True):
        if when >= cutoff:
            continue
        share = np.zeros(len(middles))
        for other in range(len(middles)):
            apart = math.dist(middles[where], middles[other])
            if bandwidth_m == 0:
                share[other] = float(other == where)
            elif apart <= 4 * bandwidth_m:
                share[other] = math.exp(-0.5 * (apart / bandwidth_m) ** 2)
        found += math.exp(-(cutoff - when) / efold) * share / share.sum()
    return found


def mean_hits(expected: Sequence[float], counts: Sequence[float], chosen: int) -> float:
    """Incidents in the first ``chosen`` cells, averaged over every order that sorts ``expected`` downwards."""
    hits = [
        sum(counts[cell] for cell in order[:chosen])
        for order in permutations(range(len(expected)))
        if all(expected[a] >= expected[b] for a, b in pairwise(order))
    ]
    return sum(hits) / len(hits)


def triggered(day: Sequence[float], place: Sequence[int], efold: float) -> tuple[list[float], list[float]]:
    """For each incident, over the earlier ones of its place: sum of exp(-age / efold), and of age times that."""
    near, lag = [], []
    for i, (when, where) in enumerate(zip(day, place, strict=True)):
        ages = [when - day[j] for j in range(i) if place[j] == where]
        near.append(sum(math.exp(-age / efold) for age in ages))
        lag.append(sum(age * math.exp(-age / efold) for age in ages))
    return near, lag
