"""Clocks of many cases at once, for work lists and dashboards: arrays in, arrays out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from gis.dispatch._units import UNITS, FloatArray, Unit, add, axis_of, counted_limits, follows_days
from gis.dispatch.clocks import Limit, seconds
from gis.dispatch.working_time import IntArray, WorkCalendar
from gis.errors import ShapeError

Units = Sequence[Unit] | npt.NDArray[np.str_]


@dataclass(frozen=True)
class DeadlineTable:
    """Deadlines of many clocks: instants in seconds since 1970, the counted limits in seconds, and who is sure; shape (n,) each."""

    at: IntArray
    counted_s: IntArray
    is_sure: npt.NDArray[np.bool_]
    calendar_version: str


def deadlines(
    starts: npt.ArrayLike,
    amounts: npt.ArrayLike,
    units: Units,
    work: WorkCalendar,
    *,
    stood_s: npt.ArrayLike = 0,
) -> DeadlineTable:
    """Deadlines of many clocks at once.

    Parameters
    ----------
    starts
        Shape (n,), seconds since 1970 in UTC.
    amounts, units
        Shape (n,), as of :class:`Limit`.
    stood_s
        Shape (n,) or one number: seconds of the clock spent in granted pauses, all before the deadline (:func:`gis.dispatch.clocks.stood`).

    Raises
    ------
    ShapeError
        The arrays differ in length.
    InputError
        A limit that cannot be used, or years that the calendar does not reach.

    Notes
    -----
    Two binary searches a clock; 100,000 take some hundredths of a second.
    """
    begin, amount, unit = np.asarray(starts, dtype=np.int64), np.asarray(amounts, dtype=float), np.asarray(units)
    if not begin.shape == amount.shape == unit.shape or begin.ndim != 1:
        raise ShapeError(zh="开始时间、时限和单位的个数不同。", en="Starts, amounts and units differ in length.")
    pause = np.broadcast_to(np.asarray(stood_s, dtype=np.int64), begin.shape)
    at, counted, sure = begin.copy(), np.zeros_like(begin), np.ones(len(begin), dtype=bool)
    _check_limits(amount, unit)
    for name in UNITS:
        rows = np.flatnonzero(unit == name)
        own = begin[rows]
        counted[rows] = counted_limits(own, amount[rows], name, work)
        at[rows] = add(axis_of(name, work), own, counted[rows] + pause[rows])
        if follows_days(name, work):
            sure[rows] = _are_known(own, at[rows], work)
    return DeadlineTable(at, counted, sure, work.version)


def elapsed_of(
    starts: npt.ArrayLike, units: Units, now: datetime, work: WorkCalendar, *, stood_s: npt.ArrayLike = 0
) -> IntArray:
    """Seconds that many clocks have run until ``now``, shape (n,); divided by ``counted_s`` it is the used share.

    Parameters
    ----------
    starts
        Shape (n,), seconds since 1970 in UTC; a clock that starts after ``now`` has run 0.
    stood_s
        Seconds of each clock spent in granted pauses until ``now``.

    Raises
    ------
    ShapeError
        The arrays differ in length.
    InputError
        Years that the calendar does not reach, or ``now`` without zone.
    """
    begin, unit = np.asarray(starts, dtype=np.int64), np.asarray(units)
    if begin.shape != unit.shape or begin.ndim != 1:
        raise ShapeError(zh="开始时间和单位的个数不同。", en="Starts and units differ in length.")
    run, here = np.zeros_like(begin), seconds(now)
    for name in UNITS:
        rows = np.flatnonzero((unit == name) & (begin < here))
        axis = axis_of(name, work)
        run[rows] = here - begin[rows] if axis is None else axis.counted([here]) - axis.counted(begin[rows])
    return np.maximum(run - np.asarray(stood_s, dtype=np.int64), 0)


def _check_limits(amounts: FloatArray, units: npt.NDArray[np.str_]) -> None:
    """Hand the first limit that cannot be used to :class:`Limit`, which says why."""
    bad = ~(np.isfinite(amounts) & (amounts > 0)) | ~np.isin(units, UNITS)
    bad |= (units == "working_day") & (amounts != np.floor(amounts))
    for row in np.flatnonzero(bad)[:1]:
        Limit(float(amounts[row]), units[row])


def _are_known(starts: IntArray, ends: IntArray, work: WorkCalendar) -> npt.NDArray[np.bool_]:
    """Whether the table of holidays holds every local year from start to end."""
    years = range(work.years[0], work.years[1] + 1)
    unknown_before = np.concatenate([[0], np.cumsum([year not in work.calendar.years for year in years])])
    first, last = (np.searchsorted(work.year_starts, each, side="right") - 1 for each in (starts, ends))
    return unknown_before[np.minimum(last, len(years) - 1) + 1] == unknown_before[first]
