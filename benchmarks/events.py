"""Work lists and moves in a store of three million cases, SQLite beside PostgreSQL with the same code and the same rows.

Cases have the shape of the district: 99.84 % are archived, the rest waits for somebody. Rows are written past the store, which would
take a day; what is timed goes through the service, each move with its commit on disk.
Run: python benchmarks/events.py [--quick] [--n N] [--no-peer]
"""

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from tests.postgres_cluster import BIN, PostgresCluster
from webmap.auth.permissions import Grant
from webmap.cases import intake, lists, work
from webmap.config import Config
from webmap.server import settle
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, init_store, open_store
from webmap.store.case_records import CaseQuery
from webmap.store.case_scope import CASE_OPERATOR, CaseViewer
from webmap.store.units import Unit

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SHARE_LIVE = 1 - 73_282 / 73_400
"""What was not handled of the district's 73,400 requests (99.84 %)."""
CATEGORIES = ("06010", "06011", "06001")
SETTINGS = {"name_zh": "乌达区", "name_en": "Wuda", "code": "150304000000", "zone": "Asia/Shanghai"}
LIFE = (("draft", "submit", "reported"), ("reported", "accept", "accepted"), ("accepted", "dispatch", "dispatched"),
        ("dispatched", "acknowledge", "acknowledged"), ("acknowledged", "submit_result", "handled"),
        ("handled", "accept_result", "resolved"), ("resolved", "archive", "archived"))  # fmt: skip
EVENT = ("id", "state", "version", "scheme", "category", "source", "found_by", "lon", "lat", "grid", "community", "street", "district",
         "occurred_at", "created_at", "updated_at", "body", "tier", "unit", "reporter", "due_at")  # fmt: skip
MOVE = ("event", "version", "id", "move", "source", "target", "tier_from", "tier_to", "unit_from", "unit_to", "role", "area", "actor",
        "at", "reason", "detail")  # fmt: skip
CLOCK = ("event", "stage", "round", "started_at", "stopped_at", "amount", "unit", "pauses", "paused", "due_at", "next_at", "told",
         "calendar", "is_sure")  # fmt: skip


def micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def cases(n: int, grids: list[str]) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]], list[tuple[Any, ...]]]]:
    """Each case with its moves and clocks; the last ones are live: half accepted, half with a unit."""
    rng = np.random.default_rng(20231110)
    live = max(round(n * SHARE_LIVE), min(n, 1000))
    hour, year = 3_600_000_000, 365 * 24 * 3_600_000_000
    for number in range(n):
        waits = number >= n - live
        begun = micros(NOW) - int(rng.random() * (30 * 24 * hour if waits else 3 * year))
        steps = LIFE[: 2 + number % 2] if waits else LIFE
        grid = grids[int(rng.random() * len(grids))]
        event, category = f"{number:032x}", CATEGORIES[number % len(CATEGORIES)]
        unit = "" if waits and len(steps) == 2 else f"unit{number % 18:02d}"
        end, tier = begun + len(steps) * hour, ("community", "street", "district")[number % 3]
        due = begun + 7 * 24 * hour
        row = (event, steps[-1][2], len(steps), "wangge", category, "12345", "report", 106.7 + rng.random() / 10, 39.45 + rng.random() / 10,
               grid, grid[:12], grid[:9] + "000", SETTINGS["code"], begun, begun, end, '{"text": "垃圾未清运"}', tier, unit, "", due if waits else None)  # fmt: skip
        moves = [
            (
                event,
                version,
                f"{event}:{version}",
                move,
                source,
                target,
                tier,
                tier,
                "",
                unit,
                "desk",
                grid,
                "",
                begun + version * hour,
                "",
                "{}",
            )
            for version, (source, move, target) in enumerate(steps, start=1)
        ]
        stage = "handle" if unit else "dispatch"
        ends = (("case", 10.0, due + 3 * 24 * hour), (stage, 7.0, due))
        clocks = [
            (event, name, 1, begun, None if waits else end, amount, "working_day", "[]", 0, at, None, 150, "bench", 1)
            for name, amount, at in ends
        ]
        yield row, moves, clocks


def filled(n: int, folder: Path) -> Store:
    """A SQLite store with so many cases."""
    areas = gpd.read_file(Path(__file__).resolve().parents[1] / "data" / "layers" / "areas.geojson", engine="pyogrio")
    text = ["code", "parent", "level", "kind", "name_zh", "name_en", "code_nbs", "code_mca", "valid_from", "valid_to"]
    areas[text] = areas[text].fillna("").astype("str")
    areas["households"] = areas["households"].astype("Int64")
    store = init_store(f"sqlite:///{folder / 'cases.db'}", SETTINGS)
    store.areas.replace(areas, viewer=LOCAL_OPERATOR, now=NOW)
    units = [Unit(f"unit{number:02d}", f"单位{number}", f"unit {number}") for number in range(18)]
    store.units.replace(units, viewer=LOCAL_OPERATOR, now=NOW)
    store.close()
    write_past_the_store(n, folder / "cases.db", areas.loc[areas["level"] == "grid", "code"].tolist())
    return open_store(f"sqlite:///{folder / 'cases.db'}")


