"""Indicators of the closed loop, each with numerator, denominator and period, counted from moves alone.

Two figures with one name differ by their denominator, so none is given without it: 结案率 is closed of *due*, 办结率 is completed of
*received*. Open cases are not left out of durations: medians and 90 % points are Kaplan-Meier estimates.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.dispatch.clocks import seconds
from gis.dispatch.lives import CLOSING, NEVER, STAGE_MARKS, Lives, spells
from gis.dispatch.survival import quantiles
from gis.errors import ColumnError, FilterError

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

HOUR_S = 3600
DAY_S = 86_400
BACKLOG_BANDS_D = (1, 7, 30)
SATISFIED, CONTENT = 4, 3

RATES: dict[str, tuple[str, str, str, str]] = {
    "filed": ("立案率", "filed", "filed", "received"),
    "rejected": ("不予受理率", "rejected", "rejected", "received"),
    "completed": ("办结率", "completed by now", "completed", "received"),
    "closed": ("结案率", "closed of due", "closed", "due"),
    "on_time": ("按期结案率", "closed on time of due", "on_time", "due"),
    "rework": ("返工率", "failed checks", "failed", "checked"),
    "reopened": ("重新办理率", "reopened", "reopenings", "closings"),
    "returned": ("退回率", "returned", "returns", "dispatches"),
    "delayed": ("延期率", "delays granted", "delays", "dispatches"),
    "suspended": ("挂账率", "suspensions granted", "suspensions", "dispatches"),
    "rated": ("评价率", "rated of asked", "rated", "asked"),
    "satisfied": ("满意率", "satisfied of rated", "satisfied", "rated"),
    "content": ("基本满意率", "at least basically satisfied of rated", "content", "rated"),
}
"""Figure to its Chinese and English name, numerator and denominator (columns of :func:`counts`)."""

_FLOWS: dict[str, tuple[tuple[str, ...], bool]] = {
    "rejected": (("reject",), False),
    "dispatches": (("dispatch", "transfer"), True),
    "returns": (("grant_return",), False),
    "delays": (("extend",), False),
    "suspensions": (("suspend",), False),
    "failed": (("check_fail",), False),
    "checked": ((*CLOSING, "check_fail"), False),
    "closings": (CLOSING, False),
    "reopenings": (("reopen",), False),
}
"""Flow to its moves, and whether it is charged to the unit after the move (else to the one before)."""

Dimension = Literal["unit", "tier"]


@dataclass(frozen=True)
class Period:
    """From ``start`` (included) to ``end`` (not included), with zone.

    Raises
    ------
    FilterError
        The end is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if seconds(self.end) <= seconds(self.start):
            raise FilterError(zh="时段的结束不晚于开始。", en="The period does not end after its start.")

    def holds(self, instants: IntArray) -> BoolArray:
        """Which instants lie in it."""
        return (instants >= seconds(self.start)) & (instants < seconds(self.end))


@dataclass(frozen=True)
class Groups:
    """How figures are split: a code a case, or by unit or tier as the moves tell.

    Parameters
    ----------
    codes
        Shape (cases,), codes into ``names``, -1 for none; None for unit and tier.
    """

    name: str
    names: list[str]
    codes: npt.NDArray[np.intp] | None = None


def whole() -> Groups:
    """No split: one group ``all``."""
    return Groups("all", ["all"])


def by_move(lives: Lives, dimension: Dimension) -> Groups:
    """Split by unit or tier. Flows are charged to the unit that acted, cases to the last unit they had."""
    return Groups(dimension, lives.units if dimension == "unit" else lives.tiers)


def by_case(lives: Lives, values: pd.Series) -> Groups:
    """Split by something of the case that does not move: area, category, source.

    Parameters
    ----------
    values
        Indexed by case; its name is the name of the split. Missing values belong to no group.

    Raises
    ------
    ColumnError
        It does not know some case.
    """
    known = values.reindex(lives.cases)
    if not lives.cases.isin(values.index).all():
        raise ColumnError(zh=f"“{values.name}”缺少部分案件。", en=f"'{values.name}' lacks some of the cases.")
    codes, names = pd.factorize(known, sort=True)
    return Groups(str(values.name), [str(name) for name in names], codes)


