"""100,000 incidents to a surface of 512 x 512 beside scipy and scikit-learn, in one run.

The two exact peers answer at some of the places only, and their time is extrapolated to all; the third is the usual
shortcut, a histogram blurred by a filter. None of them corrects the border, ours does. Quartic, adaptive and street
densities follow without a peer.
``gap`` is the largest difference from the exact sum at those places, as a share of the highest density.

Usage: python benchmarks/density.py [--quick]
"""

import argparse
import json
import time

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from scipy.stats import gaussian_kde
from sklearn.neighbors import KernelDensity

from gis.hotspots import adaptive_surface, density_surface, street_density
from gis.hotspots.street_segments import segments_of_lines

INCIDENTS, PIXELS, SIDE_M, BANDWIDTH_M = 100_000, 512, 30_000.0, 300.0
KM2 = 1e-6


def incidents() -> np.ndarray:
    """Nine in ten in 200 clusters, metres; shape (n, 2)."""
    rng = np.random.default_rng(7)
    weight = rng.pareto(1.2, 200) + 0.1
    centre = rng.uniform(3000, SIDE_M - 3000, (200, 2))
    near = centre[rng.choice(200, int(0.9 * INCIDENTS), p=weight / weight.sum())] + rng.normal(0, 500, (90_000, 2))
    return np.vstack([near, rng.uniform(0, SIDE_M, (INCIDENTS - len(near), 2))]).clip(0, SIDE_M)


def exact(xy: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Incidents per km2 by the plain sum."""
    found = [np.exp(-((xy - place) ** 2).sum(axis=1) / (2 * BANDWIDTH_M**2)).sum() for place in at]
    return np.array(found) / (2 * np.pi * BANDWIDTH_M**2) / KM2


def main(*, quick: bool) -> None:
    xy, window = incidents(), shapely.box(0, 0, SIDE_M, SIDE_M)
    cell = SIDE_M / PIXELS

    def ours(*, edge: bool) -> np.ndarray:
        return density_surface(xy, window=window, cell_m=cell, bandwidth_m=BANDWIDTH_M, edge=edge).values

    ours(edge=True)  # compiles
    seconds = []
    for _ in range(5 if quick else 20):
        started = time.perf_counter()
        ours(edge=True)
        seconds.append(time.perf_counter() - started)
    mine = min(seconds)

    rng = np.random.default_rng(1)
    # Where there is something to be wrong about: half of the places among the densest tenth.
    surface = ours(edge=False)
    dense = np.flatnonzero(surface.ravel() > np.quantile(surface, 0.9))
    half = 128 if quick else 512
    chosen = np.concatenate([rng.choice(dense, half), rng.choice(PIXELS * PIXELS, half)])
    row, column = np.divmod(chosen, PIXELS)
    at = np.column_stack([(column + 0.5) * cell, SIDE_M - (row + 0.5) * cell])
    wanted = exact(xy, at)
    peak = float(surface.max())

    started = time.perf_counter()
    kde = gaussian_kde(xy.T)
    kde.set_bandwidth(1.0)
    # Its kernel follows the covariance of the data; ours is set to the same width along both axes.
    kde.covariance, kde.cho_cov = np.eye(2) * BANDWIDTH_M**2, np.eye(2) * BANDWIDTH_M
    kde.log_det = 2 * np.log(2 * np.pi * BANDWIDTH_M**2)
    by_scipy = kde(at.T) * INCIDENTS / KM2
    scipy_s = (time.perf_counter() - started) * PIXELS**2 / len(at)

    started = time.perf_counter()
    tree = KernelDensity(bandwidth=BANDWIDTH_M, rtol=1e-2).fit(xy)
    by_sklearn = np.exp(tree.score_samples(at)) * INCIDENTS / KM2
    sklearn_s = (time.perf_counter() - started) * PIXELS**2 / len(at)

    blurs = []
    for _ in range(5):
        started = time.perf_counter()
        counts, _, _ = np.histogram2d(SIDE_M - xy[:, 1], xy[:, 0], PIXELS, [[0, SIDE_M], [0, SIDE_M]])
        blurred = gaussian_filter(counts, BANDWIDTH_M / cell, mode="constant") / (cell * cell * KM2)
        blurs.append(time.perf_counter() - started)

    for peer_name, peer, theirs in (
        ("numpy histogram2d + scipy gaussian_filter", min(blurs), blurred[row, column]),
        ("scipy gaussian_kde (extrapolated)", scipy_s, by_scipy),
        ("scikit-learn KernelDensity rtol 1e-2 (extrapolated)", sklearn_s, by_sklearn),
    ):
        line = {
            "name": "density 100k to 512x512",
            "n": INCIDENTS,
            "ours": round(mine, 4),
            "peer_name": peer_name,
            "peer": round(peer, 4),
            "unit": "s",
            "ratio": round(peer / mine, 1),
            "gap": round(float(np.abs(surface[row, column] - wanted).max()) / peak, 5),
            "peer_gap": round(float(np.abs(theirs - wanted).max()) / peak, 5),
            "p50_ms": round(1000 * float(np.median(seconds)), 1),
            "p95_ms": round(1000 * float(np.percentile(seconds, 95)), 1),
            "places": len(at),
        }
        print(json.dumps(line), flush=True)
    for name, seconds_ in others(xy, window, cell):
        print(json.dumps({"name": name, "n": INCIDENTS, "ours": round(seconds_, 3), "unit": "s"}), flush=True)


def others(xy: np.ndarray, window: shapely.Geometry, cell: float) -> list[tuple[str, float]]:
    """Seconds of the densities that have no peer here, best of three, compiled before."""
    at = np.arange(0, SIDE_M / 3 + 1, 250.0)
    steps = [((x, y), (x, y + 250.0)) for x in at for y in at[:-1]]
    lines = [shapely.LineString(s) for s in steps] + [shapely.LineString([a[::-1], b[::-1]]) for a, b in steps]
    streets = segments_of_lines(np.array(lines, dtype=object))
    near = xy[(xy < SIDE_M / 3).all(axis=1)]
    runs = {
        "density 100k to 512x512, quartic": lambda: density_surface(
            xy, window=window, cell_m=cell, bandwidth_m=850.0, kernel="quartic"
        ),
        "density 100k to 512x512, adaptive": lambda: adaptive_surface(
            xy, window=window, cell_m=cell, bandwidth_m=300.0
        ),
        f"street density, {len(streets)} segments, {len(near)} incidents, equal split": lambda: street_density(
            streets, near, bandwidth_m=400.0, piece_m=25.0
        ),
        f"street density, {len(streets)} segments, {len(near)} incidents, heat": lambda: street_density(
            streets, near, bandwidth_m=150.0, piece_m=25.0, split="continuous"
        ),
    }
    found = []
    for name, run in runs.items():
        each = []
        for _ in range(3):
            started = time.perf_counter()
            run()
            each.append(time.perf_counter() - started)
        found.append((name, min(each)))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
