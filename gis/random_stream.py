"""A random stream of our own for compiled loops: the same seed gives the same answer on every machine and version."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def draw(state: np.ndarray) -> float:
    """A number in [0, 1) by xorshift64* (Vigna 2016); ``state`` is one uint64, not 0, and moves on."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


def stream(seed: int) -> np.ndarray:
    """The state of a stream; streams of neighbouring seeds differ from the first number on."""
    mixed = (int(seed) * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) % 2**64
    mixed ^= mixed >> 31
    return np.array([mixed or 1], dtype=np.uint64)
