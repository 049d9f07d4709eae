"""The life of each case, read from its moves alone: when it came, was filed, was due, was closed, and how its stages went.

No status field is read: where a case stands is what its last move says. Moves at or after ``as_of`` have not happened yet, so the
books of a past day can be read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.dispatch.clocks import seconds
from gis.errors import ColumnError

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NEVER = int(np.iinfo(np.int64).max)
"""Stands for an instant that has not come."""
COLUMNS = ("case", "at", "move")
OPTIONAL = ("due_at", "unit_from", "unit_to", "tier_to", "score")

CLOSING = ("accept_result", "check_pass")
VOIDING = ("merge", "withdraw", "reject")
REVIVING = ("submit", "reopen", "appeal", "unmerge")
PAUSING = ("request_info", "suspend")
RESUMING = ("info_given", "resume")

STAGE_MARKS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "accept": (("submit", "appeal", "unmerge"), ("accept", "reject"), ("merge", "withdraw")),
    "dispatch": (("accept", "grant_return", "reopen"), ("dispatch", "self_handle"), ("merge",)),
    "acknowledge": (("dispatch", "check_fail", "transfer", "refuse_return"), ("acknowledge",), ("grant_return",)),
    "handle": (("dispatch", "check_fail", "transfer"), ("submit_result",), ("grant_return", "transfer")),
    "check": (("submit_result", "self_handle"), ("accept_result", "check_pass", "check_fail"), ()),
    "case": (("accept", "reopen"), CLOSING, ("merge",)),
}  # fmt: skip
"""Stage to the moves that begin it, that complete it, and that end it otherwise (then its duration is censored)."""


@dataclass(frozen=True)
class Moves:
    """Moves sorted by case and time, as arrays of one length.

    Parameters
    ----------
    case
        Position of the case in ``Lives.cases``.
    at, due_at
        Seconds since 1970; ``due_at`` is ``NEVER`` where the move left the deadline alone.
    move, unit_from, unit_to, tier_to
        Codes into the lists of names; code -1 is none.
    score
        NaN but for ratings.
    """

    case: IntArray
    at: IntArray
    due_at: IntArray
    move: npt.NDArray[np.intp]
    unit_from: npt.NDArray[np.intp]
    unit_to: npt.NDArray[np.intp]
    tier_to: npt.NDArray[np.intp]
    score: npt.NDArray[np.float64]
    move_names: list[str]

    def is_move(self, *names: str) -> BoolArray:
        """Where one of the named moves happens, shape (n,)."""
        return np.array([name in names for name in self.move_names] or [False])[self.move]


@dataclass(frozen=True)
class Lives:
    """One row a case; instants in seconds since 1970, ``NEVER`` where it has not happened by ``as_of``.

    Parameters
    ----------
    received, filed, closed, reopened
        The first submit, accept, closing and reopening.
    due
        The deadline of the first round: the last one set before its closing.
    is_live, is_void
        Somebody still has to work on it; it ended as merged, withdrawn or rejected.
    paused_since
        Since when it waits or is suspended.
    unit, tier
        The last unit and tier, as codes into ``units`` and ``tiers``; -1 is none.
    """

    cases: pd.Index
    received: IntArray
    filed: IntArray
    due: IntArray
    closed: IntArray
    reopened: IntArray
    is_live: BoolArray
    is_void: BoolArray
    paused_since: IntArray
    unit: npt.NDArray[np.intp]
    tier: npt.NDArray[np.intp]
    units: list[str]
    tiers: list[str]
    moves: Moves
    as_of: int


@dataclass(frozen=True)
class Spells:
    """Stays in one stage: who, which unit, since when, how long in seconds, and whether it was completed."""

    case: IntArray
    unit: npt.NDArray[np.intp]
    tier: npt.NDArray[np.intp]
    began: IntArray
    lasted_s: IntArray
    completed: BoolArray


def read_lives(table: pd.DataFrame, as_of: datetime) -> Lives:
    """The lives of all cases that had moved before an instant.

    Parameters
    ----------
    table
        One row a move, in any order: ``case``, ``at`` (seconds since 1970, or instants with zone), ``move``; and, where there are any,
        ``due_at`` (the deadline of the whole case as the move left it, missing where it left it alone), ``unit_from``, ``unit_to``,
        ``tier_to`` and ``score``. Moves of one case at the same instant keep the order of the rows.
    as_of
        With zone.

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        ``as_of`` has no zone.

    Notes
    -----
    One sort and a dozen passes over arrays: 3 million moves take some seconds.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise ColumnError(
            zh=f"流转表缺少列 {'、'.join(missing)}。", en=f"The table of moves lacks the columns {', '.join(missing)}."
        )
    limit = seconds(as_of)
    at = _instants(table["at"])
    table, at = table[at < limit], at[at < limit]
    case, cases = pd.factorize(table["case"])
    order = np.lexsort((at, case))
    units = pd.Index(sorted(_names(table, "unit_from") | _names(table, "unit_to")))
    tiers = pd.Index(sorted(_names(table, "tier_to")))
    move, move_names = pd.factorize(table["move"])
    due = _instants(table["due_at"]) if "due_at" in table else np.full(len(table), NEVER)
    score = table["score"].to_numpy(dtype=float, na_value=np.nan) if "score" in table else np.full(len(table), np.nan)
    moves = Moves(
        case=case[order].astype(np.int64),
        at=at[order],
        due_at=due[order],
        move=move[order],
        unit_from=_codes(table, "unit_from", units)[order],
        unit_to=_codes(table, "unit_to", units)[order],
        tier_to=_codes(table, "tier_to", tiers)[order],
        score=score[order],
        move_names=list(move_names),
    )
    return _lives(moves, pd.Index(cases), list(units), list(tiers), limit)


