"""How long something takes when some of it is not over yet: Kaplan-Meier quantiles of many groups at once."""

import numpy as np
import numpy.typing as npt

from gis.errors import ShapeError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_ALL_DONE = -60.0  # stands for log 0: e^-60 is below every share that is asked for
_ROUNDING = 1e-9


def quantiles(
    durations: FloatArray,
    completed: BoolArray,
    groups: IntArray,
    *,
    n_groups: int,
    shares: tuple[float, ...] = (0.5, 0.9),
) -> FloatArray:
    """The time by which a share of each group is through, open ones neither dropped nor taken as done.

    Parameters
    ----------
    durations
        Shape (n,), any unit, 0 or more: time until completion, or until it was last seen open.
    completed
        Shape (n,): false where it is still open or left some other way (censored).
    groups
        Shape (n,), codes 0 to ``n_groups - 1``.

    Returns
    -------
    times
        Shape (n_groups, shares): the smallest time at which the Kaplan-Meier share still open is at most 1 - share; NaN where so many
        are still open that it cannot be known.

    Raises
    ------
    ShapeError
        The arrays differ in length.

    Notes
    -----
    Kaplan and Meier (1958), the product-limit estimate. What completes and what is censored at the same time: completions come
    first, as is usual. One sort, O(n log n).
    """
    if not durations.shape == completed.shape == groups.shape or durations.ndim != 1:
        raise ShapeError(
            zh="时长、是否完成和分组的个数不同。", en="Durations, completions and groups differ in length."
        )
    found = np.full((n_groups, len(shares)), np.nan)
    if not len(durations):
        return found
    order = np.lexsort((~completed, durations, groups))
    group, time, done = groups[order], durations[order], completed[order]
    ends = np.searchsorted(group, np.arange(n_groups), side="right")
    at_risk = ends[group] - np.arange(len(group))
    # Tied completions one after another multiply to (n - d) / n, so each row is a step of its own.
    with np.errstate(divide="ignore"):
        step = np.where(done, np.maximum(np.log1p(-1.0 / at_risk), _ALL_DONE), 0.0)
    total = np.cumsum(step)
    starts = np.searchsorted(group, np.arange(n_groups), side="left")
    before = np.concatenate([[0.0], total])[starts]
    left = np.exp(total - before[group])
    for column, share in enumerate(shares):
        through = np.flatnonzero(done & (left <= 1 - share + _ROUNDING))
        reached, first = np.unique(group[through], return_index=True)
        found[reached, column] = time[through[first]]
    return found