def counts(lives: Lives, period: Period, groups: Groups | None = None) -> pd.DataFrame:
    """Numerators and denominators of all rates, one row a group.

    Returns
    -------
    frame
        Indexed by group; integer columns ``received``, ``filed``, ``completed`` (received in the period and closed by ``as_of``), ``due``,
        ``closed``, ``on_time``, ``paused`` (left out of due), ``asked``, ``rated``, ``satisfied``, ``content``, and one a flow.

    Notes
    -----
    *Due*: filed, not void, with its deadline in the period, and not standing in a pause that began before that deadline. *Closed*: due and
    first closed by ``as_of``. *On time*: closed no later than the deadline and not reopened by ``as_of``.
    """
    split = groups or whole()
    case_group = _case_groups(lives, split)
    falls = (lives.filed < NEVER) & ~lives.is_void & (lives.due < NEVER) & period.holds(lives.due)
    paused = falls & (lives.paused_since <= lives.due)
    due = falls & ~paused
    closed = due & (lives.closed < NEVER)
    received = period.holds(lives.received)
    marks = {
        "received": received,
        "filed": period.holds(lives.filed),
        "completed": received & (lives.closed < NEVER),
        "due": due,
        "closed": closed,
        "on_time": closed & (lives.closed <= lives.due) & (lives.reopened == NEVER),
        "paused": paused,
    } | _ratings(lives, period)
    table = {name: _count(case_group[mask], split) for name, mask in marks.items()}
    within = period.holds(lives.moves.at)
    for name, (moves, is_after) in _FLOWS.items():
        rows = np.flatnonzero(within & lives.moves.is_move(*moves))
        table[name] = _count(_move_groups(lives, split, rows, is_after=is_after), split)
    return pd.DataFrame(table, index=pd.Index(split.names, name=split.name))


def _ratings(lives: Lives, period: Period) -> dict[str, BoolArray]:
    """Asked is closed in the period; what its reporter said last, by ``as_of``."""
    asked = period.holds(lives.closed)
    score = np.full(len(lives.cases), np.nan)
    rows = np.flatnonzero(lives.moves.is_move("rate") & np.isfinite(lives.moves.score))
    score[lives.moves.case[rows]] = lives.moves.score[rows]
    return {
        "asked": asked,
        "rated": asked & np.isfinite(score),
        "satisfied": asked & (score >= SATISFIED),
        "content": asked & (score >= CONTENT),
    }


def rates(lives: Lives, period: Period, groups: Groups | None = None) -> pd.DataFrame:
    """Every rate with its numerator and denominator, one row a group and figure.

    Returns
    -------
    frame
        Columns group, figure, zh, en, numerator, denominator, share (NaN where the denominator is 0), of (name of the
        denominator), from, to, as_of (UTC).
    """
    table = counts(lives, period, groups)
    parts = [
        pd.DataFrame(
            {"group": table.index, "figure": figure, "zh": zh, "en": en, "numerator": table[top].to_numpy(),
             "denominator": table[bottom].to_numpy(), "of": bottom}
        )
        for figure, (zh, en, top, bottom) in RATES.items()
    ]  # fmt: skip
    found = pd.concat(parts, ignore_index=True)
    found["share"] = found["numerator"] / found["denominator"].where(found["denominator"] > 0)
    return _stamped(found, lives, period)


