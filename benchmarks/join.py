"""Points in polygons: ours beside geopandas, shapely, DuckDB and SedonaDB, in one run on the same points.

Usage: python benchmarks/join.py [--quick]. 10,000 irregular polygons that share their edges, 33 vertices each; 1 M and 10 M
points, nine in ten in clusters. Every contestant runs in a process of its own, so that its peak memory is its own, and all
must give the same count and checksum.
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

SIDE = 100
BAR_GEOPANDAS, BAR_BEST = 20.0, 3.0


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


def ours(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    from gis.join import CellIndex

    codes = [f"{k:05d}" for k in range(len(shapes))]
    return CellIndex.build(shapes, codes).assign(x, y)


def geopandas_sjoin(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    import geopandas as gpd

    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326)
    joined = gpd.sjoin(left, gpd.GeoDataFrame(geometry=shapes, crs=4326), predicate="within")
    return joined["index_right"].to_numpy()


def shapely_tree(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    shapely.prepare(shapes)
    return shapely.STRtree(shapes).query(shapely.points(x, y), predicate="within")[1]


def duckdb_spatial(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    import duckdb
    import pyarrow as pa

    package = Path(importlib.util.find_spec("duckdb_extension_spatial").submodule_search_locations[0])  # type: ignore[union-attr,index]
    base = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 2})
    base.execute(f"LOAD '{next(package.rglob('spatial.duckdb_extension'))}'")
    base.register("p", pa.table({"x": x, "y": y}))
    base.register("g", pa.table({"id": np.arange(len(shapes)), "wkb": shapely.to_wkb(shapes)}))
    base.execute("CREATE TABLE grid AS SELECT id, ST_GeomFromWKB(wkb) AS shape FROM g")
    asked = "SELECT grid.id FROM p JOIN grid ON ST_Within(ST_Point(p.x, p.y), grid.shape)"
    return base.execute(asked).fetchnumpy()["id"]


def sedona(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    import pandas as pd
    import sedonadb

    session = sedonadb.connect()
    session.create_data_frame(pd.DataFrame({"x": x, "y": y})).to_view("p")
    session.create_data_frame(pd.DataFrame({"id": np.arange(len(shapes)), "wkb": shapely.to_wkb(shapes)})).to_view("g")
    asked = "SELECT g.id FROM p JOIN (SELECT id, ST_GeomFromWKB(wkb) AS shape FROM g) g ON ST_Within(ST_Point(p.x, p.y), g.shape)"
    return session.sql(asked).to_pandas()["id"].to_numpy()


CONTESTANTS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "ours": ours,
    "geopandas.sjoin": geopandas_sjoin,
    "shapely STRtree": shapely_tree,
    "DuckDB spatial": duckdb_spatial,
    "SedonaDB": sedona,
}


def contest(name: str, folder: Path) -> None:
    """One contestant in this process: compile on a few points, then one timed run."""
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    shapes = shapely.from_wkb(np.load(folder / "shapes.npy", allow_pickle=True))
    run = CONTESTANTS[name]
    if name == "ours":
        run(x[:10], y[:10], shapes)
    started = time.perf_counter()
    found = np.asarray(run(x, y, shapes))
    seconds = time.perf_counter() - started
    found = found[found >= 0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"s": seconds, "peak_mb": peak, "count": len(found), "sum": int(found.sum())}))


def run_apart(name: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--contestant", name, "--folder", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
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
        # ``within`` leaves out points on edges, which ours gives to the lowest code; among clustered points there are few.
        if abs(theirs["count"] - mine["count"]) > count * 1e-5:
            sys.exit(f"{peer} found {theirs['count']} points, ours {mine['count']}")
        print(
            json.dumps(
                {
                    "name": f"join {count // 1_000_000}M", "n": count, "ours": round(mine["s"], 3), "peer_name": peer,
                    "peer": round(theirs["s"], 3), "unit": "s", "ratio": round(theirs["s"] / mine["s"], 1),
                    "peak_mb": round(mine["peak_mb"]), "peer_peak_mb": round(theirs["peak_mb"]), "polygons": SIDE * SIDE,
                }
            ),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--contestant", choices=list(CONTESTANTS))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.contestant:
        contest(asked.contestant, asked.folder)
    else:
        for size in (1_000_000,) if asked.quick else (1_000_000, 10_000_000):
            compare(size)