def write_past_the_store(n: int, path: Path, grids: list[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    tables = ("events", "event_moves", "event_clocks")
    indexes = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {tables}"
    ).fetchall()
    connection.execute("BEGIN IMMEDIATE")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    inserts = [
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        for table, names in zip(tables, (EVENT, MOVE, CLOCK), strict=True)
    ]
    held: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for row, moves, clocks in cases(n, grids):
        held[0].append(row)
        held[1].extend(moves)
        held[2].extend(clocks)
        if len(held[0]) == 20_000:
            _flush(connection, inserts, held)
    _flush(connection, inserts, held)
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def _flush(connection: sqlite3.Connection, inserts: list[str], held: tuple[list[Any], list[Any], list[Any]]) -> None:
    for statement, rows in zip(inserts, held, strict=True):
        connection.executemany(statement, rows)
        rows.clear()


def timed(calls: list[Callable[[], Any]]) -> dict[str, float]:
    """Percentiles in milliseconds; the first call warms up."""
    calls[0]()
    took = []
    for call in calls[1:]:
        start = time.perf_counter()
        call()
        took.append((time.perf_counter() - start) * 1000)
    return {f"p{share}_ms": round(float(np.percentile(took, share)), 2) for share in (50, 95, 99)}


def measured(store: Store, times: int) -> dict[str, dict[str, float]]:
    """Work lists of the district and of streets, moves and new cases through the service."""
    services = Services(store, Config(db=store.url), clock=lambda: NOW)
    settle()
    streets = sorted(set(services.areas(LOCAL_OPERATOR).query("level == 'street'")["code"]))
    desks = [CaseViewer(f"desk{number}", (Grant("desk", street),)) for number, street in enumerate(streets)]
    boss = CaseViewer("boss", (Grant("supervisor", ""),))
    accepted = store.cases.waiting(CASE_OPERATOR, CaseQuery(states=("accepted",)), everything=True)[: times + 1]

    def dispatched(event: str) -> Callable[[], Any]:
        told = {"move": "dispatch", "version": 2, "unit": "unit03"}
        return lambda: work.move(services, event, told, viewer=CASE_OPERATOR)

    def reported(number: int) -> Callable[[], Any]:
        told = {"id": f"new-{number:028d}", "scheme": "wangge", "category": CATEGORIES[0], "occurred_at": (NOW - timedelta(hours=1)).isoformat(),
                "source": "web", "found_by": "report", "lon": 106.72 + number / 100_000, "lat": 39.5, "text": "垃圾未清运"}  # fmt: skip
        return lambda: intake.create(services, told, viewer=CASE_OPERATOR)

    return {
        "work list of a street": timed(
            [lambda desk=desk: lists.work_list(services, viewer=desk) for desk in (desks * times)[:times]]
        ),
        "work list of the district": timed(
            [lambda: lists.work_list(services, viewer=boss, everything=True)] * (times // 2)
        ),
        "dispatch": timed([dispatched(event) for event, *_ in accepted]),
        "new case": timed([reported(number) for number in range(times)]),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--n", type=int, default=3_000_000)
    parser.add_argument("--no-peer", action="store_true")
    asked = parser.parse_args()
    n, times = (20_000, 60) if asked.quick else (asked.n, 300)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = filled(n, folder)
        peers = {} if asked.no_peer or not (BIN / "initdb").exists() else on_postgres(store, folder, times)
        ours = measured(store, times)
        store.close()
        size = (folder / "cases.db").stat().st_size / 2**20
    for name, figures in ours.items():
        line = {
            "name": f"events {name}",
            "n": n,
            "ours": figures["p95_ms"],
            "unit": "ms (p95)",
            **figures,
            "store_mb": round(size),
        }
        if name in peers:
            peer = peers[name]["p95_ms"]
            line |= {"peer_name": "PostgreSQL 15", "peer": peer, "ratio": round(peer / figures["p95_ms"], 2)}
        print(json.dumps(line, ensure_ascii=False))


def on_postgres(store: Store, folder: Path, times: int) -> dict[str, dict[str, float]]:
    """The same rows restored into PostgreSQL, before the moves of ours."""
    store.backup(folder / "cases.backup")
    cluster = PostgresCluster()
    try:
        other = init_store(cluster.new_database(), {})
        other.restore(folder / "cases.backup")
        (folder / "cases.backup").unlink()
        figures = measured(other, times)
        other.close()
        return figures
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
