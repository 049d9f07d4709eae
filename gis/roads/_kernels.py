"""Compiled loop behind travel_matrix: the metres along the quickest way."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def path_metres(
    before: np.ndarray, targets: np.ndarray, indptr: np.ndarray, indices: np.ndarray, metres: np.ndarray
) -> np.ndarray:
    """Metres of each quickest path, by walking it back.

    Parameters
    ----------
    before
        Shape (s, n), the node before each node on the way from each source; negative at the source or out of reach.
    targets
        Shape (t,).
    """
    out = np.zeros((before.shape[0], len(targets)))
    for source in range(before.shape[0]):
        for place in range(len(targets)):
            node = targets[place]
            total = 0.0
            while before[source, node] >= 0:
                last = before[source, node]
                for edge in range(indptr[last], indptr[last + 1]):
                    if indices[edge] == node:
                        total += metres[edge]
                        break
                node = last
            out[source, place] = total
    return out
