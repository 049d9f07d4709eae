"""Gi* as printed: Ord and Getis (1995), eq. 14, with a full matrix of any weights, the diagonal included."""

import numpy as np


def gi_star_dense(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Standard scores; shapes (n,), (n, n) -> (n,)."""
    n = len(values)
    total, squares = weights.sum(axis=1), (weights**2).sum(axis=1)
    spread = np.sqrt((values**2).mean() - values.mean() ** 2)
    return (weights @ values - values.mean() * total) / (spread * np.sqrt((n * squares - total**2) / (n - 1)))
