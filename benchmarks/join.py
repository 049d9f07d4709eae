"""Points in polygons: ours beside geopandas, shapely, DuckDB and SedonaDB, in one run on the same points.

10,000 irregular polygons that share their edges, 33 vertices each; 1 M and 10 M points, nine in ten in 400 clusters. Every
contestant runs in a process of its own, so that its peak memory is its own. The clock starts when points and polygons lie
in memory in the form the contestant likes best (arrays, geometries, tables with geometries) and stops when the polygon of
each point is known; building an index is on the clock, making geometries of coordinates is not (``peer_prepare_s``). All run
as often as ours and the best time counts; all must give the same count and the same checksum over (row, polygon). CPU seconds
stand beside the clock, since they hardly change when the machine is busy.

Usage: python benchmarks/join.py [--quick]
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

SIDE = 100
REPEATS = 3


def polygons(seed: int = 7) -> np.ndarray:
    """A 100 x 100 mesh with moved corners and crooked shared edges, around Wuda; shape (10,000,)."""
    rng = np.random.default_rng(seed)
    step_x, step_y = 0.5 / SIDE, 0.4 / SIDE
    x, y = np.meshgrid(106.45 + step_x * np.arange(SIDE + 1), 39.33 + step_y * np.arange(SIDE + 1))
    inner = np.zeros_like(x)
    inner[1:-1, 1:-1] = 1
    corner = np.stack(
        [x + inner * rng.uniform(-0.2, 0.2, x.shape) * step_x, y + inner * rng.uniform(-0.2, 0.2, y.shape) * step_y], -1
    )
    share = np.linspace(0, 1, 9)[:-1]
    wave = np.sin(np.pi * share)[:, None]

    def edges(a: np.ndarray, b: np.ndarray, straight: np.ndarray, reach: float) -> np.ndarray:
        line = a[..., None, :] + share[:, None] * (b - a)[..., None, :]
        across = np.stack([-(b - a)[..., 1], (b - a)[..., 0]], -1)[..., None, :]
        bend = rng.uniform(-reach, reach, (*a.shape[:-1], len(share), 1)) * wave * straight[..., None, None]
        return line + bend * across

    free = np.ones((SIDE + 1, SIDE))
    free[[0, -1]] = 0
    level = edges(corner[:, :-1], corner[:, 1:], free, 0.12)
    upright = edges(corner[:-1], corner[1:], free.T, 0.12)
    shapes = []
    for row in range(SIDE):
        for column in range(SIDE):
            bottom, right = level[row, column], upright[row, column + 1]
            top = np.vstack([level[row + 1, column][1:], corner[row + 1, column + 1][None]])[::-1]
            left = np.vstack([upright[row, column][1:], corner[row + 1, column][None]])[::-1]
            shapes.append(shapely.Polygon(np.vstack([bottom, right, top, left])))
    return np.array(shapes, dtype=object)


def points(count: int, seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """Nine in ten in 400 clusters of Pareto weight, the rest anywhere."""
    rng = np.random.default_rng(seed)
    weight = rng.pareto(1.2, 400) + 0.1
    centre = np.column_stack([rng.uniform(106.47, 106.93, 400), rng.uniform(39.35, 39.71, 400)])
    pick = rng.choice(400, int(count * 0.9), p=weight / weight.sum())
    near = centre[pick] + rng.normal(0, 0.004, (len(pick), 2))
    far = np.column_stack(
        [rng.uniform(106.4501, 106.9499, count - len(pick)), rng.uniform(39.3301, 39.7299, count - len(pick))]
    )
    both = rng.permutation(np.vstack([near, far]))
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


Answer = tuple[int, int]
Contestant = tuple[Callable[[], Any], Callable[[Any], Answer]]
"""What is timed, and what reads count and checksum from its result afterwards."""

SQL_ANSWER = """SELECT count(*) AS n, sum((g.id + 1) * (p.row % 1000 + 1)) AS s
FROM p JOIN g ON ST_Intersects(g.shape, p.shape)"""


def answer(rows: np.ndarray, ids: np.ndarray) -> Answer:
    """How many points lie in a polygon, and a checksum that notices two points exchanged."""
    return len(rows), int(((ids + 1) * (rows % 1000 + 1)).sum())


def ours(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> Contestant:
    from gis.join import CellIndex

    codes = [f"{k:05d}" for k in range(len(shapes))]
    CellIndex.build(shapes[:10], codes[:10]).assign(x[:10], y[:10])  # compiles

    def tell(found: np.ndarray) -> Answer:
        rows = np.flatnonzero(found >= 0)
        return answer(rows, found[rows])

    return lambda: CellIndex.build(shapes, codes).assign(x, y), tell


def geopandas_sjoin(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> Contestant:
    import geopandas as gpd

    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326)
    right = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    return (
        lambda: gpd.sjoin(left, right, predicate="intersects"),
        lambda joined: answer(joined.index.to_numpy(), joined["index_right"].to_numpy()),
    )


def shapely_tree(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> Contestant:
    points_of_rows = shapely.points(x, y)

    def run() -> np.ndarray:
        shapely.prepare(shapes)
        return shapely.STRtree(shapes).query(points_of_rows, predicate="intersects")

    return run, lambda pairs: answer(pairs[0], pairs[1])


def duckdb_spatial(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> Contestant:
    import duckdb
    import pyarrow as pa

    package = Path(importlib.util.find_spec("duckdb_extension_spatial").submodule_search_locations[0])  # type: ignore[union-attr,index]
    base = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": os.cpu_count() or 1})
    base.execute(f"LOAD '{next(package.rglob('spatial.duckdb_extension'))}'")
    base.register("raw", pa.table({"row": np.arange(len(x)), "x": x, "y": y}))
    base.register("outlines", pa.table({"id": np.arange(len(shapes)), "wkb": shapely.to_wkb(shapes)}))
    base.execute("CREATE TABLE p AS SELECT row, ST_Point(x, y) AS shape FROM raw")
    base.execute("CREATE TABLE g AS SELECT id, ST_GeomFromWKB(wkb) AS shape FROM outlines")
    return lambda: base.execute(SQL_ANSWER).fetchone(), lambda found: (int(found[0]), int(found[1]))


def sedona(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> Contestant:
    import pandas as pd
    import sedonadb

    base = sedonadb.connect()
    base.create_data_frame(pd.DataFrame({"row": np.arange(len(x)), "x": x, "y": y})).to_view("raw")
    outlines = pd.DataFrame({"id": np.arange(len(shapes)), "wkb": shapely.to_wkb(shapes)})
    base.create_data_frame(outlines).to_view("outlines")
    base.sql("SELECT row, ST_Point(x, y) AS shape FROM raw").to_memtable().to_view("p")
    base.sql("SELECT id, ST_GeomFromWKB(wkb) AS shape FROM outlines").to_memtable().to_view("g")
    return lambda: base.sql(SQL_ANSWER).to_pandas(), lambda found: (int(found["n"].iloc[0]), int(found["s"].iloc[0]))


CONTESTANTS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], Contestant]] = {
    "ours": ours,
    "geopandas.sjoin": geopandas_sjoin,
    "shapely STRtree": shapely_tree,
    "DuckDB spatial": duckdb_spatial,
    "SedonaDB": sedona,
}


def contest(name: str, folder: Path) -> None:
    """One contestant in this process, as often as all the others; the best time counts."""
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    shapes = shapely.from_wkb(np.load(folder / "shapes.npy", allow_pickle=True))
    started = time.perf_counter()
    run, tell = CONTESTANTS[name](x, y, shapes)
    prepared = time.perf_counter() - started
    seconds, cpu = [], []
    for _ in range(REPEATS):
        started, worked = time.perf_counter(), time.process_time()
        found = run()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count, checksum = tell(found)
    figures = {"s": min(seconds), "cpu_s": min(cpu), "prepare_s": prepared, "peak_mb": peak}
    print(json.dumps(figures | {"count": count, "checksum": checksum}))


def run_apart(name: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--contestant", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def compare(count: int) -> None:
    """All contestants on the same points; one JSON line a peer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        x, y = points(count)
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", y)
        np.save(folder / "shapes.npy", shapely.to_wkb(polygons()), allow_pickle=True)
        del x, y
        found = {contestant: run_apart(contestant, folder) for contestant in CONTESTANTS}
    mine = found.pop("ours")
    for peer, theirs in found.items():
        if (theirs["count"], theirs["checksum"]) != (mine["count"], mine["checksum"]):
            sys.exit(f"{peer} answers {theirs}, ours {mine}")
        line = {
            "name": f"join {count // 1_000_000}M",
            "n": count,
            "ours": round(mine["s"], 3),
            "peer_name": peer,
            "peer": round(theirs["s"], 3),
            "unit": "s",
            "ratio": round(theirs["s"] / mine["s"], 1),
            "peak_mb": round(mine["peak_mb"]),
            "peer_peak_mb": round(theirs["peak_mb"]),
            "cpu_s": round(mine["cpu_s"], 3),
            "peer_cpu_s": round(theirs["cpu_s"], 3),
            "peer_prepare_s": round(theirs["prepare_s"], 3),
            "polygons": SIDE * SIDE,
            "inside": mine["count"],
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1 M points only")
    parser.add_argument("--contestant", choices=list(CONTESTANTS))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.contestant:
        contest(asked.contestant, asked.folder)
    else:
        for size in (1_000_000,) if asked.quick else (1_000_000, 10_000_000):
            compare(size)
