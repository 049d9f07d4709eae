"""A space-time cube: incidents counted by cell and by equal steps of time, with the alignment said.

Times enter as days since any fixed start; there is no calendar and no clock here.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ShapeError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Alignment = Literal["end", "start", "reference"]


@dataclass(frozen=True, eq=False)
class SpaceTimeCube:
    """Counts by cell and step.

    Parameters
    ----------
    counts
        Shape (cells, steps), oldest step first.
    edges
        Shape (steps + 1,), days; step k holds times in ``[edges[k], edges[k + 1])``.
    step_days
        Length of a step.
    align
        The end of the period, its start, or a reference day that lies on an edge.
    left_out
        Incidents of the period that lie in a step cut by its end or start, or in no cell.
    """

    counts: IntArray
    edges: FloatArray
    step_days: float
    align: Alignment
    left_out: int


def space_time_cube(
    cell: npt.ArrayLike,
    days: npt.ArrayLike,
    *,
    cells: int,
    step_days: float,
    since: float,
    until: float,
    align: Alignment = "end",
    reference: float | None = None,
) -> SpaceTimeCube:
    """Count incidents by cell and by whole steps of the period.

    Parameters
    ----------
    cell
        Shape (n,), the cell of each incident, 0 to ``cells - 1``; negative for none.
    days
        Shape (n,), when, in days since a fixed start; fractions allowed.
    cells
        How many cells there are; those without incidents count as zeros.
    step_days
        Length of a step, above zero.
    since, until
        Half-open period, in the same days. Only steps that lie wholly in it are made: a step cut short would look like a
        fall.
    align
        ``end``: the last step ends with the period; ``start``: the first begins with it; ``reference``: an edge lies on
        ``reference``.
    reference
        Days, needed for ``reference``.

    Raises
    ------
    ShapeError
        Arrays of different lengths, days that are not finite, or a cell number out of range.
    InputError
        A step that is not above zero, a period that holds no whole step, or a missing reference.
    """
    place, when = np.asarray(cell, dtype=np.int64), np.asarray(days, dtype=np.float64)
    if place.ndim != 1 or place.shape != when.shape or not np.isfinite(when).all() or (place >= cells).any():
        raise ShapeError(
            zh=f"事件的单元与时间形状为 {place.shape} 与 {when.shape};时间须有限,单元编号须小于 {cells}。",
            en=f"Cells and days of shapes {place.shape} and {when.shape}: days must be finite, cells below {cells}.",
        )
    edges = _edges(step_days, since, until, align, reference)
    kept = (place >= 0) & (when >= edges[0]) & (when < edges[-1])
    step = np.searchsorted(edges, when[kept], side="right") - 1
    steps = len(edges) - 1
    counts = np.bincount(place[kept] * steps + step, minlength=cells * steps).reshape(cells, steps)
    inside = int(((when >= since) & (when < until)).sum())
    return SpaceTimeCube(counts.astype(np.int64), edges, step_days, align, inside - int(kept.sum()))


def _edges(step_days: float, since: float, until: float, align: Alignment, reference: float | None) -> FloatArray:
    if not 0 < step_days < np.inf or not until > since:
        raise InputError(
            zh=f"时间步长 {step_days:g} 天应大于零,时段 {since:g} 至 {until:g} 应有长度。",
            en=f"A step of {step_days:g} days must be above zero, and the period {since:g} to {until:g} must have a length.",
        )
    if align == "reference" and reference is None:
        raise InputError(zh="按参照日对齐时须给出参照日。", en="To align by a reference its day must be told.")
    anchor = {"end": until, "start": since, "reference": reference}.get(align)
    if anchor is None:
        raise InputError(
            zh=f"没有名为“{align}”的对齐方式;可选 end、start、reference。",
            en=f"There is no alignment '{align}'; take end, start or reference.",
        )
    # A millionth of a step of slack: a period of whole steps must not lose one to rounding.
    first = int(np.ceil((since - anchor) / step_days - 1e-6))
    last = int(np.floor((until - anchor) / step_days + 1e-6))
    if last <= first:
        raise InputError(
            zh=f"时段内没有完整的 {step_days:g} 天时段;请缩短步长或延长时段。",
            en=f"The period holds no whole step of {step_days:g} days; shorten the step or lengthen the period.",
        )
    return np.asarray(anchor + np.arange(first, last + 1) * float(step_days), dtype=np.float64)
