"""The street graph with its nodes taken out in order: ways between any two nodes by a short climb and a short descent.

Taking a node out leaves shortcuts between its neighbours, so that no distance between the others changes. Bends and dead
ends go first and leave a chain as one edge; junctions follow. Every quickest way then climbs to nodes taken out later and
comes down again, and there are few of those. Any node may be the start or the end, inside a chain or not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

from gis.roads._kernels import later_neighbours, shorten, sweep
from gis.roads._segments import FloatArray, IntArray

_LANES = 16
"""Sources per sweep: two cache lines of seconds and two of metres a node."""


@dataclass(frozen=True, eq=False)
class Ordered:
    """A graph prepared for many ways.

    Parameters
    ----------
    place
        Shape (n,), when each node was taken out.
    start, near, seconds, metres
        For each node in that order its neighbours taken out later, and the way there and back; see ``shorten``.
    """

    place: IntArray
    start: IntArray
    near: IntArray
    seconds: FloatArray
    metres: FloatArray

    def between(self, sources: IntArray, targets: IntArray) -> tuple[FloatArray, FloatArray]:
        """Seconds and metres from nodes to nodes; shape (s, t), inf where there is no way."""
        part = self._above(np.concatenate([sources, targets]))
        out_s, out_m = np.empty((len(sources), len(targets))), np.empty((len(sources), len(targets)))
        goals = part.place[targets]
        for first in range(0, len(sources), _LANES):
            batch = part.place[sources[first : first + _LANES]]
            seconds, metres = (np.full((len(part.start) - 1, len(batch)), np.inf) for _ in range(2))
            sweep(part.start, part.near, part.seconds, part.metres, batch, seconds, metres)
            out_s[first : first + _LANES], out_m[first : first + _LANES] = seconds[goals].T, metres[goals].T
        return out_s, out_m

    def _above(self, nodes: IntArray) -> "Ordered":
        """Only these nodes and all that their ways climb to."""
        n = len(self.place)
        wanted = np.zeros(n, dtype=bool)
        climb = np.unique(self.place[nodes])
        while len(climb):
            wanted[climb] = True
            # The first later neighbour has all the others among its own.
            climb = climb[self.start[climb] < self.start[climb + 1]]
            climb = np.unique(self.near[self.start[climb]])
            climb = climb[~wanted[climb]]
        kept = np.repeat(wanted, np.diff(self.start))
        fresh = np.cumsum(wanted) - 1
        start = np.concatenate([[0], np.cumsum(np.diff(self.start)[wanted])])
        place = np.where(wanted[self.place], fresh[self.place], -1)
        return Ordered(place, start, fresh[self.near[kept]], self.seconds[kept], self.metres[kept])


def ordered(seconds: csr_array, metres: csr_array) -> Ordered:
    """A graph with all its nodes taken out in order.

    Parameters
    ----------
    seconds, metres
        Shape (n, n), same pattern, columns in order.

    Notes
    -----
    Minimum degree order (George & Liu 1989), as sparse elimination uses it; ways as in Dibbelt, Strasser & Wagner (2016),
    *Customizable contraction hierarchies*; the descent to many targets is PHAST (Delling et al. 2011). On street graphs the
    shortcuts number a few times n log n; work and memory grow with them, not with n times the number of sources.
    """
    ends, by_time, by_length = _pairs(seconds, metres)
    place = _elimination_order(ends, seconds.shape[0])
    later, sooner = np.maximum(*place[ends].T), np.minimum(*place[ends].T)
    by_sooner = np.argsort(sooner, kind="stable")
    indptr = np.searchsorted(sooner[by_sooner], np.arange(len(place) + 1))
    start, near = later_neighbours(indptr, later[by_sooner])
    owner = np.repeat(np.arange(len(place)), np.diff(start))
    edge = np.searchsorted(owner * len(place) + near, sooner * len(place) + later)
    turned = (place[ends[:, 0]] > place[ends[:, 1]])[:, None]
    all_s, all_m = np.full((len(near), 2), np.inf), np.full((len(near), 2), np.inf)
    all_s[edge] = np.where(turned, by_time[:, ::-1], by_time)
    all_m[edge] = np.where(turned, by_length[:, ::-1], by_length)
    low_edge = np.argsort(near, kind="stable")
    low = np.searchsorted(near[low_edge], np.arange(len(place) + 1))
    shorten(start, near, all_s, all_m, low, low_edge)
    return Ordered(place, start, near, all_s, all_m)


def _elimination_order(ends: IntArray, n: int) -> IntArray:
    """When to take each node out, by minimum degree.

    Notes
    -----
    SuperLU orders so before it factors a matrix of the graph's pattern. The graph's Laplacian plus one is dominated by its
    diagonal: no pivoting disturbs the order.
    """
    both = np.concatenate([ends, ends[:, ::-1]])
    links = csc_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n, n))
    matrix = csc_array(diags_array(links.sum(axis=0) + 1.0) - links)
    factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return factor.perm_c.astype(np.int64)


def _pairs(seconds: csr_array, metres: csr_array) -> tuple[IntArray, FloatArray, FloatArray]:
    """Each pair of neighbours once, with the way there and back; inf where there is none."""
    n = seconds.shape[0]
    tail = np.repeat(np.arange(n, dtype=np.int64), np.diff(seconds.indptr))
    head = seconds.indices.astype(np.int64)
    real = tail != head
    tail, head = tail[real], head[real]
    key, pair = np.unique(np.minimum(tail, head) * n + np.maximum(tail, head), return_inverse=True)
    side = (tail > head).astype(np.int64)
    by_time, by_length = np.full((len(key), 2), np.inf), np.full((len(key), 2), np.inf)
    by_time[pair, side], by_length[pair, side] = seconds.data[real], metres.data[real]
    return np.column_stack([key // n, key % n]), by_time, by_length
