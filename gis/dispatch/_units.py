"""Units of time limits and the axis on which each is counted. Seconds since 1970 in, seconds out."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gis.dispatch.working_time import Axis, IntArray, WorkCalendar

FloatArray = npt.NDArray[np.float64]
Unit = Literal["hour", "day", "working_hour", "urgent_hour", "working_day"]

UNITS: tuple[Unit, ...] = get_args(Unit)
"""Natural hours, natural days of 24 hours, working hours, urgent working hours, working days."""
HOUR_S = 3600
_UNIT_S: dict[Unit, int] = {"hour": HOUR_S, "day": 24 * HOUR_S, "working_hour": HOUR_S, "urgent_hour": HOUR_S}


def axis_of(unit: Unit, work: WorkCalendar) -> Axis | None:
    """The axis on which a unit is counted; None for natural time."""
    if unit in ("hour", "day"):
        return None
    return work.axis("urgent" if unit == "urgent_hour" else "office")


def follows_days(unit: Unit, work: WorkCalendar) -> bool:
    """Whether holidays matter to a unit."""
    return unit not in ("hour", "day") and work.follows_days("urgent" if unit == "urgent_hour" else "office")


def counted_limits(starts: npt.ArrayLike, amounts: npt.ArrayLike, unit: Unit, work: WorkCalendar) -> IntArray:
    """What limits of one unit come to on its axis, in seconds, shape (n,)."""
    if unit == "working_day":
        return work.end_of_working_day(starts, amounts) - work.axis("office").counted(starts)
    return np.round(np.asarray(amounts, dtype=float) * _UNIT_S[unit]).astype(np.int64)


def add(axis: Axis | None, starts: IntArray, seconds: IntArray) -> IntArray:
    """The earliest instants at which so many seconds of the axis have passed since the starts."""
    if axis is None:
        return starts + seconds
    return np.maximum(axis.instants(axis.counted(starts) + seconds), starts)
