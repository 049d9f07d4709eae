"""Import of incidents into the store beside plain ``pandas.to_sql``, and reading them back.

The peer only appends: no id, no index, no check of what is there already, and the same SQLite settings.
Run: python benchmarks/store.py [--quick]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import create_engine, event

from webmap.store import LOCAL_OPERATOR, init_store

NOW = datetime(2026, 11, 23, tzinfo=UTC)
STREETS = ("150304009000", "150304010000", "150304011000")


def incidents(n: int) -> pd.DataFrame:
    """Located incidents of three years."""
    rng = np.random.default_rng(20231110)
    times = rng.integers(1_672_531_200_000_000, 1_767_225_600_000_000, n)
    street = rng.choice(STREETS, n)
    community = pd.Series(street).str.slice(0, 9) + pd.Series(rng.integers(1, 9, n)).astype("str").str.zfill(3)
    grid = community + pd.Series(rng.integers(1, 19, n)).astype("str").str.zfill(3)
    return pd.DataFrame(
        {
            "id": [f"{number:032x}" for number in rng.integers(0, 2**62, n)],
            "lon": 106.7 + rng.random(n) / 5,
            "lat": 39.4 + rng.random(n) / 5,
            "occurred_at": pd.to_datetime(times, unit="us", utc=True),
            "occurred_to": pd.Series(pd.NaT, index=range(n), dtype="datetime64[us, UTC]"),
            "time_precision": "minute",
            "scheme": "wangge",
            "category": rng.choice(["0102", "0601", "0203"], n),
            "source": rng.choice(["12345", "grid", "camera"], n),
            "found_by": "report",
            "department": "城市管理局",
            "status": "closed",
            "declared_area": grid,
            "address": "巴音赛街12号院南门",
            "x_orig": rng.random(n),
            "y_orig": rng.random(n),
            "datum": "gcj02",
            "grid": grid,
            "community": community,
            "street": street,
            "district": "150304000000",
        }
    )


def ours(n: int, folder: Path) -> dict[str, float]:
    frame = incidents(n)
    store = init_store(f"sqlite:///{folder / 'ours.db'}", {})
    figures = {}
    for name in ("import", "import again"):
        start = time.perf_counter()
        store.incidents.upsert(frame, viewer=LOCAL_OPERATOR, now=NOW)
        figures[name] = time.perf_counter() - start
    figures["import_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, columns in (("read", None), ("read 4 columns", ["lon", "lat", "occurred_at", "category"])):
        start = time.perf_counter()
        found = store.incidents.read(LOCAL_OPERATOR, columns=columns)
        figures[name] = time.perf_counter() - start
        assert len(found) == n
    figures["read_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    store.close()
    return figures


def peer(n: int, folder: Path) -> dict[str, float]:
    frame = incidents(n)
    engine = create_engine(f"sqlite:///{folder / 'peer.db'}")

    @event.listens_for(engine, "connect")
    def prepare(connection, _record):  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    start = time.perf_counter()
    frame.to_sql("incidents", engine, index=False, chunksize=50_000)
    figures = {"import": time.perf_counter() - start}
    for name, query in (("read", "*"), ("read 4 columns", "lon, lat, occurred_at, category")):
        start = time.perf_counter()
        found = pd.read_sql(f"SELECT {query} FROM incidents", engine, parse_dates=["occurred_at"])
        figures[name] = time.perf_counter() - start
        assert len(found) == n
    return figures


def run_apart(part: str, n: int) -> dict[str, float]:
    """One side in a process of its own, so that memory is its own too."""
    done = subprocess.run([sys.executable, __file__, "--part", part, "--n", str(n)], check=True, capture_output=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part", choices=("ours", "peer"))
    parser.add_argument("--n", type=int, default=1_000_000)
    asked = parser.parse_args()
    if asked.part:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps({"ours": ours, "peer": peer}[asked.part](asked.n, Path(folder))))
        return
    n = 100_000 if asked.quick else asked.n
    mine, plain = run_apart("ours", n), run_apart("peer", n)
    for name, against, memory in (
        ("import", "import", "import_mb"),
        ("import again", "import", "import_mb"),
        ("read", "read", "read_mb"),
        ("read 4 columns", "read 4 columns", "read_mb"),
    ):
        figures = {
            "name": f"store {name}",
            "n": n,
            "ours": round(mine[name], 2),
            "peer_name": "pandas.to_sql" if against == "import" else "pandas.read_sql",
            "peer": round(plain[against], 2),
            "unit": "s",
            "ratio": round(plain[against] / mine[name], 2),
            "peak_mb": round(mine[memory]),
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
