"""The part of a limit that is left, of many clocks at once. It asks no store."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from gis.dispatch import deadlines, elapsed_of
from webmap.store.case_clocks import Clockwork, StoredClock

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
_MICROSECONDS = 1_000_000


def left_of_plain(
    starts_us: npt.ArrayLike, amounts: npt.ArrayLike, units: Sequence[str], now: datetime, clockwork: Clockwork
) -> FloatArray:
    """What is left of clocks that never paused and were not extended, shape (n,); below 0 is overdue.

    Parameters
    ----------
    starts_us
        Shape (n,), microseconds since 1970 in UTC.
    amounts, units
        Shape (n,), as of ``gis.dispatch.Limit``.
    """
    starts, named = np.asarray(starts_us, dtype=np.int64) // _MICROSECONDS, np.array(units, dtype="U")
    if not len(starts):
        return np.empty(0)
    limits = deadlines(starts, np.asarray(amounts, dtype=float), named, clockwork.work)
    return np.round(1 - elapsed_of(starts, named, now, clockwork.work) / limits.counted_s, 4)


def left_of(clocks: Sequence[StoredClock], now: datetime, clockwork: Clockwork) -> FloatArray:
    """What is left of clocks of any kind that have not stopped, shape (n,)."""
    left = np.empty(len(clocks))
    plain = [row for row, clock in enumerate(clocks) if not clock.pauses and clock.extended_until is None]
    some = [clocks[row] for row in plain]
    starts = [round(clock.started_at.timestamp() * _MICROSECONDS) for clock in some]
    left[plain] = left_of_plain(
        starts, [clock.amount for clock in some], [clock.unit for clock in some], now, clockwork
    )
    for row in sorted(set(range(len(clocks))) - set(plain)):
        left[row] = round(1 - clocks[row].share(now, clockwork.work), 4)
    return left
