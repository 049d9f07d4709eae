"""Heat tiles of ten million incidents beside DuckDB, PostGIS and datashader: the same tiles, the same filters, one run.

Ours counts, smooths, colours and writes the PNG. DuckDB and PostGIS only count the pixels of the tile (a group-by over
an index on the place); datashader filters with pandas, counts and writes the PNG, without any smoothing. Filters are 7 to
1,096 days and all, five or one of 20 categories; places are those of incidents, zooms 8 to 16. Counts are compared.

Usage: python benchmarks/tiles.py [--quick] [--peers duckdb,postgis,datashader]
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from gis.incidents import IncidentFilter
from gis.incidents.columns import LEVEL, IncidentColumns, Mark, Selection, build, key_coordinates, open_columns
from gis.tiles.heat_tiles import HeatTiles

ZONE, DAYS, KINDS = "UTC", 1096, 20
START = datetime(2023, 11, 1, tzinfo=UTC)
BOX = (106.65, 39.35, 107.15, 39.75)
BANDWIDTH_M = 150.0


def incidents(n: int, seed: int) -> pd.DataFrame:
    """Nine in ten in 400 clusters of very unequal size, three years, 20 categories."""
    rng = np.random.default_rng(seed)
    clusters = np.random.default_rng(1)
    centre_lon, centre_lat = clusters.uniform(BOX[0], BOX[2], 400), clusters.uniform(BOX[1], BOX[3], 400)
    weight = clusters.pareto(1.2, 400) + 0.05
    chosen, alone = rng.choice(400, n, p=weight / weight.sum()), rng.random(n) < 0.1
    lon = np.where(alone, rng.uniform(BOX[0], BOX[2], n), centre_lon[chosen] + rng.normal(0, 0.004, n))
    lat = np.where(alone, rng.uniform(BOX[1], BOX[3], n), centre_lat[chosen] + rng.normal(0, 0.003, n))
    seconds = rng.integers(0, DAYS * 86400, n)
    one = np.zeros(n, dtype=np.int8)
    texts = {
        "category": pd.Categorical.from_codes(rng.integers(0, KINDS, n), [f"{kind:04d}" for kind in range(KINDS)]),
        **{name: pd.Categorical.from_codes(one, [name]) for name in ("scheme", "source", "found_by", "time_precision")},
        **{
            name: pd.Categorical.from_codes(one, ["150304000000"])
            for name in ("grid", "community", "street", "district")
        },
    }
    occurred = pd.Series(pd.Timestamp(START) + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us, UTC]")
    return pd.DataFrame({"row": seed * 10**9 + np.arange(n), "lon": lon, "lat": lat, "occurred_at": occurred, **texts})


def batches(n: int) -> list[tuple[int, int]]:
    """Sizes and seeds of the parts of the table."""
    return [(min(1_000_000, n - start), seed) for seed, start in enumerate(range(0, n, 1_000_000), start=2)]


def questions(columns: IncidentColumns, count: int) -> list[tuple[tuple[int, int, int], int, int, tuple[str, ...]]]:
    """Tiles around incidents, each with its first and last second and its categories."""
    rng = np.random.default_rng(3)
    _, found = columns.points(columns.select(IncidentFilter()), None, 200_000)
    asked = []
    for turn in range(count):
        days = (7, 30, 90, 365, DAYS)[turn % 5]
        first = int(rng.integers(0, DAYS - days + 1)) * 86400
        kinds = (0, 5, 1)[turn % 3]
        chosen = tuple(sorted(f"{kind:04d}" for kind in rng.choice(KINDS, kinds, replace=False)))
        place, zoom = int(rng.integers(len(found["lon"]))), int(rng.integers(8, 17))
        x, y = key_coordinates(found["lon"][place : place + 1], found["lat"][place : place + 1])
        tile = (zoom, int(x[0]) >> (LEVEL - zoom), int(y[0]) >> (LEVEL - zoom))
        asked.append((tile, first, first + days * 86400, chosen))
    return asked


def select(columns: IncidentColumns, first: int, last: int, kinds: tuple[str, ...]) -> Selection:
    """The question as the columns take it."""
    since, until = START + timedelta(seconds=first), START + timedelta(seconds=last)
    return columns.select(IncidentFilter(since=since, until=until, categories=kinds))


def timed(run: Callable[[int], int], count: int) -> tuple[np.ndarray, list[int]]:
    """Milliseconds and counts of each question."""
    taken, counts = [], []
    for turn in range(count):
        started = time.perf_counter()
        counts.append(run(turn))
        taken.append((time.perf_counter() - started) * 1e3)
    return np.array(taken), counts


def key_table(n: int) -> pd.DataFrame:
    """What the peers get: pixel coordinates of zoom 16, seconds and category, in Morton order of coarse cells."""
    parts = []
    for size, seed in batches(n):
        part = incidents(size, seed)
        x, y = key_coordinates(part["lon"].to_numpy(), part["lat"].to_numpy())
        second = (part["occurred_at"].astype("int64") // 1_000_000 - int(START.timestamp())).astype(np.int32)
        parts.append(
            pd.DataFrame(
                {
                    "x": (x >> (LEVEL - 24)).astype(np.int32),
                    "y": (y >> (LEVEL - 24)).astype(np.int32),
                    "second": second,
                    "kind": part["category"].cat.codes.astype(np.int16),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["x", "y"], ignore_index=True)


def pixels(tile: tuple[int, int, int]) -> tuple[int, int, int, int, int]:
    """The tile's window at level 24, and by how many bits its pixels are coarser."""
    zoom, column, row = tile
    up = 24 - zoom - 8
    side = 256 << up
    return column * side, row * side, (column + 1) * side, (row + 1) * side, up


