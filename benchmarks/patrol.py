"""Tours of our own search beside PyVRP on the three Koper cases: same wall time, one core each, same run, three seeds.

A: all 200 stops fit, only travel differs. B: each stop wanted in each two hours. C: more wanted than fits.
Every answer of ours passes the independent judge before it counts; PyVRP's is measured from its own routes.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyvrp import Model, SolveParams, solve
from pyvrp.stop import MaxRuntime

from gis.patrol import Team, TravelTimes, judge_plan, plan_patrol
from gis.patrol.options import PlanOptions

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "patrol" / "koper"
PRIZE_S = 1000
"""What one unit of worth is to PyVRP in seconds of travel; 10,000 gave it no more worth and worse travel."""


def our_shift(case: dict[str, Any]) -> tuple[pd.DataFrame, list[Team], TravelTimes]:
    """The case as stops, teams and times; a location's number stands for its place."""
    depots, seconds = case["depots"], np.array(case["travel_s"], dtype=float)
    visits = pd.DataFrame(case["visits"])
    stops = pd.DataFrame(
        {
            "id": [f"v{i}" for i in range(len(visits))],
            "stop": visits["stop"].astype(str),
            "x": (visits["stop"] + depots).astype(float),
            "y": 0.0,
            "worth": visits["worth"].astype(float),
            "dwell_s": float(case["service_s"]),
            "open_s": visits["earliest_start_s"].astype(float),
            "close_s": visits["latest_start_s"].astype(float),
            "must": False,
        }
    )
    teams = [Team(f"T{i}", (float(depot), 0.0)) for i, depot in enumerate(case["teams_depot"])]
    places = np.stack([np.arange(len(seconds), dtype=float), np.zeros(len(seconds))], axis=1)
    return stops, teams, TravelTimes(places, seconds, seconds)


def ours(case: dict[str, Any], limit_s: float, seed: int) -> tuple[float, float]:
    """Worth and travel of our plan; the case knows no spacing, so none is asked."""
    stops, teams, travel = our_shift(case)
    options = PlanOptions(time_limit_s=limit_s, seed=seed, spacing_s=0.0)
    plan = plan_patrol(stops, teams=teams, shift_s=case["shift_s"], travel=travel, options=options)
    broken = judge_plan(plan, stops, teams, travel, spacing_s=0.0)
    if broken:
        sys.exit(f"the judge found: {broken[0].en}")
    return plan.totals.worth_served, plan.totals.travel_s


def peer(case: dict[str, Any], limit_s: float, seed: int) -> tuple[float, float]:
    """Worth and travel of PyVRP's best solution; prizes scaled so that worth comes first and travel second."""
    model = Model()
    seconds, depots = case["travel_s"], case["depots"]
    spots = [model.add_location(i, 0) for i in range(len(seconds))]
    bases = [model.add_depot(spots[i]) for i in range(depots)]
    for depot, base in enumerate(bases):
        crew = case["teams_depot"].count(depot)
        model.add_vehicle_type(crew, start_depot=base, end_depot=base, tw_early=0, tw_late=case["shift_s"])
    for visit in case["visits"]:
        model.add_client(
            spots[depots + visit["stop"]], service_duration=case["service_s"], tw_early=visit["earliest_start_s"],
            tw_late=visit["latest_start_s"], prize=visit["worth"] * PRIZE_S, required=False,
        )  # fmt: skip
    for i, a in enumerate(spots):
        for j, b in enumerate(spots):
            if i != j:
                model.add_edge(a, b, distance=int(seconds[i][j]), duration=int(seconds[i][j]))
    result = solve(model.data(), MaxRuntime(limit_s), seed=seed, params=SolveParams(), display=False)
    best = result.best
    if not best.is_feasible():
        return 0.0, float("inf")
    return best.prizes() / PRIZE_S, float(best.distance())


def line(name: str, limit_s: float, us: list[tuple[float, float]], them: list[tuple[float, float]]) -> dict[str, Any]:
    """One figure: mean worth, or mean travel where all stops fit."""
    by_travel = name == "A"
    pick = 1 if by_travel else 0
    mine, theirs = (float(np.mean([answer[pick] for answer in answers])) for answers in (us, them))
    return {
        "name": f"koper {name} {limit_s:g} s {'travel' if by_travel else 'worth'}",
        "n": len(us),
        "ours": round(mine, 1),
        "peer_name": "pyvrp",
        "peer": round(theirs, 1),
        "unit": "s" if by_travel else "worth",
        "ratio": round(theirs / mine if by_travel else mine / theirs, 4),
        "ours_each": [list(answer) for answer in us],
        "peer_each": [list(answer) for answer in them],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 seed, 3 s each: under a minute")
    parser.add_argument("--seconds", type=float, nargs="*", default=[5.0])
    quick = parser.parse_args()
    if not CASES.is_dir():
        sys.exit(f"the Koper cases are not at {CASES}")
    seeds, limits = ([1], [3.0]) if quick.quick else ([1, 2, 3], quick.seconds)
    begun = time.perf_counter()
    for name in "ABC":
        case = json.loads((CASES / f"case_{name}.json").read_text(encoding="utf-8"))
        ours(case, 0.2, 0)
        for limit_s in limits:
            us = [ours(case, limit_s, seed) for seed in seeds]
            them = [peer(case, limit_s, seed) for seed in seeds]
            print(json.dumps(line(name, limit_s, us, them)), flush=True)
    print(f"{time.perf_counter() - begun:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
