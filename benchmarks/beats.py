"""Equal-workload beats beside spopt's regionalisation: 400 and 2,000 square cells into 12, in one run.

spopt's methods seek alike cells, not equal loads; the figure compared is the coefficient of variation of the workload, and
the time stands beside it. Without spopt (extra ``bench``) our own figures are printed alone.

Then eight weeks of 2,000 cells, each counted anew: how many cells change hands when beats grow out of last week's, beside
beats drawn anew under last week's numbers, ours and spopt's (Ward).
"""

import argparse
import importlib.util
import json
import multiprocessing
import resource
import time
from types import SimpleNamespace
from typing import Any

import numpy as np

from gis.patrol import make_beats, workload_cv
from gis.patrol.handover import handover, keep_numbers

BEATS = 12
LIMIT_S = 60


def lattice(width: int, height: int) -> tuple[SimpleNamespace, np.ndarray]:
    """Rook neighbours of a rectangle of cells, and their middles in metres."""
    number = np.arange(width * height).reshape(height, width)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    tails, heads = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((heads, tails))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=number.size))])
    xy = np.stack([np.tile(np.arange(width), height), np.repeat(np.arange(height), width)], axis=1) * 100.0
    return SimpleNamespace(indptr=indptr, indices=heads[order]), xy


def clustered(xy: np.ndarray, seed: int) -> np.ndarray:
    """Minutes a cell: a little everywhere, much around six centres."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, xy.max(), (6, 2))
    away = ((xy[:, None] - centres[None]) ** 2).sum(axis=2)
    return 5.0 + rng.poisson(60 * np.exp(-away / (2 * (0.12 * xy.max()) ** 2)).sum(axis=1))


def spopt_beats(method: str, width: int, height: int, seed: int, answer: Any) -> None:
    """One method of spopt on the same cells; puts labels and seconds into ``answer``."""
    import geopandas as gpd
    import shapely
    from libpysal.weights import lat2W
    from spopt.region import AZP, WardSpatial

    _, xy = lattice(width, height)
    minutes = clustered(xy, seed)
    frame = gpd.GeoDataFrame({"w": minutes}, geometry=shapely.box(xy[:, 0], xy[:, 1], xy[:, 0] + 100, xy[:, 1] + 100))
    near = lat2W(height, width)
    begun = time.perf_counter()
    if method == "ward":
        model = WardSpatial(frame, near, ["w"], n_clusters=BEATS)
    else:
        model = AZP(frame, near, ["w"], n_clusters=BEATS, random_state=0)
    model.solve()
    answer.put((np.asarray(model.labels_).tolist(), time.perf_counter() - begun))


def within_limit(method: str, width: int, height: int, seed: int) -> tuple[np.ndarray, float] | None:
    """The peer's answer, or None past the time limit."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    work = context.Process(target=spopt_beats, args=(method, width, height, seed, answer))
    work.start()
    try:
        labels, seconds = answer.get(timeout=LIMIT_S)
    except Exception:  # noqa: BLE001 - an empty queue after the limit, whatever the peer died of
        return None
    finally:
        work.terminate()
        work.join()
    return np.unique(np.array(labels), return_inverse=True)[1], seconds


