"""Which counts of areas by category may be published, so that no small count can be computed from the rest.

It decides on whole tables of one closed month and never looks at single incidents. What it may not do is publish the
same incidents twice in different cuts: see :func:`released_months` and docs/methods/privacy.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from gis.errors import FilterError, ShapeError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

DEFAULT_K = 5
CLOSING_DAYS = 10
"""Days after the end of a month before it is released: late reports are in by then, and nothing changes afterwards."""


@dataclass(frozen=True)
class PublicTable:
    """The counts of one level of areas that may be seen, and what a reader can infer about the others.

    Parameters
    ----------
    areas
        Labels, shape (n,), in ascending order; the leaf level has the row numbers of the table that came in.
    values
        Shape (n, categories + 1), the total last; -1 where a count is withheld.
    hidden
        The same shape, true where a count is withheld.
    low, high
        The same shape: the exact interval of a count given everything published; infinite where nothing bounds it.
    """

    areas: npt.NDArray[np.generic]
    values: IntArray
    hidden: BoolArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class _Bounds:
    """What is known of rows of counts, total last; a count is published where both ends meet."""

    low: FloatArray
    high: FloatArray

    @property
    def hidden(self) -> BoolArray:
        return self.high > self.low

    def row(self, at: int) -> "_Bounds":
        return _Bounds(self.low[at], self.high[at])


def suppress(
    counts: npt.ArrayLike, groups: Sequence[npt.ArrayLike] = (), *, k: int = DEFAULT_K, protection: int | None = None
) -> tuple[PublicTable, ...]:
    """Withhold small counts, and as many others as it takes that none of them can be computed.

    Parameters
    ----------
    counts
        Shape (n, categories), incidents of the finest areas; incidents that lie in no area of a finer level are a row of
        their own. Categories must not overlap.
    groups
        For each coarser level in turn (community, street, district), the label of the area that holds each row, shape
        (n,). Levels must nest. Totals over areas and over categories are published at every level.
    k
        Counts of 1 to ``k - 1`` are withheld. A zero is no secret.
    protection
        The interval of values that a reader can infer for a withheld count is at least this wide; ``k`` by default and
        at most.

    Returns
    -------
    tables
        One for each level, finest first.

    Raises
    ------
    ShapeError
        The counts are no table of whole numbers of at least 0, or a level has another length or does not nest.
    FilterError
        ``k`` is below 2, or the protection is not in 1 to ``k``.

    Notes
    -----
    Top down. Under an area whose total is withheld everything is. Elsewhere some sisters are withheld with all their
    counts (set X), and among the others a block of rows and categories is; a block is a transportation polytope, whose
    intervals are the Fréchet bounds, so each is known exactly and no linear programme is needed. Time grows with the
    size of the table.
    """
    table = _checked(counts)
    width = k if protection is None else protection
    if k < 2 or not 1 <= width <= k:
        raise FilterError(
            zh=f"k 应不小于 2,保护宽度应为 1 至 k:收到 k={k},宽度={width}。",
            en=f"k is at least 2 and the protection 1 to k; got k={k}, protection={width}.",
        )
    levels = _levels(table, groups)
    labels, sums, _ = levels[-1]
    bounds = _top(sums, k=k, width=width)
    tables = [_published(labels, sums, bounds)]
    for labels, sums, parents in reversed(levels[:-1]):
        bounds = _below(sums, parents, bounds, k=k, width=width)
        tables.append(_published(labels, sums, bounds))
    return tuple(reversed(tables))


def released_months(first: date, today: date, *, closing_days: int = CLOSING_DAYS) -> list[date]:
    """First days of the calendar months that are complete and closed: the only periods of the public view.

    Parameters
    ----------
    first
        Day of the first record; the month that holds it is released only if it begins the month.
    today
        Today in the district's zone.
    closing_days
        Days that must have passed since the end of a month.
    """
    start = first if first.day == 1 else _next_month(first)
    months: list[date] = []
    while _next_month(start) + timedelta(days=closing_days) <= today:
        months.append(start)
        start = _next_month(start)
    return months


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _checked(counts: npt.ArrayLike) -> IntArray:
    table = np.asarray(counts)
    if table.ndim != 2 or 0 in table.shape or not np.issubdtype(table.dtype, np.integer) or table.min() < 0:
        raise ShapeError(
            zh="计数表应为二维非负整数数组(区域 x 类别),且不能为空。",
            en="The counts are a table (areas x categories) of whole numbers of at least 0, not empty.",
        )
    return table.astype(np.int64)


def _levels(
    table: IntArray, groups: Sequence[npt.ArrayLike]
) -> list[tuple[npt.NDArray[np.generic], IntArray, npt.NDArray[np.intp]]]:
    """Labels, counts with total, and position of the parent in the next level (empty at the top), finest first."""
    labels: npt.NDArray[np.generic] = np.arange(len(table))
    place = np.arange(len(table))
    sums = np.column_stack([table, table.sum(axis=1)])
    levels = []
    for depth, group in enumerate(groups):
        names = np.asarray(group)
        if names.shape != (len(table),):
            raise ShapeError(
                zh=f"第 {depth + 1} 层区域应有 {len(table)} 行,而不是 {names.shape}。",
                en=f"Level {depth + 1} has shape {names.shape}; ({len(table)},) is needed.",
            )
        above, up = np.unique(names, return_inverse=True)
        pairs = np.unique(np.column_stack([place, up]), axis=0)
        if len(pairs) != len(labels):
            raise ShapeError(
                zh=f"第 {depth + 1} 层区域没有把下一层完整包含:有区域同时属于两个上级。",
                en=f"Level {depth + 1} does not nest: an area of the level below lies in two of its areas.",
            )
        levels.append((labels, sums, pairs[:, 1]))
        higher = np.zeros((len(above), sums.shape[1]), dtype=np.int64)
        np.add.at(higher, pairs[:, 1], sums)
        labels, place, sums = above, up, higher
    return [*levels, (labels, sums, np.empty(0, dtype=np.intp))]


def _published(labels: npt.NDArray[np.generic], sums: IntArray, bounds: _Bounds) -> PublicTable:
    return PublicTable(labels, np.where(bounds.hidden, -1, sums), bounds.hidden, bounds.low, bounds.high)


def _top(sums: IntArray, *, k: int, width: int) -> _Bounds:
    """The coarsest areas: nothing is published above them, so only the total of each row ties its counts together."""
    low, high = sums.astype(np.float64), sums.astype(np.float64)
    for row, line in enumerate(sums):
        if 0 < line[-1] < k:
            low[row], high[row] = 0.0, np.inf
            continue
        chosen = _smallest(line[:-1], k=k, width=width)
        low[row, :-1][chosen] = 0.0
        high[row, :-1][chosen] = line[:-1][chosen].sum()
    return _Bounds(low, high)


def _smallest(line: IntArray, *, k: int, width: int) -> npt.NDArray[np.intp]:
    """Positions of the counts to withhold in a line of known sum: the small ones and the next until they hide each other.

    Empty without a small count. A line whose sum is 0 or at least ``k`` always has enough to add.
    """
    order = np.argsort(line, kind="stable")
    order = order[line[order] > 0]
    small = int((line[order] < k).sum())
    if not small:
        return np.empty(0, dtype=np.intp)
    enough = int(np.searchsorted(np.cumsum(line[order]), width)) + 1
    return order[: max(small, 2, enough)]


def _below(sums: IntArray, parents: npt.NDArray[np.intp], above: _Bounds, *, k: int, width: int) -> _Bounds:
    """Bounds of one level, given those of the level above."""
    low, high = np.empty(sums.shape), np.empty(sums.shape)
    order = np.argsort(parents, kind="stable")
    starts = np.searchsorted(parents[order], np.arange(len(above.low) + 1))
    for parent in range(len(above.low)):
        rows = order[starts[parent] : starts[parent + 1]]
        found = _sisters(sums[rows], above.row(parent), k=k, width=width)
        low[rows], high[rows] = found.low, found.high
    return _Bounds(low, high)


def _sisters(sums: IntArray, parent: _Bounds, *, k: int, width: int) -> _Bounds:
    """Bounds of the areas that make up one area."""
    if len(sums) == 1:
        return _Bounds(parent.low[None, :], parent.high[None, :])
    if parent.hidden[-1]:
        return _nothing(sums, parent)
    aside = np.zeros(len(sums), dtype=bool)
    aside[_smallest(sums[:, -1], k=k, width=width)] = True
    return _block(sums, parent, aside, k=k, width=width) or _nothing(sums, parent)


def _nothing(sums: IntArray, parent: _Bounds) -> _Bounds:
    """No sister is published: each may hold all that the parent holds, or none of it."""
    return _Bounds(np.zeros(sums.shape), np.broadcast_to(parent.high, sums.shape).copy())


def _block(sums: IntArray, parent: _Bounds, aside: BoolArray, *, k: int, width: int) -> _Bounds | None:
    """Withhold a block of rows and categories among the sisters, enlarged until every interval is wide enough.

    ``aside`` marks the sisters whose total is withheld: they enter as one row, their sum. None where even the whole
    table does not protect.
    """
    single = np.flatnonzero(~aside & (sums[:, -1] > 0))
    lines = sums[single, :-1]
    if aside.any():
        lines = np.vstack([lines, sums[aside, :-1].sum(axis=0)])
    merged = np.arange(len(lines)) >= len(single)
    small = (lines > 0) & (lines < k)
    columns = parent.hidden[:-1] | small.any(axis=0)
    rows = small.any(axis=1) | merged | parent.hidden[:-1].any()
    while True:
        low, high = _frechet(lines, parent, rows, columns)
        low[merged] = np.where(columns, 0.0, low[merged])  # a member of the merged row may hold nothing of it
        withheld = rows[:, None] & columns
        narrow = withheld & (high > 0) & (high - low < width)
        if not narrow.any():
            break
        if not _enlarge(lines, parent, rows, columns, at=np.argwhere(narrow)[0], width=width):
            return None
    result = _Bounds(sums.astype(np.float64), sums.astype(np.float64))
    result.low[single, :-1], result.high[single, :-1] = low[~merged], high[~merged]
    if aside.any():
        result.low[aside] = 0.0
        result.high[aside] = np.append(high[-1], sums[aside, -1].sum())
    return result


def _frechet(lines: IntArray, parent: _Bounds, rows: BoolArray, columns: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest value of every cell when the sums of a block's rows are known and those of its columns bounded."""
    low, high = lines.astype(np.float64), lines.astype(np.float64)
    known = lines[~rows].sum(axis=0)
    column_low, column_high = parent.low[:-1] - known, parent.high[:-1] - known
    row_sum = lines[:, columns].sum(axis=1)
    rest = row_sum[rows].sum()
    withheld = rows[:, None] & columns
    low[withheld] = np.maximum(0.0, row_sum[:, None] + column_low - rest)[withheld]
    high[withheld] = np.minimum(row_sum[:, None], column_high)[withheld]
    return low, high


def _enlarge(
    lines: IntArray, parent: _Bounds, rows: BoolArray, columns: BoolArray, *, at: IntArray, width: int
) -> bool:
    """Add to the block the row or the category that the narrow cell ``at`` lacks; false where none is left."""
    row, column = at
    row_sums = lines[:, columns].sum(axis=1)
    outside_rows, outside_columns = np.flatnonzero(~rows), np.flatnonzero(~columns & (lines[rows].sum(axis=0) > 0))
    column_high = parent.high[column] - lines[~rows, column].sum()
    lacks_row = column_high < width or row_sums[rows].sum() - row_sums[row] < width
    if len(outside_rows) and (lacks_row or not len(outside_columns)):
        rows[outside_rows[_cheapest(lines[outside_rows, column], width)]] = True
    elif len(outside_columns):
        columns[outside_columns[_cheapest(lines[row, outside_columns], width)]] = True
    else:
        return False
    return True


def _cheapest(offers: IntArray, width: int) -> int:
    """The smallest count that is large enough, else the largest; the first of equals."""
    enough = offers >= width
    return int(np.argmin(np.where(enough, offers, np.iinfo(np.int64).max))) if enough.any() else int(np.argmax(offers))
