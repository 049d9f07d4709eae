"""The moves of all cases as columns in memory, for figures over many cases: read once, then brought up to date by what changed.

Moves are never changed, but cases are; whatever the change sequence names is read again, so that nothing depends on clocks or on
the order in which workers wrote. It answers for the whole store: who may see what is decided by whoever reads it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, select, true

from webmap.store._columns import arrow_schema, fetch_batches, micros
from webmap.store.case_models import EVENT_CLOCKS, EVENT_MOVES
from webmap.store.changes import last_seq
from webmap.store.db import Database
from webmap.store.models import CHANGES, EVENTS, LOCATED
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.settings import GENERATION, read_mark

_MOVES = dict.fromkeys(("event", "move", "unit_from", "unit_to", "tier_to"), "text") | {"at": "int"}
_CASES = dict.fromkeys(("id", "category", "source", "found_by", "tier", "unit", *LOCATED), "text")
_DUES = {"event": "text", "due_at": "int"}
_RATED = {"event": "text", "version": "int", "detail": "text"}

_AT_ONCE = 500
_MOST_AT_ONCE = 5000
"""Cases that are read again one by one; when more have changed, everything is read anew."""


@dataclass(frozen=True)
class CaseTables:
    """What figures are counted from, of one moment of the store.

    Parameters
    ----------
    moves
        One row a move, as :func:`gis.dispatch.lives.read_lives` takes it: ``case``, ``at`` (seconds since 1970), ``move``, ``unit_from``,
        ``unit_to``, ``tier_to``, ``score``, ``due_at``.
    cases
        Indexed by case: category, source, found_by, the last tier and unit, and the codes of the areas it lies in.
    """

    moves: pd.DataFrame
    cases: pd.DataFrame


class CaseColumns:
    """The columns of one store.

    Parameters
    ----------
    database
        The record that they follow.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._held: CaseTables | None = None
        self._mark = (-1, -1)

    def current(self) -> CaseTables:
        """The columns with every change of the store so far."""
        with self._lock, self._database.reading() as connection:
            show_cases(connection, EVERYTHING)
            mark = (int(read_mark(connection, GENERATION) or 0), last_seq(connection))
            if self._held is None or mark != self._mark:
                self._held = self._fresh(connection, mark)
                self._mark = mark
            return self._held

    def _fresh(self, connection: Connection, mark: tuple[int, int]) -> CaseTables:
        if self._held is None or mark[0] != self._mark[0]:
            return _read(connection, None)
        changed = select(CHANGES.c.ref).where(CHANGES.c.seq > self._mark[1], CHANGES.c.layer == "events").distinct()
        ids = sorted(connection.scalars(changed))
        if not ids:
            return self._held
        if "" in ids or len(ids) > _MOST_AT_ONCE:
            return _read(connection, None)
        return _merged(self._held, _read(connection, ids), ids)


def _merged(held: CaseTables, fresh: CaseTables, ids: Sequence[str]) -> CaseTables:
    kept = held.moves[~held.moves["case"].isin(ids)]
    cases = held.cases[~held.cases.index.isin(ids)]
    return CaseTables(pd.concat([kept, fresh.moves], ignore_index=True), pd.concat([cases, fresh.cases]))


def _read(connection: Connection, ids: Sequence[str] | None) -> CaseTables:
    """The columns of some cases, or of all."""
    moves = _table(connection, EVENT_MOVES, _MOVES, ids).to_pandas()
    cases = _table(connection, EVENTS, _CASES, ids, key="id").to_pandas().set_index("id")
    dues = _table(
        connection, EVENT_CLOCKS, _DUES, ids, also=(EVENT_CLOCKS.c.stage == "case", EVENT_CLOCKS.c.round == 1)
    )
    rated = _table(connection, EVENT_MOVES, _RATED, ids, also=(EVENT_MOVES.c.move == "rate",)).to_pandas()
    moves = moves.rename(columns={"event": "case"})
    moves["at"] = moves["at"].to_numpy() // 1_000_000
    moves["due_at"] = _due_of(moves, dues.to_pandas())
    moves["score"] = np.nan
    rows = np.flatnonzero(moves["move"] == "rate")
    if len(rows):
        # Ratings of one case come in the order of their versions in both tables.
        scores = [_score(detail) for detail in rated.sort_values(["event", "version"], kind="stable")["detail"]]
        order = moves.iloc[rows].sort_values(["case", "at"], kind="stable").index
        moves.loc[order, "score"] = scores
    return CaseTables(moves, cases)


def _due_of(moves: pd.DataFrame, dues: pd.DataFrame) -> np.ndarray:
    """The deadline of the whole case, told beside the move that filed it; it holds delays and pauses granted since."""
    by_case = pd.Series(dues["due_at"].to_numpy(dtype=float) // 1_000_000, index=dues["event"])
    filed = (moves["move"] == "accept").to_numpy()
    due: np.ndarray = np.full(len(moves), np.nan)
    due[filed] = by_case.reindex(moves["case"].to_numpy()[filed]).to_numpy()
    return due


def _score(detail: str) -> float:
    score = json.loads(detail).get("score")
    return float(score) if score else np.nan


def _table(
    connection: Connection,
    source: object,
    kinds: dict[str, str],
    ids: Sequence[str] | None,
    *,
    key: str = "event",
    also: Sequence[ColumnElement[bool]] = (),
) -> pa.Table:
    columns = source.c  # type: ignore[attr-defined]
    wanted = [micros(columns[name]).label(name) if name in ("at", "due_at") else columns[name] for name in kinds]
    batches = []
    for some in _portions(ids):
        inside = true() if some is None else columns[key].in_(some)
        query = select(*wanted).where(inside, *also)
        if "at" in kinds:
            query = query.order_by(columns.event, columns.version)
        batches += list(fetch_batches(connection, query, kinds))
    return pa.Table.from_batches(batches, schema=arrow_schema(kinds))


def _portions(ids: Sequence[str] | None) -> Iterator[list[str] | None]:
    if ids is None:
        yield None
        return
    for start in range(0, len(ids), _AT_ONCE):
        yield list(ids[start : start + _AT_ONCE])
