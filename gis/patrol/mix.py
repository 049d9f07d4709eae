"""Unpredictable patrols: several near-best plans, and with which probability each is drawn, so that no place may count on rest.

The mixing rule is a small linear program: the place that is visited least gets as much probability as the expected worth
allows. Plans are added where the program says that they would help. Every seed is kept, so that a drawn plan can be made
again. It promises nothing about who is deterred; it promises visits.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog

from gis.errors import InputError
from gis.patrol._standing import totals_of
from gis.patrol.options import PlanOptions
from gis.patrol.plan import plan_patrol
from gis.patrol.shift import Shift
from gis.patrol.tours import Plan
from gis.random_stream import draw as uniform
from gis.random_stream import stream

FloatArray = npt.NDArray[np.float64]
FORMAT = 1


@dataclass(frozen=True)
class MixOptions:
    """How many plans, how near to the best, and how much they may cost.

    Parameters
    ----------
    plans
        At most so many different plans; as many again are tried at most.
    each_eps
        Each plan serves at least 1 - ``each_eps`` of the best worth, and as many must-visits as the best plan.
    mean_eps
        The expected worth of the mixture is at least 1 - ``mean_eps`` of the best worth.
    perturb
        Standard deviation of the logarithm of the factors by which worth is disturbed for the search. The plan is then
        counted by its true worth.
    iterations
        Rounds of the search of each plan.
    seed
        Of it all.
    """

    plans: int = 8
    each_eps: float = 0.10
    mean_eps: float = 0.05
    perturb: float = 0.3
    iterations: int = 3000
    seed: int = 1

    def __post_init__(self) -> None:
        sound = self.plans >= 1 and 0 <= self.mean_eps <= self.each_eps < 1 and self.perturb >= 0
        if not sound or self.iterations < 1:
            raise InputError(
                zh="混合设置不合理:至少 1 个方案与 1 轮,0 <= mean_eps <= each_eps < 1,perturb 不得为负。",
                en="These options of the mixture make no sense: at least 1 plan and 1 round, "
                "0 <= mean_eps <= each_eps < 1, perturb not negative.",
            )


@dataclass(frozen=True)
class PlaceChance:
    """How probable it is that a place is visited at least once in the shift; ``plans`` of the mixture visit it."""

    stop: str
    name_zh: str
    name_en: str
    chance: float
    plans: int


@dataclass(frozen=True)
class Mix:
    """Near-best plans and the probability of each.

    Parameters
    ----------
    plans, probabilities, seeds
        In the same order. The same shift and options give the same mixture again, and the seed of a draw the same plan.
    best_worth, expected_worth
        Of the best plan found and of the mixture.
    guarantee
        Every place in ``chances`` that some plan visits is visited with at least this probability.
    places_wanted, places_mixed
        Wanted places, and those of them that some plan visits; the others are visited by none, whatever is drawn.
    entropy_bits
        Of the draw; ``most_bits`` where all plans were equally probable.
    fixed_least
        The same guarantee of the best plan alone: 0 where it leaves out one of the places in the mixture, else 1.
    """

    plans: tuple[Plan, ...]
    probabilities: tuple[float, ...]
    seeds: tuple[int, ...]
    best_worth: float
    expected_worth: float
    guarantee: float
    places_wanted: int
    places_mixed: int
    entropy_bits: float
    most_bits: float
    fixed_least: float
    chances: tuple[PlaceChance, ...]
    options: MixOptions
    zh: str
    en: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, the plans as their documents."""
        names = ("plans", "chances", "options")
        out = {name: value for name, value in vars(self).items() if name not in names}
        out["probabilities"], out["seeds"] = list(self.probabilities), list(self.seeds)
        return out | {
            "format": FORMAT,
            "plans": [plan.to_dict() for plan in self.plans],
            "chances": [asdict(chance) for chance in self.chances],
            "options": asdict(self.options),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Mix":
        """The mixture from what ``to_dict`` gave."""
        values = {name: value for name, value in data.items() if name != "format"}
        return cls(
            **values
            | {
                "plans": tuple(Plan.from_dict(plan) for plan in data["plans"]),
                "probabilities": tuple(data["probabilities"]),
                "seeds": tuple(data["seeds"]),
                "chances": tuple(PlaceChance(**chance) for chance in data["chances"]),
                "options": MixOptions(**data["options"]),
            }
        )


@dataclass(frozen=True)
class Drawn:
    """The plan of a day: its number in the mixture, from 0, and the seed of the draw."""

    plan: Plan
    number: int
    seed: int


def draw(mix: Mix, seed: int) -> Drawn:
    """The plan of the day; the same mixture and seed give the same plan on every machine.

    Parameters
    ----------
    seed
        Fresh for each day and kept with the plan; whoever knows it beforehand knows the plan.
    """
    chance = uniform(stream(seed))
    reached = np.cumsum(mix.probabilities)
    number = min(int(np.searchsorted(reached, chance * reached[-1], side="right")), len(mix.plans) - 1)
    return Drawn(mix.plans[number], number, seed)


def mix_plans(
    shift: Shift,
    /,
    *,
    options: MixOptions | None = None,
    planning: PlanOptions | None = None,
    progress: Callable[[float], None] | None = None,
    **labels: Any,
) -> Mix:
    """Make near-best plans that differ, and say how to draw from them.

    Parameters
    ----------
    shift
        What is wanted, teams, travel and rules.
    planning
        Options of the search; spacing and beats are those of the shift, rounds and seed those of ``options``.
    progress
        Told the part done, 0 to 1.
    labels
        ``date``, ``shift``, ``zone`` and ``shift_start`` of the plans, as for ``plan_patrol``.

    Returns
    -------
    mix
        The best plan is among the plans.

    Raises
    ------
    PlanError, InputError
        As ``plan_patrol``.

    Notes
    -----
    Maximising the least probability of a visit subject to a worth is the defender's side of a zero-sum game over patrol
    plans (Paruchuri et al. 2008 and later work on Stackelberg security games); plans are added by the program's own
    prices of the places (column generation).
    """
    options = options or MixOptions()
    makers = _Makers(shift, planning or PlanOptions(), options, labels)
    pool: dict[int, Plan] = {options.seed: makers.best()}
    tries = 2 * options.plans
    for turn in range(1, tries):
        if progress is not None:
            progress(turn / tries)
        if len(_near(pool, options)) >= options.plans:
            break
        seed = options.seed + turn
        wanted = _prices(pool, shift, options) if turn % 2 == 0 else None
        pool[seed] = makers.other(seed, wanted)
    if progress is not None:
        progress(1.0)
    return mixed(_near(pool, options), shift, options)


class _Makers:
    """Makes plans of one shift under disturbed worth, and counts them by the true one."""

    def __init__(self, shift: Shift, planning: PlanOptions, options: MixOptions, labels: Mapping[str, Any]) -> None:
        self._shift, self._options, self._labels = shift, options, labels
        self._planning = replace(
            planning, spacing_s=shift.spacing_s, cross_beats=shift.cross_beats, iterations=options.iterations
        )

    def best(self) -> Plan:
        """The plan by true worth."""
        return self._plan(self._shift.stops, self._options.seed)

    def other(self, seed: int, prices: Mapping[str, float] | None) -> Plan:
        """A plan by worth disturbed by the seed; places with a price are worth that share of all more."""
        stops = self._shift.stops
        places = stops["stop"].astype(str) if "stop" in stops else stops["id"].astype(str)
        names = sorted(set(places))
        state, spread = stream(seed), self._options.perturb * math.sqrt(3.0)
        factor = {name: math.exp(spread * (2.0 * uniform(state) - 1.0)) for name in names}
        worth = stops["worth"].astype(float) * places.map(factor)
        if prices:
            worth = worth + places.map(prices).fillna(0.0) * float(stops["worth"].sum()) / len(names)
        return _by_true_worth(self._plan(stops.assign(worth=worth), seed), self._shift)

    def _plan(self, stops: pd.DataFrame, seed: int) -> Plan:
        return plan_patrol(
            stops,
            teams=self._shift.teams,
            shift_s=self._shift.shift_s,
            travel=self._shift.travel,
            options=replace(self._planning, seed=seed),
            **self._labels,
        )


def _by_true_worth(plan: Plan, shift: Shift) -> Plan:
    """The plan as it is, with the worth that was wanted."""
    worth = {visit: float(row["worth"]) for visit, row in shift.visits.items()}
    tours = []
    for tour in plan.teams:
        stops = tuple(replace(stop, worth=worth.get(stop.id, 0.0)) for stop in tour.stops)
        tours.append(replace(tour, stops=stops, worth=sum(stop.worth for stop in stops)))
    unserved = tuple(replace(item, worth=worth[item.id]) for item in plan.unserved)
    return replace(plan, teams=tuple(tours), unserved=unserved, totals=totals_of(shift, tours))


def _near(pool: Mapping[int, Plan], options: MixOptions) -> dict[int, Plan]:
    """Different plans with enough worth and all the must-visits that can be kept, the best first; at most so many."""
    musts = max(plan.totals.must_served for plan in pool.values())
    full = {seed: plan for seed, plan in pool.items() if plan.totals.must_served == musts}
    best = max(plan.totals.worth_served for plan in full.values())
    out: dict[int, Plan] = {}
    for seed in sorted(full, key=lambda seed: (-full[seed].totals.worth_served, seed)):
        plan = full[seed]
        enough = plan.totals.worth_served >= (1.0 - options.each_eps) * best - 1e-9
        if enough and all(_tours(plan) != _tours(other) for other in out.values()):
            out[seed] = plan
    return dict(list(out.items())[: options.plans])


def _tours(plan: Plan) -> list[tuple[str, ...]]:
    return [tuple(stop.id for stop in tour.stops) for tour in plan.teams]


def _visited(plan: Plan) -> set[str]:
    return {stop.stop for tour in plan.teams for stop in tour.stops if stop.kind != "break"}


def mixed(plans: Mapping[int, Plan], shift: Shift, options: MixOptions) -> Mix:
    """The best way of drawing from given plans, by seed; the worth that is kept is that of the best of them."""
    seeds = tuple(plans)
    chosen = tuple(plans[seed] for seed in seeds)
    worth = np.array([plan.totals.worth_served for plan in chosen])
    visited = [_visited(plan) for plan in chosen]
    places = sorted(set().union(*visited))
    seen = np.array([[place in those for those in visited] for place in places], dtype=float).reshape(-1, len(chosen))
    shares, guarantee = mixture(seen, worth, (1.0 - options.mean_eps) * float(worth.max()))
    names = {str(row["stop"]): (str(row["name_zh"]), str(row["name_en"])) for row in shift.visits.values()}
    chances = [
        PlaceChance(place, *names[place], chance=float(seen[at] @ shares), plans=int(seen[at].sum()))
        for at, place in enumerate(places)
    ]
    entropy = float(-sum(share * math.log2(share) for share in shares if share > 0)) or 0.0
    best = int(worth.argmax())
    values: dict[str, Any] = {
        "best_worth": float(worth[best]),
        "expected_worth": float(worth @ shares),
        "guarantee": guarantee,
        "places_wanted": len(names),
        "places_mixed": len(places),
        "entropy_bits": entropy,
        "most_bits": math.log2(len(chosen)),
        "fixed_least": float(seen[:, best].min()) if places else 1.0,
    }
    zh, en = _words(values, len(chosen))
    return Mix(
        plans=chosen,
        probabilities=tuple(shares.tolist()),
        seeds=seeds,
        chances=tuple(sorted(chances, key=lambda item: (item.chance, item.stop))),
        options=options,
        zh=zh,
        en=en,
        **values,
    )


def mixture(seen: FloatArray, worth: FloatArray, least_worth: float) -> tuple[FloatArray, float]:
    """The mixing rule: probabilities that make the least visited place as probable as can be.

    Parameters
    ----------
    seen
        Shape (places, plans): 1 where a plan visits a place.
    worth
        Shape (plans,).
    least_worth
        Bound below of the expected worth; at most that of the best plan.

    Returns
    -------
    probabilities, guarantee
        The guarantee is the optimum of the linear program. Of all probabilities that reach it, those that give the
        rarest plan the most.
    """
    count = worth.size
    if not count:
        raise InputError(zh="没有方案可以混合。", en="There are no plans to mix.")
    bounds = [(0.0, 1.0)] * (count + 1)
    whole = np.append(np.ones(count), 0.0)[None, :]
    rows = [np.append(-worth, 0.0)] + [np.append(-place, 1.0) for place in seen]
    limits = [-least_worth] + [0.0] * len(seen)
    goal = np.append(np.zeros(count), -1.0)
    first = linprog(goal, A_ub=np.array(rows), b_ub=limits, A_eq=whole, b_eq=[1.0], bounds=bounds, method="highs")
    if first.status != 0:
        raise InputError(
            zh="没有混合能达到所要求的期望价值。", en="No mixture reaches the expected worth that is asked for."
        )
    guarantee = float(first.x[-1]) if len(seen) else 1.0
    # Second: the same guarantee, and the rarest plan as probable as can be.
    rows = [np.append(-worth, 0.0)] + [np.append(-place, 0.0) for place in seen]
    limits = [-least_worth] + [-guarantee + 1e-9] * len(seen)
    rows += [np.append(-np.eye(count)[plan], 1.0) for plan in range(count)]
    limits += [0.0] * count
    second = linprog(goal, A_ub=np.array(rows), b_ub=limits, A_eq=whole, b_eq=[1.0], bounds=bounds, method="highs")
    shares = np.clip((second if second.status == 0 else first).x[:count], 0.0, None)
    shares = shares / shares.sum()
    return shares, float((seen @ shares).min()) if len(seen) else 1.0


def _prices(pool: Mapping[int, Plan], shift: Shift, options: MixOptions) -> dict[str, float]:
    """Where one more visit would help: places in no plan, and those at which the guarantee binds."""
    near = _near(pool, options)
    visited = [_visited(plan) for plan in near.values()]
    wanted = {str(row["stop"]) for row in shift.visits.values()}
    missing = sorted(wanted - set().union(*visited))
    mix = mixed(near, shift, options)
    binding = [item.stop for item in mix.chances if item.chance <= mix.guarantee + 1e-6]
    return dict.fromkeys(missing + binding, 1.0)


def _words(values: Mapping[str, float], plans: int) -> tuple[str, str]:
    kept = values["expected_worth"] / values["best_worth"] if values["best_worth"] else 1.0
    wanted, mixed_ = int(values["places_wanted"]), int(values["places_mixed"])
    zh = (
        f"{plans} 个方案;{wanted} 个地点中 {mixed_} 个有机会被巡到,每个至少 {values['guarantee']:.0%};"
        f"期望价值为最好方案的 {kept:.1%};熵 {values['entropy_bits']:.2f} 比特(最多 {values['most_bits']:.2f})"
    )
    en = (
        f"{plans} plans; {mixed_} of {wanted} places may be visited, each with at least {values['guarantee']:.0%}; "
        f"expected worth {kept:.1%} of the best plan's; entropy {values['entropy_bits']:.2f} bits "
        f"(at most {values['most_bits']:.2f})"
    )
    if mixed_ < wanted:
        zh += f";{wanted - mixed_} 个地点不在任何方案中"
        en += f"; {wanted - mixed_} places are in no plan"
    return zh, en
