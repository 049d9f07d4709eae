"""How soon the map can be read, and whether it stalls: headless Chromium on a district of 10,000 grids, 5,000 cameras and
ten million incidents, over loopback.

``first paint`` is the time from asking for the page until heat tiles and outlines are drawn; ``longest`` is the longest
task of the page's own thread while the map is panned and zoomed (Long Tasks API, 50 ms and more are seen). There is no
peer here. Needs Chromium and playwright, as the browser tests do.

Usage: python benchmarks/page.py [--quick]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import Page, sync_playwright
from serve import PASSWORD, free_port, wait_for
from tiles import BOX, batches, incidents

from gis.incidents.columns import Mark, build
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.columns import columns_folder
from webmap.store import LOCAL_OPERATOR, Store, init_store

SIDE = 100
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def grids() -> gpd.GeoDataFrame:
    """A district of 4 streets, 100 communities and 10,000 grids that share their wavy edges."""
    rng = np.random.default_rng(5)
    west, south, east, north = BOX
    steps = np.linspace(0, 1, SIDE + 1)
    x, y = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    inner = np.zeros_like(x)
    inner[1:-1, 1:-1] = 1
    x, y = x + inner * rng.normal(0, 5e-4, x.shape), y + inner * rng.normal(0, 4e-4, y.shape)
    rows = []
    for r in range(SIDE):
        for c in range(SIDE):
            ring = [
                (x[r, c], y[r, c]),
                (x[r, c + 1], y[r, c + 1]),
                (x[r + 1, c + 1], y[r + 1, c + 1]),
                (x[r + 1, c], y[r + 1, c]),
            ]
            community = f"150304{r // 50 * 2 + c // 50 + 1:03d}{(r % 50 // 10) * 5 + c % 50 // 10 + 1:03d}"
            rows.append((f"{community}{(r % 10) * 10 + c % 10 + 1:03d}", community, shapely.Polygon(ring)))
    finest = gpd.GeoDataFrame(rows, columns=["code", "parent", "geometry"], crs="EPSG:4326").assign(level="grid")
    parts = [finest]
    for level, digits in (("community", 9), ("street", 6), ("district", 0)):
        below = parts[-1]
        merged = below.dissolve("parent")[["geometry"]].reset_index().rename(columns={"parent": "code"})
        parent = merged["code"].str[:digits] + "0" * (12 - digits) if digits else pd.Series("", index=merged.index)
        parts.append(merged.assign(parent=parent, level=level))
    areas = pd.concat(parts, ignore_index=True)
    areas["kind"] = np.where(areas["level"] == "grid", "basic", "")
    return gpd.GeoDataFrame(areas.assign(name_zh=areas["code"], synthetic=True), crs="EPSG:4326")


def located(frame: pd.DataFrame) -> pd.DataFrame:
    """Points with the codes of the cells they lie in, by arithmetic: close enough for a drawing."""
    west, south, east, north = BOX
    c = np.clip(((frame["lon"] - west) / (east - west) * SIDE).astype(int), 0, SIDE - 1).to_numpy()
    r = np.clip(((frame["lat"] - south) / (north - south) * SIDE).astype(int), 0, SIDE - 1).to_numpy()
    cells = np.arange(SIDE * SIDE)
    rows, columns = cells // SIDE, cells % SIDE
    community = [
        f"150304{a // 50 * 2 + b // 50 + 1:03d}{(a % 50 // 10) * 5 + b % 50 // 10 + 1:03d}"
        for a, b in zip(rows, columns, strict=True)
    ]
    names = [f"{of}{(a % 10) * 10 + b % 10 + 1:03d}" for of, a, b in zip(community, rows, columns, strict=True)]
    kinds = sorted(set(community))
    of_cell = np.array([kinds.index(each) for each in community])
    streets = sorted({each[:9] + "000" for each in kinds})
    of_kind = np.array([streets.index(each[:9] + "000") for each in kinds])
    at = r * SIDE + c
    return frame.assign(
        grid=pd.Categorical.from_codes(at, names),
        community=pd.Categorical.from_codes(of_cell[at], kinds),
        street=pd.Categorical.from_codes(of_kind[of_cell[at]], streets),
    )


def prepare(folder: Path, n: int) -> tuple[str, str]:
    """The district in a store, the columns beside it, a session."""
    url = f"sqlite:///{folder / 'page.db'}"
    store = init_store(url, {"zone": "UTC", "code": "150304000000", "name_zh": "测试区"})
    now = datetime.now(UTC)
    store.areas.replace(grids(), viewer=LOCAL_OPERATOR, now=now)
    store.layer("cameras").upsert(cameras(), viewer=LOCAL_OPERATOR, now=now)
    store.users.add("bench", password=PASSWORD, viewer=LOCAL_OPERATOR, now=now, grants=[Grant("supervisor")])
    token = store.sessions.sign_in("bench", PASSWORD, now=now)
    fill(store, n)
    store.close()
    return url, token


def cameras() -> pd.DataFrame:
    """5,000 public cameras."""
    rng = np.random.default_rng(6)
    names = [f"cam-{number}" for number in range(5000)]
    places = {"lon": rng.uniform(BOX[0], BOX[2], 5000), "lat": rng.uniform(BOX[1], BOX[3], 5000)}
    return pd.DataFrame({"id": names, **places, "status": "online", "district": "150304000000"})


def fill(store: Store, n: int) -> None:
    """Columns of ``n`` incidents; the store itself stays empty, since filling it is not what is measured."""
    mark = Mark(f"{store.identity}.{store.generation}", store.change_seq(), "UTC")
    build(columns_folder(store), (located(incidents(*part)) for part in batches(n)), mark)


DRAWN = (
    "[...document.querySelectorAll('.leaflet-heat-pane img')].filter((i) => i.complete && i.naturalWidth).length > 2 "
    "&& document.querySelectorAll('.leaflet-lines-pane canvas').length > 0"
)
WATCH = (
    "window.longest = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) "
    "window.longest = Math.max(window.longest, each.duration); }).observe({ type: 'longtask', buffered: false });"
)


def until(page: Page, expression: str, seconds: float = 60.0) -> float:
    """Milliseconds of the page's own clock at which an expression held."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if page.evaluate(expression):
            return float(page.evaluate("performance.now()"))
        time.sleep(0.02)
    raise SystemExit(f"never drawn: {expression}")


