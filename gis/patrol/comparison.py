"""Which spots to hold patrolled ones against, by a rule that can be told. It looks at counts before alone, never at what followed."""

from collections.abc import Collection, Mapping
from typing import Literal

from gis.errors import InputError

Rule = Literal["similar", "rest"]
RULES: dict[Rule, tuple[str, str]] = {
    "similar": (
        "每个巡逻网格配一个此前上报数最接近、两期均未巡到且不与巡逻网格相邻的网格,不重复使用",
        "for each patrolled grid the one with the nearest count before, unvisited in both spans and not next to a patrolled "
        "one, each used once",
    ),
    "rest": (
        "两期均未巡到且不与巡逻网格相邻的所有其他网格",
        "all other grids that were unvisited in both spans and are not next to a patrolled one",
    ),
}
"""What each rule takes, in words."""


def comparison_spots(
    before: Mapping[str, int], treated: Collection[str], candidates: Collection[str], *, rule: Rule = "similar"
) -> list[str]:
    """The spots to compare with.

    Parameters
    ----------
    before
        Reports before, of every spot in question.
    treated
        The patrolled spots.
    candidates
        Spots that may be taken: neither visited nor close to a visited one.
    rule
        ``similar``: the busiest patrolled spot chooses first, the candidate of the nearest count, of equals the lower code.
        With fewer candidates than patrolled spots all are taken. ``rest``: every candidate.

    Returns
    -------
    spots
        In order of their codes.

    Raises
    ------
    InputError
        No such rule, or a spot both treated and a candidate.
    """
    both = sorted(set(treated) & set(candidates))
    if rule not in RULES or both:
        raise InputError(
            zh=f"对照规则应为 {'、'.join(RULES)},且对照点不得是巡逻点:{'、'.join(both) or '无'}。",
            en=f"The rule is one of {', '.join(RULES)}, and no patrolled spot compares: {', '.join(both) or 'none'}.",
        )
    left = sorted(set(candidates))
    if rule == "rest":
        return left
    chosen: list[str] = []
    for spot in sorted(set(treated), key=lambda each: (-before[each], each)):
        if not left:
            break
        nearest = min(left, key=lambda each: (abs(before[each] - before[spot]), each))
        left.remove(nearest)
        chosen.append(nearest)
    return sorted(chosen)
