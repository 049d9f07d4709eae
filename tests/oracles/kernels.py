"""The slow, obvious density: the sum of all kernels at each place, over the kernel's mass inside a rectangle."""

import numpy as np
from scipy.stats import norm


def kernel_sum(xy_m: np.ndarray, at_m: np.ndarray, bandwidth_m: float) -> np.ndarray:
    """Incidents per km2 at each place; shapes (n, 2), (k, 2) -> (k,)."""
    gap = ((at_m[:, None, :] - xy_m[None]) ** 2).sum(axis=2)
    return np.exp(-gap / (2 * bandwidth_m**2)).sum(axis=1) / (2 * np.pi * bandwidth_m**2) * 1e6


def mass_in_rectangle(at_m: np.ndarray, sides_m: tuple[float, float], bandwidth_m: float) -> np.ndarray:
    """Share of the kernel around each place inside the rectangle from the origin to ``sides_m``; shape (k,)."""
    low, high = norm.cdf(-at_m / bandwidth_m), norm.cdf((np.array(sides_m) - at_m) / bandwidth_m)
    return np.prod(high - low, axis=1)
