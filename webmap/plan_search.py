"""The search for a plan and the independent check of what it found: the best plan, or one drawn from several near-best ones.

It names teams in errors as readers of each language know them, and keeps nothing.
"""

from collections.abc import Mapping
from typing import Any

from gis.errors import PlanError
from gis.patrol import Plan, judge_plan, plan_patrol
from gis.patrol.mix import MixOptions
from gis.patrol.options import PlanOptions
from gis.patrol.shift import Shift
from webmap.varied import drawn_plan


def found_plan(
    wanted: Shift,
    options: PlanOptions,
    *,
    draw: tuple[int, int] | None,
    teams_en: Mapping[str, str],
    labels: Mapping[str, Any],
) -> tuple[Plan, dict[str, Any] | None]:
    """A plan that the independent check passes, and what is told of the draw where it was drawn.

    Parameters
    ----------
    options
        ``iterations`` are set.
    draw
        So many plans and the seed of the draw; the best plan without.
    teams_en
        English names of teams by their name.
    labels
        ``date``, ``shift``, ``zone`` and ``shift_start`` of the plan.

    Raises
    ------
    PlanError
        What ``plan_patrol`` refuses, or a plan that breaks a rule.
    """
    try:
        plan, drawn = _searched(wanted, options, draw, labels)
    except PlanError as error:
        raise PlanError(zh=error.zh, en=in_english(error.en, teams_en)) from error
    broken = judge_plan(plan, wanted.stops, wanted.teams, wanted.travel, teams_en=teams_en)
    if broken:
        raise PlanError(
            zh="方案未通过独立检查:" + ";".join(item.zh for item in broken[:3]),
            en="The plan failed the independent check: " + "; ".join(item.en for item in broken[:3]),
        )
    return plan, drawn


def in_english(text: str, teams_en: Mapping[str, str]) -> str:
    """An English text of the library, which calls teams by their one name, with the names that English readers know."""
    for name, english in teams_en.items():
        text = text.replace(f"'{name}'", f"'{english}'")
    return text


def _searched(
    wanted: Shift, options: PlanOptions, draw: tuple[int, int] | None, labels: Mapping[str, Any]
) -> tuple[Plan, dict[str, Any] | None]:
    if draw is not None:
        rounds = min(options.iterations or MixOptions.iterations, MixOptions.iterations)
        return drawn_plan(wanted, MixOptions(draw[0], seed=options.seed, iterations=rounds), draw[1], **labels)
    plan = plan_patrol(
        wanted.stops, teams=wanted.teams, shift_s=wanted.shift_s, travel=wanted.travel, options=options, **labels
    )
    return plan, None
