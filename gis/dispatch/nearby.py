"""What may be the same event: cases near in place and time and of the same kind, scored, with the parts of the score.

It proposes and merges nothing. The order of the cases that are handed in does not matter.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

WEIGHTS = {"place": 0.5, "time": 0.2, "category": 0.3}
"""What the parts count; they sum to 1."""
SAME_CLASS = 0.5
"""What the category counts where only the class is the same."""
CLASS_DIGITS = 2
"""Digits of a category code that tell its class."""


@dataclass(frozen=True)
class Known:
    """A report or a case, as duplicates are looked for.

    Parameters
    ----------
    x, y
        Metres in one projected CRS.
    at
        When it happened, with zone.
    scheme, category
        Code list and code.
    """

    id: str
    x: float
    y: float
    at: datetime
    scheme: str
    category: str


@dataclass(frozen=True)
class Duplicate:
    """A case that may be the same.

    Parameters
    ----------
    score
        0 to 1: the weighted sum of the parts.
    parts
        ``place``, ``time`` and ``category``, each 0 to 1.
    distance_m, hours
        How far and how long apart.
    """

    id: str
    score: float
    parts: dict[str, float]
    distance_m: float
    hours: float


def nearby(
    report: Known, known: Iterable[Known], *, radius_m: float = 200.0, days: float = 7.0, most: int = 10
) -> list[Duplicate]:
    """Cases that may be the same as a report, best first; of equal scores the lowest id first.

    Parameters
    ----------
    radius_m, days
        How far and how long apart at most, both included; before or after.
    most
        So many are proposed at most.

    Notes
    -----
    Place and time fall linearly from 1 to 0 at their limits; the category counts 1 for the same code and ``SAME_CLASS`` for
    the same class. Other classes and other code lists are never proposed. Figures are rounded, so they are the same everywhere.
    """
    found = []
    for each in known:
        kind = _kinship(report, each)
        distance = math.hypot(each.x - report.x, each.y - report.y)
        hours = abs((each.at - report.at).total_seconds()) / 3600
        if each.id == report.id or not kind or not distance <= radius_m or hours > days * 24:
            continue
        parts = {"place": _falling(distance, radius_m), "time": _falling(hours, days * 24), "category": kind}
        score = sum(WEIGHTS[name] * value for name, value in parts.items())
        found.append(Duplicate(each.id, round(score, 4), parts, round(distance, 1), round(hours, 2)))
    return sorted(found, key=lambda each: (-each.score, each.id))[:most]


def _kinship(one: Known, other: Known) -> float:
    if one.scheme != other.scheme:
        return 0.0
    if one.category == other.category:
        return 1.0
    coded = one.category[:CLASS_DIGITS].isdigit() and one.category[:CLASS_DIGITS] == other.category[:CLASS_DIGITS]
    return SAME_CLASS if coded else 0.0


def _falling(value: float, limit: float) -> float:
    return round(1.0 - value / limit, 4) if limit > 0 else 1.0
