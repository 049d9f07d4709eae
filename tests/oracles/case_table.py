"""The table of docs/events.md read word by word, and the slow obvious answer to whether a move is allowed."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
RANKS = {"community": 0, "street": 1, "district": 2, "city": 3}


class Row(NamedTuple):
    """A row of the page."""

    source: str
    move: str
    target: str
    zh: str
    who: tuple[str, ...]
    needs: tuple[str, ...]
    rank: str
    other: str
    clock: str


def page() -> str:
    """The whole page."""
    return (ROOT / "docs" / "events.md").read_text("utf-8")


def states() -> dict[str, tuple[str, str, bool]]:
    """Chinese and English name of each state, and whether it is live."""
    part = page().split("## States")[1].split("## The 37")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| ([^|]+) \| (\S+) \|", part, re.M)
    return {name: (zh, en, live == "yes") for name, zh, en, live in rows}


def rows() -> list[Row]:
    """Every row of both tables of moves, one for each state from which it starts."""
    both = page().split("## The 37 moves")[1].split("## Rules of every move")[0]
    first, second = both.split("## Moves that leave")
    found = []
    for cells in _cells(first):
        source, move, target, zh, who, needs, rank, other, clock = cells
        found.append(Row(source, move, target, zh, tuple(who.split()), tuple(needs.split()), rank, other, clock))
    live = [name for name, (_, _, is_live) in states().items() if is_live]
    for cells in _cells(second):
        sources, move, zh, who, needs, rank, other, _ = cells
        told = (move, "", zh, tuple(who.split()), tuple(needs.split()), rank, other, "")
        found += [Row(source, *told) for source in (live if sources == "live" else sources.split())]
    return found


def _cells(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| from", "| in |"))]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]


def code(
    row: Row | None,
    role: str,
    *,
    inside: bool,
    rank: str,
    tier: str,
    unit: str,
    own: bool,
    handled: bool,
    delays: int = 0,
) -> str:
    """The code with which a move is refused, empty where it is made; nothing but the rules of the page.

    Parameters
    ----------
    row
        The row of the state and move; None where the page has none.
    inside
        The area of the post holds the case.
    rank, tier
        Of the post and of the case.
    unit, own
        Of the case, and whether the account belongs to it.
    handled
        The account handled the case.
    """
    if row is None:
        return "state"
    if (row.move, tier) in (("escalate", "city"), ("deescalate", "community")):
        return "state"
    if row.move == "refuse":
        # No request is open in these cases.
        return "state"
    if role == "operator":
        return "same_person" if row.other == "than handled" and handled else ""
    if role not in row.who:
        return "role"
    if not inside:
        return "area"
    acts_as_unit = role == "department_unit" or set(row.who) == {"department_unit", "desk"}
    if role == "department_unit" and not (unit and own):
        return "unit"
    if role == "desk" and acts_as_unit and unit:
        return "unit"
    wanted = {"": 0, "tier": RANKS[tier], "above": RANKS[tier] + 1, "rising": RANKS[tier] + delays}[row.rank]
    if role == "desk" and acts_as_unit:
        wanted = RANKS[tier]
    if RANKS[rank] < min(wanted, 3):
        return "rank"
    if row.other == "than handled" and (handled or (own and unit)):
        return "same_person"
    return ""