def main(*, quick: bool) -> None:
    n = 1_000_000 if quick else 10_000_000
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        url, token = prepare(Path(name), n)
        port = free_port()
        environment = os.environ | {"WANGGE_DB": url, "WANGGE_PORT": str(port), "WANGGE_LOG": "errors"}
        server = subprocess.Popen([str(Path(sys.executable).with_name("wangge")), "serve"], env=environment)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            wait_for(port)
            paints, done = [], []
            for turn in range(5):
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                context.add_cookies([{"name": COOKIE, "value": token, "url": f"http://127.0.0.1:{port}"}])
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}/?lang=zh", wait_until="commit")
                paint = until(page, DRAWN)
                whole = until(page, "document.documentElement.dataset.ready === 'yes'")
                if turn:
                    paints.append(paint)
                    done.append(whole)
                if turn < 4:
                    context.close()
            page.evaluate(f"() => {{ {WATCH} }}")
            for step in range(12):
                page.mouse.move(800, 450)
                page.mouse.down()
                page.mouse.move(800 + (-1) ** step * 250, 450 + (-1) ** (step // 2) * 120, steps=8)
                page.mouse.up()
                page.mouse.wheel(0, -240 if step % 4 < 2 else 240)
                time.sleep(0.5)
            longest = float(page.evaluate("window.longest"))
            common = {"n": n, "unit": "ms", "peer_name": "none", "peer": None, "ratio": None, "cpus": os.cpu_count()}
            lines = (
                {"name": f"page first paint {n // 1_000_000}M", "ours": round(float(np.median(paints)))},
                {"name": f"page complete {n // 1_000_000}M", "ours": round(float(np.median(done)))},
                {"name": f"page longest task {n // 1_000_000}M", "ours": round(longest)},
            )
            for line in lines:
                print(json.dumps(line | common), flush=True)
        finally:
            browser.close()
            server.send_signal(signal.SIGTERM)
            server.wait(60)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
