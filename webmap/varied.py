"""A plan drawn from a mixture of near-best plans, with everything by which it can be drawn again kept beside it.

It puts calls of :mod:`gis.patrol.mix` in order. The seed of a draw is fresh, and whoever sees the draft sees it.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from gis.errors import PlanError
from gis.patrol import Plan
from gis.patrol.mix import Mix, MixOptions, draw, mix_plans
from gis.patrol.options import PlanOptions
from gis.patrol.shift import Shift

MOST_PLANS = 12
"""Most plans in a mixture: each takes a search of its own."""


def fresh_seed() -> int:
    """A seed that nobody can know beforehand."""
    return secrets.randbelow(2**31 - 1) + 1


def drawn_plan(
    shift: Shift,
    mixing: MixOptions,
    draw_seed: int,
    /,
    *,
    progress: Callable[[float], None] | None = None,
    **labels: Any,
) -> tuple[Plan, dict[str, Any]]:
    """The plan of the day, and what the document says of the draw.

    Returns
    -------
    plan, told
        ``told`` holds ``k`` (plans asked for), ``eps`` (each plan and the mean), ``seed`` and ``draw_seed``, ``number`` (of the
        plan drawn), ``probabilities``, ``guarantee``, ``chances`` (by place), ``entropy_bits``, ``zh`` and ``en``.
    """
    mix = mix_plans(shift, options=mixing, planning=PlanOptions(), progress=progress, **labels)
    drawn = draw(mix, draw_seed)
    return drawn.plan, _told(mix, drawn.number, draw_seed)


def drawn_again(document: Mapping[str, Any], shift: Shift, /, **labels: Any) -> Plan:
    """The plan that the same mixture and seed give, made anew from what a document says.

    Parameters
    ----------
    shift
        What the document was made from (``webmap.plan_life.shift_of``).

    Raises
    ------
    PlanError
        The plan was not drawn from a mixture.
    """
    told = document.get("mix")
    if not told:
        raise PlanError(zh="该方案不是从混合方案中抽取的。", en="The plan was not drawn from a mixture.")
    return drawn_plan(shift, MixOptions(**told["options"]), int(told["draw_seed"]), **labels)[0]


def _told(mix: Mix, number: int, draw_seed: int) -> dict[str, Any]:
    share = mix.probabilities[number]
    zh = f"{mix.zh};本方案为第 {number + 1} 个(概率 {share:.0%}),抽取种子 {draw_seed}"
    en = f"{mix.en}; this is plan {number + 1} (probability {share:.0%}), seed of the draw {draw_seed}"
    return {
        "k": mix.options.plans,
        "plans": len(mix.plans),
        "number": number,
        "probabilities": [round(each, 6) for each in mix.probabilities],
        "seeds": list(mix.seeds),
        "guarantee": mix.guarantee,
        "fixed_least": mix.fixed_least,
        "places_wanted": mix.places_wanted,
        "places_mixed": mix.places_mixed,
        "entropy_bits": mix.entropy_bits,
        "most_bits": mix.most_bits,
        "best_worth": mix.best_worth,
        "expected_worth": mix.expected_worth,
        "eps": {"each": mix.options.each_eps, "mean": mix.options.mean_eps},
        "seed": mix.options.seed,
        "draw_seed": draw_seed,
        "chances": {each.stop: round(each.chance, 4) for each in mix.chances},
        "options": asdict(mix.options),
        "zh": zh,
        "en": en,
    }