def _lives(moves: Moves, cases: pd.Index, units: list[str], tiers: list[str], as_of: int) -> Lives:
    n = len(cases)
    filed = _first(moves, moves.is_move("accept"), n)
    closed = _first(moves, moves.is_move(*CLOSING), n)
    ended, revived = (_last_row(moves, moves.is_move(*names), n) for names in ((*CLOSING, *VOIDING), REVIVING))
    voided = _last_row(moves, moves.is_move(*VOIDING), n)
    paused, resumed = (
        _last_row(moves, moves.is_move(*names), n) for names in (PAUSING, (*RESUMING, *CLOSING, *VOIDING, "reopen"))
    )
    stands = paused > resumed
    since = np.full(n, NEVER)
    since[stands] = moves.at[paused[stands]]
    has_due = (moves.due_at < NEVER) & (moves.at <= closed[moves.case])
    due_row = _last_row(moves, has_due, n)
    unit, tier = (_taken(codes, _last_row(moves, codes >= 0, n)) for codes in (moves.unit_to, moves.tier_to))
    return Lives(
        cases=cases,
        received=_first(moves, moves.is_move("submit"), n),
        filed=filed,
        due=np.where(due_row >= 0, moves.due_at[due_row] if len(moves.at) else NEVER, NEVER),
        closed=closed,
        reopened=_first(moves, moves.is_move("reopen"), n),
        is_live=(revived >= 0) & (revived > ended),
        is_void=(voided >= 0) & (voided > revived) & (voided == ended),
        paused_since=since,
        unit=unit,
        tier=tier,
        units=units,
        tiers=tiers,
        moves=moves,
        as_of=as_of,
    )


def spells(lives: Lives, stage: str) -> Spells:
    """Every stay in a stage: from the move that begins it to the next one that completes or ends it, else to ``as_of``.

    A stage that begins again before it was completed was left (its first stay is censored).
    """
    begins, completes, leaves = STAGE_MARKS[stage]
    moves = lives.moves
    rows = np.flatnonzero(moves.is_move(*begins, *completes, *leaves))
    is_begin, is_complete = moves.is_move(*begins)[rows], moves.is_move(*completes)[rows]
    begun = np.flatnonzero(is_begin)
    after = np.minimum(begun + 1, len(rows) - 1)
    same = (begun + 1 < len(rows)) & (moves.case[rows[after]] == moves.case[rows[begun]])
    start, end = rows[begun], rows[after]
    lasted = np.where(same, moves.at[end], lives.as_of) - moves.at[start]
    unit = np.where(moves.unit_to[start] >= 0, moves.unit_to[start], moves.unit_from[start])
    return Spells(
        case=moves.case[start],
        unit=unit,
        tier=moves.tier_to[start],
        began=moves.at[start],
        lasted_s=lasted,
        completed=same & is_complete[after],
    )


def _instants(column: pd.Series) -> IntArray:
    if pd.api.types.is_datetime64_any_dtype(column):
        whole = column.dt.tz_convert("UTC") if column.dt.tz is not None else column
        values = whole.to_numpy(dtype="datetime64[s]")
        return np.where(np.isnat(values), NEVER, values.astype(np.int64))
    if pd.api.types.is_integer_dtype(column) and not column.hasnans:
        return column.to_numpy(dtype=np.int64)
    values = column.to_numpy(dtype=float, na_value=np.inf)
    known = np.isfinite(values)
    return np.where(known, np.where(known, values, 0).astype(np.int64), NEVER)


def _names(table: pd.DataFrame, name: str) -> set[str]:
    return set(table[name].dropna().unique()) - {""} if name in table else set()


def _codes(table: pd.DataFrame, name: str, names: pd.Index) -> npt.NDArray[np.intp]:
    if name not in table:
        return np.full(len(table), -1)
    codes, seen = pd.factorize(table[name])
    place = np.append(names.get_indexer(seen), -1) if len(names) else np.full(len(seen) + 1, -1)
    return place[codes]


def _first(moves: Moves, mask: BoolArray, n: int) -> IntArray:
    """The instant of the first marked move of each case."""
    rows = np.flatnonzero(mask)
    found = np.full(n, NEVER)
    case, first = np.unique(moves.case[rows], return_index=True)
    found[case] = moves.at[rows[first]]
    return found


def _last_row(moves: Moves, mask: BoolArray, n: int) -> IntArray:
    """The row of the last marked move of each case; -1 where there is none."""
    rows = np.flatnonzero(mask)
    found = np.full(n, -1, dtype=np.int64)
    found[moves.case[rows]] = rows  # rows ascend, so the last one stays
    return found


def _taken(codes: npt.NDArray[np.intp], rows: IntArray) -> npt.NDArray[np.intp]:
    return np.where(rows >= 0, codes[rows] if len(codes) else -1, -1)
