"""The states of a case and the moves between them, as two tables that ship: 18 states, 37 moves that change the state, 8 that do not.

It only knows what the tables say. Whether somebody may make a move is decided in ``gis.dispatch.transition``.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from gis.errors import Lang

TIERS = ("community", "street", "district", "city")
"""Who is in charge of a case, from below; the rank of a tier is its place here."""

STAGES = ("accept", "dispatch", "acknowledge", "handle", "check", "case")
"""What clocks measure; ``case`` is the whole, from accepting to resolving."""

Rank = Literal["", "tier", "above", "rising"]
ClockStep = tuple[Literal["+", "-", "~", ">"], str]
"""What happens to the clock of a stage: ``+`` starts, ``-`` stops, ``~`` pauses, ``>`` goes on."""

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class State:
    """A state of a case.

    Parameters
    ----------
    zh, en
        What it is called.
    live
        People work on cases in it: they are on lists, and they are escalated.
    """

    name: str
    zh: str
    en: str
    live: bool

    def text(self, lang: Lang) -> str:
        """Its name in one language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Move:
    """One row of the table of moves.

    Parameters
    ----------
    sources
        States from which it can be made.
    target
        The state that it leads to; empty where the state stays.
    roles
        Who may make it.
    needs
        What must be told with it: ``reason``, ``unit``, ``until``, ``into``, ``score``.
    rank
        How high the tier of the post must be: of no account, the tier of the case, one above, or rising with each delay.
    other
        ``asked``: not whoever asked for it; ``handled``: not whoever handled; empty: anybody.
    clock
        What it does to the clocks, in order.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    zh: str
    en: str
    roles: frozenset[str]
    needs: tuple[str, ...]
    rank: Rank
    other: Literal["", "asked", "handled"]
    clock: tuple[ClockStep, ...]

    def text(self, lang: Lang) -> str:
        """Its name in one language."""
        return self.zh if lang == "zh" else self.en


def rank_of(tier: str) -> int:
    """How high a tier stands, 0 for a community; a grid counts as its community.

    >>> rank_of("grid"), rank_of("street"), rank_of("city")
    (0, 1, 3)
    """
    return TIERS.index(tier) if tier in TIERS else 0


@lru_cache(maxsize=1)
def states() -> Mapping[str, State]:
    """Every state by its name, in the order of a life."""
    found = {row["state"]: State(row["state"], row["zh"], row["en"], row["live"] == "yes") for row in _rows("states")}
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def moves() -> tuple[Move, ...]:
    """Every row of the table of moves; a move that leads from several states to different ones has several rows."""
    return tuple(_move(row) for row in _rows("moves"))


def move_from(state: str, name: str) -> Move | None:
    """The row of a move in a state; None where the state does not take it."""
    return _by_state().get((state, name))


@lru_cache(maxsize=1)
def names_of_moves() -> frozenset[str]:
    """Every move that there is."""
    return frozenset(move.name for move in moves())


@lru_cache(maxsize=1)
def _by_state() -> dict[tuple[str, str], Move]:
    return {(source, move.name): move for move in moves() for source in move.sources}


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _move(row: dict[str, str]) -> Move:
    rank: dict[str, Rank] = {"tier": "tier", "above": "above", "rising": "rising"}
    other: dict[str, Literal["", "asked", "handled"]] = {"asked": "asked", "handled": "handled"}
    return Move(
        name=row["move"],
        sources=tuple(row["from"].split()),
        target=row["to"],
        zh=row["zh"],
        en=row["en"],
        roles=frozenset(row["roles"].split()),
        needs=tuple(row["needs"].split()),
        rank=rank.get(row["rank"], ""),
        other=other.get(row["other"], ""),
        clock=tuple(_step(text) for text in row["clock"].split()),
    )


def _step(text: str) -> ClockStep:
    signs: dict[str, Literal["+", "-", "~", ">"]] = {"+": "+", "-": "-", "~": "~", ">": ">"}
    return signs[text[0]], text[1:]
