"""Twenty of 500 sites for 5,000 demands at three radii: iterated swaps with a certified gap beside exact models, in one run.

Ours has two seconds: ``covered`` against the ``optimum`` of the research note, ``gap`` between the answer and what no
choice exceeds, ``build_s`` for the model alone. Peers: greedy; the whole integer programme handed to HiGHS without a start;
and spopt's model solved by HiGHS where spopt can be imported (its solver is PuLP's HiGHS, else CBC). spopt's own
environment may be named by ``--spopt PYTHON``, as it need not be installed beside Wangge. Every solver stops at the same cap.

Reads ``../shared/data/patrol/mclp`` (our own, made for the note).

Usage: python benchmarks/siting.py [--quick] [--spopt PYTHON]
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[2] / "shared" / "data" / "patrol" / "mclp"
OPTIMA = {300: 5621, 450: 8936, 800: 12880}
COUNT = 20
LIMIT_S = 2.0
MARGIN_S = 0.02
"""For the kick that runs when the time ends."""


def instance() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Demands (x, y), their weights, and sites (x, y), m."""
    demand = pd.read_csv(DATA / "clustered_5000_demand.csv")
    sites = pd.read_csv(DATA / "clustered_500_sites.csv")
    return demand[["x_m", "y_m"]].to_numpy(), demand["weight"].to_numpy(), sites[["x_m", "y_m"]].to_numpy()


def spopt_answer(radius: int, cap: float) -> None:
    """Print spopt's covered weight, seconds of building and of solving; runs in the environment that has spopt."""
    import pulp
    from spopt.locate import MCLP

    demand, weight, sites = instance()
    away = np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1))
    begun = time.perf_counter()
    model = MCLP.from_cost_matrix(away, weight, radius, p_facilities=COUNT)
    built = time.perf_counter() - begun
    highs = pulp.HiGHS(msg=False, timeLimit=cap)
    solver = highs if highs.available() else pulp.PULP_CBC_CMD(msg=False, timeLimit=cap)
    begun = time.perf_counter()
    model.problem.solve(solver)
    solved = time.perf_counter() - begun
    opened = [at for at, variable in enumerate(model.fac_vars) if (variable.value() or 0) > 0.5]
    covered = float(weight[(away[:, opened] <= radius).any(axis=1)].sum())
    print(json.dumps({"covered": covered, "build_s": built, "solve_s": solved, "solver": solver.name}))


def spopt_row(python: str, radius: int, cap: float) -> dict[str, object]:
    """The answer of spopt from its own process, which is stopped a minute after its cap."""
    asked = [python, __file__, "--spopt-answer", str(radius), "--cap", str(cap)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=cap + 60)
    answer = json.loads(told.stdout.splitlines()[-1])
    seconds = answer["build_s"] + answer["solve_s"]
    name = f"spopt + {answer['solver']}"
    built = {"peer_build_s": round(answer["build_s"], 2)}
    return {"peer_name": name, "peer": round(seconds, 2), "peer_covered": answer["covered"], **built}


def figures(radius: int, *, cap: float, python: str) -> None:
    """One line a peer for one radius."""
    from scipy.sparse import csr_array
    from scipy.spatial import KDTree

    from gis.cameras import _models
    from gis.cameras.siting import SitingProblem, most_covered

    demand, weight, sites = instance()
    near = KDTree(demand).query_ball_point(sites, radius)
    site = np.repeat(np.arange(len(sites)), [len(each) for each in near])
    covers = csr_array((np.ones(len(site)), (site, np.concatenate(near).astype(int))), shape=(len(sites), len(demand)))
    begun = time.perf_counter()
    problem = SitingProblem.of(covers, weight)
    merged = _models.merged(problem.covers, problem.weight, problem.cost, problem.group, problem.already, 0.0)
    _models._programme(merged, COUNT)  # noqa: SLF001 - what the solver is handed
    built = time.perf_counter() - begun
    most_covered(problem, count=COUNT, seconds=0.1)  # compiles
    best = most_covered(problem, count=COUNT, seconds=LIMIT_S - MARGIN_S)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    base = {
        "name": f"siting {COUNT} of {len(sites)}, {radius} m", "n": len(demand), "ours": round(best.seconds, 3),
        "unit": "s", "covered": best.covered, "optimum": OPTIMA[radius], "gap": round(best.gap, 5),
        "build_s": round(built, 4), "within_limit": best.seconds <= LIMIT_S, "peak_mb": peak,
    }  # fmt: skip

    def told(row: dict[str, object]) -> None:
        print(json.dumps({**base, **row, "ratio": round(float(str(row["peer"])) / best.seconds, 2)}), flush=True)

    begun = time.perf_counter()
    greedy = greedily(problem)
    told({"peer_name": "greedy", "peer": round(time.perf_counter() - begun, 4), "peer_covered": greedy})
    begun = time.perf_counter()
    chosen, bound, proven = _models.prove(merged, COUNT, np.zeros(0, dtype=np.int64), cap)
    row = {"peer_name": "HiGHS, merged columns", "peer": round(time.perf_counter() - begun, 2)}
    told({**row, "peer_covered": problem.covered(chosen), "peer_bound": round(bound, 1), "peer_proven": proven})
    if python:
        told(spopt_row(python, radius, cap))


def greedily(problem: object) -> float:
    """Weight that is covered when each site adds most to those before it."""
    covers, left = problem.covers, problem.weight.copy()  # type: ignore[attr-defined]
    for _ in range(COUNT):
        best = int((covers @ left).argmax())
        left[covers.indices[covers.indptr[best] : covers.indptr[best + 1]]] = 0
    return float(problem.weight.sum() - left.sum())  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="cap every peer at 20 s instead of 120 s")
    parser.add_argument(
        "--spopt", default=sys.executable if importlib.util.find_spec("spopt") else "", metavar="PYTHON"
    )
    parser.add_argument("--spopt-answer", type=int, metavar="RADIUS", help="print spopt's own answer and stop")
    parser.add_argument("--cap", type=float, help="seconds that a peer may solve")
    asked = parser.parse_args()
    cap = asked.cap or (20.0 if asked.quick else 120.0)
    if asked.spopt_answer:
        spopt_answer(asked.spopt_answer, cap)
        return
    for radius in OPTIMA:
        figures(radius, cap=cap, python=asked.spopt)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
