"""Tours of our planner beside PyVRP and OR-Tools: same limit, same run; Koper cases and published instances.

Koper: A, all 200 stops fit and only travel differs; B, each stop wanted in each two hours; C, more wanted than fits.
``toptw`` and ``top``: published instances of team orienteering with and without windows. Ours runs two engines, a core
each; a peer runs on one, and PyVRP a second time with another seed, the better of both counted, so that CPU is equal.
``pcvrptw``: prize collecting with windows, where ways are weighed against prizes; ours is our own search alone, on one
core as the peers are. A team has no hold, so capacity is handed over as the longest way (see ``shift_plan``), which PyVRP
inside our planner would mistake for what is to be saved. Instances of several bases and of several trips a vehicle that
lie beside them are left out: all their visits must be made and only ways and reloads differ, which is no patrol.
Every answer is counted again from its routes in whole numbers; ours also passes the independent judge. On a machine that
others use, ``--cpu`` gives each engine seconds of its own thread instead of seconds of the wall, OR-Tools too.
"""

import argparse
import json
import resource
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from patrol_sets import KOPER, Case, koper, lengths, prizes, windows
from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.exceptions import PenaltyBoundWarning

import gis.patrol._engines as engines
from gis.patrol import judge_plan, plan_patrol
from gis.patrol.options import PlanOptions

try:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2
except ImportError:  # the bench lock has it; a test environment has not
    pywrapcp = None

PRIZE = 0.55
"""What a visit of mean worth is to the peers in travel, as a part of the shift: about 1,000 s a unit of worth in the Koper
cases, where 10,000 gave PyVRP no more worth and worse travel."""
Answer = tuple[int, int, float]
TOPTW = [
    ("c104", 4), ("r101", 4), ("rc104", 4), ("pr03", 4), ("c103", 2), ("r104", 2), ("rc103", 2), ("pr10", 2),
    ("c102", 1), ("r105", 1), ("rc106", 1), ("pr05", 1), ("c107", 3), ("r108", 3), ("rc101", 3), ("pr06", 3),
    ("c101", 4), ("r109", 4), ("rc107", 3), ("pr01", 2), ("c109", 2), ("r112", 2), ("rc108", 2), ("pr08", 2),
]  # fmt: skip
"""Six of each family, 1 to 4 teams: all 156 would take two hours."""
TOP = ["p4.2.j", "p4.3.n", "p4.4.r", "p5.3.t", "p6.2.j", "p7.2.t", "p7.4.t"]
PRIZES = ["C1_10_3", "R1_10_5", "RC1_10_9", "C2_10_7", "R2_10_7", "RC2_10_3"]
"""One of each family of 1,000 places."""


class _ThreadClock(engines.Clock):
    """Counts the CPU seconds of the thread that asks."""

    def __init__(self, options: PlanOptions) -> None:
        super().__init__(options)
        self._since = {threading.get_ident(): time.thread_time()}

    def done(self, rounds: int) -> float:
        if self.stopped.is_set() or self.options.iterations is not None:
            return super().done(rounds)
        since = self._since.get(threading.get_ident(), 0.0)
        return (time.thread_time() - since) / self.options.time_limit_s


def ours(case: Case, limit_s: float, seed: int) -> tuple[Answer, str]:
    """Worth, travel and CPU seconds of our plan, and the engine that won; the cases know no spacing, so none is asked."""
    stops, teams, travel, shift_s = case.shift_plan()
    begun = time.process_time()
    options = PlanOptions(time_limit_s=limit_s, seed=seed, spacing_s=0.0)
    if case.weighed:
        options = replace(options, engines="lns", weigh_ways=True, travel_worth=rate_of(case, shift_s))
    plan = plan_patrol(stops, teams=teams, shift_s=shift_s, travel=travel, options=options)
    spent = time.process_time() - begun
    broken = judge_plan(plan, stops, teams, travel, spacing_s=0.0)
    if broken:
        sys.exit(f"the judge found: {broken[0].en}")
    return (*case.earned([[int(stop.id) for stop in team.stops] for team in plan.teams]), spent), plan.method


def rate_of(case: Case, shift_s: float) -> float:
    """What ten minutes of way cost in mean worth where a unit of way costs a unit of worth."""
    return float(600.0 * case.shift / shift_s / case.worth.mean())


def prizes_of(case: Case) -> np.ndarray:
    """Worth in units of travel."""
    if case.weighed:
        return case.worth
    return np.round(case.worth * (PRIZE * case.shift / case.worth.mean()))


