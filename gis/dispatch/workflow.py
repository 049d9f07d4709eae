"""A small machine for the side desks (disputes, supervision orders, key areas): states and moves from a table, one check for all of them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gis.errors import DetailError, Lang, PowerError, StateError, VersionError

_HERE = Path(__file__).resolve().parent
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Step:
    """One row of a table of moves: from which states, to which, who may, and what must be told."""

    name: str
    sources: tuple[str, ...]
    target: str
    zh: str
    en: str
    roles: frozenset[str]
    needs: tuple[str, ...]

    def text(self, lang: Lang) -> str:
        """Its name in one language."""
        return self.zh if lang == "zh" else self.en


@lru_cache(maxsize=4)
def steps(table: str) -> tuple[Step, ...]:
    """The moves of a shipped table, in the order of a life."""
    with (_HERE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Step(
                name=row["move"],
                sources=tuple(row["from"].split()),
                target=row["to"],
                zh=row["zh"],
                en=row["en"],
                roles=frozenset(row["roles"].split()),
                needs=tuple(row["needs"].split()),
            )
            for row in csv.DictReader(file)
        )


def checked_step(
    table: str, move: str, *, state: str, role: str, version: int, seen: int | None, told: Mapping[str, object]
) -> Step:
    """The row of a move, when state, version and role take it and nothing that it needs is missing.

    Raises
    ------
    StateError
        No such move, or the state does not take it (code ``unknown_move`` or ``state``).
    VersionError
        It has moved since it was seen.
    PowerError
        The role may not.
    DetailError
        Something that the move needs is not told, or a text is too long.
    """
    rows = [row for row in steps(table) if row.name == move]
    if not rows:
        raise StateError(zh=f"没有操作“{move}”。", en=f"There is no move '{move}'.", code="unknown_move")
    if seen is not None and seen != version:
        raise VersionError(
            zh=f"已被他人办理(当前版本 {version},您看到的是 {seen}),请刷新后再试。",
            en=f"It has moved (now version {version}, you saw {seen}); reload it.",
            code="version",
        )
    row = next((each for each in rows if state in each.sources), None)
    if row is None:
        raise StateError(
            zh=f"当前状态 {state} 不能“{rows[0].zh}”。",
            en=f"The move '{rows[0].en}' does not start at {state}.",
            code="state",
        )
    if role not in row.roles:
        raise PowerError(
            zh=f"角色 {role} 不能“{row.zh}”。", en=f"The role {role} may not make the move '{row.en}'.", code="role"
        )
    _require_told(row, told)
    return row


def _require_told(row: Step, told: Mapping[str, object]) -> None:
    missing = [name for name in row.needs if told.get(name) is None or not str(told[name]).strip()]
    if missing:
        raise DetailError(
            zh=f"“{row.zh}”需要填写:{'、'.join(missing)}。",
            en=f"The move '{row.en}' needs {', '.join(missing)}.",
            code="detail",
        )
    if any(len(value) > LONGEST_TEXT for value in told.values() if isinstance(value, str)):
        raise DetailError(
            zh=f"文字不超过 {LONGEST_TEXT} 字。", en=f"A text has at most {LONGEST_TEXT} characters.", code="detail"
        )
