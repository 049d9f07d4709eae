"""Compiled loops behind the travel matrix: shortcuts for nodes taken out of the graph, and the sweeps that use them.

Every edge carries seconds and metres; the quicker way counts, of equally quick ones the shorter.
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def later_neighbours(indptr: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each node's neighbours taken out later, shortcuts among them.

    Parameters
    ----------
    indptr, indices
        The graph's own edges: for each node, in the order they are taken out, the neighbours taken out later.

    Returns
    -------
    start, near
        The same with shortcuts, rising. A node hands what it has to the first of them, which is its parent in the tree.
    """
    n = len(indptr) - 1
    start, near = np.zeros(n + 1, np.int64), np.empty(4 * n + 64, np.int64)
    child, sibling, seen = np.full(n, -1), np.full(n, -1), np.full(n, -1)
    for node in range(n):
        low = at = start[node]
        if at + n > len(near):
            wider = np.empty(2 * len(near) + n, np.int64)
            wider[:at] = near[:at]
            near = wider
        seen[node] = node
        for edge in range(indptr[node], indptr[node + 1]):
            if seen[indices[edge]] != node:
                seen[indices[edge]] = node
                near[at] = indices[edge]
                at += 1
        below = child[node]
        while below >= 0:
            for edge in range(start[below], start[below + 1]):
                if seen[near[edge]] != node:
                    seen[near[edge]] = node
                    near[at] = near[edge]
                    at += 1
            below = sibling[below]
        near[low:at] = np.sort(near[low:at])
        start[node + 1] = at
        if at > low:
            sibling[node], child[near[low]] = child[near[low]], node
    return start, near[: start[n]].copy()


@numba.njit(cache=True, nogil=True)
def shorten(
    start: np.ndarray, near: np.ndarray, seconds: np.ndarray, metres: np.ndarray, low: np.ndarray, low_edge: np.ndarray
) -> None:
    """Fill in the shortcuts that stand for ways over nodes taken out earlier.

    Parameters
    ----------
    start, near
        For each node, in the order they are taken out, the neighbours taken out later, rising:
        ``near[start[i]:start[i + 1]]``. Any two later neighbours of a node are neighbours of each other.
    seconds, metres
        Shape (len(near), 2): from the node to the neighbour, and back; inf where there is no way. Changed in place.
    low, low_edge
        The same edges by their later end: ``low_edge[low[i]:low[i + 1]]`` are those that end at node i.
    """
    n = len(start) - 1
    at = np.full(n, -1)
    owner = np.repeat(np.arange(n), np.diff(start))
    for node in range(n):
        for edge in range(start[node], start[node + 1]):
            at[near[edge]] = edge
        for position in range(low[node], low[node + 1]):
            one = low_edge[position]
            for two in range(one + 1, start[owner[one] + 1]):
                edge = at[near[two]]
                for side in range(2):
                    first, second = (one, two) if side == 0 else (two, one)
                    new_s = seconds[first, 1] + seconds[second, 0]
                    old = seconds[edge, side]
                    if new_s > old:
                        continue
                    new_m = metres[first, 1] + metres[second, 0]
                    if new_s < old or new_m < metres[edge, side]:
                        seconds[edge, side], metres[edge, side] = new_s, new_m
        for edge in range(start[node], start[node + 1]):
            at[near[edge]] = -1


@numba.njit(cache=True, nogil=True)
def sweep(
    start: np.ndarray,
    near: np.ndarray,
    by_s: np.ndarray,
    by_m: np.ndarray,
    sources: np.ndarray,
    seconds: np.ndarray,
    metres: np.ndarray,
) -> None:
    """Up from each source through the neighbours taken out later, then down to all nodes.

    Parameters
    ----------
    start, near, by_s, by_m
        As in ``shorten``.
    sources
        Shape (b,): so many at once, since the way down is the same for all and its edges are read once.
    seconds, metres
        Shape (n, b), inf; filled in place.
    """
    width = len(sources)
    for lane in range(width):
        node = sources[lane]
        seconds[node, lane], metres[node, lane] = 0.0, 0.0
        while True:
            for edge in range(start[node], start[node + 1]):
                other = near[edge]
                new_s, new_m = seconds[node, lane] + by_s[edge, 0], metres[node, lane] + by_m[edge, 0]
                old = seconds[other, lane]
                if new_s < old or (new_s == old and new_m < metres[other, lane]):
                    seconds[other, lane], metres[other, lane] = new_s, new_m
            if start[node] == start[node + 1]:
                break
            node = near[start[node]]
    for node in range(len(start) - 2, -1, -1):
        for edge in range(start[node], start[node + 1]):
            other, add_s, add_m = near[edge], by_s[edge, 1], by_m[edge, 1]
            for lane in range(width):
                new_s, new_m = seconds[other, lane] + add_s, metres[other, lane] + add_m
                old_s, old_m = seconds[node, lane], metres[node, lane]
                better = (new_s < old_s) | ((new_s == old_s) & (new_m < old_m))
                seconds[node, lane] = new_s if better else old_s
                metres[node, lane] = new_m if better else old_m