def pyvrp(case: Case, limit_s: float, seed: int, *, clock: Callable[[], float]) -> Answer:
    """PyVRP's best; prizes scaled so that worth comes first and travel second."""
    prizes = prizes_of(case)
    pairs = list(zip(case.begins, case.ends, strict=True))
    ends = sorted({end for pair in pairs for end in pair})
    data = ProblemData(
        [Location(0, 0) for _ in case.travel],
        [
            Client(
                int(case.node[v]), service_duration=int(case.dwell[v]), tw_early=int(case.opens[v]),
                tw_late=int(case.closes[v]), prize=int(prizes[v]), required=False,
                delivery=[] if case.demand is None else [int(case.demand[v])],
            )
            for v in range(len(case.node))
        ],
        [Depot(end) for end in ends],
        [
            VehicleType(pairs.count(pair), start_depot=ends.index(pair[0]), end_depot=ends.index(pair[1]), tw_late=case.shift,
                        capacity=[] if case.demand is None else [case.capacity])
            for pair in sorted(set(pairs))
        ],
        [case.travel],
        [case.travel],
    )  # fmt: skip
    begun, spent = clock(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = solve(data, lambda _cost: clock() - begun > limit_s, seed=seed, collect_stats=False, display=False)
    spent = time.process_time() - spent
    if not result.best.is_feasible():
        return 0, sys.maxsize, spent
    kinds = sorted(set(pairs))
    teams: dict[int, list[int]] = {}
    for route in result.best.routes():
        kind = kinds[route.vehicle_type()]
        team = next(r for r, pair in enumerate(pairs) if pair == kind and r not in teams)
        teams[team] = [stop.idx for stop in route.schedule() if stop.is_client()]
    return (*case.earned([teams.get(r, []) for r in range(len(pairs))]), spent)


def or_tools(case: Case, limit_s: float, *, clock: Callable[[], float]) -> Answer:
    """OR-Tools routing with guided local search; it runs on one thread and takes no seed."""
    visits, teams, prizes = len(case.node), len(case.begins), prizes_of(case)
    nodes = np.concatenate([case.node, case.begins, case.ends]).astype(int)
    manager = pywrapcp.RoutingIndexManager(
        len(nodes), teams, list(range(visits, visits + teams)), list(range(visits + teams, visits + 2 * teams))
    )
    routing = pywrapcp.RoutingModel(manager)
    dwell = np.concatenate([case.dwell, np.zeros(2 * teams, dtype=np.int64)])
    way = case.travel[np.ix_(nodes, nodes)]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(way.tolist()))
    moves = routing.RegisterTransitMatrix((way + dwell[:, None]).tolist())
    routing.AddDimension(moves, case.shift, case.shift, False, "time")  # noqa: FBT003 - as it is called
    moments = routing.GetDimensionOrDie("time")
    for v in range(visits):
        index = manager.NodeToIndex(v)
        moments.CumulVar(index).SetRange(int(case.opens[v]), int(min(case.closes[v], case.shift)))
        routing.AddDisjunction([index], int(prizes[v]))
    if case.demand is not None:
        loads = routing.RegisterUnaryTransitVector([*(int(load) for load in case.demand), *([0] * (2 * teams))])
        routing.AddDimension(loads, 0, case.capacity, True, "load")  # noqa: FBT003 - as it is called
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    # Its own limit counts the wall; ours counts what the others' does, and its own only ends what has gone astray.
    search.time_limit.FromMilliseconds(int(limit_s * 20_000))
    begun, spent = clock(), time.process_time()
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: clock() - begun > limit_s))
    found = routing.SolveWithParameters(search)
    spent = time.process_time() - spent
    routes = []
    for team in range(teams):
        index, route = routing.Start(team), []
        while found and not routing.IsEnd(index):
            if manager.IndexToNode(index) < visits:
                route.append(manager.IndexToNode(index))
            index = found.Value(routing.NextVar(index))
        routes.append(route)
    return (*case.earned(routes), spent)


def best(answers: list[Answer]) -> Answer:
    """The best of several runs; CPU adds up."""
    worth, travel, _ = max(answers, key=lambda answer: (answer[0], -answer[1]))
    return worth, travel, sum(answer[2] for answer in answers)


