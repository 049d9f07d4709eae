"""Conditional permutation by going through every choice of neighbours there is: exact, and only for a handful of cells."""

from itertools import combinations

import numpy as np


def exact_tails(values: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chance of a neighbourhood at least as high, and at least as low, for 0/1 weights; shapes (n,), (n, n) -> (n,)."""
    n = len(values)
    above, below = np.empty(n), np.empty(n)
    for cell in range(n):
        others = np.delete(values, cell)
        sums = np.array([sum(chosen) for chosen in combinations(others, int(matrix[cell].sum()))])
        seen = matrix[cell] @ values
        above[cell], below[cell] = (sums >= seen - 1e-9).mean(), (sums <= seen + 1e-9).mean()
    return above, below