def by_duckdb(table: pd.DataFrame, asked: list, folder: Path) -> Callable[[int], int]:
    """One connection, one thread, a table sorted by place, so that its zone maps prune."""
    import duckdb

    connection = duckdb.connect(str(folder / "incidents.duckdb"))
    connection.execute("SET threads TO 1; SET autoinstall_known_extensions=false")
    connection.register("given", table)
    connection.execute(
        "CREATE TABLE incidents AS SELECT * FROM given ORDER BY ((x >> 12)::BIGINT * 4096 + (y >> 12)), x, y"
    )

    def run(turn: int) -> int:
        tile, first, last, kinds = asked[turn]
        x0, y0, x1, y1, up = pixels(tile)
        only = f" AND kind IN ({', '.join(str(int(kind)) for kind in kinds)})" if kinds else ""
        query = (
            f"SELECT (x - {x0}) >> {up}, (y - {y0}) >> {up}, count(*) FROM incidents WHERE x >= {x0} AND x < {x1} "
            f"AND y >= {y0} AND y < {y1} AND second >= {first} AND second < {last}{only} GROUP BY 1, 2"
        )
        return sum(row[2] for row in connection.execute(query).fetchall())

    return run


def by_postgis(table: pd.DataFrame, asked: list) -> tuple[Callable[[int], int], Callable[[], None]]:
    """A private cluster, points in EPSG:3857 pixels with a GiST index, clustered by place."""
    import io

    import psycopg

    sys.path[:0] = [str(Path(__file__).parents[1])]
    from tests.postgres_cluster import PostgresCluster

    cluster = PostgresCluster()
    url = cluster.new_database().replace("postgresql+psycopg://", "postgresql://")
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("CREATE UNLOGGED TABLE raw (x int, y int, second int, kind smallint)")
    with connection.cursor() as cursor, cursor.copy("COPY raw FROM STDIN (FORMAT csv)") as copy:
        for start in range(0, len(table), 500_000):
            text = io.StringIO()
            table.iloc[start : start + 500_000].to_csv(text, header=False, index=False)
            copy.write(text.getvalue())
    connection.execute(
        "SET max_parallel_workers_per_gather = 0; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'"
    )
    connection.execute(
        "CREATE UNLOGGED TABLE incidents AS SELECT x, y, second, kind, ST_MakePoint(x, y) AS place FROM raw ORDER BY "
        "(x >> 12)::bigint * 4096 + (y >> 12)"
    )
    connection.execute("CREATE INDEX ON incidents USING gist (place)")
    connection.execute("ANALYZE incidents")

    def run(turn: int) -> int:
        tile, first, last, kinds = asked[turn]
        x0, y0, x1, y1, up = pixels(tile)
        only = f" AND kind IN ({', '.join(str(int(kind)) for kind in kinds)})" if kinds else ""
        query = (
            f"SELECT (x - {x0}) >> {up}, (y - {y0}) >> {up}, count(*) FROM incidents "
            f"WHERE place && ST_MakeEnvelope({x0}, {y0}, {x1 - 1}, {y1 - 1}) "
            f"AND second >= {first} AND second < {last}{only} GROUP BY 1, 2"
        )
        return sum(row[2] for row in connection.execute(query).fetchall())

    def stop() -> None:
        connection.close()
        cluster.stop()

    return run, stop


