"""Getis-Ord Gi* of 10,283 cells beside esda, analytic and with its usual 999 permutations, in one run.

Cells of 250 m as in a city of 640 km2, 33,984 incidents in clusters, queen contiguity made before the clock starts. Warm
means that compiled code is ready; esda's first call with permutations compiles and is shown too, as ours compiles nothing.
``--quick`` leaves the permutations out.

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
from libpysal.weights import W

from gis.grid.neighbours import Neighbours, contiguity
from gis.hotspots import gi_star

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


def main(*, quick: bool) -> None:
    warnings.simplefilter("ignore")
    values, near = city()
    weights = W({row: near.of(row).tolist() for row in range(CELLS)}, silence_warnings=True)

    def esda(permutations: int) -> Any:
        return G_Local(values, weights, transform="B", star=True, permutations=permutations)

    first, _ = timed(lambda: gi_star(values, near), 1)
    mine, found = timed(lambda: gi_star(values, near), 20 if quick else 200)
    plain, theirs = timed(lambda: esda(0), 5)
    gap = float(np.abs(found.z - theirs.Zs).max())
    if gap > 1e-9:
        raise SystemExit(f"z differs from esda by {gap}")
    figures = [("esda G_Local, analytic", min(mine), min(plain))]
    if not quick:
        first_drawn, _ = timed(lambda: esda(999), 1)
        drawn, _ = timed(lambda: esda(999), 3)
        figures.append(("esda G_Local, 999 permutations, warm", min(mine), min(drawn)))
        figures.append(("esda G_Local, 999 permutations, both first call", first[0], first_drawn[0]))
    for peer_name, ours, peer in figures:
        line = {
            "name": "Gi* 10,283 cells",
            "n": CELLS,
            "ours": round(ours, 5),
            "peer_name": peer_name,
            "peer": round(peer, 5),
            "unit": "s",
            "ratio": round(peer / ours, 1),
            "largest_difference_of_z": gap,
            "p50_ms": round(1000 * float(np.median(mine)), 3),
            "p95_ms": round(1000 * float(np.percentile(mine, 95)), 3),
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
