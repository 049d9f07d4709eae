"""Compiled loops behind make_beats: pieces of a subset, and boundary moves that keep every beat in one piece."""

import numba
import numpy as np

from gis.random_stream import draw


@numba.njit(cache=True, nogil=True)
def pieces(indptr: np.ndarray, indices: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Number the connected pieces of the cells with ``inside`` > 0, from 0 in cell order; -1 elsewhere."""
    out = np.full(len(inside), -1, dtype=np.int64)
    stack = np.empty(len(inside), dtype=np.int64)
    found = 0
    for seed in range(len(inside)):
        if inside[seed] == 0 or out[seed] >= 0:
            continue
        out[seed] = found
        stack[0] = seed
        top = 1
        while top:
            top -= 1
            cell = stack[top]
            for edge in range(indptr[cell], indptr[cell + 1]):
                other = indices[edge]
                if inside[other] and out[other] < 0:
                    out[other] = found
                    stack[top] = other
                    top += 1
        found += 1
    return out


@numba.njit(cache=True, nogil=True)
def _holds_together(
    cell: int,
    indptr: np.ndarray,
    indices: np.ndarray,
    label: np.ndarray,
    mark: np.ndarray,
    queue: np.ndarray,
    tick: int,
) -> bool:
    """Whether the beat of ``cell`` stays in one piece without it; stops as soon as all its neighbours are met."""
    beat = label[cell]
    wanted = 0
    first = -1
    for edge in range(indptr[cell], indptr[cell + 1]):
        if label[indices[edge]] == beat:
            wanted += 1
            first = indices[edge]
    if wanted == 0:
        return False
    if wanted == 1:
        return True
    mark[cell] = tick
    for edge in range(indptr[cell], indptr[cell + 1]):
        if label[indices[edge]] == beat:
            mark[indices[edge]] = -tick
    met = 1
    mark[first] = tick
    queue[0] = first
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for edge in range(indptr[here], indptr[here + 1]):
            other = indices[edge]
            if label[other] != beat or mark[other] == tick:
                continue
            if mark[other] == -tick:
                met += 1
                if met == wanted:
                    return True
            mark[other] = tick
            queue[tail] = other
            tail += 1
    return False


@numba.njit(cache=True, nogil=True)
def balance(
    indptr: np.ndarray,
    indices: np.ndarray,
    label: np.ndarray,
    load: np.ndarray,
    beats: int,
    community: np.ndarray,
    cut_weight: float,
    community_weight: float,
    home: np.ndarray,
    stay_weight: float,
    goal: float,
    steps: int,
    state: np.ndarray,
) -> np.ndarray:
    """Anneal boundary cells between beats until every load is near the mean.

    The cost is the sum over beats of (load / mean - 1)^2, plus ``cut_weight`` a neighbouring pair in two beats, plus
    ``community_weight`` a beat by which a community is split more than once, plus ``stay_weight`` a cell away from its
    ``home`` (-1: it has none). The best labelling seen is returned: the one with the least imbalance, and below ``goal``
    (coefficient of variation) the one with the least of the rest.
    """
    n = len(label)
    loads, sizes, members, cuts, splits = _tally(indptr, indices, label, load, beats, community)
    mean = loads.sum() / beats
    mark = np.zeros(n, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    goal_cost = goal * goal * beats
    uneven = ((loads / mean - 1.0) ** 2).sum()
    away = ((home >= 0) & (home != label)).sum()
    rest = cut_weight * cuts + community_weight * splits + stay_weight * away
    best, best_key = label.copy(), max(uneven, goal_cost) + 1e-3 * goal_cost * rest
    hot = 2e-3
    cold = 1e-3 * goal_cost + 1e-12
    for step in range(steps):
        heat = hot * (cold / hot) ** (step / steps)
        cell = int(draw(state) * n)
        here = label[cell]
        if sizes[here] == 1:
            continue
        width = indptr[cell + 1] - indptr[cell]
        if width == 0:
            continue
        there = label[indices[indptr[cell] + int(draw(state) * width)]]
        if there == here:
            continue
        inner, outer = _ties(cell, there, indptr, indices, label)
        split = 0
        if members[community[cell], here] == 1:
            split -= 1
        if members[community[cell], there] == 0:
            split += 1
        left = (home[cell] == here) - (home[cell] == there)
        a, b, w = loads[here] / mean - 1.0, loads[there] / mean - 1.0, load[cell] / mean
        change = (a - w) ** 2 + (b + w) ** 2 - a * a - b * b
        # Cuts weigh much while the heat is high and the loads are rough, little when the loads settle.
        worse = cut_weight * (inner - outer) + community_weight * split + stay_weight * left
        extra = worse * heat
        if change + extra > 0 and draw(state) >= np.exp(-(change + extra) / heat):
            continue
        if not _holds_together(cell, indptr, indices, label, mark, queue, step + 1):
            continue
        label[cell] = there
        loads[here] -= load[cell]
        loads[there] += load[cell]
        sizes[here] -= 1
        sizes[there] += 1
        members[community[cell], here] -= 1
        members[community[cell], there] += 1
        uneven += change
        rest += worse
        key = max(uneven, goal_cost) + 1e-3 * goal_cost * rest
        if key < best_key:
            best_key = key
            best[:] = label
    return best


@numba.njit(cache=True, nogil=True)
def _tally(
    indptr: np.ndarray, indices: np.ndarray, label: np.ndarray, load: np.ndarray, beats: int, community: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """Load and size of each beat, members by community and beat, neighbouring pairs cut, (community, beat) pairs."""
    loads = np.zeros(beats)
    sizes = np.zeros(beats, dtype=np.int64)
    members = np.zeros((community.max() + 1, beats), dtype=np.int64)
    cuts = 0
    for cell in range(len(label)):
        loads[label[cell]] += load[cell]
        sizes[label[cell]] += 1
        members[community[cell], label[cell]] += 1
        for edge in range(indptr[cell], indptr[cell + 1]):
            if label[indices[edge]] > label[cell]:
                cuts += 1
    return loads, sizes, members, cuts, (members > 0).sum()


@numba.njit(cache=True, nogil=True)
def _ties(cell: int, there: int, indptr: np.ndarray, indices: np.ndarray, label: np.ndarray) -> tuple[int, int]:
    """Neighbours of ``cell`` in its own beat, and in the beat ``there``."""
    inner, outer = 0, 0
    for edge in range(indptr[cell], indptr[cell + 1]):
        if label[indices[edge]] == label[cell]:
            inner += 1
        elif label[indices[edge]] == there:
            outer += 1
    return inner, outer