def figures(width: int, height: int, methods: list[str], seeds: int) -> None:
    neighbours, xy = lattice(width, height)
    make_beats(clustered(xy, 0), neighbours, xy, BEATS, rng=np.random.default_rng(0), steps=10)
    mine = []
    for seed in range(seeds):
        minutes = clustered(xy, seed)
        begun = time.perf_counter()
        beat = make_beats(minutes, neighbours, xy, BEATS, rng=np.random.default_rng(seed))
        mine.append((workload_cv(beat, minutes), time.perf_counter() - begun))
    cv, seconds = (max(one[i] for one in mine) for i in (0, 1))
    base = {"n": width * height, "ours": round(cv, 4), "unit": "workload CV", "ours_s": round(seconds, 3)}
    base["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for method in methods:
        peer = within_limit(method, width, height, 0)
        their = {"peer": None, "peer_s": f"failed or > {LIMIT_S}", "ratio": None}
        if peer is not None:
            theirs = workload_cv(peer[0], clustered(xy, 0))
            their = {"peer": round(theirs, 4), "peer_s": round(peer[1], 3), "ratio": round(theirs / cv, 1)}
        print(
            json.dumps({"name": f"beats {width * height}", "peer_name": f"spopt {method}", **base, **their}), flush=True
        )
    if not methods:
        print(
            json.dumps({"name": f"beats {width * height}", "peer_name": "", "peer": None, "ratio": None, **base}),
            flush=True,
        )


def weeks(width: int, height: int, count: int, peers: bool) -> None:
    """Share of cells that change hands a week, and the workload CV, mean and worst over the weeks."""
    neighbours, xy = lattice(width, height)
    rng = np.random.default_rng(3)
    usual = clustered(xy, 0) - 5.0
    loads = [5.0 + rng.poisson(np.maximum(usual, 0.1)).astype(float) for _ in range(count + 1)]
    first = make_beats(loads[0], neighbours, xy, BEATS, rng=np.random.default_rng(0))
    ways: dict[str, Any] = {
        "grown": lambda load, last, seed: make_beats(
            load, neighbours, xy, BEATS, rng=np.random.default_rng(seed), last=last
        ),
        "drawn anew": lambda load, _last, seed: make_beats(
            load, neighbours, xy, BEATS, rng=np.random.default_rng(seed)
        ),
    }
    if peers:
        ways["spopt ward"] = lambda load, _last, _seed: spopt_ward(load, width, height)
    found = {}
    for name, way in ways.items():
        last, moved, minutes, cvs, seconds = first, [], [], [], []
        for seed, load in enumerate(loads[1:], 1):
            begun = time.perf_counter()
            beat = way(load, last, seed)
            seconds.append(time.perf_counter() - begun)
            beat = keep_numbers(beat, last, load)
            change = handover(beat, last, load)
            moved.append(change.grid_share)
            minutes.append(change.minute_share)
            cvs.append(workload_cv(beat, load))
            last = beat
        found[name] = {
            "cells": round(float(np.mean(moved)), 4),
            "minutes": round(float(np.mean(minutes)), 4),
            "worst_cv": round(max(cvs), 4),
            "worst_s": round(max(seconds), 3),
        }
    ours = found.pop("grown")
    for name, their in found.items():
        print(
            json.dumps(
                {
                    "name": f"beats {width * height}, {count} weeks", "n": width * height, "ours": ours["cells"],
                    "peer_name": name, "peer": their["cells"], "unit": "share of cells that change hands a week",
                    "ratio": round(their["cells"] / ours["cells"], 1) if ours["cells"] else None,
                    "ours_minutes": ours["minutes"], "peer_minutes": their["minutes"], "ours_cv": ours["worst_cv"],
                    "peer_cv": their["worst_cv"], "ours_s": ours["worst_s"], "peer_s": their["worst_s"],
                }
            ),
            flush=True,
        )  # fmt: skip


def spopt_ward(minutes: np.ndarray, width: int, height: int) -> np.ndarray:
    import geopandas as gpd
    import shapely
    from libpysal.weights import lat2W
    from spopt.region import WardSpatial

    _, xy = lattice(width, height)
    frame = gpd.GeoDataFrame({"w": minutes}, geometry=shapely.box(xy[:, 0], xy[:, 1], xy[:, 0] + 100, xy[:, 1] + 100))
    model = WardSpatial(frame, lat2W(height, width), ["w"], n_clusters=BEATS)
    model.solve()
    return np.unique(np.asarray(model.labels_), return_inverse=True)[1].astype(np.int64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the peers that take minutes")
    quick = parser.parse_args().quick
    known = importlib.util.find_spec("spopt") is not None
    methods = (["ward"] if quick else ["ward", "azp"]) if known else []
    figures(20, 20, methods, 5)
    figures(50, 40, methods, 5)
    weeks(50, 40, 4 if quick else 8, known)


if __name__ == "__main__":
    main()
