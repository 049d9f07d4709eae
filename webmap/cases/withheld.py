"""Which figures of the board are withheld from those who see aggregates alone: small counts, and what would give them away.

A count of 1 to k - 1 is withheld, and so is one whose rest is that small: 95 of 97 tells of two. Then as many other groups as it takes
that no withheld count follows from the whole (:func:`gis.incidents.privacy.suppress`). Ages and times of few cases go with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gis.incidents.privacy import suppress


@dataclass(frozen=True)
class BoardPart:
    """The figures of one group; None where a figure is withheld, or where there is none.

    Parameters
    ----------
    counts
        Numerators and denominators by name.
    rates
        One a figure, with numerator, denominator and share.
    stages
        One a stage, with how many entered and completed it and the median and the 90 % point in hours.
    backlog
        What is open, and how old.
    """

    code: str
    zh: str
    en: str
    counts: dict[str, int | None]
    rates: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    backlog: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return dict(vars(self))


def withhold(whole: BoardPart, groups: Sequence[BoardPart], *, k: int) -> tuple[BoardPart, list[BoardPart]]:
    """The same figures without what may not be told.

    Parameters
    ----------
    k
        The smallest count that is told, besides 0.

    Notes
    -----
    Groups need not add up to the whole: what lies in none of them is a group of its own here, and is not told.
    """
    parts = [whole, *groups]
    hidden = {name: _hidden([part.counts[name] or 0 for part in parts], k) for name in whole.counts}
    for at, rate in enumerate(whole.rates):
        tops, bottoms = (np.array([part.rates[at][name] for part in parts]) for name in ("numerator", "denominator"))
        close = _close(tops, bottoms, k)
        hidden[rate["top"]] = hidden[rate["top"]] | close
    # What hides in one column must not follow from the others of its row.
    told = [_without(part, {name for name, mask in hidden.items() if mask[at]}, k) for at, part in enumerate(parts)]
    return told[0], told[1:]


def _hidden(values: Sequence[int], k: int) -> np.ndarray:
    """Which of a whole and its groups are withheld: too small, or needed to hide one that is."""
    total, groups = values[0], np.asarray(values[1:], dtype=np.int64)
    hidden = np.zeros(len(values), dtype=bool)
    hidden[0] = 0 < total < k
    rest = total - groups.sum() if len(groups) else 0
    if rest < 0 or not len(groups):
        hidden[1:] = (groups > 0) & (groups < k)
        return hidden
    leaves = np.append(groups, rest)[:, None]
    told = suppress(leaves, [np.zeros(len(leaves), dtype=int)], k=k)
    hidden[1:] = told[0].hidden[:-1, -1]
    return hidden


def _close(tops: np.ndarray, bottoms: np.ndarray, k: int) -> np.ndarray:
    """Where the numerator lies so near its denominator that the rest is a small count; never in one group alone."""
    rest = bottoms - tops
    close: np.ndarray = (rest > 0) & (rest < k)
    if close[1:].sum() == 1 and not close[0]:
        # Alone it would follow from the whole: the smallest other one goes with it, or the whole.
        others = 1 + np.flatnonzero(~close[1:] & (tops[1:] > 0))
        close[others[np.argmin(tops[others])] if len(others) else 0] = True
    return close


def _without(part: BoardPart, names: set[str], k: int) -> BoardPart:
    rates = []
    for rate in part.rates:
        top, of = rate["top"] in names, rate["of"] in names
        rates.append(rate | {"numerator": None if top else rate["numerator"], "denominator": None if of else rate["denominator"], "share": None if top or of else rate["share"]})  # fmt: skip
    return replace(
        part,
        counts={name: None if name in names else value for name, value in part.counts.items()},
        rates=rates,
        stages=[_few(stage, ("entered", "completed", "open"), ("median_h", "p90_h"), "completed", k) for stage in part.stages],
        backlog=_few(part.backlog, ("open", "overdue", "paused", "up_to_1d", "up_to_7d", "up_to_30d", "older"), ("median_age_d", "p90_age_d", "oldest_d"), "open", k),
    )  # fmt: skip


def _few(row: dict[str, Any], counted: Sequence[str], measured: Sequence[str], of: str, k: int) -> dict[str, Any]:
    """A row of counts and measures; where one count is small all of the row is, since the counts add up to each other."""
    small = any(0 < row[name] < k for name in counted)
    measures = {name: None for name in measured if small or row[of] < k}
    # The oldest case is one case.
    measures |= {"oldest_d": None} if "oldest_d" in row else {}
    return row | (dict.fromkeys(counted) if small else {}) | measures
