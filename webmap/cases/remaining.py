"""What is left of the limits of many clocks at once. It asks no store."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.dispatch import deadlines, elapsed_of
from gis.dispatch.clocks import remaining
from webmap.store.case_clocks import Clockwork, StoredClock

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
_MICROSECONDS = 1_000_000


class Left(NamedTuple):
    """What is left of clocks; below 0 is overdue.

    Parameters
    ----------
    share
        Shape (n,), parts of the limit.
    seconds
        Shape (n,), of the clock's own time.
    """

    share: FloatArray
    seconds: IntArray


def left_of_plain(
    starts_us: npt.ArrayLike,
    amounts: npt.ArrayLike,
    units: Sequence[str] | npt.NDArray[np.str_],
    now: datetime,
    clockwork: Clockwork,
) -> Left:
    """What is left of clocks that never paused and were not extended.

    Parameters
    ----------
    starts_us
        Shape (n,), microseconds since 1970 in UTC.
    amounts, units
        Shape (n,), as of ``gis.dispatch.Limit``.
    """
    starts, named = np.asarray(starts_us, dtype=np.int64) // _MICROSECONDS, np.array(units, dtype="U")
    if not len(starts):
        return Left(np.empty(0), np.empty(0, dtype=np.int64))
    limit = deadlines(starts, np.asarray(amounts, dtype=float), named, clockwork.work).counted_s
    run = elapsed_of(starts, named, now, clockwork.work)
    return Left(np.round(1 - run / limit, 4), limit - run)


def left_of(clocks: Sequence[StoredClock], now: datetime, clockwork: Clockwork) -> Left:
    """What is left of clocks of any kind that have not stopped."""
    left = Left(np.empty(len(clocks)), np.empty(len(clocks), dtype=np.int64))
    plain = [row for row, clock in enumerate(clocks) if not clock.pauses and clock.extended_until is None]
    some = [clocks[row] for row in plain]
    starts = [round(clock.started_at.timestamp() * _MICROSECONDS) for clock in some]
    amounts, units = [clock.amount for clock in some], [clock.unit for clock in some]
    left.share[plain], left.seconds[plain] = left_of_plain(starts, amounts, units, now, clockwork)
    for row in sorted(set(range(len(clocks))) - set(plain)):
        left.share[row] = round(1 - clocks[row].share(now, clockwork.work), 4)
        left.seconds[row] = remaining(clocks[row].clock, now, clockwork.work)
    return left
