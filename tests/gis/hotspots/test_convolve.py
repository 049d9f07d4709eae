"""The convolution is scipy's, kernel wider than the raster or not."""

import numpy as np
import pytest
from scipy.signal import convolve2d

from gis.hotspots._convolve import convolved


@pytest.mark.parametrize("shape", [(20, 31), (3, 4), (1, 9)])
@pytest.mark.parametrize("kernel", [(1, 1), (5, 5), (11, 7)])
def test_it_equals_the_plain_sum(shape: tuple[int, int], kernel: tuple[int, int], rng: np.random.Generator) -> None:
    raster, weights = rng.normal(size=shape), rng.normal(size=kernel)
    full = convolve2d(raster, weights)
    down, right = (kernel[0] - 1) // 2, (kernel[1] - 1) // 2
    wanted = full[down : down + shape[0], right : right + shape[1]]
    np.testing.assert_allclose(convolved(raster, weights), wanted, atol=1e-10)
