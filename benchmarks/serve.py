"""Sixteen readers at once ask the real server for heat tiles of ten million incidents, alone and beside 200 open maps.

Every reader takes a filter of his own, asks for the twelve tiles of a view, then takes another filter and place; requests go
over loopback through granian with two workers, and nothing is answered from a browser's cache. Open maps hold streams up to the cap and poll above it. Readers and server share the
machine's cores, so that the figures are upper bounds. There is no peer here: benchmarks/tiles.py has the peers.

Usage: python benchmarks/serve.py [--quick]
"""

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from tiles import BOX, batches, incidents, questions

from gis.incidents.columns import Mark, build, open_columns
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.columns import columns_folder
from webmap.store import LOCAL_OPERATOR, init_store

READERS, PASSWORD = 16, "Wuda-2026-grid"


def prepare(folder: Path, n: int) -> tuple[str, str]:
    """A store with one area and a few incidents, columns of ``n`` beside it, and a session."""
    url = f"sqlite:///{folder / 'bench.db'}"
    store = init_store(url, {"zone": "UTC", "code": "150304000000", "name_zh": "测试"})
    now = datetime.now(UTC)
    area = gpd.GeoDataFrame(
        {"code": ["150304000000"], "parent": "", "level": "district", "kind": "", "name_zh": "测试", "synthetic": True},
        geometry=[shapely.box(*BOX)],
        crs="EPSG:4326",
    )
    store.areas.replace(area, viewer=LOCAL_OPERATOR, now=now)
    store.users.add("bench", password=PASSWORD, viewer=LOCAL_OPERATOR, now=now, grants=[Grant("supervisor")])
    token = store.sessions.sign_in("bench", PASSWORD, now=now)
    # The columns are built from the generator, since filling a store of ten million rows is not what is measured here.
    mark = Mark(f"{store.identity}.{store.generation}", store.change_seq(), "UTC")
    build(columns_folder(store), (incidents(*part) for part in batches(n)), mark)
    store.close()
    return url, token


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def views(folder: Path, count: int) -> list[list[str]]:
    """Addresses of the twelve tiles of each view: one filter, four tiles across and three down around an incident."""
    columns = open_columns(folder / "bench.columns")
    found = []
    for (zoom, column, row), first, last, kinds in questions(columns, count):
        day = [
            datetime.fromtimestamp(datetime(2023, 11, 1, tzinfo=UTC).timestamp() + s, UTC) for s in (first, last - 1)
        ]
        chosen = "".join(f"&category={kind}" for kind in kinds)
        query = f"from={day[0]:%Y-%m-%d}&to={day[1]:%Y-%m-%d}{chosen}&bandwidth=150"
        tiles = [(column + dx, row + dy) for dy in (-1, 0, 1) for dx in (-2, -1, 0, 1)]
        found.append([f"/tiles/heat/{zoom}/{x}/{y}.png?{query}" for x, y in tiles])
    return found


def ask_all(port: int, token: str, asked: list[list[str]], seconds: float) -> np.ndarray:
    """Milliseconds of every answer of sixteen readers, each of whom asks one thing after another."""
    taken: list[float] = []
    lock, end = threading.Lock(), time.monotonic() + seconds

    def read(reader: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        own, turn = [], reader
        while time.monotonic() < end:
            for path in asked[turn % len(asked)]:
                started = time.perf_counter()
                connection.request("GET", path, headers={"Cookie": f"{COOKIE}={token}"})
                answer = connection.getresponse()
                data = answer.read()
                own.append((time.perf_counter() - started) * 1e3)
                if answer.status != 200 or not data:
                    raise RuntimeError(f"{answer.status}: {data[:200]!r}")
            turn += READERS
        with lock:
            taken.extend(own)

    readers = [threading.Thread(target=read, args=(reader,)) for reader in range(READERS)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    return np.array(taken)


def open_maps(port: int, token: str, count: int) -> list[socket.socket]:
    """Open maps: each asks for the stream of changes and holds it where it is given one."""
    held = []
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        sock.sendall(f"GET /live?since=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={token}\r\n\r\n".encode())
        held.append(sock)
    return held


def main(*, quick: bool) -> None:
    n, seconds = (1_000_000, 6.0) if quick else (10_000_000, 20.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, token = prepare(folder, n)
        asked = views(folder, 1000)
        port = free_port()
        environment = os.environ | {"WANGGE_DB": url, "WANGGE_PORT": str(port), "WANGGE_LOG": "errors"}
        environment["WANGGE_REQUEST_LIMIT"] = "9000000/minute"
        wangge = str(Path(sys.executable).with_name("wangge"))
        server = subprocess.Popen([wangge, "serve"], env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            ask_all(port, token, asked, 4.0)
            for label, maps in (("", 0), (" beside 200 open maps", 200)):
                held = open_maps(port, token, maps)
                taken = ask_all(port, token, asked, seconds)
                for sock in held:
                    sock.close()
                told = {f"p{p}_ms": round(float(np.percentile(taken, p)), 1) for p in (50, 95, 99)}
                print(
                    json.dumps(
                        {
                            "name": f"16 readers {n // 1_000_000}M{label}", "n": n, "ours": told["p50_ms"], "unit": "ms",
                            "peer_name": "none", "peer": None, "ratio": None, **told,
                            "requests": len(taken), "per_s": round(len(taken) / seconds), "cpus": os.cpu_count(),
                        }
                    ),
                    flush=True,
                )  # fmt: skip
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def wait_for(port: int) -> None:
    """Until the server answers."""
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
