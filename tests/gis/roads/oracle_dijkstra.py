"""Slow, obvious shortest paths: a heap over the streets' own vertices, written without the library's graph."""

import heapq
from collections import defaultdict
from itertools import pairwise

import numpy as np


def shortest_metres(lines: list[list[tuple[float, float]]], a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres from vertex to vertex along two-way lines; inf where there is no way."""
    ways: dict[tuple[float, float], dict[tuple[float, float], float]] = defaultdict(dict)
    for line in lines:
        for p, q in pairwise(line):
            length = float(np.hypot(p[0] - q[0], p[1] - q[1]))
            ways[p][q] = min(length, ways[p].get(q, np.inf))
            ways[q][p] = min(length, ways[q].get(p, np.inf))
    best = {a: 0.0}
    heap = [(0.0, a)]
    while heap:
        done, here = heapq.heappop(heap)
        if here == b:
            return done
        for there, length in ways[here].items():
            if done + length < best.get(there, np.inf):
                best[there] = done + length
                heapq.heappush(heap, (best[there], there))
    return np.inf
