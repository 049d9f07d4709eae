"""Incidents per area, in the caller's order of areas. Codes that are not asked for are left out, never spread."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def count_by(codes: npt.ArrayLike, order: Sequence[str]) -> npt.NDArray[np.int64]:
    """How often each code of ``order`` occurs.

    Parameters
    ----------
    codes
        Shape (n,), one code a point; empty for points outside.
    order
        Unique codes to count.

    Returns
    -------
    counts
        Shape (len(order),).
    """
    counted = pd.Series(np.asarray(codes, dtype=object)).value_counts()
    return np.asarray(counted.reindex(list(order), fill_value=0), dtype=np.int64)