def line(case: Case, limit_s: float, us: list[tuple[Answer, str]], peer: str, them: list[Answer]) -> dict[str, Any]:
    """One figure: mean worth, or mean travel where all stops fit."""
    what = "cost" if case.weighed else "travel" if case.name == "koper A" else "worth"
    mine, theirs = (
        float(np.mean([counts(case, what, answer) for answer in side])) for side in ([us_ for us_, _ in us], them)
    )
    told = {
        "name": f"{case.name} {limit_s:g} s {what}",
        "n": len(us),
        "ours": round(mine, 1),
        "peer_name": peer,
        "peer": round(theirs, 1),
        "unit": "s" if what == "travel" else what,
        "ratio": round(mine / theirs if what == "worth" else theirs / mine, 4) if theirs and mine else None,
        "ours_each": [list(answer[:2]) for answer, _ in us],
        "peer_each": [list(answer[:2]) for answer in them],
        "ours_method": [method for _, method in us],
        "ours_cpu_s": round(float(np.mean([answer[2] for answer, _ in us])), 1),
        "peer_cpu_s": round(float(np.mean([answer[2] for answer in them])), 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if case.best_known:
        sign = -1 if what == "cost" else 1
        told |= {"best_known": case.best_known, "gap": round(sign * (1 - mine / case.best_known), 4)}
        told["peer_gap"] = round(sign * (1 - theirs / case.best_known), 4)
    return told


def counts(case: Case, what: str, answer: Answer) -> int:
    """What an answer is compared by."""
    worth, travel, _ = answer
    return case.cost(worth, travel) if what == "cost" else travel if what == "travel" else worth


def run(
    case: Case, limit_s: float, seeds: list[int], clock: Callable[[], float], peers: set[str]
) -> list[dict[str, Any]]:
    us = [ours(case, limit_s, seed) for seed in seeds]
    out = []
    if "pyvrp" in peers:
        once = [pyvrp(case, limit_s, seed, clock=clock) for seed in seeds]
        out.append(line(case, limit_s, us, "pyvrp", once))
    if "pyvrp2" in peers and not case.weighed:
        again = [pyvrp(case, limit_s, seed + 100, clock=clock) for seed in seeds]
        both = [best([one, other]) for one, other in zip(once, again, strict=True)]
        out.append(line(case, limit_s, us, "pyvrp, better of two seeds", both))
    if "ortools" in peers and pywrapcp is not None:
        out.append(line(case, limit_s, us, "or-tools", [or_tools(case, limit_s, clock=clock)]))
    for told in out:
        # Each engine counts its own thread, OR-Tools too (it has one), so that who else uses the machine matters little.
        told["clock"] = "CPU of each engine" if clock is time.thread_time else "wall"
        print(json.dumps(told), flush=True)
    return out


def tell_means(kind: str, figures: list[dict[str, Any]]) -> None:
    """One line a peer: mean gaps to the best known, and on how many instances ours is worse, equal and better."""
    for peer in sorted({told["peer_name"] for told in figures}):
        against = [told for told in figures if told["peer_name"] == peer]
        means = {
            side: round(float(np.mean([told[gap] for told in against])), 4)
            for side, gap in (("ours", "gap"), ("peer", "peer_gap"))
            if all(gap in told for told in against)
        }
        ratios = [told["ratio"] or np.inf for told in against]
        score = {
            "worse": sum(ratio < 1 for ratio in ratios),
            "equal": sum(ratio == 1 for ratio in ratios),
            "better": sum(ratio > 1 for ratio in ratios),
        }
        told = {"name": f"{kind} mean gap", "n": len(against), "peer_name": peer, "unit": "share"}
        print(json.dumps(told | means | score), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 seed, 2 s each, few cases: under 50 s")
    parser.add_argument("--seconds", type=float, nargs="*", default=[5.0], help="limits of the Koper cases")
    parser.add_argument("--published", type=float, default=10.0, help="limit of the published instances")
    parser.add_argument("--sets", nargs="*", default=["koper", "toptw", "top", "pcvrptw"])
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the Koper cases")
    parser.add_argument("--cases", nargs="*", default=["A", "B", "C"], help="Koper cases")
    parser.add_argument("--peers", nargs="*", default=["pyvrp", "pyvrp2", "ortools"])
    parser.add_argument("--cpu", action="store_true", help="seconds of each engine's own thread")
    asked = parser.parse_args()
    if not KOPER.is_dir():
        sys.exit(f"the instances are not at {KOPER}")
    begun, clock = time.perf_counter(), time.perf_counter
    if asked.cpu:
        engines.Clock, clock = _ThreadClock, time.thread_time  # type: ignore[misc]
    ours(koper("C"), 0.1, 0)
    seeds = [1] if asked.quick else list(range(1, asked.seeds + 1))
    peers = {"pyvrp", "ortools"} if asked.quick else set(asked.peers)
    figures: list[dict[str, Any]] = []
    if "koper" in asked.sets:
        for name in asked.cases:
            for limit_s in [2.0] if asked.quick else asked.seconds:
                run(koper(name), limit_s, seeds, clock, peers if name != "B" or not asked.quick else {"pyvrp"})
    orienteering = [windows(*item) for item in (TOPTW[4:6] if asked.quick else TOPTW) if "toptw" in asked.sets]
    orienteering += [lengths(name) for name in (TOP[1:2] if asked.quick else TOP) if "top" in asked.sets]
    collecting = [prizes(name) for name in (PRIZES[:1] if asked.quick else PRIZES) if "pcvrptw" in asked.sets]
    for case in orienteering + collecting:
        figures += run(case, 2.0 if asked.quick else asked.published, seeds[:1], clock, peers)
    for kind in ("toptw", "top", "pcvrptw"):
        tell_means(kind, [told for told in figures if told["name"].split()[0] == kind])
    print(f"{time.perf_counter() - begun:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