def by_datashader(table: pd.DataFrame, asked: list) -> Callable[[int], int]:
    """Pandas filters, datashader counts and colours the tile."""
    import datashader
    import datashader.transfer_functions as shade

    def run(turn: int) -> int:
        tile, first, last, kinds = asked[turn]
        x0, y0, x1, y1, _ = pixels(tile)
        kept = table["second"].between(first, last - 1)
        if kinds:
            kept &= table["kind"].isin([int(kind) for kind in kinds])
        canvas = datashader.Canvas(256, 256, (x0 - 0.5, x1 - 0.5), (y0 - 0.5, y1 - 0.5))
        counted = canvas.points(table[kept], "x", "y")
        shade.shade(counted, cmap=["#ffeda0", "#7a0230"]).to_bytesio().getvalue()
        return int(counted.sum())

    return run


def main(*, quick: bool, peers: set[str]) -> None:
    n = 1_000_000 if quick else 10_000_000
    label = f"tiles {n // 1_000_000}M"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        build(folder / "columns", (incidents(*part) for part in batches(n)), Mark("bench", 1, ZONE))
        built_s = time.perf_counter() - started
        columns = open_columns(folder / "columns")
        heat = HeatTiles(shapely.box(*BOX))
        asked = questions(columns, 300 if quick else 1000)
        selections = [select(columns, first, last, kinds) for _, first, last, kinds in asked]
        scales = []

        def scale(turn: int) -> int:
            scales.append(heat.scale(columns, selections[turn], heat.bandwidth_at(asked[turn][0][0], BANDWIDTH_M)))
            return 0

        scale_ms, _ = timed(scale, len(asked))

        def ours(turn: int) -> int:
            return len(heat.tile(columns, selections[turn], *asked[turn][0], scales[turn]))

        ours(0)
        taken, _ = timed(ours, len(asked))
        cold, warm = taken, timed(ours, len(asked))[0]
        told = {
            "name": label, "n": n, "ours": round(float(np.median(cold)), 3), "unit": "ms", "tiles": len(asked),
            **{f"p{p}_ms": round(float(np.percentile(cold, p)), 2) for p in (50, 95, 99)},
            "again_p50_ms": round(float(np.median(warm)), 2), "again_p99_ms": round(float(np.percentile(warm, 99)), 2),
            "scale_p50_ms": round(float(np.median(scale_ms)), 1), "scale_p99_ms": round(float(np.percentile(scale_ms, 99)), 1),
            "build_s": round(built_s, 1), "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "cpus": os.cpu_count(),
        }  # fmt: skip
        print(json.dumps({**told, "peer_name": "none", "peer": None, "ratio": None}), flush=True)
        few = {"duckdb": 150, "postgis": 40 if quick else 60, "datashader": 30}
        table = key_table(n) if peers else pd.DataFrame()
        for peer in ("duckdb", "postgis", "datashader"):
            if peer not in peers:
                continue
            stop: Callable[[], None] = lambda: None  # noqa: E731
            if peer == "duckdb":
                run = by_duckdb(table, asked, folder)
            elif peer == "postgis":
                run, stop = by_postgis(table, asked)
            else:
                run = by_datashader(table, asked)
            count = min(few[peer], len(asked))
            run(0)
            theirs, counts = timed(run, count)
            stop()
            wrong = sum(
                int(
                    columns.lattice(
                        selections[turn],
                        asked[turn][0][0] + 8,
                        asked[turn][0][1] * 256,
                        asked[turn][0][2] * 256,
                        256,
                        256,
                    ).sum()
                )
                != counts[turn]
                for turn in range(count)
            )
            if wrong:
                raise SystemExit(f"{peer} counts {wrong} of {count} tiles differently")
            mine = float(np.median(cold[:count]))
            print(
                json.dumps(
                    {
                        "name": label, "n": n, "ours": round(mine, 3), "peer_name": peer,
                        "peer": round(float(np.median(theirs)), 2), "unit": "ms",
                        "ratio": round(float(np.median(theirs)) / mine, 1), "tiles": count,
                        "peer_p99_ms": round(float(np.percentile(theirs, 99)), 1),
                        "p99_ms": round(float(np.percentile(cold[:count], 99)), 2), "equal_counts": True,
                    }
                ),
                flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", default="duckdb,postgis,datashader")
    arguments = parser.parse_args()
    main(quick=arguments.quick, peers=set(filter(None, arguments.peers.split(","))))
