"""Local statistics of 10,283 cells beside esda, near repeats beside pointpats, the scan beside its bar, in one run.

Cells of 250 m as in a city of 640 km2, 33,984 incidents in clusters, queen contiguity made before the clock starts. Warm
means that compiled code is ready; the first call of a process is shown too: esda compiles, ours loads what was compiled when
it was installed or first used on the machine. pointpats has one pair of bands and 99 of our 999 permutations in the quick
run. No peer of the scan is on PyPI; ``peer`` is the second that the plan allows for 281 areas and 999 simulations.
``--quick`` leaves the slow peers out.

Usage: python benchmarks/hotspots.py [--quick]
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from esda.getisord import G_Local
from esda.moran import Moran_Local
from libpysal.weights import W
from pointpats import Knox

from gis.grid.neighbours import Neighbours, contiguity
from gis.hotspots import gi_star, knox, local_g, local_moran, poisson_scan

CELLS, INCIDENTS, SIDE_M = 10_283, 33_984, 250.0
COLUMNS = 121


def city() -> tuple[np.ndarray, Neighbours]:
    """Incidents per cell, and who touches whom."""
    rng = np.random.default_rng(2019)
    row, column = np.divmod(np.arange(CELLS), COLUMNS)
    x, y = column * SIDE_M, row * SIDE_M
    cells = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + SIDE_M, y + SIDE_M))
    centre = np.column_stack([rng.uniform(0, x.max(), 150), rng.uniform(0, y.max(), 150)])
    weight = rng.pareto(1.2, 150) + 0.1
    at = centre[rng.choice(150, INCIDENTS, p=weight / weight.sum())] + rng.normal(0, 700, (INCIDENTS, 2))
    cell = (at[:, 1] // SIDE_M).astype(int) * COLUMNS + (at[:, 0] // SIDE_M).astype(int)
    inside = (at >= 0).all(axis=1) & (at[:, 0] < COLUMNS * SIDE_M) & (cell < CELLS)
    return np.bincount(cell[inside], minlength=CELLS).astype(float), contiguity(cells)


def timed(run: Callable[[], Any], times: int) -> tuple[list[float], Any]:
    """Seconds of each run, and the last result."""
    seconds, found = [], None
    for _ in range(times):
        started = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - started)
    return seconds, found


def cpu_seconds(run: Callable[[], Any]) -> float:
    """CPU seconds of one run over all cores: what a busy machine does not change."""
    started = time.process_time()
    run()
    return round(time.process_time() - started, 4)


def line(name: str, n: int, ours: float, peer_name: str, peer: float, **more: Any) -> None:
    figures = {
        "name": name,
        "n": n,
        "ours": round(ours, 5),
        "peer_name": peer_name,
        "peer": round(peer, 5),
        "unit": "s",
    }
    print(json.dumps({**figures, "ratio": round(peer / ours, 1), **more}), flush=True)


def analytic(values: np.ndarray, near: Neighbours, weights: W, *, quick: bool) -> None:
    """Gi* by the normal distribution."""
    mine, found = timed(lambda: gi_star(values, near), 20 if quick else 200)
    plain, theirs = timed(lambda: G_Local(values, weights, transform="B", star=True, permutations=0), 5)
    gap = float(np.abs(found.z - theirs.Zs).max())
    if gap > 1e-9:
        raise SystemExit(f"z differs from esda by {gap}")
    tail = {
        "p50_ms": round(1000 * float(np.median(mine)), 3),
        "p95_ms": round(1000 * float(np.percentile(mine, 95)), 3),
    }
    line(
        "Gi* 10,283 cells", CELLS, min(mine), "esda G_Local, analytic", min(plain), largest_difference_of_z=gap, **tail
    )


def permuted(values: np.ndarray, near: Neighbours, weights: W, *, quick: bool) -> None:
    """999 conditional permutations, first call of the process and warm; p on the hot side within Monte-Carlo error."""

    def ours() -> Any:
        return local_g(values, near, permutations=999, rng=np.random.default_rng(1))

    def theirs() -> Any:
        return G_Local(values, weights, transform="B", star=True, permutations=999, seed=1, n_jobs=1)

    first, _ = timed(ours, 1)
    warm, found = timed(ours, 5)
    their_first, _ = timed(theirs, 1)
    their_warm, peer = timed(theirs, 1 if quick else 3)
    hot = found.z > 1
    gap = float(np.abs(found.p_permuted[hot] - np.minimum(2 * peer.p_sim[hot], 1)).max())
    name = "Gi* 999 permutations 10,283 cells"
    line(name, CELLS, min(warm), "esda G_Local, warm", min(their_warm), largest_difference_of_p=round(gap, 4))
    line(name + ", first call", CELLS, first[0], "esda G_Local, first call", their_first[0])
    moran_warm, _ = timed(lambda: local_moran(values, near, permutations=999, rng=np.random.default_rng(1)), 3)

    def lisa() -> Any:
        return Moran_Local(values, weights, permutations=999, seed=1, n_jobs=1)

    timed(lisa, 1)
    their_moran, _ = timed(lisa, 1 if quick else 3)
    line(
        "local Moran 999 permutations 10,283 cells", CELLS, min(moran_warm), "esda Moran_Local, warm", min(their_moran)
    )
    if not quick:
        many, _ = timed(lambda: local_g(values, near, permutations=99_999, rng=np.random.default_rng(1)), 1)
        line(
            "Gi* 99,999 permutations 10,283 cells",
            CELLS,
            many[0],
            "esda G_Local, 999 permutations, warm",
            min(their_warm),
        )


def near_repeats(*, quick: bool) -> None:
    """8,000 burglaries of a year, 250 m and 7 days."""
    rng = np.random.default_rng(4)
    n, permutations = 8_000, 99 if quick else 999
    centre = rng.uniform(0, 25_000, (400, 2))
    xy = np.round(centre[rng.integers(0, 400, n)] + rng.normal(0, 900, (n, 2)), -1)
    days = rng.integers(0, 365, n).astype(float)

    def ours(count: int) -> Any:
        return knox(xy, days, within_m=250, within_days=7, permutations=count, rng=np.random.default_rng(1))

    ours(9)
    mine, _ = timed(lambda: ours(999), 3)
    same, found = timed(lambda: ours(permutations), 3)
    theirs, peer = timed(lambda: Knox(xy, days[:, None], delta=250, tau=7, permutations=permutations), 1)
    if found.observed[0, 0] != peer.statistic_:
        raise SystemExit(f"{found.observed[0, 0]} pairs here, {peer.statistic_} in pointpats")
    name = f"Knox 8,000 incidents, {permutations} permutations"
    line(name, n, min(same), "pointpats Knox", theirs[0], pairs=int(peer.statistic_))
    table = {"within_m": [0, 100, 200, 300], "within_days": [7, 14, 21, 28]}
    wide, _ = timed(lambda: knox(xy, days, **table, rng=np.random.default_rng(1)), 3)
    line(
        "Knox 8,000 incidents, 999 permutations",
        n,
        min(mine),
        "bar of the plan",
        0.3,
        table_4x4_s=round(min(wide), 3),
        cpu_s=cpu_seconds(lambda: ours(999)),
    )


def scan() -> None:
    """281 areas, 999 simulations, as the New York leukaemia set."""
    rng = np.random.default_rng(2)
    xy, people = rng.uniform(0, 100, (281, 2)), rng.integers(500, 9000, 281).astype(float)
    cases = rng.poisson(0.0005 * people * np.where(np.hypot(*(xy - 30).T) < 15, 2.0, 1.0)).astype(float)

    def ours() -> Any:
        return poisson_scan(xy, cases, people, simulations=999, rng=np.random.default_rng(1))

    first, _ = timed(ours, 1)
    warm, found = timed(ours, 5)
    best = found.clusters[0]
    line(
        "Poisson scan 281 areas x 999",
        281,
        min(warm),
        "bar of the plan",
        1.0,
        first_call_s=round(first[0], 3),
        cpu_s=cpu_seconds(ours),
        p=best.p,
    )


def main(*, quick: bool) -> None:
    warnings.simplefilter("ignore")
    values, near = city()
    weights = W({row: near.of(row).tolist() for row in range(CELLS)}, silence_warnings=True)
    analytic(values, near, weights, quick=quick)
    permuted(values, near, weights, quick=quick)
    near_repeats(quick=quick)
    scan()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
