"""The hours of the day in which most happens. Weights by hour in, a run of hours out."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def shortest_run(by_hour: FloatArray, share: float) -> tuple[int, ...]:
    """The shortest run of hours, over midnight if need be, that holds a share of the weight.

    Parameters
    ----------
    by_hour
        Shape (24,), weights.
    share
        Above 0 and at most 1.

    Notes
    -----
    Of equally short runs the heaviest, then the earliest. Empty where nothing weighs.
    """
    total = float(by_hour.sum())
    if total <= 0:
        return ()
    upto = np.concatenate([[0.0], np.cumsum(np.concatenate([by_hour, by_hour]))])
    for length in range(1, 24):
        held = upto[length : length + 24] - upto[:24]
        if held.max() >= share * total - 1e-9:
            start = int(np.argmax(held > held.max() - 1e-9))
            return tuple((start + k) % 24 for k in range(length))
    return tuple(range(24))
