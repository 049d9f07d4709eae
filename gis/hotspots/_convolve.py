"""Convolution of a raster with a small kernel. ``scipy.signal`` has one too, but its import alone takes as long as a page."""

import numpy as np
import numpy.typing as npt
from scipy import fft

FloatArray = npt.NDArray[np.float64]


def convolved(raster: FloatArray, kernel: FloatArray) -> FloatArray:
    """The raster under the kernel, zeros beyond its border; shape of the raster. The kernel has odd sides."""
    sides = [int(fft.next_fast_len(a + b - 1, real=True)) for a, b in zip(raster.shape, kernel.shape, strict=True)]
    product = fft.irfft2(fft.rfft2(raster, sides) * fft.rfft2(kernel, sides), sides)
    down, right = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    return np.asarray(product[down : down + raster.shape[0], right : right + raster.shape[1]])