def stage_times(lives: Lives, period: Period, groups: Groups | None = None) -> pd.DataFrame:
    """How long each stage lasts, for stays that began in the period, in natural hours with pauses included.

    Returns
    -------
    frame
        Columns group, stage, entered, completed, open (still there at ``as_of``, or left otherwise), median_h, p90_h (Kaplan-Meier; NaN where
        too many are still open to know), from, to, as_of.
    """
    split = groups or whole()
    parts = []
    for stage in STAGE_MARKS:
        stays = spells(lives, stage)
        group = _groups_of(split, stays.case, stays.unit, stays.tier)
        taken = period.holds(stays.began) & (group >= 0)
        group, done = group[taken], stays.completed[taken]
        found = quantiles(stays.lasted_s[taken] / HOUR_S, done, group, n_groups=len(split.names))
        entered, completed = _count(group, split), _count(group[done], split)
        parts.append(
            pd.DataFrame(
                {"group": split.names, "stage": stage, "entered": entered, "completed": completed,
                 "open": entered - completed, "median_h": found[:, 0], "p90_h": found[:, 1]}
            )
        )  # fmt: skip
    return _stamped(pd.concat(parts, ignore_index=True), lives, period)


def backlog(lives: Lives, groups: Groups | None = None) -> pd.DataFrame:
    """What is still to be worked on at ``as_of``, and how old it is since it was received.

    Returns
    -------
    frame
        Columns group, open, overdue (deadline passed and not paused before it), paused, median_age_d, p90_age_d, oldest_d, and how many are up
        to 1, 7 and 30 days old and older. These ages are all known, so nothing is estimated.
    """
    split = groups or whole()
    group = _case_groups(lives, split)
    live = lives.is_live & (group >= 0) & (lives.received < NEVER)
    is_paused = lives.paused_since < NEVER
    overdue = live & (lives.due < lives.as_of) & ~(lives.paused_since <= lives.due)
    age = np.where(live, lives.as_of - lives.received, 0) / DAY_S
    found = quantiles(age[live], np.ones(live.sum(), dtype=bool), group[live], n_groups=len(split.names))
    oldest = np.full(len(split.names), np.nan)
    np.fmax.at(oldest, group[live], age[live])
    bands = np.searchsorted(BACKLOG_BANDS_D, age, side="left")
    table = {
        "group": split.names,
        "open": _count(group[live], split),
        "overdue": _count(group[overdue], split),
        "paused": _count(group[live & is_paused], split),
        "median_age_d": found[:, 0],
        "p90_age_d": found[:, 1],
        "oldest_d": oldest,
    }
    names = [*(f"up_to_{days}d" for days in BACKLOG_BANDS_D), "older"]
    table |= {name: _count(group[live & (bands == band)], split) for band, name in enumerate(names)}
    return pd.DataFrame(table).assign(as_of=_moment(lives.as_of))


def _case_groups(lives: Lives, split: Groups) -> npt.NDArray[np.intp]:
    every = np.arange(len(lives.cases))
    return _groups_of(split, every, lives.unit, lives.tier)


def _move_groups(lives: Lives, split: Groups, rows: IntArray, *, is_after: bool) -> npt.NDArray[np.intp]:
    moves = lives.moves
    first, second = (moves.unit_to, moves.unit_from) if is_after else (moves.unit_from, moves.unit_to)
    unit = np.where(first[rows] >= 0, first[rows], second[rows])
    return _groups_of(split, moves.case[rows], unit, moves.tier_to[rows])


def _groups_of(
    split: Groups, case: IntArray, unit: npt.NDArray[np.intp], tier: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    if split.codes is not None:
        return split.codes[case]
    if split.name == "all":
        return np.zeros(len(case), dtype=np.intp)
    return unit if split.name == "unit" else tier


def _count(groups: npt.NDArray[np.intp], split: Groups) -> IntArray:
    return np.bincount(groups[groups >= 0], minlength=len(split.names)).astype(np.int64)


def _stamped(table: pd.DataFrame, lives: Lives, period: Period) -> pd.DataFrame:
    times = {"from": period.start, "to": period.end}
    stamped = table.assign(**{name: pd.Timestamp(at).tz_convert("UTC") for name, at in times.items()})
    return stamped.assign(as_of=_moment(lives.as_of))


def _moment(since_1970: int) -> pd.Timestamp:
    return pd.Timestamp(since_1970, unit="s", tz="UTC")
